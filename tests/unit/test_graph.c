/* Resource Graph: what is asked, pages that follow each other by token, rows of every shape, and
 * the providers' lists in its place when it is refused or broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/estate/list.h"
#include "tests/fixtures/script.h"

#define ACCOUNTS "microsoft.automation/automationaccounts"
#define ROLES "authorizationresources"
#define VAULT_TYPES "microsoft.keyvault/vaults"
#define PAGE(rows)                                                                     \
	"{\"totalRecords\":9,\"count\":1,\"resultTruncated\":\"false\",\"facets\":[]," \
	"\"data\":[" rows "]}"
#define PAGE_MORE(rows, token)                                                          \
	"{\"totalRecords\":9,\"count\":1,\"resultTruncated\":\"false\",\"data\":[" rows \
	"],\"$skipToken\":\"" token "\"}"
#define ROW_START(id)                                   \
	"{\"id\":\"" id "\",\"type\":\"" ACCOUNTS "\"," \
	"\"location\":\"westeurope\",\"tags\":null,"
#define IDENTITY                                                                \
	"\"identity\":{\"type\":\"SystemAssigned\",\"principalId\":\"" P1 "\"," \
	"\"tenantId\":\"" TENANT "\"},"
#define ROW_CUSTOMER(id)                                                                         \
	ROW_START(id)                                                                            \
	IDENTITY "\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyVaultProperties\":{" \
		 "\"keyName\":\"cmk\",\"keyvaultUri\":\"https://kv-one.vault.azure.net\","       \
		 "\"keyVersion\":\"" V1 "\"}}}"
#define ROW_BARE(id) ROW_START(id) "\"identity\":null,\"encryption\":null}"
#define KV_ONE "https://kv-one.vault.azure.net/"
#define ROW_VAULT                                                                                  \
	"{\"id\":\"" VAULT(                                                                        \
		S1, "kv-one") "\",\"type\":\"" VAULT_TYPES "\","                                   \
			      "\"location\":\"westeurope\",\"properties\":{\"vaultUri\":\"" KV_ONE \
			      "\",\"accessPolicies\":[" POLICY(P1, FOUR) "]}}"
#define END                         \
	{                           \
		NULL, NULL, 0, NULL \
	}
#define VAULTS_AND_ROLES                                     \
	{ARM, GRAPH_FOR(VAULT_TYPES), 200, PAGE(ROW_VAULT)}, \
	{                                                    \
		ARM, GRAPH_FOR(ROLES), 200, PAGE("")         \
	}

static size_t
calls_of(struct stage *stage)
{
	return (size_t)atomic_load(&stage->world.calls);
}

static void
test_query(void **state)
{
	char *all = graph_query(ESTATE_VAULTS | ESTATE_IDENTITIES);
	char *accounts = graph_query(ESTATE_ACCOUNTS), *grants = graph_query(ESTATE_GRANTS);

	(void)state;
	assert_string_equal(all,
		"resources | where type in~ ('microsoft.keyvault/vaults', "
		"'microsoft.keyvault/managedhsms', "
		"'microsoft.managedidentity/userassignedidentities') | order by id asc | project "
		"id, type, location, tags, sku, properties");
	for (size_t i = 0; i < services_len; i++) {
		char type[96];

		snprintf(type, sizeof type, "%s", services[i]->arm_type);
		for (char *p = type; *p; p++)
			*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
		assert_non_null(strstr(accounts, type));
	}
	assert_non_null(strstr(accounts, "| order by id asc | project id, "));
	assert_null(strstr(accounts, "keyvault/"));
	assert_non_null(strstr(grants, "| project id, scope = properties.scope"));
	free(all);
	free(accounts);
	free(grants);
}

/* Two pages; the key's versions alone are read. An account without its encryption is asked for. */
static void
test_pages(void **state)
{
	static const struct answer pages[] = {
		{ARM, GRAPH_FOR("\"$skipToken\":\"t/2\""), 200,
			PAGE(ROW_BARE(AUTOMATION(S2, "rg-b", "aa-three")))},
		{ARM, GRAPH_FOR(ACCOUNTS), 200,
			PAGE_MORE(ROW_CUSTOMER(AUTOMATION(S1, "rg", "aa-one")), "t/2")},
		VAULTS_AND_ROLES, END};
	struct stage *stage = *state;
	struct estate *estate = stage->estate;

	script_over = pages;
	script_load(stage, ESTATE_START);
	assert_int_equal(estate_notes(estate), 0);
	assert_int_equal(kind_account.count(estate), 2);
	script_cell(&kind_account, estate, "aa-one", "state", "behind by 1");
	script_cell(&kind_account, estate, "aa-three", "state", "not onboarded");
	script_cell(&kind_account, estate, "aa-three", "subscription", "Staging");
	/* subscriptions 2, Resource Graph 2 + 1 + 1, aa-three, versions 2 */
	assert_int_equal(calls_of(stage), 9);
	/* Keys of vaults on top: one list, one key, no versions once more. */
	script_load(stage, ESTATE_KEYS);
	assert_int_equal(calls_of(stage), 11);
	script_cell(&kind_key, estate, "cmk", "type", "RSA");
	script_cell(&kind_key, estate, "cmk", "versions", "2");
}

/* How many keys there are takes one list a vault; more is read of them when they are looked at. */
static void
test_names(void **state)
{
	static const struct answer pages[] = {VAULTS_AND_ROLES, END};
	struct stage *stage = *state;
	struct estate *estate = stage->estate;

	script_over = pages;
	script_load(stage, ESTATE_NAMES);
	/* subscriptions 2, Resource Graph, the vault's keys */
	assert_int_equal(calls_of(stage), 4);
	script_cell(&kind_vault, estate, "kv-one", "keys", "1");
	script_cell(&kind_key, estate, "cmk", "type", "?");
	estate_refresh(estate, ESTATE_KEYS);
	script_cell(&kind_key, estate, "cmk", "type", "…");
	script_cell(&kind_key, estate, "cmk", "state", "loading");
	script_turn(stage, ESTATE_ALL);
	script_cell(&kind_key, estate, "cmk", "type", "RSA");
	/* the key, two pages of versions */
	assert_int_equal(calls_of(stage), 7);
}

static void
test_named_subscriptions(void **state)
{
	static const struct answer pages[] = {
		{ARM,
			GRAPH_FOR("\"subscriptions\":[\"" S1
				  "\",\"33333333-0000-0000-0000-000000000003\"]"),
			200, PAGE(ROW_CUSTOMER(AUTOMATION(S1, "rg", "aa-one")))},
		{ARM, GRAPH, 500, "{}"}, END};
	struct stage *stage = *state;
	struct profile *profile = (struct profile *)session_profile(stage->world.session);

	script_over = pages;
	snprintf(profile->subscriptions[0], sizeof profile->subscriptions[0], "%s", S1);
	snprintf(profile->subscriptions[1], sizeof profile->subscriptions[1],
		"33333333-0000-0000-0000-000000000003");
	profile->subscriptions_len = 2;
	profile->read_only = true;
	script_load(stage, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 1);
	assert_int_equal(estate_notes(stage->estate), 1);
	script_note(stage->estate,
		"subscription 33333333-0000-0000-0000-000000000003: the profile names it");
}

/* What one row lacks does not cost the others; the note says which row and which member. */
static void
test_hostile_rows(void **state)
{
	static const struct answer pages[] = {
		{ARM, GRAPH_FOR(ACCOUNTS), 200,
			PAGE("7,{\"id\":\"x\"}," ROW_START(
				"x") "\"encryption\":{}}," ROW_START(AUTOMATION(S1, "rg",
				"aa-odd")) "\"identity\":[1],\"encryption\":{}}," ROW_VAULT
					   "," ROW_CUSTOMER(AUTOMATION(S1, "rg", "aa-one")))},
		END};
	struct stage *stage = *state;

	script_over = pages;
	script_load(stage, ESTATE_ACCOUNTS);
	script_note(stage->estate, "Resource Graph: data[0]: the reply has no type");
	script_note(stage->estate, "Resource Graph: data[1]: the reply has no type");
	script_note(stage->estate, "Resource Graph: data[2]: id: names no subscription");
	script_note(stage->estate, "Resource Graph: data[3]: account aa-odd: ");
	script_note(stage->estate, "identity");
	script_note(stage->estate, "Resource Graph: data[4]: " VAULT_TYPES " was not asked for");
	assert_int_equal(kind_account.count(stage->estate), 2);
	script_cell(&kind_account, stage->estate, "aa-odd", "state", "unknown");
	script_cell(&kind_account, stage->estate, "aa-one", "keySource", "customer");
}

/* Whatever is wrong with Resource Graph, the providers' lists tell everything once. */
static void
test_fallback(void **state)
{
	static const char *const bodies[] = {
		PAGE_MORE(ROW_CUSTOMER(AUTOMATION(S1, "rg", "aa-graph")), "t"), /* in a circle */
		"{\"data\":[" ROW_CUSTOMER(AUTOMATION(S1, "rg", "aa-graph")) ",{\"id\":",
		"{\"data\":{\"columns\":[],\"rows\":[]}}", "{\"count\":0}", "[]", "",
		"{\"data\":[],\"data\":[]}", "{\"data\":[],\"$skipToken\":7}", "{\"data\":[]} x"};
	static const char *const said[] = {"circle", "line 1", "data is an object", "data", "data",
		"empty", "duplicate", "skipToken", "end of file"};
	struct stage *stage = *state;
	struct answer broken[] = {{ARM, GRAPH, 200, ""}, END};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		broken[0].body = bodies[i];
		script_over = broken;
		estate_free(stage->estate);
		stage->estate = estate_new(stage->world.session);
		script_load(stage, ESTATE_ACCOUNTS);
		assert_int_equal(kind_account.count(stage->estate), 3);
		assert_int_equal(estate_notes(stage->estate), 1);
		script_note(stage->estate, said[i]);
		script_note(stage->estate, "the lists of every subscription are read instead");
		assert_string_equal(estate_note(stage->estate, 0)->code, "BadReply");
	}
}

enum { LONG = 2000 };

/* A page of LONG rows, some 600 kB, with `end` behind the last of them. */
static char *
long_page(const char *end)
{
	struct buf out;
	char *text;

	buf_init(&out, 1024 * 1024);
	assert_true(buf_adds(&out, "{\"count\":2000,\"data\":["));
	for (int i = 0; i < LONG; i++)
		assert_true(buf_addf(&out,
			"%s" ROW_START(AUTOMATION(S1, "rg",
				"aa-%05d")) "\"identity\":null,"
					    "\"encryption\":{\"keySource\":\"Microsoft.Automation\"}}",
			i ? "," : "", i));
	assert_true(buf_adds(&out, end));
	text = mem_strdup(buf_text(&out));
	buf_free(&out);
	return text;
}

/* Turns the loop until rows came; how many. */
static size_t
turn_for_rows(struct stage *stage)
{
	size_t before = kind_account.count(stage->estate);

	while (kind_account.count(stage->estate) == before && estate_busy(stage->estate))
		loop_turn(session_loop(stage->world.session), 100);
	return kind_account.count(stage->estate) - before;
}

/* No turn of the loop takes a whole page that is long: a key can be answered in between. */
static void
test_long_page(void **state)
{
	char *page = long_page("]}");
	struct answer pages[] = {{ARM, GRAPH_FOR(ACCOUNTS), 200, page}, END};
	struct stage *stage = *state;
	size_t most = 0, turns = 0;

	script_over = pages;
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	while (estate_busy(stage->estate)) {
		size_t came = turn_for_rows(stage);

		most = came > most ? came : most;
		turns += came > 0;
	}
	assert_int_equal(kind_account.count(stage->estate), LONG);
	assert_int_equal(estate_notes(stage->estate), 0);
	assert_true(turns >= 4);
	assert_true(most <= LONG / 3);
	script_cell(&kind_account, stage->estate, "aa-01999", "state", "not onboarded");
	free(page);
}

/* Rows that are read anew beside those that are shown change nothing before they take their place,
 * however many pieces they come in; the names of subscriptions, which come in two pages, do. */
static void
test_read_anew(void **state)
{
	char *page = long_page("]}");
	struct answer pages[] = {{ARM, GRAPH_FOR(ACCOUNTS), 200, page}, END};
	struct stage *stage = *state;
	unsigned before;

	script_over = pages;
	script_load(stage, ESTATE_ACCOUNTS);
	before = estate_changes(stage->estate);
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	script_turn(stage, ESTATE_ALL);
	assert_in_range(estate_changes(stage->estate) - before, 1, 3);
	free(page);
}

/* The first page tells how many there are; fewer or more may come. */
static void
test_progress(void **state)
{
	static const char *const told[] = {"1001", "9999", "1", "-1", "\"x\"", "1e300"};
	struct stage *stage = *state;
	size_t done, total;

	for (size_t i = 0; i < ARRAY_LEN(told); i++) {
		char *page = mem_printf("{\"totalRecords\":%s,\"data\":[" ROW_CUSTOMER(AUTOMATION(
						S1, "rg", "aa-one")) "],\"$skipToken\":\"t/2\"}",
			told[i]);
		struct answer pages[] = {
			{ARM, GRAPH_FOR("\"$skipToken\":\"t/2\""), 200,
				PAGE(ROW_CUSTOMER(AUTOMATION(S2, "rg-b", "aa-two")))},
			{ARM, GRAPH_FOR(ACCOUNTS), 200, page}, END};

		script_over = pages;
		estate_free(stage->estate);
		stage->estate = estate_new(stage->world.session);
		estate_refresh(stage->estate, ESTATE_ACCOUNTS);
		(void)turn_for_rows(stage);
		estate_progress(stage->estate, &done, &total);
		/* The list of subscriptions may be under way as well. */
		assert_in_range(total - done, i == 1 ? 9 : 1, i == 1 ? 10 : 2);
		script_turn(stage, ESTATE_ALL);
		estate_progress(stage->estate, &done, &total);
		assert_int_equal(done, total);
		assert_int_equal(kind_account.count(stage->estate), 2);
		free(page);
	}
}

/* What of it came before it broke is forgotten. */
static void
test_long_page_broken(void **state)
{
	char *page = long_page(",{\"id\":");
	struct answer pages[] = {{ARM, GRAPH_FOR(ACCOUNTS), 200, page}, END};
	struct stage *stage = *state;

	script_over = pages;
	script_load(stage, ESTATE_ACCOUNTS);
	assert_int_equal(kind_account.count(stage->estate), 3);
	script_note(stage->estate, "line 1");
	free(page);
}

/* Begun anew, and given up, in the middle of a page. */
static void
test_long_page_left(void **state)
{
	char *page = long_page("]}");
	struct answer pages[] = {{ARM, GRAPH_FOR(ACCOUNTS), 200, page}, END};
	struct stage *stage = *state;

	script_over = pages;
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	assert_in_range(turn_for_rows(stage), 1, LONG - 1);
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	script_turn(stage, ESTATE_ALL);
	assert_int_equal(kind_account.count(stage->estate), LONG);
	estate_free(stage->estate);
	stage->estate = estate_new(stage->world.session);
	estate_refresh(stage->estate, ESTATE_ACCOUNTS);
	assert_in_range(turn_for_rows(stage), 1, LONG - 1);
	estate_free(stage->estate);
	stage->estate = estate_new(stage->world.session);
	free(page);
}

static void
test_refused(void **state)
{
	static const struct answer refused[] = {
		{ARM, GRAPH, 400,
			"{\"error\":{\"code\":\"BadRequest\",\"message\":\"InvalidQuery\"}}"},
		END};
	struct stage *stage = *state;

	script_over = refused;
	script_load(stage, ESTATE_ACCOUNTS | ESTATE_VAULTS);
	assert_int_equal(kind_account.count(stage->estate), 3);
	assert_int_equal(kind_vault.count(stage->estate), 2);
	/* Both queries are refused, which is said once. */
	assert_int_equal(estate_notes(stage->estate), 1);
	assert_string_equal(estate_note(stage->estate, 0)->code, "BadRequest");
	/* Refreshed when it is allowed again: nothing of the notes stays. */
	script_over = (const struct answer[]){
		{ARM, GRAPH_FOR(ACCOUNTS), 200, PAGE(ROW_CUSTOMER(AUTOMATION(S1, "rg", "aa-one")))},
		VAULTS_AND_ROLES, END};
	estate_refresh(stage->estate, ESTATE_ACCOUNTS | ESTATE_VAULTS);
	assert_int_equal(kind_account.count(stage->estate), 3);
	script_turn(stage, ESTATE_ALL);
	assert_int_equal(kind_account.count(stage->estate), 1);
	assert_int_equal(estate_notes(stage->estate), 0);
}

/* A key that is not there, and one that may not be read: the first locks, the second is unknown. */
static void
test_used_keys(void **state)
{
	static const struct answer gone[] = {
		{ARM, GRAPH_FOR(ACCOUNTS), 200, PAGE(ROW_CUSTOMER(AUTOMATION(S1, "rg", "aa-one")))},
		VAULTS_AND_ROLES, {"kv-one", "/keys/cmk/versions", 200, "{\"value\":[]}"}, END};
	static const struct answer denied[] = {
		{ARM, GRAPH_FOR(ACCOUNTS), 200, PAGE(ROW_CUSTOMER(AUTOMATION(S1, "rg", "aa-one")))},
		VAULTS_AND_ROLES, {"kv-one", "/keys", 403, ERROR("Forbidden")}, END};
	struct stage *stage = *state;

	script_over = gone;
	script_load(stage, ESTATE_START);
	script_cell(&kind_account, stage->estate, "aa-one", "state", "locked");
	script_over = denied;
	estate_refresh(stage->estate, ESTATE_START);
	script_turn(stage, ESTATE_ALL);
	script_cell(&kind_account, stage->estate, "aa-one", "state", "unknown");
	script_note(stage->estate, "key kv-one/cmk: ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, stage_setup, stage_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query),
		TEST(test_pages),
		TEST(test_names),
		TEST(test_named_subscriptions),
		TEST(test_hostile_rows),
		TEST(test_fallback),
		TEST(test_long_page),
		TEST(test_read_anew),
		TEST(test_progress),
		TEST(test_long_page_broken),
		TEST(test_long_page_left),
		TEST(test_refused),
		TEST(test_used_keys),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
