/* Accounts of the three services, with their data. */
#include "backend/sandbox/dump/parts.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rows/accounts.h"

/* The customer key of an account, or that it is on Microsoft's. */
static json_t *
encryption(struct dumping *d, const struct account *a)
{
	static const char *const modes[] = {[CMK_PINNED] = "pinned",
		[CMK_AUTO_EMPTY] = "auto",
		[CMK_AUTO_ABSENT] = "auto-absent"};

	if (!a->cmk_store[0])
		return json_pack("{s:s}", "keySource", "Microsoft");
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "keySource", "customer", "store",
		a->cmk_store, "key", a->cmk_key, "version",
		dump_version(d, a->cmk_kind, a->cmk_store, a->cmk_key, a->cmk_version), "mode",
		modes[a->cmk_mode], "identity", a->cmk_identity, "federatedClientId",
		a->cmk_federated, "dark", a->dark);
}

/* Of an encrypted variable the value stays sealed. */
static json_t *
variable(struct dumping *d, sqlite3_stmt *stmt)
{
	bool encrypted = sqlite3_column_int(stmt, 1);

	return json_pack("{s:s,s:b,s:s,s:s?}", "variable", dump_column(d, stmt, 0), "encrypted",
		encrypted, "description", dump_column(d, stmt, 2), "value",
		encrypted ? NULL : dump_column(d, stmt, 3));
}

static json_t *
pool(struct dumping *d, sqlite3_stmt *stmt)
{
	return json_pack("{s:s,s:o}", "pool", dump_column(d, stmt, 0), "properties",
		reply_stored(dump_column(d, stmt, 1)));
}

static json_t *
blocks(struct dumping *d, int64_t container, const char *blob)
{
	sqlite3_stmt *stmt = db_ask(d->world->db,
		"SELECT block, committed, length FROM block WHERE container=? AND name=?"
		" ORDER BY committed DESC, place, block",
		"it", container, blob);
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(
			all, json_pack("{s:s,s:b,s:i}", "block", dump_column(d, stmt, 0),
				     "committed", sqlite3_column_int(stmt, 1), "length",
				     sqlite3_column_int(stmt, 2)));
	return all;
}

/* A container, a blob in it, or blocks of a blob that is not there yet. */
static json_t *
blob(struct dumping *d, sqlite3_stmt *stmt)
{
	const char *name = dump_column(d, stmt, 1);

	return json_pack("{s:s,s:o,s:s,s:s,s:s,s:s,s:i,s:o,s:s,s:o}", "container",
		dump_column(d, stmt, 0), "containerMetadata", reply_stored(dump_column(d, stmt, 8)),
		"blob", name, "type", dump_column(d, stmt, 2), "contentType",
		dump_column(d, stmt, 6), "tier", dump_column(d, stmt, 7), "length",
		sqlite3_column_int(stmt, 3), "metadata", reply_stored(dump_column(d, stmt, 4)),
		"md5", dump_column(d, stmt, 5), "blocks",
		blocks(d, sqlite3_column_int64(stmt, 9), name));
}

/* The account's data: names and states; what is sealed stays so. */
static void
add_data(struct dumping *d, json_t *one, const struct account *a)
{
	static const char variables[] =
		"SELECT name, encrypted, description, value FROM variable WHERE account=? ORDER BY name";
	static const char pools[] =
		"SELECT name, properties FROM pool WHERE account=? ORDER BY name";
	static const char blobs[] =
		"SELECT c.name, n.name, b.type, b.length, b.metadata, b.md5, b.content_type, b.tier,"
		" c.metadata, c.id FROM container c LEFT JOIN (SELECT container, name FROM blob UNION"
		" SELECT container, name FROM block) n ON n.container=c.id LEFT JOIN blob b"
		" ON b.container=c.id AND b.name=n.name WHERE c.account=? ORDER BY c.name, n.name";
	json_t *(*row)(struct dumping *, sqlite3_stmt *) = a->service == SERVICE_AUTOMATION
								   ? variable
							   : a->service == SERVICE_BATCH ? pool
											 : blob;
	json_t *list = json_array();
	sqlite3_stmt *stmt = db_ask(d->world->db,
		a->service == SERVICE_AUTOMATION ? variables
		: a->service == SERVICE_BATCH    ? pools
						 : blobs,
		"i", a->id);

	while (db_next(d->world->db, stmt))
		json_array_append_new(list, row(d, stmt));
	json_object_set_new(one, "data", list);
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
		"properties", dump_stored(d, a->more), "encryption", encryption(d, a));

	add_data(d, one, a);
	dump_time(d, one, "created", a->created_ms / 1000);
	dump_time(d, one, "modified", a->modified_ms / 1000);
	return one;
}

json_t *
dump_accounts(struct dumping *d)
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
		json_object_set_new(one, "subscription", json_string(dump_column(d, stmt, 1)));
		json_array_append_new(all, one);
	}
	return all;
}
