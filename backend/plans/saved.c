/* Whoever cuts in an emergency has no time to write down what was there. So it is done first, and
 * for every method alike: a key that cannot be read any more, or an access policy that is gone,
 * tells nobody what it was. */
#include "backend/plans/saved.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/step.h"

static const struct rule rule_unlisted = {
	.id = "versions-unreadable",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, Get Key Versions",
	.remedy =
		"Have the right to list keys granted to you: an account that follows new versions "
		"may go on with one that is not known here.",
};
static const struct rule rule_unsaved = {
	.id = "not-saved",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure Resource Manager, the replies to the reads",
	.remedy = "Write down by hand what it had before going on, or see why it cannot be read.",
};

static bool
is_in(const json_t *list, const char *version)
{
	const json_t *one;
	size_t i;

	json_array_foreach((json_t *)list, i,
		one) if (text_casecmp(json_string_value(one), version) == 0) return true;
	return false;
}

static void
add(json_t *list, const char *version)
{
	if (version[0] && !is_in(list, version))
		json_array_append_new(list, json_string(version));
}

static void
add_enabled(json_t *list, const struct key *key)
{
	for (size_t i = 0; i < key->versions_len; i++)
		if (key->versions[i].enabled != TRI_NO)
			add(list, key->versions[i].version);
}

/* Those that an account is pinned to, and for one that follows new versions each that it could move
 * to. Where no user is known every one may be in use. */
static json_t *
versions_in_use(const struct campaign *campaign, const struct key *key)
{
	json_t *out = json_array();

	if (campaign->concerns_len == 0)
		add_enabled(out, key);
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		const struct concern *concern = &campaign->concerns[i];
		const struct key_version *one = key_version_find(key, concern->key.version);

		if (concern->mode != KEY_MODE_PINNED || !concern->key.version[0])
			add_enabled(out, key);
		else if (one ? one->enabled != TRI_NO : !key->listed)
			add(out, concern->key.version);
	}
	return out;
}

static void
save_jwk(struct campaign *campaign, const char *version, json_t *keys)
{
	struct session *session = estate_session(campaign->estate);
	struct keyid id = campaign->subject.key;
	struct request request = {0};
	struct reply reply = {0};
	struct key key = {0};
	struct err err = {0};
	json_t *json = NULL;

	snprintf(id.version, sizeof id.version, "%s", version);
	estate_get_key(session, &id, &request);
	if (session_ask(session, &request, &reply, &err))
		json = step_json(&reply, "key", &err);
	if (json && key_decode(json, session_cloud(session), &key, &err) && key.jwk)
		json_object_set(keys, version, key.jwk);
	else
		campaign_find(campaign, &rule_unsaved, "the public key of version %.8s: %.120s",
			version, err.msg);
	key_free(&key);
	json_decref(json);
	reply_free(&reply);
	request_free(&request);
}

bool
saved_versions(struct campaign *campaign, struct err *err)
{
	json_t *versions, *keys = json_object();
	struct key key = {0};
	size_t i;
	json_t *one;

	if (!estate_read_key(campaign->estate, &campaign->subject.key, &key, err)) {
		json_decref(keys);
		if (err->http == 404)
			err_set(err, ERR_REFUSED, "key-absent",
				"%s is not there: if it was deleted nothing can use it; claviger "
				"restore brings it back",
				campaign->name);
		return false;
	}
	if (!key.listed)
		campaign_find(campaign, &rule_unlisted, "%s: its versions cannot be listed",
			campaign->name);
	versions = versions_in_use(campaign, &key);
	key_free(&key);
	json_array_foreach(versions, i, one)
	{
		save_jwk(campaign, json_string_value(one), keys);
	}
	json_object_set_new(campaign->kept, "versions", versions);
	json_object_set_new(campaign->kept, "keys", keys);
	json_object_set_new(campaign->kept, "accounts", json_object());
	json_object_set_new(campaign->kept, "restore",
		json_sprintf("claviger restore %s", campaign->operation));
	return true;
}

char *
saved_list(const json_t *versions)
{
	size_t room = json_array_size(versions) * 33 + 1, used = 0, i;
	char *out = mem_alloc(room);
	json_t *one;

	out[0] = '\0';
	json_array_foreach((json_t *)versions, i, one) used += (size_t)snprintf(
		out + used, room - used, "%s%.32s", i ? "," : "", json_string_value(one));
	return out;
}

void
saved_survey(struct campaign *campaign)
{
	char vault[ARMID_MAX], key[KEYID_MAX];
	struct keyid bare = campaign->subject.key;

	bare.version[0] = '\0';
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		struct concern *concern = &campaign->concerns[i];
		struct subject subject = {.kind = SUBJECT_ACCOUNT, .id = concern->id};

		campaign_add(campaign, &plan_survey, &subject,
			(const char *const[]){"vault", armid_print(&campaign->subject.id, vault),
				"key", keyid_print(&bare, key), NULL},
			concern);
	}
}

static json_t *
taken_json(const struct plan_facts *facts)
{
	json_t *out = json_array();
	struct gift gift;

	for (size_t i = 0; step_given(facts, i, &gift); i++)
		json_array_append_new(out, step_gift_json(&gift));
	return out;
}

/* What else stands there: role assignments from above, and of other roles. */
static json_t *
assigned_json(const struct assignments *assigned)
{
	json_t *out = json_array();

	for (size_t i = 0; i < assigned->len; i++)
		json_array_append_new(out,
			json_pack("{s:s, s:s, s:s}", "assignment", assigned->rows[i].name, "role",
				assigned->rows[i].role, "scope", assigned->rows[i].scope));
	return out;
}

static const char *
mode_of(const struct account *account)
{
	return key_mode_name(account->mode);
}

void
saved_account(struct campaign *campaign, const struct member *member, const struct run *run)
{
	json_t *accounts = json_object_get(campaign->kept, "accounts");
	const struct plan_facts *facts = &run->facts;
	const struct account *account = &facts->facts.account;
	char id[ARMID_MAX];

	armid_print(&member->subject.id, id);
	if (json_object_get(accounts, id))
		return;
	if (facts->facts.account_known != KNOWN_READ || facts->facts.vault_known != KNOWN_READ) {
		campaign_find(campaign, &rule_unsaved, "%s: %.160s", member->subject.id.name,
			run->err.kind != ERR_NONE ? run->err.msg
						  : "what opens its key cannot be read");
		return;
	}
	json_object_set_new(accounts, id,
		json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "identity", account->key_identity,
			"principal", step_principal(facts), "version", account->key.version, "mode",
			mode_of(account), "taken", taken_json(facts), "assigned",
			assigned_json(&facts->facts.assigned)));
}

const json_t *
saved_of(const json_t *accounts, const struct armid *id)
{
	char text[ARMID_MAX];

	return json_object_get(accounts, armid_print(id, text));
}

static bool
is_same(const json_t *was, const char *member, const char *now)
{
	const char *text = json_string_value(json_object_get(was, member));

	return text && text_casecmp(text, now) == 0;
}

bool
saved_differs(const json_t *was, const struct plan_facts *now, char *out, size_t room)
{
	const struct account *account = &now->facts.account;
	json_t *taken = taken_json(now);
	size_t before = json_array_size(json_object_get(was, "taken"));
	size_t n = json_array_size(taken);

	json_decref(taken);
	out[0] = '\0';
	if (!is_same(was, "principal", step_principal(now)))
		snprintf(out, room, "another identity opens its key now: %s", step_principal(now));
	else if (!is_same(was, "version", account->key.version))
		snprintf(out, room, "it is on another version now: %.32s",
			account->key.version[0] ? account->key.version : "whatever is current");
	else if (before != n)
		snprintf(out, room, "%zu grants open its key to it now, not %zu", n, before);
	return out[0] != '\0';
}
