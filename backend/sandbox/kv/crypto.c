/* The six operations with a key. Rules: documentation "About keys", keys.json 7.4; KeyDisabled is
 * known from the same refusal of secrets (recorded). Not established are the inner codes for a key
 * outside its time (KeyExpired, KeyNotYetValid) and for an operation that key_ops lacks
 * (KeyOperationForbidden): the status, 403, is documented. */
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/rows/keyring.h"
#include "backend/sandbox/rows/keys.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/reply.h"
#include "crypto/b64.h"

static const struct operation {
	const char *name, *title;
	perm_set perm;
	enum { ENCRYPT, DECRYPT, SIGN, VERIFY } does;
} operations[] = {
	{"wrapkey", "wrapKey", PERM_WRAP, ENCRYPT},
	{"unwrapkey", "unwrapKey", PERM_UNWRAP, DECRYPT},
	{"encrypt", "encrypt", PERM_ENCRYPT, ENCRYPT},
	{"decrypt", "decrypt", PERM_DECRYPT, DECRYPT},
	{"sign", "sign", PERM_SIGN, SIGN},
	{"verify", "verify", PERM_VERIFY, VERIFY},
};

struct input {
	const char *alg;
	unsigned char value[RSA_BYTES_MAX], digest[DIGEST_MAX];
	size_t value_len, digest_len;
};

static const struct operation *
find_operation(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(operations); i++)
		if (text_casecmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}

/* Whether the key's own state allows the operation; otherwise 403. */
static bool
state_ok(struct call *call, const struct key_version *key, const struct operation *op)
{
	const char *inner = "KeyDisabled", *tail = "not allowed on a disabled key";

	switch (keys_state(key, op->perm, call->now)) {
	case KEY_USABLE:
		return true;
	case KEY_DISABLED:
		break;
	case KEY_EXPIRED:
		inner = "KeyExpired";
		tail = "not allowed on an expired key";
		break;
	case KEY_NOT_YET:
		inner = "KeyNotYetValid";
		tail = "not allowed on a key that is not yet valid";
		break;
	case KEY_NOT_PERMITTED:
		inner = "KeyOperationForbidden";
		tail = "not permitted on this key";
		break;
	}
	reply_vault_error(call, 403, "Forbidden", inner, "Operation %s is %s.", op->title, tail);
	return false;
}

/* Rights, key and its state; the lock is taken and given back. */
static bool
find_key(struct call *call, const struct operation *op, struct key_version *out)
{
	const char *name = call->params[0], *version = call->params_len > 2 ? call->params[1] : "";
	struct db *db = call->world->db;
	bool ok;

	db_lock(db);
	ok = rights_key(call, call->vault, op->perm);
	if (ok && !keys_find(db, call->arena, call->vault->id, name, version, out))
		ok = kv_refuse_missing(call, name, version);
	ok = ok && state_ok(call, out, op);
	db_unlock(db);
	return ok;
}

static bool
take_input(struct call *call, const struct operation *op, struct input *in)
{
	in->alg = call_text(call->json, "alg");
	if (!in->alg)
		return kv_bad(call, "Property alg is required");
	if (op->does == VERIFY && !kv_take_bytes(call, call->json, "digest", in->digest,
					  sizeof in->digest, &in->digest_len))
		return false;
	if (op->does == SIGN)
		return kv_take_bytes(
			call, call->json, "value", in->digest, sizeof in->digest, &in->digest_len);
	return kv_take_bytes(
		call, call->json, "value", in->value, sizeof in->value, &in->value_len);
}

static bool
wrong_algorithm(struct call *call, const char *alg)
{
	reply_vault_error(call, 400, "BadParameter", NULL,
		"Key and algorithm are incompatible, or the algorithm is not supported: %s", alg);
	return false;
}

static bool
wrong_length(struct call *call, const char *alg, size_t has, size_t needs)
{
	reply_vault_error(call, 400, "BadParameter", NULL,
		"Invalid length of value: %zu bytes. %s requires %zu bytes, encoded with base64url.",
		has, alg, needs);
	return false;
}

/* Managed HSMs repeat the algorithm (recorded). */
static void
reply_value(struct call *call, const struct key_version *key, const char *alg, const void *bytes,
	size_t len)
{
	char text[RSA_BYTES_MAX * 2];
	json_t *json;

	b64_encode(text, bytes, len);
	json = json_pack("{s:o,s:s}", "kid", kv_kid(call, key, true), "value", text);
	if (call->vault->kind == STORE_HSM)
		json_object_set_new(json, "alg", json_string(alg));
	reply_json(call, 200, json);
	secret_wipe(text, sizeof text);
}

/* The service gives no reason for a ciphertext that does not open. */
static bool
cipher(struct call *call, const struct operation *op, const struct key_version *key,
	const struct rsa_key *rsa, const struct input *in)
{
	unsigned char out[RSA_BYTES_MAX];
	struct rsa_cipher how;
	struct secret plain = {0};
	size_t len;

	if (!rsa_cipher_named(in->alg, &how))
		return wrong_algorithm(call, in->alg);
	if (op->does == ENCRYPT) {
		if (!rsa_encrypt(rsa, &how, in->value, in->value_len, out, &len, NULL))
			return kv_bad(call, "The parameter is incorrect.\r\n");
		reply_value(call, key, in->alg, out, len);
		return true;
	}
	if (!rsa_decrypt(rsa, &how, in->value, in->value_len, &plain, NULL))
		return kv_bad(call, "The parameter is incorrect.\r\n");
	reply_value(call, key, in->alg, plain.bytes, plain.len);
	secret_free(&plain);
	return true;
}

static bool
signature(struct call *call, const struct operation *op, const struct key_version *key,
	const struct rsa_key *rsa, const struct input *in)
{
	unsigned char out[RSA_BYTES_MAX];
	struct rsa_signature how;
	size_t len;

	if (!rsa_signature_named(in->alg, &how))
		return wrong_algorithm(call, in->alg);
	if (in->digest_len != digest_size(how.digest))
		return wrong_length(call, in->alg, in->digest_len, digest_size(how.digest));
	if (op->does == VERIFY) {
		reply_json(call, 200,
			json_pack("{s:b}", "value",
				rsa_verify(rsa, &how, in->digest, in->value, in->value_len)));
		return true;
	}
	if (!rsa_sign(rsa, &how, in->digest, out, &len, NULL))
		return kv_bad(call, "The parameter is incorrect.\r\n");
	reply_value(call, key, in->alg, out, len);
	return true;
}

static void
with_rsa(struct call *call, const struct operation *op, const struct key_version *key,
	const struct input *in)
{
	const struct rsa_key *rsa = keyring_hold(call->world->keyring, key->material, NULL);

	if (!rsa) {
		reply_broken(call);
		return;
	}
	if (op->does == ENCRYPT || op->does == DECRYPT)
		(void)cipher(call, op, key, rsa, in);
	else
		(void)signature(call, op, key, rsa, in);
	keyring_drop(call->world->keyring, rsa);
}

static bool
load_ec(struct call *call, const struct key_version *key, struct secret *out)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;

	db_lock(db);
	stmt = db_ask(db, "SELECT private FROM material WHERE id=?", "i", key->material);
	if (db_next(db, stmt)) {
		secret_set(
			out, sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
		db_done(stmt);
	}
	db_unlock(db);
	return out->len > 0;
}

static void
with_curve(struct call *call, const struct operation *op, const struct key_version *key,
	const struct input *in)
{
	static const struct {
		const char *alg, *curve;
		size_t digest;
	} known[] = {
		{"ES256", "P-256", 32},
		{"ES384", "P-384", 48},
		{"ES512", "P-521", 64},
		{"ES256K", "P-256K", 32},
	};
	unsigned char out[EC_SIGNATURE_MAX];
	size_t size = ec_size(key->curve), i;
	struct secret der = {0};

	for (i = 0; i < ARRAY_LEN(known); i++)
		if (text_casecmp(known[i].alg, in->alg) == 0 &&
			strcmp(known[i].curve, key->curve) == 0)
			break;
	if (i == ARRAY_LEN(known) || op->does == ENCRYPT || op->does == DECRYPT) {
		wrong_algorithm(call, in->alg);
	} else if (in->digest_len != known[i].digest) {
		wrong_length(call, in->alg, in->digest_len, known[i].digest);
	} else if (!load_ec(call, key, &der)) {
		reply_broken(call);
	} else if (op->does == VERIFY) {
		reply_json(call, 200,
			json_pack("{s:b}", "value",
				in->value_len == 2 * size && ec_verify(&der, key->curve, in->digest,
								     in->digest_len, in->value)));
	} else if (ec_sign(&der, key->curve, in->digest, in->digest_len, out, NULL)) {
		reply_value(call, key, in->alg, out, 2 * size);
	} else {
		reply_broken(call);
	}
	secret_free(&der);
}

void
kv_crypto(struct call *call)
{
	const struct operation *op = find_operation(call->params[call->params_len - 1]);
	struct key_version key;
	struct input in = {0};

	if (!op && text_casecmp(call->params[call->params_len - 1], "release") == 0) {
		kv_bad(call, "The key is not exportable: it cannot be released.");
		return;
	}
	if (!op) {
		reply_vault_error(call, 404, "NotFound", NULL,
			"The requested operation is not known: %s %s", call->method, call->path);
		return;
	}
	if (!kv_name_ok(call, call->params[0]) || !find_key(call, op, &key) ||
		!take_input(call, op, &in))
		return;
	if (strncmp(key.kty, "RSA", 3) == 0)
		with_rsa(call, op, &key, &in);
	else
		with_curve(call, op, &key, &in);
	secret_wipe(&in, sizeof in);
}
