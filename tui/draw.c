/* Text is cut and clipped before it goes onto the canvas: what lies outside its area never gets
 * there. */
#include "tui/draw.h"

#include <limits.h>
#include <ncurses.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/canvas.h"
#include "tui/term.h"

enum { LINE_BYTES = 2048 };

static struct {
	char *(*veil)(void *user, const char *text);
	unsigned (*learned)(const void *user);
	void *user;
	bool lifted;
} veil;

void
draw_veil(char *(*veils)(void *user, const char *text), unsigned (*learned)(const void *user),
	void *user)
{
	veil.veil = veils;
	veil.learned = learned;
	veil.user = user;
}

char *
draw_veiled(const char *text)
{
	return veil.veil && !veil.lifted ? veil.veil(veil.user, text) : NULL;
}

unsigned
draw_veils(void)
{
	return veil.veil ? 1 + veil.learned(veil.user) : 0;
}

void
draw_as_it_is(bool on)
{
	veil.lifted = on;
}

struct area
draw_screen(void)
{
	return (struct area){.h = LINES, .w = COLS};
}

/* How much of a text goes into a width; cut: not all, and a column is left for the ellipsis. */
struct fitted {
	size_t len;
	int columns;
	bool cut;
};

static struct fitted
fit(const char *text, int width)
{
	struct fitted fitted = {0};

	fitted.len = text_fit(text, width, &fitted.columns);
	fitted.cut = text[fitted.len] != '\0';
	if (fitted.cut)
		fitted.len = text_fit(text, width - 1, &fitted.columns);
	return fitted;
}

/* Makes a place absolute and clips width to area and screen; false when nothing of it is seen. */
static bool
place(struct area area, int *y, int *x, int *width)
{
	if (*y < 0 || *y >= area.h || *x < 0 || *x >= area.w)
		return false;
	if (*width > area.w - *x)
		*width = area.w - *x;
	*y += area.y;
	*x += area.x;
	if (*y < 0 || *y >= LINES || *x < 0 || *x >= COLS)
		return false;
	if (*width > COLS - *x)
		*width = COLS - *x;
	return *width > 0;
}

/* Draws text in at most width columns; what does not fit is cut with an ellipsis. */
static int
put_cut(int y, int x, int width, enum role role, const char *text, struct fitted fitted)
{
	const char *dots = draw_glyph(GLYPH_ELLIPSIS);

	canvas_text(y, x, fitted.columns, role, text, fitted.len);
	if (!fitted.cut || fitted.columns >= width)
		return fitted.columns;
	canvas_text(y, x + fitted.columns, 1, role, dots, strlen(dots));
	return fitted.columns + 1;
}

void
draw_clear(struct area area)
{
	for (int row = 0; row < area.h; row++)
		draw_cell(area, row, 0, area.w, false, ROLE_TEXT, "");
}

int
draw_text(struct area area, int y, int x, enum role role, const char *text)
{
	int width = INT_MAX, used;
	char *veiled;

	if (!place(area, &y, &x, &width))
		return 0;
	veiled = draw_veiled(text);
	text = veiled ? veiled : text;
	used = put_cut(y, x, width, role, text, fit(text, width));
	free(veiled);
	return used;
}

int
draw_textf(struct area area, int y, int x, enum role role, const char *fmt, ...)
{
	char text[LINE_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return draw_text(area, y, x, role, text);
}

void
draw_cell(struct area area, int y, int x, int width, bool right, enum role role, const char *text)
{
	struct fitted fitted;
	char *veiled;
	int used, lead;

	if (!place(area, &y, &x, &width))
		return;
	veiled = draw_veiled(text);
	text = veiled ? veiled : text;
	fitted = fit(text, width);
	lead = right && !fitted.cut ? width - fitted.columns : 0;
	canvas_text(y, x, lead, role, "", 0);
	used = lead + put_cut(y, x + lead, width - lead, role, text, fitted);
	canvas_text(y, x + used, width - used, role, "", 0);
	free(veiled);
}

/* The next line of a paragraph in width columns: its length in bytes, without the blanks it was
 * broken at; *text moves behind them. */
static size_t
break_line(const char **text, int width)
{
	const char *s = *text;
	size_t line = strcspn(s, "\n"), len = text_fit(s, width, NULL), end;

	if (len >= line) {
		*text = s + line + (s[line] == '\n');
		return line;
	}
	end = text_break(s, width);
	if (end == 0)
		end = len ? len : text_fit(s, 1, NULL);
	if (end == 0)
		end = text_fit(s, 2, NULL);
	*text = s + end + strspn(s + end, " ");
	while (end && s[end - 1] == ' ')
		end--;
	return end;
}

int
draw_wrapped(struct area area, int y, enum role role, const char *text)
{
	char line[LINE_BYTES], *veiled = draw_veiled(text);
	int rows = 0;

	for (text = veiled ? veiled : text; *text;) {
		const char *start = text;
		size_t len = break_line(&text, area.w);

		snprintf(line, sizeof line, "%.*s", (int)len, start);
		draw_text(area, y + rows++, 0, role, line);
	}
	free(veiled);
	return rows;
}

int
draw_rows(int width, const char *text)
{
	char *veiled = draw_veiled(text);
	int rows = 0;

	for (text = veiled ? veiled : text; *text; rows++)
		break_line(&text, width);
	free(veiled);
	return rows;
}

void
draw_vline(struct area area, int x)
{
	for (int row = 0; row < area.h; row++) {
		int y = row, at = x, width = 1;

		if (!place(area, &y, &at, &width))
			return;
		canvas_upright(y, at);
	}
}

void
draw_hline(struct area area, int y)
{
	int x = 0, width = INT_MAX;

	if (place(area, &y, &x, &width))
		canvas_across(y, x, width);
}

const char *
draw_glyph(enum glyph glyph)
{
	static const struct {
		const char *utf8, *ascii;
	} glyphs[] = {
		[GLYPH_DONE] = {"✓", "+"},
		[GLYPH_CURRENT] = {"▸", ">"},
		[GLYPH_FAILED] = {"✗", "x"},
		[GLYPH_SKIPPED] = {"–", "-"},
		[GLYPH_PENDING] = {" ", " "},
		[GLYPH_UNKNOWN] = {"?", "?"},
		[GLYPH_WARNED] = {"▲", "!"},
		[GLYPH_CRUMB] = {"▸", ">"},
		[GLYPH_SORT_UP] = {"▴", "^"},
		[GLYPH_SORT_DOWN] = {"▾", "v"},
		[GLYPH_NONE] = {"–", "-"},
		[GLYPH_ARROW_LEFT] = {"←", "<-"},
		[GLYPH_ELLIPSIS] = {"…", "~"},
		[GLYPH_ENTER] = {"↵", "Enter"},
		[GLYPH_FULL] = {"█", "#"},
		[GLYPH_EMPTY] = {"░", "."},
	};

	return term_utf8() ? glyphs[glyph].utf8 : glyphs[glyph].ascii;
}

void
draw_cursor(struct area area, int y, int x)
{
	int width = 1;

	if (place(area, &y, &x, &width))
		term_cursor(y, x);
}
