/* The lists of the blob service. */
#ifndef CLAVIGER_SANDBOX_BLOB_LISTING_H
#define CLAVIGER_SANDBOX_BLOB_LISTING_H

#include "backend/sandbox/blob/blob.h"

void listing_containers(struct call *call, struct target *target);
void listing_blobs(struct call *call, struct target *target);

/* Answers 200 with the XML of a buf, which is freed. */
void listing_reply(struct call *call, struct buf *xml, bool whole);

#endif
