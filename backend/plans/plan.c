/* The runner: starts exchanges and gives their ends to the part that they are for. Everything
 * happens on the loop, in callbacks; nothing here waits, and nothing here knows a word of Azure. */
#include "backend/plans/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/ground.h"
#include "backend/plans/run.h"

enum { PROOF_BYTES = 32, BUSY_MS = 30 * 60 * 1000 };

static const struct step step_preflight = {
	.name = "preflight",
	.title = "Preflight",
	.why = "Reads the account, the vault and the key, tests the RSA of this machine, and looks for "
	       "everything that would stand in the way, before anything is changed.",
};

static void read_next(struct run *run);
static void read_answered(struct run *run, const struct step *step, const struct reply *reply,
	const struct err *failure);

void
run_tell(struct run *run)
{
	if (run->private->changed)
		run->private->changed(run->private->user);
}

/* What has come to rest may be taken up by whoever reads the journal. */
void
run_end(struct run *run, enum plan_state state, const struct err *err)
{
	run->state = state;
	run->waiting = false;
	run->private->doing = DOING_NOTHING;
	if (err)
		run->err = *err;
	run_conclude(run);
	if (state != PLAN_PLANNED)
		run_let_go(run);
	run_tell(run);
}

void
run_begin(struct run *run)
{
	struct run_private *p = run->private;

	p->started_us = clock_mono_us();
	p->first_us = 0;
	p->digest[0] = p->operation[0] = '\0';
	p->status = 0;
	p->us = 0;
	p->why = (struct err){0};
	run->facts.note[0] = '\0';
}

bool
run_is_lost(const struct err *failure)
{
	static const char *const codes[] = {"Timeout", "Broken", "TooLarge", "BadReply"};

	if (failure->unsure)
		return true;
	if (failure->http)
		return failure->http == 408 || failure->http >= 500;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (strcmp(failure->code, codes[i]) == 0)
			return true;
	return false;
}

static void
answered(void *user, struct reply *reply, const struct err *err)
{
	struct run *run = user;
	struct run_private *p = run->private;
	bool failed = err && err->kind != ERR_NONE;

	p->call = NULL;
	if (failed)
		reply = NULL;
	switch (p->doing) {
	case DOING_READ:
		read_answered(run, p->step, reply, err);
		break;
	case DOING_STEP:
	case DOING_REREAD:
		carry_answered(run, reply, err);
		break;
	case DOING_UNDO:
	case DOING_UNDO_REREAD:
		undo_answered(run, reply, err);
		break;
	case DOING_NOTHING:
		break;
	}
}

static void
watched(void *user, const char *operation, const char *progress)
{
	struct run *run = user;

	if (run->private->doing == DOING_STEP)
		carry_accepted(run, operation, progress);
}

static void
noticed(void *user)
{
	run_tell(user);
}

struct work {
	bool (*work)(struct err *err);
	bool ok;
	struct err err;
};

static void
work(void *copy)
{
	struct work *own = copy;

	own->ok = own->work(&own->err);
}

static void
worked(void *user, void *copy)
{
	struct run *run = user;
	struct run_private *p = run->private;
	const struct work *own = copy;

	p->worker = NULL;
	if (own->ok) {
		p->tested = true;
		p->read++;
		read_next(run);
		return;
	}
	run->steps[0].state = STEP_FAILED;
	run->steps[0].err = own->err;
	run_end(run, PLAN_FAILED, &own->err);
}

static void
used_read(void *user, struct facts *facts, const struct err *err)
{
	struct run *run = user;

	run->private->reading = NULL;
	facts_free(&run->facts.used);
	run->facts.used = *facts;
	*facts = (struct facts){0};
	read_answered(run, run->private->step, NULL, err);
}

/* Whether a read before the plan may be answered with what another run was told. */
static bool
may_share(const struct run *run, const struct step *read)
{
	if (!run->private->shares || run->private->doing != DOING_READ ||
		(read->on != STEP_ON_VAULT && read->on != STEP_ON_KEY))
		return false;
	for (const struct step *const *step = run->plan->steps; *step; step++)
		if ((*step)->changes && (*step)->on == read->on)
			return false;
	return true;
}

bool
run_exchange(struct run *run, const struct step *step, enum doing doing, struct err *err)
{
	struct run_private *p = run->private;
	struct request request = {0};
	struct work own = {.work = step->work};
	bool undo = doing == DOING_UNDO, own_request = undo || doing == DOING_STEP;
	bool ok;

	p->doing = doing;
	p->step = step;
	if (step->work) {
		p->worker = job_run(
			session_loop(p->session), work, &own, sizeof own, worked, NULL, run);
		return true;
	}
	if (step->reads_used) {
		p->reading = estate_read_start(p->estate, &run->facts.account, used_read, run);
		if (p->shares)
			reading_share(p->reading);
		return true;
	}
	ok = (undo ? step->undo : step->build)(&run->facts, &request, err);
	if (ok && own_request)
		run_show(&run->steps[run->current], &request);
	if (ok && own_request && step->changes) {
		ok = run_intend(run, step, &request, undo, err);
		p->acted = p->acted || ok;
	}
	request.shared = may_share(run, step);
	if (ok)
		p->call = session_send(p->session, &request, answered, run);
	if (ok && step->changes)
		call_watch(p->call, watched);
	if (ok)
		call_notice(p->call, noticed);
	request_free(&request);
	return ok;
}

static void
woke(void *user)
{
	struct run *run = user;
	struct run_private *p = run->private;

	p->timer = NULL;
	if (p->doing == DOING_UNDO_REREAD)
		undo_woke(run);
	else
		carry_woke(run);
}

bool
run_wait(struct run *run, const struct step *step)
{
	struct run_private *p = run->private;
	int again_ms = step->pace ? step->pace(&run->facts) : step->again_ms;
	int64_t now = clock_mono_us();

	if (p->first_us == 0)
		p->first_us = now;
	run->waited_us = now - p->first_us;
	run->budget_us = (int64_t)(run_is_busy(run) ? BUSY_MS : step->budget_ms) * 1000;
	if (run->waited_us + (int64_t)again_ms * 1000 > run->budget_us)
		return false;
	run->waiting = true;
	p->timer = job_after(session_loop(p->session), again_ms, woke, run);
	run_tell(run);
	return true;
}

static void
read_failed(struct run *run, const struct err *why)
{
	run->steps[0].state = STEP_FAILED;
	run->steps[0].err = *why;
	run->steps[0].us = clock_mono_us() - run->private->started_us;
	run_end(run, why->kind == ERR_REFUSED ? PLAN_REFUSED : PLAN_FAILED, why);
}

static bool
watches(const struct run *run)
{
	bool any = false;

	for (size_t i = 1; run->plan->watches && i < run->steps_len; i++)
		any = any || run->steps[i].state == STEP_NEEDED;
	return any;
}

static void
judge(struct run *run)
{
	struct run_step *preflight = &run->steps[0];
	struct err why = {0};
	bool ok;

	run->facts.facts.now = clock_wall();
	ok = run->private->take_back || run_judge(run);
	preflight->us = clock_mono_us() - run->private->started_us;
	run->private->read_ms = clock_mono_ms();
	preflight->state = ok ? STEP_DONE : STEP_FAILED;
	if (!ok) {
		preflight->err = run->err;
		run_end(run, PLAN_REFUSED, NULL);
		return;
	}
	run->current = 1;
	if (run->private->take_back && !past_judge(run, &why)) {
		read_failed(run, &why);
		return;
	}
	if (!run->private->take_back)
		run_preview(run, true);
	run->private->ground = ground_of(run);
	run_end(run, plan_changes(run) || watches(run) ? PLAN_PLANNED : PLAN_UNCHANGED, NULL);
}

static bool
is_to_be_read(const struct run *run, const struct step *read)
{
	return !(read->work && run->private->tested) &&
	       (read->needed == NULL || read->needed(&run->facts));
}

static void
read_next(struct run *run)
{
	const struct step *const *reads = run->plan->reads;
	struct run_private *p = run->private;
	struct err err = {0};

	while (reads[p->read] && !is_to_be_read(run, reads[p->read]))
		p->read++;
	if (reads[p->read] == NULL)
		judge(run);
	else if (!run_exchange(run, reads[p->read], DOING_READ, &err))
		read_failed(run, &err);
	else
		run_tell(run);
}

static void
read_answered(struct run *run, const struct step *step, const struct reply *reply,
	const struct err *failure)
{
	struct err why = {0};
	enum outcome outcome = step->accept(&run->facts, reply, reply ? NULL : failure, &why);

	if (outcome == OUTCOME_FAILED) {
		read_failed(run, &why);
		return;
	}
	run->private->read += outcome != OUTCOME_AGAIN;
	read_next(run);
}

static struct run *
new_run(struct estate *estate, struct journal *journal, const struct plan_def *plan,
	const struct subject *subject)
{
	struct run *run = mem_alloc(sizeof *run);
	uuid_t uuid;

	run->plan = plan;
	run->private = mem_alloc(sizeof *run->private);
	run->private->session = estate_session(estate);
	run->private->estate = estate;
	run->private->journal = journal;
	run->facts.session = run->private->session;
	run->facts.subject = *subject;
	subject_name(subject, run->facts.name);
	if (subject->kind == SUBJECT_ACCOUNT)
		run->facts.account = run->facts.facts.account.id = subject->id;
	else if (subject->kind == SUBJECT_IDENTITY)
		run->facts.identity = subject->id;
	else
		run->facts.vault = run->facts.facts.vault.id = subject->id;
	if (subject->kind == SUBJECT_KEY)
		run->facts.want = run->facts.facts.key.id = subject->key;
	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, run->facts.operation);
	run->steps[run->steps_len++].step = &step_preflight;
	for (size_t i = 0; plan->steps[i] && run->steps_len < PLAN_STEPS_MAX; i++)
		run->steps[run->steps_len++].step = plan->steps[i];
	return run;
}

struct run *
run_new(struct estate *estate, struct journal *journal, const struct plan_def *plan,
	const struct subject *subject, const char *const *values, const char *operation,
	struct err *err)
{
	struct run *run = new_run(estate, journal, plan, subject);

	if (operation)
		snprintf(run->facts.operation, sizeof run->facts.operation, "%s", operation);
	for (size_t i = 0; i < plan->fields_len; i++)
		run->values[i] = values[i] ? mem_strdup(values[i]) : NULL;
	if (secret_random(&run->facts.wrapped_here, PROOF_BYTES, err) &&
		(!plan->prepare || plan->prepare(estate, subject, values, &run->facts, err)))
		return run;
	plan_free(run);
	return NULL;
}

struct run *
plan_start(struct estate *estate, struct journal *journal, const struct plan_def *plan,
	const struct subject *subject, const char *const *values, void (*changed)(void *user),
	void *user, struct err *err)
{
	struct run *run = run_new(estate, journal, plan, subject, values, NULL, err);

	if (run)
		run_go(run, changed, user);
	return run;
}

void
run_go(struct run *run, void (*changed)(void *user), void *user)
{
	run->state = PLAN_READING;
	run->steps[0].state = STEP_RUNNING;
	run_begin(run);
	read_next(run);
	run->private->changed = changed;
	run->private->user = user;
}

static void
go_on(struct run *run, bool all)
{
	bool ready =
		(run->state == PLAN_PLANNED && !run->private->undoing) ||
		(run->state == PLAN_PARKED && run->steps[0].state == STEP_DONE &&
			!run->private->undoing && run->steps[run->current].state != STEP_UNKNOWN);

	if (!ready)
		return;
	run->private->all = all;
	run->private->park = ERR_NONE;
	run->err = (struct err){0};
	run->state = PLAN_RUNNING;
	carry_next(run);
}

void
plan_step(struct run *run)
{
	go_on(run, false);
}

void
plan_all(struct run *run)
{
	go_on(run, true);
}

void
run_drop(struct run *run)
{
	struct run_private *p = run->private;

	if (p->call)
		call_cancel(p->call);
	if (p->timer)
		job_cancel(p->timer);
	if (p->worker)
		job_cancel(p->worker);
	reading_cancel(p->reading);
	p->call = NULL;
	p->timer = p->worker = NULL;
	p->reading = NULL;
}

void
plan_force(struct run *run, const char *const *names)
{
	json_decref(run->private->forced);
	run->private->forced = run_forced(names);
}

void
plan_no_wait(struct run *run)
{
	run->private->no_wait = true;
}

void
plan_share(struct run *run)
{
	run->private->shares = true;
	if (run->private->reading)
		reading_share(run->private->reading);
}

void
plan_park(struct run *run, enum err_kind why)
{
	struct run_private *p = run->private;

	if (!plan_busy(run) && run->state != PLAN_PLANNED)
		return;
	p->park = why;
	if (run->state == PLAN_RUNNING && p->operation[0]) {
		run_drop(run);
		run_park_accepted(run);
		return;
	}
	/* What was accepted and does not show yet is looked for to the end: then it is known. */
	if (run->state == PLAN_RUNNING && (p->timer == NULL || p->because == LOOKING))
		return;
	run_drop(run);
	run_park(run);
}

void
plan_abandon(struct run *run)
{
	if (!plan_busy(run))
		return;
	run_drop(run);
	run_abandon(run);
}

void
plan_free(struct run *run)
{
	if (run == NULL)
		return;
	run_drop(run);
	run_let_go(run);
	for (size_t i = 0; i < run->steps_len; i++) {
		free(run->steps[i].method);
		free(run->steps[i].url);
		free(run->steps[i].body);
		json_decref(run->steps[i].others);
	}
	for (size_t i = 0; i < PLAN_FIELDS_MAX; i++)
		free(run->values[i]);
	json_decref(run->private->ground);
	json_decref(run->private->forced);
	facts_free(&run->facts.facts);
	facts_free(&run->facts.used);
	vault_free(&run->facts.before);
	free(run->facts.taken);
	free(run->facts.cuts);
	secret_free(&run->facts.wrapped_here);
	json_decref(run->facts.policy);
	json_decref(run->facts.users_seen);
	free(run->facts.changed);
	free(run->facts.asked);
	free(run->facts.next);
	free(run->private->url);
	free(run->private);
	free(run);
}

bool
plan_cuts(const struct run *run)
{
	const struct plan_def *plan = run->plan;

	/* To take a cut back cuts nobody off; to take back what opens may. */
	if (run->private->take_back)
		return past_cuts(run);
	return plan->danger == PLAN_CUTS && (plan->cuts == NULL || plan->cuts(&run->facts));
}

const char *
plan_confirm_name(const struct run *run)
{
	const struct subject *subject = &run->facts.subject;

	return subject->kind == SUBJECT_KEY ? subject->key.key : subject->id.name;
}

const char *
plan_step_name(const struct run *run, size_t step)
{
	const char *confirm = run->steps[step].step->confirm;

	if (run->steps[step].state != STEP_NEEDED || confirm == NULL)
		return NULL;
	return strcmp(confirm, "vault") == 0 ? run->facts.vault.name : plan_confirm_name(run);
}

bool
plan_confirmed(const char *typed, const char *name)
{
	return text_casecmp(typed, name) == 0;
}

bool
plan_changes(const struct run *run)
{
	for (size_t i = 0; i < run->steps_len; i++)
		if (run->steps[i].step->changes && run->steps[i].state == STEP_NEEDED)
			return true;
	return false;
}

bool
plan_busy(const struct run *run)
{
	return run->state == PLAN_READING || run->state == PLAN_RUNNING;
}

bool
plan_waits(const struct run *run, struct call_wait *out)
{
	return call_waits(run->private->call, out);
}
