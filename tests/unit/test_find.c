/* From a name to one resource, and from one resource to its facts, with links that are broken in
 * every place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/script.h"

static void
find_fails(struct estate *estate, const char *name, const char *group, enum err_kind kind,
	const char *part)
{
	const struct service *service;
	struct armid id;
	struct err err = {0};

	assert_false(estate_find_account(estate, name, group, &id, &service, &err));
	assert_int_equal(err.kind, kind);
	if (!strstr(err.msg, part))
		fail_msg("'%s' is not in '%s'", part, err.msg);
}

static void
test_find_account(void **state)
{
	static const struct answer twice[] = {
		{ARM, LIST(S2), 200, "{\"value\":[" ELEMENT(AUTOMATION(S2, "rg-b", "aa-one")) "]}"},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	struct estate *estate = stage->estate;
	const struct service *service;
	struct armid id;
	struct err err = {0};

	script_over = twice;
	assert_true(estate_find_account(estate, "AA-Two", NULL, &id, &service, &err));
	assert_string_equal(id.name, "aa-two");
	assert_ptr_equal(service, &service_automation);
	/* Subscriptions and lists, but not one request an account. */
	assert_int_equal(atomic_load(&stage->world.calls), 7 + 2 * ((int)services_len - 1));
	find_fails(estate, "aa-one", NULL, ERR_USAGE, "more than once");
	find_fails(estate, "aa-on", NULL, ERR_NOT_FOUND, "did you mean aa-one");
	find_fails(estate, "two", NULL, ERR_NOT_FOUND, "did you mean aa-two");
	find_fails(estate, "zzzzzz", NULL, ERR_NOT_FOUND, "claviger account list");
	find_fails(estate, "aa-two", "rg-b", ERR_NOT_FOUND, "aa-two");
	find_fails(estate, "/subscriptions/x", NULL, ERR_USAGE, "GUID");
	find_fails(estate, VAULT(S1, "kv-one"), NULL, ERR_USAGE, "Microsoft.KeyVault/vaults");
	assert_true(estate_find_account(estate, "aa-one", "RG-B", &id, &service, &err));
	assert_string_equal(id.subscription, S2);
	assert_true(estate_find_account(
		estate, AUTOMATION(S1, "rg", "unseen"), NULL, &id, &service, &err));
	/* What the names did not tell is read when it is asked for. */
	script_over = NULL;
	script_load(stage, ESTATE_ACCOUNTS);
	script_cell(&kind_account, estate, "aa-one", "keySource", "customer");
}

static void
test_find_key(void **state)
{
	struct stage *stage = *state;
	struct estate *estate = stage->estate;
	char uri[KEYID_MAX];
	struct keyid id;
	struct err err = {0};

	assert_true(estate_find_key(estate, "kv-one/new-key", NULL, &id, &err));
	assert_string_equal(keyid_print(&id, uri), KID("kv-one", "new-key"));
	assert_true(estate_find_key(estate, "cmk", "KV-ONE", &id, &err));
	assert_string_equal(keyid_print(&id, uri), KID("kv-one", "cmk"));
	assert_true(estate_find_key(estate, "cmk", NULL, &id, &err));
	assert_string_equal(keyid_print(&id, uri), KID("kv-one", "cmk"));
	assert_true(estate_find_key(estate, KID("kv-far", "k") "/" V1, NULL, &id, &err));
	assert_string_equal(id.version, V1);
	assert_false(estate_find_key(estate, "kv-onn/cmk", NULL, &id, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_non_null(strstr(err.msg, "did you mean kv-one"));
	assert_false(estate_find_key(estate, "cmq", NULL, &id, &err));
	assert_non_null(strstr(err.msg, "did you mean cmk"));
	assert_false(estate_find_key(estate, "kv-one/cmk", "kv-two", &id, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(estate_find_key(estate, "kv-one/a b", NULL, &id, &err));
	assert_int_equal(err.kind, ERR_USAGE);
	assert_false(estate_find_key(estate, "https://kv1.vault.azure.cn/keys/k", NULL, &id, &err));
	assert_non_null(strstr(err.msg, "AzureChinaCloud"));
	assert_false(estate_find_key(estate, KID("kv-one", "k"), "kv-two", &id, &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

/* Wherever an address can be given, one of another cloud is refused with the reason, and one that
 * only looks right is refused. */
static void
test_find_elsewhere(void **state)
{
	static const char *const alike[] = {"kv-one.vault.azure.net.evil.example",
		"me@kv-one.vault.azure.net", "kv-one.vault.azure.net:8443",
		"kv-one.vault.azure.net.", "kv\xd0\xb0one.vault.azure.net",
		"xn--kv-one-x.vault.azure.net", "kv-one.evil.vault.azure.net"};
	struct stage *stage = *state;
	struct estate *estate = stage->estate;
	char text[200];
	struct keyid key;
	struct armid id;
	struct err err = {0};

	assert_false(estate_find_vault(estate, "https://kv-one.vault.azure.cn/", &id, &err));
	assert_string_equal(err.code, "WrongCloud");
	assert_false(estate_find_vault(estate, "h1.managedhsm.usgovcloudapi.net", &id, &err));
	assert_non_null(strstr(err.msg, "a Managed HSM of AzureUSGovernment"));
	assert_false(estate_find_key(estate, "kv-one.vault.azure.cn/cmk", NULL, &key, &err));
	assert_string_equal(err.code, "WrongCloud");
	assert_false(estate_find_key(estate, "cmk", "https://kv-one.vault.azure.cn", &key, &err));
	assert_string_equal(err.code, "WrongCloud");
	assert_false(
		estate_find_key(estate, "http://kv-one.vault.azure.net/keys/k", NULL, &key, &err));
	assert_non_null(strstr(err.msg, "https://"));
	for (size_t i = 0; i < ARRAY_LEN(alike); i++) {
		snprintf(text, sizeof text, "https://%s", alike[i]);
		assert_false(estate_find_vault(estate, text, &id, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_false(estate_find_vault(estate, alike[i], &id, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		snprintf(text, sizeof text, "https://%s/keys/cmk", alike[i]);
		assert_false(estate_find_key(estate, text, NULL, &key, &err));
		assert_int_equal(err.kind, ERR_USAGE);
	}
	/* None of this was worth a question. */
	assert_int_equal(atomic_load(&stage->world.calls), 0);
	assert_true(estate_find_vault(estate, "KV-One.vault.azure.net", &id, &err));
	assert_string_equal(id.name, "kv-one");
	assert_false(estate_find_vault(estate, "https://kv-one.managedhsm.azure.net", &id, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void
test_find_vault(void **state)
{
	struct stage *stage = *state;
	struct armid id;
	struct err err = {0};

	assert_true(estate_find_vault(stage->estate, "KV-Two", &id, &err));
	assert_string_equal(id.name, "kv-two");
	assert_true(estate_find_vault(stage->estate, "https://kv-one.vault.azure.net/", &id, &err));
	assert_string_equal(id.group, "rg");
	assert_true(estate_find_vault(stage->estate, VAULT(S2, "kv-unseen"), &id, &err));
	assert_false(estate_find_vault(stage->estate, AUTOMATION(S1, "rg", "aa"), &id, &err));
	assert_int_equal(err.kind, ERR_USAGE);
}

static void
read_account(struct stage *stage, const char *name, struct facts *out)
{
	const struct service *service;
	struct armid id;
	struct err err = {0};

	assert_true(estate_find_account(stage->estate, name, NULL, &id, &service, &err));
	if (!estate_read_facts(stage->estate, &id, out, &err))
		fail_msg("%s", err.msg);
}

/* The version in use is read for itself: its type and operations count, not the newest one's. */
static void
test_read_facts(void **state)
{
	static const struct answer other[] = {
		{"kv-one", "/keys/cmk/" V1, 200,
			"{\"key\":{\"kid\":\"" KID("kv-one",
				"cmk") "/" V1
				       "\",\"kty\":\"RSA-HSM\",\"key_ops\":[\"unwrapKey\"]},\"attributes\":{}}"},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	struct facts facts;

	script_over = other;
	read_account(stage, "aa-one", &facts);
	assert_int_equal(facts.vault_known, KNOWN_READ);
	assert_int_equal(facts.key_known, KNOWN_READ);
	assert_true(facts.key.listed);
	assert_int_equal(facts.key.versions_len, 2);
	assert_string_equal(facts.key.id.version, V2);
	assert_string_equal(facts.key.kty, "RSA-HSM");
	assert_int_equal(facts.key.ops, PERM_UNWRAP);
	assert_string_equal(facts_version(&facts)->version, V1);
	assert_int_equal(facts_state(&facts), ACCOUNT_OK);
	assert_true(facts.now > 0);
	facts_free(&facts);
	read_account(stage, "aa-three", &facts);
	assert_int_equal(facts.vault_known, KNOWN_NOT_READ);
	assert_int_equal(facts_state(&facts), ACCOUNT_NONE);
	facts_free(&facts);
}

static void
test_read_broken_links(void **state)
{
	static const struct answer gone[] = {{"kv-one", "/keys/cmk", 404, ERROR("KeyNotFound")},
		{ARM, VAULT(S1, "kv-one"), 403, ERROR("AuthorizationFailed")},
		{NULL, NULL, 0, NULL}};
	static const struct answer unlisted[] = {
		{"kv-one", "/keys/cmk/versions", 403, ERROR("Forbidden")},
		{ARM, VAULTS(S1), 403, ERROR("AuthorizationFailed")}, {NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	struct facts facts;

	script_over = unlisted;
	read_account(stage, "aa-one", &facts);
	assert_int_equal(facts.vault_known, KNOWN_FAILED);
	assert_non_null(strstr(facts.vault_why.msg, "kv-one"));
	assert_int_equal(facts.key_known, KNOWN_READ);
	assert_int_equal(facts.key_why.kind, ERR_DENIED);
	assert_false(facts.key.listed);
	assert_string_equal(facts_version(&facts)->version, V1);
	assert_int_equal(facts_state(&facts), ACCOUNT_UNKNOWN);
	facts_free(&facts);
	script_over = gone;
	estate_refresh(stage->estate, ESTATE_VAULTS);
	script_turn(stage, ESTATE_VAULTS);
	read_account(stage, "aa-one", &facts);
	assert_int_equal(facts.vault_known, KNOWN_DENIED);
	assert_int_equal(facts.key_known, KNOWN_ABSENT);
	assert_int_equal(facts_state(&facts), ACCOUNT_LOCKED);
	facts_free(&facts);
}

static void
test_read_nothing(void **state)
{
	struct stage *stage = *state;
	struct facts facts;
	struct armid id;
	struct err err = {0};

	assert_true(armid_parse(&id, AUTOMATION(S1, "rg", "none"), &err));
	assert_false(estate_read_facts(stage->estate, &id, &facts, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_true(strstr(err.msg, "account none: ") == err.msg);
}

static void
never(void *user, struct facts *facts, const struct err *err)
{
	(void)user;
	(void)facts;
	(void)err;
	fail_msg("a cancelled reading reported");
}

static void
test_cancel(void **state)
{
	struct stage *stage = *state;
	struct reading *reading;
	struct armid id;
	struct err err;

	assert_true(armid_parse(&id, AUTOMATION(S1, "rg", "aa-one"), &err));
	reading = estate_read_start(stage->estate, &id, never, NULL);
	loop_turn(session_loop(stage->world.session), 50);
	reading_cancel(reading);
	/* The other goes with the estate. */
	estate_read_start(stage->estate, &id, never, NULL);
}

static void
test_read_one(void **state)
{
	struct stage *stage = *state;
	struct vault vault;
	struct armid id;
	struct keyid key;
	struct key read;
	struct err err = {0};

	assert_true(estate_find_vault(stage->estate, "kv-one", &id, &err));
	assert_true(estate_read_vault(stage->estate, &id, &vault, &err));
	assert_int_equal(
		vault_rights(&vault, P1), PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP);
	vault_free(&vault);
	assert_true(estate_find_key(stage->estate, "kv-one/cmk", NULL, &key, &err));
	assert_true(estate_read_key(stage->estate, &key, &read, &err));
	assert_string_equal(read.id.version, V2);
	assert_int_equal(read.versions_len, 2);
	assert_int_equal(key_versions_behind(&read, V1), 1);
	key_free(&read);
	assert_true(estate_find_key(stage->estate, "kv-one/none", NULL, &key, &err));
	assert_false(estate_read_key(stage->estate, &key, &read, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_find_account),
		TEST(test_find_key),
		TEST(test_find_elsewhere),
		TEST(test_find_vault),
		TEST(test_read_facts),
		TEST(test_read_broken_links),
		TEST(test_read_nothing),
		TEST(test_cancel),
		TEST(test_read_one),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
