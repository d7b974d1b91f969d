/* The managed identities of an account: how a body changes them, how a reply shows them. */
#ifndef CLAVIGER_SANDBOX_ASSIGN_H
#define CLAVIGER_SANDBOX_ASSIGN_H

#include "backend/sandbox/rows/accounts.h"

/* Applies the member "identity" of call->json where it is there: type in any order, case and
 * spacing; userAssignedIdentities adds its members and removes those that are null. Answers and is
 * false when it is wrong, or names an identity that does not exist or that the caller may not
 * assign. both: the service takes a
 * system and user identities at once; between: how it writes that ("," or ", "). Takes the lock. */
bool assign_identity(
	struct call *call, struct account *account, bool both, const char *between) MUST_CHECK;

/* {"type","principalId","tenantId","userAssignedIdentities":{ID:{"principalId","clientId"}}}; an
 * identity that is gone is shown with empty ids. The lock must be held. */
json_t *assign_shown(struct call *call, const struct account *account);

/* Whether an ARM id is among the account's user-assigned identities. */
bool assign_has(const struct account *account, const char *arm_id);

#endif
