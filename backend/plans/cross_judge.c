/* The checklist of a key in another tenant: five things, each of one tenant. Each is said to be
 * there only when it was read; what is known to be missing stops the plan. */
#include "backend/plans/cross.h"

#include <stdio.h>

#include "backend/base/text.h"
#include "backend/plans/step.h"

static const char article[] =
	"Configure cross-tenant customer-managed keys for an existing storage account";

static const char done[] = "Nothing is to be done for it.";
static const char do_trust[] =
	"In the account's tenant, unless it is done: give the application a federated credential, "
	"with the identity's principal as subject and that tenant as issuer.";
static const char do_install[] =
	"In the vault's tenant, unless it is done: install the application (az ad sp create --id "
	"its client id).";
static const char do_grant[] =
	"In the vault's tenant, unless it is done: give the application's service principal the "
	"role Key Vault Crypto Service Encryption User on the key, or get, wrapKey and unwrapKey in "
	"the access policies.";
static const char do_key[] =
	"In the vault's tenant: have somebody see that soft delete and purge protection are on, and "
	"that the key is RSA and enabled; and hand over its URI.";

enum item { ITEM_IDENTITY, ITEM_TRUST, ITEM_INSTALLED, ITEM_GRANT, ITEM_KEY, ITEMS };

static const struct rule seen[ITEMS] = {
	[ITEM_IDENTITY] = {.id = "two-tenants-identity", .source = article, .remedy = done},
	[ITEM_TRUST] = {.id = "two-tenants-trust", .source = article, .remedy = done},
	[ITEM_INSTALLED] = {.id = "two-tenants-installed", .source = article, .remedy = done},
	[ITEM_GRANT] = {.id = "two-tenants-grant", .source = article, .remedy = done},
	[ITEM_KEY] = {.id = "two-tenants-key", .source = article, .remedy = done},
};

static const struct rule unknown[ITEMS] = {
	[ITEM_TRUST] = {.id = "two-tenants-trust",
		.severity = SEVERITY_MEDIUM,
		.source = article,
		.remedy = do_trust},
	[ITEM_INSTALLED] = {.id = "two-tenants-installed",
		.severity = SEVERITY_MEDIUM,
		.source = article,
		.remedy = do_install},
	[ITEM_GRANT] = {.id = "two-tenants-grant",
		.severity = SEVERITY_MEDIUM,
		.source = article,
		.remedy = do_grant},
	[ITEM_KEY] = {.id = "two-tenants-key",
		.severity = SEVERITY_MEDIUM,
		.source = article,
		.remedy = do_key},
};

static const struct rule rule_absent = {
	.id = "application-absent",
	.severity = SEVERITY_HIGH,
	.source = article,
	.remedy = "Name the application that is registered in the account's tenant, by its client "
		  "id: --federated-client-id.",
};
static const struct rule rule_not_trusting = {
	.id = "application-not-trusting",
	.severity = SEVERITY_HIGH,
	.source = article,
	.remedy = do_trust,
};
static const struct rule rule_not_installed = {
	.id = "application-not-installed",
	.severity = SEVERITY_HIGH,
	.source = article,
	.remedy = do_install,
};
static const struct rule rule_lacks = {
	.id = "application-rights-missing",
	.severity = SEVERITY_HIGH,
	.source = article,
	.remedy = do_grant,
};
static const struct rule rule_elsewhere = {
	.id = "other-tenant",
	.severity = SEVERITY_HIGH,
	.source = article,
	.remedy = "Check --vault-tenant. For a vault of the account's own tenant leave it and "
		  "--federated-client-id out; an account that reaches another one goes back first: "
		  "claviger detach, then claviger onboard.",
};
static const struct rule rule_version = {
	.id = "other-tenant-version",
	.severity = SEVERITY_HIGH,
	.source = article,
	.remedy =
		"Name the version in the key's URI or by --key-version, or let the account follow "
		"new ones: --auto.",
};

static const struct rule rule_not_asked = {
	.id = "tenant-mismatch",
	.severity = SEVERITY_HIGH,
	.section = "prerequisites",
	.remedy =
		"Choose a vault in the account's tenant; for Storage there is a way to this one as "
		"well: --vault-tenant, --federated-client-id and --user-identity.",
};

/* The account's tenant, and the vault's, as far as they are known. */
static const char *
home(const struct plan_facts *facts)
{
	return facts->tenant[0] ? facts->tenant : "of the account";
}

static const char *
there(const struct plan_facts *facts)
{
	return facts->facts.vault.tenant[0] ? facts->facts.vault.tenant
	       : facts->cross.tenant[0]     ? facts->cross.tenant
					    : "of the vault";
}

/* What keeps a thing of another tenant from being known; nothing was asked where there is no error.
 */
static const char *
why_unread(const struct err *why)
{
	return why->msg[0] ? why->msg : "this profile does not sign in to that tenant";
}

static void
judge_identity_seen(const struct plan_facts *facts, struct judging *judging)
{
	const char *principal = step_identity_principal(facts);
	struct armid id;

	if (principal[0] && armid_parse(&id, facts->want_identity, NULL))
		judge_say(judging, &seen[ITEM_IDENTITY],
			"1 of 5, tenant %s: %s has the identity %.64s, principal %s", home(facts),
			facts->account.name, id.name, principal);
}

static void
judge_trust(const struct plan_facts *facts, struct judging *judging)
{
	const char *client = facts->cross.client, *principal = step_identity_principal(facts);

	if (principal[0] == '\0')
		return;
	if (facts->cross.trust_known == KNOWN_ABSENT)
		judge_say(judging, &rule_absent,
			"2 of 5, tenant %s: no application %s is registered there", home(facts),
			client);
	else if (facts->cross.trust_known != KNOWN_READ)
		judge_say(judging, &unknown[ITEM_TRUST],
			"2 of 5, tenant %s: whether the application trusts principal %s is not "
			"known: %.100s",
			home(facts), principal,
			facts->cross.trust_why.msg[0]
				? facts->cross.trust_why.msg
				: "the profile's cloud names no Microsoft Graph");
	else if (!facts->cross.trusts)
		judge_say(judging, &rule_not_trusting,
			"2 of 5, tenant %s: application %s has no federated credential for "
			"principal %s",
			home(facts), client, principal);
	else
		judge_say(judging, &seen[ITEM_TRUST],
			"2 of 5, tenant %s: application %s has a federated credential for "
			"principal %s",
			home(facts), client, principal);
}

static void
judge_installed(const struct plan_facts *facts, struct judging *judging)
{
	const char *client = facts->cross.client;

	if (facts->cross.installed_known == KNOWN_ABSENT)
		judge_say(judging, &rule_not_installed,
			"3 of 5, tenant %s: application %s is not installed there", there(facts),
			client);
	else if (facts->cross.principal[0] == '\0')
		judge_say(judging, &unknown[ITEM_INSTALLED],
			"3 of 5, tenant %s: whether application %s is installed is not known: "
			"%.100s",
			there(facts), client, why_unread(&facts->cross.installed_why));
	else
		judge_say(judging, &seen[ITEM_INSTALLED],
			"3 of 5, tenant %s: application %s is installed as %s", there(facts),
			client, facts->cross.principal);
}

/* Why the rights are not known: the first link that is missing. */
static const char *
why_no_rights(const struct plan_facts *facts)
{
	const struct facts *read = &facts->facts;

	if (read->vault_known != KNOWN_READ)
		return why_unread(&read->vault_why);
	if (facts->cross.principal[0] == '\0')
		return "what it is there is not known";
	return why_unread(&read->roles_why);
}

static void
judge_grant(const struct plan_facts *facts, struct judging *judging)
{
	const char *who = facts->cross.principal;
	perm_set lacks;
	char rights[80];

	if (!cross_sees_rights(facts)) {
		judge_say(judging, &unknown[ITEM_GRANT],
			"4 of 5, tenant %s: what the application may do with %.60s/%.60s is not "
			"known: %.100s",
			there(facts), facts->want.vault, facts->want.key, why_no_rights(facts));
		return;
	}
	lacks = step_missing(facts);
	if (lacks)
		judge_say(judging, &rule_lacks, "4 of 5, tenant %s: %s lacks %s on %.60s/%.60s",
			there(facts), who, perm_print(lacks, rights, sizeof rights),
			facts->want.vault, facts->want.key);
	else
		judge_say(judging, &seen[ITEM_GRANT],
			"4 of 5, tenant %s: %s holds what it needs on %.60s/%.60s", there(facts),
			who, facts->want.vault, facts->want.key);
}

void
cross_judge_key(const struct plan_facts *facts, struct judging *judging)
{
	const struct facts *read = &facts->facts;
	bool vault = cross_hides_vault(facts), key = cross_hides_key(facts);

	if (!facts->cross.asked)
		return;
	if (vault || key)
		judge_say(judging, &unknown[ITEM_KEY],
			"5 of 5, tenant %s: %s%s%s cannot be read here, so not checked and not "
			"proven: %.100s",
			there(facts), vault ? "the vault" : "", vault && key ? " and " : "",
			key ? "the key" : "", why_unread(key ? &read->key_why : &read->vault_why));
	else if (read->vault_known == KNOWN_READ && read->key_known == KNOWN_READ)
		judge_say(judging, &seen[ITEM_KEY],
			"5 of 5, tenant %s: %.60s/%.60s and its vault were read, and judged by the "
			"same rules as any other",
			there(facts), facts->want.vault, facts->want.key);
	if (key && !facts->follow && facts->want.version[0] == '\0')
		judge_say(judging, &rule_version,
			"%.60s/%.60s cannot be read here, so which version is current is not known",
			facts->want.vault, facts->want.key);
}

/* Whether the vault is in the tenant that was asked for, and in another one than the account. */
static void
judge_place(const struct plan_facts *facts, struct judging *judging)
{
	const char *vault = facts->facts.vault.tenant, *asked = facts->cross.tenant;

	if (asked[0] && facts->tenant[0] && text_casecmp(asked, facts->tenant) == 0)
		judge_say(judging, &rule_elsewhere, "%s is the tenant of %s itself", asked,
			facts->account.name);
	else if (vault[0] && text_casecmp(vault, facts->tenant) == 0)
		judge_say(judging, &rule_elsewhere, "vault %s is in the tenant of %s itself",
			facts->vault.name, facts->account.name);
	else if (vault[0] && armid_is_guid(asked) && text_casecmp(vault, asked) != 0)
		judge_say(judging, &rule_elsewhere, "vault %s is in tenant %s, and not in %s",
			facts->vault.name, vault, asked);
}

void
cross_judge(const struct plan_facts *facts, struct judging *judging)
{
	char cause[240];

	if (!facts->cross.asked) {
		if (cross_is_elsewhere(facts) &&
			!rule_holds(&facts->facts, "tenant-mismatch", cause, sizeof cause))
			judge_say(judging, &rule_not_asked,
				"vault %s is in tenant %s, and %s is not", facts->vault.name,
				facts->facts.vault.tenant, facts->account.name);
		return;
	}
	judge_place(facts, judging);
	judge_identity_seen(facts, judging);
	judge_trust(facts, judging);
	judge_installed(facts, judging);
	judge_grant(facts, judging);
	cross_judge_key(facts, judging);
}
