/* Why not the pager: a detail pane shows a state as a word and a colour, so each text has a
 * role; and a request must be seen as it is sent, cut anywhere but never reflowed. */
#include "views/page/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/command.h"

enum { LABEL_MAX = 20, LABEL_GAP = 2, HANG = 2, COMMAND_BYTES = 1 << 20 };

struct page_line {
	enum role role;
	int indent, hang;  /* hang: of the rows after the first */
	const char *label; /* NULL: none */
	const char *text;
	bool literal, command;
};

void
page_free(struct page *page)
{
	if (page->arena)
		arena_free(page->arena);
	free(page->lines);
	*page = (struct page){0};
}

void
page_clear(struct page *page)
{
	if (page->arena)
		arena_free(page->arena);
	page->arena = NULL;
	page->len = 0;
	page->counted = 0;
}

static void
add(struct page *page, struct page_line line)
{
	if (page->arena == NULL)
		page->arena = arena_new();
	if (page->len == page->room) {
		page->room = page->room ? page->room * 2 : 32;
		page->lines = mem_resize(page->lines, page->room * sizeof *page->lines);
	}
	if (line.label)
		line.label = arena_strdup(page->arena, line.label);
	line.text = arena_strdup(page->arena, line.text);
	page->lines[page->len++] = line;
	page->counted = 0;
}

static void
add_formatted(struct page *page, struct page_line line, const char *fmt, va_list ap)
{
	char text[2 * SAID];

	vsnprintf(text, sizeof text, fmt, ap);
	line.text = text;
	add(page, line);
}

void
page_blank(struct page *page)
{
	add(page, (struct page_line){.role = ROLE_TEXT, .text = ""});
}

void
page_head(struct page *page, const char *fmt, ...)
{
	va_list ap;

	if (page->len)
		page_blank(page);
	va_start(ap, fmt);
	add_formatted(page, (struct page_line){.role = ROLE_ACCENT}, fmt, ap);
	va_end(ap);
}

void
page_text(struct page *page, enum role role, int indent, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_formatted(page, (struct page_line){.role = role, .indent = indent}, fmt, ap);
	va_end(ap);
}

void
page_item(struct page *page, enum role role, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_formatted(page, (struct page_line){.role = role, .hang = HANG}, fmt, ap);
	va_end(ap);
}

void
page_field(struct page *page, const char *label, enum role role, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_formatted(page, (struct page_line){.role = role, .label = label}, fmt, ap);
	va_end(ap);
}

void
page_literal(struct page *page, enum role role, int indent, const char *text)
{
	char *copy = mem_strdup(text);

	for (char *at = copy, *end; at; at = end) {
		end = strchr(at, '\n');
		if (end)
			*end++ = '\0';
		if (*at || end)
			add(page, (struct page_line){.role = role,
					  .indent = indent,
					  .literal = true,
					  .text = at});
	}
	free(copy);
}

void
page_command(struct page *page, enum role role, int indent, const char *text)
{
	add(page,
		(struct page_line){.role = role, .indent = indent, .command = true, .text = text});
}

char *
page_plain(const struct page *page)
{
	size_t room = 1;
	char *out, *at;

	for (size_t i = 0; i < page->len; i++)
		room += strlen(page->lines[i].text) + LABEL_MAX + 2 * LABEL_GAP +
			(page->lines[i].label ? strlen(page->lines[i].label) : 0);
	at = out = mem_alloc(room);
	for (size_t i = 0; i < page->len; i++) {
		const struct page_line *line = &page->lines[i];

		at += snprintf(at, room - (size_t)(at - out), "%s%s%s\n",
			line->label ? line->label : "", line->label ? ": " : "", line->text);
	}
	return out;
}

/* Of an address that is longer than the row: behind a slash, where one stands near its end. */
static size_t
slash_break(const char *text, size_t n)
{
	for (size_t i = n; i > n / 2; i--)
		if (text[i - 1] == '/')
			return i;
	return n;
}

/* Bytes of the next row of text in width columns; *skip gets the blanks behind it. */
static size_t
row_bytes(const char *text, int width, bool literal, size_t *skip)
{
	size_t n = text_fit(text, width, NULL), at;

	*skip = 0;
	if (n == 0 && *text)
		return strlen(text);
	if (text[n] == '\0' || literal)
		return n;
	at = text_break(text, width);
	*skip = at && text[at] == ' ';
	return at ? at : slash_break(text, n);
}

static int
command_rows(const struct page_line *line, struct area area, const char *text, int y, bool draw)
{
	struct buf folded;
	int rows = 0;

	buf_init(&folded, COMMAND_BYTES);
	if (command_fold(&folded, text, area.w - line->indent))
		for (const char *at = buf_text(&folded); *at; rows++) {
			size_t n = strcspn(at, "\n");
			char row[1024];

			if (draw && y + rows >= 0 && y + rows < area.h) {
				snprintf(row, sizeof row, "%.*s", (int)n, at);
				draw_text(area, y + rows, line->indent, line->role, row);
			}
			at += n + (at[n] != '\0');
		}
	buf_free(&folded);
	return rows;
}

/* Draws one line of the page, of which the first row stands at y (it may be above the area).
 * Returns the rows it takes; with draw false only counts them. */
static int
line_rows(const struct page_line *line, struct area area, int label, int y, bool draw)
{
	char *veiled = draw_veiled(line->text);
	const char *at = veiled ? veiled : line->text;
	int column = line->label ? label : line->indent, rows = 0;

	if (line->command) {
		rows = command_rows(line, area, at, y, draw);
		free(veiled);
		return rows;
	}
	if (line->label && draw && y >= 0 && y < area.h)
		draw_cell(area, y, 0, column - 1, false, ROLE_DIM, line->label);
	do {
		char row[1024];
		int width = area.w - column > 4 ? area.w - column : 4;
		size_t skip, n = row_bytes(at, width, line->literal, &skip);

		if (draw && y + rows >= 0 && y + rows < area.h) {
			snprintf(row, sizeof row, "%.*s", (int)n, at);
			draw_text(area, y + rows, column, line->role, row);
		}
		at += n + skip;
		column += rows++ ? 0 : line->hang;
	} while (*at);
	free(veiled);
	return rows;
}

/* Columns that the labels of some lines take: what the longest needs. */
static int
label_columns(const struct page_line *lines, size_t len)
{
	int most = 0;

	for (size_t i = 0; i < len; i++) {
		int width = lines[i].label ? text_width(lines[i].label) : 0;

		most = width > most ? width : most;
	}
	return (most < LABEL_MAX ? most : LABEL_MAX) + LABEL_GAP;
}

/* Where the values of a block of fields stand, of a page whose labels take so many columns: where
 * an address or an id would be cut, all of them begin as much earlier as it needs, if the labels of
 * the block leave room for that. */
static int
block_column(const struct page *page, size_t first, int width, int label)
{
	int column = label;
	size_t len = 0;

	for (; first + len < page->len && *page->lines[first + len].text; len++) {
		const struct page_line *line = &page->lines[first + len];
		char *veiled = line->label ? draw_veiled(line->text) : NULL;
		const char *text = veiled ? veiled : line->text;
		int begins = line->label ? width - text_width(text) : label;

		if (begins < column && text_break(text, width - label) == 0)
			column = begins;
		free(veiled);
	}
	return column >= label_columns(&page->lines[first], len) ? column : label;
}

static bool
begins_block(const struct page *page, size_t i)
{
	return i == 0 || *page->lines[i - 1].text == '\0';
}

int
page_rows(const struct page *page, int width)
{
	struct area area = {.w = width};
	int rows = 0, label = label_columns(page->lines, page->len), column = label;

	for (size_t i = 0; i < page->len; i++) {
		if (begins_block(page, i))
			column = block_column(page, i, width, label);
		rows += line_rows(&page->lines[i], area, column, 0, false);
	}
	return rows;
}

/* Some names are told only by the lines around them, as those of tags in JSON: the page as a whole
 * teaches them to the veil, before its lines are drawn one by one. */
static void
learn_names(const struct page *page)
{
	char *plain = draw_veils() ? page_plain(page) : NULL;

	free(plain ? draw_veiled(plain) : NULL);
	free(plain);
}

/* What a veil makes of the texts is of another length. */
static void
count(struct page *page, int width)
{
	do {
		page->veils = draw_veils();
		learn_names(page);
		page->rows = page_rows(page, width);
	} while (page->veils != draw_veils());
	page->counted = width;
}

void
page_draw(struct page *page, struct area area)
{
	int label = label_columns(page->lines, page->len), column = label, y, below;

	if (page->counted != area.w || page->veils != draw_veils())
		count(page, area.w);
	page->height = area.h;
	if (page->top > page->rows - area.h)
		page->top = page->rows - area.h;
	if (page->top < 0)
		page->top = 0;
	below = page->rows - page->top - area.h;
	if (below > 0)
		area.h--;
	y = -page->top;
	for (size_t i = 0; i < page->len && y < area.h; i++) {
		if (begins_block(page, i))
			column = block_column(page, i, area.w, label);
		y += line_rows(&page->lines[i], area, column, y, true);
	}
	if (below > 0) {
		area.h++;
		draw_textf(area, area.h - 1, 0, ROLE_DIM, _("%s %d more rows: %s"),
			draw_glyph(GLYPH_ELLIPSIS), below + 1, page->more ? page->more : "PgDn");
	}
}

bool
page_key(struct page *page, key_code key, bool arrows)
{
	int step = page->height > 2 ? page->height - 2 : 1;
	int top = page->top;

	if (key == TK_PAGE_DOWN || key == ' ')
		top += step;
	else if (key == TK_PAGE_UP || key == 'b')
		top -= step;
	else if (arrows && (key == TK_UP || key == 'k'))
		top--;
	else if (arrows && (key == TK_DOWN || key == 'j'))
		top++;
	else if (arrows && (key == TK_HOME || key == 'g'))
		top = 0;
	else if (arrows && (key == TK_END || key == 'G'))
		top = page->rows;
	else
		return false;
	page->top = top < 0 ? 0 : top;
	return true;
}
