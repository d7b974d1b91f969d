/* A page of a thousand rows as a tree takes six times its text; one row at a time takes nothing.
 * jansson reads one value and says where it ended, so all that is left to do here is the outermost
 * object and the brackets of the one list. */
#include "backend/json/json.h"

#include <string.h>

#include "backend/base/text.h"

void
json_reader_open(
	struct json_reader *out, const char *text, size_t len, const char *what, const char *list)
{
	*out = (struct json_reader){.text = text, .len = len, .what = what, .list = list};
}

/* line: of the value that cannot be read, from 1. */
static bool
broken(const struct json_reader *r, int line, const char *cause, struct err *err)
{
	for (size_t i = 0; i < r->at; i++)
		line += r->text[i] == '\n';
	return json_unreadable(r->what, line, cause, r->len, err);
}

/* The next character that is no blank; '\0' at the end. */
static char
peek(struct json_reader *r)
{
	while (r->at < r->len && memchr(" \t\r\n", r->text[r->at], 4))
		r->at++;
	return r->at < r->len ? r->text[r->at] : '\0';
}

static bool
take(struct json_reader *r, char c)
{
	if (peek(r) != c)
		return false;
	r->at++;
	return true;
}

static json_t *
take_value(struct json_reader *r, struct err *err)
{
	json_error_t error;
	json_t *value;

	(void)peek(r);
	value = json_loadb(r->text + r->at, r->len - r->at,
		JSON_REJECT_DUPLICATES | JSON_DISABLE_EOF_CHECK | JSON_DECODE_ANY, &error);
	if (value)
		r->at += (size_t)error.position;
	else
		broken(r, error.line, error.text, err);
	return value;
}

static bool
take_start(struct json_reader *r, struct err *err)
{
	if (take(r, '{')) {
		r->rest = json_object();
		r->place = take(r, '}') ? JSON_AFTER_OBJECT : JSON_MEMBER;
		return true;
	}
	r->rest = json_read(r->text, r->len, r->what, err);
	r->place = JSON_END;
	return r->rest != NULL;
}

static bool
take_value_of(struct json_reader *r, const char *name, struct err *err)
{
	json_t *value;

	if (json_object_get(r->rest, name))
		return broken(r, 1, "duplicate object key", err);
	if (!take(r, ':'))
		return broken(r, 1, "':' expected", err);
	r->place = JSON_AFTER_MEMBER;
	if (text_casecmp(name, r->list) == 0 && take(r, '[')) {
		if (!take(r, ']'))
			r->place = JSON_ELEMENT;
		return json_object_set_new(r->rest, name, json_array()) == 0;
	}
	value = take_value(r, err);
	return value && json_object_set_new(r->rest, name, value) == 0;
}

static bool
take_member(struct json_reader *r, struct err *err)
{
	json_t *key;
	bool ok;

	if (peek(r) != '"')
		return broken(r, 1, "string or '}' expected", err);
	key = take_value(r, err);
	ok = key && take_value_of(r, json_string_value(key), err);
	json_decref(key);
	return ok;
}

/* Behind a value of the list or of the object: a comma and the next one, or the bracket. */
static bool
take_comma(struct json_reader *r, enum json_place next, char bracket, enum json_place after,
	const char *cause, struct err *err)
{
	r->place = take(r, ',') ? next : after;
	return r->place == next || take(r, bracket) || broken(r, 1, cause, err);
}

static bool
step(struct json_reader *r, json_t **element, struct err *err)
{
	switch (r->place) {
	case JSON_START:
		return take_start(r, err);
	case JSON_MEMBER:
		return take_member(r, err);
	case JSON_ELEMENT:
		*element = take_value(r, err);
		r->place = JSON_AFTER_ELEMENT;
		return *element != NULL;
	case JSON_AFTER_ELEMENT:
		return take_comma(r, JSON_ELEMENT, ']', JSON_AFTER_MEMBER, "']' expected", err);
	case JSON_AFTER_MEMBER:
		return take_comma(r, JSON_MEMBER, '}', JSON_AFTER_OBJECT, "'}' expected", err);
	default:
		(void)peek(r);
		r->place = JSON_END;
		return r->at == r->len || broken(r, 1, "end of file expected", err);
	}
}

bool
json_reader_next(struct json_reader *reader, json_t **element, struct err *err)
{
	bool ok = true;

	*element = NULL;
	while (ok && *element == NULL && reader->place != JSON_END)
		ok = step(reader, element, err);
	return ok;
}

void
json_reader_close(struct json_reader *reader)
{
	json_decref(reader->rest);
	reader->rest = NULL;
}

bool
json_rows(const char *text, size_t len, const char *what, const char *list, json_each *each,
	void *user, json_t **rest, struct err *err)
{
	struct json_reader reader;
	json_t *element;
	size_t i = 0;
	bool ok;

	json_reader_open(&reader, text, len, what, list);
	while ((ok = json_reader_next(&reader, &element, err)) && element) {
		ok = each(user, i++, element, err);
		json_decref(element);
		if (!ok)
			break;
	}
	*rest = reader.rest;
	return ok;
}
