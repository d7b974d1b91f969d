/* One file of records: its lock, its end, its chain. What a record says is journal.c's business. */
#ifndef CLAVIGER_JOURNAL_SINK_H
#define CLAVIGER_JOURNAL_SINK_H

#include <jansson.h>

#include "backend/base/err.h"

struct sink;

/* Opens (makes) DIR/journal.jsonl: 0600, ours, no symlink. mend makes the record that says that a
 * torn last line was set aside. */
struct sink *sink_open(const char *dir,
	json_t *(*mend)(void *user, const char *digest, const char *message), void *user,
	struct err *err) MUST_CHECK;
void sink_close(struct sink *sink);

/* Appends these records (an array of objects without number and hashes) and waits once until they
 * are on the disk: all of them, or none. Where the file is gone or another has its name, to one
 * that is opened anew. */
bool sink_append(struct sink *sink, const json_t *records, struct err *err) MUST_CHECK;

#endif
