/* The public key of a JWK, and each member that can be wrong. */
#include "backend/json/jwk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/json/json.h"
#include "tests/fixtures/steps.h"

static struct rsa_key *key;

static int
make_key(void **state)
{
	struct err err;

	(void)state;
	key = rsa_generate(2048, &err);
	return key ? 0 : -1;
}

static int
free_key(void **state)
{
	(void)state;
	rsa_free(key);
	return 0;
}

static void
test_read(void **state)
{
	static const struct rsa_cipher how = {
		.padding = RSA_OAEP, .digest = DIGEST_SHA256, .mgf = DIGEST_SHA256};
	unsigned char out[RSA_BYTES_MAX];
	struct secret plain = {0};
	json_t *jwk = steps_jwk(key);
	struct rsa_key *public;
	struct err err;
	size_t len;

	(void)state;
	public = jwk_read(jwk, &err);
	assert_non_null(public);
	assert_int_equal(rsa_bits(public), 2048);
	assert_true(rsa_encrypt(public, &how, "abc", 3, out, &len, &err));
	assert_true(rsa_decrypt(key, &how, out, len, &plain, &err));
	assert_int_equal(plain.len, 3);
	assert_memory_equal(plain.bytes, "abc", 3);
	secret_free(&plain);
	rsa_free(public);
	json_object_set_new(jwk, "kty", json_string("RSA-HSM"));
	public = jwk_read(jwk, &err);
	assert_non_null(public);
	rsa_free(public);
	json_decref(jwk);
}

static void
test_wrong_members(void **state)
{
	static const struct {
		const char *member, *value, *says;
	} cases[] = {
		{"kty", "EC", "EC"},
		{"kty", NULL, "kty"},
		{"n", NULL, "n"},
		{"n", "!!", "member n"},
		{"n", "AQ==", "member n"},
		{"e", NULL, "no member e"},
		{"e", "", "member e"},
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *jwk = steps_jwk(key);

		assert_non_null(jwk);
		if (cases[i].value)
			json_object_set_new(jwk, cases[i].member, json_string(cases[i].value));
		else
			json_object_del(jwk, cases[i].member);
		assert_null(jwk_read(jwk, &err));
		assert_non_null(strstr(err.msg, cases[i].says));
		json_decref(jwk);
	}
	assert_null(jwk_read(NULL, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_wrong_members),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, make_key, free_key);
}
