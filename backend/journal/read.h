/* What the parts of the journal share of reading; nobody else includes it. */
#ifndef CLAVIGER_JOURNAL_READ_H
#define CLAVIGER_JOURNAL_READ_H

#include <jansson.h>

#include "backend/base/err.h"

/* Every whole record of one file, as journal_each gives them; the file is removed once kept says
 * that they stand elsewhere, and until then nobody can add one to it. No file: none, true. */
bool read_away(const char *path, void (*each)(void *user, const json_t *record),
	bool (*kept)(void *user), void *user, struct err *err) MUST_CHECK;

#endif
