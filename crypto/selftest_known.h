/* Known answers: a key made for this purpose alone, and what it must give. In base64url. */
#ifndef CLAVIGER_CRYPTO_SELFTEST_KNOWN_H
#define CLAVIGER_CRYPTO_SELFTEST_KNOWN_H

#include "crypto/rsa.h"

enum { KNOWN_MESSAGE = 32, KNOWN_BITS = 2048 };

/* The message of all answers: the bytes 0 to 31. */
extern const unsigned char known_message[KNOWN_MESSAGE];

/* The private key of all answers, KNOWN_BITS long; free with rsa_free. */
struct rsa_key *known_rsa_key(struct err *err) MUST_CHECK;

/* The message encrypted by RSA-OAEP, RSA-OAEP-256 and RSA1_5. */
extern const char known_oaep[], known_oaep_256[], known_rsa1_5[];

/* Its signatures by RS256 and PS256. */
extern const char known_rs256[], known_ps256[];

#endif
