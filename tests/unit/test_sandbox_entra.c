/* How applications sign in: metadata, secrets, certificates, federation; each refusal in Entra's
 * words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/jws.h"
#include "tests/fixtures/signin.h"

static void
metadata_stays_with_the_authority(void **state)
{
	static const struct {
		const char *url, *token, *issuer;
	} cases[] = {
		{LOGIN TENANT "/v2.0/.well-known/openid-configuration",
			LOGIN TENANT "/oauth2/v2.0/token", LOGIN TENANT "/v2.0"},
		{LOGIN "contoso.example/v2.0/.well-known/openid-configuration",
			LOGIN TENANT "/oauth2/v2.0/token", LOGIN TENANT "/v2.0"},
		{LOGIN "organizations/v2.0/.well-known/openid-configuration",
			LOGIN "organizations/oauth2/v2.0/token", LOGIN TENANT "/v2.0"},
		{LOGIN "common/.well-known/openid-configuration", LOGIN "common/oauth2/token",
			LOGIN TENANT "/"},
		{LOCAL "/" TENANT "/v2.0/.well-known/openid-configuration",
			LOCAL "/" TENANT "/oauth2/v2.0/token", LOCAL "/" TENANT "/v2.0"},
		{LOCAL "/adfs/.well-known/openid-configuration", LOCAL "/adfs/oauth2/token",
			LOCAL "/" TENANT "/"},
		{"https://login.partner.microsoftonline.cn/" TENANT
		 "/v2.0/.well-known/openid-configuration",
			"https://login.chinacloudapi.cn/" TENANT "/oauth2/v2.0/token",
			"https://login.chinacloudapi.cn/" TENANT "/v2.0"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(signin_get(cases[i].url, NULL), 200);
		assert_string_equal(client_text(&demo, "token_endpoint"), cases[i].token);
		assert_string_equal(client_text(&demo, "issuer"), cases[i].issuer);
		assert_true(client_text(&demo, "jwks_uri")[0]);
		assert_true(client_text(&demo, "authorization_endpoint")[0]);
		assert_true(client_text(&demo, "device_authorization_endpoint")[0]);
	}
	signin_get(LOGIN "nowhere.example/v2.0/.well-known/openid-configuration", NULL);
	signin_refused(400, "invalid_tenant", 90002);
	assert_int_equal(
		signin_get("https://localhost/federation/.well-known/openid-configuration", NULL),
		200);
	assert_string_equal(client_text(&demo, "issuer"), "https://localhost/federation");
	assert_int_equal(signin_get(client_text(&demo, "jwks_uri"), NULL), 200);
	assert_string_equal(client_text(&demo, "keys.0.kty"), "RSA");
}

static void
instances_are_discovered(void **state)
{
	(void)state;
	assert_int_equal(
		signin_get(LOGIN "common/discovery/instance?api-version=1.1&"
				 "authorization_endpoint=https%3A%2F%2Flogin.microsoftonline.com",
			NULL),
		200);
	assert_string_equal(client_text(&demo, "tenant_discovery_endpoint"),
		LOGIN "common/v2.0/.well-known/openid-configuration");
	assert_string_equal(client_text(&demo, "api-version"), "1.1");
	assert_string_equal(
		client_text(&demo, "metadata.0.preferred_network"), "login.microsoftonline.com");
	assert_string_equal(client_text(&demo, "metadata.0.aliases.3"), "sts.windows.net");
	assert_string_equal(client_text(&demo, "metadata.1.preferred_network"),
		"login.partner.microsoftonline.cn");
	assert_int_equal(signin_get(LOCAL "/common/discovery/instance?api-version=1.1", NULL), 200);
	assert_string_equal(client_text(&demo, "metadata.0.preferred_network"), "localhost:4711");
}

static void
secrets_work_on_both_endpoints(void **state)
{
	char secret[64];
	json_t *claims;

	(void)state;
	client_file(&demo, "secret", secret);
	snprintf(signin_form, sizeof signin_form,
		"grant_type=client_credentials&client_id=" OPERATOR "&client_secret=%s&%s", secret,
		ARM_SCOPE);
	assert_int_equal(signin_post(LOCAL "/organizations/oauth2/v2.0/token", NULL), 200);
	assert_int_equal(client_number(&demo, "expires_in"), 3599);
	claims = signin_claims("access_token");
	signin_claim_is(claims, "aud", ARM);
	signin_claim_is(claims, "iss", LOCAL "/" TENANT "/v2.0");
	signin_claim_is(claims, "oid", OPERATOR_OBJECT);
	signin_claim_is(claims, "azp", OPERATOR);
	signin_claim_is(claims, "idtyp", "app");
	signin_claim_is(claims, "tid", TENANT);
	signin_claim_is(claims, "ver", "2.0");
	assert_null(json_object_get(claims, "upn"));
	json_decref(claims);
	assert_int_equal(signin_post(LOCAL "/adfs/oauth2/token", NULL), 200);
	snprintf(signin_form, sizeof signin_form,
		"grant_type=client_credentials&client_id=" OPERATOR
		"&client_secret=%s&resource=https%%3A%%2F%%2Fvault.azure.net",
		secret);
	assert_int_equal(signin_post(LOGIN TENANT "/oauth2/token", NULL), 200);
	assert_string_equal(client_text(&demo, "resource"), "https://vault.azure.net");
	claims = signin_claims("access_token");
	signin_claim_is(claims, "appid", OPERATOR);
	signin_claim_is(claims, "ver", "1.0");
	signin_claim_is(claims, "iss", LOGIN TENANT "/");
	assert_null(json_object_get(claims, "azp"));
	json_decref(claims);
	signin_post(LOGIN FABRIKAM "/oauth2/token", NULL);
	signin_refused(400, "unauthorized_client", 700016);
	signin_post(TOKEN, "grant_type=client_credentials&client_id=" OPERATOR "&" ARM_SCOPE);
	signin_refused(401, "invalid_client", 7000216);
	signin_post(TOKEN, "grant_type=client_credentials&client_id=%ff%00%zz&" ARM_SCOPE);
	signin_refused(400, "unauthorized_client", 700016);
}

/* The key of a PEM file of the state directory; free with rsa_free. */
static struct rsa_key *
read_key(struct buf *pem)
{
	BIO *bio = BIO_new_mem_buf(pem->data, (int)pem->len);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(pkey);
	unsigned char *der = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	struct rsa_key *key = rsa_from_der(der, (size_t)len, true, NULL);

	assert_non_null(key);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(pkey);
	BIO_free(bio);
	return key;
}

/* Everything that can be different about a client assertion; NULL and 0 mean right. */
struct assertion {
	const char *alg, *thumbprint, *audience, *issuer, *client;
	int from, until; /* seconds from now */
	bool no_id, foreign_key;
};

/* As MSAL for Python writes it: x5t padded, times with a fraction. */
static void
add_assertion(struct buf *out, const struct assertion *a)
{
	enum digest digest =
		a->thumbprint && strcmp(a->thumbprint, "x5t") == 0 ? DIGEST_SHA1 : DIGEST_SHA256;
	unsigned char hash[DIGEST_MAX];
	char coded[64], header[256], payload[1024];
	const char *alg = a->alg ? a->alg : "PS256";
	struct rsa_key *key;
	struct buf pem, der;
	long now = (long)time(NULL);

	signin_file("operator.pem", &pem);
	buf_init(&der, 8192);
	assert_true(cert_to_der(pem.data, &der, NULL));
	digest_of(digest, der.data, der.len, hash);
	b64_encode(coded, hash, digest_size(digest));
	key = a->foreign_key ? rsa_generate(2048, NULL) : read_key(&pem);
	snprintf(header, sizeof header, "{\"alg\":\"%s\",\"typ\":\"JWT\",\"%s\":\"%s%s\"}", alg,
		digest == DIGEST_SHA1 ? "x5t" : "x5t#S256",
		a->thumbprint && strcmp(a->thumbprint, "x5t") != 0 ? a->thumbprint : coded,
		digest == DIGEST_SHA1 ? "=" : "");
	snprintf(payload, sizeof payload,
		"{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",%s\"nbf\":%ld,\"exp\":%ld.25}",
		a->audience ? a->audience : TOKEN, a->issuer ? a->issuer : OPERATOR,
		a->issuer ? a->issuer : OPERATOR, a->no_id ? "" : "\"jti\":\"one\",", now + a->from,
		now + (a->until ? a->until : 600));
	assert_true(jws_sign(key, alg, header, payload, out, NULL));
	rsa_free(key);
	buf_free(&pem);
	buf_free(&der);
}

static long
by_certificate(const struct assertion *a)
{
	struct buf token;

	buf_init(&token, 8192);
	add_assertion(&token, a);
	snprintf(signin_form, sizeof signin_form,
		"grant_type=client_credentials&client_id=%s&%s&%s&client_assertion=%s",
		a->client ? a->client : OPERATOR, ARM_SCOPE, BEARER, buf_text(&token));
	buf_free(&token);
	return signin_post(TOKEN, NULL);
}

static void
certificates_prove_the_operator(void **state)
{
	static const struct assertion good[] = {
		{0},
		{.alg = "RS256", .thumbprint = "x5t"},
		{.audience = LOGIN TENANT "/oauth2/token"},
		{.audience = LOGIN "contoso.example/v2.0"},
		{.audience = "https://login.windows.net/" TENANT "/oauth2/v2.0/token"},
		{.audience = LOCAL "/adfs/oauth2/token"},
	};
	char header[8192];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(by_certificate(&good[i]), 200);
	signin_bearer(header, "access_token");
	assert_int_equal(signin_get(SUBSCRIPTIONS, header), 200);
	assert_int_equal(signin_post(TOKEN, NULL), 200); /* the same again: MSAL does that */
}

static void
bad_assertions_are_refused(void **state)
{
	static const struct {
		struct assertion assertion;
		long status;
		const char *error;
		int code;
	} cases[] = {
		{{.foreign_key = true}, 401, "invalid_client", 700027},
		{{.thumbprint = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, 401,
			"invalid_client", 700027},
		{{.thumbprint = "short"}, 401, "invalid_client", 700027},
		{{.from = -900, .until = -1}, 401, "invalid_client", 700024},
		{{.from = 3600, .until = 7200}, 401, "invalid_client", 700024},
		{{.audience = "https://example.com/" TENANT "/oauth2/v2.0/token"}, 401,
			"invalid_client", 700023},
		{{.audience = LOGIN FABRIKAM "/oauth2/v2.0/token"}, 401, "invalid_client", 700023},
		{{.issuer = READER}, 401, "invalid_client", 700021},
		{{.no_id = true}, 400, "invalid_request", 50027},
		{{.client = READER}, 401, "invalid_client", 700026},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		by_certificate(&cases[i].assertion);
		signin_refused(cases[i].status, cases[i].error, cases[i].code);
	}
	signin_post(TOKEN, "grant_type=client_credentials&client_id=" OPERATOR "&" ARM_SCOPE
			   "&" BEARER "&client_assertion=rubbish");
	signin_refused(400, "invalid_request", 50027);
	signin_post(TOKEN, "grant_type=client_credentials&client_id=" OPERATOR "&" ARM_SCOPE
			   "&client_assertion=a.b.c");
	signin_refused(400, "invalid_request", 900144);
	/* {"alg":"none"} . {"iss":"operator"} */
	signin_post(TOKEN,
		"grant_type=client_credentials&client_id=" OPERATOR "&" ARM_SCOPE "&" BEARER
		"&client_assertion=eyJhbGciOiJub25lIn0.eyJpc3MiOiJvcGVyYXRvciJ9.");
	signin_refused(401, "invalid_client", 5002738);
}

static void
workloads_federate(void **state)
{
	char header[8192];
	struct buf file;

	(void)state;
	signin_file("federated.jwt", &file);
	assert_int_equal(signin_federate(TOKEN, OPERATOR, file.data), 200);
	signin_bearer(header, "access_token");
	assert_int_equal(signin_get(SUBSCRIPTIONS, header), 200);
	signin_federate(TOKEN, READER, file.data);
	signin_refused(401, "invalid_client", 70025);
	signin_federate(TOKEN, BROKER, file.data);
	signin_refused(401, "invalid_client", 700211);
	/* it opens nothing by itself */
	snprintf(header, sizeof header, "Authorization: Bearer %s", file.data);
	assert_int_equal(signin_get(SUBSCRIPTIONS, header), 401);
	file.data[file.len - 8] = file.data[file.len - 8] == 'A' ? 'B' : 'A';
	signin_federate(TOKEN, OPERATOR, file.data);
	signin_refused(401, "invalid_client", 50013);
	buf_free(&file);
}

static void
identities_cross_tenants(void **state)
{
	char assertion[8192];
	json_t *claims;

	(void)state;
	assert_int_equal(
		signin_get(LOCAL "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
				 "api%3A%2F%2FAzureADTokenExchange&msi_res_id=" IDENTITIES
				 "id-storage",
			"Metadata: true"),
		200);
	claims = signin_claims("access_token");
	signin_claim_is(claims, "aud", "api://AzureADTokenExchange");
	signin_claim_is(claims, "iss", LOCAL "/" TENANT "/v2.0");
	json_decref(claims);
	snprintf(assertion, sizeof assertion, "%s", client_text(&demo, "access_token"));
	assert_int_equal(
		signin_federate(LOGIN FABRIKAM "/oauth2/v2.0/token", BROKER, assertion), 200);
	claims = signin_claims("access_token");
	signin_claim_is(claims, "tid", FABRIKAM);
	signin_claim_is(claims, "appid", BROKER);
	json_decref(claims);
	assert_int_equal(
		signin_get(LOCAL "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
				 "api%3A%2F%2FAzureADTokenExchange&msi_res_id=" IDENTITIES
				 "id-batch",
			"Metadata: true"),
		200);
	snprintf(assertion, sizeof assertion, "%s", client_text(&demo, "access_token"));
	signin_federate(LOGIN FABRIKAM "/oauth2/v2.0/token", BROKER, assertion);
	signin_refused(401, "invalid_client", 700213);
	assert_int_equal(
		signin_get(LOCAL "/metadata/identity/oauth2/token?api-version=2018-02-01&resource="
				 "https%3A%2F%2Fvault.azure.net&msi_res_id=" IDENTITIES
				 "id-storage",
			"Metadata: true"),
		200);
	snprintf(assertion, sizeof assertion, "%s", client_text(&demo, "access_token"));
	signin_federate(LOGIN FABRIKAM "/oauth2/v2.0/token", BROKER, assertion);
	signin_refused(401, "invalid_client", 700211); /* version 1.0: another issuer */
	signin_federate(LOGIN FABRIKAM "/oauth2/v2.0/token", BROKER, "rubbish");
	signin_refused(400, "invalid_request", 50027);
}

static void
credentials_are_steady(void **state)
{
	struct sandbox_options options = {.state = demo.dir};
	struct buf before, after, jwt_before, jwt_after;
	struct err err;

	(void)state;
	signin_file("operator.pem", &before);
	signin_file("federated.jwt", &jwt_before);
	sandbox_close(demo.sandbox);
	demo.sandbox = sandbox_open(&options, &err);
	assert_non_null(demo.sandbox);
	signin_file("operator.pem", &after);
	signin_file("federated.jwt", &jwt_after);
	assert_string_equal(buf_text(&before), buf_text(&after));
	assert_string_equal(buf_text(&jwt_before), buf_text(&jwt_after));
	assert_int_equal(signin_federate(TOKEN, OPERATOR, jwt_after.data), 200);
	buf_free(&before);
	buf_free(&after);
	buf_free(&jwt_before);
	buf_free(&jwt_after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metadata_stays_with_the_authority),
		cmocka_unit_test(instances_are_discovered),
		cmocka_unit_test(secrets_work_on_both_endpoints),
		cmocka_unit_test(certificates_prove_the_operator),
		cmocka_unit_test(bad_assertions_are_refused),
		cmocka_unit_test(workloads_federate),
		cmocka_unit_test(identities_cross_tenants),
		cmocka_unit_test(credentials_are_steady),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
