/* How keys are written. Attributes came over the years: recoverableDays with 7.1, exportable with
 * 7.3, hsmPlatform with 7.5 (recordings of each version); Managed HSMs began with 7.2, always show
 * the first two and never the third, and sort the members of every object (serve.c). */
#include <stdlib.h>
#include <string.h>

#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/reply.h"

enum { DAY = 86400 };

/* Whether the API version of the call is 7.minor or later. Versions named by a date are the oldest
 * and the newest ones. */
static bool
since(const struct call *call, long minor)
{
	const char *version = call->api_version;

	if (strncmp(version, "7.", 2) == 0)
		return strtol(version + 2, NULL, 10) >= minor;
	return strtol(version, NULL, 10) >= 2025;
}

json_t *
kv_kid(const struct call *call, const struct key_version *key, bool with_version)
{
	char base[NAMES_URL];

	return json_sprintf("%s/keys/%s%s%s", vaults_uri(call->vault, &call->naming, base),
		key->name, with_version ? "/" : "", with_version ? key->version : "");
}

/* Recovery levels: KeyVault 7.4 keys.json, DeletionRecoveryLevel. */
static const char *
recovery_level(const struct vault *vault)
{
	if (!vault->soft_delete)
		return "Purgeable";
	if (vault->retention < 90)
		return vault->purge_protection ? "CustomizedRecoverable"
					       : "CustomizedRecoverable+Purgeable";
	return vault->purge_protection ? "Recoverable" : "Recoverable+Purgeable";
}

static json_t *
attributes(const struct call *call, const struct key_version *key)
{
	const struct vault *vault = call->vault;
	json_t *json = json_pack("{s:b}", "enabled", key->enabled);
	bool hsm = vault->kind == STORE_HSM;

	if (key->nbf)
		json_object_set_new(json, "nbf", json_integer(key->nbf));
	if (key->exp)
		json_object_set_new(json, "exp", json_integer(key->exp));
	json_object_set_new(json, "created", json_integer(key->created));
	json_object_set_new(json, "updated", json_integer(key->updated));
	json_object_set_new(json, "recoveryLevel", json_string(recovery_level(vault)));
	if (vault->soft_delete && (hsm || since(call, 1)))
		json_object_set_new(json, "recoverableDays", json_integer(vault->retention));
	if (hsm || since(call, 3))
		json_object_set_new(json, "exportable", json_false());
	if (!hsm && since(call, 5))
		json_object_set_new(json, "hsmPlatform", json_string("0"));
	return json;
}

static json_t *
with_tags(json_t *json, const struct key_version *key)
{
	if (key->tags[0])
		json_object_set_new(json, "tags", json_loads(key->tags, 0, NULL));
	return json;
}

json_t *
kv_bundle(const struct call *call, const struct key_version *key)
{
	bool rsa = strncmp(key->kty, "RSA", 3) == 0;
	json_t *jwk = json_pack("{s:o,s:s,s:o}", "kid", kv_kid(call, key, true), "kty", key->kty,
		"key_ops", json_loads(key->ops_text, 0, NULL));

	if (!rsa)
		json_object_set_new(jwk, "crv", json_string(key->curve));
	json_object_set_new(jwk, rsa ? "n" : "x", json_string(key->x));
	json_object_set_new(jwk, rsa ? "e" : "y", json_string(key->y));
	return with_tags(
		json_pack("{s:o,s:o}", "key", jwk, "attributes", attributes(call, key)), key);
}

static json_t *
item_of(const struct call *call, const struct key_version *key, bool with_version)
{
	return with_tags(json_pack("{s:o,s:o}", "kid", kv_kid(call, key, with_version),
				 "attributes", attributes(call, key)),
		key);
}

/* The members of a deleted key in front, as vaults write them. Takes rest over. */
static json_t *
as_deleted(const struct call *call, const struct key_version *key, json_t *rest)
{
	char base[NAMES_URL];
	json_t *json = json_pack("{s:o,s:I,s:I}", "recoveryId",
		json_sprintf("%s/deletedkeys/%s", vaults_uri(call->vault, &call->naming, base),
			key->name),
		"deletedDate", (json_int_t)key->deleted_at, "scheduledPurgeDate",
		(json_int_t)(key->deleted_at + (int64_t)call->vault->retention * DAY));

	json_object_update(json, rest);
	json_decref(rest);
	return json;
}

json_t *
kv_deleted_bundle(const struct call *call, const struct key_version *key)
{
	return as_deleted(call, key, kv_bundle(call, key));
}

static json_t *
deleted_item(const struct call *call, const struct key_version *key)
{
	return as_deleted(call, key, item_of(call, key, false));
}

/* The rows of a page, and the marker it continues after. */
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

/* A vault's link has :443 under public names (local ones have their port) and the API version; a
 * Managed HSM's has neither (both recorded). */
static json_t *
next_link(struct call *call, const char *marker)
{
	const char *most = call_query(call, "maxresults");
	char base[NAMES_URL];

	vaults_uri(call->vault, &call->naming, base);
	if (call->vault->kind == STORE_HSM)
		return json_sprintf("%s%s?%s%s%s$skiptoken=%s", base, call->path,
			most ? "maxresults=" : "", most ? most : "", most ? "&" : "", marker);
	return json_sprintf("%s%s%s?api-version=%s&$skiptoken=%s%s%s", base,
		call->naming.cloud ? ":443" : "", call->path, call->api_version, marker,
		most ? "&maxresults=" : "", most ? most : "");
}

static json_t *
list_item(struct call *call, enum keys_list list, const struct key_version *key)
{
	return list == KEYS_DELETED ? deleted_item(call, key)
				    : item_of(call, key, list == KEYS_VERSIONS);
}

static sqlite3_stmt *
ask(struct call *call, enum keys_list list, const char *subject, const char *after, int64_t rows)
{
	const char *sql = keys_lists[call->vault->kind][list];
	struct db *db = call->world->db;
	int64_t settled = call->now - (call->vault->kind == STORE_VAULT ? KEYS_SETTLE : 0);

	if (list == KEYS_VERSIONS)
		return db_ask(db, sql, "itti", call->vault->id, subject, after, rows);
	if (list == KEYS_DELETED)
		return db_ask(db, sql, "iiti", call->vault->id, settled, after, rows);
	return db_ask(db, sql, "iti", call->vault->id, after, rows);
}

void
kv_list(struct call *call, enum keys_list list, const char *subject)
{
	struct db *db = call->world->db;
	struct key_version key, last = {0};
	json_t *value, *next = NULL, *json;
	const char *after;
	sqlite3_stmt *stmt;
	char marker[128];
	int64_t page;

	if (!take_page(call, &page, &after))
		return;
	value = json_array();
	stmt = ask(call, list, subject, after, page + 1);
	while (db_next(db, stmt)) {
		if ((int64_t)json_array_size(value) == page) {
			next = next_link(call, keys_marker(call->vault, list, &last, marker));
			db_done(stmt);
			break;
		}
		keys_read(stmt, call->arena, &key);
		json_array_append_new(value, list_item(call, list, &key));
		last = key;
	}
	json = json_pack("{s:o}", "value", value);
	if (next || call->vault->kind == STORE_VAULT)
		json_object_set_new(json, "nextLink", next ? next : json_null());
	reply_json(call, 200, json);
}
