/* HTTPS on the Unix socket and, on request, on loopback TCP: one handler for both. */
#ifndef CLAVIGER_SANDBOX_SERVE_H
#define CLAVIGER_SANDBOX_SERVE_H

#include "backend/sandbox/call.h"
#include "backend/sandbox/state.h"

struct server;

/* cert and key are PEM texts, the leaf's before the CA's; state stays the caller's. Both
 * descriptors are taken over; tcp_fd may be -1. */
struct server *server_start(struct world *world, const struct state *state, int unix_fd, int tcp_fd,
	const char *cert, const char *key, struct err *err) MUST_CHECK;

/* Lets the calls that are under way end. */
void server_stop(struct server *server);

#endif
