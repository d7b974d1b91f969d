/* Who is at the other end of a loopback TCP connection: only processes of this user, or root's, may
 * use the sandbox. A Unix socket needs none of this: its folder is private. */
#ifndef CLAVIGER_SANDBOX_PEER_H
#define CLAVIGER_SANDBOX_PEER_H

#include <sys/socket.h>

#include "backend/base/err.h"

/* Whether the process that connected from `from` to `to` (IPv4 or IPv6 loopback, as accept and
 * getsockname give them) may. False too when it has gone or nobody can tell. */
bool peer_allowed(const struct sockaddr *from, const struct sockaddr *to);

/* The same for an accepted connection. */
bool peer_allowed_fd(int fd);

/* Whether this machine can tell at all; the error says what is missing. Connects to itself. */
bool peer_works(struct err *err) MUST_CHECK;

/* A loopback socket that listens: port 0 takes any; *port gets the one. -1: errno says why. */
int peer_listen(bool six, unsigned *port);

#endif
