/* Removed assignments stay as rows for as long as they have effect. */
#include "backend/sandbox/rows/assignments.h"

#include <string.h>

#include "backend/base/text.h"

#define COLUMNS                                                                                    \
	"SELECT id, name, principal, principal_type, role, scope, description, condition,"         \
	" condition_version, created_by, updated_by, created_ms, updated_ms FROM role_assignment " \
	"WHERE removed_ms IS NULL AND "

bool
assignments_cover(const char *assigned, const char *scope)
{
	size_t len = strlen(assigned);

	return strcmp(assigned, "/") == 0 ||
	       (text_case_starts(scope, assigned) && (scope[len] == '\0' || scope[len] == '/'));
}

/* updated_* are NULL in rows that were never changed. */
bool
assignments_next(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct assignment *out)
{
	bool changed;

	if (!db_next(db, stmt))
		return false;
	changed = sqlite3_column_type(stmt, 12) != SQLITE_NULL;
	*out = (struct assignment){
		.id = sqlite3_column_int64(stmt, 0),
		.scope = db_text(stmt, 5, arena),
		.description = db_text(stmt, 6, arena),
		.condition = db_text(stmt, 7, arena),
		.condition_version = db_text(stmt, 8, arena),
		.created_by = db_text(stmt, 9, arena),
		.updated_by = db_text(stmt, changed ? 10 : 9, arena),
		.created_ms = sqlite3_column_int64(stmt, 11),
		.updated_ms = sqlite3_column_int64(stmt, changed ? 12 : 11),
	};
	db_copy(stmt, 1, out->name, sizeof out->name);
	db_copy(stmt, 2, out->principal, sizeof out->principal);
	db_copy(stmt, 3, out->principal_type, sizeof out->principal_type);
	db_copy(stmt, 4, out->role, sizeof out->role);
	return true;
}

static bool
read_one(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct assignment *out)
{
	if (!assignments_next(db, stmt, arena, out))
		return false;
	db_done(stmt);
	return true;
}

bool
assignments_find(struct db *db, struct arena *arena, const char *scope, const char *name,
	struct assignment *out)
{
	static const char sql[] = COLUMNS "name=? AND coalesce(scope=?, 1)";

	return read_one(db, db_ask(db, sql, "tt", name, scope), arena, out);
}

bool
assignments_find_same(struct db *db, struct arena *arena, const char *scope, const char *principal,
	const char *role, struct assignment *out)
{
	static const char sql[] = COLUMNS "principal=? AND role=? AND scope=?";

	return read_one(db, db_ask(db, sql, "ttt", principal, role, scope), arena, out);
}

sqlite3_stmt *
assignments_all(struct db *db, const char *principal)
{
	if (principal[0])
		return db_ask(db, COLUMNS "principal=? ORDER BY id", "t", principal);
	return db_ask(db, COLUMNS "1 ORDER BY id", "");
}

int64_t
assignments_count(struct db *db, const char *scope)
{
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT count(*) FROM role_assignment WHERE removed_ms IS NULL"
		" AND substr(scope, 1, length(?1))=?1 COLLATE NOCASE",
		"t", scope);
	int64_t count = 0;

	while (db_next(db, stmt))
		count = sqlite3_column_int64(stmt, 0);
	return count;
}

static const char *
or_null(const char *text)
{
	return text[0] ? text : NULL;
}

void
assignments_insert(struct db *db, struct assignment *a)
{
	db_do(db,
		"INSERT INTO role_assignment(name,scope,principal,principal_type,role,description,"
		"condition,condition_version,created_by,created_ms) VALUES(?,?,?,?,?,?,?,?,?,?)",
		"tttttttt"
		"ti",
		a->name, a->scope, a->principal, a->principal_type, a->role,
		or_null(a->description), or_null(a->condition), or_null(a->condition_version),
		a->created_by, a->created_ms);
	a->id = db_last_id(db);
}

void
assignments_update(struct db *db, const struct assignment *a)
{
	db_do(db,
		"UPDATE role_assignment SET description=?, condition=?, condition_version=?,"
		" updated_by=?, updated_ms=? WHERE id=?",
		"tttt"
		"ii",
		or_null(a->description), or_null(a->condition), or_null(a->condition_version),
		a->updated_by, a->updated_ms, a->id);
}

static void
forget_old(struct db *db, int64_t now_ms)
{
	db_do(db, "DELETE FROM role_assignment WHERE removed_ms<=?", "i",
		now_ms - (int64_t)ROLE_DELAY * 1000);
}

void
assignments_remove(struct db *db, int64_t id, int64_t now_ms)
{
	forget_old(db, now_ms);
	db_do(db, "UPDATE role_assignment SET removed_ms=? WHERE id=? AND removed_ms IS NULL", "ii",
		now_ms, id);
}

void
assignments_drop(struct db *db, const char *scope, int64_t now_ms)
{
	forget_old(db, now_ms);
	db_do(db,
		"UPDATE role_assignment SET removed_ms=?1 WHERE removed_ms IS NULL"
		" AND substr(scope || '/', 1, length(?2) + 1)=(?2 || '/') COLLATE NOCASE",
		"it", now_ms, scope);
}
