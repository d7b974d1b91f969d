/* Replies to reads, kept for a minute: whoever says that an older one will do (request.shared) is
 * given it again. What a change is about is forgotten when it is sent and when it is answered. */
#ifndef CLAVIGER_NET_MEMO_H
#define CLAVIGER_NET_MEMO_H

#include "backend/net/request.h"

enum { MEMO_MS = 60000 };

struct memo;

struct memo *memo_new(void);
void memo_free(struct memo *memo);

/* The body that this URL was answered with not longer than MEMO_MS ago; NULL: none. Valid until the
 * next call. now_ms: monotonic. */
const struct buf *memo_find(struct memo *memo, const char *url, int64_t now_ms);

/* Keeps a copy of it. */
void memo_keep(struct memo *memo, const char *url, const struct buf *body, int64_t now_ms);

/* Forgets all that is known of the thing that the URL is about: a resource of ARM with what hangs
 * below it, or a whole vault. */
void memo_drop(struct memo *memo, const char *url);

#endif
