/* An HTTP proxy on loopback that knows one method, CONNECT, and leads the names of every cloud to
 * the sandbox: a client with its built-in addresses then talks to nobody else. */
#ifndef CLAVIGER_SANDBOX_PROXY_H
#define CLAVIGER_SANDBOX_PROXY_H

#include "backend/base/err.h"

struct proxy;

/* Listens on a free port of 127.0.0.1 (or [::1] like the sandbox) and leads to the sandbox's port
 * there. It runs a thread of its own. */
struct proxy *proxy_start(bool six, unsigned sandbox_port, struct err *err) MUST_CHECK;

/* Breaks what is open. */
void proxy_stop(struct proxy *proxy);

unsigned proxy_port(const struct proxy *proxy);

#endif
