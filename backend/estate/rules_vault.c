/* Rules on the account, its identity and the vault. What was not read is never a finding of these:
 * an absent property and an unread one are told apart before. */
#include <stdio.h>

#include "backend/base/text.h"
#include "backend/estate/rules.h"

/* Rights with which an identity can copy, change or destroy a key; reading lists is harmless. */
static const perm_set powerful = PERM_CREATE | PERM_UPDATE | PERM_IMPORT | PERM_DELETE |
				 PERM_BACKUP | PERM_RESTORE | PERM_PURGE | PERM_SIGN |
				 PERM_DECRYPT | PERM_RELEASE | PERM_ROTATE | PERM_SET_ROTATION;

static bool
is_customer(const struct facts *facts)
{
	return facts->account_known == KNOWN_READ && facts->account.source == KEY_SOURCE_CUSTOMER;
}

static bool
is_microsoft(const struct facts *facts)
{
	return facts->account_known == KNOWN_READ && facts->account.source == KEY_SOURCE_MICROSOFT;
}

/* In the vault's tenant it is an application that holds the rights, and not the identity. */
static bool
reaches_across(const struct facts *facts)
{
	return facts->crosses || (is_customer(facts) && facts->account.federated[0]);
}

/* The vault's name as read, or as the account's key names it. */
static const char *
vault_name(const struct facts *facts)
{
	return facts->vault.id.name[0] ? facts->vault.id.name : facts->account.key.vault;
}

/* Made without an identity, where that is what a customer key takes. */
static bool
is_never(const struct account *account)
{
	const struct service *service = account->service;

	return service && service->identity_at_creation && account->identity.system == TRI_NO &&
	       account->identity.users_len == 0;
}

bool
rule_not_onboarded(const struct facts *facts, char *cause, size_t room)
{
	if (!is_microsoft(facts) || is_never(&facts->account))
		return false;
	snprintf(cause, room, "%s is encrypted with keys that Microsoft manages",
		facts->account.id.name);
	return true;
}

bool
rule_identity_missing(const struct facts *facts, char *cause, size_t room)
{
	const struct account *account = &facts->account;
	const struct service *service = account->service;

	if (!is_microsoft(facts) || account->identity.system != TRI_NO ||
		account->key_identity[0] || (service && service->identity_at_creation))
		return false;
	snprintf(cause, room, "%s has no system-assigned identity", account->id.name);
	return true;
}

bool
rule_identity_never(const struct facts *facts, char *cause, size_t room)
{
	const struct account *account = &facts->account;

	if (!is_microsoft(facts) || !is_never(account))
		return false;
	snprintf(cause, room,
		"%s was made without an identity, and %s takes a customer key only for accounts "
		"that were made with one",
		account->id.name, account->service->title);
	return true;
}

bool
rule_identity_lost(const struct facts *facts, char *cause, size_t room)
{
	const struct account *account = &facts->account;

	if (!is_customer(facts) || account_principal(account)[0] || !account_tells_opener(account))
		return false;
	if (account->key_identity[0])
		snprintf(cause, room, "%s opens its key as %.120s, which it does not have",
			account->id.name, account->key_identity);
	else
		snprintf(cause, room, "%s uses a customer key but has no system-assigned identity",
			account->id.name);
	return true;
}

bool
rule_vault_absent(const struct facts *facts, char *cause, size_t room)
{
	if (!is_customer(facts) || facts->vault_known != KNOWN_ABSENT)
		return false;
	snprintf(cause, room, "vault %s of the key is not there", vault_name(facts));
	return true;
}

bool
rule_vault_unreadable(const struct facts *facts, char *cause, size_t room)
{
	if (facts->vault_known != KNOWN_DENIED && facts->vault_known != KNOWN_FAILED)
		return false;
	snprintf(cause, room, "vault %s: %s", vault_name(facts), facts->vault_why.msg);
	return true;
}

bool
rule_soft_delete_off(const struct facts *facts, char *cause, size_t room)
{
	if (facts->vault.soft_delete != TRI_NO)
		return false;
	snprintf(cause, room, "soft delete of %s is off", facts->vault.id.name);
	return true;
}

bool
rule_purge_protection_off(const struct facts *facts, char *cause, size_t room)
{
	if (facts->vault.purge_protection != TRI_NO)
		return false;
	snprintf(cause, room, "purge protection of %s is off", facts->vault.id.name);
	return true;
}

bool
rule_tenant_mismatch(const struct facts *facts, char *cause, size_t room)
{
	const char *identity = facts->account.identity.tenant, *vault = facts->vault.tenant;

	if (!identity[0] || !vault[0] || text_casecmp(identity, vault) == 0 ||
		reaches_across(facts))
		return false;
	snprintf(cause, room, "the identity of %s is in tenant %s, vault %s in tenant %s",
		facts->account.id.name, identity, facts->vault.id.name, vault);
	return true;
}

bool
rule_grants_unreadable(const struct facts *facts, char *cause, size_t room)
{
	if (facts->roles_known != KNOWN_DENIED)
		return false;
	snprintf(cause, room, "the role assignments on %s: %.160s", facts->vault.id.name,
		facts->roles_why.msg);
	return true;
}

bool
rule_vault_firewall(const struct facts *facts, char *cause, size_t room)
{
	const struct service *service = facts->account.service;
	const struct vault *vault = &facts->vault;
	bool denies = text_casecmp(vault->network_default, "Deny") == 0 ||
		      text_casecmp(vault->public_access, "Disabled") == 0 ||
		      text_casecmp(vault->public_access, "SecuredByPerimeter") == 0;
	bool bypass = service && service->trusted_by_firewall &&
		      text_casecmp(vault->network_bypass, "AzureServices") == 0 &&
		      text_casecmp(vault->public_access, "SecuredByPerimeter") != 0;

	if (!denies || bypass)
		return false;
	snprintf(cause, room,
		"%s is closed to public networks (defaultAction %s, bypass %s, publicNetworkAccess "
		"%s) and %s is not let through",
		vault->id.name, vault->network_default[0] ? vault->network_default : "not set",
		vault->network_bypass[0] ? vault->network_bypass : "not set",
		vault->public_access[0] ? vault->public_access : "not set",
		service ? service->title : "the service");
	return true;
}

/* By policies, or by roles where those are known whole. What one policy must give may be more than
 * what a role must. */
static bool
rights(const struct facts *facts, perm_set *needs, perm_set *holds)
{
	const struct service *service = facts->account.service;
	const char *principal = account_principal(&facts->account);

	if (facts->account_known != KNOWN_READ || !service || !principal[0] ||
		reaches_across(facts))
		return false;
	if (facts->vault.model == GRANT_POLICIES) {
		*needs = service->policy_perms;
		*holds = vault_rights(&facts->vault, principal);
		return true;
	}
	*needs = service->role_perms;
	*holds = facts->roles;
	return facts->vault.model == GRANT_RBAC && facts->roles_known == KNOWN_READ;
}

static bool
missing(const struct facts *facts, char *cause, size_t room)
{
	const struct account *account = &facts->account;
	perm_set needs, holds;
	char has[80], lacks[80];

	if (!rights(facts, &needs, &holds) || !(needs & ~holds) ||
		(facts->roles_known == KNOWN_READ && facts->roles_maybe[0]))
		return false;
	holds &= needs;
	perm_print(needs & ~holds, lacks, sizeof lacks);
	if (holds)
		snprintf(cause, room, "the identity of %s (%s) holds %s on %s; missing: %s",
			account->id.name, account_principal(account),
			perm_print(holds, has, sizeof has), facts->vault.id.name, lacks);
	else
		snprintf(cause, room,
			"the identity of %s (%s) holds no key right on %s; missing: %s",
			account->id.name, account_principal(account), facts->vault.id.name, lacks);
	return true;
}

bool
rule_rights_missing(const struct facts *facts, char *cause, size_t room)
{
	return is_customer(facts) && missing(facts, cause, room);
}

bool
rule_rights_not_yet(const struct facts *facts, char *cause, size_t room)
{
	return !is_customer(facts) && missing(facts, cause, room);
}

bool
rule_rights_excess(const struct facts *facts, char *cause, size_t room)
{
	const struct account *account = &facts->account;
	perm_set needs, holds, excess;
	char shown[160];

	if (!rights(facts, &needs, &holds))
		return false;
	excess = holds & powerful & ~needs;
	if (!excess)
		return false;
	snprintf(cause, room, "the identity of %s (%s) also holds on %s: %s", account->id.name,
		account_principal(account), facts->vault.id.name,
		perm_print(excess, shown, sizeof shown));
	return true;
}

bool
rule_region_differs(const struct facts *facts, char *cause, size_t room)
{
	const char *account = facts->account.location, *vault = facts->vault.location;

	if (!is_customer(facts) || !account[0] || !vault[0] || text_casecmp(account, vault) == 0)
		return false;
	snprintf(cause, room, "%s is in %s, vault %s of its key in %s", facts->account.id.name,
		account, facts->vault.id.name, vault);
	return true;
}

bool
rule_services_not_covered(const struct facts *facts, char *cause, size_t room)
{
	const struct account *account = &facts->account;
	bool queue = account->queue_covered == TRI_NO, table = account->table_covered == TRI_NO;

	if (!is_customer(facts) || (!queue && !table))
		return false;
	snprintf(cause, room, "%s of %s are not under its customer key",
		queue && table ? "queues and tables"
		: queue        ? "queues"
			       : "tables",
		account->id.name);
	return true;
}
