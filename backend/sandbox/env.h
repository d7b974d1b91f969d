/* What --print-env prints: where a client finds the sandbox, and by which names. */
#ifndef CLAVIGER_SANDBOX_ENV_H
#define CLAVIGER_SANDBOX_ENV_H

#include "backend/azure/cloud.h"
#include "backend/sandbox/sandbox.h"

struct env {
	const struct sandbox_access *access;
	unsigned port, proxy, pid; /* proxy 0: none */
	bool six;                  /* the ports are [::1]'s */
	const struct cloud *names; /* NULL: local names with the port */
};

/* Lines for a shell; the client secret comes last. */
bool env_print(const struct env *env, struct buf *out) MUST_CHECK;

#endif
