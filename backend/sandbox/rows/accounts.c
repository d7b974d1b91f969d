/* The wrapped account key travels with the row: who changes the encryption writes both at once. */
#include "backend/sandbox/rows/accounts.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                               \
	"SELECT a.id, a.grp, g.subscription, g.name, a.name, a.location, a.tags, a.guid,"     \
	" a.identity, a.principal, a.users, a.more, a.created_ms, a.modified_ms, a.cmk_kind," \
	" a.cmk_store, a.cmk_slash, a.cmk_key, a.cmk_mode, a.cmk_version, a.cmk_identity,"    \
	" a.cmk_federated, a.cmk_rotated_ms, a.cmk_due, a.dark, a.checked_at, a.changed_at,"  \
	" a.wrapped, a.sealed, a.revision, a.service FROM account a"                          \
	" JOIN resource_group g ON g.id=a.grp "

#define LISTS(n)                                                                              \
	{                                                                                     \
		COLUMNS "WHERE g.subscription=? AND a.service=" n " AND a.id>? ORDER BY a.id" \
			" LIMIT ?",                                                           \
			COLUMNS "WHERE g.subscription=? AND g.name=? AND a.service=" n        \
				" AND a.id>? ORDER BY a.id LIMIT ?",                          \
	}

const struct account_lists accounts_lists[] = {LISTS("0"), LISTS("1"), LISTS("2")};

static size_t
copy_blob(sqlite3_stmt *stmt, int column, unsigned char *out, size_t room)
{
	const void *bytes = sqlite3_column_blob(stmt, column);
	size_t len = (size_t)sqlite3_column_bytes(stmt, column);

	if (!bytes || len > room)
		return 0;
	memcpy(out, bytes, len);
	return len;
}

static void
read_cmk(sqlite3_stmt *stmt, struct account *out)
{
	out->cmk_kind = (enum store_kind)sqlite3_column_int(stmt, 14);
	db_copy(stmt, 15, out->cmk_store, sizeof out->cmk_store);
	out->cmk_slash = sqlite3_column_int(stmt, 16);
	db_copy(stmt, 17, out->cmk_key, sizeof out->cmk_key);
	out->cmk_mode = (enum cmk_mode)sqlite3_column_int(stmt, 18);
	db_copy(stmt, 19, out->cmk_version, sizeof out->cmk_version);
	db_copy(stmt, 20, out->cmk_identity, sizeof out->cmk_identity);
	db_copy(stmt, 21, out->cmk_federated, sizeof out->cmk_federated);
	out->cmk_rotated_ms = sqlite3_column_int64(stmt, 22);
	out->cmk_due = sqlite3_column_int64(stmt, 23);
	out->dark = sqlite3_column_int(stmt, 24);
	out->checked_at = sqlite3_column_int64(stmt, 25);
	out->changed_at = sqlite3_column_int64(stmt, 26);
	out->wrapped_len = copy_blob(stmt, 27, out->wrapped, sizeof out->wrapped);
	copy_blob(stmt, 28, out->sealed, sizeof out->sealed);
}

void
accounts_read(sqlite3_stmt *stmt, struct arena *arena, struct account *out)
{
	*out = (struct account){
		.id = sqlite3_column_int64(stmt, 0),
		.group = sqlite3_column_int64(stmt, 1),
		.tags = db_text(stmt, 6, arena),
		.users = db_text(stmt, 10, arena),
		.more = db_text(stmt, 11, arena),
		.created_ms = sqlite3_column_int64(stmt, 12),
		.modified_ms = sqlite3_column_int64(stmt, 13),
		.revision = sqlite3_column_int64(stmt, 29),
		.service = (enum service)sqlite3_column_int(stmt, 30),
	};
	db_copy(stmt, 2, out->subscription, sizeof out->subscription);
	db_copy(stmt, 3, out->group_name, sizeof out->group_name);
	db_copy(stmt, 4, out->name, sizeof out->name);
	db_copy(stmt, 5, out->location, sizeof out->location);
	db_copy(stmt, 7, out->guid, sizeof out->guid);
	db_copy(stmt, 8, out->identity, sizeof out->identity);
	db_copy(stmt, 9, out->principal, sizeof out->principal);
	read_cmk(stmt, out);
}

static bool
read_one(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct account *out)
{
	if (!db_next(db, stmt))
		return false;
	accounts_read(stmt, arena, out);
	db_done(stmt);
	return true;
}

bool
accounts_find(struct db *db, struct arena *arena, enum service service, const char *subscription,
	const char *group, const char *name, struct account *out)
{
	static const char sql[] =
		COLUMNS "WHERE g.subscription=? AND g.name=? AND a.service=? AND a.name=?";

	return read_one(db, db_ask(db, sql, "ttit", subscription, group, (int64_t)service, name),
		arena, out);
}

bool
accounts_find_name(struct db *db, struct arena *arena, enum service service, const char *name,
	const char *location, struct account *out)
{
	static const char sql[] =
		COLUMNS "WHERE a.name=? AND a.service=? AND a.location=ifnull(?, a.location)";

	return read_one(db, db_ask(db, sql, "tit", name, (int64_t)service, location), arena, out);
}

bool
accounts_find_row(struct db *db, struct arena *arena, int64_t id, struct account *out)
{
	static const char sql[] = COLUMNS "WHERE a.id=?";

	return read_one(db, db_ask(db, sql, "i", id), arena, out);
}

static const char *
or_null(const char *text)
{
	return text[0] ? text : NULL;
}

void
accounts_insert(struct db *db, struct account *a)
{
	db_do(db,
		"INSERT INTO account(service,grp,name,location,tags,guid,identity,users,more,"
		"created_ms,modified_ms,cmk_kind,cmk_slash,cmk_mode,cmk_rotated_ms,dark,checked_at,"
		"changed_at,wrapped,sealed,revision) VALUES(?,?,?,?,?,?,?,?,?,?,?,0,0,0,0,0,0,0,?,?,0)",
		"iittttttt"
		"ii"
		"bb",
		(int64_t)a->service, a->group, a->name, a->location, a->tags, a->guid, a->identity,
		a->users, a->more, a->created_ms, a->modified_ms, (const void *)a->wrapped,
		a->wrapped_len, (const void *)a->sealed, sizeof a->sealed);
	a->id = db_last_id(db);
	accounts_update(db, a);
}

void
accounts_update(struct db *db, struct account *a)
{
	db_do(db,
		"UPDATE account SET tags=?, identity=?, principal=?, users=?, more=?, modified_ms=?,"
		" cmk_kind=?, cmk_store=?, cmk_slash=?, cmk_key=?, cmk_mode=?, cmk_version=?,"
		" cmk_identity=?, cmk_federated=?, cmk_rotated_ms=?, cmk_due=nullif(?,0), dark=?,"
		" checked_at=?, changed_at=?, wrapped=?, revision=revision+1 WHERE id=?",
		"ttttti"
		"ititit"
		"ttiii"
		"ii"
		"bi",
		a->tags, a->identity, or_null(a->principal), a->users, a->more, a->modified_ms,
		(int64_t)a->cmk_kind, or_null(a->cmk_store), (int64_t)a->cmk_slash,
		or_null(a->cmk_key), (int64_t)a->cmk_mode, or_null(a->cmk_version),
		or_null(a->cmk_identity), or_null(a->cmk_federated), a->cmk_rotated_ms, a->cmk_due,
		(int64_t)a->dark, a->checked_at, a->changed_at, (const void *)a->wrapped,
		a->wrapped_len, a->id);
	a->revision++;
}

const char *
accounts_type(enum service service)
{
	static const char *const types[] = {
		[SERVICE_AUTOMATION] = "Microsoft.Automation/automationAccounts",
		[SERVICE_BATCH] = "Microsoft.Batch/batchAccounts",
		[SERVICE_STORAGE] = "Microsoft.Storage/storageAccounts",
	};

	return types[service];
}

char *
accounts_id(const struct account *a, char *out, size_t room)
{
	snprintf(out, room, "/subscriptions/%s/resourceGroups/%s/providers/%s/%s", a->subscription,
		a->group_name, accounts_type(a->service), a->name);
	return out;
}
