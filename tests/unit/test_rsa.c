/* RSA keys and operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "crypto/rsa.h"

static const char message[] = "32 bytes of some account key ...";

static int
make_key(void **state)
{
	struct err err = {0};

	*state = rsa_generate(2048, &err);
	return *state ? 0 : -1;
}

static int
drop_key(void **state)
{
	rsa_free(*state);
	return 0;
}

static void
generates_each_size_and_no_other(void **state)
{
	struct err err = {0};
	struct rsa_key *key = rsa_generate(3072, &err);

	(void)state;
	assert_non_null(key);
	assert_int_equal(rsa_bits(key), 3072);
	rsa_free(key);
	assert_null(rsa_generate(1024, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_non_null(strstr(err.msg, "2048, 3072 or 4096"));
	rsa_free(NULL);
}

/* The quick keys are keys like any others: of full length, and OpenSSL takes their numbers and uses
 * them; rsa_of_numbers has found them to belong together. */
static void
quick_keys_are_sound(void **state)
{
	static const unsigned long exponents[] = {RSA_E_USUAL, 3};
	static const unsigned sizes[] = {2048, 3072};
	struct rsa_signature how;
	struct err err = {0};

	(void)state;
	assert_true(rsa_signature_named("PS256", &how));
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct rsa_key *key = rsa_make(sizes[i], exponents[i], &err);
		unsigned char n[RSA_BYTES_MAX], e[8], signature[RSA_BYTES_MAX], digest[32] = {7};
		size_t n_len, e_len, len;
		struct secret der;

		assert_non_null(key);
		assert_int_equal(rsa_bits(key), sizes[i]);
		rsa_public(key, n, &n_len, e, &e_len);
		assert_int_equal(n_len, sizes[i] / 8);
		assert_int_equal(e[e_len - 1], exponents[i] & 0xff);
		assert_true(rsa_to_der(key, &der, &err));
		rsa_free(key);
		key = rsa_from_der(der.bytes, der.len, true, &err);
		secret_free(&der);
		assert_non_null(key);
		assert_true(rsa_sign(key, &how, digest, signature, &len, &err));
		assert_true(rsa_verify(key, &how, digest, signature, len));
		rsa_free(key);
	}
	assert_null(rsa_make(2048, 4, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_null(rsa_make(1024, RSA_E_USUAL, &err));
}

static void
wraps_and_unwraps_by_each_name(void **state)
{
	static const char *const names[] = {"RSA-OAEP", "RSA-OAEP-256", "RSA1_5"};
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		unsigned char sealed[RSA_BYTES_MAX];
		struct rsa_cipher how;
		struct secret plain;
		size_t len;

		assert_true(rsa_cipher_named(names[i], &how));
		assert_true(rsa_encrypt(*state, &how, message, 32, sealed, &len, &err));
		assert_int_equal(len, 256);
		assert_true(rsa_decrypt(*state, &how, sealed, len, &plain, &err));
		assert_int_equal(plain.len, 32);
		assert_memory_equal(plain.bytes, message, 32);
		secret_free(&plain);
		assert_true(rsa_encrypt(*state, &how, NULL, 0, sealed, &len, &err));
		assert_true(rsa_decrypt(*state, &how, sealed, len, &plain, &err));
		assert_int_equal(plain.len, 0);
		secret_free(&plain);
		assert_false(rsa_encrypt(*state, &how, sealed, 250, sealed, &len, &err));
		assert_string_equal(err.code, "RSA");
	}
}

static void
label_and_digests_bind(void **state)
{
	struct rsa_cipher how = {.padding = RSA_OAEP,
		.digest = DIGEST_SHA384,
		.mgf = DIGEST_SHA1,
		.label = (const unsigned char *)"label",
		.label_len = 5};
	struct rsa_cipher other[] = {how, how, how, how};
	unsigned char sealed[RSA_BYTES_MAX];
	struct err err = {0};
	struct secret plain;
	size_t len;

	other[0].label_len = 4;
	other[1].label_len = 0;
	other[2].mgf = DIGEST_SHA384;
	other[3].digest = DIGEST_SHA256;
	assert_true(rsa_encrypt(*state, &how, message, 32, sealed, &len, &err));
	assert_true(rsa_decrypt(*state, &how, sealed, len, &plain, &err));
	secret_free(&plain);
	for (size_t i = 0; i < ARRAY_LEN(other); i++) {
		assert_false(rsa_decrypt(*state, &other[i], sealed, len, &plain, &err));
		assert_null(plain.bytes);
		assert_string_equal(err.msg, "RSA decryption failed");
	}
}

static void
signs_and_verifies_by_each_name(void **state)
{
	static const char *const names[] = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"};
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		unsigned char digest[DIGEST_MAX], signature[RSA_BYTES_MAX];
		struct rsa_signature how, other;
		size_t len;

		assert_true(rsa_signature_named(names[i], &how));
		digest_of(how.digest, message, 32, digest);
		assert_true(rsa_sign(*state, &how, digest, signature, &len, &err));
		assert_int_equal(len, 256);
		assert_true(rsa_verify(*state, &how, digest, signature, len));
		assert_false(rsa_verify(*state, &how, digest, signature, len - 1));
		assert_false(rsa_verify(*state, &how, digest, NULL, 0));
		assert_true(rsa_signature_named(names[(i + 3) % 6], &other));
		assert_false(rsa_verify(*state, &other, digest, signature, len));
		digest[0] ^= 1;
		assert_false(rsa_verify(*state, &how, digest, signature, len));
		digest[0] ^= 1;
		signature[len - 1] ^= 1;
		assert_false(rsa_verify(*state, &how, digest, signature, len));
	}
}

static void
unknown_names_are_refused(void **state)
{
	static const char *const bad[] = {"", "RS", "RS25", "RS2566", "ES256", "rs256", "PS1"};
	struct rsa_signature signature;
	struct rsa_cipher cipher;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(rsa_signature_named(bad[i], &signature));
	assert_false(rsa_cipher_named("RSA-OAEP-512", &cipher));
	assert_false(rsa_cipher_named("rsa-oaep", &cipher));
}

/* The numbers of a private key; free the secrets. */
static struct rsa_numbers
numbers_of(const struct rsa_key *key, unsigned char n[RSA_BYTES_MAX], unsigned char e[8],
	struct secret parts[6])
{
	struct rsa_numbers num = {0};
	struct err err = {0};

	rsa_public(key, n, &num.n.len, e, &num.e.len);
	assert_true(rsa_private(key, parts, &err));
	num.n.bytes = n;
	num.e.bytes = e;
	num.d.bytes = parts[0].bytes;
	num.d.len = parts[0].len;
	num.p.bytes = parts[1].bytes;
	num.p.len = parts[1].len;
	num.q.bytes = parts[2].bytes;
	num.q.len = parts[2].len;
	num.dp.bytes = parts[3].bytes;
	num.dp.len = parts[3].len;
	num.dq.bytes = parts[4].bytes;
	num.dq.len = parts[4].len;
	num.qi.bytes = parts[5].bytes;
	num.qi.len = parts[5].len;
	return num;
}

static void
numbers_round_trip(void **state)
{
	unsigned char n[RSA_BYTES_MAX], e[8], sealed[RSA_BYTES_MAX];
	struct rsa_cipher how;
	struct secret parts[6], none[6], plain;
	struct rsa_numbers num = numbers_of(*state, n, e, parts);
	struct rsa_key *private, *public;
	struct err err = {0};
	size_t len;

	assert_int_equal(num.n.len, 256);
	assert_int_equal(num.e.len, 3);
	assert_memory_equal(e, "\x01\x00\x01", 3);
	private = rsa_import(&num, &err);
	assert_non_null(private);
	num.d.bytes = NULL;
	public = rsa_import(&num, &err);
	assert_non_null(public);
	assert_true(rsa_cipher_named("RSA-OAEP-256", &how));
	assert_true(rsa_encrypt(public, &how, message, 32, sealed, &len, &err));
	assert_false(rsa_decrypt(public, &how, sealed, len, &plain, &err));
	assert_non_null(strstr(err.msg, "private"));
	assert_true(rsa_decrypt(private, &how, sealed, len, &plain, &err));
	assert_memory_equal(plain.bytes, message, 32);
	assert_false(rsa_private(public, none, &err));
	assert_null(none[0].bytes);
	rsa_free(private);
	rsa_free(public);
	secret_free(&plain);
	for (size_t i = 0; i < 6; i++)
		secret_free(&parts[i]);
}

static void
wrong_numbers_are_named(void **state)
{
	static const char *const names[] = {"d", "p", "q", "dp", "dq", "qi"};
	unsigned char n[RSA_BYTES_MAX], e[8];
	struct secret parts[6];
	struct rsa_numbers num = numbers_of(*state, n, e, parts), cut;
	struct err err = {0};
	char want[32];

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		parts[i].bytes[parts[i].len / 2] ^= 2;
		assert_null(rsa_import(&num, &err));
		parts[i].bytes[parts[i].len / 2] ^= 2;
		snprintf(want, sizeof want, "number %s of", i == 2 ? "p" : names[i]);
		assert_non_null(strstr(err.msg, want));
	}
	cut = num;
	cut.qi.bytes = NULL;
	assert_null(rsa_import(&cut, &err));
	assert_non_null(strstr(err.msg, "number qi of the key is missing"));
	cut = num;
	cut.n.len = 100;
	assert_null(rsa_import(&cut, &err));
	assert_non_null(strstr(err.msg, "bits: 1024 to 8192"));
	cut = (struct rsa_numbers){.n = num.n};
	assert_null(rsa_import(&cut, &err));
	assert_non_null(strstr(err.msg, "number e of the key is missing"));
	e[2] = 2;
	assert_null(rsa_import(&num, &err));
	assert_non_null(strstr(err.msg, "number e"));
	for (size_t i = 0; i < 6; i++)
		secret_free(&parts[i]);
}

static void
der_round_trip(void **state)
{
	unsigned char n[RSA_BYTES_MAX], m[RSA_BYTES_MAX], e[8];
	size_t n_len, m_len, e_len;
	struct err err = {0};
	struct secret der;
	struct rsa_key *key;

	assert_true(rsa_to_der(*state, &der, &err));
	key = rsa_from_der(der.bytes, der.len, true, &err);
	assert_non_null(key);
	rsa_public(*state, n, &n_len, e, &e_len);
	rsa_public(key, m, &m_len, e, &e_len);
	assert_int_equal(n_len, m_len);
	assert_memory_equal(n, m, n_len);
	rsa_free(key);
	assert_null(rsa_from_der(der.bytes, der.len - 1, true, &err));
	assert_non_null(strstr(err.msg, "PKCS#8"));
	assert_null(rsa_from_der(der.bytes, der.len, false, &err));
	assert_null(rsa_from_der(NULL, 0, true, &err));
	secret_free(&der);
}

/* Each thread works with the same key; what it finds is in its own result. */
static void *
use_key(void *key)
{
	static const char *const ok = "ok";
	unsigned char digest[DIGEST_MAX], signature[RSA_BYTES_MAX], sealed[RSA_BYTES_MAX];
	struct rsa_signature sign;
	struct rsa_cipher cipher;
	struct secret plain;
	size_t len;

	if (!rsa_signature_named("PS256", &sign) || !rsa_cipher_named("RSA-OAEP", &cipher))
		return NULL;
	for (int i = 0; i < 40; i++) {
		digest_of(DIGEST_SHA256, &i, sizeof i, digest);
		if (!rsa_sign(key, &sign, digest, signature, &len, NULL) ||
			!rsa_verify(key, &sign, digest, signature, len) ||
			!rsa_encrypt(key, &cipher, &i, sizeof i, sealed, &len, NULL) ||
			!rsa_decrypt(key, &cipher, sealed, len, &plain, NULL))
			return NULL;
		bool same = plain.len == sizeof i && memcmp(plain.bytes, &i, sizeof i) == 0;
		secret_free(&plain);
		if (!same)
			return NULL;
	}
	return (void *)(uintptr_t)ok;
}

static void
threads_share_a_key(void **state)
{
	pthread_t thread[4];
	void *result;

	for (size_t i = 0; i < ARRAY_LEN(thread); i++)
		assert_int_equal(pthread_create(&thread[i], NULL, use_key, *state), 0);
	for (size_t i = 0; i < ARRAY_LEN(thread); i++) {
		assert_int_equal(pthread_join(thread[i], &result), 0);
		assert_non_null(result);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(generates_each_size_and_no_other),
		cmocka_unit_test(quick_keys_are_sound),
		cmocka_unit_test(wraps_and_unwraps_by_each_name),
		cmocka_unit_test(label_and_digests_bind),
		cmocka_unit_test(signs_and_verifies_by_each_name),
		cmocka_unit_test(unknown_names_are_refused),
		cmocka_unit_test(numbers_round_trip),
		cmocka_unit_test(wrong_numbers_are_named),
		cmocka_unit_test(der_round_trip),
		cmocka_unit_test(threads_share_a_key),
	};

	secret_init();
	return cmocka_run_group_tests(tests, make_key, drop_key);
}
