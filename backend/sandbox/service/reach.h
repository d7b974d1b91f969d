/* Whether an account's data can be reached, as its service itself knows: it goes by its last look
 * at the key for a while, and Batch takes longer to come back ("up to ten minutes", the article).
 */
#ifndef CLAVIGER_SANDBOX_REACH_H
#define CLAVIGER_SANDBOX_REACH_H

#include "backend/sandbox/service/cmk.h"

/* Seconds of the sandbox's clock. How long real services go by a look is not documented. */
enum { REACH_CACHE = 10, REACH_BATCH_BACK = 240 };

/* For a call that reads or writes the data of account: true when it can be reached. Looks at the
 * key when the last look is too old, and writes down what it saw. False with the reason otherwise.
 * Takes the lock. */
bool reach_data(struct world *world, struct arena *arena, struct account *account, time_t now,
	struct cmk_refusal *refusal) MUST_CHECK;

/* The data key of an account whose data reach_data found open: stands for what the service keeps in
 * memory between two looks, so it asks nobody for rights. False when the key is purged. Takes the
 * lock. */
bool reach_data_key(
	struct world *world, const struct account *account, struct secret *out) MUST_CHECK;

/* Looks for all accounts on customer keys, as of now: before the clock jumps. */
void reach_look_all(struct world *world);

#endif
