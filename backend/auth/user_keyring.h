/* The kernel's keyring of this user (keyrings(7)): memory of the kernel that outlives a process,
 * never a file, gone at its time-out and at the latest when the machine stops. */
#ifndef CLAVIGER_AUTH_USER_KEYRING_H
#define CLAVIGER_AUTH_USER_KEYRING_H

#include "backend/base/err.h"
#include "crypto/secret.h"

enum { USER_KEYRING_NAME_MAX = 320 };

/* Whether one can be used here, tried out; ERR_FAILED with the reason and what else there is. */
bool user_keyring_usable(struct err *err) MUST_CHECK;

/* Keeps a secret of at most 32 KiB under name for seconds, in the place of one before. */
bool user_keyring_put(const char *name, const struct secret *secret, unsigned seconds,
	struct err *err) MUST_CHECK;

/* ERR_NOT_FOUND when there is none (any more); other errors as user_keyring_usable. */
bool user_keyring_get(const char *name, struct secret *out, struct err *err) MUST_CHECK;

/* Whether there was one. */
bool user_keyring_drop(const char *name);

#endif
