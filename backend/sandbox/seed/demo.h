/* What the two halves of the demo estate share. */
#ifndef CLAVIGER_SANDBOX_DEMO_H
#define CLAVIGER_SANDBOX_DEMO_H

#include "backend/sandbox/seed/parts.h"
#include "backend/sandbox/service/cmk.h"

/* Its key pairs, in the order of seed_demo_keys and of their making, long ones first: those that
 * accounts are wrapped with, then the others; 0 is the signing key. */
enum {
	KEY_ARCHIVE_3 = 1,
	KEY_PAYROLL,
	KEY_BILLING_1,
	KEY_EXPORT,
	KEY_EC,
	KEY_RBAC,
	KEY_ARCHIVE_1,
	KEY_ARCHIVE_2,
	KEY_OLD,
	KEY_OFF,
	KEY_BILLING_2,
	KEY_BILLING_3,
	KEY_FABRIKAM,
	KEY_HSM,
	KEY_GONE,
	KEY_DEMO_END,
};

/* Row ids of the groups and vaults, and versions that accounts are on. */
struct demo {
	struct seeding *s;
	int64_t finance, media, security, staging_media, staging_security;
	int64_t payroll, billing, archive;
	struct cmk_target on_billing, on_archive, on_export;
	char storage_identity[ARMID_MAX], storage_principal[37];
};

void demo_vaults(struct demo *demo);

/* A vault of the other tenant, and the application that leads into it. */
void demo_fabrikam(struct demo *demo);

/* What an account's identity needs in an access policy: with recover, and without. */
extern const char demo_rights_automation[], demo_rights_storage[];

#endif
