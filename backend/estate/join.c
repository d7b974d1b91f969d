/* What follows from several tables: who uses which version, what a principal needs where, how far
 * an account is behind. All of it is thrown away on every change and worked out when somebody asks,
 * in one pass over the rows: a view that does not show it does not pay for it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"

struct joins {
	bool used_known, policies_known, counts_known;
	uint32_t *used;  /* by row of keys->versions */
	uint32_t *first; /* by row of keys: an account that uses it */
	uint32_t *next;  /* by row of accounts: the next one that uses the same key */
	struct policy_row *policies;
	size_t policies_len, policies_room;
	struct {
		uint32_t count, unknown; /* unknown: row of keys that tells why, ROW_NONE */
	} * counts;                      /* by row of vaults */
};

struct joins *
joins_new(void)
{
	return mem_alloc(sizeof(struct joins));
}

void
joins_drop(struct joins *joins)
{
	free(joins->used);
	free(joins->first);
	free(joins->next);
	free(joins->policies);
	free(joins->counts);
	*joins = (struct joins){0};
}

void
joins_free(struct joins *joins)
{
	if (joins)
		joins_drop(joins);
	free(joins);
}

static uint32_t
find_key(const struct estate *estate, const struct account_row *row)
{
	return row->key ? key_rows_find(estate->keys, account_rows_text(estate->accounts, row->key))
			: ROW_NONE;
}

static uint32_t
find_vault(const struct estate *estate, const struct account_row *row)
{
	struct keyid id;

	if (row->key == 0)
		return ROW_NONE;
	key_text_split(account_rows_text(estate->accounts, row->key), &id);
	return vault_rows_find(estate->vaults, id.host);
}

/* The version an account uses, as a place among its key's versions; -1 unknown. Without a version
 * of its own it uses the newest. */
static int
version_used(const struct estate *estate, const struct account_row *row, uint32_t key)
{
	const struct key_row *found = &estate->keys->rows[key];
	const char *version = account_rows_text(estate->accounts, row->version);

	if (version[0])
		return key_rows_version(estate->keys, found, version);
	return found->versions_len && row->mode == KEY_MODE_AUTO ? 0 : -1;
}

static void
count_used(const struct estate *estate)
{
	struct joins *joins = estate->joins;

	if (joins->used_known)
		return;
	joins->used = mem_alloc((estate->keys->versions_len + 1) * sizeof *joins->used);
	joins->first = mem_alloc((estate->keys->len + 1) * sizeof *joins->first);
	joins->next = mem_alloc((estate->accounts->len + 1) * sizeof *joins->next);
	memset(joins->first, 0xff, estate->keys->len * sizeof *joins->first);
	for (size_t i = estate->accounts->len; i-- > 0;) {
		const struct account_row *row = &estate->accounts->rows[i];
		uint32_t key = find_key(estate, row);
		int at = key == ROW_NONE ? -1 : version_used(estate, row, key);

		if (key != ROW_NONE) {
			joins->next[i] = joins->first[key];
			joins->first[key] = (uint32_t)i;
		}
		if (at >= 0)
			joins->used[estate->keys->rows[key].versions + (uint32_t)at]++;
	}
	joins->used_known = true;
}

uint32_t
joins_used(const struct estate *estate, size_t version)
{
	count_used(estate);
	return estate->joins->used[version];
}

uint32_t
joins_first_user(const struct estate *estate, uint32_t key)
{
	count_used(estate);
	return estate->joins->first[key];
}

uint32_t
joins_next_user(const struct estate *estate, uint32_t account)
{
	return estate->joins->next[account];
}

uint32_t
joins_key_used(const struct estate *estate, size_t key)
{
	const struct key_row *row = &estate->keys->rows[key];
	uint32_t out = 0;

	for (uint32_t i = 0; i < row->versions_len; i++)
		out += joins_used(estate, row->versions + i);
	return out;
}

static void
count_keys(const struct estate *estate)
{
	struct joins *joins = estate->joins;
	const struct keys *keys = estate->keys;

	if (joins->counts_known)
		return;
	joins->counts = mem_alloc((estate->vaults->len + 1) * sizeof *joins->counts);
	for (size_t i = 0; i < estate->vaults->len; i++)
		joins->counts[i].unknown = ROW_NONE;
	for (size_t i = 0; i < keys->len; i++) {
		const char *host = key_rows_text(keys, keys->rows[i].host);
		uint32_t vault = vault_rows_find(estate->vaults, host);

		if (vault == ROW_NONE)
			continue;
		if (keys->rows[i].name)
			joins->counts[vault].count++;
		else
			joins->counts[vault].unknown = (uint32_t)i;
	}
	joins->counts_known = true;
}

enum detail
joins_vault_keys(const struct estate *estate, uint32_t vault, uint32_t *count, const char **why)
{
	const struct keys *keys = estate->keys;
	uint32_t unknown;

	*count = 0;
	*why = "its keys were not listed";
	if (!(estate->read & ESTATE_KEYS))
		return estate_busy(estate) & ESTATE_KEYS ? DETAIL_LOADING : DETAIL_FAILED;
	count_keys(estate);
	*count = estate->joins->counts[vault].count;
	unknown = estate->joins->counts[vault].unknown;
	if (unknown == ROW_NONE)
		return DETAIL_KNOWN;
	*why = key_rows_text(keys, keys->rows[unknown].why);
	return DETAIL_FAILED;
}

/* The principal out of the line "id principal client" of one user-assigned identity. */
static void
user_principal(const char *users, const char *id, uint8_t out[16])
{
	size_t len = strlen(id);

	memset(out, 0, 16);
	for (; *users; users += strcspn(users, "\n") + 1) {
		char guid[37];

		if (!text_case_starts(users, id) || users[len] != ' ')
			continue;
		snprintf(guid, sizeof guid, "%.*s", (int)strcspn(users + len + 1, " \n"),
			users + len + 1);
		hex_pack(guid, out);
		return;
	}
}

void
joins_principal(const struct estate *estate, const struct account_row *row, uint8_t out[16])
{
	const struct accounts *accounts = estate->accounts;

	if (row->user_key)
		user_principal(account_rows_text(accounts, row->users),
			account_rows_text(accounts, row->user_key), out);
	else
		memcpy(out, row->principal, 16);
}

static struct policy_row *
add_policy(struct joins *joins, uint32_t vault, const uint8_t principal[16])
{
	struct policy_row *row;

	joins->policies = rows_grow(joins->policies, joins->policies_len, &joins->policies_room,
		sizeof *joins->policies);
	row = &joins->policies[joins->policies_len++];
	*row = (struct policy_row){.vault = vault, .account = ROW_NONE};
	memcpy(row->principal, principal, 16);
	return row;
}

static void
add_entries(const struct estate *estate)
{
	const struct vaults *vaults = estate->vaults;

	for (uint32_t v = 0; v < vaults->len; v++)
		for (uint32_t i = 0; i < vaults->rows[v].entries_len; i++) {
			const struct entry_row *entry =
				&vaults->entries[vaults->rows[v].entries + i];
			struct policy_row *row = add_policy(estate->joins, v, entry->principal);

			row->entry = true;
			row->holds = entry->keys;
			row->unknown = entry->unknown;
			row->others = entry->others;
			row->application = entry->application;
		}
}

/* One row for every account that opens a key in a vault we know, whether it has an entry or not. */
static void
add_users(const struct estate *estate)
{
	for (uint32_t i = 0; i < estate->accounts->len; i++) {
		const struct account_row *account = &estate->accounts->rows[i];
		uint32_t vault = find_vault(estate, account);
		struct policy_row *row;
		uint8_t principal[16];

		joins_principal(estate, account, principal);
		if (vault == ROW_NONE || hex_is_zero(principal))
			continue;
		row = add_policy(estate->joins, vault, principal);
		row->account = i;
		row->user_key = account->user_key;
		row->needs = services[account->service]->policy_perms;
		row->uses = true;
	}
}

static int
compare_policies(const void *a, const void *b)
{
	const struct policy_row *x = a, *y = b;

	if (x->vault != y->vault)
		return x->vault < y->vault ? -1 : 1;
	if (x->application != y->application)
		return x->application ? 1 : -1;
	return memcmp(x->principal, y->principal, 16);
}

static void
merge_policies(struct joins *joins)
{
	size_t kept = 0;

	if (joins->policies_len > 1)
		qsort(joins->policies, joins->policies_len, sizeof *joins->policies,
			compare_policies);
	for (size_t i = 0; i < joins->policies_len; i++) {
		struct policy_row *row = &joins->policies[i], *last;

		if (kept == 0 || compare_policies(&joins->policies[kept - 1], row) != 0) {
			joins->policies[kept++] = *row;
			continue;
		}
		last = &joins->policies[kept - 1];
		last->holds |= row->holds;
		last->needs |= row->needs;
		last->entry |= row->entry;
		last->others |= row->others;
		last->uses |= row->uses;
		if (row->unknown)
			last->unknown = row->unknown;
		if (last->account == ROW_NONE || row->account < last->account) {
			last->account = row->account;
			last->user_key = row->user_key;
		}
	}
	joins->policies_len = kept;
}

struct owner {
	uint8_t principal[16];
	uint32_t account;
};

static int
compare_owners(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* Names the accounts behind principals that use no key of the vault: an identity that was granted
 * its rights before the switch is no stranger. */
static void
name_owners(const struct estate *estate)
{
	struct joins *joins = estate->joins;
	const struct accounts *accounts = estate->accounts;
	struct owner *owners = mem_alloc((accounts->len + 1) * sizeof *owners);
	size_t len = 0;

	for (uint32_t i = 0; i < accounts->len; i++) {
		if (hex_is_zero(accounts->rows[i].principal))
			continue;
		memcpy(owners[len].principal, accounts->rows[i].principal, 16);
		owners[len++].account = i;
	}
	if (len > 1)
		qsort(owners, len, sizeof *owners, compare_owners);
	for (size_t i = 0; i < joins->policies_len && len; i++) {
		struct policy_row *row = &joins->policies[i];
		const struct owner *owner;

		if (row->account != ROW_NONE)
			continue;
		owner = bsearch(row->principal, owners, len, sizeof *owners, compare_owners);
		if (owner)
			row->account = owner->account;
	}
	free(owners);
}

size_t
joins_policies(const struct estate *estate, const struct policy_row **out)
{
	struct joins *joins = estate->joins;

	if (!joins->policies_known) {
		add_entries(estate);
		add_users(estate);
		merge_policies(joins);
		name_owners(estate);
		joins->policies_known = true;
	}
	*out = joins->policies;
	return joins->policies_len;
}
