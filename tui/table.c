/* Rows stay with their owner: the table keeps four bytes and a bit for each, and asks only for the
 * rows that are on the screen. */
#include "tui/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/filter.h"
#include "tui/said.h"
#include "tui/words.h"

enum { CELL_BYTES = 256, PREFIX = 1, GAP = 2, MARKS = 64 /* of a word */ };

void
table_init(struct table *table, const struct table_column *columns, size_t columns_len,
	struct table_source source)
{
	*table = (struct table){.columns = columns,
		.columns_len = columns_len < FILTER_COLUMNS ? columns_len : FILTER_COLUMNS,
		.source = source};
	table_update(table);
}

void
table_free(struct table *table)
{
	free(table->order);
	free(table->marks);
	table->order = NULL;
	table->marks = NULL;
	table->order_len = table->marks_len = 0;
}

/* Rows that are equal keep the order of their owner, whichever way the column is sorted. */
static int
compare_rows(const void *left, const void *right, void *user)
{
	const struct table *table = user;
	const struct table_source *source = &table->source;
	size_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
	int d;

	if (source->compare) {
		d = source->compare(source->owner, a, b, table->sort);
	} else {
		char x[CELL_BYTES] = "", y[CELL_BYTES] = "";

		source->cell(source->owner, a, table->sort, x, sizeof x);
		source->cell(source->owner, b, table->sort, y, sizeof y);
		d = text_casecmp(x, y);
	}
	if (d == 0)
		return a < b ? -1 : a > b;
	return table->descending ? -d : d;
}

/* Rows come in pages: what is in order stays, what stands behind it is sorted and merged into it.
 */
static void
sort_rows(struct table *table)
{
	uint32_t *order = table->order, *tail;
	size_t len = table->order_len, left = 1, right;

	while (left < len && compare_rows(&order[left - 1], &order[left], table) <= 0)
		left++;
	if (left >= len)
		return;
	right = len - left;
	qsort_r(order + left, right, sizeof *order, compare_rows, table);
	tail = mem_alloc(right * sizeof *tail);
	memcpy(tail, order + left, right * sizeof *tail);
	for (size_t to = len; right > 0;)
		order[--to] =
			left > 0 && compare_rows(&order[left - 1], &tail[right - 1], table) > 0
				? order[--left]
				: tail[--right];
	free(tail);
}

/* Of marks, for so many rows. */
static size_t
words(size_t rows)
{
	return (rows + MARKS - 1) / MARKS;
}

static void
grow(struct table *table, size_t rows)
{
	size_t had = words(table->marks_len), need = words(rows);

	table->order = mem_resize(table->order, rows * sizeof *table->order);
	if (need > had) {
		table->marks = mem_resize(table->marks, need * sizeof *table->marks);
		memset(table->marks + had, 0, (need - had) * sizeof *table->marks);
	}
	for (size_t row = rows; row < table->marks_len; row++)
		table_mark(table, row, false);
	if (rows > table->marks_len)
		table->marks_len = rows;
}

void
table_update(struct table *table)
{
	size_t rows = table->source.count(table->source.owner), current = 0;
	size_t ordered = 0, kept = 0;
	bool had = table_current(table, &current);
	struct filter filter;

	grow(table, rows);
	filter_open(&filter, table);
	/* The order of before is kept where it has every row: whoever then passes is in order too.
	 */
	if (table->order_len == table->rows && rows >= table->rows)
		ordered = table->rows;
	for (size_t i = 0; i < rows; i++) {
		uint32_t row = i < ordered ? table->order[i] : (uint32_t)i;

		if (filter.len == 0 || filter_passes(&filter, table, row))
			table->order[kept++] = row;
	}
	table->order_len = kept;
	table->rows = rows;
	filter_close(&filter);
	sort_rows(table);
	if (table->cursor >= table->order_len)
		table->cursor = table->order_len ? table->order_len - 1 : 0;
	if (had)
		table_select(table, current);
}

bool
table_filter(struct table *table, const char *filter, struct err *err)
{
	struct filter parsed = {.len = 0};

	if (!filter_parse(&parsed, filter, table->columns, table->columns_len, err) ||
		!text_copy(table->filter, sizeof table->filter, filter))
		return false;
	table_update(table);
	return true;
}

bool
table_current(const struct table *table, size_t *row)
{
	if (table->cursor >= table->order_len)
		return false;
	*row = table->order[table->cursor];
	return true;
}

void
table_select(struct table *table, size_t row)
{
	for (size_t i = 0; i < table->order_len; i++)
		if (table->order[i] == row) {
			table->cursor = i;
			return;
		}
}

bool
table_marked(const struct table *table, size_t row)
{
	return row < table->marks_len && (table->marks[row / MARKS] >> row % MARKS & 1);
}

void
table_mark(struct table *table, size_t row, bool on)
{
	uint64_t bit = UINT64_C(1) << row % MARKS;

	if (row >= table->marks_len)
		return;
	table->marks[row / MARKS] &= ~bit;
	table->marks[row / MARKS] |= on ? bit : 0;
}

size_t
table_marks(const struct table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < words(table->marks_len); i++)
		if (table->marks[i])
			count += (size_t)__builtin_popcountll(table->marks[i]);
	return count;
}

static void
toggle_mark(struct table *table)
{
	size_t row;

	if (table_current(table, &row))
		table_mark(table, row, !table_marked(table, row));
}

/* Moves the cursor by so many rows and the view, if by a page, along with it. */
static void
move_by(struct table *table, long rows, bool scroll)
{
	long last = table->order_len ? (long)table->order_len - 1 : 0;
	long cursor = (long)table->cursor + rows, top = (long)table->top + (scroll ? rows : 0);

	table->cursor = (size_t)(cursor < 0 ? 0 : cursor > last ? last : cursor);
	table->top = (size_t)(top < 0 ? 0 : top > last ? last : top);
}

static bool
move_key(struct table *table, key_code key, int page)
{
	long rows = page > 1 ? page : 1;

	switch (key) {
	case TK_UP:
	case 'k':
		move_by(table, -1, false);
		return true;
	case TK_DOWN:
	case 'j':
		move_by(table, 1, false);
		return true;
	case TK_PAGE_UP:
	case KEY_CTRL('b'):
		move_by(table, -rows, true);
		return true;
	case TK_PAGE_DOWN:
	case KEY_CTRL('f'):
		move_by(table, rows, true);
		return true;
	case TK_HOME:
	case 'g':
		move_by(table, -(long)table->order_len, false);
		return true;
	case TK_END:
	case 'G':
		move_by(table, (long)table->order_len, false);
		return true;
	default:
		return false;
	}
}

/* The cursor goes to the row that was clicked on, if it was one. */
static bool
click(struct table *table)
{
	const struct area *body = &table->body;
	size_t at;
	int y, x;

	key_clicked(&y, &x);
	if (y < body->y || y >= body->y + body->h || x < body->x || x >= body->x + body->w)
		return false;
	at = table->top + (size_t)(y - body->y);
	if (at >= table->order_len)
		return false;
	table->cursor = at;
	return true;
}

static void
sort_by(struct table *table, size_t column, bool descending)
{
	table->sort = column;
	table->descending = descending;
	table_update(table);
}

/* The next column that can be seen, by columns further on: the mark in the header tells by which
 * one the rows are sorted. */
static size_t
sort_column(const struct table *table, size_t by)
{
	size_t to = table->sort;

	for (size_t i = 0; i < table->columns_len; i++) {
		to = (to + by) % table->columns_len;
		if (table->seen == 0 || (table->seen >> to & 1))
			break;
	}
	return to;
}

bool
table_key(struct table *table, key_code key, int page)
{
	size_t columns = table->columns_len;

	switch (key) {
	case TK_CLICK:
		return click(table);
	case '<':
		sort_by(table, sort_column(table, columns - 1), table->descending);
		return true;
	case '>':
		sort_by(table, sort_column(table, 1), table->descending);
		return true;
	case 'I':
		sort_by(table, table->sort, !table->descending);
		return true;
	case 'w':
		table->wide = !table->wide;
		table->left = 0;
		return true;
	case ' ':
		toggle_mark(table);
		move_by(table, 1, false);
		return true;
	case TK_LEFT:
		if (table->wide && table->left)
			table->left--;
		return table->wide;
	case TK_RIGHT:
		if (table->wide && table->left + 2 < columns)
			table->left++;
		return table->wide;
	default:
		return move_key(table, key, page);
	}
}

/* Where the columns stand that are shown. */
struct layout {
	size_t column[FILTER_COLUMNS];
	int x[FILTER_COLUMNS], width[FILTER_COLUMNS];
	size_t len;
};

/* Leaves out columns, those of the highest rank and then the rightmost first, until they fit. */
static void
drop(const struct table *table, bool shown[FILTER_COLUMNS], int room)
{
	for (;;) {
		size_t victim = 0;
		int rank = 0, total = PREFIX - GAP;

		for (size_t i = 0; i < table->columns_len; i++) {
			if (!shown[i])
				continue;
			total += table->columns[i].width + GAP;
			if (table->columns[i].rank && table->columns[i].rank >= rank) {
				rank = table->columns[i].rank;
				victim = i;
			}
		}
		if (total <= room || rank == 0)
			return;
		shown[victim] = false;
	}
}

static void
lay_out(const struct table *table, int room, struct layout *layout)
{
	bool shown[FILTER_COLUMNS];
	int x = PREFIX;

	for (size_t i = 0; i < table->columns_len; i++)
		shown[i] = !table->wide || i == 0 || i > table->left;
	if (!table->wide)
		drop(table, shown, room);
	layout->len = 0;
	for (size_t i = 0; i < table->columns_len && x < room; i++) {
		if (!shown[i])
			continue;
		layout->column[layout->len] = i;
		layout->x[layout->len] = x;
		layout->width[layout->len++] = table->columns[i].width;
		x += table->columns[i].width + GAP;
	}
	if (layout->len && x - GAP < room)
		layout->width[layout->len - 1] += room - (x - GAP);
}

static void
draw_header(const struct table *table, const struct layout *layout, struct area area)
{
	draw_cell(area, 0, 0, area.w, false, ROLE_HEADER, "");
	for (size_t i = 0; i < layout->len; i++) {
		const struct table_column *column = &table->columns[layout->column[i]];
		char title[CELL_BYTES];

		snprintf(title, sizeof title, "%s", _(column->title));
		if (layout->column[i] == table->sort)
			snprintf(title, sizeof title, "%s%s%s", _(column->title),
				text_width(_(column->title)) + 2 > layout->width[i] ? "" : " ",
				draw_glyph(table->descending ? GLYPH_SORT_DOWN : GLYPH_SORT_UP));
		draw_cell(
			area, 0, layout->x[i], layout->width[i], column->right, ROLE_HEADER, title);
	}
}

/* What stands before a row: > under the cursor where there is no bar, * marked, # both. */
static const char *
prefix(bool cursor, bool marked)
{
	return cursor && marked ? "#" : cursor ? ">" : marked ? "*" : "";
}

static void
draw_row(const struct table *table, const struct layout *layout, struct area area, int y, size_t at)
{
	const struct table_source *source = &table->source;
	size_t row = table->order[at];
	bool cursor = at == table->cursor && !table->idle, bar = cursor && !theme_marker();
	bool marked = table_marked(table, row);
	enum role plain = bar ? ROLE_SELECTED : marked ? ROLE_MARKED : ROLE_TEXT, before = plain;

	draw_cell(area, y, 0, PREFIX, false, plain, prefix(cursor && !bar, marked));
	for (size_t i = 0; i < layout->len; i++) {
		const struct table_column *column = &table->columns[layout->column[i]];
		char text[CELL_BYTES] = "";
		enum role role =
			source->cell(source->owner, row, layout->column[i], text, sizeof text);

		if (bar || role == ROLE_TEXT)
			role = plain;
		if (i)
			draw_cell(area, y, layout->x[i] - GAP, GAP, false,
				role == before ? role : plain, "");
		draw_cell(area, y, layout->x[i], layout->width[i], column->right, role,
			column->words ? said(text, (char[SAID]){0}) : text);
		before = role;
	}
}

/* Keeps the cursor in view and as much of the view filled as there are rows. */
static void
scroll(struct table *table, size_t page)
{
	size_t last = table->order_len > page ? table->order_len - page : 0;
	size_t jump = table->jumps ? page * 3 / 4 : 0;

	if (table->cursor < table->top)
		table->top = table->cursor > jump ? table->cursor - jump : 0;
	if (table->cursor >= table->top + page)
		table->top = table->cursor - page + 1 + jump;
	if (table->top > last)
		table->top = last;
}

void
table_draw(struct table *table, struct area area, const char *empty)
{
	size_t page = area.h > 1 ? (size_t)area.h - 1 : 1;
	struct area body = {area.y + 1, area.x, area.h - 1, area.w};
	struct layout layout;

	lay_out(table, area.w, &layout);
	table->body = body;
	table->seen = 0;
	for (size_t i = 0; i < layout.len; i++)
		table->seen |= UINT64_C(1) << layout.column[i];
	draw_header(table, &layout, area);
	if (table->order_len == 0) {
		draw_clear(body);
		draw_wrapped((struct area){body.y, body.x + PREFIX, body.h, body.w - PREFIX}, 0,
			ROLE_DIM, empty);
		draw_cursor(area, 1, 0);
		return;
	}
	scroll(table, page);
	for (size_t i = 0; i < page; i++)
		if (table->top + i < table->order_len)
			draw_row(table, &layout, body, (int)i, table->top + i);
		else
			draw_cell(body, (int)i, 0, body.w, false, ROLE_TEXT, "");
	draw_cursor(body, (int)(table->cursor - table->top), theme_marker() ? PREFIX : 0);
}
