/* Header names and their values follow the recordings of Microsoft's own client tests. */
#include "backend/sandbox/reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/ident.h"

const char *
call_query(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->query_len; i++)
		if (text_casecmp(call->query[i].name, name) == 0)
			return call->query[i].value;
	return NULL;
}

const char *
call_header(const struct call *call, const char *name)
{
	for (size_t i = 0; i < call->headers_len; i++)
		if (text_casecmp(call->headers[i].name, name) == 0)
			return call->headers[i].value;
	return NULL;
}

json_t *
call_member(const json_t *object, const char *name)
{
	json_t *value = json_object_get(object, name);
	const char *key;

	if (value)
		return value;
	for (void *at = json_object_iter((json_t *)object); at;
		at = json_object_iter_next((json_t *)object, at)) {
		key = json_object_iter_key(at);
		if (text_casecmp(key, name) == 0)
			return json_object_iter_value(at);
	}
	return NULL;
}

const char *
call_text(const json_t *object, const char *name)
{
	return json_string_value(call_member(object, name));
}

bool
call_is_texts(const json_t *object, size_t name_max, size_t value_max)
{
	json_t *all = (json_t *)object;

	for (void *at = json_object_iter(all); at; at = json_object_iter_next(all, at)) {
		const json_t *value = json_object_iter_value(at);

		if (!json_is_string(value) || json_string_length(value) > value_max ||
			strlen(json_object_iter_key(at)) > name_max)
			return false;
	}
	return json_is_object(object);
}

static void
start(struct call *call, unsigned status)
{
	json_decref(call->reply.json);
	call->reply.json = NULL;
	call->reply.text = call->reply.type = NULL;
	call->reply.len = 0;
	call->reply.status = status;
}

void
reply_json(struct call *call, unsigned status, json_t *json)
{
	start(call, status);
	call->reply.json = json;
}

void
reply_empty(struct call *call, unsigned status)
{
	start(call, status);
}

void
reply_bytes(struct call *call, unsigned status, const char *type, const void *bytes, size_t len)
{
	start(call, status);
	call->reply.text = bytes;
	call->reply.len = len;
	call->reply.type = type;
}

void
reply_header_text(struct call *call, const char *name, const char *value)
{
	struct reply *reply = &call->reply;

	if (reply->headers_len < CALL_HEADERS)
		reply->headers[reply->headers_len++] = (struct pair){name, value};
}

void
reply_header(struct call *call, const char *name, const char *fmt, ...)
{
	va_list ap;
	char value[1024];

	va_start(ap, fmt);
	vsnprintf(value, sizeof value, fmt, ap);
	va_end(ap);
	reply_header_text(call, name, arena_strdup(call->arena, value));
}

/* A message may quote what the client sent: whatever is no UTF-8 is made visible. */
static json_t *
message(const char *fmt, va_list ap)
{
	char raw[2048], clean[4096];
	size_t used = 0;

	vsnprintf(raw, sizeof raw, fmt, ap);
	for (const char *at = raw; *at && used < sizeof clean - 1;) {
		size_t line = strcspn(at, "\r\n");

		used += text_clean(clean + used, sizeof clean - used, at, line);
		at += line;
		for (; (*at == '\r' || *at == '\n') && used < sizeof clean - 1; at++)
			clean[used++] = *at;
	}
	clean[used] = '\0';
	return json_string(clean);
}

void
reply_error(struct call *call, unsigned status, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reply_json(call, status,
		json_pack("{s:{s:s,s:o}}", "error", "code", code, "message", message(fmt, ap)));
	va_end(ap);
	if (status == 404 || status == 403)
		reply_header_text(call, "x-ms-failure-cause", "gateway");
}

void
reply_flat_error(struct call *call, unsigned status, const char *code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reply_json(call, status, json_pack("{s:s,s:o}", "code", code, "message", message(fmt, ap)));
	va_end(ap);
}

void
reply_vault_error(struct call *call, unsigned status, const char *code, const char *inner,
	const char *fmt, ...)
{
	json_t *error, *text;
	va_list ap;

	va_start(ap, fmt);
	text = message(fmt, ap);
	va_end(ap);
	if (call->naming.role == HOST_HSM) {
		json_t *plain = text;

		text = json_sprintf(
			"%s (Activity ID: %s)", json_string_value(plain), call->request_id);
		json_decref(plain);
	}
	error = json_pack("{s:s,s:o}", "code", code, "message", text);
	if (inner)
		json_object_set_new(error, "innererror", json_pack("{s:s}", "code", inner));
	reply_json(call, status, json_pack("{s:o}", "error", error));
}

/* The message's own line ends come first, then the two lines that Storage adds. Without a body (an
 * answer to HEAD) the code is in the header alone. */
void
reply_blob_error(struct call *call, unsigned status, const char *code, const char *fmt, ...)
{
	char text[1024], clean[2048];
	const char *xml;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	text_cleans(clean, sizeof clean, text);
	xml = arena_printf(call->arena,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code><Message>%s\nRequestId:%s\nTime:%s</Message></Error>",
		code, reply_xml(call, clean), call->request_id,
		reply_time_7(call, vclock_ms(&call->world->clock)));
	reply_empty(call, status);
	if (call->verb != VERB_HEAD)
		reply_bytes(call, status, "application/xml", xml, strlen(xml));
	reply_header_text(call, "x-ms-error-code", code);
}

void
reply_broken(struct call *call)
{
	reply_error(call, 500, "InternalServerError",
		"The sandbox could not write its state; nothing was changed.");
}

/* What is left of the limits; the constant where nobody counts is that of a first call [recorded in
 * 2024: writes 199]. */
static void
quota_header(struct call *call, const char *what, long fresh)
{
	const char *name =
		arena_printf(call->arena, "x-ms-ratelimit-remaining-subscription-%s", what);

	reply_header(call, name, "%ld", call->quota >= 0 ? call->quota : fresh);
}

static void
arm_headers(struct call *call)
{
	char when[32];
	struct tm tm;

	gmtime_r(&call->now, &tm);
	strftime(when, sizeof when, "%Y%m%dT%H%M%SZ", &tm);
	reply_header_text(call, "x-ms-correlation-request-id", call->correlation);
	reply_header(call, "x-ms-routing-request-id", "WESTEUROPE:%s:%s", when, call->request_id);
	if (text_case_starts(call->path, "/providers/Microsoft.ResourceGraph/")) {
		reply_header(call, "x-ms-user-quota-remaining", "%ld",
			call->quota >= 0 ? call->quota : 14);
		reply_header_text(call, "x-ms-user-quota-resets-after", "00:00:05");
	} else if (call->verb == VERB_DELETE) {
		quota_header(call, "deletes", 199);
	} else if (call->verb == VERB_GET || call->verb == VERB_HEAD) {
		quota_header(call, "reads", 249);
	} else {
		quota_header(call, "writes", 199);
	}
}

void
reply_common_headers(struct call *call)
{
	char date[32];

	reply_header(call, "Date", "%s", vclock_http(call->now, date));
	reply_header_text(call, "x-ms-request-id", call->request_id);
	if (call->naming.role == HOST_BLOB)
		return;
	reply_header_text(call, "Cache-Control", "no-cache");
	reply_header_text(call, "Pragma", "no-cache");
	reply_header_text(call, "Expires", "-1");
	reply_header_text(call, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
	reply_header_text(call, "X-Content-Type-Options", "nosniff");
	if (call->naming.role == HOST_VAULT)
		reply_header_text(call, "x-ms-keyvault-service-version", "1.9.1551.1");
	else if (call->naming.role == HOST_ARM || call->naming.role == HOST_LOCAL)
		arm_headers(call);
}

static void
seconds(char out[32], int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, 32, "%Y-%m-%dT%H:%M:%S", &tm);
}

const char *
reply_time_offset(struct call *call, int64_t ms)
{
	char base[32];

	seconds(base, ms);
	return arena_printf(call->arena, "%s.%03d+00:00", base, (int)(ms % 1000));
}

const char *
reply_time_zulu(struct call *call, int64_t ms)
{
	char base[32];

	seconds(base, ms);
	return arena_printf(call->arena, "%s.%03dZ", base, (int)(ms % 1000));
}

const char *
reply_time_7(struct call *call, int64_t ms)
{
	char base[32];

	seconds(base, ms);
	return arena_printf(call->arena, "%s.%03d0000Z", base, (int)(ms % 1000));
}

const char *
reply_xml(struct call *call, const char *text)
{
	char *out = arena_alloc(call->arena, strlen(text) * 6 + 1), *at = out;

	for (; *text; text++) {
		const char *entity = *text == '&'   ? "&amp;"
				     : *text == '<' ? "&lt;"
				     : *text == '>' ? "&gt;"
				     : *text == '"' ? "&quot;"
						    : NULL;
		size_t len = entity ? strlen(entity) : 1;

		memcpy(at, entity ? entity : text, len);
		at += len;
	}
	*at = '\0';
	return out;
}

json_t *
reply_stored(const char *text)
{
	json_t *json = text[0] ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

	return json ? json : json_null();
}
