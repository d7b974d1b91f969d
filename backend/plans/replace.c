/* Replace: another key, in the same vault or in another one. The identity gets its rights there
 * before the switch; what it holds on the old vault stays, because others may lean on it: to take
 * it away is a verb of its own. What is not asked for stays as it is: the identity that opens the
 * key, and whether the account follows new versions. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/choice.h"
#include "backend/plans/cross.h"
#include "backend/plans/fit.h"
#include "backend/plans/step.h"
#include "backend/plans/used.h"

static const struct rule rule_stays = {
	.id = "old-key-stays",
	.severity = SEVERITY_INFO,
	.section = "change the key",
	.remedy = "Keep the old version enabled until the switch is read back. When nothing else "
		  "needs the old rights, take them away: claviger ungrant.",
};
static const struct rule rule_opener_across = {
	.id = "opener-rights-missing",
	.severity = SEVERITY_HIGH,
	.section = "change the key",
	.remedy = "Grant that identity the rights on the vault in use first, or go by way of "
		  "Microsoft's keys: claviger detach, then claviger onboard.",
};
static const struct rule rule_opener = {
	.id = "opener-rights-missing",
	.severity = SEVERITY_HIGH,
	.section = "change the key",
	.remedy = "Run claviger replace without --user-identity first, which grants the rights to "
		  "the identity in use, and once more with it.",
};

static bool
is_used_key(const struct plan_facts *facts)
{
	const struct keyid *used = &facts->used.account.key;

	return text_casecmp(used->host, facts->want.host) == 0 &&
	       text_casecmp(used->key, facts->want.key) == 0;
}

/* What the operator left open stays as it is. */
static void
keep(struct plan_facts *facts)
{
	const struct account *used = &facts->used.account;

	if (facts->want_identity[0] == '\0')
		memcpy(facts->want_identity, used->key_identity, sizeof facts->want_identity);
	if (!facts->keep_mode)
		return;
	facts->follow = used->mode == KEY_MODE_AUTO;
	if (facts->follow || facts->version_asked || !is_used_key(facts))
		return;
	facts->version_asked = true;
	memcpy(facts->want.version, used->key.version, sizeof facts->want.version);
	memcpy(facts->facts.target, used->key.version, sizeof facts->facts.target);
}

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	facts->cross.inherits = true;
	if (!used_prepare(subject, err) || !choice_prepare(estate, subject, values, facts, err))
		return false;
	facts->keep_mode = !facts->version_asked && !facts->follow;
	return true;
}

static enum outcome
accept_used(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	const struct account *used = &facts->used.account;

	(void)reply;
	if (!used_take(facts, failure, err) || !used_required(facts, err))
		return OUTCOME_FAILED;
	account_copy(&facts->facts.account, used);
	facts->facts.account_known = facts->used.account_known;
	cross_inherit(facts);
	keep(facts);
	return cross_check(facts, err) ? OUTCOME_DONE : OUTCOME_FAILED;
}

static const struct step step_read_used = {
	.name = "used",
	.title = "Read the account and the key that it uses",
	.reads_used = true,
	.accept = accept_used,
};

/* Into another tenant Storage opens the key in use with the new identity in between. */
static void
judge_opener_across(const struct plan_facts *facts, struct judging *judging)
{
	const struct facts *used = &facts->used;
	const char *principal = step_identity_principal(facts);
	perm_set lacks;
	char rights[80];

	if (!facts->cross.asked || used->account.federated[0] || principal[0] == '\0' ||
		used->vault_known != KNOWN_READ || used->vault.model != GRANT_POLICIES)
		return;
	lacks = used->account.service->policy_perms &
		~perm_effective(vault_rights(&used->vault, principal));
	if (lacks)
		judge_say(judging, &rule_opener_across,
			"identity and key change in two requests, and %s, which opens the key in "
			"use in between, lacks %s on %s",
			principal, perm_print(lacks, rights, sizeof rights), used->vault.id.name);
}

/* Between its two requests Storage opens the new key with the identity in use. */
static void
judge_opener(const struct plan_facts *facts, struct judging *judging)
{
	const struct vault *vault = &facts->facts.vault;
	const struct account *used = &facts->used.account;
	const char *principal = account_principal(used);
	perm_set lacks;
	char rights[80];

	if (!step_opener_apart(facts) || step_has_key(facts) || vault->model != GRANT_POLICIES ||
		facts->facts.vault_known != KNOWN_READ)
		return;
	lacks = used->service->policy_perms & ~perm_effective(vault_rights(vault, principal));
	if (lacks)
		judge_say(judging, &rule_opener,
			"key and identity change in two requests, and the identity in use (%s) "
			"lacks %s on %s",
			principal[0] ? principal : "none", perm_print(lacks, rights, sizeof rights),
			vault->id.name);
}

static void
judge_old(const struct plan_facts *facts, struct judging *judging)
{
	const struct facts *used = &facts->used;
	perm_set holds = vault_rights(&used->vault, account_principal(&used->account));
	bool elsewhere = !armid_same(&used->vault.id, &facts->vault);
	char rights[120], key[240];

	if (is_used_key(facts))
		return;
	step_used(&used->account, key, sizeof key);
	if (elsewhere && holds)
		judge_say(judging, &rule_stays,
			"%s needs %.100s until the switch; its identity goes on to hold %s on %s",
			used->account.id.name, key, perm_print(holds, rights, sizeof rights),
			used->account.key.vault);
	else
		judge_say(judging, &rule_stays, "%s needs %.180s until the switch",
			used->account.id.name, key);
}

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.service = facts->facts.account.service, .out = out, .max = max};

	used_judge(facts, &judging);
	judge_identity(facts, &judging);
	judge_identity_kind(facts, &judging);
	judge_key(facts, &judging);
	cross_judge(facts, &judging);
	judge_opener(facts, &judging);
	judge_opener_across(facts, &judging);
	used_judge_pinning(facts, &judging);
	judge_old(facts, &judging);
	return judging.len;
}

static const struct step *const reads[] = {
	&step_selftest,
	&step_read_used,
	&step_read_vault,
	&step_read_key,
	&step_read_versions,
	&cross_read_home,
	&cross_read_trust,
	&cross_read_installed,
	&step_read_grants,
	NULL,
};

static const struct step *const steps[] = {
	&step_protect,
	&step_identity,
	&step_key,
	&step_grant,
	&step_prove,
	&step_federate,
	&step_switch,
	&step_opener,
	&step_verify,
	NULL,
};

const struct plan_def plan_replace = {
	.name = "replace",
	.title = "Replace",
	.summary = "Move an account from its customer key to another one, in any vault.",
	.inverse = "replace",
	.danger = PLAN_CHANGES,
	.fields = choice_fields,
	.fields_len = CHOICE_FIELDS,
	.reads = reads,
	.steps = steps,
	.blocking = judge_blocking,
	.mends = judge_mends,
	.prepare = prepare,
	.judge = judge,
	.unfit = unfit_customer,
};
