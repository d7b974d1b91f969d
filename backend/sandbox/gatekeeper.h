/* Takes connections from the listening sockets, turns away whom the sandbox is not for, and hands
 * the rest on. */
#ifndef CLAVIGER_SANDBOX_GATEKEEPER_H
#define CLAVIGER_SANDBOX_GATEKEEPER_H

#include <sys/socket.h>

#include "backend/base/err.h"

struct gatekeeper;

struct gate_ops {
	/* Takes over fd. name is what a TLS client asked for, "" where nobody looked. */
	void (*hand_on)(
		void *user, int fd, const struct sockaddr *from, socklen_t len, const char *name);
	/* Whether names matter now: looking waits for the client's first bytes. */
	bool (*names_matter)(void *user);
	void *user;
};

/* Both sockets are taken over; tcp_fd may be -1. It runs a thread of its own. */
struct gatekeeper *gatekeeper_start(
	int unix_fd, int tcp_fd, const struct gate_ops *ops, struct err *err) MUST_CHECK;
void gatekeeper_stop(struct gatekeeper *keeper);

#endif
