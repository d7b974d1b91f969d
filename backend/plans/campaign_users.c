/* Whom a campaign concerns: everybody who uses the key. What could hide one of them is a finding,
 * never nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/impact.h"
#include "backend/estate/users.h"
#include "backend/plans/campaign.h"

static const struct rule rule_unread = {
	.id = "users-unknown",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure Resource Manager, the replies to the reads",
	.remedy = "See what it is, and have it looked at by somebody who may: claviger impact.",
};
static const struct rule rule_others = {
	.id = "other-services",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure Resource Graph, the properties of other resources",
	.remedy = "They are not managed here: move or stop them with their own tools.",
};

/* A bare name or a whole id. */
static bool
is_named(const struct armid *id, const char *name)
{
	char text[ARMID_MAX];

	return text_casecmp(id->name, name) == 0 || text_casecmp(armid_print(id, text), name) == 0;
}

static bool
is_wanted(const struct armid *id, const char *const *only)
{
	if (only == NULL)
		return true;
	for (; *only; only++)
		if (is_named(id, *only))
			return true;
	return false;
}

static void
add(struct campaign *campaign, const struct key_user *user)
{
	struct concern *concern;

	campaign->concerns = mem_resize(
		campaign->concerns, (campaign->concerns_len + 1) * sizeof *campaign->concerns);
	concern = &campaign->concerns[campaign->concerns_len++];
	*concern = (struct concern){
		.id = user->id, .key = user->key, .mode = user->mode, .state = user->state};
	memcpy(concern->identity, user->identity, sizeof concern->identity);
	memcpy(concern->principal, user->principal, sizeof concern->principal);
}

static bool
check_only(const struct campaign *campaign, const struct keyid *key, const char *const *only,
	struct err *err)
{
	for (; only && *only; only++) {
		size_t found = 0;
		char shown[160];

		for (size_t i = 0; i < campaign->concerns_len; i++)
			found += is_named(&campaign->concerns[i].id, *only);
		text_cleans(shown, sizeof shown, *only);
		if (found > 1)
			return err_set(err, ERR_USAGE, "",
				"%s: %zu accounts of that name use %s/%s; give the whole id", shown,
				found, key->vault, key->key);
		if (!found)
			return err_set(err, ERR_NOT_FOUND, "NoUser",
				"%s does not use %s/%s; who does: claviger impact %s/%s", shown,
				key->vault, key->key, key->vault, key->key);
	}
	return true;
}

/* The first few of an array of {what or name}, as a list. */
static void
list(const json_t *array, const char *member, char *out, size_t room)
{
	size_t i, used = 0;
	json_t *one;

	out[0] = '\0';
	json_array_foreach(array, i, one)
	{
		const char *text = json_string_value(json_object_get(one, member));

		if (text && used < room)
			used += (size_t)snprintf(
				out + used, room - used, "%s%s", used ? ", " : "", text);
	}
}

bool
campaign_users(struct campaign *campaign, const struct keyid *key, const char *const *only,
	struct err *err)
{
	struct key_user *users;
	struct err why = {0};
	char names[160];
	json_t *impact;
	size_t len, n;

	/* What cannot be read is among the unknown of the impact. */
	if (!estate_load_new(campaign->estate, IMPACT_PARTS, &why) && why.kind == ERR_CANCELLED)
		return *err = why, false;
	impact = impact_of(campaign->estate, key, err);
	if (impact == NULL)
		return false;
	len = users_of(campaign->estate, key, &users);
	for (size_t i = 0; i < len; i++)
		if (is_wanted(&users[i].id, only))
			add(campaign, &users[i]);
	free(users);
	n = json_array_size(json_object_get(impact, "unknown"));
	list(json_object_get(impact, "unknown"), "what", names, sizeof names);
	if (n)
		campaign_find(campaign, &rule_unread,
			"who else uses %s/%s is not known: %zu not read: %s", key->vault, key->key,
			n, names);
	n = json_array_size(json_object_get(impact, "others"));
	list(json_object_get(impact, "others"), "name", names, sizeof names);
	if (n)
		campaign_find(campaign, &rule_others, "%zu other resource%s hold%s %s/%s: %s", n,
			n == 1 ? "" : "s", n == 1 ? "s" : "", key->vault, key->key, names);
	json_decref(impact);
	return check_only(campaign, key, only, err);
}
