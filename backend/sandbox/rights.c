/* Messages are Azure's, quoted from public reports where no recording exists. A check is one SQL
 * statement over the principal's assignments and a comparison of texts for each that counts: GET of
 * an account does it every time. */
#include "backend/sandbox/rights.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/kv/hsm_roles.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rows/assignments.h"

/* Assignments that have taken effect, and not yet lost it, at a time. */
static const char in_effect[] =
	"SELECT role, scope FROM role_assignment WHERE principal=? AND created_ms<=?"
	" AND (removed_ms IS NULL OR removed_ms>?)";

sqlite3_stmt *
rights_walk(struct world *world, const char *principal)
{
	int64_t then = vclock_ms(&world->clock) - (int64_t)ROLE_DELAY * 1000;

	return db_ask(world->db, in_effect, "tii", principal, then, then);
}

const struct role *
rights_next(struct world *world, sqlite3_stmt *stmt, const char *scope)
{
	while (db_next(world->db, stmt)) {
		const struct role *role;

		if (!assignments_cover((const char *)sqlite3_column_text(stmt, 1), scope))
			continue;
		role = roles_find((const char *)sqlite3_column_text(stmt, 0));
		if (role)
			return role;
	}
	return NULL;
}

/* given: NULL, or the role that a role assignment is written for. */
static bool
hold(struct call *call, const char *action, const char *scope, const char *given)
{
	sqlite3_stmt *stmt = rights_walk(call->world, call->caller.object);
	const struct role *role;

	while ((role = rights_next(call->world, stmt, scope)))
		if (roles_allow(role, action) && (!given || roles_may_give(role, given))) {
			db_done(stmt);
			return true;
		}
	return false;
}

bool
rights_hold(struct call *call, const char *action, const char *scope)
{
	return hold(call, action, scope, NULL);
}

bool
rights_see(struct call *call, const char *scope)
{
	sqlite3_stmt *stmt = rights_walk(call->world, call->caller.object);

	while (db_next(call->world->db, stmt)) {
		const char *assigned = (const char *)sqlite3_column_text(stmt, 1);

		if (assignments_cover(assigned, scope) || assignments_cover(scope, assigned)) {
			db_done(stmt);
			return true;
		}
	}
	return false;
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

bool
rights_give(struct call *call, const char *action, const char *scope, const char *role)
{
	bool holds;

	db_lock(call->world->db);
	holds = hold(call, action, scope, role);
	db_unlock(call->world->db);
	if (holds)
		return true;
	reply_error(call, 403, "AuthorizationFailed",
		"The client '%s' with object id '%s' does not have authorization or an ABAC condition not fulfilled to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		call->caller.app, call->caller.object, action, scope);
	return false;
}

/* Data actions by key permission. Roles know no difference between reading a key and listing keys
 * [Azure permissions for Security, Microsoft.KeyVault]. */
static const struct {
	perm_set perms;
	const char *action;
} key_actions[] = {
	{PERM_GET | PERM_LIST, "Microsoft.KeyVault/vaults/keys/read"},
	{PERM_CREATE, "Microsoft.KeyVault/vaults/keys/create/action"},
	{PERM_UPDATE, "Microsoft.KeyVault/vaults/keys/update/action"},
	{PERM_IMPORT, "Microsoft.KeyVault/vaults/keys/import/action"},
	{PERM_DELETE, "Microsoft.KeyVault/vaults/keys/delete"},
	{PERM_BACKUP, "Microsoft.KeyVault/vaults/keys/backup/action"},
	{PERM_RESTORE, "Microsoft.KeyVault/vaults/keys/restore/action"},
	{PERM_RECOVER, "Microsoft.KeyVault/vaults/keys/recover/action"},
	{PERM_PURGE, "Microsoft.KeyVault/vaults/keys/purge/action"},
	{PERM_ENCRYPT, "Microsoft.KeyVault/vaults/keys/encrypt/action"},
	{PERM_DECRYPT, "Microsoft.KeyVault/vaults/keys/decrypt/action"},
	{PERM_WRAP, "Microsoft.KeyVault/vaults/keys/wrap/action"},
	{PERM_UNWRAP, "Microsoft.KeyVault/vaults/keys/unwrap/action"},
	{PERM_SIGN, "Microsoft.KeyVault/vaults/keys/sign/action"},
	{PERM_VERIFY, "Microsoft.KeyVault/vaults/keys/verify/action"},
	{PERM_RELEASE, "Microsoft.KeyVault/vaults/keys/release/action"},
	{PERM_ROTATE, "Microsoft.KeyVault/vaults/keys/rotate/action"},
	{PERM_GET_ROTATION, "Microsoft.KeyVault/vaults/keyrotationpolicies/read"},
	{PERM_SET_ROTATION, "Microsoft.KeyVault/vaults/keyrotationpolicies/write"},
};

static perm_set
key_perms(const struct role *role)
{
	perm_set set = 0;

	for (size_t i = 0; role->data_actions[0] && i < ARRAY_LEN(key_actions); i++)
		if (roles_allow_data(role, key_actions[i].action))
			set |= key_actions[i].perms;
	return set;
}

static perm_set
role_rights(struct world *world, const struct vault *vault, const char *key, const char *principal)
{
	sqlite3_stmt *stmt = rights_walk(world, principal);
	char vault_id[640], scope[800];
	const struct role *role;
	perm_set set = 0;

	snprintf(scope, sizeof scope, "%s/keys/%s", vaults_id(vault, vault_id, sizeof vault_id),
		key);
	while ((role = rights_next(world, stmt, scope)))
		set |= key_perms(role);
	return set;
}

perm_set
rights_on_key(struct world *world, const struct vault *vault, const char *key, const char *tenant,
	const char *principal)
{
	sqlite3_stmt *stmt;
	perm_set set = 0;

	if (vault->kind == STORE_HSM)
		return hsm_rights(world, vault, key, principal);
	if (vault->rbac)
		return role_rights(world, vault, key, principal);
	stmt = db_ask(world->db,
		"SELECT keys FROM policy WHERE vault=? AND tenant=? AND object=? AND application=''",
		"itt", vault->id, tenant, principal);
	while (db_next(world->db, stmt))
		set |= (perm_set)sqlite3_column_int64(stmt, 0);
	return perm_effective(set);
}

static const char *
data_action(perm_set one)
{
	for (size_t i = 0; i < ARRAY_LEN(key_actions); i++)
		if (key_actions[i].perms & one)
			return key_actions[i].action;
	return "";
}

bool
rights_key(struct call *call, const struct vault *vault, perm_set one)
{
	const struct caller *who = &call->caller;
	const char *key = call->segments_len > 1 ? call->segments[1] : "";
	char id[640];

	if (rights_on_key(call->world, vault, key, who->tenant, who->object) & one)
		return true;
	if (vault->kind == STORE_HSM)
		return hsm_refuse(call, one, key);
	if (vault->rbac)
		reply_vault_error(call, 403, "Forbidden", "ForbiddenByRbac",
			"Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nCaller: appid=%s;oid=%s;iss=https://sts.windows.net/%s/\r\nAction: '%s'\r\nResource: '%s%s%s'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: %s;location=%s\r\n",
			who->app, who->object, who->tenant, data_action(one),
			vaults_id(vault, id, sizeof id), key[0] ? "/keys/" : "", key, vault->name,
			vault->location);
	else
		reply_vault_error(call, 403, "Forbidden", "ForbiddenByPolicy",
			"The user, group or application 'appid=%s;oid=%s;iss=https://sts.windows.net/%s/' does not have keys %s permission on key vault '%s;location=%s'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287",
			who->app, who->object, who->tenant, perm_name(one), vault->name,
			vault->location);
	return false;
}

bool
rights_on_blobs(struct call *call, const char *account_id, bool write)
{
	static const char *const actions[] = {
		"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
		"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write"};
	sqlite3_stmt *stmt = rights_walk(call->world, call->caller.object);
	const struct role *role;

	while ((role = rights_next(call->world, stmt, account_id)))
		if (roles_allow_data(role, actions[write])) {
			db_done(stmt);
			return true;
		}
	return false;
}
