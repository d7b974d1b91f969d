/* Rows of vaults and keys hold numbers where a decoder gives texts. What rows share is stored once,
 * ids of 32 hexadecimal digits as 16 bytes. */
#include "backend/estate/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

uint32_t
principals_number(struct shapes *principals, const uint8_t principal[16])
{
	uint32_t item[4];

	memcpy(item, principal, sizeof item);
	return hex_is_zero(principal) ? 0 : shapes_number(principals, item) + 1;
}

const uint8_t *
principals_at(const struct shapes *principals, uint32_t number)
{
	static const uint8_t none[16];

	return number ? shapes_at(principals, number - 1) : none;
}

static char *
lower(char *text)
{
	for (char *p = text; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	return text;
}

uint32_t
rows_put_key(struct pool *pool, const struct keyid *id)
{
	char text[KEYID_MAX];

	if (id->host[0] == '\0' && id->key[0] == '\0')
		return 0;
	snprintf(text, sizeof text, "%s/%s", id->host, id->key);
	return pool_intern(pool, lower(text));
}

uint32_t
rows_put_why(struct pool *pool, const struct err *why)
{
	char text[sizeof why->code + sizeof why->msg + 2];

	if (why->code[0] && !strstr(why->msg, why->code))
		snprintf(text, sizeof text, "%s: %s", why->code, why->msg);
	else
		snprintf(text, sizeof text, "%s", why->msg);
	return pool_intern(pool, text);
}

static void
copy_part(char *dst, size_t room, const char *src, size_t len)
{
	if (len >= room)
		len = room - 1;
	memcpy(dst, src, len);
	dst[len] = '\0';
}

/* Done for every row of the screen at every key, hence no printing. */
void
key_text_split(const char *text, struct keyid *out)
{
	const char *slash = strchrnul(text, '/'), *key = *slash ? slash + 1 : slash;

	*out = (struct keyid){0};
	copy_part(out->host, sizeof out->host, text, (size_t)(slash - text));
	copy_part(out->vault, sizeof out->vault, text, strcspn(text, "./"));
	copy_part(out->key, sizeof out->key, key, strlen(key));
}

struct vaults *
vault_rows_new(struct shapes *principals)
{
	struct vaults *out = mem_alloc(sizeof *out);

	out->pool = pool_new();
	out->principals = principals;
	out->rights.size = sizeof(struct entry_rights);
	return out;
}

void
vault_rows_free(struct vaults *vaults)
{
	if (vaults == NULL)
		return;
	pool_free(vaults->pool);
	index_free(&vaults->hosts);
	shapes_free(&vaults->rights);
	free(vaults->rows);
	free(vaults->entries);
	free(vaults);
}

/* https://kv1.vault.azure.net:443/ to kv1.vault.azure.net. */
static void
host_of(const char *uri, char *out, size_t room)
{
	const char *at = text_case_starts(uri, "https://") ? uri + strlen("https://") : "";

	snprintf(out, room, "%.*s", (int)strcspn(at, "/"), at);
	lower(out);
	if (text_case_ends(out, ":443"))
		out[strlen(out) - strlen(":443")] = '\0';
}

const struct entry_rights *
entry_rights(const struct vaults *vaults, const struct entry_row *entry)
{
	return shapes_at(&vaults->rights, entry->rights);
}

const uint8_t *
entry_principal(const struct vaults *vaults, const struct entry_row *entry)
{
	return principals_at(vaults->principals, entry->principal);
}

void
entry_rows_add(
	struct vaults *vaults, const uint8_t principal[16], const struct entry_rights *rights)
{
	struct entry_row *entry;

	vaults->entries = rows_grow(vaults->entries, vaults->entries_len, &vaults->entries_room,
		sizeof *vaults->entries);
	entry = &vaults->entries[vaults->entries_len++];
	entry->principal = principals_number(vaults->principals, principal);
	entry->rights = shapes_number(&vaults->rights, rights);
}

static void
add_entries(struct vaults *vaults, struct vault_row *row, const struct vault *vault)
{
	row->entries = (uint32_t)vaults->entries_len;
	row->entries_len = (uint32_t)vault->policies_len;
	for (size_t i = 0; i < vault->policies_len; i++) {
		const struct policy_entry *from = &vault->policies[i];
		const struct entry_rights rights = {
			.keys = from->keys & ENTRY_KEYS,
			.unknown = pool_intern(vaults->pool, from->unknown),
			.others = from->others,
			.application = from->application[0] != '\0',
		};
		uint8_t principal[16];

		hex_pack(from->principal, principal);
		entry_rows_add(vaults, principal, &rights);
	}
}

void
vault_rows_add(struct vaults *vaults, const struct vault *vault, uint16_t subscription)
{
	char host[sizeof vault->uri];
	struct pool *pool = vaults->pool;
	struct vault_row *row;

	host_of(vault->uri, host, sizeof host);
	vaults->rows = rows_grow(vaults->rows, vaults->len, &vaults->room, sizeof *vaults->rows);
	row = &vaults->rows[vaults->len];
	*row = (struct vault_row){
		.name = pool_add(pool, vault->id.name),
		.group = pool_intern(pool, vault->id.group),
		.uri = pool_add(pool, vault->uri),
		.host = pool_add(pool, host),
		.subscription = subscription,
		.hsm = vault->hsm,
	};
	vault_rows_set(vaults, vaults->len, vault);
	if (host[0])
		index_put(&vaults->hosts, pool_text(pool, row->host), (uint32_t)vaults->len);
	vaults->len++;
}

void
vault_rows_set(struct vaults *vaults, size_t at, const struct vault *vault)
{
	struct vault_row *row = &vaults->rows[at];
	struct pool *pool = vaults->pool;

	row->location = pool_intern(pool, vault->location);
	row->tenant = pool_intern(pool, vault->tenant);
	row->sku = pool_intern(pool, vault->sku);
	row->network_default = pool_intern(pool, vault->network_default);
	row->network_bypass = pool_intern(pool, vault->network_bypass);
	row->public_access = pool_intern(pool, vault->public_access);
	row->retention = (uint16_t)vault->retention_days;
	row->soft_delete = vault->soft_delete;
	row->purge_protection = vault->purge_protection;
	row->model = vault->model;
	row->why = row->read_at = row->stale_why = 0;
	add_entries(vaults, row, vault);
}

void
vault_rows_fail(struct vaults *vaults, size_t at, const struct err *why)
{
	vaults->rows[at].why = rows_put_why(vaults->pool, why);
}

const char *
vault_rows_text(const struct vaults *vaults, uint32_t at)
{
	return pool_text(vaults->pool, at);
}

uint32_t
vault_rows_find(const struct vaults *vaults, const char *host)
{
	uint32_t row;

	return index_find(&vaults->hosts, host, &row) ? row : ROW_NONE;
}

perm_set
vault_rows_rights(
	const struct vaults *vaults, uint32_t vault, const uint8_t principal[16], bool *found)
{
	const struct vault_row *row = &vaults->rows[vault];
	perm_set out = 0;

	*found = false;
	for (uint32_t i = 0; i < row->entries_len; i++) {
		const struct entry_row *entry = &vaults->entries[row->entries + i];
		const struct entry_rights *rights = entry_rights(vaults, entry);

		if (rights->application ||
			memcmp(entry_principal(vaults, entry), principal, 16) != 0)
			continue;
		*found = true;
		out |= rights->keys;
	}
	return out;
}

struct keys *
key_rows_new(void)
{
	struct keys *out = mem_alloc(sizeof *out);

	out->pool = pool_new();
	return out;
}

void
key_rows_free(struct keys *keys)
{
	if (keys == NULL)
		return;
	pool_free(keys->pool);
	index_free(&keys->texts);
	free(keys->rows);
	free(keys->versions);
	free(keys);
}

size_t
key_rows_add(struct keys *keys, const struct keyid *id)
{
	struct pool *pool = keys->pool;
	uint32_t text = rows_put_key(pool, id), old = key_rows_find(keys, pool_text(pool, text));

	if (old != ROW_NONE)
		return old;
	keys->rows = rows_grow(keys->rows, keys->len, &keys->room, sizeof *keys->rows);
	keys->rows[keys->len] = (struct key_row){
		.host = pool_intern(pool, id->host),
		.name = pool_add(pool, id->key),
		.text = text,
		.hsm = id->hsm,
	};
	index_put(&keys->texts, pool_text(pool, text), (uint32_t)keys->len);
	return keys->len++;
}

void
key_rows_add_unknown(struct keys *keys, const char *host, const struct err *why)
{
	for (size_t i = 0; i < keys->len; i++)
		if (keys->rows[i].name == 0 &&
			strcmp(key_rows_text(keys, keys->rows[i].host), host) == 0)
			return;
	keys->rows = rows_grow(keys->rows, keys->len, &keys->room, sizeof *keys->rows);
	keys->unlisted++;
	keys->rows[keys->len++] = (struct key_row){
		.host = pool_intern(keys->pool, host),
		.why = rows_put_why(keys->pool, why),
		.detail = DETAIL_FAILED,
		.denied = why->kind == ERR_DENIED,
	};
}

static void
put_key_why(struct keys *keys, struct key_row *row, const struct err *why)
{
	row->why = why->kind ? rows_put_why(keys->pool, why) : 0;
	row->denied = why->kind == ERR_DENIED;
}

void
key_rows_set_bundle(struct keys *keys, size_t at, const struct key *key, const struct err *why)
{
	struct key_row *row = &keys->rows[at];

	row->kty = pool_intern(keys->pool, key->kty);
	row->recovery = pool_intern(keys->pool, key->recovery);
	row->bits = (uint16_t)key->bits;
	row->ops = key->ops;
	row->ops_known = key->ops_known;
	row->whole = true;
	put_key_why(keys, row, why);
}

void
key_rows_set_versions(struct keys *keys, size_t at, const struct key *key, const struct err *why)
{
	struct key_row *row = &keys->rows[at];

	put_key_why(keys, row, why);
	row->read_at = 0;
	row->listed = key->listed;
	row->detail = key->versions_len ? DETAIL_KNOWN : DETAIL_FAILED;
	row->versions = (uint32_t)keys->versions_len;
	row->versions_len = (uint32_t)key->versions_len;
	for (size_t i = 0; i < key->versions_len; i++) {
		const struct key_version *from = &key->versions[i];
		struct version_row *to;

		keys->versions = rows_grow(keys->versions, keys->versions_len, &keys->versions_room,
			sizeof *keys->versions);
		to = &keys->versions[keys->versions_len++];
		*to = (struct version_row){.created = from->created,
			.updated = from->updated,
			.expires = from->expires,
			.not_before = from->not_before,
			.enabled = (uint8_t)from->enabled};
		hex_pack(from->version, to->version);
	}
}

const char *
key_rows_text(const struct keys *keys, uint32_t at)
{
	return pool_text(keys->pool, at);
}

uint32_t
key_rows_find(const struct keys *keys, const char *text)
{
	uint32_t row;

	return index_find(&keys->texts, text, &row) ? row : ROW_NONE;
}

void
key_rows_id(const struct keys *keys, size_t at, struct keyid *out)
{
	const struct key_row *row = &keys->rows[at];
	const char *host = key_rows_text(keys, row->host);

	*out = (struct keyid){.hsm = row->hsm};
	snprintf(out->host, sizeof out->host, "%s", host);
	snprintf(out->vault, sizeof out->vault, "%.*s", (int)strcspn(host, "."), host);
	snprintf(out->key, sizeof out->key, "%s", key_rows_text(keys, row->name));
	if (row->versions_len)
		version_print(keys->versions[row->versions].version, out->version);
}

int
key_rows_version(const struct keys *keys, const struct key_row *row, const char *version)
{
	uint8_t packed[16];

	if (!hex_pack(version, packed))
		return -1;
	for (uint32_t i = 0; i < row->versions_len; i++)
		if (memcmp(keys->versions[row->versions + i].version, packed, 16) == 0)
			return (int)i;
	return -1;
}
