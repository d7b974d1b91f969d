/* The switch itself, and reading it back. Azure wraps the account's key while it answers; what
 * the account holds is not encrypted anew. A grant takes its time to reach the vault's data plane,
 * and until then the refusal looks like a missing right: such refusals are tried again, all others
 * are final. */
#include "backend/plans/step.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"

static bool
needed(const struct plan_facts *facts)
{
	return !step_is_switched(facts);
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: from %s to %s/%s, %s%s, opened by the %s identity",
		facts->account.name,
		facts->facts.account.source == KEY_SOURCE_CUSTOMER ? "another customer key"
								   : "Microsoft's keys",
		facts->want.vault, facts->want.key, facts->follow ? "" : "version ",
		facts->follow            ? "whatever version is current"
		: facts->want.version[0] ? facts->want.version
					 : "that is made first",
		facts->want_identity[0] ? "user-assigned" : "system-assigned");
}

static void
patch(const struct plan_facts *facts, json_t *body, struct request *out)
{
	estate_get_account(facts->session, &facts->account, out);
	out->method = HTTP_PATCH;
	out->changes = out->repeatable = true;
	out->body = step_body(body);
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const char *version = facts->follow ? "" : facts->want.version;
	struct account as_wanted;
	char mark[96];

	if (!facts->previewing && !facts->want.version[0])
		return err_set(err, ERR_FAILED, "NoVersion", "%s/%s: its version is not known",
			facts->want.vault, facts->want.key);
	if (!facts->want.version[0] && !facts->follow)
		version = step_mark(mark, sizeof mark, "version", "key");
	account_copy(&as_wanted, &facts->facts.account);
	memcpy(as_wanted.key_identity, facts->want_identity, sizeof as_wanted.key_identity);
	patch(facts, as_wanted.service->encrypt_body(&as_wanted, &facts->want, version), out);
	account_free(&as_wanted);
	return true;
}

static bool
may_take_effect_later(const struct err *failure)
{
	static const char *const late[] = {"KeyVaultAuthenticationFailure", "authentication issue",
		"AccessDenied", "ForbiddenByPolicy"};
	static const char *const final[] = {
		"disabled", "expired", "not yet valid", "not permitted on", "another tenant"};

	if (failure->http != 400 && failure->http != 403)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(final); i++)
		if (text_case_has(failure->msg, final[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LEN(late); i++)
		if (text_case_has(failure->msg, late[i]) || text_case_has(failure->code, late[i]))
			return true;
	return false;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL) {
		step_failed(failure, err);
		return may_take_effect_later(failure) ? OUTCOME_AGAIN : OUTCOME_FAILED;
	}
	if (!step_take_account(facts, reply, err))
		return OUTCOME_LOOK;
	if (!needed(facts))
		return OUTCOME_DONE;
	err_set(err, ERR_FAILED, "NotInEffect",
		"account %s: Azure accepted the key, but the account does not show it",
		facts->account.name);
	return OUTCOME_LOOK;
}

static bool
undo(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	patch(facts, facts->facts.account.service->detach_body(&facts->facts.account), out);
	return true;
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
	.undo = undo,
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
	};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (text_casecmp(fields[i].is, fields[i].want) != 0) {
			*is = fields[i].is[0] ? fields[i].is : "nothing";
			return fields[i].name;
		}
	*is = "nothing";
	return step_principal(facts)[0] ? NULL : "identity.principalId";
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
	snprintf(facts->note, sizeof facts->note, "read back: %s/%s %s%s", facts->want.vault,
		facts->want.key, facts->follow ? "follows new versions" : "version ",
		facts->follow ? "" : facts->want.version);
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
