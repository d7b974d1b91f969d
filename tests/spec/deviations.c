/* Sources: recordings of Microsoft's own test suites, Microsoft's tools, threads; [R1] etc. name
 * recordings by azure-cli module or SDK. */
#include "tests/spec/deviations.h"

#include <fnmatch.h>

#include "backend/base/err.h"

const struct deviation deviations[] = {
	{"encryption keeps its key type on update", "StorageAccounts_Update",
		"request.properties.encryption.services.*.keyType", "readOnly",
		"the document's own example of StorageAccounts_Update; az always sends it "
		"(azure-cli, test_customer_managed_key)"},
	{"lists of subscriptions end without nextLink", "Subscriptions_List", "reply", "required",
		"recorded with 2016-06-01 and pasted in public write-ups with 2020-01-01: only value "
		"and count"},
	{"lists of tenants end without nextLink", "Tenants_List", "reply", "required",
		"azure-cli, recording of `account tenant list` with 2016-06-01"},
	{"lists of subscriptions tell how many", "Subscriptions_List", "reply.count", "unknown",
		"public write-ups with 2020-01-01: \"count\":{\"type\":\"Total\",\"value\":18}"},
	{"an account tells where its nodes register", "AutomationAccount_*",
		"reply.properties.RegistrationUrl", "unknown",
		"azure-cli-extensions, test_automation, with 2019-06-01 and 2021-06-22"},
	{"an account tells the runtime of its runbooks", "AutomationAccount_*",
		"reply.properties.RuntimeConfiguration", "unknown",
		"azure-cli-extensions, test_automation, with 2021-06-22"},
	{"the article's spelling of keyVaultProperties", "AutomationAccount_Update",
		"request.properties.encryption.keyvaultProperties", "case",
		"Automation's article on customer-managed keys, with 2020-01-13-preview"},
	{"an HSM's challenge has no body", "GetKeys", "reply", "required",
		"azure-cli, test_keyvault_hsm_key_using_hsm_name: 401 with content-length 0"},
	{"network rules know IPv6", "StorageAccounts_*", "reply*.properties.networkAcls.ipv6Rules",
		"unknown", "azure-cli, 128 recorded lists with 2023-05-01 (storage module)"},
	{"role assignments tell who made them", "RoleAssignments_List",
		"reply.value.#.properties.[cu]*ed[OB][ny]", "unknown",
		"azure-sdk-for-python, test_role_definition: recorded for definitions with "
		"2015-07-01"},
	{"an HSM's 202 has no body", "ManagedHsms_*", "reply", "required",
		"azure-cli, test_keyvault_hsm_mgmt: content-length 0 with each 202"},
	{"polls of an operation", "GET */operation*esults/*", "*", "operation",
		"the Location of a 202 is opaque: azure-sdk-for-go, TestVaultsClient and "
		"TestResourceGroupsClient; azure-cli, test_batch_general_arm_cmd"},
	{"polls of a deletion in Batch", "GET */accountOperationResults/*", "*", "operation",
		"azure-cli, test_batch_general_arm_cmd"},
	{"polls of an HSM", "GET */managedHsmOperationResults/*", "*", "operation",
		"azure-cli, test_keyvault_hsm_mgmt"},
	{"polls of a storage account", "GET */asyncoperations/*", "*", "operation",
		"azure-sdk-for-go, TestBlobContainersClient"},
	{"the newest key version by leaving its segment out", "POST /keys/*/*key", "*", "operation",
		"recorded with an empty segment (azure-sdk-for-go, azkeys); without it: not "
		"established, taken leniently"},
};
const size_t deviations_len = ARRAY_LEN(deviations);

size_t
deviation_find(const char *operation, const char *where, const char *rule)
{
	size_t i;

	for (i = 0; i < deviations_len; i++)
		if (fnmatch(deviations[i].operation, operation, 0) == 0 &&
			fnmatch(deviations[i].where, where, 0) == 0 &&
			fnmatch(deviations[i].rule, rule, 0) == 0)
			break;
	return i;
}
