/* An identity's id is written with resourcegroups in lower case, as its provider does
 * [azure-cli recording test_user_assigned_identity]. */
#include "backend/sandbox/rows/identities.h"

#include <stdio.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/text.h"

#define COLUMNS                                                                        \
	"SELECT i.id, i.grp, g.subscription, g.name, i.name, i.location, i.principal," \
	" i.client, i.tags, i.created_ms FROM identity i JOIN resource_group g ON g.id=i.grp "

const char identities_by_subscription[] =
	COLUMNS "WHERE g.subscription=? AND i.id>? ORDER BY i.id LIMIT ?";
const char identities_by_group[] =
	COLUMNS "WHERE g.subscription=? AND g.name=? AND i.id>? ORDER BY i.id LIMIT ?";

void
identities_read(sqlite3_stmt *stmt, struct arena *arena, struct identity *out)
{
	*out = (struct identity){
		.id = sqlite3_column_int64(stmt, 0),
		.group = sqlite3_column_int64(stmt, 1),
		.tags = db_text(stmt, 8, arena),
		.created_ms = sqlite3_column_int64(stmt, 9),
	};
	db_copy(stmt, 2, out->subscription, sizeof out->subscription);
	db_copy(stmt, 3, out->group_name, sizeof out->group_name);
	db_copy(stmt, 4, out->name, sizeof out->name);
	db_copy(stmt, 5, out->location, sizeof out->location);
	db_copy(stmt, 6, out->principal, sizeof out->principal);
	db_copy(stmt, 7, out->client, sizeof out->client);
}

static bool
read_one(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct identity *out)
{
	if (!db_next(db, stmt))
		return false;
	identities_read(stmt, arena, out);
	db_done(stmt);
	return true;
}

bool
identities_find(struct db *db, struct arena *arena, const char *subscription, const char *group,
	const char *name, struct identity *out)
{
	static const char sql[] = COLUMNS "WHERE g.subscription=? AND g.name=? AND i.name=?";

	return read_one(db, db_ask(db, sql, "ttt", subscription, group, name), arena, out);
}

bool
identities_find_arm(struct db *db, struct arena *arena, const char *arm_id, struct identity *out)
{
	struct armid id;
	struct err ignored;

	return armid_parse(&id, arm_id, &ignored) &&
	       text_casecmp(id.type, "Microsoft.ManagedIdentity/userAssignedIdentities") == 0 &&
	       identities_find(db, arena, id.subscription, id.group, id.name, out);
}

bool
identities_find_guid(struct db *db, struct arena *arena, const char *guid, struct identity *out)
{
	static const char sql[] = COLUMNS "WHERE i.client=?1 OR i.principal=?1";

	return read_one(db, db_ask(db, sql, "t", guid), arena, out);
}

void
identities_insert(struct db *db, struct identity *i)
{
	db_do(db,
		"INSERT INTO identity(grp,name,location,tags,principal,client,created_ms)"
		" VALUES(?,?,?,?,?,?,?)",
		"itttt"
		"ti",
		i->group, i->name, i->location, i->tags, i->principal, i->client, i->created_ms);
	i->id = db_last_id(db);
}

void
identities_update(struct db *db, const struct identity *i)
{
	db_do(db, "UPDATE identity SET tags=? WHERE id=?", "ti", i->tags, i->id);
}

void
identities_delete(struct db *db, const struct identity *i)
{
	db_do(db, "DELETE FROM federated_credential WHERE owner=?", "t", i->client);
	db_do(db, "DELETE FROM identity WHERE id=?", "i", i->id);
}

void
identities_delete_group(struct db *db, int64_t group)
{
	db_do(db,
		"DELETE FROM federated_credential WHERE owner IN"
		" (SELECT client FROM identity WHERE grp=?)",
		"i", group);
	db_do(db, "DELETE FROM identity WHERE grp=?", "i", group);
}

char *
identities_id(const struct identity *i, char *out, size_t room)
{
	snprintf(out, room,
		"/subscriptions/%s/resourcegroups/%s/providers/Microsoft.ManagedIdentity/userAssignedIdentities/%s",
		i->subscription, i->group_name, i->name);
	return out;
}

#define FEDERATED \
	"SELECT id, name, issuer, subject, audiences FROM federated_credential WHERE owner=?"

bool
federated_next(struct db *db, sqlite3_stmt *stmt, struct arena *arena, struct federated *out)
{
	if (!db_next(db, stmt))
		return false;
	*out = (struct federated){
		.id = sqlite3_column_int64(stmt, 0),
		.issuer = db_text(stmt, 2, arena),
		.subject = db_text(stmt, 3, arena),
		.audiences = db_text(stmt, 4, arena),
	};
	db_copy(stmt, 1, out->name, sizeof out->name);
	return true;
}

bool
federated_find(struct db *db, struct arena *arena, const char *owner, const char *name,
	struct federated *out)
{
	sqlite3_stmt *stmt = db_ask(db, FEDERATED " AND name=?", "tt", owner, name);

	if (!federated_next(db, stmt, arena, out))
		return false;
	db_done(stmt);
	return true;
}

sqlite3_stmt *
federated_all(struct db *db, const char *owner)
{
	return db_ask(db, FEDERATED " ORDER BY name", "t", owner);
}

bool
federated_taken(struct db *db, const char *owner, const struct federated *f)
{
	sqlite3_stmt *stmt = db_ask(db, FEDERATED " AND issuer=? AND subject=? AND name<>?", "tttt",
		owner, f->issuer, f->subject, f->name);
	bool taken = false;

	while (db_next(db, stmt))
		taken = true;
	return taken;
}

void
federated_put(struct db *db, const char *owner, const struct federated *f)
{
	if (f->id)
		db_do(db,
			"UPDATE federated_credential SET issuer=?, subject=?, audiences=? WHERE id=?",
			"ttti", f->issuer, f->subject, f->audiences, f->id);
	else
		db_do(db,
			"INSERT INTO federated_credential(owner,name,issuer,subject,audiences)"
			" VALUES(?,?,?,?,?)",
			"ttttt", owner, f->name, f->issuer, f->subject, f->audiences);
}

void
federated_delete(struct db *db, int64_t id)
{
	db_do(db, "DELETE FROM federated_credential WHERE id=?", "i", id);
}
