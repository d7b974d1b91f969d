/* Rotate: a new version of a key, and every account that uses the key on it. Pinned accounts are
 * moved; those that follow new versions by themselves are looked at until they have. The versions
 * before stay enabled until all have moved and a day has passed: what is wrapped with them cannot
 * be opened any more once they are disabled, and Storage looks for a new version once a day. */
#include <stdio.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"
#include "backend/plans/campaign.h"
#include "backend/plans/fit.h"
#include "backend/plans/ledger.h"

static const struct rule rule_unused = {
	.id = "key-unused",
	.severity = SEVERITY_INFO,
	.source = "Azure Resource Manager, the accounts' encryption properties",
	.remedy = "Nothing is to be done: the new version is made, and nobody has to be moved.",
};

static const struct rule rule_untold = {
	.id = "users-unknown",
	.severity = SEVERITY_MEDIUM,
	.source = "Azure Resource Manager, the accounts' encryption properties",
	.remedy = "Pin it to the new version: claviger repin --key-version.",
};
static const struct rule rule_locked = {
	.id = "used-key-unusable",
	.severity = SEVERITY_HIGH,
	.source = "Inferred from how the keys are wrapped: no article says what happens otherwise",
	.remedy = "Make the key in use usable again first (claviger posture): the service has to "
		  "unwrap with it before it can wrap anew.",
};

enum { FIELD_RETIRE, FIELD_REASON };

static const struct plan_field fields[] = {
	[FIELD_RETIRE] = {.name = "retire-old",
		.title = "Retire old versions",
		.help = "Disable the versions before, once every account has moved and 24 hours "
			"have passed since."},
	[FIELD_REASON] = {.name = "reason",
		.title = "Reason",
		.arg = "TEXT",
		.help = "Do not wait the 24 hours, and why; recorded. Accounts must have moved all "
			"the same.",
		.empty = "the 24 hours are waited for"},
};

static const char mark[] = REQUEST_UNKNOWN_OPEN "version, from stage version" REQUEST_UNKNOWN_CLOSE;

/* The version that was made; a mark while previewing what is not made yet. */
static const char *
version_of(const struct campaign *campaign)
{
	const char *made = json_string_value(json_object_get(campaign->kept, "version"));

	return made ? made : mark;
}

static int64_t
time_made(const struct campaign *campaign)
{
	return json_integer_value(json_object_get(campaign->kept, "made"));
}

static json_t *
ledger_of(struct campaign *campaign)
{
	if (json_object_get(campaign->kept, "moved") == NULL)
		json_object_set_new(campaign->kept, "moved", json_object());
	return json_object_get(campaign->kept, "moved");
}

/* Whether somebody made it after the version of this campaign: who is there already stays. */
static bool
is_newer(const struct campaign *campaign, const char *version)
{
	const json_t *newer = json_object_get(campaign->kept, "newer"), *one;
	size_t i;

	json_array_foreach((json_t *)newer, i, one)
	{
		if (text_casecmp(json_string_value(one), version) == 0)
			return true;
	}
	return false;
}

/* A version that was made once stays what it is, whatever came after it. */
static bool
find_newer(struct campaign *campaign, struct err *err)
{
	const char *made = json_string_value(json_object_get(campaign->kept, "version"));
	json_t *newer = json_array();
	struct key key = {0};
	int behind;
	bool ok;

	json_object_set_new(campaign->kept, "newer", newer);
	if (made == NULL)
		return true;
	ok = estate_read_key(campaign->estate, &campaign->subject.key, &key, err);
	behind = ok ? key_versions_behind(&key, made) : 0;
	for (int i = 0; i < behind; i++)
		json_array_append_new(newer, json_string(key.versions[i].version));
	key_free(&key);
	return ok;
}

static bool
check(const struct campaign *campaign, struct err *err)
{
	const char *reason = campaign->values[FIELD_REASON];

	if (campaign->subject.key.version[0])
		return err_set(err, ERR_USAGE, "",
			"rotate %s: give the key without a version; a new one is made",
			campaign->name);
	if (reason && *reason == '\0')
		return err_set(err, ERR_USAGE, "", "--reason: say why not to wait; it is recorded");
	return reason == NULL || campaign_value(campaign, "retire-old") ||
	       err_set(err, ERR_USAGE, "",
		       "--reason is for --retire-old: without it no version is disabled");
}

/* Whoever may use an old version unseen stands in the way of disabling it. */
static const char *const blocking[] = {
	"used-key-unusable", "users-unknown", "other-services", NULL};

/* One finding for all of them: there is room for a few only. */
static void
find_locked(struct campaign *campaign)
{
	const char *first = NULL;
	char more[40] = "";
	size_t n = 0;

	for (size_t i = 0; i < campaign->concerns_len; i++)
		if (campaign->concerns[i].state == ACCOUNT_LOCKED && n++ == 0)
			first = campaign->concerns[i].id.name;
	if (n > 1)
		snprintf(more, sizeof more, " (as %zu more)", n - 1);
	if (n)
		campaign_find(campaign, &rule_locked,
			"%s cannot open its key now%s, so it cannot be moved to another version",
			first, more);
}

static bool
gather(struct campaign *campaign, struct err *err)
{
	static const char *const always[] = {"used-key-unusable", NULL};

	if (!check(campaign, err) || !campaign_users(campaign, &campaign->subject.key, NULL, err) ||
		!find_newer(campaign, err))
		return false;
	if (campaign_value(campaign, "reason"))
		json_object_set_new(
			campaign->kept, "reason", json_string(campaign_value(campaign, "reason")));
	find_locked(campaign);
	if (campaign->concerns_len == 0)
		campaign_find(campaign, &rule_unused, "no account that can be seen uses %s",
			campaign->name);
	return campaign_block(
		campaign, campaign_value(campaign, "retire-old") ? blocking : always, err);
}

static bool
begin_version(struct campaign *campaign, struct err *err)
{
	(void)err;
	campaign_add(campaign, &plan_key_version, &campaign->subject, NULL, NULL);
	return true;
}

static void
ended_version(struct campaign *campaign, const struct member *member, const struct run *run)
{
	(void)member;
	if (run->facts.made[0] == '\0' || json_object_get(campaign->kept, "version"))
		return;
	json_object_set_new(campaign->kept, "version", json_string(run->facts.made));
	json_object_set_new(campaign->kept, "made", json_integer((json_int_t)clock_wall()));
}

static bool
is_moved_here(const struct campaign *campaign, const struct concern *concern)
{
	return concern->mode == KEY_MODE_PINNED && !is_newer(campaign, concern->key.version);
}

/* What is seen of an account, and since when it is there. */
static void
take_account(struct campaign *campaign, struct concern *concern, const struct account *account)
{
	const struct keyid *key = &campaign->subject.key;
	const char *version = account_version(account);
	char since[32], due[32];

	if (account->source != KEY_SOURCE_CUSTOMER ||
		text_casecmp(account->key.host, key->host) != 0 ||
		text_casecmp(account->key.key, key->key) != 0) {
		campaign_fate(campaign, concern, FATE_UNAFFECTED, "it does not use %s any more",
			campaign->name);
		return;
	}
	if (text_casecmp(version, version_of(campaign)) == 0 || is_newer(campaign, version)) {
		ledger_moved(ledger_of(campaign), &concern->id, clock_wall());
		clock_iso((time_t)ledger_time(ledger_of(campaign), &concern->id), since);
		campaign_fate(campaign, concern, FATE_MOVED,
			"read back: it is on version %s, first seen there at %s", version, since);
		return;
	}
	ledger_not_moved(ledger_of(campaign), &concern->id);
	clock_iso((time_t)(time_made(campaign) + LEDGER_WAIT), due);
	if (version[0] == '\0')
		campaign_fate(campaign, concern, FATE_UNKNOWN,
			"it follows new versions by itself, and %s does not tell which one it is "
			"on",
			account->service->title);
	else if (is_moved_here(campaign, concern))
		campaign_fate(campaign, concern, FATE_NONE, "not moved yet: it is on version %s",
			version);
	else
		campaign_fate(campaign, concern, FATE_NONE,
			"it is on version %s; %s looks for a new one once a day: by %s", version,
			account->service->title, due);
}

static void
ended_account(struct campaign *campaign, const struct member *member, const struct run *run)
{
	if (!campaign_is_seen(member, run))
		return;
	take_account(campaign, member->concern, &run->facts.facts.account);
	/* The lists still tell the old version, and key disable would take that for a use of it. */
	if (member->changes && campaign_value(campaign, "retire-old"))
		estate_touch(campaign->estate, &member->concern->id, NULL, NULL);
}

static void
add_repins(struct campaign *campaign, bool locked)
{
	const char *const pairs[] = {"key-version", version_of(campaign), NULL};

	for (size_t i = 0; i < campaign->concerns_len; i++) {
		struct concern *concern = &campaign->concerns[i];
		struct subject subject = {.kind = SUBJECT_ACCOUNT, .id = concern->id};

		if (is_moved_here(campaign, concern) &&
			(concern->state == ACCOUNT_LOCKED) == locked)
			campaign_add(campaign, &plan_repin, &subject, pairs, concern);
	}
}

/* The first of them shows what is wrong with all: one that is known to be locked would not. */
static bool
begin_repin(struct campaign *campaign, struct err *err)
{
	(void)err;
	add_repins(campaign, false);
	add_repins(campaign, true);
	return true;
}

static void
ended_repin(struct campaign *campaign, const struct member *member, const struct run *run)
{
	ended_account(campaign, member, run);
	if (run->state == PLAN_FAILED || run->state == PLAN_REFUSED ||
		(run->state == PLAN_PARKED && !campaign_is_seen(member, run)))
		campaign_fate(campaign, member->concern,
			member->unsure || run->state == PLAN_PARKED ? FATE_UNKNOWN : FATE_FAILED,
			"%.300s", member->err.msg);
}

static bool
begin_follow(struct campaign *campaign, struct err *err)
{
	(void)err;
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		struct concern *concern = &campaign->concerns[i];
		struct subject subject = {.kind = SUBJECT_ACCOUNT, .id = concern->id};

		if (!is_moved_here(campaign, concern))
			campaign_add(campaign, &plan_follow, &subject, NULL, concern);
	}
	return true;
}

/* What cannot be read now may be there later. */
static void
ended_follow(struct campaign *campaign, const struct member *member, const struct run *run)
{
	ended_account(campaign, member, run);
	if (run->state == PLAN_FAILED)
		campaign_fate(campaign, member->concern, FATE_NONE, "it could not be read: %.250s",
			member->err.msg);
}

/* Those that have not moved yet and will be seen to. */
static size_t
count_waiting(const struct campaign *campaign, const char **first)
{
	size_t n = 0;

	for (size_t i = 0; i < campaign->concerns_len; i++)
		if (campaign->concerns[i].fate == FATE_NONE ||
			campaign->concerns[i].fate == FATE_FAILED) {
			*first = n++ ? *first : campaign->concerns[i].id.name;
		}
	return n;
}

static bool
wait_for_accounts(const struct campaign *campaign, struct err *err)
{
	const char *first = "";
	size_t n = count_waiting(campaign, &first);
	char due[32];

	if (n == 0)
		return true;
	return err_set(err, ERR_PARKED, "NotMoved",
		"%zu account%s not yet seen on version %s of %s: %s%s; Storage looks once a day, "
		"so that is expected by %s; claviger resume %.8s looks again",
		n, n == 1 ? "" : "s", version_of(campaign), campaign->name, first,
		n > 1 ? ", ..." : "", clock_iso((time_t)(time_made(campaign) + LEDGER_WAIT), due),
		campaign->operation);
}

static bool
end_follow(struct campaign *campaign, struct err *err)
{
	return !campaign_waits(campaign) || wait_for_accounts(campaign, err);
}

/* Accounts of which it cannot be told: the lists may have known more when it began. */
static bool
may_be_unknown(struct campaign *campaign, struct err *err)
{
	bool told = false;

	for (size_t i = 0; i < campaign->findings_len; i++)
		told = told || strcmp(campaign->findings[i].rule->id, rule_untold.id) == 0;
	for (size_t i = 0; i < campaign->concerns_len && !told; i++)
		if ((told = campaign->concerns[i].fate == FATE_UNKNOWN))
			campaign_find(campaign, &rule_untold, "%s: %.180s",
				campaign->concerns[i].id.name, campaign->concerns[i].evidence);
	return campaign_block(campaign, blocking, err);
}

/* Until all have moved and a day has passed since; a reason stands in for the day alone. */
static bool
may_retire(struct campaign *campaign, struct err *err)
{
	int64_t due = ledger_due(ledger_of(campaign), time_made(campaign));
	char when[32];

	if (!wait_for_accounts(campaign, err) || !may_be_unknown(campaign, err))
		return false;
	if (due <= clock_wall() || json_object_get(campaign->kept, "reason"))
		return true;
	return err_set(err, ERR_PARKED, "NotDue",
		"the versions before stay enabled until 24 hours have passed since the last "
		"account of %s moved: at %s; claviger resume %.8s goes on then",
		campaign->name, clock_iso((time_t)due, when), campaign->operation);
}

/* One version before, while it is enabled; one that was disabled since may be this campaign's work,
 * whose record is not complete. */
static bool
is_to_retire(const struct campaign *campaign, const struct key_version *version)
{
	int64_t made = time_made(campaign);

	return version->enabled != TRI_NO || (made && version->updated >= made);
}

static bool
begin_retire(struct campaign *campaign, struct err *err)
{
	struct subject subject = campaign->subject;
	struct key key = {0};
	int behind;
	bool ok, made = json_object_get(campaign->kept, "version") != NULL;

	if (campaign_value(campaign, "retire-old") == NULL)
		return true;
	if (!campaign->previewing && !may_retire(campaign, err))
		return false;
	ok = estate_read_key(campaign->estate, &subject.key, &key, err);
	behind = ok ? key_versions_behind(&key, version_of(campaign)) : 0;
	if (ok && made && behind < 0)
		ok = err_set(err, ERR_FAILED, "VersionLost",
			"version %s of %s is not among those that the vault lists; none is disabled",
			version_of(campaign), campaign->name);
	for (size_t i = (size_t)(behind + 1); ok && i < key.versions_len; i++) {
		if (!is_to_retire(campaign, &key.versions[i]))
			continue;
		memcpy(subject.key.version, key.versions[i].version, sizeof subject.key.version);
		campaign_add(campaign, &plan_key_disable, &subject, NULL, NULL);
	}
	key_free(&key);
	return ok;
}

static const struct stage stage_version = {
	.name = "version",
	.title = "Make a version of the key",
	.why = "The vault makes a new key pair under the same name; nothing that accounts hold is "
	       "encrypted anew, then or later.",
	.begin = begin_version,
	.ended = ended_version,
	.needs_all = true,
};
static const struct stage stage_repin = {
	.name = "repin",
	.title = "Move the accounts that are pinned",
	.why = "An account that names a version stays on it until it is told another one; Automation "
	       "and Batch do not look for new versions of it. One goes first, alone.",
	.begin = begin_repin,
	.ended = ended_repin,
	.first_alone = true,
	.needs_all = true,
};
static const struct stage stage_follow = {
	.name = "follow",
	.title = "Wait for the accounts that follow new versions",
	.why = "Storage looks for a new version once a day and does not log that it took one up: what "
	       "the account says of itself is all there is. Batch does not tell which version it is "
	       "on.",
	.begin = begin_follow,
	.ended = ended_follow,
	.end = end_follow,
};
static const struct stage stage_retire = {
	.name = "retire",
	.title = "Disable the versions before",
	.why = "The article on Storage says to wait 24 hours before the old version is disabled. It is "
	       "counted from when the last account was seen on the new one.",
	.begin = begin_retire,
};
static const struct stage *const stages[] = {
	&stage_version, &stage_repin, &stage_follow, &stage_retire, NULL};

const struct plan_def plan_rotate = {
	.name = "rotate",
	.title = "Rotate",
	.summary = "Make a new version of a key and move every account that uses the key to it.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CHANGES,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.stages = stages,
	.blocking = blocking,
	.gather = gather,
	.unfit = unfit_rotate,
};
