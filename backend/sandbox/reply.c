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
	call->reply.text = NULL;
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
	json_t *error;
	va_list ap;

	va_start(ap, fmt);
	error = json_pack("{s:s,s:o}", "code", code, "message", message(fmt, ap));
	va_end(ap);
	if (inner)
		json_object_set_new(error, "innererror", json_pack("{s:s}", "code", inner));
	reply_json(call, status, json_pack("{s:o}", "error", error));
}

void
reply_broken(struct call *call)
{
	reply_error(call, 500, "InternalServerError",
		"The sandbox could not write its state; nothing was changed.");
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
	if (call->verb == VERB_DELETE)
		reply_header_text(call, "x-ms-ratelimit-remaining-subscription-deletes", "14999");
	else if (call->verb == VERB_GET || call->verb == VERB_HEAD)
		reply_header_text(call, "x-ms-ratelimit-remaining-subscription-reads", "11999");
	else
		reply_header_text(call, "x-ms-ratelimit-remaining-subscription-writes", "1199");
}

void
reply_common_headers(struct call *call)
{
	char date[32];

	reply_header(call, "Date", "%s", vclock_http(call->now, date));
	reply_header_text(call, "Cache-Control", "no-cache");
	reply_header_text(call, "Pragma", "no-cache");
	reply_header_text(call, "Expires", "-1");
	reply_header_text(call, "x-ms-request-id", call->request_id);
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

json_t *
reply_stored(const char *text)
{
	json_t *json = text[0] ? json_loads(text, JSON_DECODE_ANY, NULL) : NULL;

	return json ? json : json_null();
}
