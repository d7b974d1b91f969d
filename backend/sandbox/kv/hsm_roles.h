/* The local roles of a Managed HSM: who may do what on its data plane. Scopes are /, /keys and
 * /keys/NAME; actions are written without Microsoft.KeyVault/managedHsm/ in front. */
#ifndef CLAVIGER_SANDBOX_HSM_ROLES_H
#define CLAVIGER_SANDBOX_HSM_ROLES_H

#include "backend/azure/perm.h"
#include "backend/sandbox/call.h"
#include "backend/sandbox/rows/vaults.h"

/* The key permissions of a principal on a key ("": on the keys at large). The lock must be held. */
perm_set hsm_rights(
	struct world *world, const struct vault *vault, const char *key, const char *principal);

/* What every data action is called by in front. */
#define HSM_ACTIONS "Microsoft.KeyVault/managedHsm/"

/* Whether the caller may do a data action on a key ("": on the keys at large); otherwise answers
 * 403. The lock must be held. */
bool hsm_allows(struct call *call, const char *action, const char *key) MUST_CHECK;

/* The same at a scope. */
bool hsm_allows_at(struct call *call, const char *action, const char *scope) MUST_CHECK;

/* The refusal of a key permission, for rights_key. Always false. */
bool hsm_refuse(struct call *call, perm_set one, const char *key);

/* Writes an assignment, within db_begin: names and scope as they are shown. */
void hsm_assign(struct db *db, int64_t vault, const char *name, const char *scope,
	const char *principal, const char *role, int64_t now_ms);

#endif
