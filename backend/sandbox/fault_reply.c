/* Replies that no service would give, or gives on a bad day. */
#include "backend/sandbox/fault_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"
#include "crypto/b64.h"

static const char *
code_of(unsigned status)
{
	static const struct {
		unsigned status;
		const char *code;
	} codes[] = {
		{400, "BadRequest"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "NotFound"},
		{409, "Conflict"},
		{412, "PreconditionFailed"},
		{429, "TooManyRequests"},
		{500, "InternalServerError"},
		{502, "BadGateway"},
		{503, "ServiceUnavailable"},
		{504, "GatewayTimeout"},
	};

	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].status == status)
			return codes[i].code;
	return "Error";
}

/* Each form that Microsoft's clients read. */
static void
add_retry(struct call *call, const struct fault *fault)
{
	char date[32];

	switch (fault->retry) {
	case RETRY_NONE:
		break;
	case RETRY_SECONDS:
		reply_header(call, "Retry-After", "%ld", fault->number);
		break;
	case RETRY_DATE:
		reply_header(call, "Retry-After", "%s",
			vclock_http(call->now + (time_t)fault->number, date));
		break;
	case RETRY_MS:
		reply_header(call, "retry-after-ms", "%ld", fault->number);
		break;
	case RETRY_X_MS:
		reply_header(call, "x-ms-retry-after-ms", "%ld", fault->number);
		break;
	}
}

static void
answer_status(struct call *call, const struct fault *fault)
{
	static const char text[] = "The sandbox was told to fail this call: %s";

	if (call->naming.role == HOST_BLOB)
		reply_blob_error(call, fault->status, code_of(fault->status), text, fault->spec);
	else if (call->naming.role & (HOST_VAULT | HOST_HSM))
		reply_vault_error(
			call, fault->status, code_of(fault->status), NULL, text, fault->spec);
	else
		reply_error(call, fault->status, code_of(fault->status), text, fault->spec);
	add_retry(call, fault);
}

/* In the form of the service that was called. */
static void
answer_challenge(struct call *call, const char *host)
{
	bool keys = call->naming.role & (HOST_VAULT | HOST_HSM);

	if (keys)
		reply_vault_error(call, 401, "Unauthorized", NULL,
			"AKV10000: Request is missing a Bearer or PoP token.");
	else
		reply_error(call, 401, "AuthenticationFailed",
			"Authentication failed. The 'Authorization' header is missing.");
	if (keys)
		reply_header(call, "WWW-Authenticate",
			"Bearer authorization=\"https://%s/common\", resource=\"https://%s\"", host,
			host);
	else
		reply_header(call, "WWW-Authenticate",
			"Bearer authorization_uri=\"https://%s/common\", error=\"invalid_token\", error_description=\"The authentication failed because of missing 'Authorization' header.\"",
			host);
}

/* Continuous access evaluation: only a token made from now on will do. The claims are in the usual
 * alphabet of base64, with padding [Entra's documentation, "Claims challenges"]. */
static void
answer_claims(struct call *call)
{
	char authority[NAMES_URL], coded[160], text[96];
	size_t len;

	snprintf(text, sizeof text,
		"{\"access_token\":{\"nbf\":{\"essential\":true,\"value\":\"%lld\"}}}",
		(long long)call->now);
	b64_encode(coded, text, strlen(text));
	for (len = 0; coded[len]; len++)
		coded[len] = coded[len] == '-' ? '+' : coded[len] == '_' ? '/' : coded[len];
	while (len % 4)
		coded[len++] = '=';
	if (call->naming.role & (HOST_VAULT | HOST_HSM))
		reply_vault_error(call, 401, "Unauthorized", NULL,
			"Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp");
	else
		reply_error(call, 401, "InvalidAuthenticationToken",
			"Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp");
	reply_header(call, "WWW-Authenticate",
		"Bearer realm=\"\", authorization_uri=\"%s/common/oauth2/authorize\", error=\"insufficient_claims\", claims=\"%.*s\"",
		names_authority(&call->naming, authority), (int)len, coded);
}

void
fault_answer(struct call *call, const struct fault *fault)
{
	static const char page[] =
		"<!DOCTYPE html><html><head><title>Sign in</title></head><body><h1>Welcome to the network</h1></body></html>\n";

	if (fault->action == FAULT_HTML)
		reply_bytes(call, 200, "text/html; charset=utf-8", page, strlen(page));
	else if (fault->action == FAULT_CHALLENGE)
		answer_challenge(call, fault->text);
	else if (fault->action == FAULT_CLAIMS)
		answer_claims(call);
	else
		answer_status(call, fault);
}

/* The container and the last step of a path; NULL when the reply has no such value. */
static json_t *
walk(json_t *at, const char *path, json_t **parent, char last[FAULT_TEXT])
{
	*parent = NULL;
	for (;;) {
		size_t len = strcspn(path, ".");

		if (!at || len >= FAULT_TEXT)
			return NULL;
		memcpy(last, path, len);
		last[len] = '\0';
		*parent = at;
		at = json_is_array(at) ? json_array_get(at, strtoul(last, NULL, 10))
				       : json_object_get(at, last);
		if (path[len] == '\0')
			return at;
		path += len + 1;
	}
}

static void
put(json_t *parent, const char *last, json_t *value)
{
	if (json_is_array(parent))
		json_array_set_new(parent, strtoul(last, NULL, 10), value);
	else
		json_object_set_new(parent, last, value);
}

static json_t *
other_type(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
	case JSON_NULL:
		return json_integer(7);
	case JSON_ARRAY:
		return json_object();
	case JSON_OBJECT:
		return json_string("not an object");
	default:
		return json_string("seven");
	}
}

/* The value with one bit in its middle flipped; NULL when it is no base64url text. */
static json_t *
flipped(const json_t *value)
{
	const char *text = json_string_value(value);
	unsigned char bytes[4096];
	char out[sizeof bytes * 2];
	size_t len;

	if (!text || !b64_decode(bytes, sizeof bytes, &len, text) || len == 0)
		return NULL;
	bytes[len / 2] ^= 0x10;
	b64_encode(out, bytes, len);
	return json_string(out);
}

static bool
spoil_value(struct call *call, const struct fault *fault)
{
	char last[FAULT_TEXT];
	json_t *parent, *value, *changed;

	value = walk(call->reply.json, fault->text, &parent, last);
	if (!value)
		return false;
	changed = fault->action == FAULT_TYPE ? other_type(value) : flipped(value);
	if (!changed)
		return false;
	put(parent, last, changed);
	return true;
}

/* The same URL at another host. In the call's arena. */
static const char *
moved(struct call *call, const char *url, const char *host)
{
	const char *rest = strstr(url, "://");

	rest = rest ? strchr(rest + 3, '/') : NULL;
	return arena_printf(call->arena, "https://%s%s", host, rest ? rest : "/");
}

static bool
spoil_link(struct call *call, const struct fault *fault)
{
	const char *link = json_string_value(json_object_get(call->reply.json, "nextLink"));

	return link && json_object_set_new(call->reply.json, "nextLink",
			       json_string(moved(call, link, fault->text))) == 0;
}

static bool
move_headers(struct call *call, const char *host)
{
	struct reply *reply = &call->reply;
	bool found = false;

	for (size_t i = 0; i < reply->headers_len; i++)
		if (text_casecmp(reply->headers[i].name, "Location") == 0 ||
			text_casecmp(reply->headers[i].name, "Azure-AsyncOperation") == 0) {
			reply->headers[i].value = moved(call, reply->headers[i].value, host);
			found = true;
		}
	return found;
}

/* A poll of an operation, by its path: each provider has a word of its own for them. */
static bool
is_poll(const struct call *call)
{
	return call->verb == VERB_GET && (text_case_has(call->path, "operationresults/") ||
						 text_case_has(call->path, "asyncoperations/"));
}

static bool
spoil_operation(struct call *call, const struct fault *fault)
{
	if (fault->word == LRO_ELSEWHERE)
		return move_headers(call, fault->text);
	if (!is_poll(call) || call->reply.status >= 300)
		return false;
	if (fault->word == LRO_NEVER) {
		reply_empty(call, 202);
	} else if (fault->word == LRO_CANCELED) {
		reply_json(call, 200,
			json_pack("{s:s,s:{s:s,s:s}}", "status", "Canceled", "error", "code",
				"OperationPreempted", "message",
				"The operation was preempted by a more recent operation."));
	} else {
		reply_json(call, 200,
			json_pack("{s:s,s:{s:s,s:s}}", "status", "Failed", "error", "code",
				"InternalServerError", "message",
				"The sandbox was told to fail this operation."));
	}
	return true;
}

bool
fault_spoil(struct call *call, const struct fault *fault)
{
	switch (fault->action) {
	case FAULT_AFTER:
		call->reply.headers_len = 0;
		answer_status(call, fault);
		return true;
	case FAULT_TYPE:
	case FAULT_FLIP:
		return spoil_value(call, fault);
	case FAULT_MIME:
		call->reply.type = arena_strdup(call->arena, fault->text);
		return true;
	case FAULT_NEXTLINK:
		return spoil_link(call, fault);
	case FAULT_LRO:
		return spoil_operation(call, fault);
	default:
		return true;
	}
}
