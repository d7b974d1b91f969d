/* What stands in the way of giving an account a key, beyond the rules of posture: whatever can be
 * seen of the key, its vault and the identity before anything is changed. */
#include "backend/plans/judge.h"

#include <stdarg.h>
#include <stdio.h>

#include "backend/base/text.h"
#include "backend/json/jwk.h"
#include "backend/plans/step.h"

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

void
judge_say(struct judging *judging, const struct rule *rule, const char *fmt, ...)
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
void
judge_identity_kind(const struct plan_facts *facts, struct judging *judging)
{
	const struct account *account = &facts->facts.account;
	size_t users = account->identity.users_len;

	if (!account->service->identity_at_creation || account->identity.system == TRI_YES)
		return;
	if (users == 0)
		judge_say(judging, &rule_identity_late,
			"%s was made without an identity, and %s takes a customer key only for "
			"accounts that were made with one",
			account->id.name, account->service->title);
	else if (users > 1)
		judge_say(judging, &rule_identity_kind,
			"%s has %zu user-assigned identities, and %s does not tell which of them "
			"opens a key",
			account->id.name, users, account->service->title);
	else if (facts->want_identity[0] == '\0')
		judge_say(judging, &rule_identity_kind,
			"%s has the user-assigned identity %.120s and can have no other kind",
			account->id.name, account->identity.users[0].id);
}

void
judge_identity(const struct plan_facts *facts, struct judging *judging)
{
	if (facts->want_identity[0] && !*step_identity_principal(facts))
		judge_say(judging, &rule_identity_foreign, "%s does not have the identity %.120s",
			facts->account.name, facts->want_identity);
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
		judge_say(judging, &rule_public_part, "the public part of %s/%s: %.120s",
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
		judge_say(judging, &rule_key_made, "%s/%s is there already with %u bits",
			facts->want.vault, facts->want.key, key->bits);
	else
		judge_say(judging, &rule_key_exists, "%s/%s is there already, %s with %u bits",
			facts->want.vault, facts->want.key, key->kty, key->bits);
}

void
judge_vault(const struct plan_facts *facts, struct judging *judging)
{
	const struct vault *vault = &facts->facts.vault;
	struct keyid of_vault;

	if (facts->facts.vault_known == KNOWN_ABSENT)
		judge_say(judging, &rule_vault_gone, "vault %s is not there", facts->vault.name);
	if (facts->facts.vault_known == KNOWN_READ && facts->want.host[0] &&
		(!keyid_parse_vault(&of_vault, vault->uri, session_cloud(facts->session), NULL) ||
			text_casecmp(of_vault.host, facts->want.host) != 0))
		judge_say(judging, &rule_vault_elsewhere,
			"vault %s is at %s, but the key would be at %s", facts->vault.name,
			vault->uri, facts->want.host);
}

void
judge_key(const struct plan_facts *facts, struct judging *judging)
{
	judge_vault(facts, judging);
	if (facts->facts.key_known != KNOWN_READ)
		return;
	judge_public_part(facts, judging);
	judge_existing(facts, judging);
	if (facts->version_asked && text_casecmp(facts->want.version, facts->facts.target) != 0)
		judge_say(judging, &rule_version_absent, "%s/%s has no version %s",
			facts->want.vault, facts->want.key, facts->facts.target);
}

const char *const judge_blocking[] = {
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
	"grants-unreadable",
	"used-key-unusable",
	"opener-rights-missing",
	"on-other-key",
	"on-other-version",
	"key-source-unknown",
	"identity-not-assigned",
	"identity-at-creation",
	"identity-kind",
	"application-absent",
	"application-not-trusting",
	"application-not-installed",
	"application-rights-missing",
	"other-tenant",
	"other-tenant-version",
	NULL,
};

const struct plan_mend judge_mends[] = {
	{"purge-protection-off", "protect"},
	{"soft-delete-off", "protect"},
	{"identity-missing", "identity"},
	{"rights-missing", "grant"},
	{"application-rights-missing", "grant"},
	{"key-absent", "key"},
	{"not-onboarded", "switch"},
	{NULL, NULL},
};
