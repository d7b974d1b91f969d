/* What could not be read again is shown as it was, never as new and never left out: a list that is
 * refused for a minute does not make accounts disappear. Only what a whole answer no longer tells
 * of is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/estate/list.h"

/* The member of what was deleted that tells of when it is, and why. */
static const char MARK[] = "stale";

/* A list of a subscription that could not be read. */
struct lost {
	unsigned part;
	uint16_t subscription;
	const struct service *service; /* of accounts */
	bool hsm;                      /* of vaults */
	char why[300];
};

/* A row of before and of now by the same name. */
struct keeping {
	struct lister *lister;
	struct estate *estate;
	struct index now;  /* texts to rows of the new table */
	struct index used; /* keys of stale accounts, to the rows of these */
	struct arena *texts;
};

void
stale_lost(struct lister *lister, unsigned part, uint16_t subscription,
	const struct service *service, bool hsm, const struct err *why)
{
	struct lost *lost;

	lister->lost =
		rows_grow(lister->lost, lister->lost_len, &lister->lost_room, sizeof *lister->lost);
	lost = &lister->lost[lister->lost_len++];
	*lost = (struct lost){
		.part = part, .subscription = subscription, .service = service, .hsm = hsm};
	text_cleans(lost->why, sizeof lost->why, why->msg);
}

void
stale_forget(struct lister *lister, unsigned parts)
{
	size_t kept = 0;

	for (size_t i = 0; i < lister->lost_len; i++)
		if (!(lister->lost[i].part & parts))
			lister->lost[kept++] = lister->lost[i];
	lister->lost_len = kept;
}

/* Why the list that told of such a row failed; NULL: it did not, or nobody asked for it. */
static const char *
lost_why(const struct lister *lister, unsigned part, uint16_t subscription,
	const struct service *service, bool hsm)
{
	for (size_t i = 0; i < lister->lost_len; i++) {
		const struct lost *lost = &lister->lost[i];

		if ((lost->part & part) && lost->subscription == subscription &&
			lost->service == service && lost->hsm == hsm)
			return lost->why;
	}
	return NULL;
}

static bool
has_lost(const struct lister *lister, unsigned part)
{
	for (size_t i = 0; i < lister->lost_len; i++)
		if (lister->lost[i].part & part)
			return true;
	return false;
}

static uint32_t
time_of(const struct estate *estate, unsigned part, uint32_t own)
{
	return own ? own : (uint32_t)estate->at[part_number(part)];
}

static const char *
account_text(struct arena *arena, const struct accounts *accounts, const struct account_row *row)
{
	return arena_printf(arena, "%u/%u/%s/%s", row->subscription, row->service,
		account_rows_text(accounts, account_shape(accounts, row)->group),
		account_rows_text(accounts, row->name));
}

static void
mark_account(struct accounts *accounts, size_t at, uint32_t read_at, const char *why)
{
	struct account_shape shape = *account_shape(accounts, &accounts->rows[at]);

	shape.why = pool_intern(accounts->pool, why);
	shape.read_at = read_at;
	accounts->rows[at].shape = account_shape_number(accounts, &shape);
}

static void
keep_account(struct keeping *keeping, size_t old)
{
	struct estate *estate = keeping->estate;
	struct accounts *now = keeping->lister->accounts;
	const struct account_row *row = &estate->accounts->rows[old];
	const char *why = NULL, *name = account_text(keeping->texts, estate->accounts, row);
	uint32_t at, read_at = account_shape(estate->accounts, row)->read_at;
	bool there = index_find(&keeping->now, name, &at);
	struct account account;
	char reason[400];

	if (there && now->rows[at].detail == DETAIL_FAILED)
		why = account_rows_text(now, account_shape(now, &now->rows[at])->why);
	else if (!there)
		why = lost_why(keeping->lister, ESTATE_ACCOUNTS, row->subscription,
			services[row->service], false);
	if (why == NULL || row->detail != DETAIL_KNOWN)
		return;
	snprintf(reason, sizeof reason, "%s", why);
	row_account(estate, old, &account);
	if (there)
		account_rows_set(now, at, &account);
	else
		at = (uint32_t)account_rows_add(now, &account, row->subscription);
	mark_account(now, at, time_of(estate, ESTATE_ACCOUNTS, read_at), reason);
	account_free(&account);
	estate->stale_rows |= ESTATE_ACCOUNTS;
}

static void
keep_accounts(struct keeping *keeping)
{
	const struct accounts *now = keeping->lister->accounts;
	bool needed = has_lost(keeping->lister, ESTATE_ACCOUNTS);

	for (size_t i = 0; i < now->len && !needed; i++)
		needed = now->rows[i].detail == DETAIL_FAILED;
	if (!needed)
		return;
	for (uint32_t i = 0; i < now->len; i++)
		index_put(&keeping->now, account_text(keeping->texts, now, &now->rows[i]), i);
	for (size_t i = 0; i < keeping->estate->accounts->len; i++)
		keep_account(keeping, i);
}

/* A vault with all its access policies, which rows unpacked for rules come without. */
static void
vault_whole(const struct estate *estate, size_t at, struct vault *out)
{
	const struct vaults *vaults = estate->vaults;
	const struct vault_row *row = &vaults->rows[at];

	row_vault(estate, at, out);
	out->policies = mem_alloc((row->entries_len + 1) * sizeof *out->policies);
	out->policies_len = row->entries_len;
	for (uint32_t i = 0; i < row->entries_len; i++) {
		const struct entry_row *from = &vaults->entries[row->entries + i];
		const struct entry_rights *rights = entry_rights(vaults, from);
		struct policy_entry *to = &out->policies[i];

		*to = (struct policy_entry){.keys = rights->keys, .others = rights->others};
		guid_print(from->principal, to->principal);
		snprintf(to->application, sizeof to->application, "%s",
			rights->application ? "?" : "");
		snprintf(to->unknown, sizeof to->unknown, "%s",
			vault_rows_text(vaults, rights->unknown));
	}
}

/* What was deleted is listed as objects, which carry the mark with them. */
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

static void
keep_vaults(struct keeping *keeping)
{
	struct lister *lister = keeping->lister;
	const struct estate *estate = keeping->estate;
	size_t before = lister->vaults->len;

	for (size_t i = 0; has_lost(lister, ESTATE_VAULTS) && i < estate->vaults->len; i++) {
		const struct vault_row *row = &estate->vaults->rows[i];
		const char *why =
			lost_why(lister, ESTATE_VAULTS, row->subscription, NULL, row->hsm);
		struct vault_row *kept;
		struct vault vault;

		if (why == NULL || row->why ||
			vault_rows_find(lister->vaults,
				vault_rows_text(estate->vaults, row->host)) != ROW_NONE)
			continue;
		vault_whole(estate, i, &vault);
		vault_rows_add(lister->vaults, &vault, row->subscription);
		vault_free(&vault);
		kept = &lister->vaults->rows[lister->vaults->len - 1];
		kept->read_at = time_of(estate, ESTATE_VAULTS, row->read_at);
		kept->stale_why = pool_intern(lister->vaults->pool, why);
		keeping->estate->stale_rows |= ESTATE_VAULTS;
	}
	/* Their keys are kept likewise, not asked for. */
	if (lister->next_vault == before)
		lister->next_vault = lister->vaults->len;
	for (size_t i = before; lister->next_gone == i && i < lister->vaults->len; i++) {
		stale_keep_gone_keys(lister, i,
			vault_rows_text(lister->vaults, lister->vaults->rows[i].stale_why));
		lister->next_gone++;
	}
}

/* Why a key is not in the new table; NULL: it is gone. */
static const char *
unlisted_why(const struct keeping *keeping, const char *host, const char *text)
{
	const struct vaults *vaults = keeping->estate->vaults;
	const struct accounts *accounts = keeping->estate->accounts;
	uint32_t vault = vault_rows_find(vaults, host), unknown, account;

	if (index_find(&keeping->used, text, &account))
		return account_rows_text(
			accounts, account_shape(accounts, &accounts->rows[account])->why);
	if (vault != ROW_NONE && vaults->rows[vault].read_at)
		return vault_rows_text(vaults, vaults->rows[vault].stale_why);
	if (index_find(&keeping->now, host, &unknown))
		return key_rows_text(
			keeping->lister->keys, keeping->lister->keys->rows[unknown].why);
	return NULL;
}

static void
keep_key(struct keeping *keeping, size_t old)
{
	static const struct err none;
	struct estate *estate = keeping->estate;
	struct keys *now = keeping->lister->keys;
	const struct key_row *row = &estate->keys->rows[old];
	uint32_t at = key_rows_find(now, key_rows_text(estate->keys, row->text)), kept;
	const char *why = NULL;
	char reason[400];
	struct key key;

	if (at == ROW_NONE)
		why = unlisted_why(keeping, key_rows_text(estate->keys, row->host),
			key_rows_text(estate->keys, row->text));
	else if (now->rows[at].detail == DETAIL_FAILED && !now->rows[at].listed)
		why = key_rows_text(now, now->rows[at].why);
	if (why == NULL || row->name == 0 || row->detail != DETAIL_KNOWN)
		return;
	snprintf(reason, sizeof reason, "%s", why);
	row_key(estate, old, &key);
	kept = (uint32_t)key_rows_add(now, &key.id);
	if (row->whole)
		key_rows_set_bundle(now, kept, &key, &none);
	key_rows_set_versions(now, kept, &key, &none);
	now->rows[kept].used = row->used;
	now->rows[kept].why = pool_intern(now->pool, reason);
	now->rows[kept].read_at = time_of(
		estate, estate->read & ESTATE_KEYS ? ESTATE_KEYS : ESTATE_USED, row->read_at);
	key_free(&key);
	estate->stale_rows |= ESTATE_KEYS;
}

static void
keep_keys(struct keeping *keeping)
{
	const struct keys *now = keeping->lister->keys;
	const struct accounts *accounts = keeping->estate->accounts;
	bool stale = keeping->estate->stale_rows & ESTATE_ACCOUNTS;

	for (uint32_t i = 0; stale && i < accounts->len; i++)
		if (accounts->rows[i].key && account_shape(accounts, &accounts->rows[i])->read_at)
			index_put(&keeping->used,
				account_rows_text(accounts, accounts->rows[i].key), i);
	for (uint32_t i = 0; i < now->len; i++)
		if (now->rows[i].name == 0)
			index_put(&keeping->now, key_rows_text(now, now->rows[i].host), i);
	for (size_t i = 0; i < keeping->estate->keys->len; i++)
		keep_key(keeping, i);
}

static void
keep_gone_vaults(struct keeping *keeping)
{
	struct estate *estate = keeping->estate;
	json_t *one;
	size_t i;

	json_array_foreach(estate->gone, i, one)
	{
		const char *id = json_string_value(json_object_get(one, "subscriptionId"));
		bool hsm = strcmp(json_string_value(json_object_get(one, "kind")), "vault") != 0;
		const char *why = NULL;

		for (size_t s = 0; s < estate->subscriptions_len && why == NULL; s++)
			if (text_casecmp(estate->subscriptions[s].id, id) == 0)
				why = lost_why(
					keeping->lister, ESTATE_GONE, (uint16_t)s, NULL, hsm);
		if (why)
			keep_gone(keeping->lister->gone, one, estate->at[part_number(ESTATE_GONE)],
				why);
	}
}

json_t *
stale_gone_copy(const json_t *gone)
{
	json_t *copy = json_deep_copy(gone);

	json_object_del(copy, MARK);
	return copy;
}

void
stale_keep(struct lister *lister, unsigned part)
{
	struct keeping keeping = {.lister = lister, .estate = lister->estate, .texts = arena_new()};

	lister->estate->stale_rows &= ~part;
	if (part == ESTATE_ACCOUNTS)
		keep_accounts(&keeping);
	else if (part == ESTATE_VAULTS)
		keep_vaults(&keeping);
	else if (part == ESTATE_GONE)
		keep_gone_vaults(&keeping);
	else
		keep_keys(&keeping);
	index_free(&keeping.now);
	index_free(&keeping.used);
	arena_free(keeping.texts);
}

static bool
is_stale(struct stale *out, uint32_t at, const char *why)
{
	if (at)
		*out = (struct stale){.at = (time_t)at, .why = why};
	return at != 0;
}

bool
stale_vault(const struct estate *estate, size_t at, struct stale *out)
{
	const struct vault_row *row = &estate->vaults->rows[at];

	return is_stale(out, row->read_at, vault_rows_text(estate->vaults, row->stale_why));
}

bool
stale_key(const struct estate *estate, size_t at, struct stale *out)
{
	const struct key_row *row = &estate->keys->rows[at];

	return is_stale(out, row->read_at, key_rows_text(estate->keys, row->why));
}

bool
stale_gone(const struct estate *estate, unsigned part, const json_t *gone, struct stale *out)
{
	const json_t *mark = json_object_get(gone, MARK);
	time_t at;

	if (estate_stale(estate, part, &at) && !(estate_busy(estate) & part))
		return is_stale(out, (uint32_t)at, estate->failed[part_number(part)].msg);
	return is_stale(out, (uint32_t)json_integer_value(json_object_get(mark, "at")),
		json_string_value(json_object_get(mark, "why")));
}

/* Its state follows from its vault and its key as well. */
bool
stale_account(const struct estate *estate, size_t at, struct stale *out)
{
	const struct account_shape *shape;
	struct account_sight sight;

	if (!estate->stale_rows)
		return false;
	shape = account_shape(estate->accounts, &estate->accounts->rows[at]);
	if (is_stale(out, shape->read_at, account_rows_text(estate->accounts, shape->why)))
		return true;
	joins_sight(estate, at, &sight);
	return (sight.vault != ROW_NONE && stale_vault(estate, sight.vault, out)) ||
	       (sight.key != ROW_NONE && stale_key(estate, sight.key, out));
}
