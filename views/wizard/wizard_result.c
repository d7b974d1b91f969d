/* What came of a plan: what was done and on what evidence, what was not, what can be done next, and
 * how the same is said without this console. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "tui/said.h"
#include "tui/words.h"
#include "views/app/keymap.h"
#include "views/command.h"
#include "views/wizard/wizard_state.h"

enum { TEXT_BYTES = 1 << 20 };

/* As the command line has to be told it: what is not there yet, and one version of a key, only a
 * whole id names. */
static bool
add_claviger(struct buf *out, const struct wizard *wizard)
{
	const struct run *run = wizard->run;
	const struct subject *subject = &run->facts.subject;
	char id[ARMID_MAX], uri[KEYID_MAX];
	const char *names[] = {wizard->who};
	bool back = wizard->back || run->state == PLAN_ROLLED_BACK;

	bool cuts = wizard->cuts || plan_cuts(run);

	if (wizard->back && cuts)
		return buf_addf(out, "claviger rollback %s", run->facts.operation) &&
		       command_confirm(out, plan_confirm_name(run));
	if (wizard->past[0] || back)
		return buf_addf(out, "claviger %s %s --yes", back ? "rollback" : "resume",
			run->facts.operation);
	if (wizard->plan->makes && subject->kind != SUBJECT_KEY)
		names[0] = armid_print(&subject->id, id);
	else if (subject->key.version[0])
		names[0] = keyid_print(&subject->key, uri);
	return command_claviger(out, wizard->plan, names, 1, (const char *const *)run->values,
		cuts ? plan_confirm_name(run) : NULL);
}

static void
add_command(struct page *page, struct buf *text)
{
	page_command(page, ROLE_TEXT, 2, buf_text(text));
	buf_clear(text);
}

static void
add_commands(struct page *page, const struct wizard *wizard)
{
	const struct run *run = wizard->run;
	struct buf text;
	json_t *other;
	size_t k;

	buf_init(&text, TEXT_BYTES);
	page_head(page, _("The same on the command line"));
	if (add_claviger(&text, wizard))
		add_command(page, &text);
	page_head(page, _("The same with the Azure CLI"));
	for (size_t i = 0; i < run->steps_len; i++) {
		const struct run_step *step = &run->steps[i];

		if (step->state != STEP_DONE || !step->step->changes || step->method == NULL ||
			!command_az(&text, step, estate_session(wizard->estate)))
			continue;
		add_command(page, &text);
		json_array_foreach(step->others, k, other)
		{
			if (json_is_string(json_object_get(other, "az")))
				page_command(page, ROLE_TEXT, 2,
					json_string_value(json_object_get(other, "az")));
		}
		page_blank(page);
	}
	buf_free(&text);
}

/* What was only looked at says nothing any more once the changes around it are undone. */
static bool
seen_before(const struct run *run, size_t i)
{
	return run->state == PLAN_ROLLED_BACK && i && run->steps[i].state == STEP_DONE &&
	       !run->steps[i].step->changes;
}

/* What came of each step that did something. True when a change stands. */
static bool
add_outcomes(struct page *page, const struct run *run)
{
	bool changed = false;

	page_head(page, _("What happened"));
	for (size_t i = 0; i < run->steps_len; i++) {
		const struct run_step *step = &run->steps[i];
		bool undone = step->state == STEP_PENDING && step->note[0];

		if (step->note[0] == '\0' &&
			(step->state == STEP_SKIPPED || step->state == STEP_PENDING))
			continue;
		changed |= step->state == STEP_DONE && step->step->changes;
		page_text(page, ROLE_TEXT, 0, "%s: %s%s%s", _(step->step->title),
			undone ? ""
			: step->state == STEP_NEEDED
				? (step->partly ? _("done in part") : _("not done"))
			: seen_before(run, i) ? _("before that")
					      : _(step_state_name(step->state)),
			step->note[0] && !undone ? _(", ") : "", said(step->note, (char[SAID]){0}));
		if (step->request_id[0])
			page_text(page, ROLE_DIM, 2, _("request %s"), step->request_id);
	}
	return changed;
}

/* Why a step that was not done was not: nothing of it was sent. */
static void
add_left(struct page *page, const struct run *run)
{
	size_t left = 0;

	for (size_t i = 0; i < run->steps_len; i++) {
		const struct run_step *step = &run->steps[i];

		if ((step->state != STEP_NEEDED && step->state != STEP_PENDING) ||
			!step->step->changes || step->note[0])
			continue;
		if (left++ == 0)
			page_head(page, _("What was not changed"));
		page_text(page, ROLE_TEXT, 0, "%s", _(step->step->title));
	}
}

static void
add_way_back(struct page *page, const struct wizard *wizard)
{
	const struct run *run = wizard->run;
	char label[KEY_LABEL];

	if (run->plan->final)
		page_text(page, ROLE_TEXT, 0, "%s", _(run->plan->final));
	else if (wizard_can_undo(run))
		page_text(page, ROLE_TEXT, 0,
			_("%s takes it back as far as it can be; later Activity does, or claviger "
			  "rollback with the operation above."),
			app_key(app_of(wizard->view), &view_wizard, MAP_UNDO, WIZARD_UNDO, label));
	else
		page_text(page, ROLE_TEXT, 0, _("What was done stays: no plan takes it back."));
}

static void
add_next(struct page *page, const struct wizard *wizard)
{
	const struct run *run = wizard->run;
	const struct app *app = app_of(wizard->view);
	bool changed = wizard_has_changed(run);
	char label[KEY_LABEL], leave[KEY_LABEL];

	app_key(app, &view_wizard, MAP_LEAVE, WIZARD_LEAVE, leave);

	if (run->state == PLAN_FAILED || run->state == PLAN_PARKED)
		add_left(page, run);
	page_head(page, _("What can be done next"));
	if (run->state == PLAN_PARKED)
		page_text(page, ROLE_TEXT, 0,
			_("Enter goes on from here; later Activity does, or claviger resume with the "
			  "operation above. It reads again what is there before it changes anything."));
	else if (run->state == PLAN_FAILED && wizard->past[0])
		page_text(page, ROLE_TEXT, 0, "%s",
			_("Mend the cause, leave, and go on from Activity: what is done already is not "
			  "done again. What was done stands until then."));
	else if (run->state == PLAN_FAILED)
		page_text(page, ROLE_TEXT, 0,
			changed ? _("Mend the cause, then %s checks and runs it again: what is done "
				    "already is not done again. What was done stands until then.")
				: _("Nothing was changed. Mend the cause, then %s checks and runs it "
				    "again."),
			app_key(app, &view_wizard, MAP_AGAIN, WIZARD_EDIT, label));
	else if (run->state == PLAN_ROLLED_BACK)
		page_text(page, ROLE_TEXT, 0,
			_("Nothing is left of it to be done. %s leaves; the lists show how it is now."),
			leave);
	else
		page_text(page, ROLE_TEXT, 0, _("%s leaves. The lists show it already."), leave);
	if (changed && run->state != PLAN_ROLLED_BACK)
		add_way_back(page, wizard);
}

/* The key that the account is to be on, or is on again: none when that is Microsoft's. Several
 * versions are told of with their step. */
static void
add_key(struct page *page, const struct run *run)
{
	bool back = run->state == PLAN_ROLLED_BACK;
	const struct keyid *key = back ? &run->facts.facts.account.key : &run->facts.want;

	if (key->key[0] == '\0' || (run->plan == &plan_detach && !back))
		return;
	page_field(page, _("key"), ROLE_TEXT, "%s/%s", key->vault, key->key);
	if (run->facts.changed_len <= 1 && (key->version[0] || (run->state != PLAN_DONE && !back)))
		page_field(page, _("version"), ROLE_TEXT, "%s",
			key->version[0]          ? key->version
			: run->facts.create_bits ? _("none yet")
						 : _("not known yet"));
}

void
wizard_say_result(struct page *page, const struct wizard *wizard)
{
	const struct run *run = wizard->run;

	if (run->state == PLAN_DONE)
		page_text(page, ROLE_OK, 0, _("Done, and read back: %s"), wizard->who);
	else if (run->state == PLAN_ROLLED_BACK)
		page_text(page, ROLE_OK, 0, _("Taken back as far as it can be, and read back: %s"),
			wizard->who);
	else
		page_text(page, run->state == PLAN_PARKED ? ROLE_WARN : ROLE_BAD, 0,
			run->state == PLAN_PARKED ? _("Parked: %s") : _("Failed: %s"), wizard->who);
	wizard_say_error(page, run->plan, &run->err);
	add_key(page, run);
	if (run->facts.operation[0])
		page_field(page, _("operation"), ROLE_TEXT, "%s", run->facts.operation);
	add_next(page, wizard);
	if (add_outcomes(page, run) && run->state != PLAN_ROLLED_BACK)
		add_commands(page, wizard);
}

static bool
add_az(struct buf *out, const struct wizard *wizard, const struct run_step *step)
{
	struct buf text;
	json_t *other;
	size_t k;
	bool ok = true;

	buf_init(&text, TEXT_BYTES);
	if (command_az(&text, step, estate_session(wizard->estate)))
		ok = command_script(out, _(step->step->title), buf_text(&text));
	json_array_foreach(step->others, k, other)
	{
		if (ok && json_is_string(json_object_get(other, "az")))
			ok = command_script(out, _(step->step->title),
				json_string_value(json_object_get(other, "az")));
	}
	buf_free(&text);
	return ok;
}

char *
wizard_commands(const struct wizard *wizard)
{
	const struct run *run = wizard->run;
	struct buf out, text;
	bool ok;
	char *script;

	buf_init(&out, TEXT_BYTES);
	buf_init(&text, TEXT_BYTES);
	ok = add_claviger(&text, wizard) &&
	     command_script(&out, _("The whole of it on the command line"), buf_text(&text));
	for (size_t i = 0; ok && i < run->steps_len; i++)
		if (run->steps[i].step->changes && run->steps[i].method)
			ok = add_az(&out, wizard, &run->steps[i]);
	script = mem_strdup(buf_text(&out));
	buf_free(&text);
	buf_free(&out);
	return script;
}
