/* The estates that a fresh state directory can be filled with. */
#ifndef CLAVIGER_SANDBOX_SEED_H
#define CLAVIGER_SANDBOX_SEED_H

#include "backend/sandbox/call.h"

/* Ids that never change from one state directory to another. */
extern const char seed_tenant[], seed_subscription[], seed_operator[], seed_reader[];

/* The same application in the second tenant. */
extern const char seed_reader_fabrikam[];

/* Object id of operator@contoso.example, who signs in by device code. */
extern const char seed_person[];

/* "demo", "empty" or "fleet:N" (1 to 100000). */
bool seed_check(const char *seed, struct err *err) MUST_CHECK;

/* Fills an empty database; secrets are those of operator and reader. world needs db, clock and
 * keyring; its platform key is set. Seconds of CPU for keys. */
bool seed_run(struct world *world, const char *seed, const char *operator_secret,
	const char *reader_secret, struct err *err) MUST_CHECK;

#endif
