/* Nothing here knows libmicrohttpd: the tests for malformed requests run it without a socket. */
#include "backend/sandbox/exchange.h"

#include <string.h>

#include "backend/base/log.h"
#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"
#include "backend/sandbox/route.h"

enum { BODY_MAX = 1 << 20 };

static bool
take_verb(struct call *call, const char *method)
{
	static const struct {
		const char *name;
		enum verb verb;
	} verbs[] = {
		{"GET", VERB_GET},
		{"HEAD", VERB_HEAD},
		{"PUT", VERB_PUT},
		{"POST", VERB_POST},
		{"PATCH", VERB_PATCH},
		{"DELETE", VERB_DELETE},
	};

	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].name, method) == 0) {
			call->verb = verbs[i].verb;
			call->method = verbs[i].name;
			return true;
		}
	call->verb = VERB_GET;
	call->method = "GET";
	return false;
}

struct exchange *
exchange_begin(struct world *world, const char *method, const char *url)
{
	struct arena *arena = arena_new();
	struct exchange *x = arena_alloc(arena, sizeof *x);
	struct call *call = &x->call;

	x->arena = arena;
	call->world = world;
	call->arena = arena;
	call->path = arena_strdup(arena, url);
	call->host = "";
	buf_init(&call->body, BODY_MAX);
	ident_guid(call->request_id);
	memcpy(call->correlation, call->request_id, sizeof call->correlation);
	call->now = vclock_now(&world->clock);
	call->began_ms = vclock_ms(&world->clock);
	call->quota = -1;
	x->unknown_method = !take_verb(call, method);
	return x;
}

void
exchange_end(struct exchange *x)
{
	buf_free(&x->call.body);
	json_decref(x->call.json);
	json_decref(x->call.reply.json);
	if (x->call.authorization)
		explicit_bzero((char *)x->call.authorization, strlen(x->call.authorization));
	arena_free(x->arena);
}

static void
take_correlation(struct call *call, const char *value)
{
	if (call_header(call, "x-ms-correlation-request-id") ||
		!text_copy(call->correlation, sizeof call->correlation, value))
		return;
	for (char *c = call->correlation; *c; c++)
		if (!strchr("0123456789abcdefABCDEF-", *c))
			*c = '0';
}

/* Control characters, which RFC 9110 (5.1, 5.5) has no place for: replies say some values again.
 * The tab that it allows inside a value is refused with them: no header of Azure's has one, and
 * libmicrohttpd sends none. */
static bool
is_sound(const char *name, const char *value)
{
	for (; *name; name++)
		if ((unsigned char)*name <= ' ' || *name == 0x7f)
			return false;
	for (; *value; value++)
		if ((unsigned char)*value < ' ' || *value == 0x7f)
			return false;
	return true;
}

void
exchange_header(struct exchange *x, const char *name, const char *value)
{
	struct call *call = &x->call;

	value = value ? value : "";
	if (!is_sound(name, value)) {
		x->bad_header = true;
		return;
	}
	if (text_casecmp(name, "Authorization") == 0) {
		if (!call->authorization)
			call->authorization = arena_strdup(call->arena, value);
		return;
	}
	if (text_casecmp(name, "Host") == 0 && !call_header(call, "Host")) {
		call->host = arena_strdup(call->arena, value);
		names_read(&call->naming, call->host);
	}
	if (text_casecmp(name, "x-ms-correlation-request-id") == 0)
		take_correlation(call, value);
	if (call->headers_len < CALL_HEADERS)
		call->headers[call->headers_len++] = (struct pair){
			arena_strdup(call->arena, name), arena_strdup(call->arena, value)};
}

void
exchange_query(struct exchange *x, const char *name, const char *value)
{
	struct call *call = &x->call;

	if (call->query_len < CALL_QUERY)
		call->query[call->query_len++] = (struct pair){arena_strdup(call->arena, name),
			arena_strdup(call->arena, value ? value : "")};
}

void
exchange_body(struct exchange *x, const void *bytes, size_t len)
{
	if (!buf_add(&x->call.body, bytes, len))
		x->too_long = true;
}

static void
refuse_header(struct call *call)
{
	static const char text[] =
		"The value for one of the HTTP headers is not in the correct format.";

	if (call->naming.role == HOST_BLOB)
		reply_blob_error(call, 400, "InvalidHeaderValue", "%s", text);
	else if (call->naming.role & ROUTE_KEYS)
		reply_vault_error(call, 400, "BadParameter", NULL, "%s", text);
	else
		reply_error(call, 400, "InvalidHeaderValue", "%s", text);
}

enum fault_action
exchange_answer(struct exchange *x, long *number)
{
	struct call *call = &x->call;
	enum fault_action fault;

	if (x->unknown_method) {
		reply_error(call, 405, "HttpMethodNotAllowed",
			"The HTTP method of the request is not supported.");
		reply_common_headers(call);
		return FAULT_NONE;
	}
	if (x->bad_header)
		refuse_header(call);
	else if (x->too_long)
		reply_error(call, 413, "RequestEntityTooLarge",
			"The request body is larger than %d bytes.", (int)BODY_MAX);
	else if (!fault_before(call))
		route_call(call);
	fault = fault_after(call, number);
	reply_common_headers(call);
	log_line(
		"sandbox: %s %s%s -> %u", call->method, call->host, call->path, call->reply.status);
	if (call->world->observe)
		call->world->observe(call->world->observer, call);
	return fault;
}
