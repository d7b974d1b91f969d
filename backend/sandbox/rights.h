/* Who may do what: roles on scopes, entries of access policies. */
#ifndef CLAVIGER_SANDBOX_RIGHTS_H
#define CLAVIGER_SANDBOX_RIGHTS_H

#include "backend/azure/perm.h"
#include "backend/sandbox/call.h"
#include "backend/sandbox/roles.h"
#include "backend/sandbox/rows/vaults.h"

/* Whether the caller's roles allow action (Microsoft.X/type/read) on scope; otherwise answers 403
 * AuthorizationFailed and is false. Takes the database's lock. */
bool rights_action(struct call *call, const char *action, const char *scope) MUST_CHECK;

/* The same without an answer, the lock held. */
bool rights_hold(struct call *call, const char *action, const char *scope);

/* Whether the caller may see that there is a scope: any role at it, above or below it. The lock
 * must be held. */
bool rights_see(struct call *call, const char *scope);

/* rights_action for writing or deleting an assignment of the role with this GUID: some roles may
 * give on only some roles. */
bool rights_give(
	struct call *call, const char *action, const char *scope, const char *role) MUST_CHECK;

/* Reads the roles of a principal that are in effect at a scope, one by one until NULL (or db_done).
 * The lock must be held. */
sqlite3_stmt *rights_walk(struct world *world, const char *principal);
const struct role *rights_next(struct world *world, sqlite3_stmt *stmt, const char *scope);

/* The key permissions of a principal of a tenant on a key of a vault ("": on its keys at large): by
 * its policy entry, by its roles on the vault or the key where access policies are off, by local
 * roles on a Managed HSM. The lock must be held. */
perm_set rights_on_key(struct world *world, const struct vault *vault, const char *key,
	const char *tenant, const char *principal);

/* Whether the caller's roles let it read (or write and delete: no built-in role parts the two) the
 * blobs of a storage account or of a container, given by its ARM id. The lock must be held. */
bool rights_on_blobs(struct call *call, const char *account_id, bool write);

/* Whether the caller has one key permission on the key that the path names; otherwise answers 403.
 * The lock must be held. */
bool rights_key(struct call *call, const struct vault *vault, perm_set one) MUST_CHECK;

#endif
