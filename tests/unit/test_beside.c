/* Work beside a loop: one of the two runs at a time, and what one wrote the other reads without a
 * lock. Runs under the thread sanitizer too. */
#include "backend/net/beside.h"

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { TURNS = 100, CROWD = 8 };

struct trace {
	struct beside *beside;
	char seen[16];
	unsigned long turns;
	bool blocked; /* signals were, where it ran */
};

static void
note(struct trace *trace, char c)
{
	trace->seen[strlen(trace->seen)] = c;
}

static void
pauses_twice(void *user)
{
	struct trace *trace = user;

	note(trace, 'a');
	beside_pause(trace->beside);
	note(trace, 'b');
	beside_pause(trace->beside);
	note(trace, 'c');
}

static void
test_turns(void **state)
{
	struct trace trace = {0};

	(void)state;
	trace.beside = beside_new(pauses_twice, &trace);
	assert_non_null(trace.beside);
	note(&trace, '0');
	assert_false(beside_go(trace.beside));
	note(&trace, '1');
	assert_false(beside_go(trace.beside));
	note(&trace, '2');
	assert_true(beside_go(trace.beside));
	beside_free(trace.beside);
	assert_string_equal(trace.seen, "0a1b2c");
}

static void
counts(void *user)
{
	struct trace *trace = user;

	while (trace->turns < TURNS) {
		trace->turns++;
		beside_pause(trace->beside);
	}
}

/* Each of many is let go on in turn. */
static void
test_crowd(void **state)
{
	struct trace traces[CROWD] = {0};
	size_t ended = 0;

	(void)state;
	for (size_t i = 0; i < CROWD; i++) {
		traces[i].turns = i;
		traces[i].beside = beside_new(counts, &traces[i]);
		assert_non_null(traces[i].beside);
	}
	for (unsigned long turn = 0; ended < CROWD; turn++) {
		for (size_t i = 0; i < CROWD; i++) {
			if (traces[i].beside == NULL)
				continue;
			if (!beside_go(traces[i].beside)) {
				assert_int_equal(traces[i].turns, i + turn + 1);
				continue;
			}
			assert_int_equal(traces[i].turns, TURNS);
			beside_free(traces[i].beside);
			traces[i].beside = NULL;
			ended++;
		}
	}
}

static void
looks_at_signals(void *user)
{
	sigset_t set;

	pthread_sigmask(SIG_SETMASK, NULL, &set);
	((struct trace *)user)->blocked = sigismember(&set, SIGINT) && sigismember(&set, SIGWINCH);
}

/* They are for the thread that made it, whose own mask stays. */
static void
test_signals(void **state)
{
	struct trace trace = {0};
	sigset_t before, after;

	(void)state;
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	trace.beside = beside_new(looks_at_signals, &trace);
	assert_non_null(trace.beside);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_true(beside_go(trace.beside));
	beside_free(trace.beside);
	assert_true(trace.blocked);
	assert_int_equal(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
	assert_int_equal(sigismember(&after, SIGINT), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
