/* Reading the journal, which may be long, for whoever may wait: a worker reads it while the loop
 * turns. What is short is read at once. */
#ifndef CLAVIGER_PLANS_RECALL_H
#define CLAVIGER_PLANS_RECALL_H

#include "backend/journal/operation.h"

struct loop;

/* Whether a journal can be read between a key and the frame that answers it. */
bool recall_is_short(const char *dir);

/* As operation_find, operation_take and operation_search; ERR_CANCELLED when the work beside the
 * loop was given up meanwhile. */
bool recall_find(struct loop *loop, const char *dir, const char *id, struct operation *out,
	struct err *err) MUST_CHECK;
bool recall_take(struct loop *loop, struct journal *journal, const char *dir, const char *id,
	struct operation *out, struct err *err) MUST_CHECK;
bool recall_search(struct loop *loop, const char *dir, const char *of, const char *subject,
	struct operations *out, struct err *err) MUST_CHECK;

#endif
