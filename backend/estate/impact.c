/* A cut hits whoever uses the key, known to us or not. So everything that could hide a user of it
 * is said beside those that were found: nothing unread is counted as zero. */
#include "backend/estate/impact.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"
#include "backend/estate/show.h"

struct impact {
	struct estate *estate;
	struct keyid key;
	bool *users; /* by row of accounts */
	json_t *unknown;
};

static bool
uses(const struct impact *impact, const struct account_row *row)
{
	struct keyid used;

	if (row->key == 0)
		return false;
	key_text_split(account_rows_text(impact->estate->accounts, row->key), &used);
	return text_casecmp(used.host, impact->key.host) == 0 &&
	       text_casecmp(used.key, impact->key.key) == 0;
}

/* The id of the user-assigned identity that opens the key, or that it is the system's. */
static const char *
identity_of(const struct estate *estate, const struct account_row *row)
{
	uint32_t user = account_shape(estate->accounts, row)->user_key;

	if (user)
		return account_rows_text(estate->accounts, user);
	return row->system == TRI_YES ? "SystemAssigned" : "";
}

/* Of one that is seen to be unable to open its key (state locked) nothing is left to be cut. */
static json_t *
account_json(const struct impact *impact, size_t at)
{
	const struct accounts *accounts = impact->estate->accounts;
	const struct account_row *row = account_row(accounts, at);
	struct account_sight sight;
	char name[ROW_NAME];
	json_t *out =
		json_pack("{s:s, s:o, s:o, s:o}", "name", account_rows_name(accounts, at, name),
			"version", show_text(account_rows_text(accounts, row->version)), "mode",
			show_text(key_mode_name(row->mode)), "identity",
			show_text(identity_of(impact->estate, row)));

	joins_sight(impact->estate, at, &sight);
	json_object_set_new(out, "state", json_string(account_state_name(sight.state)));
	json_object_set_new(out, "why", show_text(sight.why));
	return out;
}

/* One list of accounts; of those that use the key what is not told of them is unknown as well. */
static json_t *
accounts_json(struct impact *impact)
{
	const struct accounts *accounts = impact->estate->accounts;
	json_t *out = json_array();

	for (size_t i = 0; i < accounts->len; i++) {
		const struct account_row *row = account_row(accounts, i);
		char room[ROW_NAME];
		const char *name = account_rows_name(accounts, i, room);

		impact->users[i] = uses(impact, row);
		if (impact->users[i])
			json_array_append_new(out, account_json(impact, i));
		if (row->detail != DETAIL_KNOWN)
			impact_add_unknown(impact->unknown, name,
				account_shape(accounts, row)->why
					? account_rows_text(
						  accounts, account_shape(accounts, row)->why)
					: "not read");
		else if (row->source == KEY_SOURCE_UNKNOWN ||
			 (row->source == KEY_SOURCE_CUSTOMER && row->key == 0))
			impact_add_unknown(
				impact->unknown, name, "the reply does not name the key it uses");
		else if (impact->users[i] && row->version == 0)
			impact_add_unknown(impact->unknown, name,
				"it follows new versions and does not tell which it is on");
	}
	return out;
}

/* What else an identity opens: whoever takes its grant away takes these as well. */
static json_t *
shared_one(const struct impact *impact, const uint8_t principal[16], const char *identity)
{
	const struct accounts *accounts = impact->estate->accounts;
	json_t *opens = json_array();
	char guid[37];

	for (size_t i = 0; i < accounts->len; i++) {
		const struct account_row *row = account_row(accounts, i);
		uint8_t other[16];
		struct keyid key;
		char text[260], name[ROW_NAME];

		joins_principal(impact->estate, i, other);
		if (impact->users[i] || row->key == 0 || memcmp(other, principal, 16) != 0)
			continue;
		key_text_split(account_rows_text(accounts, row->key), &key);
		snprintf(text, sizeof text, "%s/%s", key.vault, key.key);
		json_array_append_new(
			opens, json_pack("{s:s, s:s}", "account",
				       account_rows_name(accounts, i, name), "key", text));
	}
	if (json_array_size(opens))
		return json_pack("{s:s, s:s, s:o}", "identity", identity, "principalId",
			guid_print(principal, guid), "opens", opens);
	json_decref(opens);
	return NULL;
}

static bool
is_told(const json_t *shared, const uint8_t principal[16])
{
	char guid[37];
	json_t *one;
	size_t i;

	guid_print(principal, guid);
	json_array_foreach(shared, i,
		one) if (strcmp(json_string_value(json_object_get(one, "principalId")), guid) ==
			 0) return true;
	return false;
}

static json_t *
shared_json(const struct impact *impact)
{
	const struct accounts *accounts = impact->estate->accounts;
	json_t *out = json_array();

	for (size_t i = 0; i < accounts->len; i++) {
		uint8_t principal[16];
		json_t *one;

		if (!impact->users[i])
			continue;
		joins_principal(impact->estate, i, principal);
		if (hex_is_zero(principal) || is_told(out, principal))
			continue;
		one = shared_one(
			impact, principal, identity_of(impact->estate, account_row(accounts, i)));
		if (one)
			json_array_append_new(out, one);
	}
	return out;
}

/* Subscriptions that this sign-in sees and the profile leaves out. */
static void
add_left_out(const struct impact *impact)
{
	const char *id;
	json_t *name;

	json_object_foreach(impact->estate->left_out, id, name)
	{
		char what[200];

		snprintf(what, sizeof what, "subscription %s", json_string_value(name));
		impact_add_unknown(impact->unknown, what, "the profile leaves it out");
	}
}

/* Notes say "what: why". */
static void
add_unread(const struct impact *impact)
{
	const struct estate *estate = impact->estate;
	uint32_t key, vault = vault_rows_find(estate->vaults, impact->key.host);
	char text[KEYID_MAX];

	for (size_t i = 0; i < estate_notes(estate); i++) {
		const char *msg = estate_note(estate, i)->msg, *colon = strstr(msg, ": ");
		char what[200];

		if (!estate_note_lacks(estate, i))
			continue;
		snprintf(what, sizeof what, "%.*s", colon ? (int)(colon - msg) : 8,
			colon ? msg : "the lists");
		impact_add_unknown(impact->unknown, what, colon ? colon + 2 : msg);
	}
	add_left_out(impact);
	snprintf(text, sizeof text, "vault %s", impact->key.vault);
	if (vault == ROW_NONE)
		impact_add_unknown(impact->unknown, text,
			"it is not among those that this sign-in can list: who has rights there "
			"is not known");
	snprintf(text, sizeof text, "%s/%s", impact->key.host, impact->key.key);
	key = key_rows_find(estate->keys, text);
	if (key != ROW_NONE && estate->keys->rows[key].why) {
		snprintf(text, sizeof text, "key %s/%s", impact->key.vault, impact->key.key);
		impact_add_unknown(impact->unknown, text,
			key_rows_text(estate->keys, estate->keys->rows[key].why));
	}
}

static void
add_works(json_t *out, const char *service, const char *works, const char *source)
{
	json_array_append_new(out, json_pack("{s:o, s:s, s:s}", "service", show_text(service),
					   "works", works, "source", source));
}

static bool
is_used_by(const struct impact *impact, const struct service *service)
{
	const struct accounts *accounts = impact->estate->accounts;

	for (size_t i = 0; i < accounts->len; i++)
		if (impact->users[i] && services[account_row(accounts, i)->service] == service)
			return true;
	return false;
}

static json_t *
dark_json(const struct impact *impact)
{
	json_t *out = json_array();

	for (size_t i = 0; i < services_len; i++)
		if (is_used_by(impact, services[i]))
			json_array_append_new(
				out, json_pack("{s:s, s:s}", "service", services[i]->name, "what",
					     services[i]->impact));
	return out;
}

/* What holds for every service, then for those that use the key. */
static json_t *
works_json(const struct impact *impact)
{
	json_t *out = json_array();

	add_works(out, "",
		"A copy of the key that was restored from a backup into another vault: nothing "
		"done to this one reaches it. Where that may have happened, claviger evacuate "
		"moves the accounts to a new key",
		"Azure Key Vault backup, security considerations");
	add_works(out, "",
		"For a while whatever a service keeps of the key: it asks for it again a few "
		"times an hour, and no time is promised",
		"Azure Managed HSM scaling guidance");
	for (size_t i = 0; i < services_len; i++)
		if (is_used_by(impact, services[i]))
			add_works(out, services[i]->name, services[i]->still_works,
				services[i]->still_source);
	return out;
}

json_t *
impact_of(struct estate *estate, const struct keyid *key, struct err *err)
{
	struct impact impact = {.estate = estate, .key = *key, .unknown = json_array()};
	json_t *out = json_object(), *others = json_array(), *dark, *works;
	char uri[KEYID_MAX];
	bool ok;

	impact.key.version[0] = '\0';
	impact.users = mem_alloc((estate->accounts->len + 1) * sizeof *impact.users);
	json_object_set_new(out, "key", json_string(keyid_print(&impact.key, uri)));
	json_object_set_new(out, "accounts", accounts_json(&impact));
	json_object_set_new(out, "shared", shared_json(&impact));
	json_object_set(out, "others", others);
	add_unread(&impact);
	dark = dark_json(&impact);
	works = works_json(&impact);
	free(impact.users);
	/* It waits: the rows may be others afterwards. */
	ok = impact_add_others(estate, &impact.key, others, impact.unknown, err);
	json_object_set_new(out, "unknown", impact.unknown);
	json_object_set_new(out, "goesDark", dark);
	json_object_set_new(out, "stillWorks", works);
	json_decref(others);
	if (ok)
		return out;
	json_decref(out);
	return NULL;
}
