/* Activity: the journal as it stands on the disk, newest first. Read when the tab is opened and
 * when the estate was read again, never by the clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/estate/estate.h"
#include "backend/journal/journal.h"
#include "tui/table.h"
#include "views/value.h"
#include "views/view.h"

enum { ACTIVITY_MOVE = 1, ACTIVITY_JSON, RECORDS_MAX = 100000 };

struct activity {
	struct view *view;
	struct table table;
	json_t *records;    /* array, oldest first */
	struct err failure; /* why the journal could not be read */
	int page;
};

/* Paths into a record, in the order of the columns. */
static const struct table_column columns[] = {
	{.name = "time", .title = "TIME", .width = 20},
	{.name = "phase", .title = "PHASE", .width = 8},
	{.name = "plan", .title = "PLAN", .width = 9, .rank = 2},
	{.name = "step", .title = "STEP", .width = 10},
	{.name = "http", .title = "HTTP", .width = 4, .rank = 3, .right = true},
	{.name = "method", .title = "METHOD", .width = 6, .rank = 4},
	{.name = "code", .title = "CODE", .width = 16, .rank = 5},
	{.name = "target", .title = "TARGET", .width = 28, .rank = 1},
};

static size_t
count(void *owner)
{
	return json_array_size(((struct activity *)owner)->records);
}

static const json_t *
record_at(const struct activity *activity, size_t row)
{
	return json_array_get(activity->records, json_array_size(activity->records) - 1 - row);
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	const json_t *record = record_at(owner, row);
	char phase[16];

	value_text(record, columns[column].name, out, size);
	if (strcmp(columns[column].name, "target") == 0) {
		const char *slash = strrchr(out, '/');

		if (slash && slash[1])
			memmove(out, slash + 1, strlen(slash));
	}
	if (strcmp(columns[column].name, "phase") != 0)
		return ROLE_TEXT;
	value_text(record, "phase", phase, sizeof phase);
	return strcmp(phase, "done") == 0      ? ROLE_OK
	       : strcmp(phase, "failed") == 0  ? ROLE_BAD
	       : strcmp(phase, "unknown") == 0 ? ROLE_WARN
					       : ROLE_TEXT;
}

static void
add(void *user, const json_t *record)
{
	struct activity *activity = user;

	if (json_array_size(activity->records) == RECORDS_MAX)
		json_array_remove(activity->records, 0);
	json_array_append_new(activity->records, json_deep_copy(record));
}

static void
read_journal(struct activity *activity)
{
	json_array_clear(activity->records);
	activity->failure = (struct err){0};
	if (!journal_each(app_options(app_of(activity->view))->journal_dir, add, activity,
		    &activity->failure))
		app_say_err(app_of(activity->view), &activity->failure);
	table_update(&activity->table);
}

static bool
activity_open(struct view *view, const void *argument, struct err *err)
{
	struct activity *activity = view->state;

	(void)argument;
	(void)err;
	activity->view = view;
	activity->records = json_array();
	table_init(&activity->table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, NULL, activity});
	activity->table.descending = true;
	read_journal(activity);
	return true;
}

static void
activity_draw(struct view *view, struct area area)
{
	struct activity *activity = view->state;

	activity->page = area.h > 1 ? area.h - 1 : 1;
	table_draw(&activity->table, area,
		activity->failure.kind != ERR_NONE
			? "Unknown: the journal could not be read"
			: "Nothing was changed yet: the journal is empty");
}

static void
show_json(struct activity *activity)
{
	size_t row;
	char *text;

	if (!table_current(&activity->table, &row))
		return;
	text = json_dumps(record_at(activity, row), JSON_INDENT(2));
	if (text)
		app_push(app_of(activity->view), &view_text,
			&(struct text_argument){"Record of the journal", text});
	free(text);
}

static bool
activity_act(struct view *view, int action, key_code key)
{
	struct activity *activity = view->state;

	if (action == ACTIVITY_MOVE)
		return table_key(&activity->table, key, activity->page);
	if (action == ACTIVITY_JSON)
		show_json(activity);
	return action == ACTIVITY_JSON;
}

static void
activity_close(struct view *view)
{
	struct activity *activity = view->state;

	table_free(&activity->table);
	json_decref(activity->records);
}

static void
activity_changed(struct view *view)
{
	struct activity *activity = view->state;

	if (!estate_busy(app_options(app_of(view))->estate))
		read_journal(activity);
}

static void
activity_status(const struct view *view, char *out, size_t room)
{
	snprintf(out, room, "%zu records, newest first", count(view->state));
}

static const struct binding keys[] = {
	{TK_ENTER, 'y', ACTIVITY_JSON, "whole record", "Show the record as it is stored"},
	{TK_UP, 'k', ACTIVITY_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', ACTIVITY_MOVE, NULL, "One row down"},
	{TK_PAGE_UP, KEY_NOTHING, ACTIVITY_MOVE, NULL, "One page up"},
	{TK_PAGE_DOWN, KEY_NOTHING, ACTIVITY_MOVE, NULL, "One page down"},
	{TK_HOME, 'g', ACTIVITY_MOVE, NULL, "First row"},
	{TK_END, 'G', ACTIVITY_MOVE, NULL, "Last row"},
	{'>', KEY_NOTHING, ACTIVITY_MOVE, "sort", "Sort by the column to the right"},
	{'<', KEY_NOTHING, ACTIVITY_MOVE, NULL, "Sort by the column to the left"},
	{'I', KEY_NOTHING, ACTIVITY_MOVE, NULL, "Invert the order"},
	{'w', KEY_NOTHING, ACTIVITY_MOVE, "wide", "Wide: every column"},
	{0},
};

static const struct keymap keymaps[] = {{.title = "The journal", .bindings = keys}, {0}};

const struct view_ops view_activity = {
	.name = "activity",
	.title = "Activity",
	.keys = keymaps,
	.state_size = sizeof(struct activity),
	.open = activity_open,
	.draw = activity_draw,
	.act = activity_act,
	.close = activity_close,
	.status = activity_status,
	.changed = activity_changed,
};
