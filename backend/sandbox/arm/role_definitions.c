/* Built-in roles, at every scope; there are no custom roles here. Shapes: recordings, and
 * authorization-RoleDefinitionsCalls.json 2022-04-01. At any scope within a subscription the id is
 * written at the subscription [recorded]. A role's condition is shown from 2022-05-01-preview on
 * [recorded], data actions from 2018-01-01-preview on. */
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/scope.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

static const char type[] = "Microsoft.Authorization/roleDefinitions";
static const char permissions_type[] = "Microsoft.Authorization/permissions";
static const char denials_type[] = "Microsoft.Authorization/denyAssignments";

static json_t *
list_json(const char *const patterns[ROLE_PATTERNS])
{
	json_t *list = json_array();

	for (size_t i = 0; patterns[i]; i++)
		json_array_append_new(list, json_string(patterns[i]));
	return list;
}

static json_t *
permission_json(struct call *call, const struct role *role)
{
	json_t *json = json_pack("{s:o,s:o}", "actions", list_json(role->actions), "notActions",
		list_json(role->not_actions));

	if (strcmp(call->api_version, "2018") > 0) {
		json_object_set_new(json, "dataActions", list_json(role->data_actions));
		json_object_set_new(json, "notDataActions", json_array());
	}
	if (role->condition && strcmp(call->api_version, "2022-05") > 0) {
		json_object_set_new(json, "conditionVersion", json_string("2.0"));
		json_object_set_new(json, "condition", json_string(role->condition));
	}
	return json;
}

static json_t *
role_json(struct call *call, const struct role *role, const char *scope)
{
	char subscription[37];

	scope_subscription(scope, subscription);
	return json_pack("{s:{s:s,s:s,s:s,s:[s],s:[o],s:s,s:s,s:n,s:n},s:o,s:s,s:s}", "properties",
		"roleName", role->name, "type", "BuiltInRole", "description", role->about,
		"assignableScopes", "/", "permissions", permission_json(call, role), "createdOn",
		role->created, "updatedOn", role->updated, "createdBy", "updatedBy", "id",
		json_sprintf("%s%s/providers/%s/%s", subscription[0] ? "/subscriptions/" : "",
			subscription, type, role->id),
		"type", type, "name", role->id);
}

/* The text between the quotes of "NAME eq 'TEXT'"; NULL when the filter is another one. A quote in
 * the text is doubled [OData]; no built-in role has one. */
static const char *
filter_text(struct call *call, const char *filter, const char *name)
{
	size_t len = strlen(name), end;

	if (!text_case_starts(filter, name) || !text_case_starts(filter + len, " eq '"))
		return NULL;
	filter += len + strlen(" eq '");
	end = strcspn(filter, "'");
	return strcmp(filter + end, "'") == 0 ? arena_printf(call->arena, "%.*s", (int)end, filter)
					      : NULL;
}

/* Anyone may read the roles of the tenant; elsewhere it takes a role. */
static const char *
readable_scope(struct call *call, size_t tail)
{
	const char *scope = scope_of(call, tail);

	if (!scope || strcmp(scope, "/") == 0)
		return scope;
	return rights_action(call, "Microsoft.Authorization/roleDefinitions/read", scope) &&
			       scope_exists(call, scope)
		       ? scope
		       : NULL;
}

static void
list_roles(struct call *call)
{
	const char *scope = readable_scope(call, 3), *filter = call_query(call, "$filter");
	const char *name = NULL, *kind = NULL;
	json_t *value;

	if (!scope)
		return;
	if (filter && filter[0] && text_casecmp(filter, "atScope()") != 0 &&
		text_casecmp(filter, "atScopeAndBelow()") != 0) {
		name = filter_text(call, filter, "roleName");
		kind = filter_text(call, filter, "type");
		if (!name && !kind) {
			reply_error(call, 400, "BadRequest",
				"The filter '%s' is not supported. Supported filters are 'atScope()', 'atScopeAndBelow()', 'roleName eq '{value}'' and 'type eq '{value}''.",
				filter);
			return;
		}
	}
	value = json_array();
	for (size_t i = 0; i < roles_len; i++)
		if ((!name || text_casecmp(name, roles[i].name) == 0) &&
			(!kind || text_casecmp(kind, "BuiltInRole") == 0))
			json_array_append_new(value, role_json(call, &roles[i], scope));
	reply_json(call, 200, json_pack("{s:o}", "value", value));
}

static void
get_role(struct call *call)
{
	const char *scope = readable_scope(call, 4);
	const struct role *role;

	if (!scope)
		return;
	role = roles_find(call->params[0]);
	if (role)
		reply_json(call, 200, role_json(call, role, scope));
	else
		reply_error(call, 404, "RoleDefinitionDoesNotExist",
			"The specified role definition with ID '%s' does not exist.",
			call->params[0]);
}

/* What the caller may do at a scope: the permissions of each of its roles. */
static void
list_permissions(struct call *call)
{
	const char *scope = scope_of(call, 3);
	struct world *world = call->world;
	const struct role *role;
	sqlite3_stmt *stmt;
	json_t *value;

	if (!scope || !rights_action(call, "Microsoft.Authorization/permissions/read", scope) ||
		!scope_exists(call, scope))
		return;
	value = json_array();
	db_lock(world->db);
	stmt = rights_walk(world, call->caller.object);
	while ((role = rights_next(world, stmt, scope)))
		json_array_append_new(value, permission_json(call, role));
	db_unlock(world->db);
	reply_json(call, 200, json_pack("{s:o}", "value", value));
}

/* Only Azure itself makes deny assignments, and nothing here does. */
static void
list_denials(struct call *call)
{
	const char *scope = scope_of(call, 3);

	if (scope && rights_action(call, "Microsoft.Authorization/denyAssignments/read", scope) &&
		scope_exists(call, scope))
		reply_json(call, 200, json_pack("{s:[]}", "value"));
}

#define AUTHORIZATION "/{*}/providers/Microsoft.Authorization"

const struct route arm_role_definition_routes[] = {
	{ROUTE_ARM, VERB_GET, AUTHORIZATION "/roleDefinitions", type, 0, list_roles},
	{ROUTE_ARM, VERB_GET, AUTHORIZATION "/roleDefinitions/{}", type, 0, get_role},
	{ROUTE_ARM, VERB_GET, AUTHORIZATION "/permissions", permissions_type, 0, list_permissions},
	{ROUTE_ARM, VERB_GET, AUTHORIZATION "/denyAssignments", denials_type, 0, list_denials},
};
const size_t arm_role_definition_routes_len = ARRAY_LEN(arm_role_definition_routes);
