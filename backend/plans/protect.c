/* Protect: soft delete and purge protection, without which no account takes a key of the vault, and
 * a key that is deleted by mistake is lost with all that it protects. */
#include "backend/plans/fit.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};

	judge_vault(facts, &judging);
	return judging.len;
}

static const struct step *const reads[] = {&step_read_vault, NULL};

static const struct step *const steps[] = {&step_protect, NULL};

static const char *const blocking[] = {"vault-absent", "vault-unreadable", NULL};

static const struct plan_mend mends[] = {
	{"purge-protection-off", "protect"},
	{"soft-delete-off", "protect"},
	{NULL, NULL},
};

const struct plan_def plan_protect = {
	.name = "protect",
	.title = "Protect",
	.summary = "Switch soft delete and purge protection of a vault on, for good.",
	.subject = SUBJECT_VAULT,
	.danger = PLAN_CHANGES,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.mends = mends,
	.judge = judge,
	.unfit = unfit_protect,
};
