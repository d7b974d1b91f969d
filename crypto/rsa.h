/* RSA keys and what Key Vault does with them, over OpenSSL 3 EVP only.
 * Algorithm names: Key Vault REST 7.4, JsonWebKeyEncryptionAlgorithm and ...SignatureAlgorithm. */
#ifndef CLAVIGER_CRYPTO_RSA_H
#define CLAVIGER_CRYPTO_RSA_H

#include <stddef.h>

#include "backend/base/err.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

enum { RSA_BYTES_MAX = 1024 }; /* modulus of 8192 bits: what test vectors reach */

struct rsa_key; /* immutable once made: may be used by several threads at once */

/* How bytes are encrypted. mgf and label count for OAEP only. */
struct rsa_cipher {
	enum { RSA_PKCS1, RSA_OAEP } padding;
	enum digest digest, mgf;
	const unsigned char *label;
	size_t label_len;
};

/* How a digest is signed. mgf and salt (bytes) count for PSS only. */
struct rsa_signature {
	enum { RSA_SIGN_PKCS1, RSA_SIGN_PSS } padding;
	enum digest digest, mgf;
	size_t salt;
};

/* Big-endian numbers of a JWK. Borrowed. For a public key only n and e are there. */
struct rsa_numbers {
	struct {
		const unsigned char *bytes;
		size_t len;
	} n, e, d, p, q, dp, dq, qi;
};

/* A fresh key of 2048, 3072 or 4096 bits. Seconds of CPU: never on the thread of the loop. */
struct rsa_key *rsa_generate(unsigned bits, struct err *err) MUST_CHECK;

/* The same for keys of the sandbox, three times as fast, with a public exponent that is odd and 3
 * or more. */
enum { RSA_E_USUAL = 65537 };
struct rsa_key *rsa_make(unsigned bits, unsigned long exponent, struct err *err) MUST_CHECK;

/* Whether keys of so many bits are made: 2048, 3072, 4096. */
bool rsa_bits_taken(unsigned bits, struct err *err) MUST_CHECK;

/* From numbers; a private key when d is there (p to qi are needed too). The error names the number
 * that is wrong. Sizes from 1024 bits (vectors) to RSA_BYTES_MAX. */
struct rsa_key *rsa_import(const struct rsa_numbers *numbers, struct err *err) MUST_CHECK;

/* From a DER PKCS#8 private key or a SubjectPublicKeyInfo. */
struct rsa_key *rsa_from_der(
	const unsigned char *der, size_t len, bool private, struct err *err) MUST_CHECK;

/* DER PKCS#8 of a private key into a secret. */
bool rsa_to_der(const struct rsa_key *key, struct secret *out, struct err *err) MUST_CHECK;

void rsa_free(struct rsa_key *key);

unsigned rsa_bits(const struct rsa_key *key);

/* Modulus and exponent, big-endian without leading zeros; n has RSA_BYTES_MAX bytes, e has 8. An
 * exponent over 64 bits, as only test vectors have, gives *e_len 0. */
void rsa_public(const struct rsa_key *key, unsigned char *n, size_t *n_len, unsigned char *e,
	size_t *e_len);

/* The private numbers as one secret each, in the order d p q dp dq qi. */
bool rsa_private(const struct rsa_key *key, struct secret out[6], struct err *err) MUST_CHECK;

/* out has RSA_BYTES_MAX bytes. Failures are ERR_FAILED with code "RSA": no detail that would help
 * a padding oracle. With RSA_PKCS1 and OpenSSL 3.2 or later a bad padding gives other bytes instead
 * of an error (implicit rejection). */
bool rsa_encrypt(const struct rsa_key *key, const struct rsa_cipher *how, const void *in,
	size_t len, unsigned char *out, size_t *out_len, struct err *err) MUST_CHECK;
bool rsa_decrypt(const struct rsa_key *key, const struct rsa_cipher *how, const void *in,
	size_t len, struct secret *out, struct err *err) MUST_CHECK;

/* Over a digest that the caller made with how->digest. */
bool rsa_sign(const struct rsa_key *key, const struct rsa_signature *how,
	const unsigned char *digest, unsigned char *out, size_t *out_len,
	struct err *err) MUST_CHECK;
bool rsa_verify(const struct rsa_key *key, const struct rsa_signature *how,
	const unsigned char *digest, const void *signature, size_t len) MUST_CHECK;

/* Key Vault's names: RSA-OAEP, RSA-OAEP-256, RSA1_5; RS256 ... PS512. False: unknown. */
bool rsa_cipher_named(const char *alg, struct rsa_cipher *out) MUST_CHECK;
bool rsa_signature_named(const char *alg, struct rsa_signature *out) MUST_CHECK;

#endif
