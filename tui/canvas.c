/* What is drawn gathers here, line by line, and only a line that is to be another one than it was
 * is painted again: to compare what was asked for is a small part of what it costs to make cells of
 * it and have ncurses compare those. Cells are made here and copied as they are: ncurses' own
 * string functions would wrap, scroll in the last corner and act on stray control characters.
 * Outside UTF-8, what the locale cannot show is one question mark a character, which is also what
 * the libc's wcwidth makes text_fit count. */
#include "tui/canvas.h"

#include <limits.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "backend/base/mem.h"
#include "tui/term.h"

enum { BATCH = 128, ROOM = 512 };

/* Followed by len bytes of text. */
struct stroke {
	int x, width;
	enum role role;
	enum { TEXT, ACROSS, UPRIGHT } what;
	size_t len;
};

/* Its strokes, in the order in which they were drawn. */
struct line {
	char *strokes;
	size_t len, room;
};

static struct {
	struct line *drawn, *shown;
	int height;
} canvas;

static void
grow(int height)
{
	size_t had = (size_t)canvas.height, size = (size_t)height * sizeof(struct line);

	canvas.drawn = mem_resize(canvas.drawn, size);
	canvas.shown = mem_resize(canvas.shown, size);
	memset(canvas.drawn + had, 0, size - had * sizeof(struct line));
	memset(canvas.shown + had, 0, size - had * sizeof(struct line));
	canvas.height = height;
}

static void
append(struct line *line, const void *bytes, size_t len)
{
	if (line->len + len > line->room) {
		line->room = line->len + len + ROOM;
		line->strokes = mem_resize(line->strokes, line->room);
	}
	if (len)
		memcpy(line->strokes + line->len, bytes, len);
	line->len += len;
}

/* What takes the whole line hides what was drawn there before. */
static void
add(int y, struct stroke stroke, const char *text)
{
	struct line *line;

	if (y >= canvas.height)
		grow(LINES);
	line = &canvas.drawn[y];
	if (stroke.x == 0 && stroke.width >= COLS)
		line->len = 0;
	append(line, &stroke, sizeof stroke);
	append(line, text, stroke.len);
}

void
canvas_text(int y, int x, int width, enum role role, const char *text, size_t len)
{
	if (width > 0)
		add(y, (struct stroke){x, width, role, TEXT, len}, text);
}

void
canvas_across(int y, int x, int width)
{
	add(y, (struct stroke){x, width, ROLE_BORDER, ACROSS, 0}, "");
}

void
canvas_upright(int y, int x)
{
	add(y, (struct stroke){x, 1, ROLE_BORDER, UPRIGHT, 0}, "");
}

/* Decodes one character of clean UTF-8. */
static size_t
decode(const char *text, size_t len, wchar_t *c)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80 ? 1 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;

	if (n > len)
		n = 1;
	*c = n == 1 ? s[0] : s[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++)
		*c = *c << 6 | (s[i] & 0x3f);
	return n;
}

/* What a locale other than UTF-8 shows: a twin for those of our own sentences, which terminals of
 * the East draw in two columns; the character if it has it, else a question mark. */
static wchar_t
showable(wchar_t c, bool utf8)
{
	static const struct {
		wchar_t c, twin;
	} twins[] = {
		{L'·', L'-'},
		{L'–', L'-'},
		{L'—', L'-'},
		{L'…', L'~'},
		{L'‹', L'<'},
		{L'›', L'>'},
		{L'←', L'<'},
		{L'→', L'>'},
		{L'’', L'\''},
		{L'“', L'"'},
		{L'”', L'"'},
	};
	char bytes[MB_LEN_MAX];
	mbstate_t state = {0};

	if (c < ' ' || c == 0x7f)
		return '?';
	if (utf8 || c < 0x80)
		return c;
	for (size_t i = 0; i < ARRAY_LEN(twins); i++)
		if (twins[i].c == c)
			return twins[i].twin;
	return wcrtomb(bytes, c, &state) == (size_t)-1 ? '?' : c;
}

/* One cell beyond ASCII: a character and the marks that combine with it. Returns the bytes taken.
 */
static size_t
make_cell(
	const char *text, size_t len, struct theme_look look, bool utf8, cchar_t *cell, int *width)
{
	wchar_t chars[CCHARW_MAX] = {0}, c;
	size_t used = decode(text, len, &c), count = 1;

	chars[0] = showable(c, utf8);
	*width = wcwidth(chars[0]);
	if (*width < 1) {
		chars[0] = '?';
		*width = 1;
	}
	while (utf8 && used < len && (text[used] & 0x80)) {
		size_t n = decode(text + used, len - used, &c);

		if (wcwidth(c) != 0)
			break;
		if (count < CCHARW_MAX - 1)
			chars[count++] = c;
		used += n;
	}
	setcchar(cell, chars, look.attrs, look.pair, NULL);
	return used;
}

/* Blanks behind a text are underlined where a line tells a field or a heading from what is around
 * it, not behind a word. */
static void
paint_text(int y, int x, int width, enum role role, const char *text, size_t len)
{
	cchar_t cells[BATCH] __attribute__((uninitialized)), blank;
	struct theme_look look = theme_look(role);
	bool utf8 = term_utf8();
	bool lined = role == ROLE_INPUT || role == ROLE_HEADER;
	int end = x + width;

	setcchar(&blank, L" ", look.attrs, look.pair, NULL);
	while (x < end && len) {
		int count = 0, columns = 0;

		for (; count < BATCH && x + columns < end && len; count++) {
			size_t n = 1;
			int w = 1;

			cells[count] = blank;
			if (*text > ' ' && *text < 0x7f)
				cells[count].chars[0] = *text;
			else if (*text != ' ')
				n = make_cell(text, len, look, utf8, &cells[count], &w);
			/* A mark may follow any character. */
			if (n == 1 && len > 1 && (text[1] & 0x80))
				n = make_cell(text, len, look, utf8, &cells[count], &w);
			text += n;
			len -= n;
			columns += w;
		}
		mvadd_wchnstr(y, x, cells, count);
		x += columns;
	}
	if (x >= end)
		return;
	if (!lined)
		look.attrs &= ~A_UNDERLINE;
	attr_set(look.attrs, look.pair, NULL);
	setcchar(&blank, L" ", look.attrs, look.pair, NULL);
	mvhline_set(y, x, &blank, end - x);
}

static void
paint(int y, const struct line *line)
{
	struct stroke stroke;

	for (size_t at = 0; at < line->len; at += stroke.len) {
		memcpy(&stroke, line->strokes + at, sizeof stroke);
		at += sizeof stroke;
		/* ncurses mixes the window's attributes into those of the cells. */
		theme_use(stroke.role);
		if (stroke.what == ACROSS)
			mvhline_set(y, stroke.x, WACS_HLINE, stroke.width);
		else if (stroke.what == UPRIGHT)
			mvvline_set(y, stroke.x, WACS_VLINE, 1);
		else
			paint_text(y, stroke.x, stroke.width, stroke.role, line->strokes + at,
				stroke.len);
	}
}

void
canvas_show(void)
{
	for (int y = 0; y < canvas.height && y < LINES; y++) {
		struct line *drawn = &canvas.drawn[y], *shown = &canvas.shown[y];

		if (drawn->len == 0 ||
			(drawn->len == shown->len &&
				memcmp(drawn->strokes, shown->strokes, drawn->len) == 0))
			continue;
		paint(y, drawn);
		shown->len = 0;
		append(shown, drawn->strokes, drawn->len);
	}
}

void
canvas_forget(void)
{
	for (int y = 0; y < canvas.height; y++)
		canvas.shown[y].len = 0;
}

void
canvas_free(void)
{
	for (int y = 0; y < canvas.height; y++) {
		free(canvas.drawn[y].strokes);
		free(canvas.shown[y].strokes);
	}
	free(canvas.drawn);
	free(canvas.shown);
	memset(&canvas, 0, sizeof canvas);
}
