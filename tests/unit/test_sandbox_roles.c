/* Role definitions, role assignments, and what they let people do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/sandbox/roles.h"
#include "tests/fixtures/sandbox_client.h"

#define A "/providers/Microsoft.Authorization/"
#define AV "api-version=2022-04-01"
#define ASSIGN A "roleAssignments"
#define READER_OBJECT "f3e07a85-1d6b-4c29-a4f0-8b5c2d9e6709"
#define OPERATOR_OBJECT "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607"
#define STRANGER "0f14a80d-42e5-4d57-afe0-46acf9dfae05"
#define GROUP PRODUCTION "/resourceGroups/rg-roles"
#define MEDIA STAGING "/resourceGroups/rg-media"
#define VAULT GROUP "/providers/Microsoft.KeyVault/vaults/kv-roles"
#define NAME(digit) "1000000" digit "-aaaa-4bbb-8ccc-000000000001"

static const char owner[] = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
static const char contributor[] = "b24988ac-6180-42a0-ab88-20f7382dd24c";
static const char reader[] = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
static const char crypto_officer[] = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603";
static const char crypto_user[] = "12338af0-0e69-4776-bea7-57ae8d297424";
static const char encryption_user[] = "e147488a-f6f5-4113-8e2d-b22465e65bf6";
static const char vault_contributor[] = "f25e0fa2-a7c8-4377-a976-54943a77a395";
static const char data_access_admin[] = "8b54135c-b56d-4d72-a534-26097cfdc8d8";

static char reader_arm[4096], reader_vault[4096];

static int
setup(void **state)
{
	char secret[64];

	(void)state;
	client_open(&demo, "empty");
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, ARM, reader_arm);
	client_sign_in(&demo, READER, secret, "https://vault.azure.net", reader_vault);
	assert_int_equal(demo_arm("PUT", ARM GROUP "?api-version=2022-09-01",
				 "{\"location\":\"westeurope\"}"),
		201);
	assert_int_equal(demo_arm("PUT", ARM MEDIA "?api-version=2022-09-01",
				 "{\"location\":\"westeurope\"}"),
		201);
	demo_arm("PUT", ARM VAULT "?api-version=2023-07-01",
		"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
		"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"accessPolicies\":[],\"enableRbacAuthorization\":true}}");
	assert_true(demo.status == 200 || demo.status == 201);
	return 0;
}

static void
clock_on(const char *span)
{
	const char *const words[] = {"clock", span};
	struct err err = {0};
	struct buf out;

	buf_init(&out, 1 << 12);
	if (!sandbox_ctl(demo.dir, words, 2, &out, &err))
		fail_msg("%s", err.msg);
	buf_free(&out);
}

static long
assign_as(const char *auth, const char *scope, const char *name, const char *role,
	const char *principal, const char *more)
{
	char url[1024], body[1024];

	snprintf(url, sizeof url, ARM "%s" ASSIGN "/%s?" AV, scope, name);
	snprintf(body, sizeof body,
		"{\"properties\":{\"roleDefinitionId\":\"" PRODUCTION A
		"roleDefinitions/%s\",\"principalId\":\"%s\"%s}}",
		role, principal, more);
	return client_send(&demo, "PUT", url, auth, body);
}

static long
assign(const char *scope, const char *name, const char *role, const char *principal,
	const char *more)
{
	return assign_as(demo.arm, scope, name, role, principal, more);
}

static long
on_assignment(const char *method, const char *scope, const char *name)
{
	char url[1024];

	snprintf(url, sizeof url, ARM "%s" ASSIGN "/%s?" AV, scope, name);
	return demo_arm(method, url, NULL);
}

/* Whether the last list holds an assignment of this name. */
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
code_is(long status, const char *code)
{
	assert_int_equal(demo.status, status);
	assert_string_equal(client_text(&demo, "error.code"), code);
}

static void
patterns_match(void **state)
{
	static const struct {
		const char *pattern, *action;
		bool match;
	} cases[] = {
		{"*", "Microsoft.KeyVault/vaults/write", true},
		{"*/read", "Microsoft.KeyVault/vaults/read", true},
		{"*/read", "Microsoft.KeyVault/vaults/readMetadata/action", false},
		{"*/read", "Microsoft.KeyVault/vaults/write", false},
		{"Microsoft.Authorization/*/Write", "Microsoft.Authorization/roleAssignments/write",
			true},
		{"Microsoft.Authorization/*/read", "Microsoft.Authorization/permissions/read",
			true},
		{"Microsoft.KeyVault/*", "Microsoft.KeyVault/vaults/accessPolicies/write", true},
		{"Microsoft.KeyVault/*", "Microsoft.KeyVaultX/vaults/write", false},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/read", true},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaults/keys/read", true},
		{"Microsoft.KeyVault/vaults/*/read", "Microsoft.KeyVault/vaultsread", false},
		{"Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
			"microsoft.managedidentity/userassignedidentities/assign/action", true},
		{"a/b", "a/b/c", false},
		{"a/b/c", "a/b", false},
		{"a", "", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (roles_match(cases[i].pattern, cases[i].action) != cases[i].match)
			fail_msg("%s and %s", cases[i].pattern, cases[i].action);
}

static void
roles_allow_what_azure_says(void **state)
{
	static const struct {
		const char *role, *action;
		bool data, allowed;
	} cases[] = {
		{owner, "Microsoft.Authorization/roleAssignments/write", false, true},
		{owner, "Microsoft.KeyVault/vaults/keys/read", true, false},
		{contributor, "Microsoft.KeyVault/vaults/write", false, true},
		{contributor, "Microsoft.Authorization/roleAssignments/write", false, false},
		{contributor, "Microsoft.Authorization/roleAssignments/delete", false, false},
		{contributor, "Microsoft.Authorization/roleAssignments/read", false, true},
		{reader, "Microsoft.Batch/batchAccounts/read", false, true},
		{reader, "Microsoft.Batch/batchAccounts/listkeys/action", false, false},
		{"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
			"Microsoft.Authorization/roleAssignments/write", false, true},
		{"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "Microsoft.KeyVault/vaults/write", false,
			false},
		{vault_contributor, "Microsoft.KeyVault/vaults/write", false, true},
		{vault_contributor, "Microsoft.KeyVault/locations/deletedVaults/purge/action",
			false, false},
		{vault_contributor, "Microsoft.KeyVault/vaults/keys/read", true, false},
		{"17d1049b-9a84-46fb-8f53-869881c3d3ab", "Microsoft.Storage/storageAccounts/write",
			false, true},
		{"17d1049b-9a84-46fb-8f53-869881c3d3ab", "Microsoft.Batch/batchAccounts/write",
			false, false},
		{"f353d9bd-d4a6-484e-a77a-8050b599b867",
			"Microsoft.Automation/automationAccounts/write", false, true},
		{crypto_officer, "Microsoft.KeyVault/vaults/keys/purge/action", true, true},
		{crypto_officer, "Microsoft.KeyVault/vaults/keyrotationpolicies/write", true, true},
		{crypto_user, "Microsoft.KeyVault/vaults/keys/update/action", true, true},
		{crypto_user, "Microsoft.KeyVault/vaults/keys/create/action", true, false},
		{encryption_user, "Microsoft.KeyVault/vaults/keys/wrap/action", true, true},
		{encryption_user, "Microsoft.KeyVault/vaults/keys/encrypt/action", true, false},
		{"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
			"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
			true, false},
		{"b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
			"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
			true, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct role *role = roles_find(cases[i].role);

		assert_non_null(role);
		if ((cases[i].data ? roles_allow_data : roles_allow)(role, cases[i].action) !=
			cases[i].allowed)
			fail_msg("%s and %s", role->name, cases[i].action);
	}
	assert_null(roles_find(STRANGER));
}

static void
definitions_are_listed(void **state)
{
	(void)state;
	assert_int_equal(demo_arm("GET", ARM PRODUCTION A "roleDefinitions?" AV, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), roles_len);
	assert_int_equal(
		demo_arm("GET",
			ARM VAULT A
			"roleDefinitions?$filter=roleName%20eq%20%27key%20vault%20crypto%20service%20encryption%20user%27&api-version=2018-01-01-preview",
			NULL),
		200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_string_equal(client_text(&demo, "value.0.id"),
		PRODUCTION A "roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6");
	assert_string_equal(client_text(&demo, "value.0.name"), encryption_user);
	assert_string_equal(
		client_text(&demo, "value.0.type"), "Microsoft.Authorization/roleDefinitions");
	assert_string_equal(client_text(&demo, "value.0.properties.roleName"),
		"Key Vault Crypto Service Encryption User");
	assert_string_equal(client_text(&demo, "value.0.properties.type"), "BuiltInRole");
	assert_string_equal(client_text(&demo, "value.0.properties.assignableScopes.0"), "/");
	assert_string_equal(
		client_text(&demo, "value.0.properties.createdOn"), "2020-05-20T20:55:19.2398470Z");
	assert_string_equal(client_text(&demo, "value.0.properties.permissions.0.dataActions.2"),
		"Microsoft.KeyVault/vaults/keys/unwrap/action");
	assert_int_equal(json_array_size(client_at(
				 &demo, "value.0.properties.permissions.0.notDataActions")),
		0);
	demo_arm("GET", ARM PRODUCTION A "roleDefinitions?$filter=type%20eq%20'BuiltInRole'&" AV,
		NULL);
	assert_int_equal(json_array_size(client_at(&demo, "value")), roles_len);
	demo_arm("GET", ARM PRODUCTION A "roleDefinitions?$filter=type%20eq%20'CustomRole'&" AV,
		NULL);
	assert_int_equal(demo.status, 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 0);
	demo_arm("GET", ARM PRODUCTION A "roleDefinitions?$filter=atScope()&" AV, NULL);
	assert_int_equal(json_array_size(client_at(&demo, "value")), roles_len);
	demo_arm("GET", ARM PRODUCTION A "roleDefinitions?$filter=colour%20eq%20'red'&" AV, NULL);
	code_is(400, "BadRequest");
}

static void
a_definition_is_read(void **state)
{
	(void)state;
	demo_arm("GET", ARM A "roleDefinitions/B24988AC-6180-42a0-ab88-20f7382dd24c?" AV, NULL);
	assert_int_equal(demo.status, 200);
	assert_string_equal(
		client_text(&demo, "id"), A "roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c");
	assert_string_equal(client_text(&demo, "properties.permissions.0.actions.0"), "*");
	assert_string_equal(client_text(&demo, "properties.permissions.0.notActions.1"),
		"Microsoft.Authorization/*/Write");
	demo_arm("GET", ARM VAULT A "roleDefinitions/" STRANGER "?" AV, NULL);
	code_is(404, "RoleDefinitionDoesNotExist");
	demo_arm("GET", ARM GROUP "x" A "roleDefinitions?" AV, NULL);
	code_is(404, "ResourceGroupNotFound");
	demo_arm("GET",
		ARM "/providers/Microsoft.Management/managementGroups/m" A "roleDefinitions?" AV,
		NULL);
	code_is(404, "NotFound");
	demo_arm("GET",
		ARM A
		"roleDefinitions/8b54135c-b56d-4d72-a534-26097cfdc8d8?api-version=2022-05-01-preview",
		NULL);
	assert_string_equal(client_text(&demo, "properties.permissions.0.conditionVersion"), "2.0");
	assert_non_null(
		strstr(client_text(&demo, "properties.permissions.0.condition"), encryption_user));
	demo_arm("GET", ARM A "roleDefinitions/8b54135c-b56d-4d72-a534-26097cfdc8d8?" AV, NULL);
	assert_null(client_at(&demo, "properties.permissions.0.condition"));
}

static void
an_assignment_lives(void **state)
{
	static const char more[] = ",\"principalType\":\"ServicePrincipal\"";
	char created[64];

	(void)state;
	assert_int_equal(assign(VAULT, NAME("1"), encryption_user, READER_OBJECT, more), 201);
	assert_string_equal(client_text(&demo, "id"), VAULT ASSIGN "/" NAME("1"));
	assert_string_equal(client_text(&demo, "name"), NAME("1"));
	assert_string_equal(client_text(&demo, "type"), "Microsoft.Authorization/roleAssignments");
	assert_string_equal(client_text(&demo, "properties.scope"), VAULT);
	assert_string_equal(client_text(&demo, "properties.roleDefinitionId"),
		PRODUCTION A "roleDefinitions/e147488a-f6f5-4113-8e2d-b22465e65bf6");
	assert_string_equal(client_text(&demo, "properties.principalId"), READER_OBJECT);
	assert_string_equal(client_text(&demo, "properties.principalType"), "ServicePrincipal");
	assert_true(json_is_null(client_at(&demo, "properties.condition")));
	assert_true(json_is_null(client_at(&demo, "properties.description")));
	assert_true(json_is_null(client_at(&demo, "properties.createdBy")));
	assert_string_equal(client_text(&demo, "properties.updatedBy"), OPERATOR_OBJECT);
	snprintf(created, sizeof created, "%s", client_text(&demo, "properties.createdOn"));
	assert_int_equal(strlen(created), strlen("2024-06-26T05:12:36.9068712Z"));

	assert_int_equal(assign(VAULT, NAME("1"), encryption_user, READER_OBJECT, more), 200);
	assign(VAULT, NAME("2"), encryption_user, READER_OBJECT, more);
	code_is(409, "RoleAssignmentExists");
	assert_string_equal(
		client_text(&demo, "error.message"), "The role assignment already exists.");
	assign(VAULT, NAME("1"), crypto_user, READER_OBJECT, more);
	code_is(400, "RoleAssignmentUpdateNotPermitted");
	assign(GROUP, NAME("1"), encryption_user, READER_OBJECT, more);
	code_is(400, "RoleAssignmentUpdateNotPermitted");
	assert_int_equal(assign(VAULT, NAME("1"), encryption_user, READER_OBJECT,
				 ",\"description\":\"why\""),
		201);

	assert_int_equal(on_assignment("GET", VAULT, NAME("1")), 200);
	assert_string_equal(client_text(&demo, "properties.description"), "why");
	assert_string_equal(client_text(&demo, "properties.createdBy"), OPERATOR_OBJECT);
	assert_string_equal(client_text(&demo, "properties.createdOn"), created);
	assert_int_equal(on_assignment("GET", "", NAME("1")), 200);
	assert_string_equal(client_text(&demo, "properties.scope"), VAULT);
	on_assignment("GET", GROUP, NAME("1"));
	code_is(404, "RoleAssignmentNotFound");

	assert_int_equal(on_assignment("DELETE", VAULT, NAME("1")), 200);
	assert_string_equal(client_text(&demo, "name"), NAME("1"));
	assert_int_equal(on_assignment("DELETE", VAULT, NAME("1")), 204);
	assert_string_equal(demo.body, "");
	on_assignment("GET", VAULT, NAME("1"));
	code_is(404, "RoleAssignmentNotFound");
	assert_int_equal(assign(VAULT, NAME("1"), crypto_user, READER_OBJECT, more), 201);
	assert_int_equal(on_assignment("DELETE", VAULT, NAME("1")), 200);
}

static void
bad_assignments_are_refused(void **state)
{
	(void)state;
	assign(VAULT, "first", reader, READER_OBJECT, "");
	code_is(400, "InvalidRoleAssignmentId");
	assert_string_equal(client_text(&demo, "error.message"),
		"The role assignment ID 'first' is not valid. The role assignment ID must be a GUID.");
	assign(VAULT, NAME("3"), reader, "me", "");
	code_is(400, "InvalidPrincipalId");
	assign(VAULT, NAME("3"), reader, STRANGER, "");
	code_is(400, "PrincipalNotFound");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Principal 0f14a80d42e54d57afe046acf9dfae05 does not exist in the directory " TENANT
		"."));
	assign(VAULT, NAME("3"), reader, READER_OBJECT, ",\"principalType\":\"User\"");
	code_is(400, "UnmatchedPrincipalType");
	assign(VAULT, NAME("3"), reader, READER_OBJECT, ",\"principalType\":\"Robot\"");
	code_is(400, "BadRequestFormat");
	assign(VAULT, NAME("3"), STRANGER, READER_OBJECT, "");
	code_is(404, "RoleDefinitionDoesNotExist");
	assign(VAULT, NAME("3"), "Reader", READER_OBJECT, "");
	code_is(400, "InvalidRoleDefinitionId");
	assign(VAULT "x", NAME("3"), reader, READER_OBJECT, "");
	code_is(404, "ResourceNotFound");
	assign(GROUP "x", NAME("3"), reader, READER_OBJECT, "");
	code_is(404, "ResourceGroupNotFound");
	assign(GROUP "/providers/Microsoft.KeyVault/vaults", NAME("3"), reader, READER_OBJECT, "");
	code_is(404, "NotFound");
	demo_arm("PUT", ARM VAULT ASSIGN "/" NAME("3") "?" AV, "{\"properties\":[]}");
	code_is(400, "BadRequestFormat");
	on_assignment("GET", VAULT, NAME("3"));
	code_is(404, "RoleAssignmentNotFound");
	assert_int_equal(assign(VAULT, NAME("3"), reader, STRANGER,
				 ",\"principalType\":\"ServicePrincipal\""),
		201);
	assert_int_equal(on_assignment("DELETE", VAULT, NAME("3")), 200);
	assert_int_equal(demo_arm("GET", ARM VAULT ASSIGN "?api-version=2021-01-01", NULL), 400);
}

static void
lists_inherit(void **state)
{
	(void)state;
	assert_int_equal(assign(GROUP, NAME("4"), reader, OPERATOR_OBJECT, ""), 201);
	assert_int_equal(assign(VAULT, NAME("5"), reader, READER_OBJECT, ""), 201);
	assert_int_equal(
		assign(VAULT "/keys/none", NAME("6"), crypto_user, READER_OBJECT, ""), 201);

	assert_int_equal(demo_arm("GET", ARM VAULT "/keys/none" ASSIGN "?" AV, NULL), 200);
	assert_true(listed(NAME("4")) && listed(NAME("5")) && listed(NAME("6")));
	demo_arm("GET", ARM GROUP ASSIGN "?$filter=atScope()&" AV, NULL);
	assert_true(listed(NAME("4")) && !listed(NAME("5")) && !listed(NAME("6")));
	demo_arm("GET", ARM GROUP ASSIGN "?" AV, NULL);
	assert_true(listed(NAME("4")) && listed(NAME("5")) && listed(NAME("6")));
	demo_arm("GET", ARM VAULT ASSIGN "?$filter=principalId%20eq%20'" READER_OBJECT "'&" AV,
		NULL);
	assert_true(!listed(NAME("4")) && listed(NAME("5")) && listed(NAME("6")));
	demo_arm("GET",
		ARM VAULT ASSIGN "?$filter=atScope()%20and%20assignedTo('" READER_OBJECT "')&" AV,
		NULL);
	assert_int_equal(demo.status, 200);
	assert_true(!listed(NAME("4")) && listed(NAME("5")) && !listed(NAME("6")));
	demo_arm("GET", ARM MEDIA ASSIGN "?" AV, NULL);
	assert_int_equal(demo.status, 200);
	assert_false(listed(NAME("4")));
	demo_arm("GET", ARM VAULT ASSIGN "?$filter=principalId%20ne%20'x'&" AV, NULL);
	code_is(400, "BadRequest");
	assert_int_equal(on_assignment("DELETE", GROUP, NAME("4")), 200);
	demo_arm("GET", ARM GROUP ASSIGN "?" AV, NULL);
	assert_false(listed(NAME("4")));
	assert_int_equal(on_assignment("DELETE", VAULT, NAME("5")), 200);
	assert_int_equal(on_assignment("DELETE", VAULT "/keys/none", NAME("6")), 200);
	clock_on("+11s");
}

static void
old_versions_say_less(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("GET", ARM PRODUCTION ASSIGN "?api-version=2015-07-01", NULL), 200);
	assert_non_null(client_at(&demo, "value.0.properties.principalId"));
	assert_null(client_at(&demo, "value.0.properties.principalType"));
	assert_int_equal(
		demo_arm("GET", ARM PRODUCTION ASSIGN "?api-version=2020-04-01-preview", NULL),
		200);
	assert_string_equal(
		client_text(&demo, "value.0.properties.principalType"), "ServicePrincipal");
}

static void
contributors_give_nothing(void **state)
{
	static const char group[] = ARM GROUP "?api-version=2022-09-01";
	static const char body[] = "{\"location\":\"westeurope\",\"tags\":{\"a\":\"b\"}}";

	(void)state;
	assert_int_equal(client_send(&demo, "PUT", group, reader_arm, body), 403);
	assert_int_equal(assign(GROUP, NAME("7"), contributor, READER_OBJECT, ""), 201);
	assert_int_equal(client_send(&demo, "PUT", group, reader_arm, body), 403);
	clock_on("+11s");
	assert_int_equal(client_send(&demo, "PUT", group, reader_arm, body), 200);
	assign_as(reader_arm, GROUP, NAME("8"), reader, READER_OBJECT, "");
	code_is(403, "AuthorizationFailed");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"does not have authorization or an ABAC condition not fulfilled to perform action 'Microsoft.Authorization/roleAssignments/write' over scope '" GROUP
		"'"));
	assert_int_equal(client_send(&demo, "DELETE", ARM GROUP ASSIGN "/" NAME("7") "?" AV,
				 reader_arm, NULL),
		403);
	assert_int_equal(client_send(&demo, "GET", ARM GROUP ASSIGN "?" AV, reader_arm, NULL), 200);
	assert_int_equal(on_assignment("DELETE", GROUP, NAME("7")), 200);
	assert_int_equal(client_send(&demo, "PUT", group, reader_arm, body), 200);
	clock_on("+11s");
	assert_int_equal(client_send(&demo, "PUT", group, reader_arm, body), 403);
}

static void
an_administrator_of_data_access_gives_key_roles(void **state)
{
	(void)state;
	assert_int_equal(assign(VAULT, NAME("7"), data_access_admin, READER_OBJECT, ""), 201);
	clock_on("+11s");
	assert_int_equal(
		assign_as(reader_arm, VAULT, NAME("8"), encryption_user, READER_OBJECT, ""), 201);
	assign_as(reader_arm, VAULT, NAME("9"), owner, READER_OBJECT, "");
	code_is(403, "AuthorizationFailed");
	assign_as(reader_arm, GROUP, NAME("9"), encryption_user, READER_OBJECT, "");
	code_is(403, "AuthorizationFailed");
	assert_int_equal(client_send(&demo, "DELETE", ARM VAULT ASSIGN "/" NAME("8") "?" AV,
				 reader_arm, NULL),
		200);
	assert_int_equal(on_assignment("DELETE", VAULT, NAME("7")), 200);
	clock_on("+11s");
}

static void
keys_obey_data_roles(void **state)
{
	static const char create[] = "https://kv-roles.vault.azure.net/keys/k1/create" V;
	static const char list[] = "https://kv-roles.vault.azure.net/keys" V;
	static const char one[] = "https://kv-roles.vault.azure.net/keys/k1" V;
	static const char other[] = "https://kv-roles.vault.azure.net/keys/k2" V;

	(void)state;
	assert_int_equal(demo_kv("POST", create, "{\"kty\":\"RSA\"}"), 403);
	assert_string_equal(client_text(&demo, "error.innererror.code"), "ForbiddenByRbac");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"Action: 'Microsoft.KeyVault/vaults/keys/create/action'"));
	assert_int_equal(assign(VAULT, NAME("1"), vault_contributor, OPERATOR_OBJECT, ""), 201);
	clock_on("+11s");
	assert_int_equal(demo_kv("POST", create, "{\"kty\":\"RSA\"}"), 403);
	assert_int_equal(assign(GROUP, NAME("2"), crypto_officer, OPERATOR_OBJECT, ""), 201);
	assert_int_equal(demo_kv("POST", create, "{\"kty\":\"RSA\"}"), 403);
	clock_on("+11s");
	assert_int_equal(demo_kv("POST", create, "{\"kty\":\"RSA\"}"), 200);
	assert_int_equal(demo_kv("GET", list, NULL), 200);

	assert_int_equal(client_send(&demo, "GET", one, reader_vault, NULL), 403);
	assert_int_equal(assign(VAULT "/keys/K1", NAME("3"), crypto_user, READER_OBJECT, ""), 201);
	clock_on("+11s");
	assert_int_equal(client_send(&demo, "GET", one, reader_vault, NULL), 200);
	assert_int_equal(client_send(&demo, "GET", other, reader_vault, NULL), 403);
	assert_int_equal(client_send(&demo, "GET", list, reader_vault, NULL), 403);
	assert_int_equal(client_send(&demo, "DELETE", one, reader_vault, NULL), 403);
	assert_int_equal(on_assignment("DELETE", VAULT "/keys/k1", NAME("3")), 200);
	assert_int_equal(client_send(&demo, "GET", one, reader_vault, NULL), 200);
	clock_on("+11s");
	assert_int_equal(client_send(&demo, "GET", one, reader_vault, NULL), 403);
}

static void
permissions_are_the_callers(void **state)
{
	(void)state;
	assert_int_equal(
		client_send(&demo, "GET", ARM GROUP A "permissions?" AV, reader_arm, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_string_equal(client_text(&demo, "value.0.actions.0"), "*/read");
	assert_int_equal(json_array_size(client_at(&demo, "value.0.notActions")), 0);
	assert_int_equal(demo_arm("GET", ARM VAULT A "denyAssignments?" AV, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 0);
	assert_non_null(client_at(&demo, "value"));
}

static void
a_role_within_shows_the_subscription(void **state)
{
	static const char all[] = ARM "/subscriptions?api-version=2022-12-01";

	(void)state;
	client_send(&demo, "GET", all, reader_arm, NULL);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_int_equal(assign(MEDIA, NAME("4"), reader, READER_OBJECT, ""), 201);
	clock_on("+11s");
	client_send(&demo, "GET", all, reader_arm, NULL);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 2);
	assert_int_equal(
		client_send(&demo, "GET", ARM MEDIA "?api-version=2022-09-01", reader_arm, NULL),
		200);
	assert_int_equal(
		client_send(&demo, "GET", ARM STAGING "/resourceGroups?api-version=2022-09-01",
			reader_arm, NULL),
		403);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match),
		cmocka_unit_test(roles_allow_what_azure_says),
		cmocka_unit_test(definitions_are_listed),
		cmocka_unit_test(a_definition_is_read),
		cmocka_unit_test(an_assignment_lives),
		cmocka_unit_test(bad_assignments_are_refused),
		cmocka_unit_test(lists_inherit),
		cmocka_unit_test(old_versions_say_less),
		cmocka_unit_test(contributors_give_nothing),
		cmocka_unit_test(an_administrator_of_data_access_gives_key_roles),
		cmocka_unit_test(keys_obey_data_roles),
		cmocka_unit_test(permissions_are_the_callers),
		cmocka_unit_test(a_role_within_shows_the_subscription),
	};

	return cmocka_run_group_tests(tests, setup, demo_teardown);
}
