/* The embedded sandbox: a real HTTPS server with real RSA that behaves like Azure. This header is
 * all that the rest of the program sees of it. Its bodies come from the published API documents,
 * never from the client's code. */
#ifndef CLAVIGER_SANDBOX_H
#define CLAVIGER_SANDBOX_H

#include <limits.h>
#include <stddef.h>

#include "backend/base/buf.h"
#include "backend/base/err.h"

struct call;
struct sandbox;

/* What a client needs to reach a sandbox. The strings stay valid until sandbox_close. */
struct sandbox_access {
	char socket[108];       /* Unix socket that carries the bytes */
	char ca_file[PATH_MAX]; /* PEM of the private CA */
	char tenant[37];
	char subscription[37];  /* the first one: Production */
	char client_id[37];     /* the operator's application */
	char client_secret[64]; /* 0600 in the state directory; never printed by the console */
};

struct sandbox_options {
	const char *state; /* directory; NULL: a fresh temporary one, removed on close */
	const char *seed;  /* "demo", "empty", "fleet:N"; NULL: keep what is there, else demo */
	const char
		*listen; /* "127.0.0.1:PORT" in addition to the socket; NULL: none. PORT 0: any */
	/* whose names clients use: local, public, china or usgov; all but local (NULL) open a proxy
	 * and listen on any port where listen is NULL */
	const char *names;
	const char *const *fault; /* fault specifications */
	size_t fault_len;
	/* For tests of what goes over the wire: runs after each reply of this process, in the
	 * connection's own thread; call (call.h) lives until it returns. NULL: nobody looks. */
	void (*observe)(void *observer, const struct call *call);
	void *observer;
	long lro;      /* seconds that long-running operations take; 0: none */
	bool throttle; /* Azure's limits hold */
};

/* Joins the sandbox that already serves options->state, or serves it within this process, holding
 * a lock there. One that has joined serves as soon as the other is gone, however that ended: on the
 * same socket, but without port, names, faults, lro and throttle. Errors name what is in the way:
 * another seed, foreign modes, a path too long. */
struct sandbox *sandbox_open(const struct sandbox_options *options, struct err *err) MUST_CHECK;
void sandbox_close(struct sandbox *sandbox);

const struct sandbox_access *sandbox_access(const struct sandbox *sandbox);

/* Whether this process is the one that serves. */
bool sandbox_serves(const struct sandbox *sandbox);

/* The loopback port of this process, 0 when it does not listen. */
unsigned sandbox_port(const struct sandbox *sandbox);

/* The --print-env block: export NAME='value' lines, CLAVIGER_CLIENT_SECRET last. */
bool sandbox_print_env(const struct sandbox *sandbox, struct buf *out, struct err *err) MUST_CHECK;

/* `claviger sandbox ctl`: words such as {"clock", "+24h"}, {"fault", SPEC}, {"dump"}; the answer is
 * text for stdout. Talks to the sandbox that serves state. */
bool sandbox_ctl(const char *state, const char *const *words, size_t words_len, struct buf *out,
	struct err *err) MUST_CHECK;

/* Checks a fault specification without starting anything; the error explains the grammar. */
bool sandbox_fault_check(const char *spec, struct err *err) MUST_CHECK;

/* One page on the grammar of faults and seeds, for --help and the manual. */
extern const char sandbox_help[];

/* The demo estate and its planted defects, for `claviger help demo`. */
extern const char sandbox_demo_help[];

#endif
