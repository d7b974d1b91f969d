/* Role definitions and assignments at each kind of scope. */
#include "tests/spec/calls.h"

#include "tests/fixtures/sandbox_client.h"

#define RBAC PRODUCTION "/resourceGroups/rg-security/providers/Microsoft.KeyVault/vaults/kv-rbac"
#define AUTHORIZATION "/providers/Microsoft.Authorization/"
#define V22 "?api-version=2022-04-01"
#define ENCRYPTION_USER "e147488a-f6f5-4113-8e2d-b22465e65bf6"
#define GRANT AUTHORIZATION "roleAssignments/1b0d6d0f-4b27-4d3b-8a1e-5d0a0d3c0a01"
#define OTHER AUTHORIZATION "roleAssignments/1b0d6d0f-4b27-4d3b-8a1e-5d0a0d3c0a02"
#define BODY                                                                \
	"{\"properties\":{\"roleDefinitionId\":\"" PRODUCTION AUTHORIZATION \
	"roleDefinitions/" ENCRYPTION_USER                                  \
	"\",\"principalId\":\"3bf6e9d4-80a5-4127-9c4e-7d903fab6c12\",\"principalType\":\"ServicePrincipal\"}}"

static const struct calls_row rows[] = {
	{false, "GET", ARM PRODUCTION AUTHORIZATION "roleDefinitions" V22, NULL},
	{false, "GET",
		ARM RBAC AUTHORIZATION "roleDefinitions" V22
				       "&$filter=roleName%20eq%20'Key%20Vault%20Crypto%20Officer'",
		NULL},
	{false, "GET", ARM PRODUCTION AUTHORIZATION "roleDefinitions/" ENCRYPTION_USER V22, NULL},
	{false, "GET", ARM AUTHORIZATION "roleDefinitions/" ENCRYPTION_USER V22, NULL},
	{true, "GET",
		ARM PRODUCTION AUTHORIZATION
		"roleDefinitions/00000000-0000-0000-0000-000000000001" V22,
		NULL},
	{false, "PUT", ARM RBAC GRANT V22, BODY},
	{false, "PUT", ARM RBAC GRANT V22, BODY},
	{true, "PUT", ARM RBAC OTHER V22, BODY},
	{true, "PUT", ARM RBAC OTHER V22, "{\"properties\":{}}"},
	{true, "PUT", ARM RBAC OTHER V22, "{"},
	{false, "PUT", ARM RBAC "/keys/cmk-rbac" OTHER V22, BODY},
	{false, "GET", ARM RBAC GRANT V22, NULL},
	{false, "GET", ARM RBAC AUTHORIZATION "roleAssignments" V22, NULL},
	{false, "GET", ARM RBAC AUTHORIZATION "roleAssignments" V22 "&$filter=atScope()", NULL},
	{false, "GET",
		ARM PRODUCTION AUTHORIZATION
		"roleAssignments" V22
		"&$filter=principalId%20eq%20'3bf6e9d4-80a5-4127-9c4e-7d903fab6c12'",
		NULL},
	{false, "GET",
		ARM PRODUCTION "/resourceGroups/rg-security" AUTHORIZATION "roleAssignments" V22,
		NULL},
	{false, "GET", ARM PRODUCTION AUTHORIZATION "roleAssignments?api-version=2015-07-01", NULL},
	{true, "GET", ARM PRODUCTION AUTHORIZATION "roleAssignments" V22 "&$filter=colour", NULL},
	{false, "GET", ARM PRODUCTION "/resourcegroups/rg-security" AUTHORIZATION "permissions" V22,
		NULL},
	{false, "GET", ARM PRODUCTION AUTHORIZATION "denyAssignments" V22, NULL},
	{false, "DELETE", ARM RBAC GRANT V22, NULL},
	{false, "DELETE", ARM RBAC GRANT V22, NULL},
	{true, "GET", ARM RBAC GRANT V22, NULL},
	{false, "DELETE", ARM RBAC "/keys/cmk-rbac" OTHER V22, NULL},
};

void
calls_roles(struct calls *calls)
{
	calls_rows(calls, rows, ARRAY_LEN(rows));
}
