/* Automation accounts. Shapes: recordings of azure-cli-extensions (test_automation) and of
 * azure-sdk-for-python; encryption: account.json 2023-11-01. The provider's own refusals come
 * without the "error" wrapper [azure-docs 72229]; those of the gateway come with it. The encryption
 * object always says keyVaultProperties, as the API description does, whatever case was sent. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/access.h"
#include "backend/sandbox/accounts.h"
#include "backend/sandbox/arm.h"
#include "backend/sandbox/automation_change.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"

static const char type[] = "Microsoft.Automation/automationAccounts";

static json_t *
encryption_json(struct call *call, const struct account *a)
{
	json_t *json = json_pack("{s:s}", "keySource",
		a->cmk_vault[0] ? "Microsoft.Keyvault" : "Microsoft.Automation");
	char uri[NAMES_URL];

	if (a->cmk_vault[0])
		json_object_set_new(json, "keyVaultProperties",
			json_pack("{s:o,s:s,s:s}", "keyvaultUri",
				json_sprintf("%s%s", names_vault(&call->naming, a->cmk_vault, uri),
					a->cmk_slash ? "/" : ""),
				"keyName", a->cmk_key, "keyVersion", a->cmk_version));
	json_object_set_new(json, "identity", json_pack("{s:n}", "userAssignedIdentity"));
	return json;
}

static void
add_urls(json_t *properties, const struct account *a)
{
	json_object_set_new(properties, "RegistrationUrl",
		json_sprintf("https://%s.agentsvc.%s.azure-automation.net/accounts/%s", a->account,
			a->location, a->account));
	json_object_set_new(properties, "automationHybridServiceUrl",
		json_sprintf("https://%s.jrds.%s.azure-automation.net/automationAccounts/%s",
			a->account, a->location, a->account));
	json_object_set_new(properties, "RuntimeConfiguration",
		json_pack("{s:{s:{s:s}},s:{s:{s:s}}}", "powershell", "builtinModules", "Az",
			"8.0.0", "powershell7", "builtinModules", "Az", "8.0.0"));
}

static json_t *
properties_json(struct call *call, const struct account *a)
{
	json_t *json = json_pack("{s:{s:s,s:n,s:n},s:s,s:s,s:n,s:s}", "sku", "name", "Basic",
		"family", "capacity", "state", "Ok", "creationTime",
		reply_time_offset(call, a->created_ms), "lastModifiedBy", "lastModifiedTime",
		reply_time_offset(call, a->modified_ms));

	add_urls(json, a);
	if (strcmp(call->api_version, "2020") > 0) {
		json_object_set_new(json, "disableLocalAuth", json_boolean(a->local_auth_off));
		json_object_set_new(json, "encryption", encryption_json(call, a));
		if (a->public_access >= 0)
			json_object_set_new(
				json, "publicNetworkAccess", json_boolean(a->public_access));
		if (call->verb == VERB_GET)
			json_object_set_new(json, "privateEndpointConnections", json_array());
	}
	return json;
}

static json_t *
account_json(struct call *call, const struct account *a)
{
	char id[640];
	json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:o,s:n,s:o}", "name", a->name, "id",
		accounts_id(a, id, sizeof id), "type", "Microsoft.Automation/AutomationAccounts",
		"location", a->location, "tags", reply_stored(a->tags), "etag", "properties",
		properties_json(call, a));

	if (strcmp(call->api_version, "2021") > 0)
		json_object_set_new(json, "systemData",
			json_pack("{s:s,s:s}", "createdAt", reply_time_offset(call, a->created_ms),
				"lastModifiedAt", reply_time_offset(call, a->modified_ms)));
	if (a->principal[0])
		json_object_set_new(json, "identity",
			json_pack("{s:s,s:s,s:s}", "type", a->identity, "principalId", a->principal,
				"tenantId", call->caller.tenant));
	return json;
}

/* Lists say less: no encryption, sku or identity [recorded, api-version 2021-06-22]. */
static json_t *
listed_json(struct call *call, const struct account *a)
{
	char id[640];

	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:{s:s,s:s,s:s,s:b}}", "id",
		accounts_id(a, id, sizeof id), "location", a->location, "name", a->name, "type",
		"Microsoft.Automation/AutomationAccounts", "tags", reply_stored(a->tags),
		"properties", "creationTime", reply_time_offset(call, a->created_ms),
		"lastModifiedTime", reply_time_offset(call, a->modified_ms), "state", "Ok",
		"disableLocalAuth", a->local_auth_off);
}

static json_t *
list_row(struct call *call, sqlite3_stmt *stmt, int64_t *id)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);

	accounts_read(stmt, call->arena, a);
	*id = a->id;
	return listed_json(call, a);
}

static void
list_accounts(struct call *call)
{
	static const struct arm_list list = {type, "Microsoft.Automation/automationAccounts/read",
		accounts_by_subscription, accounts_by_group, list_row};

	arm_list(call, &list);
}

/* Reads the account of the path, or answers why not. */
static bool
load(struct call *call, struct account *out)
{
	struct db *db = call->world->db;
	struct arm_group group;
	bool found;

	db_lock(db);
	found = arm_group(call, call->params[0], call->params[1], &group);
	if (found && !accounts_find(db, call->arena, call->params[0], call->params[1],
			     call->params[2], out)) {
		arm_refuse_missing(call, type, call->params[1], call->params[2]);
		found = false;
	}
	db_unlock(db);
	return found;
}

static void
get_account(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);

	if (access_action(
		    call, "Microsoft.Automation/automationAccounts/read", arm_scope(call, type)) &&
		load(call, a))
		reply_json(call, 200, account_json(call, a));
}

static void
patch_account(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);

	if (access_action(
		    call, "Microsoft.Automation/automationAccounts/write", arm_scope(call, type)) &&
		load(call, a) && automation_change(call, a))
		reply_json(call, 200, account_json(call, a));
}

static void
delete_account(struct call *call)
{
	struct db *db = call->world->db;
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct arm_group group;
	bool found;

	if (!access_action(
		    call, "Microsoft.Automation/automationAccounts/delete", arm_scope(call, type)))
		return;
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group)) {
		db_rollback(db);
		return;
	}
	found = accounts_find(
		db, call->arena, call->params[0], call->params[1], call->params[2], a);
	if (found)
		db_do(db, "DELETE FROM automation WHERE id=?", "i", a->id);
	if (db_commit(db))
		reply_empty(call, found ? 200 : 204);
	else
		reply_broken(call);
}

/* 6 to 50 letters, digits and dashes; a letter first, no dash last [ARM naming rules]. */
static bool
name_ok(struct call *call)
{
	const char *name = call->params[2];
	size_t len = strlen(name);
	bool ok = len >= 6 && len <= 50 && isalpha((unsigned char)name[0]) && name[len - 1] != '-';

	for (size_t i = 0; ok && i < len; i++)
		ok = isalnum((unsigned char)name[i]) || name[i] == '-';
	if (!ok)
		reply_flat_error(call, 400, "BadRequest",
			"The Automation account name '%s' is not valid: 6 to 50 letters, digits and dashes, beginning with a letter and not ending with a dash.",
			name);
	return ok;
}

/* A new account is always on Microsoft's keys: the articles know no customer key at creation. */
static bool
fill_new(struct call *call, struct account *a)
{
	const json_t *properties = call_member(call->json, "properties");
	const json_t *encryption = call_member(properties, "encryption");
	const char *source = call_text(encryption, "keySource");
	struct err err;

	if (source && text_casecmp(source, "Microsoft.Automation") != 0) {
		reply_flat_error(call, 400, "BadRequest",
			"Encryption with customer-managed keys cannot be set while the account is created: update the account once its identity has access to the key.");
		return false;
	}
	if (!name_ok(call) || !arm_location(call, call_text(call->json, "location"), a->location) ||
		!arm_tags(call, "{}", &a->tags))
		return false;
	snprintf(a->name, sizeof a->name, "%s", call->params[2]);
	snprintf(a->identity, sizeof a->identity, "None");
	ident_guid(a->account);
	a->public_access = -1;
	a->created_ms = a->modified_ms = vclock_ms(&call->world->clock);
	if (!automation_simple_changes(call, a))
		return false;
	if (cmk_start(call->world, a, &err))
		return true;
	reply_broken(call);
	return false;
}

static void
create_account(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a), *again;
	struct db *db = call->world->db;
	struct arm_group group;
	char url[NAMES_URL];

	if (!fill_new(call, a))
		return;
	again = arena_alloc(call->arena, sizeof *again);
	db_begin(db);
	if (!arm_group(call, call->params[0], call->params[1], &group)) {
		db_rollback(db);
		return;
	}
	a->group = group.id;
	accounts_insert(db, a);
	accounts_find(db, call->arena, call->params[0], call->params[1], call->params[2], again);
	if (!db_commit(db)) {
		reply_broken(call);
		return;
	}
	reply_json(call, 201, account_json(call, again));
	reply_header(call, "Location", "%s%s?api-version=%s", names_arm(&call->naming, url),
		call->path, call->api_version);
}

static void
put_account(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	struct db *db = call->world->db;
	bool found;

	if (!access_action(
		    call, "Microsoft.Automation/automationAccounts/write", arm_scope(call, type)))
		return;
	db_lock(db);
	found = accounts_find(
		db, call->arena, call->params[0], call->params[1], call->params[2], a);
	db_unlock(db);
	if (!found)
		create_account(call);
	else if (automation_change(call, a))
		reply_json(call, 200, account_json(call, a));
}

#define ONE \
	"/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Automation/automationAccounts/{}"

const struct route arm_automation_routes[] = {
	{HOST_ARM | HOST_LOCAL, VERB_GET, ONE, type, 0, get_account},
	{HOST_ARM | HOST_LOCAL, VERB_PATCH, ONE, type, ROUTE_JSON, patch_account},
	{HOST_ARM | HOST_LOCAL, VERB_PUT, ONE, type, ROUTE_JSON, put_account},
	{HOST_ARM | HOST_LOCAL, VERB_DELETE, ONE, type, 0, delete_account},
	{HOST_ARM | HOST_LOCAL, VERB_GET,
		"/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Automation/automationAccounts",
		type, 0, list_accounts},
	{HOST_ARM | HOST_LOCAL, VERB_GET,
		"/subscriptions/{}/providers/Microsoft.Automation/automationAccounts", type, 0,
		list_accounts},
};
const size_t arm_automation_routes_len = ARRAY_LEN(arm_automation_routes);
