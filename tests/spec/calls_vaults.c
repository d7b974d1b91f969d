/* Vaults of the control plane from their making to their end, and their keys as resources. */
#include "tests/spec/calls.h"

#include "tests/fixtures/sandbox_client.h"

#define V23 "?api-version=2023-07-01"
#define KEYVAULT ARM PRODUCTION "/providers/Microsoft.KeyVault/"
#define SPEC ARM SECURITY "kv-spec"
#define GONE ARM SECURITY "kv-spec-gone"
#define PLACE KEYVAULT "locations/westeurope/deletedVaults/"
#define VAULT(more)                                                            \
	"{\"location\":\"westeurope\",\"tags\":{\"a\":\"b\"},\"properties\":{" \
	"\"tenantId\":\"" TENANT "\",\"sku\":{\"family\":\"A\",\"name\":\"premium\"}," more "}}"
#define OBJECT "3bf6e9d4-80a5-4127-9c4e-7d903fab6c12"
#define ENTRY(keys)                                                 \
	"{\"tenantId\":\"" TENANT "\",\"objectId\":\"" OBJECT "\"," \
	"\"permissions\":{\"keys\":[" keys "]}}"
#define ENTRIES(keys) "\"accessPolicies\":[" ENTRY(keys) "]"

static const struct calls_row rows[] = {
	{false, "POST", KEYVAULT "checkNameAvailability" V23,
		"{\"name\":\"kv-spec\",\"type\":\"Microsoft.KeyVault/vaults\"}"},
	{false, "POST", KEYVAULT "checkNameAvailability" V23,
		"{\"name\":\"kv-billing\",\"type\":\"Microsoft.KeyVault/vaults\"}"},
	{true, "POST", KEYVAULT "checkNameAvailability" V23, "{}"},
	{false, "PUT", SPEC V23,
		VAULT("\"enablePurgeProtection\":true,\"enableSoftDelete\":true,\"softDeleteRetentionInDays\":7,\"networkAcls\":{\"bypass\":\"AzureServices\",\"defaultAction\":\"Allow\",\"ipRules\":[],\"virtualNetworkRules\":[]}," ENTRIES(
			"\"get\",\"wrapKey\",\"unwrapKey\""))},
	{false, "PUT", GONE V23, VAULT("\"accessPolicies\":[],\"softDeleteRetentionInDays\":7")},
	{true, "PUT", ARM SECURITY "1-bad" V23, VAULT("\"accessPolicies\":[]")},
	{true, "PUT", SPEC V23, "{\"location\":\"westeurope\"}"},
	{true, "PUT", SPEC V23, VAULT("\"accessPolicies\":7")},
	{true, "PUT", SPEC V23, "["},
	{false, "GET", SPEC V23, NULL},
	{false, "GET", SPEC "?api-version=2018-02-14", NULL},
	{false, "GET", SPEC "?api-version=2022-07-01", NULL},
	{false, "GET", SPEC "?api-version=2026-02-01", NULL},
	{false, "GET", KEYVAULT "vaults" V23, NULL},
	{false, "GET", KEYVAULT "vaults" V23 "&$top=1", NULL},
	{false, "GET",
		ARM PRODUCTION
		"/resourceGroups/rg-security/providers/Microsoft.KeyVault/vaults" V23,
		NULL},
	{false, "PATCH", SPEC V23, "{\"tags\":{\"c\":\"d\"}}"},
	{false, "PATCH", SPEC V23, "{\"properties\":{\"enablePurgeProtection\":true}}"},
	{true, "PATCH", SPEC V23, "{\"properties\":{\"enablePurgeProtection\":false}}"},
	{true, "PATCH", SPEC V23, "{\"properties\":{\"enableSoftDelete\":false}}"},
	{true, "PATCH", ARM SECURITY "kv-none" V23, "{}"},
	{false, "PUT", SPEC "/accessPolicies/add" V23,
		"{\"properties\":{" ENTRIES("\"list\"") "}}"},
	{false, "PUT", SPEC "/accessPolicies/add?api-version=2018-02-14",
		"{\"properties\":{" ENTRIES("\"get\"") "}}"},
	{false, "PUT", SPEC "/accessPolicies/remove" V23,
		"{\"properties\":{" ENTRIES("\"list\"") "}}"},
	{false, "PUT", SPEC "/accessPolicies/replace" V23,
		"{\"properties\":{" ENTRIES("\"get\"") "}}"},
	{true, "PUT", SPEC "/accessPolicies/burn" V23, "{\"properties\":{\"accessPolicies\":[]}}"},
	{true, "PUT", SPEC "/accessPolicies/add" V23, "{}"},
	{false, "DELETE", GONE V23, NULL},
	{false, "DELETE", GONE V23, NULL},
	{true, "GET", GONE V23, NULL},
	{true, "PUT", GONE V23, VAULT("\"accessPolicies\":[]")},
	{false, "GET", KEYVAULT "deletedVaults" V23, NULL},
	{false, "GET", PLACE "kv-spec-gone" V23, NULL},
	{true, "GET", PLACE "kv-none" V23, NULL},
	{false, "PUT", GONE V23, VAULT("\"createMode\":\"recover\"")},
	{false, "DELETE", GONE V23, NULL},
	{false, "POST", PLACE "kv-spec-gone/purge" V23, NULL},
	{true, "POST", PLACE "kv-spec-gone/purge" V23, NULL},
};

void
calls_vaults(struct calls *calls)
{
	calls_rows(calls, rows, ARRAY_LEN(rows));
}
