/* What a campaign says of itself: the result object of the command line, how far it is, and what it
 * stands on. */
#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/plans/campaign_inside.h"
#include "backend/plans/ground.h"

const char *
fate_name(enum fate fate)
{
	static const char *const names[] = {
		[FATE_NONE] = "unknown",
		[FATE_UNAFFECTED] = "unaffected",
		[FATE_DARK] = "dark",
		[FATE_CUT] = "cut",
		[FATE_READABLE] = "readable",
		[FATE_UNKNOWN] = "unknown",
		[FATE_RESTORED] = "restored",
		[FATE_MOVED] = "moved",
		[FATE_DONE] = "done",
		[FATE_FAILED] = "failed",
	};

	return names[fate];
}

static bool
is_preflight(const json_t *step)
{
	const char *name = json_string_value(json_object_get(step, "name"));

	return name && strcmp(name, "preflight") == 0;
}

/* One preflight for all; of the members' own only those that say why nothing follows. */
static json_t *
steps_json(const struct campaign *campaign)
{
	bool refused = campaign->state == PLAN_REFUSED;
	json_t *out = json_array(), *step;
	size_t k;

	json_array_append_new(out,
		json_pack("{s:s, s:s, s:n, s:n, s:n, s:o, s:n, s:s, s:s, s:n}", "name", "preflight",
			"state", refused ? "failed" : "done", "request", "seconds", "requestId",
			"error", run_error_json(refused ? &campaign->err : NULL), "note", "subject",
			campaign->name, "plan", campaign->plan->name, "stage"));
	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];
		bool well = member->state != PLAN_REFUSED && member->state != PLAN_FAILED;

		json_array_foreach(json_object_get(member->result, "steps"), k, step)
		{
			if (!is_preflight(step) || !well)
				json_array_append(out, step);
		}
		if (member->result == NULL && member->err.kind != ERR_NONE) {
			char name[SUBJECT_NAME];

			json_array_append_new(
				out, json_pack("{s:s, s:s, s:n, s:n, s:n, s:o, s:n, s:s, s:s, s:s}",
					     "name", "preflight", "state", "failed", "request",
					     "seconds", "requestId", "error",
					     run_error_json(&member->err), "note", "subject",
					     subject_name(&member->subject, name), "plan",
					     member->plan->name, "stage",
					     member->stage ? member->stage->name : ""));
		}
	}
	return out;
}

/* Its own, and of its members what stands in the way or is mended. */
static json_t *
findings_json(const struct campaign *campaign)
{
	json_t *out = json_array(), *finding;
	size_t k;

	for (size_t i = 0; i < campaign->findings_len; i++)
		json_array_append_new(out, run_finding_json(&campaign->findings[i]));
	for (size_t i = 0; i < campaign->members_len; i++) {
		json_array_foreach(
			json_object_get(campaign->members[i].result, "findings"), k, finding)
		{
			const char *effect = json_string_value(json_object_get(finding, "effect"));

			if (effect && strcmp(effect, "told") != 0)
				json_array_append(out, finding);
		}
	}
	return out;
}

static json_t *
accounts_json(const struct campaign *campaign)
{
	json_t *out = json_array();

	for (size_t i = 0; i < campaign->concerns_len; i++) {
		const struct concern *concern = &campaign->concerns[i];

		json_array_append_new(
			out, json_pack("{s:s, s:s, s:o, s:o}", "name", concern->id.name, "outcome",
				     fate_name(concern->fate), "evidence",
				     run_text_json(concern->evidence), "seconds",
				     concern->us > 0 ? json_real((double)concern->us / 1e6)
						     : json_null()));
	}
	return out;
}

static json_t *
resources_json(const struct campaign *campaign)
{
	const struct subject *subject = &campaign->subject;
	char id[ARMID_MAX], key[KEYID_MAX];

	return json_pack("{s:n, s:o, s:o, s:n, s:n}", "account", "vault",
		subject->id.name[0] ? json_string(armid_print(&subject->id, id)) : json_null(),
		"key",
		subject->kind == SUBJECT_KEY ? json_string(keyid_print(&subject->key, key))
					     : json_null(),
		"identity", "principalId");
}

/* What a member that came to no run looks like beside the others. */
static json_t *
unstarted_json(const struct member *member)
{
	char name[SUBJECT_NAME];
	bool account = member->subject.kind == SUBJECT_ACCOUNT;
	bool waits = member->progress == MEMBER_WAITING;

	subject_name(&member->subject, name);
	return json_pack("{s:n, s:s, s:s, s:o, s:[], s:[], s:{}, s:o}", "operation", "plan",
		member->plan->name, "state", plan_state_name(waits ? PLAN_PLANNED : member->state),
		"error", run_error_json(&member->err), "steps", "findings", "resources", "accounts",
		account ? json_pack("[{s:s, s:s, s:o, s:n}]", "name", name, "outcome",
				  waits ? "unaffected" : "failed", "evidence",
				  run_text_json(waits ? "not begun" : member->err.msg), "seconds")
			: json_array());
}

static json_t *
fleet_json(const struct campaign *campaign)
{
	json_t *out = json_array();

	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];

		json_array_append_new(
			out, member->result ? json_incref(member->result) : unstarted_json(member));
	}
	return out;
}

json_t *
campaign_json(const struct campaign *campaign, bool dry)
{
	json_t *out;

	if (campaign->fleet)
		return fleet_json(campaign);
	out = json_object();
	json_object_set_new(out, "operation", dry ? json_null() : json_string(campaign->operation));
	json_object_set_new(out, "plan", json_string(campaign->plan->name));
	json_object_set_new(out, "state", json_string(plan_state_name(campaign->state)));
	json_object_set_new(out, "error", run_error_json(&campaign->err));
	json_object_set_new(out, "steps", steps_json(campaign));
	json_object_set_new(out, "findings", findings_json(campaign));
	json_object_set_new(out, "resources", resources_json(campaign));
	json_object_set_new(out, "accounts", accounts_json(campaign));
	return out;
}

void
campaign_progress(const struct campaign *campaign, size_t *ended, size_t *failed, size_t *all,
	int *seconds_left)
{
	int64_t us = clock_mono_us() - campaign->private->carried_us;

	*ended = *failed = 0;
	*all = campaign->members_len;
	for (size_t i = 0; i < campaign->members_len; i++) {
		*ended += campaign->members[i].progress == MEMBER_ENDED;
		*failed += campaign->members[i].progress == MEMBER_ENDED &&
			   !member_is_well(&campaign->members[i]);
	}
	*seconds_left = -1;
	if (*ended > 1 && us > 0)
		*seconds_left =
			(int)(us / 1000000.0 / (double)*ended * (double)(*all - *ended) + 0.5);
}

json_t *
campaign_ground(const struct campaign *campaign)
{
	json_t *out = json_object();

	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];
		char name[SUBJECT_NAME], id[ARMID_MAX], path[ARMID_MAX + 160];

		snprintf(path, sizeof path, "%s%s%s %s%s%s",
			member->stage ? member->stage->name : "", member->stage ? ": " : "",
			member->plan->name, subject_name(&member->subject, name),
			member->subject.key.version[0] ? " " : "", member->subject.key.version);
		if (json_object_get(out, path))
			snprintf(path, sizeof path, "%s: %s %s",
				member->stage ? member->stage->name : "", member->plan->name,
				armid_print(&member->subject.id, id));
		json_object_set_new(out, path,
			member->ground ? json_incref(member->ground)
				       : json_string(member->err.code));
	}
	return out;
}
