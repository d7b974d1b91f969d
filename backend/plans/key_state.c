/* key enable, key disable: one version, or all of them, one PATCH each. Every version is read back
 * by itself and is a change of its own in the journal, so that whoever goes on after a fall knows
 * exactly which have changed. A key that can be read proves nothing: what is compared is
 * attributes.enabled. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/estate/impact.h"
#include "backend/plans/fit.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static const struct rule rule_cuts = {
	.id = "accounts-go-dark",
	.severity = SEVERITY_HIGH,
	.source = "Customer-managed keys for Azure Storage encryption, revoke access",
	.remedy =
		"Move them to another version first (claviger rotate), or confirm by the key's name "
		"that the data must become unreadable; claviger key enable takes it back.",
};
static const struct rule rule_unread = {
	.id = "users-unknown",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure Resource Manager, the replies to the reads",
	.remedy = "See what it is, and have it looked at by somebody who may: claviger impact.",
};
static const struct rule rule_versions = {
	.id = "versions-unreadable",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, Get Key Versions",
	.remedy = "Have the right to list keys granted to you, or name one version by its URI.",
};
static const struct rule rule_version_absent = {
	.id = "version-absent",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, KeyNotFound",
	.remedy = "See which there are: claviger key show.",
};
static const struct rule rule_key_gone = {
	.id = "key-not-there",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, KeyNotFound",
	.remedy = "If it was deleted it can come back: claviger key recover.",
};

static enum tri
wanted(const struct plan_facts *facts)
{
	return facts->enable ? TRI_YES : TRI_NO;
}

static bool
is_asked(const struct plan_facts *facts, const char *version)
{
	for (size_t i = 0; i < facts->asked_len; i++)
		if (text_casecmp(facts->asked[i], version) == 0)
			return true;
	return facts->asked_len == 0 &&
	       (!facts->version_asked || text_casecmp(version, facts->facts.target) == 0);
}

/* The version to be changed next, `ahead` more passed over; NULL: none is left. */
static const struct key_version *
next_version(const struct plan_facts *facts, size_t ahead)
{
	const struct key *key = &facts->facts.key;

	for (size_t i = 0; i < key->versions_len; i++) {
		const struct key_version *version = &key->versions[i];

		if (version->enabled == wanted(facts) || !is_asked(facts, version->version))
			continue;
		if (ahead-- == 0)
			return version;
	}
	return NULL;
}

/* The version that the undo changes back next; NULL: none is left. */
static const char *
next_back(const struct plan_facts *facts)
{
	for (size_t i = facts->changed_len; i-- > 0;) {
		const struct key_version *version =
			key_version_find(&facts->facts.key, facts->changed[i]);

		if (version == NULL || version->enabled == wanted(facts) ||
			version->enabled == TRI_UNKNOWN)
			return facts->changed[i];
	}
	return NULL;
}

static size_t
left(const struct plan_facts *facts)
{
	size_t n = 0;

	while (next_version(facts, n))
		n++;
	return n;
}

static bool
needed(const struct plan_facts *facts)
{
	return next_version(facts, 0) != NULL;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	size_t n = left(facts);

	snprintf(out, room, "%s: %s %zu version%s%s", facts->name,
		facts->enable ? "enables" : "disables", n, n == 1 ? "" : "s",
		n == 1 ? "" : ", one after the other");
}

static void
patch(const struct plan_facts *facts, const char *version, bool enable, struct request *out)
{
	struct keyid id = facts->want;

	snprintf(id.version, sizeof id.version, "%s", version);
	estate_get_key(facts->session, &id, out);
	out->method = HTTP_PATCH;
	out->changes = out->repeatable = true;
	out->body = step_body(json_pack("{s:{s:b}}", "attributes", "enabled", enable));
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct key_version *version = next_version(facts, facts->ahead);

	if (version == NULL)
		return err_set(err, ERR_FAILED, "NothingLeft", "%s: no version is left to change",
			facts->name);
	patch(facts, version->version, facts->enable, out);
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL)
		return step_failed(failure, err);
	err_set(err, ERR_FAILED, "NotInEffect", "%s: Azure accepted it, but the version is not %s",
		facts->name, facts->enable ? "enabled" : "disabled");
	return OUTCOME_LOOK;
}

/* Forwards the version in hand is the next one; backwards the last one that was changed. */
static bool
build_seen(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct key_version *version = next_version(facts, 0);
	const char *back = next_back(facts);
	struct keyid id = facts->want;

	(void)err;
	snprintf(id.version, sizeof id.version, "%s",
		facts->undoing && back ? back
		: version              ? version->version
				       : facts->version_seen);
	estate_get_key(facts->session, &id, out);
	return true;
}

static void
note_changed(struct plan_facts *facts, const char *version)
{
	for (size_t i = 0; i < facts->changed_len; i++)
		if (strcmp(facts->changed[i], version) == 0)
			return;
	facts->changed =
		mem_resize(facts->changed, (facts->changed_len + 1) * sizeof *facts->changed);
	snprintf(facts->changed[facts->changed_len++], sizeof *facts->changed, "%s", version);
}

/* What could not be read back may have changed: its undo sends the change back all the same. */
static enum outcome
accept_seen(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	const struct key_version *version = next_version(facts, 0);
	struct key *key = &facts->facts.key, one;
	struct key_version lost;
	json_t *json;
	bool ok;

	if (version && !facts->undoing)
		note_changed(facts, version->version);
	if (reply == NULL) {
		if (version && !facts->undoing) {
			lost = *version;
			lost.enabled = TRI_UNKNOWN;
			key_put_version(key, &lost);
		}
		return step_failed(failure, err);
	}
	json = step_json(reply, "key", err);
	ok = json && key_decode(json, session_cloud(facts->session), &one, err);
	json_decref(json);
	if (!ok)
		return OUTCOME_FAILED;
	snprintf(facts->version_seen, sizeof facts->version_seen, "%s", one.id.version);
	key_put_version(key, &one.versions[0]);
	key_free(&one);
	return OUTCOME_DONE;
}

static bool
is_as(const struct plan_facts *facts, enum tri enabled)
{
	const struct key_version *version =
		key_version_find(&facts->facts.key, facts->version_seen);

	return version && version->enabled == enabled;
}

static enum outcome
seen(struct plan_facts *facts, struct err *err)
{
	(void)err;
	if (!is_as(facts, wanted(facts)))
		return OUTCOME_LOOK;
	if (needed(facts)) {
		snprintf(facts->note, sizeof facts->note, "%zu of %zu versions %s so far",
			facts->changed_len, facts->changed_len + left(facts),
			facts->enable ? "enabled" : "disabled");
		return OUTCOME_MORE;
	}
	snprintf(facts->note, sizeof facts->note, "read back: %zu version%s %s", facts->changed_len,
		facts->changed_len == 1 ? "" : "s", facts->enable ? "enabled" : "disabled");
	return OUTCOME_DONE;
}

static bool
undo(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const char *version = next_back(facts);

	if (version == NULL)
		return err_set(err, ERR_REFUSED, "NothingChanged",
			"%s: no version was changed that could be changed back", facts->name);
	patch(facts, version, !facts->enable, out);
	return true;
}

static enum outcome
undone(const struct plan_facts *facts)
{
	if (!is_as(facts, facts->enable ? TRI_NO : TRI_YES))
		return OUTCOME_LOOK;
	return next_back(facts) ? OUTCOME_MORE : OUTCOME_DONE;
}

/* The versions that are changed, and the one in hand. */
static void
save(const struct plan_facts *facts, json_t *detail)
{
	const struct key_version *version = next_version(facts, 0);
	json_t *list = json_array();

	for (size_t i = 0; i < facts->changed_len; i++)
		json_array_append_new(list, json_string(facts->changed[i]));
	if (version && !facts->undoing)
		json_array_append_new(list, json_string(version->version));
	json_object_set_new(detail, "versions", list);
}

static void
load(struct plan_facts *facts, const json_t *detail)
{
	const json_t *list = json_object_get(detail, "versions"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *version = json_string_value(one);

		if (version && keyid_is_version(version))
			note_changed(facts, version);
	}
}

/* Backwards, only the versions that were changed count. */
static bool
is_hit(const struct plan_facts *facts, const char *version)
{
	for (size_t i = 0; version && i < facts->changed_len; i++)
		if (text_casecmp(version, facts->changed[i]) == 0)
			return true;
	return version == NULL ||
	       (facts->changed_len == 0 &&
		       (!facts->version_asked || text_casecmp(version, facts->facts.target) == 0));
}

/* Who uses the key, in the version that was named; another service's resource may be in any. */
static bool
find_users(struct estate *estate, struct plan_facts *facts, struct err *err)
{
	json_t *impact, *one;
	const char *version;
	struct err why;
	size_t i;

	/* What could not be read is among the unknown of the impact. */
	(void)!estate_load_new(estate, IMPACT_PARTS, &why);
	impact = impact_of(estate, &facts->want, err);
	if (impact == NULL)
		return false;
	json_array_foreach(json_object_get(impact, "accounts"), i, one)
	{
		version = json_string_value(json_object_get(one, "version"));
		if (is_hit(facts, version))
			step_add_user(facts, json_string_value(json_object_get(one, "name")));
	}
	json_array_foreach(json_object_get(impact, "others"), i, one)
	{
		step_add_user(facts, json_string_value(json_object_get(one, "name")));
	}
	facts->users_unread = json_array_size(json_object_get(impact, "unknown"));
	json_decref(impact);
	return true;
}

static const struct step step_version_seen = {
	.name = "version",
	.title = "Read the version",
	.on = STEP_ON_KEY,
	.build = build_seen,
	.accept = accept_seen,
};

const struct step step_enable = {
	.name = "enable",
	.title = "Enable",
	.why = "A version that is enabled opens again what was wrapped with it. Storage and Automation "
	       "come back when they next ask; a Batch account may take up to ten minutes.",
	.changes = true,
	.on = STEP_ON_KEY,
	.again_ms = 1000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_version_seen,
	.seen = seen,
	.undo = undo,
	.undone = undone,
	.users = find_users,
	.left = left,
	.save = save,
	.load = load,
};

const struct step step_disable = {
	.name = "disable",
	.title = "Disable",
	.why = "The vault refuses every use of a version that is disabled, to everybody. The article on "
	       "Storage names this as the way to revoke access; how soon an account notices is not "
	       "documented. A copy of the key in another vault is not touched by it.",
	.changes = true,
	.on = STEP_ON_KEY,
	.again_ms = 1000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_version_seen,
	.seen = seen,
	.undo = undo,
	.undone = undone,
	.left = left,
	.save = save,
	.load = load,
};

static void
take_version(struct plan_facts *facts)
{
	facts->version_asked = facts->want.version[0] != '\0';
	memcpy(facts->facts.target, facts->want.version, sizeof facts->facts.target);
}

static bool
prepare_enable(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	(void)subject;
	(void)values;
	(void)err;
	facts->enable = true;
	take_version(facts);
	return true;
}

static bool
prepare_disable(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)subject;
	(void)values;
	take_version(facts);
	return find_users(estate, facts, err);
}

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};
	const struct key *key = &facts->facts.key;

	if (facts->facts.key_known == KNOWN_ABSENT)
		judge_say(&judging, &rule_key_gone, "%s is not there", facts->name);
	if (facts->facts.key_known != KNOWN_READ)
		return judging.len;
	if (!facts->version_asked && !key->listed)
		judge_say(
			&judging, &rule_versions, "%s: its versions cannot be listed", facts->name);
	if (facts->version_asked && !key_version_find(key, facts->facts.target))
		judge_say(&judging, &rule_version_absent, "%s has no version %s", facts->name,
			facts->facts.target);
	if (facts->enable || !needed(facts))
		return judging.len;
	if (facts->users_len)
		judge_say(&judging, &rule_cuts, "%zu account%s will go dark: %.180s",
			facts->users_len, facts->users_len == 1 ? "" : "s", facts->users);
	if (facts->users_unread)
		judge_say(&judging, &rule_unread,
			"%zu thing%s could not be looked at: who else uses %s is not known",
			facts->users_unread, facts->users_unread == 1 ? "" : "s", facts->name);
	return judging.len;
}

static bool
cuts(const struct plan_facts *facts)
{
	return facts->users_len || facts->users_unread;
}

static const struct step *const reads[] = {
	&step_read_key,
	&step_read_versions,
	NULL,
};
static const struct step *const enable_steps[] = {&step_enable, NULL};
static const struct step *const disable_steps[] = {&step_disable, NULL};
static const char *const blocking[] = {
	"key-not-there", "key-unreadable", "versions-unreadable", "version-absent", NULL};
static const struct plan_mend enable_mends[] = {{"key-disabled", "enable"}, {NULL, NULL}};

const struct plan_def plan_key_enable = {
	.name = "key enable",
	.title = "Enable key",
	.summary = "Enable a version of a key (named by its URI), or all of its versions.",
	.inverse = "key disable",
	.subject = SUBJECT_KEY,
	.versions = true,
	.danger = PLAN_CHANGES,
	.reads = reads,
	.steps = enable_steps,
	.blocking = blocking,
	.mends = enable_mends,
	.prepare = prepare_enable,
	.judge = judge,
	.unfit = unfit_enable,
};

const struct plan_def plan_key_disable = {
	.name = "key disable",
	.title = "Disable key",
	.summary = "Disable a version of a key (named by its URI), or all of its enabled versions.",
	.inverse = "key enable",
	.subject = SUBJECT_KEY,
	.versions = true,
	.danger = PLAN_CUTS,
	.reads = reads,
	.steps = disable_steps,
	.blocking = blocking,
	.prepare = prepare_disable,
	.judge = judge,
	.cuts = cuts,
	.unfit = unfit_disable,
};
