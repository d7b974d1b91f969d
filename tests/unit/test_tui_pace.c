/* Frames on their way: two at most, given up on in time, back on when an answer comes late. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include "tui/pace.h"

static void
two_frames_at_most(void **state)
{
	struct pace pace = {0};

	(void)state;
	assert_true(pace_ready(&pace, 0));
	assert_int_equal(pace_wait(&pace, 0), -1);
	pace_sent(&pace, 0, 200);
	assert_true(pace_ready(&pace, 1));
	pace_sent(&pace, 1, 200);
	assert_false(pace_ready(&pace, 2));
	assert_int_equal(pace_wait(&pace, 2), 1998);
	pace_answered(&pace, 0);
	assert_true(pace_ready(&pace, 3));
	pace_answered(&pace, 0);
	pace_answered(&pace, 0);
	assert_int_equal(pace.open, 0);
	assert_int_equal(pace.bytes, 0);
}

static void
one_behind_a_large_one(void **state)
{
	struct pace pace = {0};

	(void)state;
	pace_sent(&pace, 0, 4000);
	assert_false(pace_ready(&pace, 1));
	assert_int_equal(pace_wait(&pace, 1), 1999);
	pace_answered(&pace, 0);
	assert_true(pace_ready(&pace, 2));
	pace_sent(&pace, 2, 200);
	assert_true(pace_ready(&pace, 3));
	pace_sent(&pace, 3, 4000);
	pace_answered(&pace, 0);
	assert_int_equal(pace.bytes, 4000);
	assert_false(pace_ready(&pace, 4));
}

static void
silence_turns_it_off(void **state)
{
	struct pace pace = {0};

	(void)state;
	pace_sent(&pace, 0, 4000);
	pace_sent(&pace, 10, 200);
	assert_false(pace_ready(&pace, 1999));
	assert_int_equal(pace_wait(&pace, 5000), 0);
	assert_true(pace_ready(&pace, 2000));
	assert_true(pace.off);
	assert_true(pace_ready(&pace, 2001));
}

static void
a_late_answer_turns_it_on(void **state)
{
	struct pace pace = {0};

	(void)state;
	pace_sent(&pace, 0, 100);
	assert_true(pace_ready(&pace, 3000));
	assert_true(pace.off);
	pace_answered(&pace, 0);
	assert_false(pace.off);
	assert_true(pace.proven);
}

static void
a_slow_line_gets_the_time_its_bytes_take(void **state)
{
	struct pace pace = {0};

	(void)state;
	pace_sent(&pace, 0, 1);
	pace_answered(&pace, 0);
	pace_sent(&pace, 10000, 3840);
	pace_sent(&pace, 10000, 960);
	assert_false(pace_ready(&pace, 15999));
	assert_int_equal(pace_wait(&pace, 10000), 6000);
	pace_answered(&pace, 0);
	pace_sent(&pace, 16000, 96);
	assert_int_equal(pace_wait(&pace, 16000), 1000);
	assert_false(pace_ready(&pace, 16999));
	assert_true(pace_ready(&pace, 17000));
}

static void
slow_is_what_does_not_answer_at_once(void **state)
{
	struct pace pace = {0};

	(void)state;
	assert_true(pace_slow(&pace, 0));
	pace_sent(&pace, 0, 4000);
	pace_answered(&pace, 2);
	assert_false(pace_slow(&pace, 2));
	pace_sent(&pace, 100, 200);
	assert_false(pace_slow(&pace, 100 + PACE_SLOW_MS));
	assert_true(pace_slow(&pace, 101 + PACE_SLOW_MS));
	pace_sent(&pace, 160, 200);
	pace_answered(&pace, 300);
	assert_true(pace_slow(&pace, 300));
	pace_answered(&pace, 170);
	assert_false(pace_slow(&pace, 170));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_frames_at_most),
		cmocka_unit_test(slow_is_what_does_not_answer_at_once),
		cmocka_unit_test(one_behind_a_large_one),
		cmocka_unit_test(silence_turns_it_off),
		cmocka_unit_test(a_late_answer_turns_it_on),
		cmocka_unit_test(a_slow_line_gets_the_time_its_bytes_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
