/* An operation is in one hand: whoever else asks for it is kept off it, and off no other. Two
 * journals of one folder stand for two processes: their locks are their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "backend/journal/operation.h"
#include "tests/fixtures/journals.h"

#define ONE "0f4fcf3e-9f4b-4c0e-8c3a-111111111111"
#define OTHER "0f4fcf3e-9f4b-5c0e-8c3a-111111111111"

static void
expect_refused(struct journal *journal, const char *operation)
{
	struct err err = {0};

	assert_false(journal_hold(journal, operation, &err));
	assert_int_equal(err.kind, ERR_REFUSED);
	assert_string_equal(err.code, "InHand");
	assert_non_null(strstr(err.msg, "0f4fcf3e"));
}

static void
one_process_at_a_time(void **state)
{
	struct journal *here = journals_open(*state), *there = journals_open(*state);
	struct err err = {0};

	assert_true(journal_hold(here, ONE, &err));
	expect_refused(there, ONE);
	assert_true(journal_hold(there, OTHER, &err));
	expect_refused(here, OTHER);
	journal_release(here, ONE);
	assert_true(journal_hold(there, ONE, &err));
	expect_refused(here, ONE);
	journal_close(there);
	assert_true(journal_hold(here, ONE, &err));
	journal_close(here);
}

static void
once_in_one_process(void **state)
{
	struct journal *here = journals_open(*state), *there = journals_open(*state);
	struct err err = {0};

	assert_true(journal_hold(here, ONE, &err));
	expect_refused(here, ONE);
	expect_refused(there, ONE);
	assert_true(journal_hold(here, OTHER, &err));
	journal_release(here, ONE);
	assert_true(journal_hold(there, ONE, &err));
	journal_close(here);
	journal_close(there);
}

static void
who_has_it_is_seen(void **state)
{
	const struct place *place = *state;
	struct journal *here = journals_open(place);
	struct operation one = {.id = ONE, .state = OPERATION_PARKED};
	struct err err = {0};

	assert_string_equal(operation_standing(place->dir, &one), "parked");
	assert_true(journal_hold(here, ONE, &err));
	assert_string_equal(operation_standing(place->dir, &one), "running");
	one.ended = true;
	assert_string_equal(operation_standing(place->dir, &one), "parked");
	one.ended = false;
	one.state = OPERATION_UNKNOWN;
	journal_release(here, ONE);
	assert_string_equal(operation_standing(place->dir, &one), "unknown");
	journal_close(here);
}

/* Whoever could not write where the journal is kept is seen, and kept off, by whoever can. */
static void
wherever_each_could_write(void **state)
{
	const struct place *place = *state;
	struct operation one = {.id = ONE, .state = OPERATION_PARKED};
	struct journal *elsewhere, *at_home;
	struct err err = {0};

	journals_block(place);
	elsewhere = journal_open(NULL, false, &err);
	assert_non_null(elsewhere);
	assert_true(journal_hold(elsewhere, ONE, &err));
	journals_unblock(place);
	at_home = journal_open(NULL, false, &err);
	assert_non_null(at_home);
	assert_string_equal(operation_standing(NULL, &one), "running");
	expect_refused(at_home, ONE);
	assert_true(journal_hold(at_home, OTHER, &err));
	expect_refused(elsewhere, OTHER);
	journal_release(elsewhere, ONE);
	assert_true(journal_hold(at_home, ONE, &err));
	expect_refused(elsewhere, ONE);
	journal_close(elsewhere);
	journal_close(at_home);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			one_process_at_a_time, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			once_in_one_process, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			who_has_it_is_seen, journals_setup, journals_teardown),
		cmocka_unit_test_setup_teardown(
			wherever_each_could_write, journals_setup, journals_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
