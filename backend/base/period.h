/* Periods as ISO 8601 writes them: P90D, P1Y6M, PT48H. Years and months are those of the calendar.
 */
#ifndef CLAVIGER_BASE_PERIOD_H
#define CLAVIGER_BASE_PERIOD_H

#include <stdbool.h>
#include <stdint.h>

struct period {
	int months, days;
	int64_t seconds; /* of the part behind T */
};

/* Whole numbers of at most four digits, each unit once and in order. False when it is none, or
 * nothing at all. */
bool period_parse(const char *text, struct period *out);

/* The time that long after t, seconds since the epoch. Of a month that is shorter the last day. */
int64_t period_after(int64_t t, const struct period *period);

#endif
