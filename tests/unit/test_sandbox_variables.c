/* Automation variables on the wire, open and dark. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

#define ACCOUNT ARM FINANCE "aa-vartest"
#define AT(name) ACCOUNT "/variables/" name "?api-version=2023-11-01"
#define VAULT \
	ARM PRODUCTION "/resourceGroups/rg-security/providers/Microsoft.KeyVault/vaults/kv-vartest"
#define KEY "https://kv-vartest.vault.azure.net/keys/cmk-var"
#define OPERATOR_OBJECT "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607"

static void
clock_on(const char *much)
{
	const char *words[] = {"clock", much};
	struct buf out;
	struct err err;

	buf_init(&out, 4096);
	assert_true(sandbox_ctl(demo.dir, words, 2, &out, &err));
	buf_free(&out);
}

static void
variables_live_and_die(void **state)
{
	(void)state;
	assert_int_equal(demo_arm("PUT", ACCOUNT "?api-version=2023-11-01",
				 "{\"location\":\"westeurope\"," IDENTITY "}"),
		201);
	assert_int_equal(demo_arm("GET", AT("plain"), NULL), 404);
	assert_string_equal(client_text(&demo, "code"), "NotFound");
	assert_int_equal(
		demo_arm("PUT", AT("plain"),
			"{\"name\":\"plain\",\"properties\":{\"value\":\"\\\"10\\\"\",\"description\":\"ten\",\"isEncrypted\":false}}"),
		201);
	assert_string_equal(client_text(&demo, "properties.value"), "\"10\"");
	assert_true(json_is_false(client_at(&demo, "properties.isEncrypted")));
	assert_string_equal(client_text(&demo, "properties.description"), "ten");
	assert_non_null(strstr(client_text(&demo, "properties.creationTime"), "+00:00"));
	assert_non_null(
		strstr(client_text(&demo, "id"), "/automationAccounts/aa-vartest/variables/plain"));
	assert_int_equal(demo_arm("PUT", AT("plain"),
				 "{\"name\":\"plain\",\"properties\":{\"value\":\"11\"}}"),
		200);
	assert_int_equal(demo_arm("PATCH", AT("plain"),
				 "{\"name\":\"plain\",\"properties\":{\"value\":\"[1,2]\"}}"),
		200);
	assert_string_equal(client_text(&demo, "properties.value"), "[1,2]");
	assert_string_equal(client_text(&demo, "properties.description"), "ten");
	assert_int_equal(
		demo_arm("PATCH", AT("plain"), "{\"properties\":{\"value\":\"not json\"}}"), 400);
	assert_string_equal(client_text(&demo, "code"), "BadRequest");
	assert_int_equal(demo_arm("PUT", AT("plain"),
				 "{\"name\":\"other\",\"properties\":{\"value\":\"1\"}}"),
		400);
	assert_int_equal(demo_arm("PUT", AT("plain"),
				 "{\"properties\":{\"value\":\"1\",\"isEncrypted\":true}}"),
		400);
	assert_int_equal(demo_arm("PATCH", AT("none"), "{\"properties\":{}}"), 404);
	assert_int_equal(demo_arm("PUT", AT("gone"), "{\"properties\":{\"value\":\"1\"}}"), 201);
	assert_int_equal(demo_arm("DELETE", AT("gone"), NULL), 200);
	assert_int_equal(demo_arm("DELETE", AT("gone"), NULL), 404);
}

static void
encrypted_values_are_never_told(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("PUT", AT("secret"),
			"{\"name\":\"secret\",\"properties\":{\"value\":\"\\\"hush-hush\\\"\",\"isEncrypted\":true}}"),
		201);
	assert_null(client_at(&demo, "properties.value"));
	assert_true(json_is_true(client_at(&demo, "properties.isEncrypted")));
	assert_int_equal(demo_arm("GET", AT("SECRET"), NULL), 200);
	assert_null(client_at(&demo, "properties.value"));
	assert_int_equal(demo_arm("GET", ACCOUNT "/variables?api-version=2023-11-01", NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 2);
	assert_null(strstr(demo.body, "hush"));
	assert_int_equal(demo_arm("GET", ACCOUNT "/credentials?api-version=2023-11-01", NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 0);
	assert_int_equal(
		demo_arm("GET", ACCOUNT "/certificates?api-version=2023-11-01", NULL), 200);
	assert_int_equal(demo_arm("GET", ACCOUNT "/connections?api-version=2023-11-01", NULL), 200);
}

/* The account onto a customer key of a vault of our own. */
static void
switch_to_customer_key(char disable[300])
{
	char body[900], principal[40], version[40];

	assert_int_equal(demo_arm("GET", ACCOUNT "?api-version=2023-11-01", NULL), 200);
	snprintf(principal, sizeof principal, "%s", client_text(&demo, "identity.principalId"));
	snprintf(body, sizeof body,
		"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
		"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"enablePurgeProtection\":true,"
		"\"accessPolicies\":[{\"tenantId\":\"" TENANT "\",\"objectId\":\"" OPERATOR_OBJECT
		"\",\"permissions\":{\"keys\":[\"all\"]}},{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"]}}]}}",
		principal);
	assert_int_equal(demo_arm("PUT", VAULT "?api-version=2023-07-01", body), 200);
	assert_int_equal(
		demo_kv("POST", KEY "/create" V, "{\"kty\":\"RSA\",\"key_size\":2048}"), 200);
	snprintf(version, sizeof version, "%s", strrchr(client_text(&demo, "key.kid"), '/') + 1);
	snprintf(disable, 300, KEY "/%s" V, version);
	snprintf(body, sizeof body,
		"{" IDENTITY
		",\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyvaultProperties\":{\"keyName\":\"cmk-var\",\"keyvaultUri\":\"https://kv-vartest.vault.azure.net\",\"keyVersion\":\"%s\"}}}}",
		version);
	assert_int_equal(demo_arm("PATCH", ACCOUNT "?api-version=2023-11-01", body), 200);
}

static void
the_dark_hides_the_encrypted(void **state)
{
	char key[300];

	(void)state;
	switch_to_customer_key(key);
	assert_int_equal(demo_arm("GET", AT("secret"), NULL), 200);
	assert_int_equal(demo_arm("PATCH", AT("secret"),
				 "{\"properties\":{\"value\":\"\\\"under a new key\\\"\"}}"),
		200);
	assert_int_equal(demo_kv("PATCH", key, "{\"attributes\":{\"enabled\":false}}"), 200);
	clock_on("+1m");
	assert_int_equal(demo_arm("GET", AT("secret"), NULL), 403);
	assert_string_equal(client_text(&demo, "code"), "KeyVaultAuthenticationFailure");
	assert_null(client_at(&demo, "error"));
	assert_int_equal(
		demo_arm("PATCH", AT("secret"), "{\"properties\":{\"value\":\"1\"}}"), 403);
	assert_int_equal(
		demo_arm("PATCH", AT("secret"), "{\"properties\":{\"description\":\"x\"}}"), 403);
	assert_int_equal(demo_arm("PUT", AT("more"),
				 "{\"properties\":{\"value\":\"1\",\"isEncrypted\":true}}"),
		403);
	assert_int_equal(demo_arm("GET", AT("more"), NULL), 404);
	assert_int_equal(demo_arm("GET", AT("plain"), NULL), 200);
	assert_string_equal(client_text(&demo, "properties.value"), "[1,2]");
	assert_int_equal(demo_arm("PATCH", AT("plain"), "{\"properties\":{\"value\":\"3\"}}"), 200);
	assert_int_equal(demo_kv("PATCH", key, "{\"attributes\":{\"enabled\":true}}"), 200);
	assert_int_equal(demo_arm("GET", AT("secret"), NULL), 200);
	assert_int_equal(demo_arm("PATCH", AT("secret"),
				 "{\"properties\":{\"value\":\"4\",\"description\":\"x\"}}"),
		200);
	assert_string_equal(client_text(&demo, "properties.description"), "x");
}

static void
readers_may_only_read(void **state)
{
	char header[4096], secret[64];

	(void)state;
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, ARM, header);
	assert_int_equal(client_send(&demo, "GET", AT("plain"), header, NULL), 200);
	assert_int_equal(client_send(&demo, "DELETE", AT("plain"), header, NULL), 403);
	assert_string_equal(client_text(&demo, "error.code"), "AuthorizationFailed");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Microsoft.Automation/automationAccounts/variables/delete"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(variables_live_and_die),
		cmocka_unit_test(encrypted_values_are_never_told),
		cmocka_unit_test(the_dark_hides_the_encrypted),
		cmocka_unit_test(readers_may_only_read),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
