/* The encryption of a Storage account: what a body asks for, merged with what there is. Rules from
 * recordings of azure-cli (test_user_assigned_identity, test_customer_managed_key):
 * - keyversion "" and none both mean automatic and are echoed as they came;
 * - a body that says nothing new of the key is accepted even when the identity is gone, and does
 *   not move lastKeyRotationTimestamp;
 * - the identity alone may change with the key repeated unchanged.
 * Identity and key changed at once are refused on an account that is on a customer key
 * [bicep-registry-modules 4467]; when the key is set for the first time both may come together. At
 * creation only a user-assigned identity can open the key [customer-managed keys for Azure
 * Storage]. */
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/storage.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/service/assign.h"

/* Blob and file are always under the account's key; queue and table only when that was asked for at
 * creation: their default is a key of the service [storage.json EncryptionService]. */
static bool
take_service(struct call *call, const char *name, const json_t *in, bool fresh, json_t *kept)
{
	bool always = strcmp(name, "blob") == 0 || strcmp(name, "file") == 0;
	const char *word = call_text(in, "keyType"), *old, *wanted;

	if (!in || json_is_null(in))
		return true;
	if (!json_is_object(in) ||
		(word && text_casecmp(word, "Account") != 0 && text_casecmp(word, "Service") != 0))
		return storage_invalid(call, "encryption.services");
	wanted = !word ? NULL : text_casecmp(word, "Account") == 0 ? "Account" : "Service";
	if (always && wanted && strcmp(wanted, "Account") != 0)
		return storage_invalid(call, "encryption.services");
	if (always)
		return true;
	old = call_text(json_object_get(kept, name), "keyType");
	if (!fresh)
		return !wanted || strcmp(wanted, old ? old : "Service") == 0 ||
		       storage_fixed(call,
			       arena_printf(call->arena, "encryption.services.%s.keyType", name));
	return json_object_set_new(kept, name,
		       json_pack("{s:s,s:b,s:s}", "keyType", wanted ? wanted : "Service", "enabled",
			       1, "lastEnabledTime",
			       reply_time_7(call, vclock_ms(&call->world->clock)))) == 0;
}

static bool
take_services(struct call *call, const json_t *encryption, bool fresh, json_t *kept)
{
	static const char *const names[] = {"blob", "file", "queue", "table"};
	const json_t *services = call_member(encryption, "services");
	const json_t *twice = call_member(encryption, "requireInfrastructureEncryption");
	bool has = json_object_get(kept, "requireInfrastructureEncryption");

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (!take_service(call, names[i], call_member(services, names[i]), fresh,
			    storage_object(kept, "services")))
			return false;
	if (!json_is_boolean(twice) || json_is_true(twice) == has)
		return true;
	if (!fresh)
		return storage_fixed(call, "encryption.requireInfrastructureEncryption");
	return json_object_set_new(kept, "requireInfrastructureEncryption", json_true()) == 0;
}

/* Members of an object of the encryption that must be texts when they are there. */
static bool
texts_or_none(struct call *call, const json_t *object, const char *const *names, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		const json_t *value = call_member(object, names[i]);

		if (value && !json_is_null(value) && !json_is_string(value))
			return storage_invalid(
				call, arena_printf(call->arena, "encryption, %s", names[i]));
	}
	return true;
}

/* One text of encryption.identity: as sent, else as it is. */
static bool
take_identity_text(struct call *call, const json_t *in, const char *name, const char *now,
	json_t *kept, char *out, size_t room)
{
	const char *sent = call_text(in, name);

	if (sent)
		json_object_set_new(kept, name, json_string(sent));
	return text_copy(out, room, sent ? sent : now) ||
	       storage_invalid(call, arena_printf(call->arena, "encryption.identity.%s", name));
}

static bool
take_identity(struct call *call, const struct account *a, const json_t *encryption, json_t *kept,
	struct cmk_target *target)
{
	static const char *const names[] = {"userAssignedIdentity", "federatedIdentityClientId"};
	const json_t *in = call_member(encryption, "identity");
	json_t *mine = json_object_get(kept, "identity");
	const char *user = call_text(mine, "userAssignedIdentity");
	const char *client = call_text(mine, "federatedIdentityClientId");

	if (in && !json_is_null(in) && !json_is_object(in))
		return storage_invalid(call, "encryption.identity");
	if (!texts_or_none(call, in, names, ARRAY_LEN(names)))
		return false;
	if (a->cmk_store[0]) {
		user = a->cmk_identity;
		client = a->cmk_federated;
	}
	if (json_object_size(in))
		mine = storage_object(kept, "identity");
	return take_identity_text(call, in, "userAssignedIdentity", user ? user : "", mine,
		       target->identity, sizeof target->identity) &&
	       take_identity_text(call, in, "federatedIdentityClientId", client ? client : "", mine,
		       target->federated, sizeof target->federated) &&
	       (!target->federated[0] || armid_is_guid(target->federated) ||
		       storage_invalid(call, "encryption.identity.federatedIdentityClientId"));
}

/* Where the key is: as sent, else as it is. */
static bool
take_place(struct call *call, const struct account *a, const json_t *key, struct cmk_target *target)
{
	const char *uri = call_text(key, "keyvaulturi"), *name = call_text(key, "keyname");
	char store[64];

	target->kind = a->cmk_kind;
	target->slash = a->cmk_slash;
	memcpy(target->store, a->cmk_store, sizeof target->store);
	memcpy(target->key, a->cmk_key, sizeof target->key);
	if (uri && (!names_parse_store(uri, &target->kind, store, &target->slash) ||
			   !text_copy(target->store, sizeof target->store, store)))
		return storage_invalid(call, "encryption.keyvaultproperties.keyvaulturi");
	if (name && !text_copy(target->key, sizeof target->key, name))
		return storage_invalid(call, "encryption.keyvaultproperties.keyname");
	return (target->store[0] && target->key[0]) ||
	       storage_invalid(call, "encryption.keyvaultproperties");
}

static bool
same_key(const struct account *a, const struct cmk_target *target)
{
	return a->cmk_store[0] && target->kind == a->cmk_kind &&
	       text_casecmp(target->store, a->cmk_store) == 0 &&
	       text_casecmp(target->key, a->cmk_key) == 0;
}

/* A version that is not named stays as it is with the same key: from a named one to automatic goes
 * only by the empty text [customer-managed keys for Azure Storage]. */
static bool
take_version(
	struct call *call, const struct account *a, const json_t *key, struct cmk_target *target)
{
	const char *version = call_text(key, "keyversion");

	if (version) {
		target->mode = *version ? CMK_PINNED : CMK_AUTO_EMPTY;
	} else if (same_key(a, target)) {
		target->mode = a->cmk_mode;
		version = a->cmk_mode == CMK_PINNED ? a->cmk_version : "";
	} else {
		target->mode = CMK_AUTO_ABSENT;
		version = "";
	}
	return text_copy(target->version, sizeof target->version, version) ||
	       storage_invalid(call, "encryption.keyvaultproperties.keyversion");
}

static bool
same_version(const struct account *a, const struct cmk_target *target)
{
	bool was = a->cmk_mode == CMK_PINNED, is = target->mode == CMK_PINNED;

	return was == is && (!is || text_casecmp(target->version, a->cmk_version) == 0);
}

static bool
lacks_requirements(struct call *call)
{
	reply_error(call, 400, "FeatureNotSupportedForAccount",
		"Missing pre-requisites to enable EncryptionAtRest/Customer Managed Key for this storage account. For more information, see - https://aka.ms/storagecmkconfiguration");
	return false;
}

/* An identity that is to open the key from now on must be the account's. */
static bool
identity_ok(struct call *call, const struct account *a, const struct cmk_target *target)
{
	if (target->identity[0])
		return assign_has(a, target->identity) || lacks_requirements(call);
	return a->id || lacks_requirements(call);
}

/* A body may take the identity away that the key is opened with: it is not refused for that, and
 * the key is not looked at [recorded: azure-cli test_user_assigned_identity, identity None]. */
static bool
dangling(const struct account *a, const struct cmk_target *target)
{
	return target->identity[0] ? !assign_has(a, target->identity) : !a->principal[0];
}

static bool
take_customer(struct call *call, const struct account *a, const json_t *encryption, json_t *kept,
	struct account_wish *wish)
{
	static const char *const names[] = {"keyname", "keyversion", "keyvaulturi"};
	const json_t *key = call_member(encryption, "keyvaultproperties");
	struct cmk_target *target = &wish->target;
	bool on = a->cmk_store[0], who, what;

	if (key && !json_is_null(key) && !json_is_object(key))
		return storage_invalid(call, "encryption.keyvaultproperties");
	if (!texts_or_none(call, key, names, ARRAY_LEN(names)) ||
		!take_identity(call, a, encryption, kept, target) ||
		!take_place(call, a, key, target) || !take_version(call, a, key, target))
		return false;
	who = text_casecmp(target->identity, a->cmk_identity) != 0 ||
	      text_casecmp(target->federated, a->cmk_federated) != 0;
	what = !same_key(a, target) || !same_version(a, target);
	if (on && who && what) {
		reply_error(call, 400, "PropertiesCannotBeUpdatedTogether",
			"The properties 'encryption.identity, encryption.keyvaultproperties' cannot be updated in a single operation.");
		return false;
	}
	if ((who || !on) && !identity_ok(call, a, target))
		return false;
	target->same_key = on && !what && target->mode == a->cmk_mode;
	if (!on || !dangling(a, target) || who || !target->same_key)
		wish->wish = WISH_CUSTOMER;
	return true;
}

bool
storage_take_encryption(
	struct call *call, const struct account *a, json_t *kept, struct account_wish *wish)
{
	const json_t *encryption = call_member(call_member(call->json, "properties"), "encryption");
	static const char *const names[] = {"keySource"};
	const char *source = call_text(encryption, "keySource");

	if (!json_is_object(encryption))
		return true;
	if (!texts_or_none(call, encryption, names, ARRAY_LEN(names)) ||
		!take_services(call, encryption, !a->id, kept))
		return false;
	if (!source)
		source = a->cmk_store[0] ? "Microsoft.Keyvault" : "Microsoft.Storage";
	if (text_casecmp(source, "Microsoft.Keyvault") == 0)
		return take_customer(call, a, encryption, kept, wish);
	if (text_casecmp(source, "Microsoft.Storage") != 0)
		return storage_invalid(call, "encryption.keySource");
	wish->wish = a->cmk_store[0] ? WISH_PLATFORM : WISH_KEEP;
	return take_identity(call, a, encryption, kept, &wish->target);
}
