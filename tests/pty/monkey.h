/* One that presses keys without knowing what they do, on the console in a real terminal: keys,
 * pastes, the mouse, windows of all sizes, Ctrl-Z. What it does follows from its seed. */
#ifndef CLAVIGER_PTY_MONKEY_H
#define CLAVIGER_PTY_MONKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/pty/terminal.h"

struct monkey {
	struct terminal terminal;
	const char *const *words; /* the program, NULL-ended */
	uint64_t seed;            /* never 0 */
	bool confirms;            /* else it never says yes where a change is asked for */
	unsigned long acts, starts;
	char last[4096]; /* what it did last, for whom it may concern */
};

/* What a process does that was started with these words behind --nurse: runs them as a shell with
 * job control would, so that Ctrl-Z works; SIGCONT makes it continue what was stopped. */
int monkey_nurse(char **words);

/* nurse: the path of this very program. */
void monkey_start(struct monkey *monkey, const char *nurse);

/* Does one thing and waits until the program has taken it; fails the test when it does not. An end
 * of the program that is not its own wish fails the test; after any other it is started anew. */
void monkey_act(struct monkey *monkey);

/* Leaves the program as an operator in a hurry would, and sees that the terminal is as it was. */
void monkey_end(struct monkey *monkey);

#endif
