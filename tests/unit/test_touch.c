/* What was changed is read again, alone: the rows that follow, those that cannot be read again, and
 * lists that still tell the old state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/estate/inside.h"
#include "tests/fixtures/script.h"

#define THREE AUTOMATION(S2, "rg-b", "aa-three")
#define GRAPH_ROW(id)                                                             \
	"{\"data\":[{\"id\":\"" id                                                \
	"\",\"type\":\"microsoft.automation/automationaccounts\",\"location\":\"" \
	"westeurope\",\"encryption\":{\"keySource\":\"Microsoft.Automation\"}}]}"
#define END                         \
	{                           \
		NULL, NULL, 0, NULL \
	}

static void
take_ids(struct armid *account, struct armid *vault, struct keyid *key, const char *name)
{
	char uri[200];

	assert_true(armid_parse(account, THREE, NULL));
	assert_true(armid_parse(vault, VAULT(S1, "kv-one"), NULL));
	snprintf(uri, sizeof uri, "https://kv-one.vault.azure.net/keys/%s/" V1, name);
	assert_true(keyid_parse(key, uri, cloud_find("AzureCloud"), NULL));
}

static void
touch(struct stage *stage, const char *key_name)
{
	struct armid account, vault;
	struct keyid key;

	take_ids(&account, &vault, &key, key_name);
	estate_touch(stage->estate, &account, &vault, &key);
	assert_true(estate_busy(stage->estate) != 0);
	script_turn(stage, ESTATE_ALL);
}

static const struct answer onboarded[] = {
	{ARM, THREE, 200, CUSTOMER(THREE, P1, "kv-one", "cmk", V2)}, END};

static void
test_rows_follow(void **state)
{
	struct stage *stage = *state;
	int before;

	script_load(stage, ESTATE_START);
	script_cell(&kind_account, stage->estate, "aa-three", "state", "not onboarded");
	script_over = onboarded;
	before = atomic_load(&stage->world.calls);
	touch(stage, "cmk");
	script_cell(&kind_account, stage->estate, "aa-three", "state", "ok");
	script_cell(&kind_account, stage->estate, "aa-three", "key", "cmk");
	script_cell(&kind_key, stage->estate, "cmk", "type", "RSA");
	script_cell(&kind_key, stage->estate, "cmk", "versions", "2");
	/* account, vault, key, two pages of versions */
	assert_int_equal(atomic_load(&stage->world.calls) - before, 5);
	assert_int_equal(kind_account.count(stage->estate), 3);
	script_cell(&kind_account, stage->estate, "aa-one", "state", "behind by 1");
}

/* A list that lags behind does not bring the old state back. */
static void
test_lagging_lists(void **state)
{
	static const struct answer lagging[] = {
		{ARM, GRAPH_FOR("microsoft.automation"), 200, GRAPH_ROW(THREE)},
		{ARM, GRAPH, 200, "{\"data\":[]}"},
		{ARM, THREE, 200, CUSTOMER(THREE, P1, "kv-one", "cmk", V2)}, END};
	struct stage *stage = *state;

	script_load(stage, ESTATE_START);
	script_over = onboarded;
	touch(stage, "cmk");
	script_over = lagging;
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	script_turn(stage, ESTATE_ALL);
	assert_int_equal(kind_account.count(stage->estate), 1);
	script_cell(&kind_account, stage->estate, "aa-three", "keySource", "customer");
}

/* While lists are being read it waits for their end. */
static void
test_while_busy(void **state)
{
	struct stage *stage = *state;
	struct armid account, vault;
	struct keyid key;

	script_load(stage, ESTATE_START);
	script_over = onboarded;
	take_ids(&account, &vault, &key, "cmk");
	estate_refresh(stage->estate, ESTATE_START);
	estate_touch(stage->estate, &account, NULL, NULL);
	estate_touch(stage->estate, NULL, &vault, NULL);
	estate_touch(stage->estate, NULL, NULL, &key);
	estate_refresh(stage->estate, ESTATE_VAULTS);
	script_turn(stage, ESTATE_ALL);
	script_cell(&kind_account, stage->estate, "aa-three", "state", "ok");
	assert_int_equal(kind_account.count(stage->estate), 3);
	assert_int_equal(kind_vault.count(stage->estate), 2);
}

/* What cannot be read again stays, unknown and with the reason; it comes back when it can. */
static void
test_unknown(void **state)
{
	static const struct answer refused[] = {{ARM, THREE, 403, ERROR("NotYours")},
		{ARM, VAULT(S1, "kv-one"), 403, ERROR("NotThisVault")},
		{"kv-one", "/keys/cmk", 403, ERROR("Forbidden")}, END};
	struct stage *stage = *state;
	json_t *json;

	script_load(stage, ESTATE_START);
	script_over = refused;
	touch(stage, "cmk");
	assert_int_equal(kind_account.count(stage->estate), 3);
	assert_int_equal(kind_vault.count(stage->estate), 2);
	script_cell(&kind_account, stage->estate, "aa-three", "state", "unknown");
	script_cell(&kind_account, stage->estate, "aa-one", "state", "unknown");
	script_cell(&kind_vault, stage->estate, "kv-one", "purgeProtection", "?");
	script_cell(&kind_vault, stage->estate, "kv-one", "grants", "?");
	script_cell(&kind_key, stage->estate, "cmk", "state", "unknown");
	script_note(stage->estate, "account aa-three: ");
	script_note(stage->estate, "vault kv-one: ");
	script_note(stage->estate, "key kv-one/cmk: ");
	json = kind_vault.json(stage->estate, script_row(&kind_vault, stage->estate, "kv-one"));
	assert_true(json_is_null(json_object_get(json, "purgeProtection")));
	assert_non_null(strstr(
		json_string_value(json_at(json, "unknown.purgeProtection")), "NotThisVault"));
	json_decref(json);
	script_over = onboarded;
	touch(stage, "cmk");
	script_cell(&kind_account, stage->estate, "aa-three", "state", "ok");
	script_cell(&kind_vault, stage->estate, "kv-one", "purgeProtection", "on");
}

/* A key becomes a row when it is there, not before. */
static void
test_new_key(void **state)
{
	static const struct answer created[] = {
		{"kv-one", "/keys/other/versions?", 200,
			"{\"value\":[" VERSION("kv-one", "other", V1, "100", "true") "]}"},
		{"kv-one", "/keys/other", 200, BUNDLE("kv-one", "other", V1, "100")}, END};
	struct stage *stage = *state;
	size_t notes, rows;

	script_load(stage, ESTATE_START);
	notes = estate_notes(stage->estate);
	rows = kind_key.count(stage->estate);
	touch(stage, "other");
	assert_int_equal(kind_key.count(stage->estate), rows);
	assert_int_equal(estate_notes(stage->estate), notes);
	script_over = created;
	touch(stage, "other");
	assert_int_equal(kind_key.count(stage->estate), rows + 1);
	script_cell(&kind_key, stage->estate, "other", "versions", "1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows_follow),
		TEST(test_lagging_lists),
		TEST(test_while_busy),
		TEST(test_unknown),
		TEST(test_new_key),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
