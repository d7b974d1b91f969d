/* New keys and new versions, made here or brought by the caller. In a Managed HSM every key is an
 * HSM key, whatever was asked for; only there a public exponent can be chosen (both recorded).
 * Messages without a recording are the sandbox's own. */
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/kv/rotate.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"

enum { EXPONENT = 65537 };

struct wanted {
	const char *kty, *curve;
	unsigned bits;
	unsigned long exponent;
};

static const char rsa_ops[] =
	"[\"encrypt\",\"decrypt\",\"sign\",\"verify\",\"wrapKey\",\"unwrapKey\"]";
static const char rsa_ops_hsm[] =
	"[\"wrapKey\",\"decrypt\",\"encrypt\",\"unwrapKey\",\"sign\",\"verify\"]";
static const char ec_ops[] = "[\"sign\",\"verify\"]";
static const char ec_ops_hsm[] = "[\"verify\",\"sign\"]";

static const char *
curve_named(const char *name)
{
	static const char *const curves[] = {"P-256", "P-384", "P-521", "P-256K"};

	for (size_t i = 0; i < ARRAY_LEN(curves); i++)
		if (text_casecmp(name, curves[i]) == 0)
			return curves[i];
	return NULL;
}

/* The key type that the store makes of the one that is named; NULL when it has none of it. */
static const char *
type_named(const struct call *call, const char *kty)
{
	bool hsm = call->vault->kind == STORE_HSM || text_case_ends(kty, "-HSM");

	if (text_casecmp(kty, "RSA") == 0 || text_casecmp(kty, "RSA-HSM") == 0)
		return hsm ? "RSA-HSM" : "RSA";
	if (text_casecmp(kty, "EC") == 0 || text_casecmp(kty, "EC-HSM") == 0)
		return hsm ? "EC-HSM" : "EC";
	return NULL;
}

static bool
take_rsa(struct call *call, struct wanted *out)
{
	const json_t *size = call_member(call->json, "key_size");
	const json_t *exponent = call_member(call->json, "public_exponent");
	json_int_t bits = 2048, e = EXPONENT;

	if (size && !json_is_null(size))
		bits = json_integer_value(size);
	if (exponent && !json_is_null(exponent))
		e = json_integer_value(exponent);
	if (bits != 2048 && bits != 3072 && bits != 4096)
		return kv_bad(call,
			"Property key_size has invalid value: it must be 2048, 3072 or 4096.");
	if (e != EXPONENT && call->vault->kind == STORE_VAULT)
		return kv_bad(call,
			"Property public_exponent has invalid value: only keys of a Managed HSM have another one than 65537.");
	if (e < 3 || e % 2 == 0 || e > INT32_MAX)
		return kv_bad(call, "Property public_exponent has invalid value");
	out->bits = (unsigned)bits;
	out->exponent = (unsigned long)e;
	return true;
}

static bool
take_wanted(struct call *call, struct wanted *out)
{
	const char *kty = call_text(call->json, "kty"), *curve = call_text(call->json, "crv");

	if (!kty)
		return kv_bad(call, "Property kty is required");
	out->kty = type_named(call, kty);
	if (!out->kty)
		return kv_bad(call, "Property kty has invalid value: RSA, RSA-HSM, EC or EC-HSM.");
	if (out->kty[0] == 'R')
		return take_rsa(call, out);
	out->curve = curve_named(curve ? curve : "P-256");
	return out->curve || kv_bad(call, "Property crv has invalid value");
}

/* HSM keys exist in premium vaults and in Managed HSMs only. */
static bool
sku_ok(struct call *call, const char *kty)
{
	if (!text_case_ends(kty, "-HSM") || call->vault->kind == STORE_HSM ||
		text_casecmp(call->vault->sku, "premium") == 0)
		return true;
	return kv_bad(call,
		"HSM-backed keys are not supported by a vault of the standard SKU: choose premium.");
}

static const char *
default_ops(const struct call *call, bool curve)
{
	if (call->vault->kind == STORE_HSM)
		return curve ? ec_ops_hsm : rsa_ops_hsm;
	return curve ? ec_ops : rsa_ops;
}

static bool
below_limit(struct call *call, const char *name)
{
	struct key_version newest;

	if (call->vault->kind == STORE_VAULT ||
		!keys_find(call->world->db, call->arena, call->vault->id, name, "", &newest) ||
		keys_count(call->world->db, newest.key) < KV_HSM_VERSIONS)
		return true;
	return kv_bad(call, "A key of a Managed HSM can have at most 100 versions");
}

/* The lock must be held. */
static bool
may_make(struct call *call, const char *name, perm_set needs)
{
	return rights_key(call, call->vault, needs) && kv_name_free(call, name) &&
	       below_limit(call, name);
}

static bool
allowed(struct call *call, const char *name, perm_set needs)
{
	bool ok;

	if (!kv_name_ok(call, name))
		return false;
	db_lock(call->world->db);
	ok = may_make(call, name, needs);
	db_unlock(call->world->db);
	return ok;
}

/* Writes made as a new version of a key, whose name, kty, operations, attributes and tags are
 * filled, and answers its bundle. `needs` is the permission for it. Takes the lock. */
static void
store(struct call *call, struct key_version *key, const struct kv_made *made, perm_set needs)
{
	struct db *db = call->world->db;
	struct key_version again;
	json_t *json = NULL;

	db_begin(db);
	if (!may_make(call, key->name, needs)) {
		db_rollback(db);
		return;
	}
	key->material = kv_add(db, made);
	ident_version(key->version);
	keys_insert(db, call->vault->id, key);
	rotate_plan(db, call->arena, call->vault->id, key->name, call->now);
	if (key->material &&
		keys_find(db, call->arena, call->vault->id, key->name, key->version, &again))
		json = kv_bundle(call, &again);
	if (db_commit(db) && json) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

/* What create and import share of a new version. */
static bool
begin(struct call *call, const char *kty, const json_t *ops, struct key_version *out)
{
	*out = (struct key_version){
		.enabled = true, .created = call->now, .updated = call->now, .tags = ""};
	if (!text_copy(out->name, sizeof out->name, call->params[0]) ||
		!text_copy(out->kty, sizeof out->kty, kty))
		return kv_bad(call, "The request is too long");
	out->ops_text = default_ops(call, kty[0] == 'E');
	return sku_ok(call, kty) && kv_take_attributes(call, out) && kv_take_tags(call, out) &&
	       kv_take_ops(call, ops, out);
}

static bool
make(struct kv_made *made, const struct wanted *wanted, struct err *err)
{
	if (wanted->curve || wanted->exponent == EXPONENT)
		return kv_make(made, wanted->bits, wanted->curve, err);
	*made = (struct kv_made){.rsa = rsa_make(wanted->bits, wanted->exponent, err)};
	return made->rsa != NULL;
}

void
kv_create(struct call *call)
{
	struct key_version key;
	struct wanted wanted = {0};
	struct kv_made made;
	struct err err;

	if (!allowed(call, call->params[0], PERM_CREATE) || !take_wanted(call, &wanted) ||
		!begin(call, wanted.kty, call_member(call->json, "key_ops"), &key))
		return;
	if (!make(&made, &wanted, &err)) {
		reply_broken(call);
		return;
	}
	store(call, &key, &made, PERM_CREATE);
	kv_made_free(&made);
}

enum { NUMBERS = 8, NUMBER_MAX = RSA_BYTES_MAX + 1 };

struct numbers {
	unsigned char bytes[NUMBERS][NUMBER_MAX];
	size_t len[NUMBERS];
};

static bool
take_numbers(struct call *call, const json_t *jwk, const char *const *names, size_t count,
	struct numbers *out)
{
	for (size_t i = 0; i < count; i++)
		if (!kv_take_bytes(call, jwk, names[i], out->bytes[i], NUMBER_MAX, &out->len[i]))
			return false;
	return true;
}

/* Sizes: documentation "Import HSM-protected keys" and keys.json. */
static bool
import_rsa(struct call *call, const json_t *jwk, struct numbers *in, struct kv_made *made)
{
	static const char *const names[NUMBERS] = {"n", "e", "d", "p", "q", "dp", "dq", "qi"};
	unsigned bits;

	if (!take_numbers(call, jwk, names, NUMBERS, in))
		return false;
	made->rsa = rsa_import(&(struct rsa_numbers){.n = {in->bytes[0], in->len[0]},
				       .e = {in->bytes[1], in->len[1]},
				       .d = {in->bytes[2], in->len[2]},
				       .p = {in->bytes[3], in->len[3]},
				       .q = {in->bytes[4], in->len[4]},
				       .dp = {in->bytes[5], in->len[5]},
				       .dq = {in->bytes[6], in->len[6]},
				       .qi = {in->bytes[7], in->len[7]}},
		NULL);
	if (!made->rsa)
		return kv_bad(call, "Property key has invalid value: its numbers are no RSA key.");
	bits = rsa_bits(made->rsa);
	return bits == 2048 || bits == 3072 || bits == 4096 ||
	       kv_bad(call, "Property key has invalid value: 2048, 3072 or 4096 bits are taken.");
}

static bool
import_curve(struct call *call, const json_t *jwk, struct numbers *in, struct kv_made *made)
{
	static const char *const names[] = {"d", "x", "y"};
	const char *curve = call_text(jwk, "crv");
	size_t size;

	made->curve = curve ? curve_named(curve) : NULL;
	if (!made->curve)
		return kv_bad(call, "Property crv has invalid value");
	if (!take_numbers(call, jwk, names, ARRAY_LEN(names), in))
		return false;
	if (!ec_import(made->curve,
		    &(struct ec_numbers){{in->bytes[0], in->len[0]}, {in->bytes[1], in->len[1]},
			    {in->bytes[2], in->len[2]}},
		    &made->der, NULL))
		return kv_bad(call,
			"Property key has invalid value: its numbers are no key on the curve.");
	size = ec_size(made->curve);
	memcpy(made->x + size - in->len[1], in->bytes[1], in->len[1]);
	memcpy(made->y + size - in->len[2], in->bytes[2], in->len[2]);
	return true;
}

/* The type that a JWK becomes: Hsm asks for an HSM key of a software key's numbers. */
static const char *
imported_type(struct call *call, const json_t *jwk)
{
	const char *kty = call_text(jwk, "kty"), *type;
	const json_t *hsm = call_member(call->json, "Hsm");
	const char *token = call_text(jwk, "key_hsm");

	if (!json_is_object(jwk) || !kty) {
		kv_bad(call, jwk ? "Property kty is required" : "Property key is required");
		return NULL;
	}
	type = type_named(call, kty);
	if (!type || token) {
		kv_bad(call,
			token ? "Property key_hsm has invalid value: no transfer blob of this HSM."
			      : "Property kty has invalid value: RSA, RSA-HSM, EC or EC-HSM.");
		return NULL;
	}
	if (json_is_true(hsm) || text_case_ends(kty, "-HSM"))
		return type[0] == 'R' ? "RSA-HSM" : "EC-HSM";
	return type;
}

void
kv_import(struct call *call)
{
	const json_t *jwk = call_member(call->json, "key");
	struct kv_made made = {0};
	struct key_version key;
	struct numbers *numbers;
	const char *kty;

	if (!allowed(call, call->params[0], PERM_IMPORT))
		return;
	kty = imported_type(call, jwk);
	if (!kty || !begin(call, kty, call_member(jwk, "key_ops"), &key))
		return;
	numbers = mem_alloc(sizeof *numbers);
	if (kty[0] == 'R' ? import_rsa(call, jwk, numbers, &made)
			  : import_curve(call, jwk, numbers, &made))
		store(call, &key, &made, PERM_IMPORT);
	secret_wipe(numbers, sizeof *numbers);
	free(numbers);
	kv_made_free(&made);
}
