/* Subscriptions and tenants: who asks sees what a role lets them read. */
#include "backend/sandbox/rights.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"

static json_t *
subscription_json(sqlite3_stmt *stmt)
{
	const char *id = (const char *)sqlite3_column_text(stmt, 0);

	return json_pack("{s:o,s:s,s:s,s:s,s:s,s:s,s:{s:s,s:s,s:s}}", "id",
		json_sprintf("/subscriptions/%s", id), "authorizationSource", "RoleBased",
		"subscriptionId", id, "tenantId", sqlite3_column_text(stmt, 1), "displayName",
		sqlite3_column_text(stmt, 2), "state", "Enabled", "subscriptionPolicies",
		"locationPlacementId", "Public_2014-09-01", "quotaId", "PayAsYouGo_2014-09-01",
		"spendingLimit", "Off");
}

static void
list_subscriptions(struct call *call)
{
	struct db *db = call->world->db;
	json_t *value = json_array();
	sqlite3_stmt *stmt;

	db_lock(db);
	stmt = db_ask(db, "SELECT id, tenant, name FROM subscription WHERE tenant=? ORDER BY rank",
		"t", call->caller.tenant);
	while (db_next(db, stmt)) {
		const char *scope = arena_printf(call->arena, "/subscriptions/%s",
			(const char *)sqlite3_column_text(stmt, 0));

		if (rights_see(call, scope))
			json_array_append_new(value, subscription_json(stmt));
	}
	db_unlock(db);
	reply_json(call, 200,
		json_pack("{s:o,s:{s:s,s:i}}", "value", value, "count", "type", "Total", "value",
			(int)json_array_size(value)));
}

static void
get_subscription(struct call *call)
{
	struct db *db = call->world->db;
	const char *scope = arena_printf(call->arena, "/subscriptions/%s", call->params[0]);
	json_t *json = NULL;
	sqlite3_stmt *stmt;

	if (!rights_action(call, "Microsoft.Resources/subscriptions/read", scope))
		return;
	db_lock(db);
	stmt = db_ask(
		db, "SELECT id, tenant, name FROM subscription WHERE id=?", "t", call->params[0]);
	if (db_next(db, stmt)) {
		json = subscription_json(stmt);
		db_done(stmt);
	}
	db_unlock(db);
	reply_json(call, 200, json);
}

static void
list_tenants(struct call *call)
{
	struct db *db = call->world->db;
	json_t *value = json_array();
	sqlite3_stmt *stmt;

	db_lock(db);
	stmt = db_ask(
		db, "SELECT id, domain, name FROM tenant WHERE id=?", "t", call->caller.tenant);
	while (db_next(db, stmt)) {
		const char *id = (const char *)sqlite3_column_text(stmt, 0);

		json_array_append_new(value,
			json_pack("{s:o,s:s,s:s,s:s,s:s,s:[s],s:s}", "id",
				json_sprintf("/tenants/%s", id), "tenantId", id, "countryCode",
				"NL", "displayName", sqlite3_column_text(stmt, 2), "defaultDomain",
				sqlite3_column_text(stmt, 1), "domains",
				sqlite3_column_text(stmt, 1), "tenantCategory", "Home"));
	}
	db_unlock(db);
	reply_json(call, 200, json_pack("{s:o}", "value", value));
}

static const char type[] = "Microsoft.Resources/subscriptions";

const struct route arm_subscription_routes[] = {
	{ROUTE_ARM, VERB_GET, "/subscriptions", type, 0, list_subscriptions},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}", type, 0, get_subscription},
	{ROUTE_ARM, VERB_GET, "/tenants", type, 0, list_tenants},
};
const size_t arm_subscription_routes_len = ARRAY_LEN(arm_subscription_routes);
