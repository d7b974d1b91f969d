/* Batch accounts. Shapes and quotas: recordings of azure-cli (test_batch_general_arm_cmd,
 * test_batch_managed_identity_cmd), BatchManagement.json 2024-02-01; no recording holds a customer
 * key. Names are unique in a region. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/batch_change.h"
#include "backend/sandbox/arm/operations.h"
#include "backend/sandbox/arm/provider.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"
#include "backend/sandbox/service/assign.h"
#include "backend/sandbox/service/reach.h"
#include "crypto/b64.h"
#include "crypto/digest.h"

static const char type[] = "Microsoft.Batch/batchAccounts";

/* Host names of the service [azure-cli-core cloud.py]; local names have none of their own. */
static const char *
suffix(const struct call *call)
{
	const char *cloud = call->naming.cloud ? call->naming.cloud->name : "";

	return strcmp(cloud, "AzureChinaCloud") == 0     ? "batch.chinacloudapi.cn"
	       : strcmp(cloud, "AzureUSGovernment") == 0 ? "batch.usgovcloudapi.net"
							 : "batch.azure.com";
}

static json_t *
encryption_json(struct call *call, const struct account *a)
{
	char uri[NAMES_URL];
	bool pinned = a->cmk_mode == CMK_PINNED;

	if (!a->cmk_store[0])
		return json_pack("{s:s}", "keySource", "Microsoft.Batch");
	names_store(&call->naming, a->cmk_kind, a->cmk_store, uri);
	return json_pack("{s:s,s:{s:o}}", "keySource", "Microsoft.KeyVault", "keyVaultProperties",
		"keyIdentifier",
		json_sprintf("%s/keys/%s%s%s", uri, a->cmk_key, pinned ? "/" : "",
			pinned ? a->cmk_version : ""));
}

/* With pools in the user's subscription its quotas count, and this service shows none [recorded:
 * test_batch_byos_account_cmd]. */
static void
add_quotas(json_t *json, bool own_pools)
{
	static const struct {
		const char *name;
		int cores;
	} families[] = {{"standardAv2Family", 500}, {"standardDv2Family", 250},
		{"standardDv3Family", 500}, {"standardEv3Family", 500}, {"standardDSv2Family", 250},
		{"standardDSv3Family", 500}, {"standardESv3Family", 500},
		{"standardFSv2Family", 100}, {"standardNCFamily", 24}, {"standardNVFamily", 24}};
	json_t *list = json_array();

	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		json_array_append_new(list, json_pack("{s:s,s:i}", "name", families[i].name,
						    "coreQuota", families[i].cores));
	if (own_pools) {
		json_object_set_new(json, "dedicatedCoreQuota", json_integer(500));
		json_object_set(json, "dedicatedCoreQuotaPerVMFamily", list);
	}
	json_decref(list);
	json_object_set_new(json, "dedicatedCoreQuotaPerVMFamilyEnforced", json_true());
	if (own_pools)
		json_object_set_new(json, "lowPriorityCoreQuota", json_integer(500));
	json_object_set_new(json, "poolQuota", json_integer(100));
	json_object_set_new(json, "activeJobAndJobScheduleQuota", json_integer(300));
}

/* A property of the account's own, with what it is when nobody said anything (may be NULL). */
static void
add_own(json_t *json, const json_t *more, const char *name, json_t *usual)
{
	json_t *value = json_object_get(more, name);

	if (value)
		json_object_set(json, name, value);
	else if (usual)
		json_object_set(json, name, usual);
	json_decref(usual);
}

static json_t *
properties_json(struct call *call, const struct account *a, const char *id)
{
	json_t *more = reply_stored(a->more);
	const char *mode = json_string_value(json_object_get(more, "poolAllocationMode"));
	bool own_pools = !mode || strcmp(mode, "BatchService") == 0;
	json_t *json = json_pack("{s:o,s:o,s:s}", "accountEndpoint",
		json_sprintf("%s.%s.%s", a->name, a->location, suffix(call)),
		"nodeManagementEndpoint",
		json_sprintf("%s.%s.service.%s", a->guid, a->location, suffix(call)),
		"provisioningState", operation_pending(call, id) ? "Creating" : "Succeeded");

	add_quotas(json, own_pools);
	add_own(json, more, "autoStorage", NULL);
	add_own(json, more, "poolAllocationMode", json_string("BatchService"));
	add_own(json, more, "keyVaultReference", NULL);
	add_own(json, more, "publicNetworkAccess", json_string("Enabled"));
	add_own(json, more, "networkProfile", NULL);
	json_object_set_new(json, "privateEndpointConnections", json_array());
	json_object_set_new(json, "encryption", encryption_json(call, a));
	add_own(json, more, "allowedAuthenticationModes",
		own_pools ? json_pack("[s,s,s]", "SharedKey", "AAD", "TaskAuthenticationToken")
			  : json_pack("[s,s]", "AAD", "TaskAuthenticationToken"));
	json_decref(more);
	return json;
}

static json_t *
account_json(struct call *call, const struct account *a)
{
	char id[640];
	json_t *json;

	accounts_id(a, id, sizeof id);
	json = json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "id", id, "name", a->name, "type", type,
		"location", a->location, "properties", properties_json(call, a, id), "identity",
		assign_shown(call, a));
	if (strcmp(a->tags, "{}") != 0)
		json_object_set_new(json, "tags", reply_stored(a->tags));
	return json;
}

/* The time of the last change in units of 100 ns since the year 1, as recorded ones read. */
static void
headers(struct call *call, const struct account *a)
{
	reply_header(call, "ETag", "\"0x%llX\"",
		(unsigned long long)(a->modified_ms + 62135596800000) * 10000 +
			(unsigned long long)(a->revision % 10000));
}

static bool
well_named(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < len; i++)
		if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]))
			return false;
	return len >= 3 && len <= 24;
}

/* The words for a name that is taken are those of LocationCheckNameAvailability_AlreadyExists.json;
 * the codes are not established. */
static bool
name_free(struct call *call, const char *name)
{
	struct account *other = arena_alloc(call->arena, sizeof *other);
	char location[48];

	if (!well_named(name)) {
		batch_refuse(call, 400, "InvalidAccountName", "BatchAccount", NULL,
			"The account name must be 3 to 24 lower-case letters and digits.");
		return false;
	}
	if (!arm_location(call, call_text(call->json, "location"), location))
		return false;
	if (!accounts_find_name(call->world->db, call->arena, SERVICE_BATCH, name, location, other))
		return true;
	batch_refuse(call, 409, "AccountAlreadyExists", "BatchAccount", NULL,
		arena_printf(call->arena, "An account named '%s' is already in use.", name));
	return false;
}

static bool
fill(struct call *call, struct account *a)
{
	const char *identity = call_text(call_member(call->json, "identity"), "type");

	a->more = !identity || text_casecmp(identity, "None") == 0
			  ? arena_printf(call->arena, "{\"%s\":true}", batch_bare)
			  : "{}";
	return true;
}

static void
made(struct call *call, const struct account *a, json_t *json)
{
	char id[640];

	if (operation_accept(
		    call, OPERATION_BATCH_PUT, a->location, accounts_id(a, id, sizeof id))) {
		json_decref(json);
		return;
	}
	reply_json(call, 200, json);
	headers(call, a);
}

static void
gone(struct call *call, const struct account *a, bool found)
{
	if (!found)
		reply_empty(call, 204);
	else if (!operation_accept(call, OPERATION_BATCH_DELETE, a->location, ""))
		reply_empty(call, 200);
}

const struct provider batch_provider = {
	.service = SERVICE_BATCH,
	.change = &batch_change,
	.shown = account_json,
	.listed = account_json,
	.headers = headers,
	.name_free = name_free,
	.fill = fill,
	.made = made,
	.gone = gone,
};

static void
get_account(struct call *call)
{
	provider_get(call, &batch_provider);
}

static void
patch_account(struct call *call)
{
	provider_patch(call, &batch_provider);
}

static void
put_account(struct call *call)
{
	provider_put(call, &batch_provider);
}

static void
delete_account(struct call *call)
{
	provider_delete(call, &batch_provider);
}

static void
list_accounts(struct call *call)
{
	provider_list(call, &batch_provider);
}

static bool
allowed(struct call *call, const char *action)
{
	return rights_action(
		call, action, arena_printf(call->arena, "/subscriptions/%s", call->params[0]));
}

static void
get_quotas(struct call *call)
{
	char location[48];

	if (allowed(call, "Microsoft.Batch/locations/quotas/read") &&
		arm_location(call, call->params[1], location))
		reply_json(call, 200, json_pack("{s:i}", "accountQuota", 1000));
}

static void
check_name(struct call *call)
{
	struct account *other = arena_alloc(call->arena, sizeof *other);
	const char *name = call_text(call->json, "name"), *wanted = call_text(call->json, "type");
	char location[48];
	bool taken;

	if (!allowed(call, "Microsoft.Batch/locations/checkNameAvailability/read") ||
		!arm_location(call, call->params[1], location))
		return;
	if (!name || !wanted || text_casecmp(wanted, type) != 0) {
		batch_refuse(call, 400, "InvalidRequestBody", NULL, NULL,
			"The specified Request Body is not syntactically valid.");
		return;
	}
	db_lock(call->world->db);
	taken = accounts_find_name(
		call->world->db, call->arena, SERVICE_BATCH, name, location, other);
	db_unlock(call->world->db);
	if (taken)
		reply_json(call, 200,
			json_pack("{s:b,s:s,s:o}", "nameAvailable", 0, "reason", "AlreadyExists",
				"message",
				json_sprintf("An account named '%s' is already in use.", name)));
	else if (!well_named(name))
		reply_json(call, 200,
			json_pack("{s:b,s:s,s:s}", "nameAvailable", 0, "reason", "Invalid",
				"message",
				"The account name must be 3 to 24 lower-case letters and digits."));
	else
		reply_json(call, 200, json_pack("{s:b}", "nameAvailable", 1));
}

/* An access key of the account: nothing that a customer key changes. Made from the platform's
 * secret, so that it need not be stored; base64 of 64 bytes, as Azure's are. */
static json_t *
key_json(struct call *call, const struct account *a, const json_t *more, const char *which)
{
	json_int_t round = json_integer_value(json_object_get(more, which));
	const struct secret *platform = &call->world->platform;
	unsigned char digest[DIGEST_MAX];
	char text[96], secret[65];
	const char *seed;

	digest_sha256_hex(platform->bytes, platform->len, secret);
	seed = arena_printf(call->arena, "%s %s %s %lld", secret, a->guid, which, (long long)round);
	digest_of(DIGEST_SHA512, seed, strlen(seed), digest);
	b64_encode(text, digest, 64);
	for (char *at = text; *at; at++)
		*at = *at == '-' ? '+' : *at == '_' ? '/' : *at;
	return json_sprintf("%s==", text);
}

static void
reply_keys(struct call *call, const struct account *a)
{
	json_t *more = reply_stored(a->more);

	reply_json(call, 200,
		json_pack("{s:s,s:o,s:o}", "accountName", a->name, "primary",
			key_json(call, a, more, "primary"), "secondary",
			key_json(call, a, more, "secondary")));
	json_decref(more);
}

/* The account for a call on its data, which must be in reach. */
static bool
load_open(struct call *call, const char *action, struct account *a)
{
	struct cmk_refusal refusal;

	if (!rights_action(call, action, arm_scope(call, type)) ||
		!provider_load(call, SERVICE_BATCH, a))
		return false;
	if (reach_data(call->world, call->arena, a, call->now, &refusal))
		return true;
	batch_refuse_dark(call, &refusal);
	return false;
}

static void
list_keys(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);

	if (load_open(call, "Microsoft.Batch/batchAccounts/listkeys/action", a))
		reply_keys(call, a);
}

static void
regenerate_key(struct call *call)
{
	struct account *a = arena_alloc(call->arena, sizeof *a);
	const char *name = call_text(call->json, "keyName");
	const char *which = !name                                  ? NULL
			    : text_casecmp(name, "Primary") == 0   ? "primary"
			    : text_casecmp(name, "Secondary") == 0 ? "secondary"
								   : NULL;
	struct db *db = call->world->db;
	json_t *more;
	char *text;

	if (!load_open(call, "Microsoft.Batch/batchAccounts/regeneratekeys/action", a))
		return;
	if (!which) {
		batch_refuse(call, 400, "InvalidRequestBody", NULL, NULL,
			"The specified Request Body is not syntactically valid.");
		return;
	}
	db_begin(db);
	if (!accounts_find_row(db, call->arena, a->id, a)) {
		db_rollback(db);
		arm_refuse_missing(call, type, call->params[1], call->params[2]);
		return;
	}
	more = reply_stored(a->more);
	json_object_set_new(
		more, which, json_integer(json_integer_value(json_object_get(more, which)) + 1));
	text = json_dumps(more, JSON_COMPACT);
	a->more = arena_strdup(call->arena, text);
	free(text);
	json_decref(more);
	accounts_update(db, a);
	if (db_commit(db))
		reply_keys(call, a);
	else
		reply_broken(call);
}

#define GROUP "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.Batch/batchAccounts"
#define PLACE "/subscriptions/{}/providers/Microsoft.Batch/locations/{}/"

const struct route arm_batch_routes[] = {
	{ROUTE_ARM, VERB_GET, GROUP "/{}", type, 0, get_account},
	{ROUTE_ARM, VERB_PATCH, GROUP "/{}", type, ROUTE_JSON, patch_account},
	{ROUTE_ARM, VERB_PUT, GROUP "/{}", type, ROUTE_JSON, put_account},
	{ROUTE_ARM, VERB_DELETE, GROUP "/{}", type, 0, delete_account},
	{ROUTE_ARM, VERB_POST, GROUP "/{}/listKeys", type, 0, list_keys},
	{ROUTE_ARM, VERB_POST, GROUP "/{}/regenerateKeys", type, ROUTE_JSON, regenerate_key},
	{ROUTE_ARM, VERB_GET, GROUP, type, 0, list_accounts},
	{ROUTE_ARM, VERB_GET, "/subscriptions/{}/providers/Microsoft.Batch/batchAccounts", type, 0,
		list_accounts},
	{ROUTE_ARM, VERB_GET, PLACE "quotas", type, 0, get_quotas},
	{ROUTE_ARM, VERB_POST, PLACE "checkNameAvailability", type, ROUTE_JSON, check_name},
};
const size_t arm_batch_routes_len = ARRAY_LEN(arm_batch_routes);
