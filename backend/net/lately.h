/* Which hosts were asked last: whoever asks thousands of them once each is told from whoever asks
 * the same ones again and again. */
#ifndef CLAVIGER_NET_LATELY_H
#define CLAVIGER_NET_LATELY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LATELY = 64, LATELY_MS = 10000 };

/* All zero: none was. */
struct lately {
	struct {
		uint64_t host; /* hash */
		int64_t ms;    /* monotonic */
	} asked[LATELY];       /* the newest first, each host once */
	size_t len;
};

/* Notes that this host is asked now. False: it is none of the LATELY that were asked last, and more
 * than `many` others were asked within LATELY_MS. many is less than LATELY. */
bool lately_ask(struct lately *lately, const char *host, size_t many, int64_t now_ms);

#endif
