/* Repin: the same key in another version, or whatever version is current from now on. Nothing is
 * granted, and nobody else opens it. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/choice.h"
#include "backend/plans/cross.h"
#include "backend/plans/fit.h"
#include "backend/plans/hint.h"
#include "backend/plans/step.h"
#include "backend/plans/used.h"

enum { FIELD_VERSION, FIELD_AUTO };

static bool
follows_versions(const struct service *service)
{
	return service->auto_version;
}

static bool
suggest_version(
	const struct filling *filling, char *value, size_t room, char *reason, size_t reason_room)
{
	const struct facts *facts = filling->facts;

	if (facts == NULL || facts->key.id.version[0] == '\0')
		return false;
	snprintf(value, room, "%s", facts->key.id.version);
	snprintf(reason, reason_room, "the newest version of %s/%s; the account uses %.8s",
		facts->key.id.vault, facts->key.id.key, account_version(&facts->account));
	return true;
}

static const struct plan_field fields[] = {
	[FIELD_VERSION] = {.name = "key-version",
		.title = "Version",
		.arg = "VERSION",
		.help = "The version of its key that the account is to use.",
		.suggest = suggest_version,
		.hint = hint_version,
		.offer = offer_versions,
		.parts = ESTATE_KEYS},
	[FIELD_AUTO] = {.name = "auto",
		.title = "Follow new versions",
		.help = "Let the account follow new versions of the key by itself (not Automation).",
		.applies = follows_versions,
		.excludes = "key-version",
		.hint = hint_follow},
};

static bool
is_given(const char *const *values, int field)
{
	return values[field] && values[field][0];
}

static bool
check(const struct subject *subject, const char *const *values, struct err *err)
{
	const struct service *service = service_find(subject->id.type);
	bool follow = is_given(values, FIELD_AUTO);

	if (follow == is_given(values, FIELD_VERSION))
		return err_set(err, ERR_USAGE, "", "repin %s: give either --key-version or --auto",
			subject->id.name);
	if (!follow && !choice_is_mark(values[FIELD_VERSION]) &&
		!keyid_is_version(values[FIELD_VERSION]))
		return err_set(err, ERR_USAGE, "",
			"--key-version %s: a version is 32 hexadecimal digits",
			values[FIELD_VERSION]);
	return !follow || service == NULL || choice_may_follow(service, err);
}

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	if (!check(subject, values, err) || !used_prepare(subject, err))
		return false;
	facts->follow = is_given(values, FIELD_AUTO);
	if (!facts->follow && choice_is_mark(values[FIELD_VERSION])) {
		snprintf(facts->version_mark, sizeof facts->version_mark, "%s",
			values[FIELD_VERSION]);
		return true;
	}
	facts->version_asked = !facts->follow;
	snprintf(facts->want.version, sizeof facts->want.version, "%s",
		facts->follow ? "" : values[FIELD_VERSION]);
	memcpy(facts->facts.target, facts->want.version, sizeof facts->facts.target);
	return true;
}

static enum outcome
accept_used(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	(void)reply;
	if (!used_take(facts, failure, err) || !used_required(facts, err))
		return OUTCOME_FAILED;
	used_want(facts);
	memcpy(facts->want.version, facts->facts.target, sizeof facts->want.version);
	return OUTCOME_DONE;
}

static const struct step step_read_used = {
	.name = "used",
	.title = "Read the account and the key that it uses",
	.reads_used = true,
	.accept = accept_used,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.service = facts->facts.account.service, .out = out, .max = max};

	used_judge(facts, &judging);
	judge_key(facts, &judging);
	cross_judge_key(facts, &judging);
	used_judge_pinning(facts, &judging);
	return judging.len;
}

static const struct step *const reads[] = {
	&step_selftest,
	&step_read_used,
	&step_read_key,
	&step_read_versions,
	&step_read_grants,
	NULL,
};

static const struct step *const steps[] = {
	&step_prove,
	&step_switch,
	&step_verify,
	NULL,
};

/* What would have to be mended first, by other verbs. */
static const char *const blocking[] = {
	"used-key-unusable",
	"version-absent",
	"key-absent",
	"key-unreadable",
	"key-disabled",
	"key-expired",
	"key-not-yet-valid",
	"key-not-rsa",
	"key-size",
	"key-operations",
	"key-public-part",
	"rights-missing",
	"soft-delete-off",
	"purge-protection-off",
	"vault-firewall",
	"tenant-mismatch",
	NULL,
};

const struct plan_def plan_repin = {
	.name = "repin",
	.title = "Repin",
	.summary = "Move an account to another version of its key, or let it follow new ones.",
	.inverse = "repin",
	.danger = PLAN_CHANGES,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.prepare = prepare,
	.judge = judge,
	.unfit = unfit_customer,
};
