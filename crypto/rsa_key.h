/* What an rsa_key is, for rsa.c and rsa_key.c only. */
#ifndef CLAVIGER_CRYPTO_RSA_KEY_H
#define CLAVIGER_CRYPTO_RSA_KEY_H

#include <openssl/evp.h>

#include "crypto/rsa.h"

/* Built once and then only read: OpenSSL allows any number of contexts on one EVP_PKEY. */
struct rsa_key {
	EVP_PKEY *pkey;
	unsigned bits;
	bool private;
};

#endif
