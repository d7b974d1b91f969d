/* Protecting a vault: for good, and nothing else of it changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/serving.h"

static struct serving world;

static void
it_is_switched_on_and_stays(void **state)
{
	json_t *was = serving_dump(&world, "vaults", "kv-payroll"), *is, *dry;

	(void)state;
	assert_true(json_is_false(json_object_get(was, "purgeProtection")));
	dry = serving_plan(&world, "protect", "kv-payroll", NULL);
	assert_string_equal(text_at(dry, "steps.1.request.method"), "PATCH");
	assert_true(json_is_true(
		value_at(dry, "steps.1.request.body.properties.enablePurgeProtection")));
	assert_string_equal(
		text_at(find(value_at(dry, "findings"), "rule", "purge-protection-off"), "effect"),
		"mended");
	is = serving_dump(&world, "vaults", "kv-payroll");
	json_object_set_new(was, "purgeProtection", json_true());
	assert_true(json_equal(was, is));
	json_decref(was);
	json_decref(is);
	json_decref(dry);
}

static void
what_is_protected_is_left_alone(void **state)
{
	static const char *const vaults[] = {"kv-billing", "kv-rbac", "hsm-core"};

	(void)state;
	for (size_t i = 0; i < sizeof vaults / sizeof *vaults; i++) {
		json_t *done = serving_run(&world, 0, "protect", vaults[i], "--yes", NULL);

		assert_string_equal(text_at(done, "state"), "unchanged");
		json_decref(done);
	}
}

static void
a_vault_that_is_gone_is_not_found(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, world.place.sandbox, "protect", "kv-gone", "--yes", "-o", "none", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "kv-gone", NULL);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_switched_on_and_stays),
		cmocka_unit_test(what_is_protected_is_left_alone),
		cmocka_unit_test(a_vault_that_is_gone_is_not_found),
	};
	int failed;

	serving_start(&world);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
