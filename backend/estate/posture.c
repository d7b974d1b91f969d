/* The table of rules. Each judges facts alone and says in one line what it saw, so that preflight,
 * posture and the detail pane cannot disagree. The rules on vaults and on keys stand in files of
 * their own; here is what they share and the order in which they are told. */
#include "backend/estate/posture.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/rules.h"

#define VAULT_API "Key Vault REST 2023-07-01, VaultProperties"

const struct rule rules[] = {
	{
		.id = "identity-missing",
		.severity = SEVERITY_HIGH,
		.section = "assign an identity",
		.remedy = "Run claviger onboard again: it assigns an identity, grants it the "
			  "rights and sets the key anew.",
		.holds = rule_identity_lost,
	},
	{
		.id = "rights-missing",
		.severity = SEVERITY_HIGH,
		.section = "configure the Key Vault access policy",
		.remedy = "Run claviger onboard for this account: it adds exactly the missing "
			  "rights and keeps every other entry.",
		.needs_vault = true,
		.holds = rule_rights_missing,
	},
	{
		.id = "vault-absent",
		.severity = SEVERITY_HIGH,
		.source = "Key Vault soft-delete overview",
		.remedy = "Recover the vault if it was deleted, then check its access policies: "
			  "claviger vault list.",
		.holds = rule_vault_absent,
	},
	{
		.id = "soft-delete-off",
		.severity = SEVERITY_HIGH,
		.section = "prerequisites",
		.remedy = "Run claviger onboard with this vault: it switches soft delete on.",
		.needs_vault = true,
		.holds = rule_soft_delete_off,
	},
	{
		.id = "purge-protection-off",
		.severity = SEVERITY_HIGH,
		.section = "prerequisites",
		.remedy = "Run claviger onboard with this vault: it switches purge protection on, "
			  "which can never be switched off again.",
		.needs_vault = true,
		.holds = rule_purge_protection_off,
	},
	{
		.id = "tenant-mismatch",
		.severity = SEVERITY_HIGH,
		.section = "prerequisites",
		.remedy = "Choose a vault in the tenant of the account's identity.",
		.needs_vault = true,
		.holds = rule_tenant_mismatch,
	},
	{
		.id = "grant-model",
		.severity = SEVERITY_HIGH,
		.source = VAULT_API ", enableRbacAuthorization",
		.remedy = "Choose a vault that grants by access policies.",
		.needs_vault = true,
		.holds = rule_grant_model,
	},
	{
		.id = "vault-firewall",
		.severity = SEVERITY_HIGH,
		.source = "Virtual network service endpoints for Azure Key Vault, trusted services",
		.remedy = "Let the vault be reached from all networks, or choose another vault.",
		.needs_vault = true,
		.holds = rule_vault_firewall,
	},
	{
		.id = "key-absent",
		.severity = SEVERITY_HIGH,
		.source = "Key Vault REST 7.4, KeyNotFound",
		.remedy = "Recover the key if it was deleted, or choose one that is there: "
			  "claviger key list.",
		.holds = rule_key_absent,
	},
	{
		.id = "key-disabled",
		.severity = SEVERITY_HIGH,
		.source = "About keys, key attributes",
		.remedy = "Enable the version in the vault, or choose another: claviger key list.",
		.needs_key = true,
		.holds = rule_key_disabled,
	},
	{
		.id = "key-expired",
		.severity = SEVERITY_HIGH,
		.source = "About keys, date-time controlled operations",
		.remedy = "Make a new version of the key or choose another key: claviger onboard "
			  "with --create-key.",
		.needs_key = true,
		.holds = rule_key_expired,
	},
	{
		.id = "key-not-yet-valid",
		.severity = SEVERITY_HIGH,
		.source = "About keys, date-time controlled operations",
		.remedy = "Wait until it is valid, or choose another key: claviger key list.",
		.needs_key = true,
		.holds = rule_key_not_yet_valid,
	},
	{
		.id = "key-not-rsa",
		.severity = SEVERITY_HIGH,
		.section = "prerequisites",
		.remedy =
			"Choose an RSA key, or make one: claviger onboard with --create-key 2048.",
		.needs_key = true,
		.holds = rule_key_not_rsa,
	},
	{
		.id = "key-size",
		.severity = SEVERITY_HIGH,
		.source = "Customer-managed keys for encryption, supported key sizes",
		.remedy = "Choose an RSA key of 2048, 3072 or 4096 bits, or make one: claviger "
			  "onboard with --create-key 2048.",
		.needs_key = true,
		.holds = rule_key_size,
	},
	{
		.id = "key-operations",
		.severity = SEVERITY_HIGH,
		.source = "Customer-managed keys for a Batch account, permitted operations",
		.remedy = "Permit wrapKey and unwrapKey on the key, or choose another: claviger "
			  "key list.",
		.needs_key = true,
		.holds = rule_key_operations,
	},
	{
		.id = "key-on-hsm",
		.severity = SEVERITY_HIGH,
		.section = "customer-managed keys with Key Vault",
		.remedy = "Choose a key in a key vault: claviger key list.",
		.holds = rule_key_on_hsm,
	},
	{
		.id = "vault-unreadable",
		.severity = SEVERITY_MEDIUM,
		.source = "Azure Resource Manager, the reply to the read",
		.remedy = "Have somebody grant you Reader on the vault, or sign in as another "
			  "operator: claviger doctor.",
		.holds = rule_vault_unreadable,
	},
	{
		.id = "key-unreadable",
		.severity = SEVERITY_MEDIUM,
		.source = "Key Vault REST 7.4, the reply to the read",
		.remedy = "Have somebody grant you get and list on the vault's keys, or sign in as "
			  "another operator: claviger doctor.",
		.holds = rule_key_unreadable,
	},
	{
		.id = "key-expires-soon",
		.severity = SEVERITY_MEDIUM,
		.source = "About keys, date-time controlled operations",
		.remedy =
			"Make a new version before that day, set its URI in the account's encryption "
			"settings, and only then let the old one go.",
		.needs_key = true,
		.holds = rule_key_expires_soon,
	},
	{
		.id = "version-behind",
		.severity = SEVERITY_MEDIUM,
		.section = "rotate customer-managed keys",
		.remedy =
			"Set the current version's URI in the account's encryption settings (this version of "
			"claviger does not), and keep the version in use enabled until then.",
		.needs_key = true,
		.holds = rule_version_behind,
	},
	{
		.id = "rights-excess",
		.severity = SEVERITY_LOW,
		.section = "configure the Key Vault access policy",
		.remedy = "Take the excess rights from the identity's access policy in the vault.",
		.needs_vault = true,
		.holds = rule_rights_excess,
	},
	{
		.id = "version-old",
		.severity = SEVERITY_LOW,
		.source = "Customer-managed keys for Azure Storage encryption, key rotation",
		.remedy = "Make a new version of the key and move the account to it.",
		.needs_key = true,
		.holds = rule_version_old,
	},
	{
		.id = "not-onboarded",
		.severity = SEVERITY_INFO,
		.section = "Microsoft-managed keys",
		.remedy = "Run claviger onboard with a vault and a key.",
		.holds = rule_not_onboarded,
	},
	{
		.id = "identity-missing",
		.severity = SEVERITY_INFO,
		.section = "assign an identity",
		.remedy = "Run claviger onboard: it assigns a system-assigned identity.",
		.holds = rule_identity_missing,
	},
	{
		.id = "identity-missing",
		.severity = SEVERITY_INFO,
		.section = "can existing Batch accounts be changed",
		.remedy = "Make a new account with an identity and move the work to it.",
		.holds = rule_identity_never,
	},
	{
		.id = "rights-missing",
		.severity = SEVERITY_INFO,
		.section = "configure the Key Vault access policy",
		.remedy =
			"Run claviger onboard with this vault: it adds exactly the missing rights "
			"and keeps every other entry.",
		.needs_vault = true,
		.holds = rule_rights_not_yet,
	},
};
const size_t rules_len = ARRAY_LEN(rules);

const struct rule *
rule_find(const char *id)
{
	for (size_t i = 0; i < rules_len; i++)
		if (strcmp(rules[i].id, id) == 0)
			return &rules[i];
	return NULL;
}

static bool
holds(const struct rule *rule, const struct facts *facts, char *cause, size_t room)
{
	char raw[sizeof((struct finding *)0)->cause];

	if ((rule->needs_vault && facts->vault_known != KNOWN_READ) ||
		(rule->needs_key && facts->key_known != KNOWN_READ))
		return false;
	if (!rule->holds(facts, raw, sizeof raw))
		return false;
	text_cleans(cause, room, raw);
	return true;
}

const struct rule *
rule_holds(const struct facts *facts, const char *id, char *cause, size_t room)
{
	for (size_t i = 0; i < rules_len; i++)
		if (strcmp(rules[i].id, id) == 0 && holds(&rules[i], facts, cause, room))
			return &rules[i];
	return NULL;
}

const char *
finding_source(const struct finding *finding, char *out, size_t room)
{
	const struct rule *rule = finding->rule;

	if (rule->section)
		snprintf(out, room, "%s, %s",
			finding->service ? finding->service->article : "Customer-managed keys",
			rule->section);
	else
		snprintf(out, room, "%s", rule->source);
	return out;
}

const char *
severity_name(enum severity severity)
{
	static const char *const names[] = {
		[SEVERITY_INFO] = "info",
		[SEVERITY_LOW] = "low",
		[SEVERITY_MEDIUM] = "medium",
		[SEVERITY_HIGH] = "high",
	};

	return names[severity];
}

/* The table stands in order of severity. */
size_t
posture_judge(const struct facts *facts, struct finding *out, size_t max)
{
	size_t len = 0;

	for (size_t i = 0; i < rules_len && len < max; i++) {
		struct finding *found = &out[len];

		if (!holds(&rules[i], facts, found->cause, sizeof found->cause))
			continue;
		found->rule = &rules[i];
		found->service = facts->account.service;
		found->effect = FINDING_TOLD;
		found->mended_by = NULL;
		len++;
	}
	return len;
}
