/* Role assignments at a subscription, a group, a resource or a key. Shapes and the statuses of PUT:
 * recordings of azure-cli (test_role_assignment_create_update,
 * test_containerapp_registry_identity_user); authorization-RoleAssignmentsCalls.json 2022-04-01.
 * What PUT answers names no creator [recorded]. Refusals: recordings, and bodies pasted into public
 * threads. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/text.h"
#include "backend/sandbox/arm/scope.h"
#include "backend/sandbox/entra/principal.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/assignments.h"

static const char type[] = "Microsoft.Authorization/roleAssignments";

/* Role assignments that one subscription may hold [Azure subscription limits]. With them lists need
 * no pages. */
enum { MOST = 4000 };

static json_t *
or_null(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *
assignment_json(struct call *call, const struct assignment *a)
{
	const char *root = strcmp(a->scope, "/") == 0 ? "" : a->scope;
	char subscription[37];
	json_t *json = json_object();

	scope_subscription(a->scope, subscription);
	json_object_set_new(json, "roleDefinitionId",
		json_sprintf("%s%s/providers/Microsoft.Authorization/roleDefinitions/%s",
			subscription[0] ? "/subscriptions/" : "", subscription, a->role));
	json_object_set_new(json, "principalId", json_string(a->principal));
	json_object_set_new(json, "scope", json_string(a->scope));
	if (strcmp(call->api_version, "2018-09") > 0) {
		json_object_set_new(json, "principalType", json_string(a->principal_type));
		json_object_set_new(json, "condition", or_null(a->condition));
		json_object_set_new(json, "conditionVersion", or_null(a->condition_version));
		json_object_set_new(json, "delegatedManagedIdentityResourceId", json_null());
		json_object_set_new(json, "description", or_null(a->description));
	}
	json_object_set_new(json, "createdOn", json_string(reply_time_7(call, a->created_ms)));
	json_object_set_new(json, "updatedOn", json_string(reply_time_7(call, a->updated_ms)));
	json_object_set_new(json, "createdBy",
		call->verb == VERB_PUT ? json_null() : json_string(a->created_by));
	json_object_set_new(json, "updatedBy", json_string(a->updated_by));
	return json_pack("{s:o,s:o,s:s,s:s}", "properties", json, "id",
		json_sprintf("%s/providers/%s/%s", root, type, a->name), "type", type, "name",
		a->name);
}

static bool
name_checked(struct call *call)
{
	if (armid_is_guid(call->params[0]))
		return true;
	reply_error(call, 400, "InvalidRoleAssignmentId",
		"The role assignment ID '%s' is not valid. The role assignment ID must be a GUID.",
		call->params[0]);
	return false;
}

/* A GUID as these refusals write it, without its dashes. */
static const char *
bare(struct call *call, const char *guid)
{
	char *out = arena_strdup(call->arena, guid), *to = out;

	for (; *guid; guid++)
		if (*guid != '-')
			*to++ = (char)tolower((unsigned char)*guid);
	*to = '\0';
	return out;
}

/* The GUID at the end of a role definition's id; NULL when it is none. */
static const char *
role_of(const char *id)
{
	const char *last = id ? strrchr(id, '/') : NULL;

	last = last ? last + 1 : id;
	return last && armid_is_guid(last) ? last : NULL;
}

static bool
type_known(const char *principal_type)
{
	static const char *const types[] = {
		"User", "Group", "ServicePrincipal", "ForeignGroup", "Device"};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (text_casecmp(types[i], principal_type) == 0)
			return true;
	return false;
}

static const char *
text_or_empty(const json_t *object, const char *name)
{
	const char *text = call_text(object, name);

	return text ? text : "";
}

/* What the body wants, as far as it can be judged by itself. */
static bool
read_wanted(struct call *call, const char *scope, struct assignment *out)
{
	const json_t *properties = call_member(call->json, "properties");
	const char *principal = call_text(properties, "principalId");
	const char *role_id = call_text(properties, "roleDefinitionId"), *role = role_of(role_id);
	const char *kind = text_or_empty(properties, "principalType");

	if (!json_is_object(properties) || !principal || !role_id ||
		(kind[0] && !type_known(kind))) {
		reply_error(
			call, 400, "BadRequestFormat", "The request was incorrectly formatted.");
		return false;
	}
	if (!armid_is_guid(principal)) {
		reply_error(call, 400, "InvalidPrincipalId",
			"The Principal ID '%s' is not valid. Principal ID must be a GUID.",
			principal);
		return false;
	}
	if (!role) {
		reply_error(call, 400, "InvalidRoleDefinitionId",
			"The role definition ID '%s' is not valid. The role definition ID must be a GUID.",
			role_id);
		return false;
	}
	*out = (struct assignment){
		.scope = scope,
		.description = text_or_empty(properties, "description"),
		.condition = text_or_empty(properties, "condition"),
		.condition_version = text_or_empty(properties, "conditionVersion"),
		.created_by = call->caller.object,
		.updated_by = call->caller.object,
		.created_ms = vclock_ms(&call->world->clock),
	};
	out->updated_ms = out->created_ms;
	if (out->condition[0] && !out->condition_version[0])
		out->condition_version = "2.0";
	snprintf(out->name, sizeof out->name, "%s", call->params[0]);
	snprintf(out->principal, sizeof out->principal, "%s", principal);
	snprintf(out->principal_type, sizeof out->principal_type, "%s", kind);
	snprintf(out->role, sizeof out->role, "%s", role);
	return true;
}

/* Whether the directory knows the principal, as what the body says it is. With a type, Azure takes
 * one that it does not know yet [role-based-access-control troubleshooting]. */
static bool
principal_fits(struct call *call, struct assignment *a)
{
	struct principal *known = arena_alloc(call->arena, sizeof *known);
	const char *kind;

	if (!principal_by_object(call->world->db, call->caller.tenant, a->principal, known)) {
		if (a->principal_type[0])
			return true;
		reply_error(call, 400, "PrincipalNotFound",
			"Principal %s does not exist in the directory %s. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
			bare(call, a->principal), call->caller.tenant);
		return false;
	}
	kind = known->kind == PRINCIPAL_PERSON ? "User" : "ServicePrincipal";
	if (a->principal_type[0] && text_casecmp(a->principal_type, kind) != 0) {
		reply_error(call, 400, "UnmatchedPrincipalType",
			"The PrincipalId '%s' has type '%s' , which is different from specified PrinciaplType '%s'.",
			bare(call, a->principal), kind, a->principal_type);
		return false;
	}
	snprintf(a->principal_type, sizeof a->principal_type, "%s", kind);
	return true;
}

/* Writes over an assignment of this name: only its description and condition may change. 201 for
 * that too [recorded], 200 for a repetition [role assignment specification]. The status, or 0 when
 * it is refused. */
static unsigned
change(struct call *call, const struct assignment *old, struct assignment *a)
{
	if (text_casecmp(old->scope, a->scope) != 0 ||
		text_casecmp(old->principal, a->principal) != 0 ||
		text_casecmp(old->role, a->role) != 0) {
		reply_error(call, 400, "RoleAssignmentUpdateNotPermitted",
			"Tenant ID, application ID, principal ID, and scope are not allowed to be updated.");
		return 0;
	}
	if (strcmp(old->description, a->description) == 0 &&
		strcmp(old->condition, a->condition) == 0 &&
		strcmp(old->condition_version, a->condition_version) == 0) {
		*a = *old;
		return 200;
	}
	a->id = old->id;
	a->scope = old->scope;
	a->created_ms = old->created_ms;
	assignments_update(call->world->db, a);
	return 201;
}

/* The status, or 0 when it is refused. Inside the transaction. */
static unsigned
write_wanted(struct call *call, struct assignment *a)
{
	struct db *db = call->world->db;
	char subscription[37];
	struct assignment old;

	if (!principal_fits(call, a))
		return 0;
	if (assignments_find(db, call->arena, NULL, a->name, &old))
		return change(call, &old, a);
	if (assignments_find_same(db, call->arena, a->scope, a->principal, a->role, &old)) {
		reply_error(
			call, 409, "RoleAssignmentExists", "The role assignment already exists.");
		return 0;
	}
	scope_subscription(a->scope, subscription);
	if (assignments_count(db, arena_printf(call->arena, "/subscriptions/%s", subscription)) >=
		MOST) {
		reply_error(call, 400, "RoleAssignmentLimitExceeded",
			"No more role assignments can be created.");
		return 0;
	}
	assignments_insert(db, a);
	return 201;
}

static void
put_assignment(struct call *call)
{
	const char *scope = scope_of(call, 4);
	struct assignment a;
	unsigned status;
	json_t *json;

	if (!scope || !name_checked(call) || !read_wanted(call, scope, &a) ||
		!rights_give(
			call, "Microsoft.Authorization/roleAssignments/write", scope, a.role) ||
		!scope_exists(call, scope))
		return;
	if (!roles_find(a.role)) {
		reply_error(call, 404, "RoleDefinitionDoesNotExist",
			"The specified role definition with ID '%s' does not exist.",
			bare(call, a.role));
		return;
	}
	db_begin(call->world->db);
	status = write_wanted(call, &a);
	if (!status) {
		db_rollback(call->world->db);
		return;
	}
	json = assignment_json(call, &a);
	if (db_commit(call->world->db)) {
		reply_json(call, status, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

/* Finds the assignment that the path names; at the tenant, by its name wherever it is. */
static bool
find(struct call *call, const char *scope, struct assignment *out)
{
	bool found;

	db_lock(call->world->db);
	found = assignments_find(call->world->db, call->arena,
		strcmp(scope, "/") == 0 ? NULL : scope, call->params[0], out);
	db_unlock(call->world->db);
	return found;
}

static void
get_assignment(struct call *call)
{
	const char *scope = scope_of(call, 4);
	struct assignment a;
	bool found;

	if (!scope || !name_checked(call))
		return;
	found = find(call, scope, &a);
	if (!rights_action(call, "Microsoft.Authorization/roleAssignments/read",
		    found ? a.scope : scope) ||
		!scope_exists(call, scope))
		return;
	if (found)
		reply_json(call, 200, assignment_json(call, &a));
	else
		reply_error(call, 404, "RoleAssignmentNotFound",
			"The role assignment '%s' is not found.", call->params[0]);
}

static void
delete_assignment(struct call *call)
{
	static const char action[] = "Microsoft.Authorization/roleAssignments/delete";
	const char *scope = scope_of(call, 4);
	struct db *db = call->world->db;
	struct assignment a;

	if (!scope || !name_checked(call))
		return;
	if (!find(call, scope, &a)) {
		if (rights_action(call, action, scope) && scope_exists(call, scope))
			reply_empty(call, 204);
		return;
	}
	if (!rights_give(call, action, a.scope, a.role))
		return;
	db_begin(db);
	assignments_remove(db, a.id, vclock_ms(&call->world->clock));
	if (db_commit(db))
		reply_json(call, 200, assignment_json(call, &a));
	else
		reply_broken(call);
}

struct filter {
	bool at_scope;
	char principal[37]; /* "": everyone's */
};

/* One term of a filter; groups have no members here, so that assignedTo('ID') is principalId eq
 * 'ID'. */
static bool
take_term(const char *term, size_t len, struct filter *out)
{
	static const struct {
		const char *start, *end;
	} forms[] = {{"principalId eq '", "'"}, {"assignedTo('", "')"}};

	if (len == strlen("atScope()") && text_case_starts(term, "atScope()")) {
		out->at_scope = true;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		size_t before = strlen(forms[i].start), after = strlen(forms[i].end);

		if (len != before + 36 + after || !text_case_starts(term, forms[i].start) ||
			memcmp(term + before + 36, forms[i].end, after) != 0)
			continue;
		snprintf(out->principal, sizeof out->principal, "%.36s", term + before);
		return armid_is_guid(out->principal);
	}
	return false;
}

static bool
read_filter(struct call *call, struct filter *out)
{
	const char *text = call_query(call, "$filter"), *at = text;

	*out = (struct filter){0};
	while (at && *at) {
		const char *and = at;
		size_t len;

		while (*and&&!text_case_starts(and, " and "))
			and++;
		len = (size_t)(and-at);
		if (!take_term(at, len, out)) {
			reply_error(call, 400, "BadRequest",
				"The filter '%s' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}' or assignedTo('{value}')'.",
				text);
			return false;
		}
		at = *and? and+strlen(" and ") : and;
	}
	return true;
}

/* At, above and below the scope; atScope() leaves out what lies below. */
static void
list_assignments(struct call *call)
{
	const char *scope = scope_of(call, 3);
	struct db *db = call->world->db;
	struct assignment a;
	struct filter filter;
	sqlite3_stmt *stmt;
	json_t *value;

	if (!scope || !rights_action(call, "Microsoft.Authorization/roleAssignments/read", scope) ||
		!scope_exists(call, scope) || !read_filter(call, &filter))
		return;
	value = json_array();
	db_lock(db);
	stmt = assignments_all(db, filter.principal);
	while (assignments_next(db, stmt, call->arena, &a))
		if (assignments_cover(a.scope, scope) ||
			(!filter.at_scope && assignments_cover(scope, a.scope)))
			json_array_append_new(value, assignment_json(call, &a));
	db_unlock(db);
	reply_json(call, 200, json_pack("{s:o}", "value", value));
}

#define ALL "/{*}/providers/Microsoft.Authorization/roleAssignments"
#define ONE ALL "/{}"

const struct route arm_role_assignment_routes[] = {
	{ROUTE_ARM, VERB_GET, ALL, type, 0, list_assignments},
	{ROUTE_ARM, VERB_GET, ONE, type, 0, get_assignment},
	{ROUTE_ARM, VERB_PUT, ONE, type, ROUTE_JSON, put_assignment},
	{ROUTE_ARM, VERB_DELETE, ONE, type, 0, delete_assignment},
};
const size_t arm_role_assignment_routes_len = ARRAY_LEN(arm_role_assignment_routes);
