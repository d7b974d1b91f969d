/* What can be done with a row: every plan about its kind, from the table of plans. One that cannot
 * be done here stays in sight and says why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "tui/table.h"
#include "tui/words.h"
#include "views/list/subjects.h"
#include "views/wizard/wizard.h"

enum { ACTION_MOVE = 1, ACTION_BEGIN };

struct actions {
	struct view *view;
	struct actions_argument on;
	struct action choices[ACTIONS_MAX];
	size_t choices_len;
	const char *nothing; /* why none of them can be done; NULL: each has reasons of its own */
	struct table table;
	int page;
};

static const struct table_column columns[] = {
	{.name = "action", .title = N_("ACTION"), .width = 22},
	{.name = "on", .title = N_("ON"), .width = 8},
	{.name = "what", .title = N_("WHAT IT DOES"), .width = 60},
};

static size_t
count(void *owner)
{
	return ((struct actions *)owner)->choices_len;
}

static enum role
cell(void *owner, size_t row, size_t column, char *out, size_t size)
{
	const struct actions *actions = owner;
	const struct action *choice = &actions->choices[row];

	snprintf(out, size, "%s",
		column == 0                            ? _(choice->plan->title)
		: column == 1                          ? _(subject_noun(choice->plan->subject))
		: choice->why_not && !actions->nothing ? _(choice->why_not)
						       : _(choice->plan->summary));
	return choice->why_not                                ? ROLE_DIM
	       : choice->plan->danger == PLAN_CUTS && !column ? ROLE_DANGER
							      : ROLE_TEXT;
}

/* What is carried out by others only is no action. What is made is made where its like is listed:
 * a key in a vault, an identity for an account. */
static bool
is_action(const struct actions_argument *on, const struct plan_def *plan)
{
	enum subject_kind kind = on->subjects[0].kind;

	if (plan->member)
		return false;
	if (on->subjects[0].key.version[0])
		return plan->versions;
	if (plan->subject == kind)
		return true;
	return plan_names_absent(plan)
		       ? (kind == SUBJECT_VAULT && plan->subject == SUBJECT_KEY) ||
				 (kind == SUBJECT_ACCOUNT && plan->subject == SUBJECT_IDENTITY)
		       : kind == SUBJECT_ACCOUNT && plan->subject == SUBJECT_KEY;
}

static const struct keyid *
key_of(const struct actions_argument *on)
{
	return on->subjects[0].kind == SUBJECT_KEY ? &on->subjects[0].key : &on->key;
}

static const char *
why_not(const struct actions_argument *on, const struct plan_def *plan)
{
	bool own = plan->subject == on->subjects[0].kind;

	if (plan_names_absent(plan))
		return NULL;
	if (on->subjects[0].id.name[0] == '\0')
		return N_("There is nothing here that it could be done with");
	if (on->subjects_len > 1 && !own)
		return N_("One at a time: take the marks away first");
	if (on->subjects_len > 1 && plan->stages)
		return N_("One at a time; its command takes several");
	if (plan->subject == SUBJECT_KEY && key_of(on)->key[0] == '\0')
		return N_("It uses no customer key that could be named");
	/* Nobody who cuts off is turned away by what was read a while ago. */
	return plan->unfit && on->row && plan->danger != PLAN_CUTS
		       ? plan->unfit(on->service, on->row)
		       : NULL;
}

struct action
actions_find(const struct app *app, const struct actions_argument *on, const struct plan_def *plan)
{
	const char *nothing = wizard_why_not(app);

	return (struct action){plan, nothing ? nothing : why_not(on, plan)};
}

size_t
actions_of(const struct app *app, const struct actions_argument *on, struct action out[ACTIONS_MAX])
{
	size_t len = 0;

	for (size_t i = 0; i < plans_len && len < ACTIONS_MAX; i++)
		if (is_action(on, plans[i]))
			out[len++] = actions_find(app, on, plans[i]);
	return len;
}

/* What is there is not what is to be brought back; where it is tells where to look. */
static void
forget_own_name(struct subject *subject)
{
	subject->key.key[0] = '\0';
	if (subject->kind != SUBJECT_KEY)
		subject->id.name[0] = '\0';
}

void
actions_begin(struct app *app, const struct actions_argument *on, const struct action *action)
{
	struct wizard_argument argument = {.plan = action->plan, .subject = on->subjects[0]};

	if (action->why_not) {
		app_say(app, ROLE_ERROR, "%s: %s", _(action->plan->title), _(action->why_not));
		return;
	}
	if (plan_names_absent(action->plan)) {
		argument.subject.kind = action->plan->subject;
		if (action->plan->recovers && json_object_get(on->row, "deleted") == NULL)
			forget_own_name(&argument.subject);
	} else if (on->subjects_len > 1) {
		argument.fleet = on->subjects;
		argument.fleet_len = on->subjects_len;
		argument.used = on->key;
	} else if (action->plan->subject == SUBJECT_KEY) {
		subjects_begin(app, &argument, key_of(on));
		return;
	} else {
		argument.service = on->service;
	}
	wizard_begin(app, &argument);
}

void
actions_show(const struct view *view)
{
	struct actions_argument on = {0};

	if (!view->ops->subjects(view, &on))
		return;
	app_push(app_of(view), &view_actions, &on);
	subjects_free(&on);
}

static bool
actions_open(struct view *view, const void *argument, struct err *err)
{
	struct actions *actions = view->state;
	const struct actions_argument *on = argument;
	struct subject *subjects = mem_alloc(on->subjects_len * sizeof *subjects);

	(void)err;
	actions->view = view;
	memcpy(subjects, on->subjects, on->subjects_len * sizeof *subjects);
	actions->on = *on;
	actions->on.subjects = subjects;
	json_incref(actions->on.row);
	actions->choices_len = actions_of(app_of(view), on, actions->choices);
	actions->nothing = wizard_why_not(app_of(view));
	table_init(&actions->table, columns, ARRAY_LEN(columns),
		(struct table_source){count, cell, NULL, actions});
	return true;
}

static void
begin(struct actions *actions)
{
	size_t row;

	if (table_current(&actions->table, &row))
		actions_begin(app_of(actions->view), &actions->on, &actions->choices[row]);
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
	char what[400] = "";
	size_t row;

	if (actions->nothing)
		snprintf(what, sizeof what, "%s", _(actions->nothing));
	else if (table_current(&actions->table, &row))
		cell(actions, row, 2, what, sizeof what);
	actions->page =
		table_draw_over(&actions->table, area, _("Nothing can be done with it"), what);
}

static void
actions_close(struct view *view)
{
	struct actions *actions = view->state;

	table_free(&actions->table);
	subjects_free(&actions->on);
}

static void
actions_crumb(const struct view *view, char *out, size_t room)
{
	const struct actions *actions = view->state;
	const struct subject *first = &actions->on.subjects[0];
	char name[SUBJECT_NAME];

	if (actions->on.subjects_len > 1)
		snprintf(out, room, _("Actions on %zu marked"), actions->on.subjects_len);
	else if (first->id.name[0] == '\0' && first->key.vault[0] == '\0')
		snprintf(out, room, "%s", _(view->ops->title));
	else
		snprintf(out, room, _("Actions on %s"), subjects_name(first, name));
}

static void
actions_status(const struct view *view, char *out, size_t room)
{
	size_t len = ((const struct actions *)view->state)->choices_len;

	snprintf(out, room, _n("%zu action", "%zu actions", len), len);
}

static bool
actions_key_here(const struct view *view, struct keyid *out)
{
	const struct actions *actions = view->state;

	*out = *key_of(&actions->on);
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
