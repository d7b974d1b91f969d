/* A thread and not a context of our own making, because debuggers, sanitizers and shadow stacks
 * know what a thread is. Signals are the business of the loop's thread. */
#include "backend/net/beside.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "backend/base/mem.h"

struct beside {
	void (*work)(void *user);
	void *user;
	pthread_t thread;
	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t handed_over;
	bool turn; /* the work's, else its maker's */
	bool ended;
};

/* With the lock. */
static void
await_turn(struct beside *beside, bool turn)
{
	while (beside->turn != turn)
		pthread_cond_wait(&beside->handed_over, &beside->lock);
}

static void
hand_over(struct beside *beside, bool turn)
{
	beside->turn = turn;
	pthread_cond_signal(&beside->handed_over);
}

static void *
run(void *arg)
{
	struct beside *beside = arg;

	pthread_mutex_lock(&beside->lock);
	await_turn(beside, true);
	pthread_mutex_unlock(&beside->lock);
	beside->work(beside->user);
	pthread_mutex_lock(&beside->lock);
	beside->ended = true;
	hand_over(beside, false);
	pthread_mutex_unlock(&beside->lock);
	return NULL;
}

struct beside *
beside_new(void (*work)(void *user), void *user)
{
	struct beside *beside = mem_alloc(sizeof *beside);
	sigset_t all, before;
	bool ok;

	beside->work = work;
	beside->user = user;
	pthread_mutex_init(&beside->lock, NULL);
	pthread_cond_init(&beside->handed_over, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ok = pthread_create(&beside->thread, NULL, run, beside) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ok)
		return beside;
	pthread_cond_destroy(&beside->handed_over);
	pthread_mutex_destroy(&beside->lock);
	free(beside);
	return NULL;
}

bool
beside_go(struct beside *beside)
{
	bool ended;

	pthread_mutex_lock(&beside->lock);
	hand_over(beside, true);
	await_turn(beside, false);
	ended = beside->ended;
	pthread_mutex_unlock(&beside->lock);
	return ended;
}

void
beside_pause(struct beside *beside)
{
	pthread_mutex_lock(&beside->lock);
	hand_over(beside, false);
	await_turn(beside, true);
	pthread_mutex_unlock(&beside->lock);
}

void
beside_free(struct beside *beside)
{
	pthread_join(beside->thread, NULL);
	pthread_cond_destroy(&beside->handed_over);
	pthread_mutex_destroy(&beside->lock);
	free(beside);
}
