/* The wrapped account key travels with the row: who changes the encryption writes both at once. */
#include "backend/sandbox/accounts.h"

#include <stdio.h>
#include <string.h>

#define COLUMNS                                                                              \
	"SELECT a.id, a.grp, g.subscription, g.name, a.name, a.location, a.tags, a.account," \
	" a.identity, a.principal, a.local_auth_off, a.public_access, a.created_ms,"         \
	" a.modified_ms, a.cmk_vault, a.cmk_slash, a.cmk_key, a.cmk_version, a.wrapped,"     \
	" a.sealed, a.revision FROM automation a JOIN resource_group g ON g.id=a.grp"        \
	" WHERE g.subscription=? "

const char accounts_by_subscription[] = COLUMNS "AND a.id>? ORDER BY a.id LIMIT ?";
const char accounts_by_group[] = COLUMNS "AND g.name=? AND a.id>? ORDER BY a.id LIMIT ?";

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

void
accounts_read(sqlite3_stmt *stmt, struct arena *arena, struct account *out)
{
	*out = (struct account){
		.id = sqlite3_column_int64(stmt, 0),
		.group = sqlite3_column_int64(stmt, 1),
		.tags = db_text(stmt, 6, arena),
		.local_auth_off = sqlite3_column_int(stmt, 10),
		.public_access = sqlite3_column_type(stmt, 11) == SQLITE_NULL
					 ? -1
					 : sqlite3_column_int(stmt, 11),
		.created_ms = sqlite3_column_int64(stmt, 12),
		.modified_ms = sqlite3_column_int64(stmt, 13),
		.cmk_slash = sqlite3_column_int(stmt, 15),
		.revision = sqlite3_column_int64(stmt, 20),
	};
	db_copy(stmt, 2, out->subscription, sizeof out->subscription);
	db_copy(stmt, 3, out->group_name, sizeof out->group_name);
	db_copy(stmt, 4, out->name, sizeof out->name);
	db_copy(stmt, 5, out->location, sizeof out->location);
	db_copy(stmt, 7, out->account, sizeof out->account);
	db_copy(stmt, 8, out->identity, sizeof out->identity);
	db_copy(stmt, 9, out->principal, sizeof out->principal);
	db_copy(stmt, 14, out->cmk_vault, sizeof out->cmk_vault);
	db_copy(stmt, 16, out->cmk_key, sizeof out->cmk_key);
	db_copy(stmt, 17, out->cmk_version, sizeof out->cmk_version);
	out->wrapped_len = copy_blob(stmt, 18, out->wrapped, sizeof out->wrapped);
	copy_blob(stmt, 19, out->sealed, sizeof out->sealed);
}

bool
accounts_find(struct db *db, struct arena *arena, const char *subscription, const char *group,
	const char *name, struct account *out)
{
	static const char sql[] = COLUMNS "AND g.name=? AND a.name=?";
	sqlite3_stmt *stmt = db_ask(db, sql, "ttt", subscription, group, name);

	if (!db_next(db, stmt))
		return false;
	accounts_read(stmt, arena, out);
	db_done(stmt);
	return true;
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
		"INSERT INTO automation(grp,name,location,tags,account,identity,local_auth_off,"
		"created_ms,modified_ms,cmk_slash,wrapped,sealed) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
		"itttttiiiibb", a->group, a->name, a->location, a->tags, a->account, a->identity,
		(int64_t)a->local_auth_off, a->created_ms, a->modified_ms, (int64_t)0,
		(const void *)a->wrapped, a->wrapped_len, (const void *)a->sealed,
		sizeof a->sealed);
	a->id = db_last_id(db);
	accounts_update(db, a);
}

void
accounts_update(struct db *db, struct account *a)
{
	db_do(db,
		"UPDATE automation SET tags=?, identity=?, principal=?, local_auth_off=?,"
		" public_access=nullif(?,-1), modified_ms=?, cmk_vault=?, cmk_slash=?, cmk_key=?,"
		" cmk_version=?, wrapped=?, revision=revision+1 WHERE id=?",
		"tttiiititt"
		"bi",
		a->tags, a->identity, or_null(a->principal), (int64_t)a->local_auth_off,
		(int64_t)a->public_access, a->modified_ms, or_null(a->cmk_vault),
		(int64_t)a->cmk_slash, or_null(a->cmk_key), or_null(a->cmk_version),
		(const void *)a->wrapped, a->wrapped_len, a->id);
	a->revision++;
}

char *
accounts_id(const struct account *a, char *out, size_t room)
{
	snprintf(out, room,
		"/subscriptions/%s/resourceGroups/%s/providers/Microsoft.Automation/automationAccounts/%s",
		a->subscription, a->group_name, a->name);
	return out;
}
