/* Names of vaults and Managed HSMs: one of each kind in the whole cloud, deleted ones included. */
#ifndef CLAVIGER_SANDBOX_VAULT_NAMES_H
#define CLAVIGER_SANDBOX_VAULT_NAMES_H

#include "backend/sandbox/call.h"

/* Whether a new one may have the name that the path asks for ({} subscription, {} group, {} name);
 * otherwise answers. The lock must be held. */
bool vault_name_free(struct call *call, enum store_kind kind) MUST_CHECK;

/* Answer checkNameAvailability and checkMhsmNameAvailability. */
void vault_name_check(struct call *call);
void hsm_name_check(struct call *call);

#endif
