/* Nothing of the former process is needed but what it wrote down: the subject, the values, and what
 * some steps saved. All else is read anew, because it may have changed. */
#include "backend/plans/past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/judge.h"
#include "backend/plans/run.h"

static const struct rule rule_dark = {
	.id = "accounts-go-dark",
	.severity = SEVERITY_HIGH,
	.source = "the lists of accounts, and the replies to the reads",
	.remedy = "Leave it as it is while their data are needed; confirmed by the name, they stay "
		  "unreadable until the same is done again.",
};
static const struct rule rule_unread = {
	.id = "users-unknown",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure Resource Manager, the replies to the reads",
	.remedy = "See what it is, and have it looked at by somebody who may: claviger impact.",
};

json_t *
past_subject_json(const struct subject *subject)
{
	char id[ARMID_MAX], key[KEYID_MAX];
	json_t *out = json_pack("{s:s, s:s}", "kind", subject_noun(subject->kind), "id",
		armid_print(&subject->id, id));

	if (subject->location[0])
		json_object_set_new(out, "location", json_string(subject->location));
	if (subject->kind == SUBJECT_KEY)
		json_object_set_new(out, "key", json_string(keyid_print(&subject->key, key)));
	return out;
}

json_t *
past_about(const struct plan_def *plan, const struct subject *subject, char *const *values,
	json_t *forced)
{
	json_t *given = json_object();
	char name[SUBJECT_NAME];

	for (size_t i = 0; i < plan->fields_len; i++)
		if (values[i])
			json_object_set_new(given, plan->fields[i].name, json_string(values[i]));
	return json_pack("{s:o, s:s, s:o, s:O*}", "subject", past_subject_json(subject), "name",
		subject_name(subject, name), "values", given, "forced", forced);
}

bool
past_subject(const struct cloud *cloud, const json_t *about, struct subject *out, struct err *err)
{
	char kind[16], id[ARMID_MAX], key[KEYID_MAX];

	*out = (struct subject){0};
	if (!json_need_text(about, "subject.kind", kind, sizeof kind, err) ||
		!json_need_text(about, "subject.id", id, sizeof id, err) ||
		!armid_parse(&out->id, id, err) ||
		!json_text(about, "subject.location", out->location, sizeof out->location, err) ||
		!json_text(about, "subject.key", key, sizeof key, err))
		return false;
	while (out->kind <= SUBJECT_IDENTITY && strcmp(subject_noun(out->kind), kind) != 0)
		out->kind++;
	if (out->kind > SUBJECT_IDENTITY)
		return err_set(err, ERR_REFUSED, "NewerPlan",
			"it is about a %s, which this version does not know", kind);
	return out->kind != SUBJECT_KEY || keyid_parse(&out->key, key, cloud, err);
}

void
past_values(const struct plan_def *plan, const json_t *about, const char **out)
{
	const json_t *values = json_object_get(about, "values");

	for (size_t i = 0; i < plan->fields_len; i++)
		out[i] = json_string_value(json_object_get(values, plan->fields[i].name));
}

static struct run *
rebuild(struct estate *estate, struct journal *journal, const char *name, const json_t *about,
	const char *operation, struct err *err)
{
	const char *values[PLAN_FIELDS_MAX] = {NULL};
	const struct plan_def *plan = plan_find(name);
	struct subject subject;
	struct run *run;

	if (plan == NULL) {
		err_set(err, ERR_REFUSED, "NewerPlan", "this version has no plan '%s'", name);
		return NULL;
	}
	if (!past_subject(session_cloud(estate_session(estate)), about, &subject, err))
		return NULL;
	if (subject.kind != plan->subject) {
		err_set(err, ERR_REFUSED, "NewerPlan", "%s is not about a thing of that kind",
			plan->name);
		return NULL;
	}
	past_values(plan, about, values);
	run = run_new(estate, journal, plan, &subject, values, operation, err);
	if (run)
		run->private->forced = json_incref(json_object_get(about, "forced"));
	return run;
}

/* A run of what the journal says of the operation. */
static struct run *
recall(struct estate *estate, struct journal *journal, const struct operation *operation,
	struct err *err)
{
	struct run *run;

	if (operation->begin == NULL) {
		err_set(err, ERR_REFUSED, "NoBeginning",
			"operation %s: the journal does not tell what it was about; run its "
			"command again",
			operation->id);
		return NULL;
	}
	run = rebuild(estate, journal, operation->plan, operation->begin, operation->id, err);
	if (run == NULL) {
		err_prefix(err, "operation %s", operation->id);
		return NULL;
	}
	run->private->held = journal != NULL;
	run->private->begun = true;
	run->private->recorded = operation_state_name(operation->state);
	for (size_t i = 1; i < run->steps_len; i++) {
		const struct step *step = run->steps[i].step;
		const json_t *known = json_object_get(operation->steps, step->name);
		const json_t *detail = json_object_get(known, "detail");

		if (detail && step->load)
			step->load(&run->facts, detail);
	}
	return run;
}

struct run *
past_resume(struct estate *estate, struct journal *journal, const struct operation *operation,
	struct err *err)
{
	if (operation->state != OPERATION_ROLLED_BACK)
		return recall(estate, journal, operation, err);
	err_set(err, ERR_REFUSED, "RolledBack",
		"operation %s was taken back; run its command again to do it anew", operation->id);
	return NULL;
}

struct run *
plan_resume(struct estate *estate, struct journal *journal, const struct operation *operation,
	void (*changed)(void *user), void *user, struct err *err)
{
	struct run *run = past_resume(estate, journal, operation, err);

	if (run)
		run_go(run, changed, user);
	return run;
}

/* Who depends on what is to be undone. */
static bool
find_users(struct run *run, struct err *err)
{
	for (size_t i = 1; i < run->steps_len; i++) {
		const struct step *step = run->steps[i].step;

		if (run->private->made[i] && step->users &&
			!step->users(run->private->estate, &run->facts, err))
			return false;
	}
	return true;
}

struct run *
past_rollback(struct estate *estate, struct journal *journal, const struct operation *operation,
	struct err *err)
{
	struct run *run = recall(estate, journal, operation, err);

	if (run == NULL)
		return NULL;
	run->private->take_back = run->private->undoing = true;
	for (size_t i = 1; i < run->steps_len; i++) {
		const json_t *known = json_object_get(operation->steps, run->steps[i].step->name);
		const char *phase = json_string_value(json_object_get(known, "phase"));

		run->private->made[i] =
			phase && strcmp(phase, "undone") != 0 && strcmp(phase, "failed") != 0;
	}
	if (find_users(run, err))
		return run;
	plan_free(run);
	return NULL;
}

struct run *
plan_rollback(struct estate *estate, struct journal *journal, const struct operation *operation,
	void (*changed)(void *user), void *user, struct err *err)
{
	struct run *run = past_rollback(estate, journal, operation, err);

	if (run)
		run_go(run, changed, user);
	return run;
}

struct run *
plan_again(struct estate *estate, struct journal *journal, const json_t *file, const char *approval,
	void (*changed)(void *user), void *user, struct err *err)
{
	const char *name = json_string_value(json_object_get(file, "plan"));
	struct run *run = rebuild(estate, journal, name ? name : "", file, NULL, err);

	if (run == NULL)
		return NULL;
	if (approval)
		snprintf(run->private->approval, sizeof run->private->approval, "%s", approval);
	run_go(run, changed, user);
	return run;
}

/* Whether what the step made is no longer there, or never was. */
static bool
is_gone(const struct run *run, const struct step *step)
{
	if (step->undone)
		return step->undone(&run->facts) == OUTCOME_DONE;
	return step->needed && step->needed(&run->facts);
}

bool
plan_leaves(const struct run *run)
{
	for (size_t i = 1; i < run->steps_len; i++)
		if (text_case_starts(run->steps[i].note, "not undone"))
			return true;
	return false;
}

void
plan_settle(struct run *run)
{
	run->private->settled = true;
	run_conclude(run);
}

/* Why what the step changed could not be looked at; NULL: it could, or is not read at all. */
static const struct err *
unread(const struct run *run, const struct step *step)
{
	const struct facts *facts = &run->facts.facts;

	if (step->on == STEP_ON_VAULT && facts->vault_known == KNOWN_DENIED)
		return &facts->vault_why;
	if (step->on == STEP_ON_VAULT && facts->roles_known == KNOWN_DENIED)
		return &facts->roles_why;
	if (step->on == STEP_ON_KEY && facts->key_known == KNOWN_DENIED)
		return &facts->key_why;
	return NULL;
}

static void
show_undo(struct run *run, struct run_step *shown)
{
	struct request request = {0};
	struct err why = {0};

	if (shown->step->undo(&run->facts, &request, &why)) {
		run_show(shown, &request);
		shown->state = STEP_NEEDED;
		snprintf(shown->note, sizeof shown->note, "to be undone");
	} else {
		err_prefix(&why, "not undone");
		text_cleans(shown->note, sizeof shown->note, why.msg);
	}
	request_free(&request);
}

static void
judge_step(struct run *run, struct run_step *shown)
{
	shown->state = STEP_SKIPPED;
	if (is_gone(run, shown->step))
		return;
	if (shown->step->undo)
		show_undo(run, shown);
	else
		snprintf(shown->note, sizeof shown->note, "not undone: %s",
			shown->step->stays ? shown->step->stays : "it stays");
}

/* Steps are undone last first: one that comes later takes the account off the key before. */
static bool
leaves_before(const struct run *run, size_t at)
{
	while (++at < run->steps_len)
		if (run->steps[at].step->on == STEP_ON_ACCOUNT && run->steps[at].step->changes &&
			run->steps[at].state == STEP_NEEDED)
			return true;
	return false;
}

bool
past_cuts(const struct run *run)
{
	for (size_t i = 1; i < run->steps_len; i++)
		if (run->steps[i].state == STEP_NEEDED && run->steps[i].step->users)
			return run->facts.users_len || run->facts.users_unread;
	return false;
}

static void
judge_users(struct run *run)
{
	struct judging judging = {.service = run->facts.facts.account.service,
		.out = run->findings,
		.max = PLAN_FINDINGS_MAX};
	const struct plan_facts *facts = &run->facts;

	for (size_t i = 1; i < run->steps_len; i++)
		if (run->steps[i].state == STEP_NEEDED && run->steps[i].step->hits)
			run->steps[i].step->hits(
				&run->facts, run->private->estate, !leaves_before(run, i));
	if (past_cuts(run) && facts->users_len)
		judge_say(&judging, &rule_dark, "%zu account%s will go dark: %.180s",
			facts->users_len, facts->users_len == 1 ? "" : "s", facts->users);
	if (past_cuts(run) && facts->users_unread)
		judge_say(&judging, &rule_unread,
			"%zu thing%s could not be looked at: who else depends on it is not known",
			facts->users_unread, facts->users_unread == 1 ? "" : "s");
	run->findings_len = judging.len;
}

bool
past_judge(struct run *run, struct err *err)
{
	bool ok = true;

	run->facts.previewing = true;
	for (size_t i = 1; i < run->steps_len && ok; i++) {
		struct run_step *shown = &run->steps[i];
		const struct err *why = unread(run, shown->step);

		shown->state = STEP_SKIPPED;
		if (!run->private->made[i] || !shown->step->changes)
			continue;
		ok = why == NULL;
		if (ok) {
			judge_step(run, shown);
		} else {
			*err = *why;
			err_prefix(err, "whether step %s is still to be undone is not known",
				shown->step->name);
		}
	}
	run->facts.previewing = false;
	if (ok)
		judge_users(run);
	return ok;
}
