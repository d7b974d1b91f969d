/* Local role definitions and assignments of a Managed HSM. Shapes: recording of azure-cli,
 * test_keyvault_hsm_role; rbac.json 7.4. Custom roles are not kept. That a second assignment is
 * refused as ARM refuses it is not established. */
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/azure/keyid.h"
#include "backend/base/text.h"
#include "backend/sandbox/kv/hsm_role_table.h"
#include "backend/sandbox/kv/hsm_roles.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/assignments.h"

#define DEFINITION "Microsoft.KeyVault/providers/Microsoft.Authorization/roleDefinitions/"

/* What stands in the path before /providers: /, /keys or /keys/NAME. Clients write the first as
 * nothing or as any number of slashes (recorded). */
static const char *
scope_of(struct call *call)
{
	const char *scope = "";

	for (size_t i = 0; i < call->segments_len; i++) {
		const char *segment = call->segments[i] + strspn(call->segments[i], "/");

		if (text_casecmp(segment, "providers") == 0)
			break;
		if (segment[0])
			scope = arena_printf(call->arena, "%s/%s", scope, segment);
	}
	return scope[0] ? scope : "/";
}

static bool
scope_ok(struct call *call)
{
	const char *scope = scope_of(call);

	return strcmp(scope, "/") == 0 || text_casecmp(scope, "/keys") == 0 ||
	       (text_case_starts(scope, "/keys/") && keyid_is_key_name(scope + 6)) ||
	       kv_bad(call, arena_printf(call->arena, "Invalid scope: %s", scope));
}

static json_t *
texts(const char *const *list, const char *prefix)
{
	json_t *json = json_array();

	for (size_t i = 0; list && list[i]; i++)
		json_array_append_new(json, json_sprintf("%s%s", prefix, list[i]));
	return json;
}

static json_t *
definition(const struct hsm_role *role)
{
	return json_pack("{s:o,s:s,s:s,s:{s:s,s:s,s:s,s:[s],s:[{s:o,s:o,s:o,s:o}]}}", "id",
		json_sprintf(DEFINITION "%s", role->id), "name", role->id, "type",
		"Microsoft.Authorization/roleDefinitions", "properties", "roleName", role->name,
		"type", "AKVBuiltInRole", "description", "", "assignableScopes", "/", "permissions",
		"actions", texts(NULL, ""), "notActions", texts(NULL, ""), "dataActions",
		texts(role->actions, HSM_ACTIONS), "notDataActions", texts(NULL, ""));
}

/* The value in a filter such as roleName eq 'Managed HSM Crypto User'; NULL: no such filter. */
static const char *
filtered(struct call *call, const char *field)
{
	const char *filter = call_query(call, "$filter"), *at, *end;
	char *value;

	if (!filter || !text_case_starts(filter, field))
		return NULL;
	at = strchr(filter, '\'');
	end = at ? strchr(at + 1, '\'') : NULL;
	if (!end)
		return NULL;
	value = arena_strdup(call->arena, at + 1);
	value[end - at - 1] = '\0';
	return value;
}

static void
list_definitions(struct call *call)
{
	const char *name = filtered(call, "roleName eq ");
	json_t *value;
	bool ok;

	db_lock(call->world->db);
	ok = hsm_allows_at(call, "roleDefinitions/read/action", scope_of(call));
	db_unlock(call->world->db);
	if (!ok)
		return;
	value = json_array();
	for (size_t i = 0; i < hsm_role_table_len; i++)
		if (!name || text_casecmp(name, hsm_role_table[i].name) == 0)
			json_array_append_new(value, definition(&hsm_role_table[i]));
	reply_json(call, 200, json_pack("{s:o}", "value", value));
}

static const char *
last_param(const struct call *call)
{
	return call->params[call->params_len - 1];
}

static void
one_definition(struct call *call)
{
	const struct hsm_role *role = hsm_role_find(last_param(call));
	bool reads = call->verb == VERB_GET, ok;

	db_lock(call->world->db);
	ok = hsm_allows_at(call,
		reads ? "roleDefinitions/read/action" : "roleDefinitions/delete/action",
		scope_of(call));
	db_unlock(call->world->db);
	if (!ok)
		return;
	if (!role)
		reply_vault_error(call, 404, "RoleDefinitionNotFound", NULL,
			"Requested role definition not found");
	else if (reads)
		reply_json(call, 200, definition(role));
	else
		kv_bad(call, "A built-in role definition cannot be deleted");
}

static const char assignments[] =
	"SELECT name, scope, principal, role FROM hsm_assignment WHERE vault=? AND name LIKE ?"
	" ORDER BY id";

static json_t *
assignment(sqlite3_stmt *stmt)
{
	const char *name = (const char *)sqlite3_column_text(stmt, 0);

	return json_pack("{s:o,s:s,s:s,s:{s:s,s:s,s:o}}", "id",
		json_sprintf("/providers/Microsoft.Authorization/roleAssignments/%s", name), "name",
		name, "type", "Microsoft.Authorization/roleAssignments", "properties", "scope",
		sqlite3_column_text(stmt, 1), "principalId", sqlite3_column_text(stmt, 2),
		"roleDefinitionId",
		json_sprintf(DEFINITION "%s", (const char *)sqlite3_column_text(stmt, 3)));
}

/* What counts at the scope, and what lies below it (recorded: /keys lists what is assigned at /).
 */
static void
list_assignments(struct call *call)
{
	const char *scope = scope_of(call), *principal = filtered(call, "principalId eq ");
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;
	json_t *value;

	db_lock(db);
	if (hsm_allows_at(call, "roleAssignments/read/action", scope)) {
		value = json_array();
		stmt = db_ask(db, assignments, "it", call->vault->id, "%");
		while (db_next(db, stmt)) {
			const char *at = (const char *)sqlite3_column_text(stmt, 1);
			const char *who = (const char *)sqlite3_column_text(stmt, 2);

			if ((assignments_cover(at, scope) || assignments_cover(scope, at)) &&
				(!principal || text_casecmp(principal, who) == 0))
				json_array_append_new(value, assignment(stmt));
		}
		reply_json(call, 200, json_pack("{s:o}", "value", value));
	}
	db_unlock(db);
}

/* NULL when there is none of that name, at whatever scope (recorded). */
static json_t *
find_assignment(struct call *call, const char *name)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt;
	json_t *json;

	if (!armid_is_guid(name))
		return NULL;
	stmt = db_ask(db, assignments, "it", call->vault->id, name);
	if (!db_next(db, stmt))
		return NULL;
	json = assignment(stmt);
	db_done(stmt);
	return json;
}

static bool
refuse_unknown(struct call *call)
{
	reply_vault_error(
		call, 404, "RoleAssignmentNotFound", NULL, "Requested role assignment not found");
	return false;
}

static void
get_assignment(struct call *call)
{
	struct db *db = call->world->db;
	json_t *json;

	db_lock(db);
	if (hsm_allows_at(call, "roleAssignments/read/action", scope_of(call))) {
		json = find_assignment(call, last_param(call));
		if (json)
			reply_json(call, 200, json);
		else
			refuse_unknown(call);
	}
	db_unlock(db);
}

/* Within db_begin. NULL: answered. */
static json_t *
remove_assignment(struct call *call, const char *name)
{
	json_t *json;

	if (!hsm_allows_at(call, "roleAssignments/delete/action", scope_of(call)))
		return NULL;
	json = find_assignment(call, name);
	if (json)
		db_do(call->world->db, "DELETE FROM hsm_assignment WHERE vault=? AND name=?", "it",
			call->vault->id, name);
	else
		refuse_unknown(call);
	return json;
}

struct grant {
	const char *principal;
	const struct hsm_role *role;
};

static bool
take_grant(struct call *call, struct grant *out)
{
	const json_t *properties = call_member(call->json, "properties");
	const char *role = call_text(properties, "roleDefinitionId"), *slash;

	out->principal = call_text(properties, "principalId");
	if (!role || !out->principal || !armid_is_guid(out->principal))
		return kv_bad(call, "Properties roleDefinitionId and principalId are required");
	if (!armid_is_guid(last_param(call)))
		return kv_bad(call, "The name of a role assignment must be a GUID");
	slash = strrchr(role, '/');
	out->role = hsm_role_find(slash ? slash + 1 : role);
	if (out->role)
		return true;
	reply_vault_error(
		call, 404, "RoleDefinitionNotFound", NULL, "Requested role definition not found");
	return false;
}

/* Whether a principal has the role at exactly that scope, or the name is taken. */
static bool
is_taken(struct call *call, const struct grant *grant, const char *scope)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT 1 FROM hsm_assignment WHERE vault=? AND"
		" (name=? OR (principal=? AND role=? AND scope=?))",
		"ittt"
		"t",
		call->vault->id, last_param(call), grant->principal, grant->role->id, scope);
	bool taken = db_next(db, stmt);

	if (taken)
		db_done(stmt);
	return taken;
}

static json_t *
add_grant(struct call *call, const struct grant *grant)
{
	const char *scope = scope_of(call);
	struct db *db = call->world->db;

	if (!hsm_allows_at(call, "roleAssignments/write/action", scope))
		return NULL;
	if (is_taken(call, grant, scope)) {
		reply_vault_error(call, 409, "RoleAssignmentExists", NULL,
			"The role assignment already exists");
		return NULL;
	}
	hsm_assign(db, call->vault->id, last_param(call), scope, grant->principal, grant->role->id,
		(int64_t)call->now * 1000);
	return find_assignment(call, last_param(call));
}

static void
change_assignment(struct call *call)
{
	bool adds = call->verb == VERB_PUT;
	struct db *db = call->world->db;
	struct grant grant = {0};
	json_t *json;

	if (adds && (!scope_ok(call) || !take_grant(call, &grant)))
		return;
	db_begin(db);
	json = adds ? add_grant(call, &grant) : remove_assignment(call, last_param(call));
	if (!json) {
		db_rollback(db);
	} else if (db_commit(db)) {
		reply_json(call, adds ? 201 : 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

const struct route hsm_role_routes[] = {
	{HOST_HSM, VERB_GET, "/{*}/providers/Microsoft.Authorization/roleDefinitions", NULL, 0,
		list_definitions},
	{HOST_HSM, VERB_GET | VERB_DELETE,
		"/{*}/providers/Microsoft.Authorization/roleDefinitions/{}", NULL, 0,
		one_definition},
	{HOST_HSM, VERB_GET, "/{*}/providers/Microsoft.Authorization/roleAssignments", NULL, 0,
		list_assignments},
	{HOST_HSM, VERB_GET, "/{*}/providers/Microsoft.Authorization/roleAssignments/{}", NULL, 0,
		get_assignment},
	{HOST_HSM, VERB_DELETE, "/{*}/providers/Microsoft.Authorization/roleAssignments/{}", NULL,
		0, change_assignment},
	{HOST_HSM, VERB_PUT, "/{*}/providers/Microsoft.Authorization/roleAssignments/{}", NULL,
		ROUTE_JSON, change_assignment},
};
const size_t hsm_role_routes_len = ARRAY_LEN(hsm_role_routes);
