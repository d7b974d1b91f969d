/* What the bodies of create, import and update have in common. Limits: documentation "About keys"
 * (15 tags of 256 characters). */
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/reply.h"
#include "crypto/b64.h"

/* The last second of the year 9999: what .NET's times end with. */
static const json_int_t time_max = 253402300799;

static bool
take_time(struct call *call, const json_t *attributes, const char *name, int64_t *out)
{
	const json_t *value = call_member(attributes, name);

	if (!value || json_is_null(value))
		return true;
	if (!json_is_integer(value) || json_integer_value(value) < 1 ||
		json_integer_value(value) > time_max)
		return kv_bad(call,
			"Property attributes has invalid value: nbf and exp are seconds since 1970.");
	*out = json_integer_value(value);
	return true;
}

/* Secure Key Release is not what the sandbox is for; it refuses it as a vault without it does.
 * Messages: recordings of azure-sdk-for-js, azure-sdk-for-net, azure-cli 28288. */
static bool
refuse_export(struct call *call, const json_t *attributes)
{
	const json_t *exportable = call_member(attributes, "exportable");
	const json_t *policy = call_member(call->json, "release_policy");
	bool has_policy = policy && !json_is_null(policy);

	if (exportable && !json_is_null(exportable) && !json_is_boolean(exportable))
		return kv_bad(call, "Property exportable has invalid value");
	if (!json_is_true(exportable))
		return !has_policy ||
		       kv_bad(call,
			       "AKV.SKR.1005: Non-exportable keys must not have release policy.");
	if (call->vault->kind == STORE_VAULT && text_casecmp(call->vault->sku, "premium") != 0)
		return kv_bad(call,
			"AKV.SKR.1001: The exportable attribute is only supported with premium vaults and API version >= '7.3-preview'.");
	return kv_bad(call,
		has_policy
			? "The sandbox has no Secure Key Release: leave exportable and release_policy out."
			: "AKV.SKR.1004: Exportable keys must have release policy.");
}

bool
kv_take_attributes(struct call *call, struct key_version *key)
{
	const json_t *attributes = call_member(call->json, "attributes");
	const json_t *enabled = call_member(attributes, "enabled");

	if (attributes && !json_is_null(attributes) && !json_is_object(attributes))
		return kv_bad(call, "Property attributes has invalid value");
	if (enabled && !json_is_null(enabled) && !json_is_boolean(enabled))
		return kv_bad(call, "Property enabled has invalid value");
	if (!refuse_export(call, attributes))
		return false;
	if (json_is_boolean(enabled))
		key->enabled = json_is_true(enabled);
	if (!take_time(call, attributes, "nbf", &key->nbf) ||
		!take_time(call, attributes, "exp", &key->exp))
		return false;
	if (key->nbf && key->exp && key->nbf >= key->exp)
		return kv_bad(
			call, "Property attributes has invalid value: exp must be later than nbf.");
	return true;
}

const char *
kv_dumped(struct call *call, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);
	const char *kept = arena_strdup(call->arena, text);

	free(text);
	return kept;
}

bool
kv_take_tags(struct call *call, struct key_version *key)
{
	json_t *tags = call_member(call->json, "tags");

	if (!tags || json_is_null(tags))
		return true;
	if (!call_is_texts(tags, 256, 256) || json_object_size(tags) > 15)
		return kv_bad(call,
			"Property tags has invalid value: at most 15 pairs of texts of at most 256 characters.");
	key->tags = json_object_size(tags) ? kv_dumped(call, tags) : "";
	return true;
}

/* Words are kept as JsonWebKeyOperation spells them: perm.h knows them all but for import. */
bool
kv_take_ops(struct call *call, const json_t *ops, struct key_version *key)
{
	static const perm_set curves = PERM_SIGN | PERM_VERIFY;
	static const perm_set all = PERM_ENCRYPT | PERM_DECRYPT | PERM_SIGN | PERM_VERIFY |
				    PERM_WRAP | PERM_UNWRAP | PERM_IMPORT;
	perm_set allowed = strncmp(key->kty, "EC", 2) == 0 ? curves : all;
	json_t *kept;

	if (!ops || json_is_null(ops))
		return true;
	if (!json_is_array(ops))
		return kv_bad(call, "Property key_ops has invalid value");
	kept = json_array();
	for (size_t i = 0; i < json_array_size(ops); i++) {
		const char *word = json_string_value(json_array_get(ops, i));
		perm_set one = word ? perm_parse(word) : 0;

		if (!(one & allowed)) {
			json_decref(kept);
			return kv_bad(call, "Property key_ops has invalid value");
		}
		json_array_append_new(kept, json_string(perm_name(one)));
	}
	key->ops_text = kv_dumped(call, kept);
	json_decref(kept);
	return true;
}

bool
kv_take_bytes(struct call *call, const json_t *object, const char *name, unsigned char *out,
	size_t room, size_t *len)
{
	const char *text = call_text(object, name);

	if (text && b64_decode(out, room, len, text))
		return true;
	return kv_bad(call,
		arena_printf(call->arena, "Property %s %s", name,
			text ? "has invalid value: it must be base64url text" : "is required"));
}
