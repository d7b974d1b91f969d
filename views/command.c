/* Quoting is done in one way only, single quotes, because no value can break out of them. */
#include "views/command.h"

#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/request.h"
#include "tui/words.h"

static bool
is_plain(const char *s)
{
	return *s && s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789-_./:=@,+")] == '\0';
}

static bool
add_quoted(struct buf *out, const char *s)
{
	if (is_plain(s))
		return buf_adds(out, s);
	if (!buf_adds(out, "'"))
		return false;
	for (; *s; s++)
		if (!(*s == '\'' ? buf_adds(out, "'\\''") : buf_add(out, s, 1)))
			return false;
	return buf_adds(out, "'");
}

bool
command_confirm(struct buf *out, const char *name)
{
	return buf_adds(out, " --confirm=") && add_quoted(out, name);
}

bool
command_claviger(struct buf *out, const struct plan_def *plan, const char *const *names,
	size_t names_len, const char *const *values, const char *confirm)
{
	if (!buf_addf(out, "claviger %s", plan->name))
		return false;
	for (size_t i = 0; i < names_len; i++)
		if (!buf_adds(out, " ") || !add_quoted(out, names[i]))
			return false;
	for (size_t i = 0; i < plan->fields_len; i++) {
		if (values[i] == NULL)
			continue;
		if (!buf_addf(out, " --%s", plan->fields[i].name))
			return false;
		if (plan->fields[i].arg && (!buf_adds(out, " ") || !add_quoted(out, values[i])))
			return false;
	}
	if (confirm)
		return command_confirm(out, confirm);
	return buf_adds(out, plan->danger == PLAN_HARMLESS ? "" : " --yes");
}

bool
command_rest(struct buf *out, const char *method, const char *url, const char *body,
	const char *resource)
{
	char lower[8] = "";
	bool ok;

	for (size_t i = 0; method[i] && i + 1 < sizeof lower; i++)
		lower[i] = (char)(method[i] | 0x20);
	ok = buf_addf(out, "az rest --method %s --url ", lower) && add_quoted(out, url);
	if (ok && resource)
		ok = buf_adds(out, " --resource ") && add_quoted(out, resource);
	if (ok && body)
		ok = buf_adds(out, " --body ") && add_quoted(out, body);
	return ok;
}

bool
command_az(struct buf *out, const struct run_step *step, const struct session *session)
{
	const struct cloud *cloud = session_cloud(session);
	const char *resource =
		text_case_starts(step->url, cloud->arm) ? NULL : cloud->vault_audience;

	return command_rest(out, step->method, step->url, step->body, resource);
}

enum { FOLD_LEAST = 20 };

/* What a shell would see at a place of a command. */
struct quoting {
	bool quoted, escaped;
};

static void
step_over(struct quoting *at, char c)
{
	if (at->escaped)
		at->escaped = false;
	else if (c == '\'')
		at->quoted = !at->quoted;
	else if (c == '\\' && !at->quoted)
		at->escaped = true;
}

/* Bytes of the next row, at most columns wide: up to the last blank between words, else as many as
 * fit. *state gets what stands at its end, *blank whether that is a blank. */
static size_t
row_end(const char *text, int columns, struct quoting *state, bool *blank)
{
	size_t fits = text_fit(text, columns, NULL), end = 0;
	struct quoting at = *state, cut = at;

	*blank = false;
	for (size_t i = 0; i < fits; i++) {
		if (text[i] == ' ' && i && !at.quoted && !at.escaped) {
			*blank = true;
			*state = at;
			end = i;
		}
		step_over(&at, text[i]);
	}
	if (*blank)
		return end;
	/* Not between a backslash and what it is for. */
	for (size_t i = 0; i < fits; i++) {
		step_over(&cut, text[i]);
		if (!cut.escaped && ((unsigned char)text[i + 1] & 0xc0) != 0x80) {
			*state = cut;
			end = i + 1;
		}
	}
	return end ? end : fits;
}

bool
command_fold(struct buf *out, const char *text, int columns)
{
	struct quoting at = {0};
	bool ok = true, blank = true;

	if (columns < FOLD_LEAST)
		columns = FOLD_LEAST;
	for (bool first = true; ok; first = false) {
		const char *before = first ? "" : blank ? "  " : at.quoted ? "'" : "";
		int room = columns - (int)strlen(before);
		size_t len;

		ok = buf_adds(out, before);
		if (text_width(text) <= room)
			return ok && buf_adds(out, text);
		len = row_end(text, room - 2, &at, &blank);
		ok = ok && buf_add(out, text, len) &&
		     buf_adds(out, blank       ? " \\\n"
				   : at.quoted ? "'\\\n"
					       : "\\\n");
		text += len + blank;
	}
	return ok;
}

char *
command_unfold(const char *text)
{
	char *out = mem_alloc(strlen(text) + 1);
	struct quoting at = {0};
	bool closed = false; /* the last quote, by the last character */
	size_t len = 0;

	while (*text) {
		if (strncmp(text, "\\\n", 2) != 0) {
			closed = at.quoted && *text == '\'';
			step_over(&at, *text);
			out[len++] = *text++;
			continue;
		}
		text += 2;
		if (closed && *text == '\'') {
			at.quoted = true;
			len--;
			text++;
		} else if (strncmp(text, "  ", 2) == 0) {
			text += 2;
		}
		closed = false;
	}
	out[len] = '\0';
	return out;
}

bool
command_script(struct buf *out, const char *comment, const char *command)
{
	return buf_addf(out, "# %s\n", comment) &&
	       (strstr(command, REQUEST_UNKNOWN_OPEN) == NULL ||
		       buf_addf(out, "# %s\n",
			       _("What stands in angle marks is known once the steps before are "
				 "done."))) &&
	       command_fold(out, command, COMMAND_COLUMNS) && buf_adds(out, "\n\n");
}
