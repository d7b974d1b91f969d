/* The identity's rights on the vault, by accessPolicies/add: it merges, where a PUT of the vault
 * would wipe what other teams have entered. Only what is missing is sent, and so the undo takes
 * back exactly what was given. Afterwards the vault is read, and every foreign entry compared. */
#include "backend/plans/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

static bool
needed(const struct plan_facts *facts)
{
	return step_missing(facts) != 0;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	const struct service *service = facts->facts.account.service;
	const char *principal = step_principal(facts);
	perm_set has = principal[0] ? vault_rights(&facts->facts.vault, principal) : 0;
	char needs[80], holds[240], adds[80];

	snprintf(out, room, "needs %s; has %s; adds %s; secrets none, certificates none",
		perm_print(service->policy_perms, needs, sizeof needs),
		has ? perm_print(has, holds, sizeof holds) : "none",
		perm_print(step_missing(facts), adds, sizeof adds));
}

static json_t *
names(perm_set set)
{
	json_t *out = json_array();

	for (size_t i = 0; perm_at(i); i++)
		if (set & perm_at(i))
			json_array_append_new(out, json_string(perm_name(perm_at(i))));
	return out;
}

static void
policy_request(const struct plan_facts *facts, const char *kind, perm_set set, struct request *out)
{
	char id[ARMID_MAX], principal[96], tenant[96];
	const char *who = step_principal(facts), *where = step_tenant(facts);
	json_t *entry;

	if (!*who)
		who = step_mark(principal, sizeof principal, "principalId", "identity");
	if (!*where)
		where = step_mark(tenant, sizeof tenant, "tenantId", "identity");
	*out = (struct request){
		.method = HTTP_PUT, .audience = AUDIENCE_ARM, .changes = true, .repeatable = true};
	out->url = mem_printf("%s%s/accessPolicies/%s?api-version=%s",
		session_cloud(facts->session)->arm, armid_print(&facts->vault, id), kind,
		session_api_version(facts->session, "Microsoft.KeyVault/vaults/accessPolicies"));
	entry = json_pack("{s:s, s:s, s:{s:o, s:[], s:[]}}", "tenantId", where, "objectId", who,
		"permissions", "keys", names(set), "secrets", "certificates");
	out->body = step_body(json_pack("{s:{s:[o]}}", "properties", "accessPolicies", entry));
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	if (!facts->previewing && !(*step_principal(facts) && *step_tenant(facts)))
		return err_set(err, ERR_FAILED, "NoPrincipal",
			"account %s: its identity has no principal or tenant yet; run it again",
			facts->account.name);
	policy_request(facts, "add", step_missing(facts), out);
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	(void)facts;
	if (reply)
		return OUTCOME_LOOK;
	step_failed(failure, err);
	/* Two writers at once: one of them is told to look again. */
	return failure->http == 409 ? OUTCOME_AGAIN : OUTCOME_FAILED;
}

static bool
is_same_entry(const struct policy_entry *a, const struct policy_entry *b)
{
	return text_casecmp(a->principal, b->principal) == 0 &&
	       text_casecmp(a->tenant, b->tenant) == 0 &&
	       text_casecmp(a->application, b->application) == 0;
}

/* The foreign entry that the vault had before and has not any more, or not as it was. */
static const struct policy_entry *
lost_entry(const struct plan_facts *facts)
{
	const struct vault *now = &facts->facts.vault, *before = &facts->before;

	for (size_t i = 0; i < before->policies_len; i++) {
		const struct policy_entry *old = &before->policies[i];
		bool kept = text_casecmp(old->principal, step_principal(facts)) == 0;

		for (size_t j = 0; !kept && j < now->policies_len; j++)
			kept = is_same_entry(old, &now->policies[j]) &&
			       old->keys == now->policies[j].keys &&
			       old->others == now->policies[j].others &&
			       strcmp(old->unknown, now->policies[j].unknown) == 0;
		if (!kept)
			return old;
	}
	return NULL;
}

/* What this plan adds to what was there before it. */
static perm_set
added(const struct plan_facts *facts)
{
	perm_set had = vault_rights(&facts->before, step_principal(facts));

	return facts->facts.account.service->policy_perms & ~had;
}

static enum outcome
seen(struct plan_facts *facts, struct err *err)
{
	const struct policy_entry *lost = lost_entry(facts);
	char rights[120];

	if (lost) {
		err_set(err, ERR_FAILED, "ForeignPolicyChanged",
			"vault %s: the access policy of %s, which is not ours, changed meanwhile; "
			"see who else works on the vault before going on",
			facts->vault.name, lost->principal);
		return OUTCOME_FAILED;
	}
	if (needed(facts)) {
		err_set(err, ERR_FAILED, "NotInEffect",
			"vault %s: Azure accepted the policy, but %s does not hold %s",
			facts->vault.name, step_principal(facts),
			perm_print(step_missing(facts), rights, sizeof rights));
		return OUTCOME_LOOK;
	}
	facts->granted = added(facts);
	snprintf(facts->note, sizeof facts->note, "%s holds %s; foreign entries unchanged",
		step_principal(facts),
		perm_print(facts->facts.account.service->policy_perms, rights, sizeof rights));
	return OUTCOME_DONE;
}

static bool
undo(const struct plan_facts *facts, struct request *out, struct err *err)
{
	if (!added(facts))
		return err_set(err, ERR_REFUSED, "NothingGranted",
			"vault %s: nothing was granted that could be taken back",
			facts->vault.name);
	policy_request(facts, "remove", added(facts), out);
	return true;
}

const struct step step_grant = {
	.name = "grant",
	.title = "Grant access to the key",
	.why = "The account's identity needs get, wrapKey and unwrapKey on the keys of the vault, and for "
	       "Automation recover as well. Nothing else is granted, and no other entry is touched.",
	.changes = true,
	.on = STEP_ON_VAULT,
	.again_ms = 1000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_vault,
	.seen = seen,
	.undo = undo,
};
