/* The members of a campaign, each a run of its own: new, gone on with, or undone, as the journal
 * has it. Once a run has ended only its result is kept: a thousand of them must not stand in
 * memory. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/campaign_inside.h"
#include "backend/plans/past.h"

static struct member *
add(struct campaign *campaign, const struct plan_def *plan, struct concern *concern)
{
	struct member *member;

	/* Runs under way hold no pointer to their member: the table may move. */
	campaign->members = mem_resize(
		campaign->members, (campaign->members_len + 1) * sizeof *campaign->members);
	member = &campaign->members[campaign->members_len++];
	*member = (struct member){.plan = plan, .concern = concern};
	if (!campaign->fleet && !campaign->private->back)
		member->stage = campaign->plan->stages[campaign->stage];
	return member;
}

static const char *
stage_name(const struct member *member)
{
	return member->stage ? member->stage->name : "";
}

/* The same thing, as past_subject_json writes it: of a key the same version too. */
static bool
is_subject(const json_t *was, const json_t *is)
{
	static const char *const members[] = {"kind", "id", "key"};

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		const char *before = json_string_value(json_object_get(was, members[i]));
		const char *now = json_string_value(json_object_get(is, members[i]));

		if ((before == NULL) != (now == NULL) || (now && text_casecmp(before, now) != 0))
			return false;
	}
	return true;
}

/* What the journal has of a member; NULL: nothing, or it was undone. */
static const struct operation *
find_past(const struct campaign *campaign, const struct member *member)
{
	const struct operations *past = &campaign->private->past;
	json_t *subject = past_subject_json(&member->subject);
	const struct operation *found = NULL;

	for (size_t i = past->len; i-- > 0 && found == NULL;) {
		const struct operation *one = &past->rows[i];
		const json_t *values = json_object_get(one->begin, "values");
		bool same = strcmp(one->plan, member->plan->name) == 0 &&
			    strcmp(one->stage, stage_name(member)) == 0 &&
			    is_subject(json_object_get(one->begin, "subject"), subject);

		for (size_t k = 0; same && !campaign->fleet && k < member->plan->fields_len; k++) {
			const char *was = json_string_value(
				json_object_get(values, member->plan->fields[k].name));

			same = (was == NULL) == (member->values[k] == NULL) &&
			       (was == NULL || strcmp(was, member->values[k]) == 0);
		}
		if (same)
			found = one;
	}
	json_decref(subject);
	return found && found->state != OPERATION_ROLLED_BACK ? found : NULL;
}

void
campaign_add(struct campaign *campaign, const struct plan_def *plan, const struct subject *subject,
	const char *const *pairs, struct concern *concern)
{
	struct member *member = add(campaign, plan, concern);
	const struct operation *past;

	member->subject = *subject;
	for (; pairs && pairs[0]; pairs += 2)
		for (size_t i = 0; i < plan->fields_len; i++)
			if (strcmp(plan->fields[i].name, pairs[0]) == 0 && pairs[1]) {
				free(member->values[i]);
				member->values[i] = mem_strdup(pairs[1]);
			}
	past = find_past(campaign, member);
	if (past)
		snprintf(member->operation, sizeof member->operation, "%s", past->id);
}

void
campaign_add_back(
	struct campaign *campaign, const struct operation *operation, struct concern *concern)
{
	const struct plan_def *plan = plan_find(operation->plan);
	struct member *member = add(campaign, plan ? plan : campaign->plan, concern);
	struct operations *past = &campaign->private->past;
	struct err err = {0};

	member->back = true;
	snprintf(member->operation, sizeof member->operation, "%s", operation->id);
	if (!past_subject(session_cloud(estate_session(campaign->estate)), operation->begin,
		    &member->subject, &err))
		member->subject = campaign->subject;
	for (size_t i = 0; i < past->len; i++)
		if (strcmp(past->rows[i].id, operation->id) == 0)
			return;
	operations_add(past, operation);
}

static const struct operation *
operation_of(const struct campaign *campaign, const struct member *member)
{
	const struct operations *past = &campaign->private->past;

	for (size_t i = 0; member->operation[0] && i < past->len; i++)
		if (strcmp(past->rows[i].id, member->operation) == 0)
			return &past->rows[i];
	return NULL;
}

static struct run *
past_run(struct campaign *campaign, bool back, const struct operation *past, struct err *err)
{
	struct journal *journal = campaign->private->options.journal;
	struct run *run;

	if (journal && !journal_hold(journal, past->id, err))
		return NULL;
	run = (back ? past_rollback : past_resume)(campaign->estate, journal, past, err);
	if (run == NULL && journal)
		journal_release(journal, past->id);
	return run;
}

/* A run that knows of the campaign, before it begins to read. */
static struct run *
new_run(struct campaign *campaign, struct member *member, struct err *err)
{
	const struct operation *past = operation_of(campaign, member);
	const char *values[PLAN_FIELDS_MAX] = {NULL};
	struct run *run;

	if (past) {
		run = past_run(campaign, member->back, past, err);
	} else {
		for (size_t i = 0; i < PLAN_FIELDS_MAX; i++)
			values[i] = member->values[i];
		run = run_new(campaign->estate, campaign->private->options.journal, member->plan,
			&member->subject, values, NULL, err);
	}
	if (run == NULL)
		return NULL;
	if (run->private->forced == NULL)
		run->private->forced = json_incref(campaign->private->forced);
	run->private->of = campaign->operation;
	run->private->stage = stage_name(member);
	run->private->before = campaign_record_begin;
	run->private->before_user = campaign;
	return run;
}

void
member_begin(struct campaign *campaign, struct member *member)
{
	struct run *run = new_run(campaign, member, &member->err);

	if (run == NULL) {
		member->progress = MEMBER_ENDED;
		member->state = member->err.kind == ERR_REFUSED ? PLAN_REFUSED : PLAN_FAILED;
		if (member->concern && !campaign->previewing)
			campaign_fate(
				campaign, member->concern, FATE_FAILED, "%s", member->err.msg);
		return;
	}
	member->progress = MEMBER_RUNNING;
	member->run = run;
	snprintf(member->operation, sizeof member->operation, "%s", run->facts.operation);
	if (campaign->private->options.no_wait)
		plan_no_wait(run);
	plan_share(run);
	run->private->tested = campaign->private->tested;
	run_go(run, campaign_member_changed, campaign);
	campaign_member_changed(campaign);
}

/* Which of the many it belongs to is told with each step. */
static void
name_steps(const struct member *member, const struct run *run)
{
	json_t *step;
	size_t i;

	json_array_foreach(json_object_get(member->result, "steps"), i, step)
	{
		json_object_set_new(step, "subject", json_string(run->facts.name));
		json_object_set_new(step, "plan", json_string(member->plan->name));
		if (member->stage)
			json_object_set_new(step, "stage", json_string(member->stage->name));
	}
}

void
member_take(struct campaign *campaign, struct member *member)
{
	struct run *run = member->run;
	bool previewing = campaign->previewing;

	member->progress = MEMBER_ENDED;
	member->state = run->state;
	if (member->err.kind == ERR_NONE)
		member->err = run->err;
	member->changes = previewing ? plan_changes(run) : run->private->acted;
	if (previewing)
		member->cuts = plan_cuts(run);
	for (size_t i = 0; i < run->steps_len; i++)
		member->unsure = member->unsure || run->steps[i].state == STEP_UNKNOWN ||
				 run->steps[i].state == STEP_ACCEPTED;
	member->result = plan_json(run, previewing || run->state == PLAN_PLANNED);
	if (previewing)
		member->ground = json_incref(run->private->ground);
	if (campaign->fleet)
		json_object_set_new(member->result, "of",
			previewing ? json_null() : json_string(campaign->operation));
	else
		name_steps(member, run);
	if (member->stage && member->stage->ended && !previewing)
		member->stage->ended(campaign, member, run);
	/* Those that are undone after it look who uses the key. */
	if (member->back && run->private->acted && member->subject.kind == SUBJECT_ACCOUNT)
		estate_touch(campaign->estate, &member->subject.id, NULL, NULL);
	campaign->private->tested = campaign->private->tested || run->private->tested;
	plan_free(run);
	member->run = NULL;
}

bool
campaign_is_seen(const struct member *member, const struct run *run)
{
	return run->state == PLAN_DONE || run->state == PLAN_UNCHANGED ||
	       (run->state == PLAN_PARKED && !member->unsure &&
		       run->facts.facts.account_known == KNOWN_READ);
}

bool
member_is_well(const struct member *member)
{
	return member->progress == MEMBER_ENDED &&
	       (member->state == PLAN_DONE || member->state == PLAN_UNCHANGED ||
		       (member->back && member->state == PLAN_ROLLED_BACK &&
			       member->err.kind == ERR_NONE) ||
		       (member->state == PLAN_PLANNED && member->err.kind == ERR_NONE));
}

const struct member *
member_refused(const struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];

		if (member->stage && member->stage->needs_all && member->state == PLAN_REFUSED)
			return member;
	}
	return NULL;
}

void
member_free(struct member *member)
{
	plan_free(member->run);
	for (size_t i = 0; i < PLAN_FIELDS_MAX; i++)
		free(member->values[i]);
	json_decref(member->result);
	json_decref(member->ground);
}

const char *
campaign_value(const struct campaign *campaign, const char *field)
{
	for (size_t i = 0; i < campaign->plan->fields_len; i++)
		if (strcmp(campaign->plan->fields[i].name, field) == 0)
			return campaign->values[i] && campaign->values[i][0] ? campaign->values[i]
									     : NULL;
	return NULL;
}

const char *
campaign_journal(const struct campaign *campaign)
{
	return campaign->private->options.journal_dir;
}

bool
campaign_waits(const struct campaign *campaign)
{
	return !campaign->private->options.no_wait;
}

void
campaign_fate(
	struct campaign *campaign, struct concern *concern, enum fate fate, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(concern->evidence, sizeof concern->evidence, fmt, args);
	va_end(args);
	concern->fate = fate;
	concern->us = clock_mono_us() - campaign->private->started_us;
}

void
campaign_find(struct campaign *campaign, const struct rule *rule, const char *fmt, ...)
{
	struct finding *finding;
	va_list args;

	if (campaign->findings_len == PLAN_FINDINGS_MAX)
		return;
	finding = &campaign->findings[campaign->findings_len++];
	*finding = (struct finding){.rule = rule};
	va_start(args, fmt);
	vsnprintf(finding->cause, sizeof finding->cause, fmt, args);
	va_end(args);
}

bool
campaign_block(struct campaign *campaign, const char *const *ids, struct err *err)
{
	const struct finding *first = NULL;

	for (size_t i = 0; i < campaign->findings_len; i++) {
		struct finding *finding = &campaign->findings[i];
		const char *const *rule = ids;

		while (*rule && strcmp(*rule, finding->rule->id) != 0)
			rule++;
		if (*rule == NULL || run_is_forced(campaign->private->forced, *rule))
			continue;
		finding->effect = FINDING_BLOCKS;
		if (first == NULL)
			first = finding;
	}
	return first == NULL || err_set(err, ERR_REFUSED, first->rule->id, "%s. %s", first->cause,
					finding_remedy(first));
}
