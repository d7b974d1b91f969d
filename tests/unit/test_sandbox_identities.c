/* User-assigned identities and their federated credentials. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

#define MI "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
#define MV "?api-version=2023-01-31"
#define GROUP PRODUCTION "/resourceGroups/rg-finance"
#define MEDIA PRODUCTION "/resourceGroups/rg-media"
#define LOWER PRODUCTION "/resourcegroups/rg-finance"
#define ID(name) ARM GROUP MI "/" name MV
#define FIC(identity, name) ARM GROUP MI "/" identity "/federatedIdentityCredentials" name MV
#define EUROPE "{\"location\":\"West Europe\"}"
#define TRUST(issuer, subject)                                              \
	"{\"properties\":{\"issuer\":\"" issuer "\",\"subject\":\"" subject \
	"\",\"audiences\":[\"api://AzureADTokenExchange\"]}}"

#define WITH(id)                                                                \
	"{\"location\":\"westeurope\",\"identity\":{\"type\":\"UserAssigned\"," \
	"\"userAssignedIdentities\":{\"" id "\":{}}}}"

static int
setup(void **state)
{
	(void)state;
	client_open(&demo, "empty");
	assert_int_equal(demo_arm("PUT", ARM GROUP "?api-version=2022-09-01", EUROPE), 201);
	assert_int_equal(demo_arm("PUT", ARM MEDIA "?api-version=2022-09-01", EUROPE), 201);
	return 0;
}

static void
code_is(long status, const char *code)
{
	assert_int_equal(demo.status, status);
	assert_string_equal(client_text(&demo, "error.code"), code);
}

static void
an_identity_lives(void **state)
{
	char principal[40], client[40];

	(void)state;
	demo_arm("GET", ID("id-new"), NULL);
	code_is(404, "ResourceNotFound");
	assert_int_equal(demo_arm("PUT", ID("id-new"), EUROPE), 201);
	assert_non_null(strstr(demo.headers, "ocation: " LOWER MI "/id-new\r\n"));
	assert_string_equal(client_text(&demo, "id"), LOWER MI "/id-new");
	assert_string_equal(client_text(&demo, "name"), "id-new");
	assert_string_equal(client_text(&demo, "location"), "westeurope");
	assert_string_equal(
		client_text(&demo, "type"), "Microsoft.ManagedIdentity/userAssignedIdentities");
	assert_true(json_is_object(client_at(&demo, "tags")));
	assert_string_equal(client_text(&demo, "properties.tenantId"), TENANT);
	snprintf(principal, sizeof principal, "%s", client_text(&demo, "properties.principalId"));
	snprintf(client, sizeof client, "%s", client_text(&demo, "properties.clientId"));
	assert_int_equal(strlen(principal), 36);
	assert_int_equal(strlen(client), 36);
	assert_string_not_equal(principal, client);

	assert_int_equal(demo_arm("PUT", ID("ID-NEW"),
				 "{\"location\":\"westeurope\",\"tags\":{\"a\":\"1\"}}"),
		200);
	assert_string_equal(client_text(&demo, "name"), "id-new");
	assert_string_equal(client_text(&demo, "properties.principalId"), principal);
	assert_null(strstr(demo.headers, "ocation: /"));
	assert_int_equal(demo_arm("PATCH", ID("id-new"), "{\"location\":\"westeurope\"}"), 200);
	assert_string_equal(client_text(&demo, "tags.a"), "1");
	assert_int_equal(demo_arm("PATCH", ID("id-new"), "{\"tags\":{\"b\":\"2\"}}"), 200);
	assert_string_equal(client_text(&demo, "tags.b"), "2");
	assert_int_equal(demo_arm("GET", ID("id-new"), NULL), 200);
	assert_string_equal(client_text(&demo, "tags.b"), "2");
	assert_string_equal(client_text(&demo, "properties.clientId"), client);

	assert_int_equal(demo_arm("DELETE", ID("id-new"), NULL), 200);
	assert_string_equal(demo.body, "");
	assert_int_equal(demo_arm("DELETE", ID("id-new"), NULL), 204);
	demo_arm("GET", ID("id-new"), NULL);
	code_is(404, "ResourceNotFound");
	assert_int_equal(demo_arm("PUT", ID("id-new"), EUROPE), 201);
	assert_string_not_equal(client_text(&demo, "properties.principalId"), principal);
	assert_int_equal(demo_arm("DELETE", ID("id-new"), NULL), 200);
}

static void
bad_identities_are_refused(void **state)
{
	(void)state;
	demo_arm("PUT", ID("id-x"), "{}");
	code_is(400, "LocationRequired");
	demo_arm("PUT", ID("id-x"), "{\"location\":\"moon\"}");
	code_is(400, "LocationNotAvailableForResourceType");
	demo_arm("PUT", ID("-x"), EUROPE);
	code_is(400, "InvalidResourceName");
	demo_arm("PUT", ID("id-x"), "{\"location\":\"westeurope\",\"tags\":{\"a\":1}}");
	code_is(400, "InvalidTags");
	demo_arm("PUT", ARM PRODUCTION "/resourceGroups/none" MI "/id-x" MV, EUROPE);
	code_is(404, "ResourceGroupNotFound");
	demo_arm("PATCH", ID("id-x"), "{\"tags\":{}}");
	code_is(404, "ResourceNotFound");
	demo_arm("GET", ARM GROUP MI "/id-x?api-version=2020-01-01", NULL);
	assert_int_equal(demo.status, 400);
	assert_int_equal(demo_arm("PUT", ID("id-x"), EUROPE), 201);
	demo_arm("PUT", ID("id-x"), "{\"location\":\"eastus\"}");
	code_is(409, "InvalidResourceLocation");
	assert_int_equal(demo_arm("DELETE", ID("id-x"), NULL), 200);
}

/* Whether the last list holds one of this name. */
static bool
listed(const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(client_at(&demo, "value"), i,
		one) if (strcmp(json_string_value(json_object_get(one, "name")), name) ==
			 0) return true;
	return false;
}

static void
identities_are_listed(void **state)
{
	char secret[64], reader[4096];

	(void)state;
	assert_int_equal(demo_arm("PUT", ID("id-one"), EUROPE), 201);
	assert_int_equal(demo_arm("PUT", ARM MEDIA MI "/id-two" MV, EUROPE), 201);
	assert_int_equal(demo_arm("GET", ARM PRODUCTION MI MV, NULL), 200);
	assert_true(listed("id-one") && listed("id-two"));
	assert_int_equal(demo_arm("GET", ARM LOWER MI "/" MV, NULL), 200);
	assert_true(listed("id-one") && !listed("id-two"));
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, ARM, reader);
	assert_int_equal(client_send(&demo, "GET", ARM PRODUCTION MI MV, reader, NULL), 200);
	assert_int_equal(client_send(&demo, "PUT", ID("id-three"), reader, EUROPE), 403);
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Microsoft.ManagedIdentity/userAssignedIdentities/write"));
	assert_int_equal(client_send(&demo, "DELETE", ID("id-one"), reader, NULL), 403);
}

static void
a_credential_lives(void **state)
{
	(void)state;
	assert_int_equal(demo_arm("PUT", ID("id-fed"), EUROPE), 201);
	assert_int_equal(demo_arm("GET", FIC("id-fed", ""), NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 0);
	demo_arm("GET", FIC("id-fed", "/ci-main"), NULL);
	code_is(404, "ResourceNotFound");
	assert_int_equal(
		demo_arm("PUT", FIC("id-fed", "/ci-main"), TRUST("https://a.example", "s")), 201);
	assert_string_equal(
		client_text(&demo, "id"), LOWER MI "/id-fed/federatedIdentityCredentials/ci-main");
	assert_string_equal(client_text(&demo, "name"), "ci-main");
	assert_string_equal(client_text(&demo, "type"),
		"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials");
	assert_string_equal(client_text(&demo, "properties.issuer"), "https://a.example");
	assert_string_equal(client_text(&demo, "properties.subject"), "s");
	assert_string_equal(
		client_text(&demo, "properties.audiences.0"), "api://AzureADTokenExchange");
	assert_int_equal(
		demo_arm("PUT", FIC("id-fed", "/ci-main"), TRUST("https://a.example", "t")), 200);
	assert_int_equal(demo_arm("GET", FIC("id-fed", "/CI-main"), NULL), 200);
	assert_string_equal(client_text(&demo, "name"), "ci-main");
	assert_string_equal(client_text(&demo, "properties.subject"), "t");
	demo_arm("PUT", FIC("id-fed", "/ci-two"), TRUST("https://a.example", "t"));
	code_is(409, "Conflict");
	assert_int_equal(demo_arm("GET", FIC("id-fed", ""), NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_int_equal(demo_arm("DELETE", FIC("id-fed", "/ci-main"), NULL), 200);
	assert_int_equal(demo_arm("DELETE", FIC("id-fed", "/ci-main"), NULL), 204);
	assert_int_equal(demo_arm("DELETE", ID("id-fed"), NULL), 200);
	demo_arm("GET", FIC("id-fed", ""), NULL);
	code_is(404, "ParentResourceNotFound");
}

static void
bad_credentials_are_refused(void **state)
{
	char url[512];

	(void)state;
	assert_int_equal(demo_arm("PUT", ID("id-bad"), EUROPE), 201);
	demo_arm("PUT", FIC("id-bad", "/ci"), TRUST("https://a.example", "s"));
	code_is(400, "BadRequest");
	demo_arm("PUT", FIC("id-bad", "/ci-main"), "{\"properties\":{\"issuer\":\"https://a\"}}");
	code_is(400, "BadRequest");
	assert_string_equal(client_text(&demo, "error.message"),
		"The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'.");
	demo_arm("PUT", FIC("id-bad", "/ci-main"), TRUST("http://a.example", "s"));
	code_is(400, "BadRequest");
	for (int i = 0; i < 21; i++) {
		char body[256];

		snprintf(url, sizeof url,
			ARM GROUP MI "/id-bad/federatedIdentityCredentials/ci-%02d" MV, i);
		snprintf(body, sizeof body,
			"{\"properties\":{\"issuer\":\"https://a\",\"subject\":\"%d\",\"audiences\":[\"x\"]}}",
			i);
		assert_int_equal(demo_arm("PUT", url, body), i < 20 ? 201 : 400);
	}
	assert_int_equal(demo_arm("DELETE", ID("id-bad"), NULL), 200);
}

/* Who may write accounts may not by that give them any identity. */
static void
identities_are_given_by_those_who_may(void **state)
{
	static const char account[] = ARM MEDIA
		"/providers/Microsoft.Automation/automationAccounts/aa-linked?api-version=2023-11-01";
	static const char role[] = ARM MEDIA
		"/providers/Microsoft.Authorization/roleAssignments/0c9a41d7-3c52-4e0b-8f16-b7d2a5e94310?api-version=2022-04-01";
	static const char contributor[] =
		"{\"properties\":{\"roleDefinitionId\":\"b24988ac-6180-42a0-ab88-20f7382dd24c\",\"principalId\":\"f3e07a85-1d6b-4c29-a4f0-8b5c2d9e6709\"}}";
	char secret[64], reader[4096];

	(void)state;
	assert_int_equal(demo_arm("PUT", ID("id-far"), EUROPE), 201);
	assert_int_equal(demo_arm("PUT", ARM MEDIA MI "/id-near" MV, EUROPE), 201);
	assert_int_equal(demo_arm("PUT", role, contributor), 201);
	demo_clock("+15s");
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, ARM, reader);
	client_send(&demo, "PUT", account, reader, WITH(GROUP MI "/id-far"));
	code_is(403, "LinkedAuthorizationFailed");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action' on the linked scope(s) '" GROUP
			MI "/id-far'"));
	assert_int_equal(demo_arm("GET", account, NULL), 404);
	assert_int_equal(
		client_send(&demo, "PUT", account, reader, WITH(MEDIA MI "/id-near")), 201);
	client_send(&demo, "PATCH", account, reader, WITH(GROUP MI "/id-far"));
	code_is(403, "LinkedAuthorizationFailed");
	assert_int_equal(demo_arm("GET", account, NULL), 200);
	assert_int_equal(json_object_size(client_at(&demo, "identity.userAssignedIdentities")), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_identity_lives),
		cmocka_unit_test(bad_identities_are_refused),
		cmocka_unit_test(identities_are_listed),
		cmocka_unit_test(a_credential_lives),
		cmocka_unit_test(bad_credentials_are_refused),
		cmocka_unit_test(identities_are_given_by_those_who_may),
	};

	return cmocka_run_group_tests(tests, setup, demo_teardown);
}
