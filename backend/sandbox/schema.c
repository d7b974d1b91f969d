/* One table per kind of resource. Times are seconds since the epoch, or milliseconds where Azure
 * shows fractions (_ms). A key URI is kept as vault, key and version: it is written out in the
 * names of whoever asks. Deleted vaults and keys stay as rows with deleted_at set. */
#include "backend/sandbox/db.h"

const char db_schema[] =
	"CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE tenant(id TEXT PRIMARY KEY COLLATE NOCASE, domain TEXT NOT NULL COLLATE NOCASE,"
	" name TEXT NOT NULL) WITHOUT ROWID;"
	/* an application is a row for each tenant that has it; secret: SHA-256 of the client
	 * secret, lower-case hex, "" where the application has none */
	"CREATE TABLE application(client TEXT NOT NULL COLLATE NOCASE, tenant TEXT NOT NULL"
	" COLLATE NOCASE REFERENCES tenant, object TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL,"
	" secret TEXT NOT NULL, PRIMARY KEY(client, tenant)) WITHOUT ROWID;"
	/* der: an X.509 certificate that client assertions may be signed with */
	"CREATE TABLE certificate(client TEXT NOT NULL COLLATE NOCASE, der BLOB NOT NULL,"
	" PRIMARY KEY(client, der)) WITHOUT ROWID;"
	/* people, who sign in by device code */
	"CREATE TABLE person(object TEXT PRIMARY KEY COLLATE NOCASE, tenant TEXT NOT NULL"
	" COLLATE NOCASE REFERENCES tenant, upn TEXT NOT NULL COLLATE NOCASE, name TEXT NOT NULL)"
	" WITHOUT ROWID;"
	/* codes and refresh tokens as SHA-256, lower-case hex; person: who approved it, or NULL */
	"CREATE TABLE device_code(device TEXT PRIMARY KEY, user_code TEXT NOT NULL UNIQUE,"
	" client TEXT NOT NULL, tenant TEXT NOT NULL, scope TEXT NOT NULL, expires INTEGER NOT NULL,"
	" polled_ms INTEGER NOT NULL, interval INTEGER NOT NULL, person TEXT) WITHOUT ROWID;"
	"CREATE TABLE refresh_token(digest TEXT PRIMARY KEY, client TEXT NOT NULL, tenant TEXT NOT NULL,"
	" person TEXT NOT NULL, scope TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;"
	"CREATE TABLE subscription(id TEXT PRIMARY KEY COLLATE NOCASE, tenant TEXT NOT NULL"
	" COLLATE NOCASE REFERENCES tenant, name TEXT NOT NULL, rank INTEGER NOT NULL) WITHOUT ROWID;"
	/* removed_ms: a removal takes effect later, as a grant does; hidden from lists at once */
	"CREATE TABLE role_assignment(id INTEGER PRIMARY KEY, name TEXT NOT NULL COLLATE NOCASE,"
	" scope TEXT NOT NULL COLLATE NOCASE, principal TEXT NOT NULL COLLATE NOCASE, principal_type"
	" TEXT NOT NULL, role TEXT NOT NULL COLLATE NOCASE, description TEXT, condition TEXT,"
	" condition_version TEXT, created_by TEXT NOT NULL, created_ms INTEGER NOT NULL,"
	" updated_by TEXT, updated_ms INTEGER, removed_ms INTEGER);"
	"CREATE INDEX role_assignment_principal ON role_assignment(principal);"
	"CREATE INDEX role_assignment_name ON role_assignment(name);"
	/* gone: the group was deleted, and only deleted vaults still say that they were in it */
	"CREATE TABLE resource_group(id INTEGER PRIMARY KEY, subscription TEXT NOT NULL COLLATE NOCASE"
	" REFERENCES subscription, name TEXT NOT NULL COLLATE NOCASE, location TEXT NOT NULL,"
	" tags TEXT, gone INTEGER NOT NULL DEFAULT 0, UNIQUE(subscription, name));"
	"CREATE TABLE identity(id INTEGER PRIMARY KEY, grp INTEGER NOT NULL REFERENCES resource_group"
	" ON DELETE CASCADE, name TEXT NOT NULL COLLATE NOCASE, location TEXT NOT NULL,"
	" tags TEXT NOT NULL, principal TEXT NOT NULL UNIQUE COLLATE NOCASE,"
	" client TEXT NOT NULL UNIQUE COLLATE NOCASE, created_ms INTEGER NOT NULL, UNIQUE(grp, name));"
	/* owner: the client id of an identity or of an application; audiences: a JSON array */
	"CREATE TABLE federated_credential(id INTEGER PRIMARY KEY, owner TEXT NOT NULL COLLATE NOCASE,"
	" name TEXT NOT NULL COLLATE NOCASE, issuer TEXT NOT NULL, subject TEXT NOT NULL,"
	" audiences TEXT NOT NULL, UNIQUE(owner, name));"
	/* users: a JSON array of ARM ids; more: the service's own properties, a JSON object;
	 * cmk_kind: 0 vault, 1 Managed HSM; cmk_mode: see accounts.h; cmk_due: when the service
	 * looks for a newer version by itself; dark, checked_at, changed_at: see service/reach.h;
	 * wrapped: the account key under cmk_* or, without, under Microsoft's; sealed: the data key
	 * under the account key */
	"CREATE TABLE account(id INTEGER PRIMARY KEY, service INTEGER NOT NULL,"
	" grp INTEGER NOT NULL REFERENCES resource_group, name TEXT NOT NULL COLLATE NOCASE,"
	" location TEXT NOT NULL, tags TEXT NOT NULL, guid TEXT NOT NULL, identity TEXT NOT NULL,"
	" principal TEXT COLLATE NOCASE, users TEXT NOT NULL, more TEXT NOT NULL,"
	" created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL, cmk_kind INTEGER NOT NULL,"
	" cmk_store TEXT COLLATE NOCASE, cmk_slash INTEGER NOT NULL, cmk_key TEXT COLLATE NOCASE,"
	" cmk_mode INTEGER NOT NULL, cmk_version TEXT COLLATE NOCASE, cmk_identity TEXT COLLATE NOCASE,"
	" cmk_federated TEXT COLLATE NOCASE, cmk_rotated_ms INTEGER NOT NULL, cmk_due INTEGER,"
	" dark INTEGER NOT NULL, checked_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,"
	" wrapped BLOB NOT NULL, sealed BLOB NOT NULL, revision INTEGER NOT NULL,"
	" UNIQUE(service, grp, name));"
	"CREATE INDEX account_name ON account(name);"
	"CREATE INDEX account_grp ON account(grp);"
	"CREATE INDEX account_principal ON account(principal) WHERE principal IS NOT NULL;"
	"CREATE INDEX account_due ON account(cmk_due) WHERE cmk_due IS NOT NULL;"
	/* the data of the services: what the canaries read */
	"CREATE TABLE variable(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account"
	" ON DELETE CASCADE, name TEXT NOT NULL COLLATE NOCASE, encrypted INTEGER NOT NULL,"
	" value BLOB NOT NULL, description TEXT, created_ms INTEGER NOT NULL,"
	" modified_ms INTEGER NOT NULL, UNIQUE(account, name));"
	"CREATE TABLE pool(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account"
	" ON DELETE CASCADE, name TEXT NOT NULL COLLATE NOCASE, properties TEXT NOT NULL,"
	" created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL, revision INTEGER NOT NULL,"
	" UNIQUE(account, name));"
	"CREATE TABLE container(id INTEGER PRIMARY KEY, account INTEGER NOT NULL REFERENCES account"
	" ON DELETE CASCADE, name TEXT NOT NULL, metadata TEXT NOT NULL, modified_ms INTEGER NOT NULL,"
	" UNIQUE(account, name));"
	/* content: pieces, each sealed with the account's data key (blob/content.h); md5: base64,
	 * "" for none; tier: "" until one is set */
	"CREATE TABLE blob(id INTEGER PRIMARY KEY, container INTEGER NOT NULL REFERENCES container"
	" ON DELETE CASCADE, name TEXT NOT NULL, type TEXT NOT NULL, content_type TEXT NOT NULL,"
	" md5 TEXT NOT NULL, length INTEGER NOT NULL, content BLOB NOT NULL, metadata TEXT NOT NULL,"
	" tier TEXT NOT NULL, created_ms INTEGER NOT NULL, modified_ms INTEGER NOT NULL,"
	" revision INTEGER NOT NULL, UNIQUE(container, name));"
	/* blocks of block blobs: those of the blob (committed), and those that wait */
	"CREATE TABLE block(container INTEGER NOT NULL REFERENCES container ON DELETE CASCADE,"
	" name TEXT NOT NULL, block TEXT NOT NULL, committed INTEGER NOT NULL, place INTEGER NOT NULL,"
	" length INTEGER NOT NULL, content BLOB NOT NULL,"
	" PRIMARY KEY(container, name, committed, block)) WITHOUT ROWID;"
	/* kind: 0 vault, 1 Managed HSM; more: properties that are kept as they were sent, a JSON
	 * object */
	"CREATE TABLE vault(id INTEGER PRIMARY KEY, kind INTEGER NOT NULL DEFAULT 0,"
	" grp INTEGER NOT NULL REFERENCES resource_group,"
	" name TEXT NOT NULL COLLATE NOCASE, location TEXT NOT NULL, tags TEXT NOT NULL,"
	" tenant TEXT NOT NULL COLLATE NOCASE, sku TEXT NOT NULL, soft_delete INTEGER NOT NULL,"
	" retention INTEGER NOT NULL, purge_protection INTEGER NOT NULL, rbac INTEGER NOT NULL,"
	" more TEXT NOT NULL, created_by TEXT NOT NULL, created_ms INTEGER NOT NULL,"
	" modified_by TEXT NOT NULL, modified_ms INTEGER NOT NULL, deleted_at INTEGER,"
	" UNIQUE(kind, name));"
	"CREATE INDEX vault_grp ON vault(grp);"
	/* permissions: the JSON object as shown; keys: its key permissions as bits of perm.h */
	"CREATE TABLE policy(id INTEGER PRIMARY KEY, vault INTEGER NOT NULL REFERENCES vault"
	" ON DELETE CASCADE, tenant TEXT NOT NULL COLLATE NOCASE, object TEXT NOT NULL COLLATE NOCASE,"
	" application TEXT NOT NULL COLLATE NOCASE, permissions TEXT NOT NULL, keys INTEGER NOT NULL,"
	" UNIQUE(vault, tenant, object, application));"
	/* local roles of a Managed HSM: scope /, /keys or /keys/NAME */
	"CREATE TABLE hsm_assignment(id INTEGER PRIMARY KEY, vault INTEGER NOT NULL REFERENCES vault"
	" ON DELETE CASCADE, name TEXT NOT NULL COLLATE NOCASE, scope TEXT NOT NULL COLLATE NOCASE,"
	" principal TEXT NOT NULL COLLATE NOCASE, role TEXT NOT NULL COLLATE NOCASE,"
	" created_ms INTEGER NOT NULL, UNIQUE(vault, name));"
	/* recovered_at: a key comes back some seconds after its recovery; policy: the rotation
	 * policy as a JSON object, NULL when never set; rotate_due: when it asks for the next
	 * version */
	"CREATE TABLE key(id INTEGER PRIMARY KEY, vault INTEGER NOT NULL REFERENCES vault"
	" ON DELETE CASCADE, name TEXT NOT NULL COLLATE NOCASE, deleted_at INTEGER,"
	" recovered_at INTEGER, policy TEXT, rotate_due INTEGER, UNIQUE(vault, name));"
	"CREATE INDEX key_due ON key(rotate_due) WHERE rotate_due IS NOT NULL;"
	/* x, y: n and e of RSA, the point of EC, base64url; private: DER. An id is never given
	 * twice: the keyring knows keys by it */
	"CREATE TABLE material(id INTEGER PRIMARY KEY AUTOINCREMENT, kty TEXT NOT NULL, bits INTEGER NOT NULL,"
	" crv TEXT, x TEXT NOT NULL, y TEXT NOT NULL, private BLOB NOT NULL);"
	"CREATE TABLE version(id INTEGER PRIMARY KEY, key INTEGER NOT NULL REFERENCES key"
	" ON DELETE CASCADE, version TEXT NOT NULL COLLATE NOCASE, material INTEGER NOT NULL"
	" REFERENCES material, kty TEXT NOT NULL, ops TEXT NOT NULL, enabled INTEGER NOT NULL,"
	" nbf INTEGER, exp INTEGER, created INTEGER NOT NULL, updated INTEGER NOT NULL, tags TEXT,"
	" UNIQUE(key, version));"
	"CREATE INDEX version_age ON version(key, created, id);"
	"CREATE INDEX version_material ON version(material);"
	/* a purge leaves no private key behind */
	"CREATE TRIGGER version_purged AFTER DELETE ON version BEGIN DELETE FROM material"
	" WHERE id=OLD.material AND NOT EXISTS"
	" (SELECT 1 FROM version WHERE material=OLD.material); END;"
	/* long-running operations; path: the resource whose GET is the result, "" for none */
	"CREATE TABLE operation(id TEXT PRIMARY KEY, kind TEXT NOT NULL, path TEXT NOT NULL,"
	" api_version TEXT NOT NULL, started_ms INTEGER NOT NULL, due_ms INTEGER NOT NULL,"
	" polls INTEGER NOT NULL) WITHOUT ROWID;";
