/* What Automation, Batch and Storage answer about customer keys, before and after a cut. */
#include "backend/base/err.h"
#include "backend/codes/code.h"

static const char storage[] = "Azure Storage, settings of an account";
static const char data[] = "Azure Storage, reading and writing data";
static const char automation[] = "Azure Automation";
static const char batch[] = "Azure Batch";
static const char storage_errors[] = "Azure Storage, common REST API error codes";
static const char configure[] =
	"Configure customer-managed keys in the same tenant for an existing storage account";
static const char revoke[] = "Customer-managed keys for Azure Storage encryption, revoke access";
static const char batch_article[] =
	"Configure customer-managed keys for your Azure Batch account with Azure Key Vault";

static const struct code codes[] = {
	{"KeyVaultEncryptionKeyNotFound", data,
		"The key that the account is encrypted with cannot be "
		"used, so its data is dark.",
		"The key or version is disabled or deleted: a cut does exactly this, for everybody.",
		"If it was not wanted: claviger restore KEY. claviger impact KEY shows who else is "
		"concerned.",
		storage_errors},
	{"KeyVaultVaultNotFound", data, "The vault of the account's key cannot be found.",
		"It was deleted, or its name cannot be resolved.",
		"claviger vault recover, then claviger posture: role assignments do not come back with "
		"a vault.",
		storage_errors},
	{"KeyVaultAccessTokenCannotBeAcquired", data,
		"The account cannot sign in to the vault with its identity.",
		"The identity was deleted or taken off the account, the account moved to another tenant "
		"or was recovered without it; across tenants the application in between is gone.",
		"Assign an identity, grant it the rights and set the key anew: claviger onboard does all "
		"three.",
		storage_errors},
	{"KeyVaultAuthenticationFailure", storage,
		"The account could not use the key it was given.",
		"Its identity has no grant on the key, the grant is not in effect yet (some minutes), "
		"the key has expired or is disabled, or the vault's firewall refuses it.",
		"Wait ten minutes after a grant and try again; claviger posture NAME names what is "
		"missing.",
		configure},
	{"KeyVaultPolicyError", storage,
		"The vault does not keep deleted keys (its message: Keyvault "
		"policy recoverable is not set).",
		"Soft delete or purge protection is off. A customer key must not get lost.",
		"claviger protect VAULT switches both on; purge protection cannot be switched off again.",
		"Customer-managed keys for Azure Storage encryption, key vault requirements"},
	{"FeatureNotSupportedForAccount", storage,
		"The account lacks what a customer key needs (its "
		"message: Missing pre-requisites).",
		"The account has no identity, or encryption.identity names none that it has.",
		"claviger onboard assigns the identity first and names it.", configure},
	{"PropertiesCannotBeUpdatedTogether", storage,
		"Identity and key of an account that has a customer key cannot be changed at once.",
		"The service has to unwrap with what is in use before it can wrap anew.",
		"Change them one after the other, as claviger replace does.", configure},
	{"AccountPropertyCannotBeUpdated", storage,
		"This property is settled when an account is made.",
		"As it is with customer keys for queues and tables.",
		"Make another account (claviger account create storage) and move the data.",
		"Customer-managed keys for Azure Storage encryption, queues and tables"},
	{"CustomerManagedKeyNotAccessible", batch,
		"The service cannot use the customer key, so what it encrypts is dark.",
		"The key is disabled or deleted, or the identity has lost its rights.",
		"claviger restore KEY; Batch takes up to ten minutes to come back. Do not delete the "
		"account: that still works, and nothing brings the data back.",
		batch_article},
	{"KeyBasedAuthenticationNotPermitted", data,
		"The account takes no requests signed with its access keys.", NULL,
		"Sign in, and have a data role on blobs assigned.", storage_errors},
	{"InvalidKeyVaultReference", batch,
		"What was given as the key is no key URI "
		"that the service takes.",
		"The address is of another cloud, names no version where one is needed, or is no key.",
		"Name the key by its URI, as claviger key show prints it.", batch_article},
	{"MissingRequiredProperty", batch, "Something needed was not sent.",
		"Of encryption: keySource Microsoft.KeyVault needs keyVaultProperties with the key's "
		"identifier beside it.",
		"Name the key: claviger onboard NAME --key KEY; by az with --encryption-key-identifier.",
		batch_article},
	{"BadRequest", automation, "The request is not accepted as it stands.",
		"Of encryption: Automation wants the identity in the same request, else it says that "
		"identity or identity type should not be null. Of purge protection: it cannot be set to "
		"false again.",
		"The message names the property; claviger always sends the identity with the key.",
		"Encrypt automation assets with customer-managed keys"},
	{"InvalidPropertyValue", batch, "A property has a value that it cannot have.",
		"Of encryption: the key's identifier, or an identity that the account does not have.",
		"The message names the property; claviger posture NAME.", batch_article},
	{"AuthorizationPermissionMismatch", data, "The caller has no data role on these blobs.",
		"Owner and Contributor do not open data; Storage Blob Data Reader does.",
		"Have the data role assigned. It says nothing about whether the data is dark.",
		"Assign an Azure role for access to blob data"},
	{"AuthorizationFailure", data, "The account does not let this caller or network in.",
		"The storage firewall, or a signature that does not allow it.",
		"Call from an allowed network.", storage_errors},
	{"PublicAccessNotPermitted", data, "The account allows no anonymous reading.", NULL,
		"Sign in: the request came without a token.", storage_errors},
	{"NoAuthenticationInformation", data, "The request came without a token.", NULL,
		"Sign in: claviger login.", storage_errors},
	{"InvalidAuthenticationInfo", data, "The token is not valid for storage.",
		"It has run out, or is for another audience or tenant.",
		"claviger doctor; the audience is https://storage.azure.com/ in every cloud.",
		storage_errors},
	{"BlobNotFound", data, "There is no such blob.",
		"While data is checked for being dark: the blob that was to be read is gone.",
		"Nothing is proved by it either way; claviger takes another blob, or says cut, not dark.",
		storage_errors},
	{"ContainerNotFound", data, "There is no such container.", NULL,
		"Check its name: what is looked at has to be there.", storage_errors},
	{"BlobArchived", data, "The blob is in the archive tier and cannot be read at once.", NULL,
		"Nothing is proved by it; claviger takes another blob, or says cut, not dark.",
		storage_errors},
	{"ConditionNotMet", data, "It has changed since it was read.", NULL,
		"Run the same command again.", storage_errors},
	{"PoolNotFound", batch, "There is no such pool.", NULL,
		"Check its name: az batch pool list.", "Batch REST, error codes"},
	{"StorageAccountAlreadyTaken", storage, "The name of the account is taken.",
		"Names of storage accounts are unique in the whole cloud, across all customers.",
		"Give another name.", "Storage REST 2023-05-01, Check Name Availability"},
	{"StorageAccountInAnotherResourceGroup", storage,
		"An account of this name is yours already, in another resource group.", NULL,
		"Name that group with -g, or give another name.",
		"Storage REST 2023-05-01, Storage Accounts Create"},
	{"AccountNameInvalid", "Storage or Batch", "The name cannot be an account's.", NULL,
		"3 to 24 small letters and digits.",
		"Storage REST 2023-05-01, Check Name Availability"},
	{"AccountAlreadyExists", batch, "The name of the account is taken in the region.", NULL,
		"Give another name.", "Batch management REST 2024-02-01, Check Name Availability"},
	{"OperationPreempted", storage, "Another change of the account came in between.", NULL,
		"Run the same command again: it looks again first.",
		"Storage REST 2023-05-01, Storage Accounts Update"},
};
const struct code_table codes_services = {codes, ARRAY_LEN(codes), revoke};
