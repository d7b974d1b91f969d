/* One change of an account, all of it or nothing: what all services do alike. */
#ifndef CLAVIGER_SANDBOX_CHANGE_H
#define CLAVIGER_SANDBOX_CHANGE_H

#include "backend/sandbox/service/cmk.h"

/* What a body wants of the outermost key. */
enum wish { WISH_KEEP, WISH_PLATFORM, WISH_CUSTOMER };

struct account_wish {
	enum wish wish;
	struct cmk_target target; /* of WISH_CUSTOMER */
};

/* A provider's part. */
struct account_change {
	/* The body onto account, in memory only. Answers and is false when the body is wrong. Runs
	 * again when the row has moved on meanwhile. Takes the lock itself where it needs it. */
	bool (*apply)(struct call *call, struct account *account, struct account_wish *wish);

	/* Answers a refusal in the provider's words. */
	void (*refuse)(struct call *call, const struct cmk_refusal *refusal);

	/* Every change needs the key that the account is on, as with Batch. */
	bool needs_key;
};

/* The change onto the stored account, which is read again into account. The wrapping is done
 * without the database's lock. Answers and is false when it is refused: nothing is changed then. */
bool change_account(
	struct call *call, const struct account_change *change, struct account *account) MUST_CHECK;

/* The same for an account that is not stored yet: gives it keys, under Microsoft's or at once under
 * the customer's. The caller inserts the row. */
bool change_new(
	struct call *call, const struct account_change *change, struct account *account) MUST_CHECK;

#endif
