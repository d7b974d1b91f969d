/* Whoever listed a subscription can read it: so a subscription belongs to the tenant whose token
 * showed it, which for one that is managed from outside (Azure Lighthouse) is not the one that it
 * names itself. A vault's tenant is learned from its challenge. With one tenant nothing is kept. */
#include "backend/session/tenants.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/origin.h"

enum { PLACE_ROOM = 200 };

struct tenant {
	char name[64], id[64];
};

struct place {
	char *name;
	const char *tenant;
};

struct tenants {
	struct tenant list[PROFILE_TENANTS];
	size_t len;
	struct place *places; /* sorted */
	size_t places_len, places_room;
};

struct tenants *
tenants_new(const struct profile *profile)
{
	struct tenants *tenants = mem_alloc(sizeof *tenants);

	for (; tenants->len < profile->other_tenants_len; tenants->len++) {
		struct tenant *tenant = &tenants->list[tenants->len];

		memcpy(tenant->name, profile->other_tenants[tenants->len], sizeof tenant->name);
		if (armid_is_guid(tenant->name))
			memcpy(tenant->id, tenant->name, sizeof tenant->id);
	}
	return tenants;
}

void
tenants_free(struct tenants *tenants)
{
	if (tenants == NULL)
		return;
	for (size_t i = 0; i < tenants->places_len; i++)
		free(tenants->places[i].name);
	free(tenants->places);
	free(tenants);
}

void
tenants_learn_id(struct tenants *tenants, const char *name, const char *id)
{
	for (size_t i = 0; i < tenants->len && armid_is_guid(id); i++)
		if (text_casecmp(tenants->list[i].name, name) == 0)
			snprintf(tenants->list[i].id, sizeof tenants->list[i].id, "%s", id);
}

const char *
tenants_find(const struct tenants *tenants, const char *id)
{
	for (size_t i = 0; i < tenants->len && *id; i++)
		if (text_casecmp(tenants->list[i].id, id) == 0)
			return tenants->list[i].name;
	return NULL;
}

/* Where the place is, or would be. */
static size_t
search(const struct tenants *tenants, const char *name, bool *found)
{
	size_t low = 0, high = tenants->places_len;

	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int order = text_casecmp(tenants->places[middle].name, name);

		*found = order == 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

static void
put(struct tenants *tenants, const char *place, const char *name, bool over)
{
	const char *tenant = "";
	struct place *at;
	bool known;
	size_t i;

	if (tenants->len == 0)
		return;
	for (i = 0; i < tenants->len && *name; i++)
		if (text_casecmp(tenants->list[i].name, name) == 0 ||
			text_casecmp(tenants->list[i].id, name) == 0)
			tenant = tenants->list[i].name;
	i = search(tenants, place, &known);
	if (known) {
		if (over)
			tenants->places[i].tenant = tenant;
		return;
	}
	if (tenants->places_len == tenants->places_room) {
		tenants->places_room = tenants->places_room * 2 + 16;
		tenants->places =
			mem_resize(tenants->places, tenants->places_room * sizeof *tenants->places);
	}
	at = &tenants->places[i];
	memmove(at + 1, at, (tenants->places_len++ - i) * sizeof *at);
	*at = (struct place){mem_strdup(place), tenant};
}

void
tenants_learn_place(struct tenants *tenants, const char *place, const char *name)
{
	put(tenants, place, name, false);
}

/* The subscription that a path of ARM begins with, or the host. */
static bool
place_of(const struct cloud *cloud, const char *url, char out[PLACE_ROOM])
{
	static const char prefix[] = "/subscriptions/";
	const char *path, *id;

	if (!origin_same(url, cloud->arm))
		return origin_host(url, out, PLACE_ROOM);
	path = strchr(url + strlen("https://"), '/');
	if (path == NULL || !text_case_starts(path, prefix))
		return false;
	id = path + strlen(prefix);
	snprintf(out, PLACE_ROOM, "%.*s", (int)strcspn(id, "/?#"), id);
	return armid_is_guid(out);
}

void
tenants_correct(
	struct tenants *tenants, const struct cloud *cloud, const char *url, const char *name)
{
	char place[PLACE_ROOM];

	if (place_of(cloud, url, place))
		put(tenants, place, name, true);
}

const char *
tenants_for(const struct tenants *tenants, const struct cloud *cloud, const char *url)
{
	char place[PLACE_ROOM];
	size_t at = 0;
	bool known = tenants->places_len > 0 && place_of(cloud, url, place);

	if (known)
		at = search(tenants, place, &known);
	return known ? tenants->places[at].tenant : "";
}
