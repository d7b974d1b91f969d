/* The switch itself, and reading it back. Azure wraps the account's key while it answers; what
 * the account holds is not encrypted anew. A grant takes its time to reach the vault's data plane,
 * and until then the refusal looks like a missing right: such refusals are tried again, all others
 * are final. */
#include "backend/plans/step.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"

/* Who is to open the key after the switch itself. */
static const char *
opener(const struct plan_facts *facts)
{
	return step_opener_apart(facts) ? facts->former.identity : facts->want_identity;
}

static bool
has_opener(const struct plan_facts *facts)
{
	const struct account *account = &facts->facts.account;

	return text_casecmp(account->key_identity, facts->want_identity) == 0 &&
	       text_casecmp(account->federated, facts->cross.client) == 0;
}

static bool
needed(const struct plan_facts *facts)
{
	return !step_has_key(facts) || !(step_opener_apart(facts) || has_opener(facts));
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	char used[240];

	snprintf(out, room, "%s: from %s to %s/%s, %s%s, opened by the %s identity%s%s",
		facts->account.name, step_used(&facts->facts.account, used, sizeof used),
		facts->want.vault, facts->want.key, facts->follow ? "" : "version ",
		facts->follow            ? "whatever version is current"
		: facts->want.version[0] ? facts->want.version
					 : "that is made first",
		opener(facts)[0] ? "user-assigned" : "system-assigned",
		facts->cross.asked ? " by way of the application " : "", facts->cross.client);
}

static void
patch(const struct plan_facts *facts, json_t *body, struct request *out)
{
	estate_get_account(facts->session, &facts->account, out);
	out->method = HTTP_PATCH;
	out->changes = out->repeatable = true;
	out->body = step_body(body);
}

static void
patch_key(const struct plan_facts *facts, const struct keyid *key, const char *version,
	const char *identity, const char *federated, struct request *out)
{
	struct account as_wanted;

	account_copy(&as_wanted, &facts->facts.account);
	snprintf(as_wanted.key_identity, sizeof as_wanted.key_identity, "%s", identity);
	as_wanted.unfederate = as_wanted.federated[0] && !federated[0];
	snprintf(as_wanted.federated, sizeof as_wanted.federated, "%s", federated);
	patch(facts, as_wanted.service->encrypt_body(&as_wanted, key, version), out);
	account_free(&as_wanted);
}

static bool
build_as(const struct plan_facts *facts, const char *identity, struct request *out, struct err *err)
{
	const char *version = facts->follow ? "" : facts->want.version;
	char mark[96];

	if (!facts->previewing && !facts->want.version[0] && !(facts->follow && facts->cross.asked))
		return err_set(err, ERR_FAILED, "NoVersion", "%s/%s: its version is not known",
			facts->want.vault, facts->want.key);
	if (facts->version_mark[0] && !facts->follow)
		version = facts->version_mark;
	else if (!facts->want.version[0] && !facts->follow)
		version = step_mark(mark, sizeof mark, "version", "key");
	patch_key(facts, &facts->want, version, identity, facts->cross.client, out);
	return true;
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return build_as(facts, opener(facts), out, err);
}

bool
step_may_take_effect_later(const struct plan_facts *facts, const struct err *failure)
{
	/* Batch names no reason, and a role that was given is the likeliest. */
	bool roles = store_of(&facts->facts.vault)->role != NULL;
	static const char *const late[] = {"KeyVaultAuthenticationFailure", "authentication issue",
		"AccessDenied", "ForbiddenByPolicy", "ForbiddenByRbac"};
	static const char *const final[] = {
		"disabled", "expired", "not yet valid", "not permitted on", "another tenant"};

	/* What somebody else is to give in another tenant is not waited for. */
	if ((failure->http != 400 && failure->http != 403) ||
		(facts->cross.asked && !facts->granted))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(final); i++)
		if (text_case_has(failure->msg, final[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(late); i++)
		if (text_case_has(failure->msg, late[i]) || text_case_has(failure->code, late[i]))
			return true;
	return roles && text_case_has(failure->code, "InvalidKeyVaultReference");
}

static enum outcome
answered(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	bool (*still)(const struct plan_facts *), struct err *err)
{
	if (reply == NULL) {
		step_failed(failure, err);
		return step_may_take_effect_later(facts, failure) ? OUTCOME_AGAIN : OUTCOME_FAILED;
	}
	if (!step_take_account(facts, reply, err))
		return OUTCOME_LOOK;
	if (!still(facts))
		return OUTCOME_DONE;
	err_set(err, ERR_FAILED, "NotInEffect",
		"account %s: Azure accepted the key, but the account does not show it",
		facts->account.name);
	return OUTCOME_LOOK;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return answered(facts, reply, failure, needed, err);
}

bool
step_go_back(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct account *account = &facts->facts.account;

	(void)err;
	/* Into another tenant who opens it was changed first, and so is changed back last. */
	if (facts->former.known)
		patch_key(facts, &facts->former.key, facts->former.key.version,
			facts->cross.asked ? facts->want_identity : facts->former.identity,
			facts->cross.client, out);
	else
		patch(facts, account->service->detach_body(account), out);
	return true;
}

void
step_save_former(const struct plan_facts *facts, json_t *detail)
{
	char key[KEYID_MAX];

	if (!facts->former.known)
		return;
	json_object_set_new(detail, "formerKey", json_string(keyid_print(&facts->former.key, key)));
	json_object_set_new(detail, "formerIdentity", json_string(facts->former.identity));
	if (facts->former.federated[0])
		json_object_set_new(
			detail, "formerFederated", json_string(facts->former.federated));
}

void
step_load_former(struct plan_facts *facts, const json_t *detail)
{
	const char *uri = json_string_value(json_object_get(detail, "formerKey"));
	const char *identity = json_string_value(json_object_get(detail, "formerIdentity"));
	const char *client = json_string_value(json_object_get(detail, "formerFederated"));
	struct keyid key;
	struct armid id;

	if (uri == NULL || !keyid_parse(&key, uri, session_cloud(facts->session), NULL))
		return;
	facts->former.known = true;
	facts->former.key = key;
	facts->former.identity[0] = '\0';
	if (identity && armid_parse(&id, identity, NULL))
		armid_print(&id, facts->former.identity);
	snprintf(facts->former.federated, sizeof facts->former.federated, "%s",
		client && armid_is_guid(client) ? client : "");
}

/* Which version was current then need not be the one that is now. Every record names the key; which
 * one is wanted may not be known before the reads. */
static void
load_version(struct plan_facts *facts, const json_t *detail)
{
	struct keyid *want = &facts->want, key;
	char text[KEYID_MAX];

	if (!json_text(detail, "key", text, sizeof text, NULL) || !text[0] ||
		!keyid_parse(&key, text, session_cloud(facts->session), NULL) || !key.version[0] ||
		(want->host[0] && (text_casecmp(key.host, want->host) != 0 ||
					  text_casecmp(key.key, want->key) != 0)))
		return;
	memcpy(want->version, key.version, sizeof want->version);
	memcpy(facts->facts.target, key.version, sizeof facts->facts.target);
	facts->version_asked = true;
}

static void
load(struct plan_facts *facts, const json_t *detail)
{
	load_version(facts, detail);
	step_load_former(facts, detail);
}

const struct step step_switch = {
	.name = "switch",
	.title = "Switch to the customer key",
	.why = "The account's own key is wrapped with your key at once and without delay. What the account "
	       "holds is not encrypted anew, and nothing else has to be done.",
	.changes = true,
	.on = STEP_ON_ACCOUNT,
	.again_ms = 5000,
	.budget_ms = 15 * 60 * 1000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_account,
	.undo = step_go_back,
	.save = step_save_former,
	.load = load,
};

static bool
needed_federate(const struct plan_facts *facts)
{
	return facts->cross.asked && facts->former.known && !has_opener(facts);
}

static void
describe_federate(const struct plan_facts *facts, char *out, size_t room)
{
	char used[240];

	snprintf(out, room, "%s: %.200s stays, opened by %s by way of the application %s",
		facts->account.name, step_used(&facts->facts.account, used, sizeof used),
		facts->want_identity, facts->cross.client);
}

static bool
build_federate(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	patch_key(facts, &facts->former.key, facts->former.key.version, facts->want_identity,
		facts->cross.client, out);
	return true;
}

static enum outcome
accept_federate(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return answered(facts, reply, failure, needed_federate, err);
}

static bool
undo_federate(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	patch_key(facts, &facts->former.key, facts->former.key.version, facts->former.identity,
		facts->former.federated, out);
	return true;
}

const struct step step_federate = {
	.name = "federate",
	.title = "Let the application of both tenants open the key",
	.why = "Storage refuses to change the key and who opens it in one request. Into another "
	       "tenant the one who opens it comes first: nobody else gets there.",
	.changes = true,
	.on = STEP_ON_ACCOUNT,
	.again_ms = 5000,
	.budget_ms = 15 * 60 * 1000,
	.needed = needed_federate,
	.describe = describe_federate,
	.build = build_federate,
	.accept = accept_federate,
	.reread = &step_read_account,
	.undo = undo_federate,
	.save = step_save_former,
	.load = step_load_former,
};

static bool
needed_opener(const struct plan_facts *facts)
{
	return step_opener_apart(facts) && !has_opener(facts);
}

static void
describe_opener(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: from %s to %s", facts->account.name,
		facts->former.identity[0] ? facts->former.identity : "the system-assigned identity",
		facts->want_identity[0] ? facts->want_identity : "the system-assigned identity");
}

static bool
build_opener(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return build_as(facts, facts->want_identity, out, err);
}

static enum outcome
accept_opener(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	return answered(facts, reply, failure, needed_opener, err);
}

static bool
undo_opener(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return build_as(facts, facts->former.identity, out, err);
}

const struct step step_opener = {
	.name = "opener",
	.title = "Change who opens the key",
	.why = "Storage refuses to change the key and the identity that opens it in one request, so "
	       "the identity follows in one of its own.",
	.changes = true,
	.on = STEP_ON_ACCOUNT,
	.again_ms = 5000,
	.budget_ms = 15 * 60 * 1000,
	.needed = needed_opener,
	.describe = describe_opener,
	.build = build_opener,
	.accept = accept_opener,
	.reread = &step_read_account,
	.undo = undo_opener,
	.save = step_save_former,
	.load = step_load_former,
};

static void
describe_verify(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: reads back key source, vault, key, version and identity",
		facts->account.name);
}

/* The first field that is not as asked for; NULL when all are. */
static const char *
wrong_field(const struct plan_facts *facts, const char **is)
{
	const struct account *account = &facts->facts.account;
	const struct {
		const char *name, *is, *want;
	} fields[] = {
		{"keySource", key_source_name(account->source),
			key_source_name(KEY_SOURCE_CUSTOMER)},
		{"keyvaultUri", account->key.host, facts->want.host},
		{"keyName", account->key.key, facts->want.key},
		{"keyVersion", account->key.version, facts->follow ? "" : facts->want.version},
		{"encryption.identity", account->key_identity, facts->want_identity},
		{"federatedIdentityClientId", account->federated, facts->cross.client},
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (text_casecmp(fields[i].is, fields[i].want) != 0) {
			*is = fields[i].is[0] ? fields[i].is : "nothing";
			return fields[i].name;
		}
	*is = "nothing";
	return step_identity_principal(facts)[0] ? NULL : "identity.principalId";
}

static bool
build_verify(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_account(facts->session, &facts->account, out);
	return true;
}

static enum outcome
accept_verify(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	const char *field, *is;

	if (reply == NULL)
		return step_failed(failure, err);
	if (!step_take_account(facts, reply, err))
		return OUTCOME_FAILED;
	field = wrong_field(facts, &is);
	if (field) {
		err_set(err, ERR_FAILED, "ReadBack",
			"account %s: read back, its %s is %s and not what was asked for",
			facts->account.name, field, is);
		return OUTCOME_AGAIN;
	}
	snprintf(facts->note, sizeof facts->note, "read back: %s/%s %s%s%s%s", facts->want.vault,
		facts->want.key, facts->follow ? "follows new versions" : "version ",
		facts->follow ? "" : facts->want.version,
		facts->cross.asked ? ", by way of the application " : "", facts->cross.client);
	return OUTCOME_DONE;
}

const struct step step_verify = {
	.name = "verify",
	.title = "Read it back",
	.why = "What counts is what the account says afterwards, field by field.",
	.on = STEP_ON_ACCOUNT,
	.again_ms = 2000,
	.budget_ms = 20000,
	.describe = describe_verify,
	.build = build_verify,
	.accept = accept_verify,
};
