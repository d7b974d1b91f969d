/* The wrapping itself runs without the database's lock, on a copy of the row: when somebody else
 * wrote the row meanwhile, the whole change is done again on the new one. */
#include "backend/sandbox/service/change.h"

#include <string.h>

#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"

enum { TRIES = 16 };
enum outcome { CHANGED, REFUSED, AGAIN };

static bool
checked(struct call *call, const struct account *a, struct cmk_target *target,
	struct cmk_refusal *refusal)
{
	bool ok;

	db_lock(call->world->db);
	ok = cmk_check(call->world, call->arena, a, target, call->now, refusal);
	db_unlock(call->world->db);
	return ok;
}

/* Takes the account key out of its old wrapping: as the old identity or, where that is gone, as the
 * one that the account will have (recorded: Storage moves from an identity that it has lost to
 * another one). */
static bool
opened(struct call *call, const struct account *old, const struct account *a,
	const struct cmk_target *target, struct secret *key, struct cmk_refusal *refusal)
{
	struct account *as_new;
	struct cmk_refusal ignored;

	if (cmk_open(call->world, call->arena, old, call->now, key, refusal))
		return true;
	if (!target || refusal->cause != CMK_NO_IDENTITY)
		return false;
	as_new = arena_alloc(call->arena, sizeof *as_new);
	*as_new = *old;
	as_new->users = a->users;
	memcpy(as_new->principal, a->principal, sizeof a->principal);
	memcpy(as_new->cmk_identity, target->identity, sizeof target->identity);
	memcpy(as_new->cmk_federated, target->federated, sizeof target->federated);
	return cmk_open(call->world, call->arena, as_new, call->now, key, &ignored);
}

/* From the old wrapping into the new one. */
static bool
rewrapped(struct call *call, const struct account *old, struct account *a,
	const struct cmk_target *target, struct cmk_refusal *refusal)
{
	int64_t now_ms = vclock_ms(&call->world->clock);
	struct secret key = {0};
	bool ok = opened(call, old, a, target, &key, refusal) &&
		  cmk_close(call->world, a, target, &key, now_ms, refusal);

	secret_free(&key);
	return ok;
}

static bool
still_usable(struct call *call, const struct account *a, struct cmk_refusal *refusal)
{
	int64_t material;
	bool ok;

	db_lock(call->world->db);
	ok = cmk_usable(call->world, call->arena, a, call->now, &material, refusal);
	db_unlock(call->world->db);
	return ok;
}

/* The key as it is wished for, onto the copy. */
static bool
take_key(struct call *call, const struct account *old, struct account *a, struct account_wish *wish,
	struct cmk_refusal *refusal)
{
	switch (wish->wish) {
	case WISH_KEEP:
		return true;
	case WISH_PLATFORM:
		return !old->cmk_store[0] || rewrapped(call, old, a, NULL, refusal);
	case WISH_CUSTOMER:
		return checked(call, a, &wish->target, refusal) &&
		       rewrapped(call, old, a, &wish->target, refusal);
	}
	return false;
}

/* Writes the changed copy unless the row or the key moved on since it was read. What the service
 * has seen of a key that stays does not count as that, and is kept. */
static enum outcome
store(struct call *call, const struct account_change *change, struct account *a,
	struct account_wish *wish)
{
	struct account *now = arena_alloc(call->arena, sizeof *now);
	struct db *db = call->world->db;
	struct cmk_refusal refusal;

	a->modified_ms = vclock_ms(&call->world->clock);
	db_begin(db);
	if (!accounts_find_row(db, call->arena, a->id, now) || now->revision != a->revision) {
		db_rollback(db);
		return AGAIN;
	}
	if (wish->wish == WISH_CUSTOMER &&
		!cmk_check(call->world, call->arena, a, &wish->target, call->now, &refusal)) {
		db_rollback(db);
		change->refuse(call, &refusal);
		return REFUSED;
	}
	if (wish->wish == WISH_KEEP) {
		a->dark = now->dark;
		a->checked_at = now->checked_at;
		a->changed_at = now->changed_at;
	}
	accounts_update(db, a);
	if (db_commit(db))
		return CHANGED;
	reply_broken(call);
	return REFUSED;
}

static enum outcome
try_change(struct call *call, const struct account_change *change, struct account *a)
{
	struct account *old = arena_alloc(call->arena, sizeof *old);
	struct account_wish wish = {0};
	struct cmk_refusal refusal;

	*old = *a;
	if (!change->apply(call, a, &wish))
		return REFUSED;
	if ((change->needs_key && !still_usable(call, old, &refusal)) ||
		!take_key(call, old, a, &wish, &refusal)) {
		change->refuse(call, &refusal);
		return REFUSED;
	}
	return store(call, change, a, &wish);
}

bool
change_account(struct call *call, const struct account_change *change, struct account *a)
{
	for (int i = 0; i < TRIES; i++) {
		enum outcome outcome = try_change(call, change, a);
		int64_t id = a->id;
		bool found;

		if (outcome != AGAIN)
			return outcome == CHANGED;
		db_lock(call->world->db);
		found = accounts_find_row(call->world->db, call->arena, id, a);
		db_unlock(call->world->db);
		if (!found) {
			arm_refuse_missing(call, accounts_type(a->service), a->group_name, a->name);
			return false;
		}
	}
	reply_error(call, 409, "Conflict",
		"The account is being changed by other requests; try again.");
	return false;
}

bool
change_new(struct call *call, const struct account_change *change, struct account *a)
{
	struct account *old = arena_alloc(call->arena, sizeof *old);
	struct account_wish wish = {0};
	struct cmk_refusal refusal;
	struct err err;

	if (!change->apply(call, a, &wish))
		return false;
	if (!cmk_start(call->world, a, &err)) {
		reply_broken(call);
		return false;
	}
	*old = *a;
	if (take_key(call, old, a, &wish, &refusal))
		return true;
	change->refuse(call, &refusal);
	return false;
}
