/* The demo estate through the resource manager, and what no client should send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

static void
lists_say_less_than_accounts(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("GET",
			ARM PRODUCTION
			"/providers/Microsoft.Automation/automationAccounts?api-version=2023-11-01",
			NULL),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 2);
	assert_string_equal(
		client_text(&demo, "value.0.type"), "Microsoft.Automation/AutomationAccounts");
	assert_null(client_at(&demo, "value.0.properties.encryption"));
	assert_null(client_at(&demo, "value.1.identity"));
	assert_int_equal(demo_arm("GET", BILLING, NULL), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.Keyvault");
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyvaultUri"),
		"https://kv-billing.vault.azure.net");
	assert_int_equal(
		strlen(client_text(&demo, "properties.encryption.keyVaultProperties.keyVersion")),
		32);
	assert_int_equal(strlen(client_text(&demo, "identity.principalId")), 36);
	assert_true(json_is_null(client_at(&demo, "etag")));
	assert_int_equal(
		demo_arm("GET",
			ARM STAGING
			"/RESOURCEGROUPS/RG-MEDIA/providers/microsoft.automation/AUTOMATIONACCOUNTS/AA-GUIDANG/?api-version=2023-11-01",
			NULL),
		200);
	assert_string_equal(client_text(&demo, "tags.owner"), "财务部");
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.Automation");
}

static void
missing_things_are_404(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("GET", ARM FINANCE "aa-nobody?api-version=2023-11-01", NULL), 404);
	assert_string_equal(client_text(&demo, "error.message"),
		"The Resource 'Microsoft.Automation/automationAccounts/aa-nobody' under resource group 'rg-finance' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
	assert_int_equal(
		demo_arm("GET",
			ARM PRODUCTION
			"/resourceGroups/rg-none/providers/Microsoft.KeyVault/vaults/kv-payroll?api-version=2023-07-01",
			NULL),
		404);
	assert_string_equal(client_text(&demo, "error.code"), "ResourceGroupNotFound");
	assert_int_equal(
		demo_arm("HEAD", ARM PRODUCTION "/resourcegroups/rg-none?api-version=2022-09-01",
			NULL),
		404);
	assert_int_equal(
		demo_arm("HEAD", ARM PRODUCTION "/resourcegroups/rg-media?api-version=2022-09-01",
			NULL),
		204);
	assert_int_equal(
		demo_arm("GET", ARM PRODUCTION "/providers/Foo/bars?api-version=2022-09-01", NULL),
		404);
	assert_string_equal(client_text(&demo, "error.code"), "InvalidResourceNamespace");
}

/* All pages of a list: those of a filtered one may be empty, but for the last they have a link. */
static size_t
count_all(const char *first)
{
	char url[2048];
	size_t all = 0;

	snprintf(url, sizeof url, "%s", first);
	for (int pages = 0; url[0] && pages < 10; pages++) {
		assert_int_equal(demo_arm("GET", url, NULL), 200);
		all += json_array_size(client_at(&demo, "value"));
		snprintf(url, sizeof url, "%s", client_text(&demo, "nextLink"));
	}
	assert_string_equal(url, "");
	return all;
}

static void
resources_are_filtered(void **state)
{
	(void)state;
	assert_int_equal(
		count_all(ARM PRODUCTION
			"/resources?$filter=resourceType%20eq%20'Microsoft.KeyVault/vaults'&api-version=2015-11-01"),
		4);
	assert_int_equal(
		count_all(ARM PRODUCTION
			"/resources?$filter=resourceType%20eq%20%27Microsoft.KeyVault%2Fvaults%27%20and%20name%20eq%20%27kv-billing%27&api-version=2015-11-01"),
		1);
	assert_int_equal(
		count_all(ARM PRODUCTION
			"/resources?$filter=substringof('illing',name)&api-version=2021-04-01"),
		2);
	assert_int_equal(
		demo_arm("GET", ARM PRODUCTION "/resources?$top=2&api-version=2021-04-01", NULL),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 2);
	assert_int_equal(
		client_send(&demo, "GET", client_text(&demo, "nextLink"), demo.arm, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 10);
	assert_null(client_at(&demo, "nextLink"));
	assert_int_equal(demo_arm("GET",
				 ARM PRODUCTION
				 "/resources?$filter=color%20eq%20'red'&api-version=2021-04-01",
				 NULL),
		400);
	assert_string_equal(client_text(&demo, "error.code"), "InvalidFilterInQueryString");
}

static void
names_follow_the_asker(void **state)
{
	char header[4096], secret[64];

	(void)state;
	assert_int_equal(demo_arm("GET",
				 "https://management.chinacloudapi.cn" FINANCE
				 "aa-billing?api-version=2020-01-13-preview",
				 NULL),
		200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyvaultUri"),
		"https://kv-billing.vault.azure.cn");
	assert_int_equal(
		demo_arm("GET",
			"https://localhost:4711" FINANCE "aa-billing?api-version=2023-11-01", NULL),
		200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyvaultUri"),
		"https://kv-billing.vault.localhost:4711");
	client_file(&demo, "secret", secret);
	assert_int_equal(client_send(&demo, "GET", "https://kv-billing.vault.localhost:4711/keys" V,
				 demo.vault, NULL),
		401);
	assert_non_null(strstr(client_text(&demo, "error.message"), "AKV10022"));
	assert_non_null(strstr(demo.headers,
		"WWW-Authenticate: Bearer authorization=\"https://localhost:4711/" TENANT
		"\", resource=\"https://vault.localhost:4711\"\r\n"));
	client_sign_in(&demo, OPERATOR, secret, "https://vault.azure.cn", header);
	assert_int_equal(
		client_send(&demo, "GET", "https://kv-billing.vault.azure.cn/keys/cmk-billing" V,
			header, NULL),
		200);
	assert_memory_equal(client_text(&demo, "key.kid"),
		"https://kv-billing.vault.azure.cn/keys/cmk-billing/", 51);
}

static void
policies_merge(void **state)
{
	static const char url[] = ARM SECURITY "kv-archive/accessPolicies/";
	static const char entry[] =
		"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"3BF6E9D4-80a5-4127-9c4e-7d903fab6c12\",\"permissions\":{\"keys\":[\"get\",\"wrapKey\"]}}]}}";
	char at[256];
	size_t before;

	(void)state;
	assert_int_equal(
		demo_arm("GET", ARM SECURITY "kv-archive?api-version=2023-07-01", NULL), 200);
	before = json_array_size(client_at(&demo, "properties.accessPolicies"));
	snprintf(at, sizeof at, "%sadd?api-version=2018-02-14", url);
	assert_int_equal(demo_arm("PUT", at, entry), 200);
	assert_string_equal(client_text(&demo, "type"), "Microsoft.KeyVault/vaults/accessPolicies");
	assert_int_equal(json_array_size(client_at(&demo, "properties.accessPolicies")), before);
	assert_int_equal(
		json_array_size(client_at(&demo, "properties.accessPolicies.2.permissions.keys")),
		3);
	assert_string_equal(
		client_text(&demo, "properties.accessPolicies.2.permissions.keys.0"), "Get");
	assert_string_equal(
		client_text(&demo, "properties.accessPolicies.2.permissions.keys.2"), "wrapKey");
	assert_string_equal(
		client_text(&demo, "properties.accessPolicies.2.permissions.secrets.0"), "List");
	snprintf(at, sizeof at, "%sremove?api-version=2023-07-01", url);
	assert_int_equal(demo_arm("PUT", at, entry), 200);
	assert_int_equal(
		json_array_size(client_at(&demo, "properties.accessPolicies.2.permissions.keys")),
		1);
	snprintf(at, sizeof at, "%sburn?api-version=2023-07-01", url);
	assert_int_equal(demo_arm("PUT", at, entry), 400);
	snprintf(at, sizeof at, "%sadd?api-version=2023-07-01", url);
	assert_int_equal(demo_arm("PUT", at, "{\"properties\":{}}"), 400);
	assert_int_equal(
		demo_arm("PUT", at, "{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"x\"}]}}"),
		400);
}

static void
vaults_live_and_die(void **state)
{
	static const char url[] = ARM SECURITY "kv-fresh?api-version=2023-07-01";
	static const char body[] =
		"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
		"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"accessPolicies\":[]}}";

	(void)state;
	assert_int_equal(demo_arm("PUT", url, body), 200);
	assert_string_equal(
		client_text(&demo, "properties.vaultUri"), "https://kv-fresh.vault.azure.net/");
	assert_null(client_at(&demo, "properties.enablePurgeProtection"));
	assert_true(json_is_true(client_at(&demo, "properties.enableSoftDelete")));
	assert_int_equal(
		demo_arm("PATCH", url, "{\"properties\":{\"enablePurgeProtection\":true}}"), 200);
	assert_true(json_is_true(client_at(&demo, "properties.enablePurgeProtection")));
	assert_int_equal(
		demo_arm("PATCH", url, "{\"properties\":{\"enablePurgeProtection\":false}}"), 400);
	assert_string_equal(client_text(&demo, "error.message"),
		"The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.");
	assert_int_equal(
		demo_arm("PATCH", url, "{\"properties\":{\"enableSoftDelete\":false}}"), 400);
	assert_int_equal(demo_arm("PATCH", url, "{\"tags\":{\"a\":\"b\"}}"), 200);
	assert_string_equal(client_text(&demo, "tags.a"), "b");
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	assert_int_equal(demo_arm("DELETE", url, NULL), 204);
	assert_int_equal(demo_arm("GET", url, NULL), 404);
	assert_int_equal(demo_arm("PUT", url, body), 409);
	assert_string_equal(client_text(&demo, "error.code"), "ConflictError");
	assert_int_equal(
		demo_arm("PUT", url,
			"{\"location\":\"westeurope\",\"properties\":{\"createMode\":\"recover\"}}"),
		200);
	assert_true(json_is_true(client_at(&demo, "properties.enablePurgeProtection")));
}

static void
automation_accounts_live_and_die(void **state)
{
	static const char url[] = ARM FINANCE "aa-fresh-1?api-version=2023-11-01";

	(void)state;
	assert_int_equal(
		demo_arm("PUT", url,
			"{\"location\":\"westeurope\",\"properties\":{\"sku\":{\"name\":\"Free\"}}}"),
		201);
	assert_string_equal(client_text(&demo, "properties.sku.name"), "Basic");
	assert_null(client_at(&demo, "identity"));
	assert_int_equal(demo_arm("PATCH", url, "{\"tags\":{\"k\":\"v\"}," IDENTITY "}"), 200);
	assert_int_equal(strlen(client_text(&demo, "identity.principalId")), 36);
	assert_int_equal(demo_arm("PATCH", url, "{\"identity\":{\"type\":\"None\"}}"), 200);
	assert_null(client_at(&demo, "identity"));
	assert_string_equal(client_text(&demo, "tags.k"), "v");
	assert_int_equal(demo_arm("PATCH", url, "{\"identity\":{\"type\":\"Alien\"}}"), 400);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	assert_int_equal(demo_arm("DELETE", url, NULL), 204);
	assert_int_equal(demo_arm("PUT", ARM FINANCE "x?api-version=2023-11-01",
				 "{\"location\":\"westeurope\"}"),
		400);
	assert_int_equal(demo_arm("PUT", url, "{\"location\":\"atlantis\"}"), 400);
}

static void
dumps_compare(void **state)
{
	const char *dump = "dump", *raw[] = {"dump", "--raw"};
	struct buf out, again;
	struct err err;

	(void)state;
	buf_init(&out, 1 << 24);
	buf_init(&again, 1 << 24);
	assert_true(sandbox_ctl(demo.dir, &dump, 1, &out, &err));
	assert_true(sandbox_ctl(demo.dir, &dump, 1, &again, &err));
	assert_string_equal(buf_text(&out), buf_text(&again));
	assert_non_null(strstr(buf_text(&out), "\"key:kv-billing/cmk-billing#3\""));
	assert_non_null(strstr(buf_text(&out), "\"principal:aa-billing\""));
	assert_null(strstr(buf_text(&out), "\"created\""));
	buf_clear(&again);
	assert_true(sandbox_ctl(demo.dir, raw, 2, &again, &err));
	assert_non_null(strstr(buf_text(&again), "\"created\""));
	assert_null(strstr(buf_text(&again), "principal:"));
	buf_free(&out);
	buf_free(&again);
}

/* Whatever is made afresh has a name by its role: two fresh estates read alike. */
static void
fresh_estates_dump_alike(void **state)
{
	static const char *const parts[] = {"accounts", "applications", "deviceCodes", "identities",
		"operations", "people", "refreshTokens", "roleAssignments", "subscriptions",
		"tenants", "vaults"};
	static struct client one, other;
	const char *dump = "dump";
	struct buf out, again;
	struct err err;
	json_t *json;

	(void)state;
	buf_init(&out, 1 << 24);
	buf_init(&again, 1 << 24);
	client_open(&one, "demo");
	client_open(&other, "demo");
	assert_true(sandbox_ctl(one.dir, &dump, 1, &out, &err));
	assert_true(sandbox_ctl(other.dir, &dump, 1, &again, &err));
	assert_string_equal(buf_text(&out), buf_text(&again));
	json = json_loads(buf_text(&out), 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		assert_non_null(json_object_get(json, parts[i]));
	json_decref(json);
	client_close(&one);
	client_close(&other);
	buf_free(&out);
	buf_free(&again);
}

/* Nothing that a client can send may do more than get a 4xx. */
static void
nonsense_is_refused(void **state)
{
	static const char *const urls[] = {ARM "/%", ARM "/%00", ARM "/%zz", ARM "//", ARM "/..",
		ARM "/subscriptions/%2e%2e/x?api-version=2022-12-01",
		ARM "/?%=%&&==", ARM "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z",
		KEYS "/" V "&maxresults=", KEYS "/%ff%fe" V, KEYS "/k/v/w/x/y" V,
		"https://kv-payroll.vault.azure.net/secrets" V,
		ARM FINANCE "aa-payroll/nothing?api-version=2023-11-01"};
	static const char *const methods[] = {
		"GET", "PUT", "POST", "PATCH", "DELETE", "TRACE", "FOO"};
	static const char *const bodies[] = {"", "{", "[1]", "null", "\"x\"", "{\"properties\":7}",
		"{\"properties\":{\"encryption\":[]}}", "{\"identity\":\"x\"}",
		"{\"tags\":{\"a\":1}}", "{\"tags\":{\"a\":\"b\\u0000c\"}}",
		"{\"properties\":{\"encryption\":{\"keySource\":1}},\"identity\":{\"type\":\"SystemAssigned\"}}",
		"\xff\xfe", "{\"a\":\"\\u0000\"}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		for (size_t j = 0; j < ARRAY_LEN(methods); j++) {
			long status = demo_arm(methods[j], urls[i], j ? "{}" : NULL);

			assert_in_range(status, 400, 499);
		}
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		assert_int_equal(demo_arm("PATCH", PAYROLL, bodies[i]), 400);
		assert_in_range(demo_kv("POST", KEYS "/x/create" V, bodies[i]), 400, 499);
	}
	assert_int_equal(client_send(&demo, "GET", "https://example.com/x", demo.arm, NULL), 0);
}

static void
a_huge_body_is_refused(void **state)
{
	static char body[(1 << 20) + 64];

	(void)state;
	memset(body, ' ', sizeof body - 1);
	assert_int_equal(demo_arm("PATCH", PAYROLL, body), 413);
	assert_int_equal(demo_arm("GET", PAYROLL, NULL), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_say_less_than_accounts),
		cmocka_unit_test(missing_things_are_404),
		cmocka_unit_test(resources_are_filtered),
		cmocka_unit_test(names_follow_the_asker),
		cmocka_unit_test(policies_merge),
		cmocka_unit_test(vaults_live_and_die),
		cmocka_unit_test(automation_accounts_live_and_die),
		cmocka_unit_test(dumps_compare),
		cmocka_unit_test(fresh_estates_dump_alike),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(a_huge_body_is_refused),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
