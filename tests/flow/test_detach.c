/* Back to Microsoft's keys, on each service: the data stay readable, identities and rights stay,
 * and a key that cannot be used is no way out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/serving.h"

static struct serving world;

/* Detaches; account and vault but for the key are then as they were. */
static void
detach(const char *account, const char *vault, const char *source)
{
	json_t *was = serving_dump(&world, "accounts", account);
	json_t *vault_was = serving_dump(&world, "vaults", vault);
	json_t *dry = serving_plan(&world, "detach", account, NULL);
	json_t *is = serving_dump(&world, "accounts", account);
	json_t *vault_is = serving_dump(&world, "vaults", vault);

	assert_string_equal(
		text_at(dry, "steps.1.request.body.properties.encryption.keySource"), source);
	assert_true(json_equal(vault_was, vault_is));
	assert_string_equal(text_at(is, "encryption.keySource"), "Microsoft");
	assert_string_equal(text_at(is, "identity"), text_at(was, "identity"));
	assert_true(json_equal(
		value_at(is, "userAssignedIdentities"), value_at(was, "userAssignedIdentities")));
	json_decref(was);
	json_decref(vault_was);
	json_decref(dry);
	json_decref(is);
	json_decref(vault_is);
}

static void
each_service_goes_back(void **state)
{
	json_t *done;

	(void)state;
	json_decref(serving_run(&world, 0, "onboard", "barender01", "--key",
		"kv-archive/cmk-archive", "--yes", NULL));
	detach("barender01", "kv-archive", "Microsoft.Batch");
	detach("starchive01", "kv-archive", "Microsoft.Storage");
	detach("aa-billing", "kv-billing", "Microsoft.Automation");
	done = serving_run(&world, 0, "detach", "stledger01", "--yes", NULL);
	assert_string_equal(text_at(done, "state"), "unchanged");
	json_decref(done);
}

static void
it_says_that_it_is_no_cut(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "detach", "--help", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "no cut"));
	assert_non_null(strstr(ran.out, "onboard"));
	ran_free(&ran);
}

static void
not_with_a_key_that_cannot_be_used(void **state)
{
	json_t *was = serving_dump(&world, "accounts", "stexport01"), *is;

	(void)state;
	serving_refuses(
		&world, "used-key-unusable", "unwrapKey", "detach", "stexport01", "--yes", NULL);
	is = serving_dump(&world, "accounts", "stexport01");
	assert_true(json_equal(was, is));
	json_decref(was);
	json_decref(is);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_says_that_it_is_no_cut),
		cmocka_unit_test(not_with_a_key_that_cannot_be_used),
		cmocka_unit_test(each_service_goes_back),
	};
	int failed;

	serving_start(&world);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
