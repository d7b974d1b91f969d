/* What the wizard asks before anything is sent, and what it takes for an answer. */
#include <stdio.h>
#include <string.h>

#include "tui/words.h"
#include "views/wizard/wizard_state.h"

/* What has to be typed first: the plan's own name where it cuts off, else that of the first step
 * about to run that asks for one; *at gets the step. NULL: nothing. */
static const char *
name_to_type(const struct wizard *wizard, size_t *at)
{
	const struct run *run = wizard->run;

	*at = wizard_next(run);
	if (plan_cuts(run))
		return plan_confirm_name(run);
	if (wizard->back)
		return NULL;
	for (; *at < run->steps_len; ++*at) {
		const char *name = plan_step_name(run, *at);

		if (name)
			return name;
		if (!wizard->then_all)
			break;
	}
	return NULL;
}

/* What cannot be undone is confirmed by typing a name, however many steps run with it. */
static void
begin(struct wizard *wizard, bool all)
{
	const char *name;
	char label[PROMPT_TEXT];
	size_t at;

	wizard->then_all = all;
	name = name_to_type(wizard, &at);
	if (name == NULL) {
		wizard_go(wizard);
		return;
	}
	wizard->shown = at;
	wizard->naming = true;
	snprintf(label, sizeof label, _("Type %s to go on (Esc: no): "), name);
	prompt_start(&wizard->name, label, "", true);
}

static void
begin_all(struct view *view)
{
	begin(view->state, true);
}

static void
begin_step(struct view *view)
{
	begin(view->state, false);
}

/* Harmless steps run at once; where a name is typed, that is the answer. */
void
wizard_ask_step(struct wizard *wizard, size_t at)
{
	const struct run_step *step = &wizard->run->steps[at];
	size_t named;

	wizard->then_all = false;
	if (step->step->changes && step->state == STEP_NEEDED &&
		name_to_type(wizard, &named) == NULL)
		app_ask(app_of(wizard->view), wizard->view, begin_step,
			_("%s: send the request that is shown? y/N"), _(step->step->title));
	else
		begin(wizard, false);
}

void
wizard_ask_all(struct wizard *wizard)
{
	size_t steps = 0, changes = 0, at;

	for (size_t i = 0; i < wizard->run->steps_len; i++) {
		const struct run_step *step = &wizard->run->steps[i];

		steps += step->state == STEP_NEEDED;
		changes += step->state == STEP_NEEDED && step->step->changes;
	}
	wizard->then_all = true;
	/* A name that is typed is the answer: nothing is asked twice. */
	if (steps && name_to_type(wizard, &at))
		begin(wizard, true);
	else if (wizard->back && steps)
		app_ask(app_of(wizard->view), wizard->view, begin_all,
			_("Take back the changes of %s, %zu of them, last first? y/N"), wizard->who,
			changes);
	else if (steps == 1)
		app_ask(app_of(wizard->view), wizard->view, begin_all,
			_("Run the one step on %s? n shows its request. y/N"), wizard->who);
	else if (steps)
		app_ask(app_of(wizard->view), wizard->view, begin_all,
			_("Run all %zu steps on %s, %zu of them changes? y/N"), steps, wizard->who,
			changes);
}

void
wizard_name_key(struct wizard *wizard, key_code key)
{
	struct app *app = app_of(wizard->view);
	enum prompt_result result = prompt_key(&wizard->name, key);
	const char *name;
	size_t at;

	if (result == PROMPT_OPEN)
		return;
	wizard->naming = false;
	name = name_to_type(wizard, &at);
	if (result == PROMPT_CANCELLED || name == NULL)
		app_say(app, ROLE_MESSAGE, _("Cancelled: nothing was done"));
	else if (!plan_confirmed(wizard->name.text, name))
		app_say(app, ROLE_ERROR, _("That is not %s: nothing was done"), name);
	else
		wizard_go(wizard);
}
