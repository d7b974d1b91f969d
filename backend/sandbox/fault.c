/* A fault is used up only when it did something: one that changes a value at a path waits for the
 * first reply that has the path, so that the challenge before it does not count. */
#include "backend/sandbox/fault.h"

#include <fnmatch.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/base/text.h"
#include "backend/sandbox/fault_reply.h"
#include "backend/sandbox/fault_spec.h"
#include "backend/sandbox/reply.h"

struct faults {
	pthread_mutex_t mutex;
	pthread_cond_t stop;
	bool stopping;
	struct fault *first;
};

struct faults *
faults_new(void)
{
	struct faults *faults = mem_alloc(sizeof *faults);

	pthread_mutex_init(&faults->mutex, NULL);
	pthread_cond_init(&faults->stop, NULL);
	return faults;
}

void
faults_stop(struct faults *faults)
{
	pthread_mutex_lock(&faults->mutex);
	faults->stopping = true;
	pthread_cond_broadcast(&faults->stop);
	pthread_mutex_unlock(&faults->mutex);
}

bool
faults_wait(struct faults *faults, long ms)
{
	struct timespec until;
	bool stopping;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&faults->mutex);
	while (!faults->stopping &&
		pthread_cond_clockwait(&faults->stop, &faults->mutex, CLOCK_MONOTONIC, &until) == 0)
		continue;
	stopping = faults->stopping;
	pthread_mutex_unlock(&faults->mutex);
	return stopping;
}

void
faults_clear(struct faults *faults)
{
	struct fault *next;

	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault; fault = next) {
		next = fault->next;
		free(fault);
	}
	faults->first = NULL;
	pthread_mutex_unlock(&faults->mutex);
}

void
faults_free(struct faults *faults)
{
	if (!faults)
		return;
	faults_clear(faults);
	pthread_cond_destroy(&faults->stop);
	pthread_mutex_destroy(&faults->mutex);
	free(faults);
}

bool
fault_add(struct faults *faults, const char *spec, struct err *err)
{
	struct fault parsed, *fault, **end;

	if (!fault_parse(&parsed, spec, err))
		return false;
	fault = mem_alloc(sizeof *fault);
	*fault = parsed;
	pthread_mutex_lock(&faults->mutex);
	for (end = &faults->first; *end; end = &(*end)->next)
		continue;
	*end = fault;
	pthread_mutex_unlock(&faults->mutex);
	return true;
}

bool
faults_list(struct faults *faults, struct buf *out)
{
	bool ok = true;

	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault && ok; fault = fault->next)
		if (fault->left)
			ok = buf_addf(out, "%s\n", fault->spec);
	pthread_mutex_unlock(&faults->mutex);
	return ok;
}

static void
use(struct fault *fault)
{
	if (fault->left > 0)
		fault->left--;
}

static bool
matches(const struct fault *fault, const struct call *call)
{
	char whole[2048];

	if (fault->left == 0 || fault->action == FAULT_CERT ||
		(fault->method[0] && strcmp(fault->method, call->method) != 0))
		return false;
	if (fault->glob[0] == '/')
		return fnmatch(fault->glob, call->path, FNM_CASEFOLD) == 0;
	snprintf(whole, sizeof whole, "%s%s", call->host, call->path);
	return fnmatch(fault->glob, whole, FNM_CASEFOLD) == 0;
}

static bool
is_before(enum fault_action action)
{
	return action >= FAULT_STATUS && action <= FAULT_SKEW;
}

/* Takes one use of each fault that matches; `pick` keeps the first that answers. */
static bool
take_before(struct call *call, long *delay, struct fault *pick)
{
	struct faults *faults = call->world->faults;
	bool found = false;

	*delay = 0;
	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault; fault = fault->next) {
		if (!is_before(fault->action) || !matches(fault, call))
			continue;
		if (fault->action == FAULT_DELAY)
			*delay += fault->number;
		else if (fault->action == FAULT_SKEW)
			call->now += fault->number;
		else if (found)
			continue;
		else
			*pick = *fault, found = true;
		use(fault);
	}
	pthread_mutex_unlock(&faults->mutex);
	return found;
}

bool
fault_before(struct call *call)
{
	struct fault fault;
	long delay;
	bool found = take_before(call, &delay, &fault);

	if (delay > 0)
		faults_wait(call->world->faults, delay);
	if (found)
		fault_answer(call, &fault);
	return found;
}

enum fault_action
fault_after(struct call *call, long *number)
{
	struct faults *faults = call->world->faults;
	enum fault_action action = FAULT_NONE;

	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault && !action; fault = fault->next) {
		if (is_before(fault->action) || !matches(fault, call) || !fault_spoil(call, fault))
			continue;
		action = fault->action;
		*number = fault->number;
		use(fault);
	}
	pthread_mutex_unlock(&faults->mutex);
	return action;
}

bool
faults_certify(struct faults *faults)
{
	bool any = false;

	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault && !any; fault = fault->next)
		any = fault->action == FAULT_CERT && fault->left;
	pthread_mutex_unlock(&faults->mutex);
	return any;
}

enum fault_cert
fault_certificate(struct faults *faults, const char *host)
{
	enum fault_cert which = FAULT_CERT_NONE;

	pthread_mutex_lock(&faults->mutex);
	for (struct fault *fault = faults->first; fault && !which; fault = fault->next) {
		if (fault->action != FAULT_CERT || !fault->left ||
			fnmatch(fault->glob, host, FNM_CASEFOLD) != 0)
			continue;
		which = (enum fault_cert)fault->word;
		use(fault);
	}
	pthread_mutex_unlock(&faults->mutex);
	return which;
}
