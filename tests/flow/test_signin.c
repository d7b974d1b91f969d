/* Every way to sign in, right and wrong, by the real program against a sandbox that listens; what
 * doctor says of those that were skipped; and that no proof of identity ever shows. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "crypto/b64.h"
#include "crypto/cert.h"
#include "crypto/secret.h"
#include "tests/fixtures/listener.h"
#include "tests/fixtures/run.h"

#define NOBODY "99999999-9999-4999-8999-999999999999"
#define WRONG "a-wrong-s3cret-that-must-not-show"

enum { PEM_MAX = 16384 };

static struct place place;
static pid_t server;
static char authority[200], tenant[64], client[64], secret[200];

static const char *const variables[] = {"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET",
	"AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE", "AZURE_AUTHORITY_HOST",
	"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT",
	"AZURE_POD_IDENTITY_AUTHORITY_HOST", "HTTPS_PROXY", "HTTP_PROXY", "http_proxy",
	"ALL_PROXY"};

static void
write_text(char path[PATH_MAX], const char *name, const char *text)
{
	snprintf(path, PATH_MAX, "%.4000s/%s", place.dir, name);
	assert_true(file_write(path, text, strlen(text), NULL));
}

static void
write_profile(const char *block)
{
	static const char *const keys[][2] = {{"arm", "CLAVIGER_ARM"},
		{"authority", "CLAVIGER_AUTHORITY"}, {"vault-suffix", "CLAVIGER_VAULT_SUFFIX"},
		{"hsm-suffix", "CLAVIGER_HSM_SUFFIX"}, {"graph", "CLAVIGER_GRAPH"}};
	char path[PATH_MAX], text[8192] = "[cloud Local]\n", value[4096];

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		size_t len = strlen(text);

		env_value(block, keys[i][1], value, sizeof value);
		snprintf(text + len, sizeof text - len, "%s = %s\n", keys[i][0], value);
	}
	env_value(block, "CLAVIGER_CA", value, sizeof value);
	snprintf(text + strlen(text), sizeof text - strlen(text),
		"[profile wire]\ncloud = Local\nca-file = %s\n", value);
	snprintf(path, sizeof path, "%.4000s/claviger", place.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	write_text(path, "claviger/config", text);
}

static int
start(void **state)
{
	char pid[16];
	struct ran ran;

	(void)state;
	secret_init();
	place_seed(&place);
	run(&ran, "sandbox", "--state", place.dir, "--listen", "127.0.0.1:0", "--print-env",
		"--detach", NULL);
	ran_expect(&ran, 0);
	write_profile(ran.out);
	env_value(ran.out, "CLAVIGER_AUTHORITY", authority, sizeof authority);
	env_value(ran.out, "CLAVIGER_TENANT", tenant, sizeof tenant);
	env_value(ran.out, "CLAVIGER_CLIENT_ID", client, sizeof client);
	env_value(ran.out, "CLAVIGER_CLIENT_SECRET", secret, sizeof secret);
	env_value(ran.out, "CLAVIGER_SANDBOX_PID", pid, sizeof pid);
	server = (pid_t)strtol(pid, NULL, 10);
	ran_free(&ran);
	setenv("XDG_CONFIG_HOME", place.dir, 1);
	setenv("XDG_STATE_HOME", place.dir, 1);
	setenv("PATH", "/nowhere", 1);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	assert_int_equal(kill(server, SIGTERM), 0);
	for (int i = 0; i < 100 && kill(server, 0) == 0; i++)
		usleep(50000);
	place_remove(&place);
	return 0;
}

/* Nothing but who and where. */
static int
fresh(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(variables); i++)
		unsetenv(variables[i]);
	setenv("AZURE_TENANT_ID", tenant, 1);
	setenv("AZURE_CLIENT_ID", client, 1);
	place_ctl(&place, "fault", "none");
	return 0;
}

/* Lists the accounts with all that --verbose tells; no secret may be in it. */
static void
list(struct ran *ran)
{
	run(ran, "--profile", "wire", "account", "list", "--verbose", "-o", "json", NULL);
	assert_null(strstr(ran->out, secret));
	assert_null(strstr(ran->err, secret));
	assert_null(strstr(ran->err, WRONG));
	assert_null(strstr(ran->err, "eyJ"));
}

static void
let_in(void)
{
	struct ran ran;
	json_t *root;

	list(&ran);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_true(json_array_size(root) >= 8);
	json_decref(root);
	ran_free(&ran);
}

/* Asserts that it ends with this code and all these texts in the message. */
static void __attribute__((sentinel)) fails(int code, const char *text, ...)
{
	struct ran ran;
	va_list ap;

	list(&ran);
	ran_expect(&ran, code);
	va_start(ap, text);
	for (; text; text = va_arg(ap, const char *))
		if (strstr(ran.err, text) == NULL)
			fail_msg("no \"%s\" in: %s", text, ran.err);
	va_end(ap);
	ran_free(&ran);
}

static void
by_secret(void **state)
{
	(void)state;
	setenv("AZURE_CLIENT_SECRET", secret, 1);
	let_in();
	setenv("AZURE_CLIENT_SECRET", WRONG, 1);
	fails(4, "client-secret", client, tenant, "AADSTS7000215", "make a new secret", NULL);
	setenv("AZURE_CLIENT_SECRET", secret, 1);
	setenv("AZURE_CLIENT_ID", NOBODY, 1);
	fails(4, "client-secret", NOBODY, tenant, "AADSTS700016", "not in this tenant", NULL);
	setenv("AZURE_CLIENT_ID", client, 1);
	setenv("AZURE_TENANT_ID", NOBODY, 1);
	fails(4, "client-secret", client, NOBODY, "AADSTS90002", "no such tenant", NULL);
}

static void
by_certificate(void **state)
{
	char path[PATH_MAX];
	struct buf pem, key;

	(void)state;
	snprintf(path, sizeof path, "%.4000s/operator.pem", place.dir);
	setenv("AZURE_CLIENT_CERTIFICATE_PATH", path, 1);
	let_in();
	assert_int_equal(chmod(path, 0644), 0);
	fails(4, "client-certificate", "others may use it", "chmod go=", NULL);
	assert_int_equal(chmod(path, 0600), 0);
	buf_init(&pem, PEM_MAX);
	buf_init(&key, PEM_MAX);
	assert_true(
		cert_make_client("another", time(NULL) - 60, time(NULL) + 3600, &pem, &key, NULL));
	assert_true(buf_adds(&pem, buf_text(&key)));
	write_text(path, "another.pem", buf_text(&pem));
	setenv("AZURE_CLIENT_CERTIFICATE_PATH", path, 1);
	fails(4, "client-certificate", client, "AADSTS700027", "add this certificate", NULL);
	setenv("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/x.pem", 1);
	fails(4, "/nowhere/x.pem", "No such file", NULL);
	buf_free(&pem);
	buf_free(&key);
}

/* Of an issuer that the application does not trust; nobody looks at its signature then. */
static void
foreign_token(char path[PATH_MAX])
{
	static const char claims[] = "{\"iss\":\"https://issuer.example/\",\"sub\":\"s\",\"aud\":"
				     "\"api://AzureADTokenExchange\",\"exp\":4000000000}";
	char coded[300], text[400];

	b64_encode(coded, claims, sizeof claims - 1);
	snprintf(text, sizeof text, "eyJhbGciOiJSUzI1NiJ9.%s.c2ln", coded);
	write_text(path, "foreign.jwt", text);
}

static void
by_workload(void **state)
{
	char path[PATH_MAX];

	(void)state;
	snprintf(path, sizeof path, "%.4000s/federated.jwt", place.dir);
	setenv("AZURE_FEDERATED_TOKEN_FILE", path, 1);
	setenv("AZURE_AUTHORITY_HOST", authority, 1);
	let_in();
	setenv("AZURE_AUTHORITY_HOST", "https://elsewhere.example/", 1);
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1", 1);
	fails(4, "AZURE_AUTHORITY_HOST is not", NULL);
	unsetenv("AZURE_AUTHORITY_HOST");
	place_ctl(&place, "fault", "*oauth2/v2.0/token=skew:-315360000");
	fails(4, "workload-identity", "AADSTS700024", NULL);
	place_ctl(&place, "fault", "none");
	foreign_token(path);
	setenv("AZURE_FEDERATED_TOKEN_FILE", path, 1);
	fails(4, "workload-identity", client, "AADSTS700211", "federated credential", NULL);
}

static void
by_machine(void **state)
{
	(void)state;
	unsetenv("AZURE_CLIENT_ID");
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", authority, 1);
	let_in();
	place_ctl(&place, "fault", "*metadata/identity*=status:404*1");
	let_in();
	setenv("AZURE_CLIENT_ID", NOBODY, 1);
	fails(4, "managed-identity", NOBODY, "Identity not found", "assign that identity", NULL);
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1", 1);
	fails(4, "no way to sign in", NULL);
}

static void
by_app_service(void **state)
{
	static const char refusal[] = "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json"
				      "\r\nContent-Length: 47\r\nConnection: close\r\n\r\n"
				      "{\"statusCode\":401,\"message\":\"No such header\"}  ";
	char endpoint[256];
	struct listener other;

	(void)state;
	unsetenv("AZURE_CLIENT_ID");
	snprintf(endpoint, sizeof endpoint, "%s/msi/token", authority);
	setenv("IDENTITY_ENDPOINT", endpoint, 1);
	setenv("IDENTITY_HEADER", secret, 1);
	let_in();
	listener_start(&other, refusal);
	snprintf(endpoint, sizeof endpoint, "http://127.0.0.1:%d/msi/token/", other.port);
	setenv("IDENTITY_ENDPOINT", endpoint, 1);
	setenv("IDENTITY_HEADER", WRONG, 1);
	fails(4, "managed-identity", "No such header", NULL);
	assert_non_null(strstr(other.heard, "X-IDENTITY-HEADER: " WRONG "\r\n"));
	listener_stop(&other);
	setenv("IDENTITY_ENDPOINT", "http://elsewhere.example/msi", 1);
	fails(4, "no way to sign in", NULL);
}

/* Its link is not the network: whatever proxy is set, what is asked of the machine never leaves
 * it. */
static void
past_the_proxy(void **state)
{
	static const char no_identity[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n"
					  "Connection: close\r\n\r\n{}";
	static const char *const names[] = {"HTTPS_PROXY", "HTTP_PROXY", "http_proxy", "ALL_PROXY"};
	struct listener metadata, proxy;
	char at[80];

	(void)state;
	listener_start(&metadata, no_identity);
	listener_start(&proxy, no_identity);
	snprintf(at, sizeof at, "http://127.0.0.1:%d", proxy.port);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		setenv(names[i], at, 1);
	snprintf(at, sizeof at, "http://127.0.0.1:%d", metadata.port);
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", at, 1);
	fails(4, "managed-identity", NULL);
	assert_int_equal(metadata.connections, 1);
	assert_int_equal(strncmp(metadata.heard, "GET /metadata/identity/oauth2/token?", 36), 0);
	assert_non_null(strstr(metadata.heard, "Metadata: true\r\n"));
	assert_int_equal(proxy.connections, 0);
	listener_stop(&metadata);
	listener_stop(&proxy);
}

/* Lists after one refusal. */
static void
let_in_again(void)
{
	struct ran ran;

	list(&ran);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.err, " 401 "));
	ran_free(&ran);
}

static void
challenged(void **state)
{
	(void)state;
	setenv("AZURE_CLIENT_SECRET", secret, 1);
	place_ctl(&place, "fault", "GET */subscriptions*=claims*1");
	let_in_again();
	place_ctl(&place, "fault", "*/subscriptions*=claims");
	place_ctl(&place, "fault", "*/providers/*=claims");
	fails(4, "asks for more claims", NULL);
	place_ctl(&place, "fault", "none");
	place_ctl(&place, "fault", "*.vault.localhost*=claims*1");
	let_in_again();
}

/* The rows of doctor that tell of signing in, as "NAME STATE TEXT" lines. */
static void
examine(char out[8192])
{
	struct ran ran;
	json_t *root, *row;
	size_t i, len = 0;

	run(&ran, "--profile", "wire", "doctor", "-o", "json", NULL);
	assert_true(ran.code == 0 || ran.code == 11);
	assert_null(strstr(ran.out, secret));
	root = ran_json(&ran);
	out[0] = '\0';
	json_array_foreach(root, i, row)
	{
		if (strcmp(text_at(row, "check"), "api-version") == 0)
			continue;
		len += (size_t)snprintf(out + len, 8192 - len, "%s %s %s\n", text_at(row, "check"),
			text_at(row, "state"), text_at(row, "text"));
		assert_true(len < 8192);
	}
	json_decref(root);
	ran_free(&ran);
}

static void
says(const char *rows, const char *text)
{
	if (strstr(rows, text) == NULL)
		fail_msg("no \"%s\" in:\n%s", text, rows);
}

static void
doctor(void **state)
{
	char rows[8192];

	(void)state;
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1", 1);
	examine(rows);
	says(rows, "credential skipped client-secret: AZURE_CLIENT_SECRET is not set");
	says(rows, "credential skipped client-certificate: AZURE_CLIENT_CERTIFICATE_PATH is not");
	says(rows, "credential skipped workload-identity: AZURE_FEDERATED_TOKEN_FILE is not set");
	says(rows, "credential skipped managed-identity: 127.0.0.1:1: cannot be reached");
	says(rows, "credential skipped az-cli: ");
	says(rows, "credential skipped login: ");
	says(rows, "credential bad there is nothing to sign in with");
	says(rows, "clock skipped");
	setenv("AZURE_POD_IDENTITY_AUTHORITY_HOST", authority, 1);
	unsetenv("AZURE_CLIENT_ID");
	examine(rows);
	says(rows, "credential ok managed-identity: ");
	says(rows, ": chosen\n");
	says(rows, "certificates ok trusted: ");
	says(rows, ", 1 certificate\n");
	says(rows, "service ok");
	says(rows, "subscriptions ok this sign-in can see 2\n");
	says(rows, "clock ok");
}

/* A day ahead, the service refuses the assertion for its time and is believed what time it is. */
static void
another_time(void **state)
{
	char path[PATH_MAX], rows[8192];

	(void)state;
	snprintf(path, sizeof path, "%.4000s/operator.pem", place.dir);
	setenv("AZURE_CLIENT_CERTIFICATE_PATH", path, 1);
	place_ctl(&place, "fault", "*=skew:86400");
	examine(rows);
	says(rows, "credential ok client-certificate: ");
	says(rows, "service ok");
	says(rows, "clock bad 86");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(by_secret, fresh),
		cmocka_unit_test_setup(by_certificate, fresh),
		cmocka_unit_test_setup(by_workload, fresh),
		cmocka_unit_test_setup(by_machine, fresh),
		cmocka_unit_test_setup(by_app_service, fresh),
		cmocka_unit_test_setup(past_the_proxy, fresh),
		cmocka_unit_test_setup(challenged, fresh),
		cmocka_unit_test_setup(doctor, fresh),
		cmocka_unit_test_setup(another_time, fresh),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
