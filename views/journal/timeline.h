/* The records of the journal for people: made safe, and those of one operation with its members. */
#ifndef CLAVIGER_VIEWS_TIMELINE_H
#define CLAVIGER_VIEWS_TIMELINE_H

#include <jansson.h>
#include <stdatomic.h>

#include "backend/base/err.h"

struct app;
struct survey;

/* In the order of the journal, those of the operation with that whole id, of its members and of
 * what it took back, NULL: all; new reference. The file may have been written by others: every text
 * in them is made safe. dir and stop as in journal_each_until. */
json_t *timeline_records(const char *dir, const char *operation, const atomic_bool *stop,
	struct err *err) MUST_CHECK;

/* The same of one that was read whole. */
json_t *timeline_of(struct survey *survey, const char *operation, const atomic_bool *stop,
	struct err *err) MUST_CHECK;

/* Shows them in the console, or says why not. */
void timeline_show(struct app *app, const char *operation);

/* Writes them to a file that is not there yet, Markdown, or JSON where its name ends so, and tells
 * where it is, or why not. */
void timeline_save(struct app *app, const char *operation, const char *path);

#endif
