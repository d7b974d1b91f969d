/* What the seeds are put together from. All of it works inside the transaction of seed_run. */
#ifndef CLAVIGER_SANDBOX_SEED_PARTS_H
#define CLAVIGER_SANDBOX_SEED_PARTS_H

#include "backend/sandbox/rows/accounts.h"
#include "backend/sandbox/call.h"
#include "backend/sandbox/rows/keys.h"
#include "backend/sandbox/rows/vaults.h"

enum { SEED_MATERIALS = 32 };

/* Under way: the world, one time for all, key material made beforehand (row ids). */
struct seeding {
	struct world *world;
	struct arena *arena;
	int64_t now; /* seconds */
	int64_t materials[SEED_MATERIALS];
	struct err *err;
};

/* Makes the keys of a plan (bits; 0: a key on P-256) by several threads and writes and holds them:
 * wrapping inside the transaction then needs no further look into the database. Those with
 * SEED_LATER added are only promised. */
enum { SEED_LATER = 1 << 16 };
bool seed_make_keys(struct seeding *seeding, const unsigned *bits, size_t len) MUST_CHECK;

extern const char seed_subscription_staging[], seed_subscription_fabrikam[], seed_tenant_fabrikam[];
extern const char seed_operator_object[];

int64_t seed_group(struct seeding *seeding, const char *subscription, const char *name);

/* A vault, made `days` ago; by default one with access policies, soft delete and no purge
 * protection. A Managed HSM when kind says so. */
struct seed_vault {
	enum store_kind kind;
	const char *name, *tenant; /* NULL: the home tenant */
	int64_t group_id;
	bool purge_protection, rbac;
	int days, deleted; /* deleted so many days ago; 0: it lives */
};
int64_t seed_vault(struct seeding *seeding, const struct seed_vault *vault);

/* An entry of its access policies: permissions as JSON text, application "" for none. */
void seed_policy(struct seeding *seeding, int64_t vault, const char *tenant, const char *object,
	const char *application, const char *permissions);

/* The operator's entry: every key permission. */
extern const char seed_all_keys[];

/* A key version, made `days` ago, that expires so many days from now (0: never). */
struct seed_version {
	const char *name, *kty, *ops;
	int64_t material;
	int days, expires;
	bool disabled;
};
void seed_version(
	struct seeding *seeding, int64_t vault, const struct seed_version *version, char out[33]);
extern const char seed_rsa_ops[];

/* An assignment of a role on a scope, and of a local role of a Managed HSM. */
void seed_role(struct seeding *seeding, const char *principal, const char *principal_type,
	const char *role, const char *scope);
/* The same for the operator: for the application and for the person. */
void seed_operator_role(struct seeding *seeding, const char *role, const char *scope);
void seed_hsm_role(struct seeding *seeding, int64_t hsm, const char *principal, const char *role);

/* A user-assigned identity; id gets its ARM id, principal its principal id. */
void seed_identity(struct seeding *seeding, int64_t group, const char *name, char id[ARMID_MAX],
	char principal[37]);

/* An account; with a target it is on that key, really wrapped. row and principal of its system
 * identity ("" without one) are filled. */
struct seed_account {
	enum service service;
	const char *name, *location, *tags;
	const char *more; /* NULL: what the service gives a new account */
	const char *user; /* ARM id of a user-assigned identity, or NULL */
	int64_t group_id;
	bool identity; /* of the system */
	const struct cmk_target *target;
	bool dark; /* its service has seen that the key cannot be used */
	int days;
};
struct seeded_account {
	int64_t row;
	char principal[37];
};
bool seed_account(struct seeding *seeding, const struct seed_account *account,
	struct seeded_account *out) MUST_CHECK;

bool seed_demo(struct seeding *seeding) MUST_CHECK;
bool seed_fleet(struct seeding *seeding, long accounts) MUST_CHECK;
extern const unsigned seed_demo_keys[], seed_fleet_keys[];
extern const size_t seed_demo_keys_len, seed_fleet_keys_len;

#endif
