/* The local RSA self-tests: a table of named checks with the duration of each. */
#ifndef CLAVIGER_CRYPTO_SELFTEST_H
#define CLAVIGER_CRYPTO_SELFTEST_H

#include <stddef.h>
#include <stdint.h>

#include "backend/base/err.h"

struct selftest {
	const char *name;  /* known-answer-oaep, pairwise-3072, negative-oaep-256 ... */
	const char *title; /* one line for people */
	const char *alg;   /* Key Vault's name of the algorithm it uses, NULL if several */
	unsigned bits;     /* key size it uses, 0 if none */
	bool brief;        /* part of the short subset that runs before any plan touching a key */
	bool (*run)(const struct selftest *, struct err *err);
};

/* Known answers, fresh pairs of each size with pairwise consistency, round trip of a 32-byte
 * account key, negative tests (a flipped bit in every ciphertext byte, wrong key, truncated, too
 * long; for OAEP also wrong hash and label). OAEP must give an error, RSA1_5 never the message. */
extern const struct selftest selftests[];
extern const size_t selftests_len;

/* Runs one; *us gets its duration in microseconds, err what went wrong, without the test's name.
 * Blocks for up to seconds: use a worker. */
bool selftest_run(const struct selftest *test, int64_t *us, struct err *err) MUST_CHECK;

/* The short subset, in order; false on the first that fails, named in the error. Some 20 ms. */
bool selftest_brief(struct err *err) MUST_CHECK;

/* Four-operation self-test (wrap, unwrap, sign, verify) with a ready key, for the benchmark. */
struct rsa_key;
bool selftest_four(const struct rsa_key *key, struct err *err) MUST_CHECK;

#endif
