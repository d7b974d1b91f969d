/* Whether one HTTP exchange is what an operation's document says. */
#ifndef CLAVIGER_TESTS_SPEC_OPENAPI_H
#define CLAVIGER_TESTS_SPEC_OPENAPI_H

#include "tests/spec/schema.h"

struct openapi_pair {
	const char *name, *value; /* decoded */
};

struct openapi_exchange {
	const char *method, *path; /* undecoded, without the query */
	const struct openapi_pair *query;
	size_t query_len;
	const json_t *body; /* NULL: none */
	unsigned status;
	const json_t *reply; /* NULL: none, or no JSON */
	bool text;           /* the reply has a body that is no JSON */
};

/* The service's folder below the specification root and the operation that answers the call; a
 * vault's or HSM's own host when data_plane. NULL when no document has it. */
const char *openapi_folder(const char *path, bool data_plane);

/* Parameters of path and query, and the body. Reports are at "path.NAME", "query.NAME" and
 * "request...". */
void openapi_request(struct check *check, const struct operation *op,
	const struct bindings *bindings, const struct openapi_exchange *x);

/* Status and body; reports are at "status" and "reply...". An error must have the form that the
 * operation documents or the one of the resource manager, which answers for every provider. */
void openapi_reply(
	struct check *check, const struct operation *op, const struct openapi_exchange *x);

#endif
