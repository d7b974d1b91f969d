/* What a blob holds: pieces, each sealed with the account's data key, one after the other (a length
 * of four bytes, big end first, before each). Blocks can so become a blob without the key, as the
 * article has it: Put Block List is not among the operations that a cut stops. */
#ifndef CLAVIGER_SANDBOX_BLOB_CONTENT_H
#define CLAVIGER_SANDBOX_BLOB_CONTENT_H

#include "backend/base/mem.h"
#include "crypto/secret.h"

/* One piece of len bytes, in the arena; *sealed_len gets its length. NULL when sealing fails. */
unsigned char *content_seal(struct arena *arena, const struct secret *key, const void *in,
	size_t len, size_t *sealed_len) MUST_CHECK;

/* All pieces opened, in the arena with a NUL behind; NULL when the key or a bit is wrong. */
char *content_open(struct arena *arena, const struct secret *key, const void *sealed,
	size_t sealed_len, size_t *len) MUST_CHECK;

/* The MD5 of some bytes in base64 with padding, as HTTP headers have it. In the arena. */
const char *content_md5(struct arena *arena, const void *bytes, size_t len);

#endif
