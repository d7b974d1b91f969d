/* Batch accounts and pools on the wire: creation, customer keys, the cut and the way back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

#define GROUP PRODUCTION "/resourceGroups/rg-media/providers/"
#define AT(name) ARM GROUP "Microsoft.Batch/batchAccounts/" name "?api-version=2024-02-01"
#define POOL(name) \
	ARM GROUP "Microsoft.Batch/batchAccounts/" name "/pools/p1?api-version=2024-02-01"
#define VAULT ARM GROUP "Microsoft.KeyVault/vaults/kv-batchtest"
#define KEY "https://kv-batchtest.vault.azure.net/keys/cmk-batch"
#define OPERATOR_OBJECT "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607"
#define SYSTEM "\"identity\":{\"type\":\"SystemAssigned\"}"

static char version[64], principal[40];

static long
set_key(const char *url, const char *source, const char *identifier)
{
	char body[600];

	snprintf(body, sizeof body,
		"{\"properties\":{\"encryption\":{\"keySource\":\"%s\",\"keyVaultProperties\":{\"keyIdentifier\":\"%s\"}}}}",
		source, identifier);
	return demo_arm("PATCH", url, body);
}

/* A vault of our own with a key; the rights of account "batestkey" are given when it is made. */
static void
make_vault(void)
{
	assert_int_equal(
		demo_arm("PUT", VAULT "?api-version=2023-07-01",
			"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
			"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"enablePurgeProtection\":true,"
			"\"accessPolicies\":[{\"tenantId\":\"" TENANT
			"\",\"objectId\":\"" OPERATOR_OBJECT
			"\",\"permissions\":{\"keys\":[\"all\"]}}]}}"),
		200);
	assert_int_equal(
		demo_kv("POST", KEY "/create" V, "{\"kty\":\"RSA\",\"key_size\":2048}"), 200);
	snprintf(version, sizeof version, "%s", strrchr(client_text(&demo, "key.kid"), '/') + 1);
}

static void
grant(const char *verb, const char *object)
{
	char url[400], body[600];

	snprintf(url, sizeof url, VAULT "/accessPolicies/%s?api-version=2023-07-01", verb);
	snprintf(body, sizeof body,
		"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\"]}}]}}",
		object);
	assert_int_equal(demo_arm("PUT", url, body), 200);
}

static void
bare_accounts_take_no_key(void **state)
{
	(void)state;
	make_vault();
	assert_int_equal(demo_arm("PUT", AT("batestbare"), "{\"location\":\"West Europe\"}"), 200);
	assert_string_equal(client_text(&demo, "identity.type"), "None");
	assert_string_equal(client_text(&demo, "type"), "Microsoft.Batch/batchAccounts");
	assert_string_equal(client_text(&demo, "location"), "westeurope");
	assert_string_equal(client_text(&demo, "properties.provisioningState"), "Succeeded");
	assert_string_equal(client_text(&demo, "properties.accountEndpoint"),
		"batestbare.westeurope.batch.azure.com");
	assert_non_null(strstr(client_text(&demo, "properties.nodeManagementEndpoint"),
		".westeurope.service.batch.azure.com"));
	assert_int_equal(client_number(&demo, "properties.dedicatedCoreQuota"), 500);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.Batch");
	assert_string_equal(client_text(&demo, "properties.publicNetworkAccess"), "Enabled");
	assert_int_equal(
		json_array_size(client_at(&demo, "properties.allowedAuthenticationModes")), 3);
	assert_non_null(strstr(demo.headers, "ETag: \"0x8D"));
	assert_null(client_at(&demo, "tags"));
	assert_int_equal(demo_arm("PATCH", AT("batestbare"), "{" SYSTEM "}"), 200);
	assert_int_equal(strlen(client_text(&demo, "identity.principalId")), 36);
	grant("add", client_text(&demo, "identity.principalId"));
	assert_int_equal(set_key(AT("batestbare"), "Microsoft.KeyVault", KEY), 400);
	assert_string_equal(client_text(&demo, "error.code"), "InvalidPropertyValue");
	assert_non_null(
		strstr(client_text(&demo, "error.message"), "created with a managed identity"));
	assert_non_null(strstr(client_text(&demo, "error.message"), "\nRequestId:"));
	assert_non_null(strstr(client_text(&demo, "error.message"), "\nTime:20"));
	assert_int_equal(demo_arm("PATCH", AT("batestbare"), "{}"), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.Batch");
	assert_int_equal(demo_arm("DELETE", AT("batestbare"), NULL), 200);
	assert_int_equal(demo_arm("DELETE", AT("batestbare"), NULL), 204);
}

static void
names_are_checked(void **state)
{
	static const char url[] = ARM PRODUCTION
		"/providers/Microsoft.Batch/locations/westeurope/checkNameAvailability?api-version=2024-02-01";

	(void)state;
	assert_int_equal(demo_arm("PUT", AT("Ba-x"), "{\"location\":\"westeurope\"}"), 400);
	assert_int_equal(demo_arm("PUT", AT("batestnew"), "{}"), 400);
	assert_int_equal(
		demo_arm("PUT", AT("batestnew"),
			"{\"location\":\"westeurope\",\"identity\":{\"type\":\"SystemAssigned, UserAssigned\",\"userAssignedIdentities\":{}}}"),
		400);
	assert_int_equal(
		demo_arm("POST", url,
			"{\"name\":\"batestkey\",\"type\":\"Microsoft.Batch/batchAccounts\"}"),
		200);
	assert_true(json_is_true(client_at(&demo, "nameAvailable")));
	assert_int_equal(demo_arm("PUT", AT("batestkey"),
				 "{\"location\":\"westeurope\"," SYSTEM ",\"tags\":{\"a\":\"b\"}}"),
		200);
	assert_string_equal(client_text(&demo, "tags.a"), "b");
	snprintf(principal, sizeof principal, "%s", client_text(&demo, "identity.principalId"));
	assert_int_equal(strlen(principal), 36);
	assert_int_equal(
		demo_arm("POST", url,
			"{\"name\":\"batestkey\",\"type\":\"Microsoft.Batch/batchAccounts\"}"),
		200);
	assert_true(json_is_false(client_at(&demo, "nameAvailable")));
	assert_string_equal(client_text(&demo, "reason"), "AlreadyExists");
	assert_string_equal(
		client_text(&demo, "message"), "An account named 'batestkey' is already in use.");
	assert_int_equal(demo_arm("POST", url,
				 "{\"name\":\"No\",\"type\":\"Microsoft.Batch/batchAccounts\"}"),
		200);
	assert_string_equal(client_text(&demo, "reason"), "Invalid");
	assert_int_equal(
		demo_arm("PUT",
			ARM PRODUCTION
			"/resourceGroups/rg-finance/providers/Microsoft.Batch/batchAccounts/batestkey?api-version=2024-02-01",
			"{\"location\":\"westeurope\"}"),
		409);
	assert_int_equal(
		demo_arm("GET",
			ARM PRODUCTION
			"/providers/Microsoft.Batch/locations/westeurope/quotas?api-version=2024-02-01",
			NULL),
		200);
	assert_int_equal(client_number(&demo, "accountQuota"), 1000);
	assert_int_equal(demo_arm("GET",
				 ARM PRODUCTION
				 "/providers/Microsoft.Batch/batchAccounts?api-version=2024-02-01",
				 NULL),
		200);
	assert_non_null(strstr(demo.body, "/batchAccounts/batestkey\""));
}

static void
wrong_shapes_are_named(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("PATCH", AT("batestkey"),
			"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.KeyVault\"}}}"),
		400);
	assert_string_equal(client_text(&demo, "error.code"), "MissingRequiredProperty");
	assert_string_equal(client_text(&demo, "error.target"), "BatchAccount");
	assert_string_equal(client_text(&demo, "error.details.0.code"), "PropertyName");
	assert_string_equal(client_text(&demo, "error.details.0.message"), "keyVaultProperties");
	assert_string_equal(client_text(&demo, "error.details.1.code"), "PropertyPath");
	assert_string_equal(client_text(&demo, "error.details.1.message"),
		"properties.encryption.keyVaultProperties");
	assert_memory_equal(client_text(&demo, "error.message"),
		"A required property was not specified in the request body.\nRequestId:", 69);
	assert_int_equal(
		demo_arm("PATCH", AT("batestkey"),
			"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.KeyVault\",\"keyVaultProperties\":{\"keyIdentifier\":\"https://example.org/keys/x\"}}}}"),
		400);
	assert_string_equal(client_text(&demo, "error.code"), "InvalidPropertyValue");
	/* no rights yet */
	assert_int_equal(set_key(AT("batestkey"), "Microsoft.KeyVault", KEY), 400);
	assert_string_equal(client_text(&demo, "error.code"), "InvalidKeyVaultReference");
	assert_memory_equal(client_text(&demo, "error.message"),
		"The specified Key Vault reference is invalid.\nRequestId:", 56);
	assert_string_equal(client_text(&demo, "error.details.0.code"), "Reason");
	assert_int_equal(demo_arm("GET", AT("batestkey"), NULL), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.Batch");
	assert_int_equal(demo_arm("PATCH", AT("batestkey"),
				 "{\"properties\":{\"publicNetworkAccess\":\"Maybe\"}}"),
		400);
	assert_int_equal(demo_arm("PATCH", AT("batestkey"),
				 "{\"properties\":{\"poolAllocationMode\":\"UserSubscription\"}}"),
		400);
	assert_int_equal(
		demo_arm("PATCH", AT("batestkey"),
			"{\"properties\":{\"publicNetworkAccess\":\"disabled\",\"autoStorage\":{\"storageAccountId\":\"/subscriptions/x\"}}}"),
		200);
	assert_string_equal(client_text(&demo, "properties.publicNetworkAccess"), "Disabled");
	assert_string_equal(
		client_text(&demo, "properties.autoStorage.authenticationMode"), "StorageKeys");
	assert_int_not_equal(strlen(client_text(&demo, "properties.autoStorage.lastKeySync")), 0);
}

static void
keys_are_named_both_ways(void **state)
{
	char pinned[200], keys[200];

	(void)state;
	grant("add", principal);
	assert_int_equal(
		demo_arm("POST",
			ARM GROUP
			"Microsoft.Batch/batchAccounts/batestkey/listKeys?api-version=2024-02-01",
			NULL),
		200);
	snprintf(keys, sizeof keys, "%s", client_text(&demo, "primary"));
	assert_int_equal(strlen(keys), 88);
	snprintf(pinned, sizeof pinned, KEY "/%s", version);
	assert_int_equal(set_key(AT("batestkey"), "microsoft.keyvault", pinned), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keySource"), "Microsoft.KeyVault");
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyIdentifier"),
		pinned);
	assert_int_equal(demo_arm("GET",
				 "https://management.chinacloudapi.cn" GROUP
				 "Microsoft.Batch/batchAccounts/batestkey?api-version=2022-10-01",
				 NULL),
		200);
	assert_memory_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyIdentifier"),
		"https://kv-batchtest.vault.azure.cn/keys/cmk-batch/", 51);
	assert_string_equal(client_text(&demo, "properties.accountEndpoint"),
		"batestkey.westeurope.batch.chinacloudapi.cn");
	assert_int_equal(set_key(AT("batestkey"), "Microsoft.KeyVault", KEY), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyIdentifier"), KEY);
	assert_int_equal(demo_arm("PATCH", AT("batestkey"), "{}"), 200);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyIdentifier"), KEY);
	assert_int_equal(
		demo_arm("POST",
			ARM GROUP
			"Microsoft.Batch/batchAccounts/batestkey/listKeys?api-version=2024-02-01",
			NULL),
		200);
	assert_string_equal(client_text(&demo, "primary"), keys);
}

static void
pools_live_and_die(void **state)
{
	static const char body[] =
		"{\"properties\":{\"vmSize\":\"STANDARD_D2S_V3\",\"deploymentConfiguration\":{\"virtualMachineConfiguration\":{\"imageReference\":{\"publisher\":\"canonical\"},\"nodeAgentSkuId\":\"batch.node.ubuntu 22.04\"}},\"scaleSettings\":{\"fixedScale\":{\"targetDedicatedNodes\":2}},\"currentDedicatedNodes\":77}}";

	(void)state;
	assert_int_equal(demo_arm("GET", POOL("batestkey"), NULL), 404);
	assert_string_equal(client_text(&demo, "error.code"), "PoolNotFound");
	assert_int_equal(demo_arm("PUT", POOL("batestkey"), "{\"properties\":{}}"), 400);
	assert_string_equal(client_text(&demo, "error.details.0.message"), "vmSize");
	assert_int_equal(demo_arm("PUT", POOL("batestkey"), body), 200);
	assert_string_equal(client_text(&demo, "type"), "Microsoft.Batch/batchAccounts/pools");
	assert_string_equal(client_text(&demo, "properties.allocationState"), "Steady");
	assert_string_equal(client_text(&demo, "properties.provisioningState"), "Succeeded");
	assert_int_equal(client_number(&demo, "properties.currentDedicatedNodes"), 2);
	assert_int_equal(client_number(&demo, "properties.taskSlotsPerNode"), 1);
	assert_non_null(strstr(demo.headers, "ETag: W/\"0x8D"));
	assert_memory_equal(client_text(&demo, "etag"), "W/\"0x8D", 7);
	assert_int_equal(
		demo_arm("PATCH", POOL("batestkey"),
			"{\"properties\":{\"scaleSettings\":{\"fixedScale\":{\"targetDedicatedNodes\":-1}}}}"),
		400);
	assert_int_equal(
		demo_arm("PATCH", POOL("batestkey"),
			"{\"properties\":{\"scaleSettings\":{\"fixedScale\":{\"targetDedicatedNodes\":5}}}}"),
		200);
	assert_int_equal(client_number(&demo, "properties.currentDedicatedNodes"), 5);
	assert_string_equal(client_text(&demo, "properties.vmSize"), "STANDARD_D2S_V3");
	demo.extra[0] = "If-Match: W/\"0x1\"";
	assert_int_equal(demo_arm("PATCH", POOL("batestkey"), "{\"properties\":{}}"), 412);
	assert_string_equal(client_text(&demo, "error.code"), "ConditionNotMet");
	demo.extra[0] = "If-None-Match: *";
	assert_int_equal(demo_arm("PUT", POOL("batestkey"), body), 412);
	demo.extra[0] = NULL;
	assert_int_equal(
		demo_arm("GET",
			ARM GROUP
			"Microsoft.Batch/batchAccounts/batestkey/pools?api-version=2024-02-01",
			NULL),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
}

/* Disabling the key: what was open stays so for a while, then nothing but deletion works; enabling
 * it again: the way back takes Batch some minutes. */
static void
a_cut_locks_all_but_deletion(void **state)
{
	static const char pools[] =
		ARM GROUP "Microsoft.Batch/batchAccounts/batestkey/pools?api-version=2024-02-01";
	char url[300];

	(void)state;
	snprintf(url, sizeof url, KEY "/%s" V, version);
	assert_int_equal(demo_kv("PATCH", url, "{\"attributes\":{\"enabled\":false}}"), 200);
	demo_clock("+1m");
	assert_int_equal(demo_arm("GET", pools, NULL), 403);
	assert_string_equal(client_text(&demo, "error.code"), "CustomerManagedKeyNotAccessible");
	assert_int_equal(demo_arm("GET", POOL("batestkey"), NULL), 403);
	assert_int_equal(demo_arm("DELETE", POOL("batestkey"), NULL), 403);
	assert_int_equal(
		demo_arm("POST",
			ARM GROUP
			"Microsoft.Batch/batchAccounts/batestkey/listKeys?api-version=2024-02-01",
			NULL),
		403);
	assert_int_equal(demo_arm("GET", AT("batestkey"), NULL), 200);
	assert_int_equal(demo_arm("PATCH", AT("batestkey"), "{\"tags\":{\"c\":\"d\"}}"), 400);
	assert_string_equal(client_text(&demo, "error.code"), "InvalidKeyVaultReference");
	assert_int_equal(
		demo_arm("PATCH", AT("batestkey"),
			"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Batch\"}}}"),
		400);
	assert_int_equal(demo_arm("GET", AT("batestkey"), NULL), 200);
	assert_string_equal(client_text(&demo, "tags.a"), "b");
	assert_null(client_at(&demo, "tags.c"));
	assert_int_equal(demo_kv("PATCH", url, "{\"attributes\":{\"enabled\":true}}"), 200);
	demo_clock("+1m");
	assert_int_equal(demo_arm("GET", pools, NULL), 403);
	demo_clock("+2m");
	assert_int_equal(demo_arm("GET", pools, NULL), 403);
	demo_clock("+7m");
	assert_int_equal(demo_arm("GET", pools, NULL), 200);
	assert_int_equal(demo_arm("PATCH", AT("batestkey"), "{\"tags\":{\"c\":\"d\"}}"), 200);
}

/* A way back that begins with a recovery, which takes seconds itself, and is over behind a leap of
 * the clock. */
static void
a_recovered_key_brings_it_back(void **state)
{
	static const char deleted[] = "https://kv-batchtest.vault.azure.net/deletedkeys/cmk-batch";
	char url[200];

	(void)state;
	assert_int_equal(demo_kv("DELETE", KEY V, NULL), 200);
	demo_clock("+1m");
	assert_int_equal(demo_arm("GET", POOL("batestkey"), NULL), 403);
	snprintf(url, sizeof url, "%s/recover" V, deleted);
	assert_int_equal(demo_kv("POST", url, NULL), 200);
	demo_clock("+10m");
	assert_int_equal(demo_arm("GET", POOL("batestkey"), NULL), 200);
}

static void
versionless_follows_once_a_day(void **state)
{
	char old[300], dump[80];

	(void)state;
	snprintf(dump, sizeof dump, "%s", version);
	assert_int_equal(
		demo_kv("POST", KEY "/create" V, "{\"kty\":\"RSA\",\"key_size\":2048}"), 200);
	snprintf(version, sizeof version, "%s", strrchr(client_text(&demo, "key.kid"), '/') + 1);
	assert_string_not_equal(dump, version);
	demo_clock("+25h");
	assert_int_equal(demo_arm("GET", AT("batestkey"), NULL), 200);
	snprintf(old, sizeof old, KEY "/%s" V, dump);
	assert_int_equal(demo_kv("PATCH", old, "{\"attributes\":{\"enabled\":false}}"), 200);
	demo_clock("+1m");
	assert_int_equal(demo_arm("GET", POOL("batestkey"), NULL), 200);
}

static void
back_to_microsofts_key_and_gone(void **state)
{
	char url[300];

	(void)state;
	assert_int_equal(
		demo_arm("PATCH", AT("batestkey"),
			"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Batch\"}}}"),
		200);
	assert_null(client_at(&demo, "properties.encryption.keyVaultProperties"));
	snprintf(url, sizeof url, KEY "/%s" V, version);
	assert_int_equal(demo_kv("PATCH", url, "{\"attributes\":{\"enabled\":false}}"), 200);
	demo_clock("+1m");
	assert_int_equal(demo_arm("GET", POOL("batestkey"), NULL), 200);
	assert_int_equal(demo_arm("DELETE", POOL("batestkey"), NULL), 200);
	assert_int_equal(demo_arm("DELETE", POOL("batestkey"), NULL), 204);
	assert_int_equal(demo_kv("PATCH", url, "{\"attributes\":{\"enabled\":true}}"), 200);
}

/* Identity and key at creation, with a user-assigned identity; deletion works in the dark. */
static void
created_with_a_key(void **state)
{
	static const char identity[] =
		GROUP "Microsoft.ManagedIdentity/userAssignedIdentities/id-batchtest";
	char body[1200], shown[300];

	(void)state;
	assert_in_range(
		demo_arm("PUT",
			ARM GROUP
			"Microsoft.ManagedIdentity/userAssignedIdentities/id-batchtest?api-version=2023-01-31",
			"{\"location\":\"westeurope\"}"),
		200, 201);
	grant("add", client_text(&demo, "properties.principalId"));
	snprintf(body, sizeof body,
		"{\"location\":\"westeurope\",\"identity\":{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"%s\":{}}},\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.KeyVault\",\"keyVaultProperties\":{\"keyIdentifier\":\"%s/%s\"}}}}",
		identity, KEY, version);
	assert_int_equal(demo_arm("PUT", AT("batestuser"), body), 200);
	assert_string_equal(client_text(&demo, "identity.type"), "UserAssigned");
	assert_null(client_at(&demo, "identity.principalId"));
	assert_int_equal(json_object_size(client_at(&demo, "identity.userAssignedIdentities")), 1);
	assert_non_null(strstr(demo.body, "\"clientId\""));
	snprintf(shown, sizeof shown, KEY "/%s", version);
	assert_string_equal(
		client_text(&demo, "properties.encryption.keyVaultProperties.keyIdentifier"),
		shown);
	snprintf(shown, sizeof shown, KEY "/%s" V, version);
	assert_int_equal(demo_kv("PATCH", shown, "{\"attributes\":{\"enabled\":false}}"), 200);
	demo_clock("+1m");
	assert_int_equal(demo_arm("PATCH", AT("batestuser"), "{}"), 400);
	assert_int_equal(demo_arm("DELETE", AT("batestuser"), NULL), 200);
	assert_int_equal(demo_arm("GET", AT("batestuser"), NULL), 404);
	assert_int_equal(demo_arm("DELETE", AT("batestkey"), NULL), 200);
}

/* With --lro: 202 and polls, as recorded; the account is Creating until then. */
static void
operations_take_their_time(void **state)
{
	const struct sandbox_options options = {.seed = "demo", .lro = 60};
	static struct client slow;
	char next[8000], *at;

	(void)state;
	client_open_with(&slow, &options);
	assert_int_equal(client_send(&slow, "PUT", AT("batestslow"), slow.arm,
				 "{\"location\":\"westeurope\"," SYSTEM "}"),
		202);
	assert_string_equal(slow.body, "");
	assert_null(strstr(slow.headers, "ETag:"));
	at = strstr(slow.headers, "Location: ");
	assert_non_null(at);
	snprintf(next, sizeof next, "%s", at + strlen("Location: "));
	next[strcspn(next, "\r\n")] = '\0';
	assert_non_null(strstr(next, "/batchAccounts/batestslow/operationResults/"));
	assert_int_equal(client_send(&slow, "GET", next, slow.arm, NULL), 202);
	assert_int_equal(client_send(&slow, "GET", AT("batestslow"), slow.arm, NULL), 200);
	assert_string_equal(client_text(&slow, "properties.provisioningState"), "Creating");
	assert_int_equal(client_send(&slow, "DELETE", AT("batestslow"), slow.arm, NULL), 202);
	assert_non_null(strstr(slow.headers,
		"/providers/Microsoft.Batch/locations/westeurope/accountOperationResults/batestslow-"));
	assert_int_equal(client_send(&slow, "GET", AT("batestslow"), slow.arm, NULL), 404);
	client_close(&slow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bare_accounts_take_no_key),
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(wrong_shapes_are_named),
		cmocka_unit_test(keys_are_named_both_ways),
		cmocka_unit_test(pools_live_and_die),
		cmocka_unit_test(a_cut_locks_all_but_deletion),
		cmocka_unit_test(a_recovered_key_brings_it_back),
		cmocka_unit_test(versionless_follows_once_a_day),
		cmocka_unit_test(back_to_microsofts_key_and_gone),
		cmocka_unit_test(created_with_a_key),
		cmocka_unit_test(operations_take_their_time),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
