/* The long-running form of what takes time, on a sandbox with --lro: 202, then polls of the newest
 * Location until something else comes. */
#include "tests/spec/calls.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "tests/fixtures/sandbox_client.h"

#define RG PRODUCTION "/resourceGroups/rg-media/providers/"
#define BA ARM RG "Microsoft.Batch/batchAccounts/baslow01?api-version=2024-02-01"
#define HSM            \
	ARM PRODUCTION \
		"/resourceGroups/rg-security/providers/Microsoft.KeyVault/managedHSMs/hsm-slow?api-version=2023-07-01"
#define VAULT ARM SECURITY "kv-slow?api-version=2023-07-01"
#define GROUP ARM PRODUCTION "/resourcegroups/rg-slow?api-version=2022-09-01"
#define PLACE ARM PRODUCTION "/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/"

enum { POLLS = 12, LOCATION = 4096 };

static const struct calls_row rows[] = {
	{false, "PUT", ARM PRODUCTION "/resourcegroups/rg-media?api-version=2022-09-01",
		"{\"location\":\"westeurope\"}"},
	{false, "PUT", ARM PRODUCTION "/resourcegroups/rg-security?api-version=2022-09-01",
		"{\"location\":\"westeurope\"}"},
	{false, "PUT", ARM RG "Microsoft.Storage/storageAccounts/stslow01?api-version=2023-05-01",
		"{\"location\":\"westeurope\",\"kind\":\"StorageV2\",\"sku\":{\"name\":\"Standard_LRS\"}}"},
	{false, "PUT", BA, "{\"location\":\"westeurope\"}"},
	{false, "DELETE", BA, NULL},
	{false, "PUT", HSM,
		"{\"location\":\"westeurope\",\"sku\":{\"family\":\"B\",\"name\":\"Standard_B1\"},\"properties\":{\"tenantId\":\"" TENANT
		"\",\"initialAdminObjectIds\":[\"3bf6e9d4-80a5-4127-9c4e-7d903fab6c12\"]}}"},
	{false, "DELETE", HSM, NULL},
	{false, "PUT", VAULT,
		"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
		"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"accessPolicies\":[]}}"},
	{false, "DELETE", VAULT, NULL},
	{false, "POST", PLACE "kv-slow/purge?api-version=2023-07-01", NULL},
	{false, "PUT", GROUP, "{\"location\":\"westeurope\"}"},
	{false, "DELETE", GROUP, NULL},
};

/* The Location of the last reply; false when it has none. */
static bool
location(char out[LOCATION])
{
	const char *at = demo.headers;

	for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (text_case_starts(at, "Location:")) {
			at += strlen("Location:");
			at += strspn(at, " ");
			snprintf(out, LOCATION, "%.*s", (int)strcspn(at, "\r\n"), at);
			return true;
		}
	return false;
}

static void
move_clock(void)
{
	const char *words[] = {"clock", "+1s"};
	struct buf out;

	buf_init(&out, 4096);
	if (!sandbox_ctl(demo.dir, words, ARRAY_LEN(words), &out, NULL))
		fprintf(stderr, "the sandbox's clock cannot be moved\n");
	buf_free(&out);
}

void
calls_slow(struct calls *calls)
{
	char url[LOCATION];

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		calls_rows(calls, &rows[i], 1);
		for (int polls = 0; demo.status == 202 && polls < POLLS && location(url); polls++) {
			calls_good(calls, "GET", url, NULL);
			move_clock();
		}
		if (demo.status == 202) {
			calls->surprises++;
			fprintf(stderr, "%s %s never ends\n", rows[i].method, rows[i].url);
		}
	}
}
