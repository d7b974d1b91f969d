/* One HTTP request on its way to a reply, whoever reads the bytes: the server, or a test. */
#ifndef CLAVIGER_SANDBOX_EXCHANGE_H
#define CLAVIGER_SANDBOX_EXCHANGE_H

#include "backend/sandbox/fault.h"

struct exchange {
	struct arena *arena;
	struct call call;
	bool unknown_method, bad_header, too_long;
};

/* Texts are copied; url is the path, undecoded. Give it back with exchange_end. */
struct exchange *exchange_begin(struct world *world, const char *method, const char *url);
void exchange_end(struct exchange *x);

/* What came, in its order; value may be NULL. Of the headers that count once the first one does. */
void exchange_header(struct exchange *x, const char *name, const char *value);
void exchange_query(struct exchange *x, const char *name, const char *value);
void exchange_body(struct exchange *x, const void *bytes, size_t len);

/* The whole reply in x->call.reply, common headers and all. What is left to whoever sends it is
 * returned, with *number as fault_after gives it. */
enum fault_action exchange_answer(struct exchange *x, long *number);

#endif
