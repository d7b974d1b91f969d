/* Names of columns: the tables' reference; type and resourceGroup are in lower case there, ids as
 * they were written. */
#include "backend/sandbox/arm/graph_rows.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/hsm_change.h"
#include "backend/sandbox/arm/provider.h"
#include "backend/sandbox/arm/vault_change.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/rows/identities.h"

/* id, subscription, group, name, location, kind; after an id. */
static const char *const selects[] = {
	[GRAPH_ACCOUNTS] = "SELECT a.id, g.subscription, g.name, a.name, a.location, a.service"
			   " FROM account a JOIN resource_group g ON g.id=a.grp WHERE a.id>?"
			   " ORDER BY a.id",
	[GRAPH_VAULTS] =
		"SELECT v.id, g.subscription, g.name, v.name, v.location, v.kind FROM vault v"
		" JOIN resource_group g ON g.id=v.grp WHERE v.id>? AND v.deleted_at IS NULL"
		" ORDER BY v.id",
	[GRAPH_IDENTITIES] = "SELECT i.id, g.subscription, g.name, i.name, i.location, 0"
			     " FROM identity i JOIN resource_group g ON g.id=i.grp WHERE i.id>?"
			     " ORDER BY i.id",
	[GRAPH_SUBSCRIPTIONS] = "SELECT rank+1, id, '', name, '', 0 FROM subscription"
				" WHERE rank+1>? ORDER BY rank",
	[GRAPH_GROUPS] = "SELECT id, subscription, name, name, location, 0 FROM resource_group"
			 " WHERE id>? AND gone=0 ORDER BY id",
	[GRAPH_ASSIGNMENTS] = "SELECT id, substr(scope, 16, 36), '', name, '',"
			      " CASE WHEN scope='/' THEN 0 WHEN length(scope)=51 THEN 1 ELSE 2 END"
			      " FROM role_assignment WHERE id>? AND removed_ms IS NULL ORDER BY id",
};

/* What a resource shows beside the columns that are at hand. */
static const char *const columns[] = {"id", "name", "type", "tenantId", "kind", "location",
	"resourceGroup", "subscriptionId", "managedBy", "sku", "plan", "properties", "tags",
	"identity", "zones", "extendedLocation"};

static const char *
type_of(const struct graph_row *row)
{
	static const char *const types[] = {
		[GRAPH_IDENTITIES] = "Microsoft.ManagedIdentity/userAssignedIdentities",
		[GRAPH_SUBSCRIPTIONS] = "Microsoft.Resources/subscriptions",
		[GRAPH_GROUPS] = "Microsoft.Resources/subscriptions/resourceGroups",
		[GRAPH_ASSIGNMENTS] = "Microsoft.Authorization/roleAssignments",
	};

	if (row->source == GRAPH_ACCOUNTS)
		return accounts_type((enum service)row->kind);
	if (row->source == GRAPH_VAULTS)
		return row->kind == STORE_HSM ? "Microsoft.KeyVault/managedHSMs"
					      : "Microsoft.KeyVault/vaults";
	return types[row->source];
}

static const char *
write_id(const struct graph_row *row, char *out, size_t room)
{
	if (row->source == GRAPH_SUBSCRIPTIONS)
		snprintf(out, room, "/subscriptions/%s", row->subscription);
	else if (row->source == GRAPH_GROUPS)
		snprintf(out, room, "/subscriptions/%s/resourceGroups/%s", row->subscription,
			row->group);
	else
		snprintf(out, room, "/subscriptions/%s/%s/%s/providers/%s/%s", row->subscription,
			row->source == GRAPH_IDENTITIES ? "resourcegroups" : "resourceGroups",
			row->group, type_of(row), row->name);
	return out;
}

static const struct {
	const char *word;
	bool above, below;
} filters[] = {
	{"AtScopeAndBelow", .below = true},
	{"AtScopeAndAbove", .above = true},
	{"AtScopeExact", false, false},
	{"AtScopeAboveAndBelow", .above = true, .below = true},
};

static size_t
filter_number(const char *word)
{
	size_t i = 0;

	while (i < ARRAY_LEN(filters) && text_casecmp(filters[i].word, word) != 0)
		i++;
	return i;
}

bool
graph_is_filter(const char *word)
{
	return filter_number(word) < ARRAY_LEN(filters);
}

/* Without a word it is the first one. */
static void
choose_places(struct graph_scan *scan)
{
	const json_t *options = call_member(scan->call->json, "options");
	const char *word = call_text(options, "authorizationScopeFilter");
	size_t filter = word ? filter_number(word) : 0;

	scan->places[GRAPH_EXACT] = true;
	scan->places[GRAPH_ABOVE] = filters[filter].above;
	scan->places[GRAPH_BELOW] = filters[filter].below;
}

void
graph_scan_start(struct graph_scan *scan, struct call *call, enum graph_table table,
	const json_t *subscriptions, int source, int64_t after)
{
	static const struct {
		enum graph_source first, end;
	} ranges[] = {
		[GRAPH_RESOURCES] = {GRAPH_ACCOUNTS, GRAPH_SUBSCRIPTIONS},
		[GRAPH_CONTAINERS] = {GRAPH_SUBSCRIPTIONS, GRAPH_ASSIGNMENTS},
		[GRAPH_ROLES] = {GRAPH_ASSIGNMENTS, GRAPH_SOURCES},
	};

	*scan = (struct graph_scan){.call = call,
		.subscriptions = subscriptions,
		.source = ranges[table].first,
		.end = ranges[table].end};
	choose_places(scan);
	if (source > (int)ranges[table].first && source < (int)ranges[table].end)
		scan->source = (enum graph_source)source;
	if (source == (int)scan->source)
		scan->after = after;
}

static void
lower(const char *in, char *out, size_t room)
{
	size_t n = 0;

	for (; in[n] && n + 1 < room; n++)
		out[n] = (char)tolower((unsigned char)in[n]);
	out[n] = '\0';
}

/* What is assigned above is seen by whoever may read all of a subscription below. */
static bool
sees_above(const struct graph_scan *scan)
{
	json_t *all;
	const char *key;

	json_object_foreach((json_t *)scan->subscriptions, key, all)
	{
		if (json_is_true(all))
			return true;
	}
	return false;
}

/* Whether the caller may see the row: true under a role on its subscription (the value that is kept
 * with the subscription), else asked for each. */
static bool
visible(const struct graph_scan *scan, const struct graph_row *row)
{
	char key[37], id[640];
	const json_t *all;

	if (row->source == GRAPH_ASSIGNMENTS && !scan->places[row->kind])
		return false;
	if (row->source == GRAPH_ASSIGNMENTS && row->kind == GRAPH_ABOVE)
		return sees_above(scan);
	lower(row->subscription, key, sizeof key);
	all = json_object_get(scan->subscriptions, key);
	if (!all || json_is_true(all))
		return all != NULL;
	return rights_hold(scan->call, arena_printf(scan->call->arena, "%s/read", type_of(row)),
		write_id(row, id, sizeof id));
}

bool
graph_scan_next(struct graph_scan *scan, struct graph_row *row)
{
	struct db *db = scan->call->world->db;

	for (; scan->source < scan->end; scan->source++, scan->after = 0) {
		if (!scan->stmt)
			scan->stmt = db_ask(db, selects[scan->source], "i", scan->after);
		while (db_next(db, scan->stmt)) {
			*row = (struct graph_row){
				.call = scan->call,
				.source = scan->source,
				.id = sqlite3_column_int64(scan->stmt, 0),
				.kind = sqlite3_column_int(scan->stmt, 5),
			};
			db_copy(scan->stmt, 1, row->subscription, sizeof row->subscription);
			db_copy(scan->stmt, 2, row->group, sizeof row->group);
			db_copy(scan->stmt, 3, row->name, sizeof row->name);
			db_copy(scan->stmt, 4, row->location, sizeof row->location);
			if (visible(scan, row))
				return true;
		}
		scan->stmt = NULL;
	}
	return false;
}

void
graph_scan_stop(struct graph_scan *scan)
{
	if (scan->stmt)
		db_done(scan->stmt);
	scan->stmt = NULL;
}

void
graph_row_clear(struct graph_row *row)
{
	json_decref(row->whole);
	json_decref(row->cells);
	row->whole = row->cells = NULL;
}

static json_t *
account_json(struct call *call, const struct graph_row *row)
{
	static const struct provider *const providers[] = {
		[SERVICE_AUTOMATION] = &automation_provider,
		[SERVICE_BATCH] = &batch_provider,
		[SERVICE_STORAGE] = &storage_provider,
	};
	struct account *a = arena_alloc(call->arena, sizeof *a);
	const struct provider *provider = providers[row->kind];

	if (!accounts_find_row(call->world->db, call->arena, row->id, a))
		return NULL;
	return provider->shown(call, a);
}

static json_t *
vault_whole(struct call *call, const struct graph_row *row)
{
	struct vault vault;

	if (!vaults_find(
		    call->world->db, call->arena, (enum store_kind)row->kind, row->name, &vault))
		return NULL;
	return vault.kind == STORE_HSM ? hsm_json(call, &vault) : vault_json(call, &vault);
}

static json_t *
identity_json(struct call *call, const struct graph_row *row)
{
	struct identity i;
	char tenant[40];

	if (!identities_find(
		    call->world->db, call->arena, row->subscription, row->group, row->name, &i))
		return NULL;
	db_meta(call->world->db, "tenant", tenant, sizeof tenant);
	return json_pack("{s:o,s:{s:s,s:s,s:s}}", "tags", reply_stored(i.tags), "properties",
		"tenantId", tenant, "principalId", i.principal, "clientId", i.client);
}

static json_t *
group_json(struct call *call, const struct graph_row *row)
{
	sqlite3_stmt *stmt = db_ask(call->world->db,
		"SELECT ifnull(tags,'{}') FROM resource_group WHERE id=?", "i", row->id);
	json_t *json;

	if (!db_next(call->world->db, stmt))
		return NULL;
	json = json_pack("{s:o,s:{s:s}}", "tags",
		reply_stored((const char *)sqlite3_column_text(stmt, 0)), "properties",
		"provisioningState", "Succeeded");
	db_done(stmt);
	return json;
}

static json_t *
assignment_json(struct call *call, const struct graph_row *row)
{
	sqlite3_stmt *stmt = db_ask(call->world->db,
		"SELECT scope, principal, principal_type, role, created_ms, created_by"
		" FROM role_assignment WHERE id=?",
		"i", row->id);
	const char *scope, *when;
	json_t *json;

	if (!db_next(call->world->db, stmt))
		return NULL;
	scope = db_text(stmt, 0, call->arena);
	when = reply_time_zulu(call, sqlite3_column_int64(stmt, 4));
	json = json_pack("{s:o,s:{s:s,s:s,s:s,s:o,s:s,s:s,s:s}}", "id",
		json_sprintf("%s/providers/Microsoft.Authorization/roleAssignments/%s", scope,
			row->name),
		"properties", "scope", scope, "principalId", db_text(stmt, 1, call->arena),
		"principalType", db_text(stmt, 2, call->arena), "roleDefinitionId",
		json_sprintf("/providers/Microsoft.Authorization/RoleDefinitions/%s",
			db_text(stmt, 3, call->arena)),
		"createdOn", when, "updatedOn", when, "createdBy", db_text(stmt, 5, call->arena));
	db_done(stmt);
	return json;
}

/* Built in an arena of its own: a query may look at every row there is. */
static const json_t *
whole(struct graph_row *row)
{
	struct arena *arena = row->call->arena;
	struct call *call = row->call;
	json_t *json = NULL;

	if (row->whole)
		return row->whole;
	call->arena = arena_new();
	switch (row->source) {
	case GRAPH_ACCOUNTS:
		json = account_json(call, row);
		break;
	case GRAPH_VAULTS:
		json = vault_whole(call, row);
		break;
	case GRAPH_IDENTITIES:
		json = identity_json(call, row);
		break;
	case GRAPH_GROUPS:
		json = group_json(call, row);
		break;
	case GRAPH_ASSIGNMENTS:
		json = assignment_json(call, row);
		break;
	case GRAPH_SUBSCRIPTIONS:
	case GRAPH_SOURCES:
		json = json_pack("{s:{s:s}}", "properties", "state", "Enabled");
		break;
	}
	arena_free(call->arena);
	call->arena = arena;
	row->whole = json ? json : json_object();
	return row->whole;
}

/* A column that needs no look at the resource; NULL for the others. */
static json_t *
at_hand(const struct graph_row *row, const char *name)
{
	char text[640];

	if (strcmp(name, "type") == 0) {
		lower(type_of(row), text, sizeof text);
		return json_string(text);
	}
	if (strcmp(name, "name") == 0)
		return json_string(row->name);
	if (strcmp(name, "id") == 0 && row->source != GRAPH_ASSIGNMENTS)
		return json_string(write_id(row, text, sizeof text));
	if (strcmp(name, "location") == 0)
		return json_string(row->location);
	if (strcmp(name, "resourceGroup") == 0) {
		lower(row->group, text, sizeof text);
		return json_string(text);
	}
	if (strcmp(name, "subscriptionId") == 0)
		return json_string(row->subscription);
	if (strcmp(name, "tenantId") == 0)
		return json_string(row->call->caller.tenant);
	if (strcmp(name, "managedBy") == 0)
		return json_string("");
	return NULL;
}

/* The sku of an Automation account and of a vault is one of its properties [account.json,
 * keyvault.json]; the table has it as their own GET says. */
json_t *
graph_row_cell(struct graph_row *row, const char *name)
{
	json_t *cell = json_object_get(row->cells, name);

	if (cell || row->projected)
		return cell ? json_incref(cell) : json_null();
	cell = at_hand(row, name);
	if (cell)
		return cell;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		if (strcmp(columns[i], name) == 0)
			cell = json_object_get(whole(row), name);
	if (!cell && strcmp(name, "kind") == 0)
		return json_string("");
	return cell ? json_incref(cell) : json_null();
}

void
graph_row_set(struct graph_row *row, const char *name, json_t *value)
{
	if (!row->cells)
		row->cells = json_object();
	json_object_set_new(row->cells, name, value);
}

json_t *
graph_row_json(struct graph_row *row)
{
	json_t *json;

	if (row->projected)
		return json_incref(row->cells);
	json = json_object();
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		json_object_set_new(json, columns[i], graph_row_cell(row, columns[i]));
	if (row->cells)
		json_object_update(json, row->cells);
	return json;
}
