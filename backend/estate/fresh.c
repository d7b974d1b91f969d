/* The id of what is to be made. A group's name says nothing of its subscription, so every
 * subscription in sight is asked for it; one that is found twice is never guessed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"

/* Whether the group is in that subscription; an answer that says neither is an error. */
static bool
has_group(struct estate *estate, const char *subscription, const char *group, bool *has,
	struct err *err)
{
	struct request request = {.method = HTTP_GET, .audience = AUDIENCE_ARM};
	struct reply reply = {0};
	struct err why = {0};

	request.url = mem_printf("%s/subscriptions/%s/resourcegroups/%s?api-version=%s",
		session_cloud(estate->session)->arm, subscription, group,
		session_api_version(estate->session, "resourcegroups"));
	*has = session_ask(estate->session, &request, &reply, &why);
	request_free(&request);
	reply_free(&reply);
	if (*has || why.http == 404 || why.http == 403)
		return true;
	*err = why;
	return false;
}

static bool
find_group(struct estate *estate, const char *group, struct armid *out, struct err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < estate_subscriptions(estate); i++) {
		const char *subscription = estate_subscription_id(estate, i);
		bool has;

		if (!has_group(estate, subscription, group, &has, err))
			return err_prefix(err, "resource group %s", group);
		if (!has)
			continue;
		found++;
		snprintf(out->subscription, sizeof out->subscription, "%s", subscription);
	}
	if (found == 1)
		return true;
	if (found)
		return err_set(err, ERR_USAGE, "",
			"resource group %s is in %zu subscriptions; say which: --subscription",
			group, found);
	return err_set(err, ERR_NOT_FOUND, "",
		"resource group %s is in none of the %zu subscriptions that this sign-in sees",
		group, estate_subscriptions(estate));
}

bool
estate_new_id(struct estate *estate, const char *name, const char *group, const char *type,
	struct armid *out, struct err *err)
{
	static const char nowhere[] = "00000000-0000-0000-0000-000000000000";
	struct armid given = {0};
	char text[ARMID_MAX];

	if (name[0] == '/') {
		if (!armid_parse(out, name, err))
			return false;
		return text_casecmp(out->type, type) == 0 ||
		       err_set(err, ERR_USAGE, "", "%s is a %s, and a %s is to be made", out->name,
			       out->type, type);
	}
	if (group == NULL)
		return err_set(err, ERR_USAGE, "",
			"-g GROUP is missing: the resource group that %.100s is to be in", name);
	if (!text_copy(given.name, sizeof given.name, name) ||
		!text_copy(given.group, sizeof given.group, group))
		return err_set(err, ERR_USAGE, "", "the name or the resource group is too long");
	memcpy(given.subscription, nowhere, sizeof nowhere);
	snprintf(given.type, sizeof given.type, "%s", type);
	/* Through the parser, so that nothing gets into a URL that is no name. */
	if (!armid_parse(out, armid_print(&given, text), err) ||
		!estate_load(estate, ESTATE_VAULTS, err))
		return false;
	return find_group(estate, out->group, out, err);
}
