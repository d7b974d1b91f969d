/* Identities, applications, people, who is signing in, and role assignments. */
#include "backend/sandbox/dump/parts.h"
#include "backend/sandbox/reply.h"

/* The federated credentials of an identity or an application. */
static json_t *
credentials(struct dumping *d, const char *owner)
{
	sqlite3_stmt *stmt = db_ask(d->world->db,
		"SELECT name, subject, audiences, issuer FROM federated_credential WHERE owner=?"
		" ORDER BY name",
		"t", owner);
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(
			all, json_pack("{s:s,s:s,s:o,s:s}", "name", dump_column(d, stmt, 0),
				     "subject", dump_principal(d, dump_column(d, stmt, 1)),
				     "audiences", reply_stored(dump_column(d, stmt, 2)), "issuer",
				     dump_column(d, stmt, 3)));
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
		"SELECT name, tenant, client, secret<>'', (SELECT count(*) FROM certificate c"
		" WHERE c.client=a.client) FROM application a ORDER BY name, tenant",
		"");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(all,
			json_pack("{s:s,s:s,s:s,s:b,s:i,s:o}", "name", dump_column(d, stmt, 0),
				"tenant", dump_tenant(d, dump_column(d, stmt, 1)), "clientId",
				dump_column(d, stmt, 2), "secret", sqlite3_column_int(stmt, 3),
				"certificates", sqlite3_column_int(stmt, 4), "federatedCredentials",
				credentials(d, dump_column(d, stmt, 2))));
	return all;
}

json_t *
dump_tenants(struct dumping *d)
{
	sqlite3_stmt *stmt =
		db_ask(d->world->db, "SELECT id, domain, name FROM tenant ORDER BY domain", "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(
			all, json_pack("{s:s,s:s,s:s}", "id", dump_column(d, stmt, 0), "domain",
				     dump_column(d, stmt, 1), "name", dump_column(d, stmt, 2)));
	return all;
}

json_t *
dump_people(struct dumping *d)
{
	sqlite3_stmt *stmt = db_ask(d->world->db,
		"SELECT upn, name, tenant, object FROM person ORDER BY upn, object", "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt))
		json_array_append_new(
			all, json_pack("{s:s,s:s,s:s,s:s}", "upn", dump_column(d, stmt, 0), "name",
				     dump_column(d, stmt, 1), "tenant",
				     dump_tenant(d, dump_column(d, stmt, 2)), "objectId",
				     dump_principal(d, dump_column(d, stmt, 3))));
	return all;
}

static json_t *
sign_ins(struct dumping *d, sqlite3_stmt *stmt)
{
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		json_t *one = json_pack("{s:s,s:s,s:s,s:s}", "clientId", dump_column(d, stmt, 0),
			"tenant", dump_tenant(d, dump_column(d, stmt, 1)), "scope",
			dump_column(d, stmt, 2), "person",
			dump_principal(d, dump_column(d, stmt, 3)));

		dump_time(d, one, "expires", sqlite3_column_int64(stmt, 4));
		json_array_append_new(all, one);
	}
	return all;
}

void
dump_sign_ins(struct dumping *d, json_t *json)
{
	static const char codes[] = "SELECT client, tenant, scope, person, expires FROM device_code"
				    " ORDER BY client, tenant, scope, person, expires";
	static const char tokens[] =
		"SELECT client, tenant, scope, person, expires FROM refresh_token"
		" ORDER BY client, tenant, scope, person, expires";

	json_object_set_new(json, "deviceCodes", sign_ins(d, db_ask(d->world->db, codes, "")));
	json_object_set_new(json, "refreshTokens", sign_ins(d, db_ask(d->world->db, tokens, "")));
}

json_t *
dump_operations(struct dumping *d)
{
	static const char sql[] = "SELECT kind, path, api_version, polls, id, due_ms FROM operation"
				  " ORDER BY kind, path, api_version, polls, due_ms";
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		json_t *one = json_pack("{s:s,s:s,s:s,s:i}", "kind", dump_column(d, stmt, 0),
			"resource", dump_column(d, stmt, 1), "apiVersion", dump_column(d, stmt, 2),
			"polls", sqlite3_column_int(stmt, 3));

		if (d->raw)
			json_object_set_new(one, "id", json_string(dump_column(d, stmt, 4)));
		dump_time(d, one, "due", sqlite3_column_int64(stmt, 5) / 1000);
		json_array_append_new(all, one);
	}
	return all;
}

json_t *
dump_assignments(struct dumping *d)
{
	static const char sql[] =
		"SELECT scope, principal, role, principal_type, name, created_ms, description,"
		" condition FROM role_assignment WHERE removed_ms IS NULL"
		" ORDER BY lower(scope), role, id";
	sqlite3_stmt *stmt = db_ask(d->world->db, sql, "");
	json_t *all = json_array();

	while (db_next(d->world->db, stmt)) {
		json_t *one = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "scope",
			dump_column(d, stmt, 0), "principal",
			dump_principal(d, dump_column(d, stmt, 1)), "role", dump_column(d, stmt, 2),
			"principalType", dump_column(d, stmt, 3), "description",
			dump_column(d, stmt, 6), "condition", dump_column(d, stmt, 7));

		if (d->raw)
			json_object_set_new(one, "name", json_string(dump_column(d, stmt, 4)));
		dump_time(d, one, "created", sqlite3_column_int64(stmt, 5) / 1000);
		json_array_append_new(all, one);
	}
	return dump_sorted(all, "principal");
}
