/* Rows of keys and their versions. All functions need the database's lock. */
#ifndef CLAVIGER_SANDBOX_KEYS_H
#define CLAVIGER_SANDBOX_KEYS_H

#include <jansson.h>

#include "backend/azure/perm.h"
#include "backend/sandbox/db.h"
#include "backend/sandbox/names.h"
#include "backend/sandbox/rows/vaults.h"

struct key_version {
	int64_t id, key, material; /* rows */
	char name[128], version[33], kty[12], curve[12];
	bool enabled;
	perm_set ops;
	int64_t nbf, exp; /* 0: none */
	int64_t created, updated;
	const char *ops_text, *tags; /* JSON; tags "" when never set */
	const char *x, *y;           /* n and e, or the point, base64url */
};

/* One version of a key of a vault; version "": the newest one. */
bool keys_find(struct db *db, struct arena *arena, int64_t vault, const char *name,
	const char *version, struct key_version *out);

/* The newest version that may be used for an operation now: what a service picks by itself. */
bool keys_find_usable(struct db *db, struct arena *arena, int64_t vault, const char *name,
	perm_set op, time_t now, struct key_version *out);

/* The newest versions of a vault's keys by name, or all versions of one key by version (the order
 * that real vaults give), each after a marker; read with key_read. */
extern const char keys_of_vault[], versions_of_key[];
void keys_read(sqlite3_stmt *stmt, struct arena *arena, struct key_version *out);

/* A new version (making the key when there is none) of material; sets id and key. */
void keys_insert(struct db *db, int64_t vault, struct key_version *version);
void keys_update(struct db *db, const struct key_version *version);

/* Whether the version may be used for one operation now: not by rights, by its own state. */
enum key_state { KEY_USABLE, KEY_DISABLED, KEY_EXPIRED, KEY_NOT_YET, KEY_NOT_PERMITTED };
enum key_state keys_state(const struct key_version *version, perm_set op, time_t now);

/* KeyBundle and KeyItem of the REST description, in the names of the asker. */
json_t *keys_bundle(
	const struct key_version *version, const struct vault *vault, const struct naming *naming);
json_t *keys_item(const struct key_version *version, const struct vault *vault,
	const struct naming *naming, bool with_version);

#endif
