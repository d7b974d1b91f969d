/* The providers that are here. Shapes: Resources 2021-04-01. All of them are registered already. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/regions.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

static const char type[] = "Microsoft.Resources/subscriptions";

/* versions: the type whose versions these are, where it has none of its own; global: it is in no
 * region. */
static const struct {
	const char *space, *name, *versions;
	bool global;
} types[] = {
	{"Microsoft.Automation", "automationAccounts", "", false},
	{"Microsoft.Automation", "automationAccounts/variables", "automationAccounts", false},
	{"Microsoft.Batch", "batchAccounts", "", false},
	{"Microsoft.Batch", "batchAccounts/pools", "batchAccounts", false},
	{"Microsoft.Batch", "locations", "batchAccounts", true},
	{"Microsoft.Storage", "storageAccounts", "", false},
	{"Microsoft.Storage", "checkNameAvailability", "storageAccounts", true},
	{"Microsoft.KeyVault", "vaults", "", false},
	{"Microsoft.KeyVault", "vaults/accessPolicies", "vaults", false},
	{"Microsoft.KeyVault", "deletedVaults", "vaults", true},
	{"Microsoft.KeyVault", "checkNameAvailability", "vaults", true},
	{"Microsoft.KeyVault", "managedHSMs", "", false},
	{"Microsoft.KeyVault", "deletedManagedHSMs", "managedHSMs", true},
	{"Microsoft.ManagedIdentity", "userAssignedIdentities", "", false},
	{"Microsoft.ManagedIdentity", "userAssignedIdentities/federatedIdentityCredentials",
		"userAssignedIdentities", false},
	{"Microsoft.Authorization", "roleAssignments", "", true},
	{"Microsoft.Authorization", "roleDefinitions", "", true},
	{"Microsoft.ResourceGraph", "resources", "", true},
	{"Microsoft.Resources", "subscriptions", "", true},
	{"Microsoft.Resources", "resourceGroups", "subscriptions", true},
	{"Microsoft.Resources", "resources", "subscriptions", true},
	{"Microsoft.Resources", "tenants", "subscriptions", true},
	{"Microsoft.Resources", "locations", "subscriptions", true},
};

bool
arm_namespace_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (text_casecmp(types[i].space, name) == 0)
			return true;
	return false;
}

/* Newest first, as the service lists them. */
static json_t *
versions_json(struct call *call, size_t i)
{
	const char *text = arm_versions(arena_printf(call->arena, "%s/%s", types[i].space,
		types[i].versions[0] ? types[i].versions : types[i].name));
	json_t *versions = json_array();

	while (*text) {
		size_t len = strcspn(text, ",");

		json_array_insert_new(versions, 0, json_stringn(text, len));
		text += len;
		text += strspn(text, ", ");
	}
	return versions;
}

static json_t *
type_json(struct call *call, size_t i)
{
	json_t *json = json_pack("{s:s,s:o,s:o,s:s}", "resourceType", types[i].name, "locations",
		types[i].global ? json_array() : region_names(call), "apiVersions",
		versions_json(call, i), "capabilities",
		types[i].global ? "None"
		: strchr(types[i].name, '/')
			? "None"
			: "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SystemAssignedResourceIdentity, SupportsTags, SupportsLocation");
	const char *newest =
		json_string_value(json_array_get(json_object_get(json, "apiVersions"), 0));

	if (newest)
		json_object_set_new(json, "defaultApiVersion", json_string(newest));
	return json;
}

/* space as it is written in the table. */
static json_t *
provider_json(struct call *call, const char *subscription, const char *space)
{
	json_t *all = json_array();

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i].space, space) == 0)
			json_array_append_new(all, type_json(call, i));
	return json_pack("{s:o,s:s,s:s,s:o,s:s}", "id",
		subscription ? json_sprintf("/subscriptions/%s/providers/%s", subscription, space)
			     : json_sprintf("/providers/%s", space),
		"namespace", space, "registrationPolicy",
		strcmp(space, "Microsoft.Resources") == 0 ||
				strcmp(space, "Microsoft.Authorization") == 0
			? "RegistrationFree"
			: "RegistrationRequired",
		"resourceTypes", all, "registrationState", "Registered");
}

static bool
allowed(struct call *call, const char *action)
{
	return call->params_len == 0 || text_casecmp(call->segments[0], "subscriptions") != 0 ||
	       rights_action(call, action,
		       arena_printf(call->arena, "/subscriptions/%s", call->params[0]));
}

/* Those of a subscription, or of the tenant as a whole. */
static void
list_providers(struct call *call)
{
	const char *subscription = call->params_len ? call->params[0] : NULL;
	json_t *value;

	if (!allowed(call, "Microsoft.Resources/subscriptions/providers/read"))
		return;
	value = json_array();
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (i == 0 || strcmp(types[i].space, types[i - 1].space) != 0)
			json_array_append_new(
				value, provider_json(call, subscription, types[i].space));
	reply_json(call, 200, json_pack("{s:o}", "value", value));
}

/* The namespace that the path names, as it is written in the table; otherwise answers. */
static const char *
find_space(struct call *call)
{
	const char *name = call->params[call->params_len - 1];

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (text_casecmp(types[i].space, name) == 0)
			return types[i].space;
	reply_error(call, 404, "InvalidResourceNamespace",
		"The resource namespace '%s' is invalid.", name);
	return NULL;
}

static void
answer_provider(struct call *call)
{
	const char *space = find_space(call);

	if (space)
		reply_json(call, 200,
			provider_json(call, call->params_len > 1 ? call->params[0] : NULL, space));
}

static void
get_provider(struct call *call)
{
	if (call->params_len == 1 ||
		allowed(call, "Microsoft.Resources/subscriptions/providers/read"))
		answer_provider(call);
}

/* Registering changes nothing: everything is registered. */
static void
register_provider(struct call *call)
{
	if (allowed(call, arena_printf(call->arena, "%s/register/action", call->params[1])))
		answer_provider(call);
}

static void
list_types(struct call *call)
{
	const char *space;
	json_t *json;

	if (!allowed(call, "Microsoft.Resources/subscriptions/providers/read"))
		return;
	space = find_space(call);
	if (!space)
		return;
	json = provider_json(call, call->params[0], space);
	reply_json(call, 200, json_pack("{s:O}", "value", json_object_get(json, "resourceTypes")));
	json_decref(json);
}

const struct route arm_provider_routes[] = {
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/providers", type, 0, list_providers},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/providers/{}", type, 0, get_provider},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/providers/{}/resourceTypes", type, 0, list_types},
	{ROUTE_ARM, VERB_POST, "/subscriptions/{}/providers/{}/register", type, 0,
		register_provider},
	{ROUTE_ARM, VERB_GET, "/providers", type, 0, list_providers},
	{ROUTE_ARM, VERB_GET, "/providers/{}", type, 0, get_provider},
};
const size_t arm_provider_routes_len = ARRAY_LEN(arm_provider_routes);
