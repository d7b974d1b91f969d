/* identity assign: one identity more for an account; those that are there stay, since one of them
 * may be what opens its key. Batch has one kind only, never both. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/fit.h"
#include "backend/plans/hint.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

enum { FIELD_SYSTEM, FIELD_USER };

static const struct rule rule_one_kind = {
	.id = "identity-kind",
	.severity = SEVERITY_HIGH,
	.section = "the account's identity",
	.remedy = "An account of this service has identities of one kind only; make a new account "
		  "with the other kind: claviger account create.",
};
static const struct rule rule_absent = {
	.id = "identity-absent",
	.severity = SEVERITY_HIGH,
	.source = "Managed identity REST 2023-01-31, User Assigned Identities Get",
	.remedy = "Choose one that is there, or make it: claviger identity create.",
};
static const struct rule rule_too_many = {
	.id = "identities-too-many",
	.severity = SEVERITY_HIGH,
	.source = "terraform-provider-azurerm 19717",
	.remedy = "Take identities away that nothing uses any more.",
};
static const struct rule rule_too_late = {
	.id = "identity-too-late",
	.severity = SEVERITY_MEDIUM,
	.section = "can existing Batch accounts be changed",
	.remedy =
		"For a customer key make a new account with an identity: claviger account create.",
};

static bool
suggest_system(
	const struct filling *filling, char *value, size_t room, char *reason, size_t reason_room)
{
	if (filling->facts == NULL || filling->facts->account.identity.system == TRI_YES)
		return false;
	snprintf(value, room, "yes");
	snprintf(reason, reason_room, "the account has none yet");
	return true;
}

static const struct plan_field fields[] = {
	[FIELD_SYSTEM] = {.name = "system",
		.title = "System-assigned",
		.help = "The system-assigned identity; this is what happens when nothing is chosen.",
		.suggest = suggest_system,
		.excludes = "user-identity"},
	[FIELD_USER] = {.name = "user-identity",
		.title = "User-assigned identity",
		.arg = "ID",
		.help = "A user-assigned identity that is there (ARM id).",
		.hint = hint_identity,
		.offer = offer_identities,
		.parts = ESTATE_IDENTITIES},
};

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	const char *user = values[FIELD_USER];

	(void)estate;
	if (service_find(subject->id.type) == NULL)
		return err_set(err, ERR_REFUSED, "NoService",
			"%s: nothing is known of accounts of %s", facts->name, subject->id.type);
	if (user && values[FIELD_SYSTEM])
		return err_set(err, ERR_USAGE, "",
			"--system and --user-identity exclude each other: assign one at a time");
	if (user == NULL)
		return true;
	if (armid_parse(&facts->identity, user, err) &&
		(text_casecmp(facts->identity.type,
			 "Microsoft.ManagedIdentity/userAssignedIdentities") == 0 ||
			err_set(err, ERR_USAGE, "", "%s is no user-assigned identity", user))) {
		armid_print(&facts->identity, facts->want_identity);
		return true;
	}
	err_prefix(err, "--user-identity");
	err->kind = ERR_USAGE;
	return false;
}

static bool
needed(const struct plan_facts *facts)
{
	const struct identity *identity = &facts->facts.account.identity;

	if (facts->want_identity[0] == '\0')
		return identity->system != TRI_YES || !identity->principal[0];
	for (size_t i = 0; i < identity->users_len; i++)
		if (text_casecmp(identity->users[i].id, facts->want_identity) == 0)
			return false;
	return true;
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	const struct identity *identity = &facts->facts.account.identity;

	snprintf(out, room, "%s: adds %s; keeps %zu user-assigned%s", facts->name,
		facts->want_identity[0] ? facts->identity.name : "the system-assigned identity",
		identity->users_len,
		identity->system == TRI_YES ? " and the system-assigned one" : "");
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	struct account to_be;
	struct identity *identity = &to_be.identity;
	bool user = facts->want_identity[0] != '\0';

	if (user && facts->facts.account.identity.users_len == IDENTITIES_MAX)
		return err_set(err, ERR_REFUSED, "TooManyIdentities",
			"%s has %d user-assigned identities already", facts->name, IDENTITIES_MAX);
	account_copy(&to_be, &facts->facts.account);
	if (user)
		snprintf(identity->users[identity->users_len++].id, sizeof identity->users[0].id,
			"%s", facts->want_identity);
	estate_get_account(facts->session, &facts->account, out);
	out->method = HTTP_PATCH;
	out->changes = out->repeatable = true;
	out->body = step_body(json_pack("{s:o}", "identity",
		service_identity_body(&to_be, !user, to_be.service->identity_comma)));
	account_free(&to_be);
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL)
		return step_failed(failure, err);
	err_set(err, ERR_FAILED, "NotInEffect",
		"account %s: Azure accepted the identity, but does not show it", facts->name);
	return OUTCOME_LOOK;
}

static enum outcome
seen(struct plan_facts *facts, struct err *err)
{
	(void)err;
	if (needed(facts))
		return OUTCOME_LOOK;
	snprintf(facts->note, sizeof facts->note, "read back: %s", step_principal(facts));
	return OUTCOME_DONE;
}

static const struct step step_assign = {
	.name = "assign",
	.title = "Assign the identity",
	.why = "The account signs in to the key vault as one of its identities. Assigning one changes "
	       "nothing for the others, nor for what opens the key now.",
	.stays = "without rights on a vault an identity opens nothing",
	.changes = true,
	.on = STEP_ON_ACCOUNT,
	.again_ms = 2000,
	.budget_ms = 120000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_account,
	.seen = seen,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	const struct account *account = &facts->facts.account;
	const struct service *service = account->service;
	struct judging judging = {.service = service, .out = out, .max = max};
	bool system = account->identity.system == TRI_YES, user = facts->want_identity[0];
	size_t users = account->identity.users_len;

	if (!needed(facts))
		return 0;
	if (service->one_identity && (user ? system : users > 0))
		judge_say(&judging, &rule_one_kind,
			"%s has %s, and %s takes no other kind beside it", facts->name,
			system ? "a system-assigned identity" : "user-assigned identities",
			service->title);
	if (user && users == IDENTITIES_MAX)
		judge_say(&judging, &rule_too_many, "%s has %zu user-assigned identities already",
			facts->name, users);
	if (user && facts->identity_principal[0] == '\0' && facts->gone_known == KNOWN_ABSENT)
		judge_say(&judging, &rule_absent, "there is no identity %s in %s",
			facts->identity.name, facts->identity.group);
	if (service->identity_at_creation && !system && users == 0)
		judge_say(&judging, &rule_too_late,
			"%s was made without an identity: one that is assigned now does not let it "
			"take a customer key",
			facts->name);
	return judging.len;
}

static const struct step *const reads[] = {&step_read_account, &step_read_identity, NULL};
static const struct step *const steps[] = {&step_assign, NULL};
static const char *const blocking[] = {
	"identity-kind", "identity-absent", "identities-too-many", NULL};

/* Who assigns an identity is not helped by how to get one, or a key. */
static const char *const beside[] = {"identity-missing", "not-onboarded", NULL};

const struct plan_def plan_identity_assign = {
	.name = "identity assign",
	.title = "Assign identity",
	.summary = "Give an account one identity more, and keep those that it has.",
	.subject = SUBJECT_ACCOUNT,
	.danger = PLAN_CHANGES,
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.beside = beside,
	.prepare = prepare,
	.judge = judge,
	.unfit = unfit_assign,
};
