/* What real services answer to most of these refusals is not established; the words of the cause
 * are ours, and each provider puts its own status and code before them. Needed rights: get,
 * recover, wrapKey and unwrapKey in an access policy ("Encryption of secure assets in Azure
 * Automation"), get, wrapKey and unwrapKey for Batch and Storage (their articles); where roles
 * decide, the role without recover suffices for all. */
#include "backend/sandbox/service/cmk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/rows/identities.h"
#include "backend/sandbox/rows/keyring.h"
#include "backend/sandbox/rows/keys.h"
#include "backend/sandbox/rows/vaults.h"
#include "backend/sandbox/service/assign.h"
#include "crypto/rsa.h"

enum { DAY = 86400 };

/* What each service needs and takes. trusted: on Key Vault's list of trusted services, which the
 * firewall's bypass lets in; Automation is not [virtual network service endpoints for Key Vault].
 */
static const struct {
	perm_set needs;
	bool hsm, crosses, trusted;
} facts[] = {
	[SERVICE_AUTOMATION] = {.needs = PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP},
	[SERVICE_BATCH] = {.needs = PERM_GET | PERM_WRAP | PERM_UNWRAP, .trusted = true},
	[SERVICE_STORAGE] = {.needs = PERM_GET | PERM_WRAP | PERM_UNWRAP,
		.hsm = true,
		.crosses = true,
		.trusted = true},
};

/* Who knocks at the vault: a principal of the vault's tenant. */
struct knocker {
	char tenant[37], principal[37];
};

static bool refuse(struct cmk_refusal *refusal, enum cmk_cause cause, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

static bool
refuse(struct cmk_refusal *refusal, enum cmk_cause cause, const char *fmt, ...)
{
	va_list ap;

	refusal->cause = cause;
	va_start(ap, fmt);
	vsnprintf(refusal->message, sizeof refusal->message, fmt, ap);
	va_end(ap);
	return false;
}

static bool
find_principal(struct world *world, struct arena *arena, const struct account *account,
	const char *user, struct knocker *out, struct cmk_refusal *refusal)
{
	struct identity identity;

	db_meta(world->db, "tenant", out->tenant, sizeof out->tenant);
	memcpy(out->principal, account->principal, sizeof out->principal);
	if (!user[0])
		return out->principal[0] ||
		       refuse(refusal, CMK_NO_IDENTITY, "The account has no managed identity.");
	if (!assign_has(account, user))
		return refuse(refusal, CMK_NO_IDENTITY,
			"The user-assigned identity '%s' is not assigned to the account.", user);
	if (!identities_find_arm(world->db, arena, user, &identity))
		return refuse(refusal, CMK_NO_IDENTITY,
			"The user-assigned identity '%s' does not exist.", user);
	memcpy(out->principal, identity.principal, sizeof out->principal);
	return true;
}

/* Into another tenant with an application that both know: the identity must be one of its federated
 * credentials [Storage, customer-managed keys across tenants]. */
static bool
cross_tenant(struct world *world, const char *federated, const char *vault_tenant,
	struct knocker *who, struct cmk_refusal *refusal)
{
	static const char find[] =
		"SELECT f.issuer, a.object FROM application a JOIN federated_credential f"
		" ON f.owner=a.client WHERE a.client=? AND a.tenant=? AND f.subject=?";
	sqlite3_stmt *stmt =
		db_ask(world->db, find, "ttt", federated, vault_tenant, who->principal);
	char issuer[80];

	snprintf(issuer, sizeof issuer, "https://login.microsoftonline.com/%s/v2.0", who->tenant);
	while (db_next(world->db, stmt)) {
		if (!names_same_issuer((const char *)sqlite3_column_text(stmt, 0), issuer))
			continue;
		db_copy(stmt, 1, who->principal, sizeof who->principal);
		db_done(stmt);
		snprintf(who->tenant, sizeof who->tenant, "%s", vault_tenant);
		return true;
	}
	return refuse(refusal, CMK_OTHER_TENANT,
		"The application '%s' is not known to the tenant '%s', or has no federated credential for the identity '%s'.",
		federated, vault_tenant, who->principal);
}

/* The vault, and who of its tenant stands before it. */
static bool
reach_vault(struct world *world, struct arena *arena, const struct account *account,
	const struct cmk_target *target, struct vault *vault, struct knocker *who,
	struct cmk_refusal *refusal)
{
	if (!find_principal(world, arena, account, target->identity, who, refusal))
		return false;
	if (!vaults_find(world->db, arena, target->kind, target->store, vault))
		return refuse(refusal, CMK_NO_STORE, "No %s is named '%s'.",
			target->kind == STORE_VAULT ? "key vault" : "managed HSM", target->store);
	if (text_casecmp(vault->tenant, who->tenant) != 0) {
		if (!facts[account->service].crosses || !target->federated[0])
			return refuse(refusal, CMK_OTHER_TENANT,
				"The vault '%s' belongs to another tenant ('%s') than the account's identity ('%s').",
				vault->name, vault->tenant, who->tenant);
		if (!cross_tenant(world, target->federated, vault->tenant, who, refusal))
			return false;
	}
	if (vaults_admits(
		    vault, facts[account->service].trusted ? VISITOR_TRUSTED : VISITOR_SERVICE))
		return true;
	return refuse(refusal, CMK_FIREWALL,
		"The firewall of the vault '%s' does not let the service in.", vault->name);
}

static bool
check_rights(struct world *world, const struct vault *vault, const char *key,
	const struct knocker *who, perm_set needed, struct cmk_refusal *refusal)
{
	char missing[120];
	perm_set lacks;

	if (vault->rbac || vault->kind == STORE_HSM)
		needed &= ~(perm_set)PERM_RECOVER;
	lacks = needed & ~rights_on_key(world, vault, key, who->tenant, who->principal);
	if (!lacks)
		return true;
	return refuse(refusal, CMK_DENIED,
		"The identity '%s' does not have the keys permissions '%s' on key vault '%s'.",
		who->principal, perm_print(lacks, missing, sizeof missing), vault->name);
}

static bool
check_state(const struct key_version *key, perm_set op, time_t now, struct cmk_refusal *refusal)
{
	static const char *const words[] = {
		[KEY_DISABLED] = "not allowed on a disabled key",
		[KEY_EXPIRED] = "not allowed on an expired key",
		[KEY_NOT_YET] = "not allowed on a key that is not yet valid",
		[KEY_NOT_PERMITTED] = "not permitted on this key",
	};
	enum key_state state = keys_state(key, op, now);

	return state == KEY_USABLE ||
	       refuse(refusal, CMK_UNUSABLE, "Operation %s is %s.", perm_name(op), words[state]);
}

static bool
find_key(struct world *world, struct arena *arena, const struct vault *vault,
	const struct cmk_target *target, time_t now, struct key_version *key,
	struct cmk_refusal *refusal)
{
	if (!target->version[0] &&
		keys_find_usable(world->db, arena, vault->id, target->key, PERM_WRAP, now, key))
		return true;
	if (keys_find(world->db, arena, vault->id, target->key, target->version, key))
		return true;
	return refuse(refusal, CMK_NO_KEY,
		"A key with (name/id) %s%s%s was not found in key vault '%s'.", target->key,
		target->version[0] ? "/" : "", target->version, vault->name);
}

static bool
check_kind(const struct account *account, const struct vault *vault, const struct key_version *key,
	struct cmk_refusal *refusal)
{
	if (vault->kind == STORE_HSM && !facts[account->service].hsm)
		return refuse(refusal, CMK_WRONG_KEY,
			"Keys of a managed HSM cannot be used by this service.");
	return strncmp(key->kty, "RSA", 3) == 0 ||
	       refuse(refusal, CMK_WRONG_KEY,
		       "The key '%s' is of type %s; only RSA keys can be used.", key->name,
		       key->kty);
}

bool
cmk_check(struct world *world, struct arena *arena, const struct account *account,
	struct cmk_target *target, time_t now, struct cmk_refusal *refusal)
{
	struct key_version key;
	struct knocker who;
	struct vault vault;

	if (!reach_vault(world, arena, account, target, &vault, &who, refusal))
		return false;
	if (!vault.soft_delete || !vault.purge_protection)
		return refuse(refusal, CMK_UNPROTECTED, "%s must be enabled on key vault '%s'.",
			vault.soft_delete ? "Purge protection" : "Soft delete", vault.name);
	if (!check_rights(
		    world, &vault, target->key, &who, facts[account->service].needs, refusal) ||
		!find_key(world, arena, &vault, target, now, &key, refusal) ||
		!check_kind(account, &vault, &key, refusal) ||
		!check_state(&key, PERM_WRAP, now, refusal) ||
		!check_state(&key, PERM_UNWRAP, now, refusal))
		return false;
	memcpy(target->store, vault.name, sizeof target->store);
	memcpy(target->key, key.name, sizeof target->key);
	memcpy(target->version, key.version, sizeof target->version);
	target->material = key.material;
	return true;
}

bool
cmk_usable(struct world *world, struct arena *arena, const struct account *account, time_t now,
	int64_t *material, struct cmk_refusal *refusal)
{
	struct cmk_target target = {.kind = account->cmk_kind};
	struct key_version key;
	struct knocker who;
	struct vault vault;

	*material = 0;
	if (!account->cmk_store[0])
		return true;
	memcpy(target.store, account->cmk_store, sizeof target.store);
	memcpy(target.key, account->cmk_key, sizeof target.key);
	memcpy(target.version, account->cmk_version, sizeof target.version);
	memcpy(target.identity, account->cmk_identity, sizeof target.identity);
	memcpy(target.federated, account->cmk_federated, sizeof target.federated);
	if (!reach_vault(world, arena, account, &target, &vault, &who, refusal) ||
		!check_rights(world, &vault, target.key, &who, PERM_GET | PERM_UNWRAP, refusal) ||
		!find_key(world, arena, &vault, &target, now, &key, refusal) ||
		!check_state(&key, PERM_UNWRAP, now, refusal))
		return false;
	*material = key.material;
	return true;
}

static bool
open_platform(struct world *world, const struct account *account, struct secret *out,
	struct cmk_refusal *refusal)
{
	return envelope_open(&world->platform, account->guid, account->wrapped,
		       account->wrapped_len, out, NULL) ||
	       refuse(refusal, CMK_BROKEN,
		       "The account key cannot be opened with the platform's key.");
}

int64_t
cmk_material(struct world *world, const struct account *account)
{
	static const char find[] =
		"SELECT n.material FROM version n JOIN key k ON k.id=n.key JOIN vault v ON v.id=k.vault"
		" WHERE v.kind=? AND v.name=? AND k.name=? AND n.version=?";
	sqlite3_stmt *stmt = db_ask(world->db, find, "ittt", (int64_t)account->cmk_kind,
		account->cmk_store, account->cmk_key, account->cmk_version);
	int64_t material = 0;

	if (db_next(world->db, stmt)) {
		material = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
	}
	return material;
}

bool
cmk_unwrap(struct world *world, const struct account *account, int64_t material, struct secret *out,
	struct cmk_refusal *refusal)
{
	const struct rsa_key *key;
	struct rsa_cipher how;
	bool ok;

	if (!account->cmk_store[0])
		return open_platform(world, account, out, refusal);
	key = keyring_hold(world->keyring, material, NULL);
	ok = key && rsa_cipher_named("RSA-OAEP-256", &how) &&
	     rsa_decrypt(key, &how, account->wrapped, account->wrapped_len, out, NULL);
	if (key)
		keyring_drop(world->keyring, key);
	return ok ||
	       refuse(refusal, CMK_BROKEN, "The key vault key does not unwrap the encryption key.");
}

bool
cmk_open(struct world *world, struct arena *arena, const struct account *account, time_t now,
	struct secret *out, struct cmk_refusal *refusal)
{
	int64_t material;
	bool ok;

	if (!account->cmk_store[0])
		return open_platform(world, account, out, refusal);
	db_lock(world->db);
	ok = cmk_usable(world, arena, account, now, &material, refusal);
	db_unlock(world->db);
	return ok && cmk_unwrap(world, account, material, out, refusal);
}

bool
cmk_data_key(const struct account *account, const struct secret *account_key, struct secret *out)
{
	return envelope_open(
		account_key, "data key", account->sealed, sizeof account->sealed, out, NULL);
}

/* The proof that the account's data stays readable. */
static bool
opens_data(const struct account *account, const struct secret *key)
{
	struct secret data = {0};
	bool ok = cmk_data_key(account, key, &data);

	secret_free(&data);
	return ok;
}

static bool
wrap(struct world *world, struct account *account, const struct cmk_target *target,
	const struct secret *key)
{
	const struct rsa_key *rsa = keyring_hold(world->keyring, target->material, NULL);
	unsigned char wrapped[RSA_BYTES_MAX];
	struct secret back = {0};
	struct rsa_cipher how;
	size_t len;
	bool ok;

	ok = rsa && rsa_cipher_named("RSA-OAEP-256", &how) &&
	     rsa_encrypt(rsa, &how, key->bytes, key->len, wrapped, &len, NULL) &&
	     rsa_decrypt(rsa, &how, wrapped, len, &back, NULL) && secret_equal(key, &back) &&
	     opens_data(account, &back) && len <= sizeof account->wrapped;
	secret_free(&back);
	if (rsa)
		keyring_drop(world->keyring, rsa);
	if (!ok)
		return false;
	memcpy(account->wrapped, wrapped, len);
	account->wrapped_len = len;
	account->cmk_kind = target->kind;
	memcpy(account->cmk_store, target->store, sizeof account->cmk_store);
	memcpy(account->cmk_key, target->key, sizeof account->cmk_key);
	memcpy(account->cmk_version, target->version, sizeof account->cmk_version);
	memcpy(account->cmk_identity, target->identity, sizeof account->cmk_identity);
	memcpy(account->cmk_federated, target->federated, sizeof account->cmk_federated);
	account->cmk_slash = target->slash;
	account->cmk_mode = target->mode;
	return true;
}

static bool
seal_platform(
	struct world *world, struct account *account, const struct secret *key, struct err *err)
{
	bool ok = envelope_seal(
		&world->platform, account->guid, key->bytes, key->len, account->wrapped, err);

	account->wrapped_len = ENVELOPE_KEY + ENVELOPE_OVERHEAD;
	account->cmk_store[0] = account->cmk_key[0] = account->cmk_version[0] = '\0';
	account->cmk_identity[0] = account->cmk_federated[0] = '\0';
	account->cmk_kind = STORE_VAULT;
	account->cmk_mode = CMK_PINNED;
	account->cmk_slash = false;
	return ok;
}

bool
cmk_close(struct world *world, struct account *account, const struct cmk_target *target,
	const struct secret *key, int64_t now_ms, struct cmk_refusal *refusal)
{
	bool automatic = target && target->mode != CMK_PINNED;
	bool stays =
		target && target->same_key && strcmp(target->version, account->cmk_version) == 0;

	if (!opens_data(account, key) || !(target ? wrap(world, account, target, key)
						  : seal_platform(world, account, key, NULL)))
		return refuse(refusal, CMK_BROKEN, "The account key could not be wrapped.");
	if (!stays)
		account->cmk_rotated_ms = target ? now_ms : 0;
	account->cmk_due = automatic ? now_ms / 1000 + DAY : 0;
	account->dark = false;
	account->checked_at = now_ms / 1000;
	account->changed_at = 0;
	return true;
}

bool
cmk_start(struct world *world, struct account *account, struct err *err)
{
	struct secret key = {0}, data = {0};
	bool ok;

	ok = secret_random(&key, ENVELOPE_KEY, err) && secret_random(&data, ENVELOPE_KEY, err) &&
	     envelope_seal(&key, "data key", data.bytes, data.len, account->sealed, err) &&
	     seal_platform(world, account, &key, err);
	secret_free(&key);
	secret_free(&data);
	return ok;
}
