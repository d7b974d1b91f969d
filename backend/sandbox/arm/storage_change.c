/* What PATCH and PUT may change on a Storage account. Words of the refusals: reports of the
 * clients' users where they are known (KeyVaultPolicyError: azure-cli 12346 and 17914;
 * KeyVaultAuthenticationFailure, seen with 403: AVM 391; MSI: terraform-azurerm 6111; "Missing
 * pre-requisites": azure-sdk-for-java 29016); those of a missing vault or key are the data plane's.
 * The cause is spelt out behind. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/arm/storage.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/service/assign.h"

#define AUTHENTICATION "The operation failed because of authentication issue on the keyvault. "

enum shape { TRUTH, WORD, OBJECT };

/* StorageAccountPropertiesCreateParameters of storage.json; words: the values of a WORD; fixed:
 * only at creation. */
static const struct field {
	const char *name;
	enum shape shape;
	bool fixed;
	const char *words;
} fields[] = {
	{"accessTier", WORD, false, "Hot,Cool,Cold,Premium"},
	{"supportsHttpsTrafficOnly", TRUTH, false, NULL},
	{"minimumTlsVersion", WORD, false, "TLS1_0,TLS1_1,TLS1_2,TLS1_3"},
	{"allowBlobPublicAccess", TRUTH, false, NULL},
	{"allowSharedKeyAccess", TRUTH, false, NULL},
	{"allowCrossTenantReplication", TRUTH, false, NULL},
	{"defaultToOAuthAuthentication", TRUTH, false, NULL},
	{"publicNetworkAccess", WORD, false, "Enabled,Disabled,SecuredByPerimeter"},
	{"isHnsEnabled", TRUTH, true, NULL},
	{"isNfsV3Enabled", TRUTH, true, NULL},
	{"isSftpEnabled", TRUTH, false, NULL},
	{"isLocalUserEnabled", TRUTH, false, NULL},
	{"enableExtendedGroups", TRUTH, false, NULL},
	{"largeFileSharesState", WORD, false, "Disabled,Enabled"},
	{"allowedCopyScope", WORD, false, "PrivateLink,AAD"},
	{"dnsEndpointType", WORD, true, "Standard,AzureDnsZone"},
	{"routingPreference", OBJECT, false, NULL},
	{"sasPolicy", OBJECT, false, NULL},
	{"keyPolicy", OBJECT, false, NULL},
	{"azureFilesIdentityBasedAuthentication", OBJECT, false, NULL},
	{"immutableStorageWithVersioning", OBJECT, false, NULL},
};

static const char skus[] =
	"Standard_LRS,Standard_GRS,Standard_RAGRS,Standard_ZRS,Premium_LRS,Premium_ZRS,Standard_GZRS,Standard_RAGZRS";
static const char kinds[] = "Storage,StorageV2,BlobStorage,FileStorage,BlockBlobStorage";

bool
storage_invalid(struct call *call, const char *name)
{
	reply_error(call, 400, "InvalidValuesForRequestParameters",
		"Values for request parameters are invalid: %s.", name);
	return false;
}

bool
storage_fixed(struct call *call, const char *name)
{
	reply_error(call, 400, "AccountPropertyCannotBeUpdated",
		"The property '%s' was specified in the input, but it cannot be updated.", name);
	return false;
}

/* The word of a list as the list spells it; NULL when it is none. */
static const char *
spelt(struct call *call, const char *words, const char *given)
{
	size_t len = given ? strlen(given) : 0;

	while (len && *words) {
		size_t n = strcspn(words, ",");

		if (n == len && strncasecmp(words, given, n) == 0)
			return arena_printf(call->arena, "%.*s", (int)n, words);
		words += n + (words[n] == ',');
	}
	return NULL;
}

static bool
take_field(struct call *call, const struct field *field, const json_t *in, bool fresh, json_t *kept)
{
	json_t *value = call_member(in, field->name), *old = json_object_get(kept, field->name);
	const char *word;

	if (!value || json_is_null(value))
		return true;
	if (field->shape == WORD) {
		word = spelt(call, field->words, json_string_value(value));
		if (!word)
			return storage_invalid(call, field->name);
		if (!fresh && field->fixed && (!old || strcmp(json_string_value(old), word) != 0))
			return storage_fixed(call, field->name);
		return json_object_set_new(kept, field->name, json_string(word)) == 0;
	}
	if (field->shape == TRUTH ? !json_is_boolean(value) : !json_is_object(value))
		return storage_invalid(call, field->name);
	if (!fresh && field->fixed && json_is_true(old) != json_is_true(value))
		return storage_fixed(call, field->name);
	return json_object_set(kept, field->name, value) == 0;
}

/* The members that were sent, over what there was or, at first, over what the service gives. */
static bool
take_network(struct call *call, const json_t *in, json_t *kept)
{
	static const char *const lists[] = {"virtualNetworkRules", "ipRules", "ipv6Rules"};
	json_t *acls = call_member(in, "networkAcls"), *mine;
	const char *fallback = call_text(acls, "defaultAction");
	const char *action = spelt(call, "Allow,Deny", fallback ? fallback : "Allow");
	const char *bypass = call_text(acls, "bypass");

	if (!acls || json_is_null(acls))
		return true;
	if (!json_is_object(acls) || !action)
		return storage_invalid(call, "networkAcls");
	mine = storage_object(kept, "networkAcls");
	json_object_set_new(mine, "defaultAction", json_string(action));
	if (bypass || !json_object_get(mine, "bypass"))
		json_object_set_new(mine, "bypass", json_string(bypass ? bypass : "AzureServices"));
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		json_t *list = call_member(acls, lists[i]);

		if (json_is_array(list))
			json_object_set(mine, lists[i], list);
		else if (!json_object_get(mine, lists[i]))
			json_object_set_new(mine, lists[i], json_array());
	}
	return true;
}

static bool
is_premium(const char *sku)
{
	return text_case_starts(sku, "Premium");
}

/* sku within its tier; kind upwards to StorageV2. */
static bool
take_class(struct call *call, bool fresh, json_t *kept)
{
	const json_t *given = call_member(call->json, "sku");
	const char *sku = call_text(given, "name"), *kind = call_text(call->json, "kind");

	if (given && !json_is_null(given)) {
		sku = spelt(call, skus, sku);
		if (!sku)
			return storage_invalid(call, "sku");
		if (!fresh && is_premium(sku) != is_premium(call_text(kept, "sku")))
			return storage_fixed(call, "sku");
		json_object_set_new(kept, "sku", json_string(sku));
	}
	if (!kind)
		return true;
	kind = spelt(call, kinds, kind);
	if (!kind)
		return storage_invalid(call, "kind");
	if (!fresh && strcmp(kind, call_text(kept, "kind")) != 0 &&
		(strcmp(kind, "StorageV2") != 0 ||
			!strstr("Storage,BlobStorage", call_text(kept, "kind"))))
		return storage_fixed(call, "kind");
	return json_object_set_new(kept, "kind", json_string(kind)) == 0;
}

static bool
take_properties(struct call *call, bool fresh, json_t *kept)
{
	const json_t *in = call_member(call->json, "properties");
	json_t *mine = storage_object(kept, "properties");

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (!take_field(call, &fields[i], in, fresh, mine))
			return false;
	return take_network(call, in, mine);
}

static bool
object_or_none(struct call *call, const json_t *value, const char *name)
{
	return !value || json_is_null(value) || json_is_object(value) ||
	       storage_invalid(call, name);
}

static bool
take_all(struct call *call, struct account *a, json_t *kept, struct account_wish *wish)
{
	const json_t *identity = call_member(call->json, "identity");

	if (identity && !json_is_null(identity))
		json_object_set_new(kept, "identity", json_true());
	return arm_tags(call, a->tags, &a->tags) && assign_identity(call, a, true, ",") &&
	       take_class(call, !a->id, kept) && take_properties(call, !a->id, kept) &&
	       storage_take_encryption(call, a, storage_object(kept, "encryption"), wish);
}

static bool
apply(struct call *call, struct account *a, struct account_wish *wish)
{
	const json_t *properties = call_member(call->json, "properties");
	json_t *kept;
	char *text;
	bool ok;

	wish->wish = WISH_KEEP;
	if (!object_or_none(call, properties, "properties") ||
		!object_or_none(call, call_member(properties, "encryption"), "encryption"))
		return false;
	kept = storage_properties(a);
	ok = take_all(call, a, kept, wish);
	text = json_dumps(kept, JSON_COMPACT);
	a->more = arena_strdup(call->arena, text);
	free(text);
	json_decref(kept);
	return ok;
}

static void
refuse(struct call *call, const struct cmk_refusal *refusal)
{
	static const struct {
		unsigned status;
		const char *code, *text;
	} words[] = {
		[CMK_NO_IDENTITY] = {400, "FeatureNotSupportedForAccount",
			"Managed Service Identity (MSI) is not set for this account. "},
		[CMK_NO_STORE] = {400, "KeyVaultVaultNotFound", "The key vault is not found. "},
		[CMK_OTHER_TENANT] = {403, "KeyVaultAuthenticationFailure", AUTHENTICATION},
		[CMK_UNPROTECTED] = {400, "KeyVaultPolicyError",
			"Keyvault policy recoverable is not set. "},
		[CMK_FIREWALL] = {403, "KeyVaultAuthenticationFailure", AUTHENTICATION},
		[CMK_DENIED] = {403, "KeyVaultAuthenticationFailure", AUTHENTICATION},
		[CMK_NO_KEY] = {400, "KeyVaultEncryptionKeyNotFound",
			"The key vault key is not found to unwrap the encryption key. "},
		[CMK_WRONG_KEY] = {400, "InvalidValuesForRequestParameters",
			"Values for request parameters are invalid: keyvaultproperties. "},
		[CMK_UNUSABLE] = {403, "KeyVaultAuthenticationFailure", AUTHENTICATION},
		[CMK_BROKEN] = {500, "InternalServerError", ""},
	};

	reply_error(call, words[refusal->cause].status, words[refusal->cause].code, "%s%s",
		words[refusal->cause].text, refusal->message);
}

const struct account_change storage_change = {.apply = apply, .refuse = refuse};
