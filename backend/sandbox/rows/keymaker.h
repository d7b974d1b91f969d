/* Key pairs that a seed has promised but not made: they come into being while the sandbox already
 * serves. Whoever needs one waits for it. */
#ifndef CLAVIGER_SANDBOX_KEYMAKER_H
#define CLAVIGER_SANDBOX_KEYMAKER_H

#include "backend/sandbox/db.h"

struct keymaker;

/* A row of `material` for an RSA pair to be made later, within db_begin. */
int64_t keymaker_promise(struct db *db, unsigned bits);

/* Starts making what is still promised; threads end when all is made. */
struct keymaker *keymaker_start(struct db *db);

/* Ends after the pairs that are being made; the rest is made at the next start. */
void keymaker_stop(struct keymaker *maker);

/* Waits until the pair of a row is there; false when it never will be, or the row is gone. No lock
 * may be held. */
bool keymaker_wait(struct keymaker *maker, int64_t material) MUST_CHECK;

#endif
