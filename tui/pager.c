/* The pager does not know its width until it is drawn, so a key may leave top beyond the end;
 * drawing brings it back. */
#include "tui/pager.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

bool
pager_key(struct pager *pager, key_code key, int page)
{
	int step = page > 2 ? page - 1 : 1;

	switch (key) {
	case TK_UP:
	case 'k':
		step = -1;
		break;
	case TK_DOWN:
	case 'j':
		step = 1;
		break;
	case TK_PAGE_UP:
	case KEY_CTRL('b'):
	case 'b':
		step = -step;
		break;
	case TK_PAGE_DOWN:
	case KEY_CTRL('f'):
	case ' ':
		break;
	case TK_HOME:
	case 'g':
		step = -pager->top;
		break;
	case TK_END:
	case 'G':
		step = INT_MAX / 2 - pager->top;
		break;
	default:
		return false;
	}
	pager->top = pager->top + step > 0 ? pager->top + step : 0;
	return true;
}

/* A line that is kept goes on in the next row: nothing of it is lost, nothing moved. */
static int
kept_rows(const char *line, int width, const struct area *area, int y)
{
	int rows = 0;

	while (*line) {
		size_t len = text_fit(line, width, NULL);
		char *row;

		if (len == 0)
			len = strlen(line);
		row = mem_printf("%.*s", (int)len, line);
		if (area)
			draw_text(*area, y + rows, 0, ROLE_TEXT, row);
		free(row);
		line += len;
		rows++;
	}
	return rows;
}

/* Rows of one line of the text; drawn from row y of the area on unless area is NULL. */
static int
line_rows(const char *line, int width, const struct area *area, int y)
{
	bool heading = strncmp(line, "# ", 2) == 0, kept = strncmp(line, "  ", 2) == 0;

	if (*line == '\0')
		return 1;
	if (kept)
		return kept_rows(line, width, area, y);
	if (!heading)
		return area ? draw_wrapped(*area, y, ROLE_TEXT, line) : draw_rows(width, line);
	if (area)
		draw_text(*area, y, 0, ROLE_ACCENT, line + 2);
	return 1;
}

/* Goes through the text; draws where area is given. Returns the rows of all of it. */
static int
walk(const char *text, int width, const struct area *area, int y)
{
	int rows = 0;

	while (*text) {
		size_t len = strcspn(text, "\n");
		char *line = mem_printf("%.*s", (int)len, text);

		rows += line_rows(line, width, area, y + rows);
		free(line);
		text += len + (text[len] == '\n');
		if (area && y + rows >= area->h)
			break;
	}
	return rows;
}

/* The end of a text may tell names that stand at its beginning too. */
static void
veil(struct pager *pager)
{
	while (pager->veils != draw_veils()) {
		pager->veils = draw_veils();
		free(pager->veiled);
		pager->veiled = draw_veiled(pager->text);
		pager->width = 0;
	}
}

void
pager_free(struct pager *pager)
{
	free(pager->veiled);
	*pager = (struct pager){0};
}

void
pager_draw(struct pager *pager, struct area area)
{
	const char *text;
	int last;

	veil(pager);
	text = pager->veiled ? pager->veiled : pager->text;
	draw_as_it_is(true);
	if (pager->width != area.w)
		pager->rows = walk(text, area.w, NULL, 0);
	pager->width = area.w;
	last = pager->rows - area.h;
	pager->longer = last > 0;
	if (pager->top > last)
		pager->top = last > 0 ? last : 0;
	draw_clear(area);
	walk(text, area.w, &area, -pager->top);
	draw_as_it_is(false);
	draw_cursor(area, 0, 0);
}
