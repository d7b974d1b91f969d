/* Vaults: what protects their keys, and who says who may use them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/cell.h"
#include "backend/estate/show.h"

enum {
	COLUMN_NAME,
	COLUMN_KIND,
	COLUMN_SOFT,
	COLUMN_PURGE,
	COLUMN_RETENTION,
	COLUMN_GRANTS,
	COLUMN_KEYS,
	COLUMN_STATE,
	COLUMN_LOCATION,
	COLUMN_GROUP,
	COLUMN_SUBSCRIPTION,
};

static const struct kind_column columns[] = {
	[COLUMN_NAME] = {.name = "name", .title = "NAME", .width = 18},
	[COLUMN_KIND] = {.name = "kind", .title = "KIND", .width = 6, .rank = 5, .words = true},
	[COLUMN_SOFT] = {.name = "softDelete",
		.title = "SOFT DELETE",
		.width = 11,
		.rank = 1,
		.words = true},
	[COLUMN_PURGE] = {.name = "purgeProtection",
		.title = "PURGE PROT.",
		.width = 11,
		.words = true},
	[COLUMN_RETENTION] =
		{.name = "retention", .title = "RETENTION", .width = 9, .rank = 3, .right = true},
	[COLUMN_GRANTS] =
		{.name = "grants", .title = "GRANTS", .width = 9, .rank = 2, .words = true},
	[COLUMN_KEYS] = {.name = "keys", .title = "KEYS", .width = 5, .rank = 2, .right = true},
	[COLUMN_STATE] = {.name = "state", .title = "STATE", .width = 14, .words = true},
	[COLUMN_LOCATION] = {.name = "location", .title = "LOCATION", .width = 14, .rank = 4},
	[COLUMN_GROUP] = {.name = "resourceGroup",
		.title = "RESOURCE GROUP",
		.width = 16,
		.rank = 4},
	[COLUMN_SUBSCRIPTION] = {.name = "subscription",
		.title = "SUBSCRIPTION",
		.width = 14,
		.rank = 6},
};

static size_t
count(const struct estate *estate)
{
	return estate->vaults->len;
}

static enum cell_state
protection(unsigned tri, char *out, size_t room)
{
	if (tri == TRI_UNKNOWN)
		return cell_unknown(out, room);
	return tri == TRI_YES ? cell_say(out, room, "on", CELL_GOOD)
			      : cell_say(out, room, "off", CELL_BAD);
}

static enum cell_state
keys_cell(const struct estate *estate, size_t at, char *out, size_t room)
{
	const char *why;
	uint32_t keys;

	switch (joins_vault_keys(estate, (uint32_t)at, &keys, &why)) {
	case DETAIL_KNOWN:
		return cell_number(out, room, keys);
	case DETAIL_LOADING:
		return cell_loading(out, room);
	default:
		return cell_unknown(out, room);
	}
}

/* What its protection comes to. */
static enum cell_state
state_cell(const struct vault_row *row, char *out, size_t room)
{
	if (row->why)
		return cell_say(out, room, "unknown", CELL_UNKNOWN);
	if (row->soft_delete == TRI_NO || row->purge_protection == TRI_NO)
		return cell_say(out, room, "not protected", CELL_BAD);
	if (row->soft_delete == TRI_UNKNOWN || row->purge_protection == TRI_UNKNOWN)
		return cell_say(out, room, "unknown", CELL_UNKNOWN);
	return cell_say(out, room, "ok", CELL_GOOD);
}

static enum cell_state
vault_cell(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const struct vaults *vaults = estate->vaults;
	const struct vault_row *row = &vaults->rows[at];
	const struct subscription *subscription = &estate->subscriptions[row->subscription];

	switch (column) {
	case COLUMN_NAME:
		return cell_text(out, room, vault_rows_text(vaults, row->name));
	case COLUMN_KIND:
		return cell_text(out, room, row->hsm ? "HSM" : "vault");
	case COLUMN_SOFT:
		return protection(row->why ? TRI_UNKNOWN : row->soft_delete, out, room);
	case COLUMN_PURGE:
		return protection(row->why ? TRI_UNKNOWN : row->purge_protection, out, room);
	case COLUMN_RETENTION:
		snprintf(out, room, "%u d", row->retention);
		return row->retention && !row->why ? CELL_KNOWN : cell_unknown(out, room);
	case COLUMN_GRANTS:
		if (row->why)
			return cell_unknown(out, room);
		return cell_text(out, room, row->model == GRANT_RBAC ? "roles" : "policies");
	case COLUMN_KEYS:
		return keys_cell(estate, at, out, room);
	case COLUMN_STATE:
		return state_cell(row, out, room);
	case COLUMN_LOCATION:
		return cell_text(out, room, vault_rows_text(vaults, row->location));
	case COLUMN_GROUP:
		return cell_text(out, room, vault_rows_text(vaults, row->group));
	default:
		return cell_text(
			out, room, subscription->name[0] ? subscription->name : subscription->id);
	}
}

/* The deleted ones stand behind those that are there. */
const json_t *
kind_vault_gone(const struct estate *estate, size_t row)
{
	size_t there = count(estate);

	return row < there ? NULL : json_array_get(estate->gone, row - there);
}

/* By its name, as of those that are there. */
static enum cell_state
gone_subscription(const struct estate *estate, const json_t *gone, char *out, size_t room)
{
	const char *id = json_string_value(json_object_get(gone, "subscriptionId"));

	for (size_t i = 0; id && i < estate_subscriptions(estate); i++)
		if (text_casecmp(estate_subscription_id(estate, i), id) == 0)
			return cell_text(out, room, estate_subscription_name(estate, i));
	return cell_json(out, room, gone, "subscriptionId");
}

static enum cell_state
gone_cell(const struct estate *estate, const json_t *gone, size_t column, char *out, size_t room)
{
	switch (column) {
	case COLUMN_NAME:
		return cell_json(out, room, gone, "name");
	case COLUMN_KIND:
		return cell_text(out, room,
			strcmp(json_string_value(json_object_get(gone, "kind")), "vault") == 0
				? "vault"
				: "HSM");
	case COLUMN_SOFT:
		return protection(TRI_YES, out, room);
	case COLUMN_PURGE:
		return protection(
			json_is_true(json_object_get(gone, "purgeProtection")) ? TRI_YES : TRI_NO,
			out, room);
	case COLUMN_STATE:
		return cell_say(out, room, "deleted", CELL_BAD);
	case COLUMN_LOCATION:
		return cell_json(out, room, gone, "location");
	case COLUMN_GROUP:
		return cell_json(out, room, gone, "resourceGroup");
	case COLUMN_SUBSCRIPTION:
		return gone_subscription(estate, gone, out, room);
	default:
		return cell_none(out, room);
	}
}

static enum cell_state
cell(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const json_t *gone = kind_vault_gone(estate, at);

	return gone ? gone_cell(estate, gone, column, out, room)
		    : vault_cell(estate, at, column, out, room);
}

static int
compare(const struct estate *estate, size_t a, size_t b, size_t column)
{
	const struct vault_row *rows = estate->vaults->rows;
	uint32_t x, y;
	const char *why;

	if (kind_vault_gone(estate, a) || kind_vault_gone(estate, b))
		return cell_compare(&kind_vault, estate, a, b, column);
	if (column == COLUMN_RETENTION)
		return cell_order(rows[a].retention, rows[b].retention);
	if (column != COLUMN_KEYS)
		return cell_compare(&kind_vault, estate, a, b, column);
	joins_vault_keys(estate, (uint32_t)a, &x, &why);
	joins_vault_keys(estate, (uint32_t)b, &y, &why);
	return cell_order(x, y);
}

/* The names of a vault's keys, borrowed from the table of keys; the caller frees the array. */
static const char **
key_names(const struct estate *estate, const char *host, size_t *len)
{
	const struct keys *keys = estate->keys;
	const char **out = mem_alloc((keys->len + 1) * sizeof *out);

	*len = 0;
	for (size_t i = 0; i < keys->len; i++)
		if (text_casecmp(key_rows_text(keys, keys->rows[i].host), host) == 0)
			out[(*len)++] = key_rows_text(keys, keys->rows[i].name);
	return out;
}

static json_t *
json(const struct estate *estate, size_t at)
{
	/* what a change may have changed */
	static const char *const read_again[] = {
		"softDelete", "retentionDays", "purgeProtection", "grantModel", "network"};
	const json_t *gone = kind_vault_gone(estate, at);
	const struct vaults *vaults = estate->vaults;
	const char **names, *why;
	struct vault vault;
	uint32_t keys;
	size_t len;
	json_t *out;

	if (gone)
		return stale_gone_copy(gone);
	row_vault(estate, at, &vault);
	why = vault_rows_text(vaults, vaults->rows[at].why);
	names = key_names(estate, vault_rows_text(vaults, vaults->rows[at].host), &len);
	out = show_vault(&vault, names, len);
	for (size_t i = 0; why[0] && i < ARRAY_LEN(read_again); i++)
		show_unknown(out, read_again[i], why);
	if (joins_vault_keys(estate, (uint32_t)at, &keys, &why) != DETAIL_KNOWN)
		show_unknown(out, "keys", why);
	free(names);
	vault_free(&vault);
	return out;
}

static bool
stale(const struct estate *estate, size_t at, struct stale *out)
{
	const json_t *gone = kind_vault_gone(estate, at);

	return gone ? stale_gone(estate, ESTATE_GONE, gone, out) : stale_vault(estate, at, out);
}

const struct kind kind_vault = {
	.name = "vault",
	.title = "Vaults",
	.one = "Vault",
	.empty = "No key vaults were found.",
	.part = ESTATE_VAULTS,
	.also = ESTATE_NAMES,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count,
	.cell = cell,
	.compare = compare,
	.json = json,
	.stale = stale,
};

size_t
kind_vault_users(const struct estate *estate, size_t row, size_t *out, size_t max)
{
	const struct accounts *accounts = estate->accounts;
	const char *host = vault_rows_text(estate->vaults, estate->vaults->rows[row].host);
	size_t len = strlen(host), found = 0;

	for (size_t i = 0; len && i < accounts->len; i++) {
		const char *key = account_rows_text(accounts, account_row(accounts, i)->key);

		if (strncmp(key, host, len) != 0 || key[len] != '/')
			continue;
		if (found < max)
			out[found] = i;
		found++;
	}
	return found;
}

void
kind_vault_id(const struct estate *estate, size_t row, struct armid *out)
{
	const json_t *gone = kind_vault_gone(estate, row);
	struct err err;

	if (gone == NULL)
		estate_vault_id(estate, row, out);
	else if (!armid_take(out, json_string_value(json_object_get(gone, "id")), &err))
		*out = (struct armid){0};
}

static size_t
count_any(const struct estate *estate)
{
	return count(estate) + json_array_size(estate->gone);
}

const struct kind kind_vault_any = {
	.name = "vault",
	.title = "Vaults",
	.one = "Vault",
	.empty = "No key vaults were found.",
	.part = ESTATE_VAULTS,
	.also = ESTATE_NAMES | ESTATE_GONE,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count_any,
	.cell = cell,
	.compare = compare,
	.json = json,
	.stale = stale,
};
