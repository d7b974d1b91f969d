/* Accounts have one shape everywhere but for the member that names the key, which each service
 * spells in its own way. Managed identities differ by the blank in "SystemAssigned, UserAssigned":
 * Automation writes it, Storage does not; both are read. */
#include "backend/estate/services/common.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

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

		if (!json_is_object(one) && !json_is_null(one))
			return err_set(err, ERR_FAILED, "BadReply",
				"userAssignedIdentities: must be objects");
		if (i == IDENTITIES_MAX)
			return err_set(err, ERR_FAILED, "TooManyIdentities",
				"it has more than %d user-assigned identities; claviger cannot "
				"keep them all in a change, so it leaves this account alone",
				IDENTITIES_MAX);
		if (strlen(id) >= sizeof out->users[i].id)
			return err_set(err, ERR_FAILED, "BadReply",
				"userAssignedIdentities: an id is too long");
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

/* The member "identity" of an account; absent means none at all. */
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
		return err_prefix(err, "identity");
	out->system = has_word(type, "SystemAssigned") ? TRI_YES : TRI_NO;
	return true;
}

static bool
decode_encryption(const json_t *json,
	bool (*key)(const json_t *encryption, const struct cloud *, struct account *, struct err *),
	const struct cloud *cloud, struct account *out, struct err *err)
{
	const json_t *encryption;
	char source[40];

	if (!json_object_at(json, "properties.encryption", &encryption, err))
		return false;
	if (!json_text(encryption, "keySource", source, sizeof source, err))
		return err_prefix(err, "properties.encryption");
	if (text_casecmp(source, "Microsoft.Keyvault") == 0) {
		out->source = KEY_SOURCE_CUSTOMER;
		return key(encryption, cloud, out, err) || err_prefix(err, "properties.encryption");
	}
	if (text_casecmp(source, out->service->own_source) == 0) {
		out->source = KEY_SOURCE_MICROSOFT;
		out->mode = KEY_MODE_NONE;
	}
	return true;
}

bool
service_decode(const struct service *service, const json_t *json, bool detailed,
	bool (*key)(const json_t *encryption, const struct cloud *, struct account *, struct err *),
	const struct cloud *cloud, struct account *out, struct err *err)
{
	const json_t *properties;

	*out = (struct account){.service = service, .detailed = detailed};
	if (!reply_id(json, service->arm_type, &out->id, err))
		return err_prefix(err, "account");
	if (json_object_at(json, "properties", &properties, err) &&
		json_text(json, "location", out->location, sizeof out->location, err) &&
		json_text(json, service->provisioning, out->provisioning, sizeof out->provisioning,
			err) &&
		(!detailed || (decode_identity(json, &out->identity, err) &&
				      decode_encryption(json, key, cloud, out, err))) &&
		reply_tags(json, &out->tags, err))
		return true;
	return err_prefix(err, "account %s", out->id.name);
}

void
service_key_uri(const char *uri, const struct cloud *cloud, struct keyid *out)
{
	const char *path, *name;
	size_t len;

	if (keyid_parse(out, uri, cloud, NULL))
		return;
	reply_vault_host(uri, cloud, out);
	path = strstr(uri, "/keys/");
	if (path == NULL)
		return;
	name = path + strlen("/keys/");
	len = strcspn(name, "/");
	text_clean(out->key, sizeof out->key, name, len);
	text_cleans(out->version, sizeof out->version, name + len + (name[len] == '/'));
}

bool
service_key_identity(const json_t *encryption, struct account *out, struct err *err)
{
	const json_t *identity;

	return json_object_at(encryption, "identity", &identity, err) &&
	       json_text(encryption, "identity.userAssignedIdentity", out->key_identity,
		       sizeof out->key_identity, err);
}

json_t *
service_identity_body(const struct account *account, bool system, const char *comma)
{
	json_t *out = json_object(), *users = NULL;
	char both[40];
	bool has = system || account->identity.system == TRI_YES;
	size_t len = account->identity.users_len;

	snprintf(both, sizeof both, "SystemAssigned%sUserAssigned", comma);
	json_object_set_new(out, "type",
		json_string(has && len ? both
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

enum canary
service_canary_judge(const struct err *failure)
{
	static const char *const words[] = {
		"keyvault", "key vault", "customer-managed key", "customermanagedkey"};

	if (failure == NULL)
		return CANARY_ANSWERS;
	if (failure->http == 401 || text_case_has(failure->code, "Authorization"))
		return CANARY_DENIED;
	if (failure->http == 404)
		return CANARY_ABSENT;
	for (size_t i = 0; failure->http == 403 && i < ARRAY_LEN(words); i++)
		if (text_case_has(failure->code, words[i]) || text_case_has(failure->msg, words[i]))
			return CANARY_REFUSED;
	return CANARY_UNCLEAR;
}

char *
service_inner_url(const struct session *session, const struct armid *account, const char *tail)
{
	char id[ARMID_MAX];

	return mem_printf("%s%s%s?api-version=%s", session_cloud(session)->arm,
		armid_print(account, id), tail, session_api_version(session, account->type));
}
