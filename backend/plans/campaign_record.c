/* A campaign in the journal: what it is about before the first change of any member, what it keeps
 * after each stage, and how it ended; and back from there. Its members' records are their own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/plans/campaign_inside.h"
#include "backend/plans/ground.h"
#include "backend/plans/past.h"
#include "backend/plans/recall.h"

static bool
append(struct campaign *campaign, enum journal_phase phase, const char *step, json_t *detail,
	const struct err *why, struct err *err)
{
	struct campaign_private *p = campaign->private;
	const struct session *session = estate_session(campaign->estate);
	struct journal_entry entry = {.phase = phase,
		.operation = campaign->operation,
		.plan = campaign->plan->name,
		.step = step,
		.detail = detail};
	bool ok;

	if (why && why->kind != ERR_NONE) {
		entry.code = why->code;
		entry.message = why->msg;
	}
	journal_actor(p->options.journal, session_object_id(session), session_client_id(session));
	ok = journal_append(p->options.journal, &entry, err);
	json_decref(detail);
	return ok;
}

bool
campaign_record_begin(void *user, struct err *err)
{
	struct campaign *campaign = user;
	struct campaign_private *p = campaign->private;
	json_t *about;

	p->held = p->held || journal_hold(p->options.journal, campaign->operation, err);
	if (!p->held || p->begun)
		return p->held;
	about = past_about(campaign->plan, &campaign->subject, campaign->values, p->forced);
	if (campaign->fleet) {
		json_t *fleet = json_array();

		for (size_t i = 0; i < campaign->members_len; i++)
			json_array_append_new(
				fleet, past_subject_json(&campaign->members[i].subject));
		json_object_set_new(about, "fleet", fleet);
	}
	json_object_set_new(about, "kept", json_deep_copy(campaign->kept));
	if (p->approval[0])
		json_object_set_new(about, "approved", json_string(p->approval));
	p->begun = append(campaign, JOURNAL_BEGIN, NULL, about, NULL, err);
	return p->begun;
}

void
campaign_let_go(struct campaign *campaign)
{
	if (campaign->private->held)
		journal_release(campaign->private->options.journal, campaign->operation);
	campaign->private->held = false;
}

bool
campaign_record_stage(struct campaign *campaign, const struct stage *stage, struct err *err)
{
	json_t *detail;

	if (!campaign->private->begun)
		return true;
	detail = json_pack("{s:o}", "kept", json_deep_copy(campaign->kept));
	return append(campaign, stage ? JOURNAL_DONE : JOURNAL_PARKED, stage ? stage->name : NULL,
		detail, NULL, err);
}

static bool
any_unsure(const struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign->members[i].unsure)
			return true;
	return false;
}

static enum operation_state
standing(const struct campaign *campaign)
{
	switch (campaign->state) {
	case PLAN_DONE:
		return OPERATION_DONE;
	case PLAN_UNCHANGED:
		return campaign->private->back ? OPERATION_ROLLED_BACK : OPERATION_DONE;
	case PLAN_ROLLED_BACK:
		return OPERATION_ROLLED_BACK;
	case PLAN_PARKED:
		return OPERATION_PARKED;
	default:
		return any_unsure(campaign) ? OPERATION_UNKNOWN : OPERATION_FAILED;
	}
}

/* {name, outcome, evidence, requestId} of every account, for who reads the journal later. */
static json_t *
outcomes(const struct campaign *campaign)
{
	json_t *out = json_array();

	for (size_t i = 0; i < campaign->concerns_len; i++) {
		const struct concern *concern = &campaign->concerns[i];

		json_array_append_new(
			out, json_pack("{s:s, s:s, s:o, s:o}", "name", concern->id.name, "outcome",
				     fate_name(concern->fate), "evidence",
				     run_text_json(concern->evidence), "requestId",
				     run_text_json(concern->request)));
	}
	return out;
}

void
campaign_conclude(struct campaign *campaign)
{
	const char *state = operation_state_name(standing(campaign));
	struct err err = {0};
	json_t *detail;

	if (!campaign->private->begun)
		return;
	detail = json_pack("{s:s, s:o, s:o}", "state", state, "accounts", outcomes(campaign),
		"kept", json_deep_copy(campaign->kept));
	if (append(campaign, JOURNAL_END, NULL, detail, &campaign->err, &err))
		return;
	err_prefix(&err, "%s of %s is %s, but that cannot be recorded", campaign->plan->name,
		campaign->name, state);
	campaign->err = err;
	campaign->state = PLAN_FAILED;
}

bool
campaign_recall_members(struct campaign *campaign, struct err *err)
{
	struct campaign_private *p = campaign->private;

	if (!p->begun)
		return true;
	operations_free(&p->past);
	return recall_search(session_loop(estate_session(campaign->estate)), p->options.journal_dir,
		campaign->operation, NULL, &p->past, err);
}

bool
campaign_is_recorded(const struct campaign *campaign)
{
	return campaign->private->begun;
}

/* The members of a fleet, as it was told of them. */
static bool
recall_fleet(struct campaign *campaign, const json_t *fleet, struct err *err)
{
	const char *pairs[2 * PLAN_FIELDS_MAX + 1];
	size_t n = 0, i;
	json_t *one;

	for (size_t k = 0; k < campaign->plan->fields_len; k++)
		if (campaign->values[k]) {
			pairs[n++] = campaign->plan->fields[k].name;
			pairs[n++] = campaign->values[k];
		}
	pairs[n] = NULL;
	campaign->fleet = true;
	json_array_foreach(fleet, i, one)
	{
		json_t *about = json_pack("{s:O}", "subject", one);
		struct subject subject;
		bool ok = past_subject(
			session_cloud(estate_session(campaign->estate)), about, &subject, err);

		json_decref(about);
		if (!ok)
			return false;
		campaign_add(campaign, campaign->plan, &subject, pairs, NULL);
	}
	campaign->state = PLAN_PLANNED;
	return true;
}

/* What the journal knows of it; its members are read, and nothing is begun. */
static struct campaign *
recall(struct estate *estate, const struct operation *operation,
	const struct campaign_options *options, struct err *err)
{
	const struct plan_def *plan = plan_find(operation->plan);
	const char *values[PLAN_FIELDS_MAX] = {NULL};
	struct campaign *campaign;
	struct subject subject;

	if (plan == NULL || operation->begin == NULL) {
		err_set(err, ERR_REFUSED, "NewerPlan",
			"operation %s: this version has no plan '%s'", operation->id,
			operation->plan);
		return NULL;
	}
	if (!past_subject(session_cloud(estate_session(estate)), operation->begin, &subject, err)) {
		err_prefix(err, "operation %s", operation->id);
		return NULL;
	}
	past_values(plan, operation->begin, values);
	campaign = campaign_new(estate, plan, &subject, values, options);
	snprintf(campaign->operation, sizeof campaign->operation, "%s", operation->id);
	campaign->private->held = options->journal != NULL;
	campaign->private->begun = true;
	if (operation->kept)
		json_object_update(campaign->kept, operation->kept);
	if (json_object_get(operation->begin, "forced")) {
		json_decref(campaign->private->forced);
		campaign->private->forced =
			json_incref(json_object_get(operation->begin, "forced"));
	}
	if (campaign_recall_members(campaign, err))
		return campaign;
	campaign_free(campaign);
	return NULL;
}

struct campaign *
campaign_resume(struct estate *estate, const struct operation *operation,
	const struct campaign_options *options, struct err *err)
{
	struct campaign *campaign;
	const json_t *fleet;
	bool ok;

	if (operation->state == OPERATION_ROLLED_BACK) {
		err_set(err, ERR_REFUSED, "RolledBack",
			"operation %s was taken back; run its command again to do it anew",
			operation->id);
		return NULL;
	}
	campaign = recall(estate, operation, options, err);
	if (campaign == NULL)
		return NULL;
	campaign->private->unended = operation->state != OPERATION_DONE;
	fleet = json_object_get(operation->begin, "fleet");
	ok = fleet ? recall_fleet(campaign, fleet, err) : campaign_gather(campaign, err);
	if (ok)
		return campaign;
	campaign_free(campaign);
	return NULL;
}

struct campaign *
campaign_again(struct estate *estate, const json_t *file, const char *approval,
	const struct campaign_options *options, struct err *err)
{
	const char *name = json_string_value(json_object_get(file, "plan"));
	const struct plan_def *plan = name ? plan_find(name) : NULL;
	const char *values[PLAN_FIELDS_MAX] = {NULL}, *forced[PLAN_FINDINGS_MAX + 1] = {NULL};
	struct campaign_options own = *options;
	struct campaign *campaign;
	struct subject subject;
	size_t i;
	json_t *one;

	if (plan == NULL || plan->stages == NULL) {
		err_set(err, ERR_REFUSED, "NewerPlan", "this version has no such plan");
		return NULL;
	}
	if (!past_subject(session_cloud(estate_session(estate)), file, &subject, err))
		return NULL;
	past_values(plan, file, values);
	json_array_foreach(json_object_get(file, "forced"), i, one)
	{
		if (i < PLAN_FINDINGS_MAX && json_is_string(one))
			forced[i] = json_string_value(one);
	}
	own.force = forced;
	campaign = campaign_start(estate, plan, &subject, values, &own, err);
	if (campaign && approval)
		snprintf(campaign->private->approval, sizeof campaign->private->approval, "%s",
			approval);
	return campaign;
}

struct campaign *
campaign_rollback(struct estate *estate, const struct operation *operation,
	const struct campaign_options *options, struct err *err)
{
	struct campaign *campaign = recall(estate, operation, options, err);

	if (campaign && campaign->plan->final) {
		err_set(err, ERR_REFUSED, "NoWayBack", "operation %s: %s", operation->id,
			campaign->plan->final);
		campaign_free(campaign);
		return NULL;
	}
	if (campaign == NULL)
		return NULL;
	campaign->fleet = json_object_get(operation->begin, "fleet") != NULL;
	campaign->private->back = true;
	campaign->state = PLAN_PLANNED;
	return campaign;
}
