/* The envelope of the articles: data keys under one account key, the account key under the
 * customer's RSA key. Only the outermost layer changes on a switch, rotation or detach; data keys
 * and data never do ("Encryption of secure assets in Azure Automation"). */
#ifndef CLAVIGER_CRYPTO_ENVELOPE_H
#define CLAVIGER_CRYPTO_ENVELOPE_H

#include <stddef.h>

#include "backend/base/err.h"
#include "crypto/secret.h"

enum { ENVELOPE_KEY = 32, ENVELOPE_NONCE = 12, ENVELOPE_TAG = 16 };
/* A key or text sealed under another key with AES-256-GCM takes this much more than itself. */
enum { ENVELOPE_OVERHEAD = ENVELOPE_NONCE + ENVELOPE_TAG };

/* out has len + ENVELOPE_OVERHEAD bytes: nonce, ciphertext, tag. purpose is bound in (AAD). */
bool envelope_seal(const struct secret *key, const char *purpose, const void *in, size_t len,
	unsigned char *out, struct err *err) MUST_CHECK;

/* False when the key, the purpose or any bit is wrong. */
bool envelope_open(const struct secret *key, const char *purpose, const void *in, size_t len,
	struct secret *out, struct err *err) MUST_CHECK;

#endif
