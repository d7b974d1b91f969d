/* New versions of a key in the shape of its newest one, by hand or by its rotation policy. */
#ifndef CLAVIGER_SANDBOX_ROTATE_H
#define CLAVIGER_SANDBOX_ROTATE_H

#include "backend/sandbox/kv/kv.h"

/* A rotation policy is kept as {"lifetimeActions":[...],"expiryTime","created","updated"}; text "":
 * none was ever set. NULL then. */
json_t *rotate_policy(struct db *db, struct arena *arena, int64_t key);

/* Writes down when the policy of a living key asks for its next version, not before `earliest`. The
 * lock must be held, within db_begin. */
void rotate_plan(
	struct db *db, struct arena *arena, int64_t vault, const char *name, int64_t earliest);

/* Adds made as the version that follows newest, created then; it expires as the policy says. Fills
 * out. Within db_begin. */
void rotate_add(struct db *db, struct arena *arena, int64_t vault, const struct key_version *newest,
	const struct kv_made *made, int64_t created, struct key_version *out);

#endif
