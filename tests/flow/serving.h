/* A demo estate that one process serves while the program works on it, so that its state can be
 * dumped after every call. */
#ifndef CLAVIGER_FLOW_SERVING_H
#define CLAVIGER_FLOW_SERVING_H

#include "tests/flow/run.h"

struct serving {
	struct place place;
	struct going server;
};

void serving_start(struct serving *serving);
void serving_stop(struct serving *serving);

/* The same on a copy of a place that nobody serves, and an end that leaves the place as it is. */
void serving_copy(struct serving *serving, const struct place *from);
void serving_end(struct serving *serving);

/* Runs the words on it, with -o json before them, and fails the test unless it ends with that code.
 * Returns what was printed; the caller gives it back. */
json_t *serving_run(const struct serving *serving, int code, ...) __attribute__((sentinel));

/* The same for one that is refused (exit 5): both texts must stand on stderr. */
void serving_refuses(const struct serving *serving, const char *rule, const char *text, ...)
	__attribute__((sentinel));

/* A plan of changes: a dry run (10) that changes nothing, then --yes (0), then again (0), which
 * finds nothing to do. Returns the result of the dry run. */
json_t *serving_plan(const struct serving *serving, ...) __attribute__((sentinel));

/* All of ctl dump but what differs from run to run: the id of the operation that made a key, and
 * how often Azure was asked for the end of a long operation. A new reference. */
json_t *serving_state(const struct serving *serving);

/* One element of an array of ctl dump, by its member "name"; a new reference. */
json_t *serving_dump(const struct serving *serving, const char *array, const char *name);

/* Waits until faults that happen only so often have done so: then a call has come that is held up,
 * or was answered, by them. */
void serving_wait_held(const struct serving *serving);

/* How many records of the journal hold the text. */
int serving_recorded(const struct serving *serving, const char *text);

/* What the account is encrypted with, as ctl dump has it: a member of its encryption. */
void serving_expect(
	const struct serving *serving, const char *account, const char *member, const char *value);

#endif
