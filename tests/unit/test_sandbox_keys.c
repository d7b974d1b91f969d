/* Key Vault's data plane, and the switch of an account to a customer key with all its refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

static void
the_challenge_comes_first(void **state)
{
	(void)state;
	assert_int_equal(client_send(&demo, "POST", KEYS "/no[]/create", NULL, ""), 401);
	assert_string_equal(client_text(&demo, "error.message"),
		"AKV10000: Request is missing a Bearer or PoP token.");
	assert_non_null(strstr(demo.headers,
		"WWW-Authenticate: Bearer authorization=\"https://login.microsoftonline.com/" TENANT
		"\", resource=\"https://vault.azure.net\"\r\n"));
	assert_int_equal(client_send(&demo, "GET", KEYS V, demo.arm, NULL), 401);
	assert_int_equal(
		demo_kv("GET", "https://kv-fabrikam.vault.azure.net/keys/cmk-fabrikam" V, NULL),
		401);
	assert_non_null(strstr(client_text(&demo, "error.message"), "AKV10032"));
	assert_int_equal(demo_kv("GET", KEYS, NULL), 400);
	assert_string_equal(client_text(&demo, "error.code"), "BadParameter");
	assert_int_equal(demo_kv("GET", KEYS "?api-version=1.0", NULL), 400);
}

static void
keys_page_and_sort(void **state)
{
	const char *first, *second, *third;

	(void)state;
	assert_int_equal(demo_kv("GET", KEYS "?maxresults=3&api-version=7.4", NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 3);
	assert_non_null(strstr(client_text(&demo, "nextLink"),
		"https://kv-payroll.vault.azure.net:443/keys?api-version=7.4&$skiptoken="));
	assert_int_equal(
		client_send(&demo, "GET", client_text(&demo, "nextLink"), demo.vault, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_true(json_is_null(client_at(&demo, "nextLink")));
	assert_int_equal(
		demo_kv("GET", "https://kv-billing.vault.azure.net/keys/cmk-billing/versions" V,
			NULL),
		200);
	first = client_text(&demo, "value.0.kid");
	second = client_text(&demo, "value.1.kid");
	third = client_text(&demo, "value.2.kid");
	assert_true(strcmp(first, second) < 0 && strcmp(second, third) < 0);
	assert_int_equal(demo_kv("GET", KEYS "/nobody/versions" V, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 0);
	assert_int_equal(demo_kv("GET", KEYS "?maxresults=26&api-version=7.4", NULL), 400);
	assert_int_equal(demo_kv("GET", KEYS "/nobody" V, NULL), 404);
	assert_string_equal(client_text(&demo, "error.code"), "KeyNotFound");
	assert_int_equal(demo_kv("GET", KEYS "/no%5B%5D" V, NULL), 400);
	assert_string_equal(client_text(&demo, "error.message"),
		"The request URI contains an invalid name: no[]");
}

static void
keys_do_their_work(void **state)
{
	static const char *const ciphers[] = {"RSA1_5", "RSA-OAEP", "RSA-OAEP-256"};
	static const char *const signatures[] = {"RS256", "PS256"};
	static const char digest[] = "ltYuKr0-Qt5fUDMPuO_ExVmYNSeAd7IemqCzPB3wehw";
	char body[2048], value[1024];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ciphers); i++) {
		snprintf(body, sizeof body, "{\"alg\":\"%s\",\"value\":\"AAECAwQF\"}", ciphers[i]);
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//wrapkey" V, body), 200);
		snprintf(value, sizeof value, "%s", client_text(&demo, "value"));
		snprintf(body, sizeof body, "{\"alg\":\"%s\",\"value\":\"%s\"}", ciphers[i], value);
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll/unwrapkey" V, body), 200);
		assert_string_equal(client_text(&demo, "value"), "AAECAwQF");
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//decrypt" V, body), 200);
	}
	for (size_t i = 0; i < ARRAY_LEN(signatures); i++) {
		snprintf(body, sizeof body, "{\"alg\":\"%s\",\"value\":\"%s\"}", signatures[i],
			digest);
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//sign" V, body), 200);
		snprintf(value, sizeof value, "%s", client_text(&demo, "value"));
		snprintf(body, sizeof body, "{\"alg\":\"%s\",\"digest\":\"%s\",\"value\":\"%s\"}",
			signatures[i], digest, value);
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//verify" V, body), 200);
		assert_true(json_is_true(client_at(&demo, "value")));
		value[5] = value[5] == 'A' ? 'B' : 'A';
		snprintf(body, sizeof body, "{\"alg\":\"%s\",\"digest\":\"%s\",\"value\":\"%s\"}",
			signatures[i], digest, value);
		assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//verify" V, body), 200);
		assert_true(json_is_false(client_at(&demo, "value")));
	}
}

static void
curves_sign_only(void **state)
{
	static const char digest[] = "ltYuKr0-Qt5fUDMPuO_ExVmYNSeAd7IemqCzPB3wehw";
	char body[512], value[256];

	(void)state;
	assert_int_equal(demo_kv("GET", KEYS "/cmk-ec" V, NULL), 200);
	assert_string_equal(client_text(&demo, "key.kty"), "EC");
	assert_string_equal(client_text(&demo, "key.crv"), "P-256");
	assert_int_equal(strlen(client_text(&demo, "key.x")), 43);
	snprintf(body, sizeof body, "{\"alg\":\"ES256\",\"value\":\"%s\"}", digest);
	assert_int_equal(demo_kv("POST", KEYS "/cmk-ec//sign" V, body), 200);
	snprintf(value, sizeof value, "%s", client_text(&demo, "value"));
	snprintf(body, sizeof body, "{\"alg\":\"ES256\",\"digest\":\"%s\",\"value\":\"%s\"}",
		digest, value);
	assert_int_equal(demo_kv("POST", KEYS "/cmk-ec//verify" V, body), 200);
	assert_true(json_is_true(client_at(&demo, "value")));
	assert_int_equal(demo_kv("POST", KEYS "/cmk-ec//wrapkey" V,
				 "{\"alg\":\"RSA-OAEP\",\"value\":\"AA\"}"),
		403);
}

static void
keys_refuse(void **state)
{
	static const struct {
		const char *path, *body;
		long status;
		const char *code, *inner;
	} cases[] = {
		{"/cmk-off//wrapkey", "{\"alg\":\"RSA-OAEP\",\"value\":\"AA\"}", 403, "Forbidden",
			"KeyDisabled"},
		{"/cmk-off//unwrapkey", "{\"alg\":\"RSA-OAEP\",\"value\":\"AA\"}", 403, "Forbidden",
			"KeyDisabled"},
		{"/cmk-old//wrapkey", "{\"alg\":\"RSA-OAEP\",\"value\":\"AA\"}", 403, "Forbidden",
			"KeyExpired"},
		{"/cmk-old//unwrapkey", "{\"alg\":\"RSA-OAEP\",\"value\":\"AA\"}", 400,
			"BadParameter", ""},
		{"/cmk-payroll//unwrapkey", "{\"alg\":\"RSA-OAEP\",\"value\":\"AAAA\"}", 400,
			"BadParameter", ""},
		{"/cmk-payroll//wrapkey", "{\"alg\":\"ROT13\",\"value\":\"AAAA\"}", 400,
			"BadParameter", ""},
		{"/cmk-payroll//wrapkey", "{\"alg\":\"RSA-OAEP\",\"value\":\"A=\"}", 400,
			"BadParameter", ""},
		{"/cmk-payroll//wrapkey", "{\"alg\":\"RSA-OAEP\"}", 400, "BadParameter", ""},
		{"/cmk-payroll//wrapkey", "{\"value\":\"AA\"}", 400, "BadParameter", ""},
		{"/cmk-payroll//wrapkey", "[]", 400, "BadParameter", ""},
		{"/cmk-payroll//wrapkey", "{\"alg\":7,\"value\":{}}", 400, "BadParameter", ""},
		{"/cmk-payroll//sign", "{\"alg\":\"RS256\",\"value\":\"AA\"}", 400, "BadParameter",
			""},
		{"/cmk-payroll//dance", "{\"alg\":\"RS256\",\"value\":\"AA\"}", 404, "NotFound",
			""},
		{"/cmk-payroll/00000000000000000000000000000000/sign",
			"{\"alg\":\"RS256\",\"value\":\"AA\"}", 404, "KeyNotFound", ""},
	};
	char url[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(url, sizeof url, KEYS "%s" V, cases[i].path);
		assert_int_equal(demo_kv("POST", url, cases[i].body), cases[i].status);
		assert_string_equal(client_text(&demo, "error.code"), cases[i].code);
		assert_string_equal(client_text(&demo, "error.innererror.code"), cases[i].inner);
	}
	assert_int_equal(demo_kv("GET", KEYS "/cmk-off" V, NULL), 200);
	assert_true(json_is_false(client_at(&demo, "attributes.enabled")));
}

static void
keys_are_made_and_changed(void **state)
{
	char url[256];

	(void)state;
	assert_int_equal(
		demo_kv("POST", KEYS "/cmk-made/create" V,
			"{\"kty\":\"RSA\",\"key_ops\":[\"wrapKey\"],\"tags\":{\"a\":\"b\"}}"),
		200);
	assert_string_equal(client_text(&demo, "key.e"), "AQAB");
	assert_int_equal(strlen(client_text(&demo, "key.n")), 342);
	assert_string_equal(client_text(&demo, "tags.a"), "b");
	snprintf(url, sizeof url, "%s" V, client_text(&demo, "key.kid"));
	assert_int_equal(
		demo_kv("PATCH", url,
			"{\"attributes\":{\"enabled\":false,\"exp\":4000000000},\"tags\":{}}"),
		200);
	assert_true(json_is_false(client_at(&demo, "attributes.enabled")));
	assert_int_equal(client_number(&demo, "attributes.exp"), 4000000000);
	assert_null(client_at(&demo, "tags"));
	assert_int_equal(
		demo_kv("PATCH", KEYS "/cmk-made/" V, "{\"attributes\":{\"enabled\":true}}"), 200);
	assert_int_equal(demo_kv("POST", KEYS "/cmk-made//unwrapkey" V,
				 "{\"alg\":\"RSA-OAEP\",\"value\":\"AA\"}"),
		403);
	assert_string_equal(client_text(&demo, "error.innererror.code"), "KeyOperationForbidden");
	assert_int_equal(demo_kv("POST", KEYS "/x/create" V, "{\"kty\":\"oct\"}"), 400);
	assert_int_equal(
		demo_kv("POST", KEYS "/x/create" V, "{\"kty\":\"RSA\",\"key_size\":1024}"), 400);
	assert_int_equal(demo_kv("POST", KEYS "/x/create" V, "{}"), 400);
	assert_int_equal(demo_kv("POST", KEYS "/x/create" V,
				 "{\"kty\":\"RSA\",\"attributes\":{\"exp\":\"soon\"}}"),
		400);
	assert_int_equal(
		demo_kv("POST", KEYS "/x/create" V, "{\"kty\":\"RSA\",\"key_ops\":[7]}"), 400);
}

/* The newest version of a key of kv-payroll. */
static void
version_of(const char *key, char out[33])
{
	char url[256];

	snprintf(url, sizeof url, KEYS "/%s" V, key);
	assert_int_equal(demo_kv("GET", url, NULL), 200);
	snprintf(out, 33, "%s", strrchr(client_text(&demo, "key.kid"), '/') + 1);
}

static long
switch_to(const char *identity, const char *vault, const char *key, const char *version)
{
	char body[1024];

	snprintf(body, sizeof body,
		"{%s\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyvaultProperties\":{\"keyName\":\"%s\",\"keyvaultUri\":\"%s\",\"keyVersion\":\"%s\"}}}}",
		identity, key, vault, version);
	return demo_arm("PATCH", PAYROLL, body);
}

static void
grant(const char *principal, const char *keys)
{
	char body[1024];

	snprintf(body, sizeof body,
		"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[%s],\"secrets\":[],\"certificates\":[]}}]}}",
		principal, keys);
	assert_int_equal(
		demo_arm("PUT", ARM SECURITY "kv-payroll/accessPolicies/add?api-version=2018-02-14",
			body),
		200);
}

/* Everything that stands in the way is met once, in the order in which it is mended. */
static void
the_switch_refuses_until_all_is_right(void **state)
{
	static const char kv_payroll[] = "https://kv-payroll.vault.azure.net", id[] = IDENTITY ",";
	char version[33], other[33], principal[64];

	(void)state;
	version_of("cmk-payroll", version);
	assert_int_equal(switch_to("", kv_payroll, "cmk-payroll", version), 400);
	assert_string_equal(client_text(&demo, "code"), "BadRequest");
	assert_string_equal(client_text(&demo, "message"),
		" Identity property or identity type property should not be null while updating Encryption properties.");
	assert_int_equal(
		switch_to("\"identity\":{\"type\":\"None\"},", kv_payroll, "cmk-payroll", version),
		400);
	assert_int_equal(switch_to(id, kv_payroll, "cmk-payroll", version), 400);
	assert_string_equal(client_text(&demo, "code"), "KeyVaultPolicyError");
	assert_int_equal(demo_arm("GET", PAYROLL, NULL), 200);
	assert_null(client_at(&demo, "identity"));
	assert_int_equal(demo_arm("PATCH", ARM SECURITY "kv-payroll?api-version=2023-07-01",
				 "{\"properties\":{\"enablePurgeProtection\":true}}"),
		200);
	assert_int_equal(demo_arm("PATCH", PAYROLL, "{" IDENTITY "}"), 200);
	snprintf(principal, sizeof principal, "%s", client_text(&demo, "identity.principalId"));
	assert_int_equal(switch_to(id, kv_payroll, "cmk-payroll", version), 400);
	assert_string_equal(client_text(&demo, "code"), "KeyVaultAuthenticationFailure");
	assert_non_null(strstr(client_text(&demo, "message"), "'get recover wrapKey unwrapKey'"));
	grant(principal, "\"get\",\"wrapKey\",\"unwrapKey\"");
	assert_int_equal(switch_to(id, kv_payroll, "cmk-payroll", version), 400);
	assert_non_null(strstr(client_text(&demo, "message"), "'recover'"));
	grant(principal, "\"recover\"");
	version_of("cmk-ec", other);
	assert_int_equal(switch_to(id, kv_payroll, "cmk-ec", other), 400);
	assert_non_null(strstr(client_text(&demo, "message"), "RSA"));
	version_of("cmk-off", other);
	assert_int_equal(switch_to(id, kv_payroll, "cmk-off", other), 400);
	assert_non_null(strstr(client_text(&demo, "message"), "disabled"));
	version_of("cmk-old", other);
	assert_int_equal(switch_to(id, kv_payroll, "cmk-old", other), 400);
	assert_non_null(strstr(client_text(&demo, "message"), "expired"));
	assert_int_equal(switch_to(id, kv_payroll, "cmk-payroll", other), 400);
	assert_string_equal(client_text(&demo, "code"), "KeyVaultEncryptionKeyNotFound");
	assert_int_equal(switch_to(id, kv_payroll, "cmk-payroll", ""), 400);
	assert_int_equal(
		switch_to(id, "https://kv-fabrikam.vault.azure.net", "cmk-fabrikam", other), 400);
	assert_non_null(strstr(client_text(&demo, "message"), "tenant"));
	assert_int_equal(switch_to(id, "https://kv-none.vault.azure.net", "k", other), 400);
	assert_string_equal(client_text(&demo, "code"), "KeyVaultVaultNotFound");
	assert_int_equal(switch_to(id, "https://example.com", "k", other), 400);
	assert_int_equal(demo_arm("GET", PAYROLL, NULL), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.Automation");
	assert_int_equal(
		switch_to(id, "https://kv-payroll.vault.azure.net/", "cmk-payroll", version), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyvaultUri"),
		"https://kv-payroll.vault.azure.net/");
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyVersion"), version);
	assert_string_equal(client_text(&demo, "identity.principalId"), principal);
}

/* Leaving a customer key needs that key: disabled it is refused, enabled it works. */
static void
the_way_back_needs_the_key(void **state)
{
	static const char back[] =
		"{" IDENTITY
		",\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Automation\"}}}";
	char url[256];

	(void)state;
	assert_int_equal(demo_arm("GET", BILLING, NULL), 200);
	snprintf(url, sizeof url, "https://kv-billing.vault.azure.net/keys/cmk-billing/%s" V,
		client_text(&demo, "properties.encryption.keyVaultProperties.keyVersion"));
	assert_int_equal(demo_kv("PATCH", url, "{\"attributes\":{\"enabled\":false}}"), 200);
	assert_int_equal(demo_arm("PATCH", BILLING, back), 400);
	assert_int_equal(demo_arm("GET", BILLING, NULL), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.Keyvault");
	assert_int_equal(demo_kv("PATCH", url, "{\"attributes\":{\"enabled\":true}}"), 200);
	assert_int_equal(demo_arm("PATCH", BILLING, back), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.Automation");
	assert_null(client_at(&demo, "properties.encryption.keyVaultProperties"));
	assert_int_equal(demo_arm("PATCH", BILLING, back), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_challenge_comes_first),
		cmocka_unit_test(keys_page_and_sort),
		cmocka_unit_test(keys_do_their_work),
		cmocka_unit_test(curves_sign_only),
		cmocka_unit_test(keys_refuse),
		cmocka_unit_test(keys_are_made_and_changed),
		cmocka_unit_test(the_switch_refuses_until_all_is_right),
		cmocka_unit_test(the_way_back_needs_the_key),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
