/* Automation accounts. Shapes: recordings of azure-cli-extensions (test_automation) and of
 * azure-sdk-for-python; encryption: account.json 2023-11-01. The provider's own refusals come
 * without the "error" wrapper [azure-docs 72229]; those of the gateway come with it. The encryption
 * object always says keyVaultProperties, as the API description does, whatever case was sent. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/automation_change.h"
#include "backend/sandbox/arm/provider.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/service/assign.h"

static const char type[] = "Microsoft.Automation/automationAccounts";

static json_t *
encryption_json(struct call *call, const struct account *a)
{
	json_t *json = json_pack("{s:s}", "keySource",
		a->cmk_store[0] ? "Microsoft.Keyvault" : "Microsoft.Automation");
	char uri[NAMES_URL];

	if (a->cmk_store[0])
		json_object_set_new(json, "keyVaultProperties",
			json_pack("{s:o,s:s,s:s}", "keyvaultUri",
				json_sprintf("%s%s",
					names_store(&call->naming, a->cmk_kind, a->cmk_store, uri),
					a->cmk_slash ? "/" : ""),
				"keyName", a->cmk_key, "keyVersion", a->cmk_version));
	json_object_set_new(json, "identity",
		json_pack("{s:s?}", "userAssignedIdentity",
			a->cmk_identity[0] ? a->cmk_identity : NULL));
	return json;
}

/* Of these, 2019-06-01 has the first alone, 2021-06-22 has all [both recorded]; account.json
 * 2020-01-13-preview knows none. */
static void
add_urls(struct call *call, json_t *properties, const struct account *a)
{
	json_object_set_new(properties, "RegistrationUrl",
		json_sprintf("https://%s.agentsvc.%s.azure-automation.net/accounts/%s", a->guid,
			a->location, a->guid));
	if (strcmp(call->api_version, "2021") < 0)
		return;
	json_object_set_new(properties, "automationHybridServiceUrl",
		json_sprintf("https://%s.jrds.%s.azure-automation.net/automationAccounts/%s",
			a->guid, a->location, a->guid));
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

	add_urls(call, json, a);
	if (strcmp(call->api_version, "2020") > 0) {
		json_t *more = reply_stored(a->more);

		json_object_set_new(json, "encryption", encryption_json(call, a));
		json_object_update(json, more);
		if (strcmp(call->api_version, "2021") < 0)
			json_object_del(json, "disableLocalAuth");
		json_decref(more);
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
	if (strcmp(a->identity, "None") != 0)
		json_object_set_new(json, "identity", assign_shown(call, a));
	return json;
}

/* Lists say less: no encryption, sku or identity [recorded, api-version 2021-06-22]. */
static json_t *
listed_json(struct call *call, const struct account *a)
{
	json_t *more = reply_stored(a->more);
	char id[640];
	json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:o,s:{s:s,s:s,s:s,s:O}}", "id",
		accounts_id(a, id, sizeof id), "location", a->location, "name", a->name, "type",
		"Microsoft.Automation/AutomationAccounts", "tags", reply_stored(a->tags),
		"properties", "creationTime", reply_time_offset(call, a->created_ms),
		"lastModifiedTime", reply_time_offset(call, a->modified_ms), "state", "Ok",
		"disableLocalAuth", json_object_get(more, "disableLocalAuth"));

	json_decref(more);
	if (strcmp(call->api_version, "2021") < 0)
		json_object_del(json_object_get(json, "properties"), "disableLocalAuth");
	return json;
}

/* 6 to 50 letters, digits and dashes; a letter first, no dash last [ARM naming rules]. */
static bool
name_free(struct call *call, const char *name)
{
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
fill(struct call *call, struct account *a)
{
	const json_t *properties = call_member(call->json, "properties");
	const json_t *encryption = call_member(properties, "encryption");
	const char *source = call_text(encryption, "keySource");

	if (source && text_casecmp(source, "Microsoft.Automation") != 0) {
		reply_flat_error(call, 400, "BadRequest",
			"Encryption with customer-managed keys cannot be set while the account is created: update the account once its identity has access to the key.");
		return false;
	}
	a->more = "{\"disableLocalAuth\":false}";
	return true;
}

/* 201 with the resource itself as Location: no long-running operation [recorded]. */
static void
made(struct call *call, const struct account *a, json_t *json)
{
	char url[NAMES_URL];

	(void)a;
	reply_json(call, 201, json);
	reply_header(call, "Location", "%s%s?api-version=%s", names_arm(&call->naming, url),
		call->path, call->api_version);
}

const struct provider automation_provider = {
	.service = SERVICE_AUTOMATION,
	.change = &automation_change,
	.shown = account_json,
	.listed = listed_json,
	.name_free = name_free,
	.fill = fill,
	.made = made,
};

static void
get_account(struct call *call)
{
	provider_get(call, &automation_provider);
}

static void
patch_account(struct call *call)
{
	provider_patch(call, &automation_provider);
}

static void
put_account(struct call *call)
{
	provider_put(call, &automation_provider);
}

static void
delete_account(struct call *call)
{
	provider_delete(call, &automation_provider);
}

static void
list_accounts(struct call *call)
{
	provider_list(call, &automation_provider);
}

#define ONE \
	"/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Automation/automationAccounts/{}"

const struct route arm_automation_routes[] = {
	{ROUTE_ARM, VERB_GET, ONE, type, 0, get_account},
	{ROUTE_ARM, VERB_PATCH, ONE, type, ROUTE_JSON, patch_account},
	{ROUTE_ARM, VERB_PUT, ONE, type, ROUTE_JSON, put_account},
	{ROUTE_ARM, VERB_DELETE, ONE, type, 0, delete_account},
	{ROUTE_ARM, VERB_GET,
		"/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Automation/automationAccounts",
		type, 0, list_accounts},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/providers/Microsoft.Automation/automationAccounts",
		type, 0, list_accounts},
};
const size_t arm_automation_routes_len = ARRAY_LEN(arm_automation_routes);
