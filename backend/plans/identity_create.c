/* identity create: a user-assigned identity. Its PUT says the same however often it is sent, so one
 * that is there in the same place is what was asked for. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/hint.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

static const struct rule rule_elsewhere = {
	.id = "identity-elsewhere",
	.severity = SEVERITY_HIGH,
	.source = "Managed identity REST 2023-01-31, Identity location",
	.remedy = "Use it where it is, or give another name: an identity does not move.",
};

static const struct plan_field fields[] = {
	{.name = "location",
		.title = "Location",
		.arg = "LOCATION",
		.help = "The region, as westeurope.",
		.required = true,
		.hint = hint_location,
		.offer = offer_locations,
		.parts = ESTATE_IDENTITIES},
};

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	const char *name = subject->id.name;
	size_t len = strlen(name);
	bool plain = len >= 3 && isalnum((unsigned char)name[0]);

	(void)estate;
	for (size_t i = 0; plain && i < len; i++)
		plain = isalnum((unsigned char)name[i]) || name[i] == '-' || name[i] == '_';
	if (!plain)
		return err_set(err, ERR_USAGE, "",
			"%s: an identity's name has 3 to 128 letters, digits, dashes and underscores",
			name);
	if (values[0] == NULL)
		return err_set(
			err, ERR_USAGE, "", "--location is missing: the region, as westeurope");
	return step_location(values[0], facts->location, err);
}

static bool
needed(const struct plan_facts *facts)
{
	return facts->identity_principal[0] == '\0';
}

static void
describe(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: in %s of %s", facts->name, facts->location, facts->identity.group);
}

static bool
build(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	estate_get_vault(facts->session, &facts->identity, out);
	out->method = HTTP_PUT;
	out->changes = out->repeatable = true;
	out->body = step_body(json_pack("{s:s}", "location", facts->location));
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL)
		return step_failed(failure, err);
	err_set(err, ERR_FAILED, "NotInEffect",
		"identity %s: Azure accepted it, but shows no principal for it", facts->name);
	return OUTCOME_LOOK;
}

static enum outcome
seen(struct plan_facts *facts, struct err *err)
{
	(void)err;
	if (needed(facts))
		return OUTCOME_LOOK;
	snprintf(facts->note, sizeof facts->note, "read back: principal %s",
		facts->identity_principal);
	return OUTCOME_DONE;
}

static const struct step step_create = {
	.name = "create",
	.title = "Make the identity",
	.why = "A user-assigned identity is there before the accounts that use it: it can be given its "
	       "rights on a key first, and serve several of them. Nobody has to know or keep a "
	       "password for it.",
	.stays = "without rights on a vault an identity opens nothing",
	.changes = true,
	.on = STEP_ON_IDENTITY,
	.again_ms = 2000,
	.budget_ms = 120000,
	.needed = needed,
	.describe = describe,
	.build = build,
	.accept = accept,
	.reread = &step_read_identity,
	.seen = seen,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};
	char location[64];

	if (!needed(facts) && (!step_location(facts->identity_location, location, NULL) ||
				      strcmp(location, facts->location) != 0))
		judge_say(&judging, &rule_elsewhere, "%s is there already, in %s", facts->name,
			facts->identity_location);
	return judging.len;
}

static const struct step *const reads[] = {&step_read_identity, NULL};
static const struct step *const steps[] = {&step_create, NULL};
static const char *const blocking[] = {"identity-elsewhere", NULL};

const struct plan_def plan_identity_create = {
	.name = "identity create",
	.title = "Create identity",
	.summary = "Make a user-assigned identity.",
	.subject = SUBJECT_IDENTITY,
	.danger = PLAN_CHANGES,
	.makes = "Microsoft.ManagedIdentity/userAssignedIdentities",
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.prepare = prepare,
	.judge = judge,
};
