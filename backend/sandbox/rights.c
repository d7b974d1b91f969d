/* Messages are Azure's, quoted from public reports where no recording exists. Role names: Azure
 * built-in roles. */
#include "backend/sandbox/rights.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"

static const struct role {
	const char *id;
	bool read, write; /* control plane */
	perm_set keys;    /* data plane of vaults with role assignments */
} roles[] = {
	{"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", true, true, 0},  /* Owner */
	{"b24988ac-6180-42a0-ab88-20f7382dd24c", true, true, 0},  /* Contributor */
	{"acdd72a7-3385-48ef-bd42-f606fba81ae7", true, false, 0}, /* Reader */
	{"00482a5a-887f-4fb3-b363-3b7fe8e74483", false, false,
		PERM_ALL | PERM_PURGE}, /* Key Vault Administrator */
	{"14b46e9e-c2b7-41b4-b07b-48a6ebf60603", false, false,
		PERM_ALL | PERM_PURGE}, /* Key Vault Crypto Officer */
	{"12338af0-0e69-4776-bea7-57ae8d297424", false, false,
		PERM_GET | PERM_LIST | PERM_UPDATE | PERM_BACKUP | PERM_ENCRYPT | PERM_DECRYPT |
			PERM_WRAP | PERM_UNWRAP | PERM_SIGN | PERM_VERIFY}, /* Crypto User */
	{"e147488a-f6f5-4113-8e2d-b22465e65bf6", false, false,
		PERM_GET | PERM_WRAP | PERM_UNWRAP}, /* Crypto Service Encryption User */
	{"21090545-7ca7-4776-b22c-e363652d74d2", false, false,
		PERM_GET | PERM_LIST}, /* Key Vault Reader: metadata */
};

static const struct role *
role_of(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (text_casecmp(roles[i].id, id) == 0)
			return &roles[i];
	return NULL;
}

/* Whether scope is assigned itself or lies below it. */
static bool
below(const char *scope, const char *assigned)
{
	size_t len = strlen(assigned);

	return text_case_starts(scope, assigned) && (scope[len] == '\0' || scope[len] == '/');
}

static const char list_roles[] = "SELECT role, scope FROM role_assignment WHERE principal=?";

bool
rights_hold(struct call *call, const char *action, const char *scope)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt = db_ask(db, list_roles, "t", call->caller.object);
	bool reads = text_case_ends(action, "/read"), holds = false;
	char id[40], assigned[640];

	while (db_next(db, stmt)) {
		const struct role *role;

		db_copy(stmt, 0, id, sizeof id);
		db_copy(stmt, 1, assigned, sizeof assigned);
		role = role_of(id);
		if (role && (reads ? role->read : role->write) && below(scope, assigned)) {
			holds = true;
			db_done(stmt);
			break;
		}
	}
	return holds;
}

bool
rights_action(struct call *call, const char *action, const char *scope)
{
	bool holds;

	db_lock(call->world->db);
	holds = rights_hold(call, action, scope);
	db_unlock(call->world->db);
	if (holds)
		return true;
	reply_error(call, 403, "AuthorizationFailed",
		"The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		call->caller.app, call->caller.object, action, scope);
	return false;
}

static perm_set
role_rights(struct world *world, const struct vault *vault, const char *key, const char *principal)
{
	sqlite3_stmt *stmt = db_ask(world->db, list_roles, "t", principal);
	char id[40], assigned[800], vault_id[640], scope[800];
	perm_set set = 0;

	snprintf(scope, sizeof scope, "%s/keys/%s", vaults_id(vault, vault_id, sizeof vault_id),
		key);
	while (db_next(world->db, stmt)) {
		const struct role *role;

		db_copy(stmt, 0, id, sizeof id);
		db_copy(stmt, 1, assigned, sizeof assigned);
		role = role_of(id);
		if (role && below(scope, assigned))
			set |= role->keys;
	}
	return perm_effective(set);
}

perm_set
rights_on_key(struct world *world, const struct vault *vault, const char *key, const char *tenant,
	const char *principal)
{
	sqlite3_stmt *stmt;
	perm_set set = 0;

	if (vault->rbac)
		return role_rights(world, vault, key, principal);
	stmt = db_ask(world->db,
		"SELECT keys FROM policy WHERE vault=? AND tenant=? AND object=? AND application=''",
		"itt", vault->id, tenant, principal);
	while (db_next(world->db, stmt))
		set |= (perm_set)sqlite3_column_int64(stmt, 0);
	return perm_effective(set);
}

/* The data action that a permission is called by where roles decide. */
static const char *
data_action(perm_set one)
{
	static const struct {
		perm_set perm;
		const char *action;
	} actions[] = {
		{PERM_GET | PERM_LIST, "read"},
		{PERM_CREATE, "create/action"},
		{PERM_UPDATE, "update/action"},
		{PERM_IMPORT, "import/action"},
		{PERM_DELETE, "delete"},
		{PERM_WRAP, "wrap/action"},
		{PERM_UNWRAP, "unwrap/action"},
		{PERM_ENCRYPT, "encrypt/action"},
		{PERM_DECRYPT, "decrypt/action"},
		{PERM_SIGN, "sign/action"},
		{PERM_VERIFY, "verify/action"},
	};

	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (actions[i].perm & one)
			return actions[i].action;
	return "read";
}

bool
rights_key(struct call *call, const struct vault *vault, perm_set one)
{
	const struct caller *who = &call->caller;
	char id[640];

	if (rights_on_key(call->world, vault, call->segments_len > 1 ? call->segments[1] : "",
		    who->tenant, who->object) &
		one)
		return true;
	if (vault->rbac)
		reply_vault_error(call, 403, "Forbidden", "ForbiddenByRbac",
			"Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\nAction: 'Microsoft.KeyVault/vaults/keys/%s'\r\nResource: '%s%s%s'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: %s;location=%s\r\n",
			who->app, who->object, who->tenant, data_action(one),
			vaults_id(vault, id, sizeof id), call->segments_len > 1 ? "/keys/" : "",
			call->segments_len > 1 ? call->segments[1] : "", vault->name,
			vault->location);
	else
		reply_vault_error(call, 403, "Forbidden", "AccessDenied",
			"The user, group or application 'appid=%s;oid=%s;iss=https://sts.windows.net/%s/' does not have keys %s permission on key vault '%s;location=%s'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
			who->app, who->object, who->tenant, perm_name(one), vault->name,
			vault->location);
	return false;
}

bool
rights_on_blobs(struct call *call, const char *account_id, bool write)
{
	return rights_hold(call, write ? "write" : "/read", account_id);
}
