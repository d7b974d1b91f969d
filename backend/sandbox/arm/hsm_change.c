/* Managed HSMs say "400" where others have a word for a code [recorded: azure-cli
 * test_keyvault_mhsm_region; azure-cli 18779]; the messages that are not recorded are ours. Here an
 * HSM is active from the start: it has no security domain to be downloaded. */
#include "backend/sandbox/arm/hsm_change.h"

#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/operations.h"
#include "backend/sandbox/arm/vault_change.h"
#include "backend/sandbox/arm/vault_network.h"
#include "backend/sandbox/reply.h"

static bool
bad(struct call *call, const char *message)
{
	reply_error(call, 400, "400", "%s", message);
	return false;
}

static bool
apply_sku(struct call *call, struct vault *v, bool fresh)
{
	static const char *const names[] = {"Standard_B1", "Custom_B32", "Custom_B6"};
	const json_t *sku = call_member(call->json, "sku");
	const char *name = call_text(sku, "name"), *family = call_text(sku, "family");

	if (!fresh && (!sku || json_is_null(sku)))
		return true;
	if (!name || !family || text_casecmp(family, "B") != 0)
		return bad(call, "The sku of a managed HSM must have a name and the family B.");
	if (!fresh)
		return text_casecmp(name, v->sku) == 0 ||
		       bad(call, "The sku of a managed HSM cannot be changed.");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_casecmp(names[i], name) == 0)
			return text_copy(v->sku, sizeof v->sku, names[i]);
	return bad(call,
		"The sku name of a managed HSM must be Standard_B1, Custom_B32 or Custom_B6.");
}

/* Tenant and first administrators are given at creation; later they are not looked at. */
static bool
apply_owner(struct call *call, struct vault *v, const json_t *properties, json_t *more)
{
	json_t *admins = call_member(properties, "initialAdminObjectIds");
	const char *tenant = call_text(properties, "tenantId");

	if (!tenant || text_casecmp(tenant, call->caller.tenant) != 0 ||
		!text_copy(v->tenant, sizeof v->tenant, tenant))
		return bad(call, "The property tenantId must be the tenant of the subscription.");
	if (!json_is_array(admins) || json_array_size(admins) == 0)
		return bad(call, "The property initialAdminObjectIds must name an administrator.");
	for (size_t i = 0; i < json_array_size(admins); i++) {
		const char *one = json_string_value(json_array_get(admins, i));

		if (!one || !armid_is_guid(one))
			return bad(call,
				"The property initialAdminObjectIds must hold object ids only.");
	}
	json_object_set(more, "initialAdminObjectIds", admins);
	return true;
}

/* Soft delete is always on; the days are fixed at creation [azure-rest-api-specs 13365]. */
static bool
apply_protection(struct call *call, struct vault *v, const json_t *properties, bool fresh)
{
	int soft = vault_flag(call, properties, "enableSoftDelete");
	int purge = soft == -2 ? -2 : vault_flag(call, properties, "enablePurgeProtection");
	const json_t *days = call_member(properties, "softDeleteRetentionInDays");
	json_int_t sent = json_integer_value(days);

	if (purge == -2)
		return false;
	if (soft == 0)
		return bad(call, "Soft delete of a managed HSM cannot be disabled.");
	if (purge == 0 && v->purge_protection)
		return bad(call,
			"The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a managed HSM is an irreversible action.");
	if (purge == 1)
		v->purge_protection = true;
	if (!days || json_is_null(days))
		return true;
	if (!json_is_integer(days) || sent < 7 || sent > 90)
		return bad(call,
			"The property \"softDeleteRetentionInDays\" must be between 7 and 90.");
	if (!fresh && sent != v->retention)
		return bad(call,
			"The property \"softDeleteRetentionInDays\" cannot be changed after creation.");
	v->retention = (int)sent;
	return true;
}

/* Names of the further regions, as a list, into more. */
static bool
apply_regions(struct call *call, const struct vault *v, const json_t *properties, json_t *more)
{
	const json_t *regions = call_member(properties, "regions");
	json_t *names;

	if (!regions || json_is_null(regions))
		return true;
	if (!json_is_array(regions))
		return bad(call, "The property regions must be an array.");
	names = json_array();
	for (size_t i = 0; i < json_array_size(regions); i++) {
		const char *name = call_text(json_array_get(regions, i), "name");
		char region[48];

		if (!name || !arm_location(call, name, region)) {
			json_decref(names);
			reply_error(call, 400, "400", "Invalid region name: %s passed.",
				name ? name : "");
			return false;
		}
		if (strcmp(region, v->location) != 0)
			json_array_append_new(names, json_string(region));
	}
	json_object_set_new(more, "regions", names);
	return true;
}

bool
hsm_apply(struct call *call, struct vault *v, bool fresh)
{
	const json_t *properties = call_member(call->json, "properties");
	json_t *more = reply_stored(v->more);

	if (!arm_tags(call, v->tags, &v->tags) || !apply_sku(call, v, fresh) ||
		(fresh && !apply_owner(call, v, properties, more)) ||
		!apply_protection(call, v, properties, fresh) ||
		!apply_regions(call, v, properties, more) ||
		!network_take(call, STORE_HSM, properties, more)) {
		json_decref(more);
		return false;
	}
	vault_touch(call, v, more);
	return true;
}

static json_t *
region_json(const char *name, bool primary)
{
	return json_pack("{s:s,s:s,s:b}", "name", name, "provisioningState", "Succeeded",
		"isPrimary", primary);
}

static json_t *
further(const struct vault *v)
{
	json_t *more = reply_stored(v->more), *out = json_array();
	const json_t *names = json_object_get(more, "regions");

	for (size_t i = 0; i < json_array_size(names); i++)
		json_array_append_new(
			out, region_json(json_string_value(json_array_get(names, i)), false));
	json_decref(more);
	return out;
}

json_t *
hsm_regions(const struct vault *v)
{
	json_t *value = json_array(), *rest = further(v);

	json_array_append_new(value, region_json(v->location, true));
	json_array_extend(value, rest);
	json_decref(rest);
	return json_pack("{s:o}", "value", value);
}

const char *
hsm_extended(struct call *call, const struct vault *v)
{
	json_t *rest = further(v);
	const char *names = "";

	for (size_t i = 0; i < json_array_size(rest); i++)
		names = arena_printf(call->arena, "%s%s%s", names, i ? ", " : "",
			call_text(json_array_get(rest, i), "name"));
	json_decref(rest);
	return names;
}

static void
add_state(struct call *call, const struct vault *v, json_t *json)
{
	char id[640];
	bool pending = operation_pending(call, vaults_id(v, id, sizeof id));
	bool fresh = v->created_ms == v->modified_ms;

	json_object_set_new(json, "provisioningState",
		json_string(!pending ? "Succeeded"
			    : fresh  ? "Provisioning"
				     : "Updating"));
	json_object_set_new(json, "statusMessage",
		json_string(pending && fresh
				    ? "Resource creation in progress. Allocating hardware..."
				    : "The Managed HSM is provisioned and ready to use."));
}

static json_t *
properties_json(struct call *call, const struct vault *v)
{
	json_t *more = reply_stored(v->more), *network = json_object_get(more, "networkAcls");
	json_t *access = json_object_get(more, "publicNetworkAccess"), *json;
	json_t *admins = json_object_get(more, "initialAdminObjectIds");
	char uri[NAMES_URL];

	json = json_pack("{s:s,s:o,s:o,s:b,s:i,s:b}", "tenantId", v->tenant, "hsmUri",
		json_sprintf("%s/", vaults_uri(v, &call->naming, uri)), "initialAdminObjectIds",
		admins ? json_incref(admins) : json_array(), "enableSoftDelete", 1,
		"softDeleteRetentionInDays", v->retention, "enablePurgeProtection",
		v->purge_protection);
	add_state(call, v, json);
	json_object_set_new(json, "networkAcls", network ? json_incref(network) : network_open());
	json_object_set_new(
		json, "publicNetworkAccess", access ? json_incref(access) : json_string("Enabled"));
	json_object_set_new(json, "regions", further(v));
	json_object_set_new(json, "securityDomainProperties",
		json_pack("{s:s,s:s}", "activationStatus", "Active", "activationStatusMessage",
			"Your HSM has been activated and can be used for cryptographic operations."));
	json_decref(more);
	return json;
}

json_t *
hsm_json(struct call *call, const struct vault *v)
{
	char id[640];

	return json_pack("{s:{s:s,s:s},s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "sku", "family", "B", "name",
		v->sku, "id", vaults_id(v, id, sizeof id), "name", v->name, "type",
		"Microsoft.KeyVault/managedHSMs", "location", v->location, "tags",
		reply_stored(v->tags), "systemData", vault_system_data(call, v), "properties",
		properties_json(call, v));
}
