/* Whatever a client sends may be quoted in an answer, so it is made clean where it is read: JSON
 * can hold nothing but UTF-8. */
#include "backend/sandbox/entra/form.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/ident.h"
#include "backend/sandbox/reply.h"

const char *
form_clean(struct call *call, const char *text)
{
	size_t room = strlen(text) * 8 + 1;
	char *out;

	for (const char *c = text; *c; c++)
		if (*c < ' ' || *c > '~') {
			out = arena_alloc(call->arena, room);
			text_cleans(out, room, text);
			return out;
		}
	return text;
}

static int
hex_digit(char c)
{
	const char *at = c ? strchr("0123456789abcdef", c | 0x20) : NULL;

	return at ? (int)(at - "0123456789abcdef") : -1;
}

static const char *
field_text(struct call *call, const char *text, size_t len)
{
	char *out = arena_alloc(call->arena, len + 1), *to = out;

	for (size_t i = 0; i < len; i++) {
		int high = text[i] == '%' && i + 2 < len ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

		if (low >= 0 && high + low > 0) {
			*to++ = (char)(high * 16 + low);
			i += 2;
		} else {
			*to++ = text[i] == '+' ? ' ' : text[i];
		}
	}
	*to = '\0';
	return form_clean(call, out);
}

void
form_read(struct call *call, struct form *form)
{
	const char *at = buf_text(&call->body);

	form->len = 0;
	while (*at && form->len < FORM_FIELDS) {
		size_t len = strcspn(at, "&"), name = strcspn(at, "=&");
		struct pair *field = &form->fields[form->len++];

		field->name = field_text(call, at, name);
		field->value = name < len ? field_text(call, at + name + 1, len - name - 1) : "";
		at += len + (at[len] == '&');
	}
}

const char *
form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->len; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return "";
}

const char *
form_need(struct call *call, const struct form *form, const char *name)
{
	const char *value = form_get(form, name);

	if (!*value)
		form_refuse(call, 400, "invalid_request", 900144,
			"The request body must contain the following parameter: '%s'.", name);
	return value;
}

void
form_refuse(struct call *call, unsigned status, const char *error, int number, const char *fmt, ...)
{
	char trace[37], when[32], raw[2048];
	struct tm tm;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	gmtime_r(&call->now, &tm);
	strftime(when, sizeof when, "%Y-%m-%d %H:%M:%SZ", &tm);
	ident_guid(trace);
	reply_json(call, status,
		json_pack("{s:s,s:o,s:[i],s:s,s:s,s:s,s:o}", "error", error, "error_description",
			json_sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s",
				number, form_clean(call, raw), trace, call->correlation, when),
			"error_codes", number, "timestamp", when, "trace_id", trace,
			"correlation_id", call->correlation, "error_uri",
			json_sprintf("https://login.microsoftonline.com/error?code=%d", number)));
}
