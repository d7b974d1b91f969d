/* More steps than rows: the view follows the current one. */
#include "tui/stepper.h"

#include "backend/base/text.h"

enum { TITLE_AT = 3, TITLE_MAX = 28, NOTE_MIN = 6, NOTE_WANTED = 16 };

void
stepper_draw(struct area area, const struct stepper_item *items, size_t len, size_t current)
{
	size_t top = 0, rows = area.h > 0 ? (size_t)area.h : 0;
	int title = 0, most = area.w - TITLE_AT - NOTE_WANTED;

	for (size_t i = 0; i < len; i++) {
		int width = text_width(items[i].title);

		title = width > title ? width : title;
	}
	if (most < TITLE_MAX)
		most = TITLE_MAX;
	if (title > most)
		title = most;
	if (len > rows && current >= rows / 2)
		top = current - rows / 2 < len - rows ? current - rows / 2 : len - rows;
	draw_clear(area);
	for (size_t i = top; i < len && i - top < rows; i++) {
		const struct stepper_item *item = &items[i];
		int y = (int)(i - top), note_at = TITLE_AT + title + 2;

		draw_text(area, y, 1, item->role, draw_glyph(item->mark));
		draw_cell(area, y, TITLE_AT, title, false, i == current ? ROLE_ACCENT : item->role,
			item->title);
		if (item->note && area.w - note_at >= NOTE_MIN)
			draw_text(area, y, note_at, ROLE_DIM, item->note);
		if (i == current)
			draw_cursor(area, y, 1);
	}
}
