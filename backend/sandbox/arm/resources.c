/* Resources as the generic lists show them: nothing but id, name, type, place and tags. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

static const char type[] = "Microsoft.Resources/subscriptions";

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

/* Row numbers of the tables interleave, so that one number says where a page ends. */
static const char select_resources[] =
	"SELECT * FROM (SELECT 3*a.id AS n, g.name AS grp, CASE a.service"
	" WHEN 0 THEN 'Microsoft.Automation/automationAccounts'"
	" WHEN 1 THEN 'Microsoft.Batch/batchAccounts'"
	" ELSE 'Microsoft.Storage/storageAccounts' END AS kind,"
	" a.name AS name, a.location, a.tags FROM account a"
	" JOIN resource_group g ON g.id=a.grp WHERE g.subscription=?1"
	" UNION ALL SELECT 3*v.id+1, g.name, CASE v.kind WHEN 0 THEN 'Microsoft.KeyVault/vaults'"
	" ELSE 'Microsoft.KeyVault/managedHSMs' END, v.name, v.location, v.tags"
	" FROM vault v JOIN resource_group g ON g.id=v.grp WHERE g.subscription=?1"
	" AND v.deleted_at IS NULL"
	" UNION ALL SELECT 3*i.id+2, g.name, 'Microsoft.ManagedIdentity/userAssignedIdentities',"
	" i.name, i.location, i.tags FROM identity i JOIN resource_group g ON g.id=i.grp"
	" WHERE g.subscription=?1) WHERE n>?2 AND (?3='' OR kind=?3 COLLATE NOCASE)"
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
	if (!rights_action(call, "Microsoft.Resources/subscriptions/resources/read",
		    arm_scope(call, type)) ||
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

const struct route arm_resource_routes[] = {
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/resources", type, 0, list_resources},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/resourceGroups/{}/resources", type, 0,
		list_resources},
};
const size_t arm_resource_routes_len = ARRAY_LEN(arm_resource_routes);
