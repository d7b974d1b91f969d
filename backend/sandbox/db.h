/* The estate's memory: one SQLite connection, one lock. Statements are prepared once and kept.
 * A failure inside a transaction is remembered and makes db_commit false: callers need not check
 * every step. */
#ifndef CLAVIGER_SANDBOX_DB_H
#define CLAVIGER_SANDBOX_DB_H

#include <sqlite3.h>
#include <stdint.h>

#include "backend/base/err.h"
#include "backend/base/mem.h"

struct db;

/* Opens or makes the file; ERR_USAGE when it holds another version of the schema. */
struct db *db_open(const char *path, struct err *err) MUST_CHECK;
void db_close(struct db *db);

/* The lock around one or more reads. */
void db_lock(struct db *db);
void db_unlock(struct db *db);

/* The lock and a transaction around writes. db_commit gives the lock back; it is false, and nothing
 * changed, when any statement since db_begin failed. */
void db_begin(struct db *db);
bool db_commit(struct db *db) MUST_CHECK;
void db_rollback(struct db *db);

/* Runs sql (a string literal: its address is the cache key) with values bound by types:
 * t const char * (NULL allowed), i int64_t, b const void *, size_t. The lock must be held. Results
 * are read with db_next until it is false, or db_done ends the reading early. */
sqlite3_stmt *db_ask(struct db *db, const char *sql, const char *types, ...);
bool db_next(struct db *db, sqlite3_stmt *stmt);
void db_done(sqlite3_stmt *stmt);

/* A statement without results. */
void db_do(struct db *db, const char *sql, const char *types, ...);
int64_t db_last_id(struct db *db);

/* Text of a column, "" for NULL; copied into the arena or into a buffer (cut when too long). */
const char *db_text(sqlite3_stmt *stmt, int column, struct arena *arena);
void db_copy(sqlite3_stmt *stmt, int column, char *out, size_t room);

/* Facts about the estate as a whole; "" when never set. value has room bytes. */
void db_meta(struct db *db, const char *key, char *value, size_t room);
void db_set_meta(struct db *db, const char *key, const char *value);

/* The tables, in schema.c. */
extern const char db_schema[];
enum { DB_SCHEMA = 2 };

#endif
