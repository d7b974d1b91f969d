/* The backend says --option, as who types a command knows it; in a form there is a title to look
 * for. What stands in a command stays, as that is to be typed. */
#include "views/wizard/field_words.h"

#include <stdio.h>
#include <string.h>

#include "tui/words.h"

/* The field whose option stands there, and the length of that. */
static const struct plan_field *
field_at(const struct plan_def *plan, const char *at, size_t *len)
{
	size_t name = strspn(at + 2, "abcdefghijklmnopqrstuvwxyz-");

	*len = name + 2;
	for (size_t i = 0; i < plan->fields_len; i++)
		if (strlen(plan->fields[i].name) == name &&
			strncmp(plan->fields[i].name, at + 2, name) == 0)
			return &plan->fields[i];
	return NULL;
}

/* Whether a command begins before it in the same clause; a text in Chinese has its own stops. */
static bool
in_command(const char *text, const char *at)
{
	while (at > text && (unsigned char)at[-1] < 0x80 && !strchr(",;:()", at[-1]) &&
		!(at[-1] == ' ' && at - 1 > text && at[-2] == '.')) {
		at--;
		if (strncmp(at, "claviger ", 9) == 0 || strncmp(at, "az ", 3) == 0)
			return true;
	}
	return false;
}

const char *
field_words(const struct plan_def *plan, const char *text, char room[SAID])
{
	char own[SAID];
	const char *from = said(text, own);
	size_t used = 0, len;

	if (strstr(from, "--") == NULL)
		return from == own ? memcpy(room, own, sizeof own) : from;
	for (const char *at = from; *at && used + 1 < SAID; at += len) {
		const struct plan_field *field = NULL;

		len = 1;
		if (at[0] == '-' && at[1] == '-' && !in_command(from, at))
			field = field_at(plan, at, &len);
		used += (size_t)(field ? snprintf(room + used, SAID - used, "\"%s\"",
						 _(field->title))
				       : snprintf(room + used, SAID - used, "%.*s", (int)len, at));
	}
	return room;
}

struct err
field_words_err(const struct plan_def *plan, const struct err *err)
{
	struct err out = *err;
	char room[SAID];

	snprintf(out.msg, sizeof out.msg, "%s", field_words(plan, err->msg, room));
	return out;
}
