/* Message digests by name, over EVP. */
#ifndef CLAVIGER_CRYPTO_DIGEST_H
#define CLAVIGER_CRYPTO_DIGEST_H

#include <stddef.h>

#include "backend/base/err.h"

enum digest {
	DIGEST_NONE,
	DIGEST_SHA1,
	DIGEST_SHA224,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
	DIGEST_SHA512_224,
	DIGEST_SHA512_256,
	DIGEST_SHA3_224,
	DIGEST_SHA3_256,
	DIGEST_SHA3_384,
	DIGEST_SHA3_512,
	DIGEST_MD5, /* a checksum in Storage's headers, never for security: not found by name */
};

enum { DIGEST_MAX = 64 };

/* By the names of test vectors: SHA-1, SHA-256, SHA-512/224, SHA3-256. DIGEST_NONE: unknown. */
enum digest digest_find(const char *name);
const char *digest_name(enum digest digest);

/* Bytes of its output. */
size_t digest_size(enum digest digest);

/* out has DIGEST_MAX bytes; returns the size, 0 when this OpenSSL lacks the digest. */
size_t digest_of(enum digest digest, const void *bytes, size_t len, unsigned char *out);

/* Lower-case hex of SHA-256; out has 65 bytes. */
void digest_sha256_hex(const void *bytes, size_t len, char out[65]);

#endif
