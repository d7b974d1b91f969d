/* Protection only ever grows: what would take back soft delete or purge protection is refused in
 * Azure's own words. Properties that mean nothing here are kept and shown as they were sent. */
#include "backend/sandbox/arm/vault_change.h"

#include <stdlib.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"

static const char *const kept[] = {"enabledForDeployment", "enabledForDiskEncryption",
	"enabledForTemplateDeployment", "networkAcls", "publicNetworkAccess"};

static bool
bad(struct call *call, const char *message)
{
	reply_error(call, 400, "BadRequest", "%s", message);
	return false;
}

/* -1 absent, 0, 1; -2 after answering. */
static int
take_flag(struct call *call, const json_t *properties, const char *name)
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
apply_protection(struct call *call, struct vault *v, const json_t *properties, bool fresh)
{
	int soft = take_flag(call, properties, "enableSoftDelete");
	int purge = take_flag(call, properties, "enablePurgeProtection");
	const json_t *days = call_member(properties, "softDeleteRetentionInDays");

	if (soft == -2 || purge == -2)
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
	if (!days || json_is_null(days))
		return true;
	if (json_integer_value(days) < 7 || json_integer_value(days) > 90)
		return bad(call,
			"The property \"softDeleteRetentionInDays\" must be between 7 and 90.");
	if (!fresh && json_integer_value(days) != v->retention)
		return bad(call,
			"The property \"softDeleteRetentionInDays\" has been set already and it can't be modified.");
	v->retention = (int)json_integer_value(days);
	return true;
}

static bool
apply_owner(struct call *call, struct vault *v, const json_t *properties, bool fresh)
{
	const char *tenant = call_text(properties, "tenantId");
	const json_t *sku = call_member(properties, "sku");
	const char *name = call_text(sku, "name");

	if (fresh && (!tenant || !name))
		return bad(call,
			"The parameters tenantId and sku of the vault's properties must be given.");
	if (tenant && !armid_is_guid(tenant))
		return bad(call, "An invalid value was provided for 'tenantId'.");
	if (tenant && text_casecmp(tenant, call->caller.tenant) != 0)
		return bad(call, "The vault's tenantId must be the tenant of its subscription.");
	if (tenant && !text_copy(v->tenant, sizeof v->tenant, tenant))
		return false;
	if (!name)
		return true;
	if ((text_casecmp(name, "standard") != 0 && text_casecmp(name, "premium") != 0) ||
		!text_copy(v->sku, sizeof v->sku, name))
		return bad(call, "An invalid value was provided for 'sku'.");
	return true;
}

bool
vault_apply(struct call *call, struct vault *v, bool fresh)
{
	const json_t *properties = call_member(call->json, "properties");
	json_t *more = reply_stored(v->more);
	char *text;
	int rbac;

	if (properties && !json_is_object(properties)) {
		json_decref(more);
		return bad(call, "The vault's properties must be an object.");
	}
	rbac = take_flag(call, properties, "enableRbacAuthorization");
	if (rbac == -2 || !arm_tags(call, v->tags, &v->tags) ||
		!apply_owner(call, v, properties, fresh) ||
		!apply_protection(call, v, properties, fresh)) {
		json_decref(more);
		return false;
	}
	if (rbac >= 0)
		v->rbac = rbac;
	for (size_t i = 0; i < ARRAY_LEN(kept); i++) {
		json_t *value = call_member(properties, kept[i]);

		if (value && !json_is_null(value))
			json_object_set(more, kept[i], value);
	}
	text = json_dumps(more, JSON_COMPACT);
	v->more = arena_strdup(call->arena, text);
	free(text);
	json_decref(more);
	v->modified_by = call->caller.app;
	v->modified_ms = vclock_ms(&call->world->clock);
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
vault_json(struct call *call, const struct vault *v)
{
	char id[640], uri[NAMES_URL];
	json_t *properties, *more = reply_stored(v->more);

	properties = json_pack("{s:{s:s,s:s},s:s,s:o}", "sku", "family", "A", "name", v->sku,
		"tenantId", v->tenant, "accessPolicies", vaults_policies(call->world->db, v->id));
	json_object_set_new(properties, "enabledForDeployment", json_false());
	json_object_update(properties, more);
	json_decref(more);
	json_object_set_new(properties, "enableSoftDelete", json_boolean(v->soft_delete));
	if (v->soft_delete)
		json_object_set_new(
			properties, "softDeleteRetentionInDays", json_integer(v->retention));
	json_object_set_new(properties, "enableRbacAuthorization", json_boolean(v->rbac));
	if (v->purge_protection)
		json_object_set_new(properties, "enablePurgeProtection", json_true());
	json_object_set_new(properties, "vaultUri",
		json_sprintf("%s/", names_store(&call->naming, STORE_VAULT, v->name, uri)));
	json_object_set_new(properties, "provisioningState", json_string("Succeeded"));
	if (!json_object_get(properties, "publicNetworkAccess"))
		json_object_set_new(properties, "publicNetworkAccess", json_string("Enabled"));
	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:{s:s,s:s,s:s,s:s,s:s,s:s},s:o}", "id",
		vaults_id(v, id, sizeof id), "name", v->name, "type", "Microsoft.KeyVault/vaults",
		"location", v->location, "tags", reply_stored(v->tags), "systemData", "createdBy",
		v->created_by, "createdByType", by_type(v->created_by), "createdAt",
		reply_time_zulu(call, v->created_ms), "lastModifiedBy", v->modified_by,
		"lastModifiedByType", by_type(v->modified_by), "lastModifiedAt",
		reply_time_zulu(call, v->modified_ms), "properties", properties);
}
