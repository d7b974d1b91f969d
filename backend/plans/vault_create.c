/* vault create, vault recover: two bodies of one PUT. A vault that is there is never put: that
 * would replace what other teams have set on it. What is made here is made as a customer key needs
 * it, and what recovering does not bring back is said before. */
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/hint.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

enum { RETENTION_DAYS = 90 };

static const struct rule rule_deleted = {
	.id = "vault-deleted",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault soft-delete overview",
	.remedy = "Bring it back, or give another name: claviger vault recover.",
};
static const struct rule rule_taken = {
	.id = "name-taken",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 2023-07-01, Check Name Availability",
	.remedy = "Give another name: names of vaults are unique in the whole cloud.",
};
static const struct rule rule_elsewhere = {
	.id = "vault-elsewhere",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault REST 2023-07-01, Vault location",
	.remedy = "Use it where it is, or give another name: a vault does not move.",
};
static const struct rule rule_nobody = {
	.id = "nobody-has-rights",
	.severity = SEVERITY_INFO,
	.source = "Key Vault documentation, access-control-default",
	.remedy = "Assign yourself Key Vault Crypto Officer on it before you make keys; claviger "
		  "grant gives an account's identity what it needs.",
};
static const struct rule rule_not_restored = {
	.id = "assignments-lost",
	.severity = SEVERITY_MEDIUM,
	.source = "Key Vault recovery management, recover a deleted vault",
	.remedy =
		"Assign the roles anew afterwards: claviger grant, for each account that uses it.",
};
static const struct rule rule_purged = {
	.id = "vault-not-deleted",
	.severity = SEVERITY_HIGH,
	.source = "Key Vault soft-delete overview",
	.remedy = "See what can be recovered: claviger vault deleted.",
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
needed(const struct plan_facts *facts)
{
	return facts->facts.vault_known != KNOWN_READ;
}

static json_t *
sku(bool hsm)
{
	return hsm ? json_pack("{s:s, s:s}", "family", "B", "name", "Standard_B1")
		   : json_pack("{s:s, s:s}", "family", "A", "name", "standard");
}

/* Not repeatable: a second PUT would replace what somebody has set meanwhile. */
static void
put(const struct plan_facts *facts, json_t *json, struct request *out)
{
	estate_get_vault(facts->session, &facts->vault, out);
	out->method = HTTP_PUT;
	out->changes = true;
	out->body = step_body(json);
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	if (reply == NULL)
		return step_failed(failure, err);
	err_set(err, ERR_FAILED, "NotInEffect", "vault %s: Azure accepted it, but it is not there",
		facts->vault.name);
	return OUTCOME_LOOK;
}

static bool
prepare_create(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	if (!keyid_is_vault_name(subject->id.name))
		return err_set(err, ERR_USAGE, "",
			"%s: a vault's name has 3 to 24 letters, digits and single dashes, and begins "
			"with a letter",
			subject->id.name);
	if (values[0] == NULL)
		return err_set(
			err, ERR_USAGE, "", "--location is missing: the region, as westeurope");
	return step_location(values[0], facts->location, err);
}

static size_t
judge_create(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};
	const struct vault *vault = &facts->facts.vault;
	char location[64];

	if (!needed(facts)) {
		if (!step_location(vault->location, location, NULL) ||
			strcmp(location, facts->location) != 0)
			judge_say(&judging, &rule_elsewhere, "%s is there already, in %s",
				facts->name, vault->location);
		return judging.len;
	}
	judge_say(&judging, &rule_nobody,
		"%s will grant by role assignments (RBAC), the default since api-version 2026-02-01: "
		"at first nobody has rights on its keys",
		facts->name);
	if (facts->gone_known == KNOWN_READ)
		judge_say(&judging, &rule_deleted,
			"a vault %s was deleted and can still be recovered: its name is taken until "
			"then",
			facts->name);
	else if (facts->name_taken[0])
		judge_say(&judging, &rule_taken, "%s", facts->name_taken);
	return judging.len;
}

static void
describe_create(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room,
		"%s: in %s, soft delete for %d days, purge protection for good, rights by role "
		"assignments",
		facts->name, facts->location, RETENTION_DAYS);
}

static bool
build_create(const struct plan_facts *facts, struct request *out, struct err *err)
{
	(void)err;
	put(facts,
		json_pack("{s:s, s:{s:s, s:o, s:[], s:b, s:i, s:b, s:b}}", "location",
			facts->location, "properties", "tenantId", facts->tenant, "sku", sku(false),
			"accessPolicies", "enableSoftDelete", 1, "softDeleteRetentionInDays",
			RETENTION_DAYS, "enablePurgeProtection", 1, "enableRbacAuthorization", 1),
		out);
	return true;
}

static enum outcome
seen_create(struct plan_facts *facts, struct err *err)
{
	const struct vault *vault = &facts->facts.vault;

	if (needed(facts))
		return OUTCOME_LOOK;
	if (vault->purge_protection != TRI_YES || vault->soft_delete == TRI_NO ||
		vault->model != GRANT_RBAC) {
		err_set(err, ERR_FAILED, "ReadBack",
			"vault %s: read back, it is not protected as asked for: claviger protect",
			facts->name);
		return OUTCOME_FAILED;
	}
	snprintf(facts->note, sizeof facts->note,
		"read back: %s, soft delete %lld days, purge protection on, RBAC", vault->uri,
		(long long)vault->retention_days);
	return OUTCOME_DONE;
}

static const struct step step_create = {
	.name = "create",
	.title = "Make the vault",
	.why = "A customer key must not get lost, so the vault is made with soft delete and purge "
	       "protection. Rights on its keys are given by role assignments; access policies would be "
	       "ignored.",
	.warning =
		"Purge protection can never be switched off again, and a deleted vault keeps its "
		"name for 90 days.",
	.stays = "a vault with purge protection keeps its name for 90 days after it is deleted",
	.changes = true,
	.on = STEP_ON_VAULT,
	.again_ms = 2000,
	.budget_ms = 120000,
	.needed = needed,
	.describe = describe_create,
	.build = build_create,
	.accept = accept,
	.reread = &step_read_vault,
	.seen = seen_create,
};

static bool
prepare_recover(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	(void)estate;
	(void)values;
	(void)err;
	memcpy(facts->location, subject->location, sizeof facts->location);
	return true;
}

static size_t
judge_recover(const struct plan_facts *facts, struct finding *out, size_t max)
{
	struct judging judging = {.out = out, .max = max};

	if (!needed(facts))
		return 0;
	if (facts->gone_known == KNOWN_ABSENT)
		judge_say(&judging, &rule_purged, "%s is not among the deleted vaults of %s",
			facts->name, facts->location);
	judge_say(&judging, &rule_not_restored,
		"%s comes back with its keys and access policies, but without the role assignments "
		"and Event Grid subscriptions that it had",
		facts->name);
	return judging.len;
}

static void
describe_recover(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: brings it back to %s in %s, with its keys and access policies",
		facts->name, facts->vault.group, facts->location);
}

static bool
build_recover(const struct plan_facts *facts, struct request *out, struct err *err)
{
	bool hsm = text_casecmp(facts->vault.type, vault_type(true)) == 0;
	json_t *json = json_pack("{s:s, s:{s:s, s:s}}", "location", facts->location, "properties",
		"tenantId", facts->tenant, "createMode", "recover");

	(void)err;
	json_object_set_new(hsm ? json : json_object_get(json, "properties"), "sku", sku(hsm));
	if (!hsm)
		json_object_set_new(
			json_object_get(json, "properties"), "accessPolicies", json_array());
	put(facts, json, out);
	return true;
}

static enum outcome
seen_recover(struct plan_facts *facts, struct err *err)
{
	(void)err;
	if (needed(facts))
		return OUTCOME_LOOK;
	snprintf(facts->note, sizeof facts->note,
		"read back: %s is there again, %zu access policies", facts->facts.vault.uri,
		facts->facts.vault.policies_len);
	return OUTCOME_DONE;
}

static const struct step step_recover = {
	.name = "recover",
	.title = "Recover the vault",
	.why = "A deleted vault is kept until its retention ends; it comes back into the group that it "
	       "was in, with its keys and its access policies, but without its role assignments.",
	.stays = "the vault stays, as it was before it was deleted",
	.changes = true,
	.on = STEP_ON_VAULT,
	.again_ms = 2000,
	.budget_ms = 15 * 60 * 1000,
	.needed = needed,
	.describe = describe_recover,
	.build = build_recover,
	.accept = accept,
	.reread = &step_read_vault,
	.seen = seen_recover,
};

static const struct step *const create_reads[] = {
	&step_read_vault, &step_read_tenant, &step_read_gone_vault, &step_read_name, NULL};
static const struct step *const create_steps[] = {&step_create, NULL};
static const char *const create_blocking[] = {
	"vault-deleted", "name-taken", "vault-elsewhere", "vault-unreadable", NULL};
static const struct step *const recover_reads[] = {
	&step_read_vault, &step_read_tenant, &step_read_gone_vault, NULL};
static const struct step *const recover_steps[] = {&step_recover, NULL};
static const char *const recover_blocking[] = {"vault-not-deleted", "vault-unreadable", NULL};

const struct plan_def plan_vault_create = {
	.name = "vault create",
	.title = "Create vault",
	.summary = "Make a key vault with soft delete (90 days), purge protection and RBAC.",
	.subject = SUBJECT_VAULT,
	.danger = PLAN_CHANGES,
	.makes = "Microsoft.KeyVault/vaults",
	.fields = fields,
	.fields_len = ARRAY_LEN(fields),
	.reads = create_reads,
	.steps = create_steps,
	.blocking = create_blocking,
	.prepare = prepare_create,
	.judge = judge_create,
};

const struct plan_def plan_vault_recover = {
	.name = "vault recover",
	.title = "Recover vault",
	.summary = "Bring back a deleted vault or managed HSM, with its keys and access policies.",
	.subject = SUBJECT_VAULT,
	.danger = PLAN_CHANGES,
	.recovers = true,
	.reads = recover_reads,
	.steps = recover_steps,
	.blocking = recover_blocking,
	.prepare = prepare_recover,
	.judge = judge_recover,
};
