/* Carrying out: one step after the other, each until it is done for sure. An answer that was lost
 * is never taken for a failure: reality is read, and what it does not show is called unknown. */
#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/net/lro.h"
#include "backend/plans/run.h"

enum { FRESH_MS = 60000 };

static void
stop(struct run *run, enum step_state state, const struct err *why)
{
	struct run_step *shown = &run->steps[run->current];

	shown->state = state;
	shown->us = clock_mono_us() - run->private->started_us;
	shown->err = *why;
	run_end(run, PLAN_FAILED, why);
}

enum { AGAIN = 40 };

/* What goes on with it: the operation, once there is one. */
static const char *
again(const struct run *run, char out[AGAIN])
{
	snprintf(out, AGAIN,
		run->private->begun ? "run claviger resume %.8s" : "run the same command again",
		run->facts.operation);
	return out;
}

void
run_park(struct run *run)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];
	struct err err, unrecorded;
	char how[AGAIN];
	size_t left = 0;

	for (size_t i = 0; i < run->steps_len; i++) {
		if (run->steps[i].state == STEP_RUNNING)
			run->steps[i].state = STEP_NEEDED;
		left += run->steps[i].state == STEP_NEEDED;
	}
	err_set(&err, p->park, p->park == ERR_CANCELLED ? "Interrupted" : "Parked",
		"%s of %s was parked with %zu step%s to go; %s to go on", run->plan->name,
		run->facts.name, left, left == 1 ? "" : "s", again(run, how));
	if (p->acted && shown->step && !run_record(run, shown, JOURNAL_PARKED, &err, &unrecorded))
		err_prefix(&err, "not recorded (%s)", unrecorded.msg);
	run_end(run, PLAN_PARKED, &err);
}

void
run_park_accepted(struct run *run)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];
	char how[AGAIN];
	struct err err;

	if (p->park == ERR_NONE)
		p->park = ERR_PARKED;
	err_set(&err, p->park, p->park == ERR_CANCELLED ? "Interrupted" : "Parked",
		"%s of %s was parked: Azure has accepted step %s and works on it; %s: it waits until "
		"that has ended, and goes on from there",
		run->plan->name, run->facts.name, shown->step->name, again(run, how));
	shown->state = STEP_ACCEPTED;
	shown->us = clock_mono_us() - p->started_us;
	run_end(run, PLAN_PARKED, &err);
}

/* What the step in hand works on, and how far it says it is. */
static const char *
state_of(const struct run *run, const char **name)
{
	const struct plan_facts *facts = &run->facts;

	switch (run->steps[run->current].step->on) {
	case STEP_ON_ACCOUNT:
		*name = facts->account.name;
		return facts->facts.account.provisioning;
	case STEP_ON_VAULT:
		*name = facts->vault.name;
		return facts->facts.vault.provisioning;
	case STEP_ON_KEY:
	case STEP_ON_IDENTITY:
		break;
	}
	*name = "";
	return "";
}

const struct err *
plan_tries_again(const struct run *run)
{
	const struct run_private *p = run->private;

	return run->waiting && p->because == TRYING && p->why.http >= 400 ? &p->why : NULL;
}

bool
run_is_busy(const struct run *run)
{
	const char *name;

	return !lro_is_final(state_of(run, &name));
}

static bool
start(struct run *run, const struct step *step, enum doing doing)
{
	struct err err = {0};

	run->waiting = false;
	if (run_exchange(run, step, doing, &err)) {
		run_tell(run);
		return true;
	}
	/* What could not be recorded was not sent, and is still to be done. */
	stop(run, err.kind == ERR_JOURNAL ? STEP_NEEDED : STEP_FAILED, &err);
	return false;
}

/* The first step from current on that is to be carried out; what an earlier run or somebody else
 * has done meanwhile is passed over. False at the end. */
static bool
find_next(struct run *run)
{
	for (; run->current < run->steps_len; run->current++) {
		struct run_step *shown = &run->steps[run->current];

		if (shown->state == STEP_ACCEPTED)
			return true;
		if (shown->state != STEP_NEEDED)
			continue;
		if (!shown->step->changes || shown->step->needed(&run->facts))
			return true;
		shown->state = STEP_SKIPPED;
	}
	return false;
}

/* Goes on with a change that Azure had accepted when the run was parked. */
static void
look_again(struct run *run)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];

	shown->state = STEP_RUNNING;
	p->started_us = clock_mono_us();
	p->first_us = 0;
	p->because = LOOKING;
	err_set(&p->why, ERR_FAILED, "NotInEffect",
		"Azure accepted step %s, but what it was to change does not show it",
		shown->step->name);
	start(run, shown->step->reread, DOING_REREAD);
}

/* A change is made on what is there, and not on what was there a while ago or is just changing. */
static bool
must_look_first(const struct run *run)
{
	return clock_mono_ms() - run->private->read_ms > FRESH_MS || run_is_busy(run);
}

void
carry_next(struct run *run)
{
	struct run_step *shown;

	if (!find_next(run)) {
		run_end(run, PLAN_DONE, NULL);
		return;
	}
	shown = &run->steps[run->current];
	if (shown->state == STEP_ACCEPTED) {
		look_again(run);
		return;
	}
	shown->state = STEP_RUNNING;
	shown->err = (struct err){0};
	shown->note[0] = shown->request_id[0] = '\0';
	run_begin(run);
	if (shown->step->changes && must_look_first(run)) {
		run->private->because = FRESHENING;
		start(run, shown->step->reread, DOING_REREAD);
	} else {
		start(run, shown->step, DOING_STEP);
	}
}

static bool
record(struct run *run, enum step_state state, const struct err *why)
{
	const struct run_step *shown = &run->steps[run->current];
	enum journal_phase phase = state == STEP_DONE       ? JOURNAL_DONE
				   : state == STEP_ACCEPTED ? JOURNAL_ACCEPTED
				   : state == STEP_UNKNOWN  ? JOURNAL_UNKNOWN
							    : JOURNAL_FAILED;
	struct err err = {0};

	if (!run->private->digest[0] || run_record(run, shown, phase, why, &err))
		return true;
	err_set(&run->err, ERR_JOURNAL, err.code,
		"step %s was sent and ended (%s), but that cannot be recorded, so nothing more was "
		"sent: %s",
		shown->step->name, step_state_name(state), err.msg);
	return false;
}

/* From here on it is known to be under way: whoever goes on later looks, and does not send it
 * again. */
void
carry_accepted(struct run *run, const char *operation, const char *progress)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];
	bool first = p->operation[0] == '\0';

	snprintf(p->operation, sizeof p->operation, "%s", operation);
	snprintf(shown->note, sizeof shown->note, "Azure works on it: %s", progress);
	if (first && !record(run, STEP_ACCEPTED, NULL)) {
		run_drop(run);
		shown->state = STEP_ACCEPTED;
		run_end(run, PLAN_FAILED, NULL);
	} else if (p->no_wait || p->park != ERR_NONE) {
		run_drop(run);
		run_park_accepted(run);
	} else {
		run_tell(run);
	}
}

/* An intent without an outcome is a change that may have happened; only a try that was refused, and
 * was to be made again, is known to have done nothing. */
void
run_abandon(struct run *run)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];
	bool refused = p->doing == DOING_REREAD && p->because == TRYING;
	bool accepted = p->doing == DOING_REREAD && p->because == LOOKING;
	char how[AGAIN];
	struct err why;

	if (p->park == ERR_NONE)
		p->park = ERR_PARKED;
	if (!p->digest[0] || refused) {
		run_park(run);
		return;
	}
	err_set(&why, p->park, p->park == ERR_CANCELLED ? "Interrupted" : "Parked",
		accepted
			? "%s of %s was parked when Azure had accepted step %s, before it was seen to "
			  "have taken effect; %s: it reads first, and goes on from there"
			: "%s of %s was parked while step %s had no answer, so whether it took effect "
			  "is not known; %s: it reads first, and goes on from there",
		run->plan->name, run->facts.name, shown->step->name, again(run, how));
	if (accepted)
		snprintf(shown->note, sizeof shown->note,
			"Azure has accepted it; it was not seen to have taken effect yet");
	shown->state = STEP_UNKNOWN;
	shown->us = clock_mono_us() - p->started_us;
	shown->err = why;
	if (record(run, STEP_UNKNOWN, &why))
		run_end(run, PLAN_PARKED, &why);
	else
		run_end(run, PLAN_FAILED, NULL);
}

/* The step in hand has ended, one way or another. */
static void
finish(struct run *run, enum step_state state, const struct err *why)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];

	shown->state = state;
	shown->us = clock_mono_us() - p->started_us;
	snprintf(shown->note, sizeof shown->note, "%s", run->facts.note);
	if (why)
		shown->err = *why;
	run->waiting = false;
	if (!record(run, state, why)) {
		run_end(run, PLAN_FAILED, NULL);
		return;
	}
	if (state == STEP_FAILED || state == STEP_UNKNOWN) {
		run_end(run, PLAN_FAILED, why);
		return;
	}
	run->current++;
	run_preview(run, false);
	if (!find_next(run))
		run_end(run, PLAN_DONE, NULL);
	else if (p->park != ERR_NONE)
		run_park(run);
	else if (p->all)
		carry_next(run);
	else
		run_end(run, PLAN_PLANNED, NULL);
}

/* The budget is used up: a try that was always refused failed; what was accepted and never
 * showed is unknown. */
static void
give_up(struct run *run)
{
	struct run_private *p = run->private;
	struct err why = p->why;

	err_prefix(&why, "after %lld s", (long long)(run->budget_us / 1000000));
	if (p->because == FRESHENING)
		stop(run, STEP_NEEDED, &why);
	else
		finish(run, p->because == LOOKING ? STEP_UNKNOWN : STEP_FAILED, &why);
}

static void
wait_or_park(struct run *run)
{
	if (run->private->park != ERR_NONE && run->private->because != LOOKING)
		run_park(run);
	else if (!run_wait(run, run->steps[run->current].step))
		give_up(run);
}

/* What is being changed is left alone until it has settled: Azure would refuse, and who knows what
 * the change in hand would then be made on. */
static void
wait_until_settled(struct run *run)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];
	const char *name, *state = state_of(run, &name);

	err_set(&p->why, ERR_UNAVAILABLE, "Busy", "%s is still being changed (%s)", name, state);
	snprintf(shown->note, sizeof shown->note, "%s is still being changed (%s)", name, state);
	wait_or_park(run);
}

/* After a re-read: whoever asked meanwhile to park must not see one more change go out. */
static void
send_or_park(struct run *run)
{
	if (run->private->park != ERR_NONE)
		run_park(run);
	else
		start(run, run->steps[run->current].step, DOING_STEP);
}

/* One change of several is done: it is recorded, and the next has a record and a budget of its
 * own. */
static void
make_another(struct run *run)
{
	struct run_private *p = run->private;

	run->waiting = false;
	if (!record(run, STEP_DONE, NULL)) {
		run_end(run, PLAN_FAILED, NULL);
		return;
	}
	run->steps[run->current].partly = true;
	snprintf(run->steps[run->current].note, sizeof run->steps->note, "%s", run->facts.note);
	p->digest[0] = '\0';
	p->first_us = 0;
	p->why = (struct err){0};
	send_or_park(run);
}

static void
settle(struct run *run, enum outcome outcome, const struct err *why)
{
	struct run_private *p = run->private;
	const struct step *step = run->steps[run->current].step;

	switch (outcome) {
	case OUTCOME_DONE:
		finish(run, STEP_DONE, NULL);
		return;
	case OUTCOME_SKIPPED:
		finish(run, STEP_SKIPPED, NULL);
		return;
	case OUTCOME_FAILED:
		finish(run, STEP_FAILED, why);
		return;
	case OUTCOME_AGAIN:
		p->because = TRYING;
		p->why = *why;
		wait_or_park(run);
		return;
	case OUTCOME_LOOK:
		p->because = LOOKING;
		p->why = *why;
		start(run, step->reread, DOING_REREAD);
		return;
	case OUTCOME_MORE:
		make_another(run);
		return;
	}
}

/* The answer was lost, and reality was read, or could not be: found tells what it shows. */
static void
settle_loss(struct run *run, enum outcome found)
{
	struct run_private *p = run->private;
	struct err why = p->why;

	if (found == OUTCOME_DONE) {
		snprintf(run->facts.note, sizeof run->facts.note,
			"the answer was lost; read back, it is done");
		finish(run, STEP_DONE, NULL);
	} else if (found == OUTCOME_MORE) {
		make_another(run);
	} else if (found == OUTCOME_LOOK && !why.unsure && why.http && why.http != 408 &&
		   why.http != 504) {
		finish(run, STEP_FAILED, &why);
	} else {
		err_prefix(&why, "whether it took effect is not known");
		finish(run, STEP_UNKNOWN, &why);
	}
}

/* A change that was planned a while ago is made on what is there now, not on what was there
 * then. */
static void
settle_freshening(struct run *run, enum outcome found, const struct err *why)
{
	const struct step *step = run->steps[run->current].step;
	struct plan_facts *facts = &run->facts;

	if (found == OUTCOME_DONE) {
		snprintf(facts->note, sizeof facts->note, "somebody else has done it meanwhile");
		finish(run, STEP_SKIPPED, NULL);
	} else if (found != OUTCOME_LOOK) {
		stop(run, STEP_NEEDED, why);
	} else {
		if (step->on == STEP_ON_VAULT) {
			vault_free(&facts->before);
			vault_copy(&facts->before, &facts->facts.vault);
		}
		send_or_park(run);
	}
}

static void
reread(struct run *run, const struct reply *reply, const struct err *failure)
{
	struct run_private *p = run->private;
	const struct step *step = run->steps[run->current].step;
	struct err why = {0};
	enum outcome found;
	bool read;

	found = step->reread->accept(&run->facts, reply, reply ? NULL : failure, &why);
	if (found == OUTCOME_AGAIN && run->facts.next) {
		start(run, step->reread, DOING_REREAD);
		return;
	}
	read = found == OUTCOME_DONE;
	if (read && step->seen && p->because != FRESHENING)
		found = step->seen(&run->facts, &why);
	else if (read)
		found = step->needed(&run->facts) ? OUTCOME_LOOK : OUTCOME_DONE;
	if (p->because == FRESHENING && read && run_is_busy(run)) {
		wait_until_settled(run);
		return;
	}
	if (p->because == LOST || p->because == FRESHENING) {
		if (p->because == LOST)
			settle_loss(run, found);
		else
			settle_freshening(run, found, &why);
		return;
	}
	if (found == OUTCOME_DONE || found == OUTCOME_MORE ||
		(found == OUTCOME_FAILED && (read || why.kind == ERR_REFUSED))) {
		settle(run, found, &why);
		return;
	}
	if (p->because == TRYING && read) {
		send_or_park(run);
		return;
	}
	if (why.kind != ERR_NONE)
		p->why = why;
	wait_or_park(run);
}

void
carry_answered(struct run *run, const struct reply *reply, const struct err *failure)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];
	struct err why = {0};
	enum outcome outcome;

	if (p->doing == DOING_REREAD) {
		reread(run, reply, failure);
		return;
	}
	p->status = reply ? reply->status : failure->http;
	p->us = reply ? reply->us : 0;
	snprintf(shown->request_id, sizeof shown->request_id, "%s",
		reply ? reply->request_id : failure->request_id);
	if (reply == NULL && shown->step->changes && shown->step->reread && run_is_lost(failure)) {
		p->because = LOST;
		p->why = *failure;
		start(run, shown->step->reread, DOING_REREAD);
		return;
	}
	outcome = shown->step->accept(&run->facts, reply, reply ? NULL : failure, &why);
	settle(run, outcome, &why);
}

void
carry_woke(struct run *run)
{
	const struct step *step = run->steps[run->current].step;

	if (step->reread)
		start(run, step->reread, DOING_REREAD);
	else
		start(run, step, DOING_STEP);
}
