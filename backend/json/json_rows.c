/* A page of a thousand rows as a tree takes six times its text; one row at a time takes nothing.
 * jansson reads one value and says where it ended, so all that is left to do here is the outermost
 * object and the brackets of the one list. */
#include "backend/json/json.h"

#include <string.h>

#include "backend/base/text.h"

struct reader {
	const char *text;
	size_t len, at;
	const char *what, *list;
	json_each *each;
	void *user;
	json_t *rest;
	struct err *err;
};

/* line: of the value that cannot be read, from 1. */
static bool
broken(const struct reader *r, int line, const char *cause)
{
	for (size_t i = 0; i < r->at; i++)
		line += r->text[i] == '\n';
	return json_unreadable(r->what, line, cause, r->len, r->err);
}

/* The next character that is no blank; '\0' at the end. */
static char
peek(struct reader *r)
{
	while (r->at < r->len && memchr(" \t\r\n", r->text[r->at], 4))
		r->at++;
	return r->at < r->len ? r->text[r->at] : '\0';
}

static bool
take(struct reader *r, char c)
{
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

static json_t *
take_value(struct reader *r)
{
	json_error_t error;
	json_t *value;

	(void)peek(r);
	value = json_loadb(r->text + r->at, r->len - r->at,
		JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &error);
	if (value)
		r->at += (size_t)error.position;
	else
		broken(r, error.line, error.text);
	return value;
}

static bool
take_elements(struct reader *r)
{
	size_t i = 0;

	if (!take(r, '[') || take(r, ']'))
		return true;
	do {
		json_t *element = take_value(r);
		bool ok = element && r->each(r->user, i++, element, r->err);

		json_decref(element);
		if (!ok)
			return false;
	} while (take(r, ','));
	return take(r, ']') || broken(r, 1, "']' expected");
}

static bool
take_member(struct reader *r, const char *name)
{
	json_t *value;

	if (json_object_get(r->rest, name))
		return broken(r, 1, "duplicate object key");
	if (!take(r, ':'))
		return broken(r, 1, "':' expected");
	if (text_casecmp(name, r->list) == 0 && peek(r) == '[')
		return json_object_set_new(r->rest, name, json_array()) == 0 && take_elements(r);
	value = take_value(r);
	return value && json_object_set_new(r->rest, name, value) == 0;
}

static bool
take_members(struct reader *r)
{
	do {
		json_t *key;
		bool ok;

		if (peek(r) != '"')
			return broken(r, 1, "string or '}' expected");
		key = take_value(r);
		ok = key && take_member(r, json_string_value(key));
		json_decref(key);
		if (!ok)
			return false;
	} while (take(r, ','));
	return take(r, '}') || broken(r, 1, "'}' expected");
}

bool
json_rows(const char *text, size_t len, const char *what, const char *list, json_each *each,
	void *user, json_t **rest, struct err *err)
{
	struct reader r = {.text = text,
		.len = len,
		.what = what,
		.list = list,
		.each = each,
		.user = user,
		.err = err};

	if (!take(&r, '{')) {
		*rest = json_read(text, len, what, err);
		return *rest != NULL;
	}
	*rest = r.rest = json_object();
	if (!take(&r, '}') && !take_members(&r))
		return false;
	(void)peek(&r);
	return r.at == len || broken(&r, 1, "end of file expected");
}
