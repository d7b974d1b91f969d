/* A sandbox under Azure's own names behind its proxy, and a profile "hostile" of the real program
 * that somebody else's proxy may be put into. */
#ifndef CLAVIGER_FLOW_PUBLIC_H
#define CLAVIGER_FLOW_PUBLIC_H

#include "tests/flow/run.h"

struct public_sandbox {
	struct place place;
	char proxy[128], ca[4096]; /* what leads to it, and whom to trust there */
	pid_t server;
};

/* Also sets the environment that the program finds its credentials and folders by. */
void public_start(struct public_sandbox *sandbox);
void public_stop(struct public_sandbox *sandbox);

/* The profile goes over this proxy and trusts the servers of this process. */
void public_profile(const struct public_sandbox *sandbox, const char *proxy);

#endif
