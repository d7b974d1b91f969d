/* Sealing under a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "crypto/envelope.h"

static struct secret
fresh(size_t len)
{
	struct err err = {0};
	struct secret out;

	assert_true(secret_random(&out, len, &err));
	return out;
}

static void
opens_what_it_sealed(void **state)
{
	struct secret key = fresh(ENVELOPE_KEY), data = fresh(ENVELOPE_KEY), back;
	unsigned char sealed[ENVELOPE_KEY + ENVELOPE_OVERHEAD], again[sizeof sealed];
	struct err err = {0};

	(void)state;
	assert_true(envelope_seal(&key, "data key", data.bytes, data.len, sealed, &err));
	assert_true(envelope_seal(&key, "data key", data.bytes, data.len, again, &err));
	assert_memory_not_equal(sealed, again, sizeof sealed);
	assert_true(envelope_open(&key, "data key", sealed, sizeof sealed, &back, &err));
	assert_true(secret_equal(&data, &back));
	secret_free(&back);
	assert_true(envelope_seal(&key, "", NULL, 0, sealed, &err));
	assert_true(envelope_open(&key, "", sealed, ENVELOPE_OVERHEAD, &back, &err));
	assert_int_equal(back.len, 0);
	secret_free(&back);
	secret_free(&data);
	secret_free(&key);
}

static void
every_changed_bit_is_noticed(void **state)
{
	struct secret key = fresh(ENVELOPE_KEY), other = fresh(ENVELOPE_KEY), back;
	unsigned char sealed[5 + ENVELOPE_OVERHEAD];
	struct err err = {0};

	(void)state;
	assert_true(envelope_seal(&key, "text", "hello", 5, sealed, &err));
	for (size_t bit = 0; bit < 8 * sizeof sealed; bit++) {
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(envelope_open(&key, "text", sealed, sizeof sealed, &back, &err));
		assert_null(back.bytes);
		sealed[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	for (size_t len = 0; len < sizeof sealed; len++)
		assert_false(envelope_open(&key, "text", sealed, len, &back, &err));
	assert_false(envelope_open(&other, "text", sealed, sizeof sealed, &back, &err));
	assert_false(envelope_open(&key, "texts", sealed, sizeof sealed, &back, &err));
	assert_non_null(strstr(err.msg, "wrong key"));
	assert_string_equal(err.code, "ENVELOPE");
	secret_free(&key);
	secret_free(&other);
}

static void
keys_of_other_sizes_are_refused(void **state)
{
	struct secret key = fresh(16), back;
	unsigned char sealed[1 + ENVELOPE_OVERHEAD] = {0};
	struct err err = {0};

	(void)state;
	assert_false(envelope_seal(&key, "text", "x", 1, sealed, &err));
	assert_non_null(strstr(err.msg, "16 bytes instead of 32"));
	assert_false(envelope_open(&key, "text", sealed, sizeof sealed, &back, &err));
	secret_free(&key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_what_it_sealed),
		cmocka_unit_test(every_changed_bit_is_noticed),
		cmocka_unit_test(keys_of_other_sizes_are_refused),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
