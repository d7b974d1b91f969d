/* Errors are plain values: nothing is allocated, so an error can be reported when memory is short.
 */
#include "backend/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What is longer than there is room for says so, and ends with a whole character. */
static void
mark_cut(struct err *err, size_t wanted)
{
	static const char mark[] = " ...";
	size_t at = sizeof err->msg - sizeof mark;

	if (wanted < sizeof err->msg)
		return;
	while (at > 0 && ((unsigned char)err->msg[at] & 0xc0) == 0x80)
		at--;
	memcpy(err->msg + at, mark, sizeof mark);
}

bool
err_set(struct err *err, enum err_kind kind, const char *code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return false;
	*err = (struct err){.kind = kind};
	snprintf(err->code, sizeof err->code, "%s", code ? code : "");
	va_start(ap, fmt);
	mark_cut(err, (size_t)vsnprintf(err->msg, sizeof err->msg, fmt, ap));
	va_end(ap);
	return false;
}

bool
err_prefix(struct err *err, const char *fmt, ...)
{
	struct err old;
	va_list ap;
	size_t used;

	if (err == NULL)
		return false;
	old = *err;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof err->msg, fmt, ap);
	va_end(ap);
	used = strlen(err->msg);
	snprintf(err->msg + used, sizeof err->msg - used, ": %s", old.msg);
	mark_cut(err, used + strlen(": ") + strlen(old.msg));
	return false;
}

int
err_exit(enum err_kind kind)
{
	static const int code[] = {
		[ERR_NONE] = 0,
		[ERR_FAILED] = 1,
		[ERR_USAGE] = 2,
		[ERR_NOT_FOUND] = 3,
		[ERR_DENIED] = 4,
		[ERR_REFUSED] = 5,
		[ERR_UNAVAILABLE] = 6,
		[ERR_JOURNAL] = 74,
		[ERR_PARKED] = 75,
		[ERR_CANCELLED] = 130,
	};

	return code[kind];
}
