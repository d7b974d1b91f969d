/* Runs with the calls that come in and with `ctl clock`: a sandbox that nobody asks need not do
 * anything. */
#include "backend/sandbox/service/due.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/log.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/rows/assignments.h"
#include "backend/sandbox/rows/keys.h"
#include "backend/sandbox/service/cmk.h"
#include "backend/sandbox/service/reach.h"

enum { DAY = 86400 };

static void
purge_expired(struct db *db, time_t now)
{
	db_do(db, "DELETE FROM vault WHERE deleted_at + retention * 86400 <= ?", "i", (int64_t)now);
	db_do(db,
		"DELETE FROM key WHERE deleted_at + 86400 *"
		" (SELECT retention FROM vault WHERE vault.id=key.vault) <= ?",
		"i", (int64_t)now);
}

/* Onto the newest usable version, when that is another one. The account is a copy; the lock is
 * not held. */
static bool
follow(struct world *world, struct arena *arena, struct account *a, time_t now)
{
	struct cmk_target target = {
		.kind = a->cmk_kind, .slash = a->cmk_slash, .mode = a->cmk_mode};
	struct cmk_refusal refusal;
	struct account *old = arena_alloc(arena, sizeof *old);
	struct secret key = {0};
	bool ok;

	*old = *a;
	memcpy(target.store, a->cmk_store, sizeof target.store);
	memcpy(target.key, a->cmk_key, sizeof target.key);
	memcpy(target.identity, a->cmk_identity, sizeof target.identity);
	memcpy(target.federated, a->cmk_federated, sizeof target.federated);
	db_lock(world->db);
	ok = cmk_check(world, arena, a, &target, now, &refusal);
	db_unlock(world->db);
	if (!ok || strcmp(target.version, a->cmk_version) == 0)
		return false;
	ok = cmk_open(world, arena, old, now, &key, &refusal) &&
	     cmk_close(world, a, &target, &key, (int64_t)now * 1000, &refusal);
	secret_free(&key);
	return ok;
}

/* One account that is due; writes the time of its next look in any case. False when none is. */
static bool
follow_next(struct world *world, struct arena *arena, time_t now)
{
	static const char find[] =
		"SELECT id FROM account WHERE cmk_due<=? ORDER BY cmk_due LIMIT 1";
	struct account *a = arena_alloc(arena, sizeof *a), *again = arena_alloc(arena, sizeof *a);
	struct db *db = world->db;
	sqlite3_stmt *stmt;
	int64_t id = 0;
	bool moved;

	db_lock(db);
	stmt = db_ask(db, find, "i", (int64_t)now);
	if (db_next(db, stmt)) {
		id = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
	}
	if (!id || !accounts_find_row(db, arena, id, a)) {
		db_unlock(db);
		return false;
	}
	db_unlock(db);
	moved = follow(world, arena, a, now);
	db_begin(db);
	if (moved && accounts_find_row(db, arena, id, again) && again->revision == a->revision)
		accounts_update(db, a);
	db_do(db, "UPDATE account SET cmk_due=? WHERE id=? AND cmk_due<=?", "iii",
		(int64_t)now + DAY, id, (int64_t)now);
	return db_commit(db);
}

void
due_run(struct world *world, bool forced)
{
	time_t now = vclock_now(&world->clock);
	int64_t last = atomic_load(&world->due_ran);
	struct arena *arena;

	if (forced)
		atomic_store(&world->due_ran, (int64_t)now);
	else if (last >= now ||
		 !atomic_compare_exchange_strong(&world->due_ran, &last, (int64_t)now))
		return;
	arena = arena_new();
	kv_rotate_due(world, now);
	db_begin(world->db);
	purge_expired(world->db, now);
	if (!db_commit(world->db))
		log_line("sandbox: what has expired cannot be purged");
	while (follow_next(world, arena, now))
		;
	arena_free(arena);
}

static bool
move_clock(struct world *world, int64_t seconds)
{
	char text[32];

	snprintf(text, sizeof text, "%lld",
		(long long)atomic_load(&world->clock.ahead) + (long long)seconds);
	db_begin(world->db);
	db_set_meta(world->db, "clock", text);
	if (!db_commit(world->db))
		return false;
	atomic_fetch_add(&world->clock.ahead, seconds);
	due_run(world, true);
	return true;
}

/* What was granted, recovered or taken away just before a leap takes effect in its first seconds,
 * and the services see it then: a Batch account's way back does not begin only behind the leap. */
bool
due_advance(struct world *world, int64_t seconds)
{
	int64_t first = seconds > ROLE_DELAY ? ROLE_DELAY : 0;

	due_run(world, true);
	reach_look_all(world);
	if (first) {
		if (!move_clock(world, first))
			return false;
		reach_look_all(world);
	}
	return move_clock(world, seconds - first);
}
