/* Claims challenges: a service wants a token that says more, or is newer (continuous access
 * evaluation). */
#ifndef CLAVIGER_AUTH_CLAIMS_H
#define CLAVIGER_AUTH_CLAIMS_H

#include "backend/base/err.h"

/* Whether a challenge (WWW-Authenticate of scheme Bearer; may be NULL) asks for claims. */
bool claims_asked(const char *challenge);

/* The JSON that it asks for, new (mem_zeroing_free); NULL with ERR_DENIED when it cannot be read.
 */
char *claims_read(const char *challenge, struct err *err) MUST_CHECK;

/* What a token request says: the claims asked for (JSON; NULL: none) and the capability cp1, new.
 */
char *claims_with_capability(const char *asked);

#endif
