/* The identity by which the account opens its key: the system-assigned one, added to what is there.
 * Its principal exists only afterwards, and Azure may show it a little later than it says yes. */
#include "backend/plans/step.h"

#include <stdio.h>

static bool
needed(const struct plan_facts *facts)
{
	const struct account *account = &facts->facts.account;
	const struct identity *identity = &account->identity;
	bool closed = account->service && account->service->identity_at_creation;

	return !closed && facts->want_identity[0] == '\0' &&
	       (identity->system != TRI_YES || !identity->principal[0] || !identity->tenant[0]);
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	size_t users = facts->facts.account.identity.users_len;

	if (users)
		snprintf(out, room,
			"%s: adds the system-assigned identity; keeps the %zu user-assigned",
			facts->account.name, users);
	else
		snprintf(
			out, room, "%s: assigns the system-assigned identity", facts->account.name);
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_account(facts->session, &facts->account, out);
	out->method = HTTP_PATCH;
	out->changes = out->repeatable = true;
	out->body = step_body(facts->facts.account.service->identity_body(&facts->facts.account));
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL)
		return step_failed(failure, err);
	if (!step_take_account(facts, reply, err))
		return OUTCOME_LOOK;
	if (!needed(facts)) {
		snprintf(facts->note, sizeof facts->note, "assigned %s",
			facts->facts.account.identity.principal);
		return OUTCOME_DONE;
	}
	err_set(err, ERR_FAILED, "NotInEffect",
		"account %s: Azure accepted the identity, but shows no principal for it",
		facts->account.name);
	return OUTCOME_LOOK;
}

const struct step step_identity = {
	.name = "identity",
	.title = "Assign an identity",
	.why = "The account signs in to the key vault as its own managed identity. It is made by this "
	       "step; nobody has to know or keep a password for it.",
	.stays = "without rights on a vault an identity opens nothing",
	.changes = true,
	.on = STEP_ON_ACCOUNT,
	.again_ms = 2000,
	.budget_ms = 120000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_account,
};
