/* Versions of a key that are named one by one, disabled or enabled as one operation: exactly those,
 * each with a record of its own. For campaigns, which have asked already who depends on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/step.h"

static const struct plan_field fields[] = {
	{.name = "versions", .title = "Versions", .arg = "LIST", .required = true},
};

/* A list with commas. */
static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	(void)subject;
	facts->want.version[0] = '\0';
	for (const char *at = values[0] ? values[0] : ""; *at;) {
		size_t len = strcspn(at, ",");
		char version[33];

		snprintf(version, sizeof version, "%.*s", len < 33 ? (int)len : 0, at);
		if (!keyid_is_version(version))
			return err_set(err, ERR_USAGE, "", "%s: a version is not one", facts->name);
		facts->asked =
			mem_resize(facts->asked, (facts->asked_len + 1) * sizeof *facts->asked);
		memcpy(facts->asked[facts->asked_len++], version, sizeof version);
		at += len + (at[len] == ',');
	}
	return facts->asked_len ||
	       err_set(err, ERR_USAGE, "", "%s: no version is named", facts->name);
}

static bool
prepare_enable(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	facts->enable = true;
	return prepare(estate, subject, values, facts, err);
}

/* The first that no list has told of. */
static const char *
missing(const struct plan_facts *facts)
{
	for (size_t i = 0; i < facts->asked_len; i++)
		if (!key_version_find(&facts->facts.key, facts->asked[i]))
			return facts->asked[i];
	return NULL;
}

static bool
is_missing(const struct plan_facts *facts)
{
	return facts->facts.key_known == KNOWN_READ && missing(facts);
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	struct keyid id = facts->want;

	(void)err;
	snprintf(id.version, sizeof id.version, "%s", missing(facts));
	estate_get_key(facts->session, &id, out);
	return true;
}

/* One that cannot be read is asked for all the same: then the vault tells why it is not changed. */
static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	struct key_version unread = {.enabled = TRI_UNKNOWN};
	struct key one;
	json_t *json;
	bool ok;

	snprintf(unread.version, sizeof unread.version, "%s", missing(facts));
	key_put_version(&facts->facts.key, &unread);
	if (reply == NULL && failure->http != 403 && failure->http != 404)
		return step_failed(failure, err);
	if (reply) {
		json = step_json(reply, "key", err);
		ok = json && key_decode(json, session_cloud(facts->session), &one, err);
		json_decref(json);
		if (!ok)
			return OUTCOME_FAILED;
		key_put_version(&facts->facts.key, &one.versions[0]);
		key_free(&one);
	}
	return missing(facts) ? OUTCOME_AGAIN : OUTCOME_DONE;
}

static const struct step read_missing = {
	.name = "version",
	.title = "Read the versions that are not listed",
	.on = STEP_ON_KEY,
	.needed = is_missing,
	.build = build,
	.accept = accept,
};

static const struct step *const reads[] = {
	&step_read_key, &step_read_versions, &read_missing, NULL};
static const struct step *const enable_steps[] = {&step_enable, NULL};
static const struct step *const disable_steps[] = {&step_disable, NULL};
static const char *const blocking[] = {"key-absent", "key-unreadable", NULL};

const struct plan_def plan_enable_versions = {
	.name = "enable versions",
	.title = "Enable versions",
	.summary = "Enable the versions of a key that are named.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CHANGES,
	.member = true,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = reads,
	.steps = enable_steps,
	.blocking = blocking,
	.prepare = prepare_enable,
};

const struct plan_def plan_disable_versions = {
	.name = "disable versions",
	.title = "Disable versions",
	.summary = "Disable the versions of a key that are named.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CUTS,
	.member = true,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = reads,
	.steps = disable_steps,
	.blocking = blocking,
	.prepare = prepare,
};
