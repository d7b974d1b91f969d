/* Resources as the generic lists show them: nothing but id, name, type, place and tags. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

static const char type[] = "Microsoft.Resources/subscriptions";

enum field { FIELD_TYPE, FIELD_NAME, FIELD_GROUP, FIELD_PLACE, FIELD_TAG, FIELD_TAG_VALUE, FIELDS };

struct filter {
	char is[FIELDS][257];
	char name_has[129]; /* substringof('x', name) */
	char tag_starts[257];
};

/* Takes a text in quotes at *at. */
static bool
take_quoted(const char **at, char *out, size_t room)
{
	size_t len;

	*at += strspn(*at, " ");
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
take_text(const char **at, const char *text)
{
	*at += strspn(*at, " ");
	if (!text_case_starts(*at, text))
		return false;
	*at += strlen(text);
	return true;
}

/* field eq 'value', substringof('value', name) or startswith(tagName, 'value'). */
static bool
take_term(const char **at, struct filter *filter)
{
	static const char *const fields[FIELDS] = {
		"resourceType", "name", "resourceGroup", "location", "tagName", "tagValue"};

	if (take_text(at, "substringof("))
		return take_quoted(at, filter->name_has, sizeof filter->name_has) &&
		       take_text(at, ",") && take_text(at, "name") && take_text(at, ")");
	if (take_text(at, "startswith("))
		return take_text(at, "tagName") && take_text(at, ",") &&
		       take_quoted(at, filter->tag_starts, sizeof filter->tag_starts) &&
		       take_text(at, ")");
	for (size_t i = 0; i < FIELDS; i++)
		if (take_text(at, fields[i]))
			return take_text(at, "eq") &&
			       take_quoted(at, filter->is[i], sizeof filter->is[i]);
	return false;
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
		at += strspn(at, " ");
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

static bool
tags_fit(const json_t *tags, const struct filter *filter)
{
	const char *name = filter->is[FIELD_TAG], *value = filter->is[FIELD_TAG_VALUE];
	const char *found = name[0] ? call_text(tags, name) : NULL;
	const char *key;
	json_t *one;

	if (name[0])
		return found && (!value[0] || text_casecmp(found, value) == 0);
	if (!filter->tag_starts[0])
		return true;
	json_object_foreach((json_t *)tags, key, one)
	{
		if (text_case_starts(key, filter->tag_starts))
			return true;
	}
	return false;
}

/* group as in the row; the rest from the resource as it is shown. */
static bool
fits(const json_t *resource, const char *group, const struct filter *filter)
{
	const char *const has[] = {json_string_value(json_object_get(resource, "type")),
		json_string_value(json_object_get(resource, "name")), group,
		json_string_value(json_object_get(resource, "location"))};

	for (size_t i = 0; i < ARRAY_LEN(has); i++)
		if (filter->is[i][0] && text_casecmp(filter->is[i], has[i]) != 0)
			return false;
	return text_case_has(has[FIELD_NAME], filter->name_has) &&
	       tags_fit(json_object_get(resource, "tags"), filter);
}

static json_t *
resource_json(struct call *call, sqlite3_stmt *stmt, const char *expand)
{
	const char *group = (const char *)sqlite3_column_text(stmt, 1);
	const char *kind = (const char *)sqlite3_column_text(stmt, 2);
	const char *name = (const char *)sqlite3_column_text(stmt, 3);
	json_t *json = json_pack("{s:o,s:s,s:s,s:s,s:o}", "id",
		json_sprintf("/subscriptions/%s/resourceGroups/%s/providers/%s/%s", call->params[0],
			group, kind, name),
		"name", name, "type", kind, "location", sqlite3_column_text(stmt, 4), "tags",
		reply_stored((const char *)sqlite3_column_text(stmt, 5)));

	if (text_case_has(expand, "createdTime"))
		json_object_set_new(json, "createdTime",
			json_string(reply_time_7(call, sqlite3_column_int64(stmt, 6))));
	if (text_case_has(expand, "changedTime"))
		json_object_set_new(json, "changedTime",
			json_string(reply_time_7(call, sqlite3_column_int64(stmt, 7))));
	if (text_case_has(expand, "provisioningState"))
		json_object_set_new(json, "provisioningState", json_string("Succeeded"));
	return json;
}

/* Row numbers of the tables interleave, so that one number says where a page ends. */
static const char select_resources[] =
	"SELECT * FROM (SELECT 3*a.id AS n, g.name AS grp, CASE a.service"
	" WHEN 0 THEN 'Microsoft.Automation/automationAccounts'"
	" WHEN 1 THEN 'Microsoft.Batch/batchAccounts'"
	" ELSE 'Microsoft.Storage/storageAccounts' END,"
	" a.name, a.location, a.tags, a.created_ms, a.modified_ms FROM account a"
	" JOIN resource_group g ON g.id=a.grp WHERE g.subscription=?1"
	" UNION ALL SELECT 3*v.id+1, g.name, CASE v.kind WHEN 0 THEN 'Microsoft.KeyVault/vaults'"
	" ELSE 'Microsoft.KeyVault/managedHSMs' END, v.name, v.location, v.tags, v.created_ms,"
	" v.modified_ms FROM vault v JOIN resource_group g ON g.id=v.grp WHERE g.subscription=?1"
	" AND v.deleted_at IS NULL"
	" UNION ALL SELECT 3*i.id+2, g.name, 'Microsoft.ManagedIdentity/userAssignedIdentities',"
	" i.name, i.location, i.tags, i.created_ms, i.created_ms FROM identity i"
	" JOIN resource_group g ON g.id=i.grp WHERE g.subscription=?1)"
	" WHERE n>?2 AND (?3='' OR grp=?3 COLLATE NOCASE) ORDER BY n LIMIT ?4";

/* The link of a filtered list goes on with the filter. */
static json_t *
next_link(struct call *call, int64_t last)
{
	static const char *const kept[] = {"$filter", "$expand"};
	json_t *plain = arm_next_link(call, last), *link;
	struct buf more;

	buf_init(&more, 8192);
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		const char *value = call_query(call, kept[i]);

		if (value && *value)
			(void)!buf_addf(&more, "&%%24%s=", kept[i] + 1);
		for (const char *at = value ? value : ""; *at; at++)
			(void)!buf_addf(&more,
				strchr("-._~", *at) || isalnum((unsigned char)*at) ? "%c"
										   : "%%%02X",
				(unsigned char)*at);
	}
	link = json_sprintf("%s%s", json_string_value(plain), buf_text(&more));
	buf_free(&more);
	json_decref(plain);
	return link;
}

/* Looks at so many rows and shows those that fit: of a large estate a page may show none and still
 * have a next one (recorded for resources?$filter). The lock must be held. */
static json_t *
page_of(struct call *call, const struct filter *filter, int64_t after, int64_t rows)
{
	const char *group = call->params_len > 1 ? call->params[1] : "";
	const char *expand = call_query(call, "$expand");
	json_t *value = json_array(), *json = json_pack("{s:o}", "value", value), *one;
	struct db *db = call->world->db;
	sqlite3_stmt *stmt =
		db_ask(db, select_resources, "titi", call->params[0], after, group, rows + 1);
	int64_t last = after;

	for (int64_t seen = 0; db_next(db, stmt); seen++) {
		if (seen == rows) {
			json_object_set_new(json, "nextLink", next_link(call, last));
			db_done(stmt);
			break;
		}
		last = sqlite3_column_int64(stmt, 0);
		one = resource_json(call, stmt, expand ? expand : "");
		if (fits(one, (const char *)sqlite3_column_text(stmt, 1), filter))
			json_array_append(value, one);
		json_decref(one);
	}
	return json;
}

static void
list_resources(struct call *call)
{
	struct filter *filter = arena_alloc(call->arena, sizeof *filter);
	struct db *db = call->world->db;
	struct arm_group found;
	json_t *json = NULL;
	int64_t after, rows = (int64_t)arm_page_size(call);

	if (!rights_action(call, "Microsoft.Resources/subscriptions/resources/read",
		    arm_scope(call, type)) ||
		!take_filter(call, filter) || !arm_after(call, &after))
		return;
	db_lock(db);
	if (call->params_len < 2 || arm_group(call, call->params[0], call->params[1], &found))
		json = page_of(call, filter, after, rows);
	db_unlock(db);
	if (json)
		reply_json(call, 200, json);
}

const struct route arm_resource_routes[] = {
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/resources", type, 0, list_resources},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/resourceGroups/{}/resources", type, 0,
		list_resources},
};
const size_t arm_resource_routes_len = ARRAY_LEN(arm_resource_routes);
