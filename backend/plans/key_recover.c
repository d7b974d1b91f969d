/* key recover: all versions of a deleted key come back together, as they were. A vault takes some
 * time to delete a key (17 s at the median, up to 100 s measured) and until then says neither that
 * it is there nor that it was deleted; and it takes some seconds more until a recovered key can be
 * read. Both are waited for. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static const struct rule rule_nowhere = {
	.id = "key-nowhere",
	.severity = SEVERITY_MEDIUM,
	.source = "Key Vault REST 7.4, Get Deleted Key",
	.remedy =
		"Purged, it comes back only out of a backup (az keyvault key restore); without one "
		"what it encrypts stays closed for good. Just deleted: go on, that is waited for. "
		"Else check the name: claviger key list.",
};
static const struct rule rule_unreadable = {
	.id = "deleted-unreadable",
	.severity = SEVERITY_MEDIUM,
	.source = "Key Vault REST 7.4, Recover Deleted Key",
	.remedy = "Recovering needs the right recover on keys, on a managed HSM the role Crypto "
		  "Officer; have it granted to you.",
};

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	(void)subject;
	(void)values;
	(void)err;
	facts->want.version[0] = '\0';
	return true;
}

static bool
needed(const struct plan_facts *facts)
{
	return facts->facts.key_known != KNOWN_READ;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: brings back the key with all its versions", facts->name);
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	step_deleted_key(facts, HTTP_POST, "/recover", out);
	out->changes = true;
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL) {
		step_failed(failure, err);
		return failure->http == 409 ? OUTCOME_AGAIN : OUTCOME_FAILED;
	}
	err_set(err, ERR_FAILED, "NotInEffect",
		"%s: the vault accepted it, but the key cannot be read yet", facts->name);
	return OUTCOME_LOOK;
}

static enum outcome
seen(struct plan_facts *facts, struct err *err)
{
	const struct key_version *version = key_version_find(&facts->facts.key, "");

	(void)err;
	if (needed(facts))
		return OUTCOME_LOOK;
	snprintf(facts->note, sizeof facts->note, "read back: there again, its current version %s",
		version && version->enabled == TRI_NO ? "disabled" : "enabled");
	return OUTCOME_DONE;
}

static const struct step step_recover = {
	.name = "recover",
	.title = "Recover the key",
	.why = "A deleted key is kept until its retention ends, and nothing can use it so long. It comes "
	       "back with every version and with what was set on each of them.",
	.stays = "the key stays, as it was before it was deleted",
	.changes = true,
	.on = STEP_ON_KEY,
	.again_ms = 2000,
	.budget_ms = 5 * 60 * 1000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_key,
	.seen = seen,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};

	if (!needed(facts))
		return 0;
	if (facts->gone_known == KNOWN_ABSENT)
		judge_say(&judging, &rule_nowhere,
			"%s is neither there nor among the deleted keys: it never was, is purged, or "
			"is being deleted at this moment",
			facts->name);
	else if (facts->gone_known == KNOWN_DENIED)
		judge_say(&judging, &rule_unreadable, "%s: the deleted keys cannot be read",
			facts->name);
	return judging.len;
}

static const struct step *const reads[] = {&step_read_key, &step_read_deleted_key, NULL};
static const struct step *const steps[] = {&step_recover, NULL};
static const char *const blocking[] = {"key-unreadable", NULL};
/* A key that is not there is what this plan is for. */
static const struct plan_mend mends[] = {{"key-absent", "recover"}, {NULL, NULL}};

const struct plan_def plan_key_recover = {
	.name = "key recover",
	.title = "Recover key",
	.summary = "Bring back a deleted key with all its versions.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CHANGES,
	.recovers = true,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.mends = mends,
	.prepare = prepare,
	.judge = judge,
};
