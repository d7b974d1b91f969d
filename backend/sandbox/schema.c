/* One table per kind of resource. Times are seconds since the epoch, or milliseconds where Azure
 * shows fractions (_ms). A key URI is kept as vault, key and version: it is written out in the
 * names of whoever asks. Deleted vaults and keys stay as rows with deleted_at set. */
#include "backend/sandbox/db.h"

const char db_schema[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE tenant(id TEXT PRIMARY KEY COLLATE NOCASE, domain TEXT NOT NULL COLLATE NOCASE,"
	" name TEXT NOT NULL) WITHOUT ROWID;"
	/* secret: SHA-256 of the client secret, lower-case hex */
	"CREATE TABLE application(client TEXT PRIMARY KEY COLLATE NOCASE, tenant TEXT NOT NULL"
	" COLLATE NOCASE REFERENCES tenant, object TEXT NOT NULL, name TEXT NOT NULL,"
	" secret TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE subscription(id TEXT PRIMARY KEY COLLATE NOCASE, tenant TEXT NOT NULL"
	" COLLATE NOCASE REFERENCES tenant, name TEXT NOT NULL, rank INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE role_assignment(id TEXT PRIMARY KEY COLLATE NOCASE, principal TEXT NOT NULL"
	" COLLATE NOCASE, role TEXT NOT NULL COLLATE NOCASE, scope TEXT NOT NULL COLLATE NOCASE,"
	" created_ms INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE INDEX role_assignment_principal ON role_assignment(principal);"
	"CREATE TABLE resource_group(id INTEGER PRIMARY KEY, subscription TEXT NOT NULL COLLATE NOCASE"
	" REFERENCES subscription, name TEXT NOT NULL COLLATE NOCASE, location TEXT NOT NULL,"
	" tags TEXT, UNIQUE(subscription, name));"
	/* wrapped: the account key under cmk_* or, without, under Microsoft's; sealed: the data key
	 * under the account key */
	"CREATE TABLE automation(id INTEGER PRIMARY KEY, grp INTEGER NOT NULL REFERENCES resource_group,"
	" name TEXT NOT NULL COLLATE NOCASE, location TEXT NOT NULL, tags TEXT NOT NULL,"
	" account TEXT NOT NULL, identity TEXT NOT NULL, principal TEXT COLLATE NOCASE,"
	" local_auth_off INTEGER NOT NULL, public_access INTEGER, created_ms INTEGER NOT NULL,"
	" modified_ms INTEGER NOT NULL, cmk_vault TEXT COLLATE NOCASE, cmk_slash INTEGER NOT NULL,"
	" cmk_key TEXT COLLATE NOCASE, cmk_version TEXT COLLATE NOCASE, wrapped BLOB NOT NULL,"
	" sealed BLOB NOT NULL, revision INTEGER NOT NULL DEFAULT 0, UNIQUE(grp, name));"
	/* more: properties that are kept as they were sent, a JSON object */
	"CREATE TABLE vault(id INTEGER PRIMARY KEY, grp INTEGER NOT NULL REFERENCES resource_group,"
	" name TEXT NOT NULL UNIQUE COLLATE NOCASE, location TEXT NOT NULL, tags TEXT NOT NULL,"
	" tenant TEXT NOT NULL COLLATE NOCASE, sku TEXT NOT NULL, soft_delete INTEGER NOT NULL,"
	" retention INTEGER NOT NULL, purge_protection INTEGER NOT NULL, rbac INTEGER NOT NULL,"
	" more TEXT NOT NULL, created_by TEXT NOT NULL, created_ms INTEGER NOT NULL,"
	" modified_by TEXT NOT NULL, modified_ms INTEGER NOT NULL, deleted_at INTEGER);"
	"CREATE INDEX vault_grp ON vault(grp);"
	/* permissions: the JSON object as shown; keys: its key permissions as bits of perm.h */
	"CREATE TABLE policy(id INTEGER PRIMARY KEY, vault INTEGER NOT NULL REFERENCES vault"
	" ON DELETE CASCADE, tenant TEXT NOT NULL COLLATE NOCASE, object TEXT NOT NULL COLLATE NOCASE,"
	" application TEXT NOT NULL COLLATE NOCASE, permissions TEXT NOT NULL, keys INTEGER NOT NULL,"
	" UNIQUE(vault, tenant, object, application));"
	"CREATE TABLE key(id INTEGER PRIMARY KEY, vault INTEGER NOT NULL REFERENCES vault"
	" ON DELETE CASCADE, name TEXT NOT NULL COLLATE NOCASE, deleted_at INTEGER,"
	" UNIQUE(vault, name));"
	/* x, y: n and e of RSA, the point of EC, base64url; private: DER */
	"CREATE TABLE material(id INTEGER PRIMARY KEY, kty TEXT NOT NULL, bits INTEGER NOT NULL,"
	" crv TEXT, x TEXT NOT NULL, y TEXT NOT NULL, private BLOB NOT NULL);"
	"CREATE TABLE version(id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES key"
	" ON DELETE CASCADE, version TEXT NOT NULL COLLATE NOCASE, material INTEGER NOT NULL"
	" REFERENCES material, kty TEXT NOT NULL, ops TEXT NOT NULL, enabled INTEGER NOT NULL,"
	" nbf INTEGER, exp INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL, tags TEXT,"
	" UNIQUE(key, version));"
	"CREATE INDEX version_age ON version(key, created, id);";
