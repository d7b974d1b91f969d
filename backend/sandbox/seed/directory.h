/* Who can sign in beside the two applications, and the files that hold an operator's other ways in:
 * DIR/operator.pem (certificate and key) and DIR/federated.jwt (a workload's token). */
#ifndef CLAVIGER_SANDBOX_DIRECTORY_H
#define CLAVIGER_SANDBOX_DIRECTORY_H

#include "backend/sandbox/seed/parts.h"
#include "backend/sandbox/state.h"

/* The person who signs in by device code, and whom the operator's application trusts. */
void seed_directory(struct seeding *seeding);

/* Begins to read operator.pem, or to make it where it is missing, in a thread of its own. Must be
 * ended. */
struct directory *directory_begin(const struct state *state);

/* Waits for that; then registers the certificate, and makes the other file where it is missing or
 * belongs to another estate. world needs db, clock and tokens; NULL only ends what was begun. */
bool directory_end(struct directory *directory, struct world *world, const struct state *state,
	struct err *err) MUST_CHECK;

#endif
