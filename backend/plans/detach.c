/* Detach: back to Microsoft's keys. Some articles call it disabling or revoking, but it is the
 * opposite of a cut: whoever could read the data reads them on. Only afterwards may the key be
 * touched, so this needs it usable, and nothing else. */
#include <stdio.h>

#include "backend/plans/fit.h"
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

static enum outcome
accept_used(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	(void)reply;
	if (!used_take(facts, failure, err))
		return OUTCOME_FAILED;
	used_want(facts);
	return OUTCOME_DONE;
}

static const struct step step_read_used = {
	.name = "used",
	.title = "Read the account and the key that it uses",
	.reads_used = true,
	.accept = accept_used,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.service = facts->facts.account.service, .out = out, .max = max};

	used_judge(facts, &judging);
	return judging.len;
}

static bool
needed(const struct plan_facts *facts)
{
	return facts->facts.account.source != KEY_SOURCE_MICROSOFT;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	char used[240];

	snprintf(out, room,
		"%s: from %s to Microsoft's keys; identities and rights stay; its data stay "
		"readable: this is no cut",
		facts->account.name, step_used(&facts->facts.account, used, sizeof used));
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct account *account = &facts->facts.account;

	(void)err;
	estate_get_account(facts->session, &facts->account, out);
	out->method = HTTP_PATCH;
	out->changes = out->repeatable = true;
	out->body = step_body(account->service->detach_body(account));
	return true;
}

static enum outcome
take(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	enum outcome not_yet, struct err *err)
{
	if (reply == NULL)
		return step_failed(failure, err);
	if (!step_take_account(facts, reply, err))
		return not_yet;
	if (!needed(facts))
		return OUTCOME_DONE;
	err_set(err, ERR_FAILED, "NotInEffect",
		"account %s: Azure accepted it, but the account still shows its customer key",
		facts->account.name);
	return not_yet;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return take(facts, reply, failure, OUTCOME_LOOK, err);
}

static const struct step step_detach = {
	.name = "detach",
	.title = "Go back to Microsoft's keys",
	.why = "The account's own key is unwrapped with your key once more and wrapped with Microsoft's at "
	       "once; what the account holds is not encrypted anew. This is no cut: the data stay "
	       "readable, with Microsoft's keys. Only when it has been read back may your key be "
	       "disabled or deleted.",
	.changes = true,
	.on = STEP_ON_ACCOUNT,
	.again_ms = 2000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_account,
	.undo = step_go_back,
	.save = step_save_former,
	.load = step_load_former,
};

static void
describe_verify(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: reads back its key source", facts->account.name);
}

static bool
build_verify(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_account(facts->session, &facts->account, out);
	return true;
}

static enum outcome
accept_verify(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum outcome outcome = take(facts, reply, failure, OUTCOME_AGAIN, err);

	if (outcome == OUTCOME_DONE)
		snprintf(facts->note, sizeof facts->note,
			"read back: %s, under which its data stay readable",
			facts->facts.account.service->own_source);
	return outcome;
}

static const struct step step_verify_detached = {
	.name = "verify",
	.title = "Read it back",
	.why = "What counts is what the account says afterwards.",
	.on = STEP_ON_ACCOUNT,
	.again_ms = 2000,
	.budget_ms = 20000,
	.describe = describe_verify,
	.build = build_verify,
	.accept = accept_verify,
};

static const struct step *const reads[] = {&step_read_used, NULL};

static const struct step *const steps[] = {&step_detach, &step_verify_detached, NULL};

static const char *const blocking[] = {"used-key-unusable", NULL};

const struct plan_def plan_detach = {
	.name = "detach",
	.title = "Detach",
	.summary = "Take an account back to Microsoft's keys; its data stay readable: no cut.",
	.inverse = "onboard",
	.danger = PLAN_CHANGES,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.prepare = prepare,
	.judge = judge,
	.unfit = unfit_customer,
};
