/* Signals as flags: the handler notes which came and wakes the loop; what to do about it is decided
 * in ordinary code. */
#ifndef CLAVIGER_VIEWS_SIGNALS_H
#define CLAVIGER_VIEWS_SIGNALS_H

#include <stdbool.h>

#include "backend/base/err.h"

struct loop;

/* From here on SIGINT, SIGTERM and SIGHUP end the process at once with their exit code, and
 * SIGPIPE is ignored. Call once, before any thread starts. */
void signals_start(void);

/* From here on they are only noted: something is open that must be closed in order. */
void signals_defer(void);

/* The first of SIGINT, SIGTERM, SIGHUP that came; 0: none. */
int signals_pending(void);

/* The first that came since the last call, and is not pending any more; 0: none. */
int signals_take(void);

/* Readable while one is pending; -1 if there is no such descriptor. */
int signals_fd(void);

/* What having been stopped by it means: cancelled for SIGINT, parked for the others. */
enum err_kind signals_kind(int signal);

/* The exit code for that: 130 for SIGINT, 75 for the others. */
int signals_exit(int signal);

/* Defers; while set, a signal makes stop(user) run on the loop's own thread, in the next turn of
 * the loop. NULL takes it away. One loop at a time; it uses the loop's one watched descriptor. */
void signals_watch(struct loop *loop, void (*stop)(void *user), void *user);

/* Sleeps until a signal comes; returns it. For a process that has nothing else to do. */
int signals_wait(void);

/* A line of standard input, as fgets reads it; false at its end, and once a signal is pending. */
bool signals_line(char *out, int room);

#endif
