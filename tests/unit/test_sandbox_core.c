/* Long-running operations, faults on the wire, groups, providers, lists, the client's first
 * questions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "tests/fixtures/sandbox_client.h"

#define GROUP ARM PRODUCTION "/resourceGroups/rg-core"
#define V22 "?api-version=2022-09-01"
#define BATCH GROUP "/providers/Microsoft.Batch/batchAccounts/bacore01?api-version=2024-02-01"

enum { LRO = 30 };

static struct client client;

static long
arm(const char *method, const char *url, const char *body)
{
	return client_send(&client, method, url, client.arm, body);
}

static void
ctl(const char *a, const char *b)
{
	const char *words[] = {a, b};
	struct buf out;
	struct err err;

	buf_init(&out, 65536);
	if (!sandbox_ctl(client.dir, words, 2, &out, &err))
		fail_msg("%s", err.msg);
	buf_free(&out);
}

/* A header of the last reply; false when it is not there. */
static bool
header(const char *name, char *out, size_t room)
{
	char start[64];
	const char *at;

	snprintf(start, sizeof start, "\n%s: ", name);
	at = strcasestr(client.headers, start);
	out[0] = '\0';
	if (!at)
		return false;
	at += strlen(start);
	snprintf(out, room, "%.*s", (int)strcspn(at, "\r\n"), at);
	return true;
}

static void
make_group(void)
{
	assert_in_range(arm("PUT", GROUP V22, "{\"location\":\"westeurope\"}"), 200, 201);
}

/* 202, then polls with a Location of their own, then the resource. */
static void
an_operation_takes_its_time(void **state)
{
	static char first[8192], second[8192];
	char after[16];

	(void)state;
	make_group();
	assert_int_equal(arm("PUT", BATCH, "{\"location\":\"westeurope\"}"), 202);
	assert_string_equal(client.body, "");
	assert_true(header("Location", first, sizeof first));
	assert_true(strlen(first) > 3000);
	assert_non_null(strstr(first, "/operationResults/"));
	assert_non_null(strstr(first, "&c=MII"));
	assert_true(header("Retry-After", after, sizeof after));
	assert_int_equal(arm("GET", BATCH, NULL), 200);
	assert_string_equal(client_text(&client, "properties.provisioningState"), "Creating");
	assert_int_equal(arm("GET", first, NULL), 202);
	assert_true(header("Location", second, sizeof second));
	assert_string_not_equal(first, second);
	assert_false(header("Retry-After", after, sizeof after));
	ctl("clock", "+1m");
	assert_int_equal(arm("GET", second, NULL), 200);
	assert_string_equal(client_text(&client, "name"), "bacore01");
	assert_string_equal(client_text(&client, "properties.provisioningState"), "Succeeded");
	assert_int_equal(
		arm("GET", ARM PRODUCTION "/operationresults/nothing?api-version=2021-04-01", NULL),
		404);
}

static void
an_operation_goes_wrong(void **state)
{
	static char first[8192];
	char moved[64];

	(void)state;
	make_group();
	ctl("fault", "DELETE *batchAccounts/*=lro:elsewhere*1");
	ctl("fault", "accountOperationResults=lro:fails*1");
	ctl("fault", "accountOperationResults=lro:never*1");
	arm("PUT", BATCH, "{\"location\":\"westeurope\"}");
	assert_int_equal(arm("DELETE", BATCH, NULL), 202);
	assert_true(header("Location", first, sizeof first));
	snprintf(moved, sizeof moved, "%.40s", first);
	assert_non_null(strstr(moved, "https://elsewhere.example/"));
	memmove(first, ARM, strlen(ARM));
	snprintf(first + strlen(ARM), sizeof first - strlen(ARM), "%s",
		strstr(client.headers, "elsewhere.example") + strlen("elsewhere.example"));
	first[strcspn(first, "\r\n")] = '\0';
	assert_int_equal(arm("GET", first, NULL), 200);
	assert_string_equal(client_text(&client, "status"), "Failed");
	ctl("clock", "+1m");
	assert_int_equal(arm("GET", first, NULL), 202);
	assert_int_equal(arm("GET", first, NULL), 200);
	ctl("fault", "none");
}

/* A deleted group takes all with it; its vaults can be recovered. */
static void
a_group_ends(void **state)
{
	static char location[8192];
	char after[16];

	(void)state;
	make_group();
	assert_int_equal(arm("PATCH", GROUP V22, "{\"tags\":{\"a\":\"b\"}}"), 200);
	assert_string_equal(client_text(&client, "tags.a"), "b");
	assert_int_equal(
		arm("PUT",
			GROUP "/providers/Microsoft.KeyVault/vaults/kv-core?api-version=2023-07-01",
			"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
			"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"accessPolicies\":[]}}"),
		200);
	assert_int_equal(
		arm("GET",
			ARM PRODUCTION
			"/resourcegroups?$filter=tagName%20eq%20'a'%20and%20tagValue%20eq%20'b'&api-version=2022-09-01",
			NULL),
		200);
	assert_int_equal(json_array_size(client_at(&client, "value")), 1);
	assert_int_equal(
		arm("GET", ARM PRODUCTION "/resourcegroups?$top=1&api-version=2022-09-01", NULL),
		200);
	assert_int_equal(json_array_size(client_at(&client, "value")), 1);
	assert_int_equal(arm("DELETE", GROUP V22, NULL), 202);
	assert_true(header("Location", location, sizeof location));
	assert_non_null(strstr(location, "/operationresults/"));
	assert_int_equal(arm("GET", location, NULL), 202);
	assert_true(header("Retry-After", after, sizeof after));
	ctl("clock", "+1m");
	assert_int_equal(arm("GET", location, NULL), 200);
	assert_string_equal(client.body, "");
	assert_int_equal(arm("HEAD", GROUP V22, NULL), 404);
	assert_int_equal(arm("DELETE", GROUP V22, NULL), 404);
	assert_string_equal(client_text(&client, "error.code"), "ResourceGroupNotFound");
	assert_int_equal(
		arm("GET",
			ARM PRODUCTION
			"/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-core?api-version=2023-07-01",
			NULL),
		200);
	assert_non_null(strstr(client_text(&client, "properties.vaultId"), "rg-core"));
	make_group();
	assert_int_equal(arm("GET", GROUP "/resources?api-version=2021-04-01", NULL), 200);
	assert_int_equal(json_array_size(client_at(&client, "value")), 0);
}

/* What JSON cannot hold never becomes a name; a filter is taken whole or not at all. */
static void
groups_refuse(void **state)
{
	static const char *const filters[] = {"tagName%20eq%20'a'%20or%20true", "tagName%20eq%20'a",
		"tagName%20eq%20'a'%20and%20tagValue%20eq%20'b",
		"tagName%20eq%20'a'%20and%20tagValue%20eq%20'b'x"};
	char url[256];

	(void)state;
	assert_int_equal(arm("PUT", ARM PRODUCTION "/resourceGroups/rg-%FF" V22,
				 "{\"location\":\"westeurope\"}"),
		400);
	assert_string_equal(client_text(&client, "error.code"), "InvalidRequestUri");
	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		snprintf(url, sizeof url,
			ARM PRODUCTION "/resourcegroups?$filter=%s&api-version=2022-09-01",
			filters[i]);
		assert_int_equal(arm("GET", url, NULL), 400);
		assert_string_equal(
			client_text(&client, "error.code"), "InvalidFilterInQueryString");
	}
}

static void
providers_and_places(void **state)
{
	(void)state;
	assert_int_equal(
		arm("GET", ARM PRODUCTION "/providers/microsoft.keyvault?api-version=2021-04-01",
			NULL),
		200);
	assert_string_equal(client_text(&client, "registrationState"), "Registered");
	assert_string_equal(client_text(&client, "namespace"), "Microsoft.KeyVault");
	assert_string_equal(client_text(&client, "resourceTypes.0.resourceType"), "vaults");
	assert_true(strlen(client_text(&client, "resourceTypes.0.apiVersions.0")) >= 10);
	assert_int_equal(
		arm("POST",
			ARM PRODUCTION "/providers/Microsoft.Batch/register?api-version=2021-04-01",
			""),
		200);
	assert_int_equal(arm("GET", ARM PRODUCTION "/providers?api-version=2021-04-01", NULL), 200);
	assert_int_equal(json_array_size(client_at(&client, "value")), 8);
	assert_int_equal(
		arm("GET", ARM PRODUCTION "/providers/Microsoft.Nothing?api-version=2021-04-01",
			NULL),
		404);
	assert_string_equal(client_text(&client, "error.code"), "InvalidResourceNamespace");
	assert_int_equal(arm("GET", ARM PRODUCTION "/locations?api-version=2022-12-01", NULL), 200);
	assert_string_equal(client_text(&client, "value.0.metadata.regionType"), "Physical");
	assert_int_equal(arm("GET",
				 "https://management.chinacloudapi.cn" PRODUCTION
				 "/locations?api-version=2022-12-01",
				 NULL),
		200);
	assert_int_equal(json_array_size(client_at(&client, "value")), 6);
}

static void
first_questions(void **state)
{
	(void)state;
	assert_int_equal(client_send(&client, "GET",
				 "https://localhost:1234/metadata/endpoints?api-version=2019-05-01",
				 NULL, NULL),
		200);
	assert_string_equal(client_text(&client, "0.authentication.loginEndpoint"),
		"https://localhost:1234/adfs");
	assert_string_equal(client_text(&client, "0.suffixes.keyVaultDns"), "vault.localhost:1234");
	assert_int_equal(
		client_send(&client, "GET",
			"https://management.azure.com/metadata/endpoints?api-version=2022-09-01",
			NULL, NULL),
		200);
	assert_string_equal(client_text(&client, "name"), "AzureCloud");
	assert_string_equal(client_text(&client, "suffixes.storage"), "core.windows.net");
	assert_int_equal(
		client_send(&client, "GET",
			"https://management.azure.com/metadata/endpoints?api-version=2015-01-01",
			NULL, NULL),
		200);
	assert_string_equal(client_text(&client, "authentication.loginEndpoint"),
		"https://login.microsoftonline.com");
	assert_int_equal(client_send(&client, "GET",
				 "https://management.azure.com/metadata/endpoints", NULL, NULL),
		400);
}

/* Each form of asking to come again. */
static void
retry_forms(void **state)
{
	static const struct {
		const char *fault, *name, *value;
	} forms[] = {
		{"tenants=status:429:7*1", "Retry-After", "7"},
		{"tenants=status:503:ms:250*1", "retry-after-ms", "250"},
		{"tenants=status:429:x-ms:300*1", "x-ms-retry-after-ms", "300"},
		{"tenants=status:412*1", "Retry-After", ""},
	};
	char value[64], date[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		ctl("fault", forms[i].fault);
		assert_in_range(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 412, 503);
		header(forms[i].name, value, sizeof value);
		assert_string_equal(value, forms[i].value);
	}
	ctl("fault", "tenants=status:429:date:60*1");
	assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 429);
	assert_true(header("Retry-After", value, sizeof value));
	assert_true(header("Date", date, sizeof date));
	assert_non_null(strstr(value, " GMT"));
	assert_string_not_equal(value, date);
}

/* 504, but the change was made. */
static void
late_failure(void **state)
{
	(void)state;
	ctl("fault", "PUT *rg-late=after:504*1");
	assert_int_equal(arm("PUT", ARM PRODUCTION "/resourceGroups/rg-late" V22,
				 "{\"location\":\"westeurope\"}"),
		504);
	assert_string_equal(client_text(&client, "error.code"), "GatewayTimeout");
	assert_non_null(strcasestr(client.headers, "\nDate: "));
	assert_int_equal(arm("GET", ARM PRODUCTION "/resourceGroups/rg-late" V22, NULL), 200);
}

static void
replies_on_a_bad_day(void **state)
{
	char value[256];

	(void)state;
	ctl("fault", "tenants=challenge*1");
	assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 401);
	assert_true(header("WWW-Authenticate", value, sizeof value));
	assert_non_null(strstr(value, "https://elsewhere.example/"));
	ctl("fault", "tenants=mime:text/plain*1");
	assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 200);
	assert_true(header("Content-Type", value, sizeof value));
	assert_string_equal(value, "text/plain");
	ctl("fault", "resourcegroups=nextlink:next.example*1");
	make_group();
	arm("PUT", ARM PRODUCTION "/resourceGroups/rg-more" V22, "{\"location\":\"westeurope\"}");
	assert_int_equal(
		arm("GET", ARM PRODUCTION "/resourcegroups?$top=1&api-version=2022-09-01", NULL),
		200);
	assert_int_equal(
		strncmp(client_text(&client, "nextLink"), "https://next.example/subscr", 27), 0);
	ctl("fault", "tenants=skew:86400*1");
	assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 401);
	assert_string_equal(client_text(&client, "error.code"), "ExpiredAuthenticationToken");
	assert_non_null(strstr(client.headers, "error=\"insufficient_claims\", claims=\"eyJ"));
}

static void
breaks_on_the_wire(void **state)
{
	static const char *const faults[] = {
		"tenants=reset*1", "tenants=drop*1", "tenants=truncate*1", "tenants=stall:100*1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		ctl("fault", faults[i]);
		assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 0);
		assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 200);
	}
	ctl("fault", "tenants=stall-body:100*1");
	assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 200);
	assert_non_null(client.json);
	ctl("fault", "tenants=oversize:1*1");
	assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 200);
	assert_int_equal(strlen(client.body), sizeof client.body - 1);
}

static void
wrong_certificates(void **state)
{
	static const char *const faults[] = {"management.azure.com=cert:expired*1",
		"*.azure.com=cert:early*1", "management*=cert:name*1",
		"management.azure.com=cert:untrusted*1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		ctl("fault", faults[i]);
		assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 0);
		assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 200);
	}
	ctl("fault", "*.vault.azure.net=cert:expired");
	assert_int_equal(arm("GET", ARM "/tenants?api-version=2022-12-01", NULL), 200);
	assert_int_equal(arm("GET", "https://kv-none.vault.azure.net/keys" V, NULL), 0);
	ctl("fault", "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_operation_takes_its_time),
		cmocka_unit_test(an_operation_goes_wrong),
		cmocka_unit_test(a_group_ends),
		cmocka_unit_test(groups_refuse),
		cmocka_unit_test(providers_and_places),
		cmocka_unit_test(first_questions),
		cmocka_unit_test(retry_forms),
		cmocka_unit_test(late_failure),
		cmocka_unit_test(replies_on_a_bad_day),
		cmocka_unit_test(breaks_on_the_wire),
		cmocka_unit_test(wrong_certificates),
	};
	int failed;

	client_open_with(&client, &(struct sandbox_options){.seed = "empty", .lro = LRO});
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	client_close(&client);
	return failed;
}
