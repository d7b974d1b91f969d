/* A view that lists a noun differs from another by its kind, its detail and a key or two: the rest
 * is here and in the other files of its name. */
#include "views/list/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/loop.h"
#include "tui/bar.h"
#include "tui/said.h"
#include "tui/term.h"
#include "tui/words.h"

enum { TWO_PANES_FROM = 110, DETAIL_PARTS = 45 /* hundredths of the width */ };
enum { REST_MS = 150, REPEAT_MS = 10, WHEN = 32 };

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

/* A time of today without its date. */
static char *
say_when(time_t at, char out[WHEN])
{
	time_t now = clock_wall();
	struct tm then, today;

	out[0] = '\0';
	if (localtime_r(&at, &then) && localtime_r(&now, &today))
		strftime(out, WHEN,
			then.tm_yday == today.tm_yday && then.tm_year == today.tm_year
				? "%H:%M:%S"
				: "%Y-%m-%d %H:%M",
			&then);
	return out;
}

/* Where a single row is older than it should be, its state tells of when: an age would have to
 * tick. To the minute, as the column is narrow.
 */
static void
add_when(time_t at, char *out, size_t size)
{
	char when[WHEN], state[SAID], word[SAID];

	snprintf(state, sizeof state, "%s", said(out, word));
	say_when(at, when);
	if (when[0] && when[2] == ':')
		when[strlen("hh:mm")] = '\0';
	snprintf(out, size, _("%s at %s"), state, when);
}

/* What is older than it should be is there to be found, not to be relied on. */
static enum role
role_of(const struct list *list, size_t row, size_t column, char *out, size_t size)
{
	enum role role = list_role(list->kind->cell(list->estate, row, column, out, size));
	struct stale stale;
	time_t at;

	if (estate_stale(list->estate, list->kind->part, &at))
		return ROLE_DIM;
	if (list->kind->stale == NULL || !list->kind->stale(list->estate, row, &stale))
		return role;
	if (strcmp(list->kind->columns[column].name, "state") == 0)
		add_when(stale.at, out, size);
	return ROLE_DIM;
}

/* Apart from cell, which every one on the screen passes through: what is this large takes time to
 * be cleared, and few need it. */
static void
say_unnamed(char *out, size_t size)
{
	char text[SAID], word[SAID];

	snprintf(text, sizeof text, "%s", out);
	snprintf(out, size, "%s", said(text, word));
}

/* What stands in the place of a name is said; a name is a name, whatever it means. */
static enum role
cell(void *user, size_t row, size_t column, char *out, size_t size)
{
	const struct list *list = user;
	enum role role = role_of(list, row, column, out, size);

	if (list->kind->columns[column].names && strpbrk(out, " ("))
		say_unnamed(out, size);
	return role;
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

/* One step shows the detail at once, and so do keys that come faster than any key repeats. A key
 * that is held down moves the cursor alone, and on a slow line every key does; the detail follows
 * when it rests. */
static void
await_rest(struct list *list)
{
	int64_t now = clock_mono_ms();
	bool held = list->rest && now - list->moved_ms >= REPEAT_MS;

	list->waits = (held && term_interactive()) || term_slow();
	list->moved_ms = now;
	job_cancel(list->rest);
	list->rest = job_after(app_loop(app_of(list->view)), REST_MS, rested, list);
}

/* Notes which row is under the cursor; a new one gets a detail of its own. */
void
list_settle(struct list *list)
{
	char here[sizeof list->here] = "";
	size_t row;

	if (table_current(&list->table, &row))
		list_name_row(list, row, here, sizeof here);
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

size_t
list_columns(const struct kind *kind, struct table_column out[LIST_COLUMNS_MAX])
{
	size_t len = kind->columns_len < LIST_COLUMNS_MAX ? kind->columns_len : LIST_COLUMNS_MAX;

	for (size_t i = 0; i < len; i++)
		out[i] = (struct table_column){.name = kind->columns[i].name,
			.title = kind->columns[i].title,
			.width = kind->columns[i].width,
			.most = kind->columns[i].most,
			.rank = kind->columns[i].rank,
			.right = kind->columns[i].right,
			.words = kind->columns[i].words,
			.own = kind->columns[i].own,
			.texts = kind->columns[i].texts};
	return len;
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
	list->rows = (struct rows){list->estate, kind, cell, list};
	rows_table(&list->table, list->columns, list_columns(kind, list->columns), &list->rows);
	if (from && !table_filter(&list->table, from->filter, &err))
		app_say_err(app_of(view), &err);
	if (from)
		snprintf(list->crumb, sizeof list->crumb, "%s", from->title);
	if (from && from->row) {
		table_select(&list->table, *from->row);
		list->opened = true;
	}
	list->replaced = estate_replaced(list->estate);
	list->stale = true;
	list->page = 1;
	list_settle(list);
}

void
list_sort(struct list *list, const char *column)
{
	for (size_t i = 0; i < list->kind->columns_len; i++)
		if (strcmp(list->kind->columns[i].name, column) == 0)
			list->table.sort = i;
	table_update(&list->table);
	list->table.cursor = 0;
	list_settle(list);
}

void
list_close(struct view *view)
{
	struct list *list = view->state;

	job_cancel(list->later);
	job_cancel(list->rest);
	json_decref(list->marked);
	table_free(&list->table);
	page_free(&list->detail);
}

/* A detail of what is stale says so first, and why. */
static void
tell_stale(struct list *list, size_t row)
{
	char when[WHEN];
	struct stale stale;
	time_t at;

	if (list->kind->stale && list->kind->stale(list->estate, row, &stale))
		page_text(&list->detail, ROLE_WARN, 0,
			_("As it was at %s; it could not be read again: %s"),
			say_when(stale.at, when), stale.why);
	else if (!estate_stale(list->estate, list->kind->part, &at))
		return;
	else if (estate_busy(list->estate) & list->kind->part)
		page_text(&list->detail, ROLE_WARN, 0,
			_("As it was at %s; it is being read again."), say_when(at, when));
	else
		page_text(&list->detail, ROLE_WARN, 0,
			_("As it was at %s; it could not be read again: N tells why."),
			say_when(at, when));
}

static void
draw_detail(struct list *list, struct area area)
{
	size_t row;

	if (list->stale && !list->waits) {
		page_clear(&list->detail);
		if (table_current(&list->table, &row)) {
			tell_stale(list, row);
			list->ops->describe(list, row, &list->detail);
		}
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
	bool loading = (estate_busy(list->estate) & list->kind->part) ||
		       (view->ops->work(view) & VIEW_READING);
	const char *empty;
	bool none;

	list_filter_apply(list);
	empty = list->table.filter[0] ? _("Nothing passes the filter: / changes it")
				      : _(list->kind->empty);
	if (list->opened) {
		area.x++;
		area.w -= 2;
		draw_detail(list, area);
		draw_cursor(area, 0, 0);
		return;
	}
	none = list->kind->count(list->estate) == 0;
	list->table.unknown = none && !loading && estate_notes(list->estate);
	if (none && (loading || list->table.unknown))
		empty = loading ? _("Reading: rows appear as they come")
				: _("Unknown: what was asked for could not be read; N tells why");
	if (area.w >= TWO_PANES_FROM && !list->table.wide && !theme_marker()) {
		right.w = area.w * DETAIL_PARTS / 100;
		right.x = area.x + area.w - right.w--;
		left.w = right.x - area.x - 3;
		draw_vline(area, left.w + 1);
		draw_detail(list, right);
	}
	list->table.jumps = left.w < area.w;
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
	snprintf(title + strlen(title), sizeof title - strlen(title), _(" as JSON"));
	app_push(app_of(list->view), &view_text, &(struct text_argument){title, text, false});
	free(text);
}

static const char *
why_nowhere(const struct list *list)
{
	size_t row;

	return list->ops->nowhere && table_current(&list->table, &row)
		       ? list->ops->nowhere(list, row)
		       : NULL;
}

/* Where Enter leads nowhere it is no hint; it tells why all the same. Nor is what is done with a
 * row where there is none, nor one on its way. */
const char *
list_hint(const struct view *view, const struct binding *binding)
{
	const struct list *list = view->state;
	bool of_row = binding->action == LIST_OPEN || binding->action == LIST_JSON ||
		      binding->action > LIST_ACTIONS;

	if (of_row && !list->filtering && list->table.order_len == 0 && !estate_busy(list->estate))
		return NULL;
	return binding->action == LIST_OPEN && list->opened && why_nowhere(list) ? NULL
										 : binding->hint;
}

static void
go_on(struct list *list)
{
	const char *why = why_nowhere(list);

	if (why)
		app_say(app_of(list->view), ROLE_MESSAGE, "%s", _(why));
	else
		list->ops->go_on(list);
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
		list_filter_key(list, key);
		return true;
	}
	switch (action) {
	case LIST_MOVE:
		if (key == ' ' && table_current(&list->table, &row))
			list_note_mark(list, row, !table_marked(&list->table, row));
		table_key(&list->table, key, list->page);
		list_settle(list);
		return true;
	case LIST_SCROLL:
		return scroll(list, key);
	case LIST_OPEN:
		if (!table_current(&list->table, &row))
			return true;
		if (list->opened)
			go_on(list);
		list->opened = true;
		list->detail.top = 0;
		return true;
	case LIST_CLOSE:
		list->opened = false;
		list->detail.top = 0;
		return true;
	case LIST_FILTER:
		list_filter_begin(list);
		return true;
	case LIST_JSON:
		show_json(list);
		return true;
	case LIST_MARK_ALL:
		list_look(list);
		list_mark_all(list);
		return true;
	default:
		return false;
	}
}

void
list_status(const struct view *view, char *out, size_t room)
{
	const struct list *list = view->state;
	const struct kind *kind = list->kind;
	size_t total = kind->count(list->estate), shown = list->table.order_len;
	size_t marks = table_marks(&list->table), seen = 0, unlisted = 0;

	for (size_t i = 0; marks && i < list->table.order_len; i++)
		seen += table_marked(&list->table, list->table.order[i]);
	if (kind->unlisted) {
		unlisted = kind->unlisted(list->estate, NULL, 0);
		total -= unlisted;
		shown -= kind->unlisted(list->estate, list->table.order, shown);
	}
	if (total == 0 && estate_notes(list->estate))
		snprintf(out, room, _("unknown how many"));
	else if (total == 0 && estate_busy(list->estate))
		snprintf(out, room, "%s", draw_glyph(GLYPH_ELLIPSIS));
	else if (shown == total)
		snprintf(out, room, "%zu", total);
	else
		snprintf(out, room, _("%zu of %zu"), shown, total);
	snprintf(out + strlen(out), room - strlen(out), " %s",
		_(total == 1 ? kind->one : kind->title));
	if (unlisted)
		snprintf(out + strlen(out), room - strlen(out),
			_n(" · those of %zu vault unknown", " · those of %zu vaults unknown",
				unlisted),
			unlisted);
	if (list->table.filter[0])
		snprintf(out + strlen(out), room - strlen(out), _(" · filter: %s"),
			list->table.filter);
	if (marks)
		snprintf(out + strlen(out), room - strlen(out), _(" · %zu marked"), marks);
	if (marks > seen)
		snprintf(out + strlen(out), room - strlen(out), _(", %zu of them not shown"),
			marks - seen);
	if (table_hides(&list->table))
		snprintf(out + strlen(out), room - strlen(out), _(" · Left, Right: other columns"));
}

void
list_crumb(const struct view *view, char *out, size_t room)
{
	const struct list *list = view->state;

	snprintf(out, room, "%s", list->crumb[0] ? list->crumb : _(view->ops->title));
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
