/* What was deleted and could not be listed again stays in the lists likewise: as objects, which
 * carry the mark with them. */
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/estate/list.h"

/* The member of what was deleted that tells of when it is, and why. */
static const char MARK[] = "stale";

static void
keep_gone(json_t *now, const json_t *gone, time_t at, const char *why)
{
	json_t *kept, *one;
	size_t i;

	json_array_foreach(now, i, one)
	{
		if (json_equal(json_object_get(one, "id"), json_object_get(gone, "id")))
			return;
	}
	kept = json_copy((json_t *)gone);
	if (json_object_get(kept, MARK) == NULL)
		json_object_set_new(
			kept, MARK, json_pack("{s:I, s:s}", "at", (json_int_t)at, "why", why));
	json_array_append_new(now, kept);
}

void
stale_keep_gone_keys(struct lister *lister, size_t vault, const char *why)
{
	const struct estate *estate = lister->estate;
	const char *name = vault_rows_text(lister->vaults, lister->vaults->rows[vault].name);
	char reason[300];
	json_t *one;
	size_t i;

	text_cleans(reason, sizeof reason, why);
	json_array_foreach(estate->gone_keys, i, one)
	{
		if (text_casecmp(json_string_value(json_object_get(one, "vault")), name) == 0)
			keep_gone(lister->gone_keys, one, estate->at[part_number(ESTATE_GONE_KEYS)],
				reason);
	}
}

void
stale_keep_gone(struct lister *lister)
{
	const struct estate *estate = lister->estate;
	json_t *one;
	size_t i;

	json_array_foreach(estate->gone, i, one)
	{
		const char *id = json_string_value(json_object_get(one, "subscriptionId"));
		bool hsm = strcmp(json_string_value(json_object_get(one, "kind")), "vault") != 0;
		const char *why = NULL;

		for (size_t s = 0; s < estate->subscriptions_len && why == NULL; s++)
			if (text_casecmp(estate->subscriptions[s].id, id) == 0)
				why = stale_why(lister, ESTATE_GONE, (uint16_t)s, NULL, hsm);
		if (why)
			keep_gone(lister->gone, one, estate->at[part_number(ESTATE_GONE)], why);
	}
}

json_t *
stale_gone_copy(const json_t *gone)
{
	json_t *copy = json_deep_copy(gone);

	json_object_del(copy, MARK);
	return copy;
}

bool
stale_gone(const struct estate *estate, unsigned part, const json_t *gone, struct stale *out)
{
	const json_t *mark = json_object_get(gone, MARK);
	const char *why = json_string_value(json_object_get(mark, "why"));
	time_t at = (time_t)json_integer_value(json_object_get(mark, "at")), listed;

	if (estate_stale(estate, part, &listed) && !(estate_busy(estate) & part)) {
		at = listed;
		why = estate->failed[part_number(part)].msg;
	}
	if (at)
		*out = (struct stale){.at = at, .why = why};
	return at != 0;
}
