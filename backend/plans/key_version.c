/* One more version of a key, of the type, size and operations that it has. To make one is not
 * idempotent, so it carries the operation's id as a tag, and versions are looked through for that
 * before one is made: whoever goes on after a fall, or without an answer, finds the one that is
 * there. A single version cannot be deleted; what takes it back disables it, unless somebody may be
 * using it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/period.h"
#include "backend/base/text.h"
#include "backend/estate/impact.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static const struct rule rule_absent = {
	.id = "key-not-there",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, KeyNotFound",
	.remedy = "Make it (claviger key create), or bring it back: claviger key recover.",
};
static const struct rule rule_versions = {
	.id = "versions-unreadable",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, Get Key Versions",
	.remedy = "Have the right to list keys granted to you: without it a version that was made "
		  "cannot be found again.",
};
static const struct rule rule_disabled = {
	.id = "versions-disabled",
	.severity = SEVERITY_HIGH,
	.source = "Customer-managed keys for Azure Storage encryption, revoke access",
	.remedy = "Enable the version in use first (claviger key enable): whoever is on it has to "
		  "unwrap with it before it can be moved.",
};
static const struct rule rule_policy = {
	.id = "rotation-policy-unread",
	.severity = SEVERITY_LOW,
	.source = "Key Vault REST 7.4, Get Key Rotation Policy",
	.remedy = "Have the right to read rotation policies granted to you, if versions of this "
		  "key are to expire.",
};

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	struct err why = {0};

	(void)subject;
	(void)values;
	facts->want.version[0] = '\0';
	/* For whoever takes it back. What could not be read is among the unknown of the impact. */
	if (!estate_load_new(estate, IMPACT_PARTS, &why) && why.kind == ERR_CANCELLED)
		return *err = why, false;
	facts->users_seen = impact_of(estate, &facts->want, err);
	return facts->users_seen != NULL;
}

static bool
build_policy(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_rotation(facts->session, &facts->want, out);
	return true;
}

/* Whoever may not read it, or an HSM that has none, leaves the version without an end. */
static enum outcome
accept_policy(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL && (failure->http == 400 || failure->http == 403 || failure->http == 404))
		return OUTCOME_DONE;
	if (reply == NULL)
		return step_failed(failure, err);
	json_decref(facts->policy);
	facts->policy = step_json(reply, "rotation policy", err);
	return facts->policy ? OUTCOME_DONE : OUTCOME_FAILED;
}

static const struct step step_read_expiry = {
	.name = "policy",
	.title = "Read how long versions are valid",
	.on = STEP_ON_KEY,
	.build = build_policy,
	.accept = accept_policy,
};

/* How long the rotation policy lets a version live; NULL: for ever. */
static const char *
lifetime(const struct plan_facts *facts, struct period *out)
{
	const char *text = json_string_value(json_at(facts->policy, "attributes.expiryTime"));

	return text && period_parse(text, out) ? text : NULL;
}

static bool
needed(const struct plan_facts *facts)
{
	return facts->made[0] == '\0';
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	const struct key *key = &facts->facts.key;
	struct period period;
	const char *valid = lifetime(facts, &period);

	snprintf(out, room, "%s: makes a version, %s %u bits as the one before%s%s", facts->name,
		key->kty, key->bits, valid ? ", valid for " : "", valid ? valid : "");
}

static json_t *
operations(const struct key *key)
{
	json_t *out = json_array();

	for (size_t i = 0; perm_at(i); i++)
		if (key->ops & perm_at(i))
			json_array_append_new(out, json_string(perm_name(perm_at(i))));
	return out;
}

/* Which time it is when it is made nobody knows before. */
static json_t *
attributes(const struct plan_facts *facts)
{
	struct period period;
	const char *valid = lifetime(facts, &period);
	json_t *out = json_pack("{s:b}", "enabled", 1);
	char mark[96];

	if (valid && facts->previewing) {
		snprintf(mark, sizeof mark,
			REQUEST_UNKNOWN_OPEN "%.40s after it is made" REQUEST_UNKNOWN_CLOSE, valid);
		json_object_set_new(out, "exp", json_string(mark));
	} else if (valid) {
		json_object_set_new(
			out, "exp", json_integer((json_int_t)period_after(clock_wall(), &period)));
	}
	return out;
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct key *key = &facts->facts.key;

	(void)err;
	*out = (struct request){.method = HTTP_POST, .changes = true};
	out->audience = facts->want.hsm ? AUDIENCE_HSM : AUDIENCE_VAULT;
	out->url = mem_printf("https://%s/keys/%s/create?api-version=%s", facts->want.host,
		facts->want.key, session_api_version(facts->session, "keyvault"));
	out->body = step_body(json_pack("{s:s, s:i, s:o, s:o, s:o}", "kty", key->kty, "key_size",
		(int)key->bits, "key_ops", operations(key), "attributes", attributes(facts), "tags",
		step_tags(facts)));
	return true;
}

/* A KeyBundle of the wanted key. */
static bool
decode(const struct plan_facts *facts, const struct reply *reply, struct key *out, struct err *err)
{
	json_t *json = step_json(reply, "key", err);
	bool ok = json && key_decode(json, session_cloud(facts->session), out, err);

	json_decref(json);
	if (!ok)
		return false;
	if (text_casecmp(out->id.host, facts->want.host) == 0 &&
		text_casecmp(out->id.key, facts->want.key) == 0 && out->id.version[0])
		return true;
	err_set(err, ERR_FAILED, "BadReply", "the reply is of another key, %s/%s", out->id.vault,
		out->id.key);
	key_free(out);
	return false;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	struct key key;

	if (reply == NULL)
		return step_failed(failure, err);
	if (!decode(facts, reply, &key, err))
		return OUTCOME_LOOK;
	memcpy(facts->made, key.id.version, sizeof facts->made);
	key_free(&key);
	snprintf(facts->note, sizeof facts->note, "made version %s", facts->made);
	return OUTCOME_DONE;
}

/* Who uses the version that was made, or may be; NULL: nobody. */
static const char *
find_user(const struct plan_facts *facts)
{
	const json_t *one;
	size_t i;

	json_array_foreach(json_object_get(facts->users_seen, "accounts"), i, one)
	{
		const char *version = json_string_value(json_object_get(one, "version"));
		const char *mode = json_string_value(json_object_get(one, "mode"));

		if (version == NULL || text_casecmp(version, facts->made) == 0 || mode == NULL ||
			strcmp(mode, key_mode_name(KEY_MODE_PINNED)) != 0)
			return json_string_value(json_object_get(one, "name"));
	}
	one = json_array_get(json_object_get(facts->users_seen, "others"), 0);
	if (one)
		return json_string_value(json_object_get(one, "name"));
	one = json_array_get(json_object_get(facts->users_seen, "unknown"), 0);
	return one ? json_string_value(json_object_get(one, "what")) : NULL;
}

static bool
undo(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const char *user = find_user(facts);
	struct keyid id = facts->want;

	if (facts->made[0] == '\0')
		return err_set(
			err, ERR_REFUSED, "NothingMade", "%s: no version was made", facts->name);
	if (user)
		return err_set(err, ERR_REFUSED, "InUse",
			"%s uses version %s of %s, or will, or that is not known; it stays enabled",
			user, facts->made, facts->name);
	memcpy(id.version, facts->made, sizeof id.version);
	estate_get_key(facts->session, &id, out);
	out->method = HTTP_PATCH;
	out->changes = out->repeatable = true;
	out->body = step_body(json_pack("{s:{s:b}}", "attributes", "enabled", 0));
	return true;
}

static enum outcome
undone(const struct plan_facts *facts)
{
	const struct key_version *version = key_version_find(&facts->facts.key, facts->made);

	if (facts->made[0] == '\0' && facts->facts.key.listed)
		return OUTCOME_DONE;
	return facts->made[0] && version && version->enabled == TRI_NO ? OUTCOME_DONE
								       : OUTCOME_LOOK;
}

static const struct step step_version = {
	.name = "version",
	.title = "Make a version of the key",
	.why = "The vault makes a new key pair under the same name. Accounts go on with the version "
	       "that they have until they are moved, or look for a new one by themselves; what was "
	       "wrapped with an old version needs that version until then.",
	.changes = true,
	.on = STEP_ON_KEY,
	.again_ms = 2000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_versions,
	.undo = undo,
	.undone = undone,
};

static void
describe_verify(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: reads back type, size, operations and that it is enabled",
		facts->name);
}

static bool
build_verify(const struct plan_facts *facts, struct request *out, struct err *err)
{
	char mark[96];

	(void)err;
	estate_get_key(facts->session, &facts->want, out);
	free(out->url);
	out->url = mem_printf("https://%s/keys/%s/%s?api-version=%s", facts->want.host,
		facts->want.key,
		facts->made[0] ? facts->made : step_mark(mark, sizeof mark, "version", "version"),
		session_api_version(facts->session, "keyvault"));
	return true;
}

static enum outcome
accept_verify(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	const struct key *before = &facts->facts.key;
	struct key key;
	bool same;

	if (reply == NULL)
		return step_failed(failure, err);
	if (!decode(facts, reply, &key, err))
		return OUTCOME_FAILED;
	same = strcmp(key.kty, before->kty) == 0 && key.bits == before->bits &&
	       key.ops == before->ops && key.versions[0].enabled == TRI_YES &&
	       text_casecmp(key.id.version, facts->made) == 0;
	if (same)
		snprintf(facts->note, sizeof facts->note, "read back: version %s, %s, %u bits",
			facts->made, key.kty, key.bits);
	else
		err_set(err, ERR_FAILED, "ReadBack",
			"%s: read back, version %s is %s with %u bits, %s, and not as the one "
			"before it",
			facts->name, key.id.version, key.kty, key.bits,
			key.versions[0].enabled == TRI_YES ? "enabled" : "disabled");
	key_free(&key);
	return same ? OUTCOME_DONE : OUTCOME_FAILED;
}

static const struct step step_verify_version = {
	.name = "verify",
	.title = "Read it back",
	.why = "What counts is what the vault says of the version afterwards.",
	.on = STEP_ON_KEY,
	.describe = describe_verify,
	.build = build_verify,
	.accept = accept_verify,
};

static bool
is_all_disabled(const struct key *key)
{
	for (size_t i = 0; i < key->versions_len; i++)
		if (key->versions[i].enabled != TRI_NO)
			return false;
	return true;
}

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};

	if (facts->facts.key_known == KNOWN_ABSENT)
		judge_say(&judging, &rule_absent, "%s is not there", facts->name);
	if (facts->facts.key_known != KNOWN_READ)
		return judging.len;
	if (!facts->facts.key.listed)
		judge_say(
			&judging, &rule_versions, "%s: its versions cannot be listed", facts->name);
	else if (is_all_disabled(&facts->facts.key))
		judge_say(&judging, &rule_disabled, "every version of %s is disabled", facts->name);
	if (facts->policy == NULL)
		judge_say(&judging, &rule_policy,
			"%s: its rotation policy cannot be read; the version will not expire",
			facts->name);
	return judging.len;
}

static const struct step *const reads[] = {
	&step_read_key,
	&step_read_versions,
	&step_read_expiry,
	NULL,
};
static const struct step *const steps[] = {&step_version, &step_verify_version, NULL};

/* That the current version is expired or disabled is no obstacle: that is what a new one is for. */
static const char *const blocking[] = {"key-not-there", "key-unreadable", "versions-unreadable",
	"versions-disabled", "key-not-rsa", NULL};

const struct plan_def plan_key_version = {
	.name = "key version",
	.title = "New version",
	.summary = "Make another version of a key, as the one that it has.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CHANGES,
	.member = true,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.prepare = prepare,
	.judge = judge,
};
