/* The vaults of the demo estate, their keys and who may use them. */
#include <stdio.h>
#include <string.h>

#include "backend/sandbox/ident.h"
#include "backend/sandbox/seed/demo.h"
#include "backend/sandbox/seed/seed.h"
#include "backend/sandbox/service/cmk.h"

/* What no account is wrapped with, and no lesson starts with, is made later. The longest first. */
const unsigned seed_demo_keys[] = {
	[KEY_ARCHIVE_3 - 1] = 3072,
	[KEY_PAYROLL - 1] = 2048,
	[KEY_BILLING_1 - 1] = 2048,
	[KEY_EXPORT - 1] = 2048,
	[KEY_EC - 1] = 0,
	[KEY_OLD - 1] = SEED_LATER | 2048,
	[KEY_OFF - 1] = SEED_LATER | 2048,
	[KEY_BILLING_2 - 1] = SEED_LATER | 2048,
	[KEY_BILLING_3 - 1] = SEED_LATER | 2048,
	[KEY_ARCHIVE_1 - 1] = SEED_LATER | 3072,
	[KEY_ARCHIVE_2 - 1] = SEED_LATER | 3072,
	[KEY_FABRIKAM - 1] = SEED_LATER | 2048,
	[KEY_RBAC - 1] = SEED_LATER | 4096,
	[KEY_HSM - 1] = SEED_LATER | 3072,
	[KEY_GONE - 1] = SEED_LATER | 2048,
};
const size_t seed_demo_keys_len = ARRAY_LEN(seed_demo_keys);

const char demo_rights_automation[] =
	"{\"keys\":[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"],\"secrets\":[],\"certificates\":[]}";
const char demo_rights_storage[] =
	"{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\"],\"secrets\":[],\"certificates\":[]}";

/* Principals that belong to nobody here: other teams' entries, which must survive everything. */
static const char backup_team[] = "19d4c7b2-6e83-4f05-9a2c-5b7e1d8f4a10";
static const char web_team[] = "2ae5d8c3-7f94-4016-8b3d-6c8f2e9a5b11";
static const char audit_team[] = "3bf6e9d4-80a5-4127-9c4e-7d903fab6c12";
static const char scanner_app[] = "4c07fae5-91b6-4238-ad5f-8ea140bc7d13";

/* The application that contoso's accounts reach fabrikam's keys with, and its service principals in
 * the two tenants. */
static const char broker[] = "5d180bf6-a2c7-4349-be60-9fb251cd8e14";
static const char broker_here[] = "6e291c07-b3d8-445a-8f71-a0c362de9f15";
static const char broker_there[] = "7f3a2d18-c4e9-456b-9082-b1d473efa016";

static const char role_crypto_officer[] = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603";
static const char local_administrator[] = "a290e904-7015-4bba-90c8-60543313cdb4";
static const char local_crypto_officer[] = "515eb02d-2335-4d2d-92f2-b1cbdf9c3778";
static const char local_crypto_user[] = "21dbd100-6940-42c2-9190-5d6cb909625b";

static void
add_key(struct demo *demo, int64_t vault, struct seed_version version, int material, char out[33])
{
	char ignored[33];

	if (!version.kty)
		version.kty = "RSA";
	if (!version.ops)
		version.ops = seed_rsa_ops;
	version.material = demo->s->materials[material];
	seed_version(demo->s, vault, &version, out ? out : ignored);
}

/* The operator's entry: the application's, and the same for the person. */
static void
operator_policy(struct demo *demo, int64_t vault, const char *permissions)
{
	seed_policy(demo->s, vault, seed_tenant, seed_operator_object, "", permissions);
	seed_policy(demo->s, vault, seed_tenant, seed_person, "", permissions);
}

static void
target(struct demo *demo, struct cmk_target *out, const char *store, const char *key, int material)
{
	snprintf(out->store, sizeof out->store, "%s", store);
	snprintf(out->key, sizeof out->key, "%s", key);
	out->material = demo->s->materials[material];
}

static void
payroll(struct demo *demo)
{
	struct seeding *s = demo->s;
	int64_t vault = seed_vault(
		s, &(struct seed_vault){
			   .group_id = demo->security, .name = "kv-payroll", .days = 410});

	demo->payroll = vault;
	operator_policy(demo, vault, seed_all_keys);
	seed_policy(s, vault, seed_tenant, backup_team, "",
		"{\"keys\":[\"get\",\"list\",\"backup\"],\"secrets\":[\"get\",\"list\",\"backup\"],\"certificates\":[]}");
	seed_policy(s, vault, seed_tenant, web_team, "",
		"{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\"],\"secrets\":[\"get\"],\"certificates\":[\"get\",\"list\"]}");
	add_key(demo, vault, (struct seed_version){.name = "cmk-payroll", .days = 64}, KEY_PAYROLL,
		NULL);
	add_key(demo, vault,
		(struct seed_version){
			.name = "cmk-ec", .kty = "EC", .ops = "[\"sign\",\"verify\"]", .days = 64},
		KEY_EC, NULL);
	add_key(demo, vault, (struct seed_version){.name = "cmk-old", .days = 405, .expires = -40},
		KEY_OLD, NULL);
	add_key(demo, vault,
		(struct seed_version){.name = "cmk-off", .days = 220, .disabled = true}, KEY_OFF,
		NULL);
}

/* aa-billing stays on the oldest of three versions. */
static void
billing(struct demo *demo)
{
	struct seeding *s = demo->s;
	int64_t vault = seed_vault(s, &(struct seed_vault){.group_id = demo->security,
					      .name = "kv-billing",
					      .purge_protection = true,
					      .days = 402});
	const struct seed_version old = {.name = "cmk-billing", .days = 400};
	const struct seed_version middle = {.name = "cmk-billing", .days = 210};
	const struct seed_version current = {.name = "cmk-billing", .days = 20};

	demo->billing = vault;
	operator_policy(demo, vault, seed_all_keys);
	target(demo, &demo->on_billing, "kv-billing", "cmk-billing", KEY_BILLING_1);
	add_key(demo, vault, old, KEY_BILLING_1, demo->on_billing.version);
	add_key(demo, vault, middle, KEY_BILLING_2, NULL);
	add_key(demo, vault, current, KEY_BILLING_3, NULL);
}

static void
archive(struct demo *demo)
{
	struct seeding *s = demo->s;
	int64_t vault = seed_vault(s, &(struct seed_vault){.group_id = demo->security,
					      .name = "kv-archive",
					      .purge_protection = true,
					      .days = 395});
	const struct seed_version old = {.name = "cmk-archive", .days = 390};
	const struct seed_version middle = {.name = "cmk-archive", .days = 205};
	const struct seed_version current = {.name = "cmk-archive", .days = 35};

	demo->archive = vault;
	operator_policy(demo, vault,
		"{\"keys\":[\"all\",\"purge\"],\"secrets\":[\"all\"],\"certificates\":[\"all\"]}");
	seed_policy(s, vault, seed_tenant, audit_team, "",
		"{\"keys\":[\"Get\",\"List\"],\"secrets\":[\"List\"],\"certificates\":[\"List\"]}");
	seed_policy(s, vault, seed_tenant, backup_team, scanner_app,
		"{\"keys\":[\"list\"],\"secrets\":[],\"certificates\":[]}");
	target(demo, &demo->on_archive, "kv-archive", "cmk-archive", KEY_ARCHIVE_3);
	target(demo, &demo->on_export, "kv-archive", "cmk-export", KEY_EXPORT);
	demo->on_archive.mode = CMK_AUTO_EMPTY;
	add_key(demo, vault, old, KEY_ARCHIVE_1, NULL);
	add_key(demo, vault, middle, KEY_ARCHIVE_2, NULL);
	add_key(demo, vault, current, KEY_ARCHIVE_3, demo->on_archive.version);
	add_key(demo, vault, (struct seed_version){.name = "cmk-export", .days = 150}, KEY_EXPORT,
		demo->on_export.version);
}

/* The vault where roles decide. */
static void
rbac(struct demo *demo)
{
	struct seeding *s = demo->s;
	int64_t vault = seed_vault(s, &(struct seed_vault){.group_id = demo->security,
					      .name = "kv-rbac",
					      .purge_protection = true,
					      .rbac = true,
					      .days = 180});

	seed_operator_role(s, role_crypto_officer,
		arena_printf(s->arena,
			"/subscriptions/%s/resourceGroups/rg-security/providers/Microsoft.KeyVault/vaults/kv-rbac",
			seed_subscription));
	add_key(demo, vault, (struct seed_version){.name = "cmk-rbac", .days = 170}, KEY_RBAC,
		NULL);
}

/* Deleted five days ago, with its key. */
static void
gone(struct demo *demo)
{
	struct seeding *s = demo->s;
	int64_t vault = seed_vault(s, &(struct seed_vault){.group_id = demo->staging_security,
					      .name = "kv-gone",
					      .purge_protection = true,
					      .days = 330,
					      .deleted = 5});

	operator_policy(demo, vault, seed_all_keys);
	add_key(demo, vault, (struct seed_version){.name = "cmk-gone", .days = 325}, KEY_GONE,
		NULL);
}

static void
hsm(struct demo *demo)
{
	struct seeding *s = demo->s;
	const char *const roles[] = {local_administrator, local_crypto_officer, local_crypto_user};
	int64_t pool = seed_vault(s, &(struct seed_vault){.kind = STORE_HSM,
					     .group_id = demo->security,
					     .name = "hsm-core",
					     .purge_protection = true,
					     .days = 300});

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		seed_hsm_role(s, pool, seed_operator_object, roles[i]);
		seed_hsm_role(s, pool, seed_person, roles[i]);
	}
	add_key(demo, pool, (struct seed_version){.name = "cmk-hsm", .kty = "RSA-HSM", .days = 290},
		KEY_HSM, NULL);
}

void
demo_vaults(struct demo *demo)
{
	payroll(demo);
	billing(demo);
	archive(demo);
	rbac(demo);
	gone(demo);
	hsm(demo);
}

static void
broker_application(struct seeding *s, const char *tenant, const char *object)
{
	db_do(s->world->db,
		"INSERT INTO application(client,tenant,object,name,secret)"
		" VALUES(?,?,?,'app-cmk-broker','')",
		"ttt", broker, tenant, object);
}

void
demo_fabrikam(struct demo *demo)
{
	struct seeding *s = demo->s;
	int64_t group = seed_group(s, seed_subscription_fabrikam, "rg-keys");
	int64_t vault = seed_vault(s, &(struct seed_vault){.group_id = group,
					      .name = "kv-fabrikam",
					      .tenant = seed_tenant_fabrikam,
					      .purge_protection = true,
					      .days = 300});

	add_key(demo, vault, (struct seed_version){.name = "cmk-fabrikam", .days = 290},
		KEY_FABRIKAM, NULL);
	broker_application(s, seed_tenant, broker_here);
	broker_application(s, seed_tenant_fabrikam, broker_there);
	seed_policy(s, vault, seed_tenant_fabrikam, broker_there, "", demo_rights_storage);
	seed_policy(s, vault, seed_tenant_fabrikam, seed_reader_fabrikam, "",
		"{\"keys\":[\"get\",\"list\"],\"secrets\":[],\"certificates\":[]}");
	db_do(s->world->db,
		"INSERT INTO federated_credential(owner,name,issuer,subject,audiences)"
		" VALUES(?,'id-storage',?,?,'[\"api://AzureADTokenExchange\"]')",
		"ttt", broker,
		arena_printf(s->arena, "https://login.microsoftonline.com/%s/v2.0", seed_tenant),
		demo->storage_principal);
}
