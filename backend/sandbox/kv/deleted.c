/* Deletion, and the keys that wait for their end. A vault takes a while for both ways;
 * a Managed HSM does not (recorded). Refusals: azure-cli 2021 recordings of secrets, with the word
 * key; purge protection: Azure/sap-automation 200. */
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/kv/hsm_roles.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

/* Answers a change of one key: json is taken over; NULL: answered already. Ends db_begin. */
static void
finish(struct call *call, json_t *json)
{
	struct db *db = call->world->db;

	if (!json) {
		db_rollback(db);
	} else if (db_commit(db)) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

static json_t *
mark_deleted(struct call *call, const char *name)
{
	struct db *db = call->world->db;
	struct key_version key;

	if (!rights_key(call, call->vault, PERM_DELETE))
		return NULL;
	if (!keys_find(db, call->arena, call->vault->id, name, "", &key)) {
		kv_refuse_missing(call, name, "");
		return NULL;
	}
	if (!call->vault->soft_delete) {
		keys_purge(db, key.key);
		return kv_bundle(call, &key);
	}
	keys_delete(db, key.key, call->now);
	key.deleted_at = call->now;
	return kv_deleted_bundle(call, &key);
}

static void
delete_key(struct call *call)
{
	const char *name = call->params[0];

	if (!kv_name_ok(call, name) || !kv_await(call, name, ""))
		return;
	db_begin(call->world->db);
	finish(call, mark_deleted(call, name));
}

/* Reading deleted keys is a right of its own in a Managed HSM only. */
static bool
may_read(struct call *call, perm_set one)
{
	if (call->vault->kind == STORE_HSM)
		return hsm_allows(call, "keys/deletedKeys/read/action",
			call->params_len ? call->params[0] : "");
	return rights_key(call, call->vault, one);
}

static void
list_deleted(struct call *call)
{
	db_lock(call->world->db);
	if (may_read(call, PERM_LIST))
		kv_list(call, KEYS_DELETED, NULL);
	db_unlock(call->world->db);
}

static void
get_deleted(struct call *call)
{
	const char *name = call->params[0];
	struct db *db = call->world->db;
	struct key_version key;

	if (!kv_name_ok(call, name) || !kv_await(call, name, ""))
		return;
	db_lock(db);
	if (may_read(call, PERM_GET)) {
		if (keys_name_state(db, call->vault, name, call->now) == KEY_NAME_DELETED &&
			keys_find_deleted(db, call->arena, call->vault->id, name, &key))
			reply_json(call, 200, kv_deleted_bundle(call, &key));
		else
			kv_refuse_not_deleted(call, name);
	}
	db_unlock(db);
}

/* A deleted key that may be recovered or purged now; otherwise answers. */
static bool
find_settled(struct call *call, const char *name, bool recover, struct key_version *out)
{
	struct db *db = call->world->db;

	switch (keys_name_state(db, call->vault, name, call->now)) {
	case KEY_NAME_DELETED:
		return keys_find_deleted(db, call->arena, call->vault->id, name, out);
	case KEY_NAME_DELETING:
		reply_vault_error(call, 409, "Conflict", "ObjectIsBeingDeleted",
			"Key %s is currently being deleted.", name);
		return false;
	case KEY_NAME_TAKEN:
		if (!recover)
			break;
		reply_vault_error(call, 400, "MethodNotAllowed",
			"RequestNotAllowedOnNonDeletedObject", "Key exists already: %s", name);
		return false;
	case KEY_NAME_RECOVERING:
	case KEY_NAME_FREE:
		break;
	}
	if (recover && call->vault->kind == STORE_VAULT)
		return kv_refuse_missing(call, name, "");
	return kv_refuse_not_deleted(call, name);
}

static json_t *
bring_back(struct call *call, const char *name)
{
	struct key_version key;

	if (!rights_key(call, call->vault, PERM_RECOVER) || !find_settled(call, name, true, &key))
		return NULL;
	keys_recover(call->world->db, call->vault, key.key, call->now);
	return kv_bundle(call, &key);
}

static void
recover_key(struct call *call)
{
	const char *name = call->params[0];

	if (!kv_name_ok(call, name) || !kv_await(call, name, ""))
		return;
	db_begin(call->world->db);
	finish(call, bring_back(call, name));
}

static bool
may_purge(struct call *call, const char *name, struct key_version *key)
{
	if (!rights_key(call, call->vault, PERM_PURGE) || !find_settled(call, name, false, key))
		return false;
	if (!call->vault->purge_protection)
		return true;
	reply_vault_error(call, 403, "Forbidden", NULL,
		"Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: %s;location=%s",
		call->vault->name, call->vault->location);
	return false;
}

static void
purge_key(struct call *call)
{
	const char *name = call->params[0];
	struct db *db = call->world->db;
	struct key_version key;

	if (!kv_name_ok(call, name))
		return;
	db_begin(db);
	if (!may_purge(call, name, &key)) {
		db_rollback(db);
		return;
	}
	keys_purge(db, key.key);
	if (db_commit(db))
		reply_empty(call, 204);
	else
		reply_broken(call);
}

const struct route kv_deleted_routes[] = {
	{ROUTE_KEYS, VERB_DELETE, "/keys/{}", NULL, 0, delete_key},
	{ROUTE_KEYS, VERB_GET, "/deletedkeys", NULL, 0, list_deleted},
	{ROUTE_KEYS, VERB_GET, "/deletedkeys/{}", NULL, 0, get_deleted},
	{ROUTE_KEYS, VERB_DELETE, "/deletedkeys/{}", NULL, 0, purge_key},
	{ROUTE_KEYS, VERB_POST, "/deletedkeys/{}/recover", NULL, 0, recover_key},
};
const size_t kv_deleted_routes_len = ARRAY_LEN(kv_deleted_routes);
