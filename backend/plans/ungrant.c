/* Ungrant: takes back what the identity of an account was given on a vault. Where the account's own
 * key is there, that is a cut: its data go dark once the service asks again. */
#include <stdio.h>
#include <string.h>

#include "backend/azure/role.h"
#include "backend/base/text.h"
#include "backend/plans/grant.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static const struct rule rule_goes_dark = {
	.id = "goes-dark",
	.severity = SEVERITY_HIGH,
	.section = "revoke access to customer-managed keys",
	.remedy = "claviger grant gives it back; it may take the service some minutes to notice.",
};
static const struct rule rule_grant_stays = {
	.id = "grant-stays",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure role-based access control, scope",
	.remedy =
		"What is inherited or of another role is not taken back here: whoever gave it has to.",
};

static bool
goes(const struct plan_facts *facts, const struct assignment *assignment)
{
	const struct store *store = store_of(&facts->facts.vault);
	const char *key = facts->want.key[0] ? facts->want.key : NULL;
	struct gift gift;

	for (size_t i = 0; store->given(&facts->facts, step_principal(facts), key, i, &gift); i++)
		if (text_casecmp(gift.name, assignment->name) == 0)
			return true;
	return false;
}

bool
grant_judge_stays(const struct plan_facts *facts, struct judging *judging)
{
	const struct store *store = store_of(&facts->facts.vault);
	const struct assignments *assigned = &facts->facts.assigned;
	bool reads = false;
	char scope[SCOPE_MAX];

	for (size_t i = 0; store->role && i < assigned->len; i++) {
		const struct assignment *one = &assigned->rows[i];
		const struct role *role = role_find(one->role);
		perm_set keys = role ? role->keys : 0;

		if (!assignment_covers(
			    one, store->scope(&facts->facts, facts->facts.key.id.key, scope)) ||
			(role && !keys) || goes(facts, one))
			continue;
		reads = reads || !role || (keys & PERM_UNWRAP);
		judge_say(judging, &rule_grant_stays, "%s keeps %s from %.100s: %s",
			facts->account.name, role ? role->name : "a custom role", one->scope,
			keys & PERM_UNWRAP ? "its data stay readable" : "see what it gives");
	}
	return reads;
}

static bool
cuts(const struct plan_facts *facts)
{
	const struct keyid *used = &facts->facts.account.key;
	bool this_key = facts->want.key[0] == '\0' || !store_of(&facts->facts.vault)->role ||
			text_casecmp(facts->want.key, used->key) == 0;

	return grant_is_used(facts) && this_key && step_ungrant.needed(facts);
}

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	const struct account *account = &facts->facts.account;
	struct judging judging = {.service = account->service, .out = out, .max = max};
	bool stays;

	judge_vault(facts, &judging);
	grant_judge_application(facts, &judging);
	if (facts->facts.vault_known != KNOWN_READ)
		return judging.len;
	stays = grant_judge_stays(facts, &judging);
	if (cuts(facts) && !stays)
		judge_say(&judging, &rule_goes_dark, "%s opens %s/%s with these rights. %s",
			account->id.name, account->key.vault, account->key.key,
			account->service->impact);
	return judging.len;
}

static const struct step *const steps[] = {&step_ungrant, NULL};

static const char *const blocking[] = {
	"vault-absent",
	"vault-unreadable",
	"grants-unreadable",
	"other-tenant",
	NULL,
};

/* Who takes rights back is not helped by how to give what is missing of them. */
static const char *const beside[] = {"rights-missing", NULL};

const struct plan_def plan_ungrant = {
	.name = "ungrant",
	.title = "Ungrant",
	.summary = "Take back what an account's identity was given on a vault or key.",
	.inverse = "grant",
	.danger = PLAN_CUTS,
	.cuts = cuts,
	.fields = grant_fields,
	.fields_len = GRANT_FIELDS,
	.reads = grant_reads,
	.steps = steps,
	.blocking = blocking,
	.beside = beside,
	.prepare = grant_prepare,
	.judge = judge,
};
