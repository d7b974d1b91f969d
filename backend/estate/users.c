/* Out of packed rows into what a plan can work on. */
#include "backend/estate/users.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"

static bool
uses(const struct accounts *accounts, const struct account_row *row, const struct keyid *key,
	struct keyid *used)
{
	if (row->key == 0)
		return false;
	key_text_split(account_rows_text(accounts, row->key), used);
	return text_casecmp(used->host, key->host) == 0 && text_casecmp(used->key, key->key) == 0;
}

static void
fill(const struct estate *estate, size_t at, struct key_user *out)
{
	const struct accounts *accounts = estate->accounts;
	const struct account_row *row = account_row(accounts, at);
	uint32_t user = account_shape(accounts, row)->user_key;
	uint8_t principal[16];
	struct facts facts;

	row_facts(estate, at, &facts);
	out->state = facts_state(&facts);
	facts_free(&facts);
	estate_account_id(estate, at, &out->id);
	out->service = services[row->service];
	out->mode = row->mode;
	snprintf(out->key.version, sizeof out->key.version, "%s",
		account_rows_text(accounts, row->version));
	if (user)
		snprintf(out->identity, sizeof out->identity, "%s",
			account_rows_text(accounts, user));
	joins_principal(estate, at, principal);
	guid_print(principal, out->principal);
}

static int
by_name(const void *a, const void *b)
{
	const struct key_user *one = a, *other = b;
	int order = text_casecmp(one->id.name, other->id.name);

	order = order ? order : text_casecmp(one->id.subscription, other->id.subscription);
	order = order ? order : text_casecmp(one->id.group, other->id.group);
	return order ? order : text_casecmp(one->id.type, other->id.type);
}

static void
add(const struct estate *estate, size_t at, const struct keyid *key, size_t len,
	struct key_user **out)
{
	*out = mem_resize(*out, (len + 1) * sizeof **out);
	(*out)[len] = (struct key_user){.key = *key};
	fill(estate, at, &(*out)[len]);
}

size_t
users_of(const struct estate *estate, const struct keyid *key, struct key_user **out)
{
	size_t len = 0;

	*out = NULL;
	for (size_t i = 0; i < estate->accounts->len; i++) {
		struct keyid used;

		if (!uses(estate->accounts, account_row(estate->accounts, i), key, &used))
			continue;
		add(estate, i, key, len++, out);
	}
	if (len)
		qsort(*out, len, sizeof **out, by_name);
	return len;
}

size_t
users_by(const struct estate *estate, const char *vault, const char *key, const char *principal,
	struct key_user **out)
{
	const struct accounts *accounts = estate->accounts;
	size_t len = 0;

	*out = NULL;
	for (size_t i = 0; i < accounts->len; i++) {
		uint32_t text = account_row(accounts, i)->key;
		uint8_t opener[16];
		char guid[37];
		struct keyid used;

		if (text == 0)
			continue;
		key_text_split(account_rows_text(accounts, text), &used);
		joins_principal(estate, i, opener);
		if (text_casecmp(used.vault, vault) == 0 &&
			(*key == '\0' || text_casecmp(used.key, key) == 0) &&
			text_casecmp(guid_print(opener, guid), principal) == 0)
			add(estate, i, &used, len++, out);
	}
	if (len)
		qsort(*out, len, sizeof **out, by_name);
	return len;
}

size_t
users_unread(const struct estate *estate)
{
	size_t n = json_object_size(estate->left_out);

	for (size_t i = 0; i < estate->accounts->len; i++) {
		const struct account_row *row = account_row(estate->accounts, i);

		n += row->detail != DETAIL_KNOWN || row->source == KEY_SOURCE_UNKNOWN ||
		     (row->source == KEY_SOURCE_CUSTOMER && row->key == 0);
	}
	for (size_t i = 0; i < estate_notes(estate); i++)
		n += estate_note_lacks(estate, i);
	return n;
}
