/* Who may use a key, from where, and where it is seen that somebody did. */
#include "backend/estate/services/service.h"
#include "backend/estate/topics/topic.h"

static const struct statement roles[] = {
	{
		.text = "Five steps: somebody who administers the vault grants the identity its "
			"rights; somebody who administers the account sets the key; the service "
			"signs in as the identity, wraps the account key, and unwraps it for "
			"reads and writes. The first two may be two people: claviger grant for "
			"the one, claviger onboard for the other, or a plan kept with --plan-out "
			"that the second one applies.",
		.source = "Customer-managed keys for Azure Storage encryption, about "
			  "customer-managed keys",
	},
	{
		.text = "A vault grants by access policies or by roles, never by both: policies "
			"on a vault of roles are accepted and ignored. Which one it is, is read "
			"first, and only that one is written.",
		.source = "Azure Key Vault, access-control-default",
	},
	{
		.text = "The role Key Vault Crypto Service Encryption User reads, wraps and "
			"unwraps. It has no recover, which Automation's article asks of an access "
			"policy; with a role it is taken to be enough.",
		.source = "Azure role-based access control for Key Vault; Encryption of secure "
			  "assets in Azure Automation, access policy",
	},
	{
		.text = "A managed HSM has roles of its own: Managed HSM Crypto Service "
			"Encryption User, given on the one key.",
		.source = "Azure Managed HSM, built-in roles",
	},
	{
		.text = "An identity is named by its principal id and tenant, never by a name, an "
			"application's id or a client id: names are ambiguous, and the others "
			"open nothing.",
		.source =
			"Configure customer-managed keys for your Azure Batch account; Encryption "
			"of secure assets in Azure Automation, access policy",
	},
	{
		.text = "Account access keys are another thing: they open a storage account's "
			"data and need a role that may list them. claviger neither lists nor "
			"keeps them.",
		.source =
			"Customer-managed keys for Azure Storage encryption, questions and answers",
	},
};

static bool
add_rights(struct buf *out, const char *title, const char *by, perm_set rights)
{
	char names[160];

	return buf_addf(out, "  %-12s%-8s%s\n", title, by, perm_print(rights, names, sizeof names));
}

static bool
roles_lines(struct buf *out)
{
	bool ok = true;

	for (size_t i = 0; ok && i < services_len; i++)
		ok = add_rights(out, services[i]->title, "policy", services[i]->policy_perms) &&
		     add_rights(out, "", "role", services[i]->role_perms);
	return ok;
}

const struct topic topic_roles = {
	.name = "roles",
	.title = "Who does what, and which rights it takes",
	.statements = roles,
	.statements_len = ARRAY_LEN(roles),
	.lines = roles_lines,
};

static const struct statement cross_tenant[] = {
	{
		.text = "Storage may use a vault of another tenant. Automation and Batch need "
			"theirs in the tenant of the account.",
		.source = "Customer-managed keys for Azure Storage encryption, different tenant; "
			  "Encryption of secure assets in Azure Automation, prerequisites",
	},
	{
		.text = "In the account's tenant: a user-assigned identity, and a multi-tenant "
			"application that trusts it by a federated credential; both are named "
			"when the key is set (encryption.identity, federatedIdentityClientId). A "
			"system-assigned identity cannot cross tenants.",
		.source = "Configure cross-tenant customer-managed keys",
	},
	{
		.text = "In the vault's tenant: the application is installed there, and gets the "
			"role Key Vault Crypto Service Encryption User on the key. Whoever "
			"administers it can cut the account off at any time.",
		.source = "Configure cross-tenant customer-managed keys",
	},
	{
		.text = "claviger onboard and replace (--key with the key's URI, --vault-tenant, "
			"--federated-client-id, --user-identity) go through the five things as "
			"two-tenants-* findings: identity, trust, installed, grant, key. What you "
			"can read of them is checked, what is known to be missing stops the plan, "
			"and what you cannot read is unknown: ask whoever administers that tenant "
			"before you go on.",
		.source = "Configure cross-tenant customer-managed keys",
	},
};

const struct topic topic_cross_tenant = {
	.name = "cross-tenant",
	.title = "A vault in another tenant",
	.statements = cross_tenant,
	.statements_len = ARRAY_LEN(cross_tenant),
};

static const struct statement firewall[] = {
	{
		.text = "A vault that denies public networks lets trusted services pass when its "
			"bypass is AzureServices. Storage and Batch are among them, Automation is "
			"not: behind such a firewall it cannot open its key. Where a network "
			"security perimeter secures the vault, the bypass does not count.",
		.source = "Virtual network service endpoints for Azure Key Vault, trusted services",
	},
};

static bool
firewall_lines(struct buf *out)
{
	for (size_t i = 0; i < services_len; i++)
		if (!buf_addf(out, "  %-12s%s\n", services[i]->title,
			    services[i]->trusted_by_firewall ? "passes with AzureServices"
							     : "is kept out"))
			return false;
	return true;
}

const struct topic topic_firewall = {
	.name = "firewall",
	.title = "Vaults behind a firewall",
	.statements = firewall,
	.statements_len = ARRAY_LEN(firewall),
	.lines = firewall_lines,
};

static const struct statement audit[] = {
	{
		.text = "Creating, rotating, disabling and revoking are rights of whoever owns "
			"the key, and their use can be audited. Key Vault logs every attempt at "
			"access, once its diagnostic settings send AuditEvent somewhere; records "
			"come within ten minutes, so that none seen is no proof before that.",
		.source =
			"Encryption of secure assets in Azure Automation; Azure Key Vault logging",
	},
	{
		.text = "Names to look for: KeyCreate, KeyUpdate, KeyRotate, KeyRotateIfDue, "
			"KeyDelete, KeyRecover, KeyPurge, KeyWrap, KeyUnwrap, "
			"VaultAccessPolicyChangedEventGridNotification; after a theft KeyBackup "
			"and KeyRestore.",
		.source = "Azure Key Vault logging",
	},
	{
		.text = "Azure Monitor's logs of Storage do not show that an account moved to "
			"another version. claviger journal has every change made with claviger, "
			"before and after.",
		.source = "Customer-managed keys for Azure Storage encryption, update the key "
			  "version",
	},
};

const struct topic topic_audit = {
	.name = "audit",
	.title = "Where a change or a use of a key is recorded",
	.statements = audit,
	.statements_len = ARRAY_LEN(audit),
};
