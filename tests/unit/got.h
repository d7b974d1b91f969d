/* Single exchanges for the tests of the HTTP layer. */
#ifndef CLAVIGER_TEST_GOT_H
#define CLAVIGER_TEST_GOT_H

#include "backend/net/http.h"
#include "tests/unit/tls_server.h"

/* What came: a reply, which the test frees, or an error. */
struct got {
	bool done;
	struct reply reply;
	struct err err;
};

struct http *got_client(const struct http_options *options);
struct got got_ask(
	struct http *http, const struct request *request, const char *bearer, int timeout_ms);

/* One GET of management.azure.com, led to a server with this handler. */
struct got got_from(tls_handler *handler, int timeout_ms);

/* A handler that answers 200 with every header that anybody reads. */
bool got_answer(void *user, struct tls_conn *conn, const struct tls_request *request);

#endif
