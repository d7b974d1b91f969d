/* Bytes with a cap: what comes from outside can never grow past what its reader allows. */
#ifndef CLAVIGER_BASE_BUF_H
#define CLAVIGER_BASE_BUF_H

#include <stddef.h>

#include "backend/base/err.h"

struct buf {
	char *data; /* NUL after the last byte; NULL while nothing was added */
	size_t len; /* bytes, without the NUL */
	size_t room, max;
};

/* max is the largest length in bytes. A zeroed struct buf has max 0: nothing fits. */
void buf_init(struct buf *buf, size_t max);

/* So many bytes are to come: makes room for all of them at once, where max allows it. */
void buf_expect(struct buf *buf, size_t len);

/* False, and nothing added, when it would pass max. */
bool buf_add(struct buf *buf, const void *bytes, size_t len) MUST_CHECK;
bool buf_adds(struct buf *buf, const char *s) MUST_CHECK;
bool buf_addf(struct buf *buf, const char *fmt, ...) PRINTF_LIKE(2, 3) MUST_CHECK;

/* Forgets the bytes but keeps the room; the bytes are zeroed. */
void buf_clear(struct buf *buf);

/* Zeroes and frees; the buf may be used again (max stays). */
void buf_free(struct buf *buf);

/* The text so far, "" while empty. Borrowed until the next change. */
const char *buf_text(const struct buf *buf);

#endif
