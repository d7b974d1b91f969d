/* RSA figures, one line each: name value unit. A private operation is a PKCS#1 signature of a ready
 * digest, as it is for openssl speed; unwraps, which also undo OAEP, are told apart. */
#include <stdio.h>
#include <stdlib.h>

#include "backend/base/clock.h"
#include "crypto/rsa.h"
#include "crypto/selftest.h"

enum { MEASURE_US = 1000000 };

static double
private_rate(const struct rsa_key *key, struct err *err)
{
	static const unsigned char digest[DIGEST_MAX];
	unsigned char signature[RSA_BYTES_MAX];
	struct rsa_signature how;
	int64_t start = clock_mono_us(), us = 0;
	size_t len, count = 0;

	if (!rsa_signature_named("RS256", &how))
		return 0;
	for (; us < MEASURE_US; us = clock_mono_us() - start, count++)
		if (!rsa_sign(key, &how, digest, signature, &len, err))
			return 0;
	return (double)count * 1e6 / (double)us;
}

static double
unwrap_rate(const struct rsa_key *key, struct err *err)
{
	unsigned char sealed[RSA_BYTES_MAX];
	struct rsa_cipher how;
	struct secret plain;
	int64_t start, us = 0;
	size_t len, count = 0;

	if (!rsa_cipher_named("RSA-OAEP", &how) ||
		!rsa_encrypt(key, &how, "32 bytes of some account key ...", 32, sealed, &len, err))
		return 0;
	start = clock_mono_us();
	for (; us < MEASURE_US; us = clock_mono_us() - start, count++) {
		if (!rsa_decrypt(key, &how, sealed, len, &plain, err))
			return 0;
		secret_free(&plain);
	}
	return (double)count * 1e6 / (double)us;
}

static double
four_rate(const struct rsa_key *key, struct err *err)
{
	int64_t start = clock_mono_us(), us = 0;
	size_t count = 0;

	for (; us < MEASURE_US; us = clock_mono_us() - start, count++)
		if (!selftest_four(key, err))
			return 0;
	return (double)count * 1e6 / (double)us;
}

/* The size is the argument; without one, all three. */
int
main(int argc, char **argv)
{
	static const unsigned sizes[] = {2048, 3072, 4096};
	struct err err = {0};

	secret_init();
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct rsa_key *key;
		double private = 0, unwrap = 0, four = 0;

		if (argc > 1 && strtoul(argv[1], NULL, 10) != sizes[i])
			continue;
		key = rsa_generate(sizes[i], &err);
		if (key) {
			private = private_rate(key, &err);
			unwrap = unwrap_rate(key, &err);
			four = four_rate(key, &err);
		}
		rsa_free(key);
		if (private <= 0 || unwrap <= 0 || four <= 0) {
			fprintf(stderr, "bench_rsa: %u bits: %s\n", sizes[i], err.msg);
			return 1;
		}
		printf("rsa_private_%u %.1f ops/s\n", sizes[i], private);
		printf("rsa_unwrap_%u %.1f ops/s\n", sizes[i], unwrap);
		printf("rsa_selftest_four_%u %.1f runs/s\n", sizes[i], four);
	}
	return 0;
}
