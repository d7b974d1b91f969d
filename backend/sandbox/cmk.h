/* The switch of an account's outermost key, done as the service does it: with the account's own
 * identity and real RSA. */
#ifndef CLAVIGER_SANDBOX_CMK_H
#define CLAVIGER_SANDBOX_CMK_H

#include "backend/sandbox/accounts.h"
#include "crypto/secret.h"

/* A refusal: the reply's status, code and message. */
struct cmk_refusal {
	unsigned status;
	const char *code;
	char message[600];
};

/* A customer key that the checks have passed. */
struct cmk_target {
	char vault[25], key[128], version[33];
	bool slash;
	int64_t material;
};

/* Whether the account's identity may use the key for wrapping now. The lock must be held; account
 * carries the identity that it will have. vault_tenant is compared with the account's tenant. */
bool cmk_check(struct world *world, struct arena *arena, const struct account *account,
	struct cmk_target *target, time_t now, struct cmk_refusal *refusal) MUST_CHECK;

/* Unwraps the account key with what protects it now. Takes no lock for RSA work; takes it to read.
 * Refused when the account is on a customer key that its identity cannot unwrap with. */
bool cmk_open(struct world *world, struct arena *arena, const struct account *account, time_t now,
	struct secret *out, struct cmk_refusal *refusal) MUST_CHECK;

/* Wraps the account key: under the target (RSA-OAEP-256, then unwrapped once and compared), or,
 * with NULL, under Microsoft's key. Writes the fields of account; the row is the caller's. */
bool cmk_close(struct world *world, struct account *account, const struct cmk_target *target,
	const struct secret *key, struct cmk_refusal *refusal) MUST_CHECK;

/* A new account's keys: an account key under Microsoft's, a data key under the account key. */
bool cmk_start(struct world *world, struct account *account, struct err *err) MUST_CHECK;

#endif
