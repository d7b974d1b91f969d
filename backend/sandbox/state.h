/* The state directory: its lock, its private files, where its sockets are. */
#ifndef CLAVIGER_SANDBOX_STATE_H
#define CLAVIGER_SANDBOX_STATE_H

#include <limits.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"
#include "backend/sandbox/fault.h"

struct state {
	char dir[PATH_MAX]; /* absolute */
	char socket[108], ctl[108];
	int lock; /* descriptor that holds the lock; -1: another process has it */
	bool temporary;
};

/* What a serving process tells those that join it. */
struct state_endpoint {
	char socket[108], ctl[108], seed[32];
	unsigned port, pid;
};

/* Makes the directory where it is missing (dir NULL: a fresh temporary one) and takes the lock if
 * nobody has it. */
bool state_open(struct state *state, const char *dir, struct err *err) MUST_CHECK;

/* Tries the lock again: true when this process has it now. */
bool state_lock(struct state *state);
void state_unlock(struct state *state);

/* Gives the lock back, last of all; removes a temporary directory. */
void state_close(struct state *state);

/* DIR/name. Returns out. */
char *state_path(const struct state *state, const char *name, char out[PATH_MAX]);

/* A private text file, its final newline left off; made of 43 random characters when missing. */
bool state_secret(
	const struct state *state, const char *name, char out[64], struct err *err) MUST_CHECK;

/* CA and leaf as PEM, made when missing; cert gets leaf and CA. */
bool state_certificates(
	const struct state *state, struct buf *cert, struct buf *key, struct err *err) MUST_CHECK;

/* A leaf that a client must refuse, and its key; which: what is wrong with it. */
bool state_bad_certificate(const struct state *state, enum fault_cert which, struct buf *cert,
	struct buf *key, struct err *err) MUST_CHECK;

bool state_write_endpoint(const struct state *state, const struct state_endpoint *endpoint,
	struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND when nobody has served here. */
bool state_read_endpoint(
	const struct state *state, struct state_endpoint *out, struct err *err) MUST_CHECK;
void state_remove_endpoint(const struct state *state);

/* A listening Unix socket of mode 0600 at path, in place of a stale one; a connection to one (-1:
 * nobody answers). */
int state_listen(const char *path, struct err *err) MUST_CHECK;
int state_connect(const char *path);

#endif
