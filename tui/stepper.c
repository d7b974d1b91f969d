/* More steps than rows: the view follows the current one. Where titles and notes do not both fit, a
 * title is cut: what became of a step counts for more than its whole name. */
#include "tui/stepper.h"

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
	}
	most = area.w - EDGE - note;
	if (most < TITLE_AT + TITLE_MIN + GAP)
		most = TITLE_AT + TITLE_MIN + GAP;
	return TITLE_AT + title + GAP < most ? TITLE_AT + title + GAP : most;
}

/* A note moves to the right as far as it can for a longer title. */
static void
draw_item(struct area area, int y, const struct stepper_item *item, int note_at, bool current)
{
	int width = note_width(area, item), wanted = TITLE_AT + text_width(item->title) + GAP;
	int room = area.w - TITLE_AT - EDGE;

	if (width) {
		if (wanted > area.w - EDGE - width)
			wanted = area.w - EDGE - width;
		note_at = wanted > note_at ? wanted : note_at;
		room = note_at - GAP - TITLE_AT;
		if (note_at < area.w)
			draw_cell(area, y, note_at, area.w - note_at, false, ROLE_DIM, item->note);
	}
	draw_text(area, y, 1, item->role, draw_glyph(item->mark));
	draw_cell(area, y, TITLE_AT, room, false, current ? ROLE_ACCENT : item->role, item->title);
	if (current)
		draw_cursor(area, y, 1);
}

void
stepper_draw(struct area area, const struct stepper_item *items, size_t len, size_t current)
{
	size_t top = 0, rows = area.h > 0 ? (size_t)area.h : 0;
	int note_at = note_column(area, items, len);

	if (len > rows && current >= rows / 2)
		top = current - rows / 2 < len - rows ? current - rows / 2 : len - rows;
	draw_clear(area);
	for (size_t i = top; i < len && i - top < rows; i++)
		draw_item(area, (int)(i - top), &items[i], note_at, i == current);
}
