/* The demo estate: names and states are a contract with lessons, tests and pictures. Here are the
 * Automation accounts and the vaults with access policies. */
#include <string.h>

#include "backend/sandbox/service/cmk.h"
#include "backend/sandbox/seed/seed.h"
#include "backend/sandbox/seed/parts.h"

/* In the order of the enum below, after the signing key. What no account is wrapped with, and no
 * lesson starts with, is made later. */
const unsigned seed_demo_keys[] = {2048, 0, SEED_LATER | 2048, SEED_LATER | 2048, 2048,
	SEED_LATER | 2048, SEED_LATER | 2048, SEED_LATER | 3072, SEED_LATER | 3072,
	SEED_LATER | 3072, SEED_LATER | 2048, SEED_LATER | 2048};
const size_t seed_demo_keys_len = ARRAY_LEN(seed_demo_keys);
enum {
	PAYROLL = 1,
	EC,
	OLD,
	OFF,
	BILLING_1,
	BILLING_2,
	BILLING_3,
	ARCHIVE_1,
	ARCHIVE_2,
	ARCHIVE_3,
	EXPORT,
	FABRIKAM
};

/* Principals that belong to nobody here: other teams' entries, which must survive everything. */
static const char backup_team[] = "19d4c7b2-6e83-4f05-9a2c-5b7e1d8f4a10";
static const char web_team[] = "2ae5d8c3-7f94-4016-8b3d-6c8f2e9a5b11";
static const char audit_team[] = "3bf6e9d4-80a5-4127-9c4e-7d903fab6c12";
static const char scanner_app[] = "4c07fae5-91b6-4238-ad5f-8ea140bc7d13";

static void
one_version(struct seeding *s, int64_t vault, const char *name, int material, int days)
{
	char version[33];

	seed_version(s, vault,
		&(struct seed_version){.name = name,
			.kty = "RSA",
			.ops = seed_rsa_ops,
			.material = s->materials[material],
			.days = days},
		version);
}

static void
payroll_vault(struct seeding *s, int64_t group)
{
	int64_t vault = seed_vault(
		s, &(struct seed_vault){.group_id = group, .name = "kv-payroll", .days = 410});
	char version[33];

	seed_policy(s, vault, seed_tenant, seed_operator_object, "", seed_all_keys);
	seed_policy(s, vault, seed_tenant, backup_team, "",
		"{\"keys\":[\"get\",\"list\",\"backup\"],\"secrets\":[\"get\",\"list\",\"backup\"],\"certificates\":[]}");
	seed_policy(s, vault, seed_tenant, web_team, "",
		"{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\"],\"secrets\":[\"get\"],\"certificates\":[\"get\",\"list\"]}");
	one_version(s, vault, "cmk-payroll", PAYROLL, 64);
	seed_version(s, vault,
		&(struct seed_version){.name = "cmk-ec",
			.kty = "EC",
			.ops = "[\"sign\",\"verify\"]",
			.material = s->materials[EC],
			.days = 64},
		version);
	seed_version(s, vault,
		&(struct seed_version){.name = "cmk-old",
			.kty = "RSA",
			.ops = seed_rsa_ops,
			.material = s->materials[OLD],
			.days = 405,
			.expires = -40},
		version);
	seed_version(s, vault,
		&(struct seed_version){.name = "cmk-off",
			.kty = "RSA",
			.ops = seed_rsa_ops,
			.material = s->materials[OFF],
			.days = 220,
			.disabled = true},
		version);
}

/* aa-billing stays on the oldest of three versions. */
static bool
billing(struct seeding *s, int64_t vault_group, int64_t account_group)
{
	int64_t vault = seed_vault(s, &(struct seed_vault){.group_id = vault_group,
					      .name = "kv-billing",
					      .purge_protection = true,
					      .days = 402});
	struct cmk_target target = {
		.store = "kv-billing", .key = "cmk-billing", .material = s->materials[BILLING_1]};
	char principal[37];

	seed_policy(s, vault, seed_tenant, seed_operator_object, "", seed_all_keys);
	seed_version(s, vault,
		&(struct seed_version){.name = "cmk-billing",
			.kty = "RSA",
			.ops = seed_rsa_ops,
			.material = s->materials[BILLING_1],
			.days = 400},
		target.version);
	one_version(s, vault, "cmk-billing", BILLING_2, 210);
	one_version(s, vault, "cmk-billing", BILLING_3, 20);
	if (!seed_account(s,
		    &(struct seed_account){.name = "aa-billing",
			    .location = "westeurope",
			    .tags = "{}",
			    .group_id = account_group,
			    .identity = true,
			    .target = &target,
			    .days = 401},
		    principal))
		return false;
	seed_policy(s, vault, seed_tenant, principal, "",
		"{\"keys\":[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"],\"secrets\":[],\"certificates\":[]}");
	return true;
}

static void
archive_vault(struct seeding *s, int64_t group)
{
	int64_t vault = seed_vault(s, &(struct seed_vault){.group_id = group,
					      .name = "kv-archive",
					      .purge_protection = true,
					      .days = 395});

	seed_policy(s, vault, seed_tenant, seed_operator_object, "",
		"{\"keys\":[\"all\",\"purge\"],\"secrets\":[\"all\"],\"certificates\":[\"all\"]}");
	seed_policy(s, vault, seed_tenant, audit_team, "",
		"{\"keys\":[\"Get\",\"List\"],\"secrets\":[\"List\"],\"certificates\":[\"List\"]}");
	seed_policy(s, vault, seed_tenant, backup_team, scanner_app,
		"{\"keys\":[\"list\"],\"secrets\":[],\"certificates\":[]}");
	one_version(s, vault, "cmk-archive", ARCHIVE_1, 390);
	one_version(s, vault, "cmk-archive", ARCHIVE_2, 205);
	one_version(s, vault, "cmk-archive", ARCHIVE_3, 35);
	one_version(s, vault, "cmk-export", EXPORT, 150);
}

/* The other tenant, whose key must be refused for accounts of this one. */
static void
fabrikam(struct seeding *s)
{
	int64_t group = seed_group(s, seed_subscription_fabrikam, "rg-keys");
	int64_t vault = seed_vault(s, &(struct seed_vault){.group_id = group,
					      .name = "kv-fabrikam",
					      .tenant = seed_tenant_fabrikam,
					      .purge_protection = true,
					      .days = 300});

	one_version(s, vault, "cmk-fabrikam", FABRIKAM, 290);
}

bool
seed_demo(struct seeding *s)
{
	int64_t finance = seed_group(s, seed_subscription, "rg-finance");
	int64_t security, staging;
	char principal[37];

	seed_group(s, seed_subscription, "rg-media");
	security = seed_group(s, seed_subscription, "rg-security");
	staging = seed_group(s, seed_subscription_staging, "rg-media");
	seed_group(s, seed_subscription_staging, "rg-security");
	payroll_vault(s, security);
	if (!seed_account(s,
		    &(struct seed_account){.name = "aa-payroll",
			    .location = "westeurope",
			    .tags = "{}",
			    .group_id = finance,
			    .days = 409},
		    principal) ||
		!billing(s, security, finance))
		return false;
	archive_vault(s, security);
	fabrikam(s);
	return seed_account(s,
		&(struct seed_account){.name = "aa-guidang",
			.location = "westeurope",
			.tags = "{\"owner\":\"财务部\"}",
			.group_id = staging,
			.identity = true,
			.days = 260},
		principal);
}
