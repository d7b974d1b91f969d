/* WAL with synchronous NORMAL: what was acknowledged survives the death of the process at any
 * moment, and the file stays whole after a power cut. The lock of the state directory makes this
 * process the only user, so the WAL index may live in memory. */
#include "backend/sandbox/db.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STATEMENTS = 400 };

struct db {
	sqlite3 *handle;
	pthread_mutex_t mutex;
	bool failed;
	struct {
		const char *sql;
		sqlite3_stmt *stmt;
	} cache[STATEMENTS];
	size_t cached;
};

static bool
fail(struct db *db, const char *path, struct err *err)
{
	return err_set(err, ERR_FAILED, "", "%s: cannot use it as the sandbox's state: %s", path,
		db->handle ? sqlite3_errmsg(db->handle) : "out of memory");
}

static int
schema_version(struct db *db)
{
	sqlite3_stmt *stmt;
	int version = -1;

	if (sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &stmt, NULL) != SQLITE_OK)
		return -1;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		version = sqlite3_column_int(stmt, 0);
	sqlite3_finalize(stmt);
	return version;
}

static bool
prepare_schema(struct db *db, const char *path, struct err *err)
{
	static const char pragmas[] = "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
				      "PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
				      "PRAGMA cache_size=-32768;";
	char version[48];
	int found;

	if (sqlite3_exec(db->handle, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return fail(db, path, err);
	found = schema_version(db);
	if (found == DB_SCHEMA)
		return true;
	if (found != 0)
		return err_set(err, ERR_USAGE, "",
			"%s: made by another version of this program (schema %d, not %d); use another folder",
			path, found, DB_SCHEMA);
	snprintf(version, sizeof version, "PRAGMA user_version=%d; COMMIT", DB_SCHEMA);
	if (sqlite3_exec(db->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_exec(db->handle, db_schema, NULL, NULL, NULL) != SQLITE_OK ||
		sqlite3_exec(db->handle, version, NULL, NULL, NULL) != SQLITE_OK)
		return fail(db, path, err);
	return true;
}

/* SQLite gives its other files the mode of the database. */
static void
private_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd >= 0)
		close(fd);
}

struct db *
db_open(const char *path, struct err *err)
{
	struct db *db = mem_alloc(sizeof *db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	pthread_mutex_init(&db->mutex, NULL);
	private_file(path);
	if (sqlite3_open_v2(path, &db->handle, flags, NULL) != SQLITE_OK) {
		fail(db, path, err);
		db_close(db);
		return NULL;
	}
	if (!prepare_schema(db, path, err)) {
		db_close(db);
		return NULL;
	}
	return db;
}

void
db_close(struct db *db)
{
	if (!db)
		return;
	for (size_t i = 0; i < db->cached; i++)
		sqlite3_finalize(db->cache[i].stmt);
	sqlite3_close(db->handle);
	pthread_mutex_destroy(&db->mutex);
	free(db);
}

void
db_lock(struct db *db)
{
	pthread_mutex_lock(&db->mutex);
}

void
db_unlock(struct db *db)
{
	pthread_mutex_unlock(&db->mutex);
}

void
db_begin(struct db *db)
{
	db_lock(db);
	db->failed = false;
	db_do(db, "BEGIN IMMEDIATE", "");
}

bool
db_commit(struct db *db)
{
	bool ok = !db->failed;

	if (ok)
		db_do(db, "COMMIT", "");
	ok = !db->failed;
	if (!ok)
		db_do(db, "ROLLBACK", "");
	db_unlock(db);
	return ok;
}

void
db_rollback(struct db *db)
{
	db_do(db, "ROLLBACK", "");
	db_unlock(db);
}

static sqlite3_stmt *
prepared(struct db *db, const char *sql)
{
	sqlite3_stmt *stmt = NULL;

	for (size_t i = 0; i < db->cached; i++)
		if (db->cache[i].sql == sql)
			return db->cache[i].stmt;
	if (db->cached == STATEMENTS ||
		sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
			SQLITE_OK) {
		db->failed = true;
		return NULL;
	}
	db->cache[db->cached].sql = sql;
	db->cache[db->cached++].stmt = stmt;
	return stmt;
}

static void
bind(sqlite3_stmt *stmt, const char *types, va_list ap)
{
	for (int i = 1; *types; types++, i++) {
		if (*types == 'i') {
			sqlite3_bind_int64(stmt, i, va_arg(ap, int64_t));
		} else if (*types == 't') {
			sqlite3_bind_text(stmt, i, va_arg(ap, const char *), -1, SQLITE_TRANSIENT);
		} else {
			const void *bytes = va_arg(ap, const void *);

			sqlite3_bind_blob64(stmt, i, bytes, va_arg(ap, size_t), SQLITE_TRANSIENT);
		}
	}
}

sqlite3_stmt *
db_ask(struct db *db, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = prepared(db, sql);
	va_list ap;

	if (!stmt)
		return NULL;
	sqlite3_reset(stmt);
	va_start(ap, types);
	bind(stmt, types, ap);
	va_end(ap);
	return stmt;
}

bool
db_next(struct db *db, sqlite3_stmt *stmt)
{
	int rc = stmt ? sqlite3_step(stmt) : SQLITE_ERROR;

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		db->failed = true;
	db_done(stmt);
	return false;
}

void
db_done(sqlite3_stmt *stmt)
{
	sqlite3_reset(stmt);
	if (stmt)
		sqlite3_clear_bindings(stmt);
}

void
db_do(struct db *db, const char *sql, const char *types, ...)
{
	sqlite3_stmt *stmt = prepared(db, sql);
	va_list ap;

	if (!stmt)
		return;
	sqlite3_reset(stmt);
	va_start(ap, types);
	bind(stmt, types, ap);
	va_end(ap);
	while (db_next(db, stmt))
		continue;
}

int64_t
db_last_id(struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

const char *
db_text(sqlite3_stmt *stmt, int column, struct arena *arena)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	return text ? arena_strdup(arena, (const char *)text) : "";
}

void
db_copy(sqlite3_stmt *stmt, int column, char *out, size_t room)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	snprintf(out, room, "%s", text ? (const char *)text : "");
}

void
db_meta(struct db *db, const char *key, char *value, size_t room)
{
	sqlite3_stmt *stmt = db_ask(db, "SELECT value FROM meta WHERE key=?", "t", key);

	value[0] = '\0';
	if (db_next(db, stmt)) {
		db_copy(stmt, 0, value, room);
		db_done(stmt);
	}
}

void
db_set_meta(struct db *db, const char *key, const char *value)
{
	db_do(db,
		"INSERT INTO meta(key,value) VALUES(?,?) ON CONFLICT(key) DO UPDATE SET value=excluded.value",
		"tt", key, value);
}
