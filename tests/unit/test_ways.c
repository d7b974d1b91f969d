/* Each way to sign in by itself: what it finds in the environment, the request that it makes, what
 * it takes for not being there. */
#include "backend/auth/ways.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/auth/aadsts.h"
#include "backend/auth/choice.h"
#include "backend/auth/claims.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/digest.h"
#include "crypto/jws.h"

#define TENANT "11111111-1111-1111-1111-111111111111"
#define CLIENT "33333333-3333-3333-3333-333333333333"

enum { NOW = 1795300000, PEM_MAX = 16384 };

static char dir[] = "/tmp/claviger-ways-XXXXXX";
static const char *const variables[] = {"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET",
	"AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST",
	"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT",
	"AZURE_POD_IDENTITY_AUTHORITY_HOST"};

static int
clean(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	return 0;
}

static void
place(char out[PATH_MAX], const char *name, const char *text)
{
	snprintf(out, PATH_MAX, "%s/%s", dir, name);
	assert_true(file_write(out, text, strlen(text), NULL));
}

static struct credential_wish
wish(void)
{
	return (struct credential_wish){.cloud = &clouds[0],
		.tenant = TENANT,
		.client_id = CLIENT,
		.way = "",
		.certificate = ""};
}

static struct token_ask
ask_vault(void)
{
	return (struct token_ask){.cloud = &clouds[0],
		.tenant = TENANT,
		.audience = "https://vault.azure.net",
		.now = NOW};
}

static enum credential_offer
offer(const struct credential_kind *kind, struct credential *out, char reason[CREDENTIAL_REASON])
{
	const struct credential_wish all = wish();

	reason[0] = '\0';
	return credential_offer(kind, &all, out, reason);
}

static void
expect_no(const struct credential_kind *kind, const char *why)
{
	char reason[CREDENTIAL_REASON];
	struct credential c;

	assert_int_equal(offer(kind, &c, reason), OFFER_NO);
	if (strstr(reason, why) == NULL)
		fail_msg("%s: %s", kind->name, reason);
}

struct pair {
	struct buf cert, key;
};

static void
make_pair(struct pair *pair)
{
	buf_init(&pair->cert, PEM_MAX);
	buf_init(&pair->key, PEM_MAX);
	assert_true(cert_make_client(
		"a client", NOW - 1000, NOW + 1000000, &pair->cert, &pair->key, NULL));
}

static void
free_pair(struct pair *pair)
{
	buf_free(&pair->cert);
	buf_free(&pair->key);
}

/* The value of a field of a form, decoded where it is a JWT (which needs no decoding). */
static void
field(const char *form, const char *name, char *out, size_t room)
{
	char wanted[80];
	const char *at;

	snprintf(wanted, sizeof wanted, "%s=", name);
	at = strstr(form, wanted);
	assert_non_null(at);
	at += strlen(wanted);
	assert_true(strcspn(at, "&") < room);
	snprintf(out, room, "%.*s", (int)strcspn(at, "&"), at);
}

static void
expect_text(const json_t *root, const char *path, const char *value)
{
	char text[256];

	assert_true(json_need_text(root, path, text, sizeof text, NULL));
	assert_string_equal(text, value);
}

/* The assertion is checked as Entra does: by the certificate that the header names. */
static void
check_assertion(const char *jwt, const char *cert)
{
	unsigned char sha[32];
	struct buf der, header, payload;
	time_t from, until;
	struct rsa_key *public;
	char x5t[64], jti[64];
	json_t *root;
	int64_t number = 0;

	buf_init(&der, PEM_MAX);
	buf_init(&header, PEM_MAX);
	buf_init(&payload, PEM_MAX);
	assert_true(cert_to_der(cert, &der, NULL));
	public = cert_read(der.data, der.len, &from, &until, NULL);
	assert_non_null(public);
	assert_true(jws_verify(public, "PS256", jwt, &header, &payload, NULL));
	assert_int_equal(digest_of(DIGEST_SHA256, der.data, der.len, sha), 32);
	b64_encode(x5t, sha, sizeof sha);
	root = json_read(buf_text(&header), header.len, "header", NULL);
	expect_text(root, "x5t#S256", x5t);
	expect_text(root, "typ", "JWT");
	json_decref(root);
	root = json_read(buf_text(&payload), payload.len, "payload", NULL);
	expect_text(root, "aud", "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/token");
	expect_text(root, "iss", CLIENT);
	expect_text(root, "sub", CLIENT);
	assert_true(json_need_text(root, "jti", jti, sizeof jti, NULL));
	assert_int_equal(strlen(jti), 36);
	assert_true(json_number(root, "nbf", &number, NULL));
	assert_int_equal(number, NOW);
	assert_true(json_number(root, "exp", &number, NULL));
	assert_int_equal(number, NOW + 600);
	json_decref(root);
	rsa_free(public);
	buf_free(&der);
	buf_free(&header);
	buf_free(&payload);
}

static void
test_certificate(void **state)
{
	const struct token_ask ask = ask_vault();
	char path[PATH_MAX], text[PEM_MAX], jwt[4096], reason[CREDENTIAL_REASON];
	struct request request;
	struct pair own, other;
	struct credential c;

	(void)state;
	make_pair(&own);
	make_pair(&other);
	expect_no(&credential_client_certificate, "AZURE_CLIENT_CERTIFICATE_PATH is not set");
	snprintf(text, sizeof text, "%s%s%s", buf_text(&other.cert), buf_text(&own.key),
		buf_text(&own.cert));
	place(path, "chain.pem", text);
	setenv("AZURE_CLIENT_CERTIFICATE_PATH", path, 1);
	assert_int_equal(offer(&credential_client_certificate, &c, reason), OFFER_YES);
	assert_true(c.kind->build(&c, &ask, &request, NULL));
	assert_non_null(strstr(request.body,
		"client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-"
		"bearer"));
	assert_null(strstr(request.body, "claims"));
	field(request.body, "client_assertion", jwt, sizeof jwt);
	check_assertion(jwt, buf_text(&own.cert));
	request_free(&request);
	credential_free(&c);
	free_pair(&own);
	free_pair(&other);
}

static void
refuse_file(const char *path, const char *why)
{
	const struct token_ask ask = ask_vault();
	char reason[CREDENTIAL_REASON];
	struct request request = {0};
	struct credential c;
	struct err err = {0};

	setenv("AZURE_CLIENT_CERTIFICATE_PATH", path, 1);
	assert_int_equal(offer(&credential_client_certificate, &c, reason), OFFER_YES);
	assert_false(c.kind->build(&c, &ask, &request, &err));
	assert_null(request.url);
	if (strstr(err.msg, why) == NULL || strstr(err.msg, path) == NULL)
		fail_msg("%s", err.msg);
	credential_free(&c);
}

static const char encrypted[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
				"MIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkqhkiG9w0BBQwwHAQI\n"
				"-----END ENCRYPTED PRIVATE KEY-----\n";

static void
test_certificates_that_are_refused(void **state)
{
	char path[PATH_MAX], text[PEM_MAX], linked[PATH_MAX];
	struct buf ca, ec;
	struct pair own, other;
	static const char *const names[] = {"localhost"};

	(void)state;
	make_pair(&own);
	make_pair(&other);
	buf_init(&ca, PEM_MAX);
	buf_init(&ec, PEM_MAX);
	assert_true(cert_make_ca("a CA", names, 1, NOW, &ca, &ec, NULL));
	snprintf(path, sizeof path, "%s/none.pem", dir);
	refuse_file(path, "No such file");
	snprintf(text, sizeof text, "%s%s", buf_text(&own.key), buf_text(&other.cert));
	place(path, "pem", text);
	refuse_file(path, "belongs to none of its certificates");
	place(path, "pem", buf_text(&own.key));
	refuse_file(path, "holds no certificate");
	place(path, "pem", buf_text(&own.cert));
	refuse_file(path, "holds no private key");
	snprintf(text, sizeof text, "%s%s", encrypted, buf_text(&own.cert));
	place(path, "pem", text);
	refuse_file(path, "encrypted");
	place(path, "pem", "0\x82\x01");
	refuse_file(path, "no PEM file");
	snprintf(text, sizeof text, "%s%s", buf_text(&ec), buf_text(&ca));
	place(path, "pem", text);
	refuse_file(path, "no RSA key");
	snprintf(text, sizeof text, "%s%s", buf_text(&own.key), buf_text(&own.cert));
	place(path, "pem", text);
	assert_int_equal(chmod(path, 0640), 0);
	refuse_file(path, "others may use it");
	snprintf(linked, sizeof linked, "%s/link", dir);
	assert_int_equal(symlink(path, linked), 0);
	setenv("AZURE_CLIENT_CERTIFICATE_PATH", linked, 1);
	refuse_file(path, "chmod go=");
	buf_free(&ca);
	buf_free(&ec);
	free_pair(&own);
	free_pair(&other);
}

static void
test_workload(void **state)
{
	const struct token_ask ask = ask_vault();
	char path[PATH_MAX], jwt[200], reason[CREDENTIAL_REASON];
	struct request request;
	struct credential c;
	struct err err;

	(void)state;
	expect_no(&credential_workload_identity, "AZURE_FEDERATED_TOKEN_FILE is not set");
	place(path, "token", "e30.e30.c2ln\n");
	setenv("AZURE_FEDERATED_TOKEN_FILE", path, 1);
	setenv("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com.evil.example/", 1);
	expect_no(&credential_workload_identity, "https://login.microsoftonline.com");
	setenv("AZURE_AUTHORITY_HOST", "https://login.chinacloudapi.cn/", 1);
	expect_no(&credential_workload_identity, "AZURE_AUTHORITY_HOST");
	setenv("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/", 1);
	assert_int_equal(offer(&credential_workload_identity, &c, reason), OFFER_YES);
	assert_true(c.kind->build(&c, &ask, &request, NULL));
	field(request.body, "client_assertion", jwt, sizeof jwt);
	assert_string_equal(jwt, "e30.e30.c2ln");
	request_free(&request);
	place(path, "token", "bmV3.e30.c2ln");
	assert_true(c.kind->build(&c, &ask, &request, NULL));
	field(request.body, "client_assertion", jwt, sizeof jwt);
	assert_string_equal(jwt, "bmV3.e30.c2ln");
	request_free(&request);
	place(path, "token", "");
	assert_false(c.kind->build(&c, &ask, &request, &err));
	place(path, "token", "<html>not a token</html>");
	assert_false(c.kind->build(&c, &ask, &request, &err));
	assert_non_null(strstr(err.msg, "holds no token"));
	assert_null(strstr(err.msg, "html"));
	assert_int_equal(unlink(path), 0);
	assert_false(c.kind->build(&c, &ask, &request, &err));
	assert_non_null(strstr(err.msg, "AZURE_FEDERATED_TOKEN_FILE"));
	credential_free(&c);
}

static void
test_app_service(void **state)
{
	static const char *const far[] = {"http://10.0.0.1/msi", "http://evil.example/msi",
		"http://127.0.0.1.evil.example/", "http://127.0.0.1@evil.example/",
		"https://169.254.169.254.evil.example/", "http://0177.0.0.1/", "ftp://127.0.0.1/",
		"http://2130706433/", "http://127.1/", "http://127.0.0.1/x?resource=y"};
	const struct token_ask ask = ask_vault();
	char reason[CREDENTIAL_REASON];
	struct request request;
	struct credential c;

	(void)state;
	setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:41001/msi/token", 1);
	expect_no(&credential_managed_identity, "Azure Arc");
	setenv("IDENTITY_HEADER", "5ecre7", 1);
	assert_int_equal(offer(&credential_managed_identity, &c, reason), OFFER_YES);
	assert_true(c.kind->build(&c, &ask, &request, NULL));
	assert_string_equal(request.url,
		"http://127.0.0.1:41001/msi/token?api-version=2019-08-01&"
		"resource=https%3A%2F%2Fvault.azure.net&client_id=" CLIENT);
	assert_string_equal(request.header, "X-IDENTITY-HEADER: 5ecre7");
	assert_int_equal(request.method, HTTP_GET);
	assert_int_equal(request.audience, AUDIENCE_NONE);
	assert_true(request.local);
	request_free(&request);
	credential_free(&c);
	for (size_t i = 0; i < ARRAY_LEN(far); i++) {
		setenv("IDENTITY_ENDPOINT", far[i], 1);
		expect_no(&credential_managed_identity, "names no place on this machine");
	}
}

static void
test_metadata(void **state)
{
	const struct token_ask ask = ask_vault();
	struct credential_wish nobody = wish();
	char reason[CREDENTIAL_REASON];
	struct request request;
	struct credential c;

	(void)state;
	nobody.client_id = "";
	assert_int_equal(
		credential_offer(&credential_managed_identity, &nobody, &c, reason), OFFER_MAYBE);
	assert_true(c.kind->build(&c, &ask, &request, NULL));
	assert_string_equal(request.url,
		"http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&"
		"resource=https%3A%2F%2Fvault.azure.net");
	assert_string_equal(request.header, "Metadata: true");
	assert_true(request.local);
	request_free(&request);
	credential_free(&c);
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://localhost:8080/", 1);
	assert_int_equal(offer(&credential_managed_identity, &c, reason), OFFER_MAYBE);
	assert_string_equal(c.endpoint, "http://localhost:8080/metadata/identity/oauth2/token");
	credential_free(&c);
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://metadata.google.internal", 1);
	expect_no(&credential_managed_identity, "AZURE_POD_IDENTITY_AUTHORITY_HOST");
}

static void
test_absent(void **state)
{
	static const struct {
		int http;
		bool absent, absent_with_client;
	} cases[] = {{0, true, true}, {404, true, true}, {403, true, true}, {400, true, false},
		{429, false, false}, {500, false, false}, {503, false, false}};
	const struct credential_kind *kind = &credential_managed_identity;
	struct credential plain = {.kind = kind}, named = {.kind = kind, .client_id = CLIENT};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct err err = {.kind = ERR_FAILED, .http = cases[i].http};

		assert_int_equal(kind->is_absent(&plain, &err), cases[i].absent);
		assert_int_equal(kind->is_absent(&named, &err), cases[i].absent_with_client);
	}
}

/* App Service says only until when. */
static void
test_expires_on(void **state)
{
	struct reply reply = {.status = 200, .date = NOW};
	struct token_reply got;

	(void)state;
	buf_init(&reply.body, 4096);
	assert_true(buf_addf(
		&reply.body, "{\"access_token\":\"x\",\"expires_on\":\"%d\"}", NOW + 86399));
	assert_true(credential_accept(&reply, &got, NULL));
	assert_int_equal(got.expires_in_s, 86399);
	token_reply_free(&got);
	reply.date = NOW + 90000;
	assert_false(credential_accept(&reply, &got, NULL));
	reply_free(&reply);
}

static void
test_choice(void **state)
{
	struct credential_wish all = wish();
	struct choice choice = {0};
	struct credential c;
	struct err err;

	(void)state;
	setenv("AZURE_CLIENT_ID", CLIENT, 1);
	assert_true(choice_next(&choice, &all, &c, NULL));
	assert_int_equal(choice.state, CHOICE_TRIED);
	assert_string_equal(c.kind->name, "managed-identity");
	assert_non_null(strstr(choice_reason(&choice, 0), "AZURE_CLIENT_SECRET is not set"));
	assert_null(choice_reason(&choice, choice.at));
	choice_skip(&choice, &c, "nobody answers");
	assert_null(c.kind);
	assert_string_equal(choice_reason(&choice, 3), "nobody answers");
	choice_free(&choice);
	all.way = "workload-identity";
	assert_false(choice_next(&choice, &all, &c, &err));
	assert_int_equal(choice.state, CHOICE_NONE);
	assert_int_equal(err.kind, ERR_DENIED);
	assert_non_null(strstr(err.msg, "AZURE_FEDERATED_TOKEN_FILE is not set"));
	assert_null(strstr(err.msg, "the profile says"));
	assert_string_equal(choice_reason(&choice, 0), "the profile says auth = workload-identity");
	choice_free(&choice);
}

static void
test_claims(void **state)
{
	static const struct {
		const char *challenge, *claims;
	} cases[] = {
		{"Bearer realm=\"\", error=\"insufficient_claims\", claims=\"eyJhIjp7ImIiOiI/In19\"",
			"{\"a\":{\"b\":\"?\"}}"},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\"", "{\"a\":1}"},
		{"Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ\"", "{\"a\":1}"},
		{"Bearer error=\"insufficient_claims\"", NULL},
		{"Bearer error=\"insufficient_claims\", claims=\"%%%\"", NULL},
		{"Bearer error=\"insufficient_claims\", claims=\"WzFd\"", NULL},
	};
	char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err = {0};

		assert_true(claims_asked(cases[i].challenge));
		text = claims_read(cases[i].challenge, &err);
		if (cases[i].claims)
			assert_string_equal(text, cases[i].claims);
		else
			assert_int_equal(err.kind, ERR_DENIED);
		mem_zeroing_free(text);
	}
	assert_false(claims_asked(NULL));
	assert_false(claims_asked("Bearer error=\"invalid_token\", claims=\"e30\""));
	assert_false(claims_asked("PoP error=\"insufficient_claims\""));
	text = claims_with_capability(NULL);
	assert_string_equal(text, "{\"access_token\":{\"xms_cc\":{\"values\":[\"cp1\"]}}}");
	mem_zeroing_free(text);
	text = claims_with_capability("{\"access_token\":{\"nbf\":{\"value\":\"1\"}}}");
	assert_string_equal(text,
		"{\"access_token\":{\"nbf\":{\"value\":\"1\"},\"xms_cc\":{\"values\":[\"cp1\"]}}}");
	mem_zeroing_free(text);
}

static void
test_aadsts(void **state)
{
	(void)state;
	for (size_t i = 0; i < aadsts_table_len; i++) {
		assert_true(i == 0 || aadsts_table[i - 1].code < aadsts_table[i].code);
		assert_true(strlen(aadsts_table[i].remedy) < 120);
	}
	assert_int_equal(aadsts_code("AADSTS7000215: Invalid client secret provided."), 7000215);
	assert_int_equal(aadsts_code("nothing of the kind"), 0);
	assert_int_equal(aadsts_code("AADSTS99999999999999: x"), 0);
	assert_non_null(strstr(aadsts_remedy(7000222), "new one"));
	assert_null(aadsts_remedy(1));
}

static int
make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) == NULL;
}

static int
remove_dir(void **state)
{
	(void)state;
	file_remove_tree(dir);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_certificate, clean),
		cmocka_unit_test_setup(test_certificates_that_are_refused, clean),
		cmocka_unit_test_setup(test_workload, clean),
		cmocka_unit_test_setup(test_app_service, clean),
		cmocka_unit_test_setup(test_metadata, clean),
		cmocka_unit_test_setup(test_absent, clean),
		cmocka_unit_test_setup(test_expires_on, clean),
		cmocka_unit_test_setup(test_choice, clean),
		cmocka_unit_test_setup(test_claims, clean),
		cmocka_unit_test_setup(test_aadsts, clean),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
