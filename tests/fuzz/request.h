/* The text of a request, as a file of the corpus holds it: request line, headers, a blank line and
 * the body, which is all that is left. Lines end in a newline with or without a carriage return. */
#ifndef CLAVIGER_TESTS_FUZZ_REQUEST_H
#define CLAVIGER_TESTS_FUZZ_REQUEST_H

#include "backend/sandbox/exchange.h"

/* Between the requests of one input. */
enum { REQUEST_END = 0x1e, REQUEST_HEADERS = 64, REQUEST_ARGUMENTS = 48 };

struct request {
	const char *method, *path;
	struct pair query[REQUEST_ARGUMENTS], headers[REQUEST_HEADERS];
	size_t query_len, headers_len;
	const char *body;
	size_t body_len;
	long clock, lro; /* X-Clock: seconds that the clock goes on before; X-Lro: as --lro */
};

/* Cuts text (len bytes and a NUL after them) to pieces; false where a server of HTTP would refuse
 * before anybody else sees the request. */
bool request_read(struct request *out, char *text, size_t len) MUST_CHECK;

/* The exchange of it in a world, not yet answered; a request that brings no authorization gets the
 * operator's. */
struct exchange *request_begin(const struct request *request, struct world *world);

#endif
