/* Readings of the journal for the console. It may be long: then it is read on a thread of its own,
 * and keys are answered meanwhile. */
#ifndef CLAVIGER_VIEWS_PAST_H
#define CLAVIGER_VIEWS_PAST_H

#include <stdatomic.h>

#include "backend/base/err.h"

struct app;
struct job;

/* One reading: what whoever wants one begins his own with, allocated. */
struct past {
	const char *dir; /* as in journal_each */
	/* On whichever thread: sets err, and what comes behind this. stop is for
	 * journal_each_until: nobody waits for it any more. */
	void (*read)(struct past *past);
	atomic_bool stop;
	struct err err;
	/* In the console, once it was read; user must be there until past_stop. */
	void (*done)(void *user, struct past *past);
	void *user;
	void (*free)(struct past *past); /* it and all that it has */
	struct job *job;                 /* NULL: it is read at once */
};

/* Reads, then calls done and free: a short journal at once, else later. */
void past_start(struct app *app, struct past *past);

/* One of which done was not called yet; NULL: none is. */
void past_stop(struct past *past);

/* The same for the answer to a key, for which keys wait (look_up); user is the app. */
void past_ask(struct app *app, struct past *past);

#endif
