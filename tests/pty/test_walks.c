/* Plans by keys to their end, and what the server then has: over marked rows, cut and restored,
 * parked, gone on with from the journal and taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/pty/walk.h"

static void
expect_enabled(struct walk *walk, bool enabled)
{
	json_t *json = walk_show(walk, "key", "kv-archive/cmk-archive");

	for (size_t i = 0; i < 3; i++) {
		const json_t *version = json_array_get(value_at(json, "versions"), i);

		assert_int_equal(json_is_true(json_object_get(version, "enabled")), enabled);
	}
	json_decref(json);
}

/* Two accounts that are marked get one key, and are taken back to Microsoft's. */
static void
test_marked_rows(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "1", "stledger01");
	walk_press(&walk, "jj ", "1 marked");
	walk_press(&walk, "jjjj ", "2 marked");
	walk_press(&walk, "o", "Onboard 2 accounts");
	walk_press(&walk, CLEAR "kv-archive/cmk-archive" ENTER, "2 of 2");
	walk_press(&walk, ENTER, "y/N");
	walk_press(&walk, "y", "Done, and read back: 2 accounts");
	walk_expect(&walk, "account", "aa-payroll", "keyName", "cmk-archive");
	walk_expect(&walk, "account", "stledger01", "state", "ok");
	walk_press(&walk, "u", "y/N");
	walk_yes(&walk, "carry out");
	walk_press(&walk, ENTER, "y/N");
	walk_press(&walk, "y", "Result");
	terminal_wait(&walk.terminal, "timeline");
	walk_expect(&walk, "account", "aa-payroll", "keySource", "microsoft");
	walk_expect(&walk, "account", "stledger01", "keySource", "microsoft");
	walk_end(&walk);
}

/* The key is cut, and what was cut is restored by the verb that knows the operation. */
static void
test_cut_and_restore(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "3", "cmk-archive");
	walk_press(&walk, ":revoke", "Revoke · kv-archive");
	walk_press(&walk, ENTER, "check");
	walk_press(&walk, ENTER, "This cuts off");
	walk_press(&walk, ENTER, "Type cmk-archive");
	walk_press(&walk, "cmk-archive" ENTER, "starchive01: dark after");
	walk_expect(&walk, "account", "starchive01", "state", "locked");
	expect_enabled(&walk, false);
	walk_press(&walk, "u", "Enter asks, then carries it out");
	walk_press(&walk, ENTER, "y/N");
	walk_press(&walk, "y", "starchive01: restored after");
	walk_expect(&walk, "account", "starchive01", "state", "ok");
	expect_enabled(&walk, true);
	walk_end(&walk);
}

static void
onboard(struct walk *walk)
{
	walk_start(walk, "/aa-payroll" ENTER, "filter: aa-payroll");
	walk_press(walk, "o", "Onboard aa-payroll");
	walk_press(walk, CLEAR "kv-payroll/cmk-payroll" ENTER, "steps are to be done");
}

/* Up to and with the grant. */
static void
onboard_parked(struct walk *walk)
{
	onboard(walk);
	place_ctl(&walk->place, "fault", "PUT *accessPolicies*=delay:1500");
	walk_press(walk, "A", "Type kv-payroll");
	walk_press(walk, "kv-payroll" ENTER, "step 5");
	walk_press(walk, "q", "Parking it");
	terminal_wait(&walk->terminal, "What was not changed");
	assert_int_equal(walk_rights(walk, "kv-payroll", "aa-payroll"), 4);
	place_ctl(&walk->place, "fault", "none");
}

/* Parked between two steps, gone on with from Activity: to take that back takes all of it back. */
static void
test_park_resume_and_take_back(void **state)
{
	struct walk walk;

	(void)state;
	onboard_parked(&walk);
	walk_expect(&walk, "account", "aa-payroll", "keySource", "microsoft");
	terminal_type(&walk.terminal, "q");
	terminal_wait_gone(&walk.terminal, "What was not changed");
	walk_press(&walk, "5", "parked");
	walk_press(&walk, "r", "steps are to be done");
	walk_press(&walk, "A", "y/N");
	walk_press(&walk, "y", "Done, and read back");
	walk_expect(&walk, "account", "aa-payroll", "state", "ok");
	walk_press(&walk, "u", "Take back: Onboard");
	terminal_wait(&walk.terminal, "Enter shows");
	walk_press(&walk, "A", "y/N");
	walk_press(&walk, "y", "taken back");
	terminal_wait(&walk.terminal, "Taken back as far as it can be");
	assert_int_equal(walk_rights(&walk, "kv-payroll", "aa-payroll"), 0);
	walk_expect(&walk, "account", "aa-payroll", "keySource", "microsoft");
	walk_end(&walk);
}

/* What runs on one page is neither taken back nor gone on with on another. */
static void
test_in_hand(void **state)
{
	struct walk walk;

	(void)state;
	onboard(&walk);
	place_ctl(&walk.place, "fault", "PATCH *automationAccounts*=delay:12000");
	walk_press(&walk, "A", "Type kv-payroll");
	walk_press(&walk, "kv-payroll" ENTER, "step 6");
	walk_press(&walk, "5", "running");
	walk_press(&walk, "u", "in hand on another page of this console");
	walk_press(&walk, "q", "1 operation");
	walk_press(&walk, "r", "in hand on another page of this console");
	walk_press(&walk, "q", "1 operation");
	walk_press(&walk, "1", "Done, and read back");
	assert_int_equal(walk_rights(&walk, "kv-payroll", "aa-payroll"), 4);
	walk_expect(&walk, "account", "aa-payroll", "state", "ok");
	walk_expect_operation(&walk, "onboard", "done");
	walk_end(&walk);
}

/* A page that was parked tells of how it was then: nothing is sent by that. */
static void
test_parked_and_taken_back_elsewhere(void **state)
{
	struct walk walk;

	(void)state;
	onboard_parked(&walk);
	walk_press(&walk, "5", "parked");
	walk_press(&walk, "u", "Take back: Onboard");
	terminal_wait(&walk.terminal, "to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Taken back as far as it can be");
	assert_int_equal(walk_rights(&walk, "kv-payroll", "aa-payroll"), 0);
	walk_press(&walk, "q", "1 operation");
	walk_press(&walk, "1", "What was not changed");
	walk_press(&walk, "A", "RolledBack: operation");
	walk_expect(&walk, "account", "aa-payroll", "keySource", "microsoft");
	walk_expect_operation(&walk, "onboard", "rolled-back");
	walk_end(&walk);
}

/* What another one has undone meanwhile is done again first. */
static void
test_parked_and_gone_on_with(void **state)
{
	struct walk walk;
	struct ran ran;

	(void)state;
	onboard_parked(&walk);
	run(&ran, walk.place.sandbox, "ungrant", "aa-payroll", "--vault", "kv-payroll", "--yes",
		NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	assert_int_equal(walk_rights(&walk, "kv-payroll", "aa-payroll"), 0);
	walk_press(&walk, "A", "steps are to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back");
	assert_int_equal(walk_rights(&walk, "kv-payroll", "aa-payroll"), 4);
	walk_expect(&walk, "account", "aa-payroll", "state", "ok");
	walk_end(&walk);
}

/* A word is one answer: none of its letters is a key, and the next key is one again. */
static void
test_a_word_is_one_answer(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "/stledger01" ENTER, "filter: stledger01");
	walk_press(&walk, "o", "Onboard stledger01");
	walk_press(&walk, CLEAR "kv-archive/cmk-archive" ENTER, "steps are to be done");
	walk_press(&walk, "A", "y/N");
	walk_press(&walk, "keep quiet" ENTER, "Cancelled");
	terminal_settle(&walk.terminal, 600);
	assert_true(terminal_shows(&walk.terminal, "step 1 of 8"));
	walk_press(&walk, "A", "y/N");
	walk_press(&walk, ESC, "Cancelled");
	walk_press(&walk, "n", "Dry run");
	walk_end(&walk);
}

/* From a page q only goes back: pressed once too often it leaves nobody outside. */
static void
test_back_from_pages(void **state)
{
	struct walk walk;

	(void)state;
	walk_start(&walk, "/aa-payroll" ENTER, "filter: aa-payroll");
	walk_press(&walk, "a", "Actions on aa-payroll");
	walk_press(&walk, ENTER, "Esc leave");
	walk_press(&walk, ESC, "begin");
	terminal_type(&walk.terminal, "q");
	terminal_wait_gone(&walk.terminal, "Actions on aa-payroll");
	walk_press(&walk, ENTER, "Esc back");
	terminal_type(&walk.terminal, "q");
	terminal_wait_gone(&walk.terminal, "Esc back");
	terminal_type(&walk.terminal, "q");
	assert_int_equal(terminal_end(&walk.terminal, 0), 0);
	terminal_free(&walk.terminal);
	place_remove(&walk.place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marked_rows),
		cmocka_unit_test(test_cut_and_restore),
		cmocka_unit_test(test_park_resume_and_take_back),
		cmocka_unit_test(test_in_hand),
		cmocka_unit_test(test_parked_and_taken_back_elsewhere),
		cmocka_unit_test(test_parked_and_gone_on_with),
		cmocka_unit_test(test_a_word_is_one_answer),
		cmocka_unit_test(test_back_from_pages),
	};

	return cmocka_run_group_tests(tests, walk_seed, walk_clear);
}
