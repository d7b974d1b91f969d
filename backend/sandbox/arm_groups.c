/* Resource groups, and the resources in them as the generic lists show them: nothing but id, name,
 * type, place and tags. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/access.h"
#include "backend/sandbox/arm.h"
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

	if (!access_action(call, "Microsoft.Resources/subscriptions/resourceGroups/read",
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

	if (!access_action(call, "Microsoft.Resources/subscriptions/resourceGroups/read",
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

	if (!access_action(call, "Microsoft.Resources/subscriptions/resourceGroups/write",
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

struct filter {
	char type[128], name[128];
};

/* Takes "field eq 'value'" at *at. */
static bool
take_term(const char **at, struct filter *filter)
{
	char *out;
	size_t room, len;

	*at += strspn(*at, " ");
	if (text_case_starts(*at, "resourceType")) {
		*at += strlen("resourceType");
		out = filter->type;
		room = sizeof filter->type;
	} else if (text_case_starts(*at, "name")) {
		*at += strlen("name");
		out = filter->name;
		room = sizeof filter->name;
	} else {
		return false;
	}
	*at += strspn(*at, " ");
	if (!text_case_starts(*at, "eq"))
		return false;
	*at += 2 + strspn(*at + 2, " ");
	if (**at != '\'')
		return false;
	len = strcspn(++*at, "'");
	if (len >= room || (*at)[len] != '\'')
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len + 1;
	*at += strspn(*at, " ");
	return true;
}

static bool
take_filter(struct call *call, struct filter *out)
{
	const char *at = call_query(call, "$filter");

	*out = (struct filter){0};
	if (!at || !*at)
		return true;
	for (;;) {
		if (!take_term(&at, out))
			break;
		if (!*at)
			return true;
		if (!text_case_starts(at, "and "))
			break;
		at += strlen("and ");
	}
	reply_error(call, 400, "InvalidFilterInQueryString",
		"Invalid $filter '%s' specified in the query string.", call_query(call, "$filter"));
	return false;
}

static json_t *
resource_json(const char *subscription, sqlite3_stmt *stmt)
{
	const char *group = (const char *)sqlite3_column_text(stmt, 1);
	const char *kind = (const char *)sqlite3_column_text(stmt, 2);
	const char *name = (const char *)sqlite3_column_text(stmt, 3);

	return json_pack("{s:o,s:s,s:s,s:s,s:o}", "id",
		json_sprintf("/subscriptions/%s/resourceGroups/%s/providers/%s/%s", subscription,
			group, kind, name),
		"name", name, "type", kind, "location", sqlite3_column_text(stmt, 4), "tags",
		reply_stored((const char *)sqlite3_column_text(stmt, 5)));
}

/* Row numbers of the two tables interleave (twice the id, plus one for vaults), so that one number
 * says where a page ends. */
static const char select_resources[] =
	"SELECT * FROM (SELECT 2*a.id AS n, g.name AS grp, 'Microsoft.Automation/automationAccounts' AS kind,"
	" a.name AS name, a.location, a.tags FROM automation a"
	" JOIN resource_group g ON g.id=a.grp WHERE g.subscription=?1"
	" UNION ALL SELECT 2*v.id+1, g.name, 'Microsoft.KeyVault/vaults', v.name, v.location, v.tags"
	" FROM vault v JOIN resource_group g ON g.id=v.grp WHERE g.subscription=?1"
	" AND v.deleted_at IS NULL) WHERE n>?2 AND (?3='' OR kind=?3 COLLATE NOCASE)"
	" AND (?4='' OR name=?4 COLLATE NOCASE) AND (?5='' OR grp=?5 COLLATE NOCASE)"
	" ORDER BY n LIMIT ?6";

static void
list_resources(struct call *call)
{
	const char *group = call->params_len > 1 ? call->params[1] : "";
	const char *top = call_query(call, "$top");
	struct db *db = call->world->db;
	json_t *value, *json;
	struct filter filter;
	sqlite3_stmt *stmt;
	int64_t after, last = 0, page = top ? strtol(top, NULL, 10) : ARM_PAGE;
	struct arm_group found;

	if (page < 1 || page > ARM_PAGE)
		page = ARM_PAGE;
	if (!access_action(call, "Microsoft.Resources/subscriptions/resources/read",
		    scope_of(call, group[0] ? group : NULL)) ||
		!take_filter(call, &filter) || !arm_after(call, &after))
		return;
	db_lock(db);
	if (group[0] && !arm_group(call, call->params[0], group, &found)) {
		db_unlock(db);
		return;
	}
	value = json_array();
	json = json_pack("{s:o}", "value", value);
	stmt = db_ask(db, select_resources, "tittti", call->params[0], after, filter.type,
		filter.name, group, page + 1);
	while (db_next(db, stmt)) {
		if ((int64_t)json_array_size(value) == page) {
			json_object_set_new(json, "nextLink", arm_next_link(call, last));
			db_done(stmt);
			break;
		}
		last = sqlite3_column_int64(stmt, 0);
		json_array_append_new(value, resource_json(call->params[0], stmt));
	}
	db_unlock(db);
	reply_json(call, 200, json);
}

const struct route arm_group_routes[] = {
	{HOST_ARM | HOST_LOCAL, VERB_GET, "/subscriptions/{}/resourceGroups", type, 0, list_groups},
	{HOST_ARM | HOST_LOCAL, VERB_GET | VERB_HEAD, "/subscriptions/{}/resourceGroups/{}", type,
		0, get_group},
	{HOST_ARM | HOST_LOCAL, VERB_PUT, "/subscriptions/{}/resourceGroups/{}", type, ROUTE_JSON,
		put_group},
	{HOST_ARM | HOST_LOCAL, VERB_GET, "/subscriptions/{}/resources", type, 0, list_resources},
	{HOST_ARM | HOST_LOCAL, VERB_GET, "/subscriptions/{}/resourceGroups/{}/resources", type, 0,
		list_resources},
};
const size_t arm_group_routes_len = ARRAY_LEN(arm_group_routes);
