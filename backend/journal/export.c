/* Nothing here decides anything: what is written is what the records say, in their order, with the
 * request ids by which Azure's own logs and support find the same calls. */
#include "backend/journal/export.h"

#include <stdio.h>
#include <string.h>

static const char *
text_of(const json_t *record, const char *member)
{
	const char *text = json_string_value(json_object_get(record, member));

	return text ? text : "";
}

static void
http_of(const json_t *record, char out[16])
{
	json_int_t http = json_integer_value(json_object_get(record, "http"));

	snprintf(out, 16, http ? "%lld" : "", (long long)http);
}

/* A cell of a table: nothing in it ends the cell, or is taken for markup. */
static bool
cell(struct buf *out, const char *text)
{
	bool ok = buf_adds(out, " ");

	for (; ok && *text; text++) {
		if (strchr("|\\`*_<>[]#", *text))
			ok = buf_adds(out, "\\");
		ok = ok && buf_add(out, text, 1);
	}
	return ok && buf_adds(out, " |");
}

/* What a record says besides its own columns, in one line. */
static void
tell(const json_t *record, char *out, size_t room)
{
	const json_t *detail = json_object_get(record, "detail");
	const char *parts[] = {json_is_true(json_object_get(detail, "undo")) ? "undo:" : "",
		text_of(record, "method"), text_of(record, "url"), text_of(detail, "state"),
		text_of(record, "code"), text_of(record, "message")};
	size_t used = 0;

	*out = '\0';
	for (size_t i = 0; i < ARRAY_LEN(parts) && used < room; i++)
		if (parts[i][0])
			used += (size_t)snprintf(
				out + used, room - used, "%s%s", used ? " " : "", parts[i]);
}

/* What became of each account of a campaign. */
static void
tell_accounts(const json_t *record, char *out, size_t room)
{
	const json_t *one;
	size_t used = strlen(out), i;

	json_array_foreach(json_object_get(json_object_get(record, "detail"), "accounts"), i, one)
	{
		const char *evidence = text_of(one, "evidence");
		const char *request = text_of(one, "requestId");

		if (used < room)
			used += (size_t)snprintf(out + used, room - used, "%s%s is %s%s%s%s%s",
				used ? "; " : "", text_of(one, "name"), text_of(one, "outcome"),
				*evidence ? ": " : "", evidence, *request ? ", request " : "",
				request);
	}
}

/* Whose records follow: a heading for each operation, and for what belongs to none. */
static bool
heading(const json_t *record, struct buf *out)
{
	const char *operation = text_of(record, "operation");
	const json_t *actor = json_object_get(record, "actor");
	const json_t *name = json_object_get(json_object_get(record, "detail"), "name");

	return buf_addf(out, "\n## %s%s%s\n\n", text_of(record, "plan"),
		       json_is_string(name) ? " " : "",
		       json_is_string(name) ? json_string_value(name) : "") &&
	       (*operation == '\0' || buf_addf(out, "- operation `%s`\n", operation)) &&
	       buf_addf(out, "- by %s, object id %s, from %s\n", text_of(actor, "login"),
		       *text_of(actor, "objectId") ? text_of(actor, "objectId") : "not known",
		       *text_of(actor, "ssh") ? text_of(actor, "ssh") : "this machine") &&
	       (!json_is_true(json_object_get(record, "sandbox")) ||
		       buf_adds(out, "- a drill: in a sandbox\n")) &&
	       buf_adds(out, "\n| time | step | phase | http | request id | what |\n"
			     "|---|---|---|---|---|---|\n");
}

bool
export_markdown(const json_t *records, struct buf *out)
{
	const char *before = NULL;
	json_t *record;
	size_t i;
	bool ok = buf_adds(out, "# Journal of claviger\n");

	json_array_foreach((json_t *)records, i, record)
	{
		const char *operation = text_of(record, "operation");
		char http[16], what[4096];

		if (ok && (before == NULL || strcmp(before, operation) != 0))
			ok = heading(record, out);
		before = operation;
		http_of(record, http);
		tell(record, what, sizeof what);
		tell_accounts(record, what, sizeof what);
		ok = ok && buf_adds(out, "|") && cell(out, text_of(record, "time")) &&
		     cell(out, text_of(record, "step")) && cell(out, text_of(record, "phase")) &&
		     cell(out, http) && cell(out, text_of(record, "requestId")) &&
		     cell(out, what) && buf_adds(out, "\n");
	}
	return ok;
}

/* RFC 4180, and a quote before what a spreadsheet would take for a formula. */
static bool
field(struct buf *out, const char *text, bool last)
{
	bool ok = buf_adds(out, "\"") && (!*text || !strchr("=+-@", *text) || buf_adds(out, "'"));

	for (; ok && *text; text++)
		ok = buf_add(out, text, 1) && (*text != '"' || buf_adds(out, "\""));
	return ok && buf_adds(out, last ? "\"\r\n" : "\",");
}

bool
export_csv(const json_t *records, struct buf *out)
{
	static const char *const members[] = {"time", "operation", "plan", "step", "phase",
		"target", "method", "url", "http", "requestId", "code", "message"};
	json_t *record;
	size_t i;
	bool ok = true;

	for (size_t m = 0; ok && m < ARRAY_LEN(members); m++)
		ok = field(out, members[m], m + 1 == ARRAY_LEN(members));
	json_array_foreach((json_t *)records, i, record)
	{
		for (size_t m = 0; ok && m < ARRAY_LEN(members); m++) {
			char http[16];

			http_of(record, http);
			ok = field(out,
				strcmp(members[m], "http") == 0 ? http
								: text_of(record, members[m]),
				m + 1 == ARRAY_LEN(members));
		}
	}
	return ok;
}
