/* Keys with their versions and who uses them. A vault whose keys may not be listed is a row too: it
 * would be a lie to show none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/estate/cell.h"
#include "backend/estate/show.h"

enum { DAY = 86400, SOON_DAYS = 30 };

enum {
	COLUMN_NAME,
	COLUMN_VAULT,
	COLUMN_TYPE,
	COLUMN_BITS,
	COLUMN_ENABLED,
	COLUMN_CREATED,
	COLUMN_EXPIRES,
	COLUMN_VERSIONS,
	COLUMN_USED,
	COLUMN_STATE,
};

static const struct kind_column columns[] = {
	[COLUMN_NAME] = {.name = "name", .title = "NAME", .width = 18},
	[COLUMN_VAULT] = {.name = "vault", .title = "VAULT", .width = 14},
	[COLUMN_TYPE] = {.name = "type", .title = "TYPE", .width = 8, .rank = 3},
	[COLUMN_BITS] = {.name = "bits", .title = "BITS", .width = 5, .rank = 3, .right = true},
	[COLUMN_ENABLED] =
		{.name = "enabled", .title = "ENABLED", .width = 8, .rank = 4, .words = true},
	[COLUMN_CREATED] = {.name = "created", .title = "CREATED", .width = 11, .rank = 5},
	[COLUMN_EXPIRES] = {.name = "expires", .title = "EXPIRES", .width = 11, .rank = 2},
	[COLUMN_VERSIONS] =
		{.name = "versions", .title = "VERSIONS", .width = 8, .rank = 2, .right = true},
	[COLUMN_USED] =
		{.name = "usedBy", .title = "USED BY", .width = 8, .rank = 1, .right = true},
	[COLUMN_STATE] = {.name = "state", .title = "STATE", .width = 14, .words = true},
};

static size_t
count(const struct estate *estate)
{
	return estate->keys->len;
}

static const struct version_row *
current(const struct estate *estate, const struct key_row *row)
{
	return row->versions_len ? &estate->keys->versions[row->versions] : NULL;
}

/* Whether a row of names or versions alone is about to be read whole. */
static bool
is_asked_for(const struct estate *estate, const struct key_row *row)
{
	return row->name && !row->whole && (estate_busy(estate) & ESTATE_KEYS);
}

static bool
is_loading(const struct estate *estate, const struct key_row *row)
{
	return row->detail == DETAIL_LOADING &&
	       (is_asked_for(estate, row) || (row->used && (estate_busy(estate) & ESTATE_USED)));
}

static enum cell_state
state_cell(const struct estate *estate, const struct key_row *row, char *out, size_t room)
{
	const struct version_row *version = current(estate, row);
	const char *kty = key_rows_text(estate->keys, row->kty);
	time_t now = clock_wall();

	if (is_loading(estate, row))
		return cell_say(out, room, "loading", CELL_LOADING);
	if (row->detail != DETAIL_KNOWN || version == NULL || version->enabled == TRI_UNKNOWN)
		return cell_say(out, room, "unknown", CELL_UNKNOWN);
	if (version->enabled == TRI_NO)
		return cell_say(out, room, "disabled", CELL_BAD);
	if (version->expires && version->expires <= now)
		return cell_say(out, room, "expired", CELL_BAD);
	if (version->not_before > now)
		return cell_say(out, room, "not valid yet", CELL_BAD);
	if (kty[0] && !text_case_starts(kty, "RSA"))
		return cell_say(out, room, "not RSA", CELL_WARN);
	if (version->expires && version->expires <= now + SOON_DAYS * DAY) {
		snprintf(out, room, "expires in %d d", (int)((version->expires - now) / DAY));
		return CELL_WARN;
	}
	if (kty[0])
		return cell_say(out, room, "ok", CELL_GOOD);
	return is_asked_for(estate, row) ? cell_say(out, room, "loading", CELL_LOADING)
					 : cell_say(out, room, "unknown", CELL_UNKNOWN);
}

/* Accounts are counted by version; one on a version that could not be read is not none. */
static enum cell_state
used_cell(const struct estate *estate, size_t at, char *out, size_t room)
{
	uint32_t used;

	if (estate_unread(estate, ESTATE_ACCOUNTS))
		return cell_unread(estate, ESTATE_ACCOUNTS, out, room);
	used = joins_key_used(estate, at);
	if (used == 0 && joins_first_user(estate, (uint32_t)at) != ROW_NONE)
		return is_loading(estate, &estate->keys->rows[at]) ? cell_loading(out, room)
								   : cell_unknown(out, room);
	return used ? cell_number(out, room, used) : cell_none(out, room);
}

/* What the replies for the one key tell. */
static enum cell_state
detail_cell(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const struct keys *keys = estate->keys;
	const struct key_row *row = &keys->rows[at];
	const struct version_row *version = current(estate, row);

	if (is_loading(estate, row) ||
		((column == COLUMN_TYPE || column == COLUMN_BITS) && is_asked_for(estate, row)))
		return cell_loading(out, room);
	if (version == NULL)
		return cell_unknown(out, room);
	switch (column) {
	case COLUMN_TYPE:
		return row->kty ? cell_text(out, room, key_rows_text(keys, row->kty))
				: cell_unknown(out, room);
	case COLUMN_BITS:
		return row->bits  ? cell_number(out, room, row->bits)
		       : row->kty ? cell_none(out, room)
				  : cell_unknown(out, room);
	case COLUMN_ENABLED:
		return version->enabled == TRI_YES  ? cell_say(out, room, "yes", CELL_KNOWN)
		       : version->enabled == TRI_NO ? cell_say(out, room, "no", CELL_BAD)
						    : cell_unknown(out, room);
	case COLUMN_CREATED:
		return cell_date(out, room, version->created);
	case COLUMN_EXPIRES:
		return cell_date(out, room, version->expires);
	default:
		return row->listed ? cell_number(out, room, row->versions_len)
				   : cell_unknown(out, room);
	}
}

/* The deleted ones stand behind those that are there, but for those that accounts are still on. */
const json_t *
kind_key_gone(const struct estate *estate, size_t row)
{
	size_t there = count(estate);

	return row < there ? joins_gone_used(estate, row) : joins_gone_alone(estate, row - there);
}

static enum cell_state
gone_cell(const struct estate *estate, size_t at, const json_t *gone, size_t column, char *out,
	size_t room)
{
	switch (column) {
	case COLUMN_NAME:
		return cell_json(out, room, gone, "name");
	case COLUMN_VAULT:
		return cell_json(out, room, gone, "vault");
	case COLUMN_STATE:
		return cell_say(out, room, "deleted", CELL_BAD);
	case COLUMN_USED:
		if (at < count(estate))
			return cell_number(out, room, (int64_t)kind_key_users(estate, at, NULL, 0));
		return cell_none(out, room);
	default:
		return cell_none(out, room);
	}
}

static enum cell_state
key_cell(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const struct keys *keys = estate->keys;
	const struct key_row *row = &keys->rows[at];
	struct keyid id;

	switch (column) {
	case COLUMN_NAME:
		return row->name ? cell_text(out, room, key_rows_text(keys, row->name))
				 : cell_unknown(out, room);
	case COLUMN_VAULT:
		key_rows_id(keys, at, &id);
		return cell_text(out, room, id.vault);
	case COLUMN_STATE:
		return state_cell(estate, row, out, room);
	case COLUMN_USED:
		return row->name ? used_cell(estate, at, out, room) : cell_unknown(out, room);
	default:
		return detail_cell(estate, at, column, out, room);
	}
}

static enum cell_state
cell_any(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const json_t *gone = kind_key_gone(estate, at);

	if (gone)
		return gone_cell(estate, at, gone, column, out, room);
	return at < count(estate) ? key_cell(estate, at, column, out, room)
				  : cell_unknown(out, room);
}

static int
compare(const struct estate *estate, size_t a, size_t b, size_t column)
{
	const struct key_row *rows = estate->keys->rows;
	const struct version_row none = {0}, *v, *w;

	v = current(estate, &rows[a]);
	w = current(estate, &rows[b]);
	v = v ? v : &none;
	w = w ? w : &none;
	switch (column) {
	case COLUMN_BITS:
		return cell_order(rows[a].bits, rows[b].bits);
	case COLUMN_CREATED:
		return cell_order(v->created, w->created);
	case COLUMN_EXPIRES: /* no expiry comes last */
		return cell_order(
			v->expires ? v->expires : INT64_MAX, w->expires ? w->expires : INT64_MAX);
	case COLUMN_VERSIONS:
		return cell_order(rows[a].versions_len, rows[b].versions_len);
	case COLUMN_USED:
		return cell_order(joins_key_used(estate, a), joins_key_used(estate, b));
	default:
		return cell_compare(&kind_key, estate, a, b, column);
	}
}

static int
compare_any(const struct estate *estate, size_t a, size_t b, size_t column)
{
	if (kind_key_gone(estate, a) || kind_key_gone(estate, b))
		return cell_compare(&kind_key_any, estate, a, b, column);
	return compare(estate, a, b, column);
}

/* A vault whose keys are not known: the same fields, all unknown. */
static json_t *
json_unknown(const struct estate *estate, size_t at)
{
	static const char *const fields[] = {"id", "name", "kty", "bits", "operations", "enabled",
		"created", "expires", "current", "versions", "rotationPolicy", "recoveryLevel"};
	const struct key_row *row = &estate->keys->rows[at];
	json_t *out = json_object();
	struct keyid id;

	key_rows_id(estate->keys, at, &id);
	json_object_set_new(out, "vault", json_string(id.vault));
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		show_unknown(out, fields[i], key_rows_text(estate->keys, row->why));
	return out;
}

static json_t *
json(const struct estate *estate, size_t at)
{
	static const char *const fields[] = {
		"kty", "bits", "operations", "enabled", "versions", "recoveryLevel"};
	const struct key_row *row = &estate->keys->rows[at];
	struct key key;
	json_t *out;

	if (row->name == 0)
		return json_unknown(estate, at);
	row_key(estate, at, &key);
	out = show_key(&key, estate);
	for (size_t i = 0; row->why && i < ARRAY_LEN(fields); i++)
		if (json_object_get(json_object_get(out, "unknown"), fields[i]))
			show_reason(out, fields[i], key_rows_text(estate->keys, row->why));
	key_free(&key);
	return out;
}

static json_t *
json_any(const struct estate *estate, size_t at)
{
	const json_t *gone = kind_key_gone(estate, at);

	return gone ? stale_gone_copy(gone) : json(estate, at);
}

static bool
stale_any(const struct estate *estate, size_t at, struct stale *out)
{
	const json_t *gone = kind_key_gone(estate, at);

	return gone ? stale_gone(estate, ESTATE_GONE_KEYS, gone, out) : stale_key(estate, at, out);
}

static size_t
unlisted(const struct estate *estate, const uint32_t *rows, size_t len)
{
	size_t n = 0;

	if (rows == NULL || estate->keys->unlisted == 0)
		return estate->keys->unlisted;
	for (size_t i = 0; i < len; i++)
		n += rows[i] < estate->keys->len && estate->keys->rows[rows[i]].name == 0;
	return n;
}

const struct kind kind_key = {
	.name = "key",
	.title = "Keys",
	.one = "Key",
	.empty = "No keys were found.",
	.part = ESTATE_KEYS,
	.also = ESTATE_ACCOUNTS,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count,
	.cell = key_cell,
	.compare = compare,
	.json = json,
	.stale = stale_key,
	.unlisted = unlisted,
};

void
kind_key_id(const struct estate *estate, size_t row, struct keyid *out)
{
	const json_t *gone = row < count(estate) ? NULL : kind_key_gone(estate, row);

	if (gone == NULL)
		key_rows_id(estate->keys, row, out);
	else if (!keyid_parse(out, json_string_value(json_object_get(gone, "id")),
			 session_cloud(estate->session), NULL))
		*out = (struct keyid){0};
	out->version[0] = '\0';
}

size_t
kind_key_users(const struct estate *estate, size_t row, size_t *out, size_t max)
{
	size_t found = 0;

	for (uint32_t i = joins_first_user(estate, (uint32_t)row); i != ROW_NONE;
		i = joins_next_user(estate, i)) {
		if (out && found < max)
			out[found] = i;
		found++;
	}
	return found;
}

static size_t
count_any(const struct estate *estate)
{
	return count(estate) + joins_gone(estate);
}

const struct kind kind_key_any = {
	.name = "key",
	.title = "Keys",
	.one = "Key",
	.empty = "No keys were found.",
	.part = ESTATE_KEYS,
	.also = ESTATE_ACCOUNTS | ESTATE_GONE_KEYS,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count_any,
	.cell = cell_any,
	.compare = compare_any,
	.json = json_any,
	.stale = stale_any,
	.unlisted = unlisted,
};

json_t *
show_users(const struct estate *estate, const struct keyid *key, const char *version)
{
	const struct accounts *accounts = estate->accounts;
	char text[KEYID_MAX];
	json_t *out;
	uint32_t row;

	if (estate_unread(estate, ESTATE_ACCOUNTS))
		return json_null();
	out = json_array();
	snprintf(text, sizeof text, "%s/%s", key->host, key->key);
	row = key_rows_find(estate->keys, text);
	for (uint32_t i = row == ROW_NONE ? ROW_NONE : joins_first_user(estate, row); i != ROW_NONE;
		i = joins_next_user(estate, i)) {
		const struct account_row *account = account_row(accounts, i);
		const char *used = account_rows_text(accounts, account->version);
		char name[ROW_NAME];

		if (used[0] ? text_casecmp(used, version) == 0
			    : account->mode == KEY_MODE_AUTO &&
					text_casecmp(version, key->version) == 0)
			json_array_append_new(
				out, json_string(account_rows_name(accounts, i, name)));
	}
	return out;
}
