/* Operations in hand: what is carried out in one place may not be gone on with or taken back in
 * another meanwhile, or a change that is not idempotent is made twice. */
#ifndef CLAVIGER_JOURNAL_HOLD_H
#define CLAVIGER_JOURNAL_HOLD_H

#include <jansson.h>

#include "backend/base/err.h"
#include "backend/journal/places.h"

enum { HOLD_PLACES = 2 };

struct hold {
	int fds[HOLD_PLACES]; /* of the files with the locks; -1: not opened */
	json_t *mine;         /* what this process has in hand, by id */
};

void hold_init(struct hold *hold);

/* Lets go of everything. */
void hold_free(struct hold *hold);

/* ERR_REFUSED while it is taken, by this process too. Where no place takes a file no other process
 * is kept out. */
bool hold_take(struct hold *hold, const struct places *places, const char *operation,
	struct err *err) MUST_CHECK;
/* Nothing where it is not taken. */
void hold_drop(struct hold *hold, const char *operation);

/* Whether a process has it at this moment, this one among them. */
bool hold_is_taken(const struct places *places, const char *operation);

#endif
