/* A vault with no rules shows no networkAcls even when it was sent such [recorded: azure-cli
 * test_keyvault_key, test_acr_encryption_with_cmk]; a Managed HSM always shows them, with the lists
 * that were not sent [test_mhsm_private_link_resource]. One address is kept as a range of one
 * [terraform-provider-azurerm compares them so]. */
#include "backend/sandbox/arm/vault_network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"

/* The word as Azure writes it; fallback when none was sent, NULL when it is another. */
static const char *
canonical(const json_t *value, const char *const *words, size_t len, const char *fallback)
{
	const char *text = json_string_value(value);

	if (!value || json_is_null(value))
		return fallback;
	for (size_t i = 0; text && i < len; i++)
		if (text_casecmp(words[i], text) == 0)
			return words[i];
	return NULL;
}

/* An IPv4 address or range, as a range; NULL when it is neither. */
static json_t *
range_of(const char *text)
{
	const char *slash = text ? strchr(text, '/') : NULL;
	size_t len = slash ? (size_t)(slash - text) : text ? strlen(text) : 0;
	char base[INET_ADDRSTRLEN];
	struct in_addr address;
	long bits = 32;

	if (len == 0 || len >= sizeof base)
		return NULL;
	memcpy(base, text, len);
	base[len] = '\0';
	if (slash) {
		char *end;

		bits = strtol(slash + 1, &end, 10);
		if (end == slash + 1 || *end || bits < 0 || bits > 32)
			return NULL;
	}
	if (inet_pton(AF_INET, base, &address) != 1)
		return NULL;
	return json_sprintf("%s/%ld", base, bits);
}

/* The list of one kind of rules: value is what each must have. NULL when one is wrong. */
static json_t *
rules_of(const json_t *list, bool addresses)
{
	json_t *out = json_array();

	if (list && !json_is_null(list) && !json_is_array(list))
		goto wrong;
	for (size_t i = 0; i < json_array_size(list); i++) {
		json_t *rule = json_array_get(list, i), *value;

		if (addresses) {
			value = range_of(call_text(rule, "value"));
			if (!value)
				goto wrong;
			json_array_append_new(out, json_pack("{s:o}", "value", value));
		} else {
			if (!call_text(rule, "id"))
				goto wrong;
			json_array_append(out, rule);
		}
	}
	return out;
wrong:
	json_decref(out);
	return NULL;
}

/* networkAcls with all its members; NULL when one is wrong. */
static json_t *
acls_of(const json_t *acls)
{
	static const char *const bypasses[] = {"AzureServices", "None"};
	static const char *const actions[] = {"Allow", "Deny"};
	const char *bypass = canonical(call_member(acls, "bypass"), bypasses, 2, bypasses[0]);
	const char *action = canonical(call_member(acls, "defaultAction"), actions, 2, actions[0]);
	json_t *addresses = rules_of(call_member(acls, "ipRules"), true);
	json_t *networks = rules_of(call_member(acls, "virtualNetworkRules"), false);

	if (json_is_object(acls) && bypass && action && addresses && networks)
		return json_pack("{s:s,s:s,s:o,s:o}", "bypass", bypass, "defaultAction", action,
			"ipRules", addresses, "virtualNetworkRules", networks);
	json_decref(addresses);
	json_decref(networks);
	return NULL;
}

json_t *
network_open(void)
{
	json_t *none = json_object(), *open = acls_of(none);

	json_decref(none);
	return open;
}

static bool
is_open(const json_t *acls)
{
	json_t *open = network_open();
	bool same = json_equal(acls, open);

	json_decref(open);
	return same;
}

static bool
bad(struct call *call, enum store_kind kind, const char *name)
{
	reply_error(call, 400, kind == STORE_HSM ? "400" : "BadRequest",
		"An invalid value was provided for '%s'.", name);
	return false;
}

bool
network_take(struct call *call, enum store_kind kind, const json_t *properties, json_t *more)
{
	static const char *const words[] = {"Enabled", "Disabled", "SecuredByPerimeter"};
	const json_t *sent = call_member(properties, "publicNetworkAccess");
	const json_t *acls = call_member(properties, "networkAcls");

	if (sent && !json_is_null(sent)) {
		const char *access = canonical(sent, words, kind == STORE_HSM ? 2 : 3, NULL);

		if (!access)
			return bad(call, kind, "publicNetworkAccess");
		json_object_set_new(more, "publicNetworkAccess", json_string(access));
	}
	if (acls && !json_is_null(acls)) {
		json_t *kept = acls_of(acls);

		if (!kept)
			return bad(call, kind, "networkAcls");
		json_object_set_new(more, "networkAcls", kept);
		if (kind == STORE_VAULT && is_open(kept))
			json_object_del(more, "networkAcls");
	}
	return true;
}
