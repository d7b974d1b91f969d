/* Packed rows unpacked again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/estate/inside.h"

static void
put(char *out, size_t room, const char *text)
{
	snprintf(out, room, "%s", text);
}

/* One field of a line "id principal client". */
static const char *
field(const char *at, char *out, size_t room)
{
	size_t len = strcspn(at, " \n");

	snprintf(out, room, "%.*s", (int)len, at);
	return at[len] == ' ' ? at + len + 1 : at + len;
}

static void
unpack_users(const char *text, struct identity *out)
{
	while (*text && out->users_len < IDENTITIES_MAX) {
		size_t i = out->users_len++;

		text = field(text, out->users[i].id, sizeof out->users[i].id);
		text = field(text, out->users[i].principal, sizeof out->users[i].principal);
		text = field(text, out->users[i].client, sizeof out->users[i].client);
		text += *text == '\n';
	}
}

void
row_account(const struct estate *estate, size_t at, struct account *out)
{
	const struct accounts *accounts = estate->accounts;
	const struct account_row *row = account_row(accounts, at);
	const struct account_shape *shape = account_shape(accounts, row);

	*out = (struct account){.service = services[row->service]};
	estate_account_id(estate, at, &out->id);
	put(out->location, sizeof out->location, account_rows_text(accounts, shape->location));
	if (shape->tags)
		out->tags = json_loads(account_rows_text(accounts, shape->tags), 0, NULL);
	out->detailed = row->detail == DETAIL_KNOWN;
	out->identity.system = row->system;
	guid_print(account_rows_principal(accounts, at), out->identity.principal);
	put(out->identity.tenant, sizeof out->identity.tenant,
		account_rows_text(accounts, shape->tenant));
	unpack_users(account_rows_text(accounts, shape->users), &out->identity);
	out->source = row->source;
	out->mode = row->mode;
	out->queue_covered = row->queue;
	out->table_covered = row->table;
	if (row->key)
		key_text_split(account_rows_text(accounts, row->key), &out->key);
	put(row->mode == KEY_MODE_AUTO ? out->used : out->key.version, sizeof out->key.version,
		account_rows_text(accounts, row->version));
	put(out->federated, sizeof out->federated, account_rows_text(accounts, shape->federated));
	put(out->key_identity, sizeof out->key_identity,
		account_rows_text(accounts, shape->user_key));
}

/* Of a vault's access policies, which may be a thousand, only those of one principal: no rule looks
 * at the others. */
static void
add_policies(const struct vaults *vaults, const struct vault_row *row, const uint8_t principal[16],
	struct vault *out)
{
	for (uint32_t i = 0; i < row->entries_len; i++) {
		const struct entry_row *from = &vaults->entries[row->entries + i];
		const struct entry_rights *rights = entry_rights(vaults, from);
		struct policy_entry *to;

		if (memcmp(entry_principal(vaults, from), principal, 16) != 0)
			continue;
		out->policies =
			mem_resize(out->policies, (out->policies_len + 1) * sizeof *out->policies);
		to = &out->policies[out->policies_len++];
		*to = (struct policy_entry){.keys = rights->keys, .others = rights->others};
		guid_print(entry_principal(vaults, from), to->principal);
		put(to->application, sizeof to->application, rights->application ? "?" : "");
		put(to->unknown, sizeof to->unknown, vault_rows_text(vaults, rights->unknown));
	}
}

void
row_vault(const struct estate *estate, size_t at, struct vault *out)
{
	const struct vaults *vaults = estate->vaults;
	const struct vault_row *row = &vaults->rows[at];

	*out = (struct vault){.hsm = row->hsm,
		.soft_delete = row->soft_delete,
		.purge_protection = row->purge_protection,
		.model = row->model,
		.retention_days = row->retention};
	estate_vault_id(estate, at, &out->id);
	put(out->uri, sizeof out->uri, vault_rows_text(vaults, row->uri));
	put(out->location, sizeof out->location, vault_rows_text(vaults, row->location));
	put(out->tenant, sizeof out->tenant, vault_rows_text(vaults, row->tenant));
	put(out->sku, sizeof out->sku, vault_rows_text(vaults, row->sku));
	put(out->network_default, sizeof out->network_default,
		vault_rows_text(vaults, row->network_default));
	put(out->network_bypass, sizeof out->network_bypass,
		vault_rows_text(vaults, row->network_bypass));
	put(out->public_access, sizeof out->public_access,
		vault_rows_text(vaults, row->public_access));
}

void
row_key(const struct estate *estate, size_t at, struct key *out)
{
	const struct keys *keys = estate->keys;
	const struct key_row *row = &keys->rows[at];

	*out = (struct key){.bits = row->bits,
		.ops = row->ops,
		.ops_known = row->ops_known,
		.listed = row->listed,
		.versions_len = row->versions_len};
	key_rows_id(keys, at, &out->id);
	put(out->kty, sizeof out->kty, key_rows_text(keys, row->kty));
	put(out->recovery, sizeof out->recovery, key_rows_text(keys, row->recovery));
	if (row->versions_len == 0)
		return;
	out->versions = mem_alloc(row->versions_len * sizeof *out->versions);
	for (uint32_t i = 0; i < row->versions_len; i++) {
		const struct version_row *from = &keys->versions[row->versions + i];

		version_print(from->version, out->versions[i].version);
		out->versions[i].enabled = from->enabled;
		out->versions[i].created = from->created;
		out->versions[i].updated = from->updated;
		out->versions[i].expires = from->expires;
		out->versions[i].not_before = from->not_before;
	}
}

void
row_key_facts(const struct estate *estate, size_t at, struct facts *out)
{
	const struct key_row *row = &estate->keys->rows[at];

	row_key(estate, at, &out->key);
	out->key_known = row->detail == DETAIL_KNOWN             ? KNOWN_READ
			 : row->detail == DETAIL_LOADING         ? KNOWN_NOT_READ
			 : row->listed && row->versions_len == 0 ? KNOWN_ABSENT
			 : row->denied                           ? KNOWN_DENIED
								 : KNOWN_FAILED;
	if (row->why)
		err_set(&out->key_why, row->denied ? ERR_DENIED : ERR_FAILED, "", "%s",
			key_rows_text(estate->keys, row->why));
}

/* What is known of the key is of its current version: for an account on an older one its type, size
 * and operations are not known. */
static void
add_key(const struct estate *estate, const struct account_sight *sight, struct facts *out)
{
	row_key_facts(estate, sight->key, out);
	if (key_versions_behind(&out->key, account_version(&out->account)) == 0)
		return;
	out->key.kty[0] = '\0';
	out->key.bits = 0;
	out->key.ops = 0;
	out->key.ops_known = false;
}

void
row_roles(const struct estate *estate, uint32_t vault, struct facts *out)
{
	uint8_t principal[16];

	if (out->vault.model != GRANT_RBAC || out->vault.hsm || !estate_has(estate, ESTATE_GRANTS))
		return;
	hex_pack(account_principal(&out->account), principal);
	out->roles = joins_role_rights(
		estate, vault, principal, out->account.key.key, &out->roles_maybe);
	out->roles_known = KNOWN_READ;
}

static void
add_links(const struct estate *estate, size_t account, struct facts *out)
{
	const struct vaults *vaults = estate->vaults;
	struct account_sight sight;
	uint8_t principal[16];

	joins_sight(estate, account, &sight);
	if (out->account.source != KEY_SOURCE_CUSTOMER)
		return;
	if (sight.vault != ROW_NONE) {
		row_vault(estate, sight.vault, &out->vault);
		joins_principal(estate, account, principal);
		add_policies(vaults, &vaults->rows[sight.vault], principal, &out->vault);
		out->vault_known = KNOWN_READ;
		if (estate->vaults->rows[sight.vault].why) {
			out->vault_known = KNOWN_FAILED;
			err_set(&out->vault_why, ERR_FAILED, "", "%s", sight.why);
		}
		row_roles(estate, sight.vault, out);
	} else if (estate_has(estate, ESTATE_VAULTS)) {
		out->vault_known = KNOWN_FAILED;
		err_set(&out->vault_why, ERR_NOT_FOUND, "",
			"no vault %s is among those that this sign-in can list",
			out->account.key.vault);
	}
	if (sight.key != ROW_NONE) {
		add_key(estate, &sight, out);
	} else if (estate_has(estate, ESTATE_KEYS | ESTATE_USED)) {
		out->key_known = KNOWN_FAILED;
		err_set(&out->key_why, ERR_NOT_FOUND, "",
			"no key %s is among those that this sign-in can list",
			out->account.key.key);
	}
}

void
row_facts(const struct estate *estate, size_t at, struct facts *out)
{
	const struct accounts *accounts = estate->accounts;
	const struct account_row *row = account_row(accounts, at);

	*out = (struct facts){.now = clock_wall()};
	row_account(estate, at, &out->account);
	if (row->detail == DETAIL_FAILED) {
		out->account_known = KNOWN_FAILED;
		err_set(&out->account_why, ERR_FAILED, "", "%s",
			account_rows_text(accounts, account_shape(accounts, row)->why));
	}
	if (row->detail != DETAIL_KNOWN)
		return;
	out->account_known = KNOWN_READ;
	add_links(estate, at, out);
}
