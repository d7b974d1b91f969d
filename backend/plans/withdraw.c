/* What an account's identity was given to open one key, taken and given back as campaigns do it:
 * taken with what stands on the whole vault, which opens the key as well; given back exactly as it
 * was written down. */
#include <string.h>

#include "backend/plans/grant.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

enum { FIELD_VAULT, FIELD_KEY, FIELD_TAKEN };

static const struct plan_field fields[] = {
	[FIELD_VAULT] = {.name = "vault", .title = "Vault", .arg = "VAULT", .required = true},
	[FIELD_KEY] = {.name = "key", .title = "Key", .arg = "KEY", .required = true},
	[FIELD_TAKEN] = {.name = "taken", .title = "Taken", .arg = "JSON", .required = true},
};

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	facts->covering = true;
	return grant_prepare(estate, subject, values, facts, err);
}

static bool
prepare_back(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	const char *text = values[FIELD_TAKEN] ? values[FIELD_TAKEN] : "";
	json_t *taken;

	if (!prepare(estate, subject, values, facts, err))
		return false;
	taken = json_read(text, strlen(text), "what was taken", err);
	if (taken == NULL)
		return false;
	step_load_taken(facts, taken);
	json_decref(taken);
	return true;
}

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.service = facts->facts.account.service, .out = out, .max = max};

	judge_vault(facts, &judging);
	return judging.len;
}

static const struct step *const steps[] = {&step_ungrant, NULL};
static const struct step *const no_steps[] = {NULL};
static const struct step *const back_steps[] = {&step_regrant, NULL};
static const char *const blocking[] = {
	"vault-absent", "vault-unreadable", "grants-unreadable", NULL};

const struct plan_def plan_withdraw = {
	.name = "withdraw",
	.title = "Withdraw",
	.summary = "Take back what opens a key to an account, on the key and on its vault.",
	.subject = SUBJECT_ACCOUNT,
	.danger = PLAN_CUTS,
	.member = true,
	.fields = fields,
	.fields_len = FIELD_TAKEN,
	.reads = grant_reads,
	.steps = steps,
	.blocking = blocking,
	.prepare = prepare,
	.judge = judge,
};

const struct plan_def plan_regrant = {
	.name = "regrant",
	.title = "Regrant",
	.summary = "Give back what an account was recorded to hold.",
	.subject = SUBJECT_ACCOUNT,
	.danger = PLAN_CHANGES,
	.member = true,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = grant_reads,
	.steps = back_steps,
	.blocking = blocking,
	.prepare = prepare_back,
	.judge = judge,
};

const struct plan_def plan_survey = {
	.name = "survey",
	.title = "Survey",
	.summary = "Read what opens a key to an account, to be written down.",
	.subject = SUBJECT_ACCOUNT,
	.danger = PLAN_HARMLESS,
	.member = true,
	.fields = fields,
	.fields_len = FIELD_TAKEN,
	.reads = grant_reads,
	.steps = no_steps,
	.prepare = prepare,
};
