/* What the tests of the journal share: a folder, and a journal that is filled and looked at. */
#ifndef CLAVIGER_UNIT_JOURNALS_H
#define CLAVIGER_UNIT_JOURNALS_H

#include "backend/base/buf.h"
#include "backend/journal/journal.h"

struct place {
	char dir[96], path[160];
};

struct seen {
	size_t count;
	json_t *last;
};

int journals_setup(void **state);
int journals_teardown(void **state);

/* Usual places below the folder, of which a journal cannot be kept in the first; until it can. */
void journals_block(const struct place *place);
void journals_unblock(const struct place *place);

struct journal *journals_open(const struct place *place);
void journals_append(struct journal *journal, enum journal_phase phase, const char *step);

/* A journal of n records; the whole file into out. */
void journals_fill(const struct place *place, int n, struct buf *out);
void journals_put(const struct place *place, const char *bytes, size_t len);
bool journals_verify(const struct place *place, size_t *records, struct err *err);
void journals_see(void *user, const json_t *record);

/* Offsets of the lines; count + 1 of them. */
size_t journals_lines(const struct buf *whole, size_t *at, size_t max);

#endif
