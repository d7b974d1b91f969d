/* Nothing here decides anything: what is written is what the records say, in their order, with the
 * request ids by which Azure's own logs and support find the same calls. */
#include "backend/journal/export.h"

#include <stdio.h>
#include <string.h>

#include "backend/json/json.h"

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
static bool
tell(const json_t *record, struct buf *out)
{
	const json_t *detail = json_object_get(record, "detail");
	const char *parts[] = {json_is_true(json_object_get(detail, "undo")) ? "undo:" : "",
		json_str(record, "method"), json_str(record, "url"), json_str(detail, "state"),
		json_str(record, "code"), json_str(record, "message")};
	bool ok = true;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i][0])
			ok = ok && buf_addf(out, "%s%s", out->len ? " " : "", parts[i]);
	return ok;
}

/* What became of each account of a campaign. */
static bool
tell_accounts(const json_t *record, struct buf *out)
{
	const json_t *one;
	bool ok = true;
	size_t i;

	json_array_foreach(json_object_get(json_object_get(record, "detail"), "accounts"), i, one)
	{
		const char *evidence = json_str(one, "evidence");
		const char *request = json_str(one, "requestId");

		ok = ok &&
		     buf_addf(out, "%s%s is %s%s%s%s%s", out->len ? "; " : "",
			     json_str(one, "name"), json_str(one, "outcome"), *evidence ? ": " : "",
			     evidence, *request ? ", request " : "", request);
	}
	return ok;
}

/* Whose records follow: a heading for each operation, and for what belongs to none. */
static bool
heading(const json_t *record, struct buf *out)
{
	const char *operation = json_str(record, "operation");
	const json_t *actor = json_object_get(record, "actor");
	const json_t *name = json_object_get(json_object_get(record, "detail"), "name");

	return buf_addf(out, "\n## %s%s%s\n\n", json_str(record, "plan"),
		       json_is_string(name) ? " " : "",
		       json_is_string(name) ? json_string_value(name) : "") &&
	       (*operation == '\0' || buf_addf(out, "- operation `%s`\n", operation)) &&
	       buf_addf(out, "- by %s, object id %s, from %s\n", json_str(actor, "login"),
		       *json_str(actor, "objectId") ? json_str(actor, "objectId") : "not known",
		       *json_str(actor, "ssh") ? json_str(actor, "ssh") : "this machine") &&
	       (!json_is_true(json_object_get(record, "sandbox")) ||
		       buf_adds(out, "- a drill: in a sandbox\n")) &&
	       buf_adds(out, "\n| time | step | phase | http | request id | what |\n"
			     "|---|---|---|---|---|---|\n");
}

/* A campaign of thousands of accounts tells of all of them in one cell. */
static bool
row(const json_t *record, struct buf *out)
{
	struct buf what;
	char http[16];
	bool ok;

	buf_init(&what, out->max);
	http_of(record, http);
	ok = tell(record, &what) && tell_accounts(record, &what) && buf_adds(out, "|") &&
	     cell(out, json_str(record, "time")) && cell(out, json_str(record, "step")) &&
	     cell(out, json_str(record, "phase")) && cell(out, http) &&
	     cell(out, json_str(record, "requestId")) && cell(out, buf_text(&what)) &&
	     buf_adds(out, "\n");
	buf_free(&what);
	return ok;
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
		const char *operation = json_str(record, "operation");

		if (ok && (before == NULL || strcmp(before, operation) != 0))
			ok = heading(record, out);
		before = operation;
		ok = ok && row(record, out);
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
								: json_str(record, members[m]),
				m + 1 == ARRAY_LEN(members));
		}
	}
	return ok;
}
