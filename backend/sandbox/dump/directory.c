/* Identities, applications and role assignments. */
#include "backend/sandbox/dump/parts.h"
#include "backend/sandbox/reply.h"

/* The federated credentials of an identity or an application. */
static json_t *
credentials(struct dumping *d, const char *owner)
{
	sqlite3_stmt *stmt = db_ask(d->world->db,
		"SELECT name, subject, audiences FROM federated_credential WHERE owner=? ORDER BY name",
		"t", owner);
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(
			all, json_pack("{s:s,s:s,s:o}", "name", dump_column(d, stmt, 0), "subject",
				     dump_principal(d, dump_column(d, stmt, 1)), "audiences",
				     reply_stored(dump_column(d, stmt, 2))));
	return all;
}

json_t *
dump_identities(struct dumping *d)
{
	static const char sql[] =
		"SELECT i.name, s.name, g.name, i.location, i.tags, i.principal, i.client FROM identity i"
		" JOIN resource_group g ON g.id=i.grp JOIN subscription s ON s.id=g.subscription"
		" ORDER BY s.rank, g.name, i.name";
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		const char *client = dump_column(d, stmt, 6);
		json_t *one = json_pack("{s:s,s:s,s:s,s:s,s:o,s:s,s:o}", "name",
			dump_column(d, stmt, 0), "subscription", dump_column(d, stmt, 1), "group",
			dump_column(d, stmt, 2), "location", dump_column(d, stmt, 3), "tags",
			reply_stored(dump_column(d, stmt, 4)), "principalId",
			dump_principal(d, dump_column(d, stmt, 5)), "federatedCredentials",
			credentials(d, client));

		if (d->raw)
			json_object_set_new(one, "clientId", json_string(client));
		json_array_append_new(all, one);
	}
	return all;
}

json_t *
dump_applications(struct dumping *d)
{
	sqlite3_stmt *stmt = db_ask(d->world->db,
		"SELECT name, tenant, client FROM application ORDER BY name, tenant", "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(
			all, json_pack("{s:s,s:s,s:s,s:o}", "name", dump_column(d, stmt, 0),
				     "tenant", dump_tenant(d, dump_column(d, stmt, 1)), "clientId",
				     dump_column(d, stmt, 2), "federatedCredentials",
				     credentials(d, dump_column(d, stmt, 2))));
	return all;
}

json_t *
dump_assignments(struct dumping *d)
{
	static const char sql[] =
		"SELECT scope, principal, role, principal_type, name, created_ms FROM role_assignment"
		" WHERE removed_ms IS NULL ORDER BY lower(scope), role, id";
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		json_t *one = json_pack("{s:s,s:s,s:s,s:s}", "scope", dump_column(d, stmt, 0),
			"principal", dump_principal(d, dump_column(d, stmt, 1)), "role",
			dump_column(d, stmt, 2), "principalType", dump_column(d, stmt, 3));

		if (d->raw)
			json_object_set_new(one, "name", json_string(dump_column(d, stmt, 4)));
		dump_time(d, one, "created", sqlite3_column_int64(stmt, 5) / 1000);
		json_array_append_new(all, one);
	}
	return all;
}
