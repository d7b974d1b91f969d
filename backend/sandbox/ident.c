/* Everything that must not be guessable or repeat comes from one call of the kernel. */
#include "backend/sandbox/ident.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void
ident_random(void *out, size_t len)
{
	unsigned char *at = out;

	while (len) {
		ssize_t n = getrandom(at, len, 0);

		if (n <= 0)
			abort();
		at += n;
		len -= (size_t)n;
	}
}

static void
hex(char *out, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		*out++ = digits[bytes[i] >> 4];
		*out++ = digits[bytes[i] & 15];
	}
	*out = '\0';
}

char *
ident_guid(char out[37])
{
	unsigned char b[16];
	char h[33];

	ident_random(b, sizeof b);
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	hex(h, b, sizeof b);
	snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8, h + 12, h + 16, h + 20);
	return out;
}

char *
ident_version(char out[33])
{
	unsigned char b[16];

	ident_random(b, sizeof b);
	hex(out, b, sizeof b);
	return out;
}
