/* The vocabulary of Azure: resource ids, key URIs, permissions, clouds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/azure/cloud.h"
#include "backend/azure/keyid.h"
#include "backend/azure/perm.h"
#include "backend/base/text.h"

#define SUB "/subscriptions/00000000-0000-0000-0000-00000000000a"
#define CHINESE SUB "/resourceGroups/财务部/providers/Microsoft.Batch/batchAccounts/ba"
#define ACCOUNT \
	SUB "/resourceGroups/rg-finance/providers/Microsoft.Automation/automationAccounts/aa"

static void
ids_round_trip(void **state)
{
	char out[ARMID_MAX];
	struct armid a, b;
	struct err err;

	(void)state;
	assert_true(armid_parse(&a, ACCOUNT, &err));
	assert_string_equal(a.subscription, "00000000-0000-0000-0000-00000000000a");
	assert_string_equal(a.group, "rg-finance");
	assert_string_equal(a.type, "Microsoft.Automation/automationAccounts");
	assert_string_equal(a.name, "aa");
	assert_string_equal(armid_print(&a, out), ACCOUNT);
	assert_true(armid_parse(&b,
		SUB
		"/resourcegroups/RG-Finance/providers/microsoft.automation/AutomationAccounts/AA",
		&err));
	assert_true(armid_same(&a, &b));
	b.name[0] = 'x';
	assert_false(armid_same(&a, &b));
	assert_true(armid_is_name("aa") && armid_is_group("财务部"));
	assert_false(armid_is_name("") || armid_is_name("a/b") || armid_is_name("财务部"));
	assert_false(armid_is_group("") || armid_is_group("rg\x1b") || armid_is_group("a/b"));
	assert_true(armid_parse(&a, CHINESE, &err));
	assert_string_equal(a.group, "财务部");
	assert_string_equal(armid_print(&a, out), CHINESE);
}

static void
bad_ids_name_the_part(void **state)
{
	static const struct {
		const char *id, *says;
	} bad[] = {
		{"", "/subscriptions/GUID"},
		{"/subscriptions/abc/resourceGroups/g/providers/N/t/n", "/subscriptions/GUID"},
		{SUB, "/resourceGroups/NAME"},
		{SUB "/resourceGroups//providers/N/t/n", "/resourceGroups/NAME"},
		{SUB "/resourceGroups/g", "/providers/NAMESPACE"},
		{SUB "/resourceGroups/g/providers/N/t", "/providers/NAMESPACE"},
		{SUB "/resourceGroups/g/providers/N/t/n/more", "/providers/NAMESPACE"},
		{SUB "/resourceGroups/g/providers/N/t/n?x=1", "character"},
		{SUB "/resourceGroups/g\n/providers/N/t/n", "character"},
		{SUB "/resourceGroups/g/providers/N/t/\xe2\x80\xaen", "character"},
		{SUB "/resourceGroups/\xe2\x80\xaeg/providers/N/t/n", "character"},
		{SUB "/resourceGroups/\xc3g/providers/N/t/n", "character"},
		{SUB "/resourceGroups/财 务/providers/N/t/n", "character"},
	};
	struct armid id;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(armid_parse(&id, bad[i].id, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		if (!strstr(err.msg, bad[i].says))
			fail_msg("'%s' said: %s", bad[i].id, err.msg);
	}
}

static void
key_uris_round_trip(void **state)
{
	static const char uri[] =
		"https://kv1.vault.azure.net/keys/cmk/7c73556c521340209371eaf623cc099d";
	char out[KEYID_MAX];
	struct keyid id;
	struct err err;

	(void)state;
	assert_true(keyid_parse(&id, uri, &clouds[0], &err));
	assert_string_equal(id.vault, "kv1");
	assert_string_equal(id.host, "kv1.vault.azure.net");
	assert_string_equal(id.key, "cmk");
	assert_string_equal(id.version, "7c73556c521340209371eaf623cc099d");
	assert_false(id.hsm);
	assert_string_equal(keyid_print(&id, out), uri);

	assert_true(
		keyid_parse(&id, "https://KV1.vault.azure.net:443/keys/cmk/", &clouds[0], &err));
	assert_string_equal(id.version, "");
	assert_string_equal(id.host, "kv1.vault.azure.net");
	assert_string_equal(id.vault, "kv1");
	assert_true(keyid_parse(&id, "https://hsm1.managedhsm.azure.net/keys/k", &clouds[0], &err));
	assert_true(id.hsm);
	assert_true(keyid_parse(&id, "https://kv1.vault.azure.cn/keys/k", &clouds[1], &err));
	assert_true(keyid_parse_vault(&id, "https://kv1.vault.azure.net/", &clouds[0], &err));
	assert_string_equal(id.vault, "kv1");
}

static void
foreign_key_uris_are_refused(void **state)
{
	static const char *const bad[] = {
		"http://kv1.vault.azure.net/keys/k",
		"https://kv1.vault.azure.net.example.com/keys/k",
		"https://example.com/keys/k?x=.vault.azure.net",
		"https://user@kv1.vault.azure.net/keys/k",
		"https://a.b.vault.azure.net/keys/k",
		"https://.vault.azure.net/keys/k",
		"https://vault.azure.net/keys/k",
		"https://kv1.vault.azure.net",
		"https://kv1.vault.azure.net/secrets/k",
		"https://kv1.vault.azure.net/keys/",
		"https://kv1.vault.azure.net/keys/k/xyz",
		"https://kv1.vault.azure.net/keys/k/7c73556c521340209371eaf623cc099d/more",
		"https://kv1.vault.azure.net/keys/k%20",
		"https://kv\xe2\x80\xae.vault.azure.net/keys/k",
		"https://kv1.vault.azure.net.evil.example/keys/k",
		"https://kv1.vault.azure.net@evil.example/keys/k",
		"https://kv1:pw@kv1.vault.azure.net/keys/k",
		"https://kv1.vault.azure.net:8443/keys/k",
		"https://kv1.vault.azure.net:0443/keys/k",
		"https://kv1.vault.azure.net:/keys/k",
		"https://kv1.vault.azure.net./keys/k",
		"https://kv1.vault.azure.net\\.evil.example/keys/k",
		"https://kv1%2evault.azure.net/keys/k",
		"https://kv1\xe3\x80\x82vault.azure.net/keys/k",
		"https://kv\xd0\xb0.vault.azure.net/keys/k",
		"https://xn--kv-6kc.vault.azure.net/keys/k",
		"https://-kv1.vault.azure.net/keys/k",
		"https://kv1vault.azure.net/keys/k",
		"https://kv1.vault.azure.cn.vault.azure.net/keys/k",
		"https://hsm1.managedhsm.azure.net.evil.example/keys/k",
		"https://evilmanagedhsm.azure.net/keys/k",
		" https://kv1.vault.azure.net/keys/k",
		"https:/kv1.vault.azure.net/keys/k",
		"//kv1.vault.azure.net/keys/k",
		"",
	};
	struct keyid id;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (keyid_parse(&id, bad[i], &clouds[0], &err))
			fail_msg("took %s", bad[i]);
	assert_false(
		keyid_parse_vault(&id, "https://kv1.vault.azure.net/keys/k", &clouds[0], &err));
}

static void
another_cloud_is_named(void **state)
{
	struct cloud custom = {.name = "Mine", .vault_suffix = ".vault.mine.example"};
	struct keyid id;
	struct err err;

	(void)state;
	assert_false(keyid_parse(&id, "https://kv1.vault.azure.cn/keys/k", &clouds[0], &err));
	assert_string_equal(err.code, "WrongCloud");
	assert_string_equal(err.msg,
		"kv1.vault.azure.cn is a vault of AzureChinaCloud; the profile's cloud is AzureCloud: use a profile of that cloud");
	assert_false(keyid_parse(
		&id, "https://hsm1.managedhsm.usgovcloudapi.net/keys/k", &clouds[1], &err));
	assert_string_equal(err.msg,
		"hsm1.managedhsm.usgovcloudapi.net is a Managed HSM of AzureUSGovernment; the profile's cloud is AzureChinaCloud: use a profile of that cloud");
	assert_false(keyid_parse_vault(&id, "https://KV1.vault.azure.net/", &custom, &err));
	assert_non_null(strstr(err.msg, "AzureCloud; the profile's cloud is Mine"));
	assert_false(
		keyid_parse_vault(&id, "https://kv\x1b[31m.vault.azure.cn/", &clouds[0], &err));
	assert_null(strchr(err.msg, 0x1b));
	/* A cloud without Managed HSM has none on any host. */
	assert_false(keyid_parse(&id, "https://localhost/keys/k", &custom, &err));
	assert_true(keyid_parse(&id, "https://kv1.vault.mine.example/keys/k", &custom, &err));
	assert_false(id.hsm);
}

static void
names_follow_the_rules(void **state)
{
	(void)state;
	assert_true(keyid_is_vault_name("kv-payroll"));
	assert_false(keyid_is_vault_name("kv"));
	assert_false(keyid_is_vault_name("kv_payroll"));
	assert_false(keyid_is_vault_name("kv--payroll"));
	assert_false(keyid_is_vault_name("-kv"));
	assert_false(keyid_is_vault_name("kv-"));
	assert_false(keyid_is_vault_name("a23456789012345678901234x"));
	assert_true(keyid_is_key_name("k"));
	assert_false(keyid_is_key_name(""));
	assert_false(keyid_is_key_name("k/1"));
	assert_true(keyid_is_version("7c73556c521340209371eaf623cc099d"));
	assert_false(keyid_is_version("7c73556c521340209371eaf623cc099"));
}

static void
permissions_are_sets(void **state)
{
	perm_set four = PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP;
	char out[256];

	(void)state;
	assert_int_equal(perm_parse("WrapKey"), PERM_WRAP);
	assert_int_equal(perm_parse("frobnicate"), 0);
	assert_string_equal(perm_name(PERM_UNWRAP), "unwrapKey");
	assert_string_equal(perm_print(four, out, sizeof out), "get recover wrapKey unwrapKey");
	assert_string_equal(perm_print(0, out, sizeof out), "");
	assert_int_equal(perm_effective(PERM_ALL) & four, four);
	assert_int_equal(perm_effective(PERM_ALL) & PERM_PURGE, 0);
	assert_int_equal(perm_effective(PERM_GET), PERM_GET);
	for (size_t i = 0; perm_at(i); i++)
		assert_int_equal(perm_parse(perm_name(perm_at(i))), perm_at(i));
}

static void
clouds_are_known_by_name_and_host(void **state)
{
	(void)state;
	assert_int_equal(clouds_len, 3);
	assert_ptr_equal(cloud_find("azurechinacloud"), &clouds[1]);
	assert_null(cloud_find("AzureMoonCloud"));
	assert_ptr_equal(cloud_of_host("kv.vault.usgovcloudapi.net"), &clouds[2]);
	assert_null(cloud_of_host("kv.example.com"));
	for (size_t i = 0; i < clouds_len; i++) {
		assert_true(text_case_starts(clouds[i].authority, "https://"));
		assert_int_equal(clouds[i].vault_suffix[0], '.');
		assert_string_equal(
			clouds[i].vault_audience + strlen("https://"), clouds[i].vault_suffix + 1);
		assert_string_equal(
			clouds[i].hsm_audience + strlen("https://"), clouds[i].hsm_suffix + 1);
		assert_true(text_case_starts(clouds[i].blob_suffix, ".blob.core."));
		assert_string_equal(clouds[i].storage_audience, "https://storage.azure.com/");
		assert_true(text_case_starts(clouds[i].graph, "https://"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_round_trip),
		cmocka_unit_test(bad_ids_name_the_part),
		cmocka_unit_test(key_uris_round_trip),
		cmocka_unit_test(foreign_key_uris_are_refused),
		cmocka_unit_test(another_cloud_is_named),
		cmocka_unit_test(names_follow_the_rules),
		cmocka_unit_test(permissions_are_sets),
		cmocka_unit_test(clouds_are_known_by_name_and_host),
	};

	return cmocka_run_group_tests_name("azure", tests, NULL, NULL);
}
