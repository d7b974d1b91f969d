/* A key, by any of its names: whether it will be followed or stays pinned decides what the next
 * rotation costs, and hangs on whether a version stands at the end of a URI. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/plans/hint.h"

/* A bare name is that of the only key that has it. */
static void
find_by_name(const struct filling *filling, struct keyid *out)
{
	struct keyid found = {0}, id;

	for (size_t i = 0; i < kind_key.count(filling->estate); i++) {
		kind_key_id(filling->estate, i, &id);
		if (text_casecmp(id.key, out->key) != 0)
			continue;
		if (found.vault[0])
			return;
		found = id;
	}
	if (found.vault[0])
		memcpy(out->vault, found.vault, sizeof out->vault);
}

bool
filling_names(const struct filling *filling, struct keyid *out, struct err *err)
{
	const char *text = filling_value(filling, "key"), *slash = strchr(text, '/');
	const char *vault = filling_value(filling, "vault");
	size_t len = slash ? (size_t)(slash - text) : 0;

	*out = (struct keyid){0};
	if (strstr(text, "://"))
		return keyid_parse(out, text, session_cloud(estate_session(filling->estate)), err);
	if (slash && len < sizeof out->vault)
		memcpy(out->vault, text, len);
	if (slash && !keyid_is_vault_name(out->vault))
		return err_set(err, ERR_USAGE, "",
			"Before the slash stands a vault's name: 3 to 24 letters, digits and dashes");
	text = slash ? slash + 1 : text;
	if (*text && !keyid_is_key_name(text))
		return err_set(err, ERR_USAGE, "",
			"A key's name has letters, digits and dashes: VAULT/NAME, or a key URI");
	snprintf(out->key, sizeof out->key, "%s", text);
	if (out->vault[0] == '\0' && !text_copy(out->vault, sizeof out->vault, vault))
		return err_set(err, ERR_USAGE, "", "A vault's name has 24 letters at most");
	if (out->vault[0] == '\0' && out->key[0])
		find_by_name(filling, out);
	return true;
}

static const char *
version_wanted(const struct filling *filling, const struct keyid *key)
{
	const char *version = filling_value(filling, "key-version");

	return key->version[0] ? key->version : version;
}

/* Repin has to be told one of the two. */
static enum hint
say_neither(char *out, size_t room)
{
	snprintf(out, room, "Neither yet: give a version, or have new ones followed");
	return HINT_TELLS;
}

/* Pinned or automatic, and what follows. */
static enum hint
say_mode(const struct filling *filling, const struct keyid *key, char *out, size_t room)
{
	const struct service *service = filling->service;
	const char *version = version_wanted(filling, key);
	bool follow = *filling_value(filling, "auto") != '\0';

	if (*version && follow) {
		if (key->version[0])
			snprintf(out, room,
				"PINNED by the version %.8s of the URI, yet new ones are to be "
				"followed: leave one out",
				version);
		else
			snprintf(out, room,
				"PINNED by the version %.8s, yet new ones are to be followed: "
				"leave one out",
				version);
		return HINT_BAD;
	}
	if (*version)
		snprintf(out, room,
			"PINNED to version %.8s: it stays there until rotate or repin moves it",
			version);
	else if (follow)
		snprintf(out, room,
			"AUTO: takes up new versions by itself, Storage within a day; "
			"keep the one before enabled for 24 hours");
	else if (strcmp(filling->plan->name, "replace") == 0)
		snprintf(out, room, "AUTO or PINNED as the account is now");
	else if (strcmp(filling->plan->name, "repin") == 0)
		return say_neither(out, room);
	else if (service && !service->auto_version)
		snprintf(out, room,
			"PINNED to the current version: %s follows none by itself, rotate moves it",
			service->title);
	else
		snprintf(out, room,
			"PINNED to the current version; with Follow new versions it would be AUTO");
	return HINT_GOOD;
}

/* What stands against the key by what the list tells of it. "" : nothing. */
static enum hint
judge_key(const struct filling *filling, const json_t *json, char *out, size_t room)
{
	const char *kty = filling_text(json, "kty");
	json_int_t bits = json_integer_value(json_object_get(json, "bits"));
	const struct service *service = filling->service;

	*out = '\0';
	if (*kty && strncmp(kty, "RSA", 3) != 0) {
		snprintf(out, room, "It is no RSA key (%.20s): no service takes it", kty);
		return HINT_BAD;
	}
	if (json_is_false(json_object_get(json, "enabled"))) {
		snprintf(out, room, "It is disabled: enable it first");
		return HINT_BAD;
	}
	if (bits && service && (bits < service->bits_min || bits > service->bits_max)) {
		snprintf(out, room, "It has %d bits: %s takes %u to %u", (int)bits, service->title,
			service->bits_min, service->bits_max);
		return HINT_BAD;
	}
	if (*kty)
		snprintf(out, room, "%.20s %d", kty, (int)bits);
	return HINT_GOOD;
}

static enum hint
judge_absent(const struct filling *filling, const struct keyid *key, char *out, size_t room)
{
	bool make = *filling_value(filling, "create-key") != '\0';
	bool crosses = *filling_value(filling, "vault-tenant") != '\0';

	*out = '\0';
	if (make) {
		snprintf(out, room, "It will be made");
		return HINT_GOOD;
	}
	if (crosses || !filling_has_read(filling, ESTATE_NAMES))
		return HINT_GOOD;
	if (plan_asks(filling->plan, "create-key"))
		snprintf(out, room, "%s has no such key; Create key would make it", key->vault);
	else
		snprintf(out, room, "%s has no such key", key->vault);
	return HINT_WARNS;
}

enum hint
hint_key(const struct filling *filling, char *out, size_t room)
{
	char what[160], mode[160], vault[200] = "";
	enum hint first, second;
	struct filling named = *filling;
	struct keyid key;
	struct err err = {0};
	json_t *json;

	if (*filling_value(filling, "key") == '\0')
		return HINT_NONE;
	if (!filling_names(filling, &key, &err)) {
		snprintf(out, room, "%s", err.msg);
		return HINT_BAD;
	}
	if (key.vault[0] == '\0' || key.key[0] == '\0') {
		snprintf(out, room, "%s",
			key.key[0] ? "In which vault? VAULT/NAME, or fill in Vault"
				   : "Which key of the vault?");
		return HINT_WARNS;
	}
	named.fields = &(const struct plan_field *){filling->fields[filling->field]};
	named.values = &(const char *){key.vault};
	named.fields_len = 1;
	named.field = 0;
	if (*filling_value(filling, "vault-tenant") == '\0' &&
		hint_vault(&named, vault, sizeof vault) >= HINT_WARNS && !strstr(vault, "purge")) {
		snprintf(out, room, "%s", vault);
		return HINT_BAD;
	}
	json = filling_key(filling, &key);
	first = json ? judge_key(filling, json, what, sizeof what)
		     : judge_absent(filling, &key, what, sizeof what);
	json_decref(json);
	second = say_mode(filling, &key, mode, sizeof mode);
	snprintf(out, room, "%s%s%s", what, what[0] ? ". " : "", mode);
	return first > second ? first : second;
}

/* The new key of an evacuation. */
enum hint
hint_new_key(const struct filling *filling, char *out, size_t room)
{
	struct keyid key;
	struct err err = {0};
	bool make = *filling_value(filling, "create-key") != '\0';
	json_t *json;

	if (*filling_value(filling, "key") == '\0')
		return HINT_NONE;
	if (!filling_names(filling, &key, &err)) {
		snprintf(out, room, "%s", err.msg);
		return HINT_BAD;
	}
	json = filling_key(filling, &key);
	snprintf(out, room, "%s",
		json && make   ? "It is there already: leave Create key out, or choose another name"
		: json         ? "It is there; the accounts move to its current version"
		: make         ? "It will be made, and has never been anywhere else"
		: key.vault[0] ? "Not among the keys read: choose a size to have it made"
			       : "");
	json_decref(json);
	return json && make ? HINT_BAD : json || make ? HINT_GOOD : HINT_WARNS;
}

enum hint
hint_follow(const struct filling *filling, char *out, size_t room)
{
	struct keyid key = {0};
	struct err err;

	if (!filling_names(filling, &key, &err))
		return HINT_NONE;
	return say_mode(filling, &key, out, room);
}

/* Of the accounts' own key, where the form does not ask for another one. */
static json_t *
versions_of(const struct filling *filling, struct keyid *key)
{
	struct err err;
	json_t *json, *versions;

	*key = (struct keyid){0};
	if (*filling_value(filling, "key")) {
		if (!filling_names(filling, key, &err))
			return NULL;
	} else if (filling->facts) {
		*key = filling->facts->account.key;
	} else if (filling->used) {
		*key = *filling->used;
	}
	json = filling_key(filling, key);
	versions = json_incref(json_object_get(json, "versions"));
	json_decref(json);
	return versions;
}

/* Created when, and what is special about it. */
static bool
describe_version(const json_t *version, size_t at, char *out, size_t room)
{
	bool off = json_is_false(json_object_get(version, "enabled"));
	const json_t *users = json_object_get(version, "inUseBy");
	size_t n = json_array_size(users);
	char used[100] = "";

	if (n)
		snprintf(used, sizeof used, ", used by %.40s%s",
			json_string_value(json_array_get(users, 0)), n > 1 ? " and others" : "");
	snprintf(out, room, "created %.10s%s%s%s", filling_text(version, "created"),
		at == 0 ? ", the newest" : "", off ? ", it is DISABLED" : "", used);
	return !off;
}

enum hint
hint_version(const struct filling *filling, char *out, size_t room)
{
	const char *text = filling->values[filling->field];
	struct keyid key;
	json_t *versions, *one;
	enum hint hint = HINT_NONE;
	char what[160];
	size_t i;

	if (text == NULL || *text == '\0')
		return HINT_NONE;
	if (!keyid_is_version(text)) {
		snprintf(out, room, "A version is 32 hexadecimal digits: these are %zu characters",
			strlen(text));
		return HINT_BAD;
	}
	versions = versions_of(filling, &key);
	json_array_foreach(versions, i, one)
	{
		if (text_casecmp(filling_text(one, "version"), text) != 0)
			continue;
		hint = describe_version(one, i, what, sizeof what) ? HINT_GOOD : HINT_BAD;
		snprintf(out, room, "PINNED to this one: %s", what);
	}
	if (versions && hint == HINT_NONE) {
		snprintf(out, room, "%s/%s has no such version", key.vault, key.key);
		hint = HINT_BAD;
	}
	json_decref(versions);
	return hint == HINT_NONE ? hint_follow(filling, out, room) : hint;
}

size_t
offer_versions(const struct filling *filling, struct offer *out, size_t max)
{
	struct keyid key;
	json_t *versions = versions_of(filling, &key), *one;
	size_t i, len = 0;

	json_array_foreach(versions, i, one)
	{
		if (len == max)
			break;
		snprintf(out[len].value, sizeof out->value, "%s", filling_text(one, "version"));
		describe_version(one, i, out[len].note, sizeof out->note);
		len++;
	}
	json_decref(versions);
	return len;
}
