#include "backend/journal/scan.h"

#include <jansson.h>
#include <string.h>

#include "backend/base/text.h"

/* The functions that skip return where what they skip ends, NULL when the text ends before. */
static const char *
skip_blanks(const char *at, const char *end)
{
	while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

/* at is behind the opening quote. A quote with an odd number of backslashes before it is part of
 * the text. */
static const char *
skip_text(const char *at, const char *end)
{
	const char *quote = at, *before;

	while ((quote = memchr(quote, '"', (size_t)(end - quote)))) {
		for (before = quote++; before > at && before[-1] == '\\';)
			before--;
		if ((quote - 1 - before) % 2 == 0)
			return quote;
	}
	return NULL;
}

static const char *
skip_word(const char *at, const char *end)
{
	const char *from = at;

	while (at < end && memchr("+-.0123456789abcdefghijklmnopqrstuvwxyzE", *at, 40))
		at++;
	return at > from ? at : NULL;
}

static const char *
skip_value(const char *at, const char *end)
{
	size_t depth = 0;

	if (at < end && !memchr("\"{[", *at, 3))
		return skip_word(at, end);
	while (at && at < end) {
		char c = *at++;

		if (c == '"')
			at = skip_text(at, end);
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
		if (depth == 0)
			return at;
	}
	return NULL;
}

static void
keep(struct slice name, struct slice value, const char *const *names, size_t n, struct slice *out)
{
	for (size_t i = 0; i < n; i++)
		if (scan_is(name, names[i])) {
			out[i] = value;
			return;
		}
}

bool
scan_object(const char *text, size_t len, const char *const *names, size_t n, struct slice *out)
{
	const char *end = text + len, *at = skip_blanks(text, end);

	memset(out, 0, n * sizeof *out);
	if (at == end || *at++ != '{')
		return false;
	for (at = skip_blanks(at, end); at < end && *at != '}'; at = skip_blanks(at, end)) {
		struct slice name = {at, 0}, value;

		if (*at != '"' || (at = skip_text(at + 1, end)) == NULL)
			return false;
		name.len = (size_t)(at - name.at);
		at = skip_blanks(at, end);
		if (at == end || *at != ':')
			return false;
		value.at = skip_blanks(at + 1, end);
		if ((at = skip_value(value.at, end)) == NULL)
			return false;
		value.len = (size_t)(at - value.at);
		keep(name, value, names, n, out);
		at = skip_blanks(at, end);
		if (at < end && *at == ',')
			at++;
		else if (at == end || *at != '}')
			return false;
	}
	return at < end && skip_blanks(at + 1, end) == end;
}

size_t
scan_count(struct slice array)
{
	const char *at, *end;
	size_t count = 0;

	if (array.at == NULL || *array.at != '[')
		return 0;
	end = array.at + array.len;
	for (at = skip_blanks(array.at + 1, end); at < end && *at != ']'; count++) {
		at = skip_value(at, end);
		if (at == NULL)
			return count;
		at = skip_blanks(at, end);
		if (at < end && *at == ',')
			at = skip_blanks(at + 1, end);
	}
	return count;
}

bool
scan_is_object(struct slice value)
{
	return value.at && *value.at == '{';
}

bool
scan_is_true(struct slice value)
{
	return value.len == 4 && memcmp(value.at, "true", 4) == 0;
}

bool
scan_is(struct slice value, const char *text)
{
	size_t len = strlen(text);

	return value.len == len + 2 && *value.at == '"' && memcmp(value.at + 1, text, len) == 0;
}

void
scan_text(struct slice value, char *out, size_t room)
{
	json_t *text;

	out[0] = '\0';
	if (value.at == NULL || *value.at != '"')
		return;
	if (memchr(value.at, '\\', value.len) == NULL) {
		text_clean(out, room, value.at + 1, value.len - 2);
		return;
	}
	text = json_loadb(value.at, value.len, JSON_DECODE_ANY, NULL);
	if (text)
		text_cleans(out, room, json_string_value(text));
	json_decref(text);
}
