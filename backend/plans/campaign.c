/* The engine of campaigns: members side by side, as many as the window lets, and stages one after
 * the other. Like the runner of one plan it lives on the loop and never waits; a run tells that it
 * has moved, and the pump looks at all of them beside the loop, where runs may be freed. */
#include "backend/plans/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/plans/campaign_inside.h"

static void pump(void *user);

static struct loop *
loop_of(const struct campaign *campaign)
{
	return session_loop(estate_session(campaign->estate));
}

void
campaign_tell(struct campaign *campaign)
{
	const struct campaign_options *options = &campaign->private->options;

	if (options->changed)
		options->changed(options->user);
}

static void
pump_soon(struct campaign *campaign)
{
	struct campaign_private *p = campaign->private;

	if (p->pump == NULL)
		p->pump = job_after(loop_of(campaign), 0, pump, campaign);
}

void
campaign_member_changed(void *user)
{
	struct campaign *campaign = user;

	pump_soon(campaign);
	campaign_tell(campaign);
}

struct campaign *
campaign_new(struct estate *estate, const struct plan_def *plan, const struct subject *subject,
	const char *const *values, const struct campaign_options *options)
{
	struct campaign *campaign = mem_alloc(sizeof *campaign);
	uuid_t uuid;

	campaign->private = mem_alloc(sizeof *campaign->private);
	campaign->private->options = *options;
	campaign->private->options.force = NULL;
	campaign->private->forced = run_forced(options->force);
	campaign->private->started_us = clock_mono_us();
	campaign->estate = estate;
	campaign->plan = plan;
	campaign->subject = *subject;
	subject_name(subject, campaign->name);
	for (size_t i = 0; i < plan->fields_len; i++)
		campaign->values[i] = values[i] ? mem_strdup(values[i]) : NULL;
	campaign->kept = json_object();
	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, campaign->operation);
	return campaign;
}

/* False when it does not come to a plan at all; a refusal is a state of it. */
bool
campaign_gather(struct campaign *campaign, struct err *err)
{
	struct err why = {0};

	campaign->state = PLAN_READING;
	if (campaign->plan->gather && !campaign->plan->gather(campaign, &why)) {
		if (why.kind != ERR_REFUSED) {
			*err = why;
			return false;
		}
		campaign->state = PLAN_REFUSED;
		campaign->err = why;
		return true;
	}
	campaign->state = PLAN_PLANNED;
	return true;
}

struct campaign *
campaign_start(struct estate *estate, const struct plan_def *plan, const struct subject *subject,
	const char *const *values, const struct campaign_options *options, struct err *err)
{
	struct campaign *campaign = campaign_new(estate, plan, subject, values, options);

	if (campaign_gather(campaign, err))
		return campaign;
	campaign_free(campaign);
	return NULL;
}

struct campaign *
campaign_fleet(struct estate *estate, const struct plan_def *plan, const struct subject *subjects,
	size_t len, const char *const *values, const struct campaign_options *options)
{
	struct campaign *campaign = campaign_new(estate, plan, &subjects[0], values, options);
	const char *pairs[2 * PLAN_FIELDS_MAX + 1];
	size_t n = 0;

	campaign->fleet = true;
	for (size_t i = 0; i < plan->fields_len; i++)
		if (values[i]) {
			pairs[n++] = plan->fields[i].name;
			pairs[n++] = values[i];
		}
	pairs[n] = NULL;
	for (size_t i = 0; i < len; i++)
		campaign_add(campaign, plan, &subjects[i], pairs, NULL);
	campaign->state = PLAN_PLANNED;
	return campaign;
}

/* Adds the members of the next stage. False when there is none. */
static bool
next_stage(struct campaign *campaign, struct err *err)
{
	struct campaign_private *p = campaign->private;
	const struct stage *stage;

	p->first = campaign->members_len;
	if (p->back) {
		const char *name = NULL;

		for (; p->past_left; p->past_left--) {
			const struct operation *one = &p->past.rows[p->past_left - 1];

			if (name && strcmp(name, one->stage) != 0)
				break;
			name = one->stage;
			campaign_add_back(campaign, one, NULL);
		}
		return campaign->members_len > p->first;
	}
	while (!campaign->fleet && (stage = campaign->plan->stages[campaign->stage]) != NULL) {
		bool begun = stage->begin(campaign, err);

		if (!begun && campaign->previewing && err->kind == ERR_PARKED)
			*err = (struct err){0};
		else if (!begun)
			return false;
		if (campaign->members_len > p->first)
			return true;
		if (!campaign->previewing && stage->end && !stage->end(campaign, err))
			return false;
		campaign->stage++;
	}
	return false;
}

static void
go_on(struct campaign *campaign)
{
	struct err err = {0};

	if (next_stage(campaign, &err))
		pump_soon(campaign);
	else if (err.kind == ERR_NONE)
		campaign_end_well(campaign);
	else
		campaign_end_badly(campaign, &err);
}

/* All members of the stage in hand have ended. */
static void
stage_over(struct campaign *campaign)
{
	struct campaign_private *p = campaign->private;
	const struct stage *stage =
		campaign->fleet || p->back ? NULL : campaign->plan->stages[campaign->stage];
	const struct member *bad;
	struct err err = {0};
	size_t count;

	if (campaign->previewing) {
		campaign->stage += stage != NULL;
		if (campaign->fleet)
			campaign_end_previewing(campaign);
		else
			go_on(campaign);
		return;
	}
	bad = campaign_first_bad(campaign, p->first, &count);
	if (stage && stage->end) {
		if (!stage->end(campaign, &err)) {
			campaign_end_badly(campaign, &err);
			return;
		}
	} else if (bad) {
		campaign_say_bad(campaign, bad, count, &err);
		campaign_end(campaign,
			bad->state == PLAN_PARKED                 ? PLAN_PARKED
			: bad->state == PLAN_REFUSED && !p->begun ? PLAN_REFUSED
								  : PLAN_FAILED,
			&err);
		return;
	}
	if (stage && !campaign_record_stage(campaign, stage, &err)) {
		campaign_end_badly(campaign, &err);
		return;
	}
	campaign->stage += stage != NULL;
	if (campaign->fleet && !p->back)
		campaign_end_well(campaign);
	else
		go_on(campaign);
}

/* Whether no other member may begin. */
static bool
is_stopped(const struct campaign *campaign)
{
	const struct campaign_private *p = campaign->private;

	return p->park != ERR_NONE ||
	       (p->options.max_failures && p->failures >= p->options.max_failures);
}

/* The first goes alone, and of a stage nothing follows where it did not end well. One that was
 * refused before anything was sent tells nothing of the others: the next one is the first. */
static size_t
window(const struct campaign *campaign)
{
	const struct campaign_private *p = campaign->private;
	const struct member *first = &campaign->members[p->first];
	const struct member *last = &campaign->members[campaign->members_len - 1];

	while (first < last && first->progress == MEMBER_ENDED && first->state == PLAN_REFUSED)
		first++;
	if (campaign->previewing || p->back || (first->stage && !first->stage->first_alone))
		return CAMPAIGN_WINDOW;
	if (first->progress != MEMBER_ENDED)
		return 1;
	return member_is_well(first) || campaign->fleet ? CAMPAIGN_WINDOW : 0;
}

/* A run that stands at PLANNED is carried out, taken back, or left alone. */
static void
carry_out(struct campaign *campaign, struct member *member)
{
	const struct campaign_options *options = &campaign->private->options;

	member->cuts = plan_cuts(member->run);
	if (campaign->private->park != ERR_NONE)
		plan_park(member->run, campaign->private->park);
	else if (options->may && !options->may(options->user, member->run, &member->err))
		member_take(campaign, member);
	else if (member->back)
		plan_undo(member->run);
	else
		plan_all(member->run);
}

static bool
has_ended(const struct campaign *campaign, const struct member *member)
{
	return !plan_busy(member->run) &&
	       (campaign->previewing || member->run->state != PLAN_PLANNED);
}

static void
reap(struct campaign *campaign)
{
	struct campaign_private *p = campaign->private;

	for (size_t i = p->first; i < campaign->members_len && p->running; i++) {
		struct member *member = &campaign->members[i];

		if (member->progress != MEMBER_RUNNING)
			continue;
		if (!campaign->previewing && member->run->state == PLAN_PLANNED)
			carry_out(campaign, member);
		if (member->progress == MEMBER_RUNNING && has_ended(campaign, member))
			member_take(campaign, member);
		if (member->progress != MEMBER_ENDED)
			continue;
		p->running--;
		p->failures += !member_is_well(member);
	}
}

/* Returns how many are still waiting. */
static size_t
begin_some(struct campaign *campaign)
{
	struct campaign_private *p = campaign->private;
	size_t waiting = 0;

	for (size_t i = p->first; i < campaign->members_len; i++) {
		struct member *member = &campaign->members[i];

		if (member->progress != MEMBER_WAITING)
			continue;
		if (is_stopped(campaign) || p->running >= window(campaign)) {
			waiting++;
			continue;
		}
		member_begin(campaign, member);
		if (member->progress == MEMBER_RUNNING)
			p->running++;
		else
			p->failures += !member_is_well(member);
	}
	return waiting;
}

static void
look_at_members(struct campaign *campaign)
{
	struct campaign_private *p = campaign->private;
	size_t waiting;

	reap(campaign);
	waiting = begin_some(campaign);
	if (p->running == 0 && p->park != ERR_NONE)
		campaign_end_parked(campaign);
	else if (p->running == 0 && waiting)
		campaign_end_stopped(campaign, waiting);
	else if (p->running == 0)
		stage_over(campaign);
	else
		campaign_tell(campaign);
}

static void
move(void *user)
{
	struct campaign *campaign = user;
	struct campaign_private *p = campaign->private;

	if (p->anew) {
		p->anew = false;
		go_on(campaign);
	} else {
		look_at_members(campaign);
	}
}

static void
moved(void *user)
{
	struct campaign *campaign = user;
	struct campaign_private *p = campaign->private;

	p->pumping = NULL;
	if (p->missed && p->moving)
		pump_soon(campaign);
}

/* Beginning a member or a stage may wait: that is done beside the loop, and what has moved
 * meanwhile is looked at when it is over. */
static void
pump(void *user)
{
	struct campaign *campaign = user;
	struct campaign_private *p = campaign->private;

	p->pump = NULL;
	p->missed = p->pumping != NULL;
	if (p->pumping == NULL && p->moving)
		p->pumping = job_beside(loop_of(campaign), move, moved, campaign);
}

/* What a preview found is dropped: it is read anew. */
static void
begin_anew(struct campaign *campaign)
{
	struct campaign_private *p = campaign->private;

	p->first = p->failures = 0;
	p->past_left = p->past.len;
	campaign->stage = 0;
	p->park = ERR_NONE;
	p->moving = true;
	campaign->err = (struct err){0};
	if (campaign->fleet && !p->back) {
		for (size_t i = 0; i < campaign->members_len; i++) {
			struct member *member = &campaign->members[i];

			json_decref(member->result);
			json_decref(member->ground);
			member->result = member->ground = NULL;
			member->err = (struct err){0};
			member->changes = member->unsure = false;
			member->progress = MEMBER_WAITING;
		}
		pump_soon(campaign);
		return;
	}
	for (size_t i = 0; i < campaign->members_len; i++)
		member_free(&campaign->members[i]);
	campaign->members_len = 0;
	p->anew = true;
	pump_soon(campaign);
}

void
campaign_preview(struct campaign *campaign)
{
	if (campaign->state != PLAN_PLANNED)
		return;
	campaign->previewing = true;
	campaign->state = PLAN_READING;
	begin_anew(campaign);
}

/* One that was begun before is not over yet, whoever made the rest of its changes. */
bool
campaign_sees(const struct campaign *campaign)
{
	return campaign->state == PLAN_UNCHANGED && campaign->previewed &&
	       (campaign->plan->conclude || campaign_is_recorded(campaign));
}

void
campaign_go(struct campaign *campaign)
{
	struct err err = {0};

	if (campaign->state != PLAN_PLANNED && campaign->state != PLAN_PARKED &&
		!campaign_sees(campaign))
		return;
	if (campaign->state == PLAN_PARKED && !campaign_recall_members(campaign, &err)) {
		campaign_end(campaign, PLAN_FAILED, &err);
		return;
	}
	campaign->private->carried_us = clock_mono_us();
	if (campaign->state != PLAN_PARKED)
		campaign->private->started_us = campaign->private->carried_us;
	campaign->state = PLAN_RUNNING;
	begin_anew(campaign);
}

void
campaign_park(struct campaign *campaign, enum err_kind why)
{
	campaign->private->park = why;
	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign->members[i].progress == MEMBER_RUNNING)
			plan_park(campaign->members[i].run, why);
	if (campaign_busy(campaign))
		pump_soon(campaign);
}

void
campaign_abandon(struct campaign *campaign)
{
	if (campaign->private->park == ERR_NONE)
		campaign->private->park = ERR_PARKED;
	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign->members[i].progress == MEMBER_RUNNING)
			plan_abandon(campaign->members[i].run);
	if (campaign_busy(campaign))
		pump_soon(campaign);
}

bool
campaign_busy(const struct campaign *campaign)
{
	return campaign->private->moving;
}

void
campaign_free(struct campaign *campaign)
{
	struct campaign_private *p;

	if (campaign == NULL)
		return;
	p = campaign->private;
	p->options.changed = NULL;
	job_cancel(p->pumping);
	job_cancel(p->pump);
	campaign_let_go(campaign);
	for (size_t i = 0; i < campaign->members_len; i++)
		member_free(&campaign->members[i]);
	free(campaign->members);
	free(campaign->concerns);
	for (size_t i = 0; i < PLAN_FIELDS_MAX; i++)
		free(campaign->values[i]);
	json_decref(campaign->kept);
	json_decref(p->forced);
	operations_free(&p->past);
	free(p);
	free(campaign);
}
