/* One view over four tables. The application id of a system-assigned identity is kept nowhere: it
 * is made from its object id, so that it is always the same. */
#include "backend/sandbox/entra/principal.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "crypto/digest.h"

#define COLUMNS "SELECT kind, tenant, object, client, name, upn, resource FROM ("
#define APPLICATIONS \
	"SELECT 0 kind, tenant, object, client, name, '' upn, '' resource FROM application"
#define USER_ASSIGNED                                                                       \
	"SELECT 1 kind, s.tenant tenant, i.principal object, i.client client, i.name name," \
	" '' upn, '/subscriptions/'||g.subscription||'/resourcegroups/'||g.name||"          \
	"'/providers/Microsoft.ManagedIdentity/userAssignedIdentities/'||i.name resource"   \
	" FROM identity i JOIN resource_group g ON g.id=i.grp"                              \
	" JOIN subscription s ON s.id=g.subscription"
#define SYSTEM_ASSIGNED                                                                       \
	"SELECT 2 kind, s.tenant tenant, a.principal object, '' client, a.name name,"         \
	" '' upn, '/subscriptions/'||g.subscription||'/resourcegroups/'||g.name||"            \
	"'/providers/Microsoft.'||CASE a.service WHEN 0 THEN 'Automation/automationAccounts'" \
	" WHEN 1 THEN 'Batch/batchAccounts' ELSE 'Storage/storageAccounts' END"               \
	"||'/'||a.name resource FROM account a JOIN resource_group g ON g.id=a.grp"           \
	" JOIN subscription s ON s.id=g.subscription WHERE a.principal IS NOT NULL"
#define PEOPLE "SELECT 3 kind, tenant, object, '' client, name, upn, '' resource FROM person"
#define SERVICES APPLICATIONS " UNION ALL " USER_ASSIGNED " UNION ALL " SYSTEM_ASSIGNED

const char principal_list_named[] = COLUMNS SERVICES
	") WHERE tenant=?1 COLLATE NOCASE AND (?2 IS NULL OR name=?2 COLLATE NOCASE)"
	" AND object>?3 ORDER BY object LIMIT ?4";
const char principal_list_prefixed[] = COLUMNS SERVICES
	") WHERE tenant=?1 COLLATE NOCASE AND substr(name,1,length(?2))=?2 COLLATE NOCASE"
	" AND object>?3 ORDER BY object LIMIT ?4";

static void
system_client(const char *object, char out[37])
{
	char hex[65];

	digest_sha256_hex(object, strlen(object), hex);
	snprintf(
		out, 37, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
}

void
principal_read(sqlite3_stmt *stmt, struct principal *out)
{
	*out = (struct principal){.kind = (enum principal_kind)sqlite3_column_int(stmt, 0)};
	db_copy(stmt, 1, out->tenant, sizeof out->tenant);
	db_copy(stmt, 2, out->object, sizeof out->object);
	db_copy(stmt, 3, out->client, sizeof out->client);
	db_copy(stmt, 4, out->name, sizeof out->name);
	db_copy(stmt, 5, out->upn, sizeof out->upn);
	db_copy(stmt, 6, out->resource, sizeof out->resource);
	if (out->kind == PRINCIPAL_SYSTEM)
		system_client(out->object, out->client);
}

static bool
read_one(struct db *db, sqlite3_stmt *stmt, struct principal *out)
{
	if (!db_next(db, stmt))
		return false;
	principal_read(stmt, out);
	db_done(stmt);
	return true;
}

bool
principal_by_object(struct db *db, const char *tenant, const char *object, struct principal *out)
{
	static const char sql[] = COLUMNS SERVICES
		" UNION ALL " PEOPLE ") WHERE tenant=? COLLATE NOCASE AND object=? COLLATE NOCASE";

	return read_one(db, db_ask(db, sql, "tt", tenant, object), out);
}

bool
principal_by_client(struct db *db, const char *tenant, const char *client, struct principal *out)
{
	static const char sql[] =
		COLUMNS APPLICATIONS " UNION ALL " USER_ASSIGNED
				     ") WHERE tenant=? COLLATE NOCASE AND client=? COLLATE NOCASE";

	return read_one(db, db_ask(db, sql, "tt", tenant, client), out);
}

bool
principal_by_upn(struct db *db, const char *tenant, const char *upn, struct principal *out)
{
	static const char sql[] =
		COLUMNS PEOPLE ") WHERE tenant=? COLLATE NOCASE AND upn=? COLLATE NOCASE";

	return read_one(db, db_ask(db, sql, "tt", tenant, upn), out);
}

bool
principal_tenant(struct db *db, const char *name, char out[37])
{
	sqlite3_stmt *stmt;

	out[0] = '\0';
	if (text_casecmp(name, "adfs") == 0 || text_casecmp(name, "organizations") == 0 ||
		text_casecmp(name, "common") == 0) {
		db_meta(db, "tenant", out, 37);
		return out[0] != '\0';
	}
	stmt = db_ask(db, "SELECT id FROM tenant WHERE id=? OR domain=?", "tt", name, name);
	if (!db_next(db, stmt))
		return false;
	db_copy(stmt, 0, out, 37);
	db_done(stmt);
	return true;
}
