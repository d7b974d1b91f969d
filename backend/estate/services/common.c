/* Managed identities have one shape everywhere but for the blank in "SystemAssigned, UserAssigned":
 * Automation writes it, Storage does not; both are read. */
#include "backend/estate/services/common.h"

#include <stdio.h>
#include <string.h>

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

bool
service_identity(const json_t *json, struct identity *out, struct err *err)
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

/* The identities as they are, plus the system-assigned one when asked. */
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
