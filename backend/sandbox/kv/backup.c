/* A backup holds all versions, sealed with the platform's key; where it may be restored is bound
 * into the seal: the same subscription and geography for a vault (documentation, "Azure Key Vault
 * backup and restore"), the same HSM for a Managed HSM (its security domain). The marks in front
 * are those of real backups (recorded); the refusal of foreign ones is known from azure-docs
 * 107520. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/kv/rotate.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "crypto/b64.h"
#include "crypto/envelope.h"

static const char *const marks[] = {
	[STORE_VAULT] = "&AzureKeyVaultKeyBackupV1.microsoft.com",
	[STORE_HSM] = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..",
};

/* The part of a region's name that is no direction: westeurope and northeurope are one geography,
 * eastus2 and westus another. */
static void
geography(const char *location, char out[48])
{
	static const char *const words[] = {
		"north", "south", "east", "west", "central", "1", "2", "3"};
	size_t used = 0;

	if (text_case_starts(location, "usgov")) {
		memcpy(out, "usgov", sizeof "usgov");
		return;
	}
	while (*location && used < 47) {
		size_t skip = 0;

		for (size_t i = 0; i < ARRAY_LEN(words) && !skip; i++)
			if (text_case_starts(location, words[i]))
				skip = strlen(words[i]);
		if (skip)
			location += skip;
		else
			out[used++] = *location++;
	}
	out[used] = '\0';
}

static const char *
purpose(struct call *call)
{
	const struct vault *vault = call->vault;
	char where[48];

	if (vault->kind == STORE_HSM)
		return arena_printf(call->arena, "backup of a key: HSM %s", vault->name);
	geography(vault->location, where);
	return arena_printf(call->arena, "backup of a key: %s in %s", vault->subscription, where);
}

static void
set_private(json_t *json, const void *bytes, size_t len)
{
	char *text = mem_alloc(b64_length(len) + 1);

	b64_encode(text, bytes, len);
	json_object_set_new(json, "private", json_string(text));
	secret_wipe(text, b64_length(len));
	free(text);
}

static json_t *
pack_version(struct db *db, const struct key_version *key)
{
	static const char sql[] = "SELECT private FROM material WHERE id=?";
	sqlite3_stmt *stmt = db_ask(db, sql, "i", key->material);
	json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:b,s:I,s:I,s:I,s:I,s:s,s:s,s:s,s:i}", "version",
		key->version, "kty", key->kty, "crv", key->curve, "ops", key->ops_text, "enabled",
		key->enabled, "nbf", (json_int_t)key->nbf, "exp", (json_int_t)key->exp, "created",
		(json_int_t)key->created, "updated", (json_int_t)key->updated, "tags", key->tags,
		"x", key->x, "y", key->y, "bits", (int)key->bits);

	if (db_next(db, stmt)) {
		set_private(
			json, sqlite3_column_blob(stmt, 0), (size_t)sqlite3_column_bytes(stmt, 0));
		db_done(stmt);
	}
	return json;
}

/* Every version, oldest first. */
static json_t *
pack_versions(struct call *call, const char *name)
{
	struct db *db = call->world->db;
	const char *sql = keys_lists[STORE_HSM][KEYS_VERSIONS];
	sqlite3_stmt *stmt = db_ask(db, sql, "itti", call->vault->id, name, "", (int64_t)-1);
	json_t *list = json_array();
	struct key_version *keys = NULL;
	size_t len = 0;

	while (db_next(db, stmt)) {
		keys = mem_resize(keys, (len + 1) * sizeof *keys);
		keys_read(stmt, call->arena, &keys[len++]);
	}
	for (size_t i = 0; i < len; i++)
		json_array_append_new(list, pack_version(db, &keys[i]));
	free(keys);
	return list;
}

static void
reply_sealed(struct call *call, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const char *mark = marks[call->vault->kind];
	size_t front = strlen(mark), len = strlen(text), sealed = front + len + ENVELOPE_OVERHEAD;
	unsigned char *bytes = mem_alloc(sealed);
	char *out = mem_alloc(b64_length(sealed) + 1);
	bool ok;

	memcpy(bytes, mark, front);
	ok = envelope_seal(&call->world->platform, purpose(call), text, len, bytes + front, NULL);
	if (ok) {
		b64_encode(out, bytes, sealed);
		reply_json(call, 200, json_pack("{s:s}", "value", out));
	} else {
		reply_broken(call);
	}
	secret_wipe(text, len);
	free(text);
	free(bytes);
	free(out);
}

/* Waits for every version that is only promised. */
static bool
await_all(struct call *call, const char *name)
{
	struct db *db = call->world->db;
	struct key_version newest;
	bool promised = true;

	while (promised) {
		const char *sql =
			"SELECT v.version FROM version v JOIN material m ON m.id=v.material"
			" WHERE v.key=? AND m.x='' LIMIT 1";
		char version[33] = "";
		sqlite3_stmt *stmt;

		db_lock(db);
		promised = keys_find(db, call->arena, call->vault->id, name, "", &newest);
		stmt = promised ? db_ask(db, sql, "i", newest.key) : NULL;
		promised = stmt && db_next(db, stmt);
		if (promised) {
			db_copy(stmt, 0, version, sizeof version);
			db_done(stmt);
		}
		db_unlock(db);
		if (promised && !kv_await(call, name, version))
			return false;
	}
	return true;
}

static void
backup_key(struct call *call)
{
	const char *name = call->params[0];
	struct db *db = call->world->db;
	struct key_version key;
	json_t *json = NULL;

	if (!kv_name_ok(call, name) || !await_all(call, name))
		return;
	db_lock(db);
	if (rights_key(call, call->vault, PERM_BACKUP)) {
		if (keys_find(db, call->arena, call->vault->id, name, "", &key))
			json = json_pack("{s:s,s:s,s:o}", "name", key.name, "policy",
				keys_policy(db, call->arena, key.key), "versions",
				pack_versions(call, name));
		else
			kv_refuse_missing(call, name, "");
	}
	db_unlock(db);
	if (json)
		reply_sealed(call, json);
	json_decref(json);
}

/* The backup in a body; NULL: answered 400. */
static json_t *
take_backup(struct call *call)
{
	const char *text = call_text(call->json, "value"), *mark = marks[call->vault->kind];
	size_t front = strlen(mark), room = text ? strlen(text) : 0, len = 0;
	unsigned char *bytes = mem_alloc(room + 1);
	struct secret plain = {0};
	json_t *json = NULL;

	if (!text) {
		kv_bad(call, "Property value is required");
	} else if (!b64_decode(bytes, room, &len, text) || len < front ||
		   memcmp(bytes, mark, front) != 0) {
		reply_vault_error(call, 400, "Malformed backup blob", NULL,
			"Backup blob contains invalid or corrupt version.");
	} else if (!envelope_open(&call->world->platform, purpose(call), bytes + front, len - front,
			   &plain, NULL)) {
		kv_bad(call, "Cannot decrypt backup blob.");
	} else {
		json = json_loadb((const char *)plain.bytes, plain.len, 0, NULL);
		if (!json)
			reply_broken(call);
	}
	secret_free(&plain);
	free(bytes);
	return json;
}

static int64_t
add_material(struct db *db, const json_t *in)
{
	const char *text = call_text(in, "private"), *curve = call_text(in, "crv");
	size_t room = strlen(text), len;
	unsigned char *der = mem_alloc(room + 1);
	bool ok = b64_decode(der, room, &len, text);

	if (ok)
		db_do(db, "INSERT INTO material(kty,bits,crv,x,y,private) VALUES(?,?,?,?,?,?)",
			"tittt"
			"b",
			curve[0] ? "EC" : "RSA", json_integer_value(json_object_get(in, "bits")),
			curve[0] ? curve : NULL, call_text(in, "x"), call_text(in, "y"),
			(const void *)der, len);
	secret_wipe(der, room);
	free(der);
	return ok ? db_last_id(db) : 0;
}

static bool
add_version(struct call *call, const char *name, const json_t *in)
{
	struct db *db = call->world->db;
	struct key_version key = {
		.enabled = json_is_true(json_object_get(in, "enabled")),
		.nbf = json_integer_value(json_object_get(in, "nbf")),
		.exp = json_integer_value(json_object_get(in, "exp")),
		.created = json_integer_value(json_object_get(in, "created")),
		.updated = json_integer_value(json_object_get(in, "updated")),
		.ops_text = call_text(in, "ops"),
		.tags = call_text(in, "tags"),
	};

	if (!text_copy(key.name, sizeof key.name, name) ||
		!text_copy(key.version, sizeof key.version, call_text(in, "version")) ||
		!text_copy(key.kty, sizeof key.kty, call_text(in, "kty")))
		return false;
	key.material = add_material(db, in);
	if (!key.material)
		return false;
	keys_insert(db, call->vault->id, &key);
	return true;
}

static bool
refuse_conflict(struct call *call, const struct key_version *key)
{
	json_t *kid = kv_kid(call, key, true);

	reply_vault_error(call, 409, "Conflict", NULL,
		"There was a conflict restoring the key '%s'. This can happen if either: a second key with the same name was created after the first key was deleted; thus trying to restore a key whose name is already in use. To fix this, rename the second key to something else so that the restore works. The second probable cause of this exception is when multiple operations are performed in parallel against the key. To avoid this error, perform operations against a key in a sequential manner.",
		json_string_value(kid));
	json_decref(kid);
	return false;
}

/* Within db_begin. */
static bool
unpack(struct call *call, const char *name, const json_t *backup, struct key_version *newest)
{
	const json_t *versions = json_object_get(backup, "versions");
	const char *policy = call_text(backup, "policy");
	struct db *db = call->world->db;

	if (!rights_key(call, call->vault, PERM_RESTORE) || !kv_name_free(call, name))
		return false;
	if (keys_find(db, call->arena, call->vault->id, name, "", newest))
		return refuse_conflict(call, newest);
	for (size_t i = 0; i < json_array_size(versions); i++)
		if (!add_version(call, name, json_array_get(versions, i))) {
			reply_broken(call);
			return false;
		}
	if (!keys_find(db, call->arena, call->vault->id, name, "", newest)) {
		reply_broken(call);
		return false;
	}
	if (policy[0])
		keys_set_policy(db, newest->key, policy);
	rotate_plan(db, call->arena, call->vault->id, name, call->now);
	return true;
}

static void
restore_key(struct call *call)
{
	json_t *backup = take_backup(call), *json;
	struct db *db = call->world->db;
	struct key_version newest;

	if (!backup)
		return;
	db_begin(db);
	if (!unpack(call, call_text(backup, "name"), backup, &newest)) {
		db_rollback(db);
	} else {
		json = kv_bundle(call, &newest);
		if (db_commit(db)) {
			reply_json(call, 200, json);
		} else {
			json_decref(json);
			reply_broken(call);
		}
	}
	json_decref(backup);
}

const struct route kv_backup_routes[] = {
	{ROUTE_KEYS, VERB_POST, "/keys/{}/backup", NULL, 0, backup_key},
	{ROUTE_KEYS, VERB_POST, "/keys/restore", NULL, ROUTE_JSON, restore_key},
};
const size_t kv_backup_routes_len = ARRAY_LEN(kv_backup_routes);
