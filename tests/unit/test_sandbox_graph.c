/* Resource Graph on the wire: queries, pages, formats, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

#define GRAPH ARM "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01"
#define PRODUCTION_ID "4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103"
#define STAGING_ID "91f5d3b7-2c68-4e9a-b704-5a8e1c3f6204"

static long
query_with(const char *query, const char *more)
{
	char body[2048];

	snprintf(body, sizeof body, "{\"query\":\"%s\"%s}", query, more);
	return demo_arm("POST", GRAPH, body);
}

static size_t
rows(void)
{
	return json_array_size(client_at(&demo, "data"));
}

static size_t
count_of(const char *query)
{
	assert_int_equal(query_with(query, ""), 200);
	assert_int_equal(client_number(&demo, "count"), rows());
	return rows();
}

static void
resources_are_shown_whole(void **state)
{
	json_t *graph;

	(void)state;
	assert_int_equal(
		count_of(
			"Resources | where type =~ 'Microsoft.Automation/automationAccounts' and name == 'aa-billing'"),
		1);
	assert_int_equal(client_number(&demo, "totalRecords"), 1);
	assert_string_equal(client_text(&demo, "resultTruncated"), "false");
	assert_int_equal(json_array_size(client_at(&demo, "facets")), 0);
	assert_null(client_at(&demo, "$skipToken"));
	assert_non_null(strstr(demo.headers, "x-ms-user-quota-remaining: "));
	assert_non_null(strstr(demo.headers, "x-ms-user-quota-resets-after: 00:00:05"));
	assert_string_equal(
		client_text(&demo, "data.0.type"), "microsoft.automation/automationaccounts");
	assert_string_equal(client_text(&demo, "data.0.resourceGroup"), "rg-finance");
	assert_string_equal(client_text(&demo, "data.0.subscriptionId"), PRODUCTION_ID);
	assert_string_equal(client_text(&demo, "data.0.tenantId"), TENANT);
	assert_string_equal(client_text(&demo, "data.0.location"), "westeurope");
	assert_string_equal(client_text(&demo, "data.0.kind"), "");
	assert_true(json_is_null(client_at(&demo, "data.0.plan")));
	assert_int_equal(json_object_size(client_at(&demo, "data.0")), 16);
	graph = json_deep_copy(client_at(&demo, "data.0"));
	assert_int_equal(demo_arm("GET", BILLING, NULL), 200);
	assert_true(
		json_equal(json_object_get(graph, "properties"), client_at(&demo, "properties")));
	assert_true(json_equal(json_object_get(graph, "identity"), client_at(&demo, "identity")));
	json_decref(graph);
	assert_int_equal(count_of("resources | where name =~ 'KV-BILLING'"), 1);
	assert_string_equal(client_text(&demo, "data.0.type"), "microsoft.keyvault/vaults");
	assert_true(json_is_true(client_at(&demo, "data.0.properties.enablePurgeProtection")));
}

static void
conditions_hold(void **state)
{
	static const struct {
		const char *where;
		size_t rows;
	} cases[] = {
		{"name in ('aa-billing', 'aa-payroll', 'AA-GUIDANG')", 2},
		{"name in~ ('aa-billing', 'aa-payroll', 'AA-GUIDANG')", 3},
		{"name !in~ ('aa-billing') and name startswith 'AA-B'", 0},
		{"name contains 'BILL' and type !~ 'microsoft.keyvault/vaults'", 1},
		{"name contains_cs 'BILL'", 0},
		{"name endswith '-billing' and (type has 'vaults' or type has 'automationAccounts')",
			2},
		{"name == 'aa-billing' and type has 'automation'", 1},
		{"name == 'aa-billing' and type has 'automat'", 0},
		{"name == 'aa-billing' or name == 'aa-payroll' and name != 'aa-payroll'", 1},
		{"(name == 'aa-billing' or name == 'aa-payroll') and not(name == 'aa-payroll')", 1},
		{"name == 'aa-guidang' and isnotempty(tags.owner)", 1},
		{"name == 'aa-billing' and isnotempty(tags['owner'])", 0},
		{"name == 'aa-billing' and isempty(properties.encryption.nothing.here)", 1},
		{"name startswith 'aa-' and properties.encryption.keySource =~ 'microsoft.keyvault' and name contains 'bill'",
			1},
		{"tolower(name) == tolower('AA-BILLING')", 1},
		{"name == 'kv-payroll' and properties.softDeleteRetentionInDays >= 90", 1},
		{"name == 'kv-payroll' and properties.softDeleteRetentionInDays < 90", 0},
		{"name == 'kv-billing' and properties.enablePurgeProtection == true", 1},
		{"name == 'kv-billing' and tobool(properties.enablePurgeProtection)", 1},
		{"name == 'aa-billing' // and a comment", 1},
		{"name == \\\"aa-billing\\\"", 1},
	};
	char query[500];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		snprintf(query, sizeof query, "Resources | where %s", cases[i].where);
		if (count_of(query) != cases[i].rows)
			fail_msg("%s: %zu rows", query, rows());
	}
}

static void
columns_are_made(void **state)
{
	(void)state;
	assert_int_equal(
		count_of(
			"Resources | where name == 'aa-billing' | extend keySource = tostring(properties.encryption.keySource), n = 1.5 | project id, keySource, properties.encryption.keyVaultProperties.keyName, up = toupper(name), n, missing = tags.none"),
		1);
	assert_string_equal(client_text(&demo, "data.0.keySource"), "Microsoft.Keyvault");
	assert_string_equal(
		client_text(&demo, "data.0.properties_encryption_keyVaultProperties_keyName"),
		"cmk-billing");
	assert_string_equal(client_text(&demo, "data.0.up"), "AA-BILLING");
	assert_true(json_is_null(client_at(&demo, "data.0.missing")));
	assert_true(json_is_real(client_at(&demo, "data.0.n")));
	assert_int_equal(json_object_size(client_at(&demo, "data.0")), 6);
	assert_int_equal(
		count_of("project name, type | where name =~ 'aa-billing' | project-away type"), 1);
	assert_int_equal(json_object_size(client_at(&demo, "data.0")), 1);
	assert_int_equal(
		count_of(
			"Resources | where name in ('aa-billing','aa-payroll') | project name | order by name"),
		2);
	assert_string_equal(client_text(&demo, "data.0.name"), "aa-payroll");
	assert_int_equal(
		count_of(
			"Resources | where name in ('aa-billing','aa-payroll') | sort by name asc | project name | limit 1"),
		1);
	assert_string_equal(client_text(&demo, "data.0.name"), "aa-billing");
	assert_int_equal(client_number(&demo, "totalRecords"), 1);
	assert_int_equal(
		count_of(
			"Resources | where name in ('aa-billing','aa-payroll','kv-billing') | summarize count() by type | order by count_ desc"),
		2);
	assert_int_equal(client_number(&demo, "data.0.count_"), 2);
	assert_string_equal(
		client_text(&demo, "data.0.type"), "microsoft.automation/automationaccounts");
	assert_int_equal(
		count_of(
			"Resources | where name startswith 'aa-b' | summarize total = count() | project total"),
		1);
	assert_int_equal(client_number(&demo, "data.0.total"), 1);
	assert_int_equal(count_of("Resources | where name == 'kv-billing' | count"), 1);
	assert_int_equal(client_number(&demo, "data.0.Count"), 1);
	assert_int_equal(count_of("Resources | where name == 'no' | count"), 1);
	assert_int_equal(client_number(&demo, "data.0.Count"), 0);
	assert_int_equal(
		count_of(
			"Resources | where name in ('aa-billing','aa-payroll') | distinct resourceGroup"),
		1);
}

static void
tables_are_chosen(void **state)
{
	(void)state;
	assert_int_equal(
		count_of(
			"ResourceContainers | where type =~ 'microsoft.resources/subscriptions' | project name, id, subscriptionId | order by name asc"),
		2);
	assert_string_equal(client_text(&demo, "data.0.name"), "Production");
	assert_string_equal(client_text(&demo, "data.0.id"), PRODUCTION);
	assert_string_equal(client_text(&demo, "data.1.subscriptionId"), STAGING_ID);
	assert_int_equal(
		count_of(
			"resourcecontainers | where type == 'microsoft.resources/subscriptions/resourcegroups' and name == 'rg-finance'"),
		1);
	assert_string_equal(client_text(&demo, "data.0.properties.provisioningState"), "Succeeded");
	assert_true(
		count_of(
			"AuthorizationResources | where type =~ 'microsoft.authorization/roleassignments'") >=
		2);
	assert_int_equal(strlen(client_text(&demo, "data.0.properties.principalId")), 36);
	assert_int_equal(query_with("Resources | where name == 'aa-guidang'",
				 ",\"subscriptions\":[\"" PRODUCTION_ID "\"]"),
		200);
	assert_int_equal(rows(), 0);
	assert_int_equal(query_with("Resources | where name == 'aa-guidang'",
				 ",\"subscriptions\":[\"" PRODUCTION_ID "\",\"" STAGING_ID "\"]"),
		200);
	assert_int_equal(rows(), 1);
	assert_int_equal(query_with("Resources", ",\"managementGroups\":[\"" TENANT "\"]"), 200);
	assert_int_equal(query_with("Resources",
				 ",\"subscriptions\":[\"e07b4d92-8a15-43c6-9f3d-6b1e5c7a8305\"]"),
		400);
	assert_string_equal(
		client_text(&demo, "error.details.0.code"), "NoValidSubscriptionsInQueryRequest");
}

static void
pages_follow(void **state)
{
	json_int_t total, seen = 0;
	char more[700], first[200] = "";

	(void)state;
	assert_int_equal(query_with("Resources | project id", ",\"options\":{\"$top\":2}"), 200);
	total = client_number(&demo, "totalRecords");
	assert_true(total > 5);
	for (;;) {
		seen += client_number(&demo, "count");
		assert_int_equal(client_number(&demo, "totalRecords"), total);
		assert_string_equal(client_text(&demo, "resultTruncated"), "false");
		assert_string_not_equal(first, client_text(&demo, "data.0.id"));
		snprintf(first, sizeof first, "%s", client_text(&demo, "data.0.id"));
		if (!client_at(&demo, "$skipToken"))
			break;
		snprintf(more, sizeof more, ",\"options\":{\"$top\":2,\"$skipToken\":\"%s\"}",
			client_text(&demo, "$skipToken"));
		assert_int_equal(query_with("Resources | project id", more), 200);
	}
	assert_int_equal(seen, total);
	assert_int_equal(query_with("Resources | project name | order by name asc",
				 ",\"options\":{\"$top\":3,\"$skip\":2}"),
		200);
	snprintf(first, sizeof first, "%s", client_text(&demo, "data.2.name"));
	assert_int_equal(client_number(&demo, "count"), 3);
	assert_int_equal(query_with("Resources | project name | order by name asc",
				 ",\"options\":{\"$top\":1,\"$skip\":4}"),
		200);
	assert_string_equal(client_text(&demo, "data.0.name"), first);
	assert_non_null(client_at(&demo, "$skipToken"));
	assert_int_equal(query_with("Resources | limit 3", ",\"options\":{\"$top\":2}"), 200);
	assert_int_equal(client_number(&demo, "totalRecords"), 3);
	snprintf(more, sizeof more, ",\"options\":{\"$top\":2,\"$skipToken\":\"%s\"}",
		client_text(&demo, "$skipToken"));
	assert_int_equal(query_with("Resources | limit 3", more), 200);
	assert_int_equal(rows(), 1);
	assert_null(client_at(&demo, "$skipToken"));
	assert_int_equal(query_with("Resources", ",\"options\":{\"$top\":1001}"), 400);
	assert_int_equal(query_with("Resources", ",\"options\":{\"$skipToken\":\"rubbish\"}"), 400);
	assert_int_equal(query_with("Resources", ",\"options\":{\"resultFormat\":\"xml\"}"), 400);
}

static void
tables_are_formatted(void **state)
{
	(void)state;
	assert_int_equal(
		query_with(
			"Resources | where name == 'aa-billing' | project name, properties, n = 3",
			",\"options\":{\"resultFormat\":\"table\"}"),
		200);
	assert_string_equal(client_text(&demo, "data.columns.0.name"), "name");
	assert_string_equal(client_text(&demo, "data.columns.0.type"), "string");
	assert_string_equal(client_text(&demo, "data.columns.1.type"), "object");
	assert_string_equal(client_text(&demo, "data.columns.2.type"), "integer");
	assert_string_equal(client_text(&demo, "data.rows.0.0"), "aa-billing");
	assert_int_equal(client_number(&demo, "count"), 1);
}

static size_t
assignments(const char *options)
{
	char more[200];

	snprintf(more, sizeof more, ",\"options\":{%s}", options);
	assert_int_equal(
		query_with(
			"AuthorizationResources | where type =~ 'microsoft.authorization/roleassignments'"
			" | project scope = properties.scope",
			more),
		200);
	return rows();
}

/* At the subscriptions themselves and what lies below, unless more or less is asked for. */
static void
assignments_are_filtered_by_scope(void **state)
{
	size_t all = assignments(""), exact;

	(void)state;
	assert_int_equal(assignments("\"authorizationScopeFilter\":\"AtScopeAboveAndBelow\""), all);
	assert_int_equal(assignments("\"authorizationScopeFilter\":\"AtScopeAndBelow\""), all);
	exact = assignments("\"authorizationScopeFilter\":\"AtScopeExact\"");
	assert_in_range(exact, 1, all - 1);
	for (size_t i = 0; i < exact; i++) {
		char path[32];

		snprintf(path, sizeof path, "data.%zu.scope", i);
		assert_int_equal(strlen(client_text(&demo, path)), strlen("/subscriptions/") + 36);
	}
	assert_int_equal(assignments("\"authorizationScopeFilter\":\"AtScopeAndAbove\""), exact);
	assert_int_equal(query_with("AuthorizationResources",
				 ",\"options\":{\"authorizationScopeFilter\":\"Here\"}"),
		400);
}

/* The refusal of "where where" is the recorded one. */
static void
bad_queries_are_placed(void **state)
{
	static const char *const bad[] = {"Resources |", "Resources | where", "| where a == 1",
		"Resources | where name = 'x'", "Resources | join (x) on id",
		"Resources | where name == 'open", "Resources | project", "Resources where x",
		"Resources | where nofunction(name) == 1", "Resources | limit many",
		"Resources | where name in", "Resources | where name in ()",
		"Resources | where (name == 'x'", "Resources | where name == 'x')",
		"Resources | where tolower() == 'x'", "Resources | where name.[0] == 1",
		"Resources | summarize sum(x)", "Resources | order name", "Resources | where 'x'"};
	char deep[1200] = "Resources | where ";

	(void)state;
	assert_int_equal(query_with("where where", ""), 400);
	assert_string_equal(client_text(&demo, "error.code"), "BadRequest");
	assert_memory_equal(client_text(&demo, "error.message"),
		"Please provide below info when asking for support: timestamp = 20", 65);
	assert_non_null(strstr(client_text(&demo, "error.message"), ", correlationId = "));
	assert_string_equal(client_text(&demo, "error.details.0.code"), "InvalidQuery");
	assert_string_equal(client_text(&demo, "error.details.0.message"),
		"Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix the error before retrying.");
	assert_string_equal(client_text(&demo, "error.details.1.code"), "ParserFailure");
	assert_string_equal(client_text(&demo, "error.details.1.message"), "ParserFailure");
	assert_int_equal(client_number(&demo, "error.details.1.line"), 1);
	assert_int_equal(client_number(&demo, "error.details.1.characterPositionInLine"), 11);
	assert_string_equal(client_text(&demo, "error.details.1.token"), "<EOF>");
	assert_string_equal(client_text(&demo, "error.details.1.expectedToken"), "Ǐ");
	assert_int_equal(query_with("Resources\\n| where name == 'x'\\n| explode name", ""), 400);
	assert_int_equal(client_number(&demo, "error.details.1.line"), 3);
	assert_int_equal(client_number(&demo, "error.details.1.characterPositionInLine"), 2);
	assert_string_equal(client_text(&demo, "error.details.1.token"), "explode");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (query_with(bad[i], "") != 400)
			fail_msg("%s: %ld", bad[i], demo.status);
	memset(deep + strlen(deep), '(', 1000);
	assert_int_equal(query_with(deep, ""), 400);
	assert_int_equal(demo_arm("POST", GRAPH, "{}"), 400);
	assert_int_equal(demo_arm("POST", GRAPH, "{\"query\":7}"), 400);
	assert_int_equal(demo_arm("GET", GRAPH, NULL), 405);
}

/* The reader has a role on one subscription only. */
static void
callers_see_their_own(void **state)
{
	char header[4096], secret[64];

	(void)state;
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, ARM, header);
	assert_int_equal(
		client_send(&demo, "POST", GRAPH, header,
			"{\"query\":\"Resources | where name in ('aa-guidang','aa-billing') | project name\"}"),
		200);
	assert_int_equal(rows(), 1);
	assert_string_equal(client_text(&demo, "data.0.name"), "aa-billing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resources_are_shown_whole),
		cmocka_unit_test(conditions_hold),
		cmocka_unit_test(columns_are_made),
		cmocka_unit_test(tables_are_chosen),
		cmocka_unit_test(pages_follow),
		cmocka_unit_test(tables_are_formatted),
		cmocka_unit_test(assignments_are_filtered_by_scope),
		cmocka_unit_test(bad_queries_are_placed),
		cmocka_unit_test(callers_see_their_own),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
