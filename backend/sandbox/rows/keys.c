/* The newest version is the one created last; of two in one second, the later row. Documentation
 * (About keys, key attributes): outside nbf and exp a key still unwraps, decrypts and verifies. */
#include "backend/sandbox/rows/keys.h"

#include <jansson.h>
#include <stdio.h>

#define COLUMNS                                                                              \
	"SELECT v.id, v.key, v.material, k.name, v.version, v.kty, m.crv, v.enabled, v.ops," \
	" v.nbf, v.exp, v.created, v.updated, v.tags, m.x, m.y, m.bits, k.deleted_at"        \
	" FROM version v JOIN key k ON k.id=v.key JOIN material m ON m.id=v.material"        \
	" WHERE k.vault=? "
#define LIVING "AND k.deleted_at IS NULL "
#define DELETED "AND k.deleted_at IS NOT NULL AND k.recovered_at IS NULL "
#define NEWEST                                              \
	"v.id=(SELECT w.id FROM version w WHERE w.key=k.id" \
	" ORDER BY w.created DESC, w.id DESC LIMIT 1) "

const char *const keys_lists[2][3] = {
	[STORE_VAULT] = {COLUMNS LIVING "AND k.name>? AND " NEWEST "ORDER BY k.name LIMIT ?",
		COLUMNS LIVING "AND k.name=? AND v.version>? ORDER BY v.version LIMIT ?",
		COLUMNS DELETED "AND k.deleted_at<=? AND k.name>? AND " NEWEST
				"ORDER BY k.name LIMIT ?"},
	[STORE_HSM] = {COLUMNS LIVING "AND k.id>CAST(? AS INTEGER) AND " NEWEST
				      "ORDER BY k.id LIMIT ?",
		COLUMNS LIVING "AND k.name=? AND v.id>CAST(? AS INTEGER) ORDER BY v.id LIMIT ?",
		COLUMNS DELETED "AND k.deleted_at<=? AND k.id>CAST(? AS INTEGER) AND " NEWEST
				"ORDER BY k.id LIMIT ?"},
};

const char *
keys_marker(const struct vault *vault, enum keys_list list, const struct key_version *last,
	char out[128])
{
	if (vault->kind == STORE_HSM)
		snprintf(out, 128, "%lld",
			(long long)(list == KEYS_VERSIONS ? last->id : last->key));
	else
		snprintf(out, 128, "%s", list == KEYS_VERSIONS ? last->version : last->name);
	return out;
}

static perm_set
ops_of(const char *text)
{
	json_t *list = json_loads(text, 0, NULL);
	perm_set set = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		set |= perm_parse(json_string_value(json_array_get(list, i)));
	json_decref(list);
	return set;
}

void
keys_read(sqlite3_stmt *stmt, struct arena *arena, struct key_version *out)
{
	*out = (struct key_version){
		.id = sqlite3_column_int64(stmt, 0),
		.key = sqlite3_column_int64(stmt, 1),
		.material = sqlite3_column_int64(stmt, 2),
		.enabled = sqlite3_column_int(stmt, 7),
		.ops_text = db_text(stmt, 8, arena),
		.nbf = sqlite3_column_int64(stmt, 9),
		.exp = sqlite3_column_int64(stmt, 10),
		.created = sqlite3_column_int64(stmt, 11),
		.updated = sqlite3_column_int64(stmt, 12),
		.tags = db_text(stmt, 13, arena),
		.x = db_text(stmt, 14, arena),
		.y = db_text(stmt, 15, arena),
		.bits = (unsigned)sqlite3_column_int(stmt, 16),
		.deleted_at = sqlite3_column_int64(stmt, 17),
	};
	db_copy(stmt, 3, out->name, sizeof out->name);
	db_copy(stmt, 4, out->version, sizeof out->version);
	db_copy(stmt, 5, out->kty, sizeof out->kty);
	db_copy(stmt, 6, out->curve, sizeof out->curve);
	out->ops = ops_of(out->ops_text);
}

bool
keys_find(struct db *db, struct arena *arena, int64_t vault, const char *name, const char *version,
	struct key_version *out)
{
	static const char newest[] =
		COLUMNS LIVING "AND k.name=? ORDER BY v.created DESC, v.id DESC LIMIT 1";
	static const char exact[] = COLUMNS LIVING "AND k.name=? AND v.version=?";
	sqlite3_stmt *stmt = version[0] ? db_ask(db, exact, "itt", vault, name, version)
					: db_ask(db, newest, "it", vault, name);

	if (!db_next(db, stmt))
		return false;
	keys_read(stmt, arena, out);
	db_done(stmt);
	return true;
}

bool
keys_find_deleted(struct db *db, struct arena *arena, int64_t vault, const char *name,
	struct key_version *out)
{
	static const char sql[] = COLUMNS DELETED "AND k.name=? AND " NEWEST;
	sqlite3_stmt *stmt = db_ask(db, sql, "it", vault, name);

	if (!db_next(db, stmt))
		return false;
	keys_read(stmt, arena, out);
	db_done(stmt);
	return true;
}

enum key_name
keys_name_state(struct db *db, const struct vault *vault, const char *name, time_t now)
{
	sqlite3_stmt *stmt =
		db_ask(db, "SELECT deleted_at, recovered_at FROM key WHERE vault=? AND name=?",
			"it", vault->id, name);
	enum key_name state = KEY_NAME_TAKEN;

	if (!db_next(db, stmt))
		return KEY_NAME_FREE;
	if (sqlite3_column_type(stmt, 1) != SQLITE_NULL)
		state = KEY_NAME_RECOVERING;
	else if (sqlite3_column_type(stmt, 0) != SQLITE_NULL)
		state = vault->kind == STORE_VAULT &&
					now < sqlite3_column_int64(stmt, 0) + KEYS_SETTLE
				? KEY_NAME_DELETING
				: KEY_NAME_DELETED;
	db_done(stmt);
	return state;
}

bool
keys_find_usable(struct db *db, struct arena *arena, int64_t vault, const char *name, perm_set op,
	time_t now, struct key_version *out)
{
	static const char sql[] = COLUMNS LIVING "AND k.name=? ORDER BY v.created DESC, v.id DESC";
	sqlite3_stmt *stmt = db_ask(db, sql, "it", vault, name);

	while (db_next(db, stmt)) {
		keys_read(stmt, arena, out);
		if (keys_state(out, op, now) == KEY_USABLE) {
			db_done(stmt);
			return true;
		}
	}
	return false;
}

/* nbf and exp are NULL when 0. */
static void
set_times(struct db *db, const struct key_version *v)
{
	db_do(db, "UPDATE version SET nbf=nullif(?,0), exp=nullif(?,0) WHERE id=?", "iii", v->nbf,
		v->exp, v->id);
}

void
keys_insert(struct db *db, int64_t vault, struct key_version *v)
{
	sqlite3_stmt *stmt;

	db_do(db, "INSERT INTO key(vault,name) VALUES(?,?) ON CONFLICT DO NOTHING", "it", vault,
		v->name);
	stmt = db_ask(db, "SELECT id FROM key WHERE vault=? AND name=?", "it", vault, v->name);
	if (db_next(db, stmt)) {
		v->key = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
	}
	db_do(db,
		"INSERT INTO version(key,version,material,kty,ops,enabled,created,updated,tags)"
		" VALUES(?,?,?,?,?,?,?,?,?)",
		"itittiiit", v->key, v->version, v->material, v->kty, v->ops_text,
		(int64_t)v->enabled, v->created, v->updated, v->tags[0] ? v->tags : NULL);
	v->id = db_last_id(db);
	set_times(db, v);
}

void
keys_update(struct db *db, const struct key_version *v)
{
	db_do(db, "UPDATE version SET ops=?, enabled=?, updated=?, tags=? WHERE id=?", "tiiti",
		v->ops_text, (int64_t)v->enabled, v->updated, v->tags[0] ? v->tags : NULL, v->id);
	set_times(db, v);
}

enum key_state
keys_state(const struct key_version *v, perm_set op, time_t now)
{
	bool protects = op & (PERM_WRAP | PERM_ENCRYPT | PERM_SIGN);

	if (!v->enabled)
		return KEY_DISABLED;
	if (!(v->ops & op))
		return KEY_NOT_PERMITTED;
	if (protects && v->exp && now >= v->exp)
		return KEY_EXPIRED;
	if (protects && v->nbf && now < v->nbf)
		return KEY_NOT_YET;
	return KEY_USABLE;
}

int64_t
keys_count(struct db *db, int64_t key)
{
	sqlite3_stmt *stmt = db_ask(db, "SELECT count(*) FROM version WHERE key=?", "i", key);
	int64_t count = 0;

	while (db_next(db, stmt))
		count = sqlite3_column_int64(stmt, 0);
	return count;
}

void
keys_delete(struct db *db, int64_t key, time_t now)
{
	db_do(db, "UPDATE key SET deleted_at=?, recovered_at=NULL WHERE id=?", "ii", (int64_t)now,
		key);
}

void
keys_recover(struct db *db, const struct vault *vault, int64_t key, time_t now)
{
	if (vault->kind == STORE_HSM)
		db_do(db, "UPDATE key SET deleted_at=NULL WHERE id=?", "i", key);
	else
		db_do(db, "UPDATE key SET recovered_at=? WHERE id=?", "ii",
			(int64_t)now + KEYS_SETTLE, key);
}

void
keys_purge(struct db *db, int64_t key)
{
	db_do(db, "DELETE FROM key WHERE id=?", "i", key);
}

void
keys_settle(struct db *db, time_t now)
{
	db_do(db, "UPDATE key SET deleted_at=NULL, recovered_at=NULL WHERE recovered_at<=?", "i",
		(int64_t)now);
}

const char *
keys_policy(struct db *db, struct arena *arena, int64_t key)
{
	sqlite3_stmt *stmt = db_ask(db, "SELECT policy FROM key WHERE id=?", "i", key);
	const char *policy = "";

	while (db_next(db, stmt))
		policy = db_text(stmt, 0, arena);
	return policy;
}

void
keys_set_policy(struct db *db, int64_t key, const char *policy)
{
	db_do(db, "UPDATE key SET policy=? WHERE id=?", "ti", policy, key);
}

void
keys_set_due(struct db *db, int64_t key, int64_t due)
{
	db_do(db, "UPDATE key SET rotate_due=nullif(?,0) WHERE id=?", "ii", due, key);
}
