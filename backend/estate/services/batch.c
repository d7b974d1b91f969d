/* Batch, api-version 2024-02-01. The key is one URI, with or without its version; the identity that
 * opens it is the account's own, and an account has one kind of identity, never both. The article
 * takes only accounts that were made with an identity, and offers versions that are named; that a
 * URI without version makes the account follow new ones is said by the later article of 2023. */
#include <stdio.h>

#include "backend/estate/services/common.h"

static bool
decode_key(
	const json_t *encryption, const struct cloud *cloud, struct account *out, struct err *err)
{
	const json_t *key;
	char uri[KEYID_MAX];

	if (!json_object_at(encryption, "keyVaultProperties", &key, err))
		return false;
	if (!json_text(key, "keyIdentifier", uri, sizeof uri, err))
		return err_prefix(err, "keyVaultProperties");
	if (uri[0] == '\0')
		return true;
	service_key_uri(uri, cloud, &out->key);
	out->mode = out->key.version[0] ? KEY_MODE_PINNED : KEY_MODE_AUTO;
	return true;
}

static bool
decode(const json_t *json, const struct cloud *cloud, struct account *out, struct err *err)
{
	const struct identity *identity = &out->identity;

	if (!service_decode(&service_batch, json, true, decode_key, cloud, out, err))
		return false;
	if (out->source == KEY_SOURCE_CUSTOMER && identity->system != TRI_YES &&
		identity->users_len == 1)
		snprintf(out->key_identity, sizeof out->key_identity, "%s", identity->users[0].id);
	return true;
}

/* Of two kinds the one that is there stays. */
static json_t *
identity(const struct account *account)
{
	return service_identity_body(account, account->identity.users_len == 0, "");
}

static json_t *
identity_body(const struct account *account)
{
	return json_pack("{s:o}", "identity", identity(account));
}

static json_t *
encrypt_body(const struct account *account, const struct keyid *key, const char *version)
{
	char uri[KEYID_MAX + 64];

	snprintf(uri, sizeof uri, "https://%s/keys/%s%s%s", key->host, key->key,
		version[0] ? "/" : "", version);
	return json_pack("{s:o, s:{s:{s:s, s:{s:s}}}}", "identity", identity(account), "properties",
		"encryption", "keySource", "Microsoft.KeyVault", "keyVaultProperties",
		"keyIdentifier", uri);
}

static json_t *
detach_body(const struct account *account)
{
	(void)account;
	return json_pack(
		"{s:{s:{s:s}}}", "properties", "encryption", "keySource", service_batch.own_source);
}

/* Nothing but deleting the account is allowed without the key, so any read will do. */
static void
canary_read(const struct session *session, const struct armid *account, const char *name,
	struct request *out)
{
	(void)name;
	*out = (struct request){.method = HTTP_GET, .audience = AUDIENCE_ARM};
	out->url = service_inner_url(session, account, "/pools");
}

const struct service service_batch = {
	.name = "batch",
	.title = "Batch",
	.arm_type = "Microsoft.Batch/batchAccounts",
	.policy_perms = PERM_GET | PERM_WRAP | PERM_UNWRAP,
	.role_perms = PERM_GET | PERM_WRAP | PERM_UNWRAP,
	.bits_min = 2048,
	.bits_max = 4096,
	.auto_version = true,
	.trusted_by_firewall = true,
	.identity_at_creation = true,
	.one_identity = true,
	.dead_when_cut = true,
	.article = "Configure customer-managed keys for your Azure Batch account",
	.provisioning = "properties.provisioningState",
	.own_source = "Microsoft.Batch",
	.identity_comma = "",
	.impact =
		"Certificates and the metadata of jobs and tasks become unreadable; nodes go "
		"unavailable, tasks are queued again, and nothing but deleting the account works.",
	.still_works =
		"Deleting the account; pools that run go on running, though their nodes become "
		"unavailable and tasks are stopped and queued again",
	.still_source =
		"Configure customer-managed keys for your Azure Batch account, questions and answers",
	.decode = decode,
	.identity_body = identity_body,
	.encrypt_body = encrypt_body,
	.detach_body = detach_body,
	.canary_title = "its list of pools",
	.canary_read = canary_read,
	.canary_judge = service_canary_judge,
};
