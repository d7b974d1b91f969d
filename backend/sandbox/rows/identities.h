/* Rows of user-assigned identities. All functions need the database's lock. */
#ifndef CLAVIGER_SANDBOX_IDENTITIES_H
#define CLAVIGER_SANDBOX_IDENTITIES_H

#include "backend/azure/armid.h"
#include "backend/sandbox/db.h"

struct identity {
	int64_t id, group; /* rows */
	char subscription[37], group_name[ARMID_GROUP], name[129], location[48];
	char principal[37], client[37];
	const char *tags; /* a JSON object */
	int64_t created_ms;
};

bool identities_find(struct db *db, struct arena *arena, const char *subscription,
	const char *group, const char *name, struct identity *out);

/* By a whole ARM id in any case; false too when it is no id of an identity. */
bool identities_find_arm(
	struct db *db, struct arena *arena, const char *arm_id, struct identity *out);

/* By client id or principal id. */
bool identities_find_guid(
	struct db *db, struct arena *arena, const char *guid, struct identity *out);

/* Lists: parameters subscription[, group], last id, limit; read with identities_read. */
extern const char identities_by_subscription[], identities_by_group[];
void identities_read(sqlite3_stmt *stmt, struct arena *arena, struct identity *out);

/* Writes a new row (sets id); tags are all that changes later. */
void identities_insert(struct db *db, struct identity *identity);
void identities_update(struct db *db, const struct identity *identity);

/* Takes one away, or all of a group, with their federated credentials. Accounts that use them keep
 * their ids. */
void identities_delete(struct db *db, const struct identity *identity);
void identities_delete_group(struct db *db, int64_t group);

/* A token of another issuer that an identity's owner is let in by. */
struct federated {
	int64_t id;
	char name[121];
	const char *issuer, *subject, *audiences; /* the last a JSON array */
};

/* By the client id of the identity; the list is in order of names, read until false. Strings in the
 * arena. */
bool federated_find(struct db *db, struct arena *arena, const char *owner, const char *name,
	struct federated *out);
sqlite3_stmt *federated_all(struct db *db, const char *owner);
bool federated_next(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct federated *out);

/* Whether another credential of the owner has the same issuer and subject. */
bool federated_taken(struct db *db, const char *owner, const struct federated *credential);

/* Writes a new row (id 0) or an old one; removes one. */
void federated_put(struct db *db, const char *owner, const struct federated *credential);
void federated_delete(struct db *db, int64_t id);

/* The ARM id. Returns out. */
char *identities_id(const struct identity *identity, char *out, size_t room);

#endif
