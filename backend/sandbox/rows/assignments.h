/* Rows of role assignments. All functions need the database's lock. */
#ifndef CLAVIGER_SANDBOX_ASSIGNMENTS_H
#define CLAVIGER_SANDBOX_ASSIGNMENTS_H

#include "backend/sandbox/db.h"

/* Seconds of the sandbox's clock until an assignment, or its removal, takes effect. Azure takes one
 * to five minutes, by its documentation up to ten. */
enum { ROLE_DELAY = 10 };

struct assignment {
	int64_t id; /* row */
	char name[37], principal[37], principal_type[20], role[37];
	const char *scope;                                       /* as written when it was made */
	const char *description, *condition, *condition_version; /* "": none */
	const char *created_by, *updated_by;
	int64_t created_ms, updated_ms;
};

/* Whether an assignment at scope assigned counts at scope: the same, or one below it. */
bool assignments_cover(const char *assigned, const char *scope);

/* By name, at one scope or (scope NULL) anywhere; and by what it says. Removed ones are not found.
 * Strings in the arena. */
bool assignments_find(struct db *db, struct arena *arena, const char *scope, const char *name,
	struct assignment *out);
bool assignments_find_same(struct db *db, struct arena *arena, const char *scope,
	const char *principal, const char *role, struct assignment *out);

/* All of a principal ("": of everyone) in order of age; read with assignments_next. */
sqlite3_stmt *assignments_all(struct db *db, const char *principal);
bool assignments_next(
	struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct assignment *out);

/* How many there are at a scope and below it. */
int64_t assignments_count(struct db *db, const char *scope);

/* Writes a new row (sets id); what may change later: description, condition and who changed it. */
void assignments_insert(struct db *db, struct assignment *assignment);
void assignments_update(struct db *db, const struct assignment *assignment);

/* Hides one at once; it loses its effect ROLE_DELAY later. */
void assignments_remove(struct db *db, int64_t id, int64_t now_ms);

/* The same for all at a resource or a group that is deleted, and below it. */
void assignments_drop(struct db *db, const char *scope, int64_t now_ms);

#endif
