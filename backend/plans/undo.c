/* Undoing: the same steps backwards. The order matters more than ever: an account that may still
 * depend on a key must not lose its rights on it, so the first step that cannot be undone for sure
 * ends it. */
#include <stdio.h>

#include "backend/base/clock.h"
#include "backend/plans/run.h"

static void
fail(struct run *run, enum journal_phase phase, const struct err *why)
{
	struct run_step *shown = &run->steps[run->current];
	struct err err = *why, unrecorded = {0};

	err_prefix(&err, "undoing step %s", shown->step->name);
	shown->err = err;
	run->waiting = false;
	if (run->private->digest[0] && !run_record(run, shown, phase, &err, &unrecorded)) {
		err = unrecorded;
		err_prefix(&err, "undoing step %s was sent, and its end cannot be recorded",
			shown->step->name);
	}
	run_end(run, PLAN_FAILED, &err);
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
	fail(run, JOURNAL_FAILED, &err);
	return false;
}

/* A step of unknown outcome is undone too: better twice than not at all. */
static void
next(struct run *run)
{
	while (run->current > 1) {
		struct run_step *shown = &run->steps[--run->current];
		bool acted = shown->state == STEP_DONE || shown->state == STEP_ACCEPTED ||
			     shown->state == STEP_UNKNOWN || shown->partly ||
			     (run->private->take_back && shown->state == STEP_NEEDED);

		if (!acted || !shown->step->changes)
			continue;
		if (shown->step->undo == NULL) {
			snprintf(shown->note, sizeof shown->note, "not undone: %s",
				shown->step->stays ? shown->step->stays : "it stays");
			continue;
		}
		if (run->private->park != ERR_NONE) {
			run_park(run);
			return;
		}
		run_begin(run);
		start(run, shown->step, DOING_UNDO);
		return;
	}
	run_end(run, PLAN_ROLLED_BACK, NULL);
}

/* more: one change of several is undone; the next has a record of its own. */
static void
undone(struct run *run, bool more)
{
	struct run_step *shown = &run->steps[run->current];
	struct err err = {0};

	if (!more) {
		shown->state = STEP_PENDING;
		shown->partly = false;
	}
	shown->us = clock_mono_us() - run->private->started_us;
	shown->err = (struct err){0};
	snprintf(shown->note, sizeof shown->note, "undone%s%s", shown->step->stays ? "; " : "",
		shown->step->stays ? shown->step->stays : "");
	if (!run_record(run, shown, JOURNAL_DONE, NULL, &err)) {
		err_prefix(
			&err, "step %s was undone, but that cannot be recorded", shown->step->name);
		run_end(run, PLAN_FAILED, &err);
		return;
	}
	if (more)
		run->current++;
	next(run);
}

void
undo_answered(struct run *run, const struct reply *reply, const struct err *failure)
{
	struct run_private *p = run->private;
	struct run_step *shown = &run->steps[run->current];
	const struct step *step = shown->step;
	enum outcome found;
	struct err why = {0};

	if (p->doing == DOING_UNDO) {
		p->status = reply ? reply->status : failure->http;
		p->us = reply ? reply->us : 0;
		snprintf(shown->request_id, sizeof shown->request_id, "%s",
			reply ? reply->request_id : failure->request_id);
		if (reply || run_is_lost(failure)) {
			if (reply == NULL)
				p->why = *failure;
			start(run, step->reread, DOING_UNDO_REREAD);
		} else {
			fail(run, JOURNAL_FAILED, failure);
		}
		return;
	}
	found = step->reread->accept(&run->facts, reply, reply ? NULL : failure, &why);
	if (found == OUTCOME_AGAIN && run->facts.next) {
		start(run, step->reread, DOING_UNDO_REREAD);
		return;
	}
	if (found != OUTCOME_DONE)
		found = OUTCOME_LOOK;
	else
		found = step->undone                ? step->undone(&run->facts)
			: step->needed(&run->facts) ? OUTCOME_DONE
						    : OUTCOME_LOOK;
	if (found != OUTCOME_LOOK) {
		undone(run, found == OUTCOME_MORE);
		return;
	}
	if (p->why.kind == ERR_NONE)
		p->why = why;
	if (p->why.kind == ERR_NONE)
		err_set(&p->why, ERR_FAILED, "NotInEffect", "read back, it is still there");
	if (!run_wait(run, step))
		fail(run, JOURNAL_UNKNOWN, &p->why);
}

void
undo_woke(struct run *run)
{
	start(run, run->steps[run->current].step->reread, DOING_UNDO_REREAD);
}

void
plan_undo(struct run *run)
{
	bool back = run->state == PLAN_PLANNED && run->private->take_back;

	if (!back && run->state != PLAN_DONE && run->state != PLAN_FAILED &&
		run->state != PLAN_PARKED)
		return;
	run->private->park = ERR_NONE;
	run->private->undoing = run->facts.undoing = true;
	run->private->because = LOOKING;
	run->err = (struct err){0};
	run->state = PLAN_RUNNING;
	run->current = run->steps_len;
	next(run);
}
