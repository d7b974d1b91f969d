/* What went over the wire last, for --verbose, the console's wire view and the support bundle. What
 * is kept of an exchange is a structure that has no place for a secret: no header, no value of a
 * query, no body of a sign-in, and of a reply only what an error says. */
#ifndef CLAVIGER_WIRE_H
#define CLAVIGER_WIRE_H

#include <jansson.h>

#include "backend/net/request.h"

enum { WIRE_ROOM = 500 };

struct wire;

struct wire_exchange {
	unsigned long number; /* 1 for the first of the session */
	time_t at;            /* wall time of the answer */
	enum http_method method;
	bool changes;
	int tries;               /* 1: the first */
	int status;              /* 0: no answer */
	char *texts;             /* owned: the eight that follow, one behind the other */
	const char *host;        /* clean, with a port unless 443; "" when there is none to trust */
	const char *path;        /* clean, without query */
	const char *query;       /* clean names; the value of api-version alone; "" if none */
	const char *audience;    /* whom the token was for; "": a sign-in, which sends none */
	const char *error;       /* our code, when there was no answer; "" */
	const char *azure_error; /* Azure's code, or Entra's AADSTS number; "" if none */
	const char *request_id;  /* x-ms-request-id, "" if none */
	const char *correlation; /* x-ms-correlation-request-id, "" if none */
	int64_t wait_us;         /* for a token and a place in the gate */
	int64_t connect_us;      /* name, TCP and TLS; 0 on a connection that was there */
	int64_t answer_us;       /* from the first byte out to the last one in */
	size_t sent, received;   /* bytes of the bodies */
	char *body;  /* of a change, as sent but for secret values; NULL: none kept; owned */
	char *reply; /* of an error, its known members; NULL: none kept; owned */
};

/* What the call knows besides request and reply. */
struct wire_call {
	const char *audience;
	int tries;
	int64_t wait_us, took_us; /* took_us: since it was sent, for what has no reply */
};

struct wire *wire_new(void);
void wire_free(struct wire *wire);

/* Keeps one exchange in the place of the oldest; exactly one of reply and err is given. The result
 * is borrowed until WIRE_ROOM further ones came. */
const struct wire_exchange *wire_add(struct wire *wire, const struct request *request,
	const struct reply *reply, const struct err *err, const struct wire_call *call);

/* grown(user) is called after each exchange; NULL: no more. */
void wire_on_add(struct wire *wire, void (*grown)(void *user), void *user);

/* How many there were in all, and how many are kept. */
unsigned long wire_count(const struct wire *wire);
size_t wire_len(const struct wire *wire);

/* The one at place i, 0 to wire_len - 1. An exchange keeps its place until a newer one takes it;
 * places are in no order of time. */
const struct wire_exchange *wire_at(const struct wire *wire, size_t i);

/* https://HOST/PATH?QUERY as far as it is kept: a value that is not stands as an ellipsis. */
bool wire_url(const struct wire_exchange *exchange, struct buf *out) MUST_CHECK;

/* All of it as an object, new. */
json_t *wire_json(const struct wire_exchange *exchange);

/* Blots the secret out of a reply that repeats it, as debugging servers and proxies do. */
void wire_blot(struct reply *reply, const void *secret, size_t len);

/* The same for what proves a sign-in, in the form that was sent: as it stands there. */
void wire_blot_form(struct reply *reply, const char *form);

#endif
