/* Rows of keys and their versions. All functions need the database's lock. */
#ifndef CLAVIGER_SANDBOX_KEYS_H
#define CLAVIGER_SANDBOX_KEYS_H

#include <time.h>

#include "backend/azure/perm.h"
#include "backend/sandbox/db.h"
#include "backend/sandbox/names.h"
#include "backend/sandbox/rows/vaults.h"

struct key_version {
	int64_t id, key, material; /* rows */
	char name[128], version[33], kty[12], curve[12];
	unsigned bits; /* of RSA */
	bool enabled;
	perm_set ops;
	int64_t nbf, exp; /* 0: none */
	int64_t created, updated;
	const char *ops_text, *tags; /* JSON; tags "" when never set */
	const char *x, *y;           /* n and e, or the point, base64url */
	int64_t deleted_at;          /* of the key; 0: it lives */
};

/* Seconds that deletion and recovery take in a vault; in a Managed HSM they are done at once. Real
 * vaults take 17 s in the median (231 recorded waits); here they only show that one has
 * to wait. */
enum { KEYS_SETTLE = 3 };

/* One version of a key of a vault; version "": the newest one. */
bool keys_find(struct db *db, struct arena *arena, int64_t vault, const char *name,
	const char *version, struct key_version *out);

/* The newest version that may be used for an operation now: what a service picks by itself. */
bool keys_find_usable(struct db *db, struct arena *arena, int64_t vault, const char *name,
	perm_set op, time_t now, struct key_version *out);

/* The newest version of a deleted key that is not on its way back. */
bool keys_find_deleted(struct db *db, struct arena *arena, int64_t vault, const char *name,
	struct key_version *out);

/* What stands behind a name. A vault's key is still being deleted or recovered for KEYS_SETTLE
 * seconds. */
enum key_name {
	KEY_NAME_FREE,
	KEY_NAME_TAKEN,
	KEY_NAME_DELETING,
	KEY_NAME_DELETED,
	KEY_NAME_RECOVERING,
};
enum key_name keys_name_state(
	struct db *db, const struct vault *vault, const char *name, time_t now);

/* Lists: the newest version of each key, all versions of one key, the newest version of each key
 * deleted until then. Bound: vault; the key's name, or the latest deletion; a marker; the most
 * rows. The marker is text, "" at first. Vaults order by name, or by the hex text of the version;
 * HSMs by creation (recorded) with the row as marker. */
enum keys_list { KEYS_NEWEST, KEYS_VERSIONS, KEYS_DELETED };
extern const char *const keys_lists[2][3];
const char *keys_marker(const struct vault *vault, enum keys_list list,
	const struct key_version *last, char out[128]);
void keys_read(sqlite3_stmt *stmt, struct arena *arena, struct key_version *out);

/* A new version (making the key when there is none) of material; sets id and key. */
void keys_insert(struct db *db, int64_t vault, struct key_version *version);
void keys_update(struct db *db, const struct key_version *version);

/* How many versions a key has. */
int64_t keys_count(struct db *db, int64_t key);

/* Marks a key deleted, brings it back, removes it for ever. */
void keys_delete(struct db *db, int64_t key, time_t now);
void keys_recover(struct db *db, const struct vault *vault, int64_t key, time_t now);
void keys_purge(struct db *db, int64_t key);

/* Ends the recoveries whose time has come. */
void keys_settle(struct db *db, time_t now);

/* The rotation policy as JSON text, "" when never set, and when it asks for the next version (0:
 * never). */
const char *keys_policy(struct db *db, struct arena *arena, int64_t key);
void keys_set_policy(struct db *db, int64_t key, const char *policy);
void keys_set_due(struct db *db, int64_t key, int64_t due);

/* Whether the version may be used for one operation now: not by rights, by its own state. */
enum key_state { KEY_USABLE, KEY_DISABLED, KEY_EXPIRED, KEY_NOT_YET, KEY_NOT_PERMITTED };
enum key_state keys_state(const struct key_version *version, perm_set op, time_t now);

#endif
