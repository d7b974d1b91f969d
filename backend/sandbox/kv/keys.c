/* Keys of a vault's or Managed HSM's data plane: reading and changing them. Shapes: recordings of
 * azure-cli, azure-sdk-for-go and -js; keys.json 7.4. A disabled key is still read with 200
 * (recorded), a version list of an unknown key is empty (recorded). */
#include <string.h>

#include "backend/azure/keyid.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/kv/rotate.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/keymaker.h"

bool
kv_name_ok(struct call *call, const char *name)
{
	if (keyid_is_key_name(name))
		return true;
	if (call->vault->kind == STORE_HSM)
		return kv_bad(call, "Invalid key identifier or name");
	reply_vault_error(call, 400, "BadParameter", NULL,
		"The request URI contains an invalid name: %s", name);
	return false;
}

/* A Managed HSM names the URL (recorded). */
static bool
refuse_url(struct call *call, const char *collection, const char *name)
{
	char base[NAMES_URL];

	reply_vault_error(call, 404, "KeyNotFound", NULL, "Key not found: %s/%s/%s",
		vaults_uri(call->vault, &call->naming, base), collection, name);
	return false;
}

bool
kv_refuse_missing(struct call *call, const char *name, const char *version)
{
	if (call->vault->kind == STORE_HSM)
		return refuse_url(call, "keys", name);
	reply_vault_error(call, 404, "KeyNotFound", NULL,
		"A key with (name/id) %s%s%s was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182",
		name, version[0] ? "/" : "", version);
	return false;
}

bool
kv_refuse_not_deleted(struct call *call, const char *name)
{
	if (call->vault->kind == STORE_HSM)
		return refuse_url(call, "deletedkeys", name);
	reply_vault_error(call, 404, "KeyNotFound", NULL, "Deleted Key not found: %s", name);
	return false;
}

bool
kv_bad(struct call *call, const char *message)
{
	reply_vault_error(call, 400, "BadParameter", NULL, "%s", message);
	return false;
}

bool
kv_name_free(struct call *call, const char *name)
{
	const char *inner = NULL, *why = NULL;

	switch (keys_name_state(call->world->db, call->vault, name, call->now)) {
	case KEY_NAME_FREE:
	case KEY_NAME_TAKEN:
		return true;
	case KEY_NAME_DELETED:
		inner = "ObjectIsDeletedButRecoverable";
		why = "in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.";
		break;
	case KEY_NAME_DELETING:
		inner = "ObjectIsBeingDeleted";
		why = "being deleted and cannot be re-created; retry later.";
		break;
	case KEY_NAME_RECOVERING:
		inner = "ObjectIsBeingRecovered";
		why = "being recovered and cannot be re-created; retry later.";
		break;
	}
	reply_vault_error(call, 409, "Conflict", inner, "Key %s is currently %s", name, why);
	return false;
}

bool
kv_await(struct call *call, const char *name, const char *version)
{
	struct db *db = call->world->db;
	struct key_version key;
	bool found;

	db_lock(db);
	found = keys_find(db, call->arena, call->vault->id, name, version, &key) ||
		(!version[0] && keys_find_deleted(db, call->arena, call->vault->id, name, &key));
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

	if (!kv_name_ok(call, name) || !kv_await(call, name, version))
		return;
	db_lock(db);
	if (rights_key(call, call->vault, PERM_GET)) {
		if (keys_find(db, call->arena, call->vault->id, name, version, &key))
			reply_json(call, 200, kv_bundle(call, &key));
		else
			kv_refuse_missing(call, name, version);
	}
	db_unlock(db);
}

static void
list_keys(struct call *call)
{
	db_lock(call->world->db);
	if (rights_key(call, call->vault, PERM_LIST))
		kv_list(call, KEYS_NEWEST, NULL);
	db_unlock(call->world->db);
}

static void
list_versions(struct call *call)
{
	if (!kv_name_ok(call, call->params[0]))
		return;
	db_lock(call->world->db);
	if (rights_key(call, call->vault, PERM_LIST))
		kv_list(call, KEYS_VERSIONS, call->params[0]);
	db_unlock(call->world->db);
}

static bool
change(struct call *call, const char *name, const char *version, struct key_version *key)
{
	struct db *db = call->world->db;

	if (!rights_key(call, call->vault, PERM_UPDATE))
		return false;
	if (!keys_find(db, call->arena, call->vault->id, name, version, key))
		return kv_refuse_missing(call, name, version);
	if (!kv_take_attributes(call, key) || !kv_take_tags(call, key) ||
		!kv_take_ops(call, call_member(call->json, "key_ops"), key))
		return false;
	key->updated = call->now;
	keys_update(db, key);
	rotate_plan(db, call->arena, call->vault->id, key->name, call->now);
	return true;
}

static void
update_key(struct call *call)
{
	const char *name = call->params[0], *version = call->params_len > 1 ? call->params[1] : "";
	struct db *db = call->world->db;
	struct key_version key;
	json_t *json;

	if (!kv_name_ok(call, name) || !kv_await(call, name, version))
		return;
	db_begin(db);
	if (!change(call, name, version, &key)) {
		db_rollback(db);
		return;
	}
	json = kv_bundle(call, &key);
	if (db_commit(db)) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

const struct route kv_key_routes[] = {
	{ROUTE_KEYS, VERB_GET, "/keys", NULL, 0, list_keys},
	{ROUTE_KEYS, VERB_POST, "/keys/{}/create", NULL, ROUTE_JSON, kv_create},
	{ROUTE_KEYS, VERB_PUT, "/keys/{}", NULL, ROUTE_JSON, kv_import},
	{ROUTE_KEYS, VERB_GET, "/keys/{}/versions", NULL, 0, list_versions},
	{ROUTE_KEYS, VERB_GET, "/keys/{}", NULL, 0, get_key},
	{ROUTE_KEYS, VERB_GET, "/keys/{}/{}", NULL, 0, get_key},
	{ROUTE_KEYS, VERB_PATCH, "/keys/{}", NULL, ROUTE_JSON, update_key},
	{ROUTE_KEYS, VERB_PATCH, "/keys/{}/{}", NULL, ROUTE_JSON, update_key},
	{ROUTE_KEYS, VERB_POST, "/keys/{}/{}", NULL, ROUTE_JSON, kv_crypto},
	{ROUTE_KEYS, VERB_POST, "/keys/{}/{}/{}", NULL, ROUTE_JSON, kv_crypto},
};
const size_t kv_key_routes_len = ARRAY_LEN(kv_key_routes);
