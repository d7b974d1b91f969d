/* An account's outermost key, used as the service does it: with the account's own identity and
 * real RSA. */
#ifndef CLAVIGER_SANDBOX_CMK_H
#define CLAVIGER_SANDBOX_CMK_H

#include "backend/sandbox/rows/accounts.h"
#include "crypto/secret.h"

/* Why a key cannot be used. Each service has its own status, code and words for a cause. */
enum cmk_cause {
	CMK_NO_IDENTITY,  /* the account has none, or the one named is gone */
	CMK_NO_STORE,     /* no vault or HSM of that name */
	CMK_OTHER_TENANT, /* and no way across */
	CMK_UNPROTECTED,  /* soft delete or purge protection is off */
	CMK_FIREWALL,     /* the vault's network rules keep the service out */
	CMK_DENIED,       /* the identity lacks permissions */
	CMK_NO_KEY,       /* no such key or version, or deleted */
	CMK_WRONG_KEY,    /* not RSA, or a size or store that the service does not take */
	CMK_UNUSABLE,     /* disabled, expired, not yet valid, operation not permitted */
	CMK_BROKEN,       /* the account key does not open: a defect */
};

struct cmk_refusal {
	enum cmk_cause cause;
	char message[600]; /* the cause spelt out */
};

/* A customer key that a change asks for; the second half is filled by cmk_check. */
struct cmk_target {
	enum store_kind kind;
	char store[25], key[128], version[33]; /* version "": the newest that can be used */
	bool slash;
	enum cmk_mode mode;
	char identity[ARMID_MAX]; /* of a user-assigned identity; "": the system's */
	char federated[37];       /* client id of an application, or "" */
	bool same_key; /* only who opens it changes: no rotation while the version stays */
	int64_t material;
};

/* Whether the account's identity may use the key for wrapping now. The lock must be held; account
 * carries the identities that it will have. */
bool cmk_check(struct world *world, struct arena *arena, const struct account *account,
	struct cmk_target *target, time_t now, struct cmk_refusal *refusal) MUST_CHECK;

/* Whether it may unwrap now with the key that it is on; *material gets the key's row. True for
 * Microsoft's keys. The lock must be held. */
bool cmk_usable(struct world *world, struct arena *arena, const struct account *account, time_t now,
	int64_t *material, struct cmk_refusal *refusal) MUST_CHECK;

/* Unwraps the account key with what protects it now. Takes no lock for RSA work; takes it to read.
 * Refused when the account is on a customer key that its identity cannot unwrap with. */
bool cmk_open(struct world *world, struct arena *arena, const struct account *account, time_t now,
	struct secret *out, struct cmk_refusal *refusal) MUST_CHECK;

/* The row of the key version that the account is on, asking nobody for rights and even when it is
 * deleted; 0 when it is purged or the account is on Microsoft's keys. The lock must be held. */
int64_t cmk_material(struct world *world, const struct account *account);

/* Unwraps the account key with the key of that row. For who has looked already. Takes the lock only
 * for a key that the ring does not hold yet. */
bool cmk_unwrap(struct world *world, const struct account *account, int64_t material,
	struct secret *out, struct cmk_refusal *refusal) MUST_CHECK;

/* Wraps the account key: under the target (RSA-OAEP-256, then unwrapped once and compared), or,
 * with NULL, under Microsoft's key. Writes the fields of account; the row is the caller's. */
bool cmk_close(struct world *world, struct account *account, const struct cmk_target *target,
	const struct secret *key, int64_t now_ms, struct cmk_refusal *refusal) MUST_CHECK;

/* A new account's keys: an account key under Microsoft's, a data key under the account key. */
bool cmk_start(struct world *world, struct account *account, struct err *err) MUST_CHECK;

/* The data key, opened with the account key: what the account's data is sealed with. */
bool cmk_data_key(const struct account *account, const struct secret *account_key,
	struct secret *out) MUST_CHECK;

#endif
