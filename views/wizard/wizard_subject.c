/* What a plan is about that makes something, or brings it back: it is in no list that it could be
 * chosen from, so the form asks for its name and its place. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/hint.h"
#include "tui/words.h"
#include "views/wizard/wizard_state.h"

/* The subscription that is seen to have a group of that name, "" for none; or several have. */
struct places {
	const char *group;
	char subscription[37];
	bool several;
};

static void
add_place(struct places *places, const struct armid *id)
{
	if (text_casecmp(id->group, places->group) != 0)
		return;
	if (places->subscription[0] && text_casecmp(id->subscription, places->subscription) != 0)
		places->several = true;
	memcpy(places->subscription, id->subscription, sizeof places->subscription);
}

static void
find_places(const struct estate *estate, struct places *places)
{
	struct armid id;

	for (size_t i = 0; i < kind_account.count(estate); i++) {
		kind_account_id(estate, i, &id, NULL);
		add_place(places, &id);
	}
	for (size_t i = 0; i < kind_vault.count(estate); i++) {
		kind_vault_id(estate, i, &id);
		add_place(places, &id);
	}
	for (size_t i = 0; i < kind_identity.count(estate); i++) {
		kind_identity_id(estate, i, &id);
		add_place(places, &id);
	}
}

/* By name or id; "" when there is none. */
static const char *
find_subscription(const struct estate *estate, const char *name, size_t len)
{
	for (size_t i = 0; i < estate_subscriptions(estate); i++) {
		const char *id = estate_subscription_id(estate, i);
		const char *title = estate_subscription_name(estate, i);

		if ((strlen(id) == len && strncasecmp(id, name, len) == 0) ||
			(strlen(title) == len && strncasecmp(title, name, len) == 0))
			return id;
	}
	return "";
}

/* Into *out the subscription of GROUP or SUBSCRIPTION/GROUP, as far as what was read tells. */
static bool
place(const struct estate *estate, const char *text, struct armid *out, struct err *err)
{
	const char *slash = strchr(text, '/'), *only = "";
	struct places places = {.group = slash ? slash + 1 : text};

	if (!text_copy(out->group, sizeof out->group, places.group))
		return err_set(err, ERR_USAGE, "", "A group's name has 90 characters at most");
	if (slash)
		only = find_subscription(estate, text, (size_t)(slash - text));
	else if (estate_subscriptions(estate) == 1)
		only = estate_subscription_id(estate, 0);
	else
		find_places(estate, &places);
	if (!*only && !places.several)
		only = places.subscription;
	snprintf(out->subscription, sizeof out->subscription, "%s", only);
	if (*only)
		return true;
	if (slash)
		return err_set(err, ERR_USAGE, "",
			"No subscription of that name is seen here: %.90s", text);
	return err_set(err, ERR_USAGE, "",
		places.several ? "Several subscriptions have a group %.90s: write "
				 "SUBSCRIPTION/GROUP"
			       : "No subscription is seen to have a group %.90s: write "
				 "SUBSCRIPTION/GROUP",
		text);
}

static bool
new_id(const struct wizard *wizard, const struct filling *filling, struct armid *out,
	struct err *err)
{
	const char *name = filling_value(filling, "name");

	snprintf(out->type, sizeof out->type, "%s", wizard->plan->makes);
	return (text_copy(out->name, sizeof out->name, name) ||
		       err_set(err, ERR_USAGE, "", "The name is too long")) &&
	       place(wizard->estate, filling_value(filling, "resource-group"), out, err);
}

bool
wizard_find(const struct wizard *wizard, struct subject *out, struct err *err)
{
	const char *values[WIZARD_FIELDS], *name;
	struct filling filling;

	wizard_filling(wizard, 0, values, &filling);
	name = filling_value(&filling, "name");
	*out = (struct subject){.kind = wizard->plan->subject};
	if (out->kind == SUBJECT_KEY)
		return estate_find_vault(
			       wizard->estate, filling_value(&filling, "vault"), &out->id, err) &&
		       estate_find_key(wizard->estate, name, out->id.name, &out->key, err);
	if (wizard->plan->recovers)
		return estate_find_deleted(wizard->estate, name, &out->id, out->location, err);
	return new_id(wizard, &filling, &out->id, err);
}
