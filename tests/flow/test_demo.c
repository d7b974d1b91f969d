/* The defects that `claviger help demo` says are planted, row by row against what the lists show of
 * them. A row that nobody looks for here fails the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/flow/run.h"

static struct place place;
static json_t *accounts, *vaults, *keys, *policies;

static json_t *
list(const char *kind)
{
	struct ran ran;
	json_t *root;

	run(&ran, place.sandbox, kind, "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	ran_free(&ran);
	return root;
}

static int
setup(void **state)
{
	(void)state;
	place_make(&place);
	accounts = list("account");
	vaults = list("vault");
	keys = list("key");
	policies = list("policy");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	json_decref(accounts);
	json_decref(vaults);
	json_decref(keys);
	json_decref(policies);
	place_remove(&place);
	return 0;
}

static bool
is_listed(const json_t *array, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(array, i, one) if (strcmp(text_at(one, "name"), name) == 0) return true;
	return false;
}

static void
account_defect(const char *name, const char *rule, const char *severity)
{
	json_t *finding = find(value_at(find(accounts, "name", name), "findings"), "rule", rule);

	assert_string_equal(text_at(finding, "severity"), severity);
}

static void
vault_defect(const char *name, const char *rule, const char *severity)
{
	assert_string_equal(rule, "purge-protection-off");
	assert_string_equal(severity, "high");
	assert_true(json_is_false(value_at(find(vaults, "name", name), "purgeProtection")));
}

/* Neither a deleted vault nor one of another tenant is in the list. */
static void
unlisted(const char *name, const char *rule, const char *severity)
{
	(void)rule;
	(void)severity;
	assert_false(is_listed(vaults, name));
}

static void
key_defect(const char *name, const char *rule, const char *severity)
{
	const json_t *key = find(keys, "name", strchr(name, '/') + 1);

	assert_string_equal(text_at(key, "vault"), "kv-payroll");
	assert_string_equal(severity, "high");
	if (strcmp(rule, "key-not-rsa") == 0)
		assert_string_equal(text_at(key, "kty"), "EC");
	else if (strcmp(rule, "key-expired") == 0)
		assert_true(strlen(text_at(key, "expires")) > 0);
	else
		assert_true(json_is_false(value_at(key, "enabled")));
}

static const struct {
	const char *name;
	void (*look)(const char *name, const char *rule, const char *severity);
} defects[] = {
	{"aa-payroll", account_defect},
	{"aa-billing", account_defect},
	{"aa-guidang", account_defect},
	{"stledger01", account_defect},
	{"stexport01", account_defect},
	{"barender01", account_defect},
	{"balegacy01", account_defect},
	{"kv-payroll", vault_defect},
	{"kv-payroll/cmk-ec", key_defect},
	{"kv-payroll/cmk-old", key_defect},
	{"kv-payroll/cmk-off", key_defect},
	{"kv-gone", unlisted},
	{"kv-fabrikam", unlisted},
};

static void
planted(void **state)
{
	struct ran ran;
	const char *at;
	size_t rows = 0;

	(void)state;
	run(&ran, "help", "demo", NULL);
	ran_expect(&ran, 0);
	at = strstr(ran.out, "PLANTED DEFECTS\n");
	assert_non_null(at);
	for (at = strchr(at, '\n') + 1; *at != '\n'; at = strchr(at, '\n') + 1) {
		char name[40], rule[40], severity[10];
		size_t i = 0;

		assert_int_equal(sscanf(at, " %39s %39s %9s", name, rule, severity), 3);
		while (i < ARRAY_LEN(defects) && strcmp(defects[i].name, name) != 0)
			i++;
		if (i == ARRAY_LEN(defects))
			fail_msg("nobody looks for %s", name);
		defects[i].look(name, rule, severity);
		rows++;
	}
	assert_int_equal(rows, ARRAY_LEN(defects));
	ran_free(&ran);
}

/* What is locked says why in the list of policies, too; strangers' entries are listed as such. */
static void
missing_right(void **state)
{
	json_t *one = find(policies, "principal", "stexport01");

	(void)state;
	assert_string_equal(text_at(one, "vault"), "kv-archive");
	assert_string_equal(text_at(one, "missing.0"), "unwrapKey");
	assert_int_equal(json_array_size(value_at(one, "missing")), 1);
	assert_string_equal(text_at(one, "via"), "policy");
	assert_string_equal(text_at(find(accounts, "name", "stexport01"), "state"), "locked");
}

static void
sound(void **state)
{
	json_t *archive = find(accounts, "name", "starchive01");
	json_t *hsm = find(vaults, "name", "hsm-core");

	(void)state;
	assert_string_equal(text_at(archive, "state"), "ok");
	assert_string_equal(text_at(archive, "mode"), "auto");
	assert_string_equal(text_at(archive, "identity.type"), "UserAssigned");
	assert_int_equal(json_array_size(value_at(archive, "findings")), 0);
	assert_string_equal(text_at(hsm, "kind"), "managedHsm");
	assert_string_equal(text_at(hsm, "grantModel"), "rbac");
	assert_true(json_is_true(value_at(hsm, "purgeProtection")));
	assert_string_equal(text_at(find(keys, "name", "cmk-hsm"), "kty"), "RSA-HSM");
	assert_string_equal(text_at(find(vaults, "name", "kv-rbac"), "grantModel"), "rbac");
}

/* The operator's own role on kv-rbac stands on that vault. */
static void
roles(void **state)
{
	json_t *one = find(policies, "role", "Key Vault Crypto Officer");

	(void)state;
	assert_string_equal(text_at(one, "vault"), "kv-rbac");
	assert_string_equal(text_at(one, "via"), "role");
	assert_true(strlen(text_at(one, "scope")) > 0);
}

static void
identities(void **state)
{
	json_t *all = list("identity");
	json_t *storage = find(all, "name", "id-storage");

	(void)state;
	assert_string_equal(text_at(storage, "usedBy.0"), "starchive01");
	assert_int_equal(json_array_size(value_at(find(all, "name", "id-batch"), "usedBy")), 0);
	json_decref(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(planted),
		cmocka_unit_test(missing_right),
		cmocka_unit_test(sound),
		cmocka_unit_test(roles),
		cmocka_unit_test(identities),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
