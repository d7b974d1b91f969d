/* Choosing a key for an account: the same options and form for every plan that gives it one. */
#include "backend/plans/choice.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/plans/cross.h"
#include "backend/plans/hint.h"

enum {
	FIELD_KEY,
	FIELD_VAULT,
	FIELD_CREATE,
	FIELD_VERSION,
	FIELD_AUTO,
	FIELD_IDENTITY,
	FIELD_TENANT,
	FIELD_CLIENT,
};

/* Whether a word of the account's name, of four letters at least, stands in a key's or its vault's.
 */
static bool
goes_with(const char *account, const struct keyid *key)
{
	char word[64];

	for (size_t len; *account; account += len ? len : 1) {
		len = 0;
		while (isalpha((unsigned char)account[len]))
			len++;
		if (len >= 4 && len < sizeof word) {
			snprintf(word, sizeof word, "%.*s", (int)len, account);
			if (strcasestr(key->key, word) || strcasestr(key->vault, word))
				return true;
		}
	}
	return false;
}

/* TRI_UNKNOWN: it was not read whole. */
static enum tri
fits(const struct filling *filling, size_t row, const struct keyid *key)
{
	json_t *json = kind_key.json(filling->estate, row);
	json_int_t bits = json_integer_value(json_object_get(json, "bits"));
	bool known = *filling_text(json, "kty") != '\0';
	bool good = strncmp(filling_text(json, "kty"), "RSA", 3) == 0 &&
		    (!key->hsm || filling->service->managed_hsm) &&
		    json_is_true(json_object_get(json, "enabled")) &&
		    json_is_null(json_object_get(json, "expires")) &&
		    bits >= filling->service->bits_min && bits <= filling->service->bits_max;

	json_decref(json);
	return !known ? TRI_UNKNOWN : good ? TRI_YES : TRI_NO;
}

/* The one key that is called after the account, and can be used: none before all were read, as
 * another may be among the rest. */
static bool
suggest_key(
	const struct filling *filling, char *value, size_t room, char *reason, size_t reason_room)
{
	const struct armid *account = &filling->subject->id;
	struct keyid key, found = {0};

	if (filling->service == NULL || account->name[0] == '\0' ||
		strcmp(filling->plan->name, "onboard") != 0 ||
		!filling_has_read(filling, ESTATE_NAMES))
		return false;
	for (size_t i = 0; i < kind_key.count(filling->estate); i++) {
		enum tri fit = TRI_NO;

		kind_key_id(filling->estate, i, &key);
		if (goes_with(account->name, &key))
			fit = fits(filling, i, &key);
		if (fit == TRI_UNKNOWN || (fit == TRI_YES && found.key[0]))
			return false;
		if (fit == TRI_YES)
			found = key;
	}
	if (found.key[0] == '\0')
		return false;
	snprintf(value, room, "%s/%s", found.vault, found.key);
	snprintf(reason, reason_room, "the only key that fits and goes by the account's name");
	return true;
}

static bool
suggest_version(
	const struct filling *filling, char *value, size_t room, char *reason, size_t reason_room)
{
	const struct service *service = filling->service;

	snprintf(value, room, "%s", "");
	snprintf(reason, reason_room, "the current version; %s is told each new one",
		service ? service->title : "the account");
	return true;
}

static bool
suggest_identity(
	const struct filling *filling, char *value, size_t room, char *reason, size_t reason_room)
{
	const char *used = filling->facts ? filling->facts->account.key_identity : "";

	snprintf(value, room, "%s", used);
	snprintf(reason, reason_room, "%s",
		*used ? "the identity that opens its key now"
		      : "the system-assigned identity, as the article does");
	return true;
}

static bool
follows_versions(const struct service *service)
{
	return service->auto_version;
}

static bool
crosses_tenants(const struct service *service)
{
	return service->cross_tenant;
}

static const char *const sizes[] = {"2048", "3072", "4096", NULL};

const struct plan_field choice_fields[CHOICE_FIELDS] = {
	[FIELD_KEY] = {.name = "key",
		.title = "Key",
		.arg = "KEY",
		.help = "The key: VAULT/NAME, a URI, or a name and its vault (--vault).",
		.required = true,
		.suggest = suggest_key,
		.hint = hint_key,
		.parts = ESTATE_NAMES},
	[FIELD_VAULT] = {.name = "vault",
		.title = "Vault",
		.arg = "VAULT",
		.help = "The key vault that holds the key, or is to hold it.",
		.empty = "the one that Key names",
		.hint = hint_vault,
		.parts = ESTATE_VAULTS},
	[FIELD_CREATE] = {.name = "create-key",
		.title = "Create key",
		.arg = "BITS",
		.help = "Make the key, an RSA key of 2048, 3072 or 4096 bits.",
		.choices = sizes,
		.empty = "no key is made",
		.hint = hint_bits},
	[FIELD_VERSION] = {.name = "key-version",
		.title = "Version",
		.arg = "VERSION",
		.help = "Use this version of the key rather than the current one.",
		.suggest = suggest_version,
		.hint = hint_version,
		.offer = offer_versions,
		.parts = ESTATE_KEYS},
	[FIELD_AUTO] = {.name = "auto",
		.title = "Follow new versions",
		.help = "Let the account follow new versions of the key by itself (not Automation).",
		.applies = follows_versions,
		.excludes = "key-version",
		.hint = hint_follow},
	[FIELD_IDENTITY] = {.name = "user-identity",
		.title = "User-assigned identity",
		.arg = "ID",
		.help = "Open the key as this user-assigned identity of the account (ARM id).",
		.suggest = suggest_identity,
		.hint = hint_identity,
		.offer = offer_identities,
		.parts = ESTATE_IDENTITIES},
	[FIELD_TENANT] = {.name = "vault-tenant",
		.title = "Vault's tenant",
		.arg = "TENANT",
		.help = "The tenant, by name or id, of a vault in another tenant; the key is named by "
			"its URI (Storage only).",
		.applies = crosses_tenants,
		.hint = hint_tenant,
		.offer = offer_tenants,
		.parts = ESTATE_VAULTS},
	[FIELD_CLIENT] = {.name = "federated-client-id",
		.title = "Federated application",
		.arg = "ID",
		.help = "The application of both tenants, by its client id, that trusts the "
			"user-assigned identity and holds the rights on the key (Storage only).",
		.applies = crosses_tenants,
		.hint = hint_client,
		.offer = offer_clients},
};

static bool
is_given(const char *const *values, int field)
{
	return values[field] && values[field][0];
}

bool
choice_takes_hsm(const struct service *service, struct err *err)
{
	return service->managed_hsm ||
	       err_set(err, ERR_REFUSED, "ManagedHsm",
		       "%s is documented with keys in Key Vault only, not on a Managed HSM; choose a "
		       "key in a vault",
		       service->title);
}

bool
choice_may_follow(const struct service *service, struct err *err)
{
	return service->auto_version ||
	       err_set(err, ERR_REFUSED, "AutoVersion",
		       "%s does not follow new versions of a key: it has to be told each version "
		       "(%s, rotate); leave --auto out",
		       service->title, service->article);
}

/* What this service cannot do, with the reason, before anything is read. */
static bool
check_service(const struct service *service, const char *const *values, struct err *err)
{
	if (is_given(values, FIELD_AUTO) && !choice_may_follow(service, err))
		return false;
	if (is_given(values, FIELD_AUTO) && is_given(values, FIELD_VERSION))
		return err_set(err, ERR_USAGE, "",
			"--auto and --key-version exclude each other: leave one out");
	return true;
}

bool
choice_is_mark(const char *version)
{
	return text_case_starts(version, REQUEST_UNKNOWN_OPEN);
}

/* NULL: none, or a mark. */
static const char *
version_given(const char *const *values)
{
	const char *version = values[FIELD_VERSION];

	return is_given(values, FIELD_VERSION) && !choice_is_mark(version) ? version : NULL;
}

static bool
take_choices(const struct service *service, const char *const *values, struct plan_facts *facts,
	struct err *err)
{
	const char *bits = values[FIELD_CREATE], *version = version_given(values);
	struct armid identity;

	for (size_t i = 0; is_given(values, FIELD_CREATE) && sizes[i]; i++)
		if (strcmp(bits, sizes[i]) == 0)
			facts->create_bits = (unsigned)strtoul(bits, NULL, 10);
	if (is_given(values, FIELD_CREATE) &&
		(facts->create_bits < service->bits_min || facts->create_bits > service->bits_max))
		return err_set(
			err, ERR_USAGE, "", "--create-key %s: give 2048, 3072 or 4096", bits);
	if (version) {
		if (!keyid_is_version(version))
			return err_set(err, ERR_USAGE, "",
				"--key-version %s: a version is 32 hexadecimal digits", version);
		if (facts->create_bits)
			return err_set(err, ERR_USAGE, "",
				"--key-version and --create-key exclude each other: a new key has no "
				"version yet");
	}
	if (!is_given(values, FIELD_IDENTITY))
		return true;
	if (!armid_parse(&identity, values[FIELD_IDENTITY], err)) {
		err_prefix(err, "--user-identity");
		err->kind = ERR_USAGE;
		return false;
	}
	armid_print(&identity, facts->want_identity);
	return true;
}

/* VAULT/NAME, a name, or a URI into vault name (may be ""), key name and version. */
static bool
split_key(const struct cloud *cloud, const char *text, struct keyid *out, struct err *err)
{
	const char *slash = strchr(text, '/');
	char vault[sizeof out->vault];

	*out = (struct keyid){0};
	if (strstr(text, "://"))
		return keyid_parse(out, text, cloud, err);
	if (slash) {
		text_clean(vault, sizeof vault, text, (size_t)(slash - text));
		if ((size_t)(slash - text) >= sizeof vault || !keyid_is_vault_name(vault))
			return err_set(err, ERR_USAGE, "", "--key %s: %s is no name of a vault",
				text, vault);
		memcpy(out->vault, vault, sizeof vault);
		text = slash + 1;
	}
	if (!keyid_is_key_name(text) || !text_copy(out->key, sizeof out->key, text))
		return err_set(err, ERR_USAGE, "",
			"--key %s: a key's name has 1 to 127 letters, digits and dashes", text);
	return true;
}

static bool
find_vault(struct estate *estate, const char *given, struct plan_facts *facts, struct err *err)
{
	struct keyid *want = &facts->want;
	const char *name = given ? given : want->vault;
	const struct cloud *cloud = session_cloud(facts->session);

	if (!*name) {
		/* A bare name and no vault: one key of that name must be known. */
		if (!estate_find_key(estate, want->key, NULL, want, err))
			return false;
		name = want->vault;
	}
	if ((facts->cross.asked || facts->cross.inherits) && want->host[0]) {
		if (!cross_find_vault(estate, facts, err))
			return false;
	} else if (!estate_find_vault(estate, name, &facts->vault, err)) {
		return false;
	}
	if (want->vault[0] && text_casecmp(want->vault, facts->vault.name) != 0)
		return err_set(err, ERR_USAGE, "", "--key names vault %s, but --vault is %s",
			want->vault, facts->vault.name);
	if (want->host[0])
		return true;
	want->hsm = strcmp(facts->vault.type, vault_type(true)) == 0;
	if (text_copy(want->vault, sizeof want->vault, facts->vault.name) &&
		snprintf(want->host, sizeof want->host, "%s%s", want->vault,
			want->hsm ? cloud->hsm_suffix : cloud->vault_suffix) <
			(int)sizeof want->host)
		return true;
	return err_set(
		err, ERR_FAILED, "BadReply", "%s: no vault has so long a name", facts->vault.name);
}

bool
choice_prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	const struct armid *account = &subject->id;
	const struct service *service = service_find(account->type);
	const char *version = version_given(values);
	struct keyid *want = &facts->want;

	if (service == NULL)
		return err_set(err, ERR_REFUSED, "NoService",
			"%s: accounts of type %s cannot be onboarded by this version",
			account->name, account->type);
	if (!is_given(values, FIELD_KEY))
		return err_set(err, ERR_USAGE, "",
			"--key is missing: give a key to protect %s with", account->name);
	if (!check_service(service, values, err) ||
		!cross_take(service, values[FIELD_TENANT], values[FIELD_CLIENT], facts, err) ||
		!take_choices(service, values, facts, err) ||
		!split_key(session_cloud(facts->session), values[FIELD_KEY], want, err))
		return false;
	if (is_given(values, FIELD_VERSION) && version == NULL)
		snprintf(facts->version_mark, sizeof facts->version_mark, "%s",
			values[FIELD_VERSION]);
	if (version) {
		if (want->version[0] && text_casecmp(want->version, version) != 0)
			return err_set(err, ERR_USAGE, "",
				"--key names version %s, but --key-version is %s", want->version,
				version);
		snprintf(want->version, sizeof want->version, "%s", version);
	}
	if (want->version[0] && facts->create_bits)
		return err_set(err, ERR_USAGE, "",
			"--key names a version and --create-key makes a new key: leave one out");
	if (want->version[0] && is_given(values, FIELD_AUTO))
		return err_set(err, ERR_USAGE, "",
			"--key names a version, and --auto follows new ones: leave one out");
	if (!facts->cross.inherits && !cross_check(facts, err))
		return false;
	facts->follow = is_given(values, FIELD_AUTO);
	facts->version_asked = want->version[0] != '\0';
	memcpy(facts->facts.target, want->version, sizeof facts->facts.target);
	if (!find_vault(
		    estate, is_given(values, FIELD_VAULT) ? values[FIELD_VAULT] : NULL, facts, err))
		return false;
	if (want->hsm && !choice_takes_hsm(service, err))
		return false;
	facts->facts.key.id = *want;
	facts->facts.vault.id = facts->vault;
	return true;
}
