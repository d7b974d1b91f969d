/* The demo estate: names and states are a contract with lessons, tests and pictures. Here are the
 * accounts and their identities. */
#include "backend/sandbox/seed/demo.h"

#include <string.h>

#include "backend/sandbox/seed/blobs.h"
#include "backend/sandbox/seed/canaries.h"
#include "backend/sandbox/seed/seed.h"

/* The assets that a cut makes unreadable, and one that it does not. */
static bool
variables(struct demo *demo, int64_t account)
{
	return seed_variable(
		       demo->s, account, "ledger-password", "\"not a real one\"", true, 200) &&
	       seed_variable(demo->s, account, "region", "\"westeurope\"", false, 200);
}

static bool
automation(struct demo *demo)
{
	struct seeded_account payroll, guidang, billing;

	if (!seed_account(demo->s,
		    &(struct seed_account){.service = SERVICE_AUTOMATION,
			    .name = "aa-payroll",
			    .group_id = demo->finance,
			    .days = 409},
		    &payroll) ||
		!seed_account(demo->s,
			&(struct seed_account){.service = SERVICE_AUTOMATION,
				.name = "aa-guidang",
				.tags = "{\"owner\":\"财务部\"}",
				.group_id = demo->staging_media,
				.identity = true,
				.days = 260},
			&guidang) ||
		!seed_account(demo->s,
			&(struct seed_account){.service = SERVICE_AUTOMATION,
				.name = "aa-billing",
				.group_id = demo->finance,
				.identity = true,
				.target = &demo->on_billing,
				.days = 401},
			&billing))
		return false;
	seed_policy(
		demo->s, demo->billing, seed_tenant, billing.principal, "", demo_rights_automation);
	return variables(demo, payroll.row) && variables(demo, guidang.row) &&
	       variables(demo, billing.row);
}

static bool
canary(struct demo *demo, int64_t account)
{
	return seed_blob(demo->s, account, "canary", "canary.txt",
		"Who can read this line can read the data of this account.\n");
}

/* Queues and tables under the account's key as well, which is settled when an account is made. */
static const char all_services[] =
	"{\"encryption\":{\"services\":{\"queue\":{\"keyType\":\"Account\",\"enabled\":true},"
	"\"table\":{\"keyType\":\"Account\",\"enabled\":true}}}}";

/* stexport01's identity may wrap but not unwrap: its data is locked. */
static bool
storage(struct demo *demo)
{
	struct seeding *s = demo->s;
	struct seeded_account archived, ledger, exported;

	memcpy(demo->on_archive.identity, demo->storage_identity, sizeof demo->storage_identity);
	if (!seed_account(s,
		    &(struct seed_account){.service = SERVICE_STORAGE,
			    .name = "starchive01",
			    .more = all_services,
			    .group_id = demo->media,
			    .user = demo->storage_identity,
			    .target = &demo->on_archive,
			    .days = 388},
		    &archived) ||
		!seed_account(s,
			&(struct seed_account){.service = SERVICE_STORAGE,
				.name = "stledger01",
				.group_id = demo->finance,
				.identity = true,
				.days = 366},
			&ledger) ||
		!seed_account(s,
			&(struct seed_account){.service = SERVICE_STORAGE,
				.name = "stexport01",
				.group_id = demo->staging_media,
				.identity = true,
				.target = &demo->on_export,
				.dark = true,
				.days = 149},
			&exported))
		return false;
	seed_policy(
		s, demo->archive, seed_tenant, demo->storage_principal, "", demo_rights_storage);
	seed_policy(s, demo->archive, seed_tenant, exported.principal, "",
		"{\"keys\":[\"get\",\"wrapKey\"],\"secrets\":[],\"certificates\":[]}");
	return canary(demo, archived.row) && canary(demo, ledger.row) && canary(demo, exported.row);
}

/* balegacy01 was made without an identity: it can never take a customer key. */
static bool
batch(struct demo *demo)
{
	struct seeded_account render, legacy;

	bool ok = seed_account(demo->s,
			  &(struct seed_account){.service = SERVICE_BATCH,
				  .name = "barender01",
				  .group_id = demo->media,
				  .identity = true,
				  .days = 210},
			  &render) &&
		  seed_account(demo->s,
			  &(struct seed_account){.service = SERVICE_BATCH,
				  .name = "balegacy01",
				  .more = "{\"madeWithoutIdentity\":true}",
				  .group_id = demo->staging_media,
				  .days = 700},
			  &legacy);

	if (ok)
		seed_pool(demo->s, render.row, "frames", "STANDARD_D4S_V3", 4, 205);
	return ok;
}

bool
seed_demo(struct seeding *s)
{
	struct demo demo = {.s = s};
	char batch_identity[ARMID_MAX], batch_principal[37];

	demo.finance = seed_group(s, seed_subscription, "rg-finance");
	demo.media = seed_group(s, seed_subscription, "rg-media");
	demo.security = seed_group(s, seed_subscription, "rg-security");
	demo.staging_media = seed_group(s, seed_subscription_staging, "rg-media");
	demo.staging_security = seed_group(s, seed_subscription_staging, "rg-security");
	seed_identity(
		s, demo.security, "id-storage", demo.storage_identity, demo.storage_principal);
	seed_identity(s, demo.security, "id-batch", batch_identity, batch_principal);
	demo_vaults(&demo);
	demo_fabrikam(&demo);
	return automation(&demo) && storage(&demo) && batch(&demo);
}
