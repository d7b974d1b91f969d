/* Storage, api-version 2023-05-01. Its members are lower case, a version that is empty or absent
 * means that the account follows new ones, and it says itself which it is on. Blob and file are
 * always under the account's key; queue and table are settled when the account is made and left
 * alone here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/services/common.h"

/* The version that an account which follows new ones is on: told only of the key it names. */
static void
take_used(const char *uri, const struct cloud *cloud, struct account *out)
{
	struct keyid current;

	if (out->mode == KEY_MODE_AUTO && keyid_parse(&current, uri, cloud, NULL) &&
		text_casecmp(current.host, out->key.host) == 0 &&
		text_casecmp(current.key, out->key.key) == 0)
		memcpy(out->used, current.version, sizeof out->used);
}

/* A service that is not listed is encrypted with Microsoft's keys; a reply that lists none tells
 * nothing. */
static bool
take_covered(const json_t *covered, const char *name, enum tri *out, struct err *err)
{
	char path[32], type[16];

	if (covered == NULL)
		return true;
	snprintf(path, sizeof path, "%s.keyType", name);
	if (!json_text(covered, path, type, sizeof type, err))
		return err_prefix(err, "services");
	*out = text_casecmp(type, "Account") == 0 ? TRI_YES : TRI_NO;
	return true;
}

static bool
decode_key(
	const json_t *encryption, const struct cloud *cloud, struct account *out, struct err *err)
{
	const json_t *key, *covered;
	char uri[256], current[KEYID_MAX];
	char name[sizeof out->key.key], version[sizeof out->key.version];

	if (!json_object_at(encryption, "keyvaultproperties", &key, err))
		return false;
	if (!json_text(key, "keyvaulturi", uri, sizeof uri, err) ||
		!json_text(key, "keyname", name, sizeof name, err) ||
		!json_text(key, "keyversion", version, sizeof version, err) ||
		!json_text(key, "currentVersionedKeyIdentifier", current, sizeof current, err))
		return err_prefix(err, "keyvaultproperties");
	if (!service_key_identity(encryption, out, err) ||
		!json_text(encryption, "identity.federatedIdentityClientId", out->federated,
			sizeof out->federated, err) ||
		!json_object_at(encryption, "services", &covered, err) ||
		!take_covered(covered, "queue", &out->queue_covered, err) ||
		!take_covered(covered, "table", &out->table_covered, err))
		return false;
	if (uri[0] == '\0')
		return true;
	reply_vault_host(uri, cloud, &out->key);
	memcpy(out->key.key, name, sizeof name);
	memcpy(out->key.version, version, sizeof version);
	out->mode = version[0] ? KEY_MODE_PINNED : KEY_MODE_AUTO;
	take_used(current, cloud, out);
	return true;
}

static bool
decode(const json_t *json, const struct cloud *cloud, struct account *out, struct err *err)
{
	return service_decode(&service_storage, json, true, decode_key, cloud, out, err);
}

static json_t *
identity_body(const struct account *account)
{
	return json_pack("{s:o}", "identity", service_identity_body(account, true, ","));
}

static json_t *
encryption_of(const char *source)
{
	return json_pack("{s:s, s:{s:{s:b, s:s}, s:{s:b, s:s}}}", "keySource", source, "services",
		"blob", "enabled", 1, "keyType", "Account", "file", "enabled", 1, "keyType",
		"Account");
}

/* The empty text is what makes Storage leave a user-assigned identity for the system's. */
static json_t *
encrypt_body(const struct account *account, const struct keyid *key, const char *version)
{
	json_t *encryption = encryption_of("Microsoft.Keyvault");
	json_t *opener = json_pack("{s:s}", "userAssignedIdentity", account->key_identity);
	char uri[sizeof key->host + 16];

	snprintf(uri, sizeof uri, "https://%s/", key->host);
	if (account->federated[0] || account->unfederate)
		json_object_set_new(
			opener, "federatedIdentityClientId", json_string(account->federated));
	json_object_set_new(encryption, "keyvaultproperties",
		json_pack("{s:s, s:s, s:s}", "keyname", key->key, "keyversion", version,
			"keyvaulturi", uri));
	json_object_set_new(encryption, "identity", opener);
	return json_pack("{s:o, s:{s:o}}", "identity",
		service_identity_body(account, account->key_identity[0] == '\0', ","), "properties",
		"encryption", encryption);
}

static json_t *
detach_body(const struct account *account)
{
	(void)account;
	return json_pack(
		"{s:{s:o}}", "properties", "encryption", encryption_of(service_storage.own_source));
}

/* Get Blob Properties, which needs the key ["Customer-managed keys for Azure Storage encryption"].
 * Tokens came with version 2017-11-09 of the blob service. */
static void
canary_read(const struct session *session, const struct armid *account, const char *name,
	struct request *out)
{
	char id[ARMID_MAX];
	char *arm = mem_printf("%s%s", session_cloud(session)->arm, armid_print(account, id));

	(void)name;
	*out = (struct request){.method = HTTP_HEAD, .audience = AUDIENCE_BLOB};
	out->url = mem_printf("https://%s%s/canary/canary.txt", account->name,
		session_cloud(session)->blob_suffix);
	out->header = mem_strdup("x-ms-version: 2021-08-06");
	snprintf(out->tenant, sizeof out->tenant, "%s", session_tenant_for(session, arm));
	free(arm);
}

/* The codes are those of the documentation's list of errors of Blob Storage. */
static enum canary
canary_judge(const struct err *failure)
{
	static const char *const refusals[] = {"KeyVaultEncryptionKeyNotFound",
		"KeyVaultVaultNotFound", "KeyVaultAccessTokenCannotBeAcquired"};
	const char *code = failure ? failure->code : "";

	if (failure == NULL)
		return CANARY_ANSWERS;
	for (size_t i = 0; failure->http == 403 && i < ARRAY_LEN(refusals); i++)
		if (text_casecmp(code, refusals[i]) == 0)
			return CANARY_REFUSED;
	if (failure->http == 401 || text_case_starts(code, "Authorization"))
		return CANARY_DENIED;
	return text_casecmp(code, "BlobNotFound") == 0 ||
			       text_casecmp(code, "ContainerNotFound") == 0
		       ? CANARY_ABSENT
		       : CANARY_UNCLEAR;
}

const struct service service_storage = {
	.name = "storage",
	.title = "Storage",
	.arm_type = "Microsoft.Storage/storageAccounts",
	.policy_perms = PERM_GET | PERM_WRAP | PERM_UNWRAP,
	.role_perms = PERM_GET | PERM_WRAP | PERM_UNWRAP,
	.bits_min = 2048,
	.bits_max = 4096,
	.auto_version = true,
	.managed_hsm = true,
	.cross_tenant = true,
	.trusted_by_firewall = true,
	.opener_apart = true,
	.article = "Customer-managed keys for Azure Storage encryption",
	.provisioning = "properties.provisioningState",
	.own_source = "Microsoft.Storage",
	.identity_comma = ",",
	.impact = "Blobs and files become unreadable for everybody, and so do their properties and "
		  "metadata; deleting them and listing the names of blobs still work.",
	.still_works =
		"Whatever is not in the article's lists of operations that fail (claviger help "
		"storage-after-a-cut): deleting blobs, files and containers, listing blobs without "
		"metadata, leases, and everything on queues and tables",
	.still_source = "Customer-managed keys for Azure Storage encryption, revoke access",
	.decode = decode,
	.identity_body = identity_body,
	.encrypt_body = encrypt_body,
	.detach_body = detach_body,
	.canary_title = "its blob canary/canary.txt",
	.canary_lack =
		"it has no blob canary.txt in a container canary; make one, of no value, as its canary",
	.canary_read = canary_read,
	.canary_judge = canary_judge,
};
