/* Absent properties have a meaning of their own: purge protection that is not mentioned is off,
 * soft delete that is not mentioned is on, a grant model that is not mentioned is access policies.
 * Rights are kept as they are written, "all" included; what they allow is worked out on asking. */
#include "backend/estate/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/reply.h"

static bool
decode_keys(const json_t *permissions, struct policy_entry *out, struct err *err)
{
	const json_t *keys;
	size_t i;
	json_t *one;

	if (!json_list(permissions, "keys", &keys, err))
		return false;
	json_array_foreach(keys, i, one)
	{
		char name[40];
		size_t used = strlen(out->unknown);

		if (!json_is_string(one))
			return err_set(err, ERR_FAILED, "BadReply",
				"permissions.keys: must be a list of texts");
		text_cleans(name, sizeof name, json_string_value(one));
		if (perm_parse(name)) {
			out->keys |= perm_parse(name);
		} else if (used + strlen(name) + 2 < sizeof out->unknown) {
			snprintf(out->unknown + used, sizeof out->unknown - used, "%s%s",
				used ? " " : "", name);
		}
	}
	return true;
}

static bool
decode_entry(const json_t *json, struct policy_entry *out, struct err *err)
{
	static const char *const others[] = {"secrets", "certificates", "storage"};
	const json_t *permissions, *list;

	if (!json_need_text(json, "objectId", out->principal, sizeof out->principal, err) ||
		!json_text(json, "tenantId", out->tenant, sizeof out->tenant, err) ||
		!json_text(json, "applicationId", out->application, sizeof out->application, err) ||
		!json_object_at(json, "permissions", &permissions, err))
		return false;
	if (permissions == NULL)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (!json_list(permissions, others[i], &list, err))
			return false;
		out->others |= json_array_size(list) > 0;
	}
	return decode_keys(permissions, out, err);
}

static bool
decode_policies(const json_t *json, struct vault *out, struct err *err)
{
	const json_t *list;
	size_t len;

	if (!json_list(json, "properties.accessPolicies", &list, err))
		return false;
	len = json_array_size(list);
	out->policies = len ? mem_alloc(len * sizeof *out->policies) : NULL;
	for (size_t i = 0; i < len; i++)
		if (!decode_entry(json_array_get(list, i), &out->policies[i], err))
			return err_prefix(err, "properties.accessPolicies[%zu]", i);
	out->policies_len = len;
	return true;
}

static bool
decode_network(const json_t *json, struct vault *out, struct err *err)
{
	return json_text(json, "properties.networkAcls.defaultAction", out->network_default,
		       sizeof out->network_default, err) &&
	       json_text(json, "properties.networkAcls.bypass", out->network_bypass,
		       sizeof out->network_bypass, err) &&
	       json_text(json, "properties.publicNetworkAccess", out->public_access,
		       sizeof out->public_access, err);
}

static bool
decode_protection(const json_t *json, struct vault *out, struct err *err)
{
	enum tri rbac = TRI_UNKNOWN;

	if (!json_flag(json, "properties.enableSoftDelete", &out->soft_delete, err) ||
		!json_flag(json, "properties.enablePurgeProtection", &out->purge_protection, err) ||
		!json_flag(json, "properties.enableRbacAuthorization", &rbac, err) ||
		!json_number(
			json, "properties.softDeleteRetentionInDays", &out->retention_days, err))
		return false;
	if (out->soft_delete == TRI_UNKNOWN)
		out->soft_delete = TRI_YES;
	if (out->purge_protection == TRI_UNKNOWN)
		out->purge_protection = TRI_NO;
	out->model = out->hsm || rbac == TRI_YES ? GRANT_RBAC : GRANT_POLICIES;
	return true;
}

const char *
vault_type(bool hsm)
{
	return hsm ? "Microsoft.KeyVault/managedHSMs" : "Microsoft.KeyVault/vaults";
}

/* The sku stands inside a vault's properties, but beside those of an HSM. */
bool
vault_decode(const json_t *json, struct vault *out, struct err *err)
{
	const json_t *properties, *network, *sku;
	const char *sku_at;

	*out = (struct vault){0};
	out->hsm = reply_id(json, vault_type(true), &out->id, NULL);
	if (!out->hsm && !reply_id(json, vault_type(false), &out->id, err))
		return err_prefix(err, "vault");
	sku_at = out->hsm ? "sku" : "properties.sku";
	if (json_object_at(json, "properties", &properties, err) &&
		(properties ||
			err_set(err, ERR_FAILED, "BadReply", "the reply has no properties")) &&
		json_object_at(json, "properties.networkAcls", &network, err) &&
		json_object_at(json, sku_at, &sku, err) &&
		json_text(json, out->hsm ? "properties.hsmUri" : "properties.vaultUri", out->uri,
			sizeof out->uri, err) &&
		json_text(json, "location", out->location, sizeof out->location, err) &&
		json_text(json, "properties.tenantId", out->tenant, sizeof out->tenant, err) &&
		json_text(sku, "name", out->sku, sizeof out->sku, err) &&
		json_text(json, "properties.provisioningState", out->provisioning,
			sizeof out->provisioning, err) &&
		decode_protection(json, out, err) && decode_network(json, out, err) &&
		decode_policies(json, out, err))
		return true;
	err_prefix(err, "vault %s", out->id.name);
	vault_free(out);
	return false;
}

void
vault_free(struct vault *vault)
{
	free(vault->policies);
	*vault = (struct vault){0};
}

void
vault_copy(struct vault *to, const struct vault *from)
{
	size_t size = from->policies_len * sizeof *from->policies;

	*to = *from;
	to->policies = size ? memcpy(mem_alloc(size), from->policies, size) : NULL;
}

perm_set
vault_rights(const struct vault *vault, const char *principal)
{
	perm_set out = 0;

	for (size_t i = 0; principal[0] && i < vault->policies_len; i++) {
		const struct policy_entry *entry = &vault->policies[i];

		if (entry->application[0] == '\0' && text_casecmp(entry->principal, principal) == 0)
			out |= entry->keys;
	}
	return perm_effective(out);
}
