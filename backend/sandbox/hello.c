/* RFC 8446 section 4.1.2 and RFC 6066 section 3; the ClientHello is taken from one record, as every
 * client sends it. */
#include "backend/sandbox/hello.h"

#include <string.h>

/* What is left to read; a read past the end makes `bad`. */
struct reader {
	const unsigned char *at;
	size_t left;
	bool bad;
};

static size_t
take(struct reader *r, size_t bytes)
{
	size_t value = 0;

	if (r->bad || r->left < bytes) {
		r->bad = true;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | r->at[i];
	r->at += bytes;
	r->left -= bytes;
	return value;
}

static void
skip(struct reader *r, size_t bytes)
{
	if (r->bad || r->left < bytes) {
		r->bad = true;
		return;
	}
	r->at += bytes;
	r->left -= bytes;
}

/* The part that a length of so many bytes announces. */
static struct reader
part(struct reader *r, size_t bytes)
{
	size_t len = take(r, bytes);
	struct reader inner = {r->at, len, r->bad || r->left < len};

	skip(r, len);
	return inner;
}

static bool
read_server_name(struct reader extension, char name[256])
{
	struct reader list = part(&extension, 2), host;

	if (take(&list, 1) != 0)
		return false;
	host = part(&list, 2);
	if (host.bad || host.left == 0 || host.left > 255 || memchr(host.at, 0, host.left))
		return false;
	memcpy(name, host.at, host.left);
	name[host.left] = '\0';
	return true;
}

enum hello
hello_name(const unsigned char *bytes, size_t len, char name[256])
{
	struct reader r = {bytes, len, false}, body, extensions;
	size_t length;

	name[0] = '\0';
	if (len < 5)
		return HELLO_MORE;
	if (take(&r, 1) != 22)
		return HELLO_NONE;
	skip(&r, 2);
	length = take(&r, 2);
	if (r.left < length)
		return HELLO_MORE;
	if (take(&r, 1) != 1)
		return HELLO_NONE;
	body = part(&r, 3);
	skip(&body, 2 + 32);
	part(&body, 1);
	part(&body, 2);
	part(&body, 1);
	extensions = part(&body, 2);
	while (!body.bad && !extensions.bad && extensions.left) {
		size_t type = take(&extensions, 2);
		struct reader one = part(&extensions, 2);

		if (type == 0)
			return !one.bad && read_server_name(one, name) ? HELLO_NAME : HELLO_NONE;
	}
	return HELLO_NONE;
}
