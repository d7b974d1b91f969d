/* Whether and when a request is sent again. Pure. Azure SDK guidelines: 408 429 500 502
 * 503 504 are worth another try; a change is repeated only when that is safe. */
#ifndef CLAVIGER_NET_RETRY_H
#define CLAVIGER_NET_RETRY_H

#include "backend/net/request.h"

/* How often one request is sent again; throttling is no failure and gets more patience. */
enum { RETRY_MAX = 4, RETRY_THROTTLED_MAX = 8 };

/* Milliseconds to wait before try number `tries`+1, or -1: give up. reply is NULL when the
 * exchange broke before a status came. jitter is 0..1. Retry-After is clamped to 1..120 s; without
 * it 0.8 s doubling, with jitter; after 429 1, 2, 4, 8, 16 s [Key Vault throttling guidance]. */
int retry_delay(const struct request *request, const struct reply *reply, int tries, double jitter);

#endif
