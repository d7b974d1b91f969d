/* base64url without padding, as JWK, JWT and Key Vault write it (RFC 7515 section 2). */
#ifndef CLAVIGER_CRYPTO_B64_H
#define CLAVIGER_CRYPTO_B64_H

#include <stddef.h>

#include "backend/base/err.h"

/* Characters that len bytes take, without the NUL. */
size_t b64_length(size_t len);

/* Writes b64_length(len) characters and a NUL to out. */
void b64_encode(char *out, const void *bytes, size_t len);

/* Decodes strictly: no padding, no blanks, no other letters, unused bits zero. out has room bytes;
 * *len gets the count. False when the text is malformed or does not fit. */
bool b64_decode(unsigned char *out, size_t room, size_t *len, const char *text) MUST_CHECK;

#endif
