/* One wizard for every plan: it fills in the fields, watches the runner and hands keys to it. It
 * knows no plan and nothing of Azure; all words come from the plan's tables. */
#include "views/wizard/wizard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/net/loop.h"
#include "backend/plans/past.h"
#include "backend/plans/recall.h"
#include "tui/words.h"
#include "views/app/keymap.h"
#include "views/list/subjects.h"
#include "views/value.h"
#include "views/wizard/wizard_state.h"

enum { TICK_MS = 1000 };

/* Something was changed and the plan is neither at its end nor parked. */
static bool
half_done(const struct run *run)
{
	return run->state == PLAN_PLANNED && wizard_has_changed(run);
}

/* Its page then tells how long. */
static bool
waits(const struct run *run)
{
	struct call_wait wait;

	return run->waiting || plan_waits(run, &wait);
}

static void
ticked(void *user)
{
	struct wizard *wizard = user;

	wizard->tick = NULL;
	app_news(app_of(wizard->view));
	if (wizard->run && waits(wizard->run))
		wizard->tick = job_after(app_loop(app_of(wizard->view)), TICK_MS, ticked, wizard);
}

/* The lists are to show what is there now. What was made or brought back has no row yet that could
 * be read again alone. */
static void
tell_estate(const struct wizard *wizard)
{
	static const unsigned lists[] = {[SUBJECT_ACCOUNT] = ESTATE_ACCOUNTS,
		[SUBJECT_VAULT] = ESTATE_VAULTS | ESTATE_GONE,
		[SUBJECT_KEY] = ESTATE_GONE_KEYS,
		[SUBJECT_IDENTITY] = ESTATE_IDENTITIES};
	const struct plan_facts *facts = &wizard->run->facts;
	unsigned parts = lists[wizard->plan->subject] & estate_read(wizard->estate);

	if ((wizard->plan->makes || wizard->plan->recovers) && parts)
		estate_refresh(wizard->estate, parts);
	estate_touch(wizard->estate, &facts->account, &facts->vault, &facts->want);
}

/* The view stays with the step in hand until the operator looks elsewhere. */
void
wizard_run_changed(void *user)
{
	struct wizard *wizard = user;
	struct run *run = wizard->run;
	struct app *app = app_of(wizard->view);

	app_dirty(app);
	if (run == NULL)
		return;
	if (run->state == PLAN_RUNNING)
		wizard->shown = run->current;
	if (waits(run) && wizard->tick == NULL)
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
	if (run->err.code[0])
		app_told(app, run->err.code);
	app_say(app, ROLE_MESSAGE, "%s", "");
	wizard->text.top = 0;
	wizard->shown = wizard_has_result(run) ? run->steps_len : 0;
	if (wizard_has_result(run))
		tell_estate(wizard);
}

/* An operation of the journal has its values: there is no form. It is taken as it stands by now, so
 * that one that somebody else has in hand is refused. */
static void
start_again(struct wizard *wizard)
{
	const struct app_options *options = app_options(app_of(wizard->view));
	struct operation now;

	if (!recall_take(app_loop(app_of(wizard->view)), options->journal, options->journal_dir,
		    wizard->past, &now, &wizard->refused))
		return;
	wizard->run = (wizard->back ? plan_rollback : plan_resume)(wizard->estate, options->journal,
		&now, wizard_run_changed, wizard, &wizard->refused);
	if (wizard->run == NULL && options->journal)
		journal_release(options->journal, now.id);
	operation_free(&now);
}

/* Waits for Azure: what the form names is found, and what the plan needs to begin. */
static void
start(void *user)
{
	struct wizard *wizard = user;
	const char *values[PLAN_FIELDS_MAX];

	wizard->found = wizard->subject;
	wizard->refused = (struct err){0};
	if (wizard->past[0]) {
		start_again(wizard);
		return;
	}
	if (wizard->named && !wizard_find(wizard, &wizard->found, &wizard->refused))
		return;
	subjects_name(&wizard->found, wizard->who);
	wizard_form_values(wizard, values);
	wizard->run = plan_start(wizard->estate, app_options(app_of(wizard->view))->journal,
		wizard->plan, &wizard->found, values, wizard_run_changed, wizard, &wizard->refused);
}

static void
started(void *user)
{
	struct wizard *wizard = user;

	wizard->starting = NULL;
	if (wizard->run)
		wizard_run_changed(wizard);
	else
		wizard_say_refusal(wizard, &wizard->refused);
}

static void
begin(struct wizard *wizard)
{
	wizard->shown = 0;
	wizard->told = wizard->cuts = false;
	wizard->text.top = wizard->request.top = 0;
	wizard->starting = job_beside(app_loop(app_of(wizard->view)), start, started, wizard);
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
	if (wizard->starting == NULL && wizard_form_ready(wizard))
		begin(wizard);
}

static void
drop_run(struct wizard *wizard)
{
	struct run *run = wizard->run;

	/* What its end still tells is of nobody's concern. */
	wizard->run = NULL;
	job_cancel(wizard->tick);
	wizard->tick = NULL;
	if (run && half_done(run))
		plan_park(run, ERR_PARKED);
	if (run && run->state == PLAN_RUNNING)
		plan_abandon(run);
	plan_free(run);
}

/* Of what was read for it before nothing is gone by: others may have gone on with it, or taken it
 * back. What the journal does not know begins anew. */
static void
again(struct wizard *wizard, bool back)
{
	const struct run *run = wizard->run;

	if (plan_is_recorded(run))
		memcpy(wizard->past, run->facts.operation, sizeof wizard->past);
	wizard->back = back;
	drop_run(wizard);
	begin(wizard);
}

void
wizard_go(struct wizard *wizard)
{
	wizard->cuts = wizard->cuts || plan_cuts(wizard->run);
	if (wizard->back)
		plan_undo(wizard->run);
	else if (wizard->then_all)
		plan_all(wizard->run);
	else
		plan_step(wizard->run);
	wizard_run_changed(wizard);
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
		wizard_ask_all(wizard);
	else
		wizard_ask_step(wizard, next);
}

static void
show_requests(struct wizard *wizard)
{
	char *text = wizard_requests(wizard->run);

	app_push(app_of(wizard->view), &view_text,
		&(struct text_argument){
			wizard_has_changed(wizard->run) ? _("Requests") : _("Dry run"), text,
			false});
	free(text);
}

static void
show_commands(struct wizard *wizard)
{
	char *text = wizard_commands(wizard);

	app_push(app_of(wizard->view), &view_text,
		&(struct text_argument){_("Commands"), text, true});
	free(text);
}

/* Stops at the next safe point first, and leaves only then. */
static void
leave(struct view *view)
{
	struct wizard *wizard = view->state;
	struct app *app = app_of(view);
	struct run *run = wizard->run;

	if (run && (half_done(run) || run->state == PLAN_RUNNING)) {
		plan_park(run, ERR_PARKED);
		wizard_run_changed(wizard);
		app_say(app, ROLE_MESSAGE,
			plan_busy(run)
				? _("Parking it after the exchange under way; then %s leaves")
				: _("Parked; %s leaves"),
			app_key(app, &view_wizard, MAP_LEAVE, WIZARD_LEAVE, (char[KEY_LABEL]){0}));
		return;
	}
	app_pop(app);
}

static void
move(struct wizard *wizard, int action)
{
	size_t last = wizard->run->steps_len - (wizard_has_result(wizard->run) ? 0 : 1);

	if (action == WIZARD_UP && wizard->shown > 0)
		wizard->shown--;
	else if (action == WIZARD_DOWN && wizard->shown < last)
		wizard->shown++;
	else if (action == WIZARD_FIRST || action == WIZARD_LAST)
		wizard->shown = action == WIZARD_FIRST ? 0 : last;
	wizard->text.top = wizard->request.top = 0;
}

static bool
wizard_open(struct view *view, const void *argument, struct err *err)
{
	struct wizard *wizard = view->state;
	const struct wizard_argument *from = argument;

	(void)err;
	wizard->view = view;
	wizard->estate = app_options(app_of(view))->estate;
	wizard->plan = from->plan;
	wizard->subject = from->subject;
	if (from->operation || (!wizard->plan->makes && !wizard->plan->recovers))
		subjects_name(&wizard->subject, wizard->who);
	wizard->service = from->service;
	if (from->operation) {
		memcpy(wizard->past, from->operation->id, sizeof wizard->past);
		wizard->back = from->back;
		begin(wizard);
		return true;
	}
	wizard_form_open(wizard, from->values);
	if (wizard->asks_len == 0)
		submit(wizard);
	return true;
}

static void
wizard_close(struct view *view)
{
	struct wizard *wizard = view->state;

	job_cancel(wizard->starting);
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
		wizard_ask_all(wizard);
		return true;
	case WIZARD_DRY:
		show_requests(wizard);
		return true;
	case WIZARD_COMMANDS:
		show_commands(wizard);
		return true;
	case WIZARD_EDIT:
		drop_run(wizard);
		if (wizard->asks_len == 0)
			submit(wizard);
		return true;
	case WIZARD_ON:
	case WIZARD_UNDO:
		again(wizard, wizard->back || action == WIZARD_UNDO);
		return true;
	case WIZARD_UP:
	case WIZARD_DOWN:
	case WIZARD_FIRST:
	case WIZARD_LAST:
		move(wizard, action);
		return true;
	case WIZARD_SCROLL:
		return page_key(&wizard->text, key, false);
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
		wizard_name_key(wizard, key);
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
		leave(view);
		return true;
	default:
		if (wizard->starting)
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
	if (run == NULL && wizard->past[0])
		return 1u << MAP_LEAVE;
	if (wizard->starting)
		return 1u << MAP_FIELDS;
	if (run == NULL && wizard->picker.focus)
		return 1u << MAP_PICK;
	if (run == NULL)
		return 1u << MAP_FORM | 1u << MAP_FIELDS |
		       (wizard->picker.open ? 1u << MAP_LIST : 0);
	if (plan_busy(run))
		return 1u << MAP_BUSY | 1u << MAP_PAGES;
	maps = 1u << MAP_PAGES;
	if (wizard_ended(run) && run->state != PLAN_ROLLED_BACK && wizard_can_undo(run))
		maps |= 1u << MAP_UNDO;
	if (run->state == PLAN_PLANNED)
		maps |= 1u << (wizard->shown == wizard_next(run) ? MAP_STEP : MAP_NEXT) |
			1u << MAP_PLANNED | (half_done(run) ? 1u << MAP_HALF : 1u << MAP_LEAVE) |
			(wizard->past[0] || half_done(run) ? 0 : 1u << MAP_EDIT);
	else if (run->state == PLAN_PARKED)
		maps |= 1u << MAP_PARKED | 1u << MAP_ENDED | 1u << MAP_LEAVE;
	else
		maps |= 1u << MAP_ENDED | 1u << MAP_LEAVE | (wizard->past[0] ? 0 : 1u << MAP_AGAIN);
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
			_(value_state(plan_state_name(run->state))));
}

static void
wizard_status(const struct view *view, char *out, size_t room)
{
	const struct wizard *wizard = view->state;
	const struct run *run = wizard->run;

	if (run == NULL)
		snprintf(out, room, "%s",
			wizard->reading    ? _("reading the account")
			: wizard->starting ? _("preflight: nothing is changed yet")
					   : _("nothing is changed yet"));
	else if (run->state == PLAN_READING)
		snprintf(out, room, _("preflight: nothing is changed yet"));
	else if (run->state == PLAN_PLANNED && !half_done(run))
		snprintf(out, room, "%s",
			wizard->past[0] ? _("planned: what was done before stands")
					: _("planned: nothing is changed yet"));
	else if (half_done(run))
		snprintf(out, room, _("some of it is done: go on, or %s parks it"),
			app_key(app_of(view), &view_wizard, MAP_HALF, WIZARD_LEAVE,
				(char[KEY_LABEL]){0}));
	else
		snprintf(out, room, "%s", _(value_state(plan_state_name(run->state))));
}

static enum view_work
wizard_work(const struct view *view)
{
	const struct wizard *wizard = view->state;

	if (wizard->run && half_done(wizard->run))
		return VIEW_PAUSED;
	if (wizard->run && wizard->run->state == PLAN_RUNNING)
		return VIEW_RUNNING;
	return wizard->reading || wizard->starting || (wizard->run && plan_busy(wizard->run))
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

static const char *
wizard_hint(const struct view *view, const struct binding *binding)
{
	return wizard_field_hint(view->state, binding);
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
	.back = leave,
	.active = wizard_active,
	.hint = wizard_hint,
	.crumb = wizard_crumb,
	.status = wizard_status,
	.draw_line = wizard_line,
	.work = wizard_work,
	.park = wizard_park,
};
