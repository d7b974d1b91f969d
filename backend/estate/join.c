/* What follows from several tables: who uses which version, how many keys a vault has; who may do
 * what is in join_policies.c and join_roles.c. All of it is thrown away on every change and worked
 * out when somebody asks, in one pass over the rows: a view that does not show it does not pay for
 * it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/join.h"

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
	free(joins->roles);
	free(joins->owners);
	free(joins->counts);
	free(joins->gone);
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

uint32_t
joins_vault(const struct estate *estate, const struct account_row *row)
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
		const struct account_row *row = account_row(estate->accounts, i);
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

	count_used(estate);
	for (uint32_t i = 0; i < row->versions_len; i++)
		out += estate->joins->used[row->versions + i];
	return out;
}

/* Whether the vault itself tells of the key, and not only the accounts that are on it. */
static bool
is_seen(const struct keys *keys, size_t at)
{
	return keys->rows[at].kty != 0;
}

/* A deleted key that accounts are on is a row already, of which nothing else can be read. */
static void
find_gone(const struct estate *estate)
{
	struct joins *joins = estate->joins;
	char text[KEYID_MAX];
	struct keyid id;
	json_t *gone;
	size_t i;

	if (joins->gone_known)
		return;
	joins->gone = mem_alloc((json_array_size(estate->gone_keys) + 1) * sizeof *joins->gone);
	joins->gone_alone = 0;
	json_array_foreach(estate->gone_keys, i, gone)
	{
		const char *uri = json_string_value(json_object_get(gone, "id"));
		struct err err;
		uint32_t row = ROW_NONE;

		if (keyid_parse(&id, uri, session_cloud(estate->session), &err)) {
			snprintf(text, sizeof text, "%s/%s", id.host, id.key);
			row = key_rows_find(estate->keys, text);
		}
		joins->gone[i] = row != ROW_NONE && !is_seen(estate->keys, row) ? row : ROW_NONE;
		joins->gone_alone += joins->gone[i] == ROW_NONE;
	}
	joins->gone_known = true;
}

size_t
joins_gone(const struct estate *estate)
{
	find_gone(estate);
	return estate->joins->gone_alone;
}

const json_t *
joins_gone_alone(const struct estate *estate, size_t at)
{
	find_gone(estate);
	for (size_t i = 0; i < json_array_size(estate->gone_keys); i++)
		if (estate->joins->gone[i] == ROW_NONE && at-- == 0)
			return json_array_get(estate->gone_keys, i);
	return NULL;
}

const json_t *
joins_gone_used(const struct estate *estate, size_t key)
{
	if (is_seen(estate->keys, key))
		return NULL;
	find_gone(estate);
	for (size_t i = 0; i < json_array_size(estate->gone_keys); i++)
		if (estate->joins->gone[i] == key)
			return json_array_get(estate->gone_keys, i);
	return NULL;
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
	if (!estate_has(estate, ESTATE_NAMES))
		return estate_busy(estate) & ESTATE_NAMES ? DETAIL_LOADING : DETAIL_FAILED;
	count_keys(estate);
	*count = estate->joins->counts[vault].count;
	unknown = estate->joins->counts[vault].unknown;
	if (unknown == ROW_NONE)
		return DETAIL_KNOWN;
	*why = key_rows_text(keys, keys->rows[unknown].why);
	return DETAIL_FAILED;
}
