/* What --verbose tells on stderr. Callers pass only named fields: never a header, body or token. */
#ifndef CLAVIGER_BASE_LOG_H
#define CLAVIGER_BASE_LOG_H

#include "backend/base/err.h"

/* Off at start. While the console owns the terminal it stays off. */
void log_enable(bool on);

/* One line, sanitised, with milliseconds since the start in front. */
void log_line(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
