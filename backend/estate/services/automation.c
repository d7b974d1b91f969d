/* Automation, api-versions 2023-11-01 and 2020-01-13-preview. The service writes its own words in
 * more than one case (keyvaultProperties, Microsoft.Keyvault, AutomationAccounts), so everything is
 * read without regard to case and written as the article writes it. A change of the encryption
 * without the identity in the same body is refused, whatever the article's example shows. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/reply.h"
#include "backend/estate/services/service.h"

/* Cuts a list such as "SystemAssigned, UserAssigned" (with or without the blank) and tells whether
 * a word is in it. */
static bool
has_word(const char *list, const char *word)
{
	size_t len;

	for (; *list; list += len + (list[len] != '\0')) {
		char one[32];

		list += strspn(list, " ");
		len = strcspn(list, ",");
		text_clean(one, sizeof one, list, len);
		if (text_casecmp(one, word) == 0)
			return true;
	}
	return false;
}

static bool
decode_users(const json_t *identity, struct identity *out, struct err *err)
{
	const json_t *users;
	const char *id;
	json_t *one, *mutable;

	if (!json_object_at(identity, "userAssignedIdentities", &users, err))
		return false;
	mutable = (json_t *)users;
	json_object_foreach(mutable, id, one)
	{
		size_t i = out->users_len;

		if (i == IDENTITIES_MAX)
			return err_set(err, ERR_FAILED, "TooManyIdentities",
				"it has more than %d user-assigned identities; claviger cannot "
				"keep them all in a change, so it leaves this account alone",
				IDENTITIES_MAX);
		text_cleans(out->users[i].id, sizeof out->users[i].id, id);
		if (!json_text(one, "principalId", out->users[i].principal,
			    sizeof out->users[i].principal, err) ||
			!json_text(one, "clientId", out->users[i].client,
				sizeof out->users[i].client, err))
			return false;
		out->users_len++;
	}
	return true;
}

static bool
decode_identity(const json_t *json, struct identity *out, struct err *err)
{
	const json_t *identity;
	char type[64];

	out->system = TRI_NO;
	if (!json_object_at(json, "identity", &identity, err))
		return false;
	if (identity == NULL)
		return true;
	if (!json_text(identity, "type", type, sizeof type, err) ||
		!json_text(identity, "principalId", out->principal, sizeof out->principal, err) ||
		!json_text(identity, "tenantId", out->tenant, sizeof out->tenant, err) ||
		!decode_users(identity, out, err))
		return false;
	out->system = has_word(type, "SystemAssigned") ? TRI_YES : TRI_NO;
	return true;
}

static bool
decode_key(
	const json_t *encryption, const struct cloud *cloud, struct account *out, struct err *err)
{
	const json_t *key;
	char uri[256], name[sizeof out->key.key], version[sizeof out->key.version];

	if (!json_object_at(encryption, "keyVaultProperties", &key, err) ||
		!json_text(key, "keyvaultUri", uri, sizeof uri, err) ||
		!json_text(key, "keyName", name, sizeof name, err) ||
		!json_text(key, "keyVersion", version, sizeof version, err) ||
		!json_text(encryption, "identity.userAssignedIdentity", out->key_identity,
			sizeof out->key_identity, err))
		return false;
	reply_vault_host(uri, cloud, &out->key);
	memcpy(out->key.key, name, sizeof name);
	memcpy(out->key.version, version, sizeof version);
	out->mode = version[0] ? KEY_MODE_PINNED : KEY_MODE_UNKNOWN;
	return true;
}

static bool
decode_encryption(
	const json_t *json, const struct cloud *cloud, struct account *out, struct err *err)
{
	const json_t *encryption;
	char source[40];

	if (!json_object_at(json, "properties.encryption", &encryption, err) ||
		!json_text(encryption, "keySource", source, sizeof source, err))
		return false;
	if (text_casecmp(source, "Microsoft.Keyvault") == 0) {
		out->source = KEY_SOURCE_CUSTOMER;
		return decode_key(encryption, cloud, out, err);
	}
	if (text_casecmp(source, "Microsoft.Automation") == 0) {
		out->source = KEY_SOURCE_MICROSOFT;
		out->mode = KEY_MODE_NONE;
	}
	return true;
}

/* Lists leave out sku, identity and encryption; a reply for one account has its sku at least. */
static bool
is_detailed(const json_t *json)
{
	return json_at(json, "properties.sku") || json_at(json, "properties.encryption") ||
	       json_at(json, "identity");
}

static bool
decode(const json_t *json, const struct cloud *cloud, struct account *out, struct err *err)
{
	const json_t *properties;

	*out = (struct account){.service = &service_automation};
	if (!reply_id(json, service_automation.arm_type, &out->id, err))
		return err_prefix(err, "account");
	out->detailed = is_detailed(json);
	if (json_object_at(json, "properties", &properties, err) &&
		json_text(json, "location", out->location, sizeof out->location, err) &&
		json_text(json, "properties.state", out->provisioning, sizeof out->provisioning,
			err) &&
		(!out->detailed || (decode_identity(json, &out->identity, err) &&
					   decode_encryption(json, cloud, out, err))) &&
		reply_tags(json, &out->tags, err))
		return true;
	return err_prefix(err, "account %s", out->id.name);
}

/* The identities as they are, plus the system-assigned one when asked. */
static json_t *
identities(const struct account *account, bool system)
{
	json_t *out = json_object(), *users = NULL;
	bool has = system || account->identity.system == TRI_YES;
	size_t len = account->identity.users_len;

	json_object_set_new(out, "type",
		json_string(has && len ? "SystemAssigned, UserAssigned"
			    : has      ? "SystemAssigned"
			    : len      ? "UserAssigned"
				       : "None"));
	if (len == 0)
		return out;
	users = json_object();
	for (size_t i = 0; i < len; i++)
		json_object_set_new(users, account->identity.users[i].id, json_object());
	json_object_set_new(out, "userAssignedIdentities", users);
	return out;
}

static json_t *
identity_body(const struct account *account)
{
	return json_pack("{s:o}", "identity", identities(account, true));
}

static json_t *
body(const struct account *account, bool system, json_t *encryption)
{
	return json_pack("{s:o, s:{s:o}}", "identity", identities(account, system), "properties",
		"encryption", encryption);
}

static json_t *
encrypt_body(const struct account *account, const struct keyid *key)
{
	char uri[sizeof key->host + 16];
	json_t *encryption;

	snprintf(uri, sizeof uri, "https://%s", key->host);
	encryption = json_pack("{s:s, s:{s:s, s:s, s:s}}", "keySource", "Microsoft.Keyvault",
		"keyVaultProperties", "keyName", key->key, "keyvaultUri", uri, "keyVersion",
		key->version);
	if (account->key_identity[0])
		json_object_set_new(encryption, "identity",
			json_pack("{s:s}", "userAssignedIdentity", account->key_identity));
	return body(account, account->key_identity[0] == '\0', encryption);
}

static json_t *
detach_body(const struct account *account)
{
	return body(account, false, json_pack("{s:s}", "keySource", "Microsoft.Automation"));
}

const struct service service_automation = {
	.name = "automation",
	.title = "Automation",
	.arm_type = "Microsoft.Automation/automationAccounts",
	.policy_perms = PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP,
	.bits_min = 2048,
	.bits_max = 4096,
	.list_reduced = true,
	.impact = "Credentials, certificates, connections and encrypted variables of the account "
		  "become unreadable; its runbooks fail where they use them.",
	.decode = decode,
	.identity_body = identity_body,
	.encrypt_body = encrypt_body,
	.detach_body = detach_body,
};
