/* The lists read from a scripted Azure: pages of every shape, refusals of every kind, and what is
 * then known, unknown or noted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/estate/inside.h"
#include "tests/fixtures/script.h"

static void
test_whole(void **state)
{
	struct stage *stage = *state;
	struct estate *estate = stage->estate;
	size_t done, total;

	assert_int_equal(estate_age(estate), -1);
	script_load(stage, ESTATE_ALL);
	assert_int_equal(estate_subscriptions(estate), 2);
	assert_string_equal(estate_subscription_name(estate, 1), "Staging");
	assert_int_equal(kind_account.count(estate), 3);
	assert_int_equal(kind_vault.count(estate), 2);
	script_cell(&kind_account, estate, "aa-one", "state", "behind by 1");
	script_cell(&kind_account, estate, "aa-one", "version", "11111111");
	script_cell(&kind_account, estate, "aa-two", "state", "locked");
	script_cell(&kind_account, estate, "aa-three", "state", "not onboarded");
	script_cell(&kind_account, estate, "aa-three", "subscription", "Staging");
	script_cell(&kind_key, estate, "cmk", "versions", "2");
	script_cell(&kind_key, estate, "cmk", "usedBy", "1");
	script_cell(&kind_vault, estate, "kv-one", "keys", "1");
	assert_true(estate_age(estate) >= 0);
	estate_progress(estate, &done, &total);
	assert_int_equal(done, total);
}

/* A vault that does not let its keys be listed is an unknown, not an empty one. */
static void
test_denied_vault(void **state)
{
	struct stage *stage = *state;
	struct estate *estate = stage->estate;
	json_t *json;

	script_load(stage, ESTATE_ALL);
	script_note(estate, "vault kv-two: keys: ");
	assert_int_equal(kind_key.count(estate), 3);
	script_cell(&kind_vault, estate, "kv-two", "keys", "?");
	script_cell(&kind_key, estate, "?", "vault", "kv-two");
	script_cell(&kind_key, estate, "?", "state", "unknown");
	json = kind_vault.json(estate, script_row(&kind_vault, estate, "kv-two"));
	assert_true(json_is_null(json_object_get(json, "keys")));
	assert_non_null(json_at(json, "unknown.keys"));
	json_decref(json);
	json = kind_key.json(estate, script_row(&kind_key, estate, "?"));
	assert_true(json_is_null(json_object_get(json, "name")));
	assert_non_null(json_at(json, "unknown.name"));
	json_decref(json);
}

static void
test_denied_subscription(void **state)
{
	static const struct answer denied[] = {{ARM, LIST(S2), 403, ERROR("AuthorizationFailed")},
		{ARM, VAULTS(S2), 403, ERROR("AuthorizationFailed")}, {NULL, NULL, 0, NULL}};
	struct stage *stage = *state;

	script_over = denied;
	script_load(stage, ESTATE_ACCOUNTS | ESTATE_VAULTS);
	assert_int_equal(kind_account.count(stage->estate), 2);
	script_note(stage->estate, "subscription Staging: Automation accounts: ");
	script_note(stage->estate, "subscription Staging: vaults: ");
	for (size_t i = 0; i < estate_notes(stage->estate); i++)
		assert_int_equal(estate_note(stage->estate, i)->kind, ERR_DENIED);
}

static void
test_denied_all(void **state)
{
	static const struct answer denied[] = {
		{ARM, "/subscriptions", 403, ERROR("AuthorizationFailed")}, {NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	struct err err = {0};

	script_over = denied;
	assert_false(estate_load(stage->estate, ESTATE_ACCOUNTS, &err));
	assert_int_equal(err.kind, ERR_DENIED);
	assert_true(strstr(err.msg, "subscriptions: ") == err.msg);
	/* Once it is allowed it is read after all. */
	script_over = NULL;
	script_load(stage, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 3);
}

static void
test_no_subscription(void **state)
{
	static const struct answer none[] = {
		{ARM, "/subscriptions?", 200, "{\"value\":[]}"}, {NULL, NULL, 0, NULL}};
	struct stage *stage = *state;

	script_over = none;
	script_load(stage, ESTATE_ALL);
	assert_int_equal(kind_account.count(stage->estate), 0);
	script_note(stage->estate, "no subscription");
}

/* Rows have 16 bits for the number of theirs: what has none is left out, and that is said. */
static void
test_too_many_subscriptions(void **state)
{
	struct stage *stage = *state;
	struct estate *estate = stage->estate;
	struct err why;

	estate->subscriptions = calloc(UINT16_MAX, sizeof *estate->subscriptions);
	assert_non_null(estate->subscriptions);
	estate->subscriptions_len = estate->subscriptions_room = UINT16_MAX;
	for (unsigned i = 0; i < UINT16_MAX; i++) {
		snprintf(estate->subscriptions[i].id, sizeof estate->subscriptions[i].id,
			"00000000-0000-4000-8000-%012x", i);
		estate->subscriptions[i].cached = true;
	}
	script_load(stage, ESTATE_ACCOUNTS);
	assert_int_equal(estate_subscriptions(estate), UINT16_MAX);
	assert_int_equal(kind_account.count(estate), 0);
	script_note(estate, "0001: it is one more than the 65535");
	assert_true(estate_lacks(estate, ESTATE_ACCOUNTS, &why));
}

/* What is about to cut does not rest on lists of a while ago. */
static void
test_load_new(void **state)
{
	struct stage *stage = *state;
	struct err err = {0};
	int calls;

	script_load(stage, ESTATE_ALL);
	calls = atomic_load(&stage->world.calls);
	assert_true(estate_load_new(stage->estate, ESTATE_ACCOUNTS | ESTATE_VAULTS, &err));
	assert_int_equal(atomic_load(&stage->world.calls), calls);
	clock_shift(clock_shifted() + 60);
	assert_true(estate_load_new(stage->estate, ESTATE_ACCOUNTS | ESTATE_VAULTS, &err));
	assert_true(atomic_load(&stage->world.calls) > calls);
	assert_int_equal(kind_account.count(stage->estate), 3);
	clock_shift(0);
}

static void
test_circle(void **state)
{
	static const struct answer circle[] = {
		{ARM, LIST(S1), 200,
			"{\"value\":[],\"nextLink\":\"https://" ARM LIST(S1) "page=9\"}"},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	int calls;

	script_over = circle;
	script_load(stage, ESTATE_ACCOUNTS);
	script_note(stage->estate, "circle");
	calls = atomic_load(&stage->world.calls);
	assert_true(calls < 12);
	assert_int_equal(kind_account.count(stage->estate), 1);
}

static void
test_foreign_link(void **state)
{
	static const struct answer foreign[] = {
		{ARM, LIST(S1), 200, "{\"value\":[],\"nextLink\":\"https://evil.example/x\"}"},
		{ARM, LIST(S2), 200,
			"{\"value\":[],\"nextLink\":\"https://management.azure.com.evil.example/\"}"},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;

	script_over = foreign;
	script_load(stage, ESTATE_ACCOUNTS);
	assert_int_equal(estate_notes(stage->estate), 3);
	assert_string_equal(estate_note(stage->estate, 1)->code, "ForeignOrigin");
	assert_string_equal(estate_note(stage->estate, 2)->code, "ForeignOrigin");
}

/* One broken element costs neither the others nor itself: its row says unknown. */
static void
test_wrong_type(void **state)
{
	static const struct answer broken[] = {
		{ARM, LIST(S1), 200,
			"{\"value\":[{\"id\":\"" AUTOMATION(S1, "rg",
				"aa-odd") "\",\"location\":[1]},{\"id\":7}," ELEMENT(AUTOMATION(S1,
				"rg", "aa-one")) "]}"},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	json_t *json;

	script_over = broken;
	script_load(stage, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 3);
	script_note(stage->estate, "location");
	script_note(stage->estate, "account of Production: account: ");
	script_cell(&kind_account, stage->estate, "aa-odd", "state", "unknown");
	script_cell(&kind_account, stage->estate, "aa-odd", "keySource", "?");
	json = kind_account.json(stage->estate, script_row(&kind_account, stage->estate, "aa-odd"));
	assert_true(json_is_null(json_object_get(json, "keySource")));
	assert_non_null(json_at(json, "unknown.keySource"));
	assert_string_equal(json_string_value(json_at(json, "state")), "unknown");
	json_decref(json);
}

static void
test_wrong_page(void **state)
{
	static const struct answer broken[] = {
		{ARM, "/subscriptions/" S1 "/", 200, "{\"value\":{}}"},
		{ARM, "/subscriptions/" S2 "/", 200, "<html>"}, {NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	struct err err = {0};

	script_over = broken;
	assert_false(estate_load(stage->estate, ESTATE_ACCOUNTS, &err));
	assert_int_equal(err.kind, ERR_FAILED);
	assert_string_equal(err.code, "BadReply");
	assert_non_null(strstr(err.msg, " accounts of subscription "));
	script_note(stage->estate, "value");
}

/* An account that cannot be read one by one stays in the list. */
static void
test_denied_account(void **state)
{
	static const struct answer denied[] = {
		{ARM, AUTOMATION(S1, "rg", "aa-one"), 403, ERROR("AuthorizationFailed")},
		{ARM, AUTOMATION(S1, "rg", "aa-two"), 200,
			MICROSOFT(AUTOMATION(S1, "rg", "aa-other"))},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;

	script_over = denied;
	script_load(stage, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 3);
	script_cell(&kind_account, stage->estate, "aa-one", "keySource", "?");
	script_cell(&kind_account, stage->estate, "aa-one", "state", "unknown");
	script_note(stage->estate, "account aa-one: ");
	script_note(stage->estate, "another account");
}

static void
count_changes(void *user)
{
	(*(int *)user)++;
}

/* Rows stay in sight until the new reading is complete; one that fails changes nothing. */
static void
test_refresh(void **state)
{
	static const struct answer fewer[] = {
		{ARM, LIST(S1), 200, "{\"value\":[]}"}, {NULL, NULL, 0, NULL}};
	static const struct answer denied[] = {
		{ARM, "/subscriptions/" S1 "/", 403, ERROR("AuthorizationFailed")},
		{ARM, "/subscriptions/" S2 "/", 403, ERROR("AuthorizationFailed")},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	int changes = 0;

	script_load(stage, ESTATE_ACCOUNTS);
	estate_on_change(stage->estate, count_changes, &changes);
	script_over = fewer;
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 3);
	script_cell(&kind_account, stage->estate, "aa-one", "keySource", "customer");
	/* Anew while it is under way. */
	loop_turn(session_loop(stage->world.session), 100);
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 3);
	script_turn(stage, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 1);
	assert_true(changes >= 4);
	script_over = denied;
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	script_turn(stage, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 1);
	assert_int_equal(estate_notes(stage->estate), 1 + 2 * services_len);
}

/* Before the answers are there cells are loading, and freeing in the middle is safe. */
static void
test_loading(void **state)
{
	struct stage *stage = *state;

	estate_refresh(stage->estate, ESTATE_ALL);
	assert_int_equal(estate_busy(stage->estate), ESTATE_ALL);
	while (kind_account.count(stage->estate) == 0)
		loop_turn(session_loop(stage->world.session), 100);
	if (estate_busy(stage->estate) & ESTATE_ACCOUNTS) {
		char text[40];

		assert_int_equal(
			kind_account.cell(stage->estate, 0, 2, text, sizeof text), CELL_LOADING);
		assert_string_equal(text, "…");
	}
}

/* An account without an entry on its vault is a row too; entries add up; roles are unknown. */
static void
test_policies(void **state)
{
	static const struct answer bare[] = {
		{ARM, VAULTS(S1), 200,
			"{\"value\":[" VAULT_BODY(VAULT(S1, "kv-one"), "kv-one",
				POLICY(P2, "\"get\"") "," POLICY(P2,
					"\"all\",\"teleport\"")) ","
								 "{\"id\":\"" VAULT(S1,
									 "kv-two") "\",\"properties\":{\"vaultUri\":\"https://kv-two.vault.azure.net\","
										   "\"enableRbacAuthorization\":true}}]}"},
		{NULL, NULL, 0, NULL}};
	struct stage *stage = *state;
	struct estate *estate = stage->estate;
	json_t *json;

	script_over = bare;
	script_load(stage, ESTATE_ACCOUNTS | ESTATE_VAULTS);
	assert_int_equal(kind_policy.count(estate), 3);
	script_cell(&kind_policy, estate, "aa-one", "holds", "–");
	script_cell(&kind_policy, estate, "aa-one", "missing", "get recover wrapKey unwrapKey");
	script_cell(&kind_policy, estate, "aa-one", "via", "–");
	json = kind_policy.json(estate, script_row(&kind_policy, estate, "aa-one"));
	assert_int_equal(json_array_size(json_object_get(json, "missing")), 4);
	assert_int_equal(json_array_size(json_object_get(json, "holds")), 0);
	json_decref(json);
	script_cell(&kind_account, estate, "aa-one", "state", "locked");
	/* The identity of aa-two on the other vault, by two entries. */
	json = kind_policy.json(estate, 1);
	assert_string_equal(json_string_value(json_object_get(json, "principal")), "aa-two");
	assert_int_equal(json_array_size(json_object_get(json, "holds")), 3);
	assert_int_equal(json_array_size(json_object_get(json, "needs")), 0);
	assert_int_equal(json_array_size(json_object_get(json, "excess")), 2);
	json_decref(json);
	script_cell(&kind_account, estate, "aa-two", "state", "unknown");
	json = kind_policy.json(estate, 2);
	assert_string_equal(json_string_value(json_object_get(json, "vault")), "kv-two");
	assert_true(json_is_null(json_object_get(json, "missing")));
	assert_non_null(json_at(json, "unknown.missing"));
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_whole),
		TEST(test_denied_vault),
		TEST(test_denied_subscription),
		TEST(test_denied_all),
		TEST(test_no_subscription),
		TEST(test_too_many_subscriptions),
		TEST(test_load_new),
		TEST(test_circle),
		TEST(test_foreign_link),
		TEST(test_wrong_type),
		TEST(test_wrong_page),
		TEST(test_denied_account),
		TEST(test_refresh),
		TEST(test_loading),
		TEST(test_policies),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
