/* Onboard: from Microsoft's keys to a customer key for the first time. An account that already has
 * another key, or another version, is somebody's decision and not this verb's to change; one that
 * has this key but lacks rights or protection is mended. */
#include "backend/base/text.h"
#include "backend/plans/choice.h"
#include "backend/plans/cross.h"
#include "backend/plans/fit.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static const struct rule rule_other_key = {
	.id = "on-other-key",
	.severity = SEVERITY_HIGH,
	.section = "enable customer-managed keys",
	.remedy = "Onboard gives an account its first customer key; to change to another one, "
		  "run claviger replace.",
};
static const struct rule rule_other_version = {
	.id = "on-other-version",
	.severity = SEVERITY_HIGH,
	.section = "rotate customer-managed keys",
	.remedy =
		"To mend what else is wrong, ask for what is in use: --key-version, or --auto where it "
		"follows new ones; to change that, run claviger repin.",
};
static const struct rule rule_source_unknown = {
	.id = "key-source-unknown",
	.severity = SEVERITY_HIGH,
	.section = "the account's encryption properties",
	.remedy = "See what the account says of itself: claviger account show.",
};

static void
judge_account(const struct plan_facts *facts, struct judging *judging)
{
	const struct account *account = &facts->facts.account;

	if (account->source == KEY_SOURCE_UNKNOWN)
		judge_say(judging, &rule_source_unknown,
			"%s does not say whether it uses Microsoft's keys or a customer key",
			account->id.name);
	judge_identity(facts, judging);
	if (account->source != KEY_SOURCE_CUSTOMER) {
		judge_identity_kind(facts, judging);
		return;
	}
	if (text_casecmp(account->key.host, facts->want.host) != 0 ||
		text_casecmp(account->key.key, facts->want.key) != 0)
		judge_say(judging, &rule_other_key, "%s already uses the customer key %s/%s",
			account->id.name, account->key.vault, account->key.key);
	else if (facts->follow && account->mode != KEY_MODE_AUTO)
		judge_say(judging, &rule_other_version,
			"%s already uses this key in version %.8s, and is to follow new ones",
			account->id.name, account->key.version);
	else if (!facts->follow && facts->want.version[0] &&
		 text_casecmp(account->key.version, facts->want.version) != 0)
		judge_say(judging, &rule_other_version,
			"%s already uses this key in %s%.8s, and %s version is %.8s",
			account->id.name,
			account->mode == KEY_MODE_AUTO ? "whatever version is current" : "version ",
			account->key.version, facts->version_asked ? "the wanted" : "the current",
			facts->want.version);
	else if (text_casecmp(account->federated, facts->cross.client) != 0)
		judge_say(judging, &rule_other_key, "%s already uses this key, reached by %s%s",
			account->id.name,
			account->federated[0] ? "the application " : "no application",
			account->federated);
	else if (text_casecmp(account->key_identity, facts->want_identity) != 0)
		judge_say(judging, &rule_other_key, "%s already uses this key, opened as %.120s",
			account->id.name,
			account->key_identity[0] ? account->key_identity
						 : "its system-assigned identity");
}

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.service = facts->facts.account.service, .out = out, .max = max};

	judge_account(facts, &judging);
	judge_key(facts, &judging);
	cross_judge(facts, &judging);
	return judging.len;
}

static const struct step *const reads[] = {
	&step_selftest,
	&step_read_account,
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
	&step_switch,
	&step_verify,
	NULL,
};

const struct plan_def plan_onboard = {
	.name = "onboard",
	.title = "Onboard",
	.summary = "Move an account from Microsoft's keys to a customer key, step by step.",
	.inverse = "detach",
	.danger = PLAN_CHANGES,
	.fields = choice_fields,
	.fields_len = CHOICE_FIELDS,
	.reads = reads,
	.steps = steps,
	.blocking = judge_blocking,
	.mends = judge_mends,
	.prepare = choice_prepare,
	.judge = judge,
	.unfit = unfit_onboard,
};
