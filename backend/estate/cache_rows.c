/* What is kept of each row. A row that does not fit the others, or that no request could be built
 * from, ends the reading: a cache is whole or not there. */
#include "backend/estate/cache_rows.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"

enum { NO_SUBSCRIPTION = UINT16_MAX };

static const int64_t last_second = 253402300799; /* of the year 9999 */

static uint16_t
take_subscription(struct cells *cells, const struct cached *out)
{
	int64_t at = cells_take_number(cells, CACHE_SUBSCRIPTIONS - 1);

	cells->bad |=
		(size_t)at >= out->subscriptions_len || out->subscriptions[at] == NO_SUBSCRIPTION;
	return cells->bad ? 0 : out->subscriptions[at];
}

static size_t
count_subscriptions(const struct estate *estate)
{
	return estate->subscriptions_len < CACHE_SUBSCRIPTIONS ? estate->subscriptions_len
							       : CACHE_SUBSCRIPTIONS;
}

/* One of which nothing was read leaves its number only. */
static void
put_subscription(struct cells *cells, const struct estate *estate, size_t row)
{
	cells_put_text(
		cells, estate->subscriptions[row].cached ? "" : estate->subscriptions[row].id);
	cells_put_text(cells, estate->subscriptions[row].name);
}

/* One that only the cache knows is not asked for anything. */
static void
take_a_subscription(struct cells *cells, struct cached *out)
{
	struct estate *estate = out->estate;
	size_t before = estate->subscriptions_len, len;
	char id[37], name[sizeof estate->subscriptions->name];
	const char *text = cells_take_raw(cells, &len);
	uint16_t number;

	text_clean(id, sizeof id, text, len);
	text = cells_take_raw(cells, &len);
	text_clean(name, sizeof name, text, len);
	cells->bad |=
		(id[0] && !armid_is_guid(id)) || out->subscriptions_len == CACHE_SUBSCRIPTIONS;
	if (cells->bad)
		return;
	out->subscriptions[out->subscriptions_len++] = NO_SUBSCRIPTION;
	if (id[0] == '\0')
		return;
	number = estate_subscription_add(estate, id, name);
	if (estate->subscriptions_len > before)
		estate->subscriptions[number].cached = true;
	out->subscriptions[out->subscriptions_len - 1] = number;
}

/* Whether these texts make an id that requests can be built from. */
static bool
names_resource(const char *group, const char *name)
{
	return armid_is_group(group) && armid_is_name(name);
}

static size_t
count_accounts(const struct estate *estate)
{
	return estate->accounts->len;
}

static void
put_account(struct cells *cells, const struct estate *estate, size_t at)
{
	const struct accounts *accounts = estate->accounts;
	const struct account_row *row = account_row(accounts, at);
	const struct account_shape *shape = account_shape(accounts, row);

	cells_put_number(cells, row->subscription);
	cells_put_text(cells, services[row->service]->name);
	cells_put_text(cells, account_rows_name(accounts, at, cells->name));
	cells_put_text(cells, account_rows_text(accounts, shape->group));
	cells_put_text(cells, account_rows_text(accounts, shape->location));
	cells_put_text(cells, account_rows_text(accounts, shape->tags));
	cells_put_number(cells, row->detail);
	cells_put_number(cells, row->system);
	cells_put_number(cells, row->source);
	cells_put_number(cells, row->mode);
	cells_put_bytes(cells, account_rows_principal(accounts, at));
	cells_put_text(cells, account_rows_text(accounts, shape->tenant));
	cells_put_text(cells, account_rows_text(accounts, shape->users));
	cells_put_text(cells, account_rows_text(accounts, shape->user_key));
	cells_put_text(cells, account_rows_text(accounts, shape->federated));
	cells_put_text(cells, account_rows_text(accounts, row->key));
	cells_put_text(cells, account_rows_text(accounts, row->version));
	cells_put_text(cells, account_rows_text(accounts, shape->why));
}

static uint8_t
take_service(struct cells *cells)
{
	size_t len;
	const char *name = cells_take_raw(cells, &len);

	for (uint8_t i = 0; i < services_len; i++)
		if (strcmp(services[i]->name, name) == 0)
			return i;
	cells->bad = true;
	return 0;
}

static void
take_account(struct cells *cells, struct cached *out)
{
	struct accounts *accounts = out->accounts;
	struct pool *pool = accounts->pool;
	struct account_row row = {0};
	struct account_shape shape = {0};
	uint8_t principal[16] = {0};
	char name[sizeof((struct armid *)0)->name];

	row.subscription = take_subscription(cells, out);
	row.service = take_service(cells);
	cells->bad |= !text_copy(name, sizeof name, cells_take_clean(cells));
	shape.group = cells_take_text(cells, pool);
	shape.location = cells_take_text(cells, pool);
	shape.tags = cells_take_tags(cells, pool);
	row.detail = cells_take_number(cells, DETAIL_FAILED) & 3;
	row.system = cells_take_number(cells, TRI_YES) & 3;
	row.source = cells_take_number(cells, KEY_SOURCE_CUSTOMER) & 3;
	row.mode = cells_take_number(cells, KEY_MODE_AUTO) & 3;
	cells_take_bytes(cells, principal);
	shape.tenant = cells_take_text(cells, pool);
	shape.users = cells_take_lines(cells, pool);
	shape.user_key = cells_take_text(cells, pool);
	shape.federated = cells_take_text(cells, pool);
	row.key = cells_take_text(cells, pool);
	row.version = cells_take_text(cells, pool);
	shape.why = cells_take_text(cells, pool);
	row.shape = account_shape_number(accounts, &shape);
	cells->bad = cells->bad || !names_resource(pool_text(pool, shape.group), name);
	account_row_add(accounts, name, principal, &row);
}

static size_t
count_vaults(const struct estate *estate)
{
	return estate->vaults->len;
}

static void
put_vault(struct cells *cells, const struct estate *estate, size_t at)
{
	const struct vaults *vaults = estate->vaults;
	const struct vault_row *row = &vaults->rows[at];

	cells_put_number(cells, row->subscription);
	cells_put_number(cells, row->hsm);
	cells_put_text(cells, vault_rows_text(vaults, row->name));
	cells_put_text(cells, vault_rows_text(vaults, row->group));
	cells_put_text(cells, vault_rows_text(vaults, row->location));
	cells_put_text(cells, vault_rows_text(vaults, row->uri));
	cells_put_text(cells, vault_rows_text(vaults, row->tenant));
	cells_put_text(cells, vault_rows_text(vaults, row->sku));
	cells_put_text(cells, vault_rows_text(vaults, row->host));
	cells_put_text(cells, vault_rows_text(vaults, row->network_default));
	cells_put_text(cells, vault_rows_text(vaults, row->network_bypass));
	cells_put_text(cells, vault_rows_text(vaults, row->public_access));
	cells_put_number(cells, row->retention);
	cells_put_number(cells, row->soft_delete);
	cells_put_number(cells, row->purge_protection);
	cells_put_number(cells, row->model);
	cells_put_number(cells, row->entries);
	cells_put_number(cells, row->entries_len);
}

static void
take_vault(struct cells *cells, struct cached *out)
{
	struct vaults *vaults = out->vaults;
	struct pool *pool = vaults->pool;
	struct vault_row row = {0};

	row.subscription = take_subscription(cells, out);
	row.hsm = cells_take_number(cells, 1) & 1;
	row.name = cells_take_name(cells, pool);
	row.group = cells_take_text(cells, pool);
	row.location = cells_take_text(cells, pool);
	row.uri = cells_take_name(cells, pool);
	row.tenant = cells_take_text(cells, pool);
	row.sku = cells_take_text(cells, pool);
	row.host = cells_take_name(cells, pool);
	row.network_default = cells_take_text(cells, pool);
	row.network_bypass = cells_take_text(cells, pool);
	row.public_access = cells_take_text(cells, pool);
	row.retention = (uint16_t)cells_take_number(cells, UINT16_MAX);
	row.soft_delete = cells_take_number(cells, TRI_YES) & 3;
	row.purge_protection = cells_take_number(cells, TRI_YES) & 3;
	row.model = cells_take_number(cells, GRANT_RBAC) & 3;
	row.entries = (uint32_t)cells_take_number(cells, CACHE_ROWS);
	row.entries_len = (uint32_t)cells_take_number(cells, CACHE_ROWS);
	cells->bad = cells->bad ||
		     !names_resource(pool_text(pool, row.group), pool_text(pool, row.name));
	vaults->rows = rows_grow(vaults->rows, vaults->len, &vaults->room, sizeof *vaults->rows);
	vaults->rows[vaults->len] = row;
	if (row.host)
		index_put(&vaults->hosts, pool_text(pool, row.host), (uint32_t)vaults->len);
	vaults->len++;
}

static size_t
count_entries(const struct estate *estate)
{
	return estate->vaults->entries_len;
}

static void
put_entry(struct cells *cells, const struct estate *estate, size_t at)
{
	const struct entry_row *row = &estate->vaults->entries[at];
	const struct entry_rights *rights = entry_rights(estate->vaults, row);

	cells_put_bytes(cells, entry_principal(estate->vaults, row));
	cells_put_number(cells, rights->keys);
	cells_put_text(cells, vault_rows_text(estate->vaults, rights->unknown));
	cells_put_number(cells, rights->others);
	cells_put_number(cells, rights->application);
}

static void
take_entry(struct cells *cells, struct cached *out)
{
	struct vaults *vaults = out->vaults;
	struct entry_rights rights = {0};
	uint8_t principal[16] = {0};

	cells_take_bytes(cells, principal);
	rights.keys = cells_take_number(cells, ENTRY_KEYS) & ENTRY_KEYS;
	rights.unknown = cells_take_text(cells, vaults->pool);
	rights.others = cells_take_number(cells, 1) == 1;
	rights.application = cells_take_number(cells, 1) == 1;
	entry_rows_add(vaults, principal, &rights);
}

static size_t
count_identities(const struct estate *estate)
{
	return estate->identities->len;
}

static void
put_identity(struct cells *cells, const struct estate *estate, size_t at)
{
	const struct identities *identities = estate->identities;
	const struct identity_row *row = &identities->rows[at];

	cells_put_number(cells, row->subscription);
	cells_put_text(cells, identity_rows_text(identities, row->name));
	cells_put_text(cells, identity_rows_text(identities, row->group));
	cells_put_text(cells, identity_rows_text(identities, row->location));
	cells_put_bytes(cells, row->principal);
	cells_put_bytes(cells, row->client);
	cells_put_bytes(cells, row->tenant);
}

static void
take_identity(struct cells *cells, struct cached *out)
{
	struct identities *identities = out->identities;
	struct pool *pool = identities->pool;
	struct identity_row row = {0};

	row.subscription = take_subscription(cells, out);
	row.name = cells_take_name(cells, pool);
	row.group = cells_take_text(cells, pool);
	row.location = cells_take_text(cells, pool);
	cells_take_bytes(cells, row.principal);
	cells_take_bytes(cells, row.client);
	cells_take_bytes(cells, row.tenant);
	cells->bad = cells->bad ||
		     !names_resource(pool_text(pool, row.group), pool_text(pool, row.name));
	identities->rows = rows_grow(
		identities->rows, identities->len, &identities->room, sizeof *identities->rows);
	identities->rows[identities->len++] = row;
}

static size_t
count_grants(const struct estate *estate)
{
	return estate->grants->len;
}

static void
put_grant(struct cells *cells, const struct estate *estate, size_t at)
{
	const struct grants *grants = estate->grants;
	const struct grant_row *row = &grants->rows[at];
	const struct grant_shape *shape = grant_shape(grants, row);

	cells_put_text(cells, grant_rows_text(grants, shape->scope));
	cells_put_bytes(cells, grant_principal(grants, row));
	cells_put_bytes(cells, shape->role);
	cells_put_text(cells, grant_rows_text(grants, shape->type));
}

static void
take_grant(struct cells *cells, struct cached *out)
{
	struct grants *grants = out->grants;
	struct grant_shape shape = {0};
	uint8_t principal[16] = {0};

	shape.scope = cells_take_text(cells, grants->pool);
	cells_take_bytes(cells, principal);
	cells_take_bytes(cells, shape.role);
	shape.type = cells_take_text(cells, grants->pool);
	grant_rows_add(grants, principal, &shape);
}

static size_t
count_keys(const struct estate *estate)
{
	return estate->keys->len;
}

static void
put_key(struct cells *cells, const struct estate *estate, size_t at)
{
	const struct keys *keys = estate->keys;
	const struct key_row *row = &keys->rows[at];

	cells_put_text(cells, key_rows_text(keys, row->host));
	cells_put_text(cells, key_rows_text(keys, row->name));
	cells_put_text(cells, key_rows_text(keys, row->text));
	cells_put_text(cells, key_rows_text(keys, row->kty));
	cells_put_text(cells, key_rows_text(keys, row->recovery));
	cells_put_text(cells, key_rows_text(keys, row->why));
	cells_put_number(cells, row->ops);
	cells_put_number(cells, row->bits);
	cells_put_number(cells, row->detail);
	cells_put_number(cells, row->whole);
	cells_put_number(cells, row->listed);
	cells_put_number(cells, row->hsm);
	cells_put_number(cells, row->denied);
	cells_put_number(cells, row->ops_known);
	cells_put_number(cells, row->versions);
	cells_put_number(cells, row->versions_len);
}

static void
take_key(struct cells *cells, struct cached *out)
{
	struct keys *keys = out->keys;
	struct pool *pool = keys->pool;
	struct key_row row = {0};

	row.host = cells_take_text(cells, pool);
	row.name = cells_take_name(cells, pool);
	row.text = cells_take_name(cells, pool);
	row.kty = cells_take_text(cells, pool);
	row.recovery = cells_take_text(cells, pool);
	row.why = cells_take_text(cells, pool);
	row.ops = (uint32_t)cells_take_number(cells, UINT32_MAX);
	row.bits = (uint16_t)cells_take_number(cells, UINT16_MAX);
	row.detail = cells_take_number(cells, DETAIL_FAILED) & 3;
	row.whole = cells_take_number(cells, 1) & 1;
	row.listed = cells_take_number(cells, 1) & 1;
	row.hsm = cells_take_number(cells, 1) & 1;
	row.denied = cells_take_number(cells, 1) & 1;
	row.ops_known = cells_take_number(cells, 1) & 1;
	row.versions = (uint32_t)cells_take_number(cells, CACHE_ROWS);
	row.versions_len = (uint32_t)cells_take_number(cells, CACHE_ROWS);
	keys->rows = rows_grow(keys->rows, keys->len, &keys->room, sizeof *keys->rows);
	keys->rows[keys->len] = row;
	keys->unlisted += row.name == 0;
	if (row.text)
		index_put(&keys->texts, pool_text(pool, row.text), (uint32_t)keys->len);
	keys->len++;
}

static size_t
count_versions(const struct estate *estate)
{
	return estate->keys->versions_len;
}

static void
put_version(struct cells *cells, const struct estate *estate, size_t at)
{
	const struct version_row *row = &estate->keys->versions[at];

	cells_put_bytes(cells, row->version);
	cells_put_number(cells, row->created);
	cells_put_number(cells, row->updated);
	cells_put_number(cells, row->expires);
	cells_put_number(cells, row->not_before);
	cells_put_number(cells, row->enabled);
}

static void
take_version(struct cells *cells, struct cached *out)
{
	struct keys *keys = out->keys;
	struct version_row row = {0};

	cells_take_bytes(cells, row.version);
	row.created = cells_take_number(cells, last_second);
	row.updated = cells_take_number(cells, last_second);
	row.expires = cells_take_number(cells, last_second);
	row.not_before = cells_take_number(cells, last_second);
	row.enabled = (uint8_t)cells_take_number(cells, TRI_YES);
	keys->versions = rows_grow(
		keys->versions, keys->versions_len, &keys->versions_room, sizeof *keys->versions);
	keys->versions[keys->versions_len++] = row;
}

const struct cache_table cache_tables[] = {
	{"subscriptions", "id, name", count_subscriptions, put_subscription, take_a_subscription},
	{"accounts",
		"subscription, service, name, grp, location, tags, detail, system, source, mode, "
		"principal, tenant, users, user_key, federated, key, version, why",
		count_accounts, put_account, take_account},
	{"vaults",
		"subscription, hsm, name, grp, location, uri, tenant, sku, host, network_default, "
		"network_bypass, public_access, retention, soft_delete, purge_protection, model, "
		"entries, entries_len",
		count_vaults, put_vault, take_vault},
	{"entries", "principal, keys, unknown, others, application", count_entries, put_entry,
		take_entry},
	{"identities", "subscription, name, grp, location, principal, client, tenant",
		count_identities, put_identity, take_identity},
	{"grants", "scope, principal, role, type", count_grants, put_grant, take_grant},
	{"keys",
		"host, name, text, kty, recovery, why, ops, bits, detail, whole, listed, hsm, denied, "
		"ops_known, versions, versions_len",
		count_keys, put_key, take_key},
	{"versions", "version, created, updated, expires, not_before, enabled", count_versions,
		put_version, take_version},
};
const size_t cache_tables_len = ARRAY_LEN(cache_tables);

void
cached_start(struct cached *cached, struct estate *estate)
{
	cached->estate = estate;
	cached->subscriptions_len = 0;
	cached->accounts = account_rows_new(&estate->principals);
	cached->vaults = vault_rows_new(&estate->principals);
	cached->keys = key_rows_new();
	cached->identities = identity_rows_new();
	cached->grants = grant_rows_new(&estate->principals);
}

void
cached_free(struct cached *cached)
{
	account_rows_free(cached->accounts);
	vault_rows_free(cached->vaults);
	key_rows_free(cached->keys);
	identity_rows_free(cached->identities);
	grant_rows_free(cached->grants);
}

static bool
fit_together(const struct cached *cached)
{
	const struct vaults *vaults = cached->vaults;
	const struct keys *keys = cached->keys;

	for (size_t i = 0; i < vaults->len; i++)
		if (vaults->rows[i].entries + (size_t)vaults->rows[i].entries_len >
			vaults->entries_len)
			return false;
	/* Who knows a key knows a version of it. */
	for (size_t i = 0; i < keys->len; i++)
		if (keys->rows[i].versions + (size_t)keys->rows[i].versions_len >
				keys->versions_len ||
			(keys->rows[i].detail == DETAIL_KNOWN && keys->rows[i].versions_len == 0))
			return false;
	return true;
}

/* What the tables hold changes places, not the tables: the lister points at them. */
bool
cached_adopt(struct cached *cached)
{
	struct estate *estate = cached->estate;
	struct accounts accounts = *estate->accounts;
	struct vaults vaults = *estate->vaults;
	struct keys keys = *estate->keys;
	struct identities identities = *estate->identities;
	struct grants grants = *estate->grants;

	if (!fit_together(cached))
		return false;
	account_rows_trim(cached->accounts);
	*estate->accounts = *cached->accounts;
	*estate->vaults = *cached->vaults;
	*estate->keys = *cached->keys;
	*estate->identities = *cached->identities;
	*estate->grants = *cached->grants;
	*cached->accounts = accounts;
	*cached->vaults = vaults;
	*cached->keys = keys;
	*cached->identities = identities;
	*cached->grants = grants;
	joins_drop(estate->joins);
	return true;
}
