/* Secrets, base64url and digests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/b64.h"
#include "crypto/digest.h"
#include "crypto/secret.h"

static void
secret_copies_and_frees(void **state)
{
	unsigned char bytes[] = {1, 2, 3};
	struct secret a = {0}, b = {0}, empty = {0};

	(void)state;
	secret_set(&a, bytes, sizeof bytes);
	secret_set(&b, bytes, sizeof bytes);
	assert_ptr_not_equal(a.bytes, bytes);
	assert_true(secret_equal(&a, &b));
	b.bytes[2] ^= 0x80;
	assert_false(secret_equal(&a, &b));
	secret_free(&b);
	assert_null(b.bytes);
	assert_int_equal(b.len, 0);
	assert_false(secret_equal(&a, &b));
	secret_set(&b, "", 0);
	assert_non_null(b.bytes);
	assert_true(secret_equal(&b, &empty));
	secret_free(&b);
	secret_free(&empty);
	secret_free(&a);
	secret_wipe(bytes, sizeof bytes);
	assert_int_equal(bytes[0] | bytes[1] | bytes[2], 0);
	secret_wipe(NULL, 0);
}

static void
secrets_live_in_the_secure_heap_while_there_is_room(void **state)
{
	enum { COUNT = 3, LARGE = 2 << 20 };
	struct secret s[COUNT] = {0};
	unsigned char *bytes = calloc(1, LARGE);

	(void)state;
	assert_non_null(bytes);
	for (int i = 0; i < COUNT; i++) {
		secret_set(&s[i], bytes, LARGE);
		assert_non_null(s[i].bytes);
	}
	assert_true(CRYPTO_secure_allocated(s[0].bytes));
	assert_false(CRYPTO_secure_allocated(s[COUNT - 1].bytes));
	assert_true(secret_equal(&s[0], &s[COUNT - 1]));
	for (int i = 0; i < COUNT; i++)
		secret_free(&s[i]);
	assert_int_equal(CRYPTO_secure_used(), 0);
	free(bytes);
}

static void
secret_random_differs(void **state)
{
	struct secret a = {0}, b = {0};
	struct err err = {0};

	(void)state;
	assert_true(secret_random(&a, 32, &err));
	assert_true(secret_random(&b, 32, &err));
	assert_int_equal(a.len, 32);
	assert_false(secret_equal(&a, &b));
	secret_free(&a);
	secret_free(&b);
}

/* RFC 4648, section 10, without the padding. */
static void
b64_known_answers(void **state)
{
	static const struct {
		const char *plain, *text;
	} cases[] = {{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"}, {"foob", "Zm9vYg"},
		{"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xef\xff", "--__"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned char back[16];
		char text[16];
		size_t len;

		b64_encode(text, cases[i].plain, strlen(cases[i].plain));
		assert_string_equal(text, cases[i].text);
		assert_int_equal(strlen(text), b64_length(strlen(cases[i].plain)));
		assert_true(b64_decode(back, sizeof back, &len, text));
		assert_int_equal(len, strlen(cases[i].plain));
		assert_memory_equal(back, cases[i].plain, len);
	}
}

static void
b64_refuses(void **state)
{
	static const char *const bad[] = {"Z", "Zg==", "Zg=", "Zm 8", "Zm+v", "Zm/v", "Zh", "Zm9",
		"Zm9vY", "Zm9v\n", "Zm9v\xc3\xa4"};
	unsigned char out[16];
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(b64_decode(out, sizeof out, &len, bad[i]));
		assert_int_equal(len, 0);
	}
	assert_false(b64_decode(out, 2, &len, "Zm9v"));
	assert_true(b64_decode(out, 3, &len, "Zm9v"));
}

static void
b64_every_byte(void **state)
{
	unsigned char in[256], out[256];
	char text[400];
	size_t len;

	(void)state;
	for (int i = 0; i < 256; i++)
		in[i] = (unsigned char)i;
	b64_encode(text, in, sizeof in);
	assert_true(b64_decode(out, sizeof out, &len, text));
	assert_int_equal(len, sizeof in);
	assert_memory_equal(in, out, sizeof in);
}

static void
digest_names_and_sizes(void **state)
{
	(void)state;
	for (int d = DIGEST_SHA1; d <= DIGEST_SHA3_512; d++) {
		unsigned char md[DIGEST_MAX];

		assert_int_equal(digest_find(digest_name((enum digest)d)), d);
		assert_int_equal(
			digest_of((enum digest)d, "x", 1, md), digest_size((enum digest)d));
	}
	assert_int_equal(digest_find("SHAKE128"), DIGEST_NONE);
	assert_int_equal(digest_find("sha-256"), DIGEST_NONE);
}

/* FIPS 180-4 example: "abc". */
static void
digest_known_answer(void **state)
{
	char hex[65];

	(void)state;
	digest_sha256_hex("abc", 3, hex);
	assert_string_equal(
		hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secret_copies_and_frees),
		cmocka_unit_test(secrets_live_in_the_secure_heap_while_there_is_room),
		cmocka_unit_test(secret_random_differs),
		cmocka_unit_test(b64_known_answers),
		cmocka_unit_test(b64_refuses),
		cmocka_unit_test(b64_every_byte),
		cmocka_unit_test(digest_names_and_sizes),
		cmocka_unit_test(digest_known_answer),
	};

	secret_init();
	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
