/* Paths are split before they are decoded, so that an escaped slash stays inside its name. Empty
 * segments count within Key Vault's paths (/keys/NAME//wrapkey means the newest version); a final
 * slash never does. */
#include "backend/sandbox/route.h"

#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/access.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/service/due.h"

static int
hex_digit(char c)
{
	const char *at = c ? strchr("0123456789abcdef", c | 0x20) : NULL;

	return at ? (int)(at - "0123456789abcdef") : -1;
}

/* Percent-decoding; NULL for a broken escape or a NUL. */
static const char *
decoded(struct arena *arena, const char *text, size_t len)
{
	char *out = arena_alloc(arena, len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int high, low;

		if (text[i] != '%') {
			out[n++] = text[i];
			continue;
		}
		high = i + 2 < len ? hex_digit(text[i + 1]) : -1;
		low = i + 2 < len ? hex_digit(text[i + 2]) : -1;
		if (high < 0 || low < 0 || (high == 0 && low == 0))
			return NULL;
		out[n++] = (char)(high * 16 + low);
		i += 2;
	}
	out[n] = '\0';
	return out;
}

/* Fills call->segments; false for a path that no service has. */
static bool
split(struct call *call)
{
	const char *at = call->path;

	if (*at != '/')
		return false;
	for (at++; *at;) {
		size_t len = strcspn(at, "/");
		const char *segment = decoded(call->arena, at, len);

		if (!segment || call->segments_len == CALL_SEGMENTS)
			return false;
		call->segments[call->segments_len++] = segment;
		at += len;
		if (*at == '/')
			at++;
	}
	return true;
}

static bool
decode_query(struct call *call)
{
	for (size_t i = 0; i < call->query_len; i++) {
		const char *value = call->query[i].value, *name = call->query[i].name;

		call->query[i].name = decoded(call->arena, name, strlen(name));
		call->query[i].value = decoded(call->arena, value, strlen(value));
		if (!call->query[i].name || !call->query[i].value)
			return false;
	}
	return true;
}

static bool
match(struct call *call, const char *pattern)
{
	size_t i = 0;

	call->params_len = 0;
	for (const char *at = pattern; *at; i++) {
		size_t len = strcspn(++at, "/");

		if (i == call->segments_len)
			return false;
		if (len == 2 && memcmp(at, "{}", 2) == 0)
			call->params[call->params_len++] = call->segments[i];
		else if (strlen(call->segments[i]) != len ||
			 strncasecmp(call->segments[i], at, len) != 0)
			return false;
		at += len;
	}
	return i == call->segments_len;
}

static const struct route *
find(struct call *call, bool *known_path)
{
	const struct {
		const struct route *routes;
		size_t len;
	} tables[] = {
		{entra_signin_routes, entra_signin_routes_len},
		{entra_device_routes, entra_device_routes_len},
		{entra_managed_routes, entra_managed_routes_len},
		{graph_routes, graph_routes_len},
		{arm_endpoints_routes, arm_endpoints_routes_len},
		{arm_subscription_routes, arm_subscription_routes_len},
		{arm_provider_routes, arm_provider_routes_len},
		{arm_group_routes, arm_group_routes_len},
		{arm_resource_routes, arm_resource_routes_len},
		{arm_automation_routes, arm_automation_routes_len},
		{arm_variable_routes, arm_variable_routes_len},
		{arm_batch_routes, arm_batch_routes_len},
		{arm_pool_routes, arm_pool_routes_len},
		{arm_storage_routes, arm_storage_routes_len},
		{arm_vault_routes, arm_vault_routes_len},
		{arm_deleted_vault_routes, arm_deleted_vault_routes_len},
		{arm_hsm_routes, arm_hsm_routes_len},
		{arm_identity_routes, arm_identity_routes_len},
		{arm_role_definition_routes, arm_role_definition_routes_len},
		{arm_role_assignment_routes, arm_role_assignment_routes_len},
		{arm_resource_graph_routes, arm_resource_graph_routes_len},
		{arm_operation_routes, arm_operation_routes_len},
		{kv_key_routes, kv_key_routes_len},
		{kv_deleted_routes, kv_deleted_routes_len},
		{kv_backup_routes, kv_backup_routes_len},
		{kv_rotation_routes, kv_rotation_routes_len},
		{hsm_role_routes, hsm_role_routes_len},
		{blob_routes, blob_routes_len},
	};

	*known_path = false;
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t i = 0; i < tables[t].len; i++) {
			const struct route *route = &tables[t].routes[i];

			if (!(route->hosts & call->naming.role) || !match(call, route->pattern))
				continue;
			if (route->verbs & call->verb)
				return route;
			*known_path = true;
		}
	return NULL;
}

/* Which kind of service a call without a route was meant for decides how it is refused. */
static void
refuse_unknown(struct call *call, bool known_path)
{
	const char *first = call->segments_len ? call->segments[0] : "";
	bool arm = call->naming.role == HOST_ARM || text_casecmp(first, "subscriptions") == 0;

	if (call->naming.role & ROUTE_KEYS) {
		reply_vault_error(call, known_path ? 405 : 404,
			known_path ? "MethodNotAllowed" : "NotFound", NULL,
			"The requested operation is not known: %s %s", call->method, call->path);
	} else if (known_path) {
		reply_error(call, 405, "HttpMethodNotAllowed",
			"The HTTP method '%s' is not supported at '%s'.", call->method, call->path);
	} else if (arm) {
		if (arm_prepare(call, NULL))
			arm_refuse_type(call);
	} else {
		reply_error(call, 404, "NotFound", "No service of the sandbox answers at '%s'.",
			call->path);
	}
}

static bool
take_json(struct call *call)
{
	json_error_t where;

	call->json = json_loadb(call->body.data ? call->body.data : "", call->body.len, 0, &where);
	if (json_is_object(call->json))
		return true;
	if (call->naming.role & ROUTE_KEYS)
		reply_vault_error(call, 400, "BadParameter", NULL, "%s",
			call->body.len ? "Request body is malformed: it must be a JSON object."
				       : "Request body not specified");
	else
		reply_error(call, 400, "InvalidRequestContent",
			"The request content was invalid and could not be deserialized: '%s'.",
			call->json ? "the body is not a JSON object" : where.text);
	return false;
}

/* Key Vault's REST versions that its documentation has listed. */
static bool
vault_version_known(const char *version)
{
	static const char *const known[] = {"2015-06-01", "2016-10-01", "7.0", "7.0-preview", "7.1",
		"7.1-preview", "7.2", "7.2-preview", "7.3", "7.3-preview", "7.4", "7.4-preview.1",
		"7.5", "7.5-preview.1", "7.6", "7.6-preview.1", "7.6-preview.2",
		"2025-06-01-preview", "2025-07-01"};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (text_casecmp(known[i], version) == 0)
			return true;
	return false;
}

/* In Azure the name of a vault that does not exist does not resolve; there is no recorded body. */
static bool
prepare_vault(struct call *call)
{
	struct vault *vault = arena_alloc(call->arena, sizeof *vault);
	bool found;

	db_lock(call->world->db);
	found = vaults_find(call->world->db, call->arena,
		call->naming.role == HOST_HSM ? STORE_HSM : STORE_VAULT, call->naming.store, vault);
	db_unlock(call->world->db);
	if (!found) {
		reply_vault_error(call, 404, "VaultNotFound", NULL,
			"No vault is named '%s'; in Azure this host name would not resolve.",
			call->naming.store);
		return false;
	}
	call->vault = vault;
	reply_header_text(call, "x-ms-keyvault-region", vault->location);
	reply_header_text(call, "x-ms-keyvault-network-info",
		"conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;");
	if (!access_vault(call, vault))
		return false;
	if (!call->api_version[0]) {
		reply_vault_error(call, 400, "BadParameter", NULL, "api-version must be specified");
		return false;
	}
	if (!vault_version_known(call->api_version)) {
		reply_vault_error(call, 400, "BadParameter", NULL,
			"The specified version (%s) is not recognized. Consider using the latest supported version (7.6).",
			call->api_version);
		return false;
	}
	return true;
}

static bool
readable(struct call *call)
{
	if (!split(call) || !decode_query(call)) {
		if (call->naming.role & ROUTE_KEYS)
			reply_vault_error(call, 400, "BadParameter", NULL,
				"The request URI contains an invalid name: %s", call->path);
		else
			reply_error(call, 400, "InvalidRequestUri",
				"The request uri is invalid: '%s'.", call->path);
		return false;
	}
	return true;
}

void
route_call(struct call *call)
{
	const struct route *route;
	const char *version;
	bool known_path;

	if (call->naming.role == HOST_NONE) {
		reply_error(call, 404, "NotFound", "'%s' is no host of this sandbox.", call->host);
		return;
	}
	if (!readable(call))
		return;
	due_run(call->world, false);
	version = call_query(call, "api-version");
	call->api_version = version ? version : "";
	if (call->naming.role & ROUTE_KEYS && !prepare_vault(call))
		return;
	route = find(call, &known_path);
	if (!route) {
		refuse_unknown(call, known_path);
		return;
	}
	if (route->type && !arm_prepare(call, route->type))
		return;
	if (route->flags & ROUTE_JSON && !take_json(call))
		return;
	route->handle(call);
}
