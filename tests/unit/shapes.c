/* What decoders make of replies, as text. */
#include "tests/unit/shapes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/estate/reply.h"
#include "backend/estate/rows.h"

static void say(char *out, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void
say(char *out, const char *name, const char *fmt, ...)
{
	size_t used = strlen(out);
	va_list ap;

	used += (size_t)snprintf(out + used, SHAPE_DUMP - used, "%s=", name);
	va_start(ap, fmt);
	used += (size_t)vsnprintf(out + used, SHAPE_DUMP - used, fmt, ap);
	va_end(ap);
	snprintf(out + used, SHAPE_DUMP - used, "\n");
}

static void
say_tags(char *out, const json_t *tags)
{
	char *text = json_dumps(tags, JSON_COMPACT | JSON_SORT_KEYS);

	say(out, "tags", "%s", text ? text : "{}");
	free(text);
}

static bool
read_account(const struct service *service, const json_t *json, char *out, struct err *err)
{
	struct account a;

	if (!service->decode(json, &clouds[0], &a, err))
		return false;
	say(out, ".name", "%s", a.id.name);
	say(out, "location", "%s", a.location);
	say(out, service->provisioning, "%s", a.provisioning);
	say_tags(out, a.tags);
	say(out, ".system", "%d", a.identity.system);
	say(out, "identity.principalId", "%s", a.identity.principal);
	say(out, "identity.tenantId", "%s", a.identity.tenant);
	for (size_t i = 0; i < a.identity.users_len; i++)
		say(out, ".user", "%s %s %s", a.identity.users[i].id, a.identity.users[i].principal,
			a.identity.users[i].client);
	say(out, ".source", "%d %d", a.source, a.mode);
	say(out, ".host", "%s", a.key.host);
	say(out, ".used", "%s", a.used);
	if (service == &service_batch) {
		say(out, ".key", "%s/%s %s", a.key.key, a.key.version, a.key_identity);
	} else if (a.source == KEY_SOURCE_CUSTOMER) {
		say(out, "properties.encryption.keyVaultProperties.keyName", "%s", a.key.key);
		say(out, "properties.encryption.keyVaultProperties.keyVersion", "%s",
			a.key.version);
		say(out, "properties.encryption.identity.userAssignedIdentity", "%s",
			a.key_identity);
		say(out, "properties.encryption.identity.federatedIdentityClientId", "%s",
			a.federated);
	}
	account_free(&a);
	return true;
}

static bool
read_automation(const json_t *json, char *out, struct err *err)
{
	return read_account(&service_automation, json, out, err);
}

static bool
read_batch(const json_t *json, char *out, struct err *err)
{
	return read_account(&service_batch, json, out, err);
}

static bool
read_storage(const json_t *json, char *out, struct err *err)
{
	return read_account(&service_storage, json, out, err);
}

static bool
read_vault(const json_t *json, char *out, struct err *err)
{
	struct vault v;
	char rights[300];

	if (!vault_decode(json, &v, err))
		return false;
	say(out, ".name", "%s", v.id.name);
	say(out, "location", "%s", v.location);
	say(out, v.hsm ? "properties.hsmUri" : "properties.vaultUri", "%s", v.uri);
	say(out, "properties.tenantId", "%s", v.tenant);
	say(out, v.hsm ? "sku.name" : "properties.sku.name", "%s", v.sku);
	say(out, "properties.provisioningState", "%s", v.provisioning);
	say(out, ".protection", "%d %d %d", v.soft_delete, v.purge_protection, v.model);
	if (v.retention_days)
		say(out, "properties.softDeleteRetentionInDays", "%lld",
			(long long)v.retention_days);
	say(out, "properties.networkAcls.defaultAction", "%s", v.network_default);
	say(out, "properties.networkAcls.bypass", "%s", v.network_bypass);
	say(out, "properties.publicNetworkAccess", "%s", v.public_access);
	for (size_t i = 0; i < v.policies_len; i++) {
		const struct policy_entry *p = &v.policies[i];
		char name[64];

		snprintf(name, sizeof name, "properties.accessPolicies.%zu.objectId", i);
		say(out, name, "%s", p->principal);
		snprintf(name, sizeof name, "properties.accessPolicies.%zu.tenantId", i);
		say(out, name, "%s", p->tenant);
		snprintf(name, sizeof name, "properties.accessPolicies.%zu.applicationId", i);
		say(out, name, "%s", p->application);
		say(out, ".rights", "%s %s %d", perm_print(p->keys, rights, sizeof rights),
			p->unknown, p->others);
	}
	vault_free(&v);
	return true;
}

static void
say_version(char *out, const struct key_version *v)
{
	static const char *const tris[] = {"", "false", "true"};

	say(out, "attributes.enabled", "%s", tris[v->enabled]);
	if (v->created)
		say(out, "attributes.created", "%lld", (long long)v->created);
	if (v->updated)
		say(out, "attributes.updated", "%lld", (long long)v->updated);
	if (v->expires)
		say(out, "attributes.exp", "%lld", (long long)v->expires);
	if (v->not_before)
		say(out, "attributes.nbf", "%lld", (long long)v->not_before);
}

static bool
read_key(const json_t *json, char *out, struct err *err)
{
	struct key k;
	char kid[KEYID_MAX], ops[300];

	if (!key_decode(json, &clouds[0], &k, err))
		return false;
	say(out, "key.kid", "%s", keyid_print(&k.id, kid));
	say(out, "key.kty", "%s", k.kty);
	say(out, "attributes.recoveryLevel", "%s", k.recovery);
	say(out, ".ops", "%u %d %s", k.bits, k.ops_known, perm_print(k.ops, ops, sizeof ops));
	say_version(out, &k.versions[0]);
	key_free(&k);
	return true;
}

/* An element of a list of versions. */
static bool
read_version(const json_t *json, char *out, struct err *err)
{
	json_t *page = json_pack("{s:[O]}", "value", json);
	struct key k = {0};
	char *next = NULL, kid[KEYID_MAX];
	bool ok = key_decode_versions(page, &clouds[0], &k, &next, err);

	if (ok) {
		struct keyid id = k.id;

		memcpy(id.version, k.versions[0].version, sizeof id.version);
		say(out, "kid", "%s", keyid_print(&id, kid));
		say_version(out, &k.versions[0]);
	}
	free(next);
	key_free(&k);
	json_decref(page);
	return ok;
}

static bool
read_identity(const json_t *json, char *out, struct err *err)
{
	struct identities *rows = identity_rows_new();
	bool ok = identity_rows_take(rows, json, 0, err);
	char guid[37];

	if (ok) {
		const struct identity_row *row = &rows->rows[0];

		say(out, ".name", "%s", identity_rows_text(rows, row->name));
		say(out, "location", "%s", identity_rows_text(rows, row->location));
		say(out, "properties.principalId", "%s", guid_print(row->principal, guid));
		say(out, "properties.clientId", "%s", guid_print(row->client, guid));
		say(out, "properties.tenantId", "%s", guid_print(row->tenant, guid));
	}
	identity_rows_free(rows);
	return ok;
}

static bool
read_grant(const json_t *json, char *out, struct err *err)
{
	struct shapes principals = {.size = 16};
	struct grants *rows = grant_rows_new(&principals);
	bool ok = grant_rows_take(rows, json, err);
	char guid[37];

	if (ok) {
		const struct grant_row *row = &rows->rows[0];
		const struct grant_shape *shape = grant_shape(rows, row);

		say(out, "properties.scope", "%s", grant_rows_text(rows, shape->scope));
		say(out, "properties.principalType", "%s", grant_rows_text(rows, shape->type));
		say(out, "properties.principalId", "%s",
			guid_print(grant_principal(rows, row), guid));
		say(out, ".role", "%s", guid_print(shape->role, guid));
	}
	grant_rows_free(rows);
	shapes_free(&principals);
	return ok;
}

const struct shape shapes[] = {
	{"automation", "Microsoft.Automation/automationAccounts", NULL, read_automation},
	{"batch", "Microsoft.Batch/batchAccounts", NULL, read_batch},
	{"storage", "Microsoft.Storage/storageAccounts", NULL, read_storage},
	{"vault", "Microsoft.KeyVault/vaults", NULL, read_vault},
	{"hsm", "Microsoft.KeyVault/managedHSMs", NULL, read_vault},
	{"identity", "Microsoft.ManagedIdentity/userAssignedIdentities", NULL, read_identity},
	{"grant", NULL, "properties.roleDefinitionId", read_grant},
	{"key", NULL, "key.kid", read_key},
	{"version", NULL, "kid", read_version},
};

const size_t shapes_len = ARRAY_LEN(shapes);

/* Elements of GET /keys and of deleted keys name no version. */
static bool
names_version(const char *kid)
{
	struct keyid id;

	return keyid_parse(&id, kid, &clouds[0], NULL) && id.version[0];
}

const struct shape *
shape_of(const json_t *json)
{
	const char *id = json_string_value(json_at(json, "id"));
	struct armid parsed;

	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		const json_t *mark = shapes[i].mark ? json_at(json, shapes[i].mark) : NULL;

		if (shapes[i].type && id && json_at(json, "properties") &&
			armid_take(&parsed, id, NULL) &&
			text_casecmp(parsed.type, shapes[i].type) == 0)
			return &shapes[i];
		if (!json_is_string(mark))
			continue;
		if (shapes[i].read == read_grant
				? json_at(json, "properties.scope") != NULL &&
					  json_at(json, "properties.principalId") != NULL
				: names_version(json_string_value(mark)))
			return &shapes[i];
	}
	return NULL;
}
