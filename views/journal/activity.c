/* Activity: the operations of the journal as it stands on the disk, newest first, each with how it
 * stands; gone on with and taken back from here. Read when the tab is opened and when the estate
 * was read again, never by the clock. What is shown stays until the reading is over. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/estate.h"
#include "backend/journal/survey.h"
#include "tui/prompt.h"
#include "tui/table.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/app/keymap.h"
#include "views/app/view.h"
#include "views/journal/activity_rows.h"
#include "views/journal/timeline.h"
#include "views/value.h"
#include "views/wizard/wizard.h"

enum {
	ACTIVITY_MOVE = 1,
	ACTIVITY_OPEN,
	ACTIVITY_ON,
	ACTIVITY_BACK,
	ACTIVITY_JSON,
	ACTIVITY_FILTER,
	ACTIVITY_TYPING
};
enum { MAP_LIST, MAP_TYPING };

struct activity {
	struct view *view;
	struct table table;
	struct activity_rows rows;
	struct err failure; /* why the journal could not be read */
	struct prompt prompt;
	bool filtering;    /* the prompt is open */
	char before[128];  /* the filter to go back to */
	struct past *past; /* the reading of it; NULL: none is under way */
	bool again;        /* it may have changed since that began */
	int page;
};

struct counting {
	struct past past;
	size_t left; /* that stopped half-way */
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
	[COLUMN_PLAN] = {.name = "plan", .title = N_("PLAN"), .width = 8, .most = 16},
	[COLUMN_SUBJECT] = {.name = "subject", .title = N_("SUBJECT"), .width = 24, .most = 40},
	[COLUMN_STATE] = {.name = "state", .title = N_("STATE"), .width = 11},
	[COLUMN_DONE] = {.name = "done", .title = N_("DONE"), .width = 8, .rank = 1},
	[COLUMN_LAST] = {.name = "last", .title = N_("LAST"), .width = 20, .rank = 3},
	[COLUMN_ID] = {.name = "operation", .title = N_("OPERATION"), .width = 36, .rank = 2},
};

static size_t
count(void *owner)
{
	return ((struct activity *)owner)->rows.len;
}

static const struct activity_row *
row_at(const struct activity *activity, size_t row)
{
	return &activity->rows.all[row];
}

static enum role
cell(void *owner, size_t at, size_t column, char *out, size_t size)
{
	const struct activity_row *row = row_at(owner, at);
	const char *texts[] = {[COLUMN_STARTED] = row->started,
		[COLUMN_PLAN] = row->plan,
		[COLUMN_SUBJECT] = row->subject,
		[COLUMN_STATE] = _(row->standing),
		[COLUMN_DONE] = "",
		[COLUMN_LAST] = row->last,
		[COLUMN_ID] = row->id};

	snprintf(out, size, "%s", texts[column]);
	if (column == COLUMN_DONE && row->all)
		snprintf(out, size, _("%zu of %zu"), (size_t)row->done, (size_t)row->all);
	if (column == COLUMN_SUBJECT && row->fleet > 1)
		snprintf(out, size, _("%s +%zu more"), row->subject, (size_t)row->fleet - 1);
	return column == COLUMN_STATE ? value_operation(row->state) : ROLE_TEXT;
}

/* As the cells say it, without putting them together. Rows stand newest first, and stay so within
 * one second. */
static int
compare(void *owner, size_t a, size_t b, size_t column)
{
	const struct activity_row *x = row_at(owner, a), *y = row_at(owner, b);
	int order;

	switch (column) {
	case COLUMN_STARTED:
		order = text_casecmp(x->started, y->started);
		return order ? order : (a < b) - (a > b);
	case COLUMN_PLAN:
		return text_casecmp(x->plan, y->plan);
	case COLUMN_SUBJECT:
		return text_casecmp(x->subject, y->subject);
	case COLUMN_STATE:
		return text_casecmp(_(x->standing), _(y->standing));
	case COLUMN_DONE:
		return (x->done > y->done) - (x->done < y->done);
	case COLUMN_LAST:
		return text_casecmp(x->last, y->last);
	default:
		return text_casecmp(x->id, y->id);
	}
}

/* The cursor stays with its operation: others have come above it. Takes the rows. */
static void
replace_rows(struct activity *activity, struct activity_rows *rows)
{
	struct activity_rows before = activity->rows;
	char id[OPERATION_ID] = "";
	size_t row;

	if (table_current(&activity->table, &row))
		memcpy(id, row_at(activity, row)->id, sizeof id);
	activity->rows = *rows;
	*rows = before;
	table_update(&activity->table);
	for (row = 0; id[0] && row < activity->rows.len; row++)
		if (strcmp(row_at(activity, row)->id, id) == 0) {
			table_select(&activity->table, row);
			break;
		}
}

static void
start_reading(struct activity *activity, struct activity_reading *reading)
{
	activity->past = &reading->past;
	past_start(app_of(activity->view), activity->past);
}

static void read_journal(struct activity *activity);

static void
journal_read(void *user, struct past *past)
{
	struct activity *activity = user;
	struct activity_reading *reading = (struct activity_reading *)past, *on;
	struct app *app = app_of(activity->view);

	activity->past = NULL;
	activity->failure = past->err;
	if (past->err.kind != ERR_NONE)
		app_say_err(app, &past->err);
	replace_rows(activity, &reading->rows);
	for (size_t row = 0; row < activity->rows.len; row++)
		app_learn(app, VEIL_NAME, row_at(activity, row)->subject);
	app_dirty(app);
	on = activity_reading_on(reading);
	if (on)
		start_reading(activity, on);
	else if (activity->again)
		read_journal(activity);
}

/* What is there already stays until all was read again. */
static void
read_journal(struct activity *activity)
{
	activity->again = activity->past != NULL;
	if (!activity->again)
		start_reading(activity,
			activity_reading_new(activity->rows.len != 0, journal_read, activity));
}

static bool
activity_open(struct view *view, const void *argument, struct err *err)
{
	struct activity *activity = view->state;

	(void)argument;
	(void)err;
	activity->view = view;
	table_init(&activity->table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, compare, activity});
	activity->table.descending = true;
	read_journal(activity);
	return true;
}

static void
count_left(struct past *past)
{
	struct counting *counting = (struct counting *)past;
	struct survey *survey = survey_open(past->dir, &past->err);
	struct operation one;

	if (survey && survey_read(survey, SIZE_MAX, &past->stop, &past->err))
		for (size_t i = 0; i < survey_len(survey); i++) {
			const char *standing;

			survey_get(survey, i, &one);
			standing = operation_standing(past->dir, &one);
			counting->left +=
				!one.of[0] &&
				(strcmp(standing, operation_state_name(OPERATION_PARKED)) == 0 ||
					strcmp(standing, operation_state_name(OPERATION_UNKNOWN)) ==
						0);
		}
	survey_close(survey);
}

static void
counting_free(struct past *past)
{
	free(past);
}

/* A journal that cannot be read says so when somebody looks at it. */
static void
point(void *user, struct past *past)
{
	struct app *app = user;
	size_t left = ((struct counting *)past)->left;
	char label[2][KEY_LABEL];

	app->past = NULL;
	if (left == 0)
		return;
	snprintf(app->pointer, sizeof app->pointer,
		_n("%zu operation stopped half-way: %s Activity, %s goes on",
			"%zu operations stopped half-way: %s Activity, %s goes on", left),
		left, app_key(app, NULL, 0, APP_ACTIVITY, label[0]),
		app_key(app, &view_activity, MAP_LIST, ACTIVITY_ON, label[1]));
	app->dirty = true;
}

void
activity_point(struct app *app)
{
	struct counting *counting = mem_alloc(sizeof *counting);

	counting->past = (struct past){
		.read = count_left, .done = point, .user = app, .free = counting_free};
	app->past = &counting->past;
	past_start(app, app->past);
}

static void
activity_draw(struct view *view, struct area area)
{
	struct activity *activity = view->state;

	activity->page = area.h > 1 ? area.h - 1 : 1;
	table_draw(&activity->table, area,
		activity->past                       ? _("The journal is being read")
		: activity->failure.kind != ERR_NONE ? _("Unknown: the journal could not be read")
		: activity->table.filter[0]          ? _("Nothing passes the filter: / changes it")
					    : _("Nothing was changed yet: the journal is empty"));
}

static void
type_filter(struct activity *activity, key_code key)
{
	enum prompt_result result = prompt_key(&activity->prompt, key);
	struct err err;

	activity->filtering = result == PROMPT_OPEN;
	if (!table_filter(&activity->table,
		    result == PROMPT_CANCELLED ? activity->before : activity->prompt.text, &err))
		app_say_err(app_of(activity->view), &err);
}

static void
ask_filter(struct activity *activity)
{
	activity->filtering = true;
	snprintf(activity->before, sizeof activity->before, "%s", activity->table.filter);
	prompt_start(&activity->prompt, _("Filter: "), activity->before, false);
}

static bool
activity_act(struct view *view, int action, key_code key)
{
	struct activity *activity = view->state;
	size_t row;

	if (activity->filtering) {
		type_filter(activity, key);
		return true;
	}
	if (action == ACTIVITY_MOVE)
		return table_key(&activity->table, key, activity->page);
	if (action == ACTIVITY_FILTER) {
		ask_filter(activity);
		return true;
	}
	if (action == 0 || !table_current(&activity->table, &row))
		return action != 0;
	if (action == ACTIVITY_OPEN)
		app_push(app_of(view), &view_operation, row_at(activity, row)->id);
	else if (action == ACTIVITY_JSON)
		timeline_show(app_of(view), row_at(activity, row)->id);
	else
		wizard_again(app_of(view), row_at(activity, row)->id, action == ACTIVITY_BACK);
	return true;
}

static void
activity_close(struct view *view)
{
	struct activity *activity = view->state;

	past_stop(activity->past);
	table_free(&activity->table);
	activity_rows_free(&activity->rows);
}

static unsigned
activity_active(const struct view *view)
{
	return 1u << (((const struct activity *)view->state)->filtering ? MAP_TYPING : MAP_LIST);
}

static bool
activity_draw_line(struct view *view, struct area line)
{
	struct activity *activity = view->state;

	if (activity->filtering)
		prompt_draw(&activity->prompt, line);
	return activity->filtering;
}

static enum view_work
activity_work(const struct view *view)
{
	return ((const struct activity *)view->state)->past ? VIEW_READING : VIEW_IDLE;
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
	const struct activity *activity = view->state;
	size_t len = activity->rows.len, shown = activity->table.order_len;

	if (len == 0 && activity->past) {
		snprintf(out, room, "%s", draw_glyph(GLYPH_ELLIPSIS));
		return;
	}
	if (activity->table.filter[0])
		snprintf(out, room,
			_n("%zu of %zu operation · filter: %s",
				"%zu of %zu operations · filter: %s", len),
			shown, len, activity->table.filter);
	else if (activity->rows.percent < 100 && activity->past)
		snprintf(out, room,
			_n("%zu operation, newest first; %u %% of the journal is read",
				"%zu operations, newest first; %u %% of the journal is read", len),
			len, activity->rows.percent);
	else
		snprintf(out, room,
			_n("%zu operation, newest first", "%zu operations, newest first", len),
			len);
}

static char *
activity_copy(const struct view *view)
{
	const struct activity *activity = view->state;
	size_t row;

	return table_current(&activity->table, &row) ? mem_strdup(row_at(activity, row)->id) : NULL;
}

/* What would only tell why not is no hint; the keys tell it all the same. */
static const char *
activity_hint(const struct view *view, const struct binding *binding)
{
	const struct activity *activity = view->state;
	size_t at;

	if (binding->action == ACTIVITY_MOVE || binding->action >= ACTIVITY_FILTER)
		return binding->hint;
	if (!table_current(&activity->table, &at) ||
		(binding->action == ACTIVITY_ON && !row_at(activity, at)->on) ||
		(binding->action == ACTIVITY_BACK && !row_at(activity, at)->back))
		return NULL;
	return binding->hint;
}

static const struct binding keys[] = {
	{TK_ENTER, 'd', ACTIVITY_OPEN, "open",
		"Its members, what became of the accounts, its records"},
	{'r', KEY_NOTHING, ACTIVITY_ON, "resume", "Look how it stands, and go on with it"},
	{'u', KEY_NOTHING, ACTIVITY_BACK, "take back", "Look what can be taken back, and do so"},
	{'/', KEY_NOTHING, ACTIVITY_FILTER, "filter",
		"Filter: text, !text, column:value; several words must all hold"},
	{'y', KEY_NOTHING, ACTIVITY_JSON, "JSON", "Its records as they are stored"},
	{TK_UP, 'k', ACTIVITY_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', ACTIVITY_MOVE, NULL, "One row down"},
	{TK_PAGE_UP, KEY_CTRL('b'), ACTIVITY_MOVE, NULL, "One page up"},
	{TK_PAGE_DOWN, KEY_CTRL('f'), ACTIVITY_MOVE, NULL, "One page down"},
	{TK_HOME, 'g', ACTIVITY_MOVE, NULL, "First row"},
	{TK_END, 'G', ACTIVITY_MOVE, NULL, "Last row"},
	{TK_CLICK, KEY_NOTHING, ACTIVITY_MOVE, NULL, "The row clicked on; % turns the mouse on"},
	{'>', KEY_NOTHING, ACTIVITY_MOVE, "sort", "Sort by the column to the right"},
	{'<', KEY_NOTHING, ACTIVITY_MOVE, NULL, "Sort by the column to the left"},
	{'I', KEY_NOTHING, ACTIVITY_MOVE, NULL, "Invert the order"},
	{'w', KEY_NOTHING, ACTIVITY_MOVE, "wide", "Wide: every column"},
	{TK_RIGHT, TK_LEFT, ACTIVITY_MOVE, NULL, "Columns further right, further left; when wide"},
	{0},
};

static const struct binding typing_keys[] = {
	{TK_ENTER, KEY_NOTHING, ACTIVITY_TYPING, "keep the filter", "Keep what is typed"},
	{TK_ESC, KEY_CTRL('g'), ACTIVITY_TYPING, "as before", "Back to the filter before"},
	{0},
};

static const struct keymap keymaps[] = {
	[MAP_LIST] = {.title = "The operations", .bindings = keys},
	[MAP_TYPING] = {.title = "While the filter is typed",
		.bindings = typing_keys,
		.typing = true},
	{0},
};

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
	.active = activity_active,
	.hint = activity_hint,
	.draw_line = activity_draw_line,
	.status = activity_status,
	.copy = activity_copy,
	.changed = activity_changed,
	.work = activity_work,
};
