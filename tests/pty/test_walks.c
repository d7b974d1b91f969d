/* Plans by keys to their end, and what the server then has: over marked rows, cut and restored,
 * parked, gone on with from the journal and taken back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/flow/run.h"
#include "tests/pty/terminal.h"

#define ENTER "\r"
#define ESC "\033"

struct walk {
	struct terminal terminal;
	struct place place;
};

static struct place seeded;

static int
seed(void **state)
{
	(void)state;
	place_seed(&seeded);
	return 0;
}

static int
clear(void **state)
{
	(void)state;
	place_remove(&seeded);
	return 0;
}

/* Presses keys, and sees what they brought. */
static void
press(struct walk *walk, const char *keys, const char *then)
{
	terminal_type(&walk->terminal, keys);
	terminal_wait(&walk->terminal, then);
}

static void
set_out(struct walk *walk, const char *tab, const char *first)
{
	place_copy(&walk->place, &seeded);
	terminal_start(&walk->terminal, 80, 24, walk->place.sandbox);
	terminal_wait(&walk->terminal, "aa-payroll");
	terminal_wait(&walk->terminal, "  read ");
	press(walk, tab, first);
	terminal_wait(&walk->terminal, "  read ");
}

static void
come_home(struct walk *walk)
{
	assert_int_equal(terminal_hang_up(&walk->terminal), 0);
	terminal_free(&walk->terminal);
	place_remove(&walk->place);
}

/* What another process reads of a noun by now. */
static void
expect(struct walk *walk, const char *noun, const char *name, const char *path, const char *text)
{
	struct ran ran;
	json_t *json;

	run(&ran, walk->place.sandbox, noun, "show", name, "-o", "json", NULL);
	ran_expect(&ran, 0);
	json = ran_json(&ran);
	assert_string_equal(text_at(json, path), text);
	json_decref(json);
	ran_free(&ran);
}

static void
expect_enabled(struct walk *walk, bool enabled)
{
	struct ran ran;
	json_t *json;

	run(&ran, walk->place.sandbox, "key", "show", "kv-archive/cmk-archive", "-o", "json", NULL);
	ran_expect(&ran, 0);
	json = ran_json(&ran);
	for (size_t i = 0; i < 3; i++) {
		const json_t *version = json_array_get(value_at(json, "versions"), i);

		assert_int_equal(json_is_true(json_object_get(version, "enabled")), enabled);
	}
	json_decref(json);
	ran_free(&ran);
}

static void
set_fault(struct walk *walk, const char *fault)
{
	struct ran ran;

	run(&ran, "sandbox", "ctl", "--state", walk->place.dir, "fault", fault, NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

/* How many of the rights on kv-payroll an account's identity holds. */
static size_t
rights(struct walk *walk, const char *account)
{
	struct ran ran;
	json_t *json, *policy;
	size_t i, held = 0;

	run(&ran, walk->place.sandbox, "policy", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	json = ran_json(&ran);
	json_array_foreach(json, i, policy)
	{
		if (strcmp(text_at(policy, "vault"), "kv-payroll") == 0 &&
			json_string_value(json_object_get(policy, "principal")) &&
			strcmp(text_at(policy, "principal"), account) == 0)
			held += json_array_size(value_at(policy, "holds"));
	}
	json_decref(json);
	ran_free(&ran);
	return held;
}

/* Two accounts that are marked get one key, and are taken back to Microsoft's. */
static void
test_marked_rows(void **state)
{
	struct walk walk;

	(void)state;
	set_out(&walk, "1", "stledger01");
	press(&walk, "jj ", "1 marked");
	press(&walk, "jjjj ", "2 marked");
	press(&walk, "o", "Onboard 2 accounts");
	press(&walk, "\025kv-archive/cmk-archive" ENTER, "2 of 2");
	press(&walk, ENTER, "y/N");
	press(&walk, "y", "Done, and read back: 2 accounts");
	expect(&walk, "account", "aa-payroll", "keyName", "cmk-archive");
	expect(&walk, "account", "stledger01", "state", "ok");
	press(&walk, "u", "y/N");
	press(&walk, "y", "carry out");
	press(&walk, ENTER, "y/N");
	press(&walk, "y", "Result");
	terminal_wait(&walk.terminal, "timeline");
	expect(&walk, "account", "aa-payroll", "keySource", "microsoft");
	expect(&walk, "account", "stledger01", "keySource", "microsoft");
	come_home(&walk);
}

/* The key is cut, and what was cut is restored by the verb that knows the operation. */
static void
test_cut_and_restore(void **state)
{
	struct walk walk;

	(void)state;
	set_out(&walk, "3", "cmk-archive");
	press(&walk, ":revoke", "Revoke · kv-archive");
	press(&walk, ENTER, "check");
	press(&walk, ENTER, "This cuts off");
	press(&walk, ENTER, "Type cmk-archive");
	press(&walk, "cmk-archive" ENTER, "starchive01: dark after");
	expect(&walk, "account", "starchive01", "state", "locked");
	expect_enabled(&walk, false);
	press(&walk, "u", "Enter asks, then carries it out");
	press(&walk, ENTER, "y/N");
	press(&walk, "y", "starchive01: restored after");
	expect(&walk, "account", "starchive01", "state", "ok");
	expect_enabled(&walk, true);
	come_home(&walk);
}

/* Parked between two steps, gone on with from Activity: to take that back takes all of it back. */
static void
test_park_resume_and_take_back(void **state)
{
	struct walk walk;

	(void)state;
	set_out(&walk, "/aa-payroll" ENTER, "filter: aa-payroll");
	press(&walk, "o", "Onboard aa-payroll");
	press(&walk, "\025kv-payroll/cmk-payroll" ENTER, "steps are to be done");
	set_fault(&walk, "PUT *accessPolicies*=delay:1500");
	press(&walk, "A", "y/N");
	press(&walk, "y", "Type kv-payroll");
	press(&walk, "kv-payroll" ENTER, "step 5");
	press(&walk, "q", "Parking it");
	terminal_wait(&walk.terminal, "What was not changed");
	assert_int_equal(rights(&walk, "aa-payroll"), 4);
	expect(&walk, "account", "aa-payroll", "keySource", "microsoft");
	set_fault(&walk, "none");
	terminal_type(&walk.terminal, "q");
	terminal_wait_gone(&walk.terminal, "What was not changed");
	press(&walk, "5", "parked");
	press(&walk, "r", "steps are to be done");
	press(&walk, "A", "y/N");
	press(&walk, "y", "Done, and read back");
	expect(&walk, "account", "aa-payroll", "state", "ok");
	press(&walk, "u", "Take back: Onboard");
	terminal_wait(&walk.terminal, "Enter shows");
	press(&walk, "A", "y/N");
	press(&walk, "y", "taken back");
	terminal_wait(&walk.terminal, "Undone as far as it can be");
	assert_int_equal(rights(&walk, "aa-payroll"), 0);
	expect(&walk, "account", "aa-payroll", "keySource", "microsoft");
	come_home(&walk);
}

/* A word is one answer: none of its letters is a key, and the next key is one again. */
static void
test_a_word_is_one_answer(void **state)
{
	struct walk walk;

	(void)state;
	set_out(&walk, "/aa-payroll" ENTER, "filter: aa-payroll");
	press(&walk, "o", "Onboard aa-payroll");
	press(&walk, "\025kv-payroll/cmk-payroll" ENTER, "steps are to be done");
	press(&walk, "A", "y/N");
	press(&walk, "keep quiet" ENTER, "Cancelled");
	terminal_settle(&walk.terminal, 600);
	assert_true(terminal_shows(&walk.terminal, "step 1 of 8"));
	press(&walk, "A", "y/N");
	press(&walk, ESC, "Cancelled");
	press(&walk, "n", "Dry run");
	come_home(&walk);
}

/* From a page q only goes back: pressed once too often it leaves nobody outside. */
static void
test_back_from_pages(void **state)
{
	struct walk walk;

	(void)state;
	set_out(&walk, "/aa-payroll" ENTER, "filter: aa-payroll");
	press(&walk, "a", "Actions on aa-payroll");
	press(&walk, ENTER, "Esc leave");
	press(&walk, ESC, "begin");
	terminal_type(&walk.terminal, "q");
	terminal_wait_gone(&walk.terminal, "Actions on aa-payroll");
	press(&walk, ENTER, "Esc back");
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
		cmocka_unit_test(test_a_word_is_one_answer),
		cmocka_unit_test(test_back_from_pages),
	};

	return cmocka_run_group_tests(tests, seed, clear);
}
