/* From what an operator types to one resource. A name that does not fit gets the names that come
 * closest, because it is usually a slip of the finger; a name that fits twice is never guessed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/inside.h"

enum { NEAR_MAX = 3, NAME_MAX_COMPARED = 63 };

_Static_assert(sizeof((struct armid *)0)->name == ROW_NAME, "a row's name fits an id");

void
estate_account_id(const struct estate *estate, size_t at, struct armid *out)
{
	const struct accounts *accounts = estate->accounts;
	const struct account_row *row = account_row(accounts, at);

	*out = (struct armid){0};
	snprintf(out->subscription, sizeof out->subscription, "%s",
		estate->subscriptions[row->subscription].id);
	snprintf(out->group, sizeof out->group, "%s",
		account_rows_text(accounts, account_shape(accounts, row)->group));
	snprintf(out->type, sizeof out->type, "%s", services[row->service]->arm_type);
	account_rows_name(accounts, at, out->name);
}

void
estate_vault_id(const struct estate *estate, size_t at, struct armid *out)
{
	const struct vaults *vaults = estate->vaults;
	const struct vault_row *row = &vaults->rows[at];

	*out = (struct armid){0};
	snprintf(out->type, sizeof out->type, "%s", vault_type(row->hsm));
	snprintf(out->subscription, sizeof out->subscription, "%s",
		estate->subscriptions[row->subscription].id);
	snprintf(out->group, sizeof out->group, "%s", vault_rows_text(vaults, row->group));
	snprintf(out->name, sizeof out->name, "%s", vault_rows_text(vaults, row->name));
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Edits (insert, delete, change) between two names, case ignored. */
static size_t
distance(const char *a, const char *b)
{
	size_t above[NAME_MAX_COMPARED + 1], rows = strlen(a), columns = strlen(b);

	if (rows > NAME_MAX_COMPARED || columns > NAME_MAX_COMPARED)
		return SIZE_MAX;
	for (size_t j = 0; j <= columns; j++)
		above[j] = j;
	for (size_t i = 1; i <= rows; i++) {
		size_t corner = above[0];

		above[0] = i;
		for (size_t j = 1; j <= columns; j++) {
			size_t change = corner + (lower(a[i - 1]) != lower(b[j - 1]));
			size_t insert = above[j - 1] + 1, take = above[j] + 1;

			corner = above[j];
			above[j] = change < insert ? change : insert;
			if (take < above[j])
				above[j] = take;
		}
	}
	return above[columns];
}

struct near {
	char names[NEAR_MAX][ROW_NAME];
	size_t score[NEAR_MAX], len;
};

/* Keeps the closest few, in order; the same name once. */
static void
consider(struct near *near, const char *want, const char *name)
{
	size_t score = distance(want, name), at;
	size_t limit = strlen(want) / 4 + 1;

	if (score > limit && strlen(want) > 2 &&
		(text_case_has(name, want) || (strlen(name) > 2 && text_case_has(want, name))))
		score = limit;
	if (score > limit)
		return;
	for (at = 0; at < near->len; at++)
		if (strcmp(near->names[at], name) == 0)
			return;
	for (at = near->len < NEAR_MAX ? near->len++ : NEAR_MAX; at > 0; at--) {
		if (near->score[at - 1] <= score)
			break;
		if (at < NEAR_MAX) {
			memcpy(near->names[at], near->names[at - 1], ROW_NAME);
			near->score[at] = near->score[at - 1];
		}
	}
	if (at < NEAR_MAX) {
		snprintf(near->names[at], ROW_NAME, "%s", name);
		near->score[at] = score;
	}
}

static bool
not_found(const struct estate *estate, const char *what, const char *name, const struct near *near,
	struct err *err)
{
	char shown[160], names[400] = "", unread[80] = "";
	size_t used = 0;

	text_cleans(shown, sizeof shown, name);
	for (size_t i = 0; i < near->len && used < sizeof names; i++)
		used += (size_t)snprintf(names + used, sizeof names - used, "%s%.100s",
			i ? ", " : "; did you mean ", near->names[i]);
	if (estate_notes(estate))
		snprintf(unread, sizeof unread, " (%zu things could not be read)",
			estate_notes(estate));
	return err_set(err, ERR_NOT_FOUND, "",
		"%s '%s' is not there%s%s%s claviger %s list shows all", what, shown, unread, names,
		near->len ? "?" : ";", what);
}

static bool
ambiguous(const char *what, const char *name, const struct armid *a, const struct armid *b,
	struct err *err)
{
	char first[ARMID_MAX], second[ARMID_MAX];

	return err_set(err, ERR_USAGE, "", "%s '%s' is there more than once; give the id: %s or %s",
		what, name, armid_print(a, first), armid_print(b, second));
}

static bool
by_id(const char *name, const char *group, struct armid *out, struct err *err)
{
	if (!armid_parse(out, name, err))
		return false;
	if (group && text_casecmp(out->group, group) != 0)
		return err_set(err, ERR_USAGE, "",
			"the id is in resource group %s, but %s was asked for; leave one of them "
			"out",
			out->group, group);
	return true;
}

bool
estate_find_account(struct estate *estate, const char *name, const char *group, struct armid *out,
	const struct service **service, struct err *err)
{
	struct near near = {0};
	bool found = false;

	if (name[0] == '/') {
		if (!by_id(name, group, out, err))
			return false;
		*service = service_find(out->type);
		return *service || err_set(err, ERR_USAGE, "",
					   "account %s: %s has no keys that claviger can change",
					   out->name, out->type);
	}
	if (!estate_load_names(estate, err))
		return false;
	for (size_t i = 0; i < estate->accounts->len; i++) {
		const struct accounts *accounts = estate->accounts;
		const struct account_row *row = account_row(accounts, i);
		char room[ROW_NAME];
		const char *text = account_rows_name(accounts, i, room);
		uint32_t in = account_shape(accounts, row)->group;
		struct armid id;

		if (group && text_casecmp(account_rows_text(accounts, in), group) != 0)
			continue;
		if (text_casecmp(text, name) != 0) {
			consider(&near, name, text);
			continue;
		}
		estate_account_id(estate, i, &id);
		if (found && !armid_same(out, &id))
			return ambiguous("account", name, out, &id, err);
		*out = id;
		*service = services[row->service];
		found = true;
	}
	return found || not_found(estate, "account", name, &near, err);
}

/* Names of vaults are unique in a cloud, and those of HSMs among themselves: a host in id, where
 * there is one, decides. id gets the host. */
static bool
find_vault(struct estate *estate, const char *name, struct armid *out, struct keyid *id,
	struct err *err)
{
	struct near near = {0};
	const struct vaults *vaults;

	if (!estate_load(estate, ESTATE_VAULTS, err))
		return false;
	vaults = estate->vaults;
	for (size_t i = 0; i < vaults->len; i++) {
		const char *text = vault_rows_text(vaults, vaults->rows[i].name);
		const char *host = vault_rows_text(vaults, vaults->rows[i].host);

		if (text_casecmp(text, name) != 0) {
			consider(&near, name, text);
			continue;
		}
		if (id->host[0] && text_casecmp(id->host, host) != 0)
			continue;
		estate_vault_id(estate, i, out);
		snprintf(id->host, sizeof id->host, "%s", host);
		id->hsm = vaults->rows[i].hsm;
		return true;
	}
	return not_found(estate, "vault", name, &near, err);
}

bool
estate_find_vault(struct estate *estate, const char *name, struct armid *out, struct err *err)
{
	const struct cloud *cloud = session_cloud(estate->session);
	struct keyid id = {0};
	char uri[KEYID_MAX];

	if (name[0] == '/') {
		if (!by_id(name, NULL, out, err))
			return false;
		for (int hsm = 0; hsm < 2; hsm++)
			if (text_casecmp(out->type, vault_type(hsm)) == 0)
				return text_copy(out->type, sizeof out->type, vault_type(hsm));
		return err_set(
			err, ERR_USAGE, "", "%s is a %s, not a key vault", out->name, out->type);
	}
	if (strchr(name, '.') || strchr(name, ':')) {
		snprintf(uri, sizeof uri, "%s%s", strstr(name, "://") ? "" : "https://", name);
		if (!keyid_parse_vault(&id, uri, cloud, err))
			return false;
		return find_vault(estate, id.vault, out, &id, err);
	}
	return find_vault(estate, name, out, &id, err);
}

static bool
key_in_vault(struct estate *estate, const char *vault, const char *key, struct keyid *out,
	struct err *err)
{
	char shown[160];
	struct armid id;

	*out = (struct keyid){0};
	if (!keyid_is_key_name(key)) {
		text_cleans(shown, sizeof shown, key);
		return err_set(err, ERR_USAGE, "",
			"'%s' is no key name (1 to 127 letters, digits, dashes)", shown);
	}
	if (!estate_find_vault(estate, vault, &id, err) ||
		!find_vault(estate, id.name, &id, out, err))
		return false;
	snprintf(out->vault, sizeof out->vault, "%.63s", id.name);
	return text_copy(out->key, sizeof out->key, key);
}

static bool
key_by_name(struct estate *estate, const char *name, struct keyid *out, struct err *err)
{
	struct near near = {0};
	const struct keys *keys;
	size_t found = SIZE_MAX;

	if (!estate_load(estate, ESTATE_NAMES, err))
		return false;
	keys = estate->keys;
	for (size_t i = 0; i < keys->len; i++) {
		const char *text = key_rows_text(keys, keys->rows[i].name);

		if (keys->rows[i].name && text_casecmp(text, name) != 0)
			consider(&near, name, text);
		if (keys->rows[i].name == 0 || text_casecmp(text, name) != 0)
			continue;
		if (found != SIZE_MAX) {
			key_rows_id(keys, i, out);
			return err_set(err, ERR_USAGE, "",
				"key '%s' is in %.*s and in %s; say which: VAULT/%s", text,
				(int)strcspn(key_rows_text(keys, keys->rows[found].host), "."),
				key_rows_text(keys, keys->rows[found].host), out->vault, text);
		}
		found = i;
	}
	if (found == SIZE_MAX)
		return not_found(estate, "key", name, &near, err);
	key_rows_id(keys, found, out);
	out->version[0] = '\0';
	return true;
}

static bool
key_by_uri(const struct estate *estate, const char *uri, const char *vault, struct keyid *out,
	struct err *err)
{
	if (!keyid_parse(out, uri, session_cloud(estate->session), err))
		return false;
	if (vault == NULL || text_casecmp(vault, out->vault) == 0 || vault[0] == '/' ||
		text_case_starts(vault, "https:"))
		return true;
	return err_set(err, ERR_USAGE, "",
		"the key URI names vault %s, but --vault says %.60s; leave one of them out",
		out->vault, vault);
}

bool
estate_find_key(struct estate *estate, const char *key, const char *vault, struct keyid *out,
	struct err *err)
{
	const char *slash = strchr(key, '/');
	char name[64];

	if (strstr(key, "://"))
		return key_by_uri(estate, key, vault, out, err);
	if (slash == NULL && vault)
		return key_in_vault(estate, vault, key, out, err);
	if (slash == NULL)
		return key_by_name(estate, key, out, err);
	if ((size_t)(slash - key) >= sizeof name)
		return err_set(err, ERR_USAGE, "", "the vault's name before '/' is too long");
	snprintf(name, sizeof name, "%.*s", (int)(slash - key), key);
	if (vault && text_casecmp(vault, name) != 0 && vault[0] != '/')
		return err_set(err, ERR_USAGE, "",
			"the key names vault %s, but --vault says %.60s; leave one of them out",
			name, vault);
	return key_in_vault(estate, name, slash + 1, out, err);
}
