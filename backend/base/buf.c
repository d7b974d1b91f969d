/* Growth by doubling, always zeroing what is left behind: a body may hold a token. */
#include "backend/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"

void
buf_init(struct buf *buf, size_t max)
{
	*buf = (struct buf){.max = max};
}

static void
resize(struct buf *buf, size_t room)
{
	char *grown = mem_alloc(room);

	if (buf->data) {
		memcpy(grown, buf->data, buf->len + 1);
		explicit_bzero(buf->data, buf->len);
		free(buf->data);
	}
	buf->data = grown;
	buf->room = room;
}

static bool
reserve(struct buf *buf, size_t extra)
{
	size_t need, room;

	if (extra > buf->max || buf->len > buf->max - extra)
		return false;
	need = buf->len + extra + 1;
	if (need <= buf->room)
		return true;
	for (room = buf->room ? buf->room : 256; room < need;)
		room *= 2;
	resize(buf, room);
	return true;
}

void
buf_expect(struct buf *buf, size_t len)
{
	if (len <= buf->max && len >= buf->room)
		resize(buf, len + 1);
}

bool
buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (!reserve(buf, len))
		return false;
	if (len)
		memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return true;
}

bool
buf_adds(struct buf *buf, const char *s)
{
	return buf_add(buf, s, strlen(s));
}

bool
buf_addf(struct buf *buf, const char *fmt, ...)
{
	va_list ap, again;
	int len;
	bool ok;

	va_start(ap, fmt);
	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	ok = len >= 0 && reserve(buf, (size_t)len);
	if (ok) {
		vsnprintf(buf->data + buf->len, (size_t)len + 1, fmt, again);
		buf->len += (size_t)len;
	}
	va_end(again);
	return ok;
}

void
buf_clear(struct buf *buf)
{
	if (buf->data)
		explicit_bzero(buf->data, buf->len);
	buf->len = 0;
}

void
buf_free(struct buf *buf)
{
	buf_clear(buf);
	free(buf->data);
	buf->data = NULL;
	buf->room = 0;
}

const char *
buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}
