/* The verbs. A new one is a file of its own and a line here. */
#include <string.h>

#include "backend/plans/plan.h"

const struct plan_def *const plans[] = {&plan_onboard};
const size_t plans_len = ARRAY_LEN(plans);

const struct plan_def *
plan_find(const char *name)
{
	for (size_t i = 0; i < plans_len; i++)
		if (strcmp(plans[i]->name, name) == 0)
			return plans[i];
	return NULL;
}

const char *
plan_state_name(enum plan_state state)
{
	static const char *const names[] = {
		[PLAN_READING] = "reading",
		[PLAN_PLANNED] = "planned",
		[PLAN_RUNNING] = "running",
		[PLAN_UNCHANGED] = "unchanged",
		[PLAN_DONE] = "done",
		[PLAN_FAILED] = "failed",
		[PLAN_REFUSED] = "refused",
		[PLAN_PARKED] = "parked",
		[PLAN_ROLLED_BACK] = "rolled-back",
	};

	return names[state];
}

const char *
step_state_name(enum step_state state)
{
	static const char *const names[] = {
		[STEP_PENDING] = "pending",
		[STEP_NEEDED] = "needed",
		[STEP_RUNNING] = "running",
		[STEP_SKIPPED] = "skipped",
		[STEP_DONE] = "done",
		[STEP_FAILED] = "failed",
		[STEP_ACCEPTED] = "accepted",
		[STEP_UNKNOWN] = "unknown",
	};

	return names[state];
}
