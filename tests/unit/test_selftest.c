/* The self-tests themselves: each passes, and each would notice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "crypto/rsa.h"
#include "crypto/selftest.h"
#include "crypto/selftest_known.h"

static void
every_test_passes(void **state)
{
	(void)state;
	for (size_t i = 0; i < selftests_len; i++) {
		struct err err = {0};
		int64_t us = -1;

		if (!selftest_run(&selftests[i], &us, &err))
			fail_msg("%s", err.msg);
		assert_true(us >= 0);
	}
}

static void
table_is_whole(void **state)
{
	static const char *const wanted[] = {"known-answer-oaep", "known-answer-oaep-256",
		"known-answer-rsa1-5", "known-answer-rs256", "known-answer-ps256",
		"account-key-oaep", "negative-oaep", "negative-oaep-256", "negative-rsa1-5",
		"pairwise-2048", "pairwise-3072", "pairwise-4096"};
	size_t found = 0;

	(void)state;
	for (size_t i = 0; i < selftests_len; i++) {
		assert_non_null(selftests[i].title);
		assert_non_null(selftests[i].run);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(selftests[i].name, selftests[j].name);
		for (size_t j = 0; j < ARRAY_LEN(wanted); j++)
			found += strcmp(selftests[i].name, wanted[j]) == 0;
	}
	assert_int_equal(found, ARRAY_LEN(wanted));
}

static void
brief_subset_makes_no_keys(void **state)
{
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < selftests_len; i++)
		if (strncmp(selftests[i].name, "pairwise", strlen("pairwise")) == 0)
			assert_false(selftests[i].brief);
	assert_true(selftest_brief(&err));
}

static bool
always_fails(const struct selftest *test, struct err *err)
{
	return err_set(err, ERR_FAILED, "SELFTEST", "%u bits", test->bits);
}

static void
failure_is_passed_on(void **state)
{
	const struct selftest test = {.name = "sample", .bits = 7, .run = always_fails};
	struct err err = {0};
	int64_t us;

	(void)state;
	assert_false(selftest_run(&test, &us, &err));
	assert_string_equal(err.msg, "7 bits");
}

/* Four operations need the private key: a public one must fail, not pass half of them. */
static void
four_operations_need_a_private_key(void **state)
{
	unsigned char n[RSA_BYTES_MAX], e[8];
	struct rsa_numbers numbers = {.n.bytes = n, .e.bytes = e};
	struct err err = {0};
	struct rsa_key *key = known_rsa_key(&err), *public;

	(void)state;
	rsa_public(key, n, &numbers.n.len, e, &numbers.e.len);
	public = rsa_import(&numbers, &err);
	assert_non_null(public);
	assert_false(selftest_four(public, &err));
	rsa_free(public);
	rsa_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_test_passes),
		cmocka_unit_test(table_is_whole),
		cmocka_unit_test(brief_subset_makes_no_keys),
		cmocka_unit_test(failure_is_passed_on),
		cmocka_unit_test(four_operations_need_a_private_key),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
