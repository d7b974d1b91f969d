/* The demo estate as the lists show it; that posture finds what was planted there, and nothing
 * else, is in test_posture.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/fixtures/run.h"

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
	place_seed(&place);
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
		cmocka_unit_test(missing_right),
		cmocka_unit_test(sound),
		cmocka_unit_test(roles),
		cmocka_unit_test(identities),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
