/* Strict, because a token or key that can be spelled in two ways can be compared wrongly. Letters
 * are found by arithmetic, not by a table: private numbers of JWKs pass through here, and a table
 * lookup leaves their bits in the cache. */
#include "crypto/b64.h"

#include <stdint.h>
#include <string.h>

size_t
b64_length(size_t len)
{
	return len / 3 * 4 + (len % 3 ? len % 3 + 1 : 0);
}

/* All ones when from <= c <= to, else 0. */
static uint32_t
within(uint32_t c, uint32_t from, uint32_t to)
{
	return ~((c - from) >> 31 | (to - c) >> 31) & 1 ? UINT32_MAX : 0;
}

static char
letter(uint32_t v)
{
	return (char)((within(v, 0, 25) & (v + 'A')) | (within(v, 26, 51) & (v - 26 + 'a')) |
		      (within(v, 52, 61) & (v - 52 + '0')) | (within(v, 62, 62) & '-') |
		      (within(v, 63, 63) & '_'));
}

/* 0 to 63, or more for a character that is no letter of the alphabet. */
static uint32_t
value(uint32_t c)
{
	uint32_t v = (within(c, 'A', 'Z') & (c - 'A' + 1)) |
		     (within(c, 'a', 'z') & (c - 'a' + 27)) |
		     (within(c, '0', '9') & (c - '0' + 53)) | (within(c, '-', '-') & 63) |
		     (within(c, '_', '_') & 64);

	return v - 1;
}

void
b64_encode(char *out, const void *bytes, size_t len)
{
	const unsigned char *in = bytes;
	uint32_t bits = 0;
	int have = 0;

	for (size_t i = 0; i < len; i++) {
		bits = bits << 8 | in[i];
		for (have += 8; have >= 6; have -= 6)
			*out++ = letter(bits >> (have - 6) & 63);
	}
	if (have > 0)
		*out++ = letter(bits << (6 - have) & 63);
	*out = '\0';
}

bool
b64_decode(unsigned char *out, size_t room, size_t *len, const char *text)
{
	size_t letters = strlen(text);
	uint32_t bits = 0, bad = 0;
	int have = 0;

	*len = 0;
	if (letters % 4 == 1 || letters / 4 * 3 + letters % 4 * 3 / 4 > room)
		return false;
	for (size_t i = 0; i < letters; i++) {
		uint32_t v = value((unsigned char)text[i]);

		bad |= v >> 6;
		bits = bits << 6 | (v & 63);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[(*len)++] = (unsigned char)(bits >> have);
		}
	}
	bad |= bits & ((1U << have) - 1);
	if (bad)
		*len = 0;
	return bad == 0;
}
