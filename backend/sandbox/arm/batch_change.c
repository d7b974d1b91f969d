/* Codes with a public source: MissingRequiredProperty with its details (azure-cli 24007),
 * InvalidKeyVaultReference with a Reason (azure-cli 18208; there for the vault of an account that
 * allocates pools in the user's subscription). What Batch answers to a customer key that it cannot
 * use is not established: the latter is used for all causes. Batch has no field for the identity
 * that opens the key: it is the account's user-assigned identity, else the system's. */
#include "backend/sandbox/arm/batch_change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/keyid.h"
#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/service/assign.h"

const char batch_bare[] = "madeWithoutIdentity";

void
batch_refuse(struct call *call, unsigned status, const char *code, const char *target,
	json_t *details, const char *message)
{
	json_t *error;

	reply_error(call, status, code, "%s\nRequestId:%s\nTime:%s", message, call->request_id,
		reply_time_zulu(call, vclock_ms(&call->world->clock)));
	error = json_object_get(call->reply.json, "error");
	if (target)
		json_object_set_new(error, "target", json_string(target));
	if (details)
		json_object_set_new(error, "details", details);
}

void
batch_refuse_dark(struct call *call, const struct cmk_refusal *refusal)
{
	batch_refuse(call, 403, "CustomerManagedKeyNotAccessible", "BatchAccount",
		json_pack("[{s:s,s:s}]", "code", "Reason", "message", refusal->message),
		"The customer-managed key of the Batch account cannot be accessed. Until it can, the only operation allowed is to delete the account.");
}

static bool
bad_value(struct call *call, const char *path, const char *reason)
{
	batch_refuse(call, 400, "InvalidPropertyValue", "BatchAccount",
		json_pack("[{s:s,s:s},{s:s,s:s}]", "code", "PropertyPath", "message", path, "code",
			"Reason", "message", reason),
		arena_printf(call->arena,
			"The value provided for one of the properties in the request body is invalid: %s",
			reason));
	return false;
}

static bool
missing(struct call *call, const char *name, const char *path)
{
	batch_refuse(call, 400, "MissingRequiredProperty", "BatchAccount",
		json_pack("[{s:s,s:s},{s:s,s:s}]", "code", "PropertyName", "message", name, "code",
			"PropertyPath", "message", path),
		"A required property was not specified in the request body.");
	return false;
}

static bool
object_or_none(struct call *call, const json_t *value, const char *path)
{
	return !value || json_is_null(value) || json_is_object(value) ||
	       bad_value(call, path, "It must be an object.");
}

/* One of two or three words, in any case, kept as the API description spells it. */
static const char *
spelt(const char *word, const char *const words[3])
{
	for (size_t i = 0; i < 3 && word && words[i]; i++)
		if (text_casecmp(word, words[i]) == 0)
			return words[i];
	return NULL;
}

static bool
take_word(struct call *call, const json_t *properties, const char *name, const char *const words[3],
	json_t *more)
{
	const json_t *value = call_member(properties, name);
	const char *word = spelt(json_string_value(value), words);

	if (!value || json_is_null(value))
		return true;
	if (!word)
		return bad_value(call, arena_printf(call->arena, "properties.%s", name),
			"It is not one of its values.");
	return json_object_set_new(more, name, json_string(word)) == 0;
}

static bool
take_modes(struct call *call, const json_t *properties, json_t *more)
{
	static const char *const words[3] = {"SharedKey", "AAD", "TaskAuthenticationToken"};
	const json_t *value = call_member(properties, "allowedAuthenticationModes");
	json_t *modes;

	if (!value || json_is_null(value))
		return true;
	modes = json_array();
	for (size_t i = 0; i < json_array_size(value); i++) {
		const char *word = spelt(json_string_value(json_array_get(value, i)), words);

		if (word)
			json_array_append_new(modes, json_string(word));
	}
	if (json_is_array(value) && json_array_size(modes) == json_array_size(value))
		return json_object_set_new(more, "allowedAuthenticationModes", modes) == 0;
	json_decref(modes);
	return bad_value(call, "properties.allowedAuthenticationModes",
		"It must list SharedKey, AAD and TaskAuthenticationToken at most.");
}

static bool
take_network(struct call *call, const json_t *properties, json_t *more)
{
	json_t *value = call_member(properties, "networkProfile");

	if (!object_or_none(call, value, "properties.networkProfile"))
		return false;
	if (json_is_object(value))
		json_object_set(more, "networkProfile", value);
	return true;
}

/* The keys of the storage account are fetched at once: lastKeySync [recorded]. */
static bool
take_storage(struct call *call, const json_t *properties, json_t *more)
{
	static const char *const words[3] = {"StorageKeys", "BatchAccountManagedIdentity"};
	json_t *value = call_member(properties, "autoStorage"), *node;
	const char *id = call_text(value, "storageAccountId");
	const char *mode = call_text(value, "authenticationMode");

	if (!object_or_none(call, value, "properties.autoStorage"))
		return false;
	if (json_is_null(value))
		json_object_del(more, "autoStorage");
	if (!json_is_object(value))
		return true;
	if (!id)
		return missing(call, "storageAccountId", "properties.autoStorage.storageAccountId");
	if (mode && !spelt(mode, words))
		return bad_value(call, "properties.autoStorage.authenticationMode",
			"It is not one of its values.");
	json_object_set_new(more, "autoStorage",
		json_pack("{s:s,s:s,s:s}", "storageAccountId", id, "lastKeySync",
			reply_time_zulu(call, vclock_ms(&call->world->clock)), "authenticationMode",
			mode ? spelt(mode, words) : words[0]));
	node = call_member(value, "nodeIdentityReference");
	if (json_is_object(node))
		json_object_set(
			json_object_get(more, "autoStorage"), "nodeIdentityReference", node);
	return true;
}

static const char *
mode_of(const json_t *more)
{
	const char *mode = json_string_value(json_object_get(more, "poolAllocationMode"));

	return mode ? mode : "BatchService";
}

/* What is decided when the account is made: later bodies may only repeat it. */
static bool
take_mode(struct call *call, const struct account *a, const json_t *properties, json_t *more)
{
	static const char *const words[3] = {"BatchService", "UserSubscription"};
	json_t *vault = call_member(properties, "keyVaultReference");
	const char *old = spelt(mode_of(more), words), *now;

	if (!take_word(call, properties, "poolAllocationMode", words, more))
		return false;
	now = spelt(mode_of(more), words);
	if (a->id && now != old)
		return bad_value(call, "properties.poolAllocationMode",
			"It cannot be changed after the account is created.");
	if (!object_or_none(call, vault, "properties.keyVaultReference"))
		return false;
	if (a->id || now == words[0])
		return true;
	if (!call_text(vault, "id") || !call_text(vault, "url"))
		return missing(call, "keyVaultReference", "properties.keyVaultReference");
	return json_object_set(more, "keyVaultReference", vault) == 0;
}

static bool
take_properties(struct call *call, struct account *a)
{
	static const char *const access[3] = {"Enabled", "Disabled"};
	const json_t *properties = call_member(call->json, "properties");
	json_t *more = reply_stored(a->more);
	char *text;
	bool ok = take_mode(call, a, properties, more) &&
		  take_word(call, properties, "publicNetworkAccess", access, more) &&
		  take_network(call, properties, more) && take_modes(call, properties, more) &&
		  take_storage(call, properties, more);

	text = json_dumps(more, JSON_COMPACT);
	a->more = arena_strdup(call->arena, text);
	free(text);
	json_decref(more);
	return ok;
}

/* The identity that opens the key. "" is the system's. */
static bool
pick_identity(const struct account *a, char out[ARMID_MAX])
{
	json_t *users = reply_stored(a->users);
	const char *first = json_string_value(json_array_get(users, 0));
	bool ok = text_copy(out, ARMID_MAX, first ? first : "");

	json_decref(users);
	return ok;
}

/* https://HOST/keys/NAME[/VERSION] of any cloud or of this host; a final slash is tolerated. */
static bool
take_identifier(const char *uri, struct cmk_target *out)
{
	char base[NAMES_URL], store[64], rest[200];
	const char *host = text_case_starts(uri, "https://") ? uri + strlen("https://") : NULL;
	const char *path = host ? strchr(host, '/') : NULL;
	size_t len;
	bool slash;

	if (!path || !text_case_starts(path, "/keys/") || (size_t)(path - uri) >= sizeof base)
		return false;
	snprintf(base, sizeof base, "%.*s", (int)(path - uri), uri);
	if (!names_parse_store(base, &out->kind, store, &slash) ||
		!text_copy(out->store, sizeof out->store, store) ||
		!text_copy(rest, sizeof rest, path + strlen("/keys/")))
		return false;
	len = strlen(rest);
	if (len > 0 && rest[len - 1] == '/')
		rest[len - 1] = '\0';
	len = strcspn(rest, "/");
	if (rest[len] == '/') {
		rest[len] = '\0';
		if (!keyid_is_version(rest + len + 1) ||
			!text_copy(out->version, sizeof out->version, rest + len + 1))
			return false;
	}
	out->mode = out->version[0] ? CMK_PINNED : CMK_AUTO_ABSENT;
	return keyid_is_key_name(rest) && text_copy(out->key, sizeof out->key, rest);
}

static bool
take_target(struct call *call, const struct account *a, const json_t *encryption,
	struct cmk_target *out)
{
	const json_t *key = call_member(encryption, "keyVaultProperties");
	const char *uri = call_text(key, "keyIdentifier");
	json_t *more;
	bool bare;

	if (!json_is_object(key))
		return missing(
			call, "keyVaultProperties", "properties.encryption.keyVaultProperties");
	if (!uri || !*uri)
		return missing(call, "keyIdentifier",
			"properties.encryption.keyVaultProperties.keyIdentifier");
	if (!take_identifier(uri, out))
		return bad_value(call, "properties.encryption.keyVaultProperties.keyIdentifier",
			"It must be https://VAULT/keys/NAME or https://VAULT/keys/NAME/VERSION of a key vault.");
	more = reply_stored(a->more);
	bare = json_is_true(json_object_get(more, batch_bare));
	json_decref(more);
	if (bare)
		return bad_value(call, "properties.encryption.keySource",
			"Customer-managed keys are supported only on accounts that were created with a managed identity; this one was created without.");
	return pick_identity(a, out->identity);
}

static bool
take_wish(struct call *call, const struct account *a, struct account_wish *wish)
{
	const json_t *encryption = call_member(call_member(call->json, "properties"), "encryption");
	const char *source = call_text(encryption, "keySource");

	wish->wish = WISH_KEEP;
	if (!object_or_none(call, encryption, "properties.encryption"))
		return false;
	if (!json_is_object(encryption))
		return true;
	if (!source)
		return missing(call, "keySource", "properties.encryption.keySource");
	if (text_casecmp(source, "Microsoft.Batch") == 0) {
		wish->wish = WISH_PLATFORM;
		return true;
	}
	if (text_casecmp(source, "Microsoft.KeyVault") != 0)
		return bad_value(call, "properties.encryption.keySource",
			"It must be Microsoft.Batch or Microsoft.KeyVault.");
	wish->wish = WISH_CUSTOMER;
	return take_target(call, a, encryption, &wish->target);
}

/* An account whose identity changes goes on with the key as the new one, whether that may use it or
 * not. */
static bool
follow_identity(struct account *a)
{
	return !a->cmk_store[0] || pick_identity(a, a->cmk_identity);
}

static bool
apply(struct call *call, struct account *a, struct account_wish *wish)
{
	return object_or_none(call, call_member(call->json, "properties"), "properties") &&
	       arm_tags(call, a->tags, &a->tags) && assign_identity(call, a, false, ",") &&
	       take_properties(call, a) && take_wish(call, a, wish) && follow_identity(a);
}

static void
refuse(struct call *call, const struct cmk_refusal *refusal)
{
	json_t *details = json_pack("[{s:s,s:s}]", "code", "Reason", "message", refusal->message);

	if (refusal->cause == CMK_BROKEN)
		batch_refuse(call, 500, "InternalError", NULL, details,
			"Server encountered an internal error. Please try again after some time.");
	else
		batch_refuse(call, 400, "InvalidKeyVaultReference", "BatchAccount", details,
			"The specified Key Vault reference is invalid.");
}

const struct account_change batch_change = {.apply = apply, .refuse = refuse, .needs_key = true};
