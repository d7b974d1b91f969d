/* Grant: gives the identity that opens an account's key, or is to open one, what its service needs
 * on a vault or one key of it. The vault's grant model is read first and only that one is written:
 * access policies on a vault of role assignments are accepted and ignored (Azure Key Vault,
 * access-control-default). */
#include "backend/plans/grant.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/choice.h"
#include "backend/plans/hint.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

enum { FIELD_VAULT, FIELD_KEY };

static bool
suggest_vault(
	const struct filling *filling, char *value, size_t room, char *reason, size_t reason_room)
{
	const struct account *account = filling->facts ? &filling->facts->account : NULL;

	if (account == NULL || account->key.vault[0] == '\0')
		return false;
	snprintf(value, room, "%s", account->key.vault);
	snprintf(reason, reason_room, "the vault of the key that the account uses");
	return true;
}

/* Of a single key only roles know. */
static enum hint
hint_one_key(const struct filling *filling, char *out, size_t room)
{
	const char *name = filling_value(filling, "vault");
	json_t *vault = filling_vault(filling, name), *there = NULL;
	bool by_policies = strcmp(filling_text(vault, "grantModel"), "policies") == 0;
	enum hint hint = HINT_NONE;
	struct keyid key;
	struct err err = {0};

	if (*filling_value(filling, "key") == '\0') {
		hint = HINT_NONE;
	} else if (!filling_names(filling, &key, &err)) {
		hint = HINT_BAD;
		snprintf(out, room, "%s", err.msg);
	} else if (by_policies) {
		hint = HINT_TELLS;
		snprintf(out, room, "%s grants by access policies: it will be every key", name);
	} else if (vault && filling_has_read(filling, ESTATE_NAMES)) {
		there = filling_key(filling, &key);
		hint = there ? HINT_GOOD : HINT_WARNS;
		snprintf(out, room, there ? "This key alone" : "%s has no such key", name);
	}
	json_decref(there);
	json_decref(vault);
	return hint;
}

const struct plan_field grant_fields[GRANT_FIELDS] = {
	[FIELD_VAULT] = {.name = "vault",
		.title = "Vault",
		.arg = "VAULT",
		.help = "The key vault or managed HSM.",
		.required = true,
		.suggest = suggest_vault,
		.hint = hint_vault,
		.parts = ESTATE_VAULTS},
	[FIELD_KEY] = {.name = "key",
		.title = "Key",
		.arg = "KEY",
		.help = "This key alone, where the vault grants by key; else every key of the vault.",
		.empty = "access policies are for the whole vault; a role is given on the key that "
			 "the account uses, where that is in this vault, else on the whole vault",
		.hint = hint_one_key,
		.offer = offer_vault_keys,
		.parts = ESTATE_NAMES},
};

static const struct rule rule_no_identity = {
	.id = "no-identity",
	.severity = SEVERITY_HIGH,
	.section = "assign an identity",
	.remedy =
		"Assign one first: claviger identity assign, or onboard the account, which does it.",
};

static const struct rule rule_application = {
	.id = "other-tenant",
	.severity = SEVERITY_HIGH,
	.source = "Configure cross-tenant customer-managed keys for an existing storage account",
	.remedy = "Whoever administers the vault gives or takes them there, to the application's "
		  "service principal.",
};

void
grant_judge_application(const struct plan_facts *facts, struct judging *judging)
{
	const struct account *account = &facts->facts.account;

	if (grant_is_used(facts) && account->federated[0])
		judge_say(judging, &rule_application,
			"%s opens its key by way of the application %s: it holds the rights on %s, "
			"and not an identity of the account",
			account->id.name, account->federated, facts->vault.name);
}

bool
grant_is_used(const struct plan_facts *facts)
{
	const struct account *account = &facts->facts.account;
	const struct armid *vault = &facts->vault;

	return account->source == KEY_SOURCE_CUSTOMER && account->key.key[0] &&
	       text_casecmp(account->key.vault, vault->name) == 0 &&
	       account->key.hsm == (text_casecmp(vault->type, vault_type(true)) == 0);
}

bool
grant_prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	const struct service *service = service_find(subject->id.type);
	bool hsm;

	if (service == NULL)
		return err_set(err, ERR_REFUSED, "NoService",
			"%s: accounts of type %s have no customer key", subject->id.name,
			subject->id.type);
	if (!estate_find_vault(estate, values[FIELD_VAULT], &facts->vault, err))
		return false;
	facts->facts.vault.id = facts->vault;
	hsm = text_casecmp(facts->vault.type, vault_type(true)) == 0;
	if (hsm && !choice_takes_hsm(service, err))
		return false;
	if (values[FIELD_KEY] == NULL || !values[FIELD_KEY][0])
		return true;
	if (!estate_find_key(estate, values[FIELD_KEY], facts->vault.name, &facts->want, err))
		return false;
	facts->want.version[0] = '\0';
	facts->facts.key.id = facts->want;
	return true;
}

static bool
build_opener(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_account.build(facts, out, err);
}

/* Who opens the account's key; where it has none yet, who would: the system-assigned identity, or
 * the one that the account has in its place. */
static enum outcome
accept_opener(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum outcome outcome = step_read_account.accept(facts, reply, failure, err);
	const struct account *account = &facts->facts.account;
	const struct identity *identity = &account->identity;
	const char *user = account->key_identity;

	if (outcome != OUTCOME_DONE)
		return outcome;
	if (account->source != KEY_SOURCE_CUSTOMER && identity->system != TRI_YES &&
		identity->users_len == 1)
		user = identity->users[0].id;
	snprintf(facts->want_identity, sizeof facts->want_identity, "%s", user);
	if (facts->want.key[0] == '\0' && grant_is_used(facts))
		facts->facts.key.id = account->key;
	return OUTCOME_DONE;
}

static const struct step read_opener = {
	.name = "account",
	.title = "Read the account",
	.build = build_opener,
	.accept = accept_opener,
};

static bool
is_key_named(const struct plan_facts *facts)
{
	return facts->want.key[0] != '\0';
}

static bool
build_key(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_key.build(facts, out, err);
}

static enum outcome
accept_key(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return step_read_key.accept(facts, reply, failure, err);
}

static const struct step read_named_key = {
	.name = "key",
	.title = "Read the key",
	.on = STEP_ON_KEY,
	.needed = is_key_named,
	.build = build_key,
	.accept = accept_key,
};

const struct step *const grant_reads[] = {
	&read_opener,
	&step_read_vault,
	&read_named_key,
	&step_read_grants,
	NULL,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.service = facts->facts.account.service, .out = out, .max = max};

	judge_identity(facts, &judging);
	judge_vault(facts, &judging);
	grant_judge_application(facts, &judging);
	if (facts->want_identity[0] == '\0' && step_principal(facts)[0] == '\0')
		judge_say(&judging, &rule_no_identity, "%s has no identity to grant anything to",
			facts->account.name);
	return judging.len;
}

static const struct step *const steps[] = {&step_grant, NULL};

static const char *const blocking[] = {
	"no-identity",
	"identity-not-assigned",
	"key-absent",
	"tenant-mismatch",
	"vault-absent",
	"vault-unreadable",
	"grants-unreadable",
	"other-tenant",
	NULL,
};

static const struct plan_mend mends[] = {
	{"rights-missing", "grant"},
	{NULL, NULL},
};

const struct plan_def plan_grant = {
	.name = "grant",
	.title = "Grant",
	.summary =
		"Give an account's identity the rights that its service needs on a vault or key.",
	.inverse = "ungrant",
	.danger = PLAN_CHANGES,
	.fields = grant_fields,
	.fields_len = GRANT_FIELDS,
	.reads = grant_reads,
	.steps = steps,
	.blocking = blocking,
	.mends = mends,
	.prepare = grant_prepare,
	.judge = judge,
};
