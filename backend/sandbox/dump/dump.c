/* Read in one go under the lock, so that a dump is one moment of the estate. */
#include "backend/sandbox/dump/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/sandbox/dump/parts.h"
#include "backend/sandbox/reply.h"

const char *
dump_column(struct dumping *d, sqlite3_stmt *stmt, int i)
{
	return db_text(stmt, i, d->arena);
}

const char *
dump_principal(struct dumping *d, const char *id)
{
	static const char find[] =
		"SELECT 'principal:'||name FROM account WHERE principal=?1 UNION ALL"
		" SELECT 'principal:'||name FROM identity WHERE principal=?1 UNION ALL"
		" SELECT 'application:'||name FROM application WHERE object=?1 UNION ALL"
		" SELECT 'person:'||upn FROM person WHERE object=?1 LIMIT 1";
	const char *name = id;
	sqlite3_stmt *stmt;

	if (d->raw || !id[0])
		return id;
	stmt = db_ask(d->world->db, find, "t", id);
	if (db_next(d->world->db, stmt)) {
		name = dump_column(d, stmt, 0);
		db_done(stmt);
	}
	return name;
}

const char *
dump_tenant(struct dumping *d, const char *id)
{
	const char *name = id;
	sqlite3_stmt *stmt;

	if (d->raw)
		return id;
	stmt = db_ask(d->world->db, "SELECT 'tenant:'||domain FROM tenant WHERE id=?", "t", id);
	if (db_next(d->world->db, stmt)) {
		name = dump_column(d, stmt, 0);
		db_done(stmt);
	}
	return name;
}

const char *
dump_version(
	struct dumping *d, enum store_kind kind, const char *store, const char *key, const char *id)
{
	static const char find[] =
		"SELECT count(*) FROM version o JOIN version v ON v.key=o.key JOIN key k ON k.id=v.key"
		" JOIN vault t ON t.id=k.vault WHERE t.kind=? AND t.name=? AND k.name=? AND v.version=?"
		" AND (o.created<v.created OR (o.created=v.created AND o.id<=v.id))";
	int64_t ordinal = 0;
	sqlite3_stmt *stmt;

	if (d->raw || !id[0])
		return id;
	stmt = db_ask(d->world->db, find, "ittt", (int64_t)kind, store, key, id);
	if (db_next(d->world->db, stmt)) {
		ordinal = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
	}
	return ordinal ? arena_printf(d->arena, "key:%s/%s#%lld", store, key, (long long)ordinal)
		       : "key:unknown";
}

void
dump_time(struct dumping *d, json_t *json, const char *name, int64_t seconds)
{
	char text[32];

	if (d->raw && seconds)
		json_object_set_new(json, name, json_string(clock_iso((time_t)seconds, text)));
}

/* Members of any depth that hold times. */
static void
drop_times(json_t *json)
{
	static const char *const names[] = {"created", "updated", "lastEnabledTime"};
	const char *name;
	json_t *value;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++)
		json_object_del(json, names[i]);
	json_object_foreach(json, name, value)
	{
		drop_times(value);
	}
	json_array_foreach(json, i, value)
	{
		drop_times(value);
	}
}

json_t *
dump_stored(struct dumping *d, const char *text)
{
	json_t *json = reply_stored(text);

	if (!d->raw)
		drop_times(json);
	return json;
}

static json_t *
places(struct dumping *d)
{
	static const char groups[] =
		"SELECT s.name, s.id, g.name, g.location, g.tags FROM subscription s LEFT JOIN"
		" resource_group g ON g.subscription=s.id AND g.gone=0 ORDER BY s.rank, g.name";
	sqlite3_stmt *stmt = db_ask(d->world->db, groups, "");
	json_t *all = json_object();

	while (db_next(d->world->db, stmt)) {
		const char *name = dump_column(d, stmt, 0);
		json_t *one = json_object_get(all, name);

		if (!one) {
			one = json_pack("{s:{}}", "groups");
			json_object_set_new(all, name, one);
			if (d->raw)
				json_object_set_new(
					one, "id", json_string(dump_column(d, stmt, 1)));
		}
		if (sqlite3_column_type(stmt, 2) != SQLITE_NULL)
			json_object_set_new(json_object_get(one, "groups"), dump_column(d, stmt, 2),
				json_pack("{s:s,s:o}", "location", dump_column(d, stmt, 3), "tags",
					reply_stored(dump_column(d, stmt, 4))));
	}
	return all;
}

bool
dump_estate(struct world *world, bool raw, struct buf *out, struct err *err)
{
	struct dumping d = {.world = world, .raw = raw};
	char seed[32], *text;
	json_t *json;
	bool ok;

	d.arena = arena_new();
	db_lock(world->db);
	db_meta(world->db, "seed", seed, sizeof seed);
	json = json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o}", "seed", seed, "subscriptions", places(&d),
		"accounts", dump_accounts(&d), "vaults", dump_vaults(&d), "identities",
		dump_identities(&d), "roleAssignments", dump_assignments(&d), "applications",
		dump_applications(&d));
	json_object_set_new(json, "tenants", dump_tenants(&d));
	json_object_set_new(json, "people", dump_people(&d));
	json_object_set_new(json, "operations", dump_operations(&d));
	dump_sign_ins(&d, json);
	db_unlock(world->db);
	dump_time(&d, json, "clock", vclock_now(&world->clock));
	text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
	ok = text && buf_addf(out, "%s\n", text);
	free(text);
	json_decref(json);
	arena_free(d.arena);
	return ok || err_set(err, ERR_FAILED, "", "dump: the estate is too large to show");
}
