/* The formats and patterns of texts in the documents. */
#ifndef CLAVIGER_TESTS_SPEC_FORMAT_H
#define CLAVIGER_TESTS_SPEC_FORMAT_H

#include <stdbool.h>

/* Whether the text has the format (uuid, date-time, base64url ...); true for one that is unknown.
 */
bool format_holds(const char *format, const char *text);

/* Whether the JavaScript pattern matches; true for one that POSIX cannot say (look-ahead). */
bool pattern_matches(const char *pattern, const char *text);

#endif
