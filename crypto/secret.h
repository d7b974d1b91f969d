/* Bytes that must not outlive their use: zeroed on free, compared in constant time, no printer. */
#ifndef CLAVIGER_CRYPTO_SECRET_H
#define CLAVIGER_CRYPTO_SECRET_H

#include <stddef.h>

#include "backend/base/err.h"

struct secret {
	unsigned char *bytes;
	size_t len;
};

/* Copies len bytes into memory of its own (OpenSSL's secure heap where there is room). */
void secret_set(struct secret *secret, const void *bytes, size_t len);

/* len random bytes; false when the generator fails. */
bool secret_random(struct secret *secret, size_t len, struct err *err) MUST_CHECK;

/* Zeroes and frees; a zeroed struct secret may be freed too. */
void secret_free(struct secret *secret);

/* The bytes with an end, as a new string; mem_zeroing_free. */
char *secret_text(const struct secret *secret);

bool secret_equal(const struct secret *a, const struct secret *b);

/* Zeroes the memory of anything else that held secret bytes. */
void secret_wipe(void *bytes, size_t len);

/* Gives OpenSSL zeroing allocators and its secure heap. Call once, before any other crypto call;
 * harmless when called again. */
void secret_init(void);

#endif
