/* Detail panes read the very objects that the command line prints, so the two can never differ. */
#include "views/value.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"
#include "tui/said.h"
#include "tui/words.h"

/* json_at is const in, const out, and finds nothing for null: that is what "unknown" is. */
static void
append(const json_t *value, char *out, size_t room)
{
	size_t used = strlen(out);

	if (json_is_string(value))
		snprintf(out + used, room - used, "%s", json_string_value(value));
	else if (json_is_integer(value))
		snprintf(out + used, room - used, "%" JSON_INTEGER_FORMAT,
			json_integer_value(value));
	else if (json_is_boolean(value))
		snprintf(out + used, room - used, "%s", json_is_true(value) ? "yes" : "no");
	for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++) {
		if (i)
			snprintf(out + strlen(out), room - strlen(out), " ");
		append(json_array_get(value, i), out, room);
	}
}

char *
value_text(const json_t *json, const char *path, char *out, size_t room)
{
	out[0] = '\0';
	append(json_at(json, path), out, room);
	return out;
}

bool
value_unread(const json_t *json, const char *path)
{
	char where[128], reason[32];

	snprintf(where, sizeof where, "unknown.%s", path);
	return json_at(json, path) == NULL &&
	       strcmp(value_text(json, where, reason, sizeof reason), "not read") == 0;
}

static void
add_field(struct page *page, const json_t *json, const char *path, const char *label, bool word)
{
	const json_t *value = json_at(json, path);
	char text[900], reason[400], where[128];

	if (value) {
		value_text(json, path, text, sizeof text);
		page_field(page, label, ROLE_TEXT, "%s",
			json_is_boolean(value) || (word && text[0]) ? said(text, (char[SAID]){0})
			: text[0]                                   ? text
			: json_is_array(value)                      ? _("none")
								    : draw_glyph(GLYPH_NONE));
		return;
	}
	snprintf(where, sizeof where, "unknown.%s", path);
	value_text(json, where, reason, sizeof reason);
	if (value_unread(json, path))
		page_field(page, label, ROLE_DIM, _("not read yet"));
	else if (reason[0])
		page_field(page, label, ROLE_WARN, _("unknown: %s"), said(reason, (char[SAID]){0}));
	else
		page_field(page, label, ROLE_DIM, "%s", draw_glyph(GLYPH_NONE));
}

void
value_field(struct page *page, const json_t *json, const char *path, const char *label)
{
	add_field(page, json, path, label, false);
}

void
value_word(struct page *page, const json_t *json, const char *path, const char *label)
{
	add_field(page, json, path, label, true);
}

void
value_took(double seconds, char *out, size_t room)
{
	if (seconds >= 1)
		snprintf(out, room, "%.1f s", seconds);
	else if (seconds > 0)
		snprintf(out, room, "%d ms", (int)(seconds * 1000 + 0.5));
	else
		*out = '\0';
}

enum role
value_operation(enum operation_state state)
{
	return state == OPERATION_DONE          ? ROLE_OK
	       : state == OPERATION_FAILED      ? ROLE_BAD
	       : state == OPERATION_ROLLED_BACK ? ROLE_TEXT
						: ROLE_WARN;
}

enum role
value_severity(const char *severity)
{
	return strcmp(severity, "high") == 0     ? ROLE_BAD
	       : strcmp(severity, "medium") == 0 ? ROLE_WARN
						 : ROLE_TEXT;
}

void
value_findings(struct page *page, const json_t *findings)
{
	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		char severity[16], cause[400], text[400];

		if (i)
			page_blank(page);
		value_text(finding, "severity", severity, sizeof severity);
		value_text(finding, "cause", cause, sizeof cause);
		page_text(page, value_severity(severity), 0, "%s: %s", _(severity),
			said(cause, (char[SAID]){0}));
		if (*json_str(finding, "mendedBy"))
			page_text(page, ROLE_OK, 2, "%s: %s", _("mended by the step"),
				json_str(finding, "mendedBy"));
		else
			page_text(page, ROLE_TEXT, 2, "%s",
				_(value_text(finding, "remedy", text, sizeof text)));
		page_text(page, ROLE_DIM, 2, _("source: %s"),
			value_text(finding, "source", text, sizeof text));
	}
}

char *
value_short(const char *id, char out[VALUE_SHORT + 3])
{
	size_t len = strlen(id);

	if (len < VALUE_SHORT)
		snprintf(out, VALUE_SHORT + 3, "%s", id);
	else
		snprintf(out, VALUE_SHORT + 3, "%.8s%s", id, draw_glyph(GLYPH_ELLIPSIS));
	return out;
}

const char *
value_state(const char *name)
{
	return strcmp(name, "rolled-back") == 0 ? N_("taken back") : name;
}
