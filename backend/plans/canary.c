/* The canary: an account's service is asked for something that only its key opens, again and again,
 * until it has refused it often enough, or, on the way back, answered it. Around that the key and
 * what its identity holds are read, before to know what to expect and afterwards to know that it
 * still holds. Nothing is changed. */
#include "backend/plans/canary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/origin.h"
#include "backend/plans/grant.h"
#include "backend/plans/step.h"

/* Nobody promises a time. A Batch account may take ten minutes to come back, a grant as long to
 * take effect. */
enum { PATIENCE_MS = 15 * 60 * 1000, SURE_MS = 1000, SLOW_MS = 15000, LIST_PAGES = 100 };

enum { FIELD_VAULT, FIELD_KEY, FIELD_UNTIL, FIELD_WAIT };

static const char *const untils[] = {"refused", "answered", NULL};
static const char *const waits[] = {"yes", "no", NULL};
static const struct plan_field fields[] = {
	[FIELD_VAULT] = {.name = "vault", .title = "Vault", .arg = "VAULT", .required = true},
	[FIELD_KEY] = {.name = "key", .title = "Key", .arg = "KEY", .required = true},
	[FIELD_UNTIL] = {.name = "until", .title = "Until", .arg = "WHAT", .choices = untils},
	[FIELD_WAIT] = {.name = "wait", .title = "Wait", .arg = "YESNO", .choices = waits},
};

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	if (!grant_prepare(estate, subject, values, facts, err))
		return false;
	facts->canary.back = values[FIELD_UNTIL] && strcmp(values[FIELD_UNTIL], untils[1]) == 0;
	facts->canary.patient = values[FIELD_WAIT] && strcmp(values[FIELD_WAIT], waits[0]) == 0;
	return true;
}

static const struct service *
service(const struct plan_facts *facts)
{
	return facts->facts.account.service;
}

/* Whether it is on the key that the campaign is about. */
static bool
is_concerned(const struct plan_facts *facts)
{
	return grant_is_used(facts) &&
	       text_casecmp(facts->facts.account.key.key, facts->want.key) == 0;
}

static bool
build_account(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_account.build(facts, out, err);
}

static enum outcome
accept_account(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum outcome outcome = step_read_account.accept(facts, reply, failure, err);

	if (outcome == OUTCOME_DONE)
		memcpy(facts->want_identity, facts->facts.account.key_identity,
			sizeof facts->want_identity);
	return outcome;
}

static const struct step read_account = {
	.name = "account",
	.title = "Read the account",
	.build = build_account,
	.accept = accept_account,
};

/* Whoever may not list versions may still read the one that the account names. */
static bool
must_read_version(const struct plan_facts *facts)
{
	return is_concerned(facts) && facts->facts.account.key.version[0] &&
	       !facts->facts.key.listed;
}

static bool
build_version(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_key(facts->session, &facts->facts.account.key, out);
	return true;
}

static enum outcome
accept_version(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	struct key one;
	json_t *json;
	bool ok;

	if (reply == NULL)
		return failure->http == 403 || failure->http == 404 ? OUTCOME_DONE
								    : step_failed(failure, err);
	json = step_json(reply, "key", err);
	ok = json && key_decode(json, session_cloud(facts->session), &one, err);
	json_decref(json);
	if (!ok)
		return OUTCOME_FAILED;
	key_put_version(&facts->facts.key, &one.versions[0]);
	key_free(&one);
	return OUTCOME_DONE;
}

static const struct step read_version = {
	.name = "version",
	.title = "Read the version that it names",
	.on = STEP_ON_KEY,
	.needed = must_read_version,
	.build = build_version,
	.accept = accept_version,
};

static bool
must_find(const struct plan_facts *facts)
{
	return is_concerned(facts) && service(facts)->canary_list;
}

static bool
build_list(const struct plan_facts *facts, struct request *out, struct err *err)
{
	char *url;

	service(facts)->canary_list(facts->session, &facts->account, out);
	if (facts->next == NULL)
		return true;
	if (!origin_follow(out->url, facts->next, &url, err))
		return err_prefix(err, "canaries of %s", facts->account.name);
	free(out->url);
	out->url = url;
	return true;
}

/* A list that is refused tells as much as a canary that is. */
static void
take_refusal(struct plan_facts *facts, const struct err *failure)
{
	facts->canary.told = service(facts)->canary_judge(failure);
	snprintf(facts->canary.words, sizeof facts->canary.words, "%d %.180s", failure->http,
		failure->code[0] ? failure->code : failure->msg);
}

static enum outcome
accept_list(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	const json_t *list;
	json_t *json;
	char next[2048];

	free(facts->next);
	facts->next = NULL;
	if (reply == NULL) {
		take_refusal(facts, failure);
		return OUTCOME_DONE;
	}
	json = step_json(reply, "canaries", err);
	if (json == NULL || !json_text(json, "nextLink", next, sizeof next, err)) {
		json_decref(json);
		return OUTCOME_FAILED;
	}
	list = json_at(json, "value");
	for (size_t i = 0; i < json_array_size(list) && !facts->canary.name[0]; i++)
		if (!service(facts)->canary_pick(json_array_get(list, i), facts->canary.name))
			facts->canary.name[0] = '\0';
	json_decref(json);
	if (facts->canary.name[0] == '\0' && next[0] && ++facts->pages < LIST_PAGES) {
		facts->next = mem_strdup(next);
		return OUTCOME_AGAIN;
	}
	return OUTCOME_DONE;
}

static const struct step find_canary = {
	.name = "canaries",
	.title = "Find a canary",
	.needed = must_find,
	.build = build_list,
	.accept = accept_list,
};

static bool
build_canary(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	service(facts)->canary_read(facts->session, &facts->account, facts->canary.name, out);
	return true;
}

static bool
can_ask(const struct plan_facts *facts)
{
	return is_concerned(facts) && (!service(facts)->canary_list || facts->canary.name[0]);
}

static enum canary
wanted(const struct plan_facts *facts)
{
	return facts->canary.back ? CANARY_ANSWERS : CANARY_REFUSED;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: reads %s until it is %s %d times in a row", facts->account.name,
		service(facts)->canary_title, facts->canary.back ? "answered" : "refused",
		CANARY_ENOUGH);
}

/* Whether there is anything to wait for: what cannot happen is not waited for. */
static bool
may_come(const struct plan_facts *facts)
{
	char why[400];

	return facts->canary.back ? open_of(facts, why, sizeof why) != TRI_NO
				  : cut_of(facts, why, sizeof why) != CUT_NO;
}

/* What was read before is known no more: it is read again after the last word of the canary. */
static enum outcome
ask_no_more(struct plan_facts *facts)
{
	struct facts *read = &facts->facts;

	for (size_t i = 0; i < read->key.versions_len; i++)
		read->key.versions[i].enabled = TRI_UNKNOWN;
	read->key.listed = false;
	if (store_of(&read->vault)->list)
		read->roles_known = KNOWN_NOT_READ;
	else
		read->vault_known = KNOWN_NOT_READ;
	return OUTCOME_DONE;
}

static enum outcome
accept_canary(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum canary before = facts->canary.told;
	int64_t now = clock_mono_ms();
	long long s;

	if (reply)
		facts->canary.told = service(facts)->canary_judge(NULL);
	else
		take_refusal(facts, failure);
	if (facts->canary.asked++ == 0)
		facts->canary.since_ms = now;
	facts->canary.same = facts->canary.told == before ? facts->canary.same + 1 : 1;
	s = (long long)(now - facts->canary.since_ms) / 1000;
	snprintf(facts->note, sizeof facts->note,
		"%s, %u times in a row, %lld s after the first time",
		reply ? "answered" : facts->canary.words, facts->canary.same, s);
	if (facts->canary.told == wanted(facts)) {
		if (facts->canary.same >= CANARY_ENOUGH)
			return ask_no_more(facts);
	} else if (!facts->canary.patient || !may_come(facts) ||
		   now - facts->canary.since_ms > PATIENCE_MS ||
		   facts->canary.told == CANARY_ABSENT || facts->canary.told == CANARY_DENIED) {
		return ask_no_more(facts);
	}
	err_set(err, ERR_PARKED, "StillWatching", "%s: %s", facts->account.name, facts->note);
	return OUTCOME_AGAIN;
}

/* Soon again once it is as wanted, slower and slower as long as it is not. */
static int
pace(const struct plan_facts *facts)
{
	unsigned asked = facts->canary.asked;

	if (facts->canary.told == wanted(facts) || asked == 0)
		return SURE_MS;
	return asked < 5 ? SURE_MS << (asked - 1) : SLOW_MS;
}

static const struct step step_canary = {
	.name = "canary",
	.title = "Ask for what only the key opens",
	.why = "A vault that says a version is disabled says nothing of what a service still keeps. Only the "
	       "service can show it: it is asked for something that it cannot read without the key. No time "
	       "is promised: services ask for the key a few times an hour, and a Batch account may take ten "
	       "minutes to come back.",
	.budget_ms = 2 * PATIENCE_MS,
	.pace = pace,
	.needed = can_ask,
	.describe = describe,
	.build = build_canary,
	.accept = accept_canary,
};

static bool
key_is_there(const struct plan_facts *facts)
{
	return is_concerned(facts) && facts->facts.key_known == KNOWN_READ;
}

static bool
build_versions(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_versions.build(facts, out, err);
}

static enum outcome
accept_versions(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return step_read_versions.accept(facts, reply, failure, err);
}

static const struct step again_versions = {
	.name = "versions",
	.title = "Read the key's versions again",
	.on = STEP_ON_KEY,
	.budget_ms = 60000,
	.needed = key_is_there,
	.build = build_versions,
	.accept = accept_versions,
};

static const struct step again_version = {
	.name = "version",
	.title = "Read the version that it names again",
	.on = STEP_ON_KEY,
	.needed = must_read_version,
	.build = build_version,
	.accept = accept_version,
};

static bool
grants_are_there(const struct plan_facts *facts)
{
	return is_concerned(facts) && facts->facts.vault_known == KNOWN_READ &&
	       step_principal(facts)[0];
}

static bool
build_grants(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_grants.build(facts, out, err);
}

static enum outcome
accept_grants(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return step_read_grants.accept(facts, reply, failure, err);
}

static const struct step again_grants = {
	.name = "grants",
	.title = "Read again what the identity was given",
	.on = STEP_ON_VAULT,
	.budget_ms = 60000,
	.needed = grants_are_there,
	.build = build_grants,
	.accept = accept_grants,
};

static const struct step *const reads[] = {&read_account, &step_read_vault, &step_read_key,
	&step_read_versions, &read_version, &step_read_grants, &find_canary, NULL};
static const struct step *const steps[] = {
	&step_canary, &again_versions, &again_version, &again_grants, NULL};

const struct plan_def plan_canary = {
	.name = "canary",
	.title = "Canary",
	.summary = "Show whether the data of an account can be read.",
	.subject = SUBJECT_ACCOUNT,
	.danger = PLAN_HARMLESS,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.member = true,
	.watches = true,
	.reads = reads,
	.steps = steps,
	.prepare = prepare,
};

void
canary_add(struct campaign *campaign, struct concern *concern, bool back)
{
	struct subject subject = {.kind = SUBJECT_ACCOUNT, .id = concern->id};
	char vault[ARMID_MAX], key[KEYID_MAX];
	struct keyid bare = campaign->subject.key;

	bare.version[0] = '\0';
	campaign_add(campaign, &plan_canary, &subject,
		(const char *const[]){"vault", armid_print(&campaign->subject.id, vault), "key",
			keyid_print(&bare, key), "until", untils[back], "wait",
			waits[!campaign_waits(campaign)], NULL},
		concern);
}

void
canary_ended(struct campaign *campaign, const struct member *member, const struct run *run)
{
	bool ended = run->state == PLAN_DONE || run->state == PLAN_UNCHANGED;
	char why[320];
	enum fate fate = canary_fate(&run->facts, ended, why, sizeof why);

	for (size_t i = 0; i < run->steps_len; i++)
		if (run->steps[i].step == &step_canary)
			snprintf(member->concern->request, sizeof member->concern->request, "%s",
				run->steps[i].request_id);
	if (strcmp(run->err.code, "Parked") == 0)
		campaign_fate(campaign, member->concern, FATE_UNKNOWN,
			"the watch was parked before its end");
	else if (!ended && run->err.kind != ERR_NONE)
		campaign_fate(campaign, member->concern, FATE_UNKNOWN, "%s", run->err.msg);
	else
		campaign_fate(campaign, member->concern, fate, "%s", why);
}

bool
canary_recorded(struct campaign *campaign, struct err *err)
{
	for (size_t i = 0; i < campaign->members_len; i++)
		if (campaign->members[i].err.kind == ERR_JOURNAL) {
			*err = campaign->members[i].err;
			return false;
		}
	return true;
}

static bool
is_well(const struct member *member)
{
	return member->state == PLAN_DONE || member->state == PLAN_UNCHANGED ||
	       (member->back && member->state == PLAN_ROLLED_BACK);
}

/* The first that should have changed something and did not. */
static bool
check_members(const struct campaign *campaign, struct err *err)
{
	for (size_t i = 0; i < campaign->members_len; i++) {
		const struct member *member = &campaign->members[i];
		char name[SUBJECT_NAME];

		if (member->plan->danger == PLAN_HARMLESS || is_well(member))
			continue;
		*err = member->err;
		if (err->kind == ERR_NONE || err->kind == ERR_PARKED)
			err_set(err, ERR_FAILED, "NotDone", "it is %s",
				plan_state_name(member->state));
		return err_prefix(
			err, "%s %s", member->plan->name, subject_name(&member->subject, name));
	}
	return true;
}

bool
canary_conclude(struct campaign *campaign, enum fate fate, const char *word, struct err *err)
{
	const struct concern *first = NULL;
	size_t open = 0;

	if (!check_members(campaign, err))
		return false;
	for (size_t i = 0; i < campaign->concerns_len; i++) {
		const struct concern *concern = &campaign->concerns[i];

		if (concern->fate == fate || concern->fate == FATE_UNAFFECTED)
			continue;
		open++;
		if (first == NULL)
			first = concern;
	}
	return open == 0 ||
	       err_set(err, ERR_PARKED, "StillWatching",
		       "%zu of %zu accounts not seen to be %s: %s is %s (%.157s%s); claviger resume %.8s "
		       "goes on watching, and so does r on it in the console's Activity",
		       open, campaign->concerns_len, word, first->id.name, fate_name(first->fate),
		       first->evidence, strlen(first->evidence) > 157 ? "..." : "",
		       campaign->operation);
}
