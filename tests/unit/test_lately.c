/* Which hosts keep their connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "backend/net/lately.h"

enum { MANY = 12 };

static bool
ask(struct lately *lately, int number, int64_t now_ms)
{
	char host[32];

	snprintf(host, sizeof host, "kv-%d.vault.azure.net", number);
	return lately_ask(lately, host, MANY, now_ms);
}

/* Hosts that all find room keep theirs however often they are asked. */
static void
test_few(void **state)
{
	struct lately lately = {0};

	(void)state;
	for (int i = 0; i < 10 * MANY; i++)
		assert_true(ask(&lately, i % (MANY + 1), i));
	assert_int_equal(lately.len, MANY + 1);
}

/* Of many that are asked once, only who is asked among them again and again. */
static void
test_many(void **state)
{
	struct lately lately = {0};

	(void)state;
	for (int i = 1; i <= 10 * LATELY; i++) {
		assert_int_equal(ask(&lately, i, i), i <= MANY + 1);
		if (i % (LATELY / 2) == 0)
			assert_int_equal(ask(&lately, 0, i), i > LATELY / 2);
	}
	assert_int_equal(lately.len, LATELY);
	assert_false(ask(&lately, 1, 10 * LATELY));
	assert_true(ask(&lately, 1, 10 * LATELY));
}

/* Later nobody is in the way. */
static void
test_later(void **state)
{
	struct lately lately = {0};

	(void)state;
	for (int i = 0; i < LATELY; i++)
		ask(&lately, i, i);
	assert_false(ask(&lately, LATELY, LATELY));
	assert_true(ask(&lately, LATELY + 1, LATELY + LATELY_MS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_later),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
