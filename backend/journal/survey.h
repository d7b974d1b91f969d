/* A survey of the journal: what lists show of its operations, in a few hundred bytes each, and
 * where their records stand, so that those of one are read without the rest. It is of the time at
 * which it was opened. Read from the end, in turns: the newest operations are there at once. One
 * thread at a time. */
#ifndef CLAVIGER_JOURNAL_SURVEY_H
#define CLAVIGER_JOURNAL_SURVEY_H

#include <jansson.h>
#include <stdatomic.h>
#include <stddef.h>

#include "backend/journal/operation.h"

struct survey;

/* dir as in journal_each. */
struct survey *survey_open(const char *dir, struct err *err) MUST_CHECK;
void survey_close(struct survey *survey);

/* Reads on towards the beginning, about so many bytes (SIZE_MAX: to the end of it); until then an
 * operation may look as if it had begun later, and members as if they had no campaign. stop as in
 * journal_each_until. */
bool survey_read(
	struct survey *survey, size_t bytes, const atomic_bool *stop, struct err *err) MUST_CHECK;
bool survey_is_whole(const struct survey *survey);
/* Of the journal that were read; 100: all of it. */
unsigned survey_percent(const struct survey *survey);

/* Those that are known, oldest first; survey_get without their details. */
size_t survey_len(const struct survey *survey);
void survey_get(const struct survey *survey, size_t i, struct operation *out);

/* Whether anything of the one with that whole id is known. */
bool survey_has(const struct survey *survey, const char *id);

/* One with its details (operation_free). */
bool survey_find(
	struct survey *survey, size_t i, struct operation *out, struct err *err) MUST_CHECK;

/* The records of those that are chosen (one flag each), in the order of the journal, each
 * borrowed. */
bool survey_records(struct survey *survey, const bool *chosen,
	void (*each)(void *user, const json_t *record), void *user, const atomic_bool *stop,
	struct err *err) MUST_CHECK;

#endif
