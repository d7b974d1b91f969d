/* One wizard for every plan: it fills in the fields, watches the runner and hands keys to it. It
 * knows no plan and nothing of Azure; all words come from the plan's tables. */
#include "views/wizard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/net/loop.h"
#include "backend/plans/past.h"
#include "tui/words.h"
#include "views/wizard_state.h"

enum { TICK_MS = 1000 };

/* Something was changed and the plan is neither at its end nor parked. */
static bool
half_done(const struct run *run)
{
	return run->state == PLAN_PLANNED && wizard_has_changed(run);
}

static void
ticked(void *user)
{
	struct wizard *wizard = user;

	wizard->tick = NULL;
	app_dirty(app_of(wizard->view));
	if (wizard->run && wizard->run->waiting)
		wizard->tick = job_after(app_loop(app_of(wizard->view)), TICK_MS, ticked, wizard);
}

/* The view stays with the step in hand until the operator looks elsewhere. */
static void
run_changed(void *user)
{
	struct wizard *wizard = user;
	struct run *run = wizard->run;
	struct app *app = app_of(wizard->view);

	app_dirty(app);
	if (run == NULL)
		return;
	if (run->state == PLAN_RUNNING)
		wizard->shown = run->current;
	if (run->waiting && wizard->tick == NULL)
		wizard->tick = job_after(app_loop(app), TICK_MS, ticked, wizard);
	if (run->state == PLAN_PLANNED && wizard->shown)
		wizard->shown = wizard_next(run);
	if (!wizard_ended(run)) {
		wizard->told = false;
		return;
	}
	if (wizard->told)
		return;
	wizard->told = true;
	app_say(app, ROLE_MESSAGE, "%s", "");
	wizard->text.top = 0;
	wizard->shown = wizard_has_result(run) ? run->steps_len : 0;
	if (wizard_has_result(run))
		estate_touch(
			wizard->estate, &run->facts.account, &run->facts.vault, &run->facts.want);
}

static void
start(struct wizard *wizard, const struct subject *subject)
{
	struct app *app = app_of(wizard->view);
	const char *values[PLAN_FIELDS_MAX];
	struct err err = {0};

	subject_name(subject, wizard->who);
	wizard_form_values(wizard, values);
	wizard->shown = 0;
	wizard->told = wizard->cuts = false;
	wizard->text.top = wizard->request.top = 0;
	wizard->run = plan_start(wizard->estate, app_options(app)->journal, wizard->plan, subject,
		values, run_changed, wizard, &err);
	if (wizard->run == NULL)
		app_say_err(app, &err);
	else
		run_changed(wizard);
}

static void
found(void *user)
{
	struct wizard *wizard = user;

	wizard->finding = NULL;
	if (wizard->not_found.kind == ERR_NONE)
		start(wizard, &wizard->found);
	else
		app_say_err(app_of(wizard->view), &wizard->not_found);
}

static void
submit(struct wizard *wizard)
{
	struct app *app = app_of(wizard->view);

	if (estate_age(wizard->estate) < 0 && estate_busy(wizard->estate)) {
		app_say(app, ROLE_MESSAGE,
			_("The estate is still being read: press Enter again in a moment"));
		return;
	}
	if (wizard->finding || !wizard_form_ready(wizard))
		return;
	if (wizard->named)
		wizard->finding = job_beside(app_loop(app), wizard_find, found, wizard);
	else
		start(wizard, &wizard->subject);
}

static void
drop_run(struct wizard *wizard)
{
	struct run *run = wizard->run;

	if (wizard->tick)
		job_cancel(wizard->tick);
	wizard->tick = NULL;
	if (run && half_done(run))
		plan_park(run, ERR_PARKED);
	if (run && run->state == PLAN_RUNNING)
		plan_abandon(run);
	wizard->run = NULL;
	plan_free(run);
}

static void
go(struct wizard *wizard)
{
	wizard->cuts = wizard->cuts || plan_cuts(wizard->run);
	if (wizard->back)
		plan_undo(wizard->run);
	else if (wizard->then_all)
		plan_all(wizard->run);
	else
		plan_step(wizard->run);
	run_changed(wizard);
}

/* What has to be typed first: the plan's own name where it cuts off, else that of the first step
 * about to run that asks for one; *at gets the step. NULL: nothing. */
static const char *
name_to_type(const struct wizard *wizard, size_t *at)
{
	const struct run *run = wizard->run;

	*at = wizard_next(run);
	if (wizard->back)
		return NULL;
	if (plan_cuts(run))
		return plan_confirm_name(run);
	for (; *at < run->steps_len; ++*at) {
		if (run->steps[*at].state == STEP_NEEDED && run->steps[*at].step->confirm)
			return strcmp(run->steps[*at].step->confirm, "vault") == 0
				       ? run->facts.vault.name
				       : plan_confirm_name(run);
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
	char label[160];
	size_t at;

	wizard->then_all = all;
	name = name_to_type(wizard, &at);
	if (name == NULL) {
		go(wizard);
		return;
	}
	wizard->shown = at;
	wizard->naming = true;
	snprintf(label, sizeof label, _("Type %.40s to go on (Esc: no): "), name);
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
static void
ask_step(struct wizard *wizard, size_t at)
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

static void
undo(struct view *view)
{
	struct wizard *wizard = view->state;

	plan_undo(wizard->run);
	run_changed(wizard);
}

static void
ask_all(struct wizard *wizard)
{
	size_t steps = 0, changes = 0;

	for (size_t i = 0; i < wizard->run->steps_len; i++) {
		const struct run_step *step = &wizard->run->steps[i];

		steps += step->state == STEP_NEEDED || step->state == STEP_ACCEPTED;
		changes += step->state == STEP_NEEDED && step->step->changes;
	}
	if (wizard->back && steps)
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

static void
run_key(struct wizard *wizard)
{
	size_t next = wizard_next(wizard->run);

	if (next == wizard->run->steps_len)
		return;
	if (wizard->shown != next) {
		wizard->shown = next;
		wizard->text.top = wizard->request.top = 0;
		return;
	}
	if (wizard->back)
		ask_all(wizard);
	else
		ask_step(wizard, next);
}

static void
show_requests(struct wizard *wizard)
{
	char *text = wizard_requests(wizard->run);

	app_push(app_of(wizard->view), &view_text, &(struct text_argument){_("Dry run"), text});
	free(text);
}

static void
show_commands(struct wizard *wizard)
{
	char *text = wizard_commands(wizard);

	app_push(app_of(wizard->view), &view_text, &(struct text_argument){_("Commands"), text});
	free(text);
}

/* q: stops at the next safe point first, and leaves only then. */
static void
leave(struct wizard *wizard)
{
	struct run *run = wizard->run;

	if (run && (half_done(run) || run->state == PLAN_RUNNING)) {
		plan_park(run, ERR_PARKED);
		run_changed(wizard);
		app_say(app_of(wizard->view), ROLE_MESSAGE, "%s",
			plan_busy(run)
				? _("Parking it after the exchange under way; q again leaves")
				: _("Parked; q again leaves"));
		return;
	}
	app_pop(app_of(wizard->view));
}

static void
name_key(struct wizard *wizard, key_code key)
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
	else if (strcmp(wizard->name.text, name) != 0)
		app_say(app, ROLE_ERROR, _("That is not %s: nothing was done"), name);
	else
		go(wizard);
}

static void
move(struct wizard *wizard, int by)
{
	size_t len = wizard->run->steps_len + (wizard_has_result(wizard->run) ? 1 : 0);

	if (by > 0 ? wizard->shown + 1 < len : wizard->shown > 0)
		wizard->shown = by > 0 ? wizard->shown + 1 : wizard->shown - 1;
	wizard->text.top = wizard->request.top = 0;
}

/* An operation of the journal has its values: there is no form. It is taken as it stands by now, so
 * that one that another process has in hand is refused. */
static bool
begin_again(struct wizard *wizard, const struct wizard_argument *from, struct err *err)
{
	const struct app_options *options = app_options(app_of(wizard->view));
	struct operation now;

	wizard->again = true;
	wizard->back = from->back;
	if (!operation_take(options->journal, options->journal_dir, from->operation->id, &now, err))
		return false;
	wizard->run = (from->back ? plan_rollback : plan_resume)(
		wizard->estate, options->journal, &now, run_changed, wizard, err);
	if (options->journal)
		journal_release(options->journal, now.id);
	operation_free(&now);
	if (wizard->run == NULL)
		return false;
	run_changed(wizard);
	return true;
}

static bool
wizard_open(struct view *view, const void *argument, struct err *err)
{
	struct wizard *wizard = view->state;
	const struct wizard_argument *from = argument;

	wizard->view = view;
	wizard->estate = app_options(app_of(view))->estate;
	wizard->plan = from->plan;
	wizard->subject = from->subject;
	if (!wizard->plan->makes && !wizard->plan->recovers)
		subject_name(&wizard->subject, wizard->who);
	wizard->service = from->service;
	if (from->operation)
		return begin_again(wizard, from, err);
	wizard_form_open(wizard);
	if (wizard->asks_len == 0)
		submit(wizard);
	return true;
}

static void
wizard_close(struct view *view)
{
	struct wizard *wizard = view->state;

	job_cancel(wizard->finding);
	drop_run(wizard);
	wizard_form_close(wizard);
	page_free(&wizard->text);
	page_free(&wizard->request);
}

static void
wizard_draw(struct view *view, struct area area)
{
	wizard_page_draw(view->state, area);
}

static bool
wizard_line(struct view *view, struct area line)
{
	struct wizard *wizard = view->state;

	if (wizard->naming)
		prompt_draw(&wizard->name, line);
	return wizard->naming;
}

static bool
act_plan(struct wizard *wizard, int action, key_code key)
{
	switch (action) {
	case WIZARD_RUN:
		run_key(wizard);
		return true;
	case WIZARD_ALL:
		ask_all(wizard);
		return true;
	case WIZARD_DRY:
		show_requests(wizard);
		return true;
	case WIZARD_COMMANDS:
		show_commands(wizard);
		return true;
	case WIZARD_EDIT:
		if (wizard->again) {
			app_say(app_of(wizard->view), ROLE_MESSAGE,
				_("It is what was begun: for other values leave, and begin it anew"));
			return true;
		}
		drop_run(wizard);
		if (wizard->asks_len == 0)
			submit(wizard);
		return true;
	case WIZARD_UNDO:
		app_ask(app_of(wizard->view), wizard->view, undo,
			_("Undo the steps that were done, as far as they can be undone? y/N"));
		return true;
	case WIZARD_UP:
	case WIZARD_DOWN:
		move(wizard, action == WIZARD_UP ? -1 : 1);
		return true;
	case WIZARD_SCROLL:
		return page_key(&wizard->text,
			key == ' '   ? TK_PAGE_DOWN
			: key == 'b' ? TK_PAGE_UP
				     : key,
			false);
	case WIZARD_SCROLL_REQUEST:
		return page_key(&wizard->request, key == 'J' ? TK_PAGE_DOWN : TK_PAGE_UP, false);
	default:
		return false;
	}
}

static bool
wizard_act(struct view *view, int action, key_code key)
{
	struct wizard *wizard = view->state;

	if (wizard->naming) {
		name_key(wizard, key);
		return true;
	}
	switch (action) {
	case WIZARD_SUBMIT:
		submit(wizard);
		return true;
	case WIZARD_LIST:
	case WIZARD_BACK:
		wizard_picker_focus(wizard, action == WIZARD_LIST);
		return true;
	case WIZARD_TAKE:
		wizard_picker_take(wizard);
		return true;
	case WIZARD_LEAVE:
		leave(wizard);
		return true;
	default:
		if (wizard->finding)
			return false;
		return wizard->run ? act_plan(wizard, action, key) : wizard_form_key(wizard, key);
	}
}

static unsigned
wizard_active(const struct view *view)
{
	const struct wizard *wizard = view->state;
	const struct run *run = wizard->run;
	unsigned maps;

	if (wizard->naming)
		return 1u << MAP_NAME;
	if (wizard->finding)
		return 1u << MAP_FIELDS;
	if (run == NULL && wizard->picker.focus)
		return 1u << MAP_PICK;
	if (run == NULL)
		return 1u << MAP_FORM | 1u << MAP_FIELDS |
		       (wizard->picker.open ? 1u << MAP_LIST : 0);
	if (plan_busy(run))
		return 1u << MAP_BUSY | 1u << MAP_PAGES;
	maps = 1u << MAP_PAGES;
	if (wizard_ended(run) && run->state != PLAN_ROLLED_BACK && wizard_has_changed(run))
		maps |= 1u << MAP_UNDO;
	if (run->state == PLAN_PLANNED || run->state == PLAN_PARKED)
		maps |= 1u << (wizard->shown == wizard_next(run) ? MAP_STEP : MAP_NEXT) |
			1u << MAP_PLANNED | 1u << (half_done(run) ? MAP_HALF : MAP_WHOLE);
	else
		maps |= 1u << MAP_ENDED;
	return maps;
}

static void
wizard_crumb(const struct view *view, char *out, size_t room)
{
	const struct wizard *wizard = view->state;
	const struct run *run = wizard->run;

	snprintf(out, room, "%s%s %s%s%s%s", wizard->back ? _("Take back: ") : "",
		_(wizard->plan->title), wizard->who, wizard->service ? " (" : "",
		wizard->service ? wizard->service->title : "", wizard->service ? ")" : "");
	if (run == NULL)
		return;
	if (wizard->shown < run->steps_len)
		snprintf(out + strlen(out), room - strlen(out), _(" %s step %zu of %zu"),
			draw_glyph(GLYPH_CRUMB), wizard->shown + 1, run->steps_len);
	else
		snprintf(out + strlen(out), room - strlen(out), " %s %s", draw_glyph(GLYPH_CRUMB),
			_(plan_state_name(run->state)));
}

static void
wizard_status(const struct view *view, char *out, size_t room)
{
	const struct wizard *wizard = view->state;
	const struct run *run = wizard->run;

	if (run == NULL)
		snprintf(out, room, "%s",
			wizard->reading   ? _("reading the account")
			: wizard->finding ? _("preflight: nothing is changed yet")
					  : _("nothing is changed yet"));
	else if (run->state == PLAN_READING)
		snprintf(out, room, _("preflight: nothing is changed yet"));
	else if (run->state == PLAN_PLANNED && !half_done(run))
		snprintf(out, room, _("planned: nothing is changed yet"));
	else if (half_done(run))
		snprintf(out, room, _("some of it is done: go on, or q parks it"));
	else
		snprintf(out, room, "%s", _(plan_state_name(run->state)));
}

static void
wizard_changed(struct view *view)
{
	wizard_form_estate(view->state);
}

static enum view_work
wizard_work(const struct view *view)
{
	const struct wizard *wizard = view->state;

	if (wizard->run && half_done(wizard->run))
		return VIEW_PAUSED;
	if (wizard->run && wizard->run->state == PLAN_RUNNING)
		return VIEW_RUNNING;
	return wizard->reading || wizard->finding || (wizard->run && plan_busy(wizard->run))
		       ? VIEW_READING
		       : VIEW_IDLE;
}

static void
wizard_park(struct view *view)
{
	struct wizard *wizard = view->state;

	if (wizard->run)
		plan_park(wizard->run, ERR_PARKED);
}

const struct view_ops view_wizard = {
	.name = "wizard",
	.title = "Wizard",
	.keys = wizard_keymaps,
	.state_size = sizeof(struct wizard),
	.open = wizard_open,
	.draw = wizard_draw,
	.act = wizard_act,
	.close = wizard_close,
	.active = wizard_active,
	.crumb = wizard_crumb,
	.status = wizard_status,
	.draw_line = wizard_line,
	.changed = wizard_changed,
	.work = wizard_work,
	.park = wizard_park,
};
