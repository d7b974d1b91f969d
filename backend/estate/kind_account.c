/* Accounts. A list names them long before it knows what encrypts them, so half of the columns start
 * as loading and each can stay unknown on its own. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/cell.h"

enum {
	COLUMN_NAME,
	COLUMN_TYPE,
	COLUMN_SOURCE,
	COLUMN_VAULT,
	COLUMN_KEY,
	COLUMN_VERSION,
	COLUMN_MODE,
	COLUMN_IDENTITY,
	COLUMN_STATE,
	COLUMN_GROUP,
	COLUMN_SUBSCRIPTION,
	COLUMN_LOCATION,
};

/* As the cells write them, so that a search for anything else can pass them over. */
static const char *const sources[] = {"microsoft", "customer", "–", "?", "…", NULL};
static const char *const modes[] = {"pinned", "auto", "–", "?", "…", NULL};
static const char *const identities[] = {"system", "user", "both", "–", "?", "…", NULL};
static const char *const states[] = {
	"not onboarded", "locked", "ok", "behind by #", "loading", "unknown", NULL};

static const struct kind_column columns[] = {
	[COLUMN_NAME] = {.name = "name", .title = "NAME", .width = 18, .own = true},
	[COLUMN_TYPE] = {.name = "type", .title = "TYPE", .width = 11, .rank = 1},
	[COLUMN_SOURCE] = {.name = "keySource",
		.title = "KEY SOURCE",
		.width = 11,
		.rank = 2,
		.words = true,
		.texts = sources},
	[COLUMN_VAULT] = {.name = "vault", .title = "VAULT", .width = 12, .rank = 1},
	[COLUMN_KEY] = {.name = "key", .title = "KEY", .width = 12, .rank = 1},
	[COLUMN_VERSION] = {.name = "version", .title = "VERSION", .width = 9, .rank = 2},
	[COLUMN_MODE] = {.name = "mode",
		.title = "MODE",
		.width = 7,
		.rank = 4,
		.words = true,
		.texts = modes},
	[COLUMN_IDENTITY] = {.name = "identity",
		.title = "IDENTITY",
		.width = 9,
		.rank = 3,
		.words = true,
		.texts = identities},
	[COLUMN_STATE] = {.name = "state",
		.title = "STATE",
		.width = 14,
		.words = true,
		.own = true,
		.texts = states},
	[COLUMN_GROUP] = {.name = "resourceGroup",
		.title = "RESOURCE GROUP",
		.width = 16,
		.rank = 5},
	[COLUMN_SUBSCRIPTION] = {.name = "subscription",
		.title = "SUBSCRIPTION",
		.width = 14,
		.rank = 6},
	[COLUMN_LOCATION] = {.name = "location", .title = "LOCATION", .width = 14, .rank = 7},
};

static size_t
count(const struct estate *estate)
{
	return estate->accounts->len;
}

static enum cell_state
identity_cell(
	const struct accounts *accounts, const struct account_row *row, char *out, size_t room)
{
	bool system = row->system == TRI_YES, user = account_shape(accounts, row)->users != 0;

	return cell_text(out, room,
		system && user ? "both"
		: system       ? "system"
		: user         ? "user"
			       : "");
}

static enum cell_state
state_cell(const struct estate *estate, size_t at, char *out, size_t room)
{
	struct account_sight sight;

	joins_sight(estate, at, &sight);
	switch (sight.state) {
	case ACCOUNT_NONE:
		return cell_say(out, room, "not onboarded", CELL_WARN);
	case ACCOUNT_LOCKED:
		return cell_say(out, room, "locked", CELL_BAD);
	case ACCOUNT_OK:
		if (sight.behind <= 0)
			return cell_say(out, room, "ok", CELL_GOOD);
		snprintf(out, room, "behind by %d", sight.behind);
		return CELL_WARN;
	case ACCOUNT_UNKNOWN:
		break;
	}
	return sight.loading ? cell_say(out, room, "loading", CELL_LOADING)
			     : cell_say(out, room, "unknown", CELL_UNKNOWN);
}

/* What only the reply for the one account tells. */
static enum cell_state
detail_cell(const struct estate *estate, const struct account_row *row, size_t column, char *out,
	size_t room)
{
	const struct accounts *accounts = estate->accounts;
	struct keyid key = {0};
	char version[9];

	if (row->detail == DETAIL_LOADING && (estate_busy(estate) & ESTATE_ACCOUNTS))
		return cell_loading(out, room);
	if (row->detail != DETAIL_KNOWN)
		return cell_unknown(out, room);
	if (column == COLUMN_IDENTITY)
		return identity_cell(accounts, row, out, room);
	if (row->source == KEY_SOURCE_UNKNOWN)
		return cell_unknown(out, room);
	if (row->key && (column == COLUMN_VAULT || column == COLUMN_KEY))
		key_text_split(account_rows_text(accounts, row->key), &key);
	switch (column) {
	case COLUMN_SOURCE:
		return cell_text(out, room, key_source_name(row->source));
	case COLUMN_VAULT:
		return cell_text(out, room, key.vault);
	case COLUMN_KEY:
		return cell_text(out, room, key.key);
	case COLUMN_VERSION:
		snprintf(
			version, sizeof version, "%.8s", account_rows_text(accounts, row->version));
		return cell_text(out, room, row->mode == KEY_MODE_AUTO ? "(latest)" : version);
	default:
		return cell_text(
			out, room, row->mode == KEY_MODE_NONE ? "" : key_mode_name(row->mode));
	}
}

static enum cell_state
cell(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const struct accounts *accounts = estate->accounts;
	const struct account_row *row = account_row(accounts, at);
	const struct account_shape *shape = account_shape(accounts, row);
	const struct subscription *subscription;
	char name[ROW_NAME];

	switch (column) {
	case COLUMN_NAME:
		return cell_text(out, room, account_rows_name(accounts, at, name));
	case COLUMN_TYPE:
		return cell_text(out, room, services[row->service]->title);
	case COLUMN_STATE:
		return state_cell(estate, at, out, room);
	case COLUMN_GROUP:
		return cell_text(out, room, account_rows_text(accounts, shape->group));
	case COLUMN_SUBSCRIPTION:
		subscription = &estate->subscriptions[row->subscription];
		return cell_text(
			out, room, subscription->name[0] ? subscription->name : subscription->id);
	case COLUMN_LOCATION:
		return cell_text(out, room, account_rows_text(accounts, shape->location));
	default:
		return detail_cell(estate, row, column, out, room);
	}
}

/* Numbers of what is said of rows that nothing better is known of. */
static const uint32_t latest = UINT32_MAX, loading = UINT32_MAX - 1, unknown = UINT32_MAX - 2;

/* Of what only the reply for the one account tells. */
static uint32_t
detail_value(const struct estate *estate, const struct account_row *row, size_t column)
{
	if (row->detail != DETAIL_KNOWN)
		return row->detail == DETAIL_LOADING && (estate_busy(estate) & ESTATE_ACCOUNTS)
			       ? loading
			       : unknown;
	if (column == COLUMN_IDENTITY)
		return 1u + row->system + (account_shape(estate->accounts, row)->users ? 4u : 0u);
	if (column == COLUMN_SOURCE)
		return (uint32_t)row->source + 1;
	if (row->source == KEY_SOURCE_UNKNOWN)
		return unknown;
	switch (column) {
	case COLUMN_VAULT:
	case COLUMN_KEY:
		return row->key + 1;
	case COLUMN_VERSION:
		return row->mode == KEY_MODE_AUTO ? latest : row->version + 1;
	default:
		return (uint32_t)row->mode + 1;
	}
}

/* None where a stale row may say of when it is. */
static uint32_t
state_value(const struct estate *estate, size_t at)
{
	struct account_sight sight;

	if (estate->stale_rows)
		return 0;
	joins_sight(estate, at, &sight);
	return sight.state == ACCOUNT_OK ? (uint32_t)(16 + sight.behind)
					 : 1u + 2u * sight.state + sight.loading;
}

static uint32_t
value(const struct estate *estate, size_t at, size_t column)
{
	const struct accounts *accounts = estate->accounts;
	const struct account_row *row = account_row(accounts, at);

	switch (column) {
	case COLUMN_NAME:
		return 0;
	case COLUMN_TYPE:
		return (uint32_t)row->service + 1;
	case COLUMN_STATE:
		return state_value(estate, at);
	case COLUMN_GROUP:
		return account_shape(accounts, row)->group + 1;
	case COLUMN_SUBSCRIPTION:
		return (uint32_t)row->subscription + 1;
	case COLUMN_LOCATION:
		return account_shape(accounts, row)->location + 1;
	default:
		return detail_value(estate, row, column);
	}
}

/* The name, which is another one in each row. */
static const char *
stored(const struct estate *estate, size_t at, size_t column, char out[ROW_NAME])
{
	return column == COLUMN_NAME ? account_rows_name(estate->accounts, at, out) : NULL;
}

/* Its state hangs on what its own identity may do, hence is of its own. */
static uint32_t
alike(const struct estate *estate, size_t at)
{
	return estate->accounts->places[at].row + 1;
}

/* Behind by 10 comes after behind by 9. Lists begin in the order of names, which are compared as
 * they are: a hundred thousand cells would take longer than a key may wait. */
static int
compare(const struct estate *estate, size_t a, size_t b, size_t column)
{
	const struct accounts *accounts = estate->accounts;
	struct account_sight x, y;
	char one[ROW_NAME], other[ROW_NAME];

	if (column == COLUMN_NAME)
		return text_casecmp(
			account_rows_name(accounts, a, one), account_rows_name(accounts, b, other));
	if (column != COLUMN_STATE)
		return cell_compare(&kind_account, estate, a, b, column);
	joins_sight(estate, a, &x);
	joins_sight(estate, b, &y);
	if (x.state == ACCOUNT_OK && y.state == ACCOUNT_OK)
		return cell_order(x.behind, y.behind);
	return cell_compare(&kind_account, estate, a, b, column);
}

static json_t *
json(const struct estate *estate, size_t at)
{
	struct facts facts;
	json_t *out;

	row_facts(estate, at, &facts);
	out = show_account(&facts);
	facts_free(&facts);
	return out;
}

const struct kind kind_account = {
	.name = "account",
	.title = "Accounts",
	.one = "Account",
	.empty = "No accounts of a kind that takes customer keys were found.",
	.part = ESTATE_ACCOUNTS,
	.also = ESTATE_VAULTS | ESTATE_USED | ESTATE_GRANTS,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count,
	.cell = cell,
	.compare = compare,
	.value = value,
	.text = stored,
	.alike = alike,
	.json = json,
	.stale = stale_account,
};

bool
kind_account_one_key(const struct estate *estate, const size_t *rows, size_t len)
{
	uint32_t key = len ? account_row(estate->accounts, rows[0])->key : 0;

	for (size_t i = 1; i < len; i++)
		if (account_row(estate->accounts, rows[i])->key != key)
			return false;
	return key != 0;
}

size_t
kind_account_sharing(const struct estate *estate, size_t at)
{
	const struct accounts *accounts = estate->accounts;
	uint32_t key = account_row(accounts, at)->key;
	size_t others = 0;

	for (size_t i = 0; key && i < accounts->len; i++)
		others += i != at && account_row(accounts, i)->key == key;
	return others;
}

void
kind_account_id(
	const struct estate *estate, size_t row, struct armid *out, const struct service **service)
{
	estate_account_id(estate, row, out);
	if (service)
		*service = services[account_row(estate->accounts, row)->service];
}
