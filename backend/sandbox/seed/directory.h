/* Who can sign in beside the two applications, and the files that hold an operator's other ways in:
 * DIR/operator.pem (certificate and key) and DIR/federated.jwt (a workload's token). */
#ifndef CLAVIGER_SANDBOX_DIRECTORY_H
#define CLAVIGER_SANDBOX_DIRECTORY_H

#include "backend/sandbox/seed/parts.h"
#include "backend/sandbox/state.h"

/* The person who signs in by device code, and whom the operator's application trusts. */
void seed_directory(struct seeding *seeding);

/* Makes the files where they are missing or belong to another estate, and registers the
 * certificate. world needs db, clock and tokens. */
bool directory_prepare(struct world *world, const struct state *state, struct err *err) MUST_CHECK;

#endif
