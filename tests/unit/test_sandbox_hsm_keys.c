/* The data plane of a Managed HSM: keys, and the local roles that decide there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "tests/fixtures/sandbox_client.h"

#define HSM "https://hsm-core.managedhsm.azure.net"
#define HSM_KEYS HSM "/keys"
#define AUTHORIZATION "/providers/Microsoft.Authorization"
#define ASSIGNMENT "c0ffee00-1111-4222-8333-444455556666"
#define SERVICE_USER "33413926-3206-4cdd-b39a-83574fe37a17"
#define AUDITOR "2c18b078-7c48-4d3a-af88-5a3a1b3f82b3"
#define CRYPTO_USER "21dbd100-6940-42c2-9190-5d6cb909625b"
#define DEFINITIONS "Microsoft.KeyVault/providers/Microsoft.Authorization/roleDefinitions/"

static char operator_token[4096], reader_token[4096], reader[64];

static int
setup(void **state)
{
	char secret[64];
	const char *claims;

	demo_setup(state);
	client_file(&demo, "secret", secret);
	client_sign_in(&demo, OPERATOR, secret, "https://managedhsm.azure.net", operator_token);
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, "https://managedhsm.azure.net", reader_token);
	/* who the reader is, from the refusal of a vault */
	client_sign_in(&demo, READER, secret, "https://vault.azure.net", demo.arm);
	client_send(&demo, "DELETE", KEYS "/cmk-ec" V, demo.arm, NULL);
	claims = strstr(client_text(&demo, "error.message"), "oid=");
	assert_non_null(claims);
	snprintf(reader, sizeof reader, "%.36s", claims + 4);
	return 0;
}

static long
hsm(const char *method, const char *url, const char *body)
{
	return client_send(&demo, method, url, operator_token, body);
}

static void
the_challenge_has_no_body(void **state)
{
	(void)state;
	assert_int_equal(client_send(&demo, "POST", HSM_KEYS "/k/create" V, NULL, ""), 401);
	assert_string_equal(demo.body, "");
	assert_non_null(strstr(demo.headers, "Content-Length: 0\r\n"));
	assert_non_null(strstr(demo.headers, "Content-Type: application/json; charset=utf-8\r\n"));
	assert_non_null(strstr(demo.headers, "resource=\"https://managedhsm.azure.net\"\r\n"));
	assert_int_equal(
		client_send(&demo, "GET", HSM AUTHORIZATION "/roleDefinitions" V, NULL, NULL), 401);
	assert_string_equal(demo.body, "OK");
	assert_int_equal(client_send(&demo, "GET", HSM_KEYS V, demo.vault, NULL), 401);
}

static void
keys_are_hsm_keys(void **state)
{
	(void)state;
	assert_int_equal(
		hsm("POST", HSM_KEYS "/made/create" V,
			"{\"kty\":\"RSA\",\"public_exponent\":17,\"tags\":{\"b\":\"1\",\"a\":\"2\"}}"),
		200);
	assert_string_equal(client_text(&demo, "key.kty"), "RSA-HSM");
	assert_string_equal(client_text(&demo, "key.e"), "EQ");
	assert_true(strncmp(demo.body, "{\"attributes\":{\"created\":", 24) == 0);
	assert_non_null(strstr(demo.body, "\"key\":{\"e\":\"EQ\",\"key_ops\":[\"wrapKey\""));
	assert_null(client_at(&demo, "attributes.hsmPlatform"));
	assert_int_equal(hsm("POST", HSM_KEYS "/made//wrapkey" V,
				 "{\"alg\":\"RSA-OAEP\",\"value\":\"AAEC\"}"),
		200);
	assert_string_equal(client_text(&demo, "alg"), "RSA-OAEP");
	assert_int_equal(hsm("POST", HSM_KEYS "/made-ec/create" V, "{\"kty\":\"EC\"}"), 200);
	assert_string_equal(client_text(&demo, "key.kty"), "EC-HSM");
}

static void
refusals_carry_an_activity(void **state)
{
	(void)state;
	assert_int_equal(hsm("GET", HSM_KEYS "/nobody/" V, NULL), 404);
	assert_string_equal(client_text(&demo, "error.code"), "KeyNotFound");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Key not found: " HSM_KEYS "/nobody (Activity ID: "));
	assert_int_equal(hsm("GET", HSM "/deletedkeys/nobody" V, NULL), 404);
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Key not found: " HSM "/deletedkeys/nobody (Activity ID: "));
	assert_int_equal(hsm("POST", HSM_KEYS "/no%5B%5D/create" V, "{\"kty\":\"RSA\"}"), 400);
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Invalid key identifier or name (Activity ID: "));
	assert_int_equal(hsm("GET", HSM_KEYS, NULL), 400);
}

static void
deletion_is_done_at_once(void **state)
{
	(void)state;
	assert_int_equal(hsm("POST", HSM_KEYS "/gone/create" V, "{\"kty\":\"EC-HSM\"}"), 200);
	assert_int_equal(hsm("DELETE", HSM_KEYS "/gone" V, NULL), 200);
	assert_string_equal(client_text(&demo, "recoveryId"), HSM "/deletedkeys/gone");
	assert_int_equal(hsm("GET", HSM "/deletedkeys/gone" V, NULL), 200);
	assert_int_equal(hsm("GET", HSM "/deletedkeys" V, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_null(client_at(&demo, "nextLink"));
	assert_int_equal(hsm("POST", HSM "/deletedkeys/gone/recover" V, NULL), 200);
	assert_int_equal(hsm("GET", HSM_KEYS "/gone" V, NULL), 200);
	assert_int_equal(hsm("DELETE", HSM_KEYS "/gone" V, NULL), 200);
	assert_int_equal(hsm("DELETE", HSM "/deletedkeys/gone" V, NULL), 403);
}

static void
lists_are_in_order_of_creation(void **state)
{
	char next[512], first[200];

	(void)state;
	assert_int_equal(hsm("POST", HSM_KEYS "/z-first/create" V, "{\"kty\":\"EC\"}"), 200);
	snprintf(first, sizeof first, "%s", client_text(&demo, "key.kid"));
	for (int i = 0; i < 5; i++)
		assert_int_equal(
			hsm("POST", HSM_KEYS "/z-first/create" V, "{\"kty\":\"EC\"}"), 200);
	assert_int_equal(hsm("GET", HSM_KEYS "/z-first/versions" V, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 6);
	assert_string_equal(client_text(&demo, "value.0.kid"), first);
	assert_int_equal(hsm("GET", HSM_KEYS "?maxresults=1&api-version=7.4", NULL), 200);
	assert_string_equal(client_text(&demo, "value.0.kid"), HSM_KEYS "/cmk-hsm");
	snprintf(next, sizeof next, "%s", client_text(&demo, "nextLink"));
	assert_true(strncmp(next, HSM "/keys?maxresults=1&$skiptoken=", 58) == 0);
	assert_null(strstr(next, "api-version"));
	assert_int_equal(hsm("GET", next, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_string_not_equal(client_text(&demo, "value.0.kid"), HSM_KEYS "/cmk-hsm");
}

static void
policies_echo(void **state)
{
	(void)state;
	assert_int_equal(
		hsm("PUT", HSM_KEYS "/cmk-hsm/rotationpolicy" V,
			"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P30D\"},\"action\":{\"type\":\"rotate\"}}]}"),
		200);
	assert_string_equal(client_text(&demo, "lifetimeActions.0.action.type"), "rotate");
	assert_int_equal(json_array_size(client_at(&demo, "lifetimeActions")), 1);
	assert_string_equal(client_text(&demo, "id"), "/keys/cmk-hsm/rotationpolicy");
	assert_int_equal(
		hsm("PUT", HSM_KEYS "/cmk-hsm/rotationpolicy" V,
			"{\"lifetimeActions\":[{\"trigger\":{\"timeAfterCreate\":\"P20D\"},\"action\":{\"type\":\"rotate\"}}]}"),
		400);
	assert_int_equal(hsm("POST", HSM_KEYS "/cmk-hsm/rotate" V, NULL), 200);
	assert_string_equal(client_text(&demo, "key.kty"), "RSA-HSM");
}

static void
a_backup_stays_in_its_hsm(void **state)
{
	char *body;

	(void)state;
	assert_int_equal(hsm("POST", HSM_KEYS "/cmk-hsm/backup" V, NULL), 200);
	body = mem_printf("{\"value\":\"%s\"}", client_text(&demo, "value"));
	assert_int_equal(demo_kv("POST", KEYS "/restore" V, body), 400);
	assert_int_equal(hsm("POST", HSM_KEYS "/restore" V, body), 409);
	free(body);
}

static void
a_key_has_at_most_100_versions(void **state)
{
	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(hsm("POST", HSM_KEYS "/many/create" V, "{\"kty\":\"EC\"}"), 200);
	assert_int_equal(hsm("POST", HSM_KEYS "/many/create" V, "{\"kty\":\"EC\"}"), 400);
	assert_int_equal(hsm("POST", HSM_KEYS "/many/rotate" V, NULL), 400);
}

static void
roles_are_listed(void **state)
{
	static const char *const paths[] = {HSM AUTHORIZATION "/roleDefinitions" V,
		HSM "//" AUTHORIZATION "/roleDefinitions" V,
		HSM "/keys" AUTHORIZATION "/roleDefinitions" V,
		HSM "/keys/cmk-hsm" AUTHORIZATION "/roleDefinitions" V};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		assert_int_equal(hsm("GET", paths[i], NULL), 200);
		assert_int_equal(json_array_size(client_at(&demo, "value")), 8);
	}
	assert_int_equal(
		hsm("GET",
			HSM AUTHORIZATION
			"/roleDefinitions" V
			"&$filter=roleName%20eq%20'Managed%20HSM%20Crypto%20Service%20Encryption%20User'",
			NULL),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_string_equal(client_text(&demo, "value.0.name"), SERVICE_USER);
	assert_string_equal(client_text(&demo, "value.0.id"), DEFINITIONS SERVICE_USER);
	assert_string_equal(
		client_text(&demo, "value.0.type"), "Microsoft.Authorization/roleDefinitions");
	assert_string_equal(client_text(&demo, "value.0.properties.type"), "AKVBuiltInRole");
	assert_string_equal(client_text(&demo, "value.0.properties.permissions.0.dataActions.1"),
		"Microsoft.KeyVault/managedHsm/keys/wrap/action");
	assert_int_equal(
		hsm("GET", HSM AUTHORIZATION "/roleDefinitions/" SERVICE_USER V, NULL), 200);
	assert_int_equal(hsm("DELETE", HSM AUTHORIZATION "/roleDefinitions/foobar" V, NULL), 404);
	assert_string_equal(client_text(&demo, "error.code"), "RoleDefinitionNotFound");
}

static long
give(const char *scope, const char *name, const char *role, const char *auth)
{
	char url[300], body[400];

	snprintf(url, sizeof url, HSM "%s" AUTHORIZATION "/roleAssignments/%s" V, scope, name);
	snprintf(body, sizeof body,
		"{\"properties\":{\"roleDefinitionId\":\"" DEFINITIONS
		"%s\",\"principalId\":\"%s\"}}",
		role, reader);
	return client_send(&demo, "PUT", url, auth, body);
}

static void
local_roles_decide(void **state)
{
	static const char wrap[] = "{\"alg\":\"RSA-OAEP\",\"value\":\"AAEC\"}";

	(void)state;
	assert_int_equal(client_send(&demo, "GET", HSM_KEYS "/cmk-hsm" V, reader_token, NULL), 403);
	assert_string_equal(client_text(&demo, "error.code"), "AccessDenied");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Not authorized to access Microsoft.KeyVault/managedHsm/keys/read/action on /keys/cmk-hsm (Activity ID: "));
	assert_int_equal(give("/keys", ASSIGNMENT, SERVICE_USER, reader_token), 403);
	assert_int_equal(give("/keys/cmk-hsm", ASSIGNMENT, SERVICE_USER, operator_token), 201);
	assert_string_equal(client_text(&demo, "id"), AUTHORIZATION "/roleAssignments/" ASSIGNMENT);
	assert_string_equal(client_text(&demo, "name"), ASSIGNMENT);
	assert_string_equal(client_text(&demo, "type"), "Microsoft.Authorization/roleAssignments");
	assert_string_equal(client_text(&demo, "properties.scope"), "/keys/cmk-hsm");
	assert_string_equal(client_text(&demo, "properties.principalId"), reader);
	assert_string_equal(
		client_text(&demo, "properties.roleDefinitionId"), DEFINITIONS SERVICE_USER);
	assert_int_equal(
		client_send(&demo, "POST", HSM_KEYS "/cmk-hsm//wrapkey" V, reader_token, wrap),
		200);
	assert_int_equal(
		client_send(&demo, "POST", HSM_KEYS "/made//wrapkey" V, reader_token, wrap), 403);
	assert_int_equal(client_send(&demo, "GET", HSM_KEYS V, reader_token, NULL), 403);
	assert_int_equal(give("/", ASSIGNMENT, AUDITOR, operator_token), 409);
	assert_int_equal(give("/", "not-a-guid", AUDITOR, operator_token), 400);
	assert_int_equal(give("/secrets", ASSIGNMENT, AUDITOR, operator_token), 400);
	assert_int_equal(
		give("/", "c0ffee01-1111-4222-8333-444455556666", ASSIGNMENT, operator_token), 404);
	assert_int_equal(
		hsm("GET", HSM "//" AUTHORIZATION "/roleAssignments/" ASSIGNMENT V, NULL), 200);
	assert_int_equal(
		hsm("DELETE", HSM AUTHORIZATION "/roleAssignments/" ASSIGNMENT V, NULL), 200);
	assert_string_equal(client_text(&demo, "name"), ASSIGNMENT);
	assert_int_equal(
		hsm("DELETE", HSM AUTHORIZATION "/roleAssignments/" ASSIGNMENT V, NULL), 404);
	assert_string_equal(client_text(&demo, "error.code"), "RoleAssignmentNotFound");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Requested role assignment not found (Activity ID: "));
	assert_int_equal(
		client_send(&demo, "POST", HSM_KEYS "/cmk-hsm//wrapkey" V, reader_token, wrap),
		403);
}

static void
deleted_keys_need_a_right_of_their_own(void **state)
{
	char url[300];

	(void)state;
	assert_int_equal(give("/keys", ASSIGNMENT, CRYPTO_USER, operator_token), 201);
	assert_int_equal(client_send(&demo, "GET", HSM_KEYS V, reader_token, NULL), 200);
	assert_int_equal(client_send(&demo, "GET", HSM "/deletedkeys" V, reader_token, NULL), 403);
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Microsoft.KeyVault/managedHsm/keys/deletedKeys/read/action on /keys "));
	snprintf(url, sizeof url,
		HSM "/keys" AUTHORIZATION "/roleAssignments" V "&$filter=principalId%%20eq%%20'%s'",
		reader);
	assert_int_equal(hsm("GET", url, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	/* three of the operator, three of the person, and this one */
	assert_int_equal(hsm("GET", HSM AUTHORIZATION "/roleAssignments" V, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_challenge_has_no_body),
		cmocka_unit_test(keys_are_hsm_keys),
		cmocka_unit_test(refusals_carry_an_activity),
		cmocka_unit_test(deletion_is_done_at_once),
		cmocka_unit_test(lists_are_in_order_of_creation),
		cmocka_unit_test(policies_echo),
		cmocka_unit_test(a_backup_stays_in_its_hsm),
		cmocka_unit_test(a_key_has_at_most_100_versions),
		cmocka_unit_test(roles_are_listed),
		cmocka_unit_test(local_roles_decide),
		cmocka_unit_test(deleted_keys_need_a_right_of_their_own),
	};

	return cmocka_run_group_tests(tests, setup, demo_teardown);
}
