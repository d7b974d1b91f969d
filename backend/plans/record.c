/* The journal of a run. Nothing is sent before its intent is on the disk; one intent covers the
 * tries of one step as long as they send the same bytes. */
#include "backend/plans/run.h"
#include "backend/plans/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/plans/ground.h"
#include "backend/plans/past.h"
#include "crypto/digest.h"

/* What a resume needs to find its way; public names and numbers only. */
static json_t *
detail(const struct run *run, const struct step *step, bool undo)
{
	const struct plan_facts *facts = &run->facts;
	const char *principal = step_principal(facts);
	char key[KEYID_MAX];
	json_t *out = json_object();

	if (facts->want.key[0])
		json_object_set_new(out, "key", json_string(keyid_print(&facts->want, key)));
	if (principal[0])
		json_object_set_new(out, "principalId", json_string(principal));
	if (step->save)
		step->save(facts, out);
	if (run->private->operation[0])
		json_object_set_new(out, "acceptedOperation", json_string(run->private->operation));
	if (undo)
		json_object_set_new(out, "undo", json_true());
	return out;
}

static void
target(const struct run *run, const struct step *step, char out[ARMID_MAX])
{
	char key[KEYID_MAX];
	struct keyid bare = run->facts.want;

	bare.version[0] = '\0';
	if (step->on == STEP_ON_KEY)
		snprintf(out, ARMID_MAX, "%s", keyid_print(&bare, key));
	else
		armid_print(step->on == STEP_ON_VAULT      ? &run->facts.vault
			    : step->on == STEP_ON_IDENTITY ? &run->facts.identity
							   : &run->facts.account,
			out);
}

static bool
append(struct run *run, const struct step *step, struct journal_entry *entry, bool undo,
	struct err *err)
{
	char on[ARMID_MAX];
	json_t *more = detail(run, step, undo);
	bool ok;

	target(run, step, on);
	entry->operation = run->facts.operation;
	entry->plan = run->plan->name;
	entry->step = step->name;
	entry->target = on;
	entry->detail = more;
	ok = journal_append(run->private->journal, entry, err);
	json_decref(more);
	return ok;
}

/* The first record: enough to begin anew in another process. */
static bool
append_begin(struct run *run, struct err *err)
{
	struct run_private *p = run->private;
	json_t *about = past_about(run->plan, &run->facts.subject, run->values, p->forced);
	json_t *steps = json_array();
	struct journal_entry entry = {.phase = JOURNAL_BEGIN,
		.operation = run->facts.operation,
		.plan = run->plan->name,
		.detail = about};
	char digest[65];

	if (p->of) {
		json_object_set_new(about, "of", json_string(p->of));
		json_object_set_new(about, "stage", json_string(p->stage));
	}
	for (size_t i = 1; i < run->steps_len; i++)
		if (run->steps[i].step->changes &&
			(run->steps[i].state == STEP_NEEDED || run->steps[i].state == STEP_RUNNING))
			json_array_append_new(steps, json_string(run->steps[i].step->name));
	ground_digest(p->ground, digest);
	json_object_set_new(about, "steps", steps);
	json_object_set_new(about, "preconditions", json_string(digest));
	if (p->approval[0])
		json_object_set_new(about, "approved", json_string(p->approval));
	p->begun = journal_append(p->journal, &entry, err);
	json_decref(about);
	return p->begun;
}

static bool
hold(struct run *run, struct err *err)
{
	struct run_private *p = run->private;

	p->held = p->held || journal_hold(p->journal, run->facts.operation, err);
	return p->held;
}

void
run_let_go(struct run *run)
{
	if (run->private->held)
		journal_release(run->private->journal, run->facts.operation);
	run->private->held = false;
}

bool
plan_is_recorded(const struct run *run)
{
	return run->private->begun;
}

bool
run_intend(struct run *run, const struct step *step, const struct request *request, bool undo,
	struct err *err)
{
	struct run_private *p = run->private;
	struct journal_entry entry = {.phase = JOURNAL_INTENT};
	const char *body = request->body ? request->body : "";
	char digest[65];

	if (p->journal == NULL)
		return err_set(err, ERR_JOURNAL, "Journal",
			"there is no journal to record the change in; nothing was sent");
	digest_sha256_hex(body, strlen(body), digest);
	if (strcmp(digest, p->digest) == 0)
		return true;
	journal_actor(p->journal, session_object_id(p->session), session_client_id(p->session));
	snprintf(p->method, sizeof p->method, "%s", http_method_name(request->method));
	free(p->url);
	p->url = mem_strdup(request->url);
	entry.method = p->method;
	entry.url = p->url;
	entry.body_digest = digest;
	if ((p->before && !p->before(p->before_user, err)) || !hold(run, err) ||
		(!p->begun && !append_begin(run, err)) || !append(run, step, &entry, undo, err))
		return err_prefix(err, "nothing was sent");
	p->recorded = NULL;
	memcpy(p->digest, digest, sizeof digest);
	return true;
}

bool
run_record(struct run *run, const struct run_step *shown, enum journal_phase phase,
	const struct err *why, struct err *err)
{
	struct run_private *p = run->private;
	struct journal_entry entry = {.phase = phase};
	bool undo = p->doing == DOING_UNDO || p->doing == DOING_UNDO_REREAD;

	entry.request_id = shown->request_id;
	if (p->digest[0]) {
		entry.method = p->method;
		entry.url = p->url;
		entry.body_digest = p->digest;
		entry.http = p->status;
		entry.us = p->us;
	}
	if (why && why->kind != ERR_NONE) {
		entry.code = why->code;
		entry.message = why->msg;
	}
	if (!append(run, shown->step, &entry, undo, err))
		return false;
	if (phase != JOURNAL_ACCEPTED)
		p->digest[0] = '\0';
	return true;
}

static const char *
standing(const struct run *run)
{
	for (size_t i = 0; i < run->steps_len; i++)
		if (run->state == PLAN_FAILED && run->steps[i].state == STEP_UNKNOWN)
			return operation_state_name(OPERATION_UNKNOWN);
	switch (run->state) {
	case PLAN_DONE:
		return operation_state_name(OPERATION_DONE);
	case PLAN_UNCHANGED:
		if (!run->private->take_back)
			return operation_state_name(OPERATION_DONE);
		return plan_leaves(run) && !run->private->settled
			       ? NULL
			       : operation_state_name(OPERATION_ROLLED_BACK);
	case PLAN_FAILED:
		return operation_state_name(OPERATION_FAILED);
	case PLAN_ROLLED_BACK:
		return operation_state_name(OPERATION_ROLLED_BACK);
	default:
		return NULL;
	}
}

void
run_conclude(struct run *run)
{
	struct run_private *p = run->private;
	const char *state = standing(run);
	struct journal_entry entry = {
		.phase = JOURNAL_END, .operation = run->facts.operation, .plan = run->plan->name};
	struct err why = {0};
	json_t *end;

	/* What failed before a change of this run does not change how it stands. */
	if (!p->begun || p->journal == NULL || state == NULL ||
		(run->state == PLAN_FAILED && !p->acted) ||
		(p->recorded && strcmp(p->recorded, state) == 0))
		return;
	end = json_pack("{s:s}", "state", state);
	entry.detail = end;
	if (run->state == PLAN_FAILED) {
		entry.code = run->err.code;
		entry.message = run->err.msg;
	}
	p->recorded = state;
	if (!journal_append(p->journal, &entry, &why) && run->err.kind != ERR_JOURNAL) {
		err_prefix(&why, "%s of %s was sent and is %s, but that cannot be recorded",
			run->plan->name, run->facts.name, state);
		run->err = why;
		run->state = PLAN_FAILED;
	}
	json_decref(end);
}
