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

/* True when the vault part of the chain holds; otherwise out is said. */
static bool
see_vault(const struct estate *estate, const struct account_row *row, struct account_sight *out)
{
	const struct vaults *vaults = estate->vaults;
	const struct vault_row *vault;
	uint8_t principal[16];
	perm_set lacks;
	bool found;

	joins_principal(estate, row, principal);
	if (hex_is_zero(principal)) {
		say(out, ACCOUNT_LOCKED, "the identity that opened the key is gone");
		return false;
	}
	if (out->vault == ROW_NONE) {
		say_unread(estate, out, ESTATE_VAULTS,
			estate->read & ESTATE_VAULTS
				? "its vault is not among those that can be read"
				: "its vault was not read");
		return false;
	}
	vault = &vaults->rows[out->vault];
	if (vault->model != GRANT_POLICIES) {
		say(out, ACCOUNT_UNKNOWN, "its vault grants by roles, which are not read");
		return false;
	}
	lacks = (PERM_GET | PERM_UNWRAP) &
		~perm_effective(vault_rows_rights(vaults, out->vault, principal, &found));
	if (lacks)
		say(out, ACCOUNT_LOCKED,
			!found                ? "its identity has no access policy on the vault"
			: lacks & PERM_UNWRAP ? "its identity lacks unwrapKey"
					      : "its identity lacks get");
	return lacks == 0;
}

static void
see_key(const struct estate *estate, const struct account_row *row, struct account_sight *out)
{
	const struct keys *keys = estate->keys;
	const struct key_row *key;
	const char *version = account_rows_text(estate->accounts, row->version);

	if (out->key == ROW_NONE) {
		say_unread(estate, out, ESTATE_KEYS,
			estate->read & ESTATE_KEYS ? "its key is not among those that were listed"
						   : "its key was not read");
		return;
	}
	key = &keys->rows[out->key];
	if (key->detail != DETAIL_KNOWN) {
		say_unread(estate, out, ESTATE_KEYS,
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
	const struct account_row *row = &estate->accounts->rows[account];
	struct keyid id;

	*out = (struct account_sight){.behind = -1, .key = ROW_NONE, .vault = ROW_NONE, .why = ""};
	if (row->detail == DETAIL_LOADING) {
		say(out, ACCOUNT_UNKNOWN, "it was not read yet");
		out->loading = (estate_busy(estate) & ESTATE_ACCOUNTS) != 0;
		return;
	}
	if (row->detail == DETAIL_FAILED || row->source == KEY_SOURCE_UNKNOWN) {
		say(out, ACCOUNT_UNKNOWN,
			row->detail == DETAIL_FAILED ? account_rows_text(estate->accounts, row->why)
						     : "the reply names no key source");
		return;
	}
	if (row->source == KEY_SOURCE_MICROSOFT) {
		say(out, ACCOUNT_NONE, "");
		return;
	}
	if (row->key) {
		const char *text = account_rows_text(estate->accounts, row->key);

		key_text_split(text, &id);
		out->key = key_rows_find(estate->keys, text);
		out->vault = vault_rows_find(estate->vaults, id.host);
	}
	if (see_vault(estate, row, out))
		see_key(estate, row, out);
}
