/* A view that lists a noun differs from another by its kind, its detail and a key or two: the rest
 * is here. The filter applies while it is typed; an error in it leaves the rows as they were. */
#include "views/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/loop.h"
#include "tui/bar.h"
#include "tui/term.h"

enum { TWO_PANES_FROM = 110, DETAIL_PARTS = 45 /* hundredths of the width */ };
enum { REST_MS = 150 };
enum { PAUSE = 20 }; /* times as long as looking through the rows took */

const struct binding list_keys[] = {
	{TK_ENTER, KEY_NOTHING, LIST_OPEN, "open", "Open the row under the cursor"},
	{'/', KEY_NOTHING, LIST_FILTER, "filter",
		"Filter: text, !text, column:value; several words must all hold"},
	{TK_UP, 'k', LIST_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', LIST_MOVE, NULL, "One row down"},
	{TK_HOME, 'g', LIST_MOVE, NULL, "First row"},
	{TK_END, 'G', LIST_MOVE, NULL, "Last row"},
	{TK_CLICK, KEY_NOTHING, LIST_MOVE, NULL, "The row clicked on; % turns the mouse on"},
	{TK_PAGE_UP, KEY_CTRL('b'), LIST_MOVE, NULL, "One page up"},
	{TK_PAGE_DOWN, KEY_CTRL('f'), LIST_MOVE, NULL, "One page down"},
	{'<', KEY_NOTHING, LIST_MOVE, NULL, "Sort by the column to the left"},
	{'>', KEY_NOTHING, LIST_MOVE, "sort", "Sort by the column to the right"},
	{'I', KEY_NOTHING, LIST_MOVE, NULL, "Invert the order"},
	{'w', KEY_NOTHING, LIST_MOVE, "wide", "Wide: every column, no detail pane"},
	{' ', KEY_NOTHING, LIST_MOVE, NULL, "Mark the row"},
	{'J', KEY_NOTHING, LIST_SCROLL, NULL, "Scroll the detail pane down"},
	{'K', KEY_NOTHING, LIST_SCROLL, NULL, "Scroll the detail pane up"},
	{'y', KEY_NOTHING, LIST_JSON, "JSON", "Show the row as JSON"},
	{0},
};

enum { PROMPT_ENTER = 9000, PROMPT_ESC };

const struct binding list_filter_keys[] = {
	{TK_ENTER, KEY_NOTHING, PROMPT_ENTER, "keep the filter", "Keep what is typed"},
	{TK_ESC, KEY_CTRL('g'), PROMPT_ESC, "as before", "Back to the filter before"},
	{0},
};

const struct binding list_detail_keys[] = {
	{TK_ESC, TK_BACKSPACE, LIST_CLOSE, "back to the list", "Back to the list"},
	{KEY_CTRL('g'), KEY_NOTHING, LIST_CLOSE, NULL, "The same, for terminals slow with Esc"},
	{TK_ENTER, KEY_NOTHING, LIST_OPEN, "go on", "Go on to what it depends on"},
	{TK_UP, 'k', LIST_SCROLL, NULL, "Scroll up"},
	{TK_DOWN, 'j', LIST_SCROLL, NULL, "Scroll down"},
	{TK_PAGE_UP, TK_HOME, LIST_SCROLL, NULL, "One page up"},
	{TK_PAGE_DOWN, TK_END, LIST_SCROLL, NULL, "One page down"},
	{'y', KEY_NOTHING, LIST_JSON, "JSON", "Show it as JSON"},
	{0},
};

static const struct binding no_keys[] = {{0}};

const struct keymap list_keymaps[] = {
	[LIST_MAP_OWN] = {.title = "This row", .bindings = no_keys},
	[LIST_MAP_LIST] = {.title = "The list", .bindings = list_keys},
	[LIST_MAP_FILTER] = {.title = "While the filter is typed",
		.bindings = list_filter_keys,
		.typing = true},
	[LIST_MAP_DETAIL] = {.title = "An opened row", .bindings = list_detail_keys},
	{0},
};

unsigned
list_active(const struct view *view)
{
	const struct list *list = view->state;

	if (list->filtering)
		return 1u << LIST_MAP_FILTER;
	return 1u << LIST_MAP_OWN | 1u << (list->opened ? LIST_MAP_DETAIL : LIST_MAP_LIST);
}

enum role
list_role(enum cell_state state)
{
	static const enum role role[] = {
		[CELL_KNOWN] = ROLE_TEXT,
		[CELL_LOADING] = ROLE_DIM,
		[CELL_UNKNOWN] = ROLE_WARN,
		[CELL_GOOD] = ROLE_OK,
		[CELL_WARN] = ROLE_WARN,
		[CELL_BAD] = ROLE_BAD,
		[CELL_NONE] = ROLE_DIM,
	};

	return role[state];
}

static size_t
count(void *owner)
{
	const struct list *list = owner;

	return list->kind->count(list->estate);
}

/* What is of the last start is there to be found, not to be relied on. */
static enum role
role_of(const struct list *list, size_t row, size_t column, char *out, size_t size)
{
	enum role role = list_role(list->kind->cell(list->estate, row, column, out, size));
	time_t at;

	return estate_stale(list->estate, &at) & list->kind->part ? ROLE_DIM : role;
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	return role_of(owner, row, column, out, size);
}

static int
compare(void *owner, size_t a, size_t b, size_t column)
{
	const struct list *list = owner;

	return list->kind->compare(list->estate, a, b, column);
}

enum role
list_cell(const struct list *list, size_t row, const char *column, char *out, size_t room)
{
	enum role role = ROLE_TEXT;

	out[0] = '\0';
	for (size_t i = 0; i < list->kind->columns_len; i++)
		if (text_casecmp(list->kind->columns[i].name, column) == 0)
			role = role_of(list, row, i, out, room);
	return role;
}

/* The first two cells tell one row from another in every kind. */
static void
name_row(const struct list *list, size_t row, char *out, size_t room)
{
	char first[128], second[128] = "";

	list->kind->cell(list->estate, row, 0, first, sizeof first);
	if (list->kind->columns_len > 1)
		list->kind->cell(list->estate, row, 1, second, sizeof second);
	snprintf(out, room, "%s\n%s", first, second);
}

void
list_stale(struct list *list)
{
	list->stale = true;
	app_dirty(app_of(list->view));
}

static void
rested(void *user)
{
	struct list *list = user;

	list->rest = NULL;
	if (list->waits)
		app_dirty(app_of(list->view));
	list->waits = false;
}

/* One step shows the detail at once. A key that is held down moves the cursor alone, which is all
 * that a slow line can carry; the detail follows when it is let go. */
static void
await_rest(struct list *list)
{
	list->waits = list->rest != NULL && term_interactive();
	job_cancel(list->rest);
	list->rest = job_after(app_loop(app_of(list->view)), REST_MS, rested, list);
}

/* Notes which row is under the cursor; a new one gets a detail of its own. */
static void
settle(struct list *list)
{
	char here[sizeof list->here] = "";
	size_t row;

	if (table_current(&list->table, &row))
		name_row(list, row, here, sizeof here);
	if (strcmp(here, list->here) == 0)
		return;
	memcpy(list->here, here, sizeof here);
	list->stale = true;
	if (list->table.order_len)
		await_rest(list);
	list->detail.top = 0;
	if (list->ops->moved)
		list->ops->moved(list);
}

void
list_open(struct view *view, const void *argument, const struct list_ops *ops)
{
	struct list *list = view->state;
	const struct list_argument *from = argument;
	const struct kind *kind = view->ops->kind;
	struct err err;

	list->view = view;
	list->estate = app_options(app_of(view))->estate;
	list->kind = kind;
	list->ops = ops;
	for (size_t i = 0; i < kind->columns_len && i < LIST_COLUMNS_MAX; i++)
		list->columns[i] = (struct table_column){.name = kind->columns[i].name,
			.title = kind->columns[i].title,
			.width = kind->columns[i].width,
			.rank = kind->columns[i].rank,
			.right = kind->columns[i].right};
	table_init(&list->table, list->columns, kind->columns_len,
		(struct table_source){count, cell, kind->compare ? compare : NULL, list});
	if (from && !table_filter(&list->table, from->filter, &err))
		app_say_err(app_of(view), &err);
	if (from)
		snprintf(list->crumb, sizeof list->crumb, "%s", from->title);
	table_update(&list->table);
	list->stale = true;
	list->page = 1;
	settle(list);
}

void
list_close(struct view *view)
{
	struct list *list = view->state;

	job_cancel(list->later);
	job_cancel(list->rest);
	table_free(&list->table);
	page_free(&list->detail);
}

/* Rows may have come in another order: the cursor goes back to where the operator left it. */
static void
look_again(struct list *list)
{
	char name[sizeof list->here];
	size_t row, rows = list->kind->count(list->estate);

	table_update(&list->table);
	list->stale = true;
	if (list->here[0] && table_current(&list->table, &row)) {
		name_row(list, row, name, sizeof name);
		for (row = 0; strcmp(name, list->here) != 0 && row < rows; row++) {
			name_row(list, row, name, sizeof name);
			if (strcmp(name, list->here) == 0)
				table_select(&list->table, row);
		}
	}
	settle(list);
}

static void
look_later(void *user)
{
	struct view *view = user;
	struct list *list = view->state;

	list->later = NULL;
	list_changed(view);
	app_dirty(app_of(view));
}

/* Thousands of replies may come, each with a change: looking through the rows takes a small part of
 * the time, so what takes long is done seldom. Rows that are gone must not be asked for. */
void
list_changed(struct view *view)
{
	struct list *list = view->state;
	int64_t before = clock_mono_ms(), after;

	if (list->kind->count(list->estate) >= list->table.rows && before < list->due_ms) {
		if (list->later == NULL)
			list->later = job_after(app_loop(app_of(view)),
				(int)(list->due_ms - before), look_later, view);
		return;
	}
	job_cancel(list->later);
	list->later = NULL;
	look_again(list);
	after = clock_mono_ms();
	list->due_ms = after + (after - before) * PAUSE;
}

enum view_work
list_work(const struct view *view)
{
	const struct list *list = view->state;

	return list->later || list->waits ? VIEW_READING : VIEW_IDLE;
}

static void
draw_detail(struct list *list, struct area area)
{
	size_t row;

	if (list->stale && !list->waits) {
		page_clear(&list->detail);
		if (table_current(&list->table, &row))
			list->ops->describe(list, row, &list->detail);
		list->stale = false;
	}
	list->detail.more = list->opened ? NULL : "J";
	page_draw(&list->detail, area);
}

void
list_draw(struct view *view, struct area area)
{
	struct list *list = view->state;
	struct area left = area, right = area;
	bool loading = (estate_busy(list->estate) & list->kind->part) != 0;
	const char *empty = list->table.filter[0] ? "Nothing passes the filter: / changes it"
						  : list->kind->empty;

	if (list->opened) {
		area.x++;
		area.w -= 2;
		draw_detail(list, area);
		draw_cursor(area, 0, 0);
		return;
	}
	if (list->kind->count(list->estate) == 0 && (loading || estate_notes(list->estate)))
		empty = loading ? "Reading: rows appear as they come"
				: "Unknown: what was asked for could not be read; N tells why";
	if (area.w >= TWO_PANES_FROM && !list->table.wide && !theme_marker()) {
		right.w = area.w * DETAIL_PARTS / 100;
		right.x = area.x + area.w - right.w--;
		left.w = right.x - area.x - 3;
		draw_vline(area, left.w + 1);
		draw_detail(list, right);
	}
	list->page = left.h > 1 ? left.h - 1 : 1;
	table_draw(&list->table, left, empty);
}

static void
show_json(struct list *list)
{
	size_t row;
	json_t *json;
	char *text, title[300], *end;

	if (!table_current(&list->table, &row))
		return;
	json = list->kind->json(list->estate, row);
	text = json_dumps(json, JSON_INDENT(2) | JSON_ENCODE_ANY);
	json_decref(json);
	if (text == NULL)
		return;
	snprintf(title, sizeof title, "%s", list->here);
	end = strchr(title, '\n');
	if (end)
		*end = '\0';
	snprintf(title + strlen(title), sizeof title - strlen(title), " as JSON");
	app_push(app_of(list->view), &view_text, &(struct text_argument){title, text});
	free(text);
}

static void
set_filter(struct list *list, const char *text)
{
	struct err err;

	list->filter_error[0] = '\0';
	if (!table_filter(&list->table, text, &err))
		snprintf(list->filter_error, sizeof list->filter_error, "%s", err.msg);
	settle(list);
}

static void
filter_key(struct list *list, key_code key)
{
	char before[sizeof list->prompt.text];
	enum prompt_result result;

	memcpy(before, list->prompt.text, sizeof before);
	result = prompt_key(&list->prompt, key);
	if (result == PROMPT_CANCELLED) {
		list->filtering = false;
		set_filter(list, list->filter_before);
		return;
	}
	if (strcmp(before, list->prompt.text) != 0)
		set_filter(list, list->prompt.text);
	if (result == PROMPT_DONE) {
		list->filtering = list->filter_error[0] != '\0';
		if (!list->filtering)
			return;
		prompt_start(&list->prompt, list->prompt.label, list->prompt.text, false);
	}
}

static bool
scroll(struct list *list, key_code key)
{
	key_code as = key == 'J' ? TK_PAGE_DOWN : key == 'K' ? TK_PAGE_UP : key;

	return page_key(&list->detail, as, list->opened);
}

bool
list_act(struct view *view, int action, key_code key)
{
	struct list *list = view->state;
	size_t row;

	if (list->filtering) {
		filter_key(list, key);
		return true;
	}
	switch (action) {
	case LIST_MOVE:
		table_key(&list->table, key, list->page);
		settle(list);
		return true;
	case LIST_SCROLL:
		return scroll(list, key);
	case LIST_OPEN:
		if (!table_current(&list->table, &row))
			return true;
		if (list->opened)
			list->ops->go_on(list);
		list->opened = true;
		list->detail.top = 0;
		return true;
	case LIST_CLOSE:
		list->opened = false;
		list->detail.top = 0;
		return true;
	case LIST_FILTER:
		list->filtering = true;
		list->filter_error[0] = '\0';
		snprintf(list->filter_before, sizeof list->filter_before, "%s", list->table.filter);
		prompt_start(&list->prompt, "Filter: ", list->table.filter, false);
		return true;
	case LIST_JSON:
		show_json(list);
		return true;
	default:
		return false;
	}
}

void
list_status(const struct view *view, char *out, size_t room)
{
	const struct list *list = view->state;
	size_t total = list->kind->count(list->estate), marks = table_marks(&list->table);

	if (total == 0 && estate_notes(list->estate))
		snprintf(out, room, "unknown how many");
	else if (list->table.order_len == total)
		snprintf(out, room, "%zu", total);
	else
		snprintf(out, room, "%zu of %zu", list->table.order_len, total);
	snprintf(out + strlen(out), room - strlen(out), " %s", list->kind->title);
	if (list->table.filter[0])
		snprintf(
			out + strlen(out), room - strlen(out), " · filter: %s", list->table.filter);
	if (marks)
		snprintf(out + strlen(out), room - strlen(out), " · %zu marked", marks);
}

/* What is wrong with a filter stands above it, whole: its end names the columns there are. */
bool
list_draw_line(struct view *view, struct area line)
{
	struct list *list = view->state;
	struct area above = {line.y, line.x + 1, 0, line.w - 2};

	if (!list->filtering)
		return false;
	if (list->filter_error[0]) {
		above.h = draw_rows(above.w, list->filter_error);
		above.y -= above.h;
		draw_clear((struct area){above.y, line.x, above.h, line.w});
		draw_wrapped(above, 0, ROLE_ERROR, list->filter_error);
	}
	prompt_draw(&list->prompt, line);
	return true;
}

void
list_crumb(const struct view *view, char *out, size_t room)
{
	const struct list *list = view->state;

	snprintf(out, room, "%s", list->crumb[0] ? list->crumb : view->ops->title);
	if (list->opened) {
		char name[sizeof list->here];

		memcpy(name, list->here, sizeof name);
		name[strcspn(name, "\n")] = '\0';
		snprintf(out + strlen(out), room - strlen(out), " %s %s", draw_glyph(GLYPH_CRUMB),
			name);
	}
}

/* What the row is called by everybody else: its id, else its first cell. */
char *
list_copy(const struct view *view)
{
	const struct list *list = view->state;
	const char *id;
	char *out;
	json_t *json;
	size_t row;

	if (!table_current(&list->table, &row))
		return NULL;
	json = list->kind->json(list->estate, row);
	id = json_string_value(json_object_get(json, "id"));
	out = id ? mem_strdup(id) : mem_printf("%.*s", (int)strcspn(list->here, "\n"), list->here);
	json_decref(json);
	return out;
}
