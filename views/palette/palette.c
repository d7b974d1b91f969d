/* One prompt for everything that there is to do (palette_entries.c), and for every account, vault
 * and key by name. What the tables hold is looked through at once; rows are in slices, as there may
 * be very many; only the best are kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/loop.h"
#include "tui/fuzzy.h"
#include "tui/prompt.h"
#include "tui/words.h"
#include "views/palette/palette_state.h"

enum { PALETTE_MOVE = 1, PALETTE_TAKE, PALETTE_COMPLETE, PALETTE_LEAVE };
enum { BEST = 100, ROWS_SHOWN = 14, SLICE = 20000, NAME_COLUMNS = 28, OF_COLUMNS = 9 };

struct best {
	struct entry entry;
	enum fuzzy fit;
};

struct palette {
	struct view *view;
	struct view *under; /* that it stands over */
	struct prompt prompt;
	struct entries fixed;   /* all but rows */
	struct best best[BEST]; /* best first */
	size_t best_len, cursor, top;
	bool shifted; /* another entry has come under the cursor than was drawn there */
	size_t rows[PALETTE_PLACES]; /* how many of each were looked at */
	unsigned replaced;           /* estate_replaced then */
	struct job *job;             /* goes on with it; NULL: all were looked at */
};

/* Keeps it if it is among the best; of equals those that came first stay in front. A cursor that
 * was moved stays on its entry. */
static void
offer(struct palette *palette, const struct entry *entry, enum fuzzy fit)
{
	size_t at = palette->best_len;

	while (at > 0 && palette->best[at - 1].fit > fit)
		at--;
	if (at == BEST)
		return;
	if (palette->best_len < BEST)
		palette->best_len++;
	memmove(&palette->best[at + 1], &palette->best[at],
		(palette->best_len - 1 - at) * sizeof *palette->best);
	palette->best[at] = (struct best){*entry, fit};
	if (at > palette->cursor)
		return;
	if (palette->cursor && palette->cursor + 1 < palette->best_len)
		palette->cursor++;
	else
		palette->shifted = true;
}

/* An action has its English name, which is that of its command, in every language. What something
 * does counts as well, by how its words begin, but behind every name that has the letters in one
 * piece. While nothing is typed the many actions, which have a key of their own,
 * stand last. */
static enum fuzzy
fit_of(const char *query, const struct entry *entry)
{
	enum fuzzy fit = fuzzy_match(query, entry->name), what = fuzzy_match(query, entry->what);
	enum fuzzy title = entry->plan ? fuzzy_match(query, entry->plan->title) : FUZZY_NOT;

	fit = title < fit ? title : fit;
	if (*query == '\0')
		return entry->of == OF_ACTION ? FUZZY_LETTERS : FUZZY_PREFIX;
	return fit > FUZZY_WITHIN && what <= FUZZY_WORD ? FUZZY_WITHIN : fit;
}

static void
look_at_row(struct palette *palette, const struct kind *kind, size_t row)
{
	const struct estate *estate = app_options(palette->view->app)->estate;
	struct entry entry = {.of = OF_ROW, .kind = kind, .row = row};
	enum fuzzy fit;
	struct keyid key;

	if (kind == &kind_key) {
		kind_key_id(estate, row, &key);
		snprintf(entry.name, sizeof entry.name, "%s", key.key);
	} else {
		kind->cell(estate, row, 0, entry.name, sizeof entry.name);
	}
	fit = fuzzy_match(palette->prompt.text, entry.name);
	if (fit == FUZZY_NOT || (palette->best_len == BEST && palette->best[BEST - 1].fit <= fit))
		return;
	kind->cell(estate, row, 1, entry.what, sizeof entry.what);
	offer(palette, &entry, fit);
}

static void
look_on(void *user)
{
	struct palette *palette = user;
	const struct estate *estate = app_options(palette->view->app)->estate;
	size_t left = SLICE;

	palette->job = NULL;
	for (size_t i = 0; i < PALETTE_PLACES; i++) {
		const struct kind *kind = palette_places[i].kind;
		size_t count = kind->count(estate);

		for (; palette->rows[i] < count && left; palette->rows[i]++, left--)
			look_at_row(palette, kind, palette->rows[i]);
	}
	if (left == 0)
		palette->job = job_after(app_loop(palette->view->app), 1, look_on, palette);
	app_dirty(palette->view->app);
}

/* Without a letter there is nothing to look for among the rows. */
static void
look(struct palette *palette)
{
	const struct estate *estate = app_options(palette->view->app)->estate;

	job_cancel(palette->job);
	palette->job = NULL;
	palette->best_len = palette->cursor = palette->top = 0;
	for (size_t i = 0; i < palette->fixed.len; i++) {
		enum fuzzy fit = fit_of(palette->prompt.text, &palette->fixed.at[i]);

		if (fit != FUZZY_NOT)
			offer(palette, &palette->fixed.at[i], fit);
	}
	memset(palette->rows, 0, sizeof palette->rows);
	if (palette->prompt.text[0] && estate) {
		palette->replaced = estate_replaced(estate);
		look_on(palette);
	}
	palette->shifted = false;
}

static bool
palette_open(struct view *view, const void *argument, struct err *err)
{
	struct palette *palette = view->state;

	palette->view = view;
	palette->under = app_top(view->app);
	if (argument != palette->under)
		return err_set(err, ERR_FAILED, "", "the palette stands over the view on top");
	prompt_start(&palette->prompt, ": ", "", false);
	entries_make(&palette->fixed, palette->under);
	look(palette);
	return true;
}

static void
palette_close(struct view *view)
{
	struct palette *palette = view->state;

	job_cancel(palette->job);
	free(palette->fixed.at);
}

/* The palette is gone by now, and what it stood over is on top again. */
static void
take(struct app *app, void *with)
{
	entry_take(app, with);
}

static void
choose(struct palette *palette)
{
	struct app *app = palette->view->app;
	struct entry *chosen;

	if (palette->cursor >= palette->best_len)
		return;
	if (palette->shifted) {
		app_say(app, ROLE_MESSAGE, "%s",
			_("Another row has come under the cursor: press Enter again"));
		return;
	}
	chosen = &palette->best[palette->cursor].entry;
	if (chosen->why_not) {
		app_say(app, ROLE_ERROR, "%s: %s", chosen->name, _(chosen->why_not));
		return;
	}
	chosen = mem_alloc(sizeof *chosen);
	*chosen = palette->best[palette->cursor].entry;
	app_then(app, take, chosen);
}

static void
move(struct palette *palette, key_code key)
{
	size_t page = ROWS_SHOWN - 1, last = palette->best_len ? palette->best_len - 1 : 0;

	if (key == TK_DOWN || key == KEY_CTRL('n'))
		palette->cursor += palette->cursor < last;
	else if (key == TK_UP || key == KEY_CTRL('p'))
		palette->cursor -= palette->cursor > 0;
	else if (key == TK_PAGE_DOWN || key == KEY_CTRL('f'))
		palette->cursor = palette->cursor + page < last ? palette->cursor + page : last;
	else if (key == TK_PAGE_UP || key == KEY_CTRL('b'))
		palette->cursor = palette->cursor > page ? palette->cursor - page : 0;
}

static void
type(struct palette *palette, key_code key)
{
	char before[sizeof palette->prompt.text];

	memcpy(before, palette->prompt.text, sizeof before);
	prompt_key(&palette->prompt, key);
	if (strcmp(before, palette->prompt.text) != 0)
		look(palette);
}

static bool
palette_act(struct view *view, int action, key_code key)
{
	struct palette *palette = view->state;

	switch (action) {
	case PALETTE_TAKE:
		choose(palette);
		return true;
	case PALETTE_LEAVE:
		app_pop(view->app);
		return true;
	case PALETTE_MOVE:
		move(palette, key);
		return true;
	case PALETTE_COMPLETE:
		if (palette->cursor < palette->best_len) {
			prompt_start(&palette->prompt, palette->prompt.label,
				palette->best[palette->cursor].entry.name, false);
			look(palette);
		}
		return true;
	default:
		if (key >= KEY_SPECIAL_BASE && key != TK_PASTE && key != TK_LEFT &&
			key != TK_RIGHT && key != TK_HOME && key != TK_END && key != TK_DELETE &&
			key != TK_BACKSPACE)
			return false;
		type(palette, key);
		return true;
	}
}

static const char *
of_text(const struct entry *entry)
{
	switch (entry->of) {
	case OF_ACTION:
		return _("action");
	case OF_VIEW:
		return _("here");
	case OF_CONSOLE:
		return _("console");
	case OF_TOPIC:
	case OF_DEMO:
		return _("help");
	case OF_THEME:
		return _("colours");
	case OF_ROW:
		return _(entry->kind->name);
	}
	return "";
}

static void
draw_entry(const struct entry *entry, struct area line, bool chosen)
{
	bool bar = chosen && !theme_marker();
	enum role plain = bar ? ROLE_SELECTED : ROLE_TEXT, dim = bar ? ROLE_SELECTED : ROLE_DIM;
	int keys = text_width(entry->keys), x = 2;
	int room = line.w - x - OF_COLUMNS - NAME_COLUMNS - 2 - keys - 1;

	draw_cell(line, 0, 0, line.w, false, plain, chosen && !bar ? ">" : "");
	draw_cell(line, 0, x, OF_COLUMNS, false, dim, of_text(entry));
	x += OF_COLUMNS;
	draw_cell(line, 0, x, NAME_COLUMNS, false,
		bar              ? ROLE_SELECTED
		: entry->why_not ? ROLE_DIM
				 : ROLE_TEXT,
		entry->name);
	x += NAME_COLUMNS + 1;
	draw_cell(line, 0, x, room, false, dim, entry->why_not ? _(entry->why_not) : entry->what);
	draw_cell(line, 0, line.w - 1 - keys, keys, false, bar ? ROLE_SELECTED : ROLE_KEY,
		entry->keys);
}

/* A pane over what it stands over: the rest of that stays in sight. */
static void
palette_draw(struct view *view, struct area area)
{
	struct palette *palette = view->state;
	size_t most = area.h > 3 ? (size_t)area.h - 2 : 1, rows = palette->best_len;
	struct area line = {area.y, area.x, 1, area.w};

	palette->shifted = false;
	palette->under->ops->draw(palette->under, area);
	if (rows > ROWS_SHOWN)
		rows = ROWS_SHOWN;
	if (rows > most)
		rows = most;
	if (palette->cursor < palette->top)
		palette->top = palette->cursor;
	if (palette->cursor >= palette->top + rows)
		palette->top = palette->cursor + 1 - rows;
	for (size_t i = 0; i < rows; i++, line.y++)
		draw_entry(&palette->best[palette->top + i].entry, line,
			palette->top + i == palette->cursor);
	if (rows == 0) {
		draw_clear(line);
		draw_text(line, 0, 2, ROLE_DIM,
			palette->job ? _("Looking through the rows") : _("Nothing is called so"));
		line.y++;
	}
	draw_hline(line, 0);
}

static bool
palette_line(struct view *view, struct area line)
{
	prompt_draw(&((struct palette *)view->state)->prompt, line);
	return true;
}

/* Rows that were added are looked at as well. Where others took their place all are, and the cursor
 * goes back to its entry if that is found at once. */
static void
palette_changed(struct view *view)
{
	struct palette *palette = view->state;
	struct entry was = palette->best[palette->cursor].entry;
	bool had = palette->cursor < palette->best_len;

	if (palette->prompt.text[0] == '\0')
		return;
	if (palette->replaced == estate_replaced(app_options(view->app)->estate)) {
		if (palette->job == NULL)
			look_on(palette);
		return;
	}
	look(palette);
	palette->shifted = had;
	for (size_t i = 0; i < palette->best_len && palette->shifted; i++) {
		const struct entry *now = &palette->best[i].entry;

		palette->shifted = now->of != was.of || strcmp(now->name, was.name) != 0;
		palette->cursor = palette->shifted ? 0 : i;
	}
}

static enum view_work
palette_work(const struct view *view)
{
	return ((const struct palette *)view->state)->job ? VIEW_READING : VIEW_IDLE;
}

static const struct binding keys[] = {
	{TK_ENTER, KEY_NOTHING, PALETTE_TAKE, N_("take it"), N_("Do it, or go there")},
	{TK_ESC, KEY_CTRL('g'), PALETTE_LEAVE, N_("leave"), N_("Leave the palette")},
	{TK_TAB, KEY_NOTHING, PALETTE_COMPLETE, N_("complete"),
		N_("Complete the name from the row")},
	{TK_DOWN, KEY_CTRL('n'), PALETTE_MOVE, NULL, N_("One row down")},
	{TK_UP, KEY_CTRL('p'), PALETTE_MOVE, NULL, N_("One row up")},
	{TK_PAGE_DOWN, KEY_CTRL('f'), PALETTE_MOVE, NULL, N_("One page down")},
	{TK_PAGE_UP, KEY_CTRL('b'), PALETTE_MOVE, NULL, N_("One page up")},
	{0},
};

static const struct keymap keymaps[] = {
	{.title = "The palette", .bindings = keys, .typing = true}, {0}};

const struct view_ops view_palette = {
	.name = "palette",
	.title = "Palette",
	.keys = keymaps,
	.state_size = sizeof(struct palette),
	.open = palette_open,
	.draw = palette_draw,
	.act = palette_act,
	.close = palette_close,
	.draw_line = palette_line,
	.changed = palette_changed,
	.work = palette_work,
};
