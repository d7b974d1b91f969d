/* The nouns over the demo estate of the sandbox: cells, order, and the `show` objects field by
 * field as the command line documents them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/inside.h"
#include "backend/estate/kind.h"
#include "tests/fixtures/inside.h"

struct fixture {
	struct place place;
	struct sandbox *sandbox;
	struct session *session;
	struct estate *estate;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);
	struct err err = {0};

	json_init();
	f->sandbox = inside_serve(&f->place, &(struct sandbox_options){0});
	f->session = inside_sign_in(f->sandbox);
	f->estate = estate_new(f->session);
	if (!estate_load(f->estate, ESTATE_ALL, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(estate_notes(f->estate), 0);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	estate_free(f->estate);
	session_close(f->session);
	sandbox_close(f->sandbox);
	place_remove(&f->place);
	free(f);
	return 0;
}

static size_t
column_of(const struct kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->columns_len; i++)
		if (strcmp(kind->columns[i].name, name) == 0)
			return i;
	fail_msg("no column %s", name);
	return 0;
}

/* The row whose first cells are these; second NULL: any. */
static size_t
row_of(const struct kind *kind, const struct estate *estate, const char *first, const char *second)
{
	char a[200], b[200];

	for (size_t i = 0; i < kind->count(estate); i++) {
		kind->cell(estate, i, 0, a, sizeof a);
		kind->cell(estate, i, 1, b, sizeof b);
		if (strcmp(a, first) == 0 && (second == NULL || strcmp(b, second) == 0))
			return i;
	}
	fail_msg("no row %s", first);
	return 0;
}

static enum cell_state
cell_is(const struct kind *kind, const struct estate *estate, size_t row, const char *column,
	const char *want)
{
	char text[300];
	enum cell_state state = kind->cell(estate, row, column_of(kind, column), text, sizeof text);

	assert_string_equal(text, want);
	return state;
}

/* Exactly these fields, none more, none less. */
static void
fields_are(const json_t *object, const char *const *fields, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!json_object_get(object, fields[i]))
			fail_msg("no field %s", fields[i]);
	assert_int_equal(json_object_size(object), len);
}

static void
text_is(const json_t *object, const char *path, const char *want)
{
	const json_t *value = json_at(object, path);

	if (want == NULL) {
		assert_null(value);
		return;
	}
	if (!json_is_string(value))
		fail_msg("%s is no text", path);
	assert_string_equal(json_string_value(value), want);
}

static void
test_accounts(void **state)
{
	const struct estate *e = ((struct fixture *)*state)->estate;
	const struct kind *k = &kind_account;
	size_t payroll = row_of(k, e, "aa-payroll", "Automation");
	size_t billing = row_of(k, e, "aa-billing", NULL);
	size_t guidang = row_of(k, e, "aa-guidang", NULL);

	cell_is(k, e, payroll, "keySource", "microsoft");
	assert_int_equal(cell_is(k, e, payroll, "vault", "–"), CELL_NONE);
	cell_is(k, e, payroll, "identity", "–");
	cell_is(k, e, payroll, "state", "not onboarded");
	cell_is(k, e, billing, "keySource", "customer");
	cell_is(k, e, billing, "vault", "kv-billing");
	cell_is(k, e, billing, "key", "cmk-billing");
	cell_is(k, e, billing, "mode", "pinned");
	cell_is(k, e, billing, "resourceGroup", "rg-finance");
	assert_int_equal(cell_is(k, e, billing, "state", "behind by 2"), CELL_WARN);
	cell_is(k, e, guidang, "identity", "system");
	cell_is(k, e, guidang, "subscription", "Staging");
	assert_true(k->compare(e, billing, payroll, 0) < 0);
}

static void
test_account_json(void **state)
{
	static const char *const fields[] = {"id", "name", "type", "resourceGroup",
		"subscriptionId", "location", "tags", "keySource", "mode", "vaultUri", "keyName",
		"keyVersion", "currentKeyVersion", "identity", "state", "findings", "unknown"};
	const struct estate *e = ((struct fixture *)*state)->estate;
	json_t *json = kind_account.json(e, row_of(&kind_account, e, "aa-billing", NULL));
	const json_t *finding;

	fields_are(json, fields, ARRAY_LEN(fields));
	text_is(json, "type", "automation");
	text_is(json, "keySource", "customer");
	text_is(json, "mode", "pinned");
	text_is(json, "vaultUri", "https://kv-billing.vault.azure.net/");
	text_is(json, "keyName", "cmk-billing");
	text_is(json, "identity.type", "SystemAssigned");
	text_is(json, "state", "ok");
	assert_int_equal(strlen(json_string_value(json_at(json, "keyVersion"))), 32);
	assert_string_not_equal(json_string_value(json_at(json, "keyVersion")),
		json_string_value(json_at(json, "currentKeyVersion")));
	assert_int_equal(json_object_size(json_at(json, "unknown")), 0);
	finding = json_array_get(json_at(json, "findings"), 0);
	text_is(finding, "rule", "version-behind");
	text_is(finding, "severity", "medium");
	assert_int_equal(json_object_size(finding), 5);
	json_decref(json);
	json = kind_account.json(e, row_of(&kind_account, e, "aa-guidang", NULL));
	fields_are(json, fields, ARRAY_LEN(fields));
	text_is(json, "tags.owner", "财务部");
	text_is(json, "keySource", "microsoft");
	text_is(json, "mode", "none");
	text_is(json, "keyName", NULL);
	text_is(json, "state", "none");
	json_decref(json);
}

/* What a list says of an account and what its own replies say is one and the same object. */
static void
test_list_agrees_with_show(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < kind_account.count(f->estate); i++) {
		const struct service *service;
		struct facts facts;
		struct armid id;
		struct err err = {0};
		json_t *listed = kind_account.json(f->estate, i), *shown;
		struct account_sight sight;

		kind_account_id(f->estate, i, &id, &service);
		assert_true(estate_read_facts(f->estate, &id, &facts, &err));
		shown = show_account(&facts);
		if (!json_equal(listed, shown))
			fail_msg("%s differs", id.name);
		joins_sight(f->estate, i, &sight);
		assert_int_equal(sight.state, facts_state(&facts));
		json_decref(listed);
		json_decref(shown);
		facts_free(&facts);
	}
}

static void
test_vaults(void **state)
{
	static const char *const fields[] = {"id", "name", "kind", "uri", "location", "tenantId",
		"softDelete", "retentionDays", "purgeProtection", "grantModel", "network", "keys",
		"unknown"};
	const struct estate *e = ((struct fixture *)*state)->estate;
	size_t payroll = row_of(&kind_vault, e, "kv-payroll", NULL);
	size_t billing = row_of(&kind_vault, e, "kv-billing", NULL);
	json_t *json = kind_vault.json(e, payroll);
	struct armid id;

	cell_is(&kind_vault, e, payroll, "softDelete", "on");
	assert_int_equal(cell_is(&kind_vault, e, payroll, "purgeProtection", "off"), CELL_BAD);
	cell_is(&kind_vault, e, payroll, "keys", "4");
	cell_is(&kind_vault, e, billing, "purgeProtection", "on");
	cell_is(&kind_vault, e, billing, "grants", "policies");
	assert_true(kind_vault.compare(e, billing, payroll, column_of(&kind_vault, "keys")) < 0);
	fields_are(json, fields, ARRAY_LEN(fields));
	assert_true(json_is_false(json_object_get(json, "purgeProtection")));
	assert_int_equal(json_array_size(json_at(json, "keys")), 4);
	json_decref(json);
	kind_vault_id(e, billing, &id);
	assert_string_equal(id.name, "kv-billing");
}

static void
test_keys(void **state)
{
	static const char *const fields[] = {"id", "name", "vault", "kty", "bits", "operations",
		"enabled", "created", "expires", "current", "versions", "rotationPolicy",
		"recoveryLevel", "unknown"};
	const struct estate *e = ((struct fixture *)*state)->estate;
	const struct kind *k = &kind_key;
	size_t billing = row_of(k, e, "cmk-billing", "kv-billing");
	size_t ec = row_of(k, e, "cmk-ec", NULL);
	json_t *json = k->json(e, billing);
	const json_t *versions = json_at(json, "versions");
	struct keyid id;

	cell_is(k, e, billing, "bits", "2048");
	cell_is(k, e, billing, "versions", "3");
	cell_is(k, e, billing, "usedBy", "1");
	cell_is(k, e, billing, "state", "ok");
	cell_is(k, e, ec, "state", "not RSA");
	cell_is(k, e, row_of(k, e, "cmk-off", NULL), "state", "disabled");
	cell_is(k, e, row_of(k, e, "cmk-old", NULL), "state", "expired");
	assert_true(k->compare(e, ec, billing, column_of(k, "versions")) < 0);
	assert_true(k->compare(e, ec, billing, column_of(k, "bits")) < 0);
	fields_are(json, fields, ARRAY_LEN(fields));
	text_is(json, "id", "https://kv-billing.vault.azure.net/keys/cmk-billing");
	text_is(json, "unknown.rotationPolicy", "lists do not tell it; claviger key show reads it");
	assert_int_equal(json_array_size(versions), 3);
	text_is(json_array_get(versions, 0), "version",
		json_string_value(json_at(json, "current")));
	assert_string_equal(json_string_value(json_array_get(
				    json_at(json_array_get(versions, 2), "inUseBy"), 0)),
		"aa-billing");
	json_decref(json);
	kind_key_id(e, billing, &id);
	assert_string_equal(id.version, "");
}

static void
test_policies(void **state)
{
	static const char *const fields[] = {"principalId", "principal", "vault", "holds", "needs",
		"missing", "excess", "via", "role", "ignored", "scope", "unknown"};
	const struct estate *e = ((struct fixture *)*state)->estate;
	const struct kind *k = &kind_policy;
	size_t billing = row_of(k, e, "aa-billing", "kv-billing");
	json_t *json = k->json(e, billing);
	char principal[37];
	struct armid vault;
	size_t strangers = 0;

	cell_is(k, e, billing, "needs", "get recover wrapKey unwrapKey");
	cell_is(k, e, billing, "missing", "–");
	cell_is(k, e, billing, "via", "access policy");
	fields_are(json, fields, ARRAY_LEN(fields));
	assert_int_equal(json_array_size(json_at(json, "holds")), 4);
	assert_int_equal(json_array_size(json_at(json, "excess")), 0);
	kind_policy_id(e, billing, &vault, principal);
	assert_string_equal(vault.name, "kv-billing");
	text_is(json, "principalId", principal);
	json_decref(json);
	for (size_t i = 0; i < k->count(e); i++) {
		json = k->json(e, i);
		fields_are(json, fields, ARRAY_LEN(fields));
		if (json_is_null(json_object_get(json, "principal"))) {
			strangers++;
			assert_null(json_at(json, "needs"));
			assert_null(json_at(json, "missing"));
			assert_non_null(json_at(json, "unknown.needs"));
			assert_non_null(json_at(json, "unknown.excess"));
		}
		json_decref(json);
	}
	assert_true(strangers >= 2);
}

#define PRINCIPAL "aaaaaaaa-0000-4000-8000-00000000000"
#define CRYPTO_USER "12338af0-0e69-4776-bea7-57ae8d297424"
#define ENCRYPTION_USER "e147488a-f6f5-4113-8e2d-b22465e65bf6"

static void
grant(struct estate *estate, const char *scope, const char *principal, const char *role,
	const char *type)
{
	json_t *json = json_pack("{s:{s:s, s:s, s:s, s:s}}", "properties", "scope", scope,
		"principalId", principal, "principalType", type, "roleDefinitionId", role);
	struct err err = {0};

	assert_true(grant_rows_take(estate->grants, json, &err));
	json_decref(json);
	joins_drop(estate->joins);
}

/* An estate of its own without any role assignment. */
static struct estate *
without_grants(struct fixture *f)
{
	struct estate *estate = estate_new(f->session);
	struct err err = {0};

	assert_true(estate_load(estate, ESTATE_ACCOUNTS | ESTATE_VAULTS | ESTATE_KEYS, &err));
	grant_rows_free(estate->grants);
	estate->grants = grant_rows_new(&estate->principals);
	estate->read |= ESTATE_GRANTS;
	joins_drop(estate->joins);
	return estate;
}

static size_t
rows_with(const struct estate *estate, const char *principal)
{
	size_t found = 0;

	for (size_t i = 0; i < kind_policy.count(estate); i++) {
		char guid[37];
		struct armid vault;

		kind_policy_id(estate, i, &vault, guid);
		found += strcmp(guid, principal) == 0;
	}
	return found;
}

/* A role that stands above is listed for every vault that heeds roles, and for no other. */
static void
test_roles(void **state)
{
	struct estate *e = without_grants(*state);
	const struct kind *k = &kind_policy;
	char subscription[64], vault[ARMID_MAX], key[ARMID_MAX + 16];
	struct armid id;
	json_t *json;
	size_t row;

	kind_vault_id(e, row_of(&kind_vault, e, "kv-rbac", NULL), &id);
	snprintf(subscription, sizeof subscription, "/subscriptions/%s", id.subscription);
	armid_print(&id, vault);
	snprintf(key, sizeof key, "%s/keys/cmk-rbac", vault);
	grant(e, subscription, PRINCIPAL "1", CRYPTO_USER, "User");
	grant(e, key, PRINCIPAL "2", "/x/roleDefinitions/" ENCRYPTION_USER, "ServicePrincipal");
	grant(e, "/providers/Microsoft.Management/managementGroups/top", PRINCIPAL "3",
		PRINCIPAL "f", "Group");
	grant(e, vault, PRINCIPAL "4", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "User");
	grant(e, "/subscriptions/" PRINCIPAL "9", PRINCIPAL "5", CRYPTO_USER, "User");
	kind_vault_id(e, row_of(&kind_vault, e, "kv-billing", NULL), &id);
	grant(e, armid_print(&id, vault), PRINCIPAL "6", CRYPTO_USER, "User");

	row = row_of(k, e, PRINCIPAL "1", "kv-rbac");
	cell_is(k, e, row, "via", "Key Vault Crypto User");
	cell_is(k, e, row, "scope", "subscription");
	cell_is(k, e, row, "holds",
		"get list update backup encrypt decrypt wrapKey unwrapKey sign verify");
	assert_int_equal(rows_with(e, PRINCIPAL "1"), 1);
	row = row_of(k, e, PRINCIPAL "2", "kv-rbac");
	cell_is(k, e, row, "scope", "key");
	cell_is(k, e, row, "holds", "get list wrapKey unwrapKey");
	row = row_of(k, e, PRINCIPAL "3", "kv-rbac");
	cell_is(k, e, row, "scope", "above");
	cell_is(k, e, row, "via", PRINCIPAL "f");
	assert_int_equal(cell_is(k, e, row, "holds", "?"), CELL_UNKNOWN);
	json = k->json(e, row);
	text_is(json, "via", "role");
	text_is(json, "unknown.holds", "the role is a custom one");
	json_decref(json);
	assert_int_equal(rows_with(e, PRINCIPAL "4"), 0);
	assert_int_equal(rows_with(e, PRINCIPAL "5"), 0);
	row = row_of(k, e, PRINCIPAL "6", "kv-billing");
	cell_is(k, e, row, "via", "Key Vault Crypto User, ignored");
	json = k->json(e, row);
	assert_true(json_is_true(json_at(json, "ignored")));
	json_decref(json);
	estate_free(e);
}

/* Puts aa-billing on the key of the vault that grants by roles. */
static size_t
on_rbac(struct estate *e)
{
	size_t row = row_of(&kind_account, e, "aa-billing", NULL);
	struct account account = {.service = &service_automation,
		.source = KEY_SOURCE_CUSTOMER,
		.mode = KEY_MODE_PINNED,
		.identity = {.system = TRI_YES, .principal = PRINCIPAL "a"}};

	kind_key_id(e, row_of(&kind_key, e, "cmk-rbac", NULL), &account.key);
	key_rows_id(e->keys, row_of(&kind_key, e, "cmk-rbac", NULL), &account.key);
	account_rows_set(e->accounts, row, &account);
	joins_drop(e->joins);
	return row;
}

static void
state_is(const struct estate *e, size_t row, enum account_state state, const char *why)
{
	struct account_sight sight;
	json_t *json = kind_account.json(e, row);

	joins_sight(e, row, &sight);
	assert_int_equal(sight.state, state);
	if (!strstr(sight.why, why))
		fail_msg("'%s' is not in '%s'", why, sight.why);
	text_is(json, "state", account_state_name(state));
	json_decref(json);
}

/* ok and locked are claimed only where roles tell; a group or a custom role leaves it open. */
static void
test_state_by_roles(void **state)
{
	static const struct {
		const char *principal, *role, *type, *why;
		enum account_state state;
	} cases[] = {
		{PRINCIPAL "b", CRYPTO_USER, "User", "no role", ACCOUNT_LOCKED},
		{PRINCIPAL "a", "21090545-7ca7-4776-b22c-e363652d74d2", "ServicePrincipal",
			"no role", ACCOUNT_LOCKED},
		{PRINCIPAL "b", CRYPTO_USER, "Group", "group", ACCOUNT_UNKNOWN},
		{PRINCIPAL "a", PRINCIPAL "f", "ServicePrincipal", "custom", ACCOUNT_UNKNOWN},
		{PRINCIPAL "a", ENCRYPTION_USER, "ServicePrincipal", "", ACCOUNT_OK},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct estate *e = without_grants(*state);
		size_t row = on_rbac(e);
		char scope[ARMID_MAX];
		struct armid id;

		kind_vault_id(e, row_of(&kind_vault, e, "kv-rbac", NULL), &id);
		id.name[0] = '\0';
		snprintf(scope, sizeof scope, "/subscriptions/%s/resourceGroups/%s",
			id.subscription, id.group);
		grant(e, scope, cases[i].principal, cases[i].role, cases[i].type);
		state_is(e, row, cases[i].state, cases[i].why);
		e->read &= ~(unsigned)ESTATE_GRANTS;
		state_is(e, row, ACCOUNT_UNKNOWN, "not read");
		estate_free(e);
	}
}

static void
test_identities(void **state)
{
	static const char *const fields[] = {
		"id", "name", "principalId", "clientId", "tenantId", "usedBy", "unknown"};
	struct estate *e = without_grants(*state);
	const struct kind *k = &kind_identity;
	size_t archive = row_of(&kind_account, e, "starchive01", NULL);
	struct facts facts;
	struct err err = {0};
	json_t *json;

	row_facts(e, archive, &facts);
	assert_int_equal(facts.account.identity.users_len, 1);
	json = json_pack("{s:s, s:s, s:{s:s, s:s, s:s}}", "id", facts.account.identity.users[0].id,
		"location", "westeurope", "properties", "principalId",
		facts.account.identity.users[0].principal, "clientId", PRINCIPAL "c", "tenantId",
		PRINCIPAL "d");
	facts_free(&facts);
	identity_rows_free(e->identities);
	e->identities = identity_rows_new();
	assert_true(identity_rows_take(e->identities, json, 0, &err));
	json_decref(json);
	joins_drop(e->joins);
	assert_int_equal(k->count(e), 1);
	cell_is(k, e, 0, "name", "id-storage");
	cell_is(k, e, 0, "usedBy", "1");
	cell_is(k, e, 0, "clientId", PRINCIPAL "c");
	json = k->json(e, 0);
	fields_are(json, fields, ARRAY_LEN(fields));
	text_is(json, "tenantId", PRINCIPAL "d");
	assert_string_equal(
		json_string_value(json_array_get(json_at(json, "usedBy"), 0)), "starchive01");
	json_decref(json);
	cell_is(&kind_policy, e, row_of(&kind_policy, e, "id-storage", "kv-archive"), "missing",
		"–");
	estate_free(e);
}

static void
test_table(void **state)
{
	(void)state;
	assert_int_equal(kinds_len, 5);
	for (size_t i = 0; i < kinds_len; i++) {
		assert_ptr_equal(kind_find(kinds[i]->name), kinds[i]);
		assert_true(kinds[i]->empty[0] && kinds[i]->title[0]);
		assert_int_equal(kinds[i]->columns[0].rank, 0);
	}
	assert_null(kind_find("cat"));
}

/* An unread estate says so in every cell, and nothing is counted as none. */
static void
test_unread(void **state)
{
	struct fixture *f = *state;
	struct estate *estate = estate_new(f->session);
	const struct service *service;
	struct armid id;
	struct err err = {0};
	json_t *json;
	char text[40];

	assert_true(estate_find_account(estate, "aa-billing", NULL, &id, &service, &err));
	cell_is(&kind_account, estate, row_of(&kind_account, estate, "aa-billing", NULL), "state",
		"unknown");
	assert_true(estate_load(estate, ESTATE_VAULTS, &err));
	assert_int_equal(
		kind_vault.cell(estate, 0, column_of(&kind_vault, "keys"), text, sizeof text),
		CELL_UNKNOWN);
	json = kind_vault.json(estate, 0);
	assert_true(json_is_null(json_object_get(json, "keys")));
	json_decref(json);
	assert_true(estate_load(estate, ESTATE_ACCOUNTS, &err));
	json = kind_account.json(estate, row_of(&kind_account, estate, "aa-billing", NULL));
	text_is(json, "keySource", "customer");
	text_is(json, "currentKeyVersion", NULL);
	text_is(json, "unknown.currentKeyVersion", "not read");
	text_is(json, "state", "unknown");
	json_decref(json);
	estate_free(estate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_state_by_roles),
		cmocka_unit_test(test_identities),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_account_json),
		cmocka_unit_test(test_list_agrees_with_show),
		cmocka_unit_test(test_vaults),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_policies),
		cmocka_unit_test(test_unread),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
