/* What can be done with a row: every plan about its kind, from the table of plans. One that cannot
 * be done here stays in sight and says why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "tui/table.h"
#include "views/subjects.h"
#include "views/wizard.h"

enum { ACTION_MOVE = 1, ACTION_BEGIN, CHOICES_MAX = 40 };

struct action {
	const struct plan_def *plan;
	const char *why_not; /* NULL: it can be */
};

struct actions {
	struct view *view;
	struct subject *subjects;
	size_t subjects_len;
	const struct service *service;
	struct keyid key;
	struct action choices[CHOICES_MAX];
	size_t choices_len;
	struct table table;
	int page;
};

static const struct table_column columns[] = {
	{.name = "action", .title = "ACTION", .width = 22},
	{.name = "on", .title = "ON", .width = 8},
	{.name = "what", .title = "WHAT IT DOES", .width = 60},
};

static size_t
count(void *owner)
{
	return ((struct actions *)owner)->choices_len;
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	static const char *const nouns[] = {"account", "vault", "key", "identity"};
	const struct actions *actions = owner;
	const struct action *choice = &actions->choices[row];

	snprintf(out, size, "%s",
		column == 0       ? choice->plan->title
		: column == 1     ? nouns[choice->plan->subject]
		: choice->why_not ? choice->why_not
				  : choice->plan->summary);
	return choice->why_not                                ? ROLE_DIM
	       : choice->plan->danger == PLAN_CUTS && !column ? ROLE_DANGER
							      : ROLE_TEXT;
}

/* What is carried out by others only, or begins with a name that is not there, is no action on a
 * row. */
static bool
is_action(const struct actions *actions, const struct plan_def *plan)
{
	enum subject_kind kind = actions->subjects[0].kind;

	return !plan->member && plan->makes == NULL && !plan->recovers &&
	       (plan->subject == kind || (kind == SUBJECT_ACCOUNT && plan->subject == SUBJECT_KEY));
}

static const char *
why_not(const struct actions *actions, const struct plan_def *plan)
{
	if (actions->subjects_len > 1 &&
		(plan->stages || plan->subject != actions->subjects[0].kind))
		return "One at a time: take the marks away first";
	if (plan->subject == SUBJECT_KEY && actions->key.key[0] == '\0')
		return "It uses no customer key that could be named";
	return NULL;
}

static void
collect(struct actions *actions)
{
	for (size_t i = 0; i < plans_len && actions->choices_len < CHOICES_MAX; i++)
		if (is_action(actions, plans[i]))
			actions->choices[actions->choices_len++] =
				(struct action){plans[i], why_not(actions, plans[i])};
}

static bool
actions_open(struct view *view, const void *argument, struct err *err)
{
	struct actions *actions = view->state;
	const struct actions_argument *from = argument;

	(void)err;
	actions->view = view;
	actions->subjects_len = from->subjects_len;
	actions->subjects = mem_alloc(from->subjects_len * sizeof *actions->subjects);
	memcpy(actions->subjects, from->subjects, from->subjects_len * sizeof *actions->subjects);
	actions->service = from->service;
	actions->key = from->subjects[0].kind == SUBJECT_KEY ? from->subjects[0].key : from->key;
	collect(actions);
	table_init(&actions->table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, NULL, actions});
	table_update(&actions->table);
	return true;
}

static void
begin(struct actions *actions)
{
	struct app *app = app_of(actions->view);
	struct wizard_argument argument = {0};
	const struct action *choice;
	size_t row;

	if (!table_current(&actions->table, &row))
		return;
	choice = &actions->choices[row];
	if (choice->why_not) {
		app_say(app, ROLE_ERROR, "%s: %s", choice->plan->title, choice->why_not);
		return;
	}
	argument.plan = choice->plan;
	argument.subject = actions->subjects[0];
	if (actions->subjects_len > 1) {
		argument.fleet = actions->subjects;
		argument.fleet_len = actions->subjects_len;
	} else if (choice->plan->subject == SUBJECT_KEY) {
		if (!subjects_key(app, &actions->key, &argument.subject))
			return;
	} else {
		argument.service = actions->service;
	}
	wizard_begin(app, &argument);
}

static bool
actions_act(struct view *view, int action, key_code key)
{
	struct actions *actions = view->state;

	if (action == ACTION_MOVE)
		return table_key(&actions->table, key, actions->page);
	if (action == ACTION_BEGIN)
		begin(actions);
	return action == ACTION_BEGIN;
}

static void
actions_draw(struct view *view, struct area area)
{
	struct actions *actions = view->state;

	actions->page = area.h > 1 ? area.h - 1 : 1;
	table_draw(&actions->table, area, "Nothing can be done with it");
}

static void
actions_close(struct view *view)
{
	struct actions *actions = view->state;

	table_free(&actions->table);
	free(actions->subjects);
}

static void
actions_crumb(const struct view *view, char *out, size_t room)
{
	const struct actions *actions = view->state;
	char name[SUBJECT_NAME];

	if (actions->subjects_len > 1)
		snprintf(out, room, "Actions on %zu marked", actions->subjects_len);
	else
		snprintf(out, room, "Actions on %s", subject_name(&actions->subjects[0], name));
}

/* Narrow screens cut it in its column. */
static void
actions_status(const struct view *view, char *out, size_t room)
{
	const struct actions *actions = view->state;
	size_t row;

	if (table_current(&actions->table, &row))
		cell((void *)actions, row, 2, out, room);
}

static bool
actions_key_here(const struct view *view, struct keyid *out)
{
	const struct actions *actions = view->state;

	*out = actions->key;
	return out->key[0] != '\0';
}

static const struct binding keys[] = {
	{TK_ENTER, KEY_NOTHING, ACTION_BEGIN, "begin", "Begin with its form; changes nothing yet"},
	{TK_UP, 'k', ACTION_MOVE, NULL, "One row up"},
	{TK_DOWN, 'j', ACTION_MOVE, NULL, "One row down"},
	{TK_HOME, 'g', ACTION_MOVE, NULL, "First row"},
	{TK_END, 'G', ACTION_MOVE, NULL, "Last row"},
	{TK_CLICK, KEY_NOTHING, ACTION_MOVE, NULL, "The row clicked on; % turns the mouse on"},
	{0},
};

static const struct keymap keymaps[] = {{.title = "The actions", .bindings = keys}, {0}};

const struct view_ops view_actions = {
	.name = "actions",
	.title = "Actions",
	.keys = keymaps,
	.state_size = sizeof(struct actions),
	.open = actions_open,
	.draw = actions_draw,
	.act = actions_act,
	.close = actions_close,
	.crumb = actions_crumb,
	.status = actions_status,
	.key_here = actions_key_here,
};
