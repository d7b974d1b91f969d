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

const char *
stale_why(const struct lister *lister, unsigned part, uint16_t subscription,
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
account_text(struct arena *arena, const struct accounts *accounts, size_t at)
{
	const struct account_row *row = account_row(accounts, at);
	char name[ROW_NAME];

	return arena_printf(arena, "%u/%u/%s/%s", row->subscription, row->service,
		account_rows_text(accounts, account_shape(accounts, row)->group),
		account_rows_name(accounts, at, name));
}

static void
mark_account(struct accounts *accounts, size_t at, uint32_t read_at, const char *why)
{
	struct account_row row = *account_row(accounts, at);
	struct account_shape shape = *account_shape(accounts, &row);

	shape.why = pool_intern(accounts->pool, why);
	shape.read_at = read_at;
	row.shape = account_shape_number(accounts, &shape);
	account_row_put(accounts, at, &row);
}

static void
keep_account(struct keeping *keeping, size_t old)
{
	struct estate *estate = keeping->estate;
	struct accounts *now = keeping->lister->accounts;
	const struct account_row *row = account_row(estate->accounts, old);
	const char *why = NULL, *name = account_text(keeping->texts, estate->accounts, old);
	uint32_t at, read_at = account_shape(estate->accounts, row)->read_at;
	bool there = index_find(&keeping->now, name, &at);
	struct account account;

	if (there && account_row(now, at)->detail == DETAIL_FAILED)
		why = account_rows_text(now, account_shape(now, account_row(now, at))->why);
	else if (!there)
		why = stale_why(keeping->lister, ESTATE_ACCOUNTS, row->subscription,
			services[row->service], false);
	if (why == NULL || row->detail != DETAIL_KNOWN)
		return;
	row_account(estate, old, &account);
	if (there)
		account_rows_set(now, at, &account);
	else
		at = (uint32_t)account_rows_add(now, &account, row->subscription);
	mark_account(now, at, time_of(estate, ESTATE_ACCOUNTS, read_at), why);
	account_free(&account);
	estate->stale_rows |= ESTATE_ACCOUNTS;
}

static void
keep_accounts(struct keeping *keeping)
{
	const struct accounts *now = keeping->lister->accounts;
	bool needed = has_lost(keeping->lister, ESTATE_ACCOUNTS);

	for (size_t i = 0; i < now->len && !needed; i++)
		needed = account_row(now, i)->detail == DETAIL_FAILED;
	if (!needed)
		return;
	for (uint32_t i = 0; i < now->len; i++)
		index_put(&keeping->now, account_text(keeping->texts, now, i), i);
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
		guid_print(entry_principal(vaults, from), to->principal);
		snprintf(to->application, sizeof to->application, "%s",
			rights->application ? "?" : "");
		snprintf(to->unknown, sizeof to->unknown, "%s",
			vault_rows_text(vaults, rights->unknown));
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
			stale_why(lister, ESTATE_VAULTS, row->subscription, NULL, row->hsm);
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
			accounts, account_shape(accounts, account_row(accounts, account))->why);
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
	struct key key;

	if (at == ROW_NONE)
		why = unlisted_why(keeping, key_rows_text(estate->keys, row->host),
			key_rows_text(estate->keys, row->text));
	else if (now->rows[at].detail == DETAIL_FAILED && !now->rows[at].listed)
		why = key_rows_text(now, now->rows[at].why);
	if (why == NULL || row->name == 0 || row->detail != DETAIL_KNOWN)
		return;
	row_key(estate, old, &key);
	kept = (uint32_t)key_rows_add(now, &key.id);
	if (row->whole)
		key_rows_set_bundle(now, kept, &key, &none);
	key_rows_set_versions(now, kept, &key, &none);
	now->rows[kept].used = row->used;
	now->rows[kept].why = pool_intern(now->pool, why);
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
		if (account_row(accounts, i)->key &&
			account_shape(accounts, account_row(accounts, i))->read_at)
			index_put(&keeping->used,
				account_rows_text(accounts, account_row(accounts, i)->key), i);
	for (uint32_t i = 0; i < now->len; i++)
		if (now->rows[i].name == 0)
			index_put(&keeping->now, key_rows_text(now, now->rows[i].host), i);
	for (size_t i = 0; i < keeping->estate->keys->len; i++)
		keep_key(keeping, i);
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
		stale_keep_gone(lister);
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

/* Its state follows from its vault and its key as well. */
bool
stale_account(const struct estate *estate, size_t at, struct stale *out)
{
	const struct account_shape *shape;
	struct account_sight sight;

	if (!estate->stale_rows)
		return false;
	shape = account_shape(estate->accounts, account_row(estate->accounts, at));
	if (is_stale(out, shape->read_at, account_rows_text(estate->accounts, shape->why)))
		return true;
	joins_sight(estate, at, &sight);
	return (sight.vault != ROW_NONE && stale_vault(estate, sight.vault, out)) ||
	       (sight.key != ROW_NONE && stale_key(estate, sight.key, out));
}
