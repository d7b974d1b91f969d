/* accessPolicies/add merges per tenant, object and application: permissions are united, spelling
 * and order that were there stay [azure-sdk-for-python recording test_cli_mgmt_keyvault]. */
#include "backend/sandbox/rows/vaults.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/call.h"
#include "backend/sandbox/rows/assignments.h"

#define COLUMNS                                                                                  \
	"SELECT v.id, v.grp, g.subscription, g.name, v.name, v.location, v.tenant, v.sku,"       \
	" v.soft_delete, v.retention, v.purge_protection, v.rbac, v.tags, v.more, v.created_by," \
	" v.created_ms, v.modified_by, v.modified_ms, v.deleted_at, v.kind FROM vault v"         \
	" JOIN resource_group g ON g.id=v.grp "

#define PAGE " AND v.id>? ORDER BY v.id LIMIT ?"

const char vault_by_subscription[] =
	COLUMNS "WHERE g.subscription=? AND v.kind=0 AND v.deleted_at IS NULL" PAGE;
const char vault_by_group[] =
	COLUMNS "WHERE g.subscription=? AND g.name=? AND v.kind=0 AND v.deleted_at IS NULL" PAGE;
const char vault_deleted[] =
	COLUMNS "WHERE g.subscription=? AND v.kind=0 AND v.deleted_at IS NOT NULL" PAGE;
const char hsm_by_subscription[] =
	COLUMNS "WHERE g.subscription=? AND v.kind=1 AND v.deleted_at IS NULL" PAGE;
const char hsm_by_group[] =
	COLUMNS "WHERE g.subscription=? AND g.name=? AND v.kind=1 AND v.deleted_at IS NULL" PAGE;
const char hsm_deleted[] =
	COLUMNS "WHERE g.subscription=? AND v.kind=1 AND v.deleted_at IS NOT NULL" PAGE;

void
vaults_read(sqlite3_stmt *stmt, struct arena *arena, struct vault *out)
{
	*out = (struct vault){
		.id = sqlite3_column_int64(stmt, 0),
		.group = sqlite3_column_int64(stmt, 1),
		.soft_delete = sqlite3_column_int(stmt, 8),
		.retention = sqlite3_column_int(stmt, 9),
		.purge_protection = sqlite3_column_int(stmt, 10),
		.rbac = sqlite3_column_int(stmt, 11),
		.tags = db_text(stmt, 12, arena),
		.more = db_text(stmt, 13, arena),
		.created_by = db_text(stmt, 14, arena),
		.created_ms = sqlite3_column_int64(stmt, 15),
		.modified_by = db_text(stmt, 16, arena),
		.modified_ms = sqlite3_column_int64(stmt, 17),
		.deleted_at = sqlite3_column_int64(stmt, 18),
		.kind = (enum store_kind)sqlite3_column_int(stmt, 19),
	};
	db_copy(stmt, 2, out->subscription, sizeof out->subscription);
	db_copy(stmt, 3, out->group_name, sizeof out->group_name);
	db_copy(stmt, 4, out->name, sizeof out->name);
	db_copy(stmt, 5, out->location, sizeof out->location);
	db_copy(stmt, 6, out->tenant, sizeof out->tenant);
	db_copy(stmt, 7, out->sku, sizeof out->sku);
}

static bool
read_one(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct vault *out)
{
	if (!db_next(db, stmt))
		return false;
	vaults_read(stmt, arena, out);
	db_done(stmt);
	return true;
}

bool
vaults_find(struct db *db, struct arena *arena, enum store_kind kind, const char *name,
	struct vault *out)
{
	static const char sql[] = COLUMNS "WHERE v.kind=? AND v.name=? AND v.deleted_at IS NULL";

	return read_one(db, db_ask(db, sql, "it", (int64_t)kind, name), arena, out);
}

bool
vaults_find_in(struct db *db, struct arena *arena, enum store_kind kind, const char *subscription,
	const char *group, const char *name, struct vault *out)
{
	return vaults_find(db, arena, kind, name, out) &&
	       text_casecmp(out->subscription, subscription) == 0 &&
	       text_casecmp(out->group_name, group) == 0;
}

bool
vaults_find_deleted(struct db *db, struct arena *arena, enum store_kind kind,
	const char *subscription, const char *location, const char *name, struct vault *out)
{
	static const char sql[] =
		COLUMNS "WHERE v.kind=? AND v.name=? AND v.deleted_at IS NOT NULL";

	return read_one(db, db_ask(db, sql, "it", (int64_t)kind, name), arena, out) &&
	       text_casecmp(out->subscription, subscription) == 0 &&
	       text_casecmp(out->location, location) == 0;
}

enum vault_name
vaults_name_state(struct db *db, enum store_kind kind, const char *name)
{
	sqlite3_stmt *stmt = db_ask(db, "SELECT deleted_at FROM vault WHERE kind=? AND name=?",
		"it", (int64_t)kind, name);
	enum vault_name state = VAULT_NAME_FREE;

	if (db_next(db, stmt)) {
		state = sqlite3_column_type(stmt, 0) == SQLITE_NULL ? VAULT_NAME_TAKEN
								    : VAULT_NAME_DELETED;
		db_done(stmt);
	}
	return state;
}

void
vaults_insert(struct db *db, struct vault *v)
{
	db_do(db,
		"INSERT INTO vault(kind,grp,name,location,tags,tenant,sku,soft_delete,retention,"
		"purge_protection,rbac,more,created_by,created_ms,modified_by,modified_ms)"
		" VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
		"iittttt"
		"iiii"
		"ttiti",
		(int64_t)v->kind, v->group, v->name, v->location, v->tags, v->tenant, v->sku,
		(int64_t)v->soft_delete, (int64_t)v->retention, (int64_t)v->purge_protection,
		(int64_t)v->rbac, v->more, v->created_by, v->created_ms, v->modified_by,
		v->modified_ms);
	v->id = db_last_id(db);
}

void
vaults_update(struct db *db, const struct vault *v)
{
	db_do(db,
		"UPDATE vault SET tags=?, tenant=?, sku=?, soft_delete=?, retention=?,"
		" purge_protection=?, rbac=?, more=?, modified_by=?, modified_ms=? WHERE id=?",
		"tttiiiittii", v->tags, v->tenant, v->sku, (int64_t)v->soft_delete,
		(int64_t)v->retention, (int64_t)v->purge_protection, (int64_t)v->rbac, v->more,
		v->modified_by, v->modified_ms, v->id);
}

/* Roles assigned on a vault, or on keys in it, do not outlive its deletion [general/key-vault-
 * recovery.md: role assignments have to be made again]. */
void
vaults_delete(struct db *db, const struct vault *vault, time_t now)
{
	char id[640];

	assignments_drop(db, vaults_id(vault, id, sizeof id), (int64_t)now * 1000);
	if (vault->soft_delete)
		db_do(db, "UPDATE vault SET deleted_at=? WHERE id=?", "ii", (int64_t)now,
			vault->id);
	else
		vaults_purge(db, vault);
}

void
vaults_recover(struct db *db, struct vault *vault)
{
	vault->deleted_at = 0;
	db_do(db, "UPDATE vault SET deleted_at=NULL WHERE id=?", "i", vault->id);
	vaults_update(db, vault);
}

void
vaults_purge(struct db *db, const struct vault *vault)
{
	db_do(db, "DELETE FROM vault WHERE id=?", "i", vault->id);
}

char *
vaults_uri(const struct vault *vault, const struct naming *naming, char out[NAMES_URL])
{
	char name[sizeof vault->name];

	for (size_t i = 0; i < sizeof name; i++)
		name[i] = (char)tolower((unsigned char)vault->name[i]);
	return names_store(naming, vault->kind, name, out);
}

char *
vaults_id(const struct vault *vault, char *out, size_t room)
{
	snprintf(out, room,
		"/subscriptions/%s/resourceGroups/%s/providers/Microsoft.KeyVault/%s/%s",
		vault->subscription, vault->group_name,
		vault->kind == STORE_VAULT ? "vaults" : "managedHSMs", vault->name);
	return out;
}

/* The bits of an entry's permissions.keys. */
static perm_set
key_perms(const json_t *permissions)
{
	const json_t *keys = call_member(permissions, "keys");
	perm_set set = 0;

	for (size_t i = 0; i < json_array_size(keys); i++)
		set |= perm_parse(json_string_value(json_array_get(keys, i)));
	return set;
}

json_t *
vaults_policies(struct db *db, int64_t vault)
{
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT tenant, object, application, permissions FROM policy WHERE vault=? ORDER BY id",
		"i", vault);
	json_t *list = json_array();

	while (db_next(db, stmt)) {
		const char *application = (const char *)sqlite3_column_text(stmt, 2);
		json_t *entry = json_pack("{s:s,s:s}", "tenantId", sqlite3_column_text(stmt, 0),
			"objectId", sqlite3_column_text(stmt, 1));

		if (application && application[0])
			json_object_set_new(entry, "applicationId", json_string(application));
		json_object_set_new(entry, "permissions",
			json_loads((const char *)sqlite3_column_text(stmt, 3), 0, NULL));
		json_array_append_new(list, entry);
	}
	return list;
}

static bool
has_word(const json_t *list, const char *word)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (text_casecmp(json_string_value(json_array_get(list, i)), word) == 0)
			return true;
	return false;
}

/* Unites (or, with remove, subtracts) one kind of permissions. */
static json_t *
changed_words(const json_t *old, const json_t *words, bool remove)
{
	json_t *out = json_array();

	for (size_t i = 0; i < json_array_size(old); i++) {
		json_t *word = json_array_get(old, i);

		if (!remove || !has_word(words, json_string_value(word)))
			json_array_append(out, word);
	}
	for (size_t i = 0; !remove && i < json_array_size(words); i++) {
		json_t *word = json_array_get(words, i);

		if (!has_word(out, json_string_value(word)))
			json_array_append(out, word);
	}
	return out;
}

static json_t *
changed(const json_t *old, const json_t *permissions, bool remove, bool *empty)
{
	static const char *const kinds[] = {"keys", "secrets", "certificates", "storage"};
	json_t *out = json_object();

	*empty = true;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const json_t *before = call_member(old, kinds[i]);
		const json_t *words = call_member(permissions, kinds[i]);
		json_t *after;

		if (!before && !words)
			continue;
		after = changed_words(before, words, remove);
		if (json_array_size(after))
			*empty = false;
		json_object_set_new(out, kinds[i], after);
	}
	return out;
}

static void
write_policy(struct db *db, int64_t vault, const json_t *entry, const json_t *permissions)
{
	const char *application = call_text(entry, "applicationId");
	char *text = json_dumps(permissions, JSON_COMPACT);

	db_do(db,
		"INSERT INTO policy(vault,tenant,object,application,permissions,keys) VALUES(?,?,?,?,?,?)"
		" ON CONFLICT(vault,tenant,object,application) DO UPDATE SET"
		" permissions=excluded.permissions, keys=excluded.keys",
		"itttti", vault, call_text(entry, "tenantId"), call_text(entry, "objectId"),
		application ? application : "", text, (int64_t)key_perms(permissions));
	free(text);
}

static json_t *
old_permissions(struct db *db, int64_t vault, const json_t *entry)
{
	const char *application = call_text(entry, "applicationId");
	sqlite3_stmt *stmt = db_ask(db,
		"SELECT permissions FROM policy WHERE vault=? AND tenant=? AND object=? AND application=?",
		"ittt", vault, call_text(entry, "tenantId"), call_text(entry, "objectId"),
		application ? application : "");
	json_t *old = NULL;

	if (db_next(db, stmt)) {
		old = json_loads((const char *)sqlite3_column_text(stmt, 0), 0, NULL);
		db_done(stmt);
	}
	return old;
}

void
vaults_change_policy(struct db *db, int64_t vault, enum policy_change change, const json_t *entry)
{
	const char *application = call_text(entry, "applicationId");
	const json_t *permissions = call_member(entry, "permissions");
	json_t *old = old_permissions(db, vault, entry), *now;
	bool empty;

	now = changed(change == POLICY_REPLACE ? NULL : old, permissions, change == POLICY_REMOVE,
		&empty);
	if (change == POLICY_REMOVE && (empty || !permissions))
		db_do(db,
			"DELETE FROM policy WHERE vault=? AND tenant=? AND object=? AND application=?",
			"ittt", vault, call_text(entry, "tenantId"), call_text(entry, "objectId"),
			application ? application : "");
	else if (change != POLICY_REMOVE || old)
		write_policy(db, vault, entry, now);
	json_decref(old);
	json_decref(now);
}

void
vaults_clear_policies(struct db *db, int64_t vault)
{
	db_do(db, "DELETE FROM policy WHERE vault=?", "i", vault);
}

/* Whether an IPv4 range such as 127.0.0.0/8 holds an address. */
static bool
range_holds(const char *range, const char *address)
{
	const char *slash = strchr(range, '/');
	char base[INET_ADDRSTRLEN];
	struct in_addr network, one;
	uint32_t mask = ~(uint32_t)0;

	snprintf(base, sizeof base, "%.*s", slash ? (int)(slash - range) : (int)strlen(range),
		range);
	if (inet_pton(AF_INET, base, &network) != 1 || inet_pton(AF_INET, address, &one) != 1)
		return false;
	if (slash) {
		long bits = strtol(slash + 1, NULL, 10);

		mask = bits <= 0 ? 0 : bits >= 32 ? mask : ~(mask >> bits);
	}
	return ((ntohl(network.s_addr) ^ ntohl(one.s_addr)) & mask) == 0;
}

static bool
rules_hold(const json_t *acls, const char *address)
{
	const json_t *rules = call_member(acls, "ipRules");

	for (size_t i = 0; i < json_array_size(rules); i++) {
		const char *range = call_text(json_array_get(rules, i), "value");

		if (range && range_holds(range, address))
			return true;
	}
	return false;
}

/* publicNetworkAccess Disabled overrides the address rules but not the bypass [keyvault.json
 * 2023-07-01]; SecuredByPerimeter overrides both [general/overview-vnet-service-endpoints.md]. */
bool
vaults_admits(const struct vault *vault, enum visitor visitor)
{
	json_t *more = json_loads(vault->more, 0, NULL);
	const json_t *acls = call_member(more, "networkAcls");
	const char *action = call_text(acls, "defaultAction"), *bypass = call_text(acls, "bypass");
	const char *open = call_text(more, "publicNetworkAccess");
	bool public = !open || text_casecmp(open, "Enabled") == 0, in;

	if (open && text_casecmp(open, "SecuredByPerimeter") == 0)
		in = false;
	else if (public && (!action || text_casecmp(action, "Deny") != 0))
		in = true;
	else if (visitor == VISITOR_CALLER)
		in = public && rules_hold(acls, "127.0.0.1");
	else
		in = visitor == VISITOR_TRUSTED &&
		     (!bypass || text_casecmp(bypass, "AzureServices") == 0);
	json_decref(more);
	return in;
}
