/* The `show` objects, field by field as documented: every field is there, what is not known is null
 * with its reason under "unknown". A null without a reason has nothing to tell: a key version where
 * Microsoft holds the key. */
#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"
#include "backend/estate/kind.h"
#include "backend/estate/show.h"

json_t *
show_text(const char *text)
{
	return text[0] ? json_string(text) : json_null();
}

static json_t *
show_tri(enum tri tri)
{
	return tri == TRI_UNKNOWN ? json_null() : json_boolean(tri == TRI_YES);
}

json_t *
show_time(int64_t t)
{
	char out[32];

	return show_text(clock_iso((time_t)t, out));
}

json_t *
show_perms(perm_set set)
{
	json_t *out = json_array();

	for (size_t i = 0; perm_at(i); i++)
		if (set & perm_at(i))
			json_array_append_new(out, json_string(perm_name(perm_at(i))));
	return out;
}

void
show_reason(json_t *object, const char *field, const char *why)
{
	json_t *unknown = json_object_get(object, "unknown");
	char clean[1024];

	if (unknown == NULL) {
		unknown = json_object();
		json_object_set_new(object, "unknown", unknown);
	}
	text_cleans(clean, sizeof clean, why && why[0] ? why : "not read");
	json_object_set_new(unknown, field, json_string(clean));
}

void
show_unknown(json_t *object, const char *field, const char *why)
{
	json_object_set_new(object, field, json_null());
	show_reason(object, field, why);
}

void
show_end(json_t *object)
{
	json_t *unknown = json_object_get(object, "unknown");

	unknown = unknown ? json_incref(unknown) : json_object();
	json_object_del(object, "unknown");
	json_object_set_new(object, "unknown", unknown);
}

static json_t *
show_finding(const struct finding *finding)
{
	char source[200];

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "rule", finding->rule->id, "severity",
		severity_name(finding->rule->severity), "cause", finding->cause, "source",
		finding_source(finding, source, sizeof source), "remedy", finding_remedy(finding));
}

static json_t *
show_findings(const struct facts *facts)
{
	struct finding found[FINDINGS_MAX];
	size_t len = posture_see(facts, ABOUT_ALL, facts->account.id.name, found, FINDINGS_MAX);
	json_t *out = json_array();

	for (size_t i = 0; i < len; i++)
		json_array_append_new(out, show_finding(&found[i]));
	return out;
}

const char *
identity_type(const struct identity *identity)
{
	bool users = identity->users_len > 0;

	if (identity->system == TRI_YES)
		return users ? "SystemAssigned, UserAssigned" : "SystemAssigned";
	return users ? "UserAssigned" : "None";
}

static json_t *
show_identity(const struct identity *identity)
{
	json_t *users = json_array();

	for (size_t i = 0; i < identity->users_len; i++)
		json_array_append_new(users, json_string(identity->users[i].id));
	return json_pack("{s:s, s:o, s:o, s:o}", "type", identity_type(identity), "principalId",
		show_text(identity->principal), "tenantId", show_text(identity->tenant),
		"userAssigned", users);
}

static void
add_key(json_t *out, const struct facts *facts)
{
	const struct account *account = &facts->account;
	const struct keyid *key = &account->key;
	bool customer = account->source == KEY_SOURCE_CUSTOMER;
	char uri[sizeof key->host + 16];

	snprintf(uri, sizeof uri, "https://%s/", key->host);
	json_object_set_new(out, "keySource", show_text(key_source_name(account->source)));
	json_object_set_new(out, "mode", show_text(key_mode_name(account->mode)));
	json_object_set_new(
		out, "vaultUri", customer && key->host[0] ? json_string(uri) : json_null());
	json_object_set_new(out, "keyName", show_text(customer ? key->key : ""));
	json_object_set_new(out, "keyVersion", show_text(customer ? key->version : ""));
	json_object_set_new(out, "currentKeyVersion",
		show_text(customer && facts->key_known == KNOWN_READ ? facts->key.id.version : ""));
	if (customer && facts->key_known != KNOWN_READ)
		show_unknown(
			out, "currentKeyVersion", facts_reason(facts->key_known, &facts->key_why));
	if (customer && key->version[0] == '\0' && account->mode != KEY_MODE_AUTO)
		show_unknown(out, "keyVersion", "the reply names no version");
	if (customer && account->mode == KEY_MODE_UNKNOWN)
		show_unknown(out, "mode", "the reply names no version");
	if (account->source == KEY_SOURCE_UNKNOWN) {
		show_unknown(out, "keySource", "the reply names no key source");
		show_unknown(out, "mode", "the reply names no key source");
	}
}

json_t *
show_account(const struct facts *facts)
{
	static const char *const behind_get[] = {"keySource", "mode", "vaultUri", "keyName",
		"keyVersion", "currentKeyVersion", "identity", "state"};
	const struct account *account = &facts->account;
	enum account_state state = facts_state(facts);
	char id[ARMID_MAX];
	json_t *out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "id",
		armid_print(&account->id, id), "name", account->id.name, "type",
		account->service ? account->service->name : "", "resourceGroup", account->id.group,
		"subscriptionId", account->id.subscription, "location",
		show_text(account->location), "tags",
		account->tags ? json_deep_copy(account->tags) : json_object());

	if (facts->account_known == KNOWN_READ) {
		add_key(out, facts);
		json_object_set_new(out, "identity", show_identity(&account->identity));
	}
	for (size_t i = 0; facts->account_known != KNOWN_READ && i < ARRAY_LEN(behind_get); i++)
		show_unknown(out, behind_get[i],
			facts_reason(facts->account_known, &facts->account_why));
	json_object_set_new(out, "state", json_string(account_state_name(state)));
	if (state == ACCOUNT_UNKNOWN && facts->account_known == KNOWN_READ)
		show_reason(out, "state", facts_why_unknown(facts));
	json_object_set_new(out, "findings", show_findings(facts));
	show_end(out);
	return out;
}

static json_t *
show_network(const struct vault *vault)
{
	return json_pack("{s:o, s:o, s:o}", "defaultAction", show_text(vault->network_default),
		"bypass", show_text(vault->network_bypass), "publicAccess",
		show_text(vault->public_access));
}

json_t *
show_vault(const struct vault *vault, const char *const *keys, size_t keys_len)
{
	char id[ARMID_MAX];
	json_t *names = json_array(), *out;
	bool listed = true;

	for (size_t i = 0; i < keys_len; i++) {
		listed = listed && keys[i][0];
		json_array_append_new(names, json_string(keys[i]));
	}
	out = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o}", "id",
		armid_print(&vault->id, id), "name", vault->id.name, "kind",
		vault->hsm ? "managedHsm" : "vault", "uri", show_text(vault->uri), "location",
		show_text(vault->location), "tenantId", show_text(vault->tenant), "softDelete",
		show_tri(vault->soft_delete), "retentionDays",
		vault->retention_days ? json_integer(vault->retention_days) : json_null(),
		"purgeProtection", show_tri(vault->purge_protection), "grantModel",
		vault->model == GRANT_RBAC ? "rbac" : "policies", "network", show_network(vault));
	if (vault->retention_days == 0)
		show_unknown(out, "retentionDays", "the reply does not say");
	json_object_set(out, "keys", listed ? names : json_null());
	json_decref(names);
	if (!listed)
		show_unknown(out, "keys", "the vault's keys could not be listed");
	show_end(out);
	return out;
}

static json_t *
show_versions(const struct key *key, const struct estate *estate)
{
	json_t *out = json_array();

	for (size_t i = 0; i < key->versions_len; i++) {
		const struct key_version *version = &key->versions[i];

		json_array_append_new(out,
			json_pack("{s:s, s:o, s:o, s:o, s:o}", "version", version->version,
				"enabled", show_tri(version->enabled), "created",
				show_time(version->created), "expires", show_time(version->expires),
				"inUseBy", show_users(estate, &key->id, version->version)));
	}
	return out;
}

json_t *
show_key(const struct key *key, const struct estate *estate)
{
	const struct key_version *current = key_version_find(key, key->id.version);
	struct keyid plain = key->id;
	char id[KEYID_MAX];
	json_t *out;

	plain.version[0] = '\0';
	out = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o}", "id", keyid_print(&plain, id), "name",
		key->id.key, "vault", key->id.vault, "kty", show_text(key->kty), "bits",
		key->bits ? json_integer(key->bits) : json_null(), "operations",
		key->ops_known ? show_perms(key->ops) : json_null());
	json_object_set_new(out, "enabled", show_tri(current ? current->enabled : TRI_UNKNOWN));
	json_object_set_new(out, "created", show_time(current ? current->created : 0));
	json_object_set_new(out, "expires", show_time(current ? current->expires : 0));
	json_object_set_new(out, "current", show_text(key->id.version));
	json_object_set_new(
		out, "versions", key->listed ? show_versions(key, estate) : json_null());
	show_unknown(out, "rotationPolicy", "lists do not tell it; claviger key show reads it");
	json_object_set_new(out, "recoveryLevel", show_text(key->recovery));
	if (key->listed && estate_unread(estate, ESTATE_ACCOUNTS))
		show_reason(out, "versions.inUseBy", "the accounts were not read");
	if (!key->listed)
		show_unknown(out, "versions", "the list of versions could not be read");
	if (!key->kty[0])
		show_unknown(out, "kty", "the key could not be read");
	if (key->kty[0] && key->bits == 0)
		show_unknown(out, "bits", "a key of this type tells no size");
	if (!key->ops_known)
		show_unknown(out, "operations", "the key could not be read");
	if (!key->recovery[0])
		show_unknown(out, "recoveryLevel", "the key could not be read");
	if (current == NULL)
		show_unknown(out, "enabled", "no version could be read");
	show_end(out);
	return out;
}
