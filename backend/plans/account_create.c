/* account create: an account that is under a customer key from its first byte, where the service
 * can do that. A user-assigned identity is there before the account, so its rights are given first
 * and the account is made with its key. A system-assigned identity comes with the account: then the
 * account is made first, and switched. Storage takes a key at creation from a user-assigned one
 * only. Until the account is there, the facts hold it as it is to be. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/plans/choice.h"
#include "backend/plans/hint.h"
#include "backend/plans/judge.h"
#include "backend/plans/step.h"

enum {
	FIELD_LOCATION,
	FIELD_KEY,
	FIELD_VAULT,
	FIELD_VERSION,
	FIELD_AUTO,
	FIELD_IDENTITY,
	FIELD_SKU,
	FIELD_SERVICES,
	BATCH_FIELDS = FIELD_SKU,
	STORAGE_FIELDS = FIELD_SERVICES + 1,
};

static const struct rule rule_exists = {
	.id = "account-exists",
	.severity = SEVERITY_HIGH,
	.section = "enable customer-managed keys for an existing account",
	.remedy = "Give the account that is there its key with claviger onboard, or choose another "
		  "name.",
};
static const struct rule rule_taken = {
	.id = "name-taken",
	.severity = SEVERITY_HIGH,
	.source = "Azure Resource Manager, Check Name Availability",
	.remedy = "Give another name.",
};
static const struct rule rule_identity = {
	.id = "identity-absent",
	.severity = SEVERITY_HIGH,
	.source = "Managed identity REST 2023-01-31, User Assigned Identities Get",
	.remedy = "Choose one that is there and can be read, or make it: claviger identity create.",
};
static const struct rule rule_coverage = {
	.id = "coverage-fixed",
	.severity = SEVERITY_INFO,
	.section = "enable customer-managed keys for queues and tables",
	.remedy = "Name what the key is to cover now: --services queue,table.",
};

static const struct plan_field fields[STORAGE_FIELDS] = {
	[FIELD_LOCATION] = {.name = "location",
		.title = "Location",
		.arg = "LOCATION",
		.help = "The region, as westeurope.",
		.required = true,
		.hint = hint_location,
		.offer = offer_locations,
		.parts = ESTATE_VAULTS},
	[FIELD_KEY] = {.name = "key",
		.title = "Key",
		.arg = "KEY",
		.help = "The key: VAULT/NAME, a URI, or a name and its vault (--vault).",
		.required = true,
		.hint = hint_key,
		.parts = ESTATE_NAMES},
	[FIELD_VAULT] = {.name = "vault",
		.title = "Vault",
		.arg = "VAULT",
		.help = "The key vault that holds the key.",
		.empty = "the one that Key names",
		.hint = hint_vault,
		.parts = ESTATE_VAULTS},
	[FIELD_VERSION] = {.name = "key-version",
		.title = "Version",
		.arg = "VERSION",
		.help = "Use this version of the key rather than the current one.",
		.empty = "the current version",
		.hint = hint_version,
		.offer = offer_versions,
		.parts = ESTATE_KEYS},
	[FIELD_AUTO] = {.name = "auto",
		.title = "Follow new versions",
		.help = "Let the account follow new versions of the key by itself.",
		.excludes = "key-version",
		.hint = hint_follow},
	[FIELD_IDENTITY] = {.name = "user-identity",
		.title = "User-assigned identity",
		.arg = "ID",
		.help = "Open the key as this user-assigned identity (ARM id); Storage needs one.",
		.hint = hint_identity,
		.offer = offer_identities,
		.parts = ESTATE_IDENTITIES},
	[FIELD_SKU] = {.name = "sku",
		.title = "SKU",
		.arg = "SKU",
		.help = "Standard_LRS, Standard_ZRS, Standard_GRS ...; Standard_LRS by default.",
		.empty = "Standard_LRS",
		.offer = offer_skus},
	[FIELD_SERVICES] = {.name = "services",
		.title = "Also covered",
		.arg = "queue,table",
		.help = "Queues and tables under the key too; that can never be changed later.",
		.empty = "blobs and files only; queues and tables stay with Microsoft's keys",
		.offer = offer_covered},
};

static bool
check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);
	bool plain = len >= 3 && len <= 24;

	for (size_t i = 0; plain && i < len; i++)
		plain = islower((unsigned char)name[i]) || isdigit((unsigned char)name[i]);
	return plain ||
	       err_set(err, ERR_USAGE, "",
		       "%s: the account's name has 3 to 24 lower-case letters and digits", name);
}

static bool
take_services(const char *list, struct plan_facts *facts, struct err *err)
{
	char shown[60];

	while (list && *list) {
		size_t len = strcspn(list, ",");

		if (len == 5 && strncmp(list, "queue", len) == 0)
			facts->cover_queue = true;
		else if (len == 5 && strncmp(list, "table", len) == 0)
			facts->cover_table = true;
		else
			return text_cleans(shown, sizeof shown, list),
			       err_set(err, ERR_USAGE, "",
				       "--services '%s': takes queue, table or both with a comma; "
				       "blobs and files are always covered",
				       shown);
		list += len + (list[len] == ',');
	}
	return true;
}

static bool
take_sku(const char *sku, struct plan_facts *facts, struct err *err)
{
	if (sku == NULL)
		sku = "Standard_LRS";
	for (const char *at = sku; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_')
			return err_set(err, ERR_USAGE, "", "--sku: a name as in Standard_LRS");
	return text_copy(facts->sku, sizeof facts->sku, sku) ||
	       err_set(err, ERR_USAGE, "", "--sku: a name as in Standard_LRS");
}

/* The account as it is to be: what is judged, granted and sent is read off it. */
static void
imagine(struct plan_facts *facts, const struct service *service)
{
	struct account *account = &facts->facts.account;

	account->service = service;
	account->id = facts->account;
	account->detailed = true;
	account->source = KEY_SOURCE_MICROSOFT;
	account->mode = KEY_MODE_NONE;
	account->identity.system = TRI_NO;
	snprintf(account->location, sizeof account->location, "%s", facts->location);
	if (facts->want_identity[0]) {
		snprintf(account->identity.users[0].id, sizeof account->identity.users[0].id, "%s",
			facts->want_identity);
		account->identity.users_len = 1;
		account->source = KEY_SOURCE_CUSTOMER;
		memcpy(account->key_identity, facts->want_identity, sizeof account->key_identity);
	}
}

static bool
prepare_choice(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	const char *choice[CHOICE_FIELDS] = {0};

	for (size_t c = 0; c < CHOICE_FIELDS; c++)
		for (size_t i = 0; i < BATCH_FIELDS; i++)
			if (strcmp(choice_fields[c].name, fields[i].name) == 0)
				choice[c] = values[i];
	return choice_prepare(estate, subject, choice, facts, err);
}

static bool
prepare(struct estate *estate, const struct subject *subject, const char *const *values,
	struct plan_facts *facts, struct err *err)
{
	const struct service *service = service_find(subject->id.type);
	bool storage = service == &service_storage;

	if (!check_name(subject->id.name, err))
		return false;
	if (values[FIELD_LOCATION] == NULL)
		return err_set(
			err, ERR_USAGE, "", "--location is missing: the region, as westeurope");
	if (!step_location(values[FIELD_LOCATION], facts->location, err) ||
		(storage && (!take_sku(values[FIELD_SKU], facts, err) ||
				    !take_services(values[FIELD_SERVICES], facts, err))) ||
		!prepare_choice(estate, subject, values, facts, err))
		return false;
	if (storage && facts->want_identity[0] == '\0')
		return err_set(err, ERR_REFUSED, "UserIdentity",
			"%s takes a customer key at creation from a user-assigned identity only (%s); "
			"name one with --user-identity (claviger identity create makes one), or make "
			"the account elsewhere and use claviger onboard",
			service->title, service->article);
	if (facts->want_identity[0] && !armid_parse(&facts->identity, facts->want_identity, err))
		return false;
	imagine(facts, service);
	return true;
}

static bool
is_there(const struct plan_facts *facts)
{
	return facts->facts.account_known == KNOWN_READ;
}

static bool
bare_needed(const struct plan_facts *facts)
{
	return !is_there(facts) && facts->want_identity[0] == '\0';
}

static bool
keyed_needed(const struct plan_facts *facts)
{
	return !is_there(facts) && facts->want_identity[0];
}

static void
describe_bare(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: in %s, on Microsoft's keys until its identity has rights on %s/%s",
		facts->name, facts->location, facts->want.vault, facts->want.key);
}

static void
describe_keyed(const struct plan_facts *facts, char *out, size_t room)
{
	snprintf(out, room, "%s: in %s, under %s/%s from the start, opened by %s%s%s", facts->name,
		facts->location, facts->want.vault, facts->want.key, facts->identity.name,
		facts->cover_queue ? "; queues too" : "", facts->cover_table ? "; tables too" : "");
}

/* A body of PATCH with what only creation takes. */
static void
put(const struct plan_facts *facts, json_t *body, struct request *out)
{
	json_t *covered;

	estate_get_account(facts->session, &facts->account, out);
	out->method = HTTP_PUT;
	out->changes = true;
	json_object_set_new(body, "location", json_string(facts->location));
	if (facts->sku[0]) {
		json_object_set_new(body, "sku", json_pack("{s:s}", "name", facts->sku));
		json_object_set_new(body, "kind", json_string("StorageV2"));
		covered = json_object_get(
			json_object_get(json_object_get(body, "properties"), "encryption"),
			"services");
		if (facts->cover_queue)
			json_object_set_new(covered, "queue",
				json_pack("{s:b, s:s}", "enabled", 1, "keyType", "Account"));
		if (facts->cover_table)
			json_object_set_new(covered, "table",
				json_pack("{s:b, s:s}", "enabled", 1, "keyType", "Account"));
	}
	out->body = step_body(body);
}

static bool
build_bare(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct account *account = &facts->facts.account;

	(void)err;
	put(facts, account->service->identity_body(account), out);
	return true;
}

static bool
build_keyed(const struct plan_facts *facts, struct request *out, struct err *err)
{
	const struct account *account = &facts->facts.account;

	if (!facts->previewing && !facts->want.version[0])
		return err_set(err, ERR_FAILED, "NoVersion", "%s/%s: its version is not known",
			facts->want.vault, facts->want.key);
	put(facts,
		account->service->encrypt_body(
			account, &facts->want, facts->follow ? "" : facts->want.version),
		out);
	return true;
}

static enum outcome
accept(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	facts->refused = reply == NULL;
	if (reply == NULL) {
		step_failed(failure, err);
		return step_may_take_effect_later(facts, failure) ? OUTCOME_AGAIN : OUTCOME_FAILED;
	}
	err_set(err, ERR_FAILED, "NotInEffect",
		"account %s: Azure accepted it, but it is not there", facts->name);
	return OUTCOME_LOOK;
}

/* Whoever goes on in another process finds the account, and has to know that it is its own. */
static void
save(const struct plan_facts *facts, json_t *detail)
{
	json_object_set_new(detail, "made", json_boolean(!facts->refused));
}

static void
load(struct plan_facts *facts, const json_t *detail)
{
	facts->account_made = json_is_true(json_object_get(detail, "made"));
}

/* The account cannot be taken back, but its key can: else it would go dark with the grant. */
static enum outcome
undone(const struct plan_facts *facts)
{
	return is_there(facts) && facts->facts.account.source == KEY_SOURCE_CUSTOMER ? OUTCOME_LOOK
										     : OUTCOME_DONE;
}

/* Named as the step that makes an identity, since it does: what comes after says "from step
 * identity". */
static const struct step step_make = {
	.name = "identity",
	.title = "Make the account, with an identity",
	.why = "A Batch account takes a customer key only when it was made with an identity. Its "
	       "system-assigned identity comes with it; until that has its rights, the account is on "
	       "Microsoft's keys.",
	.stays = "the account stays, on Microsoft's keys; nothing is in it yet",
	.changes = true,
	.on = STEP_ON_ACCOUNT,
	.again_ms = 2000,
	.budget_ms = 15 * 60 * 1000,
	.needed = bare_needed,
	.describe = describe_bare,
	.build = build_bare,
	.accept = accept,
	.reread = &step_read_new_account,
	.save = save,
	.load = load,
};

static const struct step step_make_keyed = {
	.name = "create",
	.title = "Make the account, with its key",
	.why = "Nothing in the account is ever under Microsoft's keys. Blobs and files of a Storage "
	       "account are always covered; queues and tables only when that is said now.",
	.stays = "the account stays, on Microsoft's keys",
	.changes = true,
	.on = STEP_ON_ACCOUNT,
	.again_ms = 5000,
	.budget_ms = 15 * 60 * 1000,
	.needed = keyed_needed,
	.describe = describe_keyed,
	.build = build_keyed,
	.accept = accept,
	.reread = &step_read_new_account,
	.undo = step_go_back,
	.undone = undone,
};

/* The last read: what was learnt of identity and key goes into the account as it is to be. */
static enum outcome
accept_identity(struct plan_facts *facts, const struct reply *reply, const struct err *failure,
	struct err *err)
{
	enum outcome outcome = step_read_identity.accept(facts, reply, failure, err);
	struct account *account = &facts->facts.account;

	if (outcome != OUTCOME_DONE || is_there(facts))
		return outcome;
	memcpy(account->identity.users[0].principal, facts->identity_principal,
		sizeof account->identity.users[0].principal);
	account->key = facts->want;
	account->mode = facts->follow ? KEY_MODE_AUTO : KEY_MODE_PINNED;
	if (facts->follow)
		account->key.version[0] = '\0';
	return OUTCOME_DONE;
}

static bool
has_identity(const struct plan_facts *facts)
{
	return facts->identity.name[0] != '\0';
}

static bool
build_identity(const struct plan_facts *facts, struct request *out, struct err *err)
{
	return step_read_identity.build(facts, out, err);
}

static const struct step step_read_opener = {
	.name = "identity",
	.title = "Read the identity",
	.on = STEP_ON_IDENTITY,
	.needed = has_identity,
	.build = build_identity,
	.accept = accept_identity,
};

static size_t
judge(const struct plan_facts *facts, struct finding *out, size_t max)
{
	const struct service *service = facts->facts.account.service;
	struct judging judging = {.service = service, .out = out, .max = max};

	judge_key(facts, &judging);
	if (is_there(facts)) {
		if (!step_has_key(facts) && !facts->account_made)
			judge_say(&judging, &rule_exists, "%s is there already, on %s", facts->name,
				facts->facts.account.source == KEY_SOURCE_CUSTOMER
					? "another customer key"
					: "Microsoft's keys");
		return judging.len;
	}
	if (facts->name_taken[0])
		judge_say(&judging, &rule_taken, "%s", facts->name_taken);
	if (has_identity(facts) && facts->identity_principal[0] == '\0')
		judge_say(&judging, &rule_identity, "the identity %s in %s %s",
			facts->identity.name, facts->identity.group,
			facts->gone_known == KNOWN_ABSENT ? "is not there" : "cannot be read");
	if (service == &service_storage && !(facts->cover_queue && facts->cover_table))
		judge_say(&judging, &rule_coverage,
			"%s of %s will stay under Microsoft's keys for good",
			facts->cover_queue   ? "tables"
			: facts->cover_table ? "queues"
					     : "queues and tables",
			facts->name);
	return judging.len;
}

static const struct step *const reads[] = {
	&step_selftest,
	&step_read_new_account,
	&step_read_vault,
	&step_read_key,
	&step_read_versions,
	&step_read_name,
	&step_read_opener,
	&step_read_grants,
	NULL,
};

static const struct step *const steps[] = {
	&step_protect,
	&step_make,
	&step_grant,
	&step_prove,
	&step_make_keyed,
	&step_switch,
	&step_verify,
	NULL,
};

static const char *const blocking[] = {
	"key-not-rsa",
	"key-size",
	"key-disabled",
	"key-expired",
	"key-not-yet-valid",
	"key-operations",
	"key-on-hsm",
	"key-public-part",
	"key-absent",
	"key-unreadable",
	"version-absent",
	"vault-absent",
	"vault-mismatch",
	"vault-unreadable",
	"vault-firewall",
	"account-exists",
	"name-taken",
	"identity-absent",
	NULL,
};

const struct plan_def plan_create_batch = {
	.name = "account create batch",
	.title = "Create Batch account",
	.summary = "Make a Batch account with an identity, under a customer key.",
	.danger = PLAN_CHANGES,
	.makes = "Microsoft.Batch/batchAccounts",
	.fields = fields,
	.fields_len = BATCH_FIELDS,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.mends = judge_mends,
	.prepare = prepare,
	.judge = judge,
};

const struct plan_def plan_create_storage = {
	.name = "account create storage",
	.title = "Create Storage account",
	.summary = "Make a Storage account that is under a customer key from the start.",
	.danger = PLAN_CHANGES,
	.makes = "Microsoft.Storage/storageAccounts",
	.fields = fields,
	.fields_len = STORAGE_FIELDS,
	.reads = reads,
	.steps = steps,
	.blocking = blocking,
	.mends = judge_mends,
	.prepare = prepare,
	.judge = judge,
};
