/* Deleted vaults and Managed HSMs until they are purged. Shapes: recordings
 * test_keyvault_softdelete and test_mhsm_private_link_resource (azure-cli), with the capitals that
 * each of them has. The list of vaults begins with an empty page that has a nextLink, as it is
 * recorded in azure-cli test_keyvault_mgmt. */
#include <string.h>
#include <time.h>

#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/operations.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/vaults.h"

struct kind {
	enum store_kind store;
	const char *type, *segment, *of; /* as shown; in paths; what names the living one */
	const char *deleted;             /* the rows */
	const char *list, *read, *purge; /* actions */
	enum operation operation;
	const char *missing, *noun; /* code and noun of its 404 */
	const char *protected;      /* the operation that purge protection forbids */
	bool always;                /* shows purgeProtectionEnabled when it is off, too */
};

static const struct kind vaults = {
	.store = STORE_VAULT,
	.type = "Microsoft.KeyVault/deletedVaults",
	.segment = "deletedVaults",
	.of = "vaultId",
	.deleted = vault_deleted,
	.list = "Microsoft.KeyVault/deletedVaults/read",
	.read = "Microsoft.KeyVault/locations/deletedVaults/read",
	.purge = "Microsoft.KeyVault/locations/deletedVaults/purge/action",
	.operation = OPERATION_VAULT_PURGE,
	.missing = "DeletedVaultNotFound",
	.noun = "vault",
	.protected = "DeletedVaultPurge",
};

static const struct kind hsms = {
	.store = STORE_HSM,
	.type = "Microsoft.Keyvault/deletedManagedHSMs",
	.segment = "deletedManagedHSMs",
	.of = "mhsmId",
	.deleted = hsm_deleted,
	.list = "Microsoft.KeyVault/deletedManagedHsms/read",
	.read = "Microsoft.KeyVault/locations/deletedManagedHsms/read",
	.purge = "Microsoft.KeyVault/locations/deletedManagedHsms/purge/action",
	.operation = OPERATION_HSM,
	.missing = "404",
	.noun = "managed HSM",
	.protected = "DeletedManagedHsmPurge",
	.always = true,
};

/* 2026-11-21T19:02:03Z, without fractions. */
static const char *
date(struct call *call, int64_t at)
{
	time_t t = (time_t)at;
	char out[32];
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, sizeof out, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return arena_strdup(call->arena, out);
}

static json_t *
deleted_json(struct call *call, const struct kind *kind, const struct vault *v)
{
	char id[640];
	json_t *properties = json_pack("{s:s,s:s,s:o,s:s,s:s}", kind->of,
		vaults_id(v, id, sizeof id), "location", v->location, "tags", reply_stored(v->tags),
		"deletionDate", date(call, v->deleted_at), "scheduledPurgeDate",
		date(call, v->deleted_at + (int64_t)v->retention * 86400));

	if (v->purge_protection || kind->always)
		json_object_set_new(
			properties, "purgeProtectionEnabled", json_boolean(v->purge_protection));
	return json_pack("{s:o,s:s,s:s,s:o}", "id",
		json_sprintf("/subscriptions/%s/providers/Microsoft.KeyVault/locations/%s/%s/%s",
			v->subscription, v->location, kind->segment, v->name),
		"name", v->name, "type", kind->type, "properties", properties);
}

/* A token is one more than the row that a page begins after: the first page has none, and is
 * empty. */
static json_t *
page_of(struct call *call, const struct kind *kind, int64_t token)
{
	struct db *db = call->world->db;
	json_t *value = json_array(), *json = json_pack("{s:o}", "value", value);
	sqlite3_stmt *stmt;
	int64_t last = 0;

	if (token == 0 && kind->store == STORE_VAULT) {
		json_object_set_new(json, "nextLink", arm_next_link(call, 1));
		return json;
	}
	stmt = db_ask(db, kind->deleted, "tii", call->params[0], token > 0 ? token - 1 : 0,
		(int64_t)ARM_PAGE + 1);
	while (db_next(db, stmt)) {
		struct vault v;

		if (json_array_size(value) == ARM_PAGE) {
			json_object_set_new(json, "nextLink", arm_next_link(call, last + 1));
			db_done(stmt);
			break;
		}
		vaults_read(stmt, call->arena, &v);
		last = v.id;
		json_array_append_new(value, deleted_json(call, kind, &v));
	}
	return json;
}

static void
list_deleted(struct call *call, const struct kind *kind)
{
	int64_t token;
	json_t *json;

	if (!rights_action(call, kind->list, arm_scope(call, "")) || !arm_after(call, &token))
		return;
	db_lock(call->world->db);
	json = page_of(call, kind, token);
	db_unlock(call->world->db);
	reply_json(call, 200, json);
}

static bool
allowed(struct call *call, const struct kind *kind, const char *action)
{
	return rights_action(call, action,
		arena_printf(call->arena,
			"/subscriptions/%s/providers/Microsoft.KeyVault/locations/%s/%s/%s",
			call->params[0], call->params[1], kind->segment, call->params[2]));
}

/* Reads what the path names, or answers 404. The lock must be held. */
static bool
load(struct call *call, const struct kind *kind, struct vault *out)
{
	if (vaults_find_deleted(call->world->db, call->arena, kind->store, call->params[0],
		    call->params[1], call->params[2], out))
		return true;
	reply_error(call, 404, kind->missing, "The specified deleted %s '%s' does not exist.",
		kind->noun, call->params[2]);
	return false;
}

static void
get_deleted(struct call *call, const struct kind *kind)
{
	struct vault vault;

	if (!allowed(call, kind, kind->read))
		return;
	db_lock(call->world->db);
	if (load(call, kind, &vault))
		reply_json(call, 200, deleted_json(call, kind, &vault));
	db_unlock(call->world->db);
}

/* Azure documents 202 alone for a Managed HSM [managedHsm.json 2023-07-01]: without a Location it
 * is done for the clients that Microsoft ships. */
static void
purge(struct call *call, const struct kind *kind)
{
	struct db *db = call->world->db;
	struct vault vault;

	if (!allowed(call, kind, kind->purge))
		return;
	db_begin(db);
	if (!load(call, kind, &vault)) {
		db_rollback(db);
		return;
	}
	if (vault.purge_protection) {
		db_rollback(db);
		reply_error(call, 405, "MethodNotAllowed", "Operation '%s' is not allowed.",
			kind->protected);
		return;
	}
	vaults_purge(db, &vault);
	if (!db_commit(db))
		reply_broken(call);
	else if (!operation_accept(call, kind->operation, vault.location, ""))
		reply_empty(call, kind->store == STORE_HSM ? 202 : 200);
}

static void
list_vaults(struct call *call)
{
	list_deleted(call, &vaults);
}

static void
get_vault(struct call *call)
{
	get_deleted(call, &vaults);
}

static void
purge_vault(struct call *call)
{
	purge(call, &vaults);
}

static void
list_hsms(struct call *call)
{
	list_deleted(call, &hsms);
}

static void
get_hsm(struct call *call)
{
	get_deleted(call, &hsms);
}

static void
purge_hsm(struct call *call)
{
	purge(call, &hsms);
}

#define ALL "/subscriptions/{}/providers/Microsoft.KeyVault/"
#define ONE ALL "locations/{}/"

static const char vault_type[] = "Microsoft.KeyVault/vaults";
static const char hsm_type[] = "Microsoft.KeyVault/managedHSMs";

const struct route arm_deleted_vault_routes[] = {
	{ROUTE_ARM, VERB_GET, ALL "deletedVaults", vault_type, 0, list_vaults},
	{ROUTE_ARM, VERB_GET, ONE "deletedVaults/{}", vault_type, 0, get_vault},
	{ROUTE_ARM, VERB_POST, ONE "deletedVaults/{}/purge", vault_type, 0, purge_vault},
	{ROUTE_ARM, VERB_GET, ALL "deletedManagedHSMs", hsm_type, 0, list_hsms},
	{ROUTE_ARM, VERB_GET, ONE "deletedManagedHSMs/{}", hsm_type, 0, get_hsm},
	{ROUTE_ARM, VERB_POST, ONE "deletedManagedHSMs/{}/purge", hsm_type, 0, purge_hsm},
};
const size_t arm_deleted_vault_routes_len = ARRAY_LEN(arm_deleted_vault_routes);
