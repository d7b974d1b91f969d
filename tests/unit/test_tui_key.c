/* Keys: names there and back, scripts, bindings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "tui/key.h"
#include "tui/script.h"

static void
names_there_and_back(void **state)
{
	static const struct {
		key_code key;
		const char *name;
	} known[] = {
		{TK_UP, "Up"},
		{TK_PAGE_DOWN, "PgDn"},
		{TK_ENTER, "Enter"},
		{TK_ESC, "Esc"},
		{TK_BACKTAB, "S-Tab"},
		{TK_F1, "F1"},
		{TK_F1 + 11, "F12"},
		{TK_WAIT, "Wait"},
		{KEY_CTRL('r'), "^R"},
		{' ', "Space"},
		{'a', "a"},
		{'<', "<"},
		{'^', "^"},
		{0xe9, "é"},
		{0x8d22, "财"},
		{0x1f600, "😀"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		char name[16];

		assert_string_equal(key_label(known[i].key, name), known[i].name);
		assert_int_equal(key_parse(known[i].name), known[i].key);
	}
	for (key_code key = TK_UP; key < TK_LAST; key++) {
		char name[16];

		assert_int_equal(key_parse(key_label(key, name)), key);
	}
}

static void
other_spellings(void **state)
{
	(void)state;
	assert_int_equal(key_parse("<Down>"), TK_DOWN);
	assert_int_equal(key_parse("<F5>"), TK_F1 + 4);
	assert_int_equal(key_parse("^r"), KEY_CTRL('r'));
	assert_int_equal(key_parse("PageUp"), TK_PAGE_UP);
	assert_int_equal(key_parse("Escape"), TK_ESC);
}

static void
no_keys(void **state)
{
	static const char *const wrong[] = {
		"", "Dwon", "F13", "F0", "F1x", "^1", "ab", "<>", "<Dwon>", "\xff", "\xc3", "^^^"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)

		assert_int_equal(key_parse(wrong[i]), KEY_NOTHING);
}

static void
script_delivers_in_order(void **state)
{
	static const key_code want[] = {TK_DOWN, TK_DOWN, TK_ENTER, 'c', 'm', 'k', '-', 0xe9,
		KEY_CTRL('R'), TK_WAIT, 'q', KEY_NOTHING, KEY_NOTHING};
	struct err err;

	(void)state;
	assert_true(script_play("Down Down\n Enter =cmk-é ^R Wait", &err));
	assert_true(script_play(" q ", &err));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(script_next(), want[i]);
}

static void
script_names_the_wrong_word(void **state)
{
	struct err err;

	(void)state;
	assert_false(script_play("Down Dwon Enter", &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "\"Dwon\""));
	assert_int_equal(script_next(), KEY_NOTHING);
}

static void
script_keys_come_through_key_read(void **state)
{
	struct err err;

	(void)state;
	assert_true(script_play("a Esc", &err));
	assert_int_equal(key_read(), 'a');
	assert_int_equal(key_read(), TK_ESC);
	assert_int_equal(key_read(), KEY_NOTHING);
	assert_string_equal(key_pasted(), "");
}

static void
bindings(void **state)
{
	static const struct binding table[] = {
		{TK_ENTER, KEY_NOTHING, 1, "open", ""}, {'?', TK_F1, 2, "help", ""}, {0}};

	(void)state;
	assert_int_equal(key_action(table, TK_ENTER), 1);
	assert_int_equal(key_action(table, TK_F1), 2);
	assert_int_equal(key_action(table, '?'), 2);
	assert_int_equal(key_action(table, 'x'), 0);
	assert_int_equal(key_action(table, KEY_NOTHING), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_there_and_back),
		cmocka_unit_test(other_spellings),
		cmocka_unit_test(no_keys),
		cmocka_unit_test(script_delivers_in_order),
		cmocka_unit_test(script_names_the_wrong_word),
		cmocka_unit_test(script_keys_come_through_key_read),
		cmocka_unit_test(bindings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
