/* What can be chosen instead of typed: taken from the estate, so that nothing is offered that is
 * not there. The most likely comes first. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/plans/hint.h"

static struct offer *
find(struct offer *offers, size_t len, const char *value)
{
	for (size_t i = 0; i < len; i++)
		if (text_casecmp(offers[i].value, value) == 0)
			return &offers[i];
	return NULL;
}

/* Adds a value once; NULL when it is there, or there is no room. */
static struct offer *
add(struct offer *offers, size_t *len, size_t max, const char *value)
{
	if (*value == '\0' || *len == max || find(offers, *len, value))
		return NULL;
	snprintf(offers[*len].value, sizeof offers->value, "%s", value);
	offers[*len].note[0] = '\0';
	return &offers[(*len)++];
}

/* Where a key could move to from `from`: 2 best, 1 with something against it, 0 not at all. */
static int
rank_vault(const json_t *from, const json_t *vault, char *note, size_t room)
{
	bool open = json_is_false(json_object_get(vault, "purgeProtection"));
	bool near = strcmp(filling_text(from, "location"), filling_text(vault, "location")) == 0;
	bool ours =
		text_casecmp(filling_text(from, "tenantId"), filling_text(vault, "tenantId")) == 0;
	bool hsm = strcmp(filling_text(vault, "kind"), "managedHsm") == 0;

	snprintf(note, room, "%s%s%s%s%s", filling_text(vault, "location"),
		near ? ", the same region" : ", another region", ours ? "" : ", another tenant",
		open ? ", no purge protection yet" : "",
		hsm ? ", a managed HSM: Storage only" : "");
	return ours && near && !open && !hsm ? 2 : 1;
}

size_t
offer_other_vaults(const struct filling *filling, struct offer *out, size_t max)
{
	json_t *from = filling_vault(filling, filling->subject->key.vault);
	size_t len = 0;

	for (int rank = 2; rank >= 1; rank--) {
		for (size_t i = 0; i < kind_vault.count(filling->estate); i++) {
			json_t *vault = kind_vault.json(filling->estate, i);
			struct offer *offer;
			char note[160];

			if (!json_equal(from, vault) &&
				rank_vault(from, vault, note, sizeof note) == rank) {
				offer = add(out, &len, max, filling_text(vault, "name"));
				if (offer)
					snprintf(offer->note, sizeof offer->note, "%s", note);
			}
			json_decref(vault);
		}
	}
	json_decref(from);
	return len;
}

/* Those of the vault that is named. */
size_t
offer_vault_keys(const struct filling *filling, struct offer *out, size_t max)
{
	const char *vault = filling_value(filling, "vault");
	struct keyid key;
	size_t len = 0;

	for (size_t i = 0; i < kind_key.count(filling->estate); i++) {
		kind_key_id(filling->estate, i, &key);
		if (text_casecmp(key.vault, vault) == 0)
			add(out, &len, max, key.key);
	}
	return len;
}

/* Names that no key of the new vault has, and never had as far as can be seen. */
size_t
offer_new_keys(const struct filling *filling, struct offer *out, size_t max)
{
	const char *vault = filling_value(filling, "vault");
	struct keyid key = {0};
	size_t len = 0;

	snprintf(key.vault, sizeof key.vault, "%s", vault);
	for (unsigned char i = 2; i < 100 && len < max && len < 3; i++) {
		json_t *there;

		snprintf(key.key, sizeof key.key, "%.120s-%u", filling->subject->key.key, i);
		there = filling_key(filling, &key);
		if (there == NULL && add(out, &len, max, key.key))
			snprintf(out[len - 1].note, sizeof out->note, "new: choose its size below");
		json_decref(there);
	}
	for (size_t i = 0; i < kind_key.count(filling->estate) && len < max; i++) {
		kind_key_id(filling->estate, i, &key);
		if (text_casecmp(key.vault, vault) == 0 && add(out, &len, max, key.key))
			snprintf(out[len - 1].note, sizeof out->note, "is there");
	}
	return len;
}

/* Those that the account has come first: only they can open its key at once. */
size_t
offer_identities(const struct filling *filling, struct offer *out, size_t max)
{
	const struct facts *facts = filling->facts;
	size_t len = 0;

	for (size_t i = 0; facts && i < facts->account.identity.users_len; i++)
		if (add(out, &len, max, facts->account.identity.users[i].id))
			snprintf(out[len - 1].note, sizeof out->note, "the account has it");
	for (size_t i = 0; i < kind_identity.count(filling->estate); i++) {
		char id[ARMID_MAX], where[64];
		struct armid identity;

		kind_identity_id(filling->estate, i, &identity);
		if (add(out, &len, max, armid_print(&identity, id)) == NULL)
			continue;
		kind_identity.cell(
			filling->estate, i, kind_identity.columns_len - 1, where, sizeof where);
		snprintf(out[len - 1].note, sizeof out->note, "%.90s, %s", identity.group, where);
	}
	return len;
}

size_t
offer_clients(const struct filling *filling, struct offer *out, size_t max)
{
	size_t len = 0;

	if (filling->facts && add(out, &len, max, filling->facts->account.federated))
		snprintf(out[0].note, sizeof out->note, "the account uses it now");
	return len;
}

/* Of every vault that is in another tenant, and of the session. */
size_t
offer_tenants(const struct filling *filling, struct offer *out, size_t max)
{
	const struct session *session = estate_session(filling->estate);
	const char *own = filling_tenant(filling);
	size_t len = 0;

	for (size_t i = 0; i < session_tenants(session); i++)
		if (text_casecmp(session_tenant_at(session, i), own) != 0 &&
			add(out, &len, max, session_tenant_at(session, i)))
			snprintf(out[len - 1].note, sizeof out->note, "signed in to");
	for (size_t i = 0; i < kind_vault.count(filling->estate); i++) {
		json_t *vault = kind_vault.json(filling->estate, i);
		const char *tenant = filling_text(vault, "tenantId");

		if (text_casecmp(tenant, own) != 0 && add(out, &len, max, tenant))
			snprintf(out[len - 1].note, sizeof out->note, "of vault %s",
				filling_text(vault, "name"));
		json_decref(vault);
	}
	return len;
}

static size_t
column_of(const struct kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->columns_len; i++)
		if (strcmp(kind->columns[i].name, name) == 0)
			return i;
	return 0;
}

/* One more of a value, which is offered from `from` on if it was seen before. */
static void
count(const char *text, const char *many, struct offer *out, size_t from, size_t *len, size_t max)
{
	struct offer *offer = find(out + from, *len - from, text);
	size_t n = offer ? (size_t)strtoul(offer->note, NULL, 10) : 0;

	if (offer == NULL)
		offer = add(out, len, max, text);
	if (offer)
		snprintf(offer->note, sizeof offer->note, "%zu %s here", n + 1, many);
}

/* Every value of a column that is not offered yet, with how many rows have it. */
static void
count_values(const struct filling *filling, const struct kind *kind, const char *name,
	const char *many, struct offer *out, size_t *len, size_t max)
{
	size_t column = column_of(kind, name), before = *len;
	char text[128];

	for (size_t i = 0; i < kind->count(filling->estate); i++)
		if (kind->cell(filling->estate, i, column, text, sizeof text) == CELL_KNOWN &&
			find(out, before, text) == NULL)
			count(text, many, out, before, len, max);
}

size_t
offer_locations(const struct filling *filling, struct offer *out, size_t max)
{
	json_t *vault = filling_vault(filling, filling_value(filling, "vault"));
	size_t len = 0;

	if (add(out, &len, max, filling_text(vault, "location")))
		snprintf(out[0].note, sizeof out->note, "where the vault is");
	json_decref(vault);
	if (len == 0)
		count_values(filling, &kind_account, "location", "accounts", out, &len, max);
	count_values(filling, &kind_identity, "location", "identities", out, &len, max);
	return len;
}

void
offer_group(const struct estate *estate, const struct armid *id, char *out, size_t room)
{
	size_t n = estate_subscriptions(estate), i = 0;

	while (i < n && text_casecmp(estate_subscription_id(estate, i), id->subscription) != 0)
		i++;
	if (n > 1)
		snprintf(out, room, "%s/%s",
			i < n && *estate_subscription_name(estate, i)
				? estate_subscription_name(estate, i)
				: id->subscription,
			id->group);
	else
		snprintf(out, room, "%s", id->group);
}

size_t
offer_groups(const struct filling *filling, struct offer *out, size_t max)
{
	size_t accounts = kind_account.count(filling->estate), len = 0;
	size_t identities = kind_identity.count(filling->estate);
	char text[ARMID_MAX];
	struct armid id;

	for (size_t i = 0; i < accounts; i++) {
		kind_account_id(filling->estate, i, &id, NULL);
		offer_group(filling->estate, &id, text, sizeof text);
		count(text, "accounts", out, 0, &len, max);
	}
	for (size_t i = 0, before = len; i < identities; i++) {
		kind_identity_id(filling->estate, i, &id);
		offer_group(filling->estate, &id, text, sizeof text);
		if (find(out, before, text) == NULL)
			count(text, "identities", out, before, &len, max);
	}
	return len;
}

/* The accounts on the key that the plan is about. */
size_t
offer_users(const struct filling *filling, struct offer *out, size_t max)
{
	json_t *json = filling_key(filling, &filling->subject->key), *version;
	size_t len = 0, i;

	json_array_foreach(json_object_get(json, "versions"), i, version)
	{
		json_t *users = json_object_get(version, "inUseBy"), *user;
		size_t k;

		json_array_foreach(users, k, user)
		{
			if (add(out, &len, max, json_string_value(user)))
				snprintf(out[len - 1].note, sizeof out->note, "on version %.8s",
					filling_text(version, "version"));
		}
	}
	json_decref(json);
	return len;
}

static size_t
offer_all(const struct offer *from, size_t len, struct offer *out, size_t max)
{
	len = len < max ? len : max;
	memcpy(out, from, len * sizeof *out);
	return len;
}

size_t
offer_periods(const struct filling *filling, struct offer *out, size_t max)
{
	static const struct offer periods[] = {{"P90D", "90 days"}, {"P180D", "180 days"},
		{"P1Y", "a year"},
		{"P2Y", "two years: what the Storage article asks for at least"}};

	(void)filling;
	return offer_all(periods, ARRAY_LEN(periods), out, max);
}

size_t
offer_skus(const struct filling *filling, struct offer *out, size_t max)
{
	static const struct offer skus[] = {{"Standard_LRS", "three copies in one place"},
		{"Standard_ZRS", "three zones of one region"},
		{"Standard_GRS", "another region as well"},
		{"Standard_RAGRS", "another region, which can be read"},
		{"Standard_GZRS", "three zones, and another region"},
		{"Premium_LRS", "on solid state, in one place"}};

	(void)filling;
	return offer_all(skus, ARRAY_LEN(skus), out, max);
}

size_t
offer_covered(const struct filling *filling, struct offer *out, size_t max)
{
	static const struct offer covered[] = {
		{"queue,table", "both"}, {"queue", "queues only"}, {"table", "tables only"}};

	(void)filling;
	return offer_all(covered, ARRAY_LEN(covered), out, max);
}
