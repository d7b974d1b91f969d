/* Batch pools: the canary of that service. Shapes: BatchManagement.json 2024-02-01 and its
 * examples. Sizes change at once, so that a pool is always Steady. A pool is the account's data:
 * while its key cannot be used nothing of it is shown or changed. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/batch_change.h"
#include "backend/sandbox/arm/provider.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/service/reach.h"

static const char type[] = "Microsoft.Batch/batchAccounts";

/* properties: as stored, the writable ones; "identity" beside them when there is one. */
struct pool {
	int64_t id;
	char name[65];
	const char *properties;
	int64_t created_ms, modified_ms, revision;
};

static void
read_pool(sqlite3_stmt *stmt, struct arena *arena, struct pool *out)
{
	*out = (struct pool){
		.id = sqlite3_column_int64(stmt, 0),
		.properties = db_text(stmt, 2, arena),
		.created_ms = sqlite3_column_int64(stmt, 3),
		.modified_ms = sqlite3_column_int64(stmt, 4),
		.revision = sqlite3_column_int64(stmt, 5),
	};
	db_copy(stmt, 1, out->name, sizeof out->name);
}

static bool
find_pool(struct call *call, int64_t account, const char *name, struct pool *out)
{
	sqlite3_stmt *stmt = db_ask(call->world->db,
		"SELECT id, name, properties, created_ms, modified_ms, revision FROM pool"
		" WHERE account=? AND name=?",
		"it", account, name);

	if (!db_next(call->world->db, stmt))
		return false;
	read_pool(stmt, call->arena, out);
	db_done(stmt);
	return true;
}

/* The account for a call on its pools, which must be in reach. */
static bool
load(struct call *call, const char *verb, struct account *a)
{
	const char *scope = arm_scope(call, type);
	struct cmk_refusal refusal;

	if (call->params_len > 3)
		scope = arena_printf(call->arena, "%s/pools/%s", scope, call->params[3]);
	if (!rights_action(call,
		    arena_printf(call->arena, "Microsoft.Batch/batchAccounts/pools/%s", verb),
		    scope) ||
		!provider_load(call, SERVICE_BATCH, a))
		return false;
	if (reach_data(call->world, call->arena, a, call->now, &refusal))
		return true;
	batch_refuse_dark(call, &refusal);
	return false;
}

static json_int_t
target_of(const json_t *properties, const char *name)
{
	const json_t *fixed = call_member(call_member(properties, "scaleSettings"), "fixedScale");

	return json_integer_value(call_member(fixed, name));
}

static void
add_state(struct call *call, json_t *json, const struct pool *pool)
{
	const char *created = reply_time_zulu(call, pool->created_ms);
	const char *modified = reply_time_zulu(call, pool->modified_ms);
	json_int_t dedicated = target_of(json, "targetDedicatedNodes");
	json_int_t low = target_of(json, "targetLowPriorityNodes");

	json_object_set_new(json, "lastModified", json_string(modified));
	json_object_set_new(json, "creationTime", json_string(created));
	json_object_set_new(json, "provisioningState", json_string("Succeeded"));
	json_object_set_new(json, "provisioningStateTransitionTime", json_string(created));
	json_object_set_new(json, "allocationState", json_string("Steady"));
	json_object_set_new(json, "allocationStateTransitionTime", json_string(modified));
	json_object_set_new(json, "currentDedicatedNodes", json_integer(dedicated));
	json_object_set_new(json, "currentLowPriorityNodes", json_integer(low));
	json_object_set_new(json, "resizeOperationStatus",
		json_pack("{s:I,s:I,s:s,s:s,s:s}", "targetDedicatedNodes", dedicated,
			"targetLowPriorityNodes", low, "nodeDeallocationOption", "Requeue",
			"resizeTimeout", "PT15M", "startTime", modified));
}

static const char *
etag(struct call *call, const struct pool *pool)
{
	return arena_printf(call->arena, "W/\"0x%llX\"",
		(unsigned long long)(pool->modified_ms + 62135596800000) * 10000 +
			(unsigned long long)(pool->revision % 10000));
}

static json_t *
pool_json(struct call *call, const struct account *a, const struct pool *pool)
{
	json_t *properties = reply_stored(pool->properties), *identity, *json;
	char id[640];

	identity = json_incref(json_object_get(properties, "identity"));
	json_object_del(properties, "identity");
	add_state(call, properties, pool);
	json = json_pack("{s:o,s:s,s:s,s:s,s:o}", "id",
		json_sprintf("%s/pools/%s", accounts_id(a, id, sizeof id), pool->name), "name",
		pool->name, "type", "Microsoft.Batch/batchAccounts/pools", "etag", etag(call, pool),
		"properties", properties);
	if (identity)
		json_object_set_new(json, "identity", identity);
	return json;
}

static void
show(struct call *call, const struct account *a, const struct pool *pool)
{
	reply_json(call, 200, pool_json(call, a, pool));
	reply_header_text(call, "ETag", etag(call, pool));
}

static void
refuse_missing(struct call *call)
{
	batch_refuse(call, 404, "PoolNotFound", NULL, NULL, "The specified pool does not exist.");
}

static void
get_pool(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct pool pool;
	bool found;

	if (!load(call, "read", a))
		return;
	db_lock(call->world->db);
	found = find_pool(call, a->id, call->params[3], &pool);
	db_unlock(call->world->db);
	if (found)
		show(call, a, &pool);
	else
		refuse_missing(call);
}

/* Pages by row; maxresults makes them shorter. */
static void
list_pools(struct call *call)
{
	static const char sql[] =
		"SELECT id, name, properties, created_ms, modified_ms, revision FROM pool"
		" WHERE account=? AND id>? ORDER BY id LIMIT ?";
	struct account *a = arena_alloc(call->arena, sizeof *a);
	const char *most = call_query(call, "maxresults");
	int64_t after, page = most ? strtol(most, NULL, 10) : ARM_PAGE;
	struct db *db = call->world->db;
	struct pool pool = {0};
	json_t *value, *json;
	sqlite3_stmt *stmt;

	if (!load(call, "read", a) || !arm_after(call, &after))
		return;
	if (page < 1 || page > ARM_PAGE)
		page = ARM_PAGE;
	value = json_array();
	json = json_pack("{s:o}", "value", value);
	db_lock(db);
	stmt = db_ask(db, sql, "iii", a->id, after, page + 1);
	while (db_next(db, stmt)) {
		if ((int64_t)json_array_size(value) == page) {
			json_object_set_new(json, "nextLink", arm_next_link(call, pool.id));
			db_done(stmt);
			break;
		}
		read_pool(stmt, call->arena, &pool);
		json_array_append_new(value, pool_json(call, a, &pool));
	}
	db_unlock(db);
	reply_json(call, 200, json);
}

static bool
well_named(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
			return false;
	return len >= 1 && len <= 64;
}

static bool
bad_body(struct call *call, const char *code, const char *property)
{
	batch_refuse(call, 400, code, "Pool",
		json_pack("[{s:s,s:s}]", "code", "PropertyName", "message", property),
		strcmp(code, "MissingRequiredProperty") == 0
			? "A required property was not specified in the request body."
			: "The value provided for one of the properties in the request body is invalid.");
	return false;
}

/* What decides the size must be a count of nodes. */
static bool
check_scale(struct call *call, const json_t *properties)
{
	static const char *const names[] = {"targetDedicatedNodes", "targetLowPriorityNodes"};
	const json_t *scale = call_member(properties, "scaleSettings");
	const json_t *fixed = call_member(scale, "fixedScale");

	if (scale && !json_is_object(scale))
		return bad_body(call, "InvalidPropertyValue", "scaleSettings");
	for (size_t i = 0; fixed && i < ARRAY_LEN(names); i++) {
		const json_t *count = call_member(fixed, names[i]);

		if (count && (!json_is_integer(count) || json_integer_value(count) < 0 ||
				     json_integer_value(count) > 100000))
			return bad_body(call, "InvalidPropertyValue", names[i]);
	}
	return true;
}

static bool
check_new(struct call *call, const json_t *properties)
{
	const json_t *deployment = call_member(properties, "deploymentConfiguration");

	if (!well_named(call->params[3]))
		return bad_body(call, "InvalidPropertyValue", "name");
	if (!call_text(properties, "vmSize"))
		return bad_body(call, "MissingRequiredProperty", "vmSize");
	if (!call_member(deployment, "virtualMachineConfiguration") &&
		!call_member(deployment, "cloudServiceConfiguration"))
		return bad_body(call, "MissingRequiredProperty", "deploymentConfiguration");
	return true;
}

/* What the service decides is not the body's to say. */
static void
drop_read_only(json_t *json)
{
	static const char *const names[] = {"lastModified", "creationTime", "provisioningState",
		"provisioningStateTransitionTime", "allocationState",
		"allocationStateTransitionTime", "currentDedicatedNodes", "currentLowPriorityNodes",
		"resizeOperationStatus", "autoScaleRun", "currentNodeCommunicationMode",
		"identity"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		json_object_del(json, names[i]);
}

static void
add_usual(json_t *json)
{
	json_t *usual = json_pack("{s:s,s:i,s:{s:s},s:{s:{s:i,s:i,s:s}}}", "interNodeCommunication",
		"Disabled", "taskSlotsPerNode", 1, "taskSchedulingPolicy", "nodeFillType", "Spread",
		"scaleSettings", "fixedScale", "targetDedicatedNodes", 0, "targetLowPriorityNodes",
		0, "resizeTimeout", "PT15M");

	json_object_update_missing(json, usual);
	json_decref(usual);
}

/* The body onto the stored properties: each member as a whole, null takes it away. */
static const char *
merged(struct call *call, const char *stored, const json_t *properties)
{
	json_t *json = reply_stored(stored), *sent = json_copy((json_t *)properties);
	const char *name, *out;
	json_t *value;
	char *text;

	drop_read_only(sent);
	json_object_foreach(sent, name, value)
	{
		if (json_is_null(value))
			json_object_del(json, name);
		else
			json_object_set(json, name, value);
	}
	json_decref(sent);
	if (json_is_object(call_member(call->json, "identity")))
		json_object_set(json, "identity", call_member(call->json, "identity"));
	add_usual(json);
	text = json_dumps(json, JSON_COMPACT);
	out = arena_strdup(call->arena, text);
	free(text);
	json_decref(json);
	return out;
}

/* Within a transaction. */
static void
write_pool(struct call *call, int64_t account, const struct pool *old, const char *properties)
{
	int64_t now = vclock_ms(&call->world->clock);

	if (old)
		db_do(call->world->db,
			"UPDATE pool SET properties=?, modified_ms=?, revision=revision+1"
			" WHERE id=?",
			"tii", properties, now, old->id);
	else
		db_do(call->world->db,
			"INSERT INTO pool(account,name,properties,created_ms,modified_ms,revision)"
			" VALUES(?,?,?,?,?,0)",
			"ittii", account, call->params[3], properties, now, now);
}

/* If-Match wants the pool as it was seen, If-None-Match "*" that there is none yet, its other
 * values are ignored [BatchManagement.json, Pool_Create and Pool_Update]. pool: NULL when there is
 * none. */
static bool
conditions_hold(struct call *call, const struct pool *pool)
{
	const char *yes = call_header(call, "If-Match"), *no = call_header(call, "If-None-Match");

	if (yes && (!pool || (strcmp(yes, "*") != 0 && strcmp(yes, etag(call, pool)) != 0)))
		return false;
	return !pool || !no || strcmp(no, "*") != 0;
}

static void
refuse_condition(struct call *call)
{
	batch_refuse(call, 412, "ConditionNotMet", NULL, NULL,
		"The condition specified using HTTP conditional header(s) is not met.");
}

static void
change(struct call *call, bool make)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	const json_t *properties = call_member(call->json, "properties");
	json_t *none = json_object();
	struct db *db = call->world->db;
	struct pool pool;
	bool found, fits;

	if (!json_is_object(properties))
		properties = none;
	if (!load(call, "write", a) || (make && !check_new(call, properties)) ||
		!check_scale(call, properties)) {
		json_decref(none);
		return;
	}
	db_begin(db);
	found = find_pool(call, a->id, call->params[3], &pool);
	fits = (!found && !make) || conditions_hold(call, found ? &pool : NULL);
	if (fits && (found || make)) {
		write_pool(call, a->id, found ? &pool : NULL,
			merged(call, found && !make ? pool.properties : "{}", properties));
		find_pool(call, a->id, call->params[3], &pool);
	}
	json_decref(none);
	if (!db_commit(db))
		reply_broken(call);
	else if (!fits)
		refuse_condition(call);
	else if (found || make)
		show(call, a, &pool);
	else
		refuse_missing(call);
}

static void
put_pool(struct call *call)
{
	change(call, true);
}

static void
patch_pool(struct call *call)
{
	change(call, false);
}

static void
delete_pool(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct db *db = call->world->db;
	struct pool pool;
	bool found;

	if (!load(call, "delete", a))
		return;
	db_begin(db);
	found = find_pool(call, a->id, call->params[3], &pool);
	if (found)
		db_do(db, "DELETE FROM pool WHERE id=?", "i", pool.id);
	if (db_commit(db))
		reply_empty(call, found ? 200 : 204);
	else
		reply_broken(call);
}

#define POOLS "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Batch/batchAccounts/{}/pools"

const struct route arm_pool_routes[] = {
	{ROUTE_ARM, VERB_GET, POOLS, type, 0, list_pools},
	{ROUTE_ARM, VERB_GET, POOLS "/{}", type, 0, get_pool},
	{ROUTE_ARM, VERB_PUT, POOLS "/{}", type, ROUTE_JSON, put_pool},
	{ROUTE_ARM, VERB_PATCH, POOLS "/{}", type, ROUTE_JSON, patch_pool},
	{ROUTE_ARM, VERB_DELETE, POOLS "/{}", type, 0, delete_pool},
};
const size_t arm_pool_routes_len = ARRAY_LEN(arm_pool_routes);
