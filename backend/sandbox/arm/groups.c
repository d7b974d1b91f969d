/* Resource groups. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/operations.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/assignments.h"
#include "backend/sandbox/rows/identities.h"
#include "backend/sandbox/rows/vaults.h"

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

/* tagName eq 'a' [and tagValue eq 'b'], the one filter that groups know. */
static bool
take_filter(struct call *call, char name[513], char value[257])
{
	const char *filter = call_query(call, "$filter");
	int end = 0;

	name[0] = value[0] = '\0';
	if (!filter || !*filter)
		return true;
	(void)sscanf(filter, " tagName eq '%512[^']'%n and tagValue eq '%256[^']'%n", name, &end,
		value, &end);
	if (end && filter[end] == '\0')
		return true;
	reply_error(call, 400, "InvalidFilterInQueryString",
		"Invalid $filter '%s' specified in the query string.", filter);
	return false;
}

static bool
fits(const json_t *group, const char *name, const char *value)
{
	const char *tag = call_text(json_object_get(group, "tags"), name);

	return !name[0] || (tag && (!value[0] || text_casecmp(tag, value) == 0));
}

/* One page of those that fit. The lock must be held. */
static json_t *
page_of(struct call *call, int64_t after, const char *name, const char *value)
{
	struct db *db = call->world->db;
	json_t *list = json_array(), *json = json_pack("{s:o}", "value", list), *one;
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT name, location, tags, id FROM resource_group WHERE subscription=? AND id>?"
		" AND gone=0 ORDER BY id",
		"ti", call->params[0], after);
	size_t page = arm_page_size(call);
	int64_t last = after;

	while (db_next(db, stmt)) {
		one = group_json(call->params[0], stmt);
		if (!fits(one, name, value)) {
			json_decref(one);
			continue;
		}
		if (json_array_size(list) == page) {
			json_object_set_new(json, "nextLink", arm_next_link(call, last));
			json_decref(one);
			db_done(stmt);
			break;
		}
		last = sqlite3_column_int64(stmt, 3);
		json_array_append_new(list, one);
	}
	return json;
}

static void
list_groups(struct call *call)
{
	char name[513], value[257];
	json_t *json;
	int64_t after;

	if (!rights_action(call, "Microsoft.Resources/subscriptions/resourceGroups/read",
		    scope_of(call, NULL)) ||
		!take_filter(call, name, value) || !arm_after(call, &after))
		return;
	db_lock(call->world->db);
	json = page_of(call, after, name, value);
	db_unlock(call->world->db);
	reply_json(call, 200, json);
}

/* Reads the group that the path names. The lock must be held. */
static json_t *
load_group(struct call *call)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT name, location, tags FROM resource_group WHERE subscription=? AND name=?"
		" AND gone=0",
		"tt", call->params[0], call->params[1]);
	json_t *json = NULL;

	if (db_next(db, stmt)) {
		json = group_json(call->params[0], stmt);
		db_done(stmt);
	}
	return json;
}

static void
refuse_missing(struct call *call)
{
	reply_error(call, 404, "ResourceGroupNotFound", "Resource group '%s' could not be found.",
		call->params[1]);
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
		refuse_missing(call);
	}
}

static bool
group_name_ok(struct call *call)
{
	const char *name = call->params[1];
	size_t len = strlen(name), letters = 0;
	bool ok = len >= 1 && name[len - 1] != '.';

	for (size_t i = 0; ok && i < len; i++) {
		ok = isalnum((unsigned char)name[i]) || strchr("-_.()", name[i]) ||
		     (unsigned char)name[i] >= 0x80;
		letters += ((unsigned char)name[i] & 0xc0) != 0x80;
	}
	ok = ok && letters <= 90;
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
		" ON CONFLICT(subscription,name) DO UPDATE SET tags=excluded.tags,"
		" location=excluded.location, gone=0",
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

/* Tags are replaced as a whole when they are sent; nothing else can change. */
static void
patch_group(struct call *call)
{
	struct db *db = call->world->db;
	const char *tags = NULL;
	json_t *json;

	if (!rights_action(call, "Microsoft.Resources/subscriptions/resourceGroups/write",
		    scope_of(call, call->params[1])) ||
		!arm_tags(call, NULL, &tags))
		return;
	db_begin(db);
	if (tags)
		db_do(db, "UPDATE resource_group SET tags=? WHERE subscription=? AND name=?", "ttt",
			tags, call->params[0], call->params[1]);
	json = load_group(call);
	if (!db_commit(db)) {
		json_decref(json);
		reply_broken(call);
	} else if (json) {
		reply_json(call, 200, json);
	} else {
		refuse_missing(call);
	}
}

/* Vaults and Managed HSMs become deleted ones, as by a call of their own. */
static void
delete_vaults(struct call *call, const struct arm_group *group)
{
	struct vault *vault = arena_alloc(call->arena, sizeof *vault);
	const char *const lists[] = {vault_by_group, hsm_by_group};
	struct db *db = call->world->db;

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		for (;;) {
			sqlite3_stmt *stmt = db_ask(db, lists[i], "ttii", call->params[0],
				group->name, (int64_t)0, (int64_t)1);

			if (!db_next(db, stmt))
				break;
			vaults_read(stmt, call->arena, vault);
			db_done(stmt);
			vaults_delete(db, vault, call->now);
		}
}

/* The row stays for the deleted vaults, which say where they were. */
static void
delete_group(struct call *call)
{
	const char *scope = scope_of(call, call->params[1]);
	struct db *db = call->world->db;
	struct arm_group group;

	if (!rights_action(call, "Microsoft.Resources/subscriptions/resourceGroups/delete", scope))
		return;
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group)) {
		db_rollback(db);
		return;
	}
	delete_vaults(call, &group);
	db_do(db, "DELETE FROM account WHERE grp=?", "i", group.id);
	identities_delete_group(db, group.id);
	db_do(db, "UPDATE resource_group SET gone=1, tags=NULL WHERE id=?", "i", group.id);
	assignments_drop(db, scope, vclock_ms(&call->world->clock));
	if (!db_commit(db))
		reply_broken(call);
	else if (!operation_accept(call, OPERATION_GROUP_DELETE, group.location, ""))
		reply_empty(call, 200);
}

const struct route arm_group_routes[] = {
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/resourceGroups", type, 0, list_groups},
	{ROUTE_ARM, VERB_GET | VERB_HEAD, "/subscriptions/{}/resourceGroups/{}", type, 0,
		get_group},
	{ROUTE_ARM, VERB_PUT, "/subscriptions/{}/resourceGroups/{}", type, ROUTE_JSON, put_group},
	{ROUTE_ARM, VERB_PATCH, "/subscriptions/{}/resourceGroups/{}", type, ROUTE_JSON,
		patch_group},
	{ROUTE_ARM, VERB_DELETE, "/subscriptions/{}/resourceGroups/{}", type, 0, delete_group},
};
const size_t arm_group_routes_len = ARRAY_LEN(arm_group_routes);
