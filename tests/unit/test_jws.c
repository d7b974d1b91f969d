/* Signed tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "crypto/jws.h"

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

struct texts {
	struct buf token, header, payload;
};

static struct texts
texts(void)
{
	struct texts out;

	buf_init(&out.token, 16384);
	buf_init(&out.header, 4096);
	buf_init(&out.payload, 4096);
	return out;
}

static void
forget(struct texts *t)
{
	buf_free(&t->token);
	buf_free(&t->header);
	buf_free(&t->payload);
}

static void
signs_and_verifies(void **state)
{
	static const char *const algs[] = {"RS256", "PS256"};
	struct err err = {0};
	char header[64];

	for (size_t i = 0; i < ARRAY_LEN(algs); i++) {
		struct texts t = texts();

		snprintf(header, sizeof header, "{\"typ\":\"JWT\",\"alg\" : \"%s\"}", algs[i]);
		assert_true(jws_sign(*state, algs[i], header, "{\"sub\":\"a\"}", &t.token, &err));
		assert_true(jws_verify(*state, algs[i], t.token.data, &t.header, &t.payload, &err));
		assert_string_equal(t.header.data, header);
		assert_string_equal(t.payload.data, "{\"sub\":\"a\"}");
		assert_true(jws_peek(t.token.data, &t.header, &t.payload, &err));
		assert_string_equal(t.payload.data, "{\"sub\":\"a\"}");
		assert_false(
			jws_verify(*state, algs[1 - i], t.token.data, &t.header, &t.payload, &err));
		assert_non_null(strstr(err.msg, "not signed with"));
		assert_int_equal(t.payload.len, 0);
		forget(&t);
	}
}

/* Each character of a token, changed to another letter of the alphabet. */
static void
every_changed_letter_is_noticed(void **state)
{
	struct texts t = texts();
	struct err err = {0};

	assert_true(jws_sign(*state, "RS256", "{\"alg\":\"RS256\"}", "{}", &t.token, &err));
	for (size_t i = 0; i < t.token.len; i++) {
		char was = t.token.data[i];

		t.token.data[i] = was == 'A' ? 'B' : 'A';
		assert_false(
			jws_verify(*state, "RS256", t.token.data, &t.header, &t.payload, &err));
		assert_int_equal(t.payload.len, 0);
		t.token.data[i] = was;
	}
	assert_true(jws_verify(*state, "RS256", t.token.data, &t.header, &t.payload, &err));
	forget(&t);
}

static void
bad_tokens_are_refused(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a.b", "e30.e30", "e30.e30.e30.e30",
		"e30=.e30.", "e30.e3!.", "AA.e30.", "eyJhbGciOiJub25lIn0.e30."};
	struct texts t = texts();
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(jws_verify(*state, "RS256", bad[i], &t.header, &t.payload, &err));
	assert_false(jws_sign(*state, "none", "{\"alg\":\"none\"}", "{}", &t.token, &err));
	assert_non_null(strstr(err.msg, "only RS256 and PS256"));
	assert_false(jws_sign(*state, "RS256", "{\"alg\":\"PS256\"}", "{}", &t.token, &err));
	t.token.max = 100;
	assert_false(jws_sign(*state, "RS256", "{\"alg\":\"RS256\"}", "{}", &t.token, &err));
	assert_non_null(strstr(err.msg, "does not fit"));
	forget(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_and_verifies),
		cmocka_unit_test(every_changed_letter_is_noticed),
		cmocka_unit_test(bad_tokens_are_refused),
	};

	secret_init();
	return cmocka_run_group_tests(tests, make_key, drop_key);
}
