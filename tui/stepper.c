/* More steps than rows: the view follows the current one. Where title and note do not both fit, the
 * title takes several rows; one that cannot be broken, such as a name, is cut. */
#include "tui/stepper.h"

#include <string.h>

#include "backend/base/text.h"

enum { TITLE_AT = 3, TITLE_MIN = 10, GAP = 2, EDGE = 1 };

/* A note that can be spared is left out where it would cut the title. */
static int
note_width(struct area area, const struct stepper_item *item)
{
	int width = item->note ? text_width(item->note) : 0;

	if (item->spare && TITLE_AT + text_width(item->title) + GAP + width + EDGE > area.w)
		return 0;
	return width;
}

/* Where the notes begin: behind the longest title, or as far left as the longest note needs. */
static int
note_column(struct area area, const struct stepper_item *items, size_t len)
{
	int title = 0, note = 0, most;

	for (size_t i = 0; i < len; i++) {
		int columns = text_width(items[i].title);

		title = columns > title ? columns : title;
		note = note_width(area, &items[i]) > note ? note_width(area, &items[i]) : note;
		note = items[i].wide > note ? items[i].wide : note;
	}
	most = area.w - EDGE - note;
	if (most < TITLE_AT + TITLE_MIN + GAP)
		most = TITLE_AT + TITLE_MIN + GAP;
	return TITLE_AT + title + GAP < most ? TITLE_AT + title + GAP : most;
}

/* Columns of the title. A note moves to the right as far as it can for a longer one. */
static int
title_room(struct area area, const struct stepper_item *item, int note_at)
{
	int width = note_width(area, item), wanted = TITLE_AT + text_width(item->title) + GAP;

	if (width == 0)
		return area.w - TITLE_AT - EDGE;
	if (wanted > area.w - EDGE - width)
		wanted = area.w - EDGE - width;
	return (wanted > note_at ? wanted : note_at) - GAP - TITLE_AT;
}

static int
item_rows(struct area area, const struct stepper_item *item, int note_at)
{
	int room = title_room(area, item, note_at);
	const char *word = item->title + strspn(item->title, " ");

	if (text_width(word) <= room || text_break(word, room) == 0)
		return 1;
	return draw_rows(room, item->title);
}

static void
draw_item(struct area area, int y, int rows, const struct stepper_item *item, int note_at)
{
	int room = title_room(area, item, note_at), at = TITLE_AT + room + GAP;
	struct area title = {area.y, area.x + TITLE_AT, area.h, room};

	if (note_width(area, item) && at < area.w)
		draw_cell(area, y, at, area.w - at, false, item->role, item->note);
	draw_text(area, y, 1, item->role, draw_glyph(item->mark));
	if (rows == 1)
		draw_cell(title, y, 0, room, false, item->role, item->title);
	else
		draw_wrapped(title, y, item->role, item->title);
}

int
stepper_rows(int width, const struct stepper_item *items, size_t len)
{
	struct area area = {.w = width};
	int note_at = note_column(area, items, len), rows = 0;

	for (size_t i = 0; i < len; i++)
		rows += item_rows(area, &items[i], note_at);
	return rows;
}

/* The first that is shown: half of the rows are above the current one, as far as there are rows to
 * be filled below it. */
static size_t
first_shown(struct area area, const struct stepper_item *items, size_t len, size_t current)
{
	int note_at = note_column(area, items, len), above = 0, below = 0;
	size_t top = current;

	for (size_t i = current; i < len && below < area.h; i++)
		below += item_rows(area, &items[i], note_at);
	while (top > 0) {
		above += item_rows(area, &items[top - 1], note_at);
		if (above > area.h / 2 && above + below > area.h)
			break;
		top--;
	}
	return top;
}

void
stepper_draw(struct area area, const struct stepper_item *items, size_t len, size_t current)
{
	int note_at = note_column(area, items, len), y = 0;

	draw_clear(area);
	for (size_t i = first_shown(area, items, len, current); i < len && y < area.h; i++) {
		struct stepper_item item = items[i];
		int rows = item_rows(area, &item, note_at);

		if (i == current) {
			item.role = ROLE_ACCENT;
			draw_cursor(area, y, 1);
		}
		draw_item(area, y, rows, &item, note_at);
		y += rows;
	}
}
