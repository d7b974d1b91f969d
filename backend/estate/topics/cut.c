/* What a cut does and does not do. The two lists of operations are those of the Storage article;
 * what is missing in them matters most: deletion. */
#include "backend/estate/services/service.h"
#include "backend/estate/topics/topic.h"

const struct stopped_operation stopped_operations[] = {
	{STOPPED_BLOB, "List Blobs", "with include=metadata"},
	{STOPPED_BLOB, "Get Blob", NULL},
	{STOPPED_BLOB, "Get Blob Properties", NULL},
	{STOPPED_BLOB, "Get Blob Metadata", NULL},
	{STOPPED_BLOB, "Set Blob Metadata", NULL},
	{STOPPED_BLOB, "Snapshot Blob", "with x-ms-meta-name"},
	{STOPPED_BLOB, "Copy Blob", NULL},
	{STOPPED_BLOB, "Copy Blob From URL", NULL},
	{STOPPED_BLOB, "Set Blob Tier", NULL},
	{STOPPED_BLOB, "Put Block", NULL},
	{STOPPED_BLOB, "Put Block From URL", NULL},
	{STOPPED_BLOB, "Append Block", NULL},
	{STOPPED_BLOB, "Append Block From URL", NULL},
	{STOPPED_BLOB, "Put Blob", NULL},
	{STOPPED_BLOB, "Put Page", NULL},
	{STOPPED_BLOB, "Put Page From URL", NULL},
	{STOPPED_BLOB, "Incremental Copy Blob", NULL},
	{STOPPED_FILE, "Create Permission", NULL},
	{STOPPED_FILE, "Get Permission", NULL},
	{STOPPED_FILE, "List Directories and Files", NULL},
	{STOPPED_FILE, "Create Directory", NULL},
	{STOPPED_FILE, "Get Directory Properties", NULL},
	{STOPPED_FILE, "Set Directory Properties", NULL},
	{STOPPED_FILE, "Get Directory Metadata", NULL},
	{STOPPED_FILE, "Set Directory Metadata", NULL},
	{STOPPED_FILE, "Create File", NULL},
	{STOPPED_FILE, "Get File", NULL},
	{STOPPED_FILE, "Get File Properties", NULL},
	{STOPPED_FILE, "Set File Properties", NULL},
	{STOPPED_FILE, "Put Range", NULL},
	{STOPPED_FILE, "Put Range From URL", NULL},
	{STOPPED_FILE, "Get File Metadata", NULL},
	{STOPPED_FILE, "Set File Metadata", NULL},
	{STOPPED_FILE, "Copy File", NULL},
	{STOPPED_FILE, "Rename File", NULL},
};
const size_t stopped_operations_len = ARRAY_LEN(stopped_operations);

static const struct statement cut[] = {
	{
		.text = "Disable the versions in use: every account on them loses its data, and "
			"enabling them again gives everything back. This is the way the Storage "
			"article names.",
		.source = "Customer-managed keys for Azure Storage encryption, revoke access",
	},
	{
		.text = "Take the rights of one identity away: cuts every account that this "
			"identity opens keys for, and no other. Remove-AzKeyVaultAccessPolicy and "
			"az keyvault delete-policy take its whole entry, the rights on secrets "
			"and certificates as well; claviger ungrant takes the rights on keys that "
			"the service needs and keeps them for the undo. A right inherited from "
			"above goes on.",
		.source = "Configure encryption with customer-managed keys stored in Azure Key "
			  "Vault, revoke; Azure Key Vault troubleshooting",
	},
	{
		.text = "Not offered: deleting the key or the vault (recoverable for 7 to 90 "
			"days, and roles on a recovered vault are lost), closing the network "
			"(Storage and Batch may pass as trusted services), waiting for an expiry "
			"(unwrapping goes on), and going back to Microsoft's keys (everything "
			"stays readable).",
		.source = "Azure Key Vault soft-delete overview; network security; About keys",
	},
	{
		.text = "Automation's article and the later one on Storage know PowerShell and "
			"the CLI for a cut and no way in the portal; no article says how soon it "
			"takes effect. Services keep the key for a while and ask again a few "
			"times an hour: an account that is still readable after minutes proves "
			"nothing yet.",
		.source = "Encryption of secure assets in Azure Automation, revoke access; Azure "
			  "Managed HSM scaling guidance",
	},
	{
		.text = "Storage then answers 403 to everybody, whatever their rights, until "
			"access to the key is restored. What is not refused, deletion above all, "
			"is in: claviger help storage-after-a-cut.",
		.source = "Customer-managed keys for Azure Storage encryption, revoke access",
	},
	{
		.text = "Of a Batch account only deletion is allowed any more: do not delete it, "
			"its data come back with the key. Running pools run on, nodes become "
			"unavailable, tasks are stopped and queued again. After a restore it "
			"takes up to ten minutes until the account can be used; nodes come back "
			"and tasks start again.",
		.source = "Configure customer-managed keys for your Azure Batch account, questions "
			  "and answers",
	},
	{
		.text = "A deleted key is recovered with all its versions while its retention "
			"lasts; then its rights and its versions are looked at again. Move "
			"accounts off a key before you touch it for good: afterwards a service "
			"may be unable to unwrap once more.",
		.source = "Configure customer-managed keys for your Azure Batch account, questions "
			  "and answers; Azure Key Vault soft-delete overview",
	},
	{
		.text = "A key that may have been stolen is not cut first: a copy restored "
			"elsewhere is not reached by anything done to this one. Take backup and "
			"restore rights away, make a new key in another vault, move the accounts, "
			"prove them, and disable the old key last.",
		.source = "Azure Key Vault backup, security considerations; Secure your keys, key "
			  "compromise response",
	},
};

static bool
cut_lines(struct buf *out)
{
	for (size_t i = 0; i < services_len; i++)
		if (!buf_addf(out, "%s%s\n  dark: %s\n  goes on: %s.\n", i ? "\n" : "",
			    services[i]->title, services[i]->impact, services[i]->still_works))
			return false;
	return true;
}

const struct topic topic_cut = {
	.name = "cut",
	.title = "Making data unreadable, and readable again",
	.statements = cut,
	.statements_len = ARRAY_LEN(cut),
	.lines = cut_lines,
};

static const struct statement storage_after[] = {
	{
		.text = "These operations fail with 403 for all users. Every operation that is "
			"not listed may proceed: deleting blobs, files and containers, listing "
			"blobs without their metadata, leases, and whatever is done with queues "
			"and tables. A cut protects neither against deletion nor against the "
			"listing of names.",
		.source = "Customer-managed keys for Azure Storage encryption, revoke access",
	},
};

static bool
add_stopped(struct buf *out, const char *head, int of)
{
	bool ok = buf_addf(out, "%s\n", head);

	for (size_t i = 0; ok && i < stopped_operations_len; i++) {
		const struct stopped_operation *one = &stopped_operations[i];

		if ((int)one->of == of)
			ok = buf_addf(out, "  %s%s%s\n", one->name, one->only ? ", only " : "",
				one->only ? one->only : "");
	}
	return ok;
}

static bool
storage_after_lines(struct buf *out)
{
	return add_stopped(out, "blobs", STOPPED_BLOB) && add_stopped(out, "\nfiles", STOPPED_FILE);
}

const struct topic topic_storage_after = {
	.name = "storage-after-a-cut",
	.title = "What a storage account whose key is cut refuses, and what not",
	.statements = storage_after,
	.statements_len = ARRAY_LEN(storage_after),
	.lines = storage_after_lines,
};
