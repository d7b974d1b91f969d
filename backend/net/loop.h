/* The one loop: transfers, timers, worker threads and the terminal in one wait. Everything but RSA
 * runs on its thread. */
#ifndef CLAVIGER_NET_LOOP_H
#define CLAVIGER_NET_LOOP_H

#include "backend/net/http.h"

struct loop;
struct job;

struct loop *loop_new(const struct http_options *options, struct err *err) MUST_CHECK;

/* Cancels what is left, joins the workers. */
void loop_free(struct loop *loop);

/* One turn: reap what ended, run due timers, and wait at most timeout_ms (-1: until something
 * happens) if nothing did. */
void loop_turn(struct loop *loop, int timeout_ms);

/* Turns until *done, or until nothing is left that could make it true, or the work beside the loop
 * that waits is cancelled. */
void loop_until(struct loop *loop, const bool *done);

/* Calls ready(user) when fd can be read or was hung up. One fd at a time; -1 takes it away. */
void loop_watch(struct loop *loop, int fd, void (*ready)(void *user), void *user);

/* From any thread or signal handler: ends the current wait. */
void loop_wake(struct loop *loop);

/* One exchange, as http_start. */
struct job *job_send(struct loop *loop, const struct request *request, const char *bearer,
	int timeout_ms, exchange_done *done, void *user);

/* work runs on a worker with its own copy of size bytes; done gets that copy, on the loop. After
 * job_cancel work may still run to its end, but done does not; drop (may be NULL) then releases
 * what the copy owns. */
struct job *job_run(struct loop *loop, void (*work)(void *copy), const void *input, size_t size,
	void (*done)(void *user, void *copy), void (*drop)(void *copy), void *user);

/* work begins in the next turn, may wait (loop_until), and keeps nobody waiting by that: the loop
 * turns on, and other callbacks run in between. job_cancel ends its waits without what they were
 * for, and returns when it has come to its end; then done does not run. */
struct job *job_beside(
	struct loop *loop, void (*work)(void *user), void (*done)(void *user), void *user);

struct job *job_after(struct loop *loop, int ms, void (*done)(void *user), void *user);

/* done never runs after this. A job is gone once its done has returned. */
void job_cancel(struct job *job);

#endif
