/* jansson's own writer remembers each array and object by its printed address, to find circles,
 * and hands on a character at a time what it escapes: of the work of a GET it was a quarter. What
 * the sandbox builds has no circles. */
#include "backend/sandbox/json_write.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"

enum { ROOM = 4096, NUMBER = 64 };

struct text {
	char *data;
	size_t len, room;
};

/* There is always room for a NUL beside what is asked for. */
static void
add(struct text *text, const char *bytes, size_t len)
{
	if (text->room - text->len <= len) {
		while (text->room - text->len <= len)
			text->room *= 2;
		text->data = mem_resize(text->data, text->room);
	}
	memcpy(text->data + text->len, bytes, len);
	text->len += len;
}

static void
add_escape(struct text *text, unsigned char c)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *at = c ? strchr(plain, c) : NULL;
	char out[8];
	int len = at ? snprintf(out, sizeof out, "\\%c", letters[at - plain])
		     : snprintf(out, sizeof out, "\\u%04X", c);

	add(text, out, (size_t)len);
}

static void
add_string(struct text *text, const char *bytes, size_t len)
{
	size_t from = 0;

	add(text, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c >= ' ' && c != '"' && c != '\\')
			continue;
		add(text, bytes + from, i - from);
		add_escape(text, c);
		from = i + 1;
	}
	add(text, bytes + from, len - from);
	add(text, "\"", 1);
}

static void
add_number(struct text *text, const json_t *json)
{
	char out[NUMBER];
	size_t len = json_dumpb(json, out, sizeof out, JSON_ENCODE_ANY);

	add(text, out, len < sizeof out ? len : 0);
}

static void add_value(struct text *text, const json_t *json);

static void
add_array(struct text *text, const json_t *json)
{
	add(text, "[", 1);
	for (size_t i = 0; i < json_array_size(json); i++) {
		if (i)
			add(text, ",", 1);
		add_value(text, json_array_get(json, i));
	}
	add(text, "]", 1);
}

static void
add_object(struct text *text, const json_t *json)
{
	json_t *object = (json_t *)json;
	bool first = true;

	add(text, "{", 1);
	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at)) {
		if (!first)
			add(text, ",", 1);
		first = false;
		add_string(text, json_object_iter_key(at), json_object_iter_key_len(at));
		add(text, ":", 1);
		add_value(text, json_object_iter_value(at));
	}
	add(text, "}", 1);
}

static void
add_value(struct text *text, const json_t *json)
{
	switch (json_typeof(json)) {
	case JSON_OBJECT:
		add_object(text, json);
		break;
	case JSON_ARRAY:
		add_array(text, json);
		break;
	case JSON_STRING:
		add_string(text, json_string_value(json), json_string_length(json));
		break;
	case JSON_INTEGER:
	case JSON_REAL:
		add_number(text, json);
		break;
	case JSON_TRUE:
		add(text, "true", 4);
		break;
	case JSON_FALSE:
		add(text, "false", 5);
		break;
	case JSON_NULL:
		add(text, "null", 4);
		break;
	}
}

char *
json_write(const json_t *json, size_t *len)
{
	struct text text = {.data = mem_resize(NULL, ROOM), .room = ROOM};

	add_value(&text, json);
	text.data[text.len] = '\0';
	*len = text.len;
	return text.data;
}
