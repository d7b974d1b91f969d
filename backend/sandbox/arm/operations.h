/* Long-running operations. By default the sandbox does everything at once and says so; with --lro
 * SECONDS it answers as the services do: 202, then polls, each with a Location of its own of more
 * than 3,000 characters (recorded). */
#ifndef CLAVIGER_SANDBOX_OPERATIONS_H
#define CLAVIGER_SANDBOX_OPERATIONS_H

#include "backend/sandbox/call.h"

/* What is under way; each provider answers and polls in its own form (recorded). */
enum operation {
	OPERATION_STORAGE_PUT,
	OPERATION_BATCH_PUT,
	OPERATION_BATCH_DELETE,
	OPERATION_HSM,
	OPERATION_VAULT_PURGE,
	OPERATION_GROUP_DELETE,
};

/* With --lro: writes the operation down and answers 202 in the form of its kind; region is the
 * resource's location, path the resource whose GET is the result ("" for none). False without
 * --lro: the caller answers at once. The change itself has been made. Takes the lock. */
bool operation_accept(
	struct call *call, enum operation kind, const char *region, const char *path) MUST_CHECK;

/* Whether an operation on the resource at path is still under way: its provisioningState is not
 * final then. The lock must be held. */
bool operation_pending(struct call *call, const char *path);

#endif
