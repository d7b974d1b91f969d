/* The table of rules. Each judges facts alone and says in one line what it saw, so that preflight,
 * posture and the detail pane cannot disagree. */
#include "backend/estate/rules.h"

#include <string.h>

#include "backend/estate/posture.h"

static const char unknown_remedy[] =
	"Have somebody grant you Reader on it and get and list on the keys, or sign in as another "
	"operator: claviger doctor.";

/* In order of severity. */
const struct rule rules[] = {
	{
		.id = "identity-missing",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_ACCOUNT,
		.locks = true,
		.section = "assign an identity",
		.remedy = "Run claviger onboard again: it assigns an identity, grants it the "
			  "rights and sets the key anew.",
		.command = "claviger onboard {account} --key {uri} {pin}",
		.holds = rule_identity_lost,
	},
	{
		.id = "rights-missing",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_ACCOUNT,
		.locks = true,
		.section = "configure the Key Vault access policy",
		.remedy = "Run claviger onboard for this account: it adds exactly the missing "
			  "rights and keeps every other entry.",
		.needs_vault = true,
		.command = "claviger grant {account} --vault {vault}",
		.holds = rule_rights_missing,
	},
	{
		.id = "vault-absent",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_ACCOUNT,
		.locks = true,
		.source = "Key Vault soft-delete overview",
		.remedy = "Recover the vault if it was deleted, then check its access policies: "
			  "claviger vault list.",
		.command = "claviger vault recover {vault}",
		.holds = rule_vault_absent,
	},
	{
		.id = "vault-absent",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_VAULT,
		.told = TOLD_BY_POSTURE,
		.source = "Key Vault soft-delete overview",
		.remedy = "Recover the vault while that can still be done.",
		.command = "claviger vault recover {vault}",
		.holds = rule_vault_deleted,
	},
	{
		.id = "soft-delete-off",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_VAULT,
		.section = "prerequisites",
		.remedy = "Run claviger onboard with this vault: it switches soft delete on.",
		.needs_vault = true,
		.command = "claviger protect {vault}",
		.holds = rule_soft_delete_off,
	},
	{
		.id = "purge-protection-off",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_VAULT,
		.section = "prerequisites",
		.remedy = "Run claviger onboard with this vault: it switches purge protection on, "
			  "which can never be switched off again.",
		.needs_vault = true,
		.command = "claviger protect {vault}",
		.holds = rule_purge_protection_off,
	},
	{
		.id = "tenant-mismatch",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_ACCOUNT,
		.locks = true,
		.section = "prerequisites",
		.remedy = "Choose a vault in the tenant of the account's identity.",
		.needs_vault = true,
		.command = "claviger replace {account} --key VAULT/KEY",
		.holds = rule_tenant_mismatch,
	},
	{
		.id = "vault-firewall",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_ACCOUNT,
		.source = "Virtual network service endpoints for Azure Key Vault, trusted services",
		.remedy = "Let the vault be reached from all networks, or choose another vault.",
		.needs_vault = true,
		.command = "claviger replace {account} --key VAULT/KEY",
		.holds = rule_vault_firewall,
	},
	{
		.id = "key-absent",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_KEY,
		.locks = true,
		.source = "Key Vault REST 7.4, KeyNotFound",
		.remedy =
			"If it was deleted, recover it; if it was purged, only a backup brings it "
			"back: az keyvault key restore.",
		.command = "claviger key recover {key}",
		.holds = rule_key_absent,
	},
	{
		.id = "key-absent",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_KEY,
		.locks = true,
		.source = "Key Vault REST 7.4, KeyNotFound",
		.remedy = "Choose a version that is there: claviger key list.",
		.needs_key = true,
		.holds = rule_version_absent,
	},
	{
		.id = "key-disabled",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_KEY,
		.locks = true,
		.source = "About keys, key attributes",
		.remedy = "Enable it: claviger key enable. Or choose another: claviger key list.",
		.needs_key = true,
		.command = "claviger key enable {uri}",
		.holds = rule_key_disabled,
	},
	{
		.id = "key-expired",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_KEY,
		.source = "About keys, date-time controlled operations",
		.remedy = "Make a new version of the key, or choose another key.",
		.needs_key = true,
		.command = "claviger rotate {key}",
		.holds = rule_key_expired,
	},
	{
		.id = "key-not-yet-valid",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_KEY,
		.source = "About keys, date-time controlled operations",
		.remedy = "Wait until it is valid, or choose another key: claviger key list.",
		.needs_key = true,
		.holds = rule_key_not_yet_valid,
	},
	{
		.id = "key-not-rsa",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_KEY,
		.section = "prerequisites",
		.remedy =
			"Choose an RSA key, or make one: claviger onboard with --create-key 2048.",
		.needs_key = true,
		.command = "claviger key create {vault}/NAME --bits 3072",
		.holds = rule_key_not_rsa,
	},
	{
		.id = "key-size",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_KEY,
		.source = "Customer-managed keys for encryption, supported key sizes",
		.remedy = "Choose an RSA key of 2048, 3072 or 4096 bits, or make one: claviger "
			  "onboard with --create-key 2048.",
		.needs_key = true,
		.command = "claviger key create {vault}/NAME --bits 3072",
		.holds = rule_key_size,
	},
	{
		.id = "key-operations",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_KEY,
		.locks = true,
		.source = "Customer-managed keys for a Batch account, permitted operations",
		.remedy = "Permit wrapKey and unwrapKey on the key, or choose another: claviger "
			  "key list.",
		.needs_key = true,
		.command = "claviger key create {vault}/NAME --bits 3072",
		.holds = rule_key_operations,
	},
	{
		.id = "key-on-hsm",
		.severity = SEVERITY_HIGH,
		.about = ABOUT_ACCOUNT,
		.section = "customer-managed keys with Key Vault",
		.remedy = "Choose a key in a key vault: claviger key list.",
		.command = "claviger replace {account} --key VAULT/KEY",
		.holds = rule_key_on_hsm,
	},
	{
		.id = "unknown",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BY_POSTURE,
		.source = "what the services answered to the reads",
		.remedy = unknown_remedy,
		.holds = rule_account_unknown,
	},
	{
		.id = "unknown",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_VAULT,
		.told = TOLD_BY_POSTURE,
		.source = "Azure Resource Manager, the reply to the read",
		.remedy = unknown_remedy,
		.holds = rule_vault_unknown,
	},
	{
		.id = "unknown",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_KEY,
		.told = TOLD_BY_POSTURE,
		.source = "Key Vault REST 7.4, the reply to the read",
		.remedy = unknown_remedy,
		.holds = rule_key_unknown,
	},
	{
		.id = "vault-unreadable",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BEFORE_PLANS,
		.source = "Azure Resource Manager, the reply to the read",
		.remedy = "Have somebody grant you Reader on the vault, or sign in as another "
			  "operator: claviger doctor.",
		.holds = rule_vault_unreadable,
	},
	{
		.id = "grants-unreadable",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BEFORE_PLANS,
		.source = "Azure role-based access control, list role assignments",
		.remedy =
			"Have somebody grant you Reader on the vault (on a managed HSM: its Crypto "
			"Auditor), or sign in as another operator: claviger doctor.",
		.needs_vault = true,
		.holds = rule_grants_unreadable,
	},
	{
		.id = "key-unreadable",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BEFORE_PLANS,
		.source = "Key Vault REST 7.4, the reply to the read",
		.remedy =
			"Where the firewall is named, call from a network that the vault lets in; "
			"else have somebody grant you get and list on the vault's keys, or sign "
			"in as another operator: claviger doctor.",
		.holds = rule_key_unreadable,
	},
	{
		.id = "key-expires-soon",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_KEY,
		.source = "About keys, date-time controlled operations",
		.remedy = "Make a new version before that day, move the account to it, "
			  "and only then let the old one go.",
		.needs_key = true,
		.command = "claviger rotate {key}",
		.holds = rule_key_expires_soon,
	},
	{
		.id = "version-behind",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_ACCOUNT,
		.section = "rotate customer-managed keys",
		.remedy =
			"Move it to the current version, and keep the version in use enabled until then.",
		.needs_key = true,
		.command = "claviger repin {account} --key-version {current}",
		.holds = rule_version_behind,
	},
	{
		.id = "automatic-lagging",
		.severity = SEVERITY_MEDIUM,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BY_POSTURE,
		.source = "Customer-managed keys for Azure Storage encryption, automatic updating",
		.remedy = "Have the account look for the current version again.",
		.command = "claviger repin {account} --auto",
		.needs_key = true,
		.holds = rule_automatic_lagging,
	},
	{
		.id = "rights-excess",
		.severity = SEVERITY_LOW,
		.about = ABOUT_ACCOUNT,
		.section = "configure the Key Vault access policy",
		.remedy =
			"Take the excess rights from the identity's access policy or roles in the "
			"vault; claviger ungrant takes them all, which cuts the account off.",
		.needs_vault = true,
		.holds = rule_rights_excess,
	},
	{
		.id = "version-old",
		.severity = SEVERITY_LOW,
		.about = ABOUT_KEY,
		.source = "Customer-managed keys for Azure Storage encryption, key rotation",
		.remedy = "Make a new version of the key and move the account to it.",
		.needs_key = true,
		.command = "claviger rotate {key}",
		.holds = rule_version_old,
	},
	{
		.id = "no-rotation-policy",
		.severity = SEVERITY_LOW,
		.about = ABOUT_KEY,
		.told = TOLD_BY_POSTURE,
		.source = "Configure cryptographic key auto-rotation in Azure Key Vault",
		.remedy = "Give the key a rotation policy.",
		.command = "claviger key rotation-policy {key} --every P1Y --expire P2Y",
		.needs_key = true,
		.holds = rule_no_rotation_policy,
	},
	{
		.id = "automatic-lagging",
		.severity = SEVERITY_INFO,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BY_POSTURE,
		.source = "Customer-managed keys for Azure Storage encryption, automatic updating",
		.remedy = "Wait, and keep the version in use enabled until it has moved.",
		.needs_key = true,
		.holds = rule_automatic_waiting,
	},
	{
		.id = "not-onboarded",
		.severity = SEVERITY_INFO,
		.about = ABOUT_ACCOUNT,
		.section = "Microsoft-managed keys",
		.remedy = "Run claviger onboard with a vault and a key.",
		.command = "claviger onboard {account} --key VAULT/KEY",
		.holds = rule_not_onboarded,
	},
	{
		.id = "region-differs",
		.severity = SEVERITY_INFO,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BY_POSTURE,
		.section = "regions of the account and the vault",
		.remedy = "Azure allows it; to depend on one region only, replace the key by one "
			  "in a vault there: claviger replace.",
		.needs_vault = true,
		.holds = rule_region_differs,
	},
	{
		.id = "services-not-covered",
		.severity = SEVERITY_INFO,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BY_POSTURE,
		.section = "customer-managed keys for queues and tables",
		.remedy = "It is settled when an account is made: make another with claviger "
			  "account create storage --services queue,table, and move the data.",
		.holds = rule_services_not_covered,
	},
	{
		.id = "identity-missing",
		.severity = SEVERITY_INFO,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BEFORE_PLANS,
		.section = "assign an identity",
		.remedy = "Run claviger onboard: it assigns a system-assigned identity.",
		.holds = rule_identity_missing,
	},
	{
		.id = "identity-missing",
		.severity = SEVERITY_INFO,
		.about = ABOUT_ACCOUNT,
		.section = "can existing Batch accounts be changed",
		.remedy = "Make a new account with an identity and move the work to it.",
		.holds = rule_identity_never,
	},
	{
		.id = "rights-missing",
		.severity = SEVERITY_INFO,
		.about = ABOUT_ACCOUNT,
		.told = TOLD_BEFORE_PLANS,
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
