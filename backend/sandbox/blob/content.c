/* A piece is no larger than a request's body; its length fits four bytes by far. */
#include "backend/sandbox/blob/content.h"

#include <string.h>

#include "crypto/b64.h"
#include "crypto/digest.h"
#include "crypto/envelope.h"

enum { HEAD = 4 };
static const char purpose[] = "blob";

unsigned char *
content_seal(struct arena *arena, const struct secret *key, const void *in, size_t len,
	size_t *sealed_len)
{
	size_t size = len + ENVELOPE_OVERHEAD;
	unsigned char *out = arena_alloc(arena, HEAD + size);

	for (size_t i = 0; i < HEAD; i++)
		out[i] = (unsigned char)(size >> (8 * (HEAD - 1 - i)));
	*sealed_len = HEAD + size;
	return envelope_seal(key, purpose, in, len, out + HEAD, NULL) ? out : NULL;
}

static size_t
piece_size(const unsigned char *at)
{
	return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

char *
content_open(struct arena *arena, const struct secret *key, const void *sealed, size_t sealed_len,
	size_t *len)
{
	const unsigned char *at = sealed;
	char *out = arena_alloc(arena, sealed_len + 1);

	*len = 0;
	for (size_t left = sealed_len; left;) {
		struct secret piece = {0};
		size_t size = left >= HEAD ? piece_size(at) : 0;

		if (size < ENVELOPE_OVERHEAD || size > left - HEAD ||
			!envelope_open(key, purpose, at + HEAD, size, &piece, NULL))
			return NULL;
		if (piece.len)
			memcpy(out + *len, piece.bytes, piece.len);
		*len += piece.len;
		secret_free(&piece);
		at += HEAD + size;
		left -= HEAD + size;
	}
	out[*len] = '\0';
	return out;
}

/* With padding. */
static const char *
base64(struct arena *arena, const void *bytes, size_t len)
{
	size_t n = b64_length(len);
	char *out = arena_alloc(arena, n + 4);

	b64_encode(out, bytes, len);
	for (char *c = out; *c; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	while (n % 4)
		out[n++] = '=';
	out[n] = '\0';
	return out;
}

const char *
content_md5(struct arena *arena, const void *bytes, size_t len)
{
	unsigned char md[DIGEST_MAX];
	size_t size = digest_of(DIGEST_MD5, bytes, len, md);

	return base64(arena, md, size);
}
