/* What PUT and PATCH may change on a vault, and how it is shown. */
#ifndef CLAVIGER_SANDBOX_VAULT_CHANGE_H
#define CLAVIGER_SANDBOX_VAULT_CHANGE_H

#include "backend/sandbox/call.h"
#include "backend/sandbox/rows/vaults.h"

/* PUT of a new one or over an old one, PATCH. */
enum vault_write { VAULT_CREATE, VAULT_REPLACE, VAULT_PATCH };

/* The body's properties and tags onto vault, in memory only; a new one has its name and place.
 * Answers and is false when the body is wrong. */
bool vault_apply(struct call *call, struct vault *vault, enum vault_write how) MUST_CHECK;

/* Checks properties.accessPolicies (required or not) and gives the array, NULL when absent. Entries
 * must name tenant, object and permissions. Answers and is false when one is wrong. */
bool vault_take_policies(struct call *call, bool required, const json_t **out) MUST_CHECK;

/* The vault as ARM shows it. The lock must be held. */
json_t *vault_json(struct call *call, const struct vault *vault);

/* What vaults and Managed HSMs have alike: a flag of properties (-1 absent, 0, 1; -2 after
 * answering 400), the new text of more (takes json over) with the mark of who changed what when,
 * systemData. */
int vault_flag(struct call *call, const json_t *properties, const char *name);
void vault_touch(struct call *call, struct vault *vault, json_t *more);
json_t *vault_system_data(struct call *call, const struct vault *vault);

#endif
