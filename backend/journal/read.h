/* What the parts of the journal share of reading; nobody else includes it. */
#ifndef CLAVIGER_JOURNAL_READ_H
#define CLAVIGER_JOURNAL_READ_H

#include <jansson.h>
#include <stdio.h>
#include <sys/types.h>

#include "backend/base/err.h"

/* A file of records, and its size while nobody wrote to it. *file NULL: there is none. */
bool read_open(const char *path, FILE **file, off_t *size, struct err *err) MUST_CHECK;

/* A line of it without its newline: a new reference. The error names no place. */
json_t *read_record(const char *line, size_t len, struct err *err) MUST_CHECK;

/* Says that a line is none; false. */
bool read_fault(struct err *err);

/* Every whole record of one file, as journal_each gives them; the file is removed once kept says
 * that they stand elsewhere, and until then nobody can add one to it. No file: none, true. */
bool read_away(const char *path, void (*each)(void *user, const json_t *record),
	bool (*kept)(void *user), void *user, struct err *err) MUST_CHECK;

#endif
