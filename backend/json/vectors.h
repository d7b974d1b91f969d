/* Files of RSA test vectors in Wycheproof's JSON, run through our own crypto/rsa. Schemas: C2SP
 * wycheproof, schemas/rsa*_schema*.json, both generations. */
#ifndef CLAVIGER_VECTORS_H
#define CLAVIGER_VECTORS_H

#include <stddef.h>

#include "backend/base/err.h"

struct vector_result {
	size_t tests;      /* all in the file: the sum of the rest */
	size_t agree;      /* our result is the one in the file */
	size_t differ;     /* it is not */
	size_t acceptable; /* ran, and either result would do */
	size_t skipped;    /* SHAKE, which crypto/rsa does not do */
};

/* Runs one file; *result is filled as far as it got. note (may be NULL) gets a clean line for each
 * difference and each group skipped. Differences are no failure of this function. False when the
 * file cannot be read or understood, or has no test: err names file and place. A file whose tests
 * were all skipped is true with agree, differ and acceptable 0: whether anything ran is for the
 * caller to judge over all its files. Blocks for up to seconds: use a worker. */
bool vectors_run(const char *path, struct vector_result *result,
	void (*note)(void *user, const char *line), void *user, struct err *err) MUST_CHECK;

#endif
