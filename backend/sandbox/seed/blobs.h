/* Blobs for the seeds. */
#ifndef CLAVIGER_SANDBOX_SEED_BLOBS_H
#define CLAVIGER_SANDBOX_SEED_BLOBS_H

#include "backend/sandbox/seed/parts.h"

/* A block blob of plain text in a container (made when it is missing) of the storage account with
 * that row id, sealed with the account's data key. Inside the transaction of seed_run; the
 * account's key material must have been made by seed_make_keys, not promised. */
bool seed_blob(struct seeding *seeding, int64_t account, const char *container, const char *name,
	const char *text) MUST_CHECK;

#endif
