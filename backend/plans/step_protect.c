/* Soft delete and purge protection of the vault: what Azure asks for before a customer key may
 * protect anything, since a purged key is data lost for good. */
#include "backend/plans/cross.h"
#include "backend/plans/step.h"

#include <stdio.h>

static bool
needed(const struct plan_facts *facts)
{
	const struct vault *vault = &facts->facts.vault;

	return !cross_hides_vault(facts) &&
	       (vault->purge_protection != TRI_YES || vault->soft_delete == TRI_NO);
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	if (facts->facts.vault.soft_delete == TRI_NO)
		snprintf(out, room,
			"%s: turns on soft delete and purge protection; for good, for every key in "
			"the vault",
			facts->vault.name);
	else
		snprintf(out, room,
			"%s: turns on purge protection; for good, for every key in the vault",
			facts->vault.name);
}

/* Only what is off is named: a PATCH leaves the rest of the vault as it is. */
static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	json_t *properties = json_object();

	(void)err;
	estate_get_vault(facts->session, &facts->vault, out);
	out->method = HTTP_PATCH;
	out->changes = out->repeatable = true;
	if (facts->facts.vault.soft_delete == TRI_NO)
		json_object_set_new(properties, "enableSoftDelete", json_true());
	json_object_set_new(properties, "enablePurgeProtection", json_true());
	out->body = step_body(json_pack("{s:o}", "properties", properties));
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL)
		return step_failed(failure, err);
	if (!step_take_vault(facts, reply, err))
		return OUTCOME_LOOK;
	if (!needed(facts))
		return OUTCOME_DONE;
	err_set(err, ERR_FAILED, "NotInEffect",
		"vault %s: Azure accepted it, but purge protection does not show",
		facts->vault.name);
	return OUTCOME_LOOK;
}

const struct step step_protect = {
	.name = "protect",
	.title = "Protect the vault",
	.why = "A customer key must not get lost: soft delete and purge protection keep a deleted key "
	       "recoverable until its retention ends. Azure refuses a vault without them.",
	.warning = "Purge protection can never be switched off again.",
	.confirm = "vault",
	.stays = "purge protection can never be switched off again",
	.changes = true,
	.on = STEP_ON_VAULT,
	.again_ms = 2000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_vault,
};
