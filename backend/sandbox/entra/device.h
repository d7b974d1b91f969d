/* Sign-in of people: device codes, and the refresh tokens that follow. */
#ifndef CLAVIGER_SANDBOX_DEVICE_H
#define CLAVIGER_SANDBOX_DEVICE_H

#include "backend/sandbox/call.h"
#include "backend/sandbox/entra/form.h"

/* The token endpoint's answers to a poll and to a refresh token; tenant is an id. */
void device_poll(struct call *call, const struct form *form, const char *tenant, bool v2);
void device_refresh(struct call *call, const struct form *form, const char *tenant, bool v2);

/* Signs the operator of the code's tenant in by the code that a client shows; who gets the name.
 * ERR_NOT_FOUND: nobody waits with this code. */
bool device_approve(
	struct world *world, const char *user_code, char who[129], struct err *err) MUST_CHECK;

#endif
