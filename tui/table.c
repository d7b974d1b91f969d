/* Rows stay with their owner: the table keeps four bytes and a bit for each, and asks only for the
 * rows that are on the screen. */
#include "tui/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/filter.h"
#include "tui/order.h"
#include "tui/said.h"
#include "tui/words.h"

enum { CELL_BYTES = 256, PREFIX = 1, GAP = 2, CUT_LEAST = 8, MARKS = 64 /* of a word */ };

void
table_init(struct table *table, const struct table_column *columns, size_t columns_len,
	struct table_source source)
{
	*table = (struct table){.columns = columns,
		.columns_len = columns_len < FILTER_COLUMNS ? columns_len : FILTER_COLUMNS,
		.source = source};
	table_update(table);
}

/* Where every row passes the filter, none is listed twice. */
static void
drop_order(struct table *table)
{
	if (table->order != table->all)
		free(table->order);
	table->order = NULL;
}

void
table_free(struct table *table)
{
	drop_order(table);
	free(table->all);
	free(table->marks);
	table->all = NULL;
	table->marks = NULL;
	table->rows = table->order_len = table->marks_len = 0;
}

/* Of marks, for so many rows. */
static size_t
words(size_t rows)
{
	return (rows + MARKS - 1) / MARKS;
}

/* New rows come behind the others; where some have gone, who knows which. */
static void
grow(struct table *table, size_t rows)
{
	size_t had = words(table->marks_len), need = words(rows);

	table->all = mem_resize(table->all, rows * sizeof *table->all);
	for (size_t row = rows < table->rows ? 0 : table->rows; row < rows; row++)
		table->all[row] = (uint32_t)row;
	table->rows = rows;
	if (need > had) {
		table->marks = mem_resize(table->marks, need * sizeof *table->marks);
		memset(table->marks + had, 0, (need - had) * sizeof *table->marks);
	}
	for (size_t row = rows; row < table->marks_len; row++)
		table_mark(table, row, false);
	if (rows > table->marks_len)
		table->marks_len = rows;
}

/* Of these rows, which may be those that passed before, the ones that pass now. */
static void
choose(struct table *table, uint32_t *from, size_t len)
{
	uint32_t *to = from == table->all ? mem_alloc(len * sizeof *to) : from;
	struct filter filter;

	filter_open(&filter, table);
	table->order_len = 0;
	for (size_t i = 0; i < len; i++)
		if (filter_passes(&filter, table, from[i]))
			to[table->order_len++] = from[i];
	filter_close(&filter);
	table->order = mem_resize(to, table->order_len * sizeof *to);
}

static void
choose_all(struct table *table)
{
	table->order = table->all;
	table->order_len = table->rows;
	if (table->filter[0])
		choose(table, table->all, table->rows);
}

/* With the cursor on that row again, if it had one and that is still there. */
static void
return_to(struct table *table, bool had, size_t row)
{
	if (table->cursor >= table->order_len)
		table->cursor = table->order_len ? table->order_len - 1 : 0;
	if (had)
		table_select(table, row);
}

void
table_update(struct table *table)
{
	size_t rows = table->source.count(table->source.owner), current = 0;
	bool had = table_current(table, &current);

	drop_order(table);
	grow(table, rows);
	order_rows(table);
	choose_all(table);
	return_to(table, had, current);
}

bool
table_filter(struct table *table, const char *filter, struct err *err)
{
	struct filter before, after;
	size_t current = 0;
	bool had = table_current(table, &current), narrower;

	if (!filter_parse(&after, filter, table->columns, table->columns_len, err))
		return false;
	narrower = filter_parse(&before, table->filter, table->columns, table->columns_len, NULL) &&
		   table->order != table->all && filter_narrows(&before, &after);
	if (!text_copy(table->filter, sizeof table->filter, filter))
		return false;
	if (table->rows != table->source.count(table->source.owner)) {
		table_update(table);
		return true;
	}
	if (narrower) {
		choose(table, table->order, table->order_len);
	} else {
		drop_order(table);
		choose_all(table);
	}
	return_to(table, had, current);
	return true;
}

bool
table_search(struct table *table, const char *name, struct err *err)
{
	char words[sizeof table->filter];

	snprintf(words, sizeof words, "%s", name);
	for (char *at = words; *at; at++)
		if (strchr("/:!,", *at))
			*at = ' ';
	return table_filter(table, words, err);
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

bool
table_all_marked(const struct table *table)
{
	size_t i = 0;

	while (i < table->order_len && table_marked(table, table->order[i]))
		i++;
	return i == table->order_len;
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

/* Wide: by one of the columns that scroll; the others stay. */
static void
scroll_columns(struct table *table, bool right)
{
	size_t to = table->left;

	do {
		if (right ? to + 2 >= table->columns_len : to == 0)
			return;
		to += right ? 1 : (size_t)-1;
	} while (to && table->columns[to].rank == 0);
	table->left = to;
}

bool
table_hides(const struct table *table)
{
	return table->wide && table->seen && table->seen != (UINT64_C(1) << table->columns_len) - 1;
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
	case TK_RIGHT:
		if (table->wide)
			scroll_columns(table, key == TK_RIGHT);
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

/* Wide: of those that scroll as many as there is room for beside the others, the last one cut. */
static void
cut(const struct table *table, bool shown[FILTER_COLUMNS], int width[FILTER_COLUMNS], int room)
{
	room -= PREFIX - GAP;
	for (size_t i = 0; i < table->columns_len; i++)
		room -= table->columns[i].rank == 0 ? width[i] + GAP : 0;
	for (size_t i = 0; i < table->columns_len; i++) {
		if (!shown[i] || table->columns[i].rank == 0)
			continue;
		if (width[i] + GAP > room) {
			width[i] = room - GAP;
			shown[i] = width[i] >= CUT_LEAST;
			room = 0;
		} else {
			room -= width[i] + GAP;
		}
	}
}

static void
widen(struct layout *layout, size_t at, int by)
{
	layout->width[at] += by;
	while (++at < layout->len)
		layout->x[at] += by;
}

static void
lay_out(const struct table *table, int room, struct layout *layout)
{
	bool shown[FILTER_COLUMNS];
	int width[FILTER_COLUMNS], x = PREFIX;

	for (size_t i = 0; i < table->columns_len; i++) {
		shown[i] = !table->wide || table->columns[i].rank == 0 || i > table->left;
		width[i] = table->columns[i].width;
	}
	if (table->wide)
		cut(table, shown, width, room);
	else
		drop(table, shown, room);
	layout->len = 0;
	for (size_t i = 0; i < table->columns_len && x < room; i++) {
		if (!shown[i])
			continue;
		layout->column[layout->len] = i;
		layout->x[layout->len] = x;
		layout->width[layout->len++] = width[i];
		x += width[i] + GAP;
	}
	x -= GAP;
	for (size_t i = 0; i < layout->len; i++) {
		int wants = table->columns[layout->column[i]].most - layout->width[i];

		if (wants > room - x)
			wants = room - x;
		if (wants > 0) {
			widen(layout, i, wants);
			x += wants;
		}
	}
	if (layout->len && x < room)
		widen(layout, layout->len - 1, room - x);
}

/* A title that is cut keeps the arrow behind it: by it one knows the order. */
static void
draw_title(struct area area, int x, int width, bool right, const char *title, const char *arrow)
{
	int columns = text_width(title), room = width - text_width(arrow);
	char text[CELL_BYTES];

	if (*arrow == '\0')
		snprintf(text, sizeof text, "%s", title);
	else if (columns <= room)
		snprintf(text, sizeof text, "%s%s%s", title, columns < room ? " " : "", arrow);
	else
		snprintf(text, sizeof text, "%.*s%s%s", (int)text_fit(title, room - 1, NULL), title,
			draw_glyph(GLYPH_ELLIPSIS), arrow);
	draw_cell(area, 0, x, width, right, ROLE_HEADER, text);
}

static void
draw_header(const struct table *table, const struct layout *layout, struct area area)
{
	const char *arrow = draw_glyph(table->descending ? GLYPH_SORT_DOWN : GLYPH_SORT_UP);

	draw_cell(area, 0, 0, area.w, false, ROLE_HEADER, "");
	for (size_t i = 0; i < layout->len; i++) {
		const struct table_column *column = &table->columns[layout->column[i]];

		draw_title(area, layout->x[i], layout->width[i], column->right, _(column->title),
			layout->column[i] == table->sort ? arrow : "");
	}
}

/* What stands before a row: > under the cursor where there is no bar, * marked, # both. */
static const char *
prefix(bool cursor, bool marked)
{
	return cursor && marked ? "#" : cursor ? ">" : marked ? "*" : "";
}

/* The ground is blank already, which is what most cells and gaps stand on. */
static void
draw_part(struct area area, int y, int x, int width, bool right, enum role role, const char *text)
{
	struct area part = {area.y + y, area.x + x, 1, width < area.w - x ? width : area.w - x};

	if (role == ROLE_TEXT && !right)
		draw_text(part, 0, 0, role, text);
	else
		draw_cell(part, 0, 0, width, right, role, text);
}

static void
draw_row(const struct table *table, const struct layout *layout, struct area area, int y, size_t at)
{
	const struct table_source *source = &table->source;
	size_t row = table->order[at];
	bool cursor = at == table->cursor && !table->idle, bar = cursor && !theme_marker();
	bool marked = table_marked(table, row);
	enum role plain = bar ? ROLE_SELECTED : marked ? ROLE_MARKED : ROLE_TEXT, before = plain;

	draw_part(area, y, 0, PREFIX, false, plain, prefix(cursor && !bar, marked));
	for (size_t i = 0; i < layout->len; i++) {
		const struct table_column *column = &table->columns[layout->column[i]];
		char text[CELL_BYTES] = "";
		enum role role =
			source->cell(source->owner, row, layout->column[i], text, sizeof text);

		if (bar || role == ROLE_TEXT)
			role = plain;
		if (i)
			draw_part(area, y, layout->x[i] - GAP, GAP, false,
				role == before ? role : plain, "");
		draw_part(area, y, layout->x[i], layout->width[i], column->right, role,
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
		draw_wrapped((struct area){body.y, body.x + PREFIX, body.h, body.w - PREFIX}, 0,
			table->unknown ? ROLE_WARN : ROLE_DIM, empty);
		draw_cursor(area, 1, 0);
		return;
	}
	scroll(table, page);
	for (size_t i = 0; i < page && table->top + i < table->order_len; i++)
		draw_row(table, &layout, body, (int)i, table->top + i);
	draw_cursor(body, (int)(table->cursor - table->top), theme_marker() ? PREFIX : 0);
}

int
table_draw_over(struct table *table, struct area area, const char *empty, const char *text)
{
	struct area under = {.x = area.x + PREFIX, .w = area.w - 2 * PREFIX};

	under.h = *text ? draw_rows(under.w, text) : 0;
	if (under.h > area.h / 2)
		under.h = area.h / 2;
	area.h -= under.h + 1;
	under.y = area.y + area.h + 1;
	draw_clear((struct area){area.y + area.h, area.x, under.h + 1, area.w});
	draw_wrapped(under, 0, ROLE_TEXT, text);
	table_draw(table, area, empty);
	return area.h > 1 ? area.h - 1 : 1;
}
