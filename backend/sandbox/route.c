/* Paths are split before they are decoded, so that an escaped slash stays inside its name. Empty
 * segments count within Key Vault's paths (/keys/NAME//wrapkey means the newest version); a final
 * slash never does. */
#include "backend/sandbox/route.h"

#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/arm/arm.h"
#include "backend/sandbox/kv/kv.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/service/due.h"
#include "backend/sandbox/throttle.h"

static int
hex_digit(char c)
{
	const char *at = c ? strchr("0123456789abcdef", c | 0x20) : NULL;

	return at ? (int)(at - "0123456789abcdef") : -1;
}

/* Percent-decoding; NULL for a broken escape, a NUL or what is no UTF-8 (JSON could not hold it).
 */
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
	return text_is_utf8(out) ? out : NULL;
}

/* Fills call->segments; false for a path that no service has. Microsoft's clients put a slash of
 * their own before a resource id, which begins with one: only Key Vault counts empty segments. */
static bool
split(struct call *call)
{
	bool empty = (call->naming.role & (ROUTE_KEYS | HOST_BLOB)) != 0;
	const char *at = call->path;

	if (*at != '/')
		return false;
	for (at++; *at;) {
		size_t len = strcspn(at, "/");
		const char *segment = decoded(call->arena, at, len);

		if (!segment || call->segments_len == CALL_SEGMENTS)
			return false;
		if (len || empty)
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

/* The segments from i on as one text: names of blobs hold slashes, even at their end. */
static const char *
rest_of(struct call *call, size_t i)
{
	size_t len = strlen(call->path);
	const char *text = call->segments[i];

	while (++i < call->segments_len)
		text = arena_printf(call->arena, "%s/%s", text, call->segments[i]);
	return call->path[len - 1] == '/' ? arena_printf(call->arena, "%s/", text) : text;
}

/* {*} at the start stands for any number of segments: the scope of what follows; {+} at the end is
 * all that is left. */
static bool
match(struct call *call, const char *pattern)
{
	size_t i = 0;

	call->params_len = 0;
	if (strncmp(pattern, "/{*}", 4) == 0) {
		size_t rest = 0;

		for (const char *at = pattern += 4; *at; at++)
			rest += *at == '/';
		if (rest > call->segments_len)
			return false;
		i = call->segments_len - rest;
	}
	for (const char *at = pattern; *at; i++) {
		size_t len = strcspn(++at, "/");

		if (i == call->segments_len)
			return false;
		if (len == 3 && memcmp(at, "{+}", 3) == 0) {
			call->params[call->params_len++] = rest_of(call, i);
			return true;
		}
		if (len == 2 && memcmp(at, "{}", 2) == 0)
			call->params[call->params_len++] = call->segments[i];
		else if (strlen(call->segments[i]) != len ||
			 strncasecmp(call->segments[i], at, len) != 0)
			return false;
		at += len;
	}
	return i == call->segments_len;
}

static const struct {
	const struct route *routes;
	const size_t *len;
} tables[] = {
	{entra_signin_routes, &entra_signin_routes_len},
	{entra_device_routes, &entra_device_routes_len},
	{entra_managed_routes, &entra_managed_routes_len},
	{graph_routes, &graph_routes_len},
	{arm_endpoints_routes, &arm_endpoints_routes_len},
	{arm_subscription_routes, &arm_subscription_routes_len},
	{arm_provider_routes, &arm_provider_routes_len},
	{arm_region_routes, &arm_region_routes_len},
	{arm_group_routes, &arm_group_routes_len},
	{arm_resource_routes, &arm_resource_routes_len},
	{arm_automation_routes, &arm_automation_routes_len},
	{arm_variable_routes, &arm_variable_routes_len},
	{arm_batch_routes, &arm_batch_routes_len},
	{arm_pool_routes, &arm_pool_routes_len},
	{arm_storage_routes, &arm_storage_routes_len},
	{arm_vault_routes, &arm_vault_routes_len},
	{arm_deleted_vault_routes, &arm_deleted_vault_routes_len},
	{arm_hsm_routes, &arm_hsm_routes_len},
	{arm_identity_routes, &arm_identity_routes_len},
	{arm_role_definition_routes, &arm_role_definition_routes_len},
	{arm_role_assignment_routes, &arm_role_assignment_routes_len},
	{arm_resource_graph_routes, &arm_resource_graph_routes_len},
	{arm_operation_routes, &arm_operation_routes_len},
	{kv_deleted_routes, &kv_deleted_routes_len},
	{kv_backup_routes, &kv_backup_routes_len},
	{kv_rotation_routes, &kv_rotation_routes_len},
	{hsm_role_routes, &hsm_role_routes_len},
	{kv_key_routes, &kv_key_routes_len},
	{blob_routes, &blob_routes_len},
};

void
route_each(void (*visit)(void *user, const struct route *route), void *user)
{
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t i = 0; i < *tables[t].len; i++)
			visit(user, &tables[t].routes[i]);
}

static const struct route *
find(struct call *call, bool *known_path)
{
	*known_path = false;
	for (size_t t = 0; t < ARRAY_LEN(tables); t++)
		for (size_t i = 0; i < *tables[t].len; i++) {
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
	} else if (call->naming.role == HOST_BLOB) {
		reply_blob_error(call, 405, "UnsupportedHttpVerb",
			"The resource doesn't support specified Http Verb.");
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

static bool
readable(struct call *call)
{
	if (!split(call) || !decode_query(call)) {
		if (call->naming.role == HOST_BLOB)
			reply_blob_error(call, 400, "InvalidUri",
				"The requested URI does not represent any resource on the server.");
		else if (call->naming.role & ROUTE_KEYS)
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
	if (call->naming.role & ROUTE_KEYS && !kv_prepare(call))
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
	call->route = route;
	if (throttle_admit(call))
		route->handle(call);
}

bool
route_resource(struct call *call, const char *path, const char *api_version)
{
	const struct route *route;
	bool known_path;

	call->verb = VERB_GET;
	call->method = "GET";
	call->path = path;
	call->segments_len = call->query_len = 0;
	call->api_version = api_version;
	route = split(call) ? find(call, &known_path) : NULL;
	if (route)
		route->handle(call);
	return route != NULL;
}
