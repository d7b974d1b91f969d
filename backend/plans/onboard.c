/* Onboard: from Microsoft's keys to a customer key for the first time. An account that already has
 * another key, or another version, is somebody's decision and not this verb's to change; one that
 * has this key but lacks rights or protection is mended. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/jwk.h"
#include "backend/plans/choice.h"
#include "backend/plans/step.h"

static const struct rule rule_other_key = {
	.id = "on-other-key",
	.severity = SEVERITY_HIGH,
	.section = "enable customer-managed keys",
	.remedy =
		"Onboard gives an account its first customer key; to change to another one is not part of "
		"this version of claviger.",
};
static const struct rule rule_other_version = {
	.id = "on-other-version",
	.severity = SEVERITY_HIGH,
	.section = "rotate customer-managed keys",
	.remedy =
		"To mend what else is wrong, ask for what is in use: --key-version, or --auto where it "
		"follows new ones; to change that is not part of this version of claviger.",
};
static const struct rule rule_source_unknown = {
	.id = "key-source-unknown",
	.severity = SEVERITY_HIGH,
	.section = "the account's encryption properties",
	.remedy = "See what the account says of itself: claviger account show.",
};
static const struct rule rule_key_exists = {
	.id = "key-exists",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, Create Key",
	.remedy = "Leave --create-key out to use the key that is there, or give another name; "
		  "creating would only make a new version of it.",
};
static const struct rule rule_key_made = {
	.id = "key-made",
	.severity = SEVERITY_INFO,
	.source = "Key Vault REST 7.4, Create Key",
	.remedy = "Nothing is to be done: the key that is there is used.",
};
static const struct rule rule_version_absent = {
	.id = "version-absent",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, KeyNotFound",
	.remedy = "See which there are: claviger key show.",
};
static const struct rule rule_public_part = {
	.id = "key-public-part",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, JsonWebKey",
	.remedy =
		"Choose another key: what the vault says of this one cannot be used to wrap anything.",
};
static const struct rule rule_vault_gone = {
	.id = "vault-absent",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault soft-delete overview",
	.remedy = "Choose a vault that is there: claviger vault list.",
};
static const struct rule rule_vault_elsewhere = {
	.id = "vault-mismatch",
	.severity = SEVERITY_HIGH,
	.section = "where the key's URI is put together",
	.remedy = "Name the key by its URI, or check the profile's cloud.",
};
static const struct rule rule_identity_foreign = {
	.id = "identity-not-assigned",
	.severity = SEVERITY_HIGH,
	.section = "the identity that opens the key",
	.remedy = "Assign it to the account first, or leave --user-identity out to use the "
		  "system-assigned identity.",
};
static const struct rule rule_identity_late = {
	.id = "identity-at-creation",
	.severity = SEVERITY_HIGH,
	.section = "can existing Batch accounts be changed",
	.remedy = "Make a new account with an identity and move the work to it.",
};
static const struct rule rule_identity_kind = {
	.id = "identity-kind",
	.severity = SEVERITY_HIGH,
	.section = "the account's identity",
	.remedy = "Name the account's only user-assigned identity with --user-identity.",
};

struct judging {
	const struct service *service;
	struct finding *out;
	size_t len, max;
};

static void say(struct judging *judging, const struct rule *rule, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

static void
say(struct judging *judging, const struct rule *rule, const char *fmt, ...)
{
	struct finding *finding = &judging->out[judging->len];
	va_list ap;

	if (judging->len == judging->max)
		return;
	*finding = (struct finding){.rule = rule, .service = judging->service};
	va_start(ap, fmt);
	vsnprintf(finding->cause, sizeof finding->cause, fmt, ap);
	va_end(ap);
	judging->len++;
}

/* What no step can mend where identities are settled when the account is made. */
static void
judge_identity(const struct plan_facts *facts, struct judging *judging)
{
	const struct account *account = &facts->facts.account;
	size_t users = account->identity.users_len;

	if (!account->service->identity_at_creation || account->identity.system == TRI_YES)
		return;
	if (users == 0)
		say(judging, &rule_identity_late,
			"%s was made without an identity, and %s takes a customer key only for "
			"accounts that were made with one",
			account->id.name, account->service->title);
	else if (users > 1)
		say(judging, &rule_identity_kind,
			"%s has %zu user-assigned identities, and %s does not tell which of them "
			"opens a key",
			account->id.name, users, account->service->title);
	else if (facts->want_identity[0] == '\0')
		say(judging, &rule_identity_kind,
			"%s has the user-assigned identity %.120s and can have no other kind",
			account->id.name, account->identity.users[0].id);
}

static void
judge_account(const struct plan_facts *facts, struct judging *judging)
{
	const struct account *account = &facts->facts.account;

	if (account->source == KEY_SOURCE_UNKNOWN)
		say(judging, &rule_source_unknown,
			"%s does not say whether it uses Microsoft's keys or a customer key",
			account->id.name);
	if (facts->want_identity[0] && !*step_principal(facts))
		say(judging, &rule_identity_foreign, "%s does not have the identity %.120s",
			account->id.name, facts->want_identity);
	if (account->source != KEY_SOURCE_CUSTOMER) {
		judge_identity(facts, judging);
		return;
	}
	if (text_casecmp(account->key.host, facts->want.host) != 0 ||
		text_casecmp(account->key.key, facts->want.key) != 0)
		say(judging, &rule_other_key, "%s already uses the customer key %s/%s",
			account->id.name, account->key.vault, account->key.key);
	else if (facts->follow && account->mode != KEY_MODE_AUTO)
		say(judging, &rule_other_version,
			"%s already uses this key in version %.8s, and is to follow new ones",
			account->id.name, account->key.version);
	else if (!facts->follow && facts->want.version[0] &&
		 text_casecmp(account->key.version, facts->want.version) != 0)
		say(judging, &rule_other_version,
			"%s already uses this key in %s%.8s, and %s version is %.8s",
			account->id.name,
			account->mode == KEY_MODE_AUTO ? "whatever version is current" : "version ",
			account->key.version, facts->version_asked ? "the wanted" : "the current",
			facts->want.version);
	else if (text_casecmp(account->key_identity, facts->want_identity) != 0)
		say(judging, &rule_other_key, "%s already uses this key, opened as %.120s",
			account->id.name,
			account->key_identity[0] ? account->key_identity
						 : "its system-assigned identity");
}

/* What the proof will wrap with, looked at before anything is changed. Other types than RSA have a
 * rule of their own. */
static void
judge_public_part(const struct plan_facts *facts, struct judging *judging)
{
	const struct key *key = &facts->facts.key;
	struct rsa_key *public;
	struct err why;

	if (key->jwk == NULL || !text_case_starts(key->kty, "RSA"))
		return;
	public = jwk_read(key->jwk, &why);
	if (public == NULL)
		say(judging, &rule_public_part, "the public part of %s/%s: %.120s",
			facts->want.vault, facts->want.key, why.msg);
	rsa_free(public);
}

/* A key to be made that is there: an earlier run made it, when it is what would be made. */
static void
judge_existing(const struct plan_facts *facts, struct judging *judging)
{
	const struct key *key = &facts->facts.key;

	if (facts->create_bits == 0)
		return;
	if (text_case_starts(key->kty, "RSA") && key->bits == facts->create_bits)
		say(judging, &rule_key_made, "%s/%s is there already with %u bits",
			facts->want.vault, facts->want.key, key->bits);
	else
		say(judging, &rule_key_exists, "%s/%s is there already, %s with %u bits",
			facts->want.vault, facts->want.key, key->kty, key->bits);
}

static void
judge_key(const struct plan_facts *facts, struct judging *judging)
{
	const struct vault *vault = &facts->facts.vault;
	struct keyid of_vault;

	if (facts->facts.vault_known == KNOWN_ABSENT)
		say(judging, &rule_vault_gone, "vault %s is not there", facts->vault.name);
	if (facts->facts.vault_known == KNOWN_READ &&
		(!keyid_parse_vault(&of_vault, vault->uri, session_cloud(facts->session), NULL) ||
			text_casecmp(of_vault.host, facts->want.host) != 0))
		say(judging, &rule_vault_elsewhere, "vault %s is at %s, but the key would be at %s",
			facts->vault.name, vault->uri, facts->want.host);
	if (facts->facts.key_known != KNOWN_READ)
		return;
	judge_public_part(facts, judging);
	judge_existing(facts, judging);
	if (facts->version_asked && text_casecmp(facts->want.version, facts->facts.target) != 0)
		say(judging, &rule_version_absent, "%s/%s has no version %s", facts->want.vault,
			facts->want.key, facts->facts.target);
}

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.service = facts->facts.account.service, .out = out, .max = max};

	judge_account(facts, &judging);
	judge_key(facts, &judging);
	return judging.len;
}

static const struct step *const reads[] = {
	&step_selftest,
	&step_read_account,
	&step_read_vault,
	&step_read_key,
	&step_read_versions,
	NULL,
};

static const struct step *const steps[] = {
	&step_protect,
	&step_identity,
	&step_grant,
	&step_key,
	&step_prove,
	&step_switch,
	&step_verify,
	NULL,
};

static const char *const blocking[] = {
	"key-not-rsa",
	"key-size",
	"key-disabled",
	"key-expired",
	"key-not-yet-valid",
	"key-operations",
	"key-on-hsm",
	"key-public-part",
	"key-absent",
	"key-unreadable",
	"key-exists",
	"version-absent",
	"tenant-mismatch",
	"vault-firewall",
	"vault-absent",
	"vault-mismatch",
	"vault-unreadable",
	"grant-model",
	"on-other-key",
	"on-other-version",
	"key-source-unknown",
	"identity-not-assigned",
	"identity-at-creation",
	"identity-kind",
	NULL,
};

static const struct plan_mend mends[] = {
	{"purge-protection-off", "protect"},
	{"soft-delete-off", "protect"},
	{"identity-missing", "identity"},
	{"rights-missing", "grant"},
	{"key-absent", "key"},
	{"not-onboarded", "switch"},
	{NULL, NULL},
};

const struct plan_def plan_onboard = {
	.name = "onboard",
	.title = "Onboard",
	.summary = "Moves an account from Microsoft's keys to a customer key, step by step.",
	.inverse = "detach",
	.danger = PLAN_CHANGES,
	.fields = choice_fields,
	.fields_len = CHOICE_FIELDS,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.mends = mends,
	.prepare = choice_prepare,
	.judge = judge,
};
