/* User-assigned identities, and the accounts that have them. A system-assigned one is part of its
 * account and is shown there. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/cell.h"
#include "backend/estate/show.h"

enum {
	COLUMN_NAME,
	COLUMN_USED,
	COLUMN_PRINCIPAL,
	COLUMN_CLIENT,
	COLUMN_GROUP,
	COLUMN_SUBSCRIPTION,
	COLUMN_LOCATION,
};

static const struct kind_column columns[] = {
	[COLUMN_NAME] = {.name = "name", .title = "NAME", .width = 18},
	[COLUMN_USED] = {.name = "usedBy", .title = "USED BY", .width = 8, .right = true},
	[COLUMN_PRINCIPAL] = {.name = "principalId", .title = "PRINCIPAL", .width = 36, .rank = 1},
	[COLUMN_CLIENT] = {.name = "clientId", .title = "CLIENT", .width = 36, .rank = 3},
	[COLUMN_GROUP] = {.name = "resourceGroup",
		.title = "RESOURCE GROUP",
		.width = 16,
		.rank = 2},
	[COLUMN_SUBSCRIPTION] = {.name = "subscription",
		.title = "SUBSCRIPTION",
		.width = 14,
		.rank = 4},
	[COLUMN_LOCATION] = {.name = "location", .title = "LOCATION", .width = 14, .rank = 5},
};

static size_t
count(const struct estate *estate)
{
	return estate->identities->len;
}

static enum cell_state
cell(const struct estate *estate, size_t at, size_t column, char *out, size_t room)
{
	const struct identities *identities = estate->identities;
	const struct identity_row *row = &identities->rows[at];
	const struct subscription *subscription = &estate->subscriptions[row->subscription];
	char guid[37];

	switch (column) {
	case COLUMN_NAME:
		return cell_text(out, room, identity_rows_text(identities, row->name));
	case COLUMN_USED:
		if (estate_unread(estate, ESTATE_ACCOUNTS))
			return cell_unread(estate, ESTATE_ACCOUNTS, out, room);
		return cell_number(out, room, (int64_t)joins_owners(estate, row->principal));
	case COLUMN_PRINCIPAL:
		return cell_text(out, room, guid_print(row->principal, guid));
	case COLUMN_CLIENT:
		return cell_text(out, room, guid_print(row->client, guid));
	case COLUMN_GROUP:
		return cell_text(out, room, identity_rows_text(identities, row->group));
	case COLUMN_SUBSCRIPTION:
		return cell_text(
			out, room, subscription->name[0] ? subscription->name : subscription->id);
	default:
		return cell_text(out, room, identity_rows_text(identities, row->location));
	}
}

static int
compare(const struct estate *estate, size_t a, size_t b, size_t column)
{
	const struct identity_row *rows = estate->identities->rows;

	if (column != COLUMN_USED)
		return cell_compare(&kind_identity, estate, a, b, column);
	return cell_order((int64_t)joins_owners(estate, rows[a].principal),
		(int64_t)joins_owners(estate, rows[b].principal));
}

static json_t *
users(const struct estate *estate, const uint8_t principal[16])
{
	size_t len = joins_owners(estate, principal);
	json_t *out = json_array();

	for (size_t i = 0; i < len; i++) {
		const struct accounts *accounts = estate->accounts;
		uint32_t row = joins_owner(estate, principal, i);
		char name[ROW_NAME];

		json_array_append_new(out, json_string(account_rows_name(accounts, row, name)));
	}
	return out;
}

static json_t *
json(const struct estate *estate, size_t at)
{
	const struct identities *identities = estate->identities;
	const struct identity_row *row = &identities->rows[at];
	char principal[37], client[37], tenant[37], text[ARMID_MAX];
	struct armid id;
	json_t *out;

	kind_identity_id(estate, at, &id);
	out = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "id", armid_print(&id, text), "name",
		id.name, "principalId", show_text(guid_print(row->principal, principal)),
		"clientId", show_text(guid_print(row->client, client)), "tenantId",
		show_text(guid_print(row->tenant, tenant)), "usedBy",
		users(estate, row->principal));
	if (estate_unread(estate, ESTATE_ACCOUNTS))
		show_unknown(out, "usedBy", "the accounts were not read");
	show_end(out);
	return out;
}

const struct kind kind_identity = {
	.name = "identity",
	.title = "Identities",
	.one = "Identity",
	.empty = "No user-assigned identities were found.",
	.part = ESTATE_IDENTITIES,
	.also = ESTATE_ACCOUNTS,
	.columns = columns,
	.columns_len = ARRAY_LEN(columns),
	.count = count,
	.cell = cell,
	.compare = compare,
	.json = json,
};

void
kind_identity_id(const struct estate *estate, size_t at, struct armid *out)
{
	const struct identities *identities = estate->identities;
	const struct identity_row *row = &identities->rows[at];

	*out = (struct armid){.type = "Microsoft.ManagedIdentity/userAssignedIdentities"};
	snprintf(out->subscription, sizeof out->subscription, "%s",
		estate->subscriptions[row->subscription].id);
	snprintf(out->group, sizeof out->group, "%s", identity_rows_text(identities, row->group));
	snprintf(out->name, sizeof out->name, "%s", identity_rows_text(identities, row->name));
}
