/* Tokens by tenant and audience, and when they count as used up. */
#include "backend/auth/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
expect(const struct token_cache *cache, const char *tenant, const char *audience, int64_t now,
	const char *text)
{
	const struct secret *got = token_get(cache, tenant, audience, now);

	if (text == NULL) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_int_equal(got->len, strlen(text));
	assert_memory_equal(got->bytes, text, got->len);
}

static void
test_cache(void **state)
{
	struct token_cache *cache = token_cache_new();

	(void)state;
	expect(cache, "t", "a", 0, NULL);
	token_put(cache, "t", "a", "one", 3600, 0);
	token_put(cache, "t", "b", "two", 3600, 0);
	token_put(cache, "u", "a", "three", 3600, 0);
	expect(cache, "t", "a", 0, "one");
	expect(cache, "T", "A", 0, "one");
	expect(cache, "t", "b", 0, "two");
	expect(cache, "u", "a", 0, "three");
	expect(cache, "u", "b", 0, NULL);
	token_put(cache, "t", "a", "newer", 3600, 0);
	expect(cache, "t", "a", 0, "newer");
	token_drop(cache, "t", "a");
	token_drop(cache, "t", "never there");
	expect(cache, "t", "a", 0, NULL);
	expect(cache, "t", "b", 0, "two");
	expect(cache, "u", "a", 0, "three");
	token_cache_free(cache);
	token_cache_free(NULL);
}

static void
test_age(void **state)
{
	struct token_cache *cache = token_cache_new();

	(void)state;
	token_put(cache, "t", "a", "x", 3600, 1000);
	expect(cache, "t", "a", 1000 + 3480 * 1000, "x");
	expect(cache, "t", "a", 1000 + 3480 * 1000 + 1, NULL);
	token_put(cache, "t", "a", "short", 60, 0);
	expect(cache, "t", "a", 30000, "short");
	expect(cache, "t", "a", 30001, NULL);
	token_cache_free(cache);
}

static void
test_due(void **state)
{
	struct token_cache *cache = token_cache_new();

	(void)state;
	assert_false(token_due(cache, "t", "a", 0));
	token_put(cache, "t", "a", "x", 3600, 0);
	assert_false(token_due(cache, "t", "a", 3300 * 1000 - 1));
	assert_true(token_due(cache, "t", "a", 3300 * 1000));
	assert_false(token_due(cache, "t", "a", 3329 * 1000));
	assert_true(token_due(cache, "t", "a", 3330 * 1000));
	expect(cache, "t", "a", 3330 * 1000, "x");
	token_put(cache, "t", "a", "short", 60, 0);
	assert_false(token_due(cache, "t", "a", 14999));
	assert_true(token_due(cache, "t", "a", 15000));
	token_cache_free(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_age),
		cmocka_unit_test(test_due),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
