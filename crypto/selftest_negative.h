/* The negative self-tests; rows of the table in selftest.c. */
#ifndef CLAVIGER_CRYPTO_SELFTEST_NEGATIVE_H
#define CLAVIGER_CRYPTO_SELFTEST_NEGATIVE_H

#include "crypto/selftest.h"

/* Everything that can be wrong with what test->alg wrapped: a flipped bit in each byte, another
 * key, cut, too long; for OAEP another hash, mask hash or label. */
bool selftest_negative(const struct selftest *test, struct err *err) MUST_CHECK;

/* Three flipped bits for each algorithm: what a short subset has time for. */
bool selftest_negative_sample(const struct selftest *test, struct err *err) MUST_CHECK;

#endif
