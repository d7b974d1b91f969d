/* What happens by itself as the sandbox's clock goes on. */
#ifndef CLAVIGER_SANDBOX_DUE_H
#define CLAVIGER_SANDBOX_DUE_H

#include "backend/sandbox/call.h"

/* Does what is due now: rotation policies make new versions, what was deleted long enough ago is
 * purged, Storage and Batch accounts that follow the newest version look for it (once a day). Looks
 * at the database at most once a second of the clock unless forced. Takes the lock. */
void due_run(struct world *world, bool forced);

/* Moves the clock: what is due on the way is done. False when that cannot be written down: the
 * clock then stays, or has moved by its first seconds only. */
bool due_advance(struct world *world, int64_t seconds) MUST_CHECK;

#endif
