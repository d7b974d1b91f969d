/* One program at a time, asked and listened to: never a shell, a clean environment, a deadline. */
#ifndef CLAVIGER_AUTH_PROCESS_H
#define CLAVIGER_AUTH_PROCESS_H

#include <limits.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"

struct process_said {
	int code;            /* exit code; 128 + signal when a signal ended it */
	struct buf out, err; /* stdout; the first 4 KiB of stderr */
};

/* Runs argv[0], an absolute path, with the words that follow (NULL-ended) and waits for its end,
 * while it reads from in (-1: from nothing), deadline_ms at most: then it and what it started are
 * ended and the error has the code "ProcessTimeout"; "ProcessStopped" when the pipe `stop` (its end
 * for reading; -1: none) hangs up before; "ProcessOutput" when it says more than out_max bytes;
 * "ProcessStart". Blocks: for a worker thread. After true the caller frees said. */
bool process_run(const char *const *argv, int in, size_t out_max, int deadline_ms, int stop,
	struct process_said *said, struct err *err) MUST_CHECK;
void process_said_free(struct process_said *said);

/* Finds a program in PATH: an absolute path of a file that belongs to root or to the user and that
 * nobody else may change. After false reason has one line. */
bool process_find(const char *name, char out[PATH_MAX], char *reason, size_t room) MUST_CHECK;

#endif
