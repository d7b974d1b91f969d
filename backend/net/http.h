/* The one place that touches libcurl: single exchanges, many at once, never waiting by itself. */
#ifndef CLAVIGER_NET_HTTP_H
#define CLAVIGER_NET_HTTP_H

#include <poll.h>

#include "backend/net/request.h"

struct http; /* a set of connections */
struct exchange;

struct http_options {
	const char *ca_file;    /* PEM; NULL: the system's */
	const char *connect_to; /* where the bytes go: HOST:PORT or a socket; NULL: the URL's */
	const char *proxy;      /* NULL: HTTPS_PROXY and NO_PROXY of the environment */
};

typedef void exchange_done(void *user, struct reply *reply, const struct err *err);

struct http *http_new(const struct http_options *options, struct err *err) MUST_CHECK;
void http_free(struct http *http);

/* Starts one exchange: TLS >= 1.2 and verified, https only, no redirects, body and headers capped,
 * deadline. bearer (may be NULL) goes into the Authorization header and is zeroed after use.
 * done gets a reply of any status, or an err when there was none: it may steal from the reply. A
 * request that contains the mark of an unknown is refused with ERR_FAILED. */
struct exchange *http_start(struct http *http, const struct request *request, const char *bearer,
	int timeout_ms, exchange_done *done, void *user);

/* done will not be called any more. */
void http_cancel(struct exchange *exchange);

/* Moves every transfer, and calls done for those that ended. Returns how many ended. */
int http_perform(struct http *http);

/* Waits for transfers, the extra descriptors or http_wakeup, at most timeout_ms. */
void http_wait(struct http *http, struct pollfd *extra, size_t extra_len, int timeout_ms);
void http_wakeup(struct http *http);

#endif
