/* A key vault or managed HSM: protection, grant model, policies, network, as read from ARM. */
#ifndef CLAVIGER_ESTATE_VAULT_H
#define CLAVIGER_ESTATE_VAULT_H

#include "backend/azure/armid.h"
#include "backend/azure/perm.h"
#include "backend/json/json.h"

enum grant_model { GRANT_UNKNOWN, GRANT_POLICIES, GRANT_RBAC };

/* One access policy entry. Rights that we have no name for are kept as text. */
struct policy_entry {
	char principal[37], tenant[37], application[37];
	perm_set keys;
	bool others;       /* it also holds secrets, certificates or storage permissions */
	char unknown[120]; /* key permissions without a name here, separated by blanks */
};

struct vault {
	bool hsm; /* a managed HSM: local roles of its own, no access policies */
	struct armid id;
	char uri[160]; /* as answered: https://kv1.vault.azure.net/ */
	char location[64], tenant[37], sku[32], provisioning[32];
	enum tri soft_delete, purge_protection;
	int64_t retention_days; /* 0 unknown */
	enum grant_model model;
	char network_default[16], network_bypass[32], public_access[24]; /* "" unknown */
	struct policy_entry *policies;                                   /* owned */
	size_t policies_len;
};

/* Microsoft.KeyVault/vaults or /managedHSMs. */
const char *vault_type(bool hsm);

/* Either of them, by the type of its id. absent enablePurgeProtection means off; absent
 * enableSoftDelete means on for api-version 2020-04-01-preview and later [Key Vault soft-delete
 * overview]. */
bool vault_decode(const json_t *json, struct vault *out, struct err *err) MUST_CHECK;
void vault_free(struct vault *vault);
void vault_copy(struct vault *to, const struct vault *from);

/* The key rights of one principal by access policies, all entries merged; 0 if none. */
perm_set vault_rights(const struct vault *vault, const char *principal);

#endif
