/* The control socket: one request a connection, words with tabs between, then the answer. */
#ifndef CLAVIGER_SANDBOX_CTL_H
#define CLAVIGER_SANDBOX_CTL_H

#include "backend/sandbox/call.h"

struct ctl;

/* Serves fd (taken over) with a thread of its own. */
struct ctl *ctl_start(struct world *world, int fd, struct err *err) MUST_CHECK;
void ctl_stop(struct ctl *ctl);

/* Asks the sandbox behind a control socket. */
bool ctl_ask(const char *socket, const char *const *words, size_t words_len, struct buf *out,
	struct err *err) MUST_CHECK;

#endif
