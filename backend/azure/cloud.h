/* The clouds and their names. Hosts: azure-cli-core cloud.py; vault suffixes also in Microsoft's
 * "About keys, secrets and certificates". Nothing else in the program spells a host of Azure. */
#ifndef CLAVIGER_AZURE_CLOUD_H
#define CLAVIGER_AZURE_CLOUD_H

#include <stddef.h>

#include "backend/base/err.h"

struct cloud {
	char name[32];       /* AzureCloud, AzureChinaCloud, AzureUSGovernment, or a custom one */
	char authority[128]; /* https://login.microsoftonline.com, without a final slash */
	char arm[128];       /* https://management.azure.com */
	char arm_audience[128];   /* what a token for ARM is asked for */
	char vault_suffix[96];    /* .vault.azure.net; a custom cloud may add :PORT */
	char vault_audience[128]; /* https://vault.azure.net */
	char hsm_suffix[96];      /* .managedhsm.azure.net */
	char hsm_audience[128];
	char blob_suffix[96]; /* .blob.core.windows.net; "" where a custom cloud names none */
	char storage_audience[64];
	char graph[128]; /* https://graph.microsoft.com; "" likewise */
};

/* The built-in clouds, public first. */
extern const struct cloud clouds[];
extern const size_t clouds_len;

/* By name, case-insensitive; NULL when there is none. */
const struct cloud *cloud_find(const char *name);

/* The built-in cloud that owns a vault or HSM host such as kv1.vault.azure.cn; NULL if none. */
const struct cloud *cloud_of_host(const char *host);

#endif
