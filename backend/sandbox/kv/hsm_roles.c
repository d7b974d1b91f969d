/* Local roles take effect at once; nothing of ARM's roles counts here (documentation, "Managed HSM
 * local RBAC built-in roles"). The refusal is known from azure-cli 32719, its status 403 from the
 * documentation. */
#include "backend/sandbox/kv/hsm_roles.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/kv/hsm_role_table.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rows/assignments.h"

/* What a data action lets do with keys. */
static const struct {
	const char *action;
	perm_set perms;
} meanings[] = {
	{"keys/read/action", PERM_GET | PERM_LIST | PERM_GET_ROTATION},
	{"keys/write/action", PERM_UPDATE | PERM_SET_ROTATION},
	{"keys/create", PERM_CREATE},
	{"keys/delete", PERM_DELETE},
	{"keys/rotate/action", PERM_ROTATE},
	{"keys/import/action", PERM_IMPORT},
	{"keys/release/action", PERM_RELEASE},
	{"keys/backup/action", PERM_BACKUP},
	{"keys/restore/action", PERM_RESTORE},
	{"keys/encrypt/action", PERM_ENCRYPT},
	{"keys/decrypt/action", PERM_DECRYPT},
	{"keys/wrap/action", PERM_WRAP},
	{"keys/unwrap/action", PERM_UNWRAP},
	{"keys/sign/action", PERM_SIGN},
	{"keys/verify/action", PERM_VERIFY},
	{"keys/deletedKeys/delete", PERM_PURGE},
	{"keys/deletedKeys/recover/action", PERM_RECOVER},
};

struct scope {
	char text[160];
};

static struct scope
key_scope(const char *key)
{
	struct scope scope;

	snprintf(scope.text, sizeof scope.text, "/keys%s%s", key[0] ? "/" : "", key);
	return scope;
}

static bool
has_action(const struct hsm_role *role, const char *action)
{
	for (size_t i = 0; role->actions[i]; i++)
		if (strcmp(role->actions[i], action) == 0)
			return true;
	return false;
}

static sqlite3_stmt *
ask_roles(struct db *db, int64_t vault, const char *principal)
{
	return db_ask(db, "SELECT role, scope FROM hsm_assignment WHERE vault=? AND principal=?",
		"it", vault, principal);
}

static const struct hsm_role *
next_role(struct db *db, sqlite3_stmt *stmt, const char *scope)
{
	char id[40], assigned[160];

	while (db_next(db, stmt)) {
		const struct hsm_role *role;

		db_copy(stmt, 0, id, sizeof id);
		db_copy(stmt, 1, assigned, sizeof assigned);
		role = hsm_role_find(id);
		if (role && assignments_cover(assigned, scope))
			return role;
	}
	return NULL;
}

perm_set
hsm_rights(struct world *world, const struct vault *vault, const char *key, const char *principal)
{
	struct scope scope = key_scope(key);
	sqlite3_stmt *stmt = ask_roles(world->db, vault->id, principal);
	const struct hsm_role *role;
	perm_set set = 0;

	while ((role = next_role(world->db, stmt, scope.text)))
		for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
			if (has_action(role, meanings[i].action))
				set |= meanings[i].perms;
	return set;
}

static bool
refuse(struct call *call, const char *action, const char *scope)
{
	reply_vault_error(call, 403, "AccessDenied", NULL,
		"Not authorized to access " HSM_ACTIONS "%s on %s", action, scope);
	return false;
}

bool
hsm_allows_at(struct call *call, const char *action, const char *scope)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt = ask_roles(db, call->vault->id, call->caller.object);
	const struct hsm_role *role;
	bool found = false;

	while ((role = next_role(db, stmt, scope)))
		found = found || has_action(role, action);
	return found || refuse(call, action, scope);
}

bool
hsm_allows(struct call *call, const char *action, const char *key)
{
	struct scope scope = key_scope(key);

	return hsm_allows_at(call, action, scope.text);
}

bool
hsm_refuse(struct call *call, perm_set one, const char *key)
{
	struct scope scope = key_scope(key);

	for (size_t i = 0; i < ARRAY_LEN(meanings); i++)
		if (meanings[i].perms & one)
			return refuse(call, meanings[i].action, scope.text);
	return refuse(call, "keys/read/action", scope.text);
}

void
hsm_assign(struct db *db, int64_t vault, const char *name, const char *scope, const char *principal,
	const char *role, int64_t now_ms)
{
	db_do(db,
		"INSERT INTO hsm_assignment(vault,name,scope,principal,role,created_ms)"
		" VALUES(?,?,?,?,?,?)",
		"ittt"
		"ti",
		vault, name, scope, principal, role, now_ms);
}
