/* Vault replies: what absent properties mean, and how access policies add up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/estate/vault.h"

#define ID                                                                                 \
	"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/" \
	"Microsoft.KeyVault/vaults/kv1"
#define ONE "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"
#define TWO "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"

static struct vault
decoded(const char *text)
{
	struct vault out;
	struct err err = {0};
	json_t *json = json_read(text, strlen(text), "test", &err);
	bool ok;

	assert_non_null(json);
	ok = vault_decode(json, &out, &err);
	json_decref(json);
	assert_string_equal(err.msg, "");
	assert_true(ok);
	return out;
}

/* As recorded after `az keyvault set-policy`: two entries, purge protection on, no grant model. */
static void
test_recorded(void **state)
{
	struct vault v = decoded(
		"{\"id\":\"" ID "\",\"name\":\"kv1\",\"location\":\"westus\",\"properties\":{"
		"\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"tenantId\":\"" TWO "\","
		"\"accessPolicies\":[{\"tenantId\":\"" TWO "\",\"objectId\":\"" ONE "\","
		"\"permissions\":{\"keys\":[\"all\"],\"secrets\":[\"all\"]}},{\"tenantId\":\"" TWO
		"\",\"objectId\":\"" TWO "\",\"permissions\":{\"keys\":[\"Get\",\"unwrapkey\","
		"\"teleport\",\"fold\"]}}],\"enableSoftDelete\":true,"
		"\"softDeleteRetentionInDays\":7,\"enablePurgeProtection\":true,"
		"\"vaultUri\":\"https://kv1.vault.azure.net/\",\"provisioningState\":\"Succeeded\","
		"\"publicNetworkAccess\":\"Enabled\"}}");
	struct vault copy;

	(void)state;
	assert_string_equal(v.uri, "https://kv1.vault.azure.net/");
	assert_string_equal(v.sku, "standard");
	assert_int_equal(v.soft_delete, TRI_YES);
	assert_int_equal(v.purge_protection, TRI_YES);
	assert_int_equal(v.retention_days, 7);
	assert_int_equal(v.model, GRANT_POLICIES);
	assert_int_equal(v.policies_len, 2);
	assert_int_equal(v.policies[0].keys, PERM_ALL);
	assert_true(v.policies[0].others);
	assert_false(v.policies[1].others);
	assert_string_equal(v.policies[1].unknown, "teleport fold");
	vault_copy(&copy, &v);
	vault_free(&v);
	assert_int_equal(vault_rights(&copy, TWO), PERM_GET | PERM_UNWRAP);
	assert_true(vault_rights(&copy, ONE) & PERM_RECOVER);
	assert_false(vault_rights(&copy, ONE) & PERM_PURGE);
	assert_int_equal(vault_rights(&copy, "cccccccc-cccc-cccc-cccc-cccccccccccc"), 0);
	assert_int_equal(vault_rights(&copy, ""), 0);
	vault_free(&copy);
}

static void
test_absent(void **state)
{
	struct vault v = decoded("{\"id\":\"" ID "\",\"properties\":{\"accessPolicies\":[]}}");

	(void)state;
	assert_int_equal(v.soft_delete, TRI_YES);
	assert_int_equal(v.purge_protection, TRI_NO);
	assert_int_equal(v.retention_days, 0);
	assert_int_equal(v.model, GRANT_POLICIES);
	assert_string_equal(v.network_default, "");
	vault_free(&v);
	v = decoded("{\"id\":\"" ID "\",\"properties\":{\"enableSoftDelete\":false,"
		    "\"enablePurgeProtection\":null,\"enableRbacAuthorization\":true,"
		    "\"networkAcls\":{\"defaultAction\":\"Deny\",\"bypass\":\"AzureServices\"}}}");
	assert_int_equal(v.soft_delete, TRI_NO);
	assert_int_equal(v.purge_protection, TRI_NO);
	assert_int_equal(v.model, GRANT_RBAC);
	assert_string_equal(v.network_default, "Deny");
	assert_string_equal(v.network_bypass, "AzureServices");
	vault_free(&v);
}

/* An entry for an application on behalf of a principal gives nothing to the principal alone; two
 * entries of one principal add up. */
static void
test_entries(void **state)
{
	struct vault v = decoded(
		"{\"id\":\"" ID "\",\"properties\":{\"accessPolicies\":["
		"{\"objectId\":\"" ONE "\",\"applicationId\":\"" TWO "\",\"permissions\":{\"keys\":"
		"[\"purge\"]}},{\"objectId\":\"" ONE "\",\"permissions\":{\"keys\":[\"get\"]}},"
		"{\"objectId\":\"" ONE "\",\"permissions\":{\"keys\":[\"wrapKey\"]}},"
		"{\"objectId\":\"" TWO "\",\"permissions\":{}},{\"objectId\":\"" TWO "\"}]}}");

	(void)state;
	assert_int_equal(vault_rights(&v, ONE), PERM_GET | PERM_WRAP);
	assert_int_equal(vault_rights(&v, TWO), 0);
	vault_free(&v);
}

static void
refused(const char *text, const char *part)
{
	struct vault out;
	struct err err = {0};
	json_t *json = json_read(text, strlen(text), "test", &err);

	assert_non_null(json);
	assert_false(vault_decode(json, &out, &err));
	json_decref(json);
	if (!strstr(err.msg, part))
		fail_msg("'%s' is not in '%s'", part, err.msg);
}

static void
test_wrong_types(void **state)
{
	(void)state;
	refused("{}", "id");
	refused("{\"id\":\"" ID "\",\"properties\":[]}", "kv1");
	refused("{\"id\":\"" ID "\",\"properties\":{\"enablePurgeProtection\":\"yes\"}}",
		"enablePurgeProtection");
	refused("{\"id\":\"" ID "\",\"properties\":{\"accessPolicies\":{}}}", "accessPolicies");
	refused("{\"id\":\"" ID "\",\"properties\":{\"accessPolicies\":[{\"objectId\":\"" ONE
		"\"},{}]}}",
		"accessPolicies[1]");
	refused("{\"id\":\"" ID "\",\"properties\":{\"accessPolicies\":[{\"objectId\":\"" ONE
		"\",\"permissions\":{\"keys\":[1]}}]}}",
		"permissions.keys");
	refused("{\"id\":\"" ID "\",\"properties\":{\"networkAcls\":\"Deny\"}}", "networkAcls");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_wrong_types),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
