/* What an rsa_key is, for crypto/ only. */
#ifndef CLAVIGER_CRYPTO_RSA_KEY_H
#define CLAVIGER_CRYPTO_RSA_KEY_H

#include <openssl/bn.h>
#include <openssl/evp.h>

#include "crypto/rsa.h"

/* Built once and then only read: OpenSSL allows any number of contexts on one EVP_PKEY. */
struct rsa_key {
	EVP_PKEY *pkey;
	unsigned bits;
	bool private;
};

/* The numbers of a key, in the order of struct rsa_numbers. */
enum { RSA_N, RSA_E, RSA_D, RSA_P, RSA_Q, RSA_DP, RSA_DQ, RSA_QI, RSA_NUMBERS };

/* A key of its numbers (borrowed), once they are found to belong together; a public one where d is
 * NULL. ctx has been started. */
struct rsa_key *rsa_of_numbers(
	BIGNUM *const num[RSA_NUMBERS], BN_CTX *ctx, struct err *err) MUST_CHECK;

/* Takes pkey over, also on failure; it must be an RSA key. */
struct rsa_key *rsa_of_pkey(EVP_PKEY *pkey, bool private, struct err *err) MUST_CHECK;

#endif
