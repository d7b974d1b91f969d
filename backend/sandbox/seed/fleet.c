/* Many accounts in mixed states: without identity, with identity only, on the current version of a
 * key, on an older one. Fifty share a vault; key pairs come from a small pool. */
#include <stdio.h>
#include <string.h>

#include "backend/sandbox/service/cmk.h"
#include "backend/sandbox/seed/seed.h"
#include "backend/sandbox/seed/parts.h"

enum { PER_VAULT = 50, PER_GROUP = 1000, POOL = 8, STATES = 4 };

const unsigned seed_fleet_keys[POOL] = {2048, 2048, 2048, 2048, 2048, 2048, 2048, 2048};
const size_t seed_fleet_keys_len = POOL;

struct fleet_vault {
	int64_t id;
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

	*out = (struct fleet_vault){0};
	snprintf(name, sizeof name, "kv-fleet-%04ld", number % 10000);
	memcpy(out->current.store, name, sizeof name);
	out->id = seed_vault(
		s, &(struct seed_vault){
			   .group_id = group, .name = name, .purge_protection = true, .days = 380});
	seed_policy(s, out->id, seed_tenant, seed_operator_object, "", seed_all_keys);
	fleet_version(s, out, &out->behind, number, 370);
	fleet_version(s, out, &out->current, number + 3, 45);
}

static bool
make_account(struct seeding *s, int64_t group, long number, const struct fleet_vault *vault)
{
	enum { BARE, IDENTITY, CURRENT, BEHIND } state = number % STATES;
	const struct cmk_target *target = state == CURRENT  ? &vault->current
					  : state == BEHIND ? &vault->behind
							    : NULL;
	char name[64], principal[37];

	snprintf(name, sizeof name, "aa-fleet-%05ld", number);
	if (!seed_account(s,
		    &(struct seed_account){.name = name,
			    .location = "westeurope",
			    .tags = "{}",
			    .group_id = group,
			    .identity = state != BARE,
			    .target = target,
			    .days = 375},
		    principal))
		return false;
	if (target)
		seed_policy(s, vault->id, seed_tenant, principal, "",
			"{\"keys\":[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"],\"secrets\":[],\"certificates\":[]}");
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
