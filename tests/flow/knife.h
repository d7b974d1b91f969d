/* Kills the program at a place of its journal, to the system call: it is traced (ptrace), so
 * nothing of it has to be prepared for that, and nothing depends on how fast this machine is. */
#ifndef CLAVIGER_FLOW_KNIFE_H
#define CLAVIGER_FLOW_KNIFE_H

#include <stdbool.h>
#include <stddef.h>

/* Records are counted from 1, those that this run appends. A record is written and then waited for
 * until it is on the disk. CUT_SENT: the request after the record (an intent) was sent, and its
 * answer has come, but the program has not read it yet. */
enum cut_where { CUT_BEFORE, CUT_AFTER, CUT_SENT };
struct cut {
	size_t record;
	enum cut_where where;
};

/* Runs the words until the cut, and kills with SIGKILL there. False when the program has ended
 * before: code is how, as in struct ran. */
bool knife_run(const char *const *words, const struct cut *cut, int *code);

/* Every cut that a journal has places for. */
struct boundary {
	struct cut cut;
	char label[96]; /* after the intent of grant */
};

/* Of DIR/journal.jsonl, as a run that nobody disturbed has left it; from is how many records there
 * were before that run. *out is owned by the caller. Fails the test when there is none. */
size_t knife_boundaries(const char *dir, size_t from, struct boundary **out);

#endif
