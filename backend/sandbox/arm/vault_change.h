/* What PUT and PATCH may change on a vault, and how it is shown. */
#ifndef CLAVIGER_SANDBOX_VAULT_CHANGE_H
#define CLAVIGER_SANDBOX_VAULT_CHANGE_H

#include "backend/sandbox/call.h"
#include "backend/sandbox/rows/vaults.h"

/* The body's properties and tags onto vault, in memory only; fresh: it is being created. Answers
 * and is false when the body is wrong. */
bool vault_apply(struct call *call, struct vault *vault, bool fresh) MUST_CHECK;

/* Checks properties.accessPolicies (required or not) and gives the array, NULL when absent. Entries
 * must name tenant, object and permissions. Answers and is false when one is wrong. */
bool vault_take_policies(struct call *call, bool required, const json_t **out) MUST_CHECK;

/* The vault as ARM shows it. The lock must be held. */
json_t *vault_json(struct call *call, const struct vault *vault);

#endif
