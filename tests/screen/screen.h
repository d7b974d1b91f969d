/* Golden screens: keys in, text out, in this process, over the real sandbox. */
#ifndef CLAVIGER_SCREEN_SCREEN_H
#define CLAVIGER_SCREEN_SCREEN_H

#include "backend/base/buf.h"

struct screen;

/* A fresh sandbox with the demo estate, a session and an estate; fails the test otherwise. With
 * online false there is none of them: the start page. */
struct screen *screen_open(bool online);

/* The same with what is not usual. */
struct screen_wish {
	const char *seed;  /* of the sandbox; NULL: demo */
	const char *fault; /* that it shows; NULL: none */
	const char *keys;  /* sections [keys] of a configuration; NULL: none */
	bool offline, read_only;
	bool door;   /* the start page, over which one can sign in */
	size_t tour; /* the lesson at which the tour stands, from 1 on; 0: there is no tour */
};
struct screen *screen_open_as(const struct screen_wish *wish);
void screen_close(struct screen *screen);

/* The first of them as what a group of tests has in common. */
int screen_setup(void **state);
int screen_teardown(void **state);

/* Keeps what was read in a cache and begins anew with that alone. */
void screen_restart(struct screen *screen);

/* So many operations in the journal, done, of two long records each. */
void screen_remember(struct screen *screen, int operations);

/* From now on the sandbox shows this fault. */
void screen_fault(struct screen *screen, const char *spec);

/* Plays the keys on a terminal of that size and returns what it then shows. The caller frees it. */
char *screen_run(
	struct screen *screen, const char *theme, int columns, int rows, const char *script);

/* The same without colours, the parts that differ from run to run (ids, versions, times) written as
 * x. */
char *screen_play(struct screen *screen, int columns, int rows, const char *script);

/* The same, compared with golden/NAME.txt. With GOLDEN_UPDATE=1 in the environment the file is
 * written instead. */
void screen_golden(
	struct screen *screen, const char *name, int columns, int rows, const char *script);

/* Fails, showing the screen, unless it holds the text. */
void screen_holds(const char *shown, const char *text);
void screen_lacks(const char *shown, const char *text);

/* Plays the keys, and fails unless what is then shown holds each of these texts (NULL-ended); as in
 * the console's filters one that begins with ! must not be there. */
void screen_shows(struct screen *screen, int columns, int rows, const char *script, ...)
	__attribute__((sentinel));
/* The same of one text and 80x24. */
void screen_plays(struct screen *screen, const char *script, const char *text);

#endif
