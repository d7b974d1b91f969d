/* A refusal may come from the resource manager itself before the provider sees the call: it has one
 * form for all of them, that of common-types. */
#include "tests/spec/openapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"

static const char gateway[] = "specification/common-types/resource-management/v5/types.json";

const char *
openapi_folder(const char *path, bool data_plane)
{
	static const struct {
		const char *provider, *folder;
	} services[] = {
		{"Microsoft.Automation",
			"specification/automation/resource-manager/Microsoft.Automation"},
		{"Microsoft.Batch", "specification/batch/resource-manager/Microsoft.Batch"},
		{"Microsoft.Storage", "specification/storage/resource-manager/Microsoft.Storage"},
		{"Microsoft.KeyVault",
			"specification/keyvault/resource-manager/Microsoft.KeyVault"},
		{"Microsoft.ManagedIdentity",
			"specification/msi/resource-manager/Microsoft.ManagedIdentity"},
		{"Microsoft.Authorization",
			"specification/authorization/resource-manager/Microsoft.Authorization"},
		{"Microsoft.ResourceGraph",
			"specification/resourcegraph/resource-manager/Microsoft.ResourceGraph"},
	};
	const char *last = NULL;
	size_t len;

	if (data_plane)
		return "specification/keyvault/data-plane/Microsoft.KeyVault";
	for (const char *at = path; *at; at++)
		if (strncasecmp(at, "/providers/", 11) == 0)
			last = at + 11;
	len = last ? strcspn(last, "/") : 0;
	if (last && (text_casecmp(last + len, "/register") == 0 ||
			    text_casecmp(last + len, "/resourceTypes") == 0))
		last = NULL;
	for (size_t i = 0; last && last[len] && last[len + 1] && i < ARRAY_LEN(services); i++)
		if (strlen(services[i].provider) == len &&
			strncasecmp(services[i].provider, last, len) == 0)
			return services[i].folder;
	return "specification/resources/resource-manager/Microsoft.Resources";
}

/* A parameter's text as the JSON value of its type. */
static json_t *
value_of(const char *type, const char *text)
{
	char *end;
	long long number;

	if (strcmp(type, "boolean") == 0 &&
		(text_casecmp(text, "true") == 0 || text_casecmp(text, "false") == 0))
		return json_boolean(text_casecmp(text, "true") == 0);
	if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0) {
		number = strtoll(text, &end, 10);
		if (*text && !*end)
			return json_integer(number);
	}
	return json_string(text);
}

static void
check_text(struct check *check, struct node parameter, const char *place, const char *text)
{
	const char *type = node_text(parameter, "type");
	size_t mark = check_enter(check, place), inner;
	json_t *value;

	inner = check_enter(check, node_text(parameter, "name"));
	if (type && strcmp(type, "array") != 0) {
		value = value_of(type, text);
		schema_check(check, parameter, value);
		json_decref(value);
	}
	check_leave(check, inner);
	check_leave(check, mark);
}

static void
report_at(struct check *check, const char *place, const char *name, const char *rule,
	const char *what)
{
	size_t mark = check_enter(check, place), inner = check_enter(check, name);

	check_report(check, rule, "%s", what);
	check_leave(check, inner);
	check_leave(check, mark);
}

static void
check_query(struct check *check, struct node parameter, const struct openapi_exchange *x)
{
	const char *name = node_text(parameter, "name");

	for (size_t i = 0; i < x->query_len; i++)
		if (text_casecmp(x->query[i].name, name) == 0) {
			/* a version that is not held is checked by another's document */
			if (strcmp(name, "api-version") != 0)
				check_text(check, parameter, "query", x->query[i].value);
			return;
		}
	if (node_true(parameter, "required"))
		report_at(check, "query", name, "required", "the parameter is missing");
}

static void
check_body(struct check *check, struct node parameter, const struct openapi_exchange *x)
{
	size_t mark = check_enter(check, "request");

	if (x->body)
		schema_check(check, node_get(parameter, "schema"), x->body);
	else if (node_true(parameter, "required"))
		check_report(check, "required", "there is no body");
	check_leave(check, mark);
}

static void
check_parameter(struct check *check, struct node parameter, const struct bindings *bindings,
	const struct openapi_exchange *x)
{
	const char *in = node_text(parameter, "in"), *name = node_text(parameter, "name");

	if (strcmp(in, "body") == 0)
		check_body(check, parameter, x);
	else if (strcmp(in, "query") == 0)
		check_query(check, parameter, x);
	else if (strcmp(in, "header") == 0 && node_true(parameter, "required"))
		report_at(check, "header", name, "required", "not something that is looked at");
	for (size_t i = 0; strcmp(in, "path") == 0 && i < bindings->len; i++)
		if (strcmp(bindings->all[i].name, name) == 0)
			check_text(check, parameter, "path", bindings->all[i].value);
}

/* Parameters of the path's object, then the operation's own. */
static struct node
parameter_at(struct check *check, const struct operation *op, size_t i)
{
	struct node shared = node_get(op->item, "parameters"),
		    own = node_get(op->json, "parameters");
	size_t len = json_array_size(shared.json);
	struct node from = i < len ? shared : own;
	json_t *json = json_array_get(from.json, i < len ? i : i - len);

	return openapi_resolve(check->api, (struct node){from.doc, json});
}

/* A name that no parameter has. What continues a list is the server's own. */
static void
check_known(struct check *check, const struct operation *op, const char *name)
{
	struct node parameter;

	if (text_casecmp(name, "$skiptoken") == 0 || text_casecmp(name, "api-version") == 0)
		return;
	for (size_t i = 0; (parameter = parameter_at(check, op, i)).json; i++)
		if (strcmp(node_text(parameter, "in"), "query") == 0 &&
			text_casecmp(node_text(parameter, "name"), name) == 0)
			return;
	report_at(check, "query", name, "unknown", "the operation has no such parameter");
}

void
openapi_request(struct check *check, const struct operation *op, const struct bindings *bindings,
	const struct openapi_exchange *x)
{
	struct node parameter;
	bool takes_body = false;

	check->direction = REQUEST;
	check->method = op->method;
	for (size_t i = 0; (parameter = parameter_at(check, op, i)).json; i++) {
		takes_body |= strcmp(node_text(parameter, "in"), "body") == 0;
		check_parameter(check, parameter, bindings, x);
	}
	for (size_t i = 0; i < x->query_len; i++)
		check_known(check, op, x->query[i].name);
	if (x->body && json_object_size(x->body) && !takes_body) {
		size_t mark = check_enter(check, "request");

		check_report(check, "unknown", "the operation takes no body");
		check_leave(check, mark);
	}
}

static void
check_error(struct check *check, struct node documented, const json_t *reply)
{
	struct node definitions = document_definitions(openapi_document(check->api, gateway).doc);
	struct check quiet = *check;

	if (documented.json) {
		quiet.report = NULL;
		quiet.found = 0;
		schema_check(&quiet, documented, reply);
		if (!quiet.found)
			return;
	}
	quiet.report = NULL;
	quiet.found = 0;
	schema_check(&quiet, node_get(definitions, "ErrorResponse"), reply);
	if (quiet.found || !json_object_get(reply, "error"))
		schema_check(check,
			documented.json ? documented : node_get(definitions, "ErrorResponse"),
			reply);
}

static void
check_reply_body(struct check *check, const struct operation *op, struct node schema,
	const struct openapi_exchange *x)
{
	bool head = strcmp(op->method, "head") == 0;

	if (x->status >= 400) {
		if (x->reply)
			check_error(check, schema, x->reply);
		else if (!head)
			check_report(check, "required", "the refusal has no JSON body");
	} else if (x->text) {
		check_report(check, "type", "the body is no JSON");
	} else if (!schema.json) {
		if (x->reply)
			check_report(check, "unknown", "the operation documents no body for %u",
				x->status);
	} else if (x->reply) {
		schema_check(check, schema, x->reply);
	} else if (!head) {
		check_report(check, "required", "the body is missing");
	}
}

void
openapi_reply(struct check *check, const struct operation *op, const struct openapi_exchange *x)
{
	struct node responses = node_get(op->json, "responses"), response;
	size_t mark;
	char status[12];

	check->direction = REPLY;
	check->method = op->method;
	snprintf(status, sizeof status, "%u", x->status);
	response = node_get(responses, status);
	if (!response.json && x->status >= 400)
		response = node_get(responses, "default");
	if (!response.json && x->status < 400) {
		mark = check_enter(check, "status");
		check_report(check, "status", "%u is not documented", x->status);
		check_leave(check, mark);
		return;
	}
	mark = check_enter(check, "reply");
	check_reply_body(check, op, node_get(openapi_resolve(check->api, response), "schema"), x);
	check_leave(check, mark);
}
