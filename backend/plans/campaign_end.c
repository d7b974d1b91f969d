/* How campaigns end: what is said of the whole follows from its members, and what is recorded from
 * that. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/campaign_inside.h"

void
campaign_end(struct campaign *campaign, enum plan_state state, const struct err *err)
{
	campaign->state = state;
	campaign->private->moving = false;
	if (err)
		campaign->err = *err;
	if (!campaign->previewing) {
		campaign_conclude(campaign);
		campaign_let_go(campaign);
	}
	campaign->previewing = false;
	campaign_tell(campaign);
}

static bool
any_changes(const struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign->members[i].changes)
			return true;
	return false;
}

const struct member *
campaign_first_bad(const struct campaign *campaign, size_t from, size_t *count)
{
	const struct member *first = NULL;

	*count = 0;
	for (size_t i = from; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];

		if (member->progress != MEMBER_ENDED || member_is_well(member))
			continue;
		if (first == NULL || (first->state == PLAN_PARKED && member->state != PLAN_PARKED))
			first = member;
		++*count;
	}
	return first;
}

/* Whether all that went badly since the first of the stage did so for one reason. */
static bool
is_one_reason(const struct campaign *campaign, const char *code)
{
	for (size_t i = campaign->private->first; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];

		if (member->progress == MEMBER_ENDED && !member_is_well(member) &&
			strcmp(member->err.code, code) != 0)
			return false;
	}
	return true;
}

void
campaign_say_bad(
	const struct campaign *campaign, const struct member *bad, size_t count, struct err *err)
{
	size_t of = campaign->members_len - campaign->private->first;
	bool one = is_one_reason(campaign, bad->err.code);
	char name[SUBJECT_NAME], who[SUBJECT_NAME + 40];

	*err = bad->err;
	if (err->kind == ERR_NONE)
		err_set(err, ERR_FAILED, "NotDone", "it is %s", plan_state_name(bad->state));
	snprintf(who, sizeof who, "%s %s", bad->plan->name, subject_name(&bad->subject, name));
	if (!text_case_starts(err->msg, who))
		err_prefix(err, "%s", who);
	if (of > 1)
		err_prefix(err,
			one ? "%zu of %zu not done"
			    : "%zu of %zu not done, others for other reasons",
			count, of);
}

void
campaign_end_previewing(struct campaign *campaign)
{
	size_t count;
	const struct member *bad = campaign_first_bad(campaign, 0, &count), *refused;
	struct err err = {0};

	campaign->previewed = true;
	if (!campaign->private->begun && (refused = member_refused(campaign))) {
		campaign->private->first = 0;
		campaign_say_bad(campaign, refused, 1, &err);
		campaign_end(campaign, PLAN_REFUSED, &err);
		return;
	}
	if (any_changes(campaign) || bad == NULL) {
		campaign_end(campaign, any_changes(campaign) ? PLAN_PLANNED : PLAN_UNCHANGED, NULL);
		return;
	}
	campaign->private->first = 0;
	campaign_say_bad(campaign, bad, count, &err);
	campaign_end(campaign, bad->state == PLAN_REFUSED ? PLAN_REFUSED : PLAN_FAILED, &err);
}

void
campaign_end_well(struct campaign *campaign)
{
	struct err err = {0};

	if (campaign->previewing)
		campaign_end_previewing(campaign);
	else if (campaign->private->back)
		campaign_end(
			campaign, any_changes(campaign) ? PLAN_ROLLED_BACK : PLAN_UNCHANGED, NULL);
	else if (campaign->plan->conclude && !campaign->fleet &&
		 !campaign->plan->conclude(campaign, &err))
		campaign_end(campaign, err.kind == ERR_PARKED ? PLAN_PARKED : PLAN_FAILED, &err);
	else
		campaign_end(campaign,
			any_changes(campaign) || campaign->private->unended ? PLAN_DONE
									    : PLAN_UNCHANGED,
			NULL);
}

void
campaign_end_parked(struct campaign *campaign)
{
	struct campaign_private *p = campaign->private;
	size_t left = 0;
	struct err err, unrecorded;

	for (size_t i = 0; i < campaign->members_len; i++)
		left += campaign->members[i].progress != MEMBER_ENDED ||
			!member_is_well(&campaign->members[i]);
	err_set(&err, p->park, p->park == ERR_CANCELLED ? "Interrupted" : "Parked",
		"%s of %s was parked with %zu to go; %s%.8s%s", campaign->plan->name,
		campaign->fleet ? "several" : campaign->name, left,
		!p->begun ? "nothing was changed"
		: p->back ? "claviger rollback "
			  : "claviger resume ",
		p->begun ? campaign->operation : "", p->begun ? " goes on" : "");
	if (!campaign->previewing && !campaign_record_stage(campaign, NULL, &unrecorded))
		err_prefix(&err, "not recorded (%s)", unrecorded.msg);
	campaign_end(campaign, PLAN_PARKED, &err);
}

void
campaign_end_badly(struct campaign *campaign, const struct err *why)
{
	struct err err = *why, unrecorded;

	if (!campaign->previewing && err.kind == ERR_PARKED &&
		!campaign_record_stage(campaign, NULL, &unrecorded))
		err_prefix(&err, "not recorded (%s)", unrecorded.msg);
	campaign_end(campaign,
		err.kind == ERR_PARKED    ? PLAN_PARKED
		: err.kind == ERR_REFUSED ? PLAN_REFUSED
					  : PLAN_FAILED,
		&err);
}

void
campaign_end_stopped(struct campaign *campaign, size_t waiting)
{
	size_t count;
	const struct member *bad;
	struct err err = {0};

	/* Failures count from the first stage on. */
	campaign->private->first = 0;
	bad = campaign_first_bad(campaign, 0, &count);
	if (bad)
		campaign_say_bad(campaign, bad, count, &err);
	err_prefix(&err, "stopped with %zu not begun", waiting);
	campaign_end(campaign, PLAN_FAILED, &err);
}
