/* Records put together, those of one operation each, as small as lists need them: a few hundred
 * bytes for an operation, and where its records stand. Only survey.c includes it. */
#ifndef CLAVIGER_JOURNAL_FOLD_H
#define CLAVIGER_JOURNAL_FOLD_H

#include <stdint.h>

#include "backend/journal/operation.h"
#include "backend/journal/places.h"

/* Where a record stands: a line without its newline. */
struct spot {
	uint64_t place : 8, at : 56;
	uint32_t len;
	uint32_t next; /* of the same operation: 1 + its number; 0: it is the last */
};

struct folds;
struct folds *folds_new(void);
void folds_free(struct folds *folds);

/* Takes in a record that stands before all of those that were taken in: what comes later counts,
 * and is seen first. False when the line is none. */
bool folds_add(struct folds *folds, const char *line, size_t len, enum place place,
	uint64_t at) MUST_CHECK;

/* Puts them in the order in which they began, and counts the members of campaigns. */
void folds_settle(struct folds *folds);

/* Of those that were settled, oldest first. folds_get makes what operation_each gives. */
size_t folds_len(const struct folds *folds);
void folds_get(const struct folds *folds, size_t i, struct operation *out);

bool folds_have(const struct folds *folds, const char *id);

/* The first record of one of them; the one behind another. NULL: there is none. */
const struct spot *folds_first(const struct folds *folds, size_t i);
const struct spot *folds_next(const struct folds *folds, const struct spot *spot);

#endif
