/* An account's state as far as the lists tell: the judgement of facts_state, on packed rows. */
#include <string.h>

#include "backend/estate/inside.h"

static void
say(struct account_sight *out, enum account_state state, const char *why)
{
	out->state = state;
	out->why = why;
}

/* Still being read, or never asked for: both are unknown, only the first will change by itself. */
static void
say_unread(const struct estate *estate, struct account_sight *out, unsigned part, const char *why)
{
	say(out, ACCOUNT_UNKNOWN, why);
	out->loading = (estate_busy(estate) & part) != 0 && !(estate->read & part);
}

/* The same by roles. */
static bool
see_roles(const struct estate *estate, const struct account_row *row, const uint8_t principal[16],
	struct account_sight *out)
{
	const char *key = strchr(account_rows_text(estate->accounts, row->key), '/'), *maybe;
	perm_set lacks = PERM_GET | PERM_UNWRAP;

	if (estate->vaults->rows[out->vault].hsm) {
		say(out, ACCOUNT_UNKNOWN, "its HSM's own role assignments are not read");
		return false;
	}
	if (!estate_has(estate, ESTATE_GRANTS)) {
		say_unread(estate, out, ESTATE_GRANTS,
			"the role assignments on its vault were not read");
		return false;
	}
	lacks &= ~joins_role_rights(estate, out->vault, principal, key ? key + 1 : NULL, &maybe);
	if (lacks)
		say(out, maybe[0] ? ACCOUNT_UNKNOWN : ACCOUNT_LOCKED,
			maybe[0] ? maybe : "its identity has no role that opens the key");
	return lacks == 0;
}

/* True when the vault part of the chain holds; otherwise out is said. */
static bool
see_vault(const struct estate *estate, size_t account, struct account_sight *out)
{
	const struct account_row *row = account_row(estate->accounts, account);
	const struct account_shape *shape = account_shape(estate->accounts, row);
	const struct vaults *vaults = estate->vaults;
	const struct vault_row *vault;
	uint8_t principal[16];
	perm_set lacks;
	bool found;

	joins_principal(estate, account, principal);
	if (shape->federated) {
		say(out, ACCOUNT_UNKNOWN, "an application opens its key in another tenant");
		return false;
	}
	if (hex_is_zero(principal) && services[row->service]->one_identity && shape->users) {
		say(out, ACCOUNT_UNKNOWN, "which of its identities opens the key is not told");
		return false;
	}
	if (hex_is_zero(principal)) {
		say(out, ACCOUNT_LOCKED, "the identity that opened the key is gone");
		return false;
	}
	if (out->vault == ROW_NONE) {
		say_unread(estate, out, ESTATE_VAULTS,
			estate_has(estate, ESTATE_VAULTS)
				? "its vault is not among those that can be read"
				: "its vault was not read");
		return false;
	}
	vault = &vaults->rows[out->vault];
	if (vault->why) {
		say(out, ACCOUNT_UNKNOWN, vault_rows_text(vaults, vault->why));
		return false;
	}
	if (vault->model != GRANT_POLICIES)
		return see_roles(estate, row, principal, out);
	lacks = (PERM_GET | PERM_UNWRAP) &
		~perm_effective(vault_rows_rights(vaults, out->vault, principal, &found));
	if (lacks)
		say(out, ACCOUNT_LOCKED,
			!found                ? "its identity has no access policy on the vault"
			: lacks & PERM_UNWRAP ? "its identity lacks unwrapKey"
					      : "its identity lacks get");
	return lacks == 0;
}

/* The versions are all that is needed: what kind of key it is does not matter here. */
static void
see_key(const struct estate *estate, const struct account_row *row, struct account_sight *out)
{
	const struct keys *keys = estate->keys;
	const struct key_row *key;
	const char *version = account_rows_text(estate->accounts, row->version);

	if (out->key == ROW_NONE) {
		say_unread(estate, out, ESTATE_KEYS | ESTATE_USED,
			estate_has(estate, ESTATE_KEYS | ESTATE_USED)
				? "its key is not among those that were listed"
				: "its key was not read");
		return;
	}
	key = &keys->rows[out->key];
	if (key->listed && key->versions_len == 0) {
		say(out, ACCOUNT_LOCKED, "its key is not there");
		return;
	}
	if (key->detail != DETAIL_KNOWN) {
		say_unread(estate, out, ESTATE_KEYS | ESTATE_USED,
			key->why ? key_rows_text(keys, key->why) : "its key was not read");
		return;
	}
	out->behind = version[0] ? key_rows_version(keys, key, version) : 0;
	if (out->behind < 0 && key->listed)
		say(out, ACCOUNT_LOCKED, "its key version is not there");
	else if (out->behind < 0)
		say(out, ACCOUNT_UNKNOWN, "the versions of its key could not be read");
	else if (keys->versions[key->versions + (uint32_t)out->behind].enabled == TRI_NO)
		say(out, ACCOUNT_LOCKED, "its key version is disabled");
	else
		say(out, ACCOUNT_OK, "");
}

void
joins_sight(const struct estate *estate, size_t account, struct account_sight *out)
{
	const struct accounts *accounts = estate->accounts;
	const struct account_row *row = account_row(accounts, account);
	struct keyid id;

	*out = (struct account_sight){.behind = -1, .key = ROW_NONE, .vault = ROW_NONE, .why = ""};
	if (row->detail == DETAIL_LOADING) {
		say(out, ACCOUNT_UNKNOWN, "it was not read yet");
		out->loading = (estate_busy(estate) & ESTATE_ACCOUNTS) != 0;
		return;
	}
	if (row->detail == DETAIL_FAILED || row->source == KEY_SOURCE_UNKNOWN) {
		say(out, ACCOUNT_UNKNOWN,
			row->detail == DETAIL_FAILED
				? account_rows_text(accounts, account_shape(accounts, row)->why)
				: "the reply names no key source");
		return;
	}
	if (row->source == KEY_SOURCE_MICROSOFT) {
		say(out, ACCOUNT_NONE, "");
		return;
	}
	if (row->key) {
		const char *text = account_rows_text(accounts, row->key);

		key_text_split(text, &id);
		out->key = key_rows_find(estate->keys, text);
		out->vault = vault_rows_find(estate->vaults, id.host);
	}
	if (see_vault(estate, account, out))
		see_key(estate, row, out);
}
