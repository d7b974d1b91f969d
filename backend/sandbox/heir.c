/* The lock comes free when its holder ends, however that was, but nobody is told: it is tried again
 * and again. A wait inside flock could not be ended. */
#include "backend/sandbox/heir.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "backend/base/log.h"
#include "backend/base/mem.h"

enum { TRY_MS = 50 };

struct heir {
	struct state *state;
	heir_serve *serve;
	void *user;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t stop;
	bool stopping;
};

/* True when the wait is to end. */
static bool
rest(struct heir *heir)
{
	struct timespec until;
	bool stopping;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TRY_MS * 1000000L;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&heir->mutex);
	while (!heir->stopping &&
		pthread_cond_clockwait(&heir->stop, &heir->mutex, CLOCK_MONOTONIC, &until) == 0)
		continue;
	stopping = heir->stopping;
	pthread_mutex_unlock(&heir->mutex);
	return stopping;
}

static void *
run(void *arg)
{
	struct heir *heir = arg;
	struct err err;

	while (!state_lock(heir->state))
		if (rest(heir))
			return NULL;
	if (heir->serve(heir->user, &err))
		return NULL;
	log_line("sandbox: the state cannot be taken over: %s", err.msg);
	state_unlock(heir->state);
	return NULL;
}

static void
release(struct heir *heir)
{
	pthread_cond_destroy(&heir->stop);
	pthread_mutex_destroy(&heir->mutex);
	free(heir);
}

struct heir *
heir_start(struct state *state, heir_serve *serve, void *user, struct err *err)
{
	struct heir *heir = mem_alloc(sizeof *heir);
	sigset_t all, before;
	bool ok;

	*heir = (struct heir){.state = state, .serve = serve, .user = user};
	pthread_mutex_init(&heir->mutex, NULL);
	pthread_cond_init(&heir->stop, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&heir->thread, NULL, run, heir) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok)
		return heir;
	err_set(err, ERR_FAILED, "", "no thread can be started to wait for the sandbox's lock");
	release(heir);
	return NULL;
}

void
heir_stop(struct heir *heir)
{
	if (!heir)
		return;
	pthread_mutex_lock(&heir->mutex);
	heir->stopping = true;
	pthread_cond_broadcast(&heir->stop);
	pthread_mutex_unlock(&heir->mutex);
	pthread_join(heir->thread, NULL);
	release(heir);
}
