/* Read in one go under the lock, so that a dump is one moment of the estate. */
#include "backend/sandbox/dump.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rows/accounts.h"

struct dumping {
	struct world *world;
	struct arena *arena;
	bool raw;
};

static const char *
column(struct dumping *d, sqlite3_stmt *stmt, int i)
{
	return db_text(stmt, i, d->arena);
}

/* Who an object id belongs to: an account's identity, an application; the id itself if nobody. */
static const char *
principal(struct dumping *d, const char *id)
{
	static const char find[] =
		"SELECT 'principal:'||name FROM account WHERE principal=?1 UNION ALL"
		" SELECT 'principal:'||name FROM identity WHERE principal=?1 UNION ALL"
		" SELECT 'application:'||name FROM application WHERE object=?1 LIMIT 1";
	const char *name = id;
	sqlite3_stmt *stmt;

	if (d->raw || !id[0])
		return id;
	stmt = db_ask(d->world->db, find, "t", id);
	if (db_next(d->world->db, stmt)) {
		name = column(d, stmt, 0);
		db_done(stmt);
	}
	return name;
}

static const char *
tenant(struct dumping *d, const char *id)
{
	const char *name = id;
	sqlite3_stmt *stmt;

	if (d->raw)
		return id;
	stmt = db_ask(d->world->db, "SELECT 'tenant:'||domain FROM tenant WHERE id=?", "t", id);
	if (db_next(d->world->db, stmt)) {
		name = column(d, stmt, 0);
		db_done(stmt);
	}
	return name;
}

/* The place of a version among its key's, by age. */
static const char *
version(struct dumping *d, const char *vault, const char *key, const char *id)
{
	static const char find[] =
		"SELECT count(*) FROM version o JOIN version v ON v.key=o.key JOIN key k ON k.id=v.key"
		" JOIN vault t ON t.id=k.vault WHERE t.name=? AND k.name=? AND v.version=?"
		" AND (o.created<v.created OR (o.created=v.created AND o.id<=v.id))";
	int64_t ordinal = 0;
	sqlite3_stmt *stmt;

	if (d->raw || !id[0])
		return id;
	stmt = db_ask(d->world->db, find, "ttt", vault, key, id);
	if (db_next(d->world->db, stmt)) {
		ordinal = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
	}
	return ordinal ? arena_printf(d->arena, "key:%s/%s#%lld", vault, key, (long long)ordinal)
		       : "key:unknown";
}

static void
add_time(struct dumping *d, json_t *json, const char *name, int64_t seconds)
{
	char text[32];

	if (d->raw && seconds)
		json_object_set_new(json, name, json_string(clock_iso((time_t)seconds, text)));
}

static json_t *
places(struct dumping *d)
{
	static const char groups[] =
		"SELECT s.name, s.id, g.name, g.location, g.tags FROM subscription s LEFT JOIN"
		" resource_group g ON g.subscription=s.id ORDER BY s.rank, g.name";
	sqlite3_stmt *stmt = db_ask(d->world->db, groups, "");
	json_t *all = json_object();

	while (db_next(d->world->db, stmt)) {
		const char *name = column(d, stmt, 0);
		json_t *one = json_object_get(all, name);

		if (!one) {
			one = json_pack("{s:{}}", "groups");
			json_object_set_new(all, name, one);
			if (d->raw)
				json_object_set_new(one, "id", json_string(column(d, stmt, 1)));
		}
		if (sqlite3_column_type(stmt, 2) != SQLITE_NULL)
			json_object_set_new(json_object_get(one, "groups"), column(d, stmt, 2),
				json_pack("{s:s,s:o}", "location", column(d, stmt, 3), "tags",
					reply_stored(column(d, stmt, 4))));
	}
	return all;
}

/* The customer key of an account, or that it is on Microsoft's. */
static json_t *
encryption(struct dumping *d, const struct account *a)
{
	static const char *const modes[] = {"pinned", "auto", "auto"};
	char user[ARMID_MAX];

	if (!a->cmk_store[0])
		return json_pack("{s:s}", "keySource", "Microsoft");
	snprintf(user, sizeof user, "%s", a->cmk_identity);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "keySource", "customer", "store",
		a->cmk_store, "key", a->cmk_key, "version",
		version(d, a->cmk_store, a->cmk_key, a->cmk_version), "mode", modes[a->cmk_mode],
		"identity", user, "federatedClientId", a->cmk_federated, "dark", a->dark);
}

static json_t *
account(struct dumping *d, const struct account *a)
{
	json_t *one = json_pack("{s:s,s:s,s:s,s:s,s:s,s:o,s:s,s:o,s:s,s:o,s:o}", "name", a->name,
		"type", accounts_type(a->service), "subscription", a->subscription, "group",
		a->group_name, "location", a->location, "tags", reply_stored(a->tags), "identity",
		a->identity, "userAssignedIdentities", reply_stored(a->users), "principalId",
		d->raw            ? a->principal
		: a->principal[0] ? arena_printf(d->arena, "principal:%s", a->name)
				  : "",
		"properties", reply_stored(a->more), "encryption", encryption(d, a));

	add_time(d, one, "created", a->created_ms / 1000);
	add_time(d, one, "modified", a->modified_ms / 1000);
	return one;
}

static json_t *
accounts(struct dumping *d)
{
	static const char sql[] =
		"SELECT a.id, s.name FROM account a JOIN resource_group g ON g.id=a.grp"
		" JOIN subscription s ON s.id=g.subscription"
		" ORDER BY a.service, s.rank, g.name, a.name";
	struct account *a = arena_alloc(d->arena, sizeof *a);
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		json_t *one;

		if (!accounts_find_row(d->world->db, d->arena, sqlite3_column_int64(stmt, 0), a))
			continue;
		one = account(d, a);
		json_object_set_new(one, "subscription", json_string(column(d, stmt, 1)));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *
policies(struct dumping *d, int64_t vault)
{
	sqlite3_stmt *stmt = db_ask(d->world->db,
		"SELECT tenant, object, application, permissions FROM policy WHERE vault=? ORDER BY id",
		"i", vault);
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(all,
			json_pack("{s:s,s:s,s:s,s:o}", "tenantId", tenant(d, column(d, stmt, 0)),
				"objectId", principal(d, column(d, stmt, 1)), "applicationId",
				column(d, stmt, 2), "permissions",
				reply_stored(column(d, stmt, 3))));
	return all;
}

static json_t *
key_versions(struct dumping *d, const char *vault, int64_t id)
{
	static const char sql[] =
		"SELECT k.name, v.version, v.kty, m.bits, v.ops, v.enabled, v.nbf, v.exp, v.created,"
		" v.updated, v.tags, m.crv, k.deleted_at FROM version v JOIN key k ON k.id=v.key"
		" JOIN material m ON m.id=v.material WHERE k.vault=? ORDER BY k.name, v.created, v.id";
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "i", id);
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		json_t *one = json_pack("{s:s,s:s,s:s,s:s,s:i,s:o,s:b,s:b,s:b,s:b,s:o}", "name",
			column(d, stmt, 0), "version",
			version(d, vault, column(d, stmt, 0), column(d, stmt, 1)), "kty",
			column(d, stmt, 2), "crv", column(d, stmt, 11), "bits",
			sqlite3_column_int(stmt, 3), "operations", reply_stored(column(d, stmt, 4)),
			"enabled", sqlite3_column_int(stmt, 5), "notBefore",
			sqlite3_column_int64(stmt, 6) != 0, "expires",
			sqlite3_column_int64(stmt, 7) != 0, "deleted",
			sqlite3_column_int64(stmt, 12) != 0, "tags",
			reply_stored(column(d, stmt, 10)));

		add_time(d, one, "nbf", sqlite3_column_int64(stmt, 6));
		add_time(d, one, "exp", sqlite3_column_int64(stmt, 7));
		add_time(d, one, "created", sqlite3_column_int64(stmt, 8));
		add_time(d, one, "updated", sqlite3_column_int64(stmt, 9));
		json_array_append_new(all, one);
	}
	return all;
}

static json_t *
vaults(struct dumping *d)
{
	static const char sql[] =
		"SELECT v.id, v.name, s.name, g.name, v.location, v.tags, v.tenant, v.sku,"
		" v.soft_delete, v.retention, v.purge_protection, v.rbac, v.more, v.deleted_at"
		" FROM vault v JOIN resource_group g ON g.id=v.grp"
		" JOIN subscription s ON s.id=g.subscription ORDER BY v.name";
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		int64_t id = sqlite3_column_int64(stmt, 0);
		const char *name = column(d, stmt, 1);

		json_array_append_new(all,
			json_pack("{s:s,s:s,s:s,s:s,s:o,s:s,s:s,s:b,s:i,s:b,s:b,s:o,s:b,s:o,s:o}",
				"name", name, "subscription", column(d, stmt, 2), "group",
				column(d, stmt, 3), "location", column(d, stmt, 4), "tags",
				reply_stored(column(d, stmt, 5)), "tenantId",
				tenant(d, column(d, stmt, 6)), "sku", column(d, stmt, 7),
				"softDelete", sqlite3_column_int(stmt, 8), "retentionDays",
				sqlite3_column_int(stmt, 9), "purgeProtection",
				sqlite3_column_int(stmt, 10), "rbac", sqlite3_column_int(stmt, 11),
				"more", reply_stored(column(d, stmt, 12)), "deleted",
				sqlite3_column_int64(stmt, 13) != 0, "accessPolicies",
				policies(d, id), "keys", key_versions(d, name, id)));
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
	json = json_pack("{s:s,s:o,s:o,s:o}", "seed", seed, "subscriptions", places(&d), "accounts",
		accounts(&d), "vaults", vaults(&d));
	db_unlock(world->db);
	add_time(&d, json, "clock", vclock_now(&world->clock));
	text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
	ok = text && buf_addf(out, "%s\n", text);
	free(text);
	json_decref(json);
	arena_free(d.arena);
	return ok || err_set(err, ERR_FAILED, "", "dump: the estate is too large to show");
}
