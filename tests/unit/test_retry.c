/* What is tried again, and when. */
#include "backend/net/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct request get = {.method = HTTP_GET};
static const struct request put = {.method = HTTP_PUT, .changes = true, .repeatable = true};
static const struct request post = {.method = HTTP_POST, .changes = true};

static int
delay(const struct request *request, int status, int after_s, int tries)
{
	struct reply reply = {.status = status, .retry_after_s = after_s};

	return retry_delay(request, &reply, tries, 0.5);
}

static void
test_statuses(void **state)
{
	static const int again[] = {408, 429, 500, 502, 503, 504};
	static const int final[] = {200, 202, 301, 400, 401, 403, 404, 405, 409, 412, 501, 505};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(again); i++) {
		assert_true(delay(&get, again[i], -1, 1) > 0);
		assert_true(delay(&put, again[i], -1, 1) > 0);
		assert_int_equal(delay(&post, again[i], -1, 1) > 0, again[i] == 429);
	}
	for (size_t i = 0; i < ARRAY_LEN(final); i++) {
		assert_int_equal(delay(&get, final[i], 5, 1), -1);
		assert_int_equal(delay(&put, final[i], -1, 1), -1);
	}
	assert_true(retry_delay(&get, NULL, 1, 0.5) > 0);
	assert_true(retry_delay(&put, NULL, 1, 0.5) > 0);
	assert_int_equal(retry_delay(&post, NULL, 1, 0.5), -1);
}

static void
test_delays(void **state)
{
	(void)state;
	assert_int_equal(delay(&get, 503, 7, 1), 7000);
	assert_int_equal(delay(&get, 503, 0, 1), 1000);
	assert_int_equal(delay(&get, 429, 3600, 1), 120000);
	for (int tries = 1; tries <= RETRY_MAX; tries++) {
		int middle = 800 << (tries - 1);
		struct reply reply = {.status = 503, .retry_after_s = -1};

		assert_in_range(retry_delay(&get, &reply, tries, 0), middle * 79 / 100, middle);
		assert_in_range(retry_delay(&get, &reply, tries, 1), middle, middle * 131 / 100);
	}
	assert_int_equal(delay(&get, 503, -1, RETRY_MAX + 1), -1);
	assert_int_equal(delay(&get, 429, -1, 1), 1000);
	assert_int_equal(delay(&get, 429, -1, 3), 4000);
	assert_int_equal(delay(&get, 429, -1, 5), 16000);
	assert_int_equal(delay(&get, 429, -1, RETRY_THROTTLED_MAX), 16000);
	assert_int_equal(delay(&get, 429, -1, RETRY_THROTTLED_MAX + 1), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_delays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
