/* The program's own insides on a sandbox in this process, for tests that look where the command
 * line does not show. What cannot be opened fails the test. */
#ifndef CLAVIGER_FLOW_INSIDE_H
#define CLAVIGER_FLOW_INSIDE_H

#include "backend/estate/estate.h"
#include "backend/journal/journal.h"
#include "backend/sandbox/sandbox.h"
#include "backend/session/session.h"
#include "tests/flow/run.h"

struct inside {
	struct place place; /* of the sandbox, where the options have no state of their own */
	char dir[64];       /* of the journal; removed at the end */
	struct sandbox *sandbox;
	struct session *session;
	struct estate *estate;
	struct journal *journal;
};

void inside_open(struct inside *inside, const struct sandbox_options *options);

/* Takes the clock back to the machine's as well. */
void inside_close(struct inside *inside);

/* Serves the demo estate in this process, in a place that the caller removes after closing it. */
struct sandbox *inside_serve(struct place *place, const struct sandbox_options *options);

/* Fills the profile that leads to a sandbox. */
void inside_profile(const struct sandbox *sandbox, struct profile *profile);

/* A session of the sandbox's operator; the caller closes it before the sandbox. */
struct session *inside_sign_in(const struct sandbox *sandbox);

#endif
