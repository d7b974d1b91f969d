/* One verb for several accounts: side by side, an outcome each, one operation for all of them that
 * can be gone on with and taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"
#include "tests/fixtures/serving.h"

static struct serving serving;

/* The newest operation of the journal: a row of `operations`; the caller gives back *root. */
static const json_t *
last_operation(json_t **root)
{
	*root = serving_run(&serving, 0, "operations", NULL);
	return json_array_get(*root, json_array_size(*root) - 1);
}

static void
expect_states(const json_t *results, const char *state, size_t len)
{
	assert_int_equal(json_array_size(results), len);
	for (size_t i = 0; i < len; i++)
		assert_string_equal(text_at(json_array_get(results, i), "state"), state);
}

static void
a_fleet_is_one_operation(void **state)
{
	json_t *results, *root;
	const json_t *row;
	char of[40], *before, *after;

	(void)state;
	before = place_dump(&serving.place);
	results = serving_run(&serving, 10, "grant", "aa-guidang", "stledger01", "barender01",
		"--vault", "kv-archive", "--dry-run", NULL);
	expect_states(results, "planned", 3);
	assert_true(json_is_null(value_at(results, "0.operation")));
	json_decref(results);
	after = place_dump(&serving.place);
	assert_string_equal(before, after);
	free(after);

	results = serving_run(&serving, 0, "grant", "aa-guidang", "stledger01", "barender01",
		"--vault", "kv-archive", "--yes", NULL);
	expect_states(results, "done", 3);
	snprintf(of, sizeof of, "%s", text_at(results, "0.of"));
	assert_string_equal(text_at(results, "2.of"), of);
	assert_string_not_equal(text_at(results, "0.operation"), text_at(results, "1.operation"));
	json_decref(results);
	row = last_operation(&root);
	assert_string_equal(text_at(row, "operation"), of);
	assert_string_equal(text_at(row, "state"), "done");
	assert_int_equal(json_integer_value(value_at(row, "done")), 3);
	assert_int_equal(json_integer_value(value_at(row, "steps")), 3);
	json_decref(root);

	results = serving_run(&serving, 0, "resume", of, "--yes", NULL);
	expect_states(results, "unchanged", 3);
	json_decref(results);
	results = serving_run(&serving, 10, "rollback", of, "--dry-run", NULL);
	json_decref(results);
	results = serving_run(&serving, 0, "rollback", of, "--yes", NULL);
	expect_states(results, "rolled-back", 3);
	json_decref(results);
	after = place_dump(&serving.place);
	assert_string_equal(before, after);
	free(after);
	row = last_operation(&root);
	assert_string_equal(text_at(row, "state"), "rolled-back");
	json_decref(root);
	free(before);
}

/* One of two has come to rely on what it was given: only that one is not taken back on a yes. */
static void
what_would_be_cut_is_named_one_by_one(void **state)
{
	json_t *results;
	char of[64];

	(void)state;
	results = serving_run(&serving, 0, "grant", "aa-guidang", "stexport01", "--vault",
		"kv-archive", "--yes", NULL);
	snprintf(of, sizeof of, "%s", text_at(results, "0.of"));
	json_decref(results);
	results = serving_run(&serving, 2, "rollback", of, "--yes", NULL);
	assert_non_null(find(results, "state", "rolled-back"));
	assert_string_equal(text_at(find(results, "state", "planned"), "findings.0.cause"),
		"1 account will go dark: stexport01");
	json_decref(results);
	results = serving_run(&serving, 0, "rollback", of, "--yes", "--confirm=stexport01", NULL);
	assert_non_null(find(results, "state", "rolled-back"));
	json_decref(results);
}

static void
one_that_is_refused_stops_no_other(void **state)
{
	json_t *results;

	(void)state;
	results = serving_run(&serving, 5, "onboard", "balegacy01", "aa-guidang", "aa-guidang",
		"--key", "kv-archive/cmk-archive", "--yes", NULL);
	assert_int_equal(json_array_size(results), 2);
	assert_string_equal(text_at(results, "0.state"), "refused");
	assert_string_equal(text_at(results, "0.accounts.0.outcome"), "unaffected");
	assert_string_equal(text_at(results, "1.state"), "done");
	assert_string_equal(text_at(results, "1.accounts.0.outcome"), "done");
	json_decref(results);
	serving_expect(&serving, "aa-guidang", "keySource", "customer");
}

static void
too_many_failures_stop_the_rest(void **state)
{
	json_t *results, *root;
	const json_t *row;

	(void)state;
	results = serving_run(&serving, 5, "onboard", "balegacy01", "stledger01", "--key",
		"kv-archive/cmk-archive", "--max-failures", "1", "--yes", NULL);
	assert_string_equal(text_at(results, "0.state"), "refused");
	assert_string_equal(text_at(results, "1.accounts.0.evidence"), "not begun");
	json_decref(results);
	serving_expect(&serving, "stledger01", "keySource", "Microsoft");
	row = last_operation(&root);
	assert_string_not_equal(text_at(row, "plan"), "");
	json_decref(root);
}

static void
a_name_that_is_none_is_told_beside_the_others(void **state)
{
	json_t *results;

	(void)state;
	results = serving_run(&serving, 10, "grant", "aa-nobody", "stledger01", "--vault",
		"kv-archive", "--dry-run", NULL);
	assert_int_equal(json_array_size(results), 2);
	assert_string_equal(
		text_at(find(results, "state", "failed"), "accounts.0.name"), "aa-nobody");
	assert_string_equal(text_at(find(results, "state", "planned"), "plan"), "grant");
	json_decref(results);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fleet_is_one_operation),
		cmocka_unit_test(a_name_that_is_none_is_told_beside_the_others),
		cmocka_unit_test(what_would_be_cut_is_named_one_by_one),
		cmocka_unit_test(one_that_is_refused_stops_no_other),
		cmocka_unit_test(too_many_failures_stop_the_rest),
	};
	int failed;

	serving_start(&serving);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&serving);
	return failed;
}
