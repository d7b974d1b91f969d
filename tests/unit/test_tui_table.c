/* Tables: order, marks, scrolling, a hundred thousand rows, what is drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/buf.h"
#include "tests/fixtures/tables.h"
#include "tui/dump.h"
#include "tui/term.h"

/* Numbers order rows as their cells do, both ways, from any order before. */
static void
values_sort_as_cells_do(void **state)
{
	static const char keys[] = ">I>>I<I<<I";
	uint32_t *expected;

	(void)state;
	for (size_t len = 1; len < sizeof keys; len++) {
		tables_start(3000);
		tables_passing("!rg-3");
		for (size_t i = 0; i < len; i++)
			table_key(&table, (key_code)keys[i], 10);
		expected = table.order;
		table.order = NULL;
		table_free(&table);
		tables_start(3000);
		table.value = tables_value;
		tables_passing("!rg-3");
		for (size_t i = 0; i < len; i++)
			table_key(&table, (key_code)keys[i], 10);
		assert_int_equal(table.order_len, 2700);
		assert_memory_equal(table.order, expected, 2700 * sizeof *expected);
		free(expected);
		table_free(&table);
	}
}

/* Beside something else a step past the end takes most of a page with it. */
static void
jumps_beside_another_pane(void **state)
{
	struct area area = {0, 0, 21, 60};

	(void)state;
	tables_start(300);
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
equal_rows_go_by_name_both_ways(void **state)
{
	(void)state;
	tables_start(1000);
	for (size_t i = 1; i < table.order_len; i++)
		assert_true(tables_compare(NULL, table.order[i - 1], table.order[i], NAME) < 0);
	for (int round = 0; round < 2; round++) {
		assert_true(table_key(&table, round ? 'I' : '>', 10));
		assert_int_equal(table.sort, GROUP);
		for (size_t i = 1; i < table.order_len; i++) {
			int d = tables_compare(NULL, table.order[i - 1], table.order[i], GROUP);

			assert_true(round ? d >= 0 : d <= 0);
			if (d == 0)
				assert_true(tables_compare(NULL, table.order[i - 1], table.order[i],
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
	tables_start(50);
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
	tables_start(300);
	table_select(&table, 42);
	table_key(&table, 'I', 10);
	assert_true(table_current(&table, &row) && row == 42);
	assert_int_equal(tables_passing("locked"), 100);
	assert_true(table_current(&table, &row) && row == 42);
	owner.rows = 600;
	table_update(&table);
	assert_true(table_current(&table, &row) && row == 42);
	assert_int_equal(tables_passing("nothing-like-it"), 0);
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
	tables_start(20);
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
	tables_start(ROWS);
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
	tables_start(ROWS);
	owner.cells = 0;
	assert_int_equal(tables_passing("state:locked state:lock !state:ok"), ROWS / 3 + 1);
	assert_int_equal(owner.cells, ROWS);
	owner.cells = 0;
	assert_int_equal(tables_passing("acc-12345 acc-1234"), 1);
	assert_true(owner.cells <= ROWS * ARRAY_LEN(tables_columns));
	assert_int_equal(tables_passing(""), ROWS);
	table_key(&table, 'G', 22);
	owner.cells = 0;
	table_draw(&table, draw_screen(), "none");
	assert_true(owner.cells <= 23 * ARRAY_LEN(tables_columns));
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
	tables_start(5);
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
	tables_start(1);
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
	assert_int_equal(tables_passing("nothing-like-it"), 0);
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
	tables_start(3);
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

/* By the arrow one knows the order: it is there even where the title is not whole. */
static void
a_cut_title_keeps_its_arrow(void **state)
{
	static const struct table_column narrow[] = {
		{.name = "name", .title = "NAME", .width = 5},
		{.name = "location", .title = "LOCATION", .width = 6},
		{.name = "state", .title = "STATE", .width = 6},
	};
	struct buf out;
	struct err err;

	(void)state;
	owner = (struct owner){.rows = 0};
	table_init(&table, narrow, ARRAY_LEN(narrow),
		(struct table_source){tables_count, tables_cell, tables_compare, &owner});
	assert_true(term_start_headless(23, 2, &err));
	for (size_t i = 0; i < ARRAY_LEN(narrow); i++) {
		static const char *const heads[] = {" NAME▴  LOCAT…  STATE\n",
			" NAME   LOCA…▴  STATE\n", " NAME   LOCAT…  STATE ▴\n"};

		table.sort = i;
		table_draw(&table, draw_screen(), "");
		buf_init(&out, 65536);
		assert_true(dump_screen(&out, false));
		if (strncmp(buf_text(&out), heads[i], strlen(heads[i])) != 0)
			fail_msg("%s is not %s", buf_text(&out), heads[i]);
		buf_free(&out);
	}
	term_stop();
	table_free(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_sort_as_cells_do),
		cmocka_unit_test(jumps_beside_another_pane),
		cmocka_unit_test(equal_rows_go_by_name_both_ways),
		cmocka_unit_test(without_compare_the_text_decides),
		cmocka_unit_test(cursor_stays_on_its_row),
		cmocka_unit_test(marks),
		cmocka_unit_test(moving),
		cmocka_unit_test(hundred_thousand_rows),
		cmocka_unit_test(drawing),
		cmocka_unit_test(narrow_wide_and_empty),
		cmocka_unit_test(one_cell_for_slow_lines),
		cmocka_unit_test(a_cut_title_keeps_its_arrow),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
