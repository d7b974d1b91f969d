/* Only what the decision rests on: tags, other teams' policies and times of reading may change
 * without making a plan another one. Unknown values are marks in the requests, so that the ground
 * is the same for the same estate, run after run. */
#include "backend/plans/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plans/run.h"
#include "backend/plans/step.h"
#include "crypto/digest.h"

enum { DIFFERENCES_MAX = 3 };

static json_t *
account_ground(const struct account *account, enum known known)
{
	char key[KEYID_MAX] = "";
	json_t *users = json_array();

	if (account->key.key[0])
		keyid_print(&account->key, key);
	for (size_t i = 0; i < account->identity.users_len; i++)
		json_array_append_new(users, json_string(account->identity.users[i].id));
	return json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "known", (int)known,
		"keySource", key_source_name(account->source), "mode", key_mode_name(account->mode),
		"key", key, "keyIdentity", account->key_identity, "federated", account->federated,
		"principal", account->identity.principal, "tenant", account->identity.tenant,
		"userAssigned", users);
}

static json_t *
vault_ground(const struct plan_facts *facts)
{
	const struct vault *vault = &facts->facts.vault;
	const char *principal = step_principal(facts);
	char rights[400] = "";

	if (*principal)
		perm_print(vault_rights(vault, principal), rights, sizeof rights);
	return json_pack("{s:i, s:i, s:i, s:i, s:s, s:s, s:s}", "known",
		(int)facts->facts.vault_known, "softDelete", (int)vault->soft_delete,
		"purgeProtection", (int)vault->purge_protection, "grantModel", (int)vault->model,
		"tenant", vault->tenant, "network", vault->network_default, "rights", rights);
}

static json_t *
key_ground(const struct key *key, enum known known)
{
	json_t *versions = json_object();
	char ops[400] = "", current[KEYID_MAX] = "";

	if (key->ops)
		perm_print(key->ops, ops, sizeof ops);
	if (key->id.key[0])
		keyid_print(&key->id, current);
	for (size_t i = 0; i < key->versions_len; i++)
		json_object_set_new(versions, key->versions[i].version,
			json_integer((json_int_t)key->versions[i].enabled));
	return json_pack("{s:i, s:s, s:s, s:i, s:s, s:o}", "known", (int)known, "current", current,
		"type", key->kty, "bits", (int)key->bits, "operations", ops, "enabled", versions);
}

/* The requests as they are shown, and no text that only people read. */
static json_t *
steps_ground(const struct run *run)
{
	json_t *out = json_object();

	for (size_t i = 1; i < run->steps_len; i++) {
		const struct run_step *shown = &run->steps[i];

		if (shown->state != STEP_NEEDED || !shown->step->changes)
			continue;
		json_object_set_new(out, shown->step->name,
			json_pack("{s:s?, s:s?, s:s?}", "method", shown->method, "url", shown->url,
				"body", shown->body));
		if (shown->others)
			json_object_set(
				json_object_get(out, shown->step->name), "others", shown->others);
	}
	return out;
}

json_t *
ground_of(const struct run *run)
{
	const struct facts *facts = &run->facts.facts;

	return json_pack("{s:o, s:o, s:o, s:o}", "account",
		account_ground(&facts->account, facts->account_known), "vault",
		vault_ground(&run->facts), "key", key_ground(&facts->key, facts->key_known),
		"steps", steps_ground(run));
}

void
ground_digest(const json_t *ground, char out[65])
{
	char *text = json_dumps(ground, JSON_COMPACT | JSON_SORT_KEYS);

	digest_sha256_hex(text ? text : "", text ? strlen(text) : 0, out);
	free(text);
}

/* What differs, as "vault.rights was "" and is "get"", a few of them. */
struct differences {
	char text[300];
	size_t used, count;
};

static void
note(struct differences *out, const char *path, const json_t *was, const json_t *is)
{
	char *before = was ? json_dumps(was, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
	char *after = is ? json_dumps(is, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

	if (out->count++ < DIFFERENCES_MAX && out->used < sizeof out->text)
		out->used += (size_t)snprintf(out->text + out->used, sizeof out->text - out->used,
			"%s%s was %.40s and is %.40s", out->count > 1 ? "; " : "", path,
			before ? before : "not there", after ? after : "not there");
	free(before);
	free(after);
}

static void
compare(struct differences *out, const char *path, const json_t *was, const json_t *is)
{
	const char *name;
	json_t *value;
	char inner[160];

	if (!json_is_object(was) || !json_is_object(is)) {
		if (!json_equal(was, is))
			note(out, path, was, is);
		return;
	}
	json_object_foreach((json_t *)was, name, value)
	{
		snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", name);
		compare(out, inner, value, json_object_get(is, name));
	}
	json_object_foreach((json_t *)is, name, value)
	{
		snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", name);
		if (json_object_get(was, name) == NULL)
			note(out, inner, NULL, value);
	}
}

bool
ground_same(const json_t *was, const json_t *is, struct err *err)
{
	struct differences differences = {0};

	compare(&differences, "", was, is);
	if (differences.count == 0)
		return true;
	return err_set(err, ERR_REFUSED, "GroundMoved",
		"the plan was made on other ground: %s%s; nothing was sent; make the plan anew",
		differences.text, differences.count > DIFFERENCES_MAX ? " and more" : "");
}
