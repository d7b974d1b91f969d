/* Going on and going back where that is not simply the same steps once more: what an operation has
 * made itself, what was nothing before, and what cannot be gone back on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/knife.h"
#include "tests/fixtures/serving.h"

static struct serving world;

static void
last_operation(char id[40])
{
	json_t *list = serving_run(&world, 0, "operations", NULL);

	snprintf(id, 40, "%s",
		text_at(json_array_get(list, json_array_size(list) - 1), "operation"));
	json_decref(list);
}

static json_t *
again(const char *verb, int code)
{
	char id[40];

	last_operation(id);
	return serving_run(&world, code, verb, id, "--yes", NULL);
}

/* Killed once Azure has made the account: it is no other's that is in the way. */
static void
an_account_that_it_made_is_its_own(void **state)
{
	const char *const words[] = {world.place.sandbox, "account", "create", "batch", "bamade01",
		"-g", "rg-finance", "--location", "westeurope", "--key", "kv-billing/cmk-billing",
		"--yes", NULL};
	const struct cut made = {2, CUT_SENT};
	int code;

	(void)state;
	assert_true(knife_run(words, &made, &code));
	json_decref(again("resume", 0));
	serving_expect(&world, "bamade01", "key", "cmk-billing");
}

/* It stays, and so it must not stay on a key that it has lost its rights on. */
static void
an_account_made_with_its_key_goes_back_to_microsofts(void **state)
{
	json_t *list = serving_run(&world, 0, "identity", "list", NULL), *done, *steps;

	(void)state;
	json_decref(serving_run(&world, 0, "account", "create", "storage", "stmade01", "-g",
		"rg-finance", "--location", "westeurope", "--key", "kv-billing/cmk-billing",
		"--user-identity", text_at(find(list, "name", "id-storage"), "id"), "--auto",
		"--yes", NULL));
	json_decref(list);
	done = again("rollback", 0);
	assert_string_equal(text_at(done, "state"), "rolled-back");
	steps = value_at(done, "steps");
	assert_string_equal(text_at(find(steps, "name", "create"), "note"),
		"undone; the account stays, on Microsoft's keys");
	json_decref(done);
	serving_expect(&world, "stmade01", "keySource", "Microsoft");
}

/* Killed when its identity had got the rights and nothing else was done: nobody loses data. */
static void
an_account_that_was_not_made_is_not_cut_off(void **state)
{
	json_t *list = serving_run(&world, 0, "identity", "list", NULL);
	const char *const words[] = {world.place.sandbox, "account", "create", "batch", "bamade02",
		"-g", "rg-finance", "--location", "westeurope", "--key", "kv-billing/cmk-billing",
		"--user-identity", text_at(find(list, "name", "id-batch"), "id"), "--yes", NULL};
	const struct cut granted = {3, CUT_AFTER};
	json_t *done;
	int code;

	(void)state;
	assert_true(knife_run(words, &granted, &code));
	json_decref(list);
	done = again("rollback", 0);
	assert_string_equal(text_at(done, "state"), "rolled-back");
	assert_string_equal(
		text_at(find(value_at(done, "steps"), "name", "grant"), "note"), "undone");
	json_decref(done);
}

static void
a_policy_that_was_none_is_none_again(void **state)
{
	json_t *shown;

	(void)state;
	json_decref(serving_run(&world, 0, "key", "rotation-policy", "kv-payroll/cmk-payroll",
		"--every", "P90D", "--expire", "P2Y", "--yes", NULL));
	json_decref(again("rollback", 0));
	shown = serving_run(&world, 0, "key", "rotation-policy", "kv-payroll/cmk-payroll", NULL);
	assert_true(json_is_null(value_at(shown, "every")));
	assert_true(json_is_null(value_at(shown, "expire")));
	json_decref(shown);
}

/* Else it would be a cut that nobody was asked about. */
static void
a_restore_is_not_rolled_back(void **state)
{
	char id[40];

	(void)state;
	json_decref(serving_run(&world, 0, "revoke", "kv-archive/cmk-archive", "--yes",
		"--confirm=cmk-archive", NULL));
	json_decref(serving_run(&world, 0, "restore", "kv-archive/cmk-archive", "--yes", NULL));
	last_operation(id);
	serving_refuses(&world, id, "claviger revoke", "rollback", id, "--yes", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_that_it_made_is_its_own),
		cmocka_unit_test(an_account_made_with_its_key_goes_back_to_microsofts),
		cmocka_unit_test(an_account_that_was_not_made_is_not_cut_off),
		cmocka_unit_test(a_policy_that_was_none_is_none_again),
		cmocka_unit_test(a_restore_is_not_rolled_back),
	};
	int failed;

	serving_start(&world);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
