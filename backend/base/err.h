/* What went wrong, by value. The kind decides the exit code; Azure's code, message and request id
 * travel unchanged from the reply to the status line, the JSON output and the journal. */
#ifndef CLAVIGER_BASE_ERR_H
#define CLAVIGER_BASE_ERR_H

#include <stdbool.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define MUST_CHECK __attribute__((warn_unused_result))

enum err_kind {
	ERR_NONE,
	ERR_FAILED,      /* it was tried and did not work */
	ERR_USAGE,       /* the words of the call are wrong */
	ERR_NOT_FOUND,   /* no such account, vault, key */
	ERR_DENIED,      /* 401, 403, read-only */
	ERR_REFUSED,     /* preflight, conflict, precondition changed */
	ERR_UNAVAILABLE, /* throttled or unavailable after retries */
	ERR_JOURNAL,     /* the journal cannot be written: nothing was sent */
	ERR_PARKED,      /* stopped on purpose, can go on later */
	ERR_CANCELLED,   /* SIGINT */
};

struct err {
	enum err_kind kind;
	int http;            /* HTTP status, 0 if none */
	char code[64];       /* Azure's or our code, "" if none */
	char msg[400];       /* one line, sanitised, names the place and the remedy */
	char request_id[64]; /* x-ms-request-id, "" if none */
	bool unsure;         /* a change was sent, and how it ended was not told */
};

/* Fills err (which may be NULL) and returns false, so that a failure is one line. */
bool err_set(struct err *err, enum err_kind kind, const char *code, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

/* Puts "what: " before the message that is there; keeps everything else. Returns false. */
bool err_prefix(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The process exit code for a kind (README, exit codes); 0 for ERR_NONE. */
int err_exit(enum err_kind kind);

#endif
