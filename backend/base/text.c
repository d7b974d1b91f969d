/* Why escapes and not removal: an operator who compares names must see that there was something.
 * jansson lets \u001b and \u202e through and ncurses draws the second as it is, so nothing that
 * came from outside may reach a screen or stdout before it passed text_clean. */
#include "backend/base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum { MARKS_IN_A_ROW = 2, BROKEN = -1 };

/* Decodes one character; returns its bytes, or 1 with *c BROKEN. */
static size_t
decode(const unsigned char *s, size_t len, int32_t *c)
{
	static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t n = s[0] < 0x80       ? 1
		   : s[0] >> 5 == 6  ? 2
		   : s[0] >> 4 == 14 ? 3
		   : s[0] >> 3 == 30 ? 4
				     : 0;

	*c = BROKEN;
	if (n == 0 || n > len)
		return 1;
	if (n == 1) {
		*c = s[0];
		return 1;
	}
	int32_t v = s[0] & (0x7f >> n);
	for (size_t i = 1; i < n; i++) {
		if (s[i] >> 6 != 2)
			return 1;
		v = v << 6 | (s[i] & 0x3f);
	}
	if (v < least[n] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 1;
	*c = v;
	return n;
}

bool
text_is_utf8(const char *s)
{
	size_t len = strlen(s), used;
	int32_t c = 0;

	for (; len && c != BROKEN; s += used, len -= used)
		used = decode((const unsigned char *)s, len, &c);
	return c != BROKEN;
}

/* Ranges that steer a terminal or hide: controls, separators, format characters, private use. */
static bool
steers(int32_t c)
{
	static const struct {
		int32_t from, to;
	} range[] = {
		{0x00, 0x1f},
		{0x7f, 0x9f},
		{0xad, 0xad},
		{0x600, 0x605},
		{0x61c, 0x61c},
		{0x6dd, 0x6dd},
		{0x70f, 0x70f},
		{0x8e2, 0x8e2},
		{0x115f, 0x1160},
		{0x17b4, 0x17b5},
		{0x180b, 0x180f},
		{0x200b, 0x200f},
		{0x2028, 0x202e},
		{0x2060, 0x206f},
		{0x3164, 0x3164},
		{0xe000, 0xf8ff},
		{0xfe00, 0xfe0f},
		{0xfeff, 0xfeff},
		{0xffa0, 0xffa0},
		{0xfff0, 0xfffb},
		{0x110bd, 0x110bd},
		{0x1bca0, 0x1bca3},
		{0x1d173, 0x1d17a},
		{0xe0000, 0x10ffff},
	};

	for (size_t i = 0; i < ARRAY_LEN(range); i++)
		if (c >= range[i].from && c <= range[i].to)
			return true;
	return (c & 0xfffe) == 0xfffe;
}

static bool
combines(int32_t c)
{
	return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489) ||
	       (c >= 0x1ab0 && c <= 0x1aff) || (c >= 0x1dc0 && c <= 0x1dff) ||
	       (c >= 0x20d0 && c <= 0x20ff) || (c >= 0xfe20 && c <= 0xfe2f) ||
	       (c > 0x7f && wcwidth((wchar_t)c) == 0);
}

size_t
text_clean(char *dst, size_t room, const char *src, size_t len)
{
	const unsigned char *s = (const unsigned char *)src;
	size_t used = 0;
	int marks = 0;

	for (size_t i = 0; i < len;) {
		char piece[16];
		int32_t c;
		size_t n, size;

		/* Nearly all of it: a copy, without a look at any table. */
		if (s[i] >= ' ' && s[i] < 0x7f && used + 1 < room) {
			dst[used++] = src[i++];
			marks = 0;
			continue;
		}
		n = decode(s + i, len - i, &c);
		marks = c != BROKEN && combines(c) ? marks + 1 : 0;
		if (c == BROKEN)
			size = (size_t)snprintf(piece, sizeof piece, "<x%02X>", s[i]);
		else if (steers(c) || marks > MARKS_IN_A_ROW)
			size = (size_t)snprintf(piece, sizeof piece, "<U+%04X>", (unsigned)c);
		else
			memcpy(piece, s + i, size = n);
		if (used + size >= room)
			break;
		memcpy(dst + used, piece, size);
		used += size;
		i += n;
	}
	dst[used] = '\0';
	return used;
}

size_t
text_cleans(char *dst, size_t room, const char *src)
{
	return text_clean(dst, room, src, strlen(src));
}

static int
columns_of(int32_t c)
{
	int w = c < 0x80 ? 1 : wcwidth((wchar_t)c);

	return w < 0 ? 1 : w;
}

size_t
text_fit(const char *s, int columns, int *used)
{
	size_t len = strlen(s), i = 0;
	int total = 0;

	while (i < len) {
		int32_t c = (unsigned char)s[i];
		size_t n = c < 0x80 ? 1 : decode((const unsigned char *)s + i, len - i, &c);
		int w = columns_of(c);

		if (total + w > columns)
			break;
		total += w;
		i += n;
	}
	if (used)
		*used = total;
	return i;
}

/* Punctuation that stays with the character before it, and such that stays with the one behind. */
static bool
closes(int32_t c)
{
	return c < 0x7f ? c && strchr(",.;:!?)]}", c) != NULL
			: c == 0x3001 || c == 0x3002 || (c >= 0x3008 && c <= 0x3011 && c % 2) ||
				  c == 0xff01 || c == 0xff09 || c == 0xff0c || c == 0xff0e ||
				  c == 0xff1a || c == 0xff1b || c == 0xff1f || c == 0x201d;
}

static bool
opens(int32_t c)
{
	return c == '(' || c == '[' || (c >= 0x3008 && c <= 0x3010 && c % 2 == 0) || c == 0xff08 ||
	       c == 0x201c;
}

size_t
text_break(const char *s, int columns)
{
	size_t len = strlen(s), i = 0, end = 0;
	int total = 0, before = 0;
	int32_t c, last = ' ';

	while (i < len) {
		size_t n = decode((const unsigned char *)s + i, len - i, &c);
		int w = columns_of(c);

		if (i && (c == ' ' || ((w == 2 || before == 2) && w && !closes(c) && !opens(last) &&
					      last != ' ')))
			end = i;
		total += w;
		if (total > columns)
			break;
		before = w;
		last = c;
		i += n;
	}
	return end;
}

int
text_width(const char *s)
{
	int used;

	text_fit(s, INT32_MAX, &used);
	return used;
}

static int
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static int
casecmp_n(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int d = lower(a[i]) - lower(b[i]);

		if (d || a[i] == '\0')
			return d;
	}
	return 0;
}

int
text_casecmp(const char *a, const char *b)
{
	return casecmp_n(a, b, SIZE_MAX);
}

bool
text_case_starts(const char *s, const char *prefix)
{
	return casecmp_n(s, prefix, strlen(prefix)) == 0;
}

bool
text_case_ends(const char *s, const char *suffix)
{
	size_t a = strlen(s), b = strlen(suffix);

	return a >= b && text_casecmp(s + a - b, suffix) == 0;
}

bool
text_case_has(const char *s, const char *needle)
{
	size_t n = strlen(needle);

	for (; n && *s; s++)
		if (casecmp_n(s, needle, n) == 0)
			return true;
	return n == 0;
}

bool
text_copy(char *dst, size_t room, const char *src)
{
	size_t len = strlen(src);

	dst[0] = '\0';
	if (len >= room)
		return false;
	memcpy(dst, src, len + 1);
	return true;
}
