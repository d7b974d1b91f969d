/* Audiences: ARM takes its own URL as audience in every cloud; a vault's is its suffix without the
 * leading dot and has no final slash. Storage's is the same in every cloud and has one [Microsoft
 * Learn, Authorize access to blobs using Microsoft Entra ID]. */
#include "backend/azure/cloud.h"

#include "backend/base/text.h"

const struct cloud clouds[] = {
	{
		.name = "AzureCloud",
		.authority = "https://login.microsoftonline.com",
		.arm = "https://management.azure.com",
		.arm_audience = "https://management.azure.com",
		.vault_suffix = ".vault.azure.net",
		.vault_audience = "https://vault.azure.net",
		.hsm_suffix = ".managedhsm.azure.net",
		.hsm_audience = "https://managedhsm.azure.net",
		.blob_suffix = ".blob.core.windows.net",
		.storage_audience = "https://storage.azure.com/",
		.graph = "https://graph.microsoft.com",
	},
	{
		.name = "AzureChinaCloud",
		.authority = "https://login.chinacloudapi.cn",
		.arm = "https://management.chinacloudapi.cn",
		.arm_audience = "https://management.chinacloudapi.cn",
		.vault_suffix = ".vault.azure.cn",
		.vault_audience = "https://vault.azure.cn",
		.hsm_suffix = ".managedhsm.azure.cn",
		.hsm_audience = "https://managedhsm.azure.cn",
		.blob_suffix = ".blob.core.chinacloudapi.cn",
		.storage_audience = "https://storage.azure.com/",
		.graph = "https://microsoftgraph.chinacloudapi.cn",
	},
	{
		.name = "AzureUSGovernment",
		.authority = "https://login.microsoftonline.us",
		.arm = "https://management.usgovcloudapi.net",
		.arm_audience = "https://management.usgovcloudapi.net",
		.vault_suffix = ".vault.usgovcloudapi.net",
		.vault_audience = "https://vault.usgovcloudapi.net",
		.hsm_suffix = ".managedhsm.usgovcloudapi.net",
		.hsm_audience = "https://managedhsm.usgovcloudapi.net",
		.blob_suffix = ".blob.core.usgovcloudapi.net",
		.storage_audience = "https://storage.azure.com/",
		.graph = "https://graph.microsoft.us",
	},
};
const size_t clouds_len = ARRAY_LEN(clouds);

const struct cloud *
cloud_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++)
		if (text_casecmp(clouds[i].name, name) == 0)
			return &clouds[i];
	return NULL;
}

const struct cloud *
cloud_of_host(const char *host)
{
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++)
		if (text_case_ends(host, clouds[i].vault_suffix) ||
			text_case_ends(host, clouds[i].hsm_suffix))
			return &clouds[i];
	return NULL;
}
