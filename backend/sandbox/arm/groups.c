/* Resource groups. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"

static const char type[] = "Microsoft.Resources/subscriptions";

static const char *
scope_of(struct call *call, const char *group)
{
	return group ? arena_printf(call->arena, "/subscriptions/%s/resourceGroups/%s",
			       call->params[0], group)
		     : arena_printf(call->arena, "/subscriptions/%s", call->params[0]);
}

static json_t *
group_json(const char *subscription, sqlite3_stmt *stmt)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 0);
	const char *tags = (const char *)sqlite3_column_text(stmt, 2);
	json_t *json = json_pack("{s:o,s:s,s:s,s:s}", "id",
		json_sprintf("/subscriptions/%s/resourceGroups/%s", subscription, name), "name",
		name, "type", "Microsoft.Resources/resourceGroups", "location",
		sqlite3_column_text(stmt, 1));

	if (tags)
		json_object_set_new(json, "tags", reply_stored(tags));
	json_object_set_new(
		json, "properties", json_pack("{s:s}", "provisioningState", "Succeeded"));
	return json;
}

static void
list_groups(struct call *call)
{
	struct db *db = call->world->db;
	json_t *value = json_array();
	sqlite3_stmt *stmt;

	if (!rights_action(call, "Microsoft.Resources/subscriptions/resourceGroups/read",
		    scope_of(call, NULL)))
		return;
	db_lock(db);
	stmt = db_ask(db,
		"SELECT name, location, tags FROM resource_group WHERE subscription=? ORDER BY id",
		"t", call->params[0]);
	while (db_next(db, stmt))
		json_array_append_new(value, group_json(call->params[0], stmt));
	db_unlock(db);
	reply_json(call, 200, json_pack("{s:o}", "value", value));
}

/* Reads the group that the path names. The lock must be held. */
static json_t *
load_group(struct call *call)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT name, location, tags FROM resource_group WHERE subscription=? AND name=?",
		"tt", call->params[0], call->params[1]);
	json_t *json = NULL;

	if (db_next(db, stmt)) {
		json = group_json(call->params[0], stmt);
		db_done(stmt);
	}
	return json;
}

static void
get_group(struct call *call)
{
	json_t *json;

	if (!rights_action(call, "Microsoft.Resources/subscriptions/resourceGroups/read",
		    scope_of(call, call->params[1])))
		return;
	db_lock(call->world->db);
	json = load_group(call);
	db_unlock(call->world->db);
	if (call->verb == VERB_HEAD) {
		reply_empty(call, json ? 204 : 404);
		json_decref(json);
	} else if (json) {
		reply_json(call, 200, json);
	} else {
		reply_error(call, 404, "ResourceGroupNotFound",
			"Resource group '%s' could not be found.", call->params[1]);
	}
}

static bool
group_name_ok(struct call *call)
{
	const char *name = call->params[1];
	size_t len = strlen(name);
	bool ok = len >= 1 && len <= 90 && name[len - 1] != '.';

	for (size_t i = 0; ok && i < len; i++)
		ok = isalnum((unsigned char)name[i]) || strchr("-_.()", name[i]) ||
		     (unsigned char)name[i] >= 0x80;
	if (!ok)
		reply_error(call, 400, "InvalidResourceGroup",
			"The provided resource group name '%s' has invalid characters or length. The name can be up to 90 letters, digits, dots, dashes, underscores and parentheses, and may not end with a dot.",
			name);
	return ok;
}

static void
put_group(struct call *call)
{
	struct db *db = call->world->db;
	char location[48];
	const char *tags;
	json_t *old, *json;

	if (!rights_action(call, "Microsoft.Resources/subscriptions/resourceGroups/write",
		    scope_of(call, call->params[1])) ||
		!group_name_ok(call) ||
		!arm_location(call, call_text(call->json, "location"), location) ||
		!arm_tags(call, NULL, &tags))
		return;
	db_begin(db);
	old = load_group(call);
	if (old && strcmp(json_string_value(json_object_get(old, "location")), location) != 0) {
		db_rollback(db);
		reply_error(call, 409, "InvalidResourceGroupLocation",
			"Invalid resource group location '%s'. The Resource group already exists in location '%s'.",
			location, json_string_value(json_object_get(old, "location")));
		json_decref(old);
		return;
	}
	db_do(db,
		"INSERT INTO resource_group(subscription,name,location,tags) VALUES(?,?,?,?)"
		" ON CONFLICT(subscription,name) DO UPDATE SET tags=excluded.tags",
		"tttt", call->params[0], call->params[1], location, tags);
	json = load_group(call);
	if (db_commit(db)) {
		reply_json(call, old ? 200 : 201, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
	json_decref(old);
}

const struct route arm_group_routes[] = {
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/resourceGroups", type, 0, list_groups},
	{ROUTE_ARM, VERB_GET | VERB_HEAD, "/subscriptions/{}/resourceGroups/{}", type, 0,
		get_group},
	{ROUTE_ARM, VERB_PUT, "/subscriptions/{}/resourceGroups/{}", type, ROUTE_JSON, put_group},
};
const size_t arm_group_routes_len = ARRAY_LEN(arm_group_routes);
