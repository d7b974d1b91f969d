/* Keys of the sandbox, which makes many and must be there at once; nothing of value lies under
 * them. OpenSSL 3.0 makes RSA keys after FIPS 186-4, B.3.6, and there takes a greatest common
 * divisor in constant time of each candidate before it tries small divisors: two thirds of the time
 * of a key (bn_rsa_fips186_4.c; later versions changed it). The primes here are from its general
 * generator, as its keys were before 3.0; the bounds on them are those of FIPS 186-4, B.3.1. */
#include <openssl/bn.h>

#include "crypto/ossl.h"
#include "crypto/rsa_key.h"

enum { DISTANCE = 100 };

static bool
coprime(const BIGNUM *number, unsigned long word)
{
	unsigned long rest = BN_mod_word(number, word);

	while (rest) {
		unsigned long next = word % rest;

		word = rest;
		rest = next;
	}
	return word == 1;
}

/* A prime with its two highest bits set, so that a product of two is exactly twice as long; order
 * is one less, and has no divisor in common with the exponent. */
static bool
make_prime(BIGNUM *prime, BIGNUM *order, int bits, unsigned long exponent, BN_CTX *ctx)
{
	do
		if (!BN_generate_prime_ex2(prime, bits, 0, NULL, NULL, NULL, ctx) ||
			!BN_sub(order, prime, BN_value_one()))
			return false;
	while (!coprime(order, exponent));
	BN_set_flags(prime, BN_FLG_CONSTTIME);
	BN_set_flags(order, BN_FLG_CONSTTIME);
	return true;
}

/* p is the larger one; their distance is more than 2^(bits/2 - 100). */
static bool
make_primes(BIGNUM *const num[RSA_NUMBERS], BIGNUM *p_order, BIGNUM *q_order, int bits,
	unsigned long exponent, BN_CTX *ctx)
{
	BIGNUM *distance = BN_CTX_get(ctx);

	do
		if (!distance || !make_prime(num[RSA_P], p_order, bits / 2, exponent, ctx) ||
			!make_prime(num[RSA_Q], q_order, bits / 2, exponent, ctx) ||
			!BN_sub(distance, num[RSA_P], num[RSA_Q]))
			return false;
	while (BN_num_bits(distance) <= bits / 2 - DISTANCE);
	if (BN_is_negative(distance)) {
		BN_swap(num[RSA_P], num[RSA_Q]);
		BN_swap(p_order, q_order);
	}
	return true;
}

static bool
make_numbers(BIGNUM *const num[RSA_NUMBERS], int bits, unsigned long exponent, BN_CTX *ctx)
{
	BIGNUM *p_order = BN_CTX_get(ctx), *q_order = BN_CTX_get(ctx);
	BIGNUM *common = BN_CTX_get(ctx), *all = BN_CTX_get(ctx), *order = BN_CTX_get(ctx);

	if (!order || !BN_set_word(num[RSA_E], exponent) ||
		!make_primes(num, p_order, q_order, bits, exponent, ctx))
		return false;
	BN_set_flags(order, BN_FLG_CONSTTIME);
	return BN_mul(num[RSA_N], num[RSA_P], num[RSA_Q], ctx) &&
	       BN_mul(all, p_order, q_order, ctx) && BN_gcd(common, p_order, q_order, ctx) &&
	       BN_div(order, NULL, all, common, ctx) &&
	       BN_mod_inverse(num[RSA_D], num[RSA_E], order, ctx) &&
	       BN_mod(num[RSA_DP], num[RSA_D], p_order, ctx) &&
	       BN_mod(num[RSA_DQ], num[RSA_D], q_order, ctx) &&
	       BN_mod_inverse(num[RSA_QI], num[RSA_Q], num[RSA_P], ctx);
}

struct rsa_key *
rsa_make(unsigned bits, unsigned long exponent, struct err *err)
{
	BIGNUM *num[RSA_NUMBERS] = {0};
	struct rsa_key *key = NULL;
	BN_CTX *ctx;
	bool ok;

	if (!rsa_bits_taken(bits, err))
		return NULL;
	if (exponent < 3 || exponent % 2 == 0) {
		err_set(err, ERR_USAGE, "RSA",
			"no key with the public exponent %lu: choose an odd number from 3 on",
			exponent);
		return NULL;
	}
	ctx = BN_CTX_secure_new();
	ok = ctx != NULL;
	for (int i = 0; ok && i < RSA_NUMBERS; i++)
		ok = (num[i] = i >= RSA_D ? BN_secure_new() : BN_new()) != NULL;
	if (ok) {
		BN_CTX_start(ctx);
		ok = make_numbers(num, (int)bits, exponent, ctx);
		key = ok ? rsa_of_numbers(num, ctx, err) : NULL;
		BN_CTX_end(ctx);
	}
	if (!ok)
		ossl_fail(err, "RSA", "making a key");
	for (int i = 0; i < RSA_NUMBERS; i++)
		BN_clear_free(num[i]);
	BN_CTX_free(ctx);
	return key;
}
