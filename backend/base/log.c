/* Redaction by construction: nothing that holds a secret can be formatted into a line. */
#include "backend/base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"

static bool enabled;
static int64_t started;

void
log_enable(bool on)
{
	enabled = on;
	if (started == 0)
		started = clock_mono_ms();
}

void
log_line(const char *fmt, ...)
{
	char raw[1024], clean[2048];
	va_list ap;

	if (!enabled)
		return;
	va_start(ap, fmt);
	vsnprintf(raw, sizeof raw, fmt, ap);
	va_end(ap);
	text_cleans(clean, sizeof clean, raw);
	fprintf(stderr, "%8lld ms  %s\n", (long long)(clock_mono_ms() - started), clean);
}
