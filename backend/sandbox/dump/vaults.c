/* Vaults and Managed HSMs with who may use them and their keys. */
#include "backend/base/text.h"
#include "backend/sandbox/dump/parts.h"
#include "backend/sandbox/reply.h"

/* Rights in the order of their names: which of them was given first says nothing. */
static json_t *
rights(const char *stored)
{
	json_t *all = reply_stored(stored), *words;
	const char *kind;

	json_object_foreach(all, kind, words)
	{
		json_t *sorted = json_array();

		for (size_t i = 0; i < json_array_size(words); i++) {
			json_t *word = json_array_get(words, i);
			size_t at = json_array_size(sorted);

			while (at && text_casecmp(json_string_value(json_array_get(sorted, at - 1)),
					     json_string_value(word)) > 0)
				at--;
			json_array_insert(sorted, at, word);
		}
		json_object_set_new(all, kind, sorted);
	}
	return all;
}

static json_t *
policies(struct dumping *d, int64_t vault)
{
	sqlite3_stmt *stmt = db_ask(d->world->db,
		"SELECT tenant, object, application, permissions FROM policy WHERE vault=? ORDER BY id",
		"i", vault);
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(
			all, json_pack("{s:s,s:s,s:s,s:o}", "tenantId",
				     dump_tenant(d, dump_column(d, stmt, 0)), "objectId",
				     dump_principal(d, dump_column(d, stmt, 1)), "applicationId",
				     dump_column(d, stmt, 2), "permissions",
				     rights(dump_column(d, stmt, 3))));
	return dump_sorted(all, "objectId");
}

/* Local roles of a Managed HSM. */
static json_t *
local_roles(struct dumping *d, int64_t vault)
{
	sqlite3_stmt *stmt = db_ask(d->world->db,
		"SELECT scope, principal, role FROM hsm_assignment WHERE vault=? ORDER BY scope, role, id",
		"i", vault);
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(
			all, json_pack("{s:s,s:s,s:s}", "scope", dump_column(d, stmt, 0),
				     "principal", dump_principal(d, dump_column(d, stmt, 1)),
				     "role", dump_column(d, stmt, 2)));
	return dump_sorted(all, "principal");
}

static json_t *
key_versions(struct dumping *d, enum store_kind kind, const char *vault, int64_t id)
{
	static const char sql[] =
		"SELECT k.name, v.version, v.kty, m.bits, v.ops, v.enabled, v.nbf, v.exp, v.created,"
		" v.updated, v.tags, m.crv, k.deleted_at, k.policy, k.recovered_at FROM version v JOIN key k ON k.id=v.key"
		" JOIN material m ON m.id=v.material WHERE k.vault=? ORDER BY k.name, v.created, v.id";
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "i", id);
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		json_t *one = json_pack("{s:s,s:s,s:s,s:s,s:i,s:o,s:b,s:b,s:b,s:b,s:b,s:o}", "name",
			dump_column(d, stmt, 0), "version",
			dump_version(
				d, kind, vault, dump_column(d, stmt, 0), dump_column(d, stmt, 1)),
			"kty", dump_column(d, stmt, 2), "crv", dump_column(d, stmt, 11), "bits",
			sqlite3_column_int(stmt, 3), "operations",
			reply_stored(dump_column(d, stmt, 4)), "enabled",
			sqlite3_column_int(stmt, 5), "notBefore",
			sqlite3_column_int64(stmt, 6) != 0, "expires",
			sqlite3_column_int64(stmt, 7) != 0, "deleted",
			sqlite3_column_int64(stmt, 12) != 0, "comingBack",
			sqlite3_column_int64(stmt, 14) != 0, "tags",
			reply_stored(dump_column(d, stmt, 10)));

		if (sqlite3_column_type(stmt, 13) != SQLITE_NULL)
			json_object_set_new(
				one, "rotationPolicy", dump_stored(d, dump_column(d, stmt, 13)));
		dump_time(d, one, "nbf", sqlite3_column_int64(stmt, 6));
		dump_time(d, one, "exp", sqlite3_column_int64(stmt, 7));
		dump_time(d, one, "created", sqlite3_column_int64(stmt, 8));
		dump_time(d, one, "updated", sqlite3_column_int64(stmt, 9));
		json_array_append_new(all, one);
	}
	return all;
}

json_t *
dump_vaults(struct dumping *d)
{
	static const char sql[] =
		"SELECT v.id, v.name, s.name, g.name, v.location, v.tags, v.tenant, v.sku,"
		" v.soft_delete, v.retention, v.purge_protection, v.rbac, v.more, v.deleted_at, v.kind"
		" FROM vault v JOIN resource_group g ON g.id=v.grp"
		" JOIN subscription s ON s.id=g.subscription ORDER BY v.name, v.kind";
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		int64_t id = sqlite3_column_int64(stmt, 0);
		const char *name = dump_column(d, stmt, 1);
		enum store_kind kind = (enum store_kind)sqlite3_column_int(stmt, 14);

		json_array_append_new(all,
			json_pack(
				"{s:s,s:s,s:s,s:s,s:s,s:o,s:s,s:s,s:b,s:i,s:b,s:b,s:o,s:b,s:o,s:o,s:o}",
				"name", name, "kind", kind == STORE_HSM ? "managedHsm" : "vault",
				"subscription", dump_column(d, stmt, 2), "group",
				dump_column(d, stmt, 3), "location", dump_column(d, stmt, 4),
				"tags", reply_stored(dump_column(d, stmt, 5)), "tenantId",
				dump_tenant(d, dump_column(d, stmt, 6)), "sku",
				dump_column(d, stmt, 7), "softDelete", sqlite3_column_int(stmt, 8),
				"retentionDays", sqlite3_column_int(stmt, 9), "purgeProtection",
				sqlite3_column_int(stmt, 10), "rbac", sqlite3_column_int(stmt, 11),
				"more", reply_stored(dump_column(d, stmt, 12)), "deleted",
				sqlite3_column_int64(stmt, 13) != 0, "accessPolicies",
				policies(d, id), "localRoles", local_roles(d, id), "keys",
				key_versions(d, kind, name, id)));
	}
	return all;
}
