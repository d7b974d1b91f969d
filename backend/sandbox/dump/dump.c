/* Read in one go under the lock, so that a dump is one moment of the estate. */
#include "backend/sandbox/dump/dump.h"

#include <stdio.h>
#include <stdlib.h>

#include "backend/base/clock.h"
#include "backend/sandbox/dump/parts.h"
#include "backend/sandbox/reply.h"

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
