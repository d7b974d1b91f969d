/* Storage accounts. Shapes and words: recordings of azure-cli (storage account tests, 2021-04-01
 * and 2023-05-01) and storage.json 2023-05-01. Lists show all that GET shows. */
#include "backend/sandbox/arm/storage.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/operations.h"
#include "backend/sandbox/arm/provider.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/rows/keys.h"
#include "backend/sandbox/service/assign.h"

static const char type[] = "Microsoft.Storage/storageAccounts";

/* What an account has that was never told otherwise (recorded, 2023-05-01). */
static const char usual[] =
	"{\"allowCrossTenantReplication\":false,\"minimumTlsVersion\":\"TLS1_0\",\"allowBlobPublicAccess\":false,\"networkAcls\":{\"ipv6Rules\":[],\"bypass\":\"AzureServices\",\"virtualNetworkRules\":[],\"ipRules\":[],\"defaultAction\":\"Allow\"},\"supportsHttpsTrafficOnly\":true}";

json_t *
storage_object(json_t *json, const char *name)
{
	json_t *at = json_object_get(json, name);

	if (json_is_object(at))
		return at;
	at = json_object();
	json_object_set_new(json, name, at);
	return at;
}

json_t *
storage_properties(const struct account *a)
{
	json_t *kept = reply_stored(a->more);

	if (!json_is_object(kept)) {
		json_decref(kept);
		kept = json_object();
	}
	if (!json_object_get(kept, "sku"))
		json_object_set_new(kept, "sku", json_string(STORAGE_SKU));
	if (!json_object_get(kept, "kind"))
		json_object_set_new(kept, "kind", json_string(STORAGE_KIND));
	return kept;
}

/* The end of the version in use, 1970 when it has none (recorded). */
static const char *
key_expiry(struct call *call, const struct account *a)
{
	struct db *db = call->world->db;
	struct key_version key = {0};
	struct vault vault;

	if (!vaults_find(db, call->arena, a->cmk_kind, a->cmk_store, &vault) ||
		!keys_find(db, call->arena, vault.id, a->cmk_key, a->cmk_version, &key))
		return reply_time_7(call, 0);
	return reply_time_7(call, key.exp * 1000);
}

static json_t *
key_json(struct call *call, const struct account *a)
{
	char uri[NAMES_URL];
	json_t *json;

	names_store(&call->naming, a->cmk_kind, a->cmk_store, uri);
	json = json_pack("{s:o,s:s,s:s,s:o,s:s}", "currentVersionedKeyIdentifier",
		json_sprintf("%s/keys/%s/%s", uri, a->cmk_key, a->cmk_version),
		"lastKeyRotationTimestamp", reply_time_7(call, a->cmk_rotated_ms),
		"currentVersionedKeyExpirationTimestamp", key_expiry(call, a), "keyvaulturi",
		json_sprintf("%s%s", uri, a->cmk_slash ? "/" : ""), "keyname", a->cmk_key);
	if (a->cmk_mode != CMK_AUTO_ABSENT)
		json_object_set_new(json, "keyversion",
			json_string(a->cmk_mode == CMK_PINNED ? a->cmk_version : ""));
	return json;
}

/* Blob and file are always encrypted with the account's key; queue and table appear when they were
 * asked for (recorded; StorageAccountEnableAD.json and others). */
static json_t *
services_json(struct call *call, const struct account *a, json_t *kept)
{
	json_t *json = json_copy(storage_object(kept, "services"));
	const char *made = reply_time_7(call, a->created_ms);

	for (size_t i = 0; i < 2; i++) {
		const char *name = i ? "blob" : "file";

		if (!json_object_get(json, name))
			json_object_set_new(json, name,
				json_pack("{s:s,s:b,s:s}", "keyType", "Account", "enabled", 1,
					"lastEnabledTime", made));
	}
	return json;
}

/* An identity that was ever named stays in sight, the empty one too (recorded). */
static json_t *
encryption_identity(const struct account *a, json_t *kept)
{
	json_t *identity = json_copy(storage_object(kept, "identity"));

	if (a->cmk_store[0] && (a->cmk_identity[0] || json_object_size(identity)))
		json_object_set_new(identity, "userAssignedIdentity", json_string(a->cmk_identity));
	if (a->cmk_store[0] && a->cmk_federated[0])
		json_object_set_new(
			identity, "federatedIdentityClientId", json_string(a->cmk_federated));
	return identity;
}

static json_t *
encryption_json(struct call *call, const struct account *a, json_t *kept)
{
	json_t *json = json_object(), *identity = encryption_identity(a, kept);

	if (json_object_size(identity))
		json_object_set(json, "identity", identity);
	json_decref(identity);
	if (a->cmk_store[0])
		json_object_set_new(json, "keyvaultproperties", key_json(call, a));
	if (json_object_get(kept, "requireInfrastructureEncryption"))
		json_object_set_new(json, "requireInfrastructureEncryption", json_true());
	json_object_set_new(json, "services", services_json(call, a, kept));
	json_object_set_new(json, "keySource",
		json_string(a->cmk_store[0] ? "Microsoft.Keyvault" : "Microsoft.Storage"));
	return json;
}

/* Which services an account of a kind has [storage account overview]. */
static const char *
endpoints_of(const char *kind)
{
	if (strcmp(kind, "BlockBlobStorage") == 0)
		return "dfs web blob";
	if (strcmp(kind, "FileStorage") == 0)
		return "file";
	if (strcmp(kind, "BlobStorage") == 0)
		return "dfs blob table";
	if (strcmp(kind, "Storage") == 0)
		return "blob queue table file";
	return "dfs web blob queue table file";
}

/* The URL of blobs with another service's word in it; web has a zone before the word (recorded). */
static json_t *
endpoints_json(struct call *call, const char *account, const char *has)
{
	static const char *const names[] = {"dfs", "web", "blob", "queue", "table", "file"};
	const char *rest;
	char url[NAMES_URL];
	json_t *json = json_object();

	names_blob(&call->naming, account, url);
	rest = strstr(url, ".blob.") + strlen(".blob.");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!strstr(has, names[i]))
			continue;
		json_object_set_new(json, names[i],
			json_sprintf("https://%s.%s%s.%s/", account,
				strcmp(names[i], "web") == 0 ? "z6." : "", names[i], rest));
	}
	return json;
}

/* Pairs of regions [Azure paired regions]; NULL for those that are not kept here. */
static const char *
pair_of(const char *region)
{
	static const char *const pairs[][2] = {{"westeurope", "northeurope"}, {"eastus", "westus"},
		{"eastus2", "centralus"}, {"northcentralus", "southcentralus"},
		{"westus2", "westcentralus"}, {"uksouth", "ukwest"}, {"eastasia", "southeastasia"},
		{"chinanorth", "chinaeast"}, {"chinanorth2", "chinaeast2"},
		{"usgovvirginia", "usgovtexas"}};

	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		if (strcmp(pairs[i][0], region) == 0)
			return pairs[i][1];
		if (strcmp(pairs[i][1], region) == 0)
			return pairs[i][0];
	}
	return NULL;
}

static void
add_secondary(struct call *call, json_t *json, const struct account *a, const char *sku)
{
	const char *pair = pair_of(a->location);

	if (!pair || !strstr(sku, "G"))
		return;
	json_object_set_new(json, "secondaryLocation", json_string(pair));
	json_object_set_new(json, "statusOfSecondary", json_string("available"));
	if (strstr(sku, "_RA"))
		json_object_set_new(json, "secondaryEndpoints",
			endpoints_json(call, arena_printf(call->arena, "%s-secondary", a->name),
				"dfs web blob queue table"));
}

static json_t *
properties_json(struct call *call, const struct account *a, json_t *kept)
{
	json_t *json = json_loads(usual, 0, NULL);
	const char *kind = call_text(kept, "kind"), *sku = call_text(kept, "sku");
	const char *made = reply_time_7(call, a->created_ms);
	char id[ARMID_MAX];

	if (strcmp(kind, "Storage") != 0)
		json_object_set_new(json, "accessTier",
			json_string(text_case_starts(sku, "Premium") ? "Premium" : "Hot"));
	json_object_update(json, storage_object(kept, "properties"));
	json_object_set_new(
		json, "keyCreationTime", json_pack("{s:s,s:s}", "key1", made, "key2", made));
	json_object_set_new(json, "privateEndpointConnections", json_array());
	json_object_set_new(
		json, "encryption", encryption_json(call, a, storage_object(kept, "encryption")));
	json_object_set_new(json, "provisioningState",
		json_string(operation_pending(call, accounts_id(a, id, sizeof id)) ? "ResolvingDNS"
										   : "Succeeded"));
	json_object_set_new(json, "creationTime", json_string(made));
	json_object_set_new(
		json, "primaryEndpoints", endpoints_json(call, a->name, endpoints_of(kind)));
	json_object_set_new(json, "primaryLocation", json_string(a->location));
	json_object_set_new(json, "statusOfPrimary", json_string("available"));
	add_secondary(call, json, a, sku);
	return json;
}

static json_t *
account_json(struct call *call, const struct account *a)
{
	json_t *kept = storage_properties(a), *json;
	const char *sku = call_text(kept, "sku");
	char id[ARMID_MAX];

	json = json_pack("{s:{s:s,s:s},s:O,s:s,s:s,s:s,s:s,s:o,s:o}", "sku", "name", sku, "tier",
		text_case_starts(sku, "Premium") ? "Premium" : "Standard", "kind",
		json_object_get(kept, "kind"), "id", accounts_id(a, id, sizeof id), "name", a->name,
		"type", type, "location", a->location, "tags", reply_stored(a->tags), "properties",
		properties_json(call, a, kept));
	if (strcmp(a->identity, "None") != 0 || json_object_get(kept, "identity"))
		json_object_set_new(json, "identity", assign_shown(call, a));
	json_decref(kept);
	return json;
}

static bool
name_valid(const char *name)
{
	size_t len = strlen(name);
	bool ok = len >= 3 && len <= 24;

	for (size_t i = 0; ok && i < len; i++)
		ok = islower((unsigned char)name[i]) || isdigit((unsigned char)name[i]);
	return ok;
}

static const char *
invalid_name(struct call *call, const char *name)
{
	return arena_printf(call->arena,
		"%s is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.",
		name);
}

/* Names are unique in the world. */
static bool
name_free(struct call *call, const char *name)
{
	struct account *other = arena_alloc(call->arena, sizeof *other);

	if (!name_valid(name)) {
		reply_error(call, 400, "AccountNameInvalid", "%s", invalid_name(call, name));
		return false;
	}
	if (!accounts_find_name(call->world->db, call->arena, SERVICE_STORAGE, name, NULL, other))
		return true;
	if (text_casecmp(other->subscription, call->params[0]) == 0)
		reply_error(call, 409, "StorageAccountInAnotherResourceGroup",
			"The account %s is already in another resource group in this subscription.",
			name);
	else
		reply_error(call, 409, "StorageAccountAlreadyTaken",
			"The storage account named %s is already taken.", name);
	return false;
}

/* sku and kind must be there [StorageAccountCreateParameters]; their values are checked with the
 * rest. */
static bool
fill(struct call *call, struct account *a)
{
	(void)a;
	if (!call_text(call_member(call->json, "sku"), "name"))
		return storage_invalid(call, "sku");
	if (!call_text(call->json, "kind"))
		return storage_invalid(call, "kind");
	return true;
}

static void
made(struct call *call, const struct account *a, json_t *json)
{
	char id[ARMID_MAX];

	if (operation_accept(
		    call, OPERATION_STORAGE_PUT, a->location, accounts_id(a, id, sizeof id)))
		json_decref(json);
	else
		reply_json(call, 200, json);
}

const struct provider storage_provider = {
	.service = SERVICE_STORAGE,
	.change = &storage_change,
	.shown = account_json,
	.listed = account_json,
	.name_free = name_free,
	.fill = fill,
	.made = made,
};

static void
get_account(struct call *call)
{
	provider_get(call, &storage_provider);
}

static void
patch_account(struct call *call)
{
	provider_patch(call, &storage_provider);
}

static void
put_account(struct call *call)
{
	provider_put(call, &storage_provider);
}

static void
delete_account(struct call *call)
{
	provider_delete(call, &storage_provider);
}

static void
list_accounts(struct call *call)
{
	provider_list(call, &storage_provider);
}

/* Recorded: {"nameAvailable":true}; the refusals: CheckNameAvailabilityResult. */
static void
check_name(struct call *call)
{
	const char *name = call_text(call->json, "name"), *wanted = call_text(call->json, "type");
	struct account *other = arena_alloc(call->arena, sizeof *other);
	bool taken;

	if (!rights_action(
		    call, "Microsoft.Storage/checknameavailability/read", arm_scope(call, type)))
		return;
	if (!name || !wanted || text_casecmp(wanted, type) != 0) {
		storage_invalid(call, name ? "type" : "name");
		return;
	}
	db_lock(call->world->db);
	taken = accounts_find_name(
		call->world->db, call->arena, SERVICE_STORAGE, name, NULL, other);
	db_unlock(call->world->db);
	if (!name_valid(name))
		reply_json(call, 200,
			json_pack("{s:b,s:s,s:s}", "nameAvailable", 0, "reason",
				"AccountNameInvalid", "message", invalid_name(call, name)));
	else if (taken)
		reply_json(call, 200,
			json_pack("{s:b,s:s,s:o}", "nameAvailable", 0, "reason", "AlreadyExists",
				"message",
				json_sprintf(
					"The storage account named %s is already taken.", name)));
	else
		reply_json(call, 200, json_pack("{s:b}", "nameAvailable", 1));
}

/* There are no account keys here: the data plane takes tokens only, as that of an account without
 * allowSharedKeyAccess. */
static void
list_keys(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);

	if (rights_action(call, "Microsoft.Storage/storageAccounts/listKeys/action",
		    arm_scope(call, type)) &&
		provider_load(call, SERVICE_STORAGE, a))
		reply_error(call, 403, "KeyBasedAuthenticationNotPermitted",
			"Key based authentication is not permitted on this storage account.");
}

#define ALL "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Storage/storageAccounts"

const struct route arm_storage_routes[] = {
	{ROUTE_ARM, VERB_POST,
		"/subscriptions/{}/providers/Microsoft.Storage/checkNameAvailability", type,
		ROUTE_JSON, check_name},
	{ROUTE_ARM, VERB_GET, ALL "/{}", type, 0, get_account},
	{ROUTE_ARM, VERB_PATCH, ALL "/{}", type, ROUTE_JSON, patch_account},
	{ROUTE_ARM, VERB_PUT, ALL "/{}", type, ROUTE_JSON, put_account},
	{ROUTE_ARM, VERB_DELETE, ALL "/{}", type, 0, delete_account},
	{ROUTE_ARM, VERB_POST, ALL "/{}/listKeys", type, 0, list_keys},
	{ROUTE_ARM, VERB_GET, ALL, type, 0, list_accounts},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/providers/Microsoft.Storage/storageAccounts", type,
		0, list_accounts},
};
const size_t arm_storage_routes_len = ARRAY_LEN(arm_storage_routes);
