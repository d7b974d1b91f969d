/* The state of an account is claimed only from what was read: locked needs positive evidence, ok
 * needs every link of the chain from the identity to the key version, anything else is unknown. */
#include "backend/estate/facts.h"

#include "backend/base/text.h"
#include "backend/estate/posture.h"

void
facts_free(struct facts *facts)
{
	account_free(&facts->account);
	vault_free(&facts->vault);
	key_free(&facts->key);
	assignments_free(&facts->assigned);
	*facts = (struct facts){0};
}

enum known
known_of(const struct err *err)
{
	switch (err->kind) {
	case ERR_NONE:
		return KNOWN_READ;
	case ERR_NOT_FOUND:
		/* A subscription that we may not see hides what is in it. */
		return text_casecmp(err->code, "SubscriptionNotFound") == 0 ? KNOWN_FAILED
									    : KNOWN_ABSENT;
	case ERR_DENIED:
		return KNOWN_DENIED;
	default:
		return KNOWN_FAILED;
	}
}

bool
facts_same_key(const struct facts *facts)
{
	const struct keyid *used = &facts->account.key, *key = &facts->key.id;

	return facts->account.source == KEY_SOURCE_CUSTOMER && used->key[0] &&
	       text_casecmp(used->host, key->host) == 0 && text_casecmp(used->key, key->key) == 0;
}

/* The version the account uses of this key, else the key's current one. */
static const char *
used_name(const struct facts *facts)
{
	if (facts_same_key(facts) && account_version(&facts->account)[0])
		return account_version(&facts->account);
	return facts->key.id.version;
}

static const struct key_version *
find(const struct facts *facts, const char *name)
{
	const struct key_version *found = key_version_find(&facts->key, name);

	if (found || facts->key.listed)
		return found;
	return key_version_find(&facts->key, facts->key.id.version);
}

const char *
facts_version_name(const struct facts *facts)
{
	return facts->target[0] ? facts->target : used_name(facts);
}

const struct key_version *
facts_version(const struct facts *facts)
{
	return find(facts, facts_version_name(facts));
}

/* What the identity is not seen to hold of what reading takes. */
static perm_set
lacks(const struct facts *facts)
{
	perm_set needs = PERM_GET | PERM_UNWRAP;

	if (facts->vault.model == GRANT_POLICIES)
		return needs & ~vault_rights(&facts->vault, account_principal(&facts->account));
	return facts->roles_known == KNOWN_READ ? needs & ~facts->roles : needs;
}

/* Nothing but what was seen can give it rights. */
static bool
grants_known(const struct facts *facts)
{
	return facts->account.federated[0] == '\0' &&
	       (facts->vault.model == GRANT_POLICIES ||
		       (facts->roles_known == KNOWN_READ && facts->roles_maybe[0] == '\0'));
}

static bool
judged(const struct facts *facts, const char *id)
{
	char cause[240];

	return rule_holds(facts, id, cause, sizeof cause) != NULL;
}

/* The identity cannot open the key: seen, not guessed. */
static bool
is_locked(const struct facts *facts)
{
	const struct key_version *version = find(facts, used_name(facts));

	if ((account_principal(&facts->account)[0] == '\0' &&
		    account_tells_opener(&facts->account)) ||
		facts->vault_known == KNOWN_ABSENT || facts->key_known == KNOWN_ABSENT)
		return true;
	if (facts->vault_known == KNOWN_READ &&
		((grants_known(facts) && lacks(facts)) || judged(facts, "tenant-mismatch")))
		return true;
	if (facts->key_known != KNOWN_READ)
		return false;
	if (version == NULL)
		return facts->key.listed;
	return version->enabled == TRI_NO ||
	       (facts->key.ops_known && !(facts->key.ops & PERM_UNWRAP));
}

enum account_state
facts_state(const struct facts *facts)
{
	if (facts->account_known != KNOWN_READ || facts->account.source == KEY_SOURCE_UNKNOWN)
		return ACCOUNT_UNKNOWN;
	if (facts->account.source == KEY_SOURCE_MICROSOFT)
		return ACCOUNT_NONE;
	if (is_locked(facts))
		return ACCOUNT_LOCKED;
	if (facts->vault_known != KNOWN_READ || facts->key_known != KNOWN_READ || lacks(facts) ||
		facts->account.federated[0] || find(facts, used_name(facts)) == NULL ||
		judged(facts, "vault-firewall"))
		return ACCOUNT_UNKNOWN;
	return ACCOUNT_OK;
}

const char *
facts_reason(enum known known, const struct err *why)
{
	switch (known) {
	case KNOWN_NOT_READ:
		return "not read";
	case KNOWN_ABSENT:
		return why->msg[0] ? why->msg : "it is not there";
	default:
		return why->msg;
	}
}

const char *
facts_why_unknown(const struct facts *facts)
{
	if (facts->account.source == KEY_SOURCE_UNKNOWN)
		return "the reply names no key source";
	if (facts->account.federated[0])
		return "it reaches the vault's tenant through an application, and what that may "
		       "do there is not known";
	if (facts->vault_known != KNOWN_READ)
		return facts_reason(facts->vault_known, &facts->vault_why);
	if (!account_tells_opener(&facts->account))
		return "it has several user-assigned identities, and which of them opens the key "
		       "is not told";
	if (facts->vault.model == GRANT_RBAC && facts->vault.hsm)
		return "a managed HSM keeps its role assignments itself, and they are not read";
	if (facts->vault.model == GRANT_RBAC && facts->roles_known != KNOWN_READ)
		return "the role assignments on its vault were not read";
	if (facts->vault.model == GRANT_RBAC && facts->roles_maybe[0])
		return facts->roles_maybe;
	if (facts->key_known != KNOWN_READ || facts->key_why.kind != ERR_NONE)
		return facts_reason(facts->key_known, &facts->key_why);
	return "the vault's firewall stands between the service and the key";
}

const char *
account_state_name(enum account_state state)
{
	static const char *const names[] = {
		[ACCOUNT_NONE] = "none",
		[ACCOUNT_OK] = "ok",
		[ACCOUNT_LOCKED] = "locked",
		[ACCOUNT_UNKNOWN] = "unknown",
	};

	return names[state];
}
