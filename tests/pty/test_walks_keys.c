/* Plans on keys by keys, each with a failure on its way: enabled, disabled in part and then whole,
 * rotated while Azure asks for patience, while the line breaks, and with an account that refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/pty/walk.h"

/* How many versions of a key are enabled, of how many. */
static size_t
enabled(struct walk *walk, const char *key, size_t *all)
{
	json_t *json = walk_show(walk, "key", key), *versions = value_at(json, "versions"), *one;
	size_t i, n = 0;

	json_array_foreach(versions, i, one)
	{
		n += json_is_true(json_object_get(one, "enabled"));
	}
	*all = json_array_size(versions);
	json_decref(json);
	return n;
}

/* An Enter that comes with the y belongs to the answer: it runs nothing more. */
static void
test_enable(void **state)
{
	struct walk walk;
	size_t all;

	(void)state;
	walk_start(&walk, "3", "cmk-off");
	walk_begin(&walk, "cmk-off", "enable key", "Enable key");
	terminal_wait(&walk.terminal, "mended by the step: Enable");
	assert_false(terminal_shows(&walk.terminal, "claviger key enable"));
	place_ctl(&walk.place, "fault", "PATCH *cmk-off*=status:403");
	walk_press(&walk, ENTER, "enables 1 version");
	walk_press(&walk, ENTER, "y/N");
	walk_press(&walk, "y" ENTER, "Failed: kv-payroll/cmk-off");
	terminal_settle(&walk.terminal, 600);
	assert_false(terminal_shows(&walk.terminal, "does nothing here"));
	assert_int_equal(enabled(&walk, "kv-payroll/cmk-off", &all), 0);
	place_ctl(&walk.place, "fault", "none");
	walk_press(&walk, "e", "mended by the step: Enable");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back");
	assert_int_equal(enabled(&walk, "kv-payroll/cmk-off", &all), 1);
	walk_expect_operation(&walk, "key enable", "done");
	walk_press(&walk, "u", "One step is to be done");
	walk_press(&walk, "A", "1 of them, last first? y/N");
	walk_yes(&walk, "Taken back as far as it can be");
	assert_int_equal(enabled(&walk, "kv-payroll/cmk-off", &all), 0);
	walk_end(&walk);
}

/* Parked between two versions: to go on changes those that are left, to undo takes back all. */
static void
test_disable(void **state)
{
	struct walk walk;
	size_t all, n;

	(void)state;
	walk_start(&walk, "3", "cmk-archive");
	walk_begin(&walk, "cmk-archive", "disable key", "Disable key");
	terminal_wait(&walk.terminal, "1 account will go dark: starchive01");
	walk_press(&walk, ENTER, "disables 3 versions");
	place_ctl(&walk.place, "fault", "PATCH *cmk-archive*=delay:1500");
	walk_press(&walk, ENTER, "Type cmk-archive");
	walk_press(&walk, "cmk-archive" ENTER, "q park");
	walk_press(&walk, "q", "Parking it");
	terminal_wait(&walk.terminal, "Parked: kv-archive/cmk-archive");
	terminal_wait(&walk.terminal, "in part");
	assert_false(terminal_shows(&walk.terminal, "e edit"));
	assert_true(terminal_shows(&walk.terminal, "u take back"));
	n = enabled(&walk, "kv-archive/cmk-archive", &all);
	assert_int_equal(all, 3);
	assert_in_range(n, 1, 2);
	place_ctl(&walk.place, "fault", "none");
	place_ctl(&walk.place, "fault", "PATCH *cmk-archive*=drop*1");
	walk_press(&walk, "A", "One step is to be done");
	walk_press(&walk, "A", "Type cmk-archive");
	walk_press(&walk, "cmk-archive" ENTER, "Done, and read back");
	assert_int_equal(enabled(&walk, "kv-archive/cmk-archive", &all), 0);
	walk_expect(&walk, "account", "starchive01", "state", "locked");
	walk_press(&walk, "u", "One step is to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Taken back as far as it can be");
	assert_int_equal(enabled(&walk, "kv-archive/cmk-archive", &all), 3);
	walk_expect(&walk, "account", "starchive01", "state", "ok");
	walk_end(&walk);
}

/* Of the version that its account is on alone: it goes dark, and the others stay as they are. Taken
 * back, it is what it was. */
static void
test_disable_one(void **state)
{
	struct walk walk;
	size_t all;

	(void)state;
	walk_start(&walk, "3", "cmk-billing");
	walk_press(&walk, "/cmk-billing" ENTER, "1 of ");
	walk_press(&walk, "V", "3 versions, newest first");
	walk_press(&walk, "jj", "in use by aa-billing");
	walk_press(&walk, ENTER, "Enable key");
	assert_true(terminal_shows(&walk.terminal, "It is enabled"));
	walk_press(&walk, "g" ENTER, "1 account will go dark: aa-billing");
	walk_press(&walk, "A", "Type cmk-billing");
	walk_press(&walk, "cmk-bill" ENTER, "That is not cmk-billing");
	assert_int_equal(enabled(&walk, "kv-billing/cmk-billing", &all), 3);
	walk_press(&walk, "A", "Type cmk-billing");
	walk_press(&walk, "cmk-billing" ENTER, "Done, and read back: kv-billing/cmk-billing");
	assert_int_equal(enabled(&walk, "kv-billing/cmk-billing", &all), 2);
	walk_expect(&walk, "account", "aa-billing", "state", "locked");
	walk_expect_operation(&walk, "key disable", "done");
	walk_press(&walk, "u", "One step is to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Taken back as far as it can be");
	assert_int_equal(enabled(&walk, "kv-billing/cmk-billing", &all), 3);
	walk_expect(&walk, "account", "aa-billing", "state", "ok");
	walk_press(&walk, "q", "Actions on kv-billing/cmk-billing ");
	walk_press(&walk, "q", "in use by aa-billing");
	walk_end(&walk);
}

/* What no account is on is disabled after a y, and enabled again from where it is listed. */
static void
test_enable_one(void **state)
{
	struct walk walk;
	size_t all;

	(void)state;
	walk_start(&walk, "3", "cmk-billing");
	walk_press(&walk, "/cmk-billing" ENTER, "1 of ");
	walk_press(&walk, "Vj", "none of the accounts");
	walk_press(&walk, ":disable key", "Disable key · kv-billing/cm");
	walk_press(&walk, ENTER, "One step is to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back");
	assert_int_equal(enabled(&walk, "kv-billing/cmk-billing", &all), 2);
	walk_expect(&walk, "account", "aa-billing", "state", "ok");
	walk_press(&walk, "q", ", disabled");
	walk_press(&walk, ENTER "G" ENTER, "One step is to be done");
	walk_press(&walk, "A", "y/N");
	walk_yes(&walk, "Done, and read back");
	assert_int_equal(enabled(&walk, "kv-billing/cmk-billing", &all), 3);
	walk_expect_operation(&walk, "key enable", "done");
	walk_end(&walk);
}

static void
plan_rotation(struct walk *walk)
{
	walk_start(walk, "3", "cmk-billing");
	walk_begin(walk, "cmk-billing", "rotate", "Rotate kv-billing/cmk-billing");
	walk_press(walk, ENTER, "Enter asks, then carries it out");
}

/* One version more, and the account on it. */
static void
expect_rotated(struct walk *walk)
{
	json_t *key = walk_show(walk, "key", "kv-billing/cmk-billing");

	assert_int_equal(json_array_size(value_at(key, "versions")), 4);
	walk_expect(walk, "account", "aa-billing", "keyVersion", text_at(key, "current"));
	json_decref(key);
	walk_expect_operation(walk, "rotate", "done");
}

static void
test_rotate_with_patience(void **state)
{
	struct walk walk;

	(void)state;
	plan_rotation(&walk);
	place_ctl(&walk.place, "fault", "POST *cmk-billing/create=status:429:3*1");
	walk_press(&walk, ENTER, "y/N");
	walk_press(&walk, "y", "Azure asks for patience until");
	terminal_wait(&walk.terminal, "Done, and read back");
	expect_rotated(&walk);
	walk_press(&walk, "v", "POST    429");
	walk_end(&walk);
}

/* Nobody knows whether the version was made: it is looked for, and not made twice. */
static void
test_rotate_without_reply(void **state)
{
	struct walk walk;

	(void)state;
	plan_rotation(&walk);
	place_ctl(&walk.place, "fault", "POST *cmk-billing/create=drop*1");
	walk_press(&walk, ENTER, "y/N");
	walk_press(&walk, "y", "Done, and read back");
	expect_rotated(&walk);
	walk_end(&walk);
}

/* The version is there, the account refuses: gone on with once it does not. */
static void
test_rotate_with_a_refusal(void **state)
{
	struct walk walk;

	(void)state;
	plan_rotation(&walk);
	place_ctl(&walk.place, "fault", "PATCH *automationAccounts*=status:403");
	walk_press(&walk, ENTER, "y/N");
	walk_yes(&walk, "Forbidden");
	terminal_wait(&walk.terminal, "What can be done next");
	walk_expect(&walk, "account", "aa-billing", "state", "ok");
	place_ctl(&walk.place, "fault", "none");
	terminal_type(&walk.terminal, "q");
	walk_press(&walk, "5", "rotate");
	walk_press(&walk, "r", "Enter asks, then carries it out");
	walk_press(&walk, ENTER, "y/N");
	walk_press(&walk, "y", "Done, and read back");
	expect_rotated(&walk);
	walk_end(&walk);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_enable),
		cmocka_unit_test(test_disable),
		cmocka_unit_test(test_disable_one),
		cmocka_unit_test(test_enable_one),
		cmocka_unit_test(test_rotate_with_patience),
		cmocka_unit_test(test_rotate_without_reply),
		cmocka_unit_test(test_rotate_with_a_refusal),
	};

	return cmocka_run_group_tests(tests, walk_seed, walk_clear);
}
