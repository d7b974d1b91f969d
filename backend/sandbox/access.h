/* Who may do what: tokens against resource servers, roles on scopes, entries of access policies. */
#ifndef CLAVIGER_SANDBOX_ACCESS_H
#define CLAVIGER_SANDBOX_ACCESS_H

#include "backend/azure/perm.h"
#include "backend/sandbox/call.h"
#include "backend/sandbox/vaults.h"

/* Fills call->caller from the token, or answers 401 in ARM's shape and is false. */
bool access_arm(struct call *call) MUST_CHECK;

/* Whether the caller's roles allow action (Microsoft.X/type/read) on scope; otherwise answers 403
 * AuthorizationFailed and is false. Takes the database's lock. */
bool access_action(struct call *call, const char *action, const char *scope) MUST_CHECK;

/* The same without an answer, the lock held. */
bool access_holds(struct call *call, const char *action, const char *scope);

/* Fills call->caller from the token, or answers 401 with the challenge of this vault. */
bool access_vault(struct call *call, const struct vault *vault) MUST_CHECK;

/* The key permissions of a principal of a tenant on a vault: by its policy entry, or by its roles
 * on the vault where access policies are off. The lock must be held. */
perm_set access_key_rights(
	struct world *world, const struct vault *vault, const char *tenant, const char *principal);

/* Whether the caller has one key permission; otherwise answers 403. The lock must be held. */
bool access_key(struct call *call, const struct vault *vault, perm_set one) MUST_CHECK;

#endif
