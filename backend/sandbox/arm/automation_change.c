/* What real Automation answers to most refusals is not established: the codes and first sentences
 * are those that Storage is reported to send for the same cause (KeyVaultPolicyError,
 * KeyVaultAuthenticationFailure; azure-cli 12346 and 17914, AVM 391), with the cause spelt out
 * behind. */
#include "backend/sandbox/arm/automation_change.h"

#include <stdlib.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/service/assign.h"

#define AUTHENTICATION "The operation failed because of authentication issue on the keyvault. "

/* A switch of the properties into the account's own ones. */
static bool
take_switch(struct call *call, const json_t *properties, const char *name, json_t *more)
{
	json_t *value = call_member(properties, name);

	if (!value || json_is_null(value))
		return true;
	if (json_is_boolean(value))
		return json_object_set(more, name, value) == 0;
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

static bool
take_properties(struct call *call, struct account *a)
{
	const json_t *properties = call_member(call->json, "properties");
	json_t *more = reply_stored(a->more);
	bool ok = take_switch(call, properties, "disableLocalAuth", more) &&
		  take_switch(call, properties, "publicNetworkAccess", more);
	char *text = json_dumps(more, JSON_COMPACT);

	a->more = arena_strdup(call->arena, text);
	free(text);
	json_decref(more);
	return ok;
}

static bool
bad(struct call *call, const char *message)
{
	reply_flat_error(call, 400, "BadRequest", "%s", message);
	return false;
}

static bool
take_target(struct call *call, const struct account *a, const json_t *encryption,
	struct cmk_target *out)
{
	const json_t *key = call_member(encryption, "keyVaultProperties");
	const json_t *identity = call_member(encryption, "identity");
	const char *user = call_text(identity, "userAssignedIdentity");
	const char *uri = call_text(key, "keyvaultUri"), *name = call_text(key, "keyName");
	const char *version = call_text(key, "keyVersion");
	char store[64];

	if (user && *user && !assign_has(a, user))
		return bad(call,
			"The user assigned identity of the encryption properties is not assigned to the account.");
	if (!uri || !name || !version || !*version)
		return bad(call,
			"keyvaultUri, keyName and keyVersion of the key vault properties must be given when the key source is Microsoft.Keyvault.");
	if (!names_parse_store(uri, &out->kind, store, &out->slash) ||
		!text_copy(out->store, sizeof out->store, store))
		return bad(call, "The keyvaultUri is not a valid key vault URI.");
	if (!text_copy(out->key, sizeof out->key, name) ||
		!text_copy(out->version, sizeof out->version, version) ||
		!text_copy(out->identity, sizeof out->identity, user ? user : ""))
		return bad(call, "The keyName or keyVersion is not valid.");
	return true;
}

/* What the body wants of the encryption. The identity must be in the same body: the sentence with
 * its leading blank is the service's own [azure-docs 72229]. */
static bool
take_wish(struct call *call, const struct account *a, struct account_wish *wish)
{
	const json_t *encryption = call_member(call_member(call->json, "properties"), "encryption");
	const char *source = call_text(encryption, "keySource");

	wish->wish = WISH_KEEP;
	if (!encryption || json_is_null(encryption))
		return true;
	if (!call_text(call_member(call->json, "identity"), "type"))
		return bad(call,
			" Identity property or identity type property should not be null while updating Encryption properties.");
	if (source && text_casecmp(source, "Microsoft.Automation") == 0) {
		wish->wish = WISH_PLATFORM;
		return true;
	}
	if (!source || text_casecmp(source, "Microsoft.Keyvault") != 0)
		return bad(
			call, "The key source must be Microsoft.Automation or Microsoft.Keyvault.");
	wish->wish = WISH_CUSTOMER;
	return take_target(call, a, encryption, &wish->target);
}

static bool
apply(struct call *call, struct account *a, struct account_wish *wish)
{
	return object_or_none(call, call->json, "properties") &&
	       object_or_none(call, call_member(call->json, "properties"), "encryption") &&
	       arm_tags(call, a->tags, &a->tags) && assign_identity(call, a, true, ", ") &&
	       take_properties(call, a) && take_wish(call, a, wish);
}

static void
refuse(struct call *call, const struct cmk_refusal *refusal)
{
	static const struct {
		const char *code, *text;
	} words[] = {
		[CMK_NO_IDENTITY] = {"BadRequest",
			"Managed Service Identity (MSI) is not set for this account. "},
		[CMK_NO_STORE] = {"KeyVaultVaultNotFound", "The key vault is not found. "},
		[CMK_OTHER_TENANT] = {"KeyVaultAuthenticationFailure", AUTHENTICATION},
		[CMK_UNPROTECTED] = {"KeyVaultPolicyError",
			"Keyvault policy recoverable is not set. "},
		[CMK_FIREWALL] = {"KeyVaultAuthenticationFailure", AUTHENTICATION},
		[CMK_DENIED] = {"KeyVaultAuthenticationFailure", AUTHENTICATION},
		[CMK_NO_KEY] = {"KeyVaultEncryptionKeyNotFound",
			"The key vault key is not found to unwrap the encryption key. "},
		[CMK_WRONG_KEY] = {"BadRequest", ""},
		[CMK_UNUSABLE] = {"KeyVaultAuthenticationFailure", AUTHENTICATION},
		[CMK_BROKEN] = {"InternalServerError", ""},
	};

	reply_flat_error(call, refusal->cause == CMK_BROKEN ? 500 : 400, words[refusal->cause].code,
		"%s%s", words[refusal->cause].text, refusal->message);
}

const struct account_change automation_change = {.apply = apply, .refuse = refuse};
