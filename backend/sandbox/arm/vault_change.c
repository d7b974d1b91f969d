/* Protection only ever grows: what would take back soft delete or purge protection is refused in
 * Azure's own words [terraform-provider-azurerm quotes them].
 * A PUT replaces what it does not name, but for protection and the permission model [keyvault.json
 * VaultProperties: null means no change]. Properties that mean nothing here are kept and shown as
 * they were sent. */
#include "backend/sandbox/arm/vault_change.h"

#include <stdlib.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/vault_network.h"
#include "backend/sandbox/reply.h"

static const char rbac_property[] = "enableRbacAuthorization";

/* Vaults are made with role assignments unless told otherwise since this version
 * [general/access-control-default.md]. */
static const char rbac_since[] = "2026-02-01";

static bool
bad(struct call *call, const char *message)
{
	reply_error(call, 400, "BadRequest", "%s", message);
	return false;
}

int
vault_flag(struct call *call, const json_t *properties, const char *name)
{
	const json_t *value = call_member(properties, name);

	if (!value || json_is_null(value))
		return -1;
	if (json_is_boolean(value))
		return json_is_true(value);
	reply_error(call, 400, "InvalidRequestContent",
		"The request content was invalid and could not be deserialized: 'properties.%s must be true or false'.",
		name);
	return -2;
}

static bool
apply_retention(struct call *call, struct vault *v, const json_t *properties, bool fresh)
{
	const json_t *days = call_member(properties, "softDeleteRetentionInDays");
	json_int_t sent = json_integer_value(days);

	if (!days || json_is_null(days))
		return true;
	if (!json_is_integer(days) || sent < 7 || sent > 90)
		return bad(call,
			"The property \"softDeleteRetentionInDays\" must be between 7 and 90.");
	if (!fresh && sent != v->retention)
		return bad(call,
			"The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.");
	v->retention = (int)sent;
	return true;
}

static bool
apply_protection(struct call *call, struct vault *v, const json_t *properties, bool fresh)
{
	int soft = vault_flag(call, properties, "enableSoftDelete");
	int purge = soft == -2 ? -2 : vault_flag(call, properties, "enablePurgeProtection");

	if (purge == -2)
		return false;
	if (soft == 0 && !fresh && v->soft_delete)
		return bad(call,
			"The property \"enableSoftDelete\" can be set to false only for creating new vault. Enabling the 'soft delete' functionality is an irreversible action.");
	if (purge == 0)
		return bad(call,
			"The property \"enablePurgeProtection\" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.");
	if (soft >= 0)
		v->soft_delete = soft;
	if (purge == 1 && !v->soft_delete)
		return bad(call,
			"The property \"enablePurgeProtection\" can be set to true only if \"enableSoftDelete\" is true.");
	if (purge == 1)
		v->purge_protection = true;
	return apply_retention(call, v, properties, fresh);
}

static bool
apply_sku(struct call *call, struct vault *v, const json_t *properties, bool required)
{
	static const char *const names[] = {"standard", "premium"};
	const json_t *sku = call_member(properties, "sku");
	const char *name = call_text(sku, "name"), *family = call_text(sku, "family");

	if (!name && !required)
		return true;
	if (!name)
		return bad(call, "The parameter sku is not specified.");
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_casecmp(names[i], name) == 0 &&
			(!family || text_casecmp(family, "A") == 0))
			return text_copy(v->sku, sizeof v->sku, names[i]);
	return bad(call, "An invalid value was provided for 'sku'.");
}

static bool
apply_tenant(struct call *call, struct vault *v, const json_t *properties, bool required)
{
	const char *tenant = call_text(properties, "tenantId");

	if (!tenant && !required)
		return true;
	if (!tenant)
		return bad(call, "The parameter tenantId is not specified.");
	if (text_casecmp(tenant, call->caller.tenant) != 0 ||
		!text_copy(v->tenant, sizeof v->tenant, tenant))
		return bad(call, "An invalid value was provided for 'tenantId'.");
	return true;
}

/* Who decides on data actions. That it was said is kept with it: a vault that was never told shows
 * no such property [recorded throughout]. */
static bool
apply_model(struct call *call, struct vault *v, const json_t *properties, bool fresh, json_t *more)
{
	int rbac = vault_flag(call, properties, rbac_property);

	if (rbac == -2)
		return false;
	if (rbac == -1 && fresh && strcmp(call->api_version, rbac_since) >= 0)
		rbac = 1;
	if (rbac >= 0) {
		v->rbac = rbac;
		json_object_set_new(more, rbac_property, json_boolean(rbac));
	}
	return true;
}

static bool
apply_uses(struct call *call, const json_t *properties, json_t *more)
{
	static const char *const uses[] = {
		"enabledForDeployment", "enabledForDiskEncryption", "enabledForTemplateDeployment"};

	for (size_t i = 0; i < ARRAY_LEN(uses); i++) {
		int flag = vault_flag(call, properties, uses[i]);

		if (flag == -2)
			return false;
		if (flag >= 0)
			json_object_set_new(more, uses[i], json_boolean(flag));
	}
	return true;
}

void
vault_touch(struct call *call, struct vault *v, json_t *more)
{
	char *text = json_dumps(more, JSON_COMPACT);

	v->more = arena_strdup(call->arena, text);
	free(text);
	json_decref(more);
	v->modified_by = call->caller.app;
	v->modified_ms = vclock_ms(&call->world->clock);
}

bool
vault_apply(struct call *call, struct vault *v, enum vault_write how)
{
	const json_t *properties = call_member(call->json, "properties");
	bool fresh = how == VAULT_CREATE, whole = how != VAULT_PATCH;
	json_t *old = reply_stored(v->more), *more = whole ? json_object() : json_incref(old);

	json_object_set(more, rbac_property, json_object_get(old, rbac_property));
	json_decref(old);
	if (properties && !json_is_object(properties)) {
		json_decref(more);
		return bad(call, "The vault's properties must be an object.");
	}
	if (!arm_tags(call, whole ? "{}" : v->tags, &v->tags) ||
		!apply_tenant(call, v, properties, whole) ||
		!apply_sku(call, v, properties, whole) ||
		!apply_protection(call, v, properties, fresh) ||
		!apply_model(call, v, properties, fresh, more) ||
		!apply_uses(call, properties, more) ||
		!network_take(call, STORE_VAULT, properties, more)) {
		json_decref(more);
		return false;
	}
	vault_touch(call, v, more);
	return true;
}

static bool
entry_ok(const json_t *entry)
{
	static const char *const kinds[] = {"keys", "secrets", "certificates", "storage"};
	const char *tenant = call_text(entry, "tenantId"), *object = call_text(entry, "objectId");
	const json_t *permissions = call_member(entry, "permissions");
	const char *application = call_text(entry, "applicationId");

	if (!tenant || !armid_is_guid(tenant) || !object || !armid_is_guid(object) ||
		!json_is_object(permissions) || (application && !armid_is_guid(application)))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const json_t *list = call_member(permissions, kinds[i]);

		if (list && !json_is_null(list) && !json_is_array(list))
			return false;
		for (size_t n = 0; n < json_array_size(list); n++) {
			const char *word = json_string_value(json_array_get(list, n));

			if (!word || (i == 0 && !perm_parse(word)))
				return false;
		}
	}
	return true;
}

bool
vault_take_policies(struct call *call, bool required, const json_t **out)
{
	const json_t *list = call_member(call_member(call->json, "properties"), "accessPolicies");

	*out = NULL;
	if ((!list || json_is_null(list)) && !required)
		return true;
	if (!json_is_array(list))
		return bad(call, "The parameter accessPolicies is not specified.");
	if (json_array_size(list) > 1024)
		return bad(call, "A vault can have at most 1024 access policies.");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!entry_ok(json_array_get(list, i)))
			return bad(call, "An invalid value was provided for 'accessPolicies'.");
	*out = list;
	return true;
}

static const char *
by_type(const char *who)
{
	return armid_is_guid(who) ? "Application" : "User";
}

json_t *
vault_system_data(struct call *call, const struct vault *v)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "createdBy", v->created_by, "createdByType",
		by_type(v->created_by), "createdAt", reply_time_zulu(call, v->created_ms),
		"lastModifiedBy", v->modified_by, "lastModifiedByType", by_type(v->modified_by),
		"lastModifiedAt", reply_time_zulu(call, v->modified_ms));
}

/* With --lro a new vault is not in the DNS yet, and its URI has no final slash [recorded: azure-cli
 * test_keyvault_key]. */
static void
add_state(struct call *call, const struct vault *v, json_t *properties)
{
	bool made = vclock_ms(&call->world->clock) >= v->created_ms + call->world->lro * 1000;
	char uri[NAMES_URL];

	vaults_uri(v, &call->naming, uri);
	json_object_set_new(properties, "vaultUri", json_sprintf("%s%s", uri, made ? "/" : ""));
	json_object_set_new(properties, "provisioningState",
		json_string(made ? "Succeeded" : "RegisteringDns"));
}

static json_t *
properties_json(struct call *call, const struct vault *v)
{
	json_t *more = reply_stored(v->more), *network = json_object_get(more, "networkAcls");
	json_t *access = json_object_get(more, "publicNetworkAccess");
	json_t *json = json_pack(
		"{s:{s:s,s:s},s:s}", "sku", "family", "A", "name", v->sku, "tenantId", v->tenant);

	if (network)
		json_object_set(json, "networkAcls", network);
	json_object_set_new(json, "accessPolicies", vaults_policies(call->world->db, v->id));
	json_object_set_new(json, "enabledForDeployment", json_false());
	json_object_update(json, more);
	json_object_set_new(json, "enableSoftDelete", json_boolean(v->soft_delete));
	if (v->soft_delete)
		json_object_set_new(json, "softDeleteRetentionInDays", json_integer(v->retention));
	if (v->rbac)
		json_object_set_new(json, rbac_property, json_true());
	if (v->purge_protection)
		json_object_set_new(json, "enablePurgeProtection", json_true());
	add_state(call, v, json);
	json_object_set_new(
		json, "publicNetworkAccess", access ? json_incref(access) : json_string("Enabled"));
	json_decref(more);
	return json;
}

/* Older versions do not know everything: keyvault.json 2018-02-14; recorded with 2019-09-01,
 * 2021-04-01-preview and 2021-11-01-preview. */
static void
leave_out_newer(struct call *call, json_t *vault)
{
	static const struct {
		const char *name, *since;
	} later[] = {
		{"provisioningState", "2019"},
		{"softDeleteRetentionInDays", "2019"},
		{rbac_property, "2019"},
		{"publicNetworkAccess", "2021-06"},
	};

	for (size_t i = 0; i < ARRAY_LEN(later); i++)
		if (strcmp(call->api_version, later[i].since) < 0)
			json_object_del(json_object_get(vault, "properties"), later[i].name);
	if (strcmp(call->api_version, "2021-04") < 0)
		json_object_del(vault, "systemData");
}

json_t *
vault_json(struct call *call, const struct vault *v)
{
	char id[640];
	json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o}", "id", vaults_id(v, id, sizeof id),
		"name", v->name, "type", "Microsoft.KeyVault/vaults", "location", v->location,
		"tags", reply_stored(v->tags), "systemData", vault_system_data(call, v),
		"properties", properties_json(call, v));

	leave_out_newer(call, json);
	return json;
}
