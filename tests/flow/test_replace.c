/* From one customer key to another: the grant on the new vault comes before the switch, and what is
 * held on the old one stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/serving.h"

static struct serving world;

static const json_t *
step(const json_t *result, const char *name)
{
	return find(value_at(result, "steps"), "name", name);
}

static void
automation_to_another_vault(void **state)
{
	json_t *old = serving_dump(&world, "vaults", "kv-billing"), *now, *dry;
	const char *cause;

	(void)state;
	dry = serving_plan(
		&world, "replace", "aa-billing", "--key", "kv-archive/cmk-archive", NULL);
	assert_string_equal(text_at(step(dry, "grant"), "state"), "needed");
	assert_non_null(strstr(text_at(step(dry, "grant"), "request.url"), "/kv-archive/"));
	assert_string_equal(text_at(step(dry, "opener"), "state"), "skipped");
	cause = text_at(find(value_at(dry, "findings"), "rule", "old-key-stays"), "cause");
	assert_non_null(strstr(cause, "unwrapKey"));
	assert_non_null(strstr(cause, "on kv-billing"));
	json_decref(dry);
	serving_expect(&world, "aa-billing", "store", "kv-archive");
	serving_expect(&world, "aa-billing", "key", "cmk-archive");
	now = serving_dump(&world, "vaults", "kv-billing");
	assert_true(json_equal(old, now));
	json_decref(old);
	json_decref(now);
}

/* A vault without purge protection, and a key that is made there. */
static void
to_a_key_that_is_made_for_it(void **state)
{
	json_t *dry;

	(void)state;
	dry = serving_plan(&world, "replace", "aa-billing", "--key", "kv-payroll/cmk-next",
		"--create-key", "2048", NULL);
	assert_string_equal(text_at(step(dry, "protect"), "state"), "needed");
	assert_string_equal(text_at(step(dry, "key"), "state"), "needed");
	json_decref(dry);
	serving_expect(&world, "aa-billing", "version", "key:kv-payroll/cmk-next#1");
}

static void
what_is_not_asked_for_stays(void **state)
{
	json_t *dry;

	(void)state;
	dry = serving_plan(
		&world, "replace", "starchive01", "--key", "kv-archive/cmk-export", NULL);
	assert_non_null(
		strstr(text_at(step(dry, "switch"), "request.body.properties.encryption.identity."
						    "userAssignedIdentity"),
			"id-storage"));
	assert_string_equal(text_at(step(dry, "grant"), "state"), "skipped");
	json_decref(dry);
	serving_expect(&world, "starchive01", "key", "cmk-export");
	serving_expect(&world, "starchive01", "mode", "auto");
}

static void
batch_to_another_key(void **state)
{
	(void)state;
	json_decref(serving_run(&world, 0, "onboard", "barender01", "--key",
		"kv-archive/cmk-archive", "--yes", NULL));
	json_decref(serving_plan(
		&world, "replace", "barender01", "--key", "kv-billing/cmk-billing", NULL));
	serving_expect(&world, "barender01", "version", "key:kv-billing/cmk-billing#3");
	serving_expect(&world, "barender01", "mode", "pinned");
}

/* Storage refuses key and identity in one request. */
static void
storage_with_another_identity_in_two_requests(void **state)
{
	json_t *identity, *dry;

	(void)state;
	json_decref(serving_run(&world, 0, "onboard", "stledger01", "--key",
		"kv-archive/cmk-export", "--yes", NULL));
	identity = serving_run(
		&world, 0, "identity", "list", "--query", "[?name=='id-storage']|[0]", NULL);
	json_decref(serving_run(&world, 0, "identity", "assign", "stledger01", "--user-identity",
		text_at(identity, "id"), "--yes", NULL));
	dry = serving_plan(&world, "replace", "stledger01", "--key", "kv-archive/cmk-archive",
		"--user-identity", text_at(identity, "id"), NULL);
	assert_string_equal(
		text_at(step(dry, "switch"), "request.body.properties.encryption.identity."
					     "userAssignedIdentity"),
		"");
	assert_string_equal(
		text_at(step(dry, "opener"), "request.body.properties.encryption.identity."
					     "userAssignedIdentity"),
		text_at(identity, "id"));
	json_decref(dry);
	serving_expect(&world, "stledger01", "key", "cmk-archive");
	serving_expect(&world, "stledger01", "identity", text_at(identity, "id"));
	json_decref(identity);
}

static void
what_cannot_be_is_refused(void **state)
{
	(void)state;
	serving_refuses(&world, "not-onboarded", "claviger onboard", "replace", "aa-payroll",
		"--key", "kv-archive/cmk-archive", "--yes", NULL);
	serving_refuses(&world, "key-not-rsa", "cmk-ec", "replace", "aa-billing", "--key",
		"kv-payroll/cmk-ec", "--yes", NULL);
	serving_refuses(&world, "ManagedHsm", "Key Vault only", "replace", "aa-billing", "--key",
		"hsm-core/cmk-hsm", "--yes", NULL);
	serving_refuses(&world, "used-key-unusable", "unwrapKey", "replace", "stexport01", "--key",
		"kv-billing/cmk-billing", "--yes", NULL);
	serving_expect(&world, "stexport01", "key", "cmk-export");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(automation_to_another_vault),
		cmocka_unit_test(to_a_key_that_is_made_for_it),
		cmocka_unit_test(what_is_not_asked_for_stays),
		cmocka_unit_test(batch_to_another_key),
		cmocka_unit_test(storage_with_another_identity_in_two_requests),
	};
	int failed;

	serving_start(&world);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
