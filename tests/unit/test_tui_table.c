/* Tables: the grammar of filters, order, marks, scrolling, a hundred thousand rows, what is drawn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/buf.h"
#include "tui/dump.h"
#include "tui/table.h"
#include "tui/term.h"

enum { ROWS = 100000 };
enum { NAME, GROUP, STATE, NOTE };

static const struct table_column columns[] = {
	{.name = "name", .title = "NAME", .width = 12},
	{.name = "group", .title = "GROUP", .width = 10, .rank = 2},
	{.name = "state",
		.title = "STATE",
		.width = 8,
		.texts = (const char *const[]){"ok", "locked", NULL}},
	{.name = "note", .title = "NOTE", .width = 20, .rank = 5, .right = true},
};

struct owner {
	size_t rows, cells; /* cells: how often one was asked for */
};

static size_t
count(void *user)
{
	return ((struct owner *)user)->rows;
}

static enum role
cell(void *user, size_t row, size_t column, char *out, size_t size)
{
	((struct owner *)user)->cells++;
	switch (column) {
	case NAME:
		snprintf(out, size, "acc-%05zu", row * 7919 % ROWS);
		break;
	case GROUP:
		snprintf(out, size, "RG-%zu", row % 10);
		break;
	case STATE:
		snprintf(out, size, "%s", row % 3 ? "ok" : "locked");
		return row % 3 ? ROLE_OK : ROLE_BAD;
	default:
		snprintf(out, size, "财务部 12:%02zu", row % 60);
	}
	return ROLE_TEXT;
}

static int
compare(void *user, size_t a, size_t b, size_t column)
{
	size_t x = a * 7919 % ROWS, y = b * 7919 % ROWS;

	(void)user;
	if (column == NAME)
		return x < y ? -1 : x > y;
	if (column == GROUP)
		return (int)(a % 10) - (int)(b % 10);
	return 0;
}

static struct owner owner;
static struct table table;

static void
start(size_t rows)
{
	owner = (struct owner){.rows = rows};
	table_init(&table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, compare, &owner});
}

static size_t
passing(const char *filter)
{
	struct err err;

	assert_true(table_filter(&table, filter, &err));
	return table.order_len;
}

static void
filter_grammar(void **state)
{
	(void)state;
	start(300);
	assert_int_equal(passing(""), 300);
	assert_int_equal(passing("locked"), 100);
	assert_int_equal(passing("LOCKED"), 100);
	assert_int_equal(passing("!locked"), 200);
	assert_int_equal(passing("state:ok"), 200);
	assert_int_equal(passing("State:OK"), 200);
	assert_int_equal(passing("!state:ok"), 100);
	assert_int_equal(passing("group:rg-1"), 30);
	assert_int_equal(passing("group:rg-1 state:locked"), 10);
	assert_int_equal(passing("  group:rg-1   !locked  "), 20);
	assert_int_equal(passing("rg-1 rg-2"), 0);
	assert_int_equal(passing("12:07"), 5);
	assert_int_equal(passing("财务"), 300);
	assert_int_equal(passing("!"), 0);
	assert_int_equal(passing("state:"), 300);
	assert_int_equal(passing("name:acc-00000"), 1);
	table_free(&table);
}

/* Groups repeat; the other columns tell nothing before they are written. */
static uint32_t
value(void *user, size_t row, size_t column)
{
	(void)user;
	return column == GROUP ? (uint32_t)(row % 10) + 1 : 0;
}

/* Of the last row asked for: as a kind that stores what it is called. */
static const char *
stored(void *user, size_t row, size_t column)
{
	static char name[32];

	(void)user;
	snprintf(name, sizeof name, "acc-%05zu", row * 7919 % ROWS);
	return column == NAME ? name : NULL;
}

/* What is known of values and columns saves writing cells, and changes no result. */
static void
filter_shares_what_it_found(void **state)
{
	static const char *const filters[] = {"locked", "rg-7", "!rg-7 ok", "group:rg-1 !locked",
		"acc-00 rg-3", "k", "12:07", "state:lock", "!state:ok", "state:nothing", "g-9 !g-8",
		"name:ACC-00", "!acc-1", "c-0001 acc", "name:"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		size_t written, expected;

		start(3000);
		expected = passing(filters[i]);
		written = owner.cells;
		table_free(&table);
		start(3000);
		table.value = value;
		assert_int_equal(passing(filters[i]), expected);
		assert_true(owner.cells <= written);
		table.text = stored;
		assert_int_equal(passing(filters[i]), expected);
		table_free(&table);
	}
	start(3000);
	table.value = value;
	table.text = stored;
	owner.cells = 0;
	assert_int_equal(passing("name:acc-00000"), 1);
	assert_int_equal(owner.cells, 0);
	table_free(&table);
	start(3000);
	table.value = value;
	passing("group:rg-7");
	assert_true(owner.cells <= 10);
	owner.cells = 0;
	assert_int_equal(passing("state:never"), 0);
	assert_int_equal(owner.cells, 0);
	table_free(&table);
}

/* Narrowing keeps the order, and whatever comes later is put into it. */
static void
filter_keeps_the_order(void **state)
{
	(void)state;
	start(3000);
	passing("locked");
	owner.rows = 6000;
	table_update(&table);
	for (size_t i = 1; i < table.order_len; i++)
		assert_true(compare(&owner, table.order[i - 1], table.order[i], NAME) < 0);
	assert_int_equal(table.order_len, 2000);
	assert_int_equal(passing(""), 6000);
	for (size_t i = 1; i < table.order_len; i++)
		assert_true(compare(&owner, table.order[i - 1], table.order[i], NAME) < 0);
	table_free(&table);
}

/* Beside something else a step past the end takes most of a page with it. */
static void
jumps_beside_another_pane(void **state)
{
	struct area area = {0, 0, 21, 60};

	(void)state;
	start(300);
	table.jumps = true;
	table_draw(&table, area, "");
	for (size_t i = 0; i < 20; i++)
		table_key(&table, TK_DOWN, 20);
	table_draw(&table, area, "");
	assert_int_equal(table.top, 16);
	for (size_t i = 0; i < 5; i++)
		table_key(&table, TK_UP, 20);
	table_draw(&table, area, "");
	assert_int_equal(table.top, 0);
	table_free(&table);
}

static void
wrong_filter_changes_nothing(void **state)
{
	char huge[200];
	struct err err;

	(void)state;
	start(30);
	assert_int_equal(passing("locked"), 10);
	assert_false(table_filter(&table, "colour:red", &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "\"colour\""));
	assert_non_null(strstr(err.msg, "name group state note"));
	memset(huge, 'x', sizeof huge - 1);
	huge[sizeof huge - 1] = '\0';
	assert_false(table_filter(&table, huge, &err));
	assert_string_equal(table.filter, "locked");
	assert_int_equal(table.order_len, 10);
	table_free(&table);
}

/* As many words as fit into a filter. */
static void
filter_of_many_words(void **state)
{
	char words[128];

	(void)state;
	start(30);
	for (size_t i = 0; i + 1 < sizeof words; i++)
		words[i] = i % 2 ? ' ' : 'c';
	words[sizeof words - 1] = '\0';
	assert_int_equal(passing(words), 30);
	table_free(&table);
}

static void
equal_rows_go_by_name_both_ways(void **state)
{
	(void)state;
	start(1000);
	for (size_t i = 1; i < table.order_len; i++)
		assert_true(compare(NULL, table.order[i - 1], table.order[i], NAME) < 0);
	for (int round = 0; round < 2; round++) {
		assert_true(table_key(&table, round ? 'I' : '>', 10));
		assert_int_equal(table.sort, GROUP);
		for (size_t i = 1; i < table.order_len; i++) {
			int d = compare(NULL, table.order[i - 1], table.order[i], GROUP);

			assert_true(round ? d >= 0 : d <= 0);
			if (d == 0)
				assert_true(compare(NULL, table.order[i - 1], table.order[i],
						    NAME) < 0);
		}
	}
	table_key(&table, '<', 10);
	table_key(&table, '<', 10);
	assert_int_equal(table.sort, NOTE);
	table_free(&table);
}

static void
without_compare_the_text_decides(void **state)
{
	size_t row;

	(void)state;
	start(50);
	table.source.compare = NULL;
	table_update(&table);
	assert_true(table_current(&table, &row));
	for (size_t i = 1; i < table.order_len; i++)
		assert_true(table.order[i - 1] * 7919 % ROWS < table.order[i] * 7919 % ROWS);
	table_free(&table);
}

static void
cursor_stays_on_its_row(void **state)
{
	size_t row;

	(void)state;
	start(300);
	table_select(&table, 42);
	table_key(&table, 'I', 10);
	assert_true(table_current(&table, &row) && row == 42);
	assert_int_equal(passing("locked"), 100);
	assert_true(table_current(&table, &row) && row == 42);
	owner.rows = 600;
	table_update(&table);
	assert_true(table_current(&table, &row) && row == 42);
	assert_int_equal(passing("nothing-like-it"), 0);
	assert_false(table_current(&table, &row));
	assert_true(table_key(&table, TK_DOWN, 10));
	assert_true(table_key(&table, ' ', 10));
	assert_int_equal(table_marks(&table), 0);
	table_free(&table);
}

static void
marks(void **state)
{
	(void)state;
	start(20);
	table_key(&table, TK_HOME, 10);
	table_key(&table, ' ', 10);
	table_key(&table, ' ', 10);
	assert_int_equal(table_marks(&table), 2);
	assert_int_equal(table.cursor, 2);
	assert_true(table_marked(&table, table.order[0]));
	assert_false(table_marked(&table, table.order[2]));
	owner.rows = 4000;
	table_update(&table);
	assert_int_equal(table_marks(&table), 2);
	assert_false(table_marked(&table, 3999));
	assert_false(table_marked(&table, 1000000));
	table_mark(&table, 3999, true);
	owner.rows = 20;
	table_update(&table);
	assert_int_equal(table_marks(&table), 2);
	owner.rows = 4000;
	table_update(&table);
	assert_false(table_marked(&table, 3999));
	table_free(&table);
}

static void
moving(void **state)
{
	(void)state;
	start(ROWS);
	table_key(&table, 'G', 20);
	assert_int_equal(table.cursor, ROWS - 1);
	table_key(&table, TK_DOWN, 20);
	assert_int_equal(table.cursor, ROWS - 1);
	table_key(&table, TK_PAGE_UP, 20);
	assert_int_equal(table.cursor, ROWS - 21);
	table_key(&table, 'g', 20);
	table_key(&table, 'k', 20);
	assert_int_equal(table.cursor, 0);
	table_key(&table, 'j', 20);
	table_key(&table, TK_PAGE_DOWN, 20);
	assert_int_equal(table.cursor, 21);
	assert_false(table_key(&table, 'x', 20));
	assert_false(table_key(&table, TK_LEFT, 20));
	table_free(&table);
}

/* Each needed cell is asked for at most once a row; drawing asks for what is seen and no more. */
static void
hundred_thousand_rows(void **state)
{
	struct err err;

	(void)state;
	assert_true(term_start_headless(80, 24, &err));
	start(ROWS);
	owner.cells = 0;
	assert_int_equal(passing("state:locked state:lock !state:ok"), ROWS / 3 + 1);
	assert_int_equal(owner.cells, ROWS);
	owner.cells = 0;
	assert_int_equal(passing("acc-12345 acc-1234"), 1);
	assert_true(owner.cells <= ROWS * ARRAY_LEN(columns));
	assert_int_equal(passing(""), ROWS);
	table_key(&table, 'G', 22);
	owner.cells = 0;
	table_draw(&table, draw_screen(), "none");
	assert_true(owner.cells <= 23 * ARRAY_LEN(columns));
	assert_int_equal(table.top, ROWS - 23);
	table_free(&table);
	term_stop();
}

static void
expect_screen(int width, int height, const char *want)
{
	struct buf out;

	buf_init(&out, 65536);
	draw_clear(draw_screen());
	table_draw(&table, (struct area){0, 0, height, width}, "Nothing passes the filter");
	assert_true(dump_screen(&out, true));
	if (strncmp(buf_text(&out), want, strlen(want)) != 0)
		fail_msg("got\n%swant\n%s", buf_text(&out), want);
	buf_free(&out);
}

static void
drawing(void **state)
{
	struct err err;

	(void)state;
	assert_true(term_start_headless(70, 8, &err));
	start(5);
	table_key(&table, TK_DOWN, 5);
	table_key(&table, ' ', 5);
	expect_screen(70, 7,
		"   NAME ▴        GROUP       STATE                                  NOTE\n"
		"   acc-00000     RG-0        locked                         财务部 12:00\n"
		"  *acc-07919     RG-1        ok                             财务部 12:01\n"
		">  acc-15838     RG-2        ok                             财务部 12:02\n"
		"   acc-23757     RG-3        locked                         财务部 12:03\n"
		"   acc-31676     RG-4        ok                             财务部 12:04\n"
		"\n");
	table_free(&table);
	term_stop();
}

static void
narrow_wide_and_empty(void **state)
{
	struct err err;

	(void)state;
	assert_true(term_start_headless(40, 8, &err));
	start(1);
	expect_screen(
		40, 4, "   NAME ▴        GROUP       STATE\n>  acc-00000     RG-0        locked\n");
	expect_screen(30, 4, "   NAME ▴        STATE\n>  acc-00000     locked\n");
	expect_screen(12, 4, "   NAME ▴\n>  acc-00000\n");
	expect_screen(8, 4, "   NAME ▴\n>  acc-00…\n");
	expect_screen(1, 1, "");
	expect_screen(0, 0, "");
	table_key(&table, 'w', 5);
	expect_screen(40, 4, "   NAME ▴        GROUP       STATE\n");
	table_key(&table, TK_RIGHT, 5);
	table_key(&table, TK_RIGHT, 5);
	table_key(&table, TK_RIGHT, 5);
	expect_screen(40, 4, "   NAME ▴        STATE                NOTE\n");
	table_key(&table, TK_LEFT, 5);
	expect_screen(40, 4, "   NAME ▴        GROUP       STATE\n");
	table_key(&table, 'w', 5);
	assert_int_equal(passing("nothing-like-it"), 0);
	expect_screen(40, 4, "   NAME ▴        GROUP       STATE\n>  Nothing passes the filter\n");
	table_free(&table);
	term_stop();
}

static void
one_cell_for_slow_lines(void **state)
{
	struct err err;

	(void)state;
	assert_true(term_start_headless(30, 8, &err));
	assert_true(theme_load("themes/serial.theme", &err));
	start(3);
	expect_screen(
		30, 4, "   NAME ▴        STATE\n> >acc-00000     locked\n   acc-07919     ok\n");
	table_key(&table, ' ', 5);
	expect_screen(
		30, 4, "   NAME ▴        STATE\n  *acc-00000     locked\n> >acc-07919     ok\n");
	table_key(&table, TK_UP, 5);
	expect_screen(
		30, 4, "   NAME ▴        STATE\n> #acc-00000     locked\n   acc-07919     ok\n");
	table_free(&table);
	term_stop();
	assert_true(theme_load("themes/default.theme", &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_grammar),
		cmocka_unit_test(filter_shares_what_it_found),
		cmocka_unit_test(filter_keeps_the_order),
		cmocka_unit_test(jumps_beside_another_pane),
		cmocka_unit_test(wrong_filter_changes_nothing),
		cmocka_unit_test(filter_of_many_words),
		cmocka_unit_test(equal_rows_go_by_name_both_ways),
		cmocka_unit_test(without_compare_the_text_decides),
		cmocka_unit_test(cursor_stays_on_its_row),
		cmocka_unit_test(marks),
		cmocka_unit_test(moving),
		cmocka_unit_test(hundred_thousand_rows),
		cmocka_unit_test(drawing),
		cmocka_unit_test(narrow_wide_and_empty),
		cmocka_unit_test(one_cell_for_slow_lines),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
