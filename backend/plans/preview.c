/* What would be done, before anything is: the same build() as in the real run, with marks where a
 * value comes from a step that has not run yet. */
#include "backend/plans/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"

/* One of several requests is in hand: what was there before takes its place among the others. */
static void
change_places(struct run_step *shown, const struct request *request)
{
	json_t *now, *other;
	size_t i;

	if (shown->others == NULL)
		return;
	now = run_request_json(http_method_name(request->method), request->url, request->body);
	json_array_foreach(shown->others, i, other)
	{
		if (!json_equal(other, now))
			continue;
		json_array_set_new(
			shown->others, i, run_request_json(shown->method, shown->url, shown->body));
		break;
	}
	json_decref(now);
}

void
run_show(struct run_step *shown, const struct request *request)
{
	change_places(shown, request);
	free(shown->method);
	free(shown->url);
	free(shown->body);
	shown->method = mem_strdup(http_method_name(request->method));
	shown->url = mem_strdup(request->url);
	shown->body = request->body ? mem_strdup(request->body) : NULL;
}

static bool
any_change(const struct run *run)
{
	for (size_t i = 1; i < run->steps_len; i++) {
		const struct step *step = run->steps[i].step;

		if (step->changes && step->needed(&run->facts))
			return true;
	}
	return false;
}

static bool
is_needed(const struct run *run, const struct step *step)
{
	if (step->possible && !step->possible(&run->facts))
		return false;
	return step->needed ? step->needed(&run->facts) : any_change(run);
}

static void
show_preview(struct run *run, struct run_step *shown)
{
	const struct step *step = shown->step;
	size_t left = step->left ? step->left(&run->facts) : 1;
	json_t *others = NULL;
	struct err err = {0};

	json_decref(shown->others);
	shown->others = NULL;
	if (left > 1)
		others = json_array();
	for (size_t i = 0; step->build && i < left; i++) {
		struct request request = {0};

		run->facts.ahead = i;
		if (step->build(&run->facts, &request, &err) && i == 0)
			run_show(shown, &request);
		else if (request.url)
			json_array_append_new(
				others, run_request_json(http_method_name(request.method),
						request.url, request.body));
		request_free(&request);
	}
	run->facts.ahead = 0;
	shown->others = others;
}

void
run_preview(struct run *run, bool decide)
{
	run->facts.previewing = true;
	for (size_t i = 1; i < run->steps_len; i++) {
		struct run_step *shown = &run->steps[i];

		if (decide)
			shown->state = is_needed(run, shown->step) ? STEP_NEEDED : STEP_SKIPPED;
		if (shown->state == STEP_NEEDED)
			show_preview(run, shown);
	}
	run->facts.previewing = false;
}

static bool
is_among(const char *const *ids, const char *id)
{
	for (; ids && *ids; ids++)
		if (strcmp(*ids, id) == 0)
			return true;
	return false;
}

bool
run_is_forced(const json_t *forced, const char *id)
{
	json_t *one;
	size_t i;

	json_array_foreach((json_t *)forced, i, one)
	{
		const char *rule = json_string_value(one);

		if (rule && strcmp(rule, id) == 0)
			return true;
	}
	return false;
}

json_t *
run_forced(const char *const *names)
{
	json_t *out = names && *names ? json_array() : NULL;

	for (; names && *names; names++)
		json_array_append_new(out, json_string(*names));
	return out;
}

/* A rule may both have a step that mends it and stand in the way: key-absent, when no key is to be
 * made. Only a step that will run mends anything. */
static void
weigh(const struct run *run, struct finding *finding)
{
	const struct plan_mend *mend = run->plan->mends;

	for (; mend && mend->rule; mend++) {
		if (strcmp(mend->rule, finding->rule->id) != 0)
			continue;
		for (size_t i = 1; i < run->steps_len; i++)
			if (strcmp(run->steps[i].step->name, mend->step) == 0 &&
				is_needed(run, run->steps[i].step)) {
				finding->effect = FINDING_MENDED;
				finding->mended_by = mend->step;
				return;
			}
	}
	finding->effect = is_among(run->plan->blocking, finding->rule->id) &&
					  !run_is_forced(run->private->forced, finding->rule->id)
				  ? FINDING_BLOCKS
				  : FINDING_TOLD;
}

/* Of so many findings those that are of use to the plan. */
static size_t
sift(const struct run *run, struct finding *findings, size_t len)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (!is_among(run->plan->beside, findings[i].rule->id))
			findings[kept++] = findings[i];
	return kept;
}

bool
run_judge(struct run *run)
{
	const struct finding *first = NULL;
	size_t blocking = 0, mended = 0, len;

	len = posture_judge(&run->facts.facts, run->findings, PLAN_FINDINGS_MAX);
	len = sift(run, run->findings, len);
	if (run->plan->judge)
		len += run->plan->judge(&run->facts, run->findings + len, PLAN_FINDINGS_MAX - len);
	run->findings_len = len;
	for (size_t i = 0; i < len; i++) {
		struct finding *finding = &run->findings[i];

		weigh(run, finding);
		mended += finding->effect == FINDING_MENDED;
		if (finding->effect != FINDING_BLOCKS)
			continue;
		blocking++;
		if (first == NULL)
			first = finding;
	}
	if (first == NULL) {
		snprintf(run->steps[0].note, sizeof run->steps[0].note,
			"%zu finding%s, %zu mended by steps", len, len == 1 ? "" : "s", mended);
		return true;
	}
	err_set(&run->err, ERR_REFUSED, first->rule->id, "%s. %s", first->cause,
		first->rule->remedy);
	snprintf(run->steps[0].note, sizeof run->steps[0].note, "%zu finding%s in the way",
		blocking, blocking == 1 ? "" : "s");
	return false;
}
