/* The newest version is the one created last; of two in one second, the later row. Documentation
 * (About keys, key attributes): outside nbf and exp a key still unwraps, decrypts and verifies. */
#include "backend/sandbox/rows/keys.h"

#include <string.h>

#include "backend/base/text.h"

#define COLUMNS                                                                              \
	"SELECT v.id, v.key, v.material, k.name, v.version, v.kty, m.crv, v.enabled, v.ops," \
	" v.nbf, v.exp, v.created, v.updated, v.tags, m.x, m.y FROM version v"               \
	" JOIN key k ON k.id=v.key JOIN material m ON m.id=v.material"                       \
	" WHERE k.vault=? AND k.deleted_at IS NULL "

/* The newest version of each key: no other one of that key is younger. */
const char keys_of_vault[] =
	COLUMNS "AND k.name>? AND v.id=(SELECT w.id FROM version w WHERE w.key=k.id"
		" ORDER BY w.created DESC, w.id DESC LIMIT 1) ORDER BY k.name LIMIT ?";
const char versions_of_key[] = COLUMNS "AND k.name=? AND v.version>? ORDER BY v.version LIMIT ?";

static perm_set
ops_of(const char *text)
{
	json_t *list = json_loads(text, 0, NULL);
	perm_set set = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		set |= perm_parse(json_string_value(json_array_get(list, i)));
	json_decref(list);
	return set;
}

void
keys_read(sqlite3_stmt *stmt, struct arena *arena, struct key_version *out)
{
	*out = (struct key_version){
		.id = sqlite3_column_int64(stmt, 0),
		.key = sqlite3_column_int64(stmt, 1),
		.material = sqlite3_column_int64(stmt, 2),
		.enabled = sqlite3_column_int(stmt, 7),
		.ops_text = db_text(stmt, 8, arena),
		.nbf = sqlite3_column_int64(stmt, 9),
		.exp = sqlite3_column_int64(stmt, 10),
		.created = sqlite3_column_int64(stmt, 11),
		.updated = sqlite3_column_int64(stmt, 12),
		.tags = db_text(stmt, 13, arena),
		.x = db_text(stmt, 14, arena),
		.y = db_text(stmt, 15, arena),
	};
	db_copy(stmt, 3, out->name, sizeof out->name);
	db_copy(stmt, 4, out->version, sizeof out->version);
	db_copy(stmt, 5, out->kty, sizeof out->kty);
	db_copy(stmt, 6, out->curve, sizeof out->curve);
	out->ops = ops_of(out->ops_text);
}

bool
keys_find(struct db *db, struct arena *arena, int64_t vault, const char *name, const char *version,
	struct key_version *out)
{
	static const char newest[] =
		COLUMNS "AND k.name=? ORDER BY v.created DESC, v.id DESC LIMIT 1";
	static const char exact[] = COLUMNS "AND k.name=? AND v.version=?";
	sqlite3_stmt *stmt = version[0] ? db_ask(db, exact, "itt", vault, name, version)
					: db_ask(db, newest, "it", vault, name);

	if (!db_next(db, stmt))
		return false;
	keys_read(stmt, arena, out);
	db_done(stmt);
	return true;
}

bool
keys_find_usable(struct db *db, struct arena *arena, int64_t vault, const char *name, perm_set op,
	time_t now, struct key_version *out)
{
	static const char sql[] = COLUMNS "AND k.name=? ORDER BY v.created DESC, v.id DESC";
	sqlite3_stmt *stmt = db_ask(db, sql, "it", vault, name);

	while (db_next(db, stmt)) {
		keys_read(stmt, arena, out);
		if (keys_state(out, op, now) == KEY_USABLE) {
			db_done(stmt);
			return true;
		}
	}
	return false;
}

/* nbf and exp are NULL when 0. */
static void
set_times(struct db *db, const struct key_version *v)
{
	db_do(db, "UPDATE version SET nbf=nullif(?,0), exp=nullif(?,0) WHERE id=?", "iii", v->nbf,
		v->exp, v->id);
}

void
keys_insert(struct db *db, int64_t vault, struct key_version *v)
{
	sqlite3_stmt *stmt;

	db_do(db, "INSERT INTO key(vault,name) VALUES(?,?) ON CONFLICT DO NOTHING", "it", vault,
		v->name);
	stmt = db_ask(db, "SELECT id FROM key WHERE vault=? AND name=?", "it", vault, v->name);
	if (db_next(db, stmt)) {
		v->key = sqlite3_column_int64(stmt, 0);
		db_done(stmt);
	}
	db_do(db,
		"INSERT INTO version(key,version,material,kty,ops,enabled,created,updated,tags)"
		" VALUES(?,?,?,?,?,?,?,?,?)",
		"itittiiit", v->key, v->version, v->material, v->kty, v->ops_text,
		(int64_t)v->enabled, v->created, v->updated, v->tags[0] ? v->tags : NULL);
	v->id = db_last_id(db);
	set_times(db, v);
}

void
keys_update(struct db *db, const struct key_version *v)
{
	db_do(db, "UPDATE version SET ops=?, enabled=?, updated=?, tags=? WHERE id=?", "tiiti",
		v->ops_text, (int64_t)v->enabled, v->updated, v->tags[0] ? v->tags : NULL, v->id);
	set_times(db, v);
}

enum key_state
keys_state(const struct key_version *v, perm_set op, time_t now)
{
	bool protects = op & (PERM_WRAP | PERM_ENCRYPT | PERM_SIGN);

	if (!v->enabled)
		return KEY_DISABLED;
	if (!(v->ops & op))
		return KEY_NOT_PERMITTED;
	if (protects && v->exp && now >= v->exp)
		return KEY_EXPIRED;
	if (protects && v->nbf && now < v->nbf)
		return KEY_NOT_YET;
	return KEY_USABLE;
}

static json_t *
kid(const struct key_version *v, const struct vault *vault, const struct naming *naming,
	bool with_version)
{
	char base[NAMES_URL];

	return json_sprintf("%s/keys/%s%s%s", names_store(naming, vault->kind, vault->name, base),
		v->name, with_version ? "/" : "", with_version ? v->version : "");
}

/* Recovery levels: KeyVault 7.4 keys.json, DeletionRecoveryLevel. */
static const char *
recovery_level(const struct vault *vault)
{
	if (!vault->soft_delete)
		return "Purgeable";
	if (vault->retention < 90)
		return vault->purge_protection ? "CustomizedRecoverable"
					       : "CustomizedRecoverable+Purgeable";
	return vault->purge_protection ? "Recoverable" : "Recoverable+Purgeable";
}

static json_t *
attributes(const struct key_version *v, const struct vault *vault)
{
	json_t *json = json_pack("{s:b}", "enabled", v->enabled);

	if (v->nbf)
		json_object_set_new(json, "nbf", json_integer(v->nbf));
	if (v->exp)
		json_object_set_new(json, "exp", json_integer(v->exp));
	json_object_set_new(json, "created", json_integer(v->created));
	json_object_set_new(json, "updated", json_integer(v->updated));
	json_object_set_new(json, "recoveryLevel", json_string(recovery_level(vault)));
	if (vault->soft_delete)
		json_object_set_new(json, "recoverableDays", json_integer(vault->retention));
	json_object_set_new(json, "exportable", json_false());
	json_object_set_new(json, "hsmPlatform", json_string("0"));
	return json;
}

static void
add_tags(json_t *json, const struct key_version *v)
{
	if (v->tags[0])
		json_object_set_new(json, "tags", json_loads(v->tags, 0, NULL));
}

json_t *
keys_bundle(const struct key_version *v, const struct vault *vault, const struct naming *naming)
{
	bool rsa = strncmp(v->kty, "RSA", 3) == 0;
	json_t *key = json_pack("{s:o,s:s,s:o}", "kid", kid(v, vault, naming, true), "kty", v->kty,
		"key_ops", json_loads(v->ops_text, 0, NULL));
	json_t *json;

	if (!rsa)
		json_object_set_new(key, "crv", json_string(v->curve));
	json_object_set_new(key, rsa ? "n" : "x", json_string(v->x));
	json_object_set_new(key, rsa ? "e" : "y", json_string(v->y));
	json = json_pack("{s:o,s:o}", "key", key, "attributes", attributes(v, vault));
	add_tags(json, v);
	return json;
}

json_t *
keys_item(const struct key_version *v, const struct vault *vault, const struct naming *naming,
	bool with_version)
{
	json_t *json = json_pack("{s:o,s:o}", "kid", kid(v, vault, naming, with_version),
		"attributes", attributes(v, vault));

	add_tags(json, v);
	return json;
}
