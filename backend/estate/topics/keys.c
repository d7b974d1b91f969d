/* What a customer key is, the words for what is done with it, and its versions. */
#include "backend/estate/services/service.h"
#include "backend/estate/topics/topic.h"

static const struct statement customer_key[] = {
	{
		.text = "Each account has keys of its own that encrypt what it holds, and one "
			"account key that wraps those. The customer key wraps that account key "
			"and nothing else; by default a key of Microsoft does.",
		.source = "Encryption of secure assets in Azure Automation, key hierarchy; "
			  "Customer-managed keys for Azure Storage encryption, about "
			  "customer-managed keys",
	},
	{
		.text = "A customer key, another one, a new version, or Microsoft's key again: "
			"each change wraps the account key anew. What the account holds is not "
			"encrypted again and is never without encryption. The change takes effect "
			"at once, costs no performance and no downtime, and nothing else has to "
			"be done.",
		.source = "Customer-managed keys for Azure Storage encryption, enable; Encryption "
			  "of secure assets in Azure Automation, enable",
	},
	{
		.text = "Only RSA keys can be used, of 2048, 3072 or 4096 bits, in software or in "
			"an HSM. The article on Batch of 2020 knows 2048 bits alone; later ones "
			"know all three.",
		.source = "Customer-managed keys for Azure Storage encryption, key vault "
			  "requirements; Configure customer-managed keys for your Azure Batch "
			  "account",
	},
	{
		.text = "The key is made in the vault or brought there. Key vaults hold keys in "
			"software and in HSMs, managed HSMs hold keys in HSMs only; both are "
			"configured alike. For Automation and Batch only key vaults are "
			"documented.",
		.source =
			"Customer-managed keys for Azure Storage encryption; Encryption of secure "
			"assets in Azure Automation, prerequisites",
	},
	{
		.text = "The vault needs soft delete and purge protection, so that a key that was "
			"deleted can be had back. A new vault has soft delete, which cannot be "
			"switched off. Purge protection is switched on when the vault is made or "
			"later, and never off again.",
		.source = "Configure encryption with customer-managed keys stored in Azure Key "
			  "Vault, configure the vault",
	},
	{
		.text = "A key vault or managed HSM costs what Key Vault's pricing says; of a key "
			"in an HSM each version counts.",
		.source = "Customer-managed keys for Azure Storage encryption, key vault "
			  "requirements",
	},
	{
		.text = "A version outside of its dates still unwraps, decrypts and verifies, and "
			"no longer wraps: accounts on an expired key are read on, while enabling "
			"and rotating fail. An expiry is no way to cut.",
		.source = "About keys, date-time controlled operations",
	},
	{
		.text = "Account and vault may be in different subscriptions. The how-to of 2021 "
			"wants both in one region; the later article allows any region, so that a "
			"difference is told and never refused.",
		.source =
			"Customer-managed keys for Azure Storage encryption; Configure encryption "
			"with customer-managed keys stored in Azure Key Vault",
	},
	{
		.text = "Every version of Key Vault's resource manager API before 2026-02-01 ends "
			"on 27 February 2027. Vaults made with that version grant by roles unless "
			"told otherwise.",
		.source = "Azure Key Vault, access-control-default",
	},
};

const struct topic topic_customer_key = {
	.name = "customer-key",
	.title = "What a customer key does",
	.statements = customer_key,
	.statements_len = ARRAY_LEN(customer_key),
};

static const struct statement words[] = {
	{
		.text = "revoke: the data must become unreadable; the account goes on pointing at "
			"the key. It does not take the association between account and vault "
			"away, as the how-to says, nor does it go back to Microsoft's keys, where "
			"the portal's text on revoking leads.",
		.source = "Configure encryption with customer-managed keys stored in Azure Key "
			  "Vault, revoke",
	},
	{
		.text = "detach: back to Microsoft's keys (keySource Microsoft.Storage, "
			"Microsoft.Batch or Microsoft.Automation). The articles call it disabling "
			"customer-managed keys. It is the opposite of a cut: whoever could read "
			"the data reads them on. It can be done at any time while the key still "
			"works.",
		.source =
			"Customer-managed keys for Azure Storage encryption; Configure "
			"customer-managed keys for your Azure Batch account, questions and answers",
	},
	{
		.text = "disable, enable: of a version of a key in its vault, and of nothing else.",
		.source = "About keys, key attributes",
	},
	{
		.text = "rotate: make a new version of the key, and move the accounts to it. "
			"repin: move one account to another version. replace: another key, and "
			"with it perhaps another vault.",
		.source = "Customer-managed keys for Azure Storage encryption, update the key "
			  "version",
	},
};

const struct topic topic_words = {
	.name = "words",
	.title = "Words that the articles use for two things",
	.statements = words,
	.statements_len = ARRAY_LEN(words),
};

static const struct statement rotation[] = {
	{
		.text = "Rotate at least every two years. Storage never makes a new version by "
			"itself: give the key a rotation policy in its vault, or make versions by "
			"hand.",
		.source = "Customer-managed keys for Azure Storage encryption, update the key "
			  "version",
	},
	{
		.text = "Pinned: the account stays on the version that it names until somebody "
			"moves it, however many are made. Automatic: the key is named without "
			"version; Storage looks once a day. Which one it is, is chosen when the "
			"key is set or changed.",
		.source = "Customer-managed keys for Azure Storage encryption, update the key "
			  "version",
	},
	{
		.text = "Leave the old version enabled for 24 hours after a rotation: whoever "
			"disables it sooner locks the accounts that have not looked yet.",
		.source =
			"Customer-managed keys for Azure Storage encryption, automatically update "
			"the key version",
	},
	{
		.text = "From pinned back to automatic Storage may want the version set to the "
			"empty string rather than left out; claviger repin --auto sends it so and "
			"reads it back.",
		.source =
			"Customer-managed keys for Azure Storage encryption, automatically update "
			"the key version",
	},
	{
		.text = "Automation and, by its article, Batch are told each new version: give "
			"the account the new URI, or choose the key again. A later article lets "
			"Batch name a key without version and follow new ones; it gives no time.",
		.source = "Encryption of secure assets in Azure Automation, rotate; Configure "
			  "customer-managed keys for your Azure Batch account",
	},
	{
		.text = "The newest version is the one created last. The list of versions is in "
			"the order of their ids, so that the last element of az keyvault key "
			"list-versions may be any of them.",
		.source = "Configure encryption with customer-managed keys stored in Azure Key "
			  "Vault, update the key version; Key Vault REST 7.4, Get Key Versions",
	},
	{
		.text = "Azure Monitor's logs of Storage do not show a rotation. The journal of "
			"claviger records those it made.",
		.source = "Customer-managed keys for Azure Storage encryption, update the key "
			  "version",
	},
};

static bool
rotation_lines(struct buf *out)
{
	for (size_t i = 0; i < services_len; i++)
		if (!buf_addf(out, "  %-12s%s\n", services[i]->title,
			    services[i]->auto_version ? "pinned, or automatic with --auto"
						      : "pinned"))
			return false;
	return true;
}

const struct topic topic_rotation = {
	.name = "rotation",
	.title = "New versions of a key, and who follows them",
	.statements = rotation,
	.statements_len = ARRAY_LEN(rotation),
	.lines = rotation_lines,
};

static const struct statement az[] = {
	{
		.text = "Each request of a dry run has its az command beside it: claviger VERB "
			"NAME ... --dry-run --query 'steps[].request.az' -o tsv. What a step "
			"before it makes stands in it as a mark and has to be filled in. The "
			"commands are made of the requests, with az rest, which sends exactly "
			"those: the samples of the articles have syntax errors, and flags that "
			"are not there (--encryption_key_source).",
		.source = "Configure encryption with customer-managed keys stored in Azure Key "
			  "Vault; Configure customer-managed keys for your Azure Batch account",
	},
	{
		.text = "The articles ask for azure-cli 2.4.0, Az.KeyVault 2.0.0 and Az.Storage "
			"2.0.0, or newer. az has to be set to the cloud of the profile.",
		.source = "Configure encryption with customer-managed keys stored in Azure Key "
			  "Vault, prerequisites",
	},
};

const struct topic topic_az = {
	.name = "az",
	.title = "The same with az",
	.statements = az,
	.statements_len = ARRAY_LEN(az),
};
