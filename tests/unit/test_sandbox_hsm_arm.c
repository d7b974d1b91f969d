/* Managed HSMs through the resource manager. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

#define GROUP ARM PRODUCTION "/resourceGroups/rg-hsms/providers/Microsoft.KeyVault/managedHSMs"
#define PROVIDER ARM PRODUCTION "/providers/Microsoft.KeyVault/"
#define NOW "?api-version=2023-07-01"
#define ADMIN "3bf6e9d4-80a5-4127-9c4e-7d903fab6c13"
#define SKU "\"sku\":{\"family\":\"B\",\"name\":\"Standard_B1\"}"
#define OWNER "\"tenantId\":\"" TENANT "\",\"initialAdminObjectIds\":[\"" ADMIN "\"]"
#define BODY(more) "{\"location\":\"westeurope\"," SKU ",\"properties\":{" OWNER more "}}"
#define RECOVER BODY(",\"createMode\":\"recover\"")

static int
setup(void **state)
{
	demo_setup(state);
	return demo_arm("PUT", ARM PRODUCTION "/resourcegroups/rg-hsms?api-version=2022-09-01",
		       "{\"location\":\"westeurope\"}") == 201
		       ? 0
		       : -1;
}

static void
an_hsm_has_the_recorded_shape(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("PUT", GROUP "/Hsm-shape" NOW,
			BODY(",\"networkAcls\":{\"bypass\":\"AzureServices\","
			     "\"defaultAction\":\"Allow\"},\"softDeleteRetentionInDays\":7")),
		200);
	demo_members("", "sku,id,name,type,location,tags,systemData,properties");
	demo_members("properties",
		"tenantId,hsmUri,initialAdminObjectIds,enableSoftDelete,softDeleteRetentionInDays,"
		"enablePurgeProtection,provisioningState,statusMessage,networkAcls,"
		"publicNetworkAccess,regions,securityDomainProperties");
	demo_members("properties.networkAcls", "bypass,defaultAction,ipRules,virtualNetworkRules");
	assert_string_equal(client_text(&demo, "sku.name"), "Standard_B1");
	assert_string_equal(client_text(&demo, "sku.family"), "B");
	assert_string_equal(client_text(&demo, "type"), "Microsoft.KeyVault/managedHSMs");
	assert_string_equal(
		client_text(&demo, "properties.hsmUri"), "https://hsm-shape.managedhsm.azure.net/");
	assert_true(json_is_false(client_at(&demo, "properties.enablePurgeProtection")));
	assert_string_equal(client_text(&demo, "properties.statusMessage"),
		"The Managed HSM is provisioned and ready to use.");
	assert_string_equal(client_text(&demo, "properties.initialAdminObjectIds.0"), ADMIN);
	assert_int_equal(client_number(&demo, "properties.softDeleteRetentionInDays"), 7);
	assert_int_equal(demo_arm("GET", GROUP "/hsm-SHAPE/" NOW, NULL), 200);
	assert_string_equal(client_text(&demo, "properties.provisioningState"), "Succeeded");
	assert_int_equal(
		demo_arm("GET",
			"https://management.chinacloudapi.cn" PRODUCTION
			"/resourceGroups/rg-hsms/providers/Microsoft.KeyVault/managedHSMs" NOW,
			NULL),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_string_equal(client_text(&demo, "value.0.properties.hsmUri"),
		"https://hsm-shape.managedhsm.azure.cn/");
	assert_int_equal(demo_arm("GET", PROVIDER "managedHSMs?api-version=2026-02-01", NULL), 200);
	assert_non_null(strstr(demo.body, "managedHSMs/Hsm-shape"));
	demo_refused(demo_arm("GET", PROVIDER "managedHSMs?api-version=2018-02-14", NULL), 400,
		"NoRegisteredProviderFound", NULL);
	assert_int_equal(demo_arm("GET", PROVIDER "vaults" NOW, NULL), 200);
	assert_null(strstr(demo.body, "Hsm-shape"));
}

static void
bad_bodies_change_nothing(void **state)
{
	static const char *const bodies[] = {
		"{\"location\":\"westeurope\",\"properties\":{" OWNER "}}",
		"{\"location\":\"westeurope\",\"sku\":{\"family\":\"A\",\"name\":\"Standard_B1\"},\"properties\":{" OWNER
		"}}",
		"{\"location\":\"westeurope\",\"sku\":{\"family\":\"B\",\"name\":\"standard\"},\"properties\":{" OWNER
		"}}",
		"{\"location\":\"westeurope\"," SKU "}",
		"{\"location\":\"westeurope\"," SKU ",\"properties\":{\"tenantId\":\"" TENANT
		"\"}}",
		"{\"location\":\"westeurope\"," SKU ",\"properties\":{\"tenantId\":\"" TENANT
		"\",\"initialAdminObjectIds\":[\"me\"]}}",
		"{\"location\":\"westeurope\"," SKU ",\"properties\":{\"tenantId\":\"" ADMIN
		"\",\"initialAdminObjectIds\":[\"" ADMIN "\"]}}",
		BODY(",\"enableSoftDelete\":false"),
		BODY(",\"softDeleteRetentionInDays\":91"),
		BODY(",\"publicNetworkAccess\":\"SecuredByPerimeter\""),
		BODY(",\"networkAcls\":{\"bypass\":\"Some\"}"),
		BODY(",\"regions\":{}"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
		demo_refused(demo_arm("PUT", GROUP "/hsm-bad" NOW, bodies[i]), 400, "400", NULL);
		assert_int_equal(demo_arm("GET", GROUP "/hsm-bad" NOW, NULL), 404);
	}
	demo_refused(demo_arm("PUT", GROUP "/hsm-bad" NOW, "{}"), 400, "LocationRequired", NULL);
	demo_refused(demo_arm("PUT", GROUP "/hsm--bad" NOW, BODY("")), 400, "400", NULL);
	demo_refused(demo_arm("GET", GROUP "/hsm-bad" NOW, NULL), 404, "ResourceNotFound",
		"The Resource 'Microsoft.KeyVault/managedHSMs/hsm-bad' under resource group 'rg-hsms' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
}

static void
a_patch_merges_and_protection_only_grows(void **state)
{
	static const char url[] = GROUP "/hsm-patch" NOW;

	(void)state;
	assert_int_equal(demo_arm("PUT", url, BODY("")), 200);
	assert_int_equal(client_number(&demo, "properties.softDeleteRetentionInDays"), 90);
	assert_int_equal(
		demo_arm("PATCH", url,
			"{\"location\":\"westeurope\",\"tags\":{\"a\":\"b\"}," SKU
			",\"properties\":{" OWNER
			",\"softDeleteRetentionInDays\":90,\"enablePurgeProtection\":false}}"),
		200);
	assert_string_equal(client_text(&demo, "tags.a"), "b");
	assert_int_equal(
		demo_arm("PATCH", url,
			"{\"properties\":{\"enablePurgeProtection\":true,\"networkAcls\":{\"defaultAction\":\"Deny\"}}}"),
		200);
	assert_true(json_is_true(client_at(&demo, "properties.enablePurgeProtection")));
	assert_string_equal(client_text(&demo, "properties.networkAcls.defaultAction"), "Deny");
	assert_string_equal(client_text(&demo, "tags.a"), "b");
	demo_refused(demo_arm("PATCH", url, "{\"properties\":{\"enablePurgeProtection\":false}}"),
		400, "400", NULL);
	demo_refused(demo_arm("PATCH", url, "{\"properties\":{\"softDeleteRetentionInDays\":7}}"),
		400, "400", NULL);
	demo_refused(demo_arm("PATCH", url, "{\"sku\":{\"family\":\"B\",\"name\":\"Custom_B6\"}}"),
		400, "400", NULL);
	demo_refused(demo_arm("PATCH", url,
			     "{\"properties\":{\"networkAcls\":{\"defaultAction\":\"Never\"}}}"),
		400, "400", NULL);
	assert_int_equal(demo_arm("PATCH", GROUP "/hsm-none" NOW, "{}"), 404);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	demo_refused(
		demo_arm("POST",
			PROVIDER "locations/westeurope/deletedManagedHSMs/hsm-patch/purge" NOW, ""),
		405, "MethodNotAllowed", NULL);
}

static void
regions_hold_a_pool(void **state)
{
	static const char url[] = GROUP "/hsm-regions" NOW;

	(void)state;
	assert_int_equal(demo_arm("PUT", url, BODY("")), 200);
	demo_refused(demo_arm("PATCH", url,
			     "{\"properties\":{\"regions\":[{\"name\":\"testregion\"}]}}"),
		400, "400", "Invalid region name: testregion passed.");
	assert_int_equal(
		demo_arm("PATCH", url, "{\"properties\":{\"regions\":[{\"name\":\"uksouth\"}]}}"),
		200);
	assert_string_equal(client_text(&demo, "properties.regions.0.name"), "uksouth");
	assert_true(json_is_false(client_at(&demo, "properties.regions.0.isPrimary")));
	assert_int_equal(demo_arm("GET", GROUP "/hsm-regions/regions" NOW, NULL), 200);
	assert_string_equal(client_text(&demo, "value.0.name"), "westeurope");
	assert_true(json_is_true(client_at(&demo, "value.0.isPrimary")));
	assert_string_equal(client_text(&demo, "value.1.name"), "uksouth");
	demo_refused(demo_arm("DELETE", url, NULL), 400, "400",
		"Soft delete of a pool hsm-regions that is extended to regions (uksouth) is not allowed.");
	assert_int_equal(demo_arm("PATCH", url, "{\"properties\":{\"regions\":[]}}"), 200);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
}

static void
a_deleted_hsm_comes_back_or_is_purged(void **state)
{
	static const char url[] = GROUP "/hsm-back" NOW;
	static const char deleted[] =
		PROVIDER "locations/westeurope/deletedManagedHSMs/hsm-back" NOW;
	static const char purge[] =
		PROVIDER "locations/westeurope/deletedManagedHSMs/hsm-back/purge" NOW;

	(void)state;
	assert_int_equal(demo_arm("PUT", url, RECOVER), 404);
	assert_int_equal(demo_arm("PUT", url, BODY(",\"softDeleteRetentionInDays\":7")), 200);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	assert_int_equal(demo_arm("DELETE", url, NULL), 204);
	demo_refused(demo_arm("PUT", url, BODY("")), 409, "ConflictError",
		"A KV MHSM with the same name already exists in deleted state. You need to either recover or purge existing KV MHSM.");
	assert_int_equal(demo_arm("GET", deleted, NULL), 200);
	demo_members("", "id,name,type,properties");
	demo_members("properties",
		"mhsmId,location,tags,deletionDate,scheduledPurgeDate,purgeProtectionEnabled");
	assert_string_equal(client_text(&demo, "type"), "Microsoft.Keyvault/deletedManagedHSMs");
	assert_true(json_is_false(client_at(&demo, "properties.purgeProtectionEnabled")));
	assert_int_equal(strlen(client_text(&demo, "properties.scheduledPurgeDate")), 20);
	assert_int_equal(demo_arm("GET", PROVIDER "deletedManagedHSMs" NOW, NULL), 200);
	assert_non_null(strstr(demo.body, "deletedManagedHSMs/hsm-back"));
	assert_int_equal(demo_arm("PUT", url, RECOVER), 200);
	assert_int_equal(client_number(&demo, "properties.softDeleteRetentionInDays"), 7);
	assert_int_equal(demo_arm("GET", deleted, NULL), 404);
	assert_int_equal(demo_arm("POST", purge, ""), 404);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	assert_int_equal(demo_arm("POST", purge, ""), 202);
	assert_int_equal(demo_arm("GET", deleted, NULL), 404);
	assert_int_equal(demo_arm("PUT", url, BODY("")), 200);
}

static void
names_are_unique_among_hsms(void **state)
{
	static const char check[] = PROVIDER "checkMhsmNameAvailability" NOW;

	(void)state;
	assert_int_equal(demo_arm("PUT", GROUP "/kv-payroll" NOW, BODY("")), 200);
	assert_int_equal(demo_arm("POST", check, "{\"name\":\"KV-payroll\"}"), 200);
	assert_string_equal(client_text(&demo, "reason"), "AlreadyExists");
	assert_string_equal(
		client_text(&demo, "message"), "The name 'KV-payroll' is already in use.");
	assert_int_equal(demo_arm("POST", check, "{\"name\":\"kv-billing\"}"), 200);
	assert_true(json_is_true(client_at(&demo, "nameAvailable")));
	assert_int_equal(demo_arm("POST", check, "{}"), 400);
	demo_refused(
		demo_arm("PUT",
			ARM PRODUCTION
			"/resourceGroups/rg-security/providers/Microsoft.KeyVault/managedHSMs/kv-payroll" NOW,
			BODY("")),
		409, "409", "The name 'kv-payroll' is already in use.");
	assert_int_equal(demo_arm("GET", ARM SECURITY "kv-payroll" NOW, NULL), 200);
	assert_string_equal(client_text(&demo, "type"), "Microsoft.KeyVault/vaults");
}

static void
rights_have_azures_names(void **state)
{
	char secret[64], header[4096];

	(void)state;
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, ARM, header);
	assert_int_equal(client_send(&demo, "GET", PROVIDER "managedHSMs" NOW, header, NULL), 200);
	demo_refused(client_send(&demo, "PUT", GROUP "/hsm-mine" NOW, header, BODY("")), 403,
		"AuthorizationFailed", NULL);
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"'Microsoft.KeyVault/managedHSMs/write' over scope '" PRODUCTION
		"/resourceGroups/rg-hsms/providers/Microsoft.KeyVault/managedHSMs/hsm-mine'"));
	demo_refused(client_send(&demo, "DELETE", GROUP "/hsm-mine" NOW, header, NULL), 403,
		"AuthorizationFailed", NULL);
	demo_refused(
		client_send(&demo, "POST",
			PROVIDER "locations/westeurope/deletedManagedHSMs/x/purge" NOW, header, ""),
		403, "AuthorizationFailed", NULL);
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"'Microsoft.KeyVault/locations/deletedManagedHsms/purge/action'"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_hsm_has_the_recorded_shape),
		cmocka_unit_test(bad_bodies_change_nothing),
		cmocka_unit_test(a_patch_merges_and_protection_only_grows),
		cmocka_unit_test(regions_hold_a_pool),
		cmocka_unit_test(a_deleted_hsm_comes_back_or_is_purged),
		cmocka_unit_test(names_are_unique_among_hsms),
		cmocka_unit_test(rights_have_azures_names),
	};

	return cmocka_run_group_tests(tests, setup, demo_teardown);
}
