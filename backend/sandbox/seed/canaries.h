/* Data for the accounts of a seed: what tells whether it can be read. All of it works inside the
 * transaction of seed_run. */
#ifndef CLAVIGER_SANDBOX_SEED_CANARIES_H
#define CLAVIGER_SANDBOX_SEED_CANARIES_H

#include "backend/sandbox/seed/parts.h"

/* A variable of an Automation account (its row), made `days` ago; value is a JSON text. An
 * encrypted one is sealed with the account's data key, whether its identity may still open that or
 * not; the key material must be one of seed_make_keys. */
bool seed_variable(struct seeding *seeding, int64_t account, const char *name, const char *value,
	bool encrypted, int days) MUST_CHECK;

/* A pool of a Batch account (its row) with so many nodes, made `days` ago. */
void seed_pool(struct seeding *seeding, int64_t account, const char *name, const char *vm_size,
	int nodes, int days);

#endif
