/* Which way to sign in is taken, and why each one before it is not. Whether some ways are there at
 * all only a try tells, so the choice goes on from one to the next until one answers. */
#ifndef CLAVIGER_AUTH_CHOICE_H
#define CLAVIGER_AUTH_CHOICE_H

#include "backend/auth/credential.h"

struct choice {
	enum { CHOICE_NONE, CHOICE_TRIED, CHOICE_MADE } state;
	size_t at; /* number in credential_kinds of the one that is tried or taken */
	char (*reasons)[CREDENTIAL_REASON]; /* by number; "" where it was not skipped */
};

void choice_free(struct choice *choice);

/* Takes a credential that was found elsewhere. */
void choice_take(struct choice *choice, const struct credential *credential);

/* The next kind that offers itself; the first one at first, and after there was none. ERR_DENIED,
 * code "NoCredential", names the remedy and the reasons when there is none left. */
bool choice_next(struct choice *choice, const struct credential_wish *wish, struct credential *out,
	struct err *err) MUST_CHECK;

/* What was tried is not there: gives the credential back and remembers why. */
void choice_skip(struct choice *choice, struct credential *credential, const char *reason);

/* Why kind number i was skipped; NULL: it was not. */
const char *choice_reason(const struct choice *choice, size_t i);

#endif
