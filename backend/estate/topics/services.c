/* What the key covers, service by service, and what that service is particular about. */
#include "backend/estate/topics/topic.h"

static const struct statement automation[] = {
	{
		.text = "Credentials, certificates, connections and encrypted variables are the "
			"secure assets that the key protects, all of them together: a key is set "
			"for an account and not for an asset.",
		.source = "Encryption of secure assets in Azure Automation",
	},
	{
		.text = "An account is always made on Microsoft's keys; a customer key is set "
			"afterwards: first the identity, then its rights, then the key.",
		.source = "Encryption of secure assets in Azure Automation, enable",
	},
	{
		.text = "The article has it as a preview, through REST alone, at api-version "
			"2020-01-13-preview; claviger asks with a later one unless the profile's "
			"api-versions names it.",
		.source = "Encryption of secure assets in Azure Automation, enable",
	},
	{
		.text = "The example of the article changes the encryption without the identity "
			"in the same request, which the service refuses, and grants on another "
			"vault than the one of the key. claviger sends the identity along, and "
			"grants on the vault of the key.",
		.source = "Encryption of secure assets in Azure Automation, examples",
	},
};

const struct topic topic_automation = {
	.name = "automation",
	.title = "Automation: secure assets",
	.statements = automation,
	.statements_len = ARRAY_LEN(automation),
};

static const struct statement batch[] = {
	{
		.text = "The key covers what the Batch service itself keeps: certificates and the "
			"metadata of jobs and tasks.",
		.source = "Configure customer-managed keys for your Azure Batch account",
	},
	{
		.text = "It does not cover the disks of nodes. Pools of cloud services have "
			"neither OS nor temporary disk encrypted; pools of virtual machines have "
			"OS and data disks under a key of the platform. The temporary disk needs "
			"diskEncryptionConfiguration in the pool. Your own key cannot be used "
			"there: keep nothing sensitive on those disks.",
		.source = "Configure customer-managed keys for your Azure Batch account, questions "
			  "and answers",
	},
	{
		.text = "Only accounts that were made with an identity take a customer key; "
			"existing ones without are replaced by a new one. The identity is settled "
			"when the account is made.",
		.source = "Configure customer-managed keys for your Azure Batch account, questions "
			  "and answers",
	},
	{
		.text = "In 2020 this was a preview, not for production, in West Central US, East "
			"US, South Central US, West US 2, US Gov Virginia and US Gov Arizona. "
			"Later editions name neither; in another region look before you rely on "
			"it.",
		.source = "Configure customer-managed keys for your Azure Batch account, 2020",
	},
	{
		.text = "The key needs wrapKey and unwrapKey among its permitted operations, and "
			"is named by its URI. After going back to Microsoft's keys it may be "
			"deleted or changed, and not before.",
		.source = "Configure customer-managed keys for your Azure Batch account",
	},
};

const struct topic topic_batch = {
	.name = "batch",
	.title = "Batch: what the key covers",
	.statements = batch,
	.statements_len = ARRAY_LEN(batch),
};

static const struct statement storage[] = {
	{
		.text = "Blobs and files are always covered once an account has a customer key. "
			"Queues and tables are covered only when that was chosen when the account "
			"was made; it cannot be changed later.",
		.source = "Customer-managed keys for Azure Storage encryption, queues and tables",
	},
	{
		.text = "An account that is made with a customer key opens it as a user-assigned "
			"identity; one that is there may use its system-assigned identity as well.",
		.source = "Customer-managed keys for Azure Storage encryption, same tenant",
	},
	{
		.text = "Azure Policy has a built-in policy, 'Storage accounts should use "
			"customer-managed key for encryption', for blobs and files. claviger "
			"judges no policies; its own rule is not-onboarded.",
		.source = "Customer-managed keys for Azure Storage encryption; Azure Policy "
			  "built-in definitions, Storage",
	},
	{
		.text = "Managed disks have keys of their own, through disk encryption sets, and "
			"behave otherwise; a key for Azure Disk Encryption must be RSA too. "
			"claviger impact lists the disk encryption sets that hold a key, and "
			"leaves them alone.",
		.source = "Customer-managed keys for Azure Storage encryption, managed disks",
	},
	{
		.text = "Defender for Storage looks after blobs, files and Data Lake Gen2. In the "
			"portal the key is under Settings, Encryption, Customer managed key, "
			"Select a key.",
		.source =
			"Customer-managed keys for Azure Storage encryption, questions and answers",
	},
};

const struct topic topic_storage = {
	.name = "storage",
	.title = "Storage: what the key covers",
	.statements = storage,
	.statements_len = ARRAY_LEN(storage),
};
