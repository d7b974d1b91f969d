/* Microsoft's own words: names, descriptions, permissions and dates are what Azure answered on
 * roleDefinitions in April 2024 [azure-cli recording test_containerapp_registry_identity_user].
 * That some actions stand twice is part of it. */
#include "backend/sandbox/roles.h"

static const char data_access[] =
	"((!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})) OR (@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
	" ForAnyOfAnyValues:GuidEquals{00482a5a-887f-4fb3-b363-3b7fe8e74483,"
	" a4417e6f-fecd-4de8-b567-7b0420556985,"
	" 14b46e9e-c2b7-41b4-b07b-48a6ebf60603,"
	" e147488a-f6f5-4113-8e2d-b22465e65bf6,"
	" 12338af0-0e69-4776-bea7-57ae8d297424,"
	" 21090545-7ca7-4776-b22c-e363652d74d2,"
	" b86a8fe4-44ce-4948-aee5-eccb2c155cd7,"
	" 4633458b-17de-408a-b874-0445c86b69e6}))"
	" AND ((!(ActionMatches{'Microsoft.Authorization/roleAssignments/delete'})) OR (@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
	" ForAnyOfAnyValues:GuidEquals{00482a5a-887f-4fb3-b363-3b7fe8e74483,"
	" a4417e6f-fecd-4de8-b567-7b0420556985,"
	" 14b46e9e-c2b7-41b4-b07b-48a6ebf60603,"
	" e147488a-f6f5-4113-8e2d-b22465e65bf6,"
	" 12338af0-0e69-4776-bea7-57ae8d297424,"
	" 21090545-7ca7-4776-b22c-e363652d74d2,"
	" b86a8fe4-44ce-4948-aee5-eccb2c155cd7,"
	" 4633458b-17de-408a-b874-0445c86b69e6}))";

const struct role roles[] = {
	{
		.id = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
		.name = "Owner",
		.about =
			"Grants full access to manage all resources, including the ability to assign roles in Azure RBAC.",
		.created = "2015-02-02T21:55:09.8806423Z",
		.updated = "2021-11-11T20:13:45.8978856Z",
		.actions = {"*"},
	},
	{
		.id = "b24988ac-6180-42a0-ab88-20f7382dd24c",
		.name = "Contributor",
		.about =
			"Grants full access to manage all resources, but does not allow you to assign roles in Azure RBAC, manage assignments in Azure Blueprints, or share image galleries.",
		.created = "2015-02-02T21:55:09.8806423Z",
		.updated = "2023-07-07T20:27:50.9966612Z",
		.actions = {"*"},
		.not_actions = {"Microsoft.Authorization/*/Delete",
			"Microsoft.Authorization/*/Write",
			"Microsoft.Authorization/elevateAccess/Action",
			"Microsoft.Blueprint/blueprintAssignments/write",
			"Microsoft.Blueprint/blueprintAssignments/delete",
			"Microsoft.Compute/galleries/share/action",
			"Microsoft.Purview/consents/write", "Microsoft.Purview/consents/delete"},
	},
	{
		.id = "acdd72a7-3385-48ef-bd42-f606fba81ae7",
		.name = "Reader",
		.about = "View all resources, but does not allow you to make any changes.",
		.created = "2015-02-02T21:55:09.8806423Z",
		.updated = "2021-11-11T20:13:47.8628684Z",
		.actions = {"*/read"},
	},
	{
		.id = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
		.name = "User Access Administrator",
		.about = "Lets you manage user access to Azure resources.",
		.created = "2015-02-02T21:55:09.8806423Z",
		.updated = "2021-11-11T20:13:57.7932023Z",
		.actions = {"*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"},
	},
	{
		.id = "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
		.name = "Role Based Access Control Administrator",
		.about =
			"Manage access to Azure resources by assigning roles using Azure RBAC. This role does not allow you to manage access using other ways, such as Azure Policy.",
		.created = "2022-09-07T02:29:29.6592395Z",
		.updated = "2023-11-09T20:56:14.1691995Z",
		.actions = {"Microsoft.Authorization/roleAssignments/write",
			"Microsoft.Authorization/roleAssignments/delete", "*/read",
			"Microsoft.Support/*"},
	},
	{
		.id = "f353d9bd-d4a6-484e-a77a-8050b599b867",
		.name = "Automation Contributor",
		.about =
			"Manage azure automation resources and other resources using azure automation.",
		.created = "2021-08-09T10:18:19.1054699Z",
		.updated = "2021-11-11T20:15:17.7304954Z",
		.actions = {"Microsoft.Automation/automationAccounts/*",
			"Microsoft.Authorization/*/read", "Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Support/*", "Microsoft.Insights/ActionGroups/*",
			"Microsoft.Insights/ActivityLogAlerts/*",
			"Microsoft.Insights/MetricAlerts/*",
			"Microsoft.Insights/ScheduledQueryRules/*",
			"Microsoft.Insights/diagnosticSettings/*",
			"Microsoft.OperationalInsights/workspaces/sharedKeys/action"},
	},
	{
		.id = "00482a5a-887f-4fb3-b363-3b7fe8e74483",
		.name = "Key Vault Administrator",
		.about =
			"Perform all data plane operations on a key vault and all objects in it, including certificates, keys, and secrets. Cannot manage key vault resources or manage role assignments. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2020-05-19T17:52:46.2349235Z",
		.updated = "2021-11-11T20:14:30.2542755Z",
		.actions = {"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Support/*", "Microsoft.KeyVault/checkNameAvailability/read",
			"Microsoft.KeyVault/deletedVaults/read",
			"Microsoft.KeyVault/locations/*/read", "Microsoft.KeyVault/vaults/*/read",
			"Microsoft.KeyVault/operations/read"},
		.data_actions = {"Microsoft.KeyVault/vaults/*"},
	},
	{
		.id = "db79e9a7-68ee-4b58-9aeb-b90e7c24fcba",
		.name = "Key Vault Certificate User",
		.about =
			"Read certificate contents. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2024-01-11T16:37:07.6107024Z",
		.updated = "2024-01-11T16:37:07.6107024Z",
		.data_actions = {"Microsoft.KeyVault/vaults/certificates/read",
			"Microsoft.KeyVault/vaults/secrets/getSecret/action",
			"Microsoft.KeyVault/vaults/secrets/readMetadata/action",
			"Microsoft.KeyVault/vaults/keys/read"},
	},
	{
		.id = "a4417e6f-fecd-4de8-b567-7b0420556985",
		.name = "Key Vault Certificates Officer",
		.about =
			"Perform any action on the certificates of a key vault, except manage permissions. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2020-05-19T17:52:47.2499247Z",
		.updated = "2023-06-12T15:03:21.0577597Z",
		.actions = {"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Support/*", "Microsoft.KeyVault/checkNameAvailability/read",
			"Microsoft.KeyVault/deletedVaults/read",
			"Microsoft.KeyVault/locations/*/read", "Microsoft.KeyVault/vaults/*/read",
			"Microsoft.KeyVault/operations/read"},
		.data_actions = {"Microsoft.KeyVault/vaults/certificatecas/*",
			"Microsoft.KeyVault/vaults/certificates/*",
			"Microsoft.KeyVault/vaults/certificatecontacts/write"},
	},
	{
		.id = "f25e0fa2-a7c8-4377-a976-54943a77a395",
		.name = "Key Vault Contributor",
		.about = "Lets you manage key vaults, but not access to them.",
		.created = "2016-02-25T17:08:28.5184971Z",
		.updated = "2021-11-11T20:13:36.1170988Z",
		.actions = {"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.KeyVault/*", "Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Support/*"},
		.not_actions = {"Microsoft.KeyVault/locations/deletedVaults/purge/action",
			"Microsoft.KeyVault/hsmPools/*", "Microsoft.KeyVault/managedHsms/*"},
	},
	{
		.id = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603",
		.name = "Key Vault Crypto Officer",
		.about =
			"Perform any action on the keys of a key vault, except manage permissions. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2020-05-19T17:52:47.0099249Z",
		.updated = "2022-01-06T23:21:17.9760884Z",
		.actions = {"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Support/*", "Microsoft.KeyVault/checkNameAvailability/read",
			"Microsoft.KeyVault/deletedVaults/read",
			"Microsoft.KeyVault/locations/*/read", "Microsoft.KeyVault/vaults/*/read",
			"Microsoft.KeyVault/operations/read"},
		.data_actions = {"Microsoft.KeyVault/vaults/keys/*",
			"Microsoft.KeyVault/vaults/keyrotationpolicies/*"},
	},
	{
		.id = "e147488a-f6f5-4113-8e2d-b22465e65bf6",
		.name = "Key Vault Crypto Service Encryption User",
		.about =
			"Read metadata of keys and perform wrap/unwrap operations. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2020-05-20T20:55:19.2398470Z",
		.updated = "2021-11-11T20:14:31.8443056Z",
		.actions = {"Microsoft.EventGrid/eventSubscriptions/write",
			"Microsoft.EventGrid/eventSubscriptions/read",
			"Microsoft.EventGrid/eventSubscriptions/delete"},
		.data_actions = {"Microsoft.KeyVault/vaults/keys/read",
			"Microsoft.KeyVault/vaults/keys/wrap/action",
			"Microsoft.KeyVault/vaults/keys/unwrap/action"},
	},
	{
		.id = "08bbd89e-9f13-488c-ac41-acfcb10c90ab",
		.name = "Key Vault Crypto Service Release User",
		.about =
			"Release keys. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2023-12-15T22:59:10.4382726Z",
		.updated = "2023-12-15T22:59:10.4382726Z",
		.data_actions = {"Microsoft.KeyVault/vaults/keys/release/action"},
	},
	{
		.id = "12338af0-0e69-4776-bea7-57ae8d297424",
		.name = "Key Vault Crypto User",
		.about =
			"Perform cryptographic operations using keys. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2020-05-19T17:52:47.0699268Z",
		.updated = "2021-11-11T20:14:30.6042921Z",
		.data_actions = {"Microsoft.KeyVault/vaults/keys/read",
			"Microsoft.KeyVault/vaults/keys/update/action",
			"Microsoft.KeyVault/vaults/keys/backup/action",
			"Microsoft.KeyVault/vaults/keys/encrypt/action",
			"Microsoft.KeyVault/vaults/keys/decrypt/action",
			"Microsoft.KeyVault/vaults/keys/wrap/action",
			"Microsoft.KeyVault/vaults/keys/unwrap/action",
			"Microsoft.KeyVault/vaults/keys/sign/action",
			"Microsoft.KeyVault/vaults/keys/verify/action"},
	},
	{
		.id = "8b54135c-b56d-4d72-a534-26097cfdc8d8",
		.name = "Key Vault Data Access Administrator",
		.about =
			"Manage access to Azure Key Vault by adding or removing role assignments for the Key Vault Administrator, Key Vault Certificates Officer, Key Vault Crypto Officer, Key Vault Crypto Service Encryption User, Key Vault Crypto User, Key Vault Reader, Key Vault Secrets Officer, or Key Vault Secrets User roles. Includes an ABAC condition to constrain role assignments.",
		.created = "2023-06-20T22:41:17.2192139Z",
		.updated = "2023-12-08T01:46:25.6834412Z",
		.actions = {"Microsoft.Authorization/roleAssignments/write",
			"Microsoft.Authorization/roleAssignments/delete",
			"Microsoft.Authorization/*/read", "Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Resources/subscriptions/read",
			"Microsoft.Management/managementGroups/read",
			"Microsoft.Resources/deployments/*", "Microsoft.Support/*",
			"Microsoft.KeyVault/vaults/*/read"},
		.condition = data_access,
	},
	{
		.id = "21090545-7ca7-4776-b22c-e363652d74d2",
		.name = "Key Vault Reader",
		.about =
			"Read metadata of key vaults and its certificates, keys, and secrets. Cannot read sensitive values such as secret contents or key material. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2020-05-19T17:52:47.2949294Z",
		.updated = "2021-11-11T20:14:31.3043292Z",
		.actions = {"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Support/*", "Microsoft.KeyVault/checkNameAvailability/read",
			"Microsoft.KeyVault/deletedVaults/read",
			"Microsoft.KeyVault/locations/*/read", "Microsoft.KeyVault/vaults/*/read",
			"Microsoft.KeyVault/operations/read"},
		.data_actions = {"Microsoft.KeyVault/vaults/*/read",
			"Microsoft.KeyVault/vaults/secrets/readMetadata/action"},
	},
	{
		.id = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
		.name = "Key Vault Secrets Officer",
		.about =
			"Perform any action on the secrets of a key vault, except manage permissions. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2020-05-19T17:52:47.1449242Z",
		.updated = "2021-11-11T20:14:30.7793470Z",
		.actions = {"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Support/*", "Microsoft.KeyVault/checkNameAvailability/read",
			"Microsoft.KeyVault/deletedVaults/read",
			"Microsoft.KeyVault/locations/*/read", "Microsoft.KeyVault/vaults/*/read",
			"Microsoft.KeyVault/operations/read"},
		.data_actions = {"Microsoft.KeyVault/vaults/secrets/*"},
	},
	{
		.id = "4633458b-17de-408a-b874-0445c86b69e6",
		.name = "Key Vault Secrets User",
		.about =
			"Read secret contents. Only works for key vaults that use the 'Azure role-based access control' permission model.",
		.created = "2020-05-19T17:52:47.2049241Z",
		.updated = "2021-11-11T20:14:30.9542829Z",
		.data_actions = {"Microsoft.KeyVault/vaults/secrets/getSecret/action",
			"Microsoft.KeyVault/vaults/secrets/readMetadata/action"},
	},
	{
		.id = "18500a29-7fe2-46b2-a342-b16a415e101d",
		.name = "Managed HSM contributor",
		.about = "Lets you manage managed HSM pools, but not access to them.",
		.created = "2020-09-16T21:47:01.1291104Z",
		.updated = "2022-03-08T02:37:43.9379644Z",
		.actions = {"Microsoft.KeyVault/managedHSMs/*",
			"Microsoft.KeyVault/deletedManagedHsms/read",
			"Microsoft.KeyVault/locations/deletedManagedHsms/read",
			"Microsoft.KeyVault/locations/deletedManagedHsms/purge/action",
			"Microsoft.KeyVault/locations/managedHsmOperationResults/read"},
	},
	{
		.id = "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
		.name = "Managed Identity Contributor",
		.about = "Create, Read, Update, and Delete User Assigned Identity",
		.created = "2017-12-14T19:53:42.8804692Z",
		.updated = "2024-04-01T15:29:15.7643919Z",
		.actions = {"Microsoft.ManagedIdentity/userAssignedIdentities/read",
			"Microsoft.ManagedIdentity/userAssignedIdentities/write",
			"Microsoft.ManagedIdentity/userAssignedIdentities/delete",
			"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/read",
			"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
			"Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/delete",
			"Microsoft.ManagedIdentity/userAssignedIdentities/revokeTokens/action",
			"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Resources/deployments/*", "Microsoft.Support/*"},
	},
	{
		.id = "f1a07417-d97a-45cb-824c-7a7467783830",
		.name = "Managed Identity Operator",
		.about = "Read and Assign User Assigned Identity",
		.created = "2017-12-14T19:52:04.3924594Z",
		.updated = "2021-11-11T20:13:38.9523759Z",
		.actions = {"Microsoft.ManagedIdentity/userAssignedIdentities/*/read",
			"Microsoft.ManagedIdentity/userAssignedIdentities/*/assign/action",
			"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Resources/deployments/*", "Microsoft.Support/*"},
	},
	{
		.id = "17d1049b-9a84-46fb-8f53-869881c3d3ab",
		.name = "Storage Account Contributor",
		.about =
			"Lets you manage storage accounts, including accessing storage account keys which provide full access to storage account data.",
		.created = "2015-06-02T00:18:27.3542698Z",
		.updated = "2021-11-11T20:13:54.2363539Z",
		.actions = {"Microsoft.Authorization/*/read", "Microsoft.Insights/alertRules/*",
			"Microsoft.Insights/diagnosticSettings/*",
			"Microsoft.Network/virtualNetworks/subnets/joinViaServiceEndpoint/action",
			"Microsoft.ResourceHealth/availabilityStatuses/read",
			"Microsoft.Resources/deployments/*",
			"Microsoft.Resources/subscriptions/resourceGroups/read",
			"Microsoft.Storage/storageAccounts/*", "Microsoft.Support/*"},
	},
	{
		.id = "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
		.name = "Storage Blob Data Contributor",
		.about =
			"Allows for read, write and delete access to Azure Storage blob containers and data",
		.created = "2017-12-21T00:01:24.7972312Z",
		.updated = "2021-11-11T20:13:54.9397456Z",
		.actions = {"Microsoft.Storage/storageAccounts/blobServices/containers/delete",
			"Microsoft.Storage/storageAccounts/blobServices/containers/read",
			"Microsoft.Storage/storageAccounts/blobServices/containers/write",
			"Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"},
		.data_actions =
			{"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
				"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
				"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
				"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/move/action",
				"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action"},
	},
	{
		.id = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
		.name = "Storage Blob Data Owner",
		.about =
			"Allows for full access to Azure Storage blob containers and data, including assigning POSIX access control.",
		.created = "2018-12-04T07:02:58.2775257Z",
		.updated = "2021-11-11T20:13:55.1225062Z",
		.actions = {"Microsoft.Storage/storageAccounts/blobServices/containers/*",
			"Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"},
		.data_actions =
			{"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"},
	},
	{
		.id = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
		.name = "Storage Blob Data Reader",
		.about = "Allows for read access to Azure Storage blob containers and data",
		.created = "2017-12-21T00:01:24.7972312Z",
		.updated = "2021-11-11T20:13:55.2975076Z",
		.actions = {"Microsoft.Storage/storageAccounts/blobServices/containers/read",
			"Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"},
		.data_actions =
			{"Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"},
	},
};
const size_t roles_len = ARRAY_LEN(roles);
