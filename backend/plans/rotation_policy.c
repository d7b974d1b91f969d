/* key rotation-policy: when the vault makes a new version by itself, and how long a version is
 * valid. Only what was asked for changes; every other action of the policy stays. Storage never
 * makes a version itself, so this is what its yearly rotation rests on. */
#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/period.h"
#include "backend/base/text.h"
#include "backend/plans/hint.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

enum { EVERY_LEAST = 7, EXPIRE_LEAST = 28 };

static const struct rule rule_short = {
	.id = "rotation-too-short",
	.severity = SEVERITY_HIGH,
	.source = "Configure cryptographic key auto-rotation in Azure Key Vault",
	.remedy =
		"Give --every P7D or more, --expire P28D or more, and seven days between the two.",
};
static const struct rule rule_pinned = {
	.id = "accounts-do-not-follow",
	.severity = SEVERITY_LOW,
	.source = "Customer-managed keys for Azure Storage encryption, key rotation",
	.remedy = "Let them follow new versions (claviger repin --auto), or repin them after each "
		  "rotation; Automation has to be told each version.",
};

static const struct plan_field fields[] = {
	{.name = "every",
		.title = "Rotate every",
		.arg = "P90D",
		.help = "A new version this long after the last one was made (ISO 8601 duration).",
		.hint = hint_period,
		.offer = offer_periods},
	{.name = "expire",
		.title = "Expire after",
		.arg = "P2Y",
		.help = "New versions expire this long after they are made (ISO 8601 duration).",
		.hint = hint_period,
		.offer = offer_periods},
};

/* Days of a duration of whole years, months, weeks and days; 0: it is none. A month counts 30, a
 * year 365. */
static long
days(const char *text)
{
	struct period period;

	if (!period_parse(text, &period) || period.seconds)
		return 0;
	return period.months / 12 * 365L + period.months % 12 * 30L + period.days;
}

static bool
take(const char *name, const char *value, char out[24], struct err *err)
{
	char shown[60];

	if (value == NULL || *value == '\0')
		return true;
	text_cleans(shown, sizeof shown, value);
	return (days(value) && text_copy(out, 24, value)) ||
	       err_set(err, ERR_USAGE, "",
		       "--%s '%s': must be a duration of years, months, weeks or days as in P90D or "
		       "P2Y",
		       name, shown);
}

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	(void)subject;
	facts->want.version[0] = '\0';
	return take("every", values[0], facts->rotation.every, err) &&
	       take("expire", values[1], facts->rotation.expire, err);
}

static bool
is_rotate(const json_t *action)
{
	const char *type = json_string_value(json_at(action, "action.type"));

	return type && text_casecmp(type, "rotate") == 0;
}

/* What a policy says, as far as it is asked for here. */
static void
read_policy(const json_t *policy, struct rotation *out)
{
	const json_t *actions = json_at(policy, "lifetimeActions"), *one;
	const char *expiry = json_string_value(json_at(policy, "attributes.expiryTime"));
	size_t i;

	*out = (struct rotation){0};
	text_cleans(out->expire, sizeof out->expire, expiry ? expiry : "");
	json_array_foreach(actions, i, one)
	{
		const char *every = json_string_value(json_at(one, "trigger.timeAfterCreate"));

		if (is_rotate(one))
			text_cleans(out->every, sizeof out->every, every ? every : "");
	}
}

static void
policy_request(const struct plan_facts *facts, struct request *out)
{
	*out = (struct request){
		.method = HTTP_GET, .audience = facts->want.hsm ? AUDIENCE_HSM : AUDIENCE_VAULT};
	out->url = mem_printf("https://%s/keys/%s/rotationpolicy?api-version=%s", facts->want.host,
		facts->want.key, session_api_version(facts->session, "keyvault"));
}

static bool
build_read(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	policy_request(facts, out);
	return true;
}

static enum outcome
accept_read(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	json_t *json;

	if (reply == NULL)
		return step_failed(failure, err);
	json = step_json(reply, "rotation policy", err);
	if (json == NULL)
		return OUTCOME_FAILED;
	json_decref(facts->policy);
	facts->policy = json;
	if (!facts->rotation_known)
		read_policy(json, &facts->rotation_before);
	facts->rotation_known = true;
	return OUTCOME_DONE;
}

static const struct step step_read_policy = {
	.name = "policy",
	.title = "Read the rotation policy",
	.on = STEP_ON_KEY,
	.build = build_read,
	.accept = accept_read,
};

static bool
is_set(const struct plan_facts *facts, const struct rotation *wish, bool exactly)
{
	struct rotation now;

	read_policy(facts->policy, &now);
	return ((!wish->every[0] && !exactly) || text_casecmp(now.every, wish->every) == 0) &&
	       ((!wish->expire[0] && !exactly) || text_casecmp(now.expire, wish->expire) == 0);
}

static bool
needed(const struct plan_facts *facts)
{
	return !is_set(facts, &facts->rotation, false);
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	struct rotation now;

	read_policy(facts->policy, &now);
	snprintf(out, room, "%s: rotated every %s (now %s), versions valid for %s (now %s)",
		facts->name, facts->rotation.every[0] ? facts->rotation.every : "as it is",
		now.every[0] ? now.every : "never",
		facts->rotation.expire[0] ? facts->rotation.expire : "as it is",
		now.expire[0] ? now.expire : "ever");
}

/* The policy as it is, with these two changed; "" takes one away. */
static void
put(const struct plan_facts *facts, const struct rotation *rotation, struct request *out)
{
	const json_t *actions = json_at(facts->policy, "lifetimeActions");
	json_t *kept = json_array(), *one, *attributes = json_object();
	size_t i;

	json_array_foreach((json_t *)actions, i, one)
	{
		if (!is_rotate(one))
			json_array_append(kept, one);
	}
	if (rotation->every[0])
		json_array_append_new(kept, json_pack("{s:{s:s}, s:{s:s}}", "trigger",
						    "timeAfterCreate", rotation->every, "action",
						    "type", facts->want.hsm ? "rotate" : "Rotate"));
	if (rotation->expire[0])
		json_object_set_new(attributes, "expiryTime", json_string(rotation->expire));
	policy_request(facts, out);
	out->method = HTTP_PUT;
	out->changes = out->repeatable = true;
	out->body = step_body(
		json_pack("{s:o, s:o}", "lifetimeActions", kept, "attributes", attributes));
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	struct rotation wish;

	(void)err;
	read_policy(facts->policy, &wish);
	if (facts->rotation.every[0])
		memcpy(wish.every, facts->rotation.every, sizeof wish.every);
	if (facts->rotation.expire[0])
		memcpy(wish.expire, facts->rotation.expire, sizeof wish.expire);
	put(facts, &wish, out);
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL)
		return step_failed(failure, err);
	err_set(err, ERR_FAILED, "NotInEffect",
		"%s: the vault accepted the policy, but does not show it", facts->name);
	return OUTCOME_LOOK;
}

static bool
undo(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	put(facts, &facts->rotation_before, out);
	return true;
}

static enum outcome
undone(const struct plan_facts *facts)
{
	return is_set(facts, &facts->rotation_before, true) ? OUTCOME_DONE : OUTCOME_LOOK;
}

static void
save(const struct plan_facts *facts, json_t *detail)
{
	json_object_set_new(detail, "rotatedEvery", json_string(facts->rotation_before.every));
	json_object_set_new(detail, "expiredAfter", json_string(facts->rotation_before.expire));
}

static void
load(struct plan_facts *facts, const json_t *detail)
{
	const char *every = json_string_value(json_object_get(detail, "rotatedEvery"));
	const char *expire = json_string_value(json_object_get(detail, "expiredAfter"));

	struct rotation before = {0};

	if (every == NULL || expire == NULL || (*every && !days(every)) ||
		(*expire && !days(expire)) ||
		!text_copy(before.every, sizeof before.every, every) ||
		!text_copy(before.expire, sizeof before.expire, expire))
		return;
	facts->rotation_before = before;
	facts->rotation_known = true;
}

static const struct step step_policy = {
	.name = "policy",
	.title = "Set the rotation policy",
	.why = "The vault makes a new version by itself; accounts that follow new versions take it up, "
	       "Storage within a day. The version before must stay enabled until they have.",
	.changes = true,
	.on = STEP_ON_KEY,
	.again_ms = 1000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_policy,
	.undo = undo,
	.undone = undone,
	.save = save,
	.load = load,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};
	struct rotation now;
	long every, expire;

	if (!needed(facts))
		return 0;
	read_policy(facts->policy, &now);
	every = days(facts->rotation.every[0] ? facts->rotation.every : now.every);
	expire = days(facts->rotation.expire[0] ? facts->rotation.expire : now.expire);
	if ((every && every < EVERY_LEAST) || (expire && expire < EXPIRE_LEAST) ||
		(every && expire && every + EVERY_LEAST > expire))
		judge_say(&judging, &rule_short,
			"rotated every %ld days and expired after %ld: a key is rotated at least 7 "
			"days after it is made and 7 days before it expires, and lives 28 days",
			every, expire);
	if (facts->rotation.every[0])
		judge_say(&judging, &rule_pinned,
			"accounts pinned to a version of %s stay on it when it is rotated",
			facts->name);
	return judging.len;
}

/* As the vault tells it, without its URL. */
static json_t *
show(struct estate *estate, const struct subject *subject, struct err *err)
{
	struct plan_facts facts = {.session = estate_session(estate), .want = subject->key};
	struct request request;
	struct reply reply = {0};
	json_t *json = NULL, *out = NULL;
	struct rotation now;
	char name[SUBJECT_NAME];

	policy_request(&facts, &request);
	if (session_ask(estate_session(estate), &request, &reply, err))
		json = step_json(&reply, "rotation policy", err);
	request_free(&request);
	reply_free(&reply);
	if (json) {
		read_policy(json, &now);
		out = json_pack("{s:s, s:s?, s:s?, s:O?}", "key", subject_name(subject, name),
			"every", now.every[0] ? now.every : NULL, "expire",
			now.expire[0] ? now.expire : NULL, "lifetimeActions",
			json_object_get(json, "lifetimeActions"));
	}
	json_decref(json);
	return out;
}

static const struct step *const reads[] = {&step_read_policy, NULL};
static const struct step *const steps[] = {&step_policy, NULL};
static const char *const blocking[] = {"rotation-too-short", NULL};

const struct plan_def plan_rotation_policy = {
	.name = "key rotation-policy",
	.title = "Rotation policy",
	.summary = "Show how a key is rotated by its vault, or set it.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CHANGES,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.prepare = prepare,
	.judge = judge,
	.show = show,
};
