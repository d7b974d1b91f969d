/* Names for ids that every estate makes anew, so that two dumps can be compared. */
#include "backend/sandbox/dump/parts.h"

#include <string.h>

#include "backend/base/clock.h"
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

static const char *
text_of(const json_t *list, size_t i, const char *member)
{
	return json_string_value(json_object_get(json_array_get(list, i), member));
}

json_t *
dump_sorted(json_t *list, const char *member)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(list); i++) {
		size_t at = json_array_size(out);

		while (at && strcmp(text_of(out, at - 1, member), text_of(list, i, member)) > 0)
			at--;
		json_array_insert(out, at, json_array_get(list, i));
	}
	json_decref(list);
	return out;
}
