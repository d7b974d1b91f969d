/* One thread owns everything here but the two lists that the workers share. A job leaves its list
 * before its callback runs, so a callback may start and cancel whatever it likes. No gap opens
 * between a worker's last word and the wait: the wake-up stays in its pipe until somebody reads. */
#include "backend/net/loop.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/net/beside.h"

/* Readings of a long journal may take three of them; signing finds one all the same. */
enum { WORKERS_MAX = 4 };

enum job_kind { JOB_SEND, JOB_RUN, JOB_AFTER, JOB_BESIDE };

struct job {
	enum job_kind kind;
	struct loop *loop;
	struct job *next, *prev;
	bool calling; /* its done is running: too late to cancel */
	void *user;

	struct exchange *exchange; /* JOB_SEND */
	exchange_done *replied;

	int64_t due_ms; /* JOB_AFTER */
	unsigned long number;
	void (*expired)(void *user);

	struct beside *beside; /* JOB_BESIDE; NULL: no thread, it runs on the loop's */
	void (*waiting_work)(void *user);
	void (*over)(void *user);
	const bool *until; /* what it waits for; NULL: nothing */
	bool going;        /* it has the turn, or lent it to another */

	void (*work)(void *copy); /* JOB_RUN; where is guarded by the loop's lock */
	void (*worked)(void *user, void *copy);
	void (*drop)(void *copy);
	void *copy;
	size_t size;
	enum { RUN_QUEUED, RUN_BUSY, RUN_ENDED } where;
	bool cancelled;
};

struct list {
	struct job *first, *last;
};

struct loop {
	struct http *http;
	struct list sends, timers, besides;
	struct job *beside; /* whose turn it is; NULL: the loop's own */
	unsigned long timers_made;
	size_t runs; /* JOB_RUN not yet reaped */

	int fd;
	void (*ready)(void *user);
	void *ready_user;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t more;
	struct list queued, busy, ended;
	pthread_t workers[WORKERS_MAX];
	int workers_len, workers_idle;
	bool stopping;
};

static void
list_insert(struct list *list, struct job *job, struct job *after)
{
	job->prev = after;
	job->next = after ? after->next : list->first;
	if (job->next)
		job->next->prev = job;
	else
		list->last = job;
	if (after)
		after->next = job;
	else
		list->first = job;
}

static void
list_append(struct list *list, struct job *job)
{
	list_insert(list, job, list->last);
}

static void
list_remove(struct list *list, struct job *job)
{
	if (job->prev)
		job->prev->next = job->next;
	else
		list->first = job->next;
	if (job->next)
		job->next->prev = job->prev;
	else
		list->last = job->prev;
	job->next = job->prev = NULL;
}

struct loop *
loop_new(const struct http_options *options, struct err *err)
{
	struct loop *loop = mem_alloc(sizeof *loop);

	loop->fd = -1;
	loop->http = http_new(options, err);
	if (loop->http == NULL) {
		free(loop);
		return NULL;
	}
	pthread_mutex_init(&loop->lock, NULL);
	pthread_cond_init(&loop->more, NULL);
	return loop;
}

static struct job *
job_new(struct loop *loop, enum job_kind kind, void *user)
{
	struct job *job = mem_alloc(sizeof *job);

	job->kind = kind;
	job->loop = loop;
	job->user = user;
	return job;
}

/* The copy may hold key material: it is zeroed whatever the job was. */
static void
job_free(struct job *job)
{
	if (job->copy)
		explicit_bzero(job->copy, job->size);
	free(job->copy);
	free(job);
}

static void
run_drop(struct job *job)
{
	if (job->drop)
		job->drop(job->copy);
	job_free(job);
}

static void
on_exchange(void *user, struct reply *reply, const struct err *err)
{
	struct job *job = user;

	list_remove(&job->loop->sends, job);
	job->calling = true;
	job->replied(job->user, reply, err);
	job_free(job);
}

struct job *
job_send(struct loop *loop, const struct request *request, const char *bearer, int timeout_ms,
	exchange_done *done, void *user)
{
	struct job *job = job_new(loop, JOB_SEND, user);

	job->replied = done;
	list_append(&loop->sends, job);
	job->exchange = http_start(loop->http, request, bearer, timeout_ms, on_exchange, job);
	return job;
}

struct job *
job_after(struct loop *loop, int ms, void (*done)(void *user), void *user)
{
	struct job *job = job_new(loop, JOB_AFTER, user);
	struct job *before = loop->timers.last;

	job->expired = done;
	job->due_ms = clock_mono_ms() + (ms > 0 ? ms : 0);
	job->number = ++loop->timers_made;
	while (before && before->due_ms > job->due_ms)
		before = before->prev;
	list_insert(&loop->timers, job, before);
	return job;
}

struct job *
job_beside(struct loop *loop, void (*work)(void *user), void (*done)(void *user), void *user)
{
	struct job *job = job_new(loop, JOB_BESIDE, user);

	job->beside = beside_new(work, user);
	job->waiting_work = work;
	job->over = done;
	list_append(&loop->besides, job);
	return job;
}

/* Lets it go on; true once it has ended. */
static bool
go(struct loop *loop, struct job *job)
{
	struct job *lender = loop->beside;
	bool ended = true;

	job->until = NULL;
	job->going = true;
	if (job->beside) {
		loop->beside = job;
		ended = beside_go(job->beside);
		loop->beside = lender;
	} else {
		job->waiting_work(job->user);
	}
	job->going = false;
	return ended;
}

static void
end_beside(struct job *job)
{
	list_remove(&job->loop->besides, job);
	if (job->beside)
		beside_free(job->beside);
	job->calling = true;
	if (!job->cancelled)
		job->over(job->user);
	job_free(job);
}

/* Waits for work; false when the loop ends. */
static struct job *
next_work(struct loop *loop)
{
	struct job *job;

	loop->workers_idle++;
	while (loop->queued.first == NULL && !loop->stopping)
		pthread_cond_wait(&loop->more, &loop->lock);
	loop->workers_idle--;
	if (loop->stopping)
		return NULL;
	job = loop->queued.first;
	list_remove(&loop->queued, job);
	list_append(&loop->busy, job);
	job->where = RUN_BUSY;
	return job;
}

/* Keys come before work that takes seconds, whatever priority the program itself was given. */
static void *
worker(void *arg)
{
	struct loop *loop = arg;
	struct job *job;

	pthread_setschedparam(pthread_self(), SCHED_BATCH, &(struct sched_param){0});
	pthread_mutex_lock(&loop->lock);
	while ((job = next_work(loop))) {
		pthread_mutex_unlock(&loop->lock);
		job->work(job->copy);
		pthread_mutex_lock(&loop->lock);
		list_remove(&loop->busy, job);
		list_append(&loop->ended, job);
		job->where = RUN_ENDED;
		http_wakeup(loop->http);
	}
	pthread_mutex_unlock(&loop->lock);
	return NULL;
}

/* Signals are the business of the loop's thread: workers block them all. */
static void
start_worker(struct loop *loop)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	if (pthread_create(&loop->workers[loop->workers_len], NULL, worker, loop) == 0)
		loop->workers_len++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Where the system gives no thread the loop stands still for the work rather than lose it. */
static void
run_here(struct loop *loop, struct job *job)
{
	list_remove(&loop->queued, job);
	job->work(job->copy);
	list_append(&loop->ended, job);
	job->where = RUN_ENDED;
	http_wakeup(loop->http);
}

struct job *
job_run(struct loop *loop, void (*work)(void *copy), const void *input, size_t size,
	void (*done)(void *user, void *copy), void (*drop)(void *copy), void *user)
{
	struct job *job = job_new(loop, JOB_RUN, user);

	job->work = work;
	job->worked = done;
	job->drop = drop;
	job->size = size;
	job->copy = mem_alloc(size);
	if (size)
		memcpy(job->copy, input, size);
	loop->runs++;
	pthread_mutex_lock(&loop->lock);
	list_append(&loop->queued, job);
	if (loop->workers_idle == 0 && loop->workers_len < WORKERS_MAX)
		start_worker(loop);
	pthread_cond_signal(&loop->more);
	pthread_mutex_unlock(&loop->lock);
	if (loop->workers_len == 0)
		run_here(loop, job);
	return job;
}

static void
run_cancel(struct job *job)
{
	struct loop *loop = job->loop;
	bool queued;

	pthread_mutex_lock(&loop->lock);
	queued = job->where == RUN_QUEUED;
	job->cancelled = true;
	if (queued)
		list_remove(&loop->queued, job);
	pthread_mutex_unlock(&loop->lock);
	if (queued) {
		loop->runs--;
		run_drop(job);
	}
}

void
job_cancel(struct job *job)
{
	if (job == NULL || job->calling)
		return;
	switch (job->kind) {
	case JOB_SEND:
		http_cancel(job->exchange);
		list_remove(&job->loop->sends, job);
		job_free(job);
		break;
	case JOB_AFTER:
		list_remove(&job->loop->timers, job);
		job_free(job);
		break;
	case JOB_RUN:
		run_cancel(job);
		break;
	case JOB_BESIDE:
		job->cancelled = true;
		if (job->going)
			break;
		while (!go(job->loop, job))
			;
		end_beside(job);
		break;
	}
}

static struct job *
next_ended(struct loop *loop)
{
	struct job *job;

	pthread_mutex_lock(&loop->lock);
	job = loop->ended.first;
	if (job)
		list_remove(&loop->ended, job);
	pthread_mutex_unlock(&loop->lock);
	return job;
}

static int
reap_workers(struct loop *loop)
{
	struct job *job;
	int ended = 0;

	while (loop->runs && (job = next_ended(loop))) {
		loop->runs--;
		ended++;
		if (job->cancelled) {
			run_drop(job);
			continue;
		}
		job->calling = true;
		job->worked(job->user, job->copy);
		job_free(job);
	}
	return ended;
}

/* Timers that a callback makes run in the next turn at the earliest. */
static int
run_timers(struct loop *loop)
{
	unsigned long newest = loop->timers_made;
	int64_t now = loop->timers.first ? clock_mono_ms() : 0;
	struct job *job;
	int ended = 0;

	while ((job = loop->timers.first) && job->due_ms <= now && job->number <= newest) {
		list_remove(&loop->timers, job);
		job->calling = true;
		job->expired(job->user);
		job_free(job);
		ended++;
	}
	return ended;
}

static bool
anything_but_besides(const struct loop *loop)
{
	return loop->sends.first || loop->timers.first || loop->runs || loop->fd >= 0;
}

/* One a turn, so that none keeps the others or the terminal waiting. */
static int
go_beside(struct loop *loop)
{
	struct job *job = loop->besides.first;

	while (job && (job->going || (job->until && !*job->until && anything_but_besides(loop))))
		job = job->next;
	if (job == NULL)
		return 0;
	if (go(loop, job)) {
		end_beside(job);
	} else {
		list_remove(&loop->besides, job);
		list_append(&loop->besides, job);
	}
	return 1;
}

static int
until_next_timer(struct loop *loop, int timeout_ms)
{
	int64_t wait;

	if (loop->timers.first == NULL)
		return timeout_ms < 0 ? INT_MAX : timeout_ms;
	wait = loop->timers.first->due_ms - clock_mono_ms();
	wait = wait < 0 ? 0 : wait > INT_MAX ? INT_MAX : wait;
	return timeout_ms >= 0 && timeout_ms < wait ? timeout_ms : (int)wait;
}

void
loop_turn(struct loop *loop, int timeout_ms)
{
	struct pollfd watched = {.fd = loop->fd, .events = POLLIN};
	int ended = http_perform(loop->http);

	ended += reap_workers(loop);
	ended += run_timers(loop);
	ended += go_beside(loop);
	watched.fd = loop->fd;
	if (ended == 0)
		http_wait(loop->http, &watched, loop->fd >= 0, until_next_timer(loop, timeout_ms));
	else if (loop->fd >= 0 && poll(&watched, 1, 0) < 0)
		watched.revents = 0;
	if (watched.revents && loop->fd == watched.fd)
		loop->ready(loop->ready_user);
}

/* Work beside the loop leaves the turning to the loop's thread. */
void
loop_until(struct loop *loop, const bool *done)
{
	struct job *job = loop->beside;

	if (job) {
		job->until = done;
		if (!*done && !job->cancelled)
			beside_pause(job->beside);
		return;
	}
	while (!*done && (loop->besides.first || anything_but_besides(loop)))
		loop_turn(loop, -1);
}

void
loop_watch(struct loop *loop, int fd, void (*ready)(void *user), void *user)
{
	loop->fd = fd;
	loop->ready = ready;
	loop->ready_user = user;
}

void
loop_wake(struct loop *loop)
{
	http_wakeup(loop->http);
}

static void
stop_workers(struct loop *loop)
{
	struct job *job;

	pthread_mutex_lock(&loop->lock);
	loop->stopping = true;
	pthread_cond_broadcast(&loop->more);
	pthread_mutex_unlock(&loop->lock);
	for (int i = 0; i < loop->workers_len; i++)
		pthread_join(loop->workers[i], NULL);
	while ((job = loop->queued.first)) {
		list_remove(&loop->queued, job);
		run_drop(job);
	}
	while ((job = loop->ended.first)) {
		list_remove(&loop->ended, job);
		run_drop(job);
	}
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	while (loop->besides.first)
		job_cancel(loop->besides.first);
	while (loop->sends.first)
		job_cancel(loop->sends.first);
	while (loop->timers.first)
		job_cancel(loop->timers.first);
	stop_workers(loop);
	pthread_cond_destroy(&loop->more);
	pthread_mutex_destroy(&loop->lock);
	http_free(loop->http);
	free(loop);
}
