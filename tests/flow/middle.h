/* A server under Azure's names that passes every request on to a sandbox and may tamper with what
 * comes back: the hostile host, with everything else as it should be. */
#ifndef CLAVIGER_FLOW_MIDDLE_H
#define CLAVIGER_FLOW_MIDDLE_H

#include "tests/unit/tls_server.h"

struct middle;

struct middle_reply {
	char host[256]; /* that the request named */
	int status;
	char headers[4096]; /* lines that the client reads, with \r\n at each end */
	char *body;         /* from malloc, to be replaced with one from malloc */
};

/* On a thread of its own for each connection. */
typedef void middle_tamper(
	void *user, const struct tls_request *request, struct middle_reply *reply);

/* proxy and ca are those that the sandbox printed. tamper may change between two runs only. */
struct middle *middle_start(const char *proxy, const char *ca);
void middle_set(struct middle *middle, middle_tamper *tamper, void *user);
void middle_stop(struct middle *middle);
int middle_port(const struct middle *middle);

/* The names that it has a certificate for, NULL-ended. */
extern const char *const middle_names[];

#endif
