/* The wrapping itself runs without the database's lock, on a copy of the row: when somebody else
 * wrote the row meanwhile, the whole change is done again on the new one. */
#include "backend/sandbox/automation_change.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"

enum { TRIES = 16 };
enum encryption_wish { ENCRYPTION_KEEP, ENCRYPTION_PLATFORM, ENCRYPTION_CUSTOMER };

/* User-assigned identities live in another provider; one unknown to it cannot be assigned. */
static bool
refuse_user_identity(struct call *call, const struct account *a, const char *id)
{
	char own[640];

	reply_error(call, 400, "FailedIdentityOperation",
		"Identity operation for resource '%s' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{\"error\":{\"code\":\"BadRequest\",\"message\":\"Resource '%s' was not found.\"}}'.'.",
		accounts_id(a, own, sizeof own), id);
	return false;
}

/* SystemAssigned, UserAssigned or both, in either order and with or without a blank. */
static bool
change_identity(struct call *call, struct account *a)
{
	const json_t *identity = call_member(call->json, "identity");
	const json_t *users = call_member(identity, "userAssignedIdentities");
	const char *word = call_text(identity, "type");
	void *first = json_object_iter((json_t *)users);

	if (!word)
		return true;
	if (text_casecmp(word, "None") == 0) {
		snprintf(a->identity, sizeof a->identity, "None");
		a->principal[0] = '\0';
		return true;
	}
	if (text_case_has(word, "UserAssigned"))
		return refuse_user_identity(
			call, a, first ? json_object_iter_key(first) : "userAssignedIdentities");
	if (text_casecmp(word, "SystemAssigned") != 0) {
		reply_error(call, 400, "InvalidRequestContent",
			"The request content was invalid and could not be deserialized: 'identity.type '%s' is none of SystemAssigned, UserAssigned, None'.",
			word);
		return false;
	}
	snprintf(a->identity, sizeof a->identity, "SystemAssigned");
	if (!a->principal[0])
		ident_guid(a->principal);
	return true;
}

static bool
take_switch(struct call *call, const json_t *properties, const char *name, int *out)
{
	const json_t *value = call_member(properties, name);

	if (!value || json_is_null(value))
		return true;
	if (json_is_boolean(value)) {
		*out = json_is_true(value);
		return true;
	}
	reply_error(call, 400, "InvalidRequestContent",
		"The request content was invalid and could not be deserialized: 'properties.%s must be true or false'.",
		name);
	return false;
}

/* A member that must be an object where it is there. */
static bool
object_or_none(struct call *call, const json_t *in, const char *name)
{
	const json_t *value = call_member(in, name);

	if (!value || json_is_null(value) || json_is_object(value))
		return true;
	reply_error(call, 400, "InvalidRequestContent",
		"The request content was invalid and could not be deserialized: '%s must be an object'.",
		name);
	return false;
}

bool
automation_simple_changes(struct call *call, struct account *a)
{
	const json_t *properties = call_member(call->json, "properties");
	int local_auth_off = a->local_auth_off;

	if (!object_or_none(call, call->json, "properties") ||
		!object_or_none(call, call->json, "identity") ||
		!object_or_none(call, properties, "encryption") ||
		!take_switch(call, properties, "disableLocalAuth", &local_auth_off) ||
		!take_switch(call, properties, "publicNetworkAccess", &a->public_access) ||
		!arm_tags(call, a->tags, &a->tags) || !change_identity(call, a))
		return false;
	a->local_auth_off = local_auth_off;
	return true;
}

static bool
bad(struct call *call, const char *message)
{
	reply_flat_error(call, 400, "BadRequest", "%s", message);
	return false;
}

static bool
take_target(struct call *call, const json_t *encryption, struct cmk_target *out)
{
	const json_t *key = call_member(encryption, "keyVaultProperties");
	const json_t *identity = call_member(encryption, "identity");
	const char *user = call_text(identity, "userAssignedIdentity");
	const char *uri = call_text(key, "keyvaultUri"), *name = call_text(key, "keyName");
	const char *version = call_text(key, "keyVersion");
	char vault[64];

	if (user && *user)
		return bad(call,
			"The user assigned identity of the encryption properties is not assigned to the account.");
	if (!uri || !name || !version || !*version)
		return bad(call,
			"keyvaultUri, keyName and keyVersion of the key vault properties must be given when the key source is Microsoft.Keyvault.");
	if (!names_parse_vault(uri, vault, &out->slash) ||
		!text_copy(out->vault, sizeof out->vault, vault))
		return bad(call, "The keyvaultUri is not a valid key vault URI.");
	if (!text_copy(out->key, sizeof out->key, name) ||
		!text_copy(out->version, sizeof out->version, version))
		return bad(call, "The keyName or keyVersion is not valid.");
	return true;
}

/* What the body wants of the encryption. The identity must be in the same body: the sentence with
 * its leading blank is the service's own [azure-docs 72229]. */
static bool
take_wish(struct call *call, enum encryption_wish *wish, struct cmk_target *target)
{
	const json_t *encryption = call_member(call_member(call->json, "properties"), "encryption");
	const char *source = call_text(encryption, "keySource");

	*wish = ENCRYPTION_KEEP;
	if (!encryption || json_is_null(encryption))
		return true;
	if (!call_text(call_member(call->json, "identity"), "type"))
		return bad(call,
			" Identity property or identity type property should not be null while updating Encryption properties.");
	if (source && text_casecmp(source, "Microsoft.Automation") == 0) {
		*wish = ENCRYPTION_PLATFORM;
		return true;
	}
	if (!source || text_casecmp(source, "Microsoft.Keyvault") != 0)
		return bad(
			call, "The key source must be Microsoft.Automation or Microsoft.Keyvault.");
	*wish = ENCRYPTION_CUSTOMER;
	return take_target(call, encryption, target);
}

static bool
refused(struct call *call, const struct cmk_refusal *refusal)
{
	reply_flat_error(call, refusal->status, refusal->code, "%s", refusal->message);
	return false;
}

static bool
checked(struct call *call, const struct account *a, struct cmk_target *target)
{
	struct cmk_refusal refusal;
	bool ok;

	db_lock(call->world->db);
	ok = cmk_check(call->world, call->arena, a, target, call->now, &refusal);
	db_unlock(call->world->db);
	return ok || refused(call, &refusal);
}

/* Takes the account key out of its old wrapping, as the old identity, and into the new one. */
static bool
rewrap(struct call *call, const struct account *old, struct account *a,
	const struct cmk_target *target)
{
	struct cmk_refusal refusal;
	struct secret key = {0};
	bool ok = cmk_open(call->world, call->arena, old, call->now, &key, &refusal) &&
		  cmk_close(call->world, a, target, &key, &refusal);

	secret_free(&key);
	return ok || refused(call, &refusal);
}

enum outcome { CHANGED, REFUSED, AGAIN };

/* Writes the changed copy unless the row or the key moved on since it was read. */
static enum outcome
store(struct call *call, struct account *a, struct cmk_target *target)
{
	struct account *now = arena_alloc(call->arena, sizeof *now);
	struct db *db = call->world->db;
	struct cmk_refusal refusal;

	a->modified_ms = vclock_ms(&call->world->clock);
	db_begin(db);
	if (!accounts_find(db, call->arena, a->subscription, a->group_name, a->name, now) ||
		now->id != a->id || now->revision != a->revision) {
		db_rollback(db);
		return AGAIN;
	}
	if (target && !cmk_check(call->world, call->arena, a, target, call->now, &refusal)) {
		db_rollback(db);
		refused(call, &refusal);
		return REFUSED;
	}
	accounts_update(db, a);
	if (db_commit(db))
		return CHANGED;
	reply_broken(call);
	return REFUSED;
}

static enum outcome
try_change(struct call *call, struct account *a)
{
	struct account *old = arena_alloc(call->arena, sizeof *old);
	struct cmk_target target = {0};
	enum encryption_wish wish;

	*old = *a;
	if (!automation_simple_changes(call, a) || !take_wish(call, &wish, &target))
		return REFUSED;
	if (wish == ENCRYPTION_CUSTOMER &&
		(!checked(call, a, &target) || !rewrap(call, old, a, &target)))
		return REFUSED;
	if (wish == ENCRYPTION_PLATFORM && old->cmk_vault[0] && !rewrap(call, old, a, NULL))
		return REFUSED;
	return store(call, a, wish == ENCRYPTION_CUSTOMER ? &target : NULL);
}

bool
automation_change(struct call *call, struct account *a)
{
	char group[91], name[64];

	snprintf(group, sizeof group, "%s", a->group_name);
	snprintf(name, sizeof name, "%s", a->name);
	for (int i = 0; i < TRIES; i++) {
		enum outcome outcome = try_change(call, a);
		bool found;

		if (outcome != AGAIN)
			return outcome == CHANGED;
		db_lock(call->world->db);
		found = accounts_find(
			call->world->db, call->arena, call->params[0], group, name, a);
		db_unlock(call->world->db);
		if (!found) {
			arm_refuse_missing(
				call, "Microsoft.Automation/automationAccounts", group, name);
			return false;
		}
	}
	reply_flat_error(call, 409, "Conflict",
		"The Automation account is being changed by other requests; try again.");
	return false;
}
