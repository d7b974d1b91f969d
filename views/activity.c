/* Activity: the operations of the journal as it stands on the disk, newest first, each with how it
 * stands; gone on with and taken back from here. Read when the tab is opened and when the estate
 * was read again, never by the clock. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/estate.h"
#include "backend/journal/operation.h"
#include "tui/table.h"
#include "tui/words.h"
#include "views/app_state.h"
#include "views/timeline.h"
#include "views/value.h"
#include "views/view.h"
#include "views/wizard.h"

enum { ACTIVITY_MOVE = 1, ACTIVITY_OPEN, ACTIVITY_ON, ACTIVITY_BACK, ACTIVITY_JSON };

/* What is shown of an operation, made safe. */
struct row {
	char id[37], plan[48], subject[256], started[32], last[32];
	enum operation_state state;
	const char *standing;
	size_t done, all, members;
};

struct activity {
	struct view *view;
	struct table table;
	struct row *rows; /* oldest first */
	size_t len;
	struct err failure; /* why the journal could not be read */
	int page;
};

enum {
	COLUMN_STARTED,
	COLUMN_PLAN,
	COLUMN_SUBJECT,
	COLUMN_STATE,
	COLUMN_DONE,
	COLUMN_LAST,
	COLUMN_ID
};

static const struct table_column columns[] = {
	[COLUMN_STARTED] = {.name = "started", .title = N_("STARTED"), .width = 20},
	[COLUMN_PLAN] = {.name = "plan", .title = N_("PLAN"), .width = 10},
	[COLUMN_SUBJECT] = {.name = "subject", .title = N_("SUBJECT"), .width = 26},
	[COLUMN_STATE] = {.name = "state", .title = N_("STATE"), .width = 11},
	[COLUMN_DONE] = {.name = "done", .title = N_("DONE"), .width = 8, .rank = 1},
	[COLUMN_LAST] = {.name = "last", .title = N_("LAST"), .width = 20, .rank = 3},
	[COLUMN_ID] = {.name = "operation", .title = N_("OPERATION"), .width = 36, .rank = 2},
};

static size_t
count(void *owner)
{
	return ((struct activity *)owner)->len;
}

static const struct row *
row_at(const struct activity *activity, size_t row)
{
	return &activity->rows[activity->len - 1 - row];
}

static enum role
state_role(enum operation_state state)
{
	return state == OPERATION_DONE          ? ROLE_OK
	       : state == OPERATION_FAILED      ? ROLE_BAD
	       : state == OPERATION_ROLLED_BACK ? ROLE_TEXT
						: ROLE_WARN;
}

static enum role
cell(void *owner, size_t at, size_t column, char *out, size_t size)
{
	const struct row *row = row_at(owner, at);
	const char *texts[] = {[COLUMN_STARTED] = row->started,
		[COLUMN_PLAN] = row->plan,
		[COLUMN_SUBJECT] = row->subject,
		[COLUMN_STATE] = _(row->standing),
		[COLUMN_DONE] = "",
		[COLUMN_LAST] = row->last,
		[COLUMN_ID] = row->id};

	snprintf(out, size, "%s", texts[column]);
	if (column == COLUMN_DONE && row->all)
		snprintf(out, size, _("%zu of %zu"), row->done, row->all);
	if (column == COLUMN_SUBJECT && row->members > 1)
		snprintf(out, size, "%s (%zu)", row->subject, row->members);
	return column == COLUMN_STATE ? state_role(row->state) : ROLE_TEXT;
}

static const char *
journal_dir(const struct activity *activity)
{
	return app_options(app_of(activity->view))->journal_dir;
}

/* A member is told of with its campaign, which the journal has before it. */
static void
add(void *user, const struct operation *operation)
{
	struct activity *activity = user;
	struct row *row;

	for (size_t i = activity->len; operation->of[0] && i-- > 0;)
		if (strcmp(activity->rows[i].id, operation->of) == 0) {
			activity->rows[i].members++;
			return;
		}
	activity->rows = mem_resize(activity->rows, (activity->len + 1) * sizeof *activity->rows);
	row = &activity->rows[activity->len++];
	*row = (struct row){
		.state = operation->taken_back ? OPERATION_ROLLED_BACK : operation->state,
		.standing = value_state(operation_standing(journal_dir(activity), operation)),
		.done = operation->done,
		.all = operation->all};
	text_cleans(row->id, sizeof row->id, operation->id);
	text_cleans(row->plan, sizeof row->plan, operation->plan);
	text_cleans(row->subject, sizeof row->subject, operation->subject);
	app_learn(app_of(activity->view), VEIL_NAME, row->subject);
	text_cleans(row->started, sizeof row->started, operation->started);
	text_cleans(row->last, sizeof row->last, operation->last);
}

static void
read_journal(struct activity *activity)
{
	activity->len = 0;
	activity->failure = (struct err){0};
	if (!operation_each(journal_dir(activity), add, activity, &activity->failure))
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
	table_init(&activity->table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, NULL, activity});
	activity->table.descending = true;
	read_journal(activity);
	return true;
}

struct left {
	const char *dir;
	size_t len;
};

static void
count_left(void *user, const struct operation *operation)
{
	struct left *left = user;
	const char *standing = operation_standing(left->dir, operation);

	left->len += !operation->of[0] &&
		     (strcmp(standing, operation_state_name(OPERATION_PARKED)) == 0 ||
			     strcmp(standing, operation_state_name(OPERATION_UNKNOWN)) == 0);
}

/* A journal that cannot be read says so when somebody looks at it. */
void
activity_point(struct app *app, char *out, size_t room)
{
	struct left left = {.dir = app_options(app)->journal_dir};
	struct err err = {0};

	if (operation_each(left.dir, count_left, &left, &err) && left.len)
		snprintf(out, room,
			_n("%zu operation stopped half-way: 5 Activity, r goes on",
				"%zu operations stopped half-way: 5 Activity, r goes on", left.len),
			left.len);
}

static void
activity_draw(struct view *view, struct area area)
{
	struct activity *activity = view->state;

	activity->page = area.h > 1 ? area.h - 1 : 1;
	table_draw(&activity->table, area,
		activity->failure.kind != ERR_NONE
			? _("Unknown: the journal could not be read")
			: _("Nothing was changed yet: the journal is empty"));
}

static void
again(struct activity *activity, const struct row *row, bool back)
{
	struct app *app = app_of(activity->view);
	struct operation operation = {0};
	struct err err = {0};

	if (operation_find(journal_dir(activity), row->id, &operation, &err))
		wizard_again(app, &operation, back);
	else
		app_say_err(app, &err);
	operation_free(&operation);
}

static bool
activity_act(struct view *view, int action, key_code key)
{
	struct activity *activity = view->state;
	size_t row;

	if (action == ACTIVITY_MOVE)
		return table_key(&activity->table, key, activity->page);
	if (action == 0 || !table_current(&activity->table, &row))
		return action != 0;
	if (action == ACTIVITY_OPEN)
		app_push(app_of(view), &view_operation, row_at(activity, row)->id);
	else if (action == ACTIVITY_JSON)
		timeline_show(app_of(view), row_at(activity, row)->id);
	else
		again(activity, row_at(activity, row), action == ACTIVITY_BACK);
	return true;
}

static void
activity_close(struct view *view)
{
	struct activity *activity = view->state;

	table_free(&activity->table);
	free(activity->rows);
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
	size_t len = count(view->state);

	snprintf(out, room, _n("%zu operation, newest first", "%zu operations, newest first", len),
		len);
}

static char *
activity_copy(const struct view *view)
{
	const struct activity *activity = view->state;
	size_t row;

	return table_current(&activity->table, &row) ? mem_strdup(row_at(activity, row)->id) : NULL;
}

static const struct binding keys[] = {
	{TK_ENTER, 'd', ACTIVITY_OPEN, "open",
		"Its members, what became of the accounts, its records"},
	{'r', KEY_NOTHING, ACTIVITY_ON, "resume", "Look how it stands, and go on with it"},
	{'u', KEY_NOTHING, ACTIVITY_BACK, "roll back", "Look what can be taken back, and do so"},
	{'y', KEY_NOTHING, ACTIVITY_JSON, "JSON", "Its records as they are stored"},
	{TK_UP, 'k', ACTIVITY_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', ACTIVITY_MOVE, NULL, "One row down"},
	{TK_PAGE_UP, KEY_NOTHING, ACTIVITY_MOVE, NULL, "One page up"},
	{TK_PAGE_DOWN, KEY_NOTHING, ACTIVITY_MOVE, NULL, "One page down"},
	{TK_HOME, 'g', ACTIVITY_MOVE, NULL, "First row"},
	{TK_END, 'G', ACTIVITY_MOVE, NULL, "Last row"},
	{TK_CLICK, KEY_NOTHING, ACTIVITY_MOVE, NULL, "The row clicked on; % turns the mouse on"},
	{'>', KEY_NOTHING, ACTIVITY_MOVE, "sort", "Sort by the column to the right"},
	{'<', KEY_NOTHING, ACTIVITY_MOVE, NULL, "Sort by the column to the left"},
	{'I', KEY_NOTHING, ACTIVITY_MOVE, NULL, "Invert the order"},
	{'w', KEY_NOTHING, ACTIVITY_MOVE, "wide", "Wide: every column"},
	{0},
};

static const struct keymap keymaps[] = {{.title = "The operations", .bindings = keys}, {0}};

const struct view_ops view_activity = {
	.name = "activity",
	.title = "Activity",
	.keys = keymaps,
	.begins = (const int[]){ACTIVITY_ON, ACTIVITY_BACK, 0},
	.state_size = sizeof(struct activity),
	.open = activity_open,
	.draw = activity_draw,
	.act = activity_act,
	.close = activity_close,
	.status = activity_status,
	.copy = activity_copy,
	.changed = activity_changed,
};
