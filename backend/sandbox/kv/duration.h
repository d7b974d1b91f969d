/* Durations of ISO 8601 as rotation policies write them: P90D, P3M, PT48H, P1Y10D. */
#ifndef CLAVIGER_SANDBOX_DURATION_H
#define CLAVIGER_SANDBOX_DURATION_H

#include <stdint.h>

#include "backend/base/err.h"

struct duration {
	int months, days;
	int64_t seconds;
};

/* Whole numbers of at most four digits; at least one part. */
bool duration_parse(const char *text, struct duration *out) MUST_CHECK;

/* A time so much later (or, with back, earlier); months by the calendar, where a day that the month
 * does not have becomes its last. 0 for a time before the year 0. */
int64_t duration_after(int64_t t, const struct duration *d);
int64_t duration_before(int64_t t, const struct duration *d);

#endif
