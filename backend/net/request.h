/* One HTTP request and its reply, as values that plans build and read. */
#ifndef CLAVIGER_NET_REQUEST_H
#define CLAVIGER_NET_REQUEST_H

#include <stdint.h>
#include <time.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"

enum http_method { HTTP_GET, HTTP_HEAD, HTTP_PUT, HTTP_POST, HTTP_PATCH, HTTP_DELETE };

/* Whom the token of a request is for; AUDIENCE_NONE sends none (sign-in itself). */
enum audience {
	AUDIENCE_NONE,
	AUDIENCE_ARM,
	AUDIENCE_VAULT,
	AUDIENCE_HSM,
	AUDIENCE_GRAPH,
	AUDIENCE_BLOB
};

struct request {
	enum http_method method;
	enum audience audience;
	char *url;       /* whole, https; owned */
	char *body;      /* JSON or form; NULL: none; owned */
	bool form;       /* body is application/x-www-form-urlencoded */
	bool changes;    /* it changes something: refused when read-only, never repeated blindly */
	bool repeatable; /* a change that may be sent twice with the same effect (PUT of a state) */
	bool shared;     /* a read: what another one was told in the last minute will do (memo.h) */
	bool local; /* managed identity: http may do, this machine or its link only, no proxy */
	char tenant[64]; /* whose token, by the name that the profile has for it; "" : by the URL */
	char *header;    /* one header more, "Name: value"; NULL: none; owned, zeroed when freed */
	int deadline_ms; /* for the whole exchange with retries; 0: 60,000 */
};

/* The mark that a preview puts where a value is not known yet: ‹principalId, from step identity›.
 * Nothing that contains it is ever sent. */
#define REQUEST_UNKNOWN_OPEN "\xe2\x80\xb9"
#define REQUEST_UNKNOWN_CLOSE "\xe2\x80\xba"

struct reply {
	int status;
	struct buf body;         /* at most 8 MiB */
	char request_id[64];     /* x-ms-request-id, or request-id */
	char correlation_id[64]; /* x-ms-correlation-request-id */
	char error_code[64];     /* x-ms-error-code: all that Storage says of an error to a HEAD */
	char *location;          /* Location; NULL: none */
	char *operation;         /* Azure-AsyncOperation; NULL: none */
	char *challenge;         /* WWW-Authenticate, the first of scheme Bearer; NULL: none */
	int retry_after_s;       /* clamped to 0..3600; -1: none */
	time_t date;             /* Date header; 0: none */
	long remaining;          /* the least of all limits that it names; -1: none */
	int resets_after_s;      /* x-ms-user-quota-resets-after, at most 3600; -1: none */
	int64_t us;              /* from the first byte out to the last byte in */
	int64_t connect_us; /* name, TCP and TLS before that; 0 on a connection that was there */
};

const char *http_method_name(enum http_method method);

enum { REQUEST_HOST = 200 };

/* Whether it may be put on the wire: an address that can be trusted, nothing that is not known yet
 * (ERR_FAILED, code "UnknownValue"), no letters that would end a header. host gets the URL's. */
bool request_fit(const struct request *request, const char *bearer, char host[REQUEST_HOST],
	struct err *err) MUST_CHECK;

/* Deep copy and release. */
void request_copy(struct request *to, const struct request *from);
void request_free(struct request *request);
void reply_free(struct reply *reply);

/* name=value pairs of a form, percent-encoded: appended to out, with & where needed. */
bool http_form_add(struct buf *form, const char *name, const char *value) MUST_CHECK;

#endif
