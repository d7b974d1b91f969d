/* Elliptic curve keys, as far as Key Vault's ES algorithms go. Customer keys are RSA: these exist
 * so that choosing one of them can be refused for what it is. */
#ifndef CLAVIGER_CRYPTO_EC_H
#define CLAVIGER_CRYPTO_EC_H

#include <stddef.h>

#include "backend/base/err.h"
#include "crypto/secret.h"

enum { EC_COORDINATE_MAX = 66, EC_SIGNATURE_MAX = 2 * EC_COORDINATE_MAX };

/* Bytes of a coordinate on P-256, P-384, P-521 or P-256K; 0 for any other name. */
size_t ec_size(const char *curve);

/* A fresh key: DER PKCS#8 and the point, ec_size(curve) bytes each. */
bool ec_generate(const char *curve, struct secret *der, unsigned char *x, unsigned char *y,
	struct err *err) MUST_CHECK;

/* Of its numbers, big-endian: the secret one and the point, at most ec_size(curve) bytes each.
 * False when they do not belong together. */
struct ec_numbers {
	struct {
		const unsigned char *bytes;
		size_t len;
	} d, x, y;
};
bool ec_import(const char *curve, const struct ec_numbers *numbers, struct secret *der,
	struct err *err) MUST_CHECK;

/* Over a digest; the signature is r and s of ec_size(curve) bytes each (JWS form, RFC 7518). */
bool ec_sign(const struct secret *der, const char *curve, const void *digest, size_t len,
	unsigned char *out, struct err *err) MUST_CHECK;
bool ec_verify(const struct secret *der, const char *curve, const void *digest, size_t len,
	const void *signature) MUST_CHECK;

#endif
