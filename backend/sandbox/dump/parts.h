/* What the parts of a dump share. The database's lock is held all the time. */
#ifndef CLAVIGER_SANDBOX_DUMP_PARTS_H
#define CLAVIGER_SANDBOX_DUMP_PARTS_H

#include "backend/sandbox/call.h"

struct dumping {
	struct world *world;
	struct arena *arena;
	bool raw; /* ids and times as they are */
};

/* A column as text, in the arena. */
const char *dump_column(struct dumping *dumping, sqlite3_stmt *stmt, int i);

/* Who an object id belongs to: an account's identity, a user-assigned one, an application, a
 * person; the id itself if nobody. */
const char *dump_principal(struct dumping *dumping, const char *id);

/* A tenant by its domain. */
const char *dump_tenant(struct dumping *dumping, const char *id);

/* A key version by its place among its key's, by age. */
const char *dump_version(struct dumping *dumping, enum store_kind kind, const char *store,
	const char *key, const char *id);

/* A time in seconds; left out unless raw, or when 0. */
void dump_time(struct dumping *dumping, json_t *json, const char *name, int64_t seconds);

/* JSON that is kept as text, without the times in it unless raw. */
json_t *dump_stored(struct dumping *dumping, const char *text);

/* The parts, as arrays. */
json_t *dump_accounts(struct dumping *dumping);
json_t *dump_vaults(struct dumping *dumping);
json_t *dump_identities(struct dumping *dumping);
json_t *dump_assignments(struct dumping *dumping);
json_t *dump_applications(struct dumping *dumping);
json_t *dump_tenants(struct dumping *dumping);
json_t *dump_people(struct dumping *dumping);

/* The objects of a list by the text of one member, otherwise as they stood: what was taken away and
 * given again stands where it stood. Takes the reference; new reference. */
json_t *dump_sorted(json_t *list, const char *member);

/* What is under way: codes of devices, refresh tokens (as "deviceCodes" and "refreshTokens" of
 * json), long-running operations. */
void dump_sign_ins(struct dumping *dumping, json_t *json);
json_t *dump_operations(struct dumping *dumping);

#endif
