/* The operations of the journal: one carrying out of a plan each, put together from its records. */
#ifndef CLAVIGER_JOURNAL_OPERATION_H
#define CLAVIGER_JOURNAL_OPERATION_H

#include <jansson.h>
#include <stdatomic.h>

#include "backend/base/err.h"
#include "backend/journal/journal.h"

/* UNKNOWN: a change was begun, and how it ended is not recorded. PARKED: stopped between changes,
 * or Azure was still at work. */
enum operation_state {
	OPERATION_PARKED,
	OPERATION_DONE,
	OPERATION_FAILED,
	OPERATION_UNKNOWN,
	OPERATION_ROLLED_BACK
};
const char *operation_state_name(enum operation_state state);

struct operation;
/* How it stands, for people: "running" while a process has in hand what no record ends yet.
 * dir as in journal_each. */
const char *operation_standing(const char *dir, const struct operation *operation);

/* Whether there may be something left to go on with, or to take back: only its plan knows. */
bool operation_goes_on(const char *dir, const struct operation *operation);
bool operation_goes_back(const char *dir, const struct operation *operation);

enum { OPERATION_ID = 37, OPERATION_WORD = 48, OPERATION_SUBJECT = 256 };

/* Its texts are safe. */
struct operation {
	char id[OPERATION_ID], plan[OPERATION_WORD], subject[OPERATION_SUBJECT];
	/* The campaign that it is a member of, and where; "": none. */
	char of[OPERATION_ID], stage[OPERATION_WORD];
	char started[32], last[32]; /* times as recorded */
	enum operation_state state;
	bool ended;       /* its last run said how it ended */
	size_t done, all; /* changes, of a campaign members; all 0: not recorded, or taken back */
	bool taken_back;  /* every member of it was, whatever it says itself */
	bool begun;       /* what it is about was recorded */
	bool keeps;       /* there is something in kept */
	size_t fleet;     /* how many it is about together; 0: it is none */

	/* Its details, which lists do without: NULL then. Owned. */
	json_t *begin; /* detail of its first record: subject, values; NULL: none */
	/* By the name of a step: phase of its last record ("undone" after an undo), and the last
	 * detail that is not of an undo. */
	json_t *steps;
	json_t *kept; /* of a campaign: what it last wrote down for whoever goes on */
};

/* Several of them, each with its details, oldest first. */
struct operations {
	struct operation *rows;
	size_t len;
};
void operations_free(struct operations *operations);
/* A copy of it. */
void operations_add(struct operations *operations, const struct operation *operation);

/* Every operation without its details, oldest first, each borrowed. dir as in journal_each. */
bool operation_each(const char *dir, void (*each)(void *user, const struct operation *operation),
	void *user, struct err *err) MUST_CHECK;

/* The members of a campaign, or what was about a subject (letters alike in either case); the other
 * is NULL. stop as in journal_each_until. */
bool operation_search(const char *dir, const char *of, const char *subject, struct operations *out,
	const atomic_bool *stop, struct err *err) MUST_CHECK;

/* One of them with its details, by its id or the beginning of it (8 characters at least).
 * ERR_NOT_FOUND. */
bool operation_find(
	const char *dir, const char *id, struct operation *out, struct err *err) MUST_CHECK;
/* The same as journal_each_until. */
bool operation_find_until(const char *dir, const char *id, struct operation *out,
	const atomic_bool *stop, struct err *err) MUST_CHECK;
/* The same as it stands once nobody else has it in hand (journal_hold): the caller lets go of it,
 * or whatever it is gone on with or taken back by. journal NULL: it is only looked at. */
bool operation_take(struct journal *journal, const char *dir, const char *id, struct operation *out,
	struct err *err) MUST_CHECK;
void operation_free(struct operation *operation);

#endif
