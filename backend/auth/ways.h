/* The kinds of credential, one file each; credential.c puts them into the order in which they are
 * tried. */
#ifndef CLAVIGER_AUTH_WAYS_H
#define CLAVIGER_AUTH_WAYS_H

#include "backend/auth/credential.h"

extern const struct credential_kind credential_client_secret;

/* A variable of the environment into out; "" when it is not set. False with a reason when it is too
 * long. */
bool credential_variable(
	const char *name, char *out, size_t room, char reason[CREDENTIAL_REASON]) MUST_CHECK;

#endif
