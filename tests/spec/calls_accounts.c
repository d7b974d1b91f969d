/* The three services: accounts from their making to their end, on Microsoft's keys and on a
 * customer's, and what Automation and Batch keep in theirs. */
#include "tests/spec/calls.h"

#include <stdio.h>
#include <string.h>

#include "tests/fixtures/sandbox_client.h"

#define MEDIA PRODUCTION "/resourceGroups/rg-media/providers/"
#define USER_IDENTITY \
	PRODUCTION    \
	"/resourceGroups/rg-security/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-batch"
#define USER_ASSIGNED                                                                          \
	"\"identity\":{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"" USER_IDENTITY \
	"\":{}}}"
#define POLICIES ARM SECURITY "kv-archive/accessPolicies/add?api-version=2023-07-01"

enum { ROOM = 4096 };

/* Lets the account of the last reply use the keys of kv-archive. */
static void
grant_last(struct calls *calls)
{
	char body[ROOM], principal[64];

	snprintf(principal, sizeof principal, "%s", client_text(&demo, "identity.principalId"));
	snprintf(body, sizeof body,
		"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\",\"recover\"]}}]}}",
		principal);
	calls_good(calls, "PUT", POLICIES, body);
}

static void
newest_version(struct calls *calls, char out[64])
{
	const char *slash;

	calls_good(calls, "GET", "https://kv-archive.vault.azure.net/keys/cmk-archive" V, NULL);
	slash = strrchr(client_text(&demo, "key.kid"), '/');
	snprintf(out, 64, "%s", slash ? slash + 1 : "");
}

#define A23 "?api-version=2023-11-01"
#define AA ARM FINANCE "aa-spec-1"
#define SKU "\"properties\":{\"sku\":{\"name\":\"Basic\"}}"

static const struct calls_row automation[] = {
	{false, "PUT", AA A23, "{\"location\":\"westeurope\",\"tags\":{\"a\":\"b\"}," SKU "}"},
	{false, "PUT", AA A23, "{\"location\":\"westeurope\"," SKU "}"},
	{true, "PUT", ARM FINANCE "1" A23, "{\"location\":\"westeurope\"," SKU "}"},
	{true, "PUT", AA A23, "{"},
	{false, "GET", AA A23, NULL},
	{false, "GET", AA "?api-version=2020-01-13-preview", NULL},
	{false, "GET", AA "?api-version=2021-06-22", NULL},
	{false, "GET", AA "?api-version=2022-08-08", NULL},
	{false, "GET", AA "?api-version=2015-10-31", NULL},
	{false, "GET", BILLING, NULL},
	{true, "GET", ARM FINANCE "aa-none" A23, NULL},
	{false, "GET", ARM PRODUCTION "/providers/Microsoft.Automation/automationAccounts" A23,
		NULL},
	{false, "GET",
		ARM PRODUCTION
		"/resourceGroups/rg-finance/providers/Microsoft.Automation/automationAccounts" A23,
		NULL},
	{false, "GET",
		ARM PRODUCTION
		"/resourceGroups/rg-finance/providers/Microsoft.Automation/automationAccounts?api-version=2020-01-13-preview",
		NULL},
	{false, "PATCH", AA A23, "{\"tags\":{\"c\":\"d\"}}"},
	{false, "PATCH", AA A23, "{" USER_ASSIGNED "}"},
	{true, "PATCH", AA A23, "{\"identity\":{\"type\":\"Alien\"}}"},
	{true, "PATCH", AA A23,
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyVaultProperties\":{\"keyName\":\"k\",\"keyVersion\":\"v\",\"keyvaultUri\":\"https://kv-archive.vault.azure.net\"}}}}"},
	{false, "PUT", AA "/variables/v1" A23,
		"{\"name\":\"v1\",\"properties\":{\"value\":\"\\\"x\\\"\",\"isEncrypted\":true,\"description\":\"d\"}}"},
	{false, "PUT", AA "/variables/v2" A23,
		"{\"name\":\"v2\",\"properties\":{\"value\":\"1\",\"isEncrypted\":false}}"},
	{true, "PUT", AA "/variables/v3" A23, "{}"},
	{false, "GET", AA "/variables/v1" A23, NULL},
	{false, "GET", AA "/variables/v2" A23, NULL},
	{true, "GET", AA "/variables/none" A23, NULL},
	{false, "GET", AA "/variables" A23, NULL},
	{false, "PATCH", AA "/variables/v2" A23,
		"{\"name\":\"v2\",\"properties\":{\"value\":\"2\"}}"},
	{false, "DELETE", AA "/variables/v2" A23, NULL},
	{false, "GET", AA "/credentials" A23, NULL},
	{false, "GET", AA "/certificates" A23, NULL},
	{false, "GET", AA "/connections" A23, NULL},
	{false, "PATCH", AA A23, "{" IDENTITY "}"},
};

static const struct calls_row automation_end[] = {
	{false, "GET", AA A23, NULL},
	{false, "GET", AA "?api-version=2020-01-13-preview", NULL},
	{false, "PATCH", AA A23,
		"{" IDENTITY
		",\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Automation\"}}}"},
	{false, "DELETE", AA A23, NULL},
	{false, "DELETE", AA A23, NULL},
};

static void
on_automation(struct calls *calls)
{
	char version[64], body[ROOM];

	calls_rows(calls, automation, ARRAY_LEN(automation));
	grant_last(calls);
	newest_version(calls, version);
	snprintf(body, sizeof body,
		"{" IDENTITY
		",\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyVaultProperties\":{\"keyName\":\"cmk-archive\",\"keyVersion\":\"%s\",\"keyvaultUri\":\"https://kv-archive.vault.azure.net\"}}}}",
		version);
	calls_good(calls, "PATCH", AA A23, body);
	calls_good(calls, "PATCH", AA "?api-version=2020-01-13-preview", body);
	snprintf(body, sizeof body,
		"{" IDENTITY
		",\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyvaultProperties\":{\"keyName\":\"cmk-archive\",\"keyVersion\":\"%s\",\"keyvaultUri\":\"https://kv-archive.vault.azure.net\"}}}}",
		version);
	calls_good(calls, "PATCH", AA "?api-version=2020-01-13-preview", body);
	calls_rows(calls, automation_end, ARRAY_LEN(automation_end));
}

#define B24 "?api-version=2024-02-01"
#define BATCHES MEDIA "Microsoft.Batch/batchAccounts"
#define BA ARM BATCHES "/baspec01"
#define PLACE ARM PRODUCTION "/providers/Microsoft.Batch/locations/westeurope/"

static const struct calls_row batch[] = {
	{false, "POST", PLACE "checkNameAvailability" B24,
		"{\"name\":\"baspec01\",\"type\":\"Microsoft.Batch/batchAccounts\"}"},
	{false, "POST", PLACE "checkNameAvailability" B24,
		"{\"name\":\"barender01\",\"type\":\"Microsoft.Batch/batchAccounts\"}"},
	{true, "POST", PLACE "checkNameAvailability" B24, "{}"},
	{false, "GET", PLACE "quotas" B24, NULL},
	{false, "PUT", BA B24, "{\"location\":\"westeurope\",\"tags\":{\"a\":\"b\"}," IDENTITY "}"},
	{false, "PUT", ARM BATCHES "/baspec02" B24,
		"{\"location\":\"westeurope\"," USER_ASSIGNED "}"},
	{true, "PUT", ARM BATCHES "/BAD_NAME" B24, "{\"location\":\"westeurope\"}"},
	{true, "PUT", ARM BATCHES "/baspec03" B24, "{"},
	{false, "GET", ARM BATCHES "/baspec02" B24, NULL},
	{false, "GET", BA "?api-version=2022-10-01", NULL},
	{false, "GET", BA "?api-version=2023-05-01", NULL},
	{true, "GET", ARM BATCHES "/banone01" B24, NULL},
	{false, "GET", ARM BATCHES B24, NULL},
	{false, "GET", ARM PRODUCTION "/providers/Microsoft.Batch/batchAccounts" B24, NULL},
	{false, "POST", BA "/listKeys" B24, NULL},
	{false, "POST", BA "/regenerateKeys" B24, "{\"keyName\":\"Primary\"}"},
	{true, "POST", BA "/regenerateKeys" B24, "{\"keyName\":\"Third\"}"},
	{false, "PATCH", BA B24, "{\"tags\":{\"c\":\"d\"}}"},
	{true, "PATCH", BA B24,
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.KeyVault\"}}}"},
	{true, "PATCH", BA B24,
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.KeyVault\",\"keyVaultProperties\":{\"keyIdentifier\":\"https://kv-archive.vault.azure.net/keys/none\"}}}}"},
	{false, "GET", ARM BATCHES "/barender01/pools" B24, NULL},
	{false, "PUT", BA "/pools/p1" B24,
		"{\"properties\":{\"vmSize\":\"STANDARD_D4\",\"deploymentConfiguration\":{\"virtualMachineConfiguration\":{\"imageReference\":{\"publisher\":\"Canonical\",\"offer\":\"UbuntuServer\",\"sku\":\"18.04-LTS\",\"version\":\"latest\"},\"nodeAgentSkuId\":\"batch.node.ubuntu 18.04\"}},\"scaleSettings\":{\"fixedScale\":{\"targetDedicatedNodes\":1}}}}"},
	{true, "PUT", BA "/pools/p2" B24, "{"},
	{false, "GET", BA "/pools/p1" B24, NULL},
	{true, "GET", BA "/pools/none" B24, NULL},
	{false, "GET", BA "/pools" B24, NULL},
	{false, "PATCH", BA "/pools/p1" B24,
		"{\"properties\":{\"scaleSettings\":{\"fixedScale\":{\"targetDedicatedNodes\":2}}}}"},
	{false, "DELETE", BA "/pools/p1" B24, NULL},
	{false, "GET", BA B24, NULL},
};

static const struct calls_row batch_end[] = {
	{false, "PATCH", BA B24,
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.KeyVault\",\"keyVaultProperties\":{\"keyIdentifier\":\"https://kv-archive.vault.azure.net/keys/cmk-archive\"}}}}"},
	{false, "GET", BA B24, NULL},
	{false, "PATCH", BA B24,
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Batch\"}}}"},
	{false, "DELETE", ARM BATCHES "/baspec02" B24, NULL},
	{false, "DELETE", ARM BATCHES "/baspec02" B24, NULL},
};

#define S23 "?api-version=2023-05-01"
#define STORES MEDIA "Microsoft.Storage/storageAccounts"
#define ST ARM STORES "/stspec01"
#define NEW "\"location\":\"westeurope\",\"kind\":\"StorageV2\",\"sku\":{\"name\":\"Standard_LRS\"}"
#define SERVICES \
	"\"services\":{\"blob\":{\"enabled\":true,\"keyType\":\"Account\"},\"file\":{\"enabled\":true,\"keyType\":\"Account\"}}"
#define FREE ARM PRODUCTION "/providers/Microsoft.Storage/checkNameAvailability"

static const struct calls_row storage[] = {
	{false, "POST", FREE S23,
		"{\"name\":\"stspec01\",\"type\":\"Microsoft.Storage/storageAccounts\"}"},
	{false, "POST", FREE S23,
		"{\"name\":\"stledger01\",\"type\":\"Microsoft.Storage/storageAccounts\"}"},
	{true, "POST", FREE S23, "{}"},
	{false, "PUT", ST S23,
		"{" NEW "," IDENTITY
		",\"tags\":{\"a\":\"b\"},\"properties\":{\"minimumTlsVersion\":\"TLS1_2\",\"allowBlobPublicAccess\":false,\"supportsHttpsTrafficOnly\":true,\"encryption\":{\"services\":{\"queue\":{\"keyType\":\"Account\"},\"table\":{\"keyType\":\"Account\"}},\"keySource\":\"Microsoft.Storage\"}}}"},
	{false, "PUT", ARM STORES "/stspec02" S23, "{" NEW "," USER_ASSIGNED "}"},
	{true, "PUT", ARM STORES "/BAD_NAME" S23, "{" NEW "}"},
	{true, "PUT", ARM STORES "/stspec03" S23, "{\"location\":\"westeurope\"}"},
	{true, "PUT", ARM STORES "/stspec03" S23, "{"},
	{false, "GET", ARM STORES "/stspec02" S23, NULL},
	{false, "GET", ST "?api-version=2022-09-01", NULL},
	{false, "GET", ST "?api-version=2023-01-01", NULL},
	{false, "GET", ST "?api-version=2025-08-01", NULL},
	{false, "GET", ARM STORES "/starchive01" S23, NULL},
	{true, "GET", ARM STORES "/stnone01" S23, NULL},
	{false, "GET", ARM STORES S23, NULL},
	{false, "GET", ARM PRODUCTION "/providers/Microsoft.Storage/storageAccounts" S23, NULL},
	{true, "POST", ST "/listKeys" S23, NULL},
	{false, "PATCH", ST S23, "{\"tags\":{\"c\":\"d\"}}"},
	{true, "PATCH", ST S23,
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\"}}}"},
	{true, "PATCH", ST S23,
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyvaultproperties\":{\"keyname\":\"none\",\"keyvaulturi\":\"https://kv-archive.vault.azure.net\"}}}}"},
	{false, "GET", ST S23, NULL},
};

static const struct calls_row storage_end[] = {
	{false, "PATCH", ST S23,
		"{\"properties\":{\"encryption\":{" SERVICES
		",\"keySource\":\"Microsoft.Keyvault\",\"keyvaultproperties\":{\"keyname\":\"cmk-archive\",\"keyversion\":\"\",\"keyvaulturi\":\"https://kv-archive.vault.azure.net\"}}}}"},
	{false, "GET", ST S23, NULL},
	{false, "PATCH", ST S23,
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Storage\"}}}"},
	{false, "DELETE", ARM STORES "/stspec02" S23, NULL},
	{false, "DELETE", ARM STORES "/stspec02" S23, NULL},
};

void
calls_accounts(struct calls *calls)
{
	on_automation(calls);
	calls_rows(calls, batch, ARRAY_LEN(batch));
	grant_last(calls);
	calls_rows(calls, batch_end, ARRAY_LEN(batch_end));
	calls_rows(calls, storage, ARRAY_LEN(storage));
	grant_last(calls);
	calls_rows(calls, storage_end, ARRAY_LEN(storage_end));
}
