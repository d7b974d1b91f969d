/* A hundred thousand rows are sorted while somebody waits for the key he pressed: what is in order
 * already is not compared twice, and cells that a number stands for are compared once a number. */
#include "tui/order.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { CELL_BYTES = 256 };

typedef int compare_rows(const struct table *table, size_t a, size_t b);

static int
compare_cells(const struct table *table, size_t a, size_t b, size_t column)
{
	const struct table_source *source = &table->source;
	char x[CELL_BYTES] = "", y[CELL_BYTES] = "";

	if (source->compare)
		return source->compare(source->owner, a, b, column);
	source->cell(source->owner, a, column, x, sizeof x);
	source->cell(source->owner, b, column, y, sizeof y);
	return text_casecmp(x, y);
}

static uint32_t
value_of(const struct table *table, size_t row)
{
	return table->value ? table->value(table->source.owner, row, table->sort) : 0;
}

static int
by_columns(const struct table *table, size_t a, size_t b)
{
	int d = 0;

	for (size_t i = 0; d == 0 && i < table->columns_len; i++)
		d = compare_cells(table, a, b, i);
	return d ? d : a < b ? -1 : a > b;
}

static int
by_choice(const struct table *table, size_t a, size_t b)
{
	uint32_t value = value_of(table, a);
	int d = value && value == value_of(table, b) ? 0 : compare_cells(table, a, b, table->sort);

	return d == 0 ? by_columns(table, a, b) : table->descending ? -d : d;
}

/* Halves that follow one another, as sorted rows do, need no merging. */
static void
merge_sort(const struct table *table, compare_rows *compare, uint32_t *rows, size_t len,
	uint32_t *room)
{
	size_t half = len / 2, left = 0, right = half;

	if (len < 2)
		return;
	merge_sort(table, compare, rows, half, room);
	merge_sort(table, compare, rows + half, len - half, room);
	if (compare(table, rows[half - 1], rows[half]) <= 0)
		return;
	memcpy(room, rows, half * sizeof *rows);
	for (size_t to = 0; left < half; to++)
		rows[to] = right < len && compare(table, room[left], rows[right]) > 0
				   ? rows[right++]
				   : room[left++];
}

static int
compare_keys(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static void
sort_keys(uint64_t *keys, size_t len)
{
	qsort(keys, len, sizeof *keys, compare_keys);
}

/* Rows of one value, and where their keys stand. */
struct group {
	size_t row, at, len;
};

static int
compare_groups(const void *left, const void *right, void *user)
{
	const struct group *a = left, *b = right;
	const struct table *table = user;

	return compare_cells(table, a->row, b->row, table->sort);
}

/* By row, from its owner; NULL: not every row has one. */
static uint32_t *
values_of(const struct table *table)
{
	uint32_t *values = mem_alloc(table->rows * sizeof *values);

	for (size_t row = 0; row < table->rows; row++) {
		values[row] = value_of(table, row);
		if (values[row] == 0) {
			free(values);
			return NULL;
		}
	}
	return values;
}

/* A key for each row, its value above its place, sorted. */
static uint64_t *
value_keys(const struct table *table, const uint32_t *values)
{
	uint64_t *keys = mem_alloc(table->rows * sizeof *keys);

	for (size_t i = 0; i < table->rows; i++)
		keys[i] = (uint64_t)values[table->all[i]] << 32 | i;
	sort_keys(keys, table->rows);
	return keys;
}

/* Puts the rank of its value in the place of the value. */
static void
rank_keys(const struct table *table, uint64_t *keys)
{
	struct group *groups = mem_alloc(table->rows * sizeof *groups);
	size_t len = 0;
	uint32_t rank = 0;

	for (size_t i = 0; i < table->rows; i++) {
		if (i == 0 || keys[i] >> 32 != keys[i - 1] >> 32)
			groups[len++] =
				(struct group){.row = table->all[(uint32_t)keys[i]], .at = i};
		groups[len - 1].len++;
	}
	qsort_r(groups, len, sizeof *groups, compare_groups, (void *)table);
	for (size_t i = 0; i < len; i++) {
		uint64_t *key = keys + groups[i].at;

		rank += i && compare_groups(&groups[i - 1], &groups[i], (void *)table) != 0;
		for (size_t k = 0; k < groups[i].len; k++)
			key[k] = (uint64_t)(table->descending ? UINT32_MAX - rank : rank) << 32 |
				 (uint32_t)key[k];
	}
	free(groups);
}

/* Rows of one rank stay in the order that they were in. */
static void
sort_by_value(struct table *table, const uint32_t *values)
{
	uint64_t *keys = value_keys(table, values);
	uint32_t *before = mem_alloc(table->rows * sizeof *before);

	rank_keys(table, keys);
	sort_keys(keys, table->rows);
	memcpy(before, table->all, table->rows * sizeof *before);
	for (size_t i = 0; i < table->rows; i++)
		table->all[i] = before[(uint32_t)keys[i]];
	free(before);
	free(keys);
}

static void
sort_by(struct table *table, compare_rows *compare)
{
	uint32_t *room = mem_alloc(table->rows * sizeof *room);

	merge_sort(table, compare, table->all, table->rows, room);
	free(room);
}

static bool
in_order(const struct table *table)
{
	size_t i = 1;

	while (i < table->rows && by_choice(table, table->all[i - 1], table->all[i]) <= 0)
		i++;
	return i >= table->rows;
}

void
order_rows(struct table *table)
{
	uint32_t *values;

	if (in_order(table))
		return;
	values = values_of(table);
	sort_by(table, values ? by_columns : by_choice);
	if (values)
		sort_by_value(table, values);
	free(values);
}
