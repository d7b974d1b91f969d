/* Managed HSMs as resources, and their local roles. */
#include "tests/spec/calls.h"

#include "tests/fixtures/sandbox_client.h"

#define V23 "?api-version=2023-07-01"
#define KEYVAULT ARM PRODUCTION "/providers/Microsoft.KeyVault/"
#define HSMS ARM PRODUCTION "/resourceGroups/rg-security/providers/Microsoft.KeyVault/managedHSMs"
#define SPEC HSMS "/hsm-spec"
#define PLACE KEYVAULT "locations/westeurope/deletedManagedHSMs/"
#define ADMIN "\"3bf6e9d4-80a5-4127-9c4e-7d903fab6c12\""
#define NEW                                                                                  \
	"{\"location\":\"westeurope\",\"sku\":{\"family\":\"B\",\"name\":\"Standard_B1\"},"  \
	"\"properties\":{\"tenantId\":\"" TENANT "\",\"initialAdminObjectIds\":[" ADMIN "]," \
	"\"enableSoftDelete\":true,\"softDeleteRetentionInDays\":7}}"
#define CORE "https://hsm-core.managedhsm.azure.net"
#define LOCAL "/providers/Microsoft.Authorization/"
#define GRANT LOCAL "roleAssignments/1b0d6d0f-4b27-4d3b-8a1e-5d0a0d3c0a03"
#define BODY \
	"{\"properties\":{\"roleDefinitionId\":\"Microsoft.KeyVault/providers/Microsoft.Authorization/roleDefinitions/33413926-3206-4cdd-b39a-83574fe37a17\",\"principalId\":\"3bf6e9d4-80a5-4127-9c4e-7d903fab6c12\"}}"

static const struct calls_row rows[] = {
	{false, "POST", KEYVAULT "checkMhsmNameAvailability" V23, "{\"name\":\"hsm-spec\"}"},
	{false, "POST", KEYVAULT "checkMhsmNameAvailability" V23, "{\"name\":\"hsm-core\"}"},
	{false, "PUT", SPEC V23, NEW},
	{true, "PUT", SPEC V23, "{"},
	{false, "GET", SPEC V23, NULL},
	{false, "GET", HSMS "/hsm-core" V23, NULL},
	{true, "GET", HSMS "/hsm-none" V23, NULL},
	{false, "GET", SPEC "/regions" V23, NULL},
	{false, "GET", HSMS V23, NULL},
	{false, "GET", KEYVAULT "managedHSMs" V23, NULL},
	{false, "PATCH", SPEC V23, "{\"tags\":{\"c\":\"d\"}}"},
	{false, "DELETE", SPEC V23, NULL},
	{false, "GET", KEYVAULT "deletedManagedHSMs" V23, NULL},
	{false, "GET", PLACE "hsm-spec" V23, NULL},
	{true, "GET", PLACE "hsm-none" V23, NULL},
	{false, "POST", PLACE "hsm-spec/purge" V23, NULL},
	{false, "GET", CORE "/keys" V, NULL},
	{false, "GET", CORE "/keys/cmk-hsm" V, NULL},
	{true, "GET", CORE "/keys/none" V, NULL},
	{false, "GET", CORE "/keys/cmk-hsm/versions" V, NULL},
	{false, "POST", CORE "/keys/cmk-spec/create" V, "{\"kty\":\"RSA-HSM\",\"key_size\":2048}"},
	{false, "GET", CORE "/keys/cmk-spec/rotationpolicy" V, NULL},
	{false, "GET", CORE LOCAL "roleDefinitions" V, NULL},
	{false, "GET", CORE LOCAL "roleDefinitions/33413926-3206-4cdd-b39a-83574fe37a17" V, NULL},
	{true, "DELETE", CORE LOCAL "roleDefinitions/33413926-3206-4cdd-b39a-83574fe37a17" V, NULL},
	{false, "PUT", CORE "/keys" GRANT V, BODY},
	{true, "PUT", CORE "/keys" GRANT V, "{}"},
	{false, "GET", CORE "/keys" GRANT V, NULL},
	{false, "GET", CORE "/keys" LOCAL "roleAssignments" V, NULL},
	{false, "GET", CORE LOCAL "roleAssignments" V, NULL},
	{false, "DELETE", CORE "/keys" GRANT V, NULL},
	{true, "GET", CORE "/keys" GRANT V, NULL},
};

void
calls_hsm(struct calls *calls)
{
	calls_rows(calls, rows, ARRAY_LEN(rows));
}
