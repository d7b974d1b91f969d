/* Subscriptions, groups, providers, resources, identities and Resource Graph. */
#include "tests/spec/calls.h"

#include <stdio.h>

#include "tests/fixtures/sandbox_client.h"

#define IDENTITIES "/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
#define SPEC_IDENTITY PRODUCTION "/resourceGroups/rg-security" IDENTITIES "/id-spec"
#define TRUST ARM SPEC_IDENTITY "/federatedIdentityCredentials"
#define MSI "?api-version=2023-01-31"
#define GROUPS ARM PRODUCTION "/resourcegroups"
#define V22 "?api-version=2022-09-01"

static const struct calls_row estate[] = {
	{false, "GET", ARM "/subscriptions?api-version=2022-12-01", NULL},
	{false, "GET", ARM "/subscriptions?api-version=2019-11-01", NULL},
	{false, "GET", ARM PRODUCTION "?api-version=2022-12-01", NULL},
	{false, "GET", ARM "/tenants?api-version=2022-12-01", NULL},
	{true, "GET", ARM PRODUCTION, NULL},
	{true, "GET", ARM "/subscriptions/00000000-0000-0000-0000-000000000001" V22, NULL},
	{false, "GET", GROUPS V22, NULL},
	{false, "GET", GROUPS "?api-version=2021-04-01&$top=1", NULL},
	{false, "GET", GROUPS "/rg-finance" V22, NULL},
	{false, "HEAD", GROUPS "/rg-finance" V22, NULL},
	{true, "HEAD", GROUPS "/rg-none" V22, NULL},
	{true, "GET", GROUPS "/rg-none" V22, NULL},
	{false, "PUT", GROUPS "/rg-spec" V22,
		"{\"location\":\"westeurope\",\"tags\":{\"a\":\"b\"}}"},
	{false, "PUT", GROUPS "/rg-spec" V22, "{\"location\":\"westeurope\"}"},
	{true, "PUT", GROUPS "/rg-spec" V22, "{\"location\":\"nowhere\"}"},
	{true, "PUT", GROUPS "/rg-spec" V22, "{"},
	{false, "PATCH", GROUPS "/rg-spec" V22, "{\"tags\":{\"c\":\"d\"}}"},
	{false, "DELETE", GROUPS "/rg-spec" V22, NULL},
	{true, "DELETE", GROUPS "/rg-none" V22, NULL},
	{false, "GET", ARM PRODUCTION "/locations?api-version=2022-12-01", NULL},
	{false, "GET", ARM "/providers?api-version=2021-04-01", NULL},
	{false, "GET", ARM "/providers/Microsoft.Batch?api-version=2021-04-01", NULL},
	{false, "GET",
		ARM PRODUCTION "/providers/Microsoft.Storage/resourceTypes?api-version=2021-04-01",
		NULL},
	{false, "GET", ARM PRODUCTION "/providers?api-version=2021-04-01", NULL},
	{false, "GET", ARM PRODUCTION "/providers/Microsoft.KeyVault?api-version=2021-04-01", NULL},
	{false, "POST",
		ARM PRODUCTION "/providers/Microsoft.KeyVault/register?api-version=2021-04-01",
		NULL},
	{false, "GET", ARM PRODUCTION "/resources" V22, NULL},
	{false, "GET", ARM PRODUCTION "/resources" V22 "&$top=2", NULL},
	{false, "GET",
		ARM PRODUCTION
		"/resources?api-version=2021-04-01&$filter=resourceType%20eq%20'Microsoft.KeyVault/vaults'",
		NULL},
	{true, "GET", ARM PRODUCTION "/resources" V22 "&$filter=colour%20eq%20'red'", NULL},
	{false, "GET", ARM PRODUCTION "/resourceGroups/rg-finance/resources" V22, NULL},
	{true, "GET", ARM PRODUCTION "/resourceGroups/rg-none/resources" V22, NULL},
	{true, "GET", ARM PRODUCTION "/providers/Contoso.Nothing/things" V22, NULL},
	{false, "GET", ARM PRODUCTION IDENTITIES MSI, NULL},
	{false, "GET", ARM PRODUCTION "/resourceGroups/rg-security" IDENTITIES MSI, NULL},
	{false, "PUT", ARM SPEC_IDENTITY MSI,
		"{\"location\":\"westeurope\",\"tags\":{\"a\":\"b\"}}"},
	{false, "PUT", ARM SPEC_IDENTITY MSI, "{\"location\":\"westeurope\"}"},
	{false, "GET", ARM SPEC_IDENTITY MSI, NULL},
	{false, "GET", ARM SPEC_IDENTITY "?api-version=2018-11-30", NULL},
	{false, "PATCH", ARM SPEC_IDENTITY MSI, "{\"tags\":{\"c\":\"d\"}}"},
	{true, "PUT", ARM SPEC_IDENTITY MSI, "{}"},
	{true, "GET", ARM SPEC_IDENTITY "x" MSI, NULL},
	{false, "PUT", TRUST "/trust" MSI,
		"{\"properties\":{\"issuer\":\"https://login.microsoftonline.com/" TENANT
		"/v2.0\",\"subject\":\"x\",\"audiences\":[\"api://AzureADTokenExchange\"]}}"},
	{true, "PUT", TRUST "/trust" MSI, "{\"properties\":{}}"},
	{false, "GET", TRUST "/trust" MSI, NULL},
	{false, "GET", TRUST MSI, NULL},
	{true, "GET", TRUST "/none" MSI, NULL},
	{false, "DELETE", TRUST "/trust" MSI, NULL},
	{false, "DELETE", TRUST "/trust" MSI, NULL},
	{false, "DELETE", ARM SPEC_IDENTITY MSI, NULL},
	{false, "DELETE", ARM SPEC_IDENTITY MSI, NULL},
};

#define QUERY ARM "/providers/Microsoft.ResourceGraph/resources?api-version="

static const struct calls_row graph[] = {
	{false, "POST", QUERY "2021-03-01",
		"{\"subscriptions\":[\"4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103\"],\"query\":\"Resources | where type =~ 'microsoft.automation/automationaccounts' | project id, name\",\"options\":{\"$top\":1,\"resultFormat\":\"objectArray\"}}"},
	{false, "POST", QUERY "2022-10-01",
		"{\"query\":\"resources | where type =~ 'Microsoft.KeyVault/vaults' | project id, name, location\"}"},
	{true, "POST", QUERY "2022-10-01", "{\"query\":\"resources | frobnicate\"}"},
	{true, "POST", QUERY "2022-10-01", "{}"},
};

/* Without a token, with one of another audience, and with one that has no right. */
static void
refused(struct calls *calls)
{
	static const char *const urls[] = {PAYROLL, ARM "/subscriptions?api-version=2022-12-01",
		KEYS V, "https://hsm-core.managedhsm.azure.net/keys" V};
	char reader[4096], secret[64];

	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		if (client_send(&demo, "GET", urls[i], NULL, NULL) != 401)
			calls->surprises++;
		if (client_send(&demo, "GET", urls[i], i < 2 ? demo.vault : demo.arm, NULL) != 401)
			calls->surprises++;
	}
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, ARM, reader);
	if (client_send(&demo, "PATCH", PAYROLL, reader, "{\"tags\":{}}") != 403)
		calls->surprises++;
	client_sign_in(&demo, READER, secret, "https://vault.azure.net", reader);
	if (client_send(&demo, "GET", KEYS V, reader, NULL) != 403)
		calls->surprises++;
}

void
calls_estate(struct calls *calls)
{
	refused(calls);
	calls_rows(calls, estate, ARRAY_LEN(estate));
	calls_rows(calls, graph, ARRAY_LEN(graph));
	calls_good(calls, "GET", ARM PRODUCTION "/resources" V22 "&$top=2", NULL);
	if (*client_text(&demo, "nextLink"))
		calls_good(calls, "GET", client_text(&demo, "nextLink"), NULL);
}
