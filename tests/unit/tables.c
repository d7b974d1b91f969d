/* A table of as many accounts as a test wants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "tests/unit/tables.h"

const struct table_column tables_columns[TABLES_COLUMNS] = {
	{.name = "name", .title = "NAME", .width = 12},
	{.name = "group", .title = "GROUP", .width = 10, .rank = 2},
	{.name = "state",
		.title = "STATE",
		.width = 8,
		.texts = (const char *const[]){"ok", "locked", NULL}},
	{.name = "note", .title = "NOTE", .width = 20, .rank = 5, .right = true},
};

size_t
tables_count(void *user)
{
	return ((struct owner *)user)->rows;
}

enum role
tables_cell(void *user, size_t row, size_t column, char *out, size_t size)
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

int
tables_compare(void *user, size_t a, size_t b, size_t column)
{
	size_t x = a * 7919 % ROWS, y = b * 7919 % ROWS;

	(void)user;
	if (column == NAME)
		return x < y ? -1 : x > y;
	if (column == GROUP)
		return (int)(a % 10) - (int)(b % 10);
	return 0;
}

struct owner owner;
struct table table;

void
tables_start(size_t rows)
{
	owner = (struct owner){.rows = rows};
	table_init(&table, tables_columns, ARRAY_LEN(tables_columns),
		(struct table_source){tables_count, tables_cell, tables_compare, &owner});
}

size_t
tables_passing(const char *filter)
{
	struct err err;

	assert_true(table_filter(&table, filter, &err));
	return table.order_len;
}

/* Groups repeat; the other columns tell nothing before they are written. */
uint32_t
tables_value(void *user, size_t row, size_t column)
{
	(void)user;
	return column == GROUP ? (uint32_t)(row % 10) + 1 : 0;
}
