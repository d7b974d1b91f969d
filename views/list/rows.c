/* What a table asks for, put to the kind; only what a kind can do is offered, so that the table
 * does the rest itself. */
#include "views/list/rows.h"

#include "views/list/list.h"

static size_t
count(void *owner)
{
	const struct rows *rows = owner;

	return rows->kind->count(rows->estate);
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	const struct rows *rows = owner;

	if (rows->cell)
		return rows->cell(rows->user, row, column, out, size);
	return list_role(rows->kind->cell(rows->estate, row, column, out, size));
}

static int
compare(void *owner, size_t a, size_t b, size_t column)
{
	const struct rows *rows = owner;

	return rows->kind->compare(rows->estate, a, b, column);
}

static uint32_t
value(void *owner, size_t row, size_t column)
{
	const struct rows *rows = owner;

	return rows->kind->value(rows->estate, row, column);
}

_Static_assert((int)TABLE_TEXT >= (int)ROW_NAME, "a stored text fits");

static const char *
stored(void *owner, size_t row, size_t column, char out[TABLE_TEXT])
{
	const struct rows *rows = owner;

	return rows->kind->text(rows->estate, row, column, out);
}

static uint32_t
alike(void *owner, size_t row)
{
	const struct rows *rows = owner;

	return rows->kind->alike(rows->estate, row);
}

void
rows_table(struct table *table, const struct table_column *columns, size_t columns_len,
	struct rows *rows)
{
	const struct kind *kind = rows->kind;

	table_init(table, columns, columns_len,
		(struct table_source){count, cell, kind->compare ? compare : NULL, rows});
	table->value = kind->value ? value : NULL;
	table->text = kind->text ? stored : NULL;
	table->alike = kind->alike ? alike : NULL;
}
