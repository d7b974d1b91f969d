/* A random nonce of 96 bits is safe for 2^32 seals under one key (NIST SP 800-38D, 8.3); an account
 * key seals a few thousand data keys in its life. */
#include "crypto/envelope.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#include "crypto/ossl.h"

static bool
has_key_size(const struct secret *key, struct err *err)
{
	return key->len == ENVELOPE_KEY ||
	       err_set(err, ERR_FAILED, "ENVELOPE",
		       "the sealing key has %zu bytes instead of %d: give a 256-bit key", key->len,
		       ENVELOPE_KEY);
}

/* The one pass of AES-256-GCM over purpose and in; the tag is read or written by the caller. */
static bool
gcm(EVP_CIPHER_CTX *ctx, bool seal, const struct secret *key, const unsigned char *nonce,
	const char *purpose, const unsigned char *in, size_t len, unsigned char *out)
{
	size_t aad = strlen(purpose);
	int n;

	return aad <= INT_MAX && len <= INT_MAX &&
	       EVP_CipherInit_ex2(ctx, EVP_aes_256_gcm(), key->bytes, nonce, seal, NULL) == 1 &&
	       EVP_CipherUpdate(ctx, NULL, &n, (const unsigned char *)purpose, (int)aad) == 1 &&
	       (len == 0 || EVP_CipherUpdate(ctx, out, &n, in, (int)len) == 1);
}

bool
envelope_seal(const struct secret *key, const char *purpose, const void *in, size_t len,
	unsigned char *out, struct err *err)
{
	unsigned char *sealed = out + ENVELOPE_NONCE;
	EVP_CIPHER_CTX *ctx;
	bool ok;
	int n;

	if (!has_key_size(key, err))
		return false;
	if (RAND_bytes(out, ENVELOPE_NONCE) != 1)
		return ossl_fail(err, "RANDOM", "no random bytes from the system");
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx && gcm(ctx, true, key, out, purpose, in, len, sealed) &&
	     EVP_CipherFinal_ex(ctx, sealed + len, &n) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, ENVELOPE_TAG, sealed + len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok || ossl_fail(err, "ENVELOPE", "sealing with AES-256-GCM");
}

bool
envelope_open(const struct secret *key, const char *purpose, const void *in, size_t len,
	struct secret *out, struct err *err)
{
	const unsigned char *sealed = (const unsigned char *)in + ENVELOPE_NONCE;
	unsigned char tag[ENVELOPE_TAG], end[ENVELOPE_TAG];
	struct secret plain = {0};
	EVP_CIPHER_CTX *ctx;
	bool ok;
	int n;

	*out = plain;
	if (!has_key_size(key, err))
		return false;
	if (len < ENVELOPE_OVERHEAD)
		return err_set(err, ERR_FAILED, "ENVELOPE",
			"sealed text of %zu bytes is too short: it has been cut", len);
	len -= ENVELOPE_OVERHEAD;
	memcpy(tag, sealed + len, sizeof tag);
	secret_set(&plain, sealed, len);
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx && gcm(ctx, false, key, in, purpose, sealed, len, plain.bytes) &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, ENVELOPE_TAG, tag) == 1 &&
	     EVP_CipherFinal_ex(ctx, end, &n) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (ok) {
		*out = plain;
		return true;
	}
	secret_free(&plain);
	ossl_fail(NULL, "", "");
	return err_set(err, ERR_FAILED, "ENVELOPE",
		"sealed text does not open: wrong key, other purpose or changed bytes");
}
