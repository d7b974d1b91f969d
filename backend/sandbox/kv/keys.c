/* Keys of a vault's data plane: everything but cryptography. Shapes: recordings of azure-cli,
 * azure-sdk-for-go and -js; keys.json 7.4. A disabled key is still read with 200 (recorded), a
 * version list of an unknown key is empty (recorded). */
#include <stdlib.h>
#include <string.h>

#include "backend/azure/keyid.h"
#include "backend/base/text.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/rows/keyring.h"
#include "backend/sandbox/rows/keys.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"

bool
kv_name_ok(struct call *call, const char *name)
{
	if (keyid_is_key_name(name))
		return true;
	reply_vault_error(call, 400, "BadParameter", NULL,
		"The request URI contains an invalid name: %s", name);
	return false;
}

void
kv_refuse_missing(struct call *call, const char *name, const char *version)
{
	reply_vault_error(call, 404, "KeyNotFound", NULL,
		"A key with (name/id) %s%s%s was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
		name, version[0] ? "/" : "", version);
}

bool
kv_bad(struct call *call, const char *message)
{
	reply_vault_error(call, 400, "BadParameter", NULL, "%s", message);
	return false;
}

/* Waits for key material that a seed has promised; its numbers are part of the bundle. */
static bool
await_material(struct call *call, const char *name, const char *version)
{
	struct db *db = call->world->db;
	struct key_version key;
	bool found;

	db_lock(db);
	found = keys_find(db, call->arena, call->vault->id, name, version, &key);
	db_unlock(db);
	if (!found || key.x[0] || keymaker_wait(call->world->maker, key.material))
		return true;
	reply_broken(call);
	return false;
}

static void
get_key(struct call *call)
{
	const char *name = call->params[0], *version = call->params_len > 1 ? call->params[1] : "";
	struct db *db = call->world->db;
	struct key_version key;

	if (!kv_name_ok(call, name) || !await_material(call, name, version))
		return;
	db_lock(db);
	if (rights_key(call, call->vault, PERM_GET)) {
		if (keys_find(db, call->arena, call->vault->id, name, version, &key))
			reply_json(call, 200, keys_bundle(&key, call->vault, &call->naming));
		else
			kv_refuse_missing(call, name, version);
	}
	db_unlock(db);
}

/* The rows of a page, and the marker it continues after: the key's name or the version. */
static bool
take_page(struct call *call, int64_t *page, const char **after)
{
	const char *text = call_query(call, "maxresults");
	char *end = NULL;

	*after = call_query(call, "$skiptoken");
	if (!*after)
		*after = "";
	*page = text ? strtol(text, &end, 10) : 25;
	if (text && (!*text || *end || *page < 1 || *page > 25))
		return kv_bad(call, "Invalid value for maxresults: it must be between 1 and 25.");
	return true;
}

/* Public names come with :443, as real vaults write it (recorded); local ones have their port. */
static json_t *
next_link(struct call *call, const char *marker)
{
	const char *most = call_query(call, "maxresults");
	char base[NAMES_URL];

	names_store(&call->naming, call->vault->kind, call->vault->name, base);
	return json_sprintf("%s%s%s?api-version=%s&$skiptoken=%s%s%s", base,
		call->naming.cloud ? ":443" : "", call->path, call->api_version, marker,
		most ? "&maxresults=" : "", most ? most : "");
}

static void
reply_page(struct call *call, sqlite3_stmt *stmt, int64_t page, bool versions)
{
	struct db *db = call->world->db;
	json_t *value = json_array(), *next = NULL;
	struct key_version key, last = {0};

	while (db_next(db, stmt)) {
		if ((int64_t)json_array_size(value) == page) {
			next = next_link(call, versions ? last.version : last.name);
			db_done(stmt);
			break;
		}
		keys_read(stmt, call->arena, &key);
		json_array_append_new(value, keys_item(&key, call->vault, &call->naming, versions));
		last = key;
	}
	reply_json(call, 200,
		json_pack("{s:o,s:o}", "value", value, "nextLink", next ? next : json_null()));
}

static void
list_keys(struct call *call)
{
	struct db *db = call->world->db;
	const char *after;
	int64_t page;

	if (!take_page(call, &page, &after))
		return;
	db_lock(db);
	if (rights_key(call, call->vault, PERM_LIST))
		reply_page(call, db_ask(db, keys_of_vault, "iti", call->vault->id, after, page + 1),
			page, false);
	db_unlock(db);
}

static void
list_versions(struct call *call)
{
	struct db *db = call->world->db;
	const char *after;
	int64_t page;

	if (!kv_name_ok(call, call->params[0]) || !take_page(call, &page, &after))
		return;
	db_lock(db);
	if (rights_key(call, call->vault, PERM_LIST))
		reply_page(call,
			db_ask(db, versions_of_key, "itti", call->vault->id, call->params[0], after,
				page + 1),
			page, true);
	db_unlock(db);
}

static bool
take_time(struct call *call, const json_t *attributes, const char *name, int64_t *out)
{
	const json_t *value = call_member(attributes, name);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 1)
		return kv_bad(call,
			"Property attributes has invalid value: nbf and exp are seconds since 1970.");
	*out = json_integer_value(value);
	return true;
}

static bool
take_attributes(struct call *call, struct key_version *key)
{
	const json_t *attributes = call_member(call->json, "attributes");
	const json_t *enabled = call_member(attributes, "enabled");

	if (attributes && !json_is_null(attributes) && !json_is_object(attributes))
		return kv_bad(call, "Property attributes has invalid value");
	if (enabled && !json_is_null(enabled) && !json_is_boolean(enabled))
		return kv_bad(call, "Property enabled has invalid value");
	if (json_is_boolean(enabled))
		key->enabled = json_is_true(enabled);
	if (!take_time(call, attributes, "nbf", &key->nbf) ||
		!take_time(call, attributes, "exp", &key->exp))
		return false;
	if (key->nbf && key->exp && key->nbf >= key->exp)
		return kv_bad(
			call, "Property attributes has invalid value: exp must be later than nbf.");
	return true;
}

static const char *
dumped(struct call *call, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const char *kept = arena_strdup(call->arena, text);

	free(text);
	return kept;
}

static bool
take_tags(struct call *call, struct key_version *key)
{
	json_t *tags = call_member(call->json, "tags");

	if (!tags || json_is_null(tags))
		return true;
	if (!call_is_texts(tags, 256, 256) || json_object_size(tags) > 15)
		return kv_bad(call,
			"Property tags has invalid value: at most 15 pairs of texts of at most 256 characters.");
	key->tags = json_object_size(tags) ? dumped(call, tags) : "";
	return true;
}

static bool
take_ops(struct call *call, struct key_version *key)
{
	static const perm_set allowed = PERM_ENCRYPT | PERM_DECRYPT | PERM_SIGN | PERM_VERIFY |
					PERM_WRAP | PERM_UNWRAP | PERM_IMPORT;
	json_t *ops = call_member(call->json, "key_ops");

	if (!ops || json_is_null(ops))
		return true;
	if (!json_is_array(ops))
		return kv_bad(call, "Property key_ops has invalid value");
	for (size_t i = 0; i < json_array_size(ops); i++) {
		const char *word = json_string_value(json_array_get(ops, i));

		if (!word || !(perm_parse(word) & allowed))
			return kv_bad(call, "Property key_ops has invalid value");
	}
	key->ops_text = dumped(call, ops);
	return true;
}

static void
update_key(struct call *call)
{
	const char *name = call->params[0], *version = call->params_len > 1 ? call->params[1] : "";
	struct db *db = call->world->db;
	struct key_version key;
	json_t *json;

	if (!kv_name_ok(call, name) || !await_material(call, name, version))
		return;
	db_begin(db);
	if (!rights_key(call, call->vault, PERM_UPDATE)) {
		db_rollback(db);
		return;
	}
	if (!keys_find(db, call->arena, call->vault->id, name, version, &key)) {
		kv_refuse_missing(call, name, version);
		db_rollback(db);
		return;
	}
	if (!take_attributes(call, &key) || !take_tags(call, &key) || !take_ops(call, &key)) {
		db_rollback(db);
		return;
	}
	key.updated = call->now;
	keys_update(db, &key);
	json = keys_bundle(&key, call->vault, &call->naming);
	if (db_commit(db)) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

struct wanted {
	const char *kty, *curve;
	unsigned bits;
};

static bool
take_wanted(struct call *call, struct wanted *out)
{
	static const char *const curves[] = {"P-256", "P-384", "P-521", "P-256K"};
	const char *kty = call_text(call->json, "kty"), *curve = call_text(call->json, "crv");
	const json_t *size = call_member(call->json, "key_size");

	if (!kty)
		return kv_bad(call, "Property kty is required");
	*out = (struct wanted){.kty = "RSA", .bits = 2048};
	if (text_casecmp(kty, "RSA") == 0 || text_casecmp(kty, "RSA-HSM") == 0) {
		if (text_casecmp(kty, "RSA-HSM") == 0)
			out->kty = "RSA-HSM";
		if (size && !json_is_null(size))
			out->bits = (unsigned)json_integer_value(size);
		return out->bits == 2048 || out->bits == 3072 || out->bits == 4096 ||
		       kv_bad(call,
			       "Property key_size has invalid value: it must be 2048, 3072 or 4096.");
	}
	if (text_casecmp(kty, "EC") != 0 && text_casecmp(kty, "EC-HSM") != 0)
		return kv_bad(call, "Property kty has invalid value: RSA, RSA-HSM, EC or EC-HSM.");
	out->kty = text_casecmp(kty, "EC") == 0 ? "EC" : "EC-HSM";
	for (size_t i = 0; i < ARRAY_LEN(curves); i++)
		if (text_casecmp(curve ? curve : "P-256", curves[i]) == 0)
			out->curve = curves[i];
	return out->curve || kv_bad(call, "Property crv has invalid value");
}

/* RSA-HSM keys exist in premium vaults only. */
static bool
sku_ok(struct call *call, const struct wanted *wanted)
{
	if (!text_case_ends(wanted->kty, "-HSM") || text_casecmp(call->vault->sku, "premium") == 0)
		return true;
	return kv_bad(call,
		"AKV.SKR.1008: HSM-backed keys are not supported by a vault of the standard SKU.");
}

/* A deleted key keeps its name. */
static bool
name_free(struct call *call, const char *name)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt =
		db_ask(db, "SELECT 1 FROM key WHERE vault=? AND name=? AND deleted_at IS NOT NULL",
			"it", call->vault->id, name);
	bool deleted = db_next(db, stmt);

	if (!deleted)
		return true;
	db_done(stmt);
	reply_vault_error(call, 409, "Conflict", "ObjectIsDeletedButRecoverable",
		"Key %s is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.",
		name);
	return false;
}

static bool
allowed(struct call *call, const char *name)
{
	bool ok;

	db_lock(call->world->db);
	ok = rights_key(call, call->vault, PERM_CREATE) && name_free(call, name);
	db_unlock(call->world->db);
	return ok;
}

static void
store_key(struct call *call, struct key_version *key, const struct kv_made *made)
{
	struct db *db = call->world->db;
	struct key_version again;
	json_t *json = NULL;

	db_begin(db);
	if (!rights_key(call, call->vault, PERM_CREATE) || !name_free(call, key->name)) {
		db_rollback(db);
		return;
	}
	key->material = kv_add(db, made);
	ident_version(key->version);
	keys_insert(db, call->vault->id, key);
	if (key->material &&
		keys_find(db, call->arena, call->vault->id, key->name, key->version, &again))
		json = keys_bundle(&again, call->vault, &call->naming);
	if (db_commit(db) && json) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

static void
create_key(struct call *call)
{
	static const char rsa_ops[] =
		"[\"encrypt\",\"decrypt\",\"sign\",\"verify\",\"wrapKey\",\"unwrapKey\"]";
	struct key_version key = {
		.enabled = true, .created = call->now, .updated = call->now, .tags = ""};
	struct wanted wanted = {0};
	struct kv_made made;
	struct err err;

	if (!kv_name_ok(call, call->params[0]) || !allowed(call, call->params[0]) ||
		!take_wanted(call, &wanted) || !sku_ok(call, &wanted) ||
		!take_attributes(call, &key) || !take_tags(call, &key))
		return;
	key.ops_text = wanted.curve ? "[\"sign\",\"verify\"]" : rsa_ops;
	if (!take_ops(call, &key))
		return;
	if (!text_copy(key.name, sizeof key.name, call->params[0]) ||
		!text_copy(key.kty, sizeof key.kty, wanted.kty) ||
		!kv_make(&made, wanted.bits, wanted.curve, &err)) {
		reply_broken(call);
		return;
	}
	store_key(call, &key, &made);
	kv_made_free(&made);
}

const struct route kv_key_routes[] = {
	{ROUTE_KEYS, VERB_GET, "/keys", NULL, 0, list_keys},
	{ROUTE_KEYS, VERB_POST, "/keys/{}/create", NULL, ROUTE_JSON, create_key},
	{ROUTE_KEYS, VERB_GET, "/keys/{}/versions", NULL, 0, list_versions},
	{ROUTE_KEYS, VERB_GET, "/keys/{}", NULL, 0, get_key},
	{ROUTE_KEYS, VERB_GET, "/keys/{}/{}", NULL, 0, get_key},
	{ROUTE_KEYS, VERB_PATCH, "/keys/{}", NULL, ROUTE_JSON, update_key},
	{ROUTE_KEYS, VERB_PATCH, "/keys/{}/{}", NULL, ROUTE_JSON, update_key},
	{ROUTE_KEYS, VERB_POST, "/keys/{}/{}", NULL, ROUTE_JSON, kv_crypto},
	{ROUTE_KEYS, VERB_POST, "/keys/{}/{}/{}", NULL, ROUTE_JSON, kv_crypto},
};
const size_t kv_key_routes_len = ARRAY_LEN(kv_key_routes);
