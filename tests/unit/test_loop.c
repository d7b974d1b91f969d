/* The loop: timers in order, workers with copies of their own, wake-ups from other threads. Runs
 * under the thread sanitizer too. */
#include "backend/net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "crypto/secret.h"
#include "tests/fixtures/tls_server.h"

static struct loop *
fresh(void)
{
	struct err err;
	struct loop *loop = loop_new(&(struct http_options){0}, &err);

	assert_non_null(loop);
	return loop;
}

struct trace {
	struct loop *loop;
	char seen[64];
	struct job *victim;
	bool done;
};

static void
note(struct trace *trace, char c)
{
	trace->seen[strlen(trace->seen)] = c;
}

static void
say_a(void *user)
{
	note(user, 'a');
}

static void
say_b(void *user)
{
	note(user, 'b');
}

static void
say_end(void *user)
{
	struct trace *trace = user;

	note(trace, '.');
	trace->done = true;
}

static void
cancel_victim(void *user)
{
	struct trace *trace = user;

	note(trace, 'c');
	job_cancel(trace->victim);
}

static void
again_at_once(void *user)
{
	struct trace *trace = user;

	note(trace, 'r');
	if (strlen(trace->seen) < 5)
		job_after(trace->loop, 0, again_at_once, trace);
}

static void
test_timers_in_order(void **state)
{
	struct trace trace = {.loop = fresh()};

	(void)state;
	job_after(trace.loop, 30, say_end, &trace);
	job_after(trace.loop, 15, say_b, &trace);
	job_after(trace.loop, 0, say_a, &trace);
	job_after(trace.loop, 15, say_a, &trace);
	loop_until(trace.loop, &trace.done);
	assert_string_equal(trace.seen, "aba.");
	loop_free(trace.loop);
}

static void
test_timer_cancels_one_that_is_due(void **state)
{
	struct trace trace = {.loop = fresh()};

	(void)state;
	job_after(trace.loop, 0, cancel_victim, &trace);
	trace.victim = job_after(trace.loop, 0, say_b, &trace);
	job_after(trace.loop, 0, say_end, &trace);
	loop_turn(trace.loop, 0);
	assert_string_equal(trace.seen, "c.");
	loop_free(trace.loop);
}

static void
test_new_timer_waits_for_the_next_turn(void **state)
{
	struct trace trace = {.loop = fresh()};

	(void)state;
	job_after(trace.loop, 0, again_at_once, &trace);
	loop_turn(trace.loop, 0);
	assert_string_equal(trace.seen, "r");
	for (int i = 0; i < 20 && strlen(trace.seen) < 5; i++)
		loop_turn(trace.loop, 0);
	assert_string_equal(trace.seen, "rrrrr");
	loop_free(trace.loop);
}

static void
test_until_nothing_is_left(void **state)
{
	struct trace trace = {.loop = fresh()};

	(void)state;
	loop_until(trace.loop, &trace.done);
	job_after(trace.loop, 1, say_a, &trace);
	loop_until(trace.loop, &trace.done);
	assert_string_equal(trace.seen, "a");
	job_after(trace.loop, 100000, say_b, &trace);
	loop_free(trace.loop);
	assert_string_equal(trace.seen, "a");
}

struct sum {
	int numbers[100], total;
	char *owned;
};

static _Atomic int dropped;
static atomic_bool hold, entered;

static void
add_up(void *copy)
{
	struct sum *sum = copy;

	for (size_t i = 0; i < ARRAY_LEN(sum->numbers); i++)
		sum->total += sum->numbers[i];
	sum->owned = mem_strdup("made by the worker");
}

static void
add_up_slowly(void *copy)
{
	atomic_store(&entered, true);
	while (atomic_load(&hold))
		usleep(1000);
	add_up(copy);
}

static void
drop_sum(void *copy)
{
	struct sum *sum = copy;

	free(sum->owned);
	atomic_fetch_add(&dropped, 1);
}

static void
take_sum(void *user, void *copy)
{
	struct sum *sum = copy;
	int *left = user;

	assert_int_equal(sum->total, 4950);
	assert_string_equal(sum->owned, "made by the worker");
	free(sum->owned);
	--*left;
}

static void
never(void *user, void *copy)
{
	(void)user;
	(void)copy;
	fail_msg("a cancelled job was reported");
}

static struct sum
one_to_ninety_nine(void)
{
	struct sum sum = {0};

	for (int i = 0; i < 100; i++)
		sum.numbers[i] = i;
	return sum;
}

static void
test_workers_have_their_own_copy(void **state)
{
	struct loop *loop = fresh();
	int left = 50;

	(void)state;
	for (int i = 0; i < 50; i++) {
		struct sum sum = one_to_ninety_nine();

		job_run(loop, add_up, &sum, sizeof sum, take_sum, drop_sum, &left);
		memset(&sum, 0xff, sizeof sum);
	}
	while (left)
		loop_turn(loop, -1);
	loop_free(loop);
	assert_int_equal(atomic_load(&dropped), 0);
}

static void
test_cancel_while_queued_running_and_ended(void **state)
{
	struct loop *loop = fresh();
	struct sum sum = one_to_ninety_nine();
	struct job *jobs[6];
	int left = 1;

	(void)state;
	atomic_store(&dropped, 0);
	atomic_store(&hold, true);
	atomic_store(&entered, false);
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		jobs[i] = job_run(loop, add_up_slowly, &sum, sizeof sum, never, drop_sum, NULL);
	while (!atomic_load(&entered))
		usleep(1000);
	for (size_t i = 0; i < 5; i++)
		job_cancel(jobs[i]);
	atomic_store(&hold, false);
	usleep(20000);
	job_cancel(jobs[5]);
	job_run(loop, add_up, &sum, sizeof sum, take_sum, drop_sum, &left);
	while (left || atomic_load(&dropped) < 6)
		loop_turn(loop, 50);
	assert_int_equal(atomic_load(&dropped), 6);
	loop_free(loop);
}

static void
test_free_while_workers_run(void **state)
{
	struct loop *loop = fresh();
	struct sum sum = one_to_ninety_nine();

	(void)state;
	atomic_store(&dropped, 0);
	atomic_store(&hold, true);
	atomic_store(&entered, false);
	for (int i = 0; i < 8; i++)
		job_run(loop, add_up_slowly, &sum, sizeof sum, never, drop_sum, NULL);
	while (!atomic_load(&entered))
		usleep(1000);
	atomic_store(&hold, false);
	loop_free(loop);
	assert_int_equal(atomic_load(&dropped), 8);
}

static void
add_nothing(void *copy)
{
	(void)copy;
}

static void
count_one(void *user, void *copy)
{
	(void)copy;
	++*(int *)user;
}

static void
test_work_without_input(void **state)
{
	struct loop *loop = fresh();
	bool done = false;
	int count = 0;

	(void)state;
	job_run(loop, add_nothing, NULL, 0, count_one, NULL, &count);
	loop_until(loop, &done);
	assert_int_equal(count, 1);
	loop_free(loop);
}

struct waker {
	struct loop *loop;
	atomic_int rounds;
};

static void *
wake_often(void *arg)
{
	struct waker *waker = arg;

	for (int i = 0; i < 200; i++) {
		atomic_fetch_add(&waker->rounds, 1);
		loop_wake(waker->loop);
	}
	return NULL;
}

/* Without the wake-up the last turn would never end: nothing else is left. */
static void
test_wake_from_threads(void **state)
{
	struct waker waker = {.loop = fresh()};
	pthread_t threads[3];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, wake_often, &waker), 0);
	while (atomic_load(&waker.rounds) < 600)
		loop_turn(waker.loop, -1);
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);
	loop_free(waker.loop);
}

static struct loop *signalled;
static volatile sig_atomic_t signals;

static void
on_signal(int number)
{
	(void)number;
	signals = 1;
	loop_wake(signalled);
}

static void
raise_it(void *user)
{
	(void)user;
	raise(SIGUSR1);
}

static void
test_wake_from_a_signal(void **state)
{
	(void)state;
	signalled = fresh();
	signal(SIGUSR1, on_signal);
	job_after(signalled, 1, raise_it, NULL);
	while (!signals)
		loop_turn(signalled, -1);
	loop_turn(signalled, -1);
	signal(SIGUSR1, SIG_DFL);
	loop_free(signalled);
}

struct watch {
	struct loop *loop;
	int fd, calls;
	char text[16];
	bool ended;
};

static void
on_ready(void *user)
{
	struct watch *watch = user;
	ssize_t n = read(watch->fd, watch->text, sizeof watch->text - 1);

	watch->calls++;
	if (n > 0)
		return;
	watch->ended = true;
	loop_watch(watch->loop, -1, NULL, NULL);
}

static void
test_watch_until_hang_up(void **state)
{
	struct watch watch = {.loop = fresh()};
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	watch.fd = fds[0];
	loop_watch(watch.loop, fds[0], on_ready, &watch);
	loop_turn(watch.loop, 1);
	assert_int_equal(watch.calls, 0);
	assert_int_equal(write(fds[1], "key", 3), 3);
	loop_turn(watch.loop, -1);
	assert_int_equal(watch.calls, 1);
	assert_string_equal(watch.text, "key");
	close(fds[1]);
	loop_until(watch.loop, &watch.ended);
	assert_true(watch.ended);
	loop_turn(watch.loop, 1);
	assert_int_equal(watch.calls, 2);
	close(fds[0]);
	loop_free(watch.loop);
}

/* A key is answered in the turn in which something else ended too. */
static void
test_watch_beside_other_work(void **state)
{
	struct watch watch = {.loop = fresh()};
	struct trace trace = {.loop = watch.loop};
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	watch.fd = fds[0];
	loop_watch(watch.loop, fds[0], on_ready, &watch);
	assert_int_equal(write(fds[1], "k", 1), 1);
	job_after(watch.loop, 0, say_a, &trace);
	loop_turn(watch.loop, -1);
	assert_string_equal(trace.seen, "a");
	assert_int_equal(watch.calls, 1);
	close(fds[0]);
	close(fds[1]);
	loop_free(watch.loop);
}

static bool
hello(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_reply(conn, 200, "", "hello");
	return true;
}

static void
count_reply(void *user, struct reply *reply, const struct err *err)
{
	int *left = user;

	assert_null(err);
	assert_string_equal(buf_text(&reply->body), "hello");
	--*left;
}

static void
never_reply(void *user, struct reply *reply, const struct err *err)
{
	(void)user;
	(void)reply;
	(void)err;
	fail_msg("a cancelled exchange was reported");
}

static void
test_transfers_beside_workers(void **state)
{
	struct tls_server *server = tls_server_start(&(struct tls_options){.handler = hello});
	struct request request = {.url = (char *)"https://management.azure.com/"};
	struct sum sum = one_to_ninety_nine();
	int replies = 20, sums = 20;
	struct err err;
	struct loop *loop = loop_new(&(struct http_options){.ca_file = tls_ca_file(),
					     .connect_to = tls_server_at(server)},
		&err);

	(void)state;
	assert_non_null(loop);
	for (int i = 0; i < 20; i++) {
		job_send(loop, &request, "token", 20000, count_reply, &replies);
		job_run(loop, add_up, &sum, sizeof sum, take_sum, drop_sum, &sums);
		job_cancel(job_send(loop, &request, "token", 20000, never_reply, NULL));
	}
	while (replies || sums)
		loop_turn(loop, -1);
	job_send(loop, &request, "token", 20000, never_reply, NULL);
	loop_free(loop);
	tls_server_stop(server);
}

struct beside_trace {
	struct trace trace;
	struct job *job;
	bool enough, undone;
};

static void
waits_twice(void *user)
{
	struct beside_trace *t = user;

	note(&t->trace, '1');
	loop_until(t->trace.loop, &t->enough);
	note(&t->trace, '2');
	t->undone = !t->enough;
	loop_until(t->trace.loop, &t->enough);
	note(&t->trace, '3');
}

static void
enough(void *user)
{
	((struct beside_trace *)user)->enough = true;
}

static void
beside_over(void *user)
{
	struct beside_trace *t = user;

	say_end(&t->trace);
}

/* What waits beside the loop holds nobody up, and goes on when its time has come. */
static void
test_work_beside_waits_alone(void **state)
{
	struct beside_trace t = {.trace = {.loop = fresh()}};

	(void)state;
	job_beside(t.trace.loop, waits_twice, beside_over, &t);
	job_after(t.trace.loop, 0, say_a, &t.trace);
	job_after(t.trace.loop, 20, enough, &t);
	job_after(t.trace.loop, 10, say_b, &t.trace);
	loop_until(t.trace.loop, &t.trace.done);
	assert_string_equal(t.trace.seen, "a1b23.");
	assert_false(t.undone);
	loop_free(t.trace.loop);
}

/* Cancelled, its waits end at once, and it comes to its own end. */
static void
test_work_beside_cancelled(void **state)
{
	struct beside_trace t = {.trace = {.loop = fresh()}};

	(void)state;
	t.job = job_beside(t.trace.loop, waits_twice, beside_over, &t);
	job_after(t.trace.loop, 60000, say_a, &t.trace);
	loop_turn(t.trace.loop, 0);
	assert_string_equal(t.trace.seen, "1");
	job_cancel(t.job);
	assert_string_equal(t.trace.seen, "123");
	assert_true(t.undone);
	loop_free(t.trace.loop);
}

/* It does not wait for ever where nothing is left that it could wait for. */
static void
test_work_beside_nothing_left(void **state)
{
	struct beside_trace t = {.trace = {.loop = fresh()}};

	(void)state;
	job_beside(t.trace.loop, waits_twice, beside_over, &t);
	loop_until(t.trace.loop, &t.trace.done);
	assert_string_equal(t.trace.seen, "123.");
	assert_true(t.undone);
	loop_free(t.trace.loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timers_in_order),
		cmocka_unit_test(test_work_beside_waits_alone),
		cmocka_unit_test(test_work_beside_cancelled),
		cmocka_unit_test(test_work_beside_nothing_left),
		cmocka_unit_test(test_timer_cancels_one_that_is_due),
		cmocka_unit_test(test_new_timer_waits_for_the_next_turn),
		cmocka_unit_test(test_until_nothing_is_left),
		cmocka_unit_test(test_workers_have_their_own_copy),
		cmocka_unit_test(test_cancel_while_queued_running_and_ended),
		cmocka_unit_test(test_free_while_workers_run),
		cmocka_unit_test(test_work_without_input),
		cmocka_unit_test(test_wake_from_threads),
		cmocka_unit_test(test_wake_from_a_signal),
		cmocka_unit_test(test_watch_until_hang_up),
		cmocka_unit_test(test_watch_beside_other_work),
		cmocka_unit_test(test_transfers_beside_workers),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
