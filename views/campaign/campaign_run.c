/* The campaign behind its wizard: begun, looked at, carried out, gone on with, taken back. Whatever
 * waits for Azure does so beside the loop, so that the screen says what is going on and keys are
 * answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/net/loop.h"
#include "backend/plans/recall.h"
#include "tui/words.h"
#include "views/app/app_state.h"
#include "views/app/keymap.h"
#include "views/campaign/campaign_state.h"

enum { TICK_MS = 1000, TOUCH_MAX = 32 };

static struct app *
app_for(const struct campaign_view *view)
{
	return app_of(view->form.view);
}

static const char *
journal_dir(const struct campaign_view *view)
{
	return app_options(app_for(view))->journal_dir;
}

bool
campaign_only_sees(const struct campaign_view *view)
{
	return view->campaign && !view->carried && !view->back && campaign_sees(view->campaign);
}

bool
campaign_is_ready(const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;

	return campaign && campaign->state == PLAN_PLANNED && campaign->previewed;
}

bool
campaign_changed_any(const struct campaign_view *view)
{
	for (size_t i = 0; view->carried && i < view->campaign->members_len; i++)
		if (view->campaign->members[i].changes || view->campaign->members[i].unsure)
			return true;
	return false;
}

/* To take a restore back would be to cut again: that is asked for by its own name. */
bool
campaign_can_go_back(const struct campaign_view *view)
{
	return campaign_changed_any(view) && !view->back && view->campaign->plan->final == NULL;
}

bool
campaign_member_cuts(const struct member *member)
{
	return member->back ? member->cuts : member->changes && member->plan->danger == PLAN_CUTS;
}

bool
campaign_cuts(const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;

	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign_member_cuts(&campaign->members[i]))
			return true;
	return !view->back && campaign->plan->danger == PLAN_CUTS;
}

/* A step that is to be done and cannot be undone, so that its vault's name is asked for. */
static const struct step *
final_step(const struct member *member)
{
	json_t *step;
	size_t i;

	json_array_foreach(json_object_get(member->result, "steps"), i, step)
	{
		const char *name = json_string_value(json_object_get(step, "name"));
		const char *state = json_string_value(json_object_get(step, "state"));

		for (size_t k = 0; name && state && member->plan->steps[k]; k++)
			if (member->plan->steps[k]->confirm && strcmp(state, "needed") == 0 &&
				strcmp(member->plan->steps[k]->name, name) == 0)
				return member->plan->steps[k];
	}
	return NULL;
}

static void
vault_of(const struct member *member, char out[64])
{
	const char *id = json_string_value(
		json_object_get(json_object_get(member->result, "resources"), "vault"));
	const char *slash = id ? strrchr(id, '/') : NULL;

	snprintf(out, 64, "%s", slash ? slash + 1 : "");
}

const struct step *
campaign_final(const struct campaign_view *view, char vault[64])
{
	const struct campaign *campaign = view->campaign;
	const struct step *found = NULL;
	char name[64];

	for (size_t i = 0; !view->back && i < campaign->members_len; i++) {
		const struct step *step = final_step(&campaign->members[i]);

		if (step == NULL)
			continue;
		vault_of(&campaign->members[i], name);
		if (name[0] == '\0' || (found && strcmp(name, vault) != 0))
			snprintf(name, sizeof name, "all %zu", campaign->members_len);
		memcpy(vault, name, sizeof name);
		found = step;
	}
	return found;
}

const char *
campaign_word(const struct campaign_view *view, char out[64])
{
	const struct campaign *campaign = view->campaign;

	if (!campaign_cuts(view))
		return campaign_final(view, out) ? out : NULL;
	if (!campaign->fleet && campaign->subject.kind == SUBJECT_KEY)
		return campaign->subject.key.key;
	snprintf(out, 64, "all %zu", campaign->members_len);
	return out;
}

static void
ticked(void *user)
{
	struct campaign_view *view = user;

	view->tick = NULL;
	app_news(app_for(view));
	if (view->campaign && campaign_busy(view->campaign))
		view->tick = job_after(app_loop(app_for(view)), TICK_MS, ticked, view);
}

/* What it was about, and the vault and key that its plan has come to. */
static void
touch_member(struct estate *estate, const struct member *member)
{
	json_t *result = campaign_result_of(member);
	const json_t *about = json_object_get(result, "resources");
	struct armid account, vault;
	struct keyid key;
	struct err err;
	bool has_account = armid_parse(&account, json_str(about, "account"), &err);
	bool has_vault = armid_parse(&vault, json_str(about, "vault"), &err);
	bool has_key = keyid_parse(
		&key, json_str(about, "key"), session_cloud(estate_session(estate)), &err);

	estate_touch(estate, has_account ? &account : NULL, has_vault ? &vault : NULL,
		has_key ? &key : NULL);
	json_decref(result);
}

/* The lists are to show what is there now. */
static void
tell_estate(const struct campaign_view *view)
{
	const struct campaign *campaign = view->campaign;
	bool key = campaign->subject.kind == SUBJECT_KEY;

	if (campaign->concerns_len + campaign->members_len > TOUCH_MAX) {
		estate_refresh(campaign->estate, ESTATE_START);
		return;
	}
	if (key)
		estate_touch(campaign->estate, NULL, &campaign->subject.id, &campaign->subject.key);
	for (size_t i = 0; i < campaign->concerns_len; i++)
		estate_touch(campaign->estate, &campaign->concerns[i].id, NULL, NULL);
	for (size_t i = 0; campaign->fleet && i < campaign->members_len; i++)
		touch_member(campaign->estate, &campaign->members[i]);
}

static void
changed(void *user)
{
	struct campaign_view *view = user;

	if (view->campaign && campaign_busy(view->campaign)) {
		app_news(app_for(view));
		if (view->tick == NULL)
			view->tick = job_after(app_loop(app_for(view)), TICK_MS, ticked, view);
		return;
	}
	app_dirty(app_for(view));
	if (view->campaign == NULL)
		return;
	if (view->campaign->err.code[0])
		app_told(app_for(view), view->campaign->err.code);
	if (view->carried && view->begun_ms) {
		view->begun_ms = 0;
		view->shown = SIZE_MAX;
		view->text.top = 0;
		if (view->campaign->state == PLAN_PARKED &&
			app_top(app_for(view)) == view->form.view)
			app_say(app_for(view), ROLE_MESSAGE, _("Parked; %s leaves"),
				app_key(app_for(view), &view_campaign, CMAP_LEAVE, CAMPAIGN_LEAVE,
					(char[KEY_LABEL]){0}));
		else if (view->campaign->state == PLAN_PARKED)
			app_say(app_for(view), ROLE_MESSAGE, _("Parked: %s"), view->campaign->name);
		tell_estate(view);
	}
}

/* What was looked at was agreed to as a whole; what turned out to cut off only now was not. */
static bool
may(void *user, struct run *run, struct err *err)
{
	const struct campaign_view *view = user;

	return view->agreed || !plan_cuts(run) ||
	       err_set(err, ERR_REFUSED, "NotAgreed",
		       "%s would cut off what depends on it, which it did not when it was looked "
		       "at: look again",
		       run->facts.name);
}

void
campaign_drop(struct campaign_view *view)
{
	struct campaign *campaign;

	job_cancel(view->starting);
	job_cancel(view->tick);
	campaign = view->campaign;
	/* What its end still tells is of nobody's concern. */
	view->campaign = NULL;
	view->starting = view->tick = NULL;
	if (campaign && campaign->state == PLAN_RUNNING)
		campaign_abandon(campaign);
	campaign_free(campaign);
	view->carried = view->agreed = false;
	view->begun_ms = 0;
	view->shown = 0;
	view->text.top = view->request.top = 0;
}

static struct campaign *
begin_past(struct campaign_view *view, const struct campaign_options *options, struct err *err)
{
	struct operation past = {0};
	struct campaign *campaign = NULL;

	if (!recall_take(app_loop(app_for(view)), options->journal, journal_dir(view), view->past,
		    &past, err))
		return NULL;
	campaign = (view->back ? campaign_rollback : campaign_resume)(
		view->form.estate, &past, options, err);
	if (campaign == NULL && options->journal)
		journal_release(options->journal, past.id);
	operation_free(&past);
	return campaign;
}

/* Waits for Azure. */
static void
start(void *user)
{
	struct campaign_view *view = user;
	const struct campaign_options options = {.journal = app_options(app_for(view))->journal,
		.journal_dir = journal_dir(view),
		.changed = changed,
		.may = may,
		.user = view};
	const char *values[PLAN_FIELDS_MAX];

	view->err = (struct err){0};
	wizard_form_values(&view->form, values);
	if (view->past[0])
		view->campaign = begin_past(view, &options, &view->err);
	else if (view->fleet_len)
		view->campaign = campaign_fleet(view->form.estate, view->form.plan, view->fleet,
			view->fleet_len, values, &options);
	else
		view->campaign = campaign_start(view->form.estate, view->form.plan,
			&view->form.subject, values, &options, &view->err);
}

static void
started(void *user)
{
	struct campaign_view *view = user;

	view->starting = NULL;
	if (view->campaign)
		campaign_preview(view->campaign);
	else
		wizard_say_refusal(&view->form, &view->err);
	changed(view);
}

/* Who is concerned is asked of Azure, which takes a while: keys are answered meanwhile. */
void
campaign_submit(struct campaign_view *view)
{
	if (!view->past[0] && estate_age(view->form.estate) < 0 && estate_busy(view->form.estate)) {
		app_say(app_for(view), ROLE_MESSAGE,
			_("The estate is still being read: press Enter again in a moment"));
		return;
	}
	if (!view->past[0] && !wizard_form_ready(&view->form))
		return;
	campaign_drop(view);
	view->starting = job_beside(app_loop(app_for(view)), start, started, view);
}

void
campaign_carry_out(struct view *from)
{
	struct campaign_view *view = from->state;

	view->carried = true;
	view->begun_ms = clock_mono_ms();
	view->shown = SIZE_MAX;
	view->text.top = view->request.top = 0;
	campaign_go(view->campaign);
	changed(view);
}

/* What a key asks of the journal. */
struct asked {
	struct campaign_view *view;
	bool known;             /* it has the campaign */
	struct subject subject; /* of what takes it back */
	struct err err;
};

static void
ask(struct campaign_view *view, void (*find)(void *with),
	void (*found)(struct app *app, void *with))
{
	struct asked *asked = mem_alloc(sizeof *asked);

	asked->view = view;
	if (!recall_is_short(journal_dir(view))) {
		look_up(app_for(view), find, found, free, asked);
		return;
	}
	find(asked);
	found(app_for(view), asked);
	free(asked);
}

static void
find_itself(void *with)
{
	struct asked *asked = with;
	struct operation past;

	asked->known = recall_find(app_loop(app_for(asked->view)), journal_dir(asked->view),
		asked->view->campaign->operation, &past, &asked->err);
	operation_free(&past);
}

static void
go_on(struct app *app, void *with)
{
	const struct asked *asked = with;
	struct campaign_view *view = asked->view;
	bool agreed = view->agreed;

	(void)app;
	if (!asked->known) {
		campaign_carry_out(view->form.view);
		return;
	}
	snprintf(view->past, sizeof view->past, "%s", view->campaign->operation);
	campaign_submit(view);
	view->agreed = agreed;
}

/* Under its own id, from what the journal has of it; of what was never begun there is nothing. */
void
campaign_go_on(struct view *from)
{
	ask(from->state, find_itself, go_on);
}

static void
roll_back(struct view *from)
{
	struct campaign_view *view = from->state;

	snprintf(view->past, sizeof view->past, "%s", view->campaign->operation);
	view->back = true;
	campaign_submit(view);
}

static const struct plan_def *
inverse_of(const struct campaign_view *view)
{
	const char *name = view->campaign->plan->inverse;
	const struct plan_def *inverse = name ? plan_find(name) : NULL;

	return inverse && inverse->find ? inverse : NULL;
}

static void
find_inverse(void *with)
{
	struct asked *asked = with;
	const struct campaign *campaign = asked->view->campaign;

	asked->subject.kind = SUBJECT_KEY;
	asked->known = inverse_of(asked->view)
			       ->find(campaign->estate, journal_dir(asked->view),
				       campaign->operation, NULL, &asked->subject, &asked->err);
}

static void
begin_inverse(struct app *app, void *with)
{
	const struct asked *asked = with;
	const struct wizard_argument argument = {
		.plan = inverse_of(asked->view), .subject = asked->subject};

	if (asked->known)
		wizard_begin(app, &argument);
	else
		app_say_err(app, &asked->err);
}

/* By the verb that takes back what this one did and sees that it is so, where there is one that
 * knows operations; else its changes one by one. */
void
campaign_take_back(struct campaign_view *view)
{
	if (inverse_of(view))
		ask(view, find_inverse, begin_inverse);
	else
		app_ask(app_for(view), view->form.view, roll_back,
			_("Look at what taking it back would change? y/N"));
}
