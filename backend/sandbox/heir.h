/* Serving after another: a process that has joined takes over when the one that serves is gone. */
#ifndef CLAVIGER_SANDBOX_HEIR_H
#define CLAVIGER_SANDBOX_HEIR_H

#include "backend/sandbox/state.h"

struct heir;

/* Runs once, in the heir's thread, as soon as the lock is had; false: the lock is to be given back,
 * and everything that was begun has been undone. */
typedef bool heir_serve(void *user, struct err *err);

/* Waits for the lock of state in a thread of its own; state stays the caller's, and is not to be
 * touched until heir_stop. NULL: no thread can be had. */
struct heir *heir_start(
	struct state *state, heir_serve *serve, void *user, struct err *err) MUST_CHECK;

/* Ends the wait, or waits for the end of serve. */
void heir_stop(struct heir *heir);

#endif
