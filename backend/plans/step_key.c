/* A new RSA key. Creating is not idempotent (a second call makes a second version), so the key
 * carries the operation's id as a tag: when an answer is lost, the key is looked for, not made
 * again. */
#include "backend/plans/step.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/mem.h"

static const char tag[] = "claviger-op";

json_t *
step_tags(const struct plan_facts *facts)
{
	return json_pack("{s:s}", tag,
		facts->previewing ? REQUEST_UNKNOWN_OPEN
			"operation, made when it starts" REQUEST_UNKNOWN_CLOSE
				  : facts->operation);
}

void
step_find_made(struct plan_facts *facts, const json_t *versions)
{
	const json_t *value = json_object_get(versions, "value"), *one;
	size_t i;

	json_array_foreach((json_t *)value, i, one)
	{
		const json_t *tags = json_object_get(one, "tags");
		const char *operation = json_string_value(json_object_get(tags, tag));
		const char *kid = json_string_value(json_object_get(one, "kid"));
		struct keyid id;

		if (operation && kid && strcmp(operation, facts->operation) == 0 &&
			keyid_parse(&id, kid, session_cloud(facts->session), NULL))
			memcpy(facts->made, id.version, sizeof facts->made);
	}
}

static bool
needed(const struct plan_facts *facts)
{
	return facts->create_bits && facts->facts.key_known != KNOWN_READ;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: makes %s, RSA %u bits, for wrapping and unwrapping only",
		facts->want.vault, facts->want.key, facts->create_bits);
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	*out = (struct request){.method = HTTP_POST, .changes = true};
	out->audience = facts->want.hsm ? AUDIENCE_HSM : AUDIENCE_VAULT;
	out->url = mem_printf("https://%s/keys/%s/create?api-version=%s", facts->want.host,
		facts->want.key, session_api_version(facts->session, "keyvault"));
	out->body = step_body(json_pack("{s:s, s:i, s:[s, s], s:o}", "kty",
		facts->want.hsm ? "RSA-HSM" : "RSA", "key_size", (int)facts->create_bits, "key_ops",
		"wrapKey", "unwrapKey", "tags", step_tags(facts)));
	return true;
}

static enum outcome
take(struct plan_facts *facts, const struct reply *reply, struct err *err)
{
	json_t *json = step_json(reply, "key", err);
	bool ok = json && step_take_key(facts, json, err);

	json_decref(json);
	if (!ok)
		return OUTCOME_LOOK;
	snprintf(facts->note, sizeof facts->note, "made version %s", facts->want.version);
	return OUTCOME_DONE;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return reply ? take(facts, reply, err) : step_failed(failure, err);
}

static bool
build_lookup(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_key(facts->session, &facts->want, out);
	return true;
}

static enum outcome
accept_lookup(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	char path[32], operation[64];
	enum outcome outcome = OUTCOME_FAILED;
	json_t *json;

	if (reply == NULL)
		return failure->http == 404 ? OUTCOME_DONE : step_failed(failure, err);
	json = step_json(reply, "key", err);
	snprintf(path, sizeof path, "tags.%s", tag);
	if (json && json_text(json, path, operation, sizeof operation, err)) {
		if (strcmp(operation, facts->operation) != 0)
			err_set(err, ERR_REFUSED, "KeyAppeared",
				"%s/%s: somebody else made a key of this name meanwhile; leave out "
				"--create-key to use it",
				facts->want.vault, facts->want.key);
		else if (step_take_key(facts, json, err))
			outcome = OUTCOME_DONE;
	}
	json_decref(json);
	return outcome;
}

static const struct step step_lookup = {
	.name = "key",
	.title = "Look for the key that was made",
	.on = STEP_ON_KEY,
	.build = build_lookup,
	.accept = accept_lookup,
};

const struct step step_key = {
	.name = "key",
	.title = "Make the key",
	.why = "You may bring a key or have one made in the vault. Only RSA keys can protect an account. "
	       "The private half never leaves the vault.",
	.stays = "the key stays in the vault; nothing uses it any more",
	.changes = true,
	.on = STEP_ON_KEY,
	.again_ms = 2000,
	.budget_ms = 60000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_lookup,
};
