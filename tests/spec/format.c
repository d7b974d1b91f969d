/* The documents write patterns in JavaScript's dialect, libc knows POSIX's: within brackets \w, \d
 * and escapes are written out, and a dash that is no range goes last. */
#include "tests/spec/format.h"

#include <ctype.h>
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"

/* A template: 9 a digit, h a hexadecimal one, anything else itself. Returns what follows, NULL when
 * it does not fit. */
static const char *
shaped(const char *shape, const char *text)
{
	for (; *shape; shape++, text++) {
		bool ok = *shape == '9'   ? isdigit((unsigned char)*text)
			  : *shape == 'h' ? isxdigit((unsigned char)*text)
					  : *shape == *text;

		if (!ok)
			return NULL;
	}
	return text;
}

static bool
is_uuid(const char *text)
{
	const char *end = shaped("hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh", text);

	return end && !*end;
}

/* RFC 3339: the zone must be there. */
static bool
is_date_time(const char *text)
{
	const char *end = shaped("9999-99-99T99:99:99", text);

	if (end && *end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	if (end && *end == 'Z')
		return !end[1];
	if (end && (*end == '+' || *end == '-'))
		end = shaped("99:99", end + 1);
	else
		end = NULL;
	return end && !*end;
}

static bool
only(const char *text, const char *more)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr(more, *text))
			return false;
	return true;
}

static bool
is_base64url(const char *text)
{
	return only(text, "-_") && strlen(text) % 4 != 1;
}

static bool
is_base64(const char *text)
{
	return only(text, "+/=") && strlen(text) % 4 == 0;
}

static bool
is_duration(const char *text)
{
	return *text == 'P' && text[1] &&
	       strspn(text + 1, "0123456789.YMWDTHS") == strlen(text) - 1;
}

static bool
is_uri(const char *text)
{
	return strstr(text, "://") != NULL && !strchr(text, ' ');
}

static bool
is_arm_id(const char *text)
{
	return *text == '/' && text[1] && text[1] != '/';
}

bool
format_holds(const char *format, const char *text)
{
	static const struct {
		const char *name;
		bool (*holds)(const char *text);
	} formats[] = {
		{"uuid", is_uuid},
		{"date-time", is_date_time},
		{"base64url", is_base64url},
		{"byte", is_base64},
		{"duration", is_duration},
		{"uri", is_uri},
		{"arm-id", is_arm_id},
	};

	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			return formats[i].holds(text);
	return true;
}

struct posix {
	char text[512];
	size_t len;
};

static void
put(struct posix *out, const char *text, size_t len)
{
	if (out->len + len >= sizeof out->text)
		fail_msg("a pattern is longer than %zu", sizeof out->text);
	memcpy(out->text + out->len, text, len);
	out->text[out->len += len] = '\0';
}

static const char *
class_of(char letter)
{
	return letter == 'w' ? "a-zA-Z0-9_" : letter == 'd' ? "0-9" : letter == 's' ? " \t" : NULL;
}

/* at stands behind the bracket that opens; returns what follows the one that closes. */
static const char *
put_set(struct posix *out, const char *at)
{
	bool dash = false;

	put(out, "[", 1);
	if (*at == '^')
		put(out, at++, 1);
	while (*at && *at != ']') {
		const char *class = *at == '\\' ? class_of(at[1]) : NULL;

		if (class) {
			put(out, class, strlen(class));
			at += 2;
			continue;
		}
		if (*at == '\\')
			at++;
		if (*at == '-') {
			dash = true;
			at++;
		} else if (at[1] == '-' && at[2] && at[2] != ']') {
			put(out, at, 3);
			at += 3;
		} else {
			put(out, at++, 1);
		}
	}
	put(out, "-]", dash ? 2 : 0);
	if (!dash)
		put(out, "]", 1);
	return *at ? at + 1 : at;
}

bool
pattern_matches(const char *pattern, const char *text)
{
	struct posix posix = {0};
	regex_t regex;
	bool matches;

	if (strstr(pattern, "(?"))
		return true;
	for (const char *at = pattern; *at;) {
		const char *class = *at == '\\' ? class_of(at[1]) : NULL;

		if (*at == '[') {
			at = put_set(&posix, at + 1);
		} else if (class) {
			put(&posix, "[", 1);
			put(&posix, class, strlen(class));
			put(&posix, "]", 1);
			at += 2;
		} else if (*at == '\\' && at[1] == '-') {
			put(&posix, "-", 1);
			at += 2;
		} else {
			size_t len = *at == '\\' && at[1] ? 2 : 1;

			put(&posix, at, len);
			at += len;
		}
	}
	if (regcomp(&regex, posix.text, REG_EXTENDED | REG_NOSUB) != 0)
		fail_msg("the pattern %s is none (%s)", pattern, posix.text);
	matches = regexec(&regex, text, 0, NULL, 0) == 0;
	regfree(&regex);
	return matches;
}
