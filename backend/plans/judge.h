/* What plans that give an account a key find in the way, beyond the rules of posture. */
#ifndef CLAVIGER_PLAN_JUDGE_H
#define CLAVIGER_PLAN_JUDGE_H

#include "backend/plans/plan.h"

/* The findings of a plan's own rules, as plan_def.judge fills them. */
struct judging {
	const struct service *service;
	struct finding *out;
	size_t len, max;
};

void judge_say(struct judging *judging, const struct rule *rule, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/* The identity that is to open the key: whether the account has it, and whether its service lets it
 * open one. */
void judge_identity(const struct plan_facts *facts, struct judging *judging);
void judge_identity_kind(const struct plan_facts *facts, struct judging *judging);

/* The vault, and whether the key would be in it. */
void judge_vault(const struct plan_facts *facts, struct judging *judging);

/* The key that is wanted, its version and its vault. */
void judge_key(const struct plan_facts *facts, struct judging *judging);

/* plan_def.blocking and .mends of plans that give a key and have the steps for it. */
extern const char *const judge_blocking[];
extern const struct plan_mend judge_mends[];

#endif
