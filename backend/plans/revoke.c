/* Revoke: the data must go dark now. Everything that the way back needs is written down first; then
 * exactly the versions that are in use are disabled, or what opens the key is taken, or both; then
 * the services are asked until they refuse. What a vault says is half of it: an account is called
 * dark only when its own service was seen to refuse. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/impact.h"
#include "backend/estate/users.h"
#include "backend/plans/canary.h"
#include "backend/plans/hint.h"
#include "backend/plans/saved.h"

enum { ONLY_MAX = 64 };

static const struct rule rule_goes_dark = {
	.id = "accounts-go-dark",
	.severity = SEVERITY_HIGH,
	.section = "revoke access to customer-managed keys",
	.remedy =
		"This is what revoke is for. Going back to Microsoft's keys is another thing, which "
		"keeps the data readable: claviger detach. What takes this back: claviger restore.",
};
static const struct rule rule_others_too = {
	.id = "others-go-dark",
	.severity = SEVERITY_HIGH,
	.section = "revoke access to customer-managed keys",
	.remedy =
		"They share a version or an identity with what is cut. Move them first, or leave out "
		"--account.",
};
static const struct rule rule_stays = {
	.id = "grant-stays",
	.severity = SEVERITY_HIGH,
	.source = "Azure role-based access control, scope",
	.remedy =
		"What is inherited is not taken here, because other things may rest on it: cut with "
		"--method disable, or have it taken by whoever gave it.",
};
static const struct rule rule_works = {
	.id = "still-works",
	.severity = SEVERITY_INFO,
	.source = "the articles that claviger impact names",
	.remedy = "See all of it: claviger impact.",
};
static const struct rule rule_dead = {
	.id = "delete-still-works",
	.severity = SEVERITY_HIGH,
	.section = "frequently asked questions",
	.remedy = "Do not delete it: nothing brings its data back then. claviger restore does.",
};

static const char *const methods[] = {"disable", "ungrant", "both", NULL};

static const struct plan_field fields[] = {
	{.name = "method",
		.title = "Method",
		.arg = "HOW",
		.help = "disable (the default): the versions of the key that are in use; ungrant: what "
			"the accounts' identities hold on it; or both.",
		.empty = "disable: it stops everybody who uses them, and is taken back at once",
		.choices = methods},
	{.name = "account",
		.title = "Account",
		.arg = "NAME",
		.help = "Only this account; may be given again for others.",
		.several = true,
		.empty = "every account that uses the key",
		.offer = offer_users},
};

static bool
cuts_versions(const struct campaign *campaign)
{
	const char *method = campaign_value(campaign, "method");

	return method == NULL || strcmp(method, methods[1]) != 0;
}

static bool
cuts_grants(const struct campaign *campaign)
{
	const char *method = campaign_value(campaign, "method");

	return method && strcmp(method, methods[0]) != 0;
}

/* The names of a list with commas; `text` is cut up. */
static bool
split(char *text, const char *out[ONLY_MAX + 1], struct err *err)
{
	size_t len = 0;

	for (char *rest = text, *name; (name = strsep(&rest, ",")) != NULL;) {
		if (!*name)
			continue;
		if (len == ONLY_MAX)
			return err_set(err, ERR_USAGE, "",
				"--account: more than %d of them; leave "
				"it out, or cut in several calls",
				ONLY_MAX);
		out[len++] = name;
	}
	out[len] = NULL;
	return true;
}

static bool
is_concern(const struct campaign *campaign, const struct armid *id)
{
	for (size_t i = 0; i < campaign->concerns_len; i++)
		if (armid_same(&campaign->concerns[i].id, id))
			return true;
	return false;
}

/* Whether a user of the key that was not named goes dark with those that were. */
static bool
goes_too(const struct campaign *campaign, const struct key_user *user)
{
	json_t *versions = json_object_get(campaign->kept, "versions"), *one;
	size_t i;

	json_array_foreach(versions, i, one)
	{
		if (cuts_versions(campaign) &&
			(!user->key.version[0] || user->mode != KEY_MODE_PINNED ||
				text_casecmp(user->key.version, json_string_value(one)) == 0))
			return true;
	}
	for (i = 0; cuts_grants(campaign) && i < campaign->concerns_len; i++)
		if (user->principal[0] &&
			text_casecmp(campaign->concerns[i].principal, user->principal) == 0)
			return true;
	return false;
}

static void
find_others(struct campaign *campaign)
{
	struct key_user *users;
	size_t len = users_of(campaign->estate, &campaign->subject.key, &users);

	for (size_t i = 0; i < len; i++)
		if (!is_concern(campaign, &users[i].id) && goes_too(campaign, &users[i]))
			campaign_find(campaign, &rule_others_too,
				"%s was not named and goes dark as well", users[i].id.name);
	free(users);
}

/* Whoever loses a grant on a vault loses it for every key that the identity opens there. */
static void
find_shared(struct campaign *campaign, const json_t *shared)
{
	const char *vault = campaign->subject.key.vault;
	json_t *one, *opens, *other;
	size_t i, k;

	json_array_foreach((json_t *)shared, i, one)
	{
		opens = json_object_get(one, "opens");
		json_array_foreach(opens, k, other)
		{
			const char *key = json_string_value(json_object_get(other, "key"));
			size_t len = strlen(vault);

			if (key && strncasecmp(key, vault, len) == 0 && key[len] == '/')
				campaign_find(campaign, &rule_others_too,
					"%s opens %s with the same identity",
					json_string_value(json_object_get(other, "account")), key);
		}
	}
}

static bool
find_effects(struct campaign *campaign, struct err *err)
{
	json_t *impact = impact_of(campaign->estate, &campaign->subject.key, err), *one;
	size_t i;

	if (impact == NULL)
		return false;
	for (i = 0; i < campaign->concerns_len; i++) {
		const struct service *service = service_find(campaign->concerns[i].id.type);

		campaign_find(campaign, &rule_goes_dark, "%s: %s", campaign->concerns[i].id.name,
			service->impact);
		if (service->dead_when_cut)
			campaign_find(campaign, &rule_dead,
				"%s: nothing but deleting the account works then",
				campaign->concerns[i].id.name);
	}
	find_others(campaign);
	if (cuts_grants(campaign))
		find_shared(campaign, json_object_get(impact, "shared"));
	json_array_foreach(json_object_get(impact, "stillWorks"), i, one)
	{
		const char *service = json_string_value(json_object_get(one, "service"));

		campaign_find(campaign, &rule_works, "still works after the cut%s%s: %s",
			service ? ", " : "", service ? service : "",
			json_string_value(json_object_get(one, "works")));
	}
	json_decref(impact);
	return true;
}

static bool
gather(struct campaign *campaign, struct err *err)
{
	const char *names = campaign_value(campaign, "account"), *only[ONLY_MAX + 1];
	char *text = names ? mem_strdup(names) : NULL;
	bool ok;

	if (campaign->subject.key.version[0]) {
		free(text);
		return err_set(err, ERR_USAGE, "",
			"revoke cuts a key as a whole: name it without a version; one version is "
			"disabled by claviger key disable");
	}
	ok = (text == NULL || split(text, only, err)) &&
	     campaign_users(campaign, &campaign->subject.key, text ? only : NULL, err);
	free(text);
	if (!ok)
		return false;
	if (json_object_get(campaign->kept, "versions") == NULL && !saved_versions(campaign, err))
		return false;
	return find_effects(campaign, err);
}

static bool
begin_save(struct campaign *campaign, struct err *err)
{
	(void)err;
	saved_survey(campaign);
	return true;
}

static bool
begin_disable(struct campaign *campaign, struct err *err)
{
	char *list = saved_list(json_object_get(campaign->kept, "versions"));

	(void)err;
	if (list[0] && cuts_versions(campaign))
		campaign_add(campaign, &plan_disable_versions, &campaign->subject,
			(const char *const[]){"versions", list, NULL}, NULL);
	free(list);
	return true;
}

static bool
begin_ungrant(struct campaign *campaign, struct err *err)
{
	char vault[ARMID_MAX], key[KEYID_MAX];

	(void)err;
	for (size_t i = 0; cuts_grants(campaign) && i < campaign->concerns_len; i++) {
		struct concern *concern = &campaign->concerns[i];
		struct subject subject = {.kind = SUBJECT_ACCOUNT, .id = concern->id};

		campaign_add(campaign, &plan_withdraw, &subject,
			(const char *const[]){"vault", armid_print(&campaign->subject.id, vault),
				"key", keyid_print(&campaign->subject.key, key), NULL},
			concern);
	}
	return true;
}

static void
ungrant_ended(struct campaign *campaign, const struct member *member, const struct run *run)
{
	char why[320];

	if (member->state != PLAN_REFUSED && grant_of(&run->facts, why, sizeof why) == TRI_YES)
		campaign_find(campaign, &rule_stays, "%s: %.200s", member->subject.id.name, why);
}

static bool
begin_watch(struct campaign *campaign, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < campaign->concerns_len; i++)
		canary_add(campaign, &campaign->concerns[i], false);
	return true;
}

static bool
conclude(struct campaign *campaign, struct err *err)
{
	return canary_conclude(campaign, FATE_DARK, "dark", err);
}

static const struct stage save = {
	.name = "save",
	.title = "Write down what is there",
	.why = "The versions in use with their public keys, and what each identity holds: what the way back "
	       "needs, in the journal before anything is changed.",
	.begin = begin_save,
	.ended = saved_account,
	.end = canary_recorded,
};
static const struct stage disable = {
	.name = "disable",
	.title = "Disable the versions in use",
	.why = "Nobody can use a disabled version. An account that follows new versions may use every version "
	       "that is enabled, so all of those are disabled for it. The articles name this as the way to revoke access; it can be "
	       "taken back at any time.",
	.begin = begin_disable,
	.end = canary_recorded,
};
static const struct stage ungrant = {
	.name = "ungrant",
	.title = "Take what opens the key",
	.why = "Without its rights an identity opens nothing. The key stays as it is for everybody else; what is "
	       "inherited from a resource group or subscription stays too.",
	.begin = begin_ungrant,
	.ended = ungrant_ended,
	.end = canary_recorded,
};
static const struct stage watch = {
	.name = "watch",
	.title = "Watch it go dark",
	.why = "Services keep what they have unwrapped for a while, and nobody promises how long. That something "
	       "can still be read is possible then, and no failure of the cut.",
	.begin = begin_watch,
	.ended = canary_ended,
	.end = canary_recorded,
};
static const struct stage *const stages[] = {&save, &disable, &ungrant, &watch, NULL};

const struct plan_def plan_revoke = {
	.name = "revoke",
	.title = "Revoke",
	.summary = "Make the data under a key unreadable, and show that they are.",
	.inverse = "restore",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CUTS,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.stages = stages,
	.gather = gather,
	.conclude = conclude,
};
