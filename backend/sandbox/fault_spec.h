/* One fault as it is written. */
#ifndef CLAVIGER_SANDBOX_FAULT_SPEC_H
#define CLAVIGER_SANDBOX_FAULT_SPEC_H

#include "backend/sandbox/fault.h"

enum { FAULT_PATTERN = 256, FAULT_TEXT = 128 };

enum fault_retry { RETRY_NONE, RETRY_SECONDS, RETRY_DATE, RETRY_MS, RETRY_X_MS };

enum fault_lro { LRO_FAILS, LRO_CANCELED, LRO_NEVER, LRO_ELSEWHERE };

struct fault {
	char spec[FAULT_PATTERN + FAULT_TEXT + 64];
	char method[8], glob[FAULT_PATTERN];
	enum fault_action action;
	unsigned status;
	enum fault_retry retry;
	long number;           /* of the retry header; milliseconds, seconds of skew, mebibytes */
	char text[FAULT_TEXT]; /* path of a value in the reply, content type, or host */
	int word;              /* enum fault_lro or fault_cert */
	long left;             /* -1: for ever */
	struct fault *next;
};

/* The error names the column and the grammar. */
bool fault_parse(struct fault *fault, const char *spec, struct err *err) MUST_CHECK;

#endif
