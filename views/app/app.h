/* The console: a stack of views over one loop. */
#ifndef CLAVIGER_VIEWS_APP_H
#define CLAVIGER_VIEWS_APP_H

#include <jansson.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"

struct credential;
struct profile;
struct session;
struct estate;
struct journal;
struct cache;
struct keys;

/* How the console goes on once it has left: what was chosen on the start page, or that there turned
 * out to be nothing to sign in with, which makes the start page the next. */
enum app_choice { APP_QUIT, APP_SANDBOX, APP_TOUR, APP_DOCTOR, APP_SIGNED_IN, APP_START };

struct app_options {
	const struct profile *profile; /* may be NULL without credentials */
	struct session *session;       /* NULL: the start page */
	struct estate *estate;         /* NULL: the start page */
	struct cache *cache;           /* what was read last; NULL: not kept */
	struct journal *journal;       /* NULL: plans cannot be run, and say so */
	const char *theme;             /* name or path; NULL: default */
	bool mono;                     /* attributes only: the theme "mono" */
	const struct keys *keys;       /* as the configuration wants them; NULL: the usual ones */
	bool redact;                   /* names and ids are hidden from the beginning */
	const char *journal_dir;       /* for the Activity tab; NULL: the usual place */
	const char *tour;        /* folder of the tour (views/tour/tour.h); NULL: there is none */
	const char *why;         /* start page: why there is no session; NULL: not said */
	enum app_choice *choice; /* how to go on; NULL: not wanted */
	struct session *door;    /* start page: what to sign in over */
	struct credential *signed_in;  /* start page: gets who signed in there */
	json_t *(*checks)(void *user); /* doctor's rows for a bundle, new; NULL: none */
	void *checks_user;
};

/* Runs the console on the terminal until the operator leaves. Returns the exit code; err
 * is set when it could not start (no terminal, broken theme). */
int app_run(const struct app_options *options, struct err *err);

/* The same without a terminal, for tests of screens: plays the keys of script (see tui/script.h;
 * the word Wait waits until nothing is being read and no plan runs), then adds the last screen to
 * out. */
bool app_run_headless(const struct app_options *options, int columns, int rows, const char *script,
	struct buf *out, struct err *err) MUST_CHECK;

#endif
