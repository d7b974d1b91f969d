/* Keys are made first and written in a transaction of their own; all the rest, with the name of the
 * seed, in a second one: a start that dies in between begins again with an estate that is empty. */
#include "backend/sandbox/seed/seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/rows/keyring.h"
#include "backend/sandbox/seed/directory.h"
#include "backend/sandbox/seed/parts.h"
#include "crypto/b64.h"
#include "crypto/digest.h"
#include "crypto/rsa.h"

const char seed_tenant[] = "7c3f1a52-0d4e-4b86-9a61-2e5d8f4b9c01";
const char seed_tenant_fabrikam[] = "b2d0c7e4-6f19-4a3c-8d52-91e7a0f3c602";
const char seed_subscription[] = "4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103";
const char seed_subscription_staging[] = "91f5d3b7-2c68-4e9a-b704-5a8e1c3f6204";
const char seed_subscription_fabrikam[] = "e07b4d92-8a15-43c6-9f3d-6b1e5c7a8305";
const char seed_operator[] = "a5d81e30-4b7c-4f92-8e06-d3c9f1b27406";
const char seed_operator_object[] = "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607";
const char seed_reader[] = "d6b92f41-5c8d-4ea3-9f17-e4da02c38508";
static const char reader_object[] = "f3e07a85-1d6b-4c29-a4f0-8b5c2d9e6709";
const char seed_reader_fabrikam[] = "04f18b96-2e7c-4d3a-b501-9c6d3eaf7810";

static const char role_owner[] = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
static const char role_blob_owner[] = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b";
static const char role_reader[] = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

/* N of "fleet:N"; 0 when it is no such word. */
static long
fleet_size(const char *seed)
{
	char *end;
	long n;

	if (!text_case_starts(seed, "fleet:") || seed[6] < '1' || seed[6] > '9')
		return 0;
	n = strtol(seed + 6, &end, 10);
	return *end || n > 100000 ? 0 : n;
}

bool
seed_check(const char *seed, struct err *err)
{
	char shown[64];

	if (strcmp(seed, "demo") == 0 || strcmp(seed, "empty") == 0 || fleet_size(seed))
		return true;
	text_cleans(shown, sizeof shown, seed);
	return err_set(err, ERR_USAGE, "",
		"seed '%s': must be demo, empty or fleet:N with N from 1 to 100000", shown);
}

static void
application(struct db *db, const char *client, const char *tenant, const char *object,
	const char *name, const char *secret)
{
	char hex[65];

	digest_sha256_hex(secret, strlen(secret), hex);
	db_do(db, "INSERT INTO application(client,tenant,object,name,secret) VALUES(?,?,?,?,?)",
		"ttttt", client, tenant, object, name, hex);
}

static void
tenants(struct seeding *s, const char *operator_secret, const char *reader_secret)
{
	static const struct {
		const char *id, *tenant, *name;
	} subscriptions[] = {
		{seed_subscription, seed_tenant, "Production"},
		{seed_subscription_staging, seed_tenant, "Staging"},
		{seed_subscription_fabrikam, seed_tenant_fabrikam, "Fabrikam"},
	};
	struct db *db = s->world->db;

	db_do(db, "INSERT INTO tenant(id,domain,name) VALUES(?,'contoso.example','Contoso')", "t",
		seed_tenant);
	db_do(db, "INSERT INTO tenant(id,domain,name) VALUES(?,'fabrikam.example','Fabrikam')", "t",
		seed_tenant_fabrikam);
	for (size_t i = 0; i < ARRAY_LEN(subscriptions); i++)
		db_do(db, "INSERT INTO subscription(id,tenant,name,rank) VALUES(?,?,?,?)", "ttti",
			subscriptions[i].id, subscriptions[i].tenant, subscriptions[i].name,
			(int64_t)i);
	application(
		db, seed_operator, seed_tenant, seed_operator_object, "operator", operator_secret);
	application(db, seed_reader, seed_tenant, reader_object, "reader", reader_secret);
	application(db, seed_reader, seed_tenant_fabrikam, seed_reader_fabrikam, "reader",
		reader_secret);
	seed_role(s, seed_reader_fabrikam, "ServicePrincipal", role_reader,
		arena_printf(s->arena, "/subscriptions/%s", seed_subscription_fabrikam));
	for (size_t i = 0; i < 2; i++) {
		const char *scope =
			arena_printf(s->arena, "/subscriptions/%s", subscriptions[i].id);

		seed_operator_role(s, role_owner, scope);
		seed_operator_role(s, role_blob_owner, scope);
		if (i == 0)
			seed_role(s, reader_object, "ServicePrincipal", role_reader, scope);
	}
	db_set_meta(db, "tenant", seed_tenant);
}

/* The signing key is the first of the plan. */
static bool
make_keys(struct seeding *s, const char *seed)
{
	unsigned plan[SEED_MATERIALS] = {2048};
	size_t len = 1;

	if (strcmp(seed, "demo") == 0) {
		memcpy(plan + 1, seed_demo_keys, seed_demo_keys_len * sizeof *plan);
		len += seed_demo_keys_len;
	} else if (fleet_size(seed)) {
		memcpy(plan + 1, seed_fleet_keys, seed_fleet_keys_len * sizeof *plan);
		len += seed_fleet_keys_len;
	}
	return seed_make_keys(s, plan, len);
}

static bool
fill(struct seeding *s, const char *seed, const char *operator_secret, const char *reader_secret)
{
	struct db *db = s->world->db;
	char text[64];
	bool ok = true;

	tenants(s, operator_secret, reader_secret);
	seed_directory(s);
	snprintf(text, sizeof text, "%lld", (long long)s->materials[0]);
	db_set_meta(db, "signing_key", text);
	b64_encode(text, s->world->platform.bytes, s->world->platform.len);
	db_set_meta(db, "platform_key", text);
	secret_wipe(text, sizeof text);
	if (strcmp(seed, "demo") == 0)
		ok = seed_demo(s);
	else if (fleet_size(seed))
		ok = seed_fleet(s, fleet_size(seed));
	db_set_meta(db, "seed", seed);
	return ok;
}

bool
seed_run(struct world *world, const char *seed, const char *operator_secret,
	const char *reader_secret, struct err *err)
{
	struct seeding s = {.world = world, .now = vclock_now(&world->clock), .err = err};
	bool ok;

	s.arena = arena_new();
	ok = secret_random(&world->platform, ENVELOPE_KEY, err) && make_keys(&s, seed);
	if (ok) {
		db_begin(world->db);
		ok = fill(&s, seed, operator_secret, reader_secret);
		if (!ok)
			db_rollback(world->db);
		else if (!db_commit(world->db))
			ok = err_set(err, ERR_FAILED, "",
				"the sandbox's state cannot be written; is the disk full?");
	}
	arena_free(s.arena);
	return ok;
}
