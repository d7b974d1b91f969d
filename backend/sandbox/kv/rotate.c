/* A version that is due is created at its due time, as if the service had been looking all along;
 * of a long leap of the clock only the last few versions are made, because each costs an RSA key.
 * A disabled newest version is not followed by another until it is enabled again. */
#include "backend/sandbox/kv/rotate.h"

#include <string.h>

#include "backend/base/log.h"
#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/kv/duration.h"

enum { CATCH_UP = 3 };

json_t *
rotate_policy(struct db *db, struct arena *arena, int64_t key)
{
	return json_loads(keys_policy(db, arena, key), 0, NULL);
}

static const json_t *
rotate_action(const json_t *policy)
{
	const json_t *actions = json_object_get(policy, "lifetimeActions");

	for (size_t i = 0; i < json_array_size(actions); i++) {
		const json_t *one = json_array_get(actions, i);
		const char *type = call_text(json_object_get(one, "action"), "type");

		if (type && text_casecmp(type, "Rotate") == 0)
			return json_object_get(one, "trigger");
	}
	return NULL;
}

static int64_t
expiry(const json_t *policy, int64_t created)
{
	const char *text = call_text(policy, "expiryTime");
	struct duration d;

	return text && duration_parse(text, &d) ? duration_after(created, &d) : 0;
}

/* When the version after this one is due; 0: never. */
static int64_t
next_due(const json_t *policy, const struct key_version *newest)
{
	const json_t *trigger = rotate_action(policy);
	const char *after = call_text(trigger, "timeAfterCreate");
	const char *before = call_text(trigger, "timeBeforeExpiry");
	struct duration d;

	if (!newest->enabled)
		return 0;
	if (after && duration_parse(after, &d))
		return duration_after(newest->created, &d);
	if (before && newest->exp && duration_parse(before, &d))
		return duration_before(newest->exp, &d);
	return 0;
}

void
rotate_plan(struct db *db, struct arena *arena, int64_t vault, const char *name, int64_t earliest)
{
	struct key_version newest;
	json_t *policy;
	int64_t due;

	if (!keys_find(db, arena, vault, name, "", &newest))
		return;
	policy = rotate_policy(db, arena, newest.key);
	due = next_due(policy, &newest);
	json_decref(policy);
	keys_set_due(db, newest.key, due && due < earliest ? earliest : due);
}

void
rotate_add(struct db *db, struct arena *arena, int64_t vault, const struct key_version *newest,
	const struct kv_made *made, int64_t created, struct key_version *out)
{
	json_t *policy = rotate_policy(db, arena, newest->key);

	*out = *newest;
	out->enabled = true;
	out->nbf = 0;
	out->exp = expiry(policy, created);
	out->created = out->updated = created;
	out->material = kv_add(db, made);
	ident_version(out->version);
	keys_insert(db, vault, out);
	rotate_plan(db, arena, vault, newest->name, created + 1);
	json_decref(policy);
}

struct due {
	int64_t vault, at;
	enum store_kind kind;
	struct key_version newest;
};

/* Whether the key is still to be rotated then. The lock must be held. */
static bool
find_due(struct db *db, struct arena *arena, time_t now, struct due *out)
{
	static const char sql[] =
		"SELECT k.vault, k.name, k.rotate_due, v.kind FROM key k JOIN vault v ON v.id=k.vault"
		" WHERE k.rotate_due<=? AND k.deleted_at IS NULL AND v.deleted_at IS NULL"
		" ORDER BY k.rotate_due, k.id LIMIT 1";
	sqlite3_stmt *stmt = db_ask(db, sql, "i", (int64_t)now);
	char name[128];

	if (!db_next(db, stmt))
		return false;
	out->vault = sqlite3_column_int64(stmt, 0);
	db_copy(stmt, 1, name, sizeof name);
	out->at = sqlite3_column_int64(stmt, 2);
	out->kind = (enum store_kind)sqlite3_column_int(stmt, 3);
	db_done(stmt);
	return keys_find(db, arena, out->vault, name, "", &out->newest);
}

/* The due time, moved on by whole periods when the clock has leapt over many. */
static int64_t
recent(struct db *db, struct arena *arena, const struct due *due, time_t now)
{
	json_t *policy = rotate_policy(db, arena, due->newest.key);
	struct key_version next = due->newest;
	int64_t period, missed, at = due->at;

	next.created = at;
	next.exp = expiry(policy, at);
	period = next_due(policy, &next) - at;
	json_decref(policy);
	missed = period > 0 ? (now - at) / period : 0;
	return missed > CATCH_UP ? at + (missed - CATCH_UP) * period : at;
}

static bool
rotate_next(struct world *world, struct arena *arena, time_t now)
{
	struct due *due = arena_alloc(arena, sizeof *due), *again = arena_alloc(arena, sizeof *due);
	struct db *db = world->db;
	struct key_version made_version;
	struct kv_made made;
	bool ok;

	db_lock(db);
	ok = find_due(db, arena, now, due);
	db_unlock(db);
	if (!ok)
		return false;
	if (!kv_make(&made, due->newest.bits, due->newest.curve[0] ? due->newest.curve : NULL,
		    NULL)) {
		log_line("sandbox: a key that is due for rotation cannot be made");
		return false;
	}
	db_begin(db);
	if (find_due(db, arena, now, again) && again->newest.id == due->newest.id) {
		if (due->kind == STORE_HSM && keys_count(db, due->newest.key) >= KV_HSM_VERSIONS)
			keys_set_due(db, due->newest.key, 0);
		else
			rotate_add(db, arena, due->vault, &due->newest, &made,
				recent(db, arena, due, now), &made_version);
	}
	ok = db_commit(db);
	kv_made_free(&made);
	return ok;
}

void
kv_rotate_due(struct world *world, time_t now)
{
	struct arena *arena = arena_new();

	db_begin(world->db);
	keys_settle(world->db, now);
	if (!db_commit(world->db))
		log_line("sandbox: what is recovered cannot be written down");
	while (rotate_next(world, arena, now))
		;
	arena_free(arena);
}
