/* The plans that are swept: a line each, as it is typed. */
#ifndef CLAVIGER_SWEEP_ROWS_H
#define CLAVIGER_SWEEP_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/fixtures/serving.h"

/* Words are parted by single blanks. @id-storage is the id of an identity,
 * @kv-billing/cmk-billing#1 the first version of a key. */
struct row {
	const char *words;
	/* Calls that make its ground on the demo estate, or "delete VAULT/KEY". */
	const char *before[4];
	/* Why a rollback does not lead back to the start: what this is about may then still be
	 * there, all else is as it was. NULL: it leads back. */
	const char *stays;
	const char *confirm; /* --confirm=NAME for its rollback, where the call needs none */
	bool final; /* its rollback is refused, which must harm nothing: resume leads to the end */
	int code;   /* with which the call, and a resume, end */
};

extern const struct row rows[];
extern const size_t rows_len;

/* The line with those names filled in; from malloc. */
char *rows_fill(const struct serving *serving, const char *line);

/* Does what no verb of the program does; false: it is a call. */
bool rows_do(const struct serving *serving, const char *line);

#endif
