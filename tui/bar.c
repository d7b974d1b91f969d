/* The bottom line is the list of what keys do now: it is made from the same tables that dispatch
 * them, so it cannot tell anything else. */
#include "tui/bar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/key.h"
#include "tui/words.h"

enum { TAB_GAP = 3, TABS_RIGHT = 16 /* at least, lest the tabs move */ };
enum { TITLE_MOST = 40, TITLE_LEAST = 4 };
enum { BAR_MIN = 10, BAR_MAX = 40, HINT_GAP = 2, HINTS_MIN = 10 };
enum { RATE_LEAST = 10 }; /* fewer that are done are no measure of the rest */

static struct area
part(struct area line, int x, int w)
{
	return (struct area){line.y, line.x + x, line.h, w > 0 ? w : 0};
}

void
bar_title(struct area line, const char *left, const char *right, const char *mark,
	enum role mark_role)
{
	int room = line.w - 1, width;
	char *veiled = right ? draw_veiled(right) : NULL;

	right = veiled ? veiled : right;
	draw_cell(line, 0, 0, line.w, false, ROLE_TITLE, "");
	if (mark && (width = text_width(mark)) < room) {
		room -= width;
		draw_text(line, 0, room, mark_role, mark);
		room -= 1;
	}
	if (right && (width = text_width(right)) < room) {
		room -= width;
		draw_text(line, 0, room, ROLE_TITLE, right);
		room -= 2;
	}
	draw_text(part(line, 1, room - 1), 0, 0, ROLE_TITLE, left);
	free(veiled);
}

/* Columns of all of them, where every title but the active one's has at most so many. */
static int
tabs_width(const struct bar_tab *tabs, size_t len, size_t active, int most, int gap)
{
	int width = 1;

	for (size_t i = 0; i < len; i++) {
		int title = text_width(_(tabs[i].title));

		width += text_width(tabs[i].key) + 1 +
			 (title > most && i != active ? most : title) + gap;
	}
	return width;
}

void
bar_tabs(struct area line, const struct bar_tab *tabs, size_t len, size_t active, const char *right,
	const char *brief)
{
	int width = right ? text_width(right) : 0, gap = TAB_GAP, most = TITLE_MOST;
	int wanted = width > TABS_RIGHT ? width : TABS_RIGHT, x = 1;

	while (gap > 1 && tabs_width(tabs, len, active, most, gap) + wanted >= line.w)
		gap--;
	if (brief && tabs_width(tabs, len, active, most, gap) + width >= line.w) {
		right = brief;
		width = text_width(brief);
		while (most > TITLE_LEAST &&
			tabs_width(tabs, len, active, most, gap) + width >= line.w)
			most--;
	}
	draw_cell(line, 0, 0, line.w, false, ROLE_TAB, "");
	for (size_t i = 0; i < len; i++) {
		enum role role = i == active ? ROLE_TAB_ACTIVE : ROLE_TAB;
		const char *title = _(tabs[i].title);
		int columns = text_width(title);

		if (i != active && columns > most)
			columns = most;
		x += draw_textf(line, 0, x, role, "%s ", tabs[i].key);
		draw_cell(line, 0, x, columns, false, role, title);
		x += columns + gap;
	}
	if (width && x + width < line.w)
		draw_text(line, 0, line.w - 1 - width, ROLE_TAB, right);
}

static const char *
hint_key(const struct binding *binding, char name[16])
{
	return binding->key == TK_ENTER ? draw_glyph(GLYPH_ENTER) : key_label(binding->key, name);
}

/* Columns of a table's hints, or draws them from x on as far as they fit. other: a table whose keys
 * go first and are left out here. */
static int
hints(struct area line, int x, const struct binding *table, const struct binding *other, bool draw)
{
	for (; table && table->action; table++) {
		char name[16];
		const char *key = hint_key(table, name);
		int width = text_width(key) + 1;

		if (table->hint == NULL || (other && key_action(other, table->key)))
			continue;
		width += text_width(_(table->hint));
		if (draw && x + width > line.w)
			break;
		if (draw) {
			int used = draw_text(line, 0, x, ROLE_KEY, key);

			draw_text(line, 0, x + used + 1, ROLE_HINT, _(table->hint));
		}
		x += width + HINT_GAP;
	}
	return x;
}

/* The common hints (help, quit) keep their place when the view has many. */
void
bar_hints(struct area line, const struct binding *view, const struct binding *common)
{
	int common_width = hints(line, 0, common, view, false), room = line.w - common_width;
	int x;

	draw_cell(line, 0, 0, line.w, false, ROLE_HINT, "");
	x = hints(part(line, 0, room >= HINTS_MIN ? room : line.w), 1, view, NULL, true);
	hints(line, x, common, view, true);
}

void
bar_message(
	struct area line, enum role role, const char *left, enum role right_role, const char *right)
{
	int room = line.w - 1, width = right ? text_width(right) : 0;
	char *veiled = draw_veiled(left);

	left = veiled ? veiled : left;
	draw_cell(line, 0, 0, line.w, false, role, "");
	if (width && width < room - text_width(left) - 1) {
		room -= width;
		draw_text(line, 0, room, right_role, right);
		room -= 2;
	}
	draw_text(part(line, 1, room - 1), 0, 0, role, left);
	free(veiled);
}

/* 12,345: thousands apart, whatever the locale. */
static const char *
grouped(size_t n, char out[32])
{
	char plain[24];
	size_t len = (size_t)snprintf(plain, sizeof plain, "%zu", n), used = 0;

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = plain[i];
	}
	out[used] = '\0';
	return out;
}

static void
draw_bar(struct area line, int x, size_t done, size_t total)
{
	int width = line.w - x - 1;
	int full;

	if (width < BAR_MIN || total == 0)
		return;
	if (width > BAR_MAX)
		width = BAR_MAX;
	full = done >= total ? width : (int)((double)done / (double)total * width);
	for (int i = 0; i < width; i++)
		draw_text(line, 0, x + i, i < full ? ROLE_ACCENT : ROLE_DIM,
			draw_glyph(i < full ? GLYPH_FULL : GLYPH_EMPTY));
}

void
bar_progress(struct area line, const char *what, size_t done, size_t total, double seconds)
{
	double rate = seconds > 0 && done >= RATE_LEAST ? (double)done / seconds : 0;
	char a[32], b[32];
	int x = 1;

	draw_cell(line, 0, 0, line.w, false, ROLE_MESSAGE, "");
	x += draw_text(line, 0, x, ROLE_MESSAGE, what) + 2;
	if (total)
		x += draw_textf(line, 0, x, ROLE_MESSAGE, _("%s of %s"), grouped(done, a),
			grouped(total, b));
	else if (done)
		x += draw_text(line, 0, x, ROLE_MESSAGE, grouped(done, a));
	if (rate >= 1)
		x += 2 + draw_textf(line, 0, x + 2, ROLE_MESSAGE, "%s/s",
				 grouped((size_t)(rate + 0.5), a));
	if (rate <= 0 && seconds >= 1)
		x += 2 + draw_textf(line, 0, x + 2, ROLE_MESSAGE, _("%.0f s so far"), seconds);
	if (rate > 0 && total > done)
		x += 2 + draw_textf(line, 0, x + 2, ROLE_MESSAGE, _("%.0f s left"),
				 (double)(total - done) / rate);
	draw_bar(line, x + 2, done, total);
}
