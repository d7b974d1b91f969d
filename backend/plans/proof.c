/* The proof of one version as a member of a campaign: what was just enabled must open again what
 * is wrapped with its public half. */
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/step.h"

static bool
needed(const struct plan_facts *facts)
{
	return facts->facts.key_known == KNOWN_READ && facts->facts.key.jwk &&
	       text_case_starts(facts->facts.key.kty, "RSA");
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	step_prove.describe(facts, out, room);
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_prove.build(facts, out, err);
}

/* A vault may take some seconds to use what it has enabled. */
static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum outcome outcome = step_prove.accept(facts, reply, failure, err);

	return outcome == OUTCOME_FAILED && reply == NULL && failure->http == 403 ? OUTCOME_AGAIN
										  : outcome;
}

static const struct step step_proof = {
	.name = "prove",
	.title = "Prove the key",
	.why = "A random value is wrapped here with the public key, unwrapped in the vault with the private "
	       "one, and compared.",
	.on = STEP_ON_KEY,
	.again_ms = 2000,
	.budget_ms = 30000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
};

static const struct step *const reads[] = {&step_read_key, NULL};
static const struct step *const steps[] = {&step_proof, NULL};

const struct plan_def plan_proof = {
	.name = "proof",
	.title = "Proof",
	.summary = "Show that a version of a key opens what was wrapped with it.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_HARMLESS,
	.member = true,
	.watches = true,
	.reads = reads,
	.steps = steps,
};
