/* JSON Web Keys as Key Vault writes them (KeyBundle.key, REST 7.4 keys.json; RFC 7517). */
#ifndef CLAVIGER_JWK_H
#define CLAVIGER_JWK_H

#include <jansson.h>

#include "backend/base/err.h"
#include "crypto/rsa.h"

/* The public key; kty RSA or RSA-HSM. The error names the member that is wrong. */
struct rsa_key *jwk_read(const json_t *jwk, struct err *err) MUST_CHECK;

#endif
