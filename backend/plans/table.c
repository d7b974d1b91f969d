/* The verbs. A new one is a file of its own and a line here. */
#include <stdio.h>
#include <string.h>

#include "backend/plans/plan.h"

const struct plan_def *const plans[] = {&plan_onboard, &plan_repin, &plan_replace, &plan_detach,
	&plan_grant, &plan_ungrant, &plan_protect, &plan_create_batch, &plan_create_storage,
	&plan_vault_create, &plan_vault_recover, &plan_key_create, &plan_key_enable,
	&plan_key_disable, &plan_key_recover, &plan_rotate, &plan_rotation_policy,
	&plan_identity_create, &plan_identity_assign, &plan_key_version, &plan_follow,
	&plan_evacuate, &plan_contain, &plan_moved, &plan_revoke, &plan_restore, &plan_canary,
	&plan_survey, &plan_withdraw, &plan_regrant, &plan_enable_versions, &plan_disable_versions,
	&plan_proof};
const size_t plans_len = ARRAY_LEN(plans);

const struct plan_def *
plan_find(const char *name)
{
	for (size_t i = 0; i < plans_len; i++)
		if (strcmp(plans[i]->name, name) == 0)
			return plans[i];
	return NULL;
}

bool
plan_asks(const struct plan_def *plan, const char *field)
{
	for (size_t i = 0; i < plan->fields_len; i++)
		if (strcmp(plan->fields[i].name, field) == 0)
			return true;
	return false;
}

const char *
subject_noun(enum subject_kind kind)
{
	static const char *const nouns[] = {
		[SUBJECT_ACCOUNT] = "account",
		[SUBJECT_VAULT] = "vault",
		[SUBJECT_KEY] = "key",
		[SUBJECT_IDENTITY] = "identity",
	};

	return nouns[kind];
}

char *
subject_name(const struct subject *subject, char out[SUBJECT_NAME])
{
	if (subject->kind == SUBJECT_KEY)
		snprintf(out, SUBJECT_NAME, "%s/%s", subject->key.vault, subject->key.key);
	else
		snprintf(out, SUBJECT_NAME, "%s", subject->id.name);
	return out;
}

bool
plan_names_absent(const struct plan_def *plan)
{
	return plan->makes || plan->recovers;
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
