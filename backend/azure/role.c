/* Only actions on data count: who may manage a vault does not thereby use its keys. The one action
 * keys/read stands for both get and list. */
#include "backend/azure/role.h"

#include "backend/base/text.h"

enum {
	READ = PERM_GET | PERM_LIST,
	ENCRYPTION = READ | PERM_WRAP | PERM_UNWRAP,
	USER = ENCRYPTION | PERM_UPDATE | PERM_BACKUP | PERM_ENCRYPT | PERM_DECRYPT | PERM_SIGN |
	       PERM_VERIFY,
	OFFICER = PERM_ALL - 1,
	HSM_OFFICER = PERM_PURGE | PERM_RECOVER,
	HSM_USER = OFFICER & ~(HSM_OFFICER | PERM_RELEASE),
};

static const struct role roles[] = {
	{"e147488a-f6f5-4113-8e2d-b22465e65bf6", "Key Vault Crypto Service Encryption User",
		ENCRYPTION},
	{"14b46e9e-c2b7-41b4-b07b-48a6ebf60603", "Key Vault Crypto Officer", OFFICER},
	{"12338af0-0e69-4776-bea7-57ae8d297424", "Key Vault Crypto User", USER},
	{"00482a5a-887f-4fb3-b363-3b7fe8e74483", "Key Vault Administrator", OFFICER},
	{"21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader", READ},
	{"db79e9a7-68ee-4b58-9aeb-b90e7c24fcba", "Key Vault Certificate User", READ},
	{"08bbd89e-9f13-488c-ac41-acfcb10c90ab", "Key Vault Crypto Service Release User",
		PERM_RELEASE},
	{"a4417e6f-fecd-4de8-b567-7b0420556985", "Key Vault Certificates Officer", 0},
	{"b86a8fe4-44ce-4948-aee5-eccb2c155cd7", "Key Vault Secrets Officer", 0},
	{"4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", 0},
	{"f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor", 0},
	{"8b54135c-b56d-4d72-a534-26097cfdc8d8", "Key Vault Data Access Administrator", 0},
	{"18500a29-7fe2-46b2-a342-b16a415e101d", "Managed HSM contributor", 0},
	{"8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", 0},
	{"b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", 0},
	{"acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", 0},
	{"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", 0},
	{"f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator", 0},
	{"f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator", 0},
	{"e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "Managed Identity Contributor", 0},
	{"17d1049b-9a84-46fb-8f53-869881c3d3ab", "Storage Account Contributor", 0},
	{"2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Storage Blob Data Reader", 0},
	{"ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor", 0},
	{"b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Storage Blob Data Owner", 0},
	{"f353d9bd-d4a6-484e-a77a-8050b599b867", "Automation Contributor", 0},
	{"33413926-3206-4cdd-b39a-83574fe37a17", "Managed HSM Crypto Service Encryption User",
		ENCRYPTION},
	{"515eb02d-2335-4d2d-92f2-b1cbdf9c3778", "Managed HSM Crypto Officer", HSM_OFFICER},
	{"21dbd100-6940-42c2-9190-5d6cb909625b", "Managed HSM Crypto User", HSM_USER},
	{"7b127d3c-77bd-4e3e-bbe0-dbb8971fa7f8", "Managed HSM Backup User", PERM_BACKUP},
	{"6efe6056-5259-49d2-8b3d-d3d73544b20b", "Managed HSM Restore", PERM_RESTORE},
	{"2c18b078-7c48-4d3a-af88-5a3a1b3f82b3", "Managed HSM Crypto Auditor", READ},
	{"a290e904-7015-4bba-90c8-60543313cdb4", "Managed HSM Administrator", 0},
	{"4bd23610-cdcf-4971-bdee-bdc562cc28e4", "Managed HSM Policy Administrator", 0},
};

const struct role *
role_find(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (text_casecmp(roles[i].id, id) == 0)
			return &roles[i];
	return NULL;
}
