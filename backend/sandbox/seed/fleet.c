/* Many accounts of the three services in mixed states: without identity, with identity only, on the
 * current version of a key, on an older one. Fifty share a vault; key pairs come from a small pool,
 * and every sixth vault goes by role assignments. */
#include <stdio.h>
#include <string.h>

#include "backend/sandbox/seed/seed.h"
#include "backend/sandbox/seed/parts.h"
#include "backend/sandbox/service/cmk.h"

enum { PER_VAULT = 50, PER_GROUP = 1000, POOL = 8, STATES = 4, SERVICES = 3, RBAC_EVERY = 6 };

static const char role_encryption_user[] = "e147488a-f6f5-4113-8e2d-b22465e65bf6";
static const char role_crypto_officer[] = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603";

const unsigned seed_fleet_keys[POOL] = {2048, 2048, 2048, 2048, 2048, 2048, 2048, 2048};
const size_t seed_fleet_keys_len = POOL;

struct fleet_vault {
	int64_t id;
	bool rbac;
	const char *scope;
	struct cmk_target current, behind;
};

static void
fleet_version(struct seeding *s, const struct fleet_vault *vault, struct cmk_target *target,
	long index, int days)
{
	target->material = s->materials[1 + index % POOL];
	memcpy(target->store, vault->current.store, sizeof target->store);
	snprintf(target->key, sizeof target->key, "cmk-fleet");
	seed_version(s, vault->id,
		&(struct seed_version){.name = target->key,
			.kty = "RSA",
			.ops = seed_rsa_ops,
			.material = target->material,
			.days = days},
		target->version);
}

static void
make_vault(struct seeding *s, int64_t group, long number, struct fleet_vault *out)
{
	char name[25];

	*out = (struct fleet_vault){.rbac = number % RBAC_EVERY == 0};
	snprintf(name, sizeof name, "kv-fleet-%04ld", number % 10000);
	memcpy(out->current.store, name, sizeof name);
	out->scope = arena_printf(s->arena,
		"/subscriptions/%s/resourceGroups/rg-fleet-keys/providers/Microsoft.KeyVault/vaults/%s",
		seed_subscription, name);
	out->id = seed_vault(s, &(struct seed_vault){.group_id = group,
					.name = name,
					.purge_protection = true,
					.rbac = out->rbac,
					.days = 380});
	if (out->rbac)
		seed_operator_role(s, role_crypto_officer, out->scope);
	else
		seed_policy(s, out->id, seed_tenant, seed_operator_object, "", seed_all_keys);
	fleet_version(s, out, &out->behind, number, 370);
	fleet_version(s, out, &out->current, number + 3, 45);
}

/* The rights that an account's identity needs on its key. */
static void
grant(struct seeding *s, const struct fleet_vault *vault, enum service service,
	const char *principal)
{
	if (vault->rbac)
		seed_role(s, principal, "ServicePrincipal", role_encryption_user, vault->scope);
	else
		seed_policy(s, vault->id, seed_tenant, principal, "",
			service == SERVICE_AUTOMATION
				? "{\"keys\":[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"],\"secrets\":[],\"certificates\":[]}"
				: "{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\"],\"secrets\":[],\"certificates\":[]}");
}

static bool
make_account(struct seeding *s, int64_t group, long number, const struct fleet_vault *vault)
{
	static const char *const names[] = {"aa-fleet-", "bafleet", "stfleet"};
	enum { BARE, IDENTITY, CURRENT, BEHIND } state = number / SERVICES % STATES;
	enum service service = (enum service)(number % SERVICES);
	struct cmk_target target;
	struct seeded_account out;
	char name[64];

	target = state == BEHIND ? vault->behind : vault->current;
	if (service == SERVICE_STORAGE && state == CURRENT)
		target.mode = CMK_AUTO_EMPTY;
	snprintf(name, sizeof name, "%s%06ld", names[service], number);
	if (!seed_account(s,
		    &(struct seed_account){.service = service,
			    .name = name,
			    .group_id = group,
			    .identity = state != BARE,
			    .target = state >= CURRENT ? &target : NULL,
			    .days = 375},
		    &out))
		return false;
	if (state >= CURRENT)
		grant(s, vault, service, out.principal);
	return true;
}

bool
seed_fleet(struct seeding *s, long accounts)
{
	int64_t keys = seed_group(s, seed_subscription, "rg-fleet-keys"), group = 0;
	struct fleet_vault vault;
	char name[64];

	for (long i = 0; i < accounts; i++) {
		if (i % PER_GROUP == 0) {
			snprintf(name, sizeof name, "rg-fleet-%03ld", i / PER_GROUP + 1);
			group = seed_group(s, seed_subscription, name);
		}
		if (i % PER_VAULT == 0)
			make_vault(s, keys, i / PER_VAULT + 1, &vault);
		if (!make_account(s, group, i + 1, &vault))
			return false;
	}
	return true;
}
