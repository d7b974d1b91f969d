/* Vaults and managed HSMs that were deleted and not purged yet: they are in no list of the estate.
 * Each subscription is asked for both; pages may be empty and still have a next one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"
#include "backend/estate/reply.h"
#include "backend/net/origin.h"

enum { PAGES_MAX = 2000 };

static const struct {
	const char *list, *id;
	bool hsm;
} kinds_gone[] = {
	{"deletedVaults", "properties.vaultId", false},
	{"deletedManagedHSMs", "properties.mhsmId", true},
};

static bool
take(const json_t *json, size_t kind, json_t *out, struct err *err)
{
	char id[ARMID_MAX], location[64], deleted[32], purge[32];
	enum tri protection = TRI_UNKNOWN;
	struct armid was;

	if (!json_need_text(json, kinds_gone[kind].id, id, sizeof id, err) ||
		!armid_take(&was, id, err) ||
		!json_text(json, "properties.location", location, sizeof location, err) ||
		!json_text(json, "properties.deletionDate", deleted, sizeof deleted, err) ||
		!json_text(json, "properties.scheduledPurgeDate", purge, sizeof purge, err) ||
		!json_flag(json, "properties.purgeProtectionEnabled", &protection, err))
		return false;
	json_array_append_new(
		out, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "id", id, "name",
			     was.name, "kind", kinds_gone[kind].hsm ? "managedHsm" : "vault",
			     "location", location, "resourceGroup", was.group, "deleted", deleted,
			     "purge", purge, "purgeProtection", protection == TRI_YES,
			     "subscriptionId", was.subscription));
	return true;
}

/* One page; *next gets the link to the following one, "" at the end. */
static bool
read_page(struct estate *estate, struct request *request, size_t kind, json_t *out, char **next,
	struct err *err)
{
	struct reply reply = {0};
	const json_t *value = NULL;
	json_t *json = NULL;
	bool ok = session_ask(estate->session, request, &reply, err);

	*next = NULL;
	if (ok) {
		json = json_read(buf_text(&reply.body), reply.body.len, "deleted vaults", err);
		ok = json && reply_page(json, &value, next, err);
	}
	for (size_t i = 0; ok && i < json_array_size(value); i++)
		ok = take(json_array_get(value, i), kind, out, err);
	json_decref(json);
	reply_free(&reply);
	return ok;
}

static bool
read_list(
	struct estate *estate, const char *subscription, size_t kind, json_t *out, struct err *err)
{
	struct request request = {.method = HTTP_GET, .audience = AUDIENCE_ARM};
	bool ok = true, more = true;

	request.url =
		mem_printf("%s/subscriptions/%s/providers/Microsoft.KeyVault/%s?api-version=%s",
			session_cloud(estate->session)->arm, subscription, kinds_gone[kind].list,
			session_api_version(estate->session, vault_type(kinds_gone[kind].hsm)));
	for (int page = 0; ok && more && page < PAGES_MAX; page++) {
		char *next, *url = NULL;

		ok = read_page(estate, &request, kind, out, &next, err);
		more = ok && next[0];
		if (more)
			ok = origin_follow(request.url, next, &url, err);
		free(next);
		if (url) {
			free(request.url);
			request.url = url;
		}
	}
	request_free(&request);
	return ok;
}

json_t *
estate_deleted(struct estate *estate, struct err *err)
{
	json_t *out = json_array();
	struct err failed = {0};
	bool any = false;

	if (!estate_load(estate, ESTATE_VAULTS, err)) {
		json_decref(out);
		return NULL;
	}
	for (size_t i = 0; i < estate_subscriptions(estate); i++) {
		const char *id = estate_subscription_id(estate, i);

		for (size_t kind = 0; kind < ARRAY_LEN(kinds_gone); kind++) {
			struct err why = {0};

			if (read_list(estate, id, kind, out, &why)) {
				any = true;
				continue;
			}
			estate_note_add(estate, ESTATE_VAULTS, &why, "subscription %s, %s",
				estate_subscription_name(estate, i), kinds_gone[kind].list);
			failed = why;
		}
	}
	if (any)
		return out;
	json_decref(out);
	*err = failed;
	if (err->kind == ERR_NONE)
		err_set(err, ERR_NOT_FOUND, "", "this sign-in sees no subscription");
	return NULL;
}

bool
estate_find_deleted(struct estate *estate, const char *name, struct armid *out, char location[64],
	struct err *err)
{
	json_t *list = estate_deleted(estate, err), *one;
	char shown[80];
	size_t i, found = 0;

	if (list == NULL)
		return false;
	json_array_foreach(list, i, one)
	{
		const char *id = json_string_value(json_object_get(one, "id"));

		if (text_casecmp(json_string_value(json_object_get(one, "name")), name) != 0 &&
			text_casecmp(id, name) != 0)
			continue;
		found++;
		snprintf(location, 64, "%s", json_string_value(json_object_get(one, "location")));
		if (!armid_take(out, id, err))
			found = 0;
		snprintf(out->type, sizeof out->type, "%s",
			vault_type(strcmp(json_string_value(json_object_get(one, "kind")),
					   "managedHsm") == 0));
	}
	json_decref(list);
	text_cleans(shown, sizeof shown, name);
	if (found > 1)
		return err_set(err, ERR_USAGE, "",
			"'%s' is among the deleted vaults more than once; give the id", shown);
	return found || err_set(err, ERR_NOT_FOUND, "",
				"vault '%s' is not among the deleted ones; claviger vault deleted "
				"lists them",
				shown);
}
