/* The form of one line: a JSON object whose last member is the SHA-256 of everything before it. */
#ifndef CLAVIGER_JOURNAL_LINE_H
#define CLAVIGER_JOURNAL_LINE_H

#include <jansson.h>
#include <stdint.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"

/* A campaign names every account that it is about in one record. */
enum { LINE_MAX_BYTES = 32 << 20, LINE_HASH = 65 };

/* What the first record has as prev. */
extern const char line_origin[LINE_HASH];

/* Appends record, hash and newline to out; hash gets the new hash. */
bool line_write(
	const json_t *record, struct buf *out, char hash[LINE_HASH], struct err *err) MUST_CHECK;

/* Reads a line (without newline): a new reference, and what chains it. The error says what is wrong
 * with it, without naming a place. */
json_t *line_read(const char *line, size_t len, int64_t *seq, char prev[LINE_HASH],
	char hash[LINE_HASH], struct err *err) MUST_CHECK;

#endif
