/* The grammar of filters, and how few cells they ask for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fixtures/tables.h"

static void
filter_grammar(void **state)
{
	(void)state;
	tables_start(300);
	assert_int_equal(tables_passing(""), 300);
	assert_int_equal(tables_passing("locked"), 100);
	assert_int_equal(tables_passing("LOCKED"), 100);
	assert_int_equal(tables_passing("!locked"), 200);
	assert_int_equal(tables_passing("state:ok"), 200);
	assert_int_equal(tables_passing("State:OK"), 200);
	assert_int_equal(tables_passing("!state:ok"), 100);
	assert_int_equal(tables_passing("group:rg-1"), 30);
	assert_int_equal(tables_passing("group:rg-1 state:locked"), 10);
	assert_int_equal(tables_passing("  group:rg-1   !locked  "), 20);
	assert_int_equal(tables_passing("rg-1 rg-2"), 0);
	assert_int_equal(tables_passing("12:07"), 5);
	assert_int_equal(tables_passing("财务"), 300);
	assert_int_equal(tables_passing("!"), 0);
	assert_int_equal(tables_passing("state:"), 300);
	assert_int_equal(tables_passing("name:acc-00000"), 1);
	table_free(&table);
}

/* As a kind that stores what it is called. */
static const char *
stored(void *user, size_t row, size_t column, char out[TABLE_TEXT])
{
	(void)user;
	snprintf(out, TABLE_TEXT, "acc-%05zu", row * 7919 % ROWS);
	return column == NAME ? out : NULL;
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

		tables_start(3000);
		expected = tables_passing(filters[i]);
		written = owner.cells;
		table_free(&table);
		tables_start(3000);
		table.value = tables_value;
		assert_int_equal(tables_passing(filters[i]), expected);
		assert_true(owner.cells <= written);
		table.text = stored;
		assert_int_equal(tables_passing(filters[i]), expected);
		table_free(&table);
	}
	tables_start(3000);
	table.value = tables_value;
	table.text = stored;
	owner.cells = 0;
	assert_int_equal(tables_passing("name:acc-00000"), 1);
	assert_int_equal(owner.cells, 0);
	table_free(&table);
	tables_start(3000);
	table.value = tables_value;
	tables_passing("group:rg-7");
	assert_true(owner.cells <= 10);
	owner.cells = 0;
	assert_int_equal(tables_passing("state:never"), 0);
	assert_int_equal(owner.cells, 0);
	table_free(&table);
}

/* A name of its own, of which the note tells too; the rest goes by tens. */
static const struct table_column of_tens[] = {
	{.name = "name", .title = "NAME", .width = 12, .own = true},
	{.name = "group", .title = "GROUP", .width = 10},
	{.name = "note", .title = "NOTE", .width = 20},
};

static enum role
cell_of_ten(void *user, size_t row, size_t column, char *out, size_t size)
{
	((struct owner *)user)->cells++;
	if (column == 0)
		snprintf(out, size, "acc-%05zu", row);
	else if (column == 1)
		snprintf(out, size, "rg-%zu", row % 10);
	else
		snprintf(out, size, "of rg-%zu: see acc-%05zu.rg-%zu", row % 10, row, row % 10);
	return ROLE_TEXT;
}

static uint32_t
ten_of(void *user, size_t row)
{
	(void)user;
	return row % 10 == 9 ? 0 : (uint32_t)(row % 10) + 1;
}

/* What is found out of one row holds for those like it, but for what is of each row alone. */
static void
filter_knows_rows_alike(void **state)
{
	static const char *const filters[] = {"rg-7", "acc-00017", "!acc-001", "rg-9", "see rg-3",
		"note:acc-00017", "note:rg-3", "17.rg-7", "7.r", "!rg-7 acc-0001 !rg-5", "c-0",
		"acc-00017 acc-00018", "rg-7:", "nothing", "see", "!see"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		size_t expected;

		owner = (struct owner){.rows = 2000};
		table_init(&table, of_tens, ARRAY_LEN(of_tens),
			(struct table_source){tables_count, cell_of_ten, NULL, &owner});
		expected = tables_passing(filters[i]);
		tables_passing("");
		table.alike = ten_of;
		if (tables_passing(filters[i]) != expected)
			fail_msg("%s: %zu, not %zu", filters[i], table.order_len, expected);
		tables_passing("");
		owner.cells = 0;
		tables_passing("nothing");
		assert_true(owner.cells < 2500);
		table_free(&table);
	}
}

/* Narrowing keeps the order, and whatever comes later is put into it. */
static void
filter_keeps_the_order(void **state)
{
	(void)state;
	tables_start(3000);
	tables_passing("locked");
	owner.rows = 6000;
	table_update(&table);
	for (size_t i = 1; i < table.order_len; i++)
		assert_true(tables_compare(&owner, table.order[i - 1], table.order[i], NAME) < 0);
	assert_int_equal(table.order_len, 2000);
	assert_int_equal(tables_passing(""), 6000);
	for (size_t i = 1; i < table.order_len; i++)
		assert_true(tables_compare(&owner, table.order[i - 1], table.order[i], NAME) < 0);
	table_free(&table);
}

static size_t
cells_for(const char *filter, size_t pass)
{
	owner.cells = 0;
	assert_int_equal(tables_passing(filter), pass);
	return owner.cells;
}

/* A word typed on is looked for among what passed before; one that passes more is not. */
static void
filter_narrows_what_it_found(void **state)
{
	(void)state;
	tables_start(3000);
	tables_passing("acc-0");
	assert_int_equal(cells_for("name:acc-000", 6), 3000);
	assert_int_equal(cells_for("name:acc-0000", 1), 6);
	assert_int_equal(cells_for("name:acc-0000 !state:ok", 1), 2);
	assert_int_equal(cells_for("name:acc-000", 6), 3000);
	tables_passing("!name:acc-00");
	assert_int_equal(cells_for("!name:acc-000", 2994), 3000);
	owner.rows = 6000;
	assert_true(tables_passing("!name:acc-0000") > 3000);
	assert_int_equal(tables_passing(""), 6000);
	table_free(&table);
}

/* A name that is typed is no filter, whatever is in it. */
static void
search_is_by_letters(void **state)
{
	struct err err;

	(void)state;
	tables_start(30);
	assert_true(table_search(&table, "locked/RG-0", &err));
	assert_string_equal(table.filter, "locked RG-0");
	assert_int_equal(table.order_len, 1);
	assert_true(table_search(&table, "!locked", &err));
	assert_int_equal(table.order_len, 10);
	assert_true(table_search(&table, "colour:red", &err));
	assert_int_equal(table.order_len, 0);
	table_free(&table);
}

static void
wrong_filter_changes_nothing(void **state)
{
	char huge[200];
	struct err err;

	(void)state;
	tables_start(30);
	assert_int_equal(tables_passing("locked"), 10);
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
	tables_start(30);
	for (size_t i = 0; i + 1 < sizeof words; i++)
		words[i] = i % 2 ? ' ' : 'c';
	words[sizeof words - 1] = '\0';
	assert_int_equal(tables_passing(words), 30);
	table_free(&table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_grammar),
		cmocka_unit_test(filter_shares_what_it_found),
		cmocka_unit_test(filter_knows_rows_alike),
		cmocka_unit_test(filter_keeps_the_order),
		cmocka_unit_test(filter_narrows_what_it_found),
		cmocka_unit_test(search_is_by_letters),
		cmocka_unit_test(wrong_filter_changes_nothing),
		cmocka_unit_test(filter_of_many_words),
	};

	setenv("LC_ALL", "C.UTF-8", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
