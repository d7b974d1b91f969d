/* Moved: whether an account is on a key, as it says of itself when it is asked anew, and whether
 * the version that it is on opens what was wrapped here. Reads only; whatever is not seen is a
 * failure. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/step.h"

static const struct plan_field fields[] = {
	{.name = "key",
		.title = "Key",
		.arg = "URI",
		.help = "The key that the account is to be on.",
		.required = true},
};

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)subject;
	return keyid_parse(&facts->want, values[0], session_cloud(estate_session(estate)), err);
}

static bool
build_account(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_account.build(facts, out, err);
}

static enum outcome
accept_account(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum outcome outcome = step_read_account.accept(facts, reply, failure, err);
	const struct account *account = &facts->facts.account;
	char used[240];

	if (outcome != OUTCOME_DONE)
		return outcome;
	if (account->source == KEY_SOURCE_CUSTOMER &&
		text_casecmp(account->key.host, facts->want.host) == 0 &&
		text_casecmp(account->key.key, facts->want.key) == 0) {
		snprintf(facts->want.version, sizeof facts->want.version, "%s",
			account_version(account));
		return OUTCOME_DONE;
	}
	err_set(err, ERR_FAILED, "NotMoved", "%s is on %s", facts->account.name,
		step_used(account, used, sizeof used));
	return OUTCOME_FAILED;
}

static const struct step read_account = {
	.name = "account",
	.title = "Read which key the account is on",
	.build = build_account,
	.accept = accept_account,
};

static bool
build_key(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_key.build(facts, out, err);
}

static enum outcome
accept_key(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return reply ? step_read_key.accept(facts, reply, failure, err) : step_failed(failure, err);
}

static const struct step read_key = {
	.name = "key",
	.title = "Read the version that it is on",
	.on = STEP_ON_KEY,
	.build = build_key,
	.accept = accept_key,
};

static bool
build_proof(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_prove.build(facts, out, err);
}

/* A proof that is denied is none. */
static enum outcome
accept_proof(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum outcome outcome = step_prove.accept(facts, reply, failure, err);

	if (outcome != OUTCOME_SKIPPED)
		return outcome;
	err_set(err, ERR_DENIED, "NotProved", "%s", facts->note);
	return OUTCOME_FAILED;
}

static const struct step read_proof = {
	.name = "prove",
	.title = "Prove the version that it is on",
	.on = STEP_ON_KEY,
	.build = build_proof,
	.accept = accept_proof,
};

static const struct step *const reads[] = {
	&step_selftest, &read_account, &read_key, &read_proof, NULL};
static const struct step *const steps[] = {NULL};

const struct plan_def plan_moved = {
	.name = "moved",
	.title = "Moved",
	.summary = "Read an account back and prove the key version that it is on.",
	.subject = SUBJECT_ACCOUNT,
	.danger = PLAN_HARMLESS,
	.member = true,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = reads,
	.steps = steps,
	.prepare = prepare,
};
