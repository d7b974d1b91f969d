/* key create: a key that is not there yet. Where there is one of that name the call would only make
 * a new version of it, which is what rotate does and nobody meant here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/plans/hint.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static const struct rule rule_exists = {
	.id = "key-exists",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, Create Key",
	.remedy = "Give another name, or make a new version of it: claviger rotate.",
};
static const struct rule rule_deleted = {
	.id = "key-deleted",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 7.4, ObjectIsDeletedButRecoverable",
	.remedy = "Bring it back, or give another name: claviger key recover.",
};
static const struct rule rule_no_vault = {
	.id = "vault-absent",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault soft-delete overview",
	.remedy = "Choose a vault that is there: claviger vault list.",
};

static const char *const sizes[] = {"2048", "3072", "4096", NULL};

static const struct plan_field fields[] = {
	{.name = "bits",
		.title = "Size",
		.arg = "BITS",
		.help = "An RSA key of 2048, 3072 or 4096 bits; on a managed HSM RSA-HSM.",
		.choices = sizes,
		.required = true,
		.hint = hint_bits},
};

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	if (subject->key.version[0])
		return err_set(err, ERR_USAGE, "",
			"%s: a new key has no version yet; leave it out of the URI", facts->name);
	if (values[0] == NULL)
		return err_set(err, ERR_USAGE, "", "--bits is missing: 2048, 3072 or 4096");
	facts->create_bits = (unsigned)strtoul(values[0], NULL, 10);
	return true;
}

static bool
key_is_absent(const struct plan_facts *facts)
{
	return facts->facts.key_known == KNOWN_ABSENT;
}

static bool
build_deleted(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	step_deleted_key(facts, HTTP_GET, "", out);
	return true;
}

static enum outcome
accept_deleted(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	facts->gone_known = reply ? KNOWN_READ : known_of(failure);
	return facts->gone_known == KNOWN_FAILED ? step_failed(failure, err) : OUTCOME_DONE;
}

const struct step step_read_deleted_key = {
	.name = "deleted",
	.title = "Look among the deleted keys",
	.on = STEP_ON_KEY,
	.needed = key_is_absent,
	.build = build_deleted,
	.accept = accept_deleted,
};

void
step_deleted_key(const struct plan_facts *facts, enum http_method method, const char *verb,
	struct request *out)
{
	*out = (struct request){
		.method = method, .audience = facts->want.hsm ? AUDIENCE_HSM : AUDIENCE_VAULT};
	out->url = mem_printf("https://%s/deletedkeys/%s%s?api-version=%s", facts->want.host,
		facts->want.key, verb, session_api_version(facts->session, "keyvault"));
}

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};
	const struct key *key = &facts->facts.key;

	if (facts->facts.vault_known == KNOWN_ABSENT)
		judge_say(&judging, &rule_no_vault, "vault %s is not there", facts->vault.name);
	if (facts->facts.key_known == KNOWN_READ && !facts->made[0])
		judge_say(&judging, &rule_exists, "%s is there already, %s with %u bits",
			facts->name, key->kty, key->bits);
	if (key_is_absent(facts) && facts->gone_known == KNOWN_READ)
		judge_say(&judging, &rule_deleted,
			"%s was deleted and can still be recovered: its name is taken until then",
			facts->name);
	return judging.len;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: reads back type and size", facts->name);
}

static bool
build_verify(const struct plan_facts *facts, struct request *out, struct err *err)
{
	struct keyid id = facts->want;

	(void)err;
	id.version[0] = '\0';
	estate_get_key(facts->session, &id, out);
	return true;
}

static enum outcome
accept_verify(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	const struct key *key = &facts->facts.key;
	json_t *json;
	bool ok;

	if (reply == NULL)
		return step_failed(failure, err);
	json = step_json(reply, "key", err);
	ok = json && step_take_key(facts, json, err);
	json_decref(json);
	if (!ok)
		return OUTCOME_FAILED;
	if (key->bits != facts->create_bits || !text_case_starts(key->kty, "RSA")) {
		err_set(err, ERR_FAILED, "ReadBack", "%s: read back, it is %s with %u bits",
			facts->name, key->kty, key->bits);
		return OUTCOME_FAILED;
	}
	snprintf(facts->note, sizeof facts->note, "read back: %s, %u bits, version %s", key->kty,
		key->bits, facts->want.version);
	return OUTCOME_DONE;
}

static const struct step step_verify_key = {
	.name = "verify",
	.title = "Read it back",
	.why = "What counts is what the vault says of the key afterwards.",
	.on = STEP_ON_KEY,
	.describe = describe,
	.build = build_verify,
	.accept = accept_verify,
};

static const struct step *const reads[] = {
	&step_read_vault,
	&step_read_key,
	&step_read_versions,
	&step_read_deleted_key,
	NULL,
};
static const struct step *const steps[] = {&step_key, &step_verify_key, NULL};
static const char *const blocking[] = {
	"vault-absent", "key-exists", "key-deleted", "key-unreadable", NULL};
static const struct plan_mend mends[] = {{"key-absent", "key"}, {NULL, NULL}};

const struct plan_def plan_key_create = {
	.name = "key create",
	.title = "Create key",
	.summary = "Make a key that is not there yet, for wrapping and unwrapping only.",
	.subject = SUBJECT_KEY,
	.danger = PLAN_CHANGES,
	.makes = "key",
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.mends = mends,
	.prepare = prepare,
	.judge = judge,
};
