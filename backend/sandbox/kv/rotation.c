/* Rotation policies and rotation by hand. A vault adds a Notify action of 30 days to every policy
 * and writes the types in its own spelling; a Managed HSM has no notifications and echoes
 * (recorded; terraform-provider-azurerm 27306). Least intervals: documentation, "Configure key
 * rotation" (7 days, expiry 28 days) and for Managed HSM (28 days after creation). That the
 * messages of refused policies are Azure's is not established. */
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/kv/duration.h"
#include "backend/sandbox/kv/rotate.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/rights.h"
#include "backend/sandbox/route.h"

enum { DAY = 86400, LEAST = 7, LEAST_HSM = 28, LEAST_EXPIRY = 28 };

static json_t *
notify_action(void)
{
	return json_pack("{s:{s:s},s:{s:s}}", "trigger", "timeBeforeExpiry", "P30D", "action",
		"type", "Notify");
}

/* The id of a Managed HSM's policy is relative (recorded). */
static json_t *
policy_id(const struct call *call, const char *name)
{
	char base[NAMES_URL] = "";

	if (call->vault->kind == STORE_VAULT)
		vaults_uri(call->vault, &call->naming, base);
	return json_sprintf("%s/keys/%s/rotationpolicy", base, name);
}

/* As stored, or as it is where none was ever set: recorded of a vault with null attributes. Takes
 * policy over. */
static json_t *
policy_reply(const struct call *call, const char *name, json_t *policy)
{
	json_t *attributes = policy ? json_object() : json_null();
	static const char *const members[] = {"expiryTime", "created", "updated"};
	json_t *actions;

	for (size_t i = 0; policy && i < ARRAY_LEN(members); i++)
		if (json_object_get(policy, members[i]))
			json_object_set(
				attributes, members[i], json_object_get(policy, members[i]));
	if (policy)
		actions = json_incref(json_object_get(policy, "lifetimeActions"));
	else if (call->vault->kind == STORE_VAULT)
		actions = json_pack("[o]", notify_action());
	else
		actions = json_array();
	json_decref(policy);
	return json_pack("{s:o,s:o,s:o}", "id", policy_id(call, name), "lifetimeActions", actions,
		"attributes", attributes);
}

static void
get_policy(struct call *call)
{
	struct db *db = call->world->db;
	struct key_version key;

	if (!kv_name_ok(call, call->params[0]))
		return;
	db_lock(db);
	if (rights_key(call, call->vault, PERM_GET_ROTATION)) {
		if (keys_find(db, call->arena, call->vault->id, call->params[0], "", &key))
			reply_json(call, 200,
				policy_reply(
					call, key.name, rotate_policy(db, call->arena, key.key)));
		else
			kv_refuse_missing(call, call->params[0], "");
	}
	db_unlock(db);
}

/* A duration in seconds from now on; false: answered 400. */
static bool
take_span(struct call *call, const char *what, const char *text, int least, int64_t *out)
{
	struct duration d;

	if (!duration_parse(text, &d))
		return kv_bad(call,
			arena_printf(call->arena,
				"Property %s has invalid value: it must be an ISO 8601 duration such as P90D.",
				what));
	*out = duration_after(call->now, &d) - call->now;
	return *out >= (int64_t)least * DAY ||
	       kv_bad(call, arena_printf(call->arena,
				    "Property %s has invalid value: it must be at least %d days.",
				    what, least));
}

struct policy {
	json_t *actions;
	const char *expiry; /* NULL: none */
	int64_t expiry_span;
	bool rotates, notifies;
};

/* Against the expiry of the versions to come and of the one that is there. */
static bool
fits(struct call *call, const struct policy *policy, bool rotate, bool before, int64_t span,
	const struct key_version *newest)
{
	if (policy->expiry && span + (int64_t)LEAST * DAY > policy->expiry_span && rotate)
		return kv_bad(call,
			"Property lifetimeActions has invalid value: a key is rotated at least 7 days after its creation and before its expiry.");
	if (rotate && before && !policy->expiry && !newest->exp)
		return kv_bad(call,
			"Property lifetimeActions has invalid value: timeBeforeExpiry needs an expiryTime.");
	return true;
}

static bool
take_action(struct call *call, const json_t *in, struct policy *policy,
	const struct key_version *newest)
{
	const json_t *trigger = call_member(in, "trigger");
	const char *type = call_text(call_member(in, "action"), "type");
	const char *after = call_text(trigger, "timeAfterCreate");
	const char *before = call_text(trigger, "timeBeforeExpiry");
	bool rotate = type && text_casecmp(type, "Rotate") == 0;
	bool notify = type && text_casecmp(type, "Notify") == 0;
	bool hsm = call->vault->kind == STORE_HSM, *seen;
	int64_t span;

	if (!(rotate || notify) || (notify && hsm))
		return kv_bad(call,
			hsm ? "Property action has invalid value: it must be rotate."
			    : "Property action has invalid value: it must be Rotate or Notify.");
	seen = rotate ? &policy->rotates : &policy->notifies;
	if (*seen || !after == !before || (notify && after))
		return kv_bad(call,
			"Property lifetimeActions has invalid value: one Rotate and one Notify at most, each with one trigger, Notify before expiry.");
	*seen = true;
	if (!take_span(call, after ? "timeAfterCreate" : "timeBeforeExpiry", after ? after : before,
		    hsm && after ? LEAST_HSM : LEAST, &span) ||
		!fits(call, policy, rotate, before != NULL, span, newest))
		return false;
	if (!hsm)
		type = rotate ? "Rotate" : "Notify";
	json_array_append_new(
		policy->actions, json_pack("{s:{s:s},s:{s:s}}", "trigger",
					 after ? "timeAfterCreate" : "timeBeforeExpiry",
					 after ? after : before, "action", "type", type));
	return true;
}

static bool
take_policy(struct call *call, struct policy *out, const struct key_version *newest)
{
	const json_t *actions = call_member(call->json, "lifetimeActions");
	const json_t *attributes = call_member(call->json, "attributes");

	if ((actions && !json_is_null(actions) && !json_is_array(actions)) ||
		(attributes && !json_is_null(attributes) && !json_is_object(attributes)))
		return kv_bad(call, "Property lifetimeActions or attributes has invalid value");
	out->expiry = call_text(attributes, "expiryTime");
	if (out->expiry &&
		!take_span(call, "expiryTime", out->expiry, LEAST_EXPIRY, &out->expiry_span))
		return false;
	for (size_t i = 0; i < json_array_size(actions); i++)
		if (!take_action(call, json_array_get(actions, i), out, newest))
			return false;
	if (!out->notifies && call->vault->kind == STORE_VAULT)
		json_array_append_new(out->actions, notify_action());
	return true;
}

/* Within db_begin. NULL: answered. */
static json_t *
write_policy(struct call *call, const char *name)
{
	struct db *db = call->world->db;
	struct policy in = {.actions = json_array()};
	struct key_version key;
	json_t *old, *json = NULL;

	if (!rights_key(call, call->vault, PERM_SET_ROTATION)) {
	} else if (!keys_find(db, call->arena, call->vault->id, name, "", &key)) {
		kv_refuse_missing(call, name, "");
	} else if (take_policy(call, &in, &key)) {
		old = rotate_policy(db, call->arena, key.key);
		json = json_pack("{s:O,s:I}", "lifetimeActions", in.actions, "created",
			old ? json_integer_value(json_object_get(old, "created"))
			    : (json_int_t)call->now);
		json_object_set_new(json, "updated", json_integer((json_int_t)call->now));
		if (in.expiry)
			json_object_set_new(json, "expiryTime", json_string(in.expiry));
		keys_set_policy(db, key.key, kv_dumped(call, json));
		rotate_plan(db, call->arena, call->vault->id, name, call->now);
		json_decref(old);
		json = policy_reply(call, key.name, json);
	}
	json_decref(in.actions);
	return json;
}

static void
set_policy(struct call *call)
{
	struct db *db = call->world->db;
	json_t *json;

	if (!kv_name_ok(call, call->params[0]))
		return;
	db_begin(db);
	json = write_policy(call, call->params[0]);
	if (!json) {
		db_rollback(db);
	} else if (db_commit(db)) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

/* The lock must be held. */
static bool
may_rotate(struct call *call, const char *name, struct key_version *newest)
{
	struct db *db = call->world->db;

	if (!rights_key(call, call->vault, PERM_ROTATE))
		return false;
	if (!keys_find(db, call->arena, call->vault->id, name, "", newest))
		return kv_refuse_missing(call, name, "");
	return call->vault->kind == STORE_VAULT || keys_count(db, newest->key) < KV_HSM_VERSIONS ||
	       kv_bad(call, "A key of a Managed HSM can have at most 100 versions");
}

static void
add_version(struct call *call, const char *name, const struct kv_made *made)
{
	struct db *db = call->world->db;
	struct key_version newest, fresh, again;
	json_t *json = NULL;

	db_begin(db);
	if (!may_rotate(call, name, &newest)) {
		db_rollback(db);
		return;
	}
	rotate_add(db, call->arena, call->vault->id, &newest, made, call->now, &fresh);
	if (keys_find(db, call->arena, call->vault->id, name, fresh.version, &again))
		json = kv_bundle(call, &again);
	if (db_commit(db) && json) {
		reply_json(call, 200, json);
	} else {
		json_decref(json);
		reply_broken(call);
	}
}

static void
rotate_now(struct call *call)
{
	const char *name = call->params[0];
	struct key_version newest;
	struct kv_made made;
	bool ok;

	if (!kv_name_ok(call, name))
		return;
	db_lock(call->world->db);
	ok = may_rotate(call, name, &newest);
	db_unlock(call->world->db);
	if (!ok)
		return;
	if (!kv_make(&made, newest.bits, newest.curve[0] ? newest.curve : NULL, NULL)) {
		reply_broken(call);
		return;
	}
	add_version(call, name, &made);
	kv_made_free(&made);
}

const struct route kv_rotation_routes[] = {
	{ROUTE_KEYS, VERB_GET, "/keys/{}/rotationpolicy", NULL, 0, get_policy},
	{ROUTE_KEYS, VERB_PUT, "/keys/{}/rotationpolicy", NULL, ROUTE_JSON, set_policy},
	{ROUTE_KEYS, VERB_POST, "/keys/{}/rotate", NULL, 0, rotate_now},
};
const size_t kv_rotation_routes_len = ARRAY_LEN(kv_rotation_routes);
