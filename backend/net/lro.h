/* Long-running operations. Pure: what the last reply means and what to ask next (ARM, asynchronous
 * operations). */
#ifndef CLAVIGER_NET_LRO_H
#define CLAVIGER_NET_LRO_H

#include "backend/net/request.h"

enum lro_state { LRO_NONE, LRO_POLL, LRO_FETCH, LRO_DONE, LRO_FAILED };

struct lro {
	enum lro_state state;
	char *url;       /* what to GET next: the newest Location or Azure-AsyncOperation; owned */
	char *resource;  /* the URL of the first request, to be read at the end; owned */
	int wait_ms;     /* before that GET */
	bool by_status;  /* polls Azure-AsyncOperation, whose body has a status */
	bool deletes;    /* a poll that finds nothing any more is the end */
	char status[64]; /* as Azure last put it: Updating; "": not said */
	int percent;     /* -1: not said */
};

/* Whether a resource's provisioningState (or Automation's state) says that nothing is under way.
 * "" is none, and final; what is not known to be final is not (ARM, provisioningState). */
bool lro_is_final(const char *state);

/* Takes the reply of a PUT, PATCH, POST or DELETE. LRO_NONE: the reply is the end. */
void lro_start(struct lro *lro, const struct request *request, const struct reply *reply);

/* Takes the reply of a poll. LRO_FAILED sets err from the body. */
void lro_next(struct lro *lro, const struct reply *reply, struct err *err);

/* Whether a poll that finds nothing (404) is the success of a DELETE. */
bool lro_is_gone(const struct lro *lro);

void lro_free(struct lro *lro);

#endif
