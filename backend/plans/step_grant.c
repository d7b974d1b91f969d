/* The identity's rights on the key, in whichever way its vault grants: what is missing of an access
 * policy, or the one role on the one key. Only that is sent, and so the undo takes back exactly
 * what was given. Afterwards it is read back, and with policies every foreign entry compared. */
#include "backend/plans/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/impact.h"
#include "backend/estate/users.h"
#include "backend/plans/grant.h"

struct marks {
	char principal[96], tenant[96];
};

static struct grantee
grantee_of(const struct plan_facts *facts, struct marks *marks)
{
	struct grantee out = {.principal = step_principal(facts),
		.tenant = step_tenant(facts),
		.key = facts->want.key,
		.name = ""};

	if (!*out.principal)
		out.principal = step_mark(
			marks->principal, sizeof marks->principal, "principalId", "identity");
	if (!*out.tenant)
		out.tenant = step_mark(marks->tenant, sizeof marks->tenant, "tenantId", "identity");
	return out;
}

static const struct store *
store(const struct plan_facts *facts)
{
	return store_of(&facts->facts.vault);
}

static perm_set
needs(const struct plan_facts *facts)
{
	return store(facts)->needs(facts->facts.account.service);
}

static bool
needed(const struct plan_facts *facts)
{
	return step_missing(facts) != 0;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	const struct store *how = store(facts);
	const char *principal = step_principal(facts), *key = facts->want.key;
	perm_set has = principal[0] ? how->holds(&facts->facts, principal, key) : 0;
	char wants[80], holds[240], adds[80];
	int used = snprintf(out, room, "needs %s; has %s; adds ",
		perm_print(needs(facts), wants, sizeof wants),
		has ? perm_print(has, holds, sizeof holds) : "none");

	if ((size_t)used >= room)
		return;
	if (how->role)
		snprintf(out + used, room - (size_t)used, "the role %s on %s%s%s", how->role_name,
			facts->vault.name, key[0] ? "/" : "", key);
	else
		snprintf(out + used, room - (size_t)used, "%s; secrets none, certificates none",
			perm_print(step_missing(facts), adds, sizeof adds));
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	struct marks marks;
	const struct grantee grantee = grantee_of(facts, &marks);
	const struct store *store = step_store(facts, err);

	if (store == NULL)
		return false;
	if (!facts->previewing && !(*step_principal(facts) && *step_tenant(facts)))
		return err_set(err, ERR_FAILED, "NoPrincipal",
			"account %s: its identity has no principal or tenant yet; run it again",
			facts->account.name);
	return store->add(facts->session, &facts->facts, &grantee, step_missing(facts), out, err);
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	(void)facts;
	if (reply)
		return OUTCOME_LOOK;
	step_failed(failure, err);
	/* Somebody gave the same under another name: what is read back decides. */
	if (text_case_has(failure->code, "RoleAssignmentExists"))
		return OUTCOME_LOOK;
	/* Two writers at once: one of them is told to look again. An identity that was made a
	 * moment ago is not known everywhere yet. */
	return failure->http == 409 || text_case_has(failure->code, "PrincipalNotFound")
		       ? OUTCOME_AGAIN
		       : OUTCOME_FAILED;
}

/* What this plan adds to what was there before it; as the journal has it, when it was begun by
 * another process. */
static perm_set
added(const struct plan_facts *facts)
{
	perm_set had = 0;

	if (facts->granted)
		return facts->granted;
	if (!store(facts)->role)
		had = vault_rights(&facts->before, step_principal(facts));
	return needs(facts) & ~had;
}

static enum outcome
seen(struct plan_facts *facts, struct err *err)
{
	bool policies = !store(facts)->role;
	const struct policy_entry *lost = policies ? step_lost_entry(facts) : NULL;
	char rights[120];

	if (needed(facts)) {
		err_set(err, ERR_FAILED, "NotInEffect",
			"vault %s: Azure accepted the %s, but %s does not hold %s",
			facts->vault.name, policies ? "policy" : "role assignment",
			step_principal(facts),
			perm_print(step_missing(facts), rights, sizeof rights));
		return OUTCOME_LOOK;
	}
	facts->granted = added(facts);
	snprintf(facts->note, sizeof facts->note, "%s holds %s; %s%s", step_principal(facts),
		perm_print(needs(facts), rights, sizeof rights),
		lost ? "meanwhile somebody else changed the entry of "
		: policies
			? "foreign entries unchanged"
			: "a role takes effect after some minutes, which the next steps wait for",
		lost ? lost->principal : "");
	return OUTCOME_DONE;
}

static bool
undo(const struct plan_facts *facts, struct request *out, struct err *err)
{
	struct marks marks;
	const struct grantee grantee = grantee_of(facts, &marks);
	const struct store *store = step_store(facts, err);

	if (store == NULL)
		return false;
	if (!added(facts))
		return err_set(err, ERR_REFUSED, "NothingGranted",
			"vault %s: nothing was granted that could be taken back",
			facts->vault.name);
	return store->remove(facts->session, &facts->facts, &grantee, added(facts), out, err);
}

static void
save(const struct plan_facts *facts, json_t *detail)
{
	char rights[240];

	json_object_set_new(
		detail, "granted", json_string(perm_print(added(facts), rights, sizeof rights)));
}

/* Names that are no rights are nothing. */
static void
load(struct plan_facts *facts, const json_t *detail)
{
	char rights[240];
	struct err err;

	if (!json_text(detail, "granted", rights, sizeof rights, &err))
		return;
	for (char *rest = rights, *word; (word = strsep(&rest, " ")) != NULL;)
		facts->granted |= perm_parse(word);
}

/* What cannot be read is counted afterwards. */
static bool
load_users(struct estate *estate, struct plan_facts *facts, struct err *err)
{
	struct err why = {0};

	(void)facts;
	if (!estate_load_new(estate, IMPACT_PARTS, &why) && why.kind == ERR_CANCELLED)
		return *err = why, false;
	return true;
}

/* Whoever has come to open a key of the vault with what was given. A system-assigned identity is
 * its account's alone. */
static void
hits(struct plan_facts *facts, const struct estate *estate, bool own)
{
	const struct account *account = &facts->facts.account;
	const char *key = store(facts)->role ? facts->want.key : "";
	bool same = text_casecmp(account_principal(account), step_principal(facts)) == 0;
	struct judging unheard = {0};
	struct key_user *users;
	size_t len;

	if (grant_judge_stays(facts, &unheard))
		return;
	if (own && same && facts->facts.account_known != KNOWN_ABSENT && grant_is_used(facts) &&
		(!key[0] || text_casecmp(key, account->key.key) == 0))
		step_add_user(facts, account->id.name);
	if (text_casecmp(account->identity.principal, step_principal(facts)) == 0)
		return;
	len = users_by(estate, facts->vault.name, key, step_principal(facts), &users);
	for (size_t i = 0; i < len; i++)
		if (!armid_same(&users[i].id, &facts->account))
			step_add_user(facts, users[i].id.name);
	free(users);
	facts->users_unread = users_unread(estate);
}

const struct step step_grant = {
	.name = "grant",
	.title = "Grant access to the key",
	.why = "The account's identity needs get, wrapKey and unwrapKey on the keys of the vault, and for "
	       "Automation recover as well where access policies decide. Where roles decide it gets the one "
	       "role made for this, on the one key where that is known. Nothing else is granted, and nothing "
	       "that others hold is touched.",
	.changes = true,
	.on = STEP_ON_VAULT,
	.again_ms = 1000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_grants,
	.seen = seen,
	.undo = undo,
	.users = load_users,
	.hits = hits,
	.save = save,
	.load = load,
};
