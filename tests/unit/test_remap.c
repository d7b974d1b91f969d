/* Keys of the configuration: what they do, and what is refused with file, line and remedy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "views/app/keymap.h"
#include "views/list/list.h"

static char path[] = "/tmp/claviger-remap-XXXXXX";

static struct keys *
read_keys(const char *text, struct err *err)
{
	FILE *file;

	assert_true(truncate(path, 0) == 0);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	*err = (struct err){0};
	return keymap_read(path, err);
}

static int
press(const struct keys *keys, const struct view_ops *view, unsigned active, const char *name,
	key_code *plain)
{
	return keymap_action(keys, view, view->keys, active, key_parse(name), plain);
}

static void
names_come_from_the_tables(void **state)
{
	char name[KEY_NAME];

	(void)state;
	assert_string_equal(
		keymap_name(&(struct binding){'x', 0, 1, "roll back", "Any"}, name), "roll-back");
	assert_string_equal(
		keymap_name(
			&(struct binding){'x', 0, 1, NULL, "Sort by the column to the left"}, name),
		"sort-by-column-left");
	assert_string_equal(
		keymap_name(&(struct binding){'x', 0, 1, NULL, "Wide: every column"}, name),
		"wide");
	assert_string_equal(
		keymap_name(&(struct binding){'x', 0, 1, NULL, "The same, for slow ones"}, name),
		"");
}

static void
a_key_of_the_configuration_is_the_key_of_the_table(void **state)
{
	unsigned list = 1u << LIST_MAP_OWN | 1u << LIST_MAP_LIST;
	struct err err;
	struct keys *keys = read_keys("[keys]\nwide = W\n"
				      "refresh = F8, ^T\n"
				      "[keys vaults]\nwide = F7\n",
		&err);
	key_code plain;

	(void)state;
	if (keys == NULL)
		fail_msg("%s", err.msg);
	assert_int_equal(press(keys, &view_accounts, list, "W", &plain), LIST_MOVE);
	assert_int_equal(plain, 'w');
	assert_int_equal(press(keys, &view_accounts, list, "w", &plain), 0);
	assert_int_equal(press(keys, &view_vaults, list, "F7", &plain), LIST_MOVE);
	assert_int_equal(plain, 'w');
	assert_int_equal(press(keys, &view_vaults, list, "W", &plain), 0);
	assert_int_equal(press(NULL, &view_vaults, list, "w", &plain), LIST_MOVE);
	assert_true(keymap_action(keys, &view_vaults, app_keys, 1, key_parse("F8"), &plain) ==
		    keymap_action(NULL, &view_vaults, app_keys, 1, key_parse("^R"), &plain));
	assert_true(keymap_action(keys, &view_vaults, app_keys, 1, key_parse("^T"), &plain) > 0);
	assert_int_equal(plain, KEY_CTRL('r'));
	keymap_free(keys);
}

/* Where letters are text help is to be had all the same. */
static void
a_letter_leaves_the_function_key(void **state)
{
	struct err err;
	struct keys *keys = read_keys("[keys]\nhelp = h\nexplain = F8\n", &err);
	key_code plain;

	(void)state;
	assert_non_null(keys);
	assert_true(keymap_action(keys, &view_accounts, app_keys, 1, 'h', &plain) > 0);
	assert_true(keymap_action(keys, &view_accounts, app_keys, 1, TK_F1, &plain) > 0);
	assert_true(keymap_action(keys, &view_accounts, app_keys, 1, TK_F1 + 7, &plain) > 0);
	assert_int_equal(keymap_action(keys, &view_accounts, app_keys, 1, TK_F1 + 3, &plain), 0);
	assert_int_equal(keymap_action(keys, &view_accounts, app_keys, 1, '?', &plain), 0);
	keymap_free(keys);
}

static void
what_would_be_dangerous_or_dumb_is_refused(void **state)
{
	static const struct {
		const char *text, *line, *says;
	} cases[] = {
		{"[keys]\nwide = I\n", ":2: ", "I would stand for both 'invert-order' and 'wide'"},
		{"[keys]\nhelp = h\nwide = F1\n", ":3: ", "F1 would stand for both"},
		{"[keys]\nwide = q\n", ":2: ", "q would stand for both 'wide' and 'quit'"},
		{"[keys]\nonboard = q\n", ":2: ", "q would stand for both 'onboard' and 'back'"},
		{"[keys accounts]\nonboard = r\n",
			":2: ", "'onboard' and 'rotate' in the view accounts"},
		{"[keys wizard]\nrun-all = a\n", ":2: ", "capital letter or a function key"},
		{"[keys wizard]\nrun-all = ^E\n", ":2: ", "capital letter or a function key"},
		{"[keys wizard]\ntake-back = F4, u\n", ":2: ", "capital letter or a function key"},
		{"[keys wizard]\ncheck = c\n", ":2: ", "there letters are text"},
		{"[keys palette]\ncomplete = F3, x\n", ":2: ", "there letters are text"},
		{"[keys]\n\nwyde = W\n", ":3: ", "nothing is called 'wyde'; nearest: wide"},
		{"[keys acounts]\nwide = W\n", ":2: ", "no such view; nearest: accounts"},
		{"[keys]\nwide = Ctrl-W\n", ":2: ", "no such key"},
		{"[keys]\nwide = ^M\n", ":2: ", "no such key"},
		{"[keys]\nwide =\n", ":2: ", "it needs a key"},
		{"[keys]\nwide = W, X, Y\n", ":2: ", "two keys are the most"},
		{"[keys]\nback = Esc\n", ":2: ", "another key beside Esc"},
		{"[keys]\nwide = W\nwide = X\n", ":3: ", "it is there twice"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err err;
		struct keys *keys = read_keys(cases[i].text, &err);

		if (keys || err.kind != ERR_USAGE || strstr(err.msg, path) == NULL ||
			strstr(err.msg, cases[i].line) == NULL ||
			strstr(err.msg, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].text, keys ? "it was taken" : err.msg);
	}
}

/* The default keys pass the same check, and every view has a name to be configured by. */
static void
default_keys_pass(void **state)
{
	struct err err;
	struct keys *keys = read_keys("[keys]\nrefresh = ^R\n", &err);

	(void)state;
	if (keys == NULL)
		fail_msg("%s", err.msg);
	keymap_free(keys);
	for (size_t i = 0; keymap_view(i); i++)
		assert_true(strlen(keymap_view(i)->name) < 32);
}

static int
make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	return fd < 0 || close(fd) != 0;
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_from_the_tables),
		cmocka_unit_test(a_key_of_the_configuration_is_the_key_of_the_table),
		cmocka_unit_test(a_letter_leaves_the_function_key),
		cmocka_unit_test(what_would_be_dangerous_or_dumb_is_refused),
		cmocka_unit_test(default_keys_pass),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
