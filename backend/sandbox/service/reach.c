/* What a service has seen is kept with the account: dark and since when. A look costs two or three
 * statements and no RSA. */
#include "backend/sandbox/service/reach.h"

#include <stdio.h>
#include <stdlib.h>

#include "backend/base/log.h"

/* Unless the account has moved on to another key since it was read. */
static void
write_down(struct db *db, const struct account *a)
{
	db_do(db, "UPDATE account SET dark=?, checked_at=?, changed_at=? WHERE id=? AND revision=?",
		"iiiii", (int64_t)a->dark, a->checked_at, a->changed_at, a->id, a->revision);
}

/* The lock must be held. */
static bool
look(struct world *world, struct arena *arena, struct account *a, time_t now,
	struct cmk_refusal *refusal)
{
	int64_t material;
	bool usable = cmk_usable(world, arena, a, now, &material, refusal);

	a->checked_at = now;
	if (a->dark == usable) {
		a->dark = !usable;
		a->changed_at = now;
	}
	write_down(world->db, a);
	return usable;
}

static bool
coming_back(const struct account *a, time_t now)
{
	return a->service == SERVICE_BATCH && a->changed_at &&
	       now < a->changed_at + REACH_BATCH_BACK;
}

bool
reach_data(struct world *world, struct arena *arena, struct account *a, time_t now,
	struct cmk_refusal *refusal)
{
	bool open = true;

	if (!a->cmk_store[0])
		return true;
	refusal->cause = CMK_UNUSABLE;
	snprintf(refusal->message, sizeof refusal->message,
		"The key of the account could not be used when the service last looked.");
	db_lock(world->db);
	if (a->dark || a->checked_at + REACH_CACHE <= now)
		open = look(world, arena, a, now, refusal);
	db_unlock(world->db);
	return open && !coming_back(a, now);
}

bool
reach_data_key(struct world *world, const struct account *a, struct secret *out)
{
	struct cmk_refusal ignored;
	struct secret key = {0};
	int64_t material;
	bool ok;

	db_lock(world->db);
	material = cmk_material(world, a);
	db_unlock(world->db);
	ok = cmk_unwrap(world, a, material, &key, &ignored) && cmk_data_key(a, &key, out);
	secret_free(&key);
	return ok;
}

void
reach_look_all(struct world *world)
{
	static const char next[] =
		"SELECT id FROM account WHERE cmk_store IS NOT NULL AND id>? ORDER BY id LIMIT 1";
	struct account *a = mem_alloc(sizeof *a);
	time_t now = vclock_now(&world->clock);
	struct arena *arena = arena_new();
	struct db *db = world->db;
	int64_t id = 0;

	db_begin(db);
	for (;;) {
		sqlite3_stmt *stmt = db_ask(db, next, "i", id);
		struct cmk_refusal ignored;

		if (!db_next(db, stmt))
			break;
		id = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
		if (accounts_find_row(db, arena, id, a))
			look(world, arena, a, now, &ignored);
	}
	if (!db_commit(db))
		log_line("sandbox: what the services see cannot be written down");
	arena_free(arena);
	free(a);
}
