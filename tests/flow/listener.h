/* A place on this machine that says one thing to whoever comes, over plain HTTP, and remembers what
 * it heard: a metadata service, or a proxy that nobody may ask. */
#ifndef CLAVIGER_FLOW_LISTENER_H
#define CLAVIGER_FLOW_LISTENER_H

#include <pthread.h>
#include <stdatomic.h>

struct listener {
	int fd, port;
	pthread_t thread;
	const char *says; /* a whole reply */
	char heard[4096]; /* the last request's head */
	_Atomic int connections;
};

void listener_start(struct listener *listener, const char *says);
void listener_stop(struct listener *listener);

#endif
