/* Proves, on this machine and with this OpenSSL, what every plan relies on: that RSA gives the
 * known answers, that fresh pairs belong together, and that whatever was changed is noticed. */
#include "crypto/selftest.h"

#include <openssl/bn.h>
#include <string.h>

#include "backend/base/clock.h"
#include "crypto/b64.h"
#include "crypto/envelope.h"
#include "crypto/rsa.h"
#include "crypto/selftest_known.h"
#include "crypto/selftest_negative.h"

enum { PUBLIC_EXPONENT = 65537 };

static bool
fail(struct err *err, const char *what)
{
	return err_set(err, ERR_FAILED, "SELFTEST", "%s", what);
}

static bool
is_message(const struct secret *plain, const void *message, size_t len)
{
	return secret_equal(plain, &(struct secret){.bytes = (unsigned char *)message, .len = len});
}

static bool
known_decryption(const struct selftest *test, struct err *err)
{
	static const struct {
		const char *alg, *text;
	} answers[] = {{"RSA-OAEP", known_oaep}, {"RSA-OAEP-256", known_oaep_256},
		{"RSA1_5", known_rsa1_5}};
	unsigned char sealed[RSA_BYTES_MAX];
	struct rsa_key *key = known_rsa_key(err);
	struct secret plain = {0};
	struct rsa_cipher how;
	size_t len, i = 0;
	bool ok;

	while (strcmp(answers[i].alg, test->alg) != 0)
		i++;
	ok = key && rsa_cipher_named(test->alg, &how) &&
	     b64_decode(sealed, sizeof sealed, &len, answers[i].text) &&
	     rsa_decrypt(key, &how, sealed, len, &plain, err) &&
	     (is_message(&plain, known_message, KNOWN_MESSAGE) ||
		     fail(err, "the known ciphertext gave another message"));
	secret_free(&plain);
	rsa_free(key);
	return ok;
}

/* PSS takes a random salt, so only its verification has a known answer. */
static bool
known_signature(const struct selftest *test, struct err *err)
{
	unsigned char known[RSA_BYTES_MAX], made[RSA_BYTES_MAX], digest[DIGEST_MAX];
	struct rsa_key *key = known_rsa_key(err);
	struct rsa_signature how;
	size_t known_len, made_len;
	bool ok = key && rsa_signature_named(test->alg, &how);
	bool pss = ok && how.padding == RSA_SIGN_PSS;

	ok = ok && b64_decode(known, sizeof known, &known_len, pss ? known_ps256 : known_rs256);
	if (ok) {
		digest_of(how.digest, known_message, KNOWN_MESSAGE, digest);
		ok = rsa_verify(key, &how, digest, known, known_len) ||
		     fail(err, "the known signature was refused");
	}
	if (ok && !pss) {
		ok = rsa_sign(key, &how, digest, made, &made_len, err) &&
		     ((made_len == known_len && memcmp(made, known, known_len) == 0) ||
			     fail(err, "the signature is not the known one"));
	}
	if (ok) {
		digest[0] ^= 1;
		ok = !rsa_verify(key, &how, digest, known, known_len) ||
		     fail(err, "a signature of another digest was accepted");
	}
	rsa_free(key);
	return ok;
}

/* A message through one algorithm and back. */
static bool
round_trip(
	const struct rsa_key *key, const char *alg, const struct secret *message, struct err *err)
{
	unsigned char sealed[RSA_BYTES_MAX];
	struct secret plain = {0};
	struct rsa_cipher how;
	size_t len;
	bool ok;

	ok = rsa_cipher_named(alg, &how) &&
	     rsa_encrypt(key, &how, message->bytes, message->len, sealed, &len, err) &&
	     rsa_decrypt(key, &how, sealed, len, &plain, err) &&
	     (secret_equal(message, &plain) ||
		     fail(err, "unwrapping gave other bytes than were wrapped"));
	secret_free(&plain);
	return ok;
}

static bool
sign_and_verify(const struct rsa_key *key, const char *alg, struct err *err)
{
	unsigned char digest[DIGEST_MAX], signature[RSA_BYTES_MAX];
	struct rsa_signature how;
	size_t len;

	if (!rsa_signature_named(alg, &how))
		return fail(err, "unknown signature algorithm");
	digest_of(how.digest, known_message, KNOWN_MESSAGE, digest);
	return rsa_sign(key, &how, digest, signature, &len, err) &&
	       (rsa_verify(key, &how, digest, signature, len) ||
		       fail(err, "the key refused its own signature"));
}

bool
selftest_four(const struct rsa_key *key, struct err *err)
{
	const struct secret message = {
		.bytes = (unsigned char *)known_message, .len = KNOWN_MESSAGE};

	return round_trip(key, "RSA-OAEP-256", &message, err) && sign_and_verify(key, "PS256", err);
}

/* FIPS 186-5, A.1.1 and A.1.3: e fixed, d above 2^(bits/2), |p - q| above 2^(bits/2 - 100). */
static bool
well_made(const struct rsa_key *key, int bits, struct err *err)
{
	unsigned char n[RSA_BYTES_MAX], e[8];
	struct secret part[6]; /* d p q dp dq qi */
	BIGNUM *d, *p, *q, *exponent;
	size_t n_len, e_len;
	bool ok;

	if (!rsa_private(key, part, err))
		return false;
	rsa_public(key, n, &n_len, e, &e_len);
	d = BN_bin2bn(part[0].bytes, (int)part[0].len, BN_secure_new());
	p = BN_bin2bn(part[1].bytes, (int)part[1].len, BN_secure_new());
	q = BN_bin2bn(part[2].bytes, (int)part[2].len, BN_secure_new());
	exponent = BN_bin2bn(e, (int)e_len, NULL);
	if (d == NULL || p == NULL || q == NULL || exponent == NULL)
		ok = fail(err, "no memory for the numbers of a key");
	else if ((int)rsa_bits(key) != bits || n_len * 8 != (size_t)bits || !(n[0] & 0x80))
		ok = fail(err, "the modulus has another length than was asked for");
	else if (!BN_is_word(exponent, PUBLIC_EXPONENT))
		ok = fail(err, "the public exponent is not 65537");
	else if (BN_num_bits(d) <= bits / 2)
		ok = fail(err, "the private exponent is too small");
	else
		ok = (BN_sub(p, p, q) && BN_num_bits(p) > bits / 2 - 100) ||
		     fail(err, "the primes are equal or too close");
	BN_clear_free(d);
	BN_clear_free(p);
	BN_clear_free(q);
	BN_free(exponent);
	for (size_t i = 0; i < ARRAY_LEN(part); i++)
		secret_free(&part[i]);
	return ok;
}

static bool
fresh_pair(const struct selftest *test, struct err *err)
{
	static const char *const ciphers[] = {"RSA-OAEP", "RSA-OAEP-256", "RSA1_5"};
	static const char *const signatures[] = {
		"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
	struct rsa_key *key = rsa_generate(test->bits, err);
	struct secret message = {0};
	bool ok = key && well_made(key, (int)test->bits, err) &&
		  secret_random(&message, ENVELOPE_KEY, err);

	for (size_t i = 0; ok && i < ARRAY_LEN(ciphers); i++)
		ok = round_trip(key, ciphers[i], &message, err) ||
		     err_prefix(err, "%s", ciphers[i]);
	for (size_t i = 0; ok && i < ARRAY_LEN(signatures); i++)
		ok = sign_and_verify(key, signatures[i], err) ||
		     err_prefix(err, "%s", signatures[i]);
	secret_free(&message);
	rsa_free(key);
	return ok;
}

/* What a service does with a customer key: a data key sealed by the account key must open again
 * with the account key that came back from the customer key. */
static bool
account_key(const struct selftest *test, struct err *err)
{
	unsigned char sealed[ENVELOPE_KEY + ENVELOPE_OVERHEAD], wrapped[RSA_BYTES_MAX];
	struct secret account = {0}, data = {0}, back = {0}, opened = {0};
	struct rsa_key *key = known_rsa_key(err);
	struct rsa_cipher how;
	size_t len;
	bool ok;

	ok = key && rsa_cipher_named(test->alg, &how) &&
	     secret_random(&account, ENVELOPE_KEY, err) &&
	     secret_random(&data, ENVELOPE_KEY, err) &&
	     envelope_seal(&account, "data key", data.bytes, data.len, sealed, err) &&
	     rsa_encrypt(key, &how, account.bytes, account.len, wrapped, &len, err) &&
	     rsa_decrypt(key, &how, wrapped, len, &back, err) &&
	     envelope_open(&back, "data key", sealed, sizeof sealed, &opened, err) &&
	     (secret_equal(&data, &opened) || fail(err, "the data key came back changed"));
	secret_free(&account);
	secret_free(&data);
	secret_free(&back);
	secret_free(&opened);
	rsa_free(key);
	return ok;
}

const struct selftest selftests[] = {
	{
		.name = "known-answer-oaep",
		.title = "RSA-OAEP opens the known ciphertext",
		.alg = "RSA-OAEP",
		.bits = KNOWN_BITS,
		.brief = true,
		.run = known_decryption,
	},
	{
		.name = "known-answer-oaep-256",
		.title = "RSA-OAEP-256 opens the known ciphertext",
		.alg = "RSA-OAEP-256",
		.bits = KNOWN_BITS,
		.brief = true,
		.run = known_decryption,
	},
	{
		.name = "known-answer-rsa1-5",
		.title = "RSA1_5 opens the known ciphertext",
		.alg = "RSA1_5",
		.bits = KNOWN_BITS,
		.brief = true,
		.run = known_decryption,
	},
	{
		.name = "known-answer-rs256",
		.title = "RS256 gives the known signature",
		.alg = "RS256",
		.bits = KNOWN_BITS,
		.brief = true,
		.run = known_signature,
	},
	{
		.name = "known-answer-ps256",
		.title = "PS256 accepts the known signature",
		.alg = "PS256",
		.bits = KNOWN_BITS,
		.brief = true,
		.run = known_signature,
	},
	{
		.name = "account-key-oaep",
		.title = "An account key wrapped by RSA-OAEP opens its data key",
		.alg = "RSA-OAEP",
		.bits = KNOWN_BITS,
		.brief = true,
		.run = account_key,
	},
	{
		.name = "account-key-oaep-256",
		.title = "An account key wrapped by RSA-OAEP-256 opens its data key",
		.alg = "RSA-OAEP-256",
		.bits = KNOWN_BITS,
		.run = account_key,
	},
	{
		.name = "account-key-rsa1-5",
		.title = "An account key wrapped by RSA1_5 opens its data key",
		.alg = "RSA1_5",
		.bits = KNOWN_BITS,
		.run = account_key,
	},
	{
		.name = "negative-sample",
		.title = "A flipped bit in the first, middle and last byte is noticed",
		.bits = KNOWN_BITS,
		.brief = true,
		.run = selftest_negative_sample,
	},
	{
		.name = "negative-oaep",
		.title = "RSA-OAEP refuses whatever was changed",
		.alg = "RSA-OAEP",
		.bits = KNOWN_BITS,
		.run = selftest_negative,
	},
	{
		.name = "negative-oaep-256",
		.title = "RSA-OAEP-256 refuses whatever was changed",
		.alg = "RSA-OAEP-256",
		.bits = KNOWN_BITS,
		.run = selftest_negative,
	},
	{
		.name = "negative-rsa1-5",
		.title = "RSA1_5 never gives the message once something was changed",
		.alg = "RSA1_5",
		.bits = KNOWN_BITS,
		.run = selftest_negative,
	},
	{
		.name = "pairwise-2048",
		.title = "A fresh pair of 2048 bits belongs together",
		.bits = 2048,
		.run = fresh_pair,
	},
	{
		.name = "pairwise-3072",
		.title = "A fresh pair of 3072 bits belongs together",
		.bits = 3072,
		.run = fresh_pair,
	},
	{
		.name = "pairwise-4096",
		.title = "A fresh pair of 4096 bits belongs together",
		.bits = 4096,
		.run = fresh_pair,
	},
};

const size_t selftests_len = ARRAY_LEN(selftests);

bool
selftest_run(const struct selftest *test, int64_t *us, struct err *err)
{
	int64_t start = clock_mono_us();
	bool ok = test->run(test, err);

	*us = clock_mono_us() - start;
	return ok;
}

bool
selftest_brief(struct err *err)
{
	int64_t us;

	for (size_t i = 0; i < selftests_len; i++)
		if (selftests[i].brief && !selftest_run(&selftests[i], &us, err))
			return err_prefix(err, "self-test %s", selftests[i].name);
	return true;
}
