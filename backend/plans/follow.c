/* Follow: an account that takes up new versions of its key by itself is looked at, and that is all.
 * What is seen is judged by the campaign that waits for it. */
#include "backend/plans/step.h"
#include "backend/plans/used.h"

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	(void)values;
	(void)facts;
	return used_prepare(subject, err);
}

static const struct step *const reads[] = {&step_read_account, NULL};
static const struct step *const steps[] = {NULL};

const struct plan_def plan_follow = {
	.name = "follow",
	.title = "Follow",
	.summary = "Look which version of its key an account is on.",
	.subject = SUBJECT_ACCOUNT,
	.danger = PLAN_HARMLESS,
	.member = true,
	.reads = reads,
	.steps = steps,
	.prepare = prepare,
};
