/* Replies are read by path and never bound to structures: what Azure adds, renames in case or
 * leaves out must not break a reader that does not ask for it, and a wrong type names its path. */
#include "backend/json/json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { KEY_MAX = 64, CLEAN_GROWTH = 8 };

void
json_init(void)
{
	json_set_alloc_funcs(mem_zeroing_malloc, mem_zeroing_free);
}

/* jansson quotes the text near an error; that may be a token, so only the cause is kept. */
bool
json_unreadable(const char *what, int line, const char *said, size_t len, struct err *err)
{
	const char *near = strstr(said, " near ");
	char cause[JSON_ERROR_TEXT_LENGTH], shown[200];

	text_clean(cause, sizeof cause, said, near ? (size_t)(near - said) : strlen(said));
	text_cleans(shown, sizeof shown, what);
	return err_set(err, ERR_FAILED, "BadReply", "%s: not readable as JSON, line %d: %s", shown,
		line < 1 ? 1 : line, len ? cause : "it is empty");
}

json_t *
json_read(const char *text, size_t len, const char *what, struct err *err)
{
	json_error_t error;
	json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (root == NULL)
		json_unreadable(what, error.line, error.text, len, err);
	return root;
}

static const json_t *
member(const json_t *object, const char *key, size_t len)
{
	json_t *exact = json_object_getn(object, key, len);
	const char *name;
	json_t *value;

	if (exact)
		return exact;
	json_object_foreach((json_t *)object, name, value)
	{
		char want[KEY_MAX];

		if (strlen(name) != len || len >= sizeof want)
			continue;
		memcpy(want, key, len);
		want[len] = '\0';
		if (text_casecmp(name, want) == 0)
			return value;
	}
	return NULL;
}

const char *
json_str(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text ? text : "";
}

const json_t *
json_at(const json_t *root, const char *path)
{
	while (root && *path) {
		size_t len = strcspn(path, ".");

		if (!json_is_object(root))
			return NULL;
		root = member(root, path, len);
		path += len;
		if (*path == '.')
			path++;
	}
	return json_is_null(root) ? NULL : root;
}

static const char *
type_name(const json_t *value)
{
	static const char *const names[] = {
		[JSON_OBJECT] = "an object",
		[JSON_ARRAY] = "a list",
		[JSON_STRING] = "text",
		[JSON_INTEGER] = "a number",
		[JSON_REAL] = "a fraction",
		[JSON_TRUE] = "true",
		[JSON_FALSE] = "false",
		[JSON_NULL] = "null",
	};

	return names[json_typeof(value)];
}

static bool
wrong_type(const json_t *value, const char *path, const char *wanted, struct err *err)
{
	return err_set(err, ERR_FAILED, "BadReply", "the reply's %s is %s where %s belongs", path,
		type_name(value), wanted);
}

/* Cleaning may lengthen a text up to eight times, and text_clean cuts without saying so: when the
 * text changed, it is cleaned in full elsewhere first. */
static bool
copy_clean(char *dst, size_t room, const char *src, size_t len)
{
	char *whole;
	size_t size;
	bool ok;

	if (len < room && text_clean(dst, room, src, len) == len && memcmp(dst, src, len) == 0)
		return true;
	size = len * CLEAN_GROWTH + 1;
	whole = mem_alloc(size);
	text_clean(whole, size, src, len);
	ok = text_copy(dst, room, whole);
	free(whole);
	return ok;
}

bool
json_text(const json_t *root, const char *path, char *dst, size_t room, struct err *err)
{
	const json_t *value = json_at(root, path);

	dst[0] = '\0';
	if (value == NULL)
		return true;
	if (!json_is_string(value))
		return wrong_type(value, path, "text", err);
	if (!copy_clean(dst, room, json_string_value(value), json_string_length(value)))
		return err_set(err, ERR_FAILED, "BadReply",
			"the reply's %s is longer than the %zu bytes that are allowed", path,
			room - 1);
	return true;
}

bool
json_need_text(const json_t *root, const char *path, char *dst, size_t room, struct err *err)
{
	if (!json_text(root, path, dst, room, err))
		return false;
	if (dst[0] == '\0')
		return err_set(err, ERR_FAILED, "BadReply", "the reply has no %s", path);
	return true;
}

bool
json_flag(const json_t *root, const char *path, enum tri *out, struct err *err)
{
	const json_t *value = json_at(root, path);

	*out = TRI_UNKNOWN;
	if (value == NULL)
		return true;
	if (!json_is_boolean(value))
		return wrong_type(value, path, "true or false", err);
	*out = json_is_true(value) ? TRI_YES : TRI_NO;
	return true;
}

static bool
digits(const char *s, int64_t *out)
{
	size_t len = strlen(s), sign = s[0] == '-';

	if (len == sign || len > 18 || strspn(s + sign, "0123456789") != len - sign)
		return false;
	*out = strtoll(s, NULL, 10);
	return true;
}

bool
json_number(const json_t *root, const char *path, int64_t *out, struct err *err)
{
	const json_t *value = json_at(root, path);

	if (value == NULL)
		return true;
	if (json_is_integer(value)) {
		*out = json_integer_value(value);
		return true;
	}
	if (json_is_string(value) && digits(json_string_value(value), out))
		return true;
	return wrong_type(value, path, "a whole number", err);
}

bool
json_list(const json_t *root, const char *path, const json_t **out, struct err *err)
{
	*out = json_at(root, path);
	if (*out == NULL || json_is_array(*out))
		return true;
	wrong_type(*out, path, "a list", err);
	*out = NULL;
	return false;
}

bool
json_object_at(const json_t *root, const char *path, const json_t **out, struct err *err)
{
	*out = json_at(root, path);
	if (json_is_array(*out) && json_array_size(*out) == 0)
		*out = NULL;
	if (*out == NULL || json_is_object(*out))
		return true;
	wrong_type(*out, path, "an object", err);
	*out = NULL;
	return false;
}

/* Takes exactly `count` digits. */
static bool
take(const char **s, int count, int low, int high, int *out)
{
	int v = 0;

	for (int i = 0; i < count; i++, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return false;
		v = v * 10 + (**s - '0');
	}
	*out = v;
	return v >= low && v <= high;
}

static bool
take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

/* "", Z, +hh:mm or -hh:mm; seconds east of UTC. */
static bool
take_zone(const char **s, int *east)
{
	int sign = **s == '-' ? -1 : 1, hours, minutes;

	*east = 0;
	if (**s == '\0')
		return true;
	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		return true;
	}
	if (**s != '+' && **s != '-')
		return false;
	(*s)++;
	if (!take(s, 2, 0, 14, &hours) || !take_char(s, ':') || !take(s, 2, 0, 59, &minutes))
		return false;
	*east = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool
parse_time(const char *s, int64_t *out)
{
	struct tm tm = {0};
	int year, month, east;

	if (!take(&s, 4, 1, 9999, &year) || !take_char(&s, '-') || !take(&s, 2, 1, 12, &month) ||
		!take_char(&s, '-') || !take(&s, 2, 1, 31, &tm.tm_mday))
		return false;
	if (*s != 'T' && *s != 't' && *s != ' ')
		return false;
	s++;
	if (!take(&s, 2, 0, 23, &tm.tm_hour) || !take_char(&s, ':') ||
		!take(&s, 2, 0, 59, &tm.tm_min) || !take_char(&s, ':') ||
		!take(&s, 2, 0, 60, &tm.tm_sec))
		return false;
	if (take_char(&s, '.'))
		s += strspn(s, "0123456789");
	if (!take_zone(&s, &east) || *s != '\0')
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	*out = (int64_t)timegm(&tm) - east;
	return true;
}

bool
json_time(const json_t *root, const char *path, int64_t *out, struct err *err)
{
	const json_t *value = json_at(root, path);

	if (value == NULL)
		return true;
	if (!json_is_string(value))
		return wrong_type(value, path, "a time such as 2026-11-21T19:02:03Z", err);
	if (!parse_time(json_string_value(value), out))
		return err_set(err, ERR_FAILED, "BadReply",
			"the reply's %s is no time such as 2026-11-21T19:02:03Z", path);
	return true;
}

/* One line of clean text: line ends and tabs become single blanks, the rest is kept. */
static void
one_line(char *dst, size_t room, const char *src, size_t len)
{
	char *flat = mem_alloc(len + 1);
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		bool breaks = src[i] == '\r' || src[i] == '\n' || src[i] == '\t';

		if (!breaks)
			flat[used++] = src[i];
		else if (used && flat[used - 1] != ' ')
			flat[used++] = ' ';
	}
	while (used && flat[used - 1] == ' ')
		used--;
	text_clean(dst, room, flat, used);
	free(flat);
}

static bool
text_of(const json_t *root, const char *path, char *dst, size_t room)
{
	const json_t *value = json_at(root, path);

	if (!json_is_string(value) || json_string_length(value) == 0)
		return false;
	one_line(dst, room, json_string_value(value), json_string_length(value));
	return true;
}

static enum err_kind
kind_of(int http)
{
	switch (http) {
	case 401:
	case 403:
		return ERR_DENIED;
	case 404:
		return ERR_NOT_FOUND;
	case 409:
	case 412:
		return ERR_REFUSED;
	case 408:
	case 429:
		return ERR_UNAVAILABLE;
	default:
		return http >= 500 && http <= 599 ? ERR_UNAVAILABLE : ERR_FAILED;
	}
}

/* Code and message from whichever of the known shapes the body has. */
static void
read_shapes(const json_t *root, struct err *err)
{
	const json_t *inside = json_at(root, "error");
	char inner[sizeof err->code];
	size_t used;

	if (!json_is_object(inside))
		inside = root;
	if (!text_of(inside, "code", err->code, sizeof err->code))
		text_of(root, "error", err->code, sizeof err->code);
	if (!text_of(inside, "message", err->msg, sizeof err->msg))
		text_of(root, "error_description", err->msg, sizeof err->msg);
	used = strlen(err->code);
	if (text_of(inside, "innererror.code", inner, sizeof inner) &&
		used + 1 + strlen(inner) < sizeof err->code) {
		err->code[used] = '/';
		memcpy(err->code + used + 1, inner, strlen(inner) + 1);
	}
}

void
json_error(const char *body, size_t len, int http, const char *request_id, struct err *err)
{
	json_t *root = len ? json_loadb(body, len, 0, NULL) : NULL;

	err_set(err, kind_of(http), "", "%s", "");
	if (err == NULL) {
		json_decref(root);
		return;
	}
	err->http = http;
	text_cleans(err->request_id, sizeof err->request_id, request_id ? request_id : "");
	if (root)
		read_shapes(root, err);
	else if (len && body[0] != '<')
		one_line(err->msg, sizeof err->msg, body, len < 2048 ? len : 2048);
	json_decref(root);
	if (err->msg[0] == '\0')
		snprintf(err->msg, sizeof err->msg, "answered with status %d and no message", http);
}
