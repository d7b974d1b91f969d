/* A sign-in by device code on its way, for the command and for the console: asks for a code, then
 * whether it was entered, until there is an end. */
#ifndef CLAVIGER_VIEWS_DEVICE_FLOW_H
#define CLAVIGER_VIEWS_DEVICE_FLOW_H

#include "backend/auth/device_code.h"
#include "backend/auth/login.h"
#include "backend/session/session.h"

/* What everybody must read before they enter a code. */
extern const char device_flow_warning[];

enum device_flow_state { FLOW_ASKING, FLOW_WAITING, FLOW_DONE, FLOW_FAILED };

struct device_flow {
	enum device_flow_state state;
	struct login_place place;
	struct device_code code;     /* from FLOW_WAITING on */
	time_t until;                /* when the code expires, by this machine's clock */
	struct device_person person; /* FLOW_DONE */
	struct err err;              /* FLOW_FAILED */

	struct session *session;
	void (*changed)(void *user); /* after each change of state */
	void *user;
	struct call *call;
	struct job *timer;
	int64_t until_ms;
};

/* Signs in where the session's profile says. */
bool device_flow_start(struct device_flow *flow, struct session *session,
	void (*changed)(void *user), void *user, struct err *err) MUST_CHECK;

/* Ends it, whatever its state, and forgets its secrets. */
void device_flow_stop(struct device_flow *flow);

#endif
