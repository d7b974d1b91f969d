/* Rows with a history: everything was made some days before now. */
#include "backend/sandbox/seed/parts.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "backend/sandbox/service/cmk.h"
#include "crypto/digest.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/rows/identities.h"
#include "backend/sandbox/rows/keyring.h"
#include "backend/sandbox/kv/hsm_roles.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/seed/seed.h"

enum { THREADS = 4, DAY = 86400 };

const char seed_all_keys[] =
	"{\"keys\":[\"get\",\"list\",\"create\",\"update\",\"import\",\"delete\",\"backup\",\"restore\",\"recover\",\"purge\",\"encrypt\",\"decrypt\",\"wrapKey\",\"unwrapKey\",\"sign\",\"verify\",\"release\",\"rotate\",\"getrotationpolicy\",\"setrotationpolicy\"],\"secrets\":[],\"certificates\":[]}";
const char seed_rsa_ops[] =
	"[\"encrypt\",\"decrypt\",\"sign\",\"verify\",\"wrapKey\",\"unwrapKey\"]";

struct makers {
	const unsigned *bits;
	size_t len;
	struct kv_made made[SEED_MATERIALS];
	bool ok[SEED_MATERIALS];
	atomic_size_t next;
};

static void *
make_some(void *arg)
{
	struct makers *makers = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&makers->next, 1);

		if (i >= makers->len)
			return NULL;
		if (makers->bits[i] & SEED_LATER)
			continue;
		makers->ok[i] = kv_make(
			&makers->made[i], makers->bits[i], makers->bits[i] ? NULL : "P-256", NULL);
	}
}

static bool
write_keys(struct seeding *s, const struct makers *makers)
{
	struct db *db = s->world->db;

	db_begin(db);
	for (size_t i = 0; i < makers->len; i++)
		if (makers->bits[i] & SEED_LATER)
			s->materials[i] =
				keymaker_promise(db, makers->bits[i] & ~(unsigned)SEED_LATER);
		else
			s->materials[i] = makers->ok[i] ? kv_add(db, &makers->made[i]) : 0;
	if (!db_commit(db))
		return err_set(s->err, ERR_FAILED, "", "the sandbox's state cannot be written");
	for (size_t i = 0; i < makers->len; i++) {
		const struct rsa_key *key;

		if (!s->materials[i])
			return err_set(s->err, ERR_FAILED, "", "a key cannot be made");
		if (!makers->bits[i] || makers->bits[i] & SEED_LATER)
			continue;
		key = keyring_hold(s->world->keyring, s->materials[i], s->err);
		if (!key)
			return false;
		keyring_drop(s->world->keyring, key);
	}
	return true;
}

bool
seed_make_keys(struct seeding *s, const unsigned *bits, size_t len)
{
	struct makers *makers = mem_alloc(sizeof *makers);
	pthread_t threads[THREADS];
	size_t started = 0;
	bool ok;

	makers->bits = bits;
	makers->len = len;
	while (started < THREADS - 1 &&
		pthread_create(&threads[started], NULL, make_some, makers) == 0)
		started++;
	make_some(makers);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	ok = write_keys(s, makers);
	for (size_t i = 0; i < len; i++)
		kv_made_free(&makers->made[i]);
	free(makers);
	return ok;
}

int64_t
seed_group(struct seeding *s, const char *subscription, const char *name)
{
	db_do(s->world->db,
		"INSERT INTO resource_group(subscription,name,location,tags) VALUES(?,?,'westeurope',NULL)",
		"tt", subscription, name);
	return db_last_id(s->world->db);
}

static int64_t
ago(const struct seeding *s, int days)
{
	return s->now - (int64_t)days * DAY;
}

int64_t
seed_vault(struct seeding *s, const struct seed_vault *v)
{
	bool hsm = v->kind == STORE_HSM;
	struct vault vault = {.kind = v->kind,
		.group = v->group_id,
		.location = "westeurope",
		.rbac = v->rbac,
		.soft_delete = true,
		.retention = 90,
		.purge_protection = v->purge_protection,
		.tags = "{}",
		.more = hsm ? arena_printf(s->arena, "{\"initialAdminObjectIds\":[\"%s\"]}",
				      seed_operator_object)
			    : "{}",
		.created_by = seed_operator,
		.modified_by = seed_operator,
		.created_ms = ago(s, v->days) * 1000 + 417,
		.modified_ms = ago(s, v->days) * 1000 + 417};

	snprintf(vault.name, sizeof vault.name, "%s", v->name);
	snprintf(vault.tenant, sizeof vault.tenant, "%s", v->tenant ? v->tenant : seed_tenant);
	snprintf(vault.sku, sizeof vault.sku, "%s", hsm ? "Standard_B1" : "standard");
	vaults_insert(s->world->db, &vault);
	if (v->deleted)
		db_do(s->world->db, "UPDATE vault SET deleted_at=? WHERE id=?", "ii",
			ago(s, v->deleted), vault.id);
	return vault.id;
}

void
seed_policy(struct seeding *s, int64_t vault, const char *tenant, const char *object,
	const char *application, const char *permissions)
{
	json_t *entry = json_pack("{s:s,s:s,s:o}", "tenantId", tenant, "objectId", object,
		"permissions", json_loads(permissions, 0, NULL));

	if (application[0])
		json_object_set_new(entry, "applicationId", json_string(application));
	vaults_change_policy(s->world->db, vault, POLICY_REPLACE, entry);
	json_decref(entry);
}

void
seed_version(struct seeding *s, int64_t vault, const struct seed_version *v, char out[33])
{
	struct key_version key = {.material = v->material,
		.enabled = !v->disabled,
		.created = ago(s, v->days),
		.updated = ago(s, v->days),
		.ops_text = v->ops,
		.tags = "",
		.exp = v->expires ? s->now + (int64_t)v->expires * DAY : 0};

	snprintf(key.name, sizeof key.name, "%s", v->name);
	snprintf(key.kty, sizeof key.kty, "%s", v->kty);
	ident_version(key.version);
	keys_insert(s->world->db, vault, &key);
	memcpy(out, key.version, sizeof key.version);
}

void
seed_role(struct seeding *s, const char *principal, const char *principal_type, const char *role,
	const char *scope)
{
	char name[37];

	db_do(s->world->db,
		"INSERT INTO role_assignment(name,principal,principal_type,role,scope,created_by,"
		"created_ms) VALUES(?,?,?,?,?,?,?)",
		"ttttt"
		"ti",
		ident_guid(name), principal, principal_type, role, scope, seed_operator_object,
		ago(s, 420) * 1000);
}

void
seed_operator_role(struct seeding *s, const char *role, const char *scope)
{
	seed_role(s, seed_operator_object, "ServicePrincipal", role, scope);
	seed_role(s, seed_person, "User", role, scope);
}

void
seed_hsm_role(struct seeding *s, int64_t hsm, const char *principal, const char *role)
{
	char name[37];

	hsm_assign(s->world->db, hsm, ident_guid(name), "/", principal, role, ago(s, 300) * 1000);
}

/* The same id for the same thing in every state directory, so that lists stand in one order. */
static void
steady_guid(char out[37], const char *role, const char *name)
{
	char hex[65], both[160];

	snprintf(both, sizeof both, "%s %s", role, name);
	digest_sha256_hex(both, strlen(both), hex);
	snprintf(
		out, 37, "%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
}

void
seed_identity(
	struct seeding *s, int64_t group, const char *name, char id[ARMID_MAX], char principal[37])
{
	struct identity identity = {.group = group,
		.location = "westeurope",
		.tags = "{}",
		.created_ms = ago(s, 396) * 1000 + 631};

	snprintf(identity.name, sizeof identity.name, "%s", name);
	steady_guid(identity.principal, "principal", name);
	steady_guid(identity.client, "client", name);
	identities_insert(s->world->db, &identity);
	identities_find_guid(s->world->db, s->arena, identity.principal, &identity);
	identities_id(&identity, id, ARMID_MAX);
	memcpy(principal, identity.principal, sizeof identity.principal);
}

/* What a service gives an account that says nothing of its own. */
static const char *
usual_properties(enum service service)
{
	switch (service) {
	case SERVICE_AUTOMATION:
		return "{\"disableLocalAuth\":false}";
	case SERVICE_BATCH:
	case SERVICE_STORAGE:
		break;
	}
	return "{}";
}

/* The account key, from under Microsoft's key to under the target's. */
static bool
wrap(struct seeding *s, struct account *a, const struct cmk_target *target)
{
	struct cmk_refusal refusal;
	struct secret key = {0};
	bool ok = cmk_open(s->world, s->arena, a, s->now, &key, &refusal) &&
		  cmk_close(s->world, a, target, &key, a->modified_ms, &refusal);

	secret_free(&key);
	if (a->cmk_due)
		a->cmk_due = s->now + DAY;
	return ok || err_set(s->err, ERR_FAILED, "", "seed: %s", refusal.message);
}

bool
seed_account(struct seeding *s, const struct seed_account *from, struct seeded_account *out)
{
	struct account a = {.service = from->service,
		.group = from->group_id,
		.tags = from->tags ? from->tags : "{}",
		.users = "[]",
		.more = from->more ? from->more : usual_properties(from->service),
		.created_ms = ago(s, from->days) * 1000 + 83,
		.modified_ms = ago(s, from->days / 2) * 1000 + 256};

	snprintf(a.name, sizeof a.name, "%s", from->name);
	snprintf(a.location, sizeof a.location, "%s",
		from->location ? from->location : "westeurope");
	snprintf(a.identity, sizeof a.identity, "%s",
		from->identity ? "SystemAssigned"
		: from->user   ? "UserAssigned"
			       : "None");
	if (from->user)
		a.users = arena_printf(s->arena, "[\"%s\"]", from->user);
	steady_guid(a.guid, "account", from->name);
	if (from->identity)
		steady_guid(a.principal, "principal", from->name);
	if (!cmk_start(s->world, &a, s->err) || (from->target && !wrap(s, &a, from->target)))
		return false;
	a.dark = from->dark;
	accounts_insert(s->world->db, &a);
	out->row = a.id;
	memcpy(out->principal, a.principal, sizeof a.principal);
	return true;
}
