/* The sandbox's own time: the machine's clock plus what `ctl clock` has added. Due times, token
 * expiry and the Date header follow it; nothing here waits by it. */
#ifndef CLAVIGER_SANDBOX_VCLOCK_H
#define CLAVIGER_SANDBOX_VCLOCK_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "backend/base/err.h"

struct vclock {
	_Atomic int64_t ahead; /* seconds */
};

time_t vclock_now(struct vclock *clock);

/* Milliseconds, for the times that Azure shows with fractions. */
int64_t vclock_ms(struct vclock *clock);

/* "+24h", "+90m", "+7d", "+30s": seconds. The clock only goes forward. */
bool vclock_parse(const char *word, int64_t *seconds, struct err *err) MUST_CHECK;

/* RFC 9110: Sat, 21 Nov 2026 19:02:03 GMT. Returns out. */
char *vclock_http(time_t t, char out[32]);

#endif
