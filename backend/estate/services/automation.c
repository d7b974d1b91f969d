/* Automation, api-versions 2023-11-01 and 2020-01-13-preview. The service writes its own words in
 * more than one case (keyvaultProperties, Microsoft.Keyvault, AutomationAccounts), so everything is
 * read without regard to case and written as the article writes it. A change of the encryption
 * without the identity in the same body is refused, whatever the article's example shows. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/services/common.h"

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
		!service_key_identity(encryption, out, err))
		return false;
	reply_vault_host(uri, cloud, &out->key);
	memcpy(out->key.key, name, sizeof name);
	memcpy(out->key.version, version, sizeof version);
	out->mode = version[0] ? KEY_MODE_PINNED : KEY_MODE_UNKNOWN;
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
	return service_decode(
		&service_automation, json, is_detailed(json), decode_key, cloud, out, err);
}

static json_t *
identity_body(const struct account *account)
{
	return json_pack("{s:o}", "identity", service_identity_body(account, true, ", "));
}

static json_t *
body(const struct account *account, bool system, json_t *encryption)
{
	return json_pack("{s:o, s:{s:o}}", "identity", service_identity_body(account, system, ", "),
		"properties", "encryption", encryption);
}

static json_t *
encrypt_body(const struct account *account, const struct keyid *key, const char *version)
{
	char uri[sizeof key->host + 16];
	json_t *encryption;

	snprintf(uri, sizeof uri, "https://%s", key->host);
	encryption = json_pack("{s:s, s:{s:s, s:s, s:s}}", "keySource", "Microsoft.Keyvault",
		"keyVaultProperties", "keyName", key->key, "keyvaultUri", uri, "keyVersion",
		version);
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

static void
canary_list(const struct session *session, const struct armid *account, struct request *out)
{
	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = service_inner_url(session, account, "/variables");
}

/* The value of an encrypted variable is never told, but to look at it takes the key. */
static bool
canary_pick(const json_t *element, char name[CANARY_NAME])
{
	return json_is_true(json_at(element, "properties.isEncrypted")) &&
	       json_text(element, "name", name, CANARY_NAME, NULL) && name[0];
}

/* A name may hold anything that a file's name may. */
static void
canary_read(const struct session *session, const struct armid *account, const char *name,
	struct request *out)
{
	char tail[16 + 3 * CANARY_NAME] = "/variables/";
	size_t len = strlen(tail);

	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		len += (size_t)snprintf(tail + len, sizeof tail - len,
			isalnum(*p) || strchr("-._~", *p) ? "%c" : "%%%02X", *p);
	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = service_inner_url(session, account, tail);
}

const struct service service_automation = {
	.name = "automation",
	.title = "Automation",
	.arm_type = "Microsoft.Automation/automationAccounts",
	.policy_perms = PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP,
	.role_perms = PERM_GET | PERM_WRAP | PERM_UNWRAP,
	.bits_min = 2048,
	.bits_max = 4096,
	.list_reduced = true,
	.article = "Encryption of secure assets in Azure Automation",
	.provisioning = "properties.state",
	.own_source = "Microsoft.Automation",
	.identity_comma = ", ",
	.impact = "Credentials, certificates, connections and encrypted variables of the account "
		  "become unreadable; its runbooks fail where they use them.",
	.still_works =
		"Managing the account, and runbooks as far as they use no credential, certificate, "
		"connection or encrypted variable; how soon a cut takes effect is documented nowhere",
	.still_source = "Encryption of secure assets in Azure Automation, revoke access",
	.decode = decode,
	.identity_body = identity_body,
	.encrypt_body = encrypt_body,
	.detach_body = detach_body,
	.canary_title = "an encrypted variable",
	.canary_lack = "it has no encrypted variable; make one, of no value, as its canary",
	.canary_list = canary_list,
	.canary_pick = canary_pick,
	.canary_read = canary_read,
	.canary_judge = service_canary_judge,
};
