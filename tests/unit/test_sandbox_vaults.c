/* Key vaults through the resource manager: shapes, what is refused, deletion and what comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "backend/sandbox/rows/vaults.h"
#include "tests/fixtures/sandbox_client.h"

#define GROUP ARM PRODUCTION "/resourceGroups/rg-vaults/providers/Microsoft.KeyVault/vaults"
#define PROVIDER ARM PRODUCTION "/providers/Microsoft.KeyVault/"
#define NOW "?api-version=2023-07-01"
#define SOMEBODY "3bf6e9d4-80a5-4127-9c4e-7d903fab6c13"
#define CORE "\"tenantId\":\"" TENANT "\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"}"
#define BODY(more) "{\"location\":\"westeurope\",\"properties\":{" CORE more "}}"
#define NO_POLICIES ",\"accessPolicies\":[]"
#define ONE_POLICY                                                                   \
	",\"accessPolicies\":[{\"tenantId\":\"" TENANT "\",\"objectId\":\"" SOMEBODY \
	"\",\"permissions\":{\"keys\":[\"get\",\"wrapKey\"]}}]"
#define RECOVER "{\"location\":\"westeurope\",\"properties\":{" CORE ",\"createMode\":\"recover\"}}"

static int
setup(void **state)
{
	demo_setup(state);
	return demo_arm("PUT", ARM PRODUCTION "/resourcegroups/rg-vaults?api-version=2022-09-01",
		       "{\"location\":\"westeurope\"}") == 201
		       ? 0
		       : -1;
}

static void
a_vault_has_the_recorded_shape(void **state)
{
	static const char url[] = GROUP "/kv-Shape";

	(void)state;
	assert_int_equal(demo_arm("PUT", GROUP "/kv-Shape" NOW,
				 BODY(NO_POLICIES ",\"networkAcls\":{\"bypass\":\"AzureServices\","
						  "\"defaultAction\":\"Allow\"}")),
		200);
	demo_members("", "id,name,type,location,tags,systemData,properties");
	demo_members("properties",
		"sku,tenantId,accessPolicies,enabledForDeployment,enableSoftDelete,"
		"softDeleteRetentionInDays,vaultUri,provisioningState,publicNetworkAccess");
	assert_string_equal(client_text(&demo, "id"), PRODUCTION
		"/resourceGroups/rg-vaults/providers/Microsoft.KeyVault/vaults/kv-Shape");
	assert_string_equal(client_text(&demo, "type"), "Microsoft.KeyVault/vaults");
	assert_string_equal(
		client_text(&demo, "properties.vaultUri"), "https://kv-shape.vault.azure.net/");
	assert_string_equal(client_text(&demo, "properties.provisioningState"), "Succeeded");
	assert_string_equal(client_text(&demo, "properties.publicNetworkAccess"), "Enabled");
	assert_int_equal(client_number(&demo, "properties.softDeleteRetentionInDays"), 90);
	assert_int_equal(json_object_size(client_at(&demo, "tags")), 0);
	assert_string_equal(client_text(&demo, "systemData.createdByType"), "Application");
	assert_string_equal(client_text(&demo, "systemData.createdBy"), OPERATOR);
	assert_int_equal(demo_arm("PATCH", GROUP "/KV-SHAPE" NOW,
				 "{\"properties\":{\"enabledForDiskEncryption\":true,"
				 "\"sku\":{\"family\":\"A\",\"name\":\"Premium\"}}}"),
		200);
	assert_true(json_is_true(client_at(&demo, "properties.enabledForDiskEncryption")));
	assert_string_equal(client_text(&demo, "properties.sku.name"), "premium");
	demo_refused(demo_arm("PATCH", GROUP "/kv-Shape" NOW,
			     "{\"properties\":{\"sku\":{\"family\":\"B\",\"name\":\"standard\"}}}"),
		400, "BadRequest", "An invalid value was provided for 'sku'.");
	demo_refused(demo_arm("GET", url, NULL), 400, "MissingApiVersionParameter", NULL);
	demo_refused(demo_arm("GET", GROUP "/kv-Shape?api-version=2022-01-01", NULL), 400,
		"NoRegisteredProviderFound", NULL);
}

static void
a_put_replaces(void **state)
{
	(void)state;
	demo_refused(demo_arm("PUT", GROUP "/kv-put" NOW, BODY("")), 400, "BadRequest",
		"The parameter accessPolicies is not specified.");
	assert_int_equal(demo_arm("GET", GROUP "/kv-put" NOW, NULL), 404);
	demo_refused(
		demo_arm("PUT", GROUP "/kv-put" NOW,
			"{\"location\":\"westeurope\",\"properties\":{\"accessPolicies\":[]}}"),
		400, "BadRequest", "The parameter tenantId is not specified.");
	demo_refused(demo_arm("PUT", GROUP "/kv-put" NOW,
			     "{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" SOMEBODY
			     "\",\"accessPolicies\":[]}}"),
		400, "BadRequest", "An invalid value was provided for 'tenantId'.");
	assert_int_equal(
		demo_arm("PUT", GROUP "/kv-put" NOW,
			"{\"location\":\"West Europe\",\"tags\":{\"a\":\"b\"},\"properties\":{" CORE
				ONE_POLICY
			",\"networkAcls\":{\"defaultAction\":\"Deny\"},\"enablePurgeProtection\":true}}"),
		200);
	assert_string_equal(
		client_text(&demo, "properties.accessPolicies.0.permissions.keys.1"), "wrapKey");
	demo_refused(demo_arm("PUT", GROUP "/kv-put" NOW,
			     "{\"location\":\"eastus\",\"properties\":{" CORE NO_POLICIES "}}"),
		409, "InvalidResourceLocation", NULL);
	assert_int_equal(demo_arm("PUT", GROUP "/kv-put" NOW, BODY(NO_POLICIES)), 200);
	assert_int_equal(json_array_size(client_at(&demo, "properties.accessPolicies")), 0);
	assert_int_equal(json_object_size(client_at(&demo, "tags")), 0);
	assert_null(client_at(&demo, "properties.networkAcls"));
	assert_true(json_is_true(client_at(&demo, "properties.enablePurgeProtection")));
}

static void
the_permission_model_follows_the_version(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("PUT", GROUP "/kv-model-old?api-version=2025-05-01", BODY(NO_POLICIES)),
		200);
	assert_null(client_at(&demo, "properties.enableRbacAuthorization"));
	assert_int_equal(
		demo_arm("PUT", GROUP "/kv-model-new?api-version=2026-02-01", BODY("")), 200);
	assert_true(json_is_true(client_at(&demo, "properties.enableRbacAuthorization")));
	assert_int_equal(json_array_size(client_at(&demo, "properties.accessPolicies")), 0);
	assert_int_equal(
		demo_arm("PUT", GROUP "/kv-model-old?api-version=2026-02-01", BODY(NO_POLICIES)),
		200);
	assert_null(client_at(&demo, "properties.enableRbacAuthorization"));
	assert_int_equal(demo_arm("PATCH", GROUP "/kv-model-new" NOW,
				 "{\"properties\":{\"enableRbacAuthorization\":false}}"),
		200);
	assert_true(json_is_false(client_at(&demo, "properties.enableRbacAuthorization")));
	assert_int_equal(demo_arm("PUT", GROUP "/kv-model-no?api-version=2026-02-01",
				 BODY(NO_POLICIES ",\"enableRbacAuthorization\":false")),
		200);
	assert_true(json_is_false(client_at(&demo, "properties.enableRbacAuthorization")));
}

static void
protection_only_grows(void **state)
{
	static const char url[] = GROUP "/kv-guard" NOW;

	(void)state;
	demo_refused(demo_arm("PUT", url, BODY(NO_POLICIES ",\"enablePurgeProtection\":false")),
		400, "BadRequest",
		"The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.");
	demo_refused(demo_arm("PUT", url, BODY(NO_POLICIES ",\"softDeleteRetentionInDays\":6")),
		400, "BadRequest",
		"The property \"softDeleteRetentionInDays\" must be between 7 and 90.");
	demo_refused(demo_arm("PUT", url, BODY(NO_POLICIES ",\"softDeleteRetentionInDays\":\"9\"")),
		400, "BadRequest", NULL);
	assert_int_equal(
		demo_arm("PUT", url, BODY(NO_POLICIES ",\"softDeleteRetentionInDays\":7")), 200);
	assert_int_equal(client_number(&demo, "properties.softDeleteRetentionInDays"), 7);
	demo_refused(demo_arm("PATCH", url, "{\"properties\":{\"softDeleteRetentionInDays\":30}}"),
		400, "BadRequest",
		"The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.");
	demo_refused(demo_arm("PATCH", url, "{\"properties\":{\"enableSoftDelete\":false}}"), 400,
		"BadRequest", NULL);
	assert_int_equal(
		demo_arm("PATCH", url, "{\"properties\":{\"enablePurgeProtection\":true}}"), 200);
	assert_int_equal(client_number(&demo, "properties.softDeleteRetentionInDays"), 7);
}

static void
the_firewall_is_kept_as_azure_writes_it(void **state)
{
	static const char url[] = GROUP "/kv-wall" NOW;

	(void)state;
	assert_int_equal(
		demo_arm("PUT", url,
			BODY(NO_POLICIES
				",\"publicNetworkAccess\":\"disabled\",\"networkAcls\":{\"defaultAction\":\"deny\","
				"\"ipRules\":[{\"value\":\"198.51.100.7\"},{\"value\":\"127.0.0.0/8\"}]}")),
		200);
	demo_members("properties.networkAcls", "bypass,defaultAction,ipRules,virtualNetworkRules");
	assert_string_equal(client_text(&demo, "properties.networkAcls.bypass"), "AzureServices");
	assert_string_equal(client_text(&demo, "properties.networkAcls.defaultAction"), "Deny");
	assert_string_equal(
		client_text(&demo, "properties.networkAcls.ipRules.0.value"), "198.51.100.7/32");
	assert_string_equal(
		client_text(&demo, "properties.networkAcls.ipRules.1.value"), "127.0.0.0/8");
	assert_string_equal(client_text(&demo, "properties.publicNetworkAccess"), "Disabled");
	demo_refused(
		demo_arm("PATCH", url,
			"{\"properties\":{\"networkAcls\":{\"ipRules\":[{\"value\":\"x\"}]}}}"),
		400, "BadRequest", "An invalid value was provided for 'networkAcls'.");
	assert_int_equal(
		demo_arm("PATCH", url, "{\"properties\":{\"networkAcls\":\"Deny\"}}"), 400);
	assert_int_equal(
		demo_arm("PATCH", url, "{\"properties\":{\"publicNetworkAccess\":\"Maybe\"}}"),
		400);
	assert_int_equal(
		demo_arm("PATCH", url,
			"{\"properties\":{\"publicNetworkAccess\":\"SecuredByPerimeter\"}}"),
		200);
	assert_string_equal(
		client_text(&demo, "properties.publicNetworkAccess"), "SecuredByPerimeter");
	assert_string_equal(client_text(&demo, "properties.networkAcls.defaultAction"), "Deny");
}

static void
the_firewall_lets_in_whom_it_names(void **state)
{
	static const struct {
		const char *more;
		bool caller, trusted, service;
	} cases[] = {
		{"{}", true, true, true},
		{"{\"networkAcls\":{\"defaultAction\":\"Allow\"}}", true, true, true},
		{"{\"networkAcls\":{\"defaultAction\":\"Deny\"}}", false, true, false},
		{"{\"networkAcls\":{\"defaultAction\":\"Deny\",\"bypass\":\"None\"}}", false, false,
			false},
		{"{\"networkAcls\":{\"defaultAction\":\"Deny\",\"ipRules\":[{\"value\":\"127.0.0.1/32\"}]}}",
			true, true, false},
		{"{\"networkAcls\":{\"defaultAction\":\"Deny\",\"ipRules\":[{\"value\":\"127.0.0.0/8\"}]}}",
			true, true, false},
		{"{\"networkAcls\":{\"defaultAction\":\"Deny\",\"ipRules\":[{\"value\":\"127.0.0.2/32\"}]}}",
			false, true, false},
		{"{\"networkAcls\":{\"defaultAction\":\"Deny\",\"ipRules\":[{\"value\":\"0.0.0.0/0\"}]}}",
			true, true, false},
		{"{\"publicNetworkAccess\":\"Disabled\",\"networkAcls\":{\"defaultAction\":\"Deny\",\"ipRules\":[{\"value\":\"127.0.0.1\"}]}}",
			false, true, false},
		{"{\"publicNetworkAccess\":\"SecuredByPerimeter\",\"networkAcls\":{\"defaultAction\":\"Allow\"}}",
			false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct vault vault = {.more = cases[i].more};

		assert_int_equal(vaults_admits(&vault, VISITOR_CALLER), cases[i].caller);
		assert_int_equal(vaults_admits(&vault, VISITOR_TRUSTED), cases[i].trusted);
		assert_int_equal(vaults_admits(&vault, VISITOR_SERVICE), cases[i].service);
	}
}

static void
names_are_unique_everywhere(void **state)
{
	static const char check[] = PROVIDER "checkNameAvailability" NOW;

	(void)state;
	assert_int_equal(demo_arm("POST", check,
				 "{\"name\":\"kv-nobody\",\"type\":\"Microsoft.KeyVault/vaults\"}"),
		200);
	demo_members("", "nameAvailable");
	assert_true(json_is_true(client_at(&demo, "nameAvailable")));
	assert_int_equal(
		demo_arm("POST", check,
			"{\"name\":\"KV-payroll\",\"type\":\"Microsoft.KeyVault/vaults\"}"),
		200);
	demo_members("", "nameAvailable,reason,message");
	assert_true(json_is_false(client_at(&demo, "nameAvailable")));
	assert_string_equal(client_text(&demo, "reason"), "AlreadyExists");
	assert_string_equal(client_text(&demo, "message"),
		"The vault name 'KV-payroll' is already in use. Vault names are globaly unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name. For more information on soft delete and purging a vault follow this link https://go.microsoft.com/fwlink/?linkid=2147740.");
	assert_int_equal(demo_arm("POST", check,
				 "{\"name\":\"1kv\",\"type\":\"Microsoft.KeyVault/vaults\"}"),
		200);
	assert_string_equal(client_text(&demo, "reason"), "AccountNameInvalid");
	assert_int_equal(demo_arm("POST", check, "{\"name\":\"kv-nobody\"}"), 400);
	demo_refused(demo_arm("PUT", GROUP "/kv-payroll" NOW, BODY(NO_POLICIES)), 409,
		"VaultAlreadyExists", NULL);
	demo_refused(demo_arm("PUT", GROUP "/kv--two" NOW, BODY(NO_POLICIES)), 400,
		"VaultNameNotValid", NULL);
	demo_refused(demo_arm("PUT", GROUP "/kv-two-" NOW, BODY(NO_POLICIES)), 400,
		"VaultNameNotValid", NULL);
}

static void
a_deleted_vault_comes_back_whole(void **state)
{
	static const char url[] = GROUP "/kv-back" NOW;
	char link[1024];

	(void)state;
	demo_refused(demo_arm("PUT", url, RECOVER), 400, "SoftDeletedVaultDoesNotExist", NULL);
	assert_int_equal(
		demo_arm("PUT", url,
			"{\"location\":\"westeurope\",\"tags\":{\"a\":\"b\"},\"properties\":{" CORE
			",\"softDeleteRetentionInDays\":7,\"accessPolicies\":[{\"tenantId\":\"" TENANT
			"\",\"objectId\":\"a5d81e30-4b7c-4f92-8e06-d3c9f1b27406\",\"permissions\":{\"keys\":[\"all\"]}},"
			"{\"tenantId\":\"" TENANT "\",\"objectId\":\"" SOMEBODY
			"\",\"permissions\":{\"keys\":[\"get\"]}}]}}"),
		200);
	demo_refused(demo_arm("PUT", url, RECOVER), 400, "SoftDeletedVaultDoesNotExist", NULL);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	assert_string_equal(demo.body, "");
	assert_int_equal(demo_arm("DELETE", url, NULL), 204);
	demo_refused(demo_arm("GET", url, NULL), 404, "ResourceNotFound",
		"The Resource 'Microsoft.KeyVault/vaults/kv-back' under resource group 'rg-vaults' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix");
	demo_refused(demo_arm("PUT", url, BODY(NO_POLICIES)), 409, "ConflictError",
		"A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.");
	assert_int_equal(
		demo_arm("GET", PROVIDER "locations/westeurope/deletedVaults/KV-back" NOW, NULL),
		200);
	demo_members("", "id,name,type,properties");
	demo_members("properties", "vaultId,location,tags,deletionDate,scheduledPurgeDate");
	assert_string_equal(client_text(&demo, "id"), PRODUCTION
		"/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-back");
	assert_string_equal(client_text(&demo, "type"), "Microsoft.KeyVault/deletedVaults");
	assert_string_equal(client_text(&demo, "properties.vaultId"),
		PRODUCTION "/resourceGroups/rg-vaults/providers/Microsoft.KeyVault/vaults/kv-back");
	assert_string_equal(client_text(&demo, "properties.tags.a"), "b");
	assert_int_equal(strlen(client_text(&demo, "properties.deletionDate")), 20);
	assert_int_equal(client_text(&demo, "properties.scheduledPurgeDate")[19], 'Z');
	assert_int_equal(demo_arm("GET", PROVIDER "deletedVaults" NOW, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 0);
	snprintf(link, sizeof link, "%s", client_text(&demo, "nextLink"));
	assert_non_null(
		strstr(link, PROVIDER "deletedVaults?api-version=2023-07-01&%24skiptoken="));
	assert_int_equal(demo_arm("GET", link, NULL), 200);
	assert_true(json_array_size(client_at(&demo, "value")) >= 1);
	assert_null(client_at(&demo, "nextLink"));
	assert_non_null(strstr(demo.body, "deletedVaults/kv-back"));
	assert_int_equal(demo_arm("PUT", ARM SECURITY "kv-back" NOW, RECOVER), 400);
	assert_int_equal(demo_arm("PUT", url, RECOVER), 200);
	assert_int_equal(json_array_size(client_at(&demo, "properties.accessPolicies")), 2);
	assert_string_equal(client_text(&demo, "tags.a"), "b");
	assert_int_equal(
		demo_arm("GET", PROVIDER "locations/westeurope/deletedVaults/kv-back" NOW, NULL),
		404);
	assert_string_equal(client_text(&demo, "error.code"), "DeletedVaultNotFound");
}

static void
keys_vanish_and_come_back_with_their_vault(void **state)
{
	static const char url[] = ARM SECURITY "kv-payroll" NOW;
	char key[256];

	(void)state;
	assert_int_equal(demo_kv("GET", KEYS V, NULL), 200);
	snprintf(key, sizeof key, "%s" V, client_text(&demo, "value.0.kid"));
	assert_int_equal(demo_kv("GET", key, NULL), 200);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	assert_int_equal(demo_kv("GET", key, NULL), 404);
	assert_int_equal(demo_arm("PUT", url, RECOVER), 200);
	assert_int_equal(demo_kv("GET", key, NULL), 200);
}

static void
purging_frees_the_name(void **state)
{
	static const char purge[] =
		PROVIDER "locations/westeurope/deletedVaults/kv-purge/purge" NOW;
	static const char url[] = GROUP "/kv-purge" NOW;

	(void)state;
	assert_int_equal(demo_arm("POST", purge, ""), 404);
	assert_int_equal(demo_arm("PUT", url, BODY(NO_POLICIES)), 200);
	assert_int_equal(demo_arm("POST", purge, ""), 404);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	assert_int_equal(demo_arm("POST", purge, ""), 200);
	assert_int_equal(demo_arm("POST", purge, ""), 404);
	assert_int_equal(
		demo_arm("PUT", url, BODY(NO_POLICIES ",\"enablePurgeProtection\":true")), 200);
	assert_int_equal(demo_arm("DELETE", url, NULL), 200);
	demo_refused(demo_arm("POST", purge, ""), 405, "MethodNotAllowed",
		"Operation 'DeletedVaultPurge' is not allowed.");
	assert_int_equal(
		demo_arm("GET", PROVIDER "locations/westeurope/deletedVaults/kv-purge" NOW, NULL),
		200);
	assert_true(json_is_true(client_at(&demo, "properties.purgeProtectionEnabled")));
}

static void
lists_come_in_pages(void **state)
{
	static const char list[] = ARM PRODUCTION
		"/resourceGroups/rg-pages/providers/Microsoft.KeyVault/vaults?$top=2&api-version=2023-07-01";
	static const char *const names[] = {"kv-page-1", "kv-page-2", "kv-page-3"};
	char url[512];

	(void)state;
	assert_int_equal(
		demo_arm("PUT", ARM PRODUCTION "/resourcegroups/rg-pages?api-version=2022-09-01",
			"{\"location\":\"westeurope\"}"),
		201);
	for (size_t i = 0; i < 3; i++) {
		snprintf(url, sizeof url,
			ARM PRODUCTION
			"/resourceGroups/rg-pages/providers/Microsoft.KeyVault/vaults/%s" NOW,
			names[i]);
		assert_int_equal(demo_arm("PUT", url, BODY(NO_POLICIES)), 200);
	}
	assert_int_equal(demo_arm("GET", list, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 2);
	assert_string_equal(client_text(&demo, "value.0.properties.sku.name"), "standard");
	snprintf(url, sizeof url, "%s", client_text(&demo, "nextLink"));
	assert_int_equal(demo_arm("GET", url, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_string_equal(client_text(&demo, "value.0.name"), "kv-page-3");
	assert_null(client_at(&demo, "nextLink"));
}

static void
rights_have_azures_names(void **state)
{
	static const struct {
		const char *method, *url, *body, *action;
	} cases[] = {
		{"PUT", ARM SECURITY "kv-payroll" NOW, BODY(NO_POLICIES),
			"'Microsoft.KeyVault/vaults/write'"},
		{"PATCH", ARM SECURITY "kv-payroll" NOW, "{}", "'Microsoft.KeyVault/vaults/write'"},
		{"DELETE", ARM SECURITY "kv-payroll" NOW, NULL,
			"'Microsoft.KeyVault/vaults/delete'"},
		{"PUT", ARM SECURITY "kv-payroll/accessPolicies/add" NOW, "{}",
			"'Microsoft.KeyVault/vaults/accessPolicies/write'"},
		{"POST", PROVIDER "locations/westeurope/deletedVaults/kv-x/purge" NOW, "",
			"'Microsoft.KeyVault/locations/deletedVaults/purge/action'"},
	};
	char secret[64], header[4096];

	(void)state;
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, ARM, header);
	assert_int_equal(
		client_send(&demo, "GET", ARM SECURITY "kv-payroll" NOW, header, NULL), 200);
	assert_int_equal(
		client_send(&demo, "GET", PROVIDER "deletedVaults" NOW, header, NULL), 200);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		demo_refused(
			client_send(&demo, cases[i].method, cases[i].url, header, cases[i].body),
			403, "AuthorizationFailed", NULL);
		assert_non_null(strstr(client_text(&demo, "error.message"), cases[i].action));
	}
}

/* Rows by themselves: what lies on a vault or below it goes, what only begins like it stays. */
static void
deletion_takes_the_roles_along(void **state)
{
	static const char *const scopes[] = {"/V/kv-a", "/V/KV-A/keys/k1", "/V/kv-ab", "/V"};
	char dir[] = "/tmp/claviger-test-XXXXXX", path[64], scope[256];
	struct vault vault = {.name = "kv-a", .location = "westeurope", .soft_delete = true};
	struct err err = {0};
	sqlite3_stmt *stmt;
	struct db *db;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof path, "%s/db", dir);
	db = db_open(path, &err);
	assert_non_null(db);
	snprintf(vault.subscription, sizeof vault.subscription, "s");
	snprintf(vault.group_name, sizeof vault.group_name, "g_1");
	db_begin(db);
	for (size_t i = 0; i < 4; i++) {
		snprintf(scope, sizeof scope,
			"/subscriptions/s/resourceGroups/%s/providers/Microsoft.KeyVault/vaults%s",
			"G_1", scopes[i] + 2);
		db_do(db,
			"INSERT INTO role_assignment(name,scope,principal,principal_type,role,created_by,created_ms)"
			" VALUES('n',?,'p','ServicePrincipal','r','c',0)",
			"t", scope);
	}
	vaults_delete(db, &vault, 1);
	assert_true(db_commit(db));
	db_lock(db);
	stmt = db_ask(
		db, "SELECT group_concat(scope) FROM role_assignment WHERE removed_ms IS NULL", "");
	assert_true(db_next(db, stmt));
	db_copy(stmt, 0, scope, sizeof scope);
	db_done(stmt);
	db_unlock(db);
	assert_null(strstr(scope, "keys"));
	assert_non_null(strstr(scope, "vaults/kv-ab,"));
	db_close(db);
	file_remove_tree(dir);
}

static void
a_slow_sandbox_registers_the_name_first(void **state)
{
	struct sandbox_options options = {.seed = "demo", .lro = 1};
	struct client slow = {.dir = "/tmp/claviger-test-XXXXXX"};
	struct err err = {0};
	char secret[64];

	(void)state;
	assert_non_null(mkdtemp(slow.dir));
	options.state = slow.dir;
	slow.sandbox = sandbox_open(&options, &err);
	assert_non_null(slow.sandbox);
	client_file(&slow, "secret", secret);
	client_sign_in(&slow, OPERATOR, secret, ARM, slow.arm);
	assert_int_equal(
		client_send(&slow, "PUT", ARM SECURITY "kv-slow" NOW, slow.arm, BODY(NO_POLICIES)),
		200);
	assert_string_equal(client_text(&slow, "properties.provisioningState"), "RegisteringDns");
	assert_string_equal(
		client_text(&slow, "properties.vaultUri"), "https://kv-slow.vault.azure.net");
	for (int i = 0; i < 100; i++) {
		client_send(&slow, "GET", ARM SECURITY "kv-slow" NOW, slow.arm, NULL);
		if (strcmp(client_text(&slow, "properties.provisioningState"), "Succeeded") == 0)
			break;
		usleep(50000);
	}
	assert_string_equal(
		client_text(&slow, "properties.vaultUri"), "https://kv-slow.vault.azure.net/");
	client_close(&slow);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vault_has_the_recorded_shape),
		cmocka_unit_test(a_put_replaces),
		cmocka_unit_test(the_permission_model_follows_the_version),
		cmocka_unit_test(protection_only_grows),
		cmocka_unit_test(the_firewall_is_kept_as_azure_writes_it),
		cmocka_unit_test(the_firewall_lets_in_whom_it_names),
		cmocka_unit_test(names_are_unique_everywhere),
		cmocka_unit_test(a_deleted_vault_comes_back_whole),
		cmocka_unit_test(keys_vanish_and_come_back_with_their_vault),
		cmocka_unit_test(purging_frees_the_name),
		cmocka_unit_test(lists_come_in_pages),
		cmocka_unit_test(rights_have_azures_names),
		cmocka_unit_test(deletion_takes_the_roles_along),
		cmocka_unit_test(a_slow_sandbox_registers_the_name_first),
	};

	return cmocka_run_group_tests(tests, setup, demo_teardown);
}
