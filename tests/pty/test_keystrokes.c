/* How much an operator has to press, counted: every key but the letters of the names that are typed
 * on purpose. Whoever is under stress, or does it twice a year, must not need more. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"
#include "tests/pty/terminal.h"

#define ENTER "\r"
#define F9 "\033[20~"

enum { CUT_MOST = 12, ONBOARD_MOST = 10 };

struct fingers {
	struct terminal terminal;
	struct place place;
	size_t presses, letters;
};

/* One key, and what it must have brought before the next is pressed. */
static void
press(struct fingers *fingers, const char *key, const char *then)
{
	fingers->presses++;
	terminal_type(&fingers->terminal, key);
	terminal_wait(&fingers->terminal, then);
}

static void
name(struct fingers *fingers, const char *letters)
{
	fingers->letters += strlen(letters);
	terminal_type(&fingers->terminal, letters);
}

static void
open_console(struct fingers *fingers)
{
	*fingers = (struct fingers){0};
	place_seed(&fingers->place);
	terminal_start(&fingers->terminal, 80, 24, fingers->place.sandbox);
	terminal_wait(&fingers->terminal, "aa-payroll");
	terminal_wait(&fingers->terminal, "  read ");
}

static void
close_console(struct fingers *fingers)
{
	terminal_end(&fingers->terminal, SIGTERM);
	terminal_expect_clean(&fingers->terminal);
	terminal_free(&fingers->terminal);
	place_remove(&fingers->place);
}

/* No version of the key opens anything any more. */
static void
expect_cut(const struct fingers *fingers)
{
	json_t *key, *version;
	struct ran ran;
	size_t i;

	run(&ran, fingers->place.sandbox, "key", "show", "kv-archive/cmk-archive", "-o", "json",
		NULL);
	ran_expect(&ran, 0);
	key = ran_json(&ran);
	assert_true(json_array_size(json_object_get(key, "versions")) > 0);
	json_array_foreach(json_object_get(key, "versions"), i, version)
	{
		assert_true(json_is_false(json_object_get(version, "enabled")));
	}
	json_decref(key);
	ran_free(&ran);
}

/* From the alarm to the cut. alarm is the key that works in the view where it comes. */
static void
cut(struct fingers *fingers, const char *alarm)
{
	fingers->presses = fingers->letters = 0;
	press(fingers, alarm, "What has happened?");
	press(fingers, "d", "which key?");
	name(fingers, "cmk-archive");
	terminal_wait(&fingers->terminal, "Key: cmk-archive");
	press(fingers, ENTER, "1 account goes dark");
	press(fingers, ENTER, "Method");
	press(fingers, ENTER, "This cuts off");
	press(fingers, ENTER, "Type cmk-archive to go on");
	name(fingers, "cmk-archive");
	press(fingers, ENTER, "✓   cmk-archive");
	assert_int_equal(fingers->letters, 2 * strlen("cmk-archive"));
	assert_in_range(fingers->presses, 1, CUT_MOST);
	expect_cut(fingers);
}

static void
test_cut_from_the_accounts(void **state)
{
	struct fingers fingers;

	(void)state;
	open_console(&fingers);
	cut(&fingers, "!");
	close_console(&fingers);
}

/* Two levels down in another tab. */
static void
test_cut_from_another_tab(void **state)
{
	struct fingers fingers;

	(void)state;
	open_console(&fingers);
	press(&fingers, "5", "operations");
	press(&fingers, "?", "Help for");
	cut(&fingers, "!");
	close_console(&fingers);
}

/* Where ! is a letter. */
static void
test_cut_from_a_form(void **state)
{
	struct fingers fingers;

	(void)state;
	open_console(&fingers);
	press(&fingers, "/", "Filter:");
	name(&fingers, "aa-payroll");
	press(&fingers, ENTER, "filter: aa-payroll");
	press(&fingers, "o", "Onboard aa-payroll");
	cut(&fingers, F9);
	close_console(&fingers);
}

/* The account from the list, the key by its name, all else as the program proposes it. */
static void
test_onboard(void **state)
{
	struct fingers fingers;
	json_t *account;
	struct ran ran;

	(void)state;
	open_console(&fingers);
	press(&fingers, "/", "Filter:");
	name(&fingers, "aa-payroll");
	press(&fingers, ENTER, "filter: aa-payroll");
	press(&fingers, "o", "nothing is changed yet");
	name(&fingers, "kv-payroll/cmk-payroll");
	terminal_wait(&fingers.terminal, "kv-payroll/cmk-payroll");
	press(&fingers, ENTER, "steps are to be done");
	press(&fingers, "A", "Type kv-payroll");
	name(&fingers, "kv-payroll");
	press(&fingers, ENTER, "Done, and read back");
	assert_in_range(fingers.presses, 1, ONBOARD_MOST);
	run(&ran, fingers.place.sandbox, "account", "show", "aa-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	account = ran_json(&ran);
	assert_string_equal(text_at(account, "keyName"), "cmk-payroll");
	assert_string_equal(text_at(account, "state"), "ok");
	json_decref(account);
	ran_free(&ran);
	close_console(&fingers);
}

/* The same without knowing any key's name: the list under the form is chosen from. */
static void
test_onboard_from_the_list(void **state)
{
	struct fingers fingers;

	(void)state;
	open_console(&fingers);
	press(&fingers, "/", "Filter:");
	name(&fingers, "stledger01");
	press(&fingers, ENTER, "filter: stledger01");
	press(&fingers, "o", "nothing is changed yet");
	terminal_wait(&fingers.terminal, "cmk-archive");
	press(&fingers, ENTER, "take it");
	press(&fingers, ENTER, "/cmk-archive");
	press(&fingers, ENTER, "steps are to be done");
	press(&fingers, "A", "y/N");
	press(&fingers, "y", "Done, and read back");
	assert_in_range(fingers.presses, 1, ONBOARD_MOST);
	close_console(&fingers);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut_from_the_accounts),
		cmocka_unit_test(test_cut_from_another_tab),
		cmocka_unit_test(test_cut_from_a_form),
		cmocka_unit_test(test_onboard),
		cmocka_unit_test(test_onboard_from_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
