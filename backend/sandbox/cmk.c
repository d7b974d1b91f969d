/* What real Automation answers to most of these refusals is not established. Where no text is
 * known, the codes and first sentences are those that Storage is reported to send for the same
 * cause (KeyVaultPolicyError, KeyVaultAuthenticationFailure; azure-cli 12346 and 17914, AVM 391),
 * with the cause spelt out behind. Needed rights: get, recover, wrapKey and unwrapKey in an access
 * policy ("Encryption of secure assets in Azure Automation"); the role without recover suffices
 * where roles decide. */
#include "backend/sandbox/cmk.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/access.h"
#include "backend/sandbox/keyring.h"
#include "backend/sandbox/keys.h"
#include "backend/sandbox/vaults.h"
#include "crypto/rsa.h"

#define AUTHENTICATION_FAILED \
	"The operation failed because of authentication issue on the keyvault. "

static bool refuse(struct cmk_refusal *refusal, const char *code, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

static bool
refuse(struct cmk_refusal *refusal, const char *code, const char *fmt, ...)
{
	va_list ap;

	refusal->status = 400;
	refusal->code = code;
	va_start(ap, fmt);
	vsnprintf(refusal->message, sizeof refusal->message, fmt, ap);
	va_end(ap);
	return false;
}

static bool
check_vault(struct world *world, struct arena *arena, const char *name, struct vault *vault,
	struct cmk_refusal *refusal)
{
	char tenant[40];

	db_meta(world->db, "tenant", tenant, sizeof tenant);
	if (!vaults_find(world->db, arena, name, vault))
		return refuse(refusal, "KeyVaultVaultNotFound",
			"The key vault is not found. No vault is named '%s'.", name);
	if (text_casecmp(vault->tenant, tenant) != 0)
		return refuse(refusal, "KeyVaultAuthenticationFailure",
			AUTHENTICATION_FAILED
			"The vault '%s' belongs to another tenant ('%s') than the account's identity ('%s').",
			vault->name, vault->tenant, tenant);
	return true;
}

static bool
check_rights(struct world *world, const struct account *account, const struct vault *vault,
	perm_set needed, struct cmk_refusal *refusal)
{
	char tenant[40], missing[120];
	perm_set lacks;

	if (vault->rbac)
		needed &= ~(perm_set)PERM_RECOVER;
	db_meta(world->db, "tenant", tenant, sizeof tenant);
	lacks = needed & ~access_key_rights(world, vault, tenant, account->principal);
	if (!lacks)
		return true;
	return refuse(refusal, "KeyVaultAuthenticationFailure",
		AUTHENTICATION_FAILED
		"The identity '%s' does not have the keys permissions '%s' on key vault '%s'.",
		account->principal, perm_print(lacks, missing, sizeof missing), vault->name);
}

static bool
check_state(const struct key_version *key, perm_set op, time_t now, struct cmk_refusal *refusal)
{
	switch (keys_state(key, op, now)) {
	case KEY_USABLE:
		return true;
	case KEY_DISABLED:
		return refuse(refusal, "KeyVaultAuthenticationFailure",
			AUTHENTICATION_FAILED "Operation %s is not allowed on a disabled key.",
			perm_name(op));
	case KEY_EXPIRED:
		return refuse(refusal, "KeyVaultAuthenticationFailure",
			AUTHENTICATION_FAILED "Operation %s is not allowed on an expired key.",
			perm_name(op));
	case KEY_NOT_YET:
		return refuse(refusal, "KeyVaultAuthenticationFailure",
			AUTHENTICATION_FAILED
			"Operation %s is not allowed on a key that is not yet valid.",
			perm_name(op));
	case KEY_NOT_PERMITTED:
		break;
	}
	return refuse(refusal, "KeyVaultAuthenticationFailure",
		AUTHENTICATION_FAILED "Operation %s is not permitted on this key.", perm_name(op));
}

bool
cmk_check(struct world *world, struct arena *arena, const struct account *account,
	struct cmk_target *target, time_t now, struct cmk_refusal *refusal)
{
	struct key_version key;
	struct vault vault;

	if (!account->principal[0])
		return refuse(refusal, "BadRequest",
			"Managed Service Identity (MSI) is not set for this account.");
	if (!check_vault(world, arena, target->vault, &vault, refusal))
		return false;
	if (!vault.soft_delete || !vault.purge_protection)
		return refuse(refusal, "KeyVaultPolicyError",
			"Keyvault policy recoverable is not set. %s must be enabled on key vault '%s'.",
			vault.soft_delete ? "Purge protection" : "Soft delete", vault.name);
	if (!check_rights(world, account, &vault, PERM_GET | PERM_WRAP | PERM_UNWRAP | PERM_RECOVER,
		    refusal))
		return false;
	if (!keys_find(world->db, arena, vault.id, target->key, target->version, &key))
		return refuse(refusal, "KeyVaultEncryptionKeyNotFound",
			"The key vault key is not found to unwrap the encryption key. A key with (name/id) %s/%s was not found in key vault '%s'.",
			target->key, target->version, vault.name);
	if (strncmp(key.kty, "RSA", 3) != 0)
		return refuse(refusal, "BadRequest",
			"The key '%s' is of type %s; only RSA keys can be used.", key.name,
			key.kty);
	if (!check_state(&key, PERM_WRAP, now, refusal) ||
		!check_state(&key, PERM_UNWRAP, now, refusal))
		return false;
	memcpy(target->vault, vault.name, sizeof target->vault);
	memcpy(target->key, key.name, sizeof target->key);
	memcpy(target->version, key.version, sizeof target->version);
	target->material = key.material;
	return true;
}

static bool
open_platform(struct world *world, const struct account *account, struct secret *out,
	struct cmk_refusal *refusal)
{
	return envelope_open(&world->platform, account->account, account->wrapped,
		       account->wrapped_len, out, NULL) ||
	       refuse(refusal, "InternalServerError",
		       "The account key cannot be opened with the platform's key.");
}

/* Whether the identity may unwrap with the key that protects the account now. */
static bool
check_current(struct world *world, struct arena *arena, const struct account *account, time_t now,
	int64_t *material, struct cmk_refusal *refusal)
{
	struct key_version key;
	struct vault vault;

	if (!account->principal[0])
		return refuse(refusal, "KeyVaultAccessTokenCannotBeAcquired",
			"The access token for the key vault cannot be acquired: the account has no identity.");
	if (!check_vault(world, arena, account->cmk_vault, &vault, refusal) ||
		!check_rights(world, account, &vault, PERM_GET | PERM_UNWRAP, refusal))
		return false;
	if (!keys_find(world->db, arena, vault.id, account->cmk_key, account->cmk_version, &key))
		return refuse(refusal, "KeyVaultEncryptionKeyNotFound",
			"The key vault key is not found to unwrap the encryption key.");
	*material = key.material;
	return check_state(&key, PERM_UNWRAP, now, refusal);
}

bool
cmk_open(struct world *world, struct arena *arena, const struct account *account, time_t now,
	struct secret *out, struct cmk_refusal *refusal)
{
	const struct rsa_key *key;
	struct rsa_cipher how;
	int64_t material;
	bool ok;

	if (!account->cmk_vault[0])
		return open_platform(world, account, out, refusal);
	db_lock(world->db);
	ok = check_current(world, arena, account, now, &material, refusal);
	db_unlock(world->db);
	if (!ok)
		return false;
	key = keyring_hold(world->keyring, material, NULL);
	ok = key && rsa_cipher_named("RSA-OAEP-256", &how) &&
	     rsa_decrypt(key, &how, account->wrapped, account->wrapped_len, out, NULL);
	if (key)
		keyring_drop(world->keyring, key);
	return ok || refuse(refusal, "KeyVaultEncryptionKeyNotFound",
			     "The key vault key does not unwrap the encryption key.");
}

/* The proof that the account's data stays readable: the data key opens with the account key. */
static bool
opens_data(const struct account *account, const struct secret *key)
{
	struct secret data = {0};
	bool ok = envelope_open(
		key, "data key", account->sealed, sizeof account->sealed, &data, NULL);

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
	memcpy(account->cmk_vault, target->vault, sizeof account->cmk_vault);
	memcpy(account->cmk_key, target->key, sizeof account->cmk_key);
	memcpy(account->cmk_version, target->version, sizeof account->cmk_version);
	account->cmk_slash = target->slash;
	return true;
}

static bool
seal_platform(
	struct world *world, struct account *account, const struct secret *key, struct err *err)
{
	bool ok = envelope_seal(
		&world->platform, account->account, key->bytes, key->len, account->wrapped, err);

	account->wrapped_len = ENVELOPE_KEY + ENVELOPE_OVERHEAD;
	account->cmk_vault[0] = account->cmk_key[0] = account->cmk_version[0] = '\0';
	account->cmk_slash = false;
	return ok;
}

bool
cmk_close(struct world *world, struct account *account, const struct cmk_target *target,
	const struct secret *key, struct cmk_refusal *refusal)
{
	if (opens_data(account, key) && (target ? wrap(world, account, target, key)
						: seal_platform(world, account, key, NULL)))
		return true;
	refuse(refusal, "InternalServerError", "The account key could not be wrapped.");
	refusal->status = 500;
	return false;
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
