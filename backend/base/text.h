/* Foreign text, made safe once, where it is parsed. */
#ifndef CLAVIGER_BASE_TEXT_H
#define CLAVIGER_BASE_TEXT_H

#include <stddef.h>

#include "backend/base/err.h"

/* Copies len bytes of foreign text into dst as clean UTF-8: C0, C1, DEL, bidi and zero-width
 * controls and unassigned formatting become visible escapes such as <U+202E>, broken UTF-8 becomes
 * <xFF>, more than two combining marks in a row become escapes. Cut at a whole character when dst
 * is full. Idempotent. Returns the length written; dst always ends in NUL (room > 0). */
size_t text_clean(char *dst, size_t room, const char *src, size_t len);

/* The same for a NUL-terminated string. */
size_t text_cleans(char *dst, size_t room, const char *src);

bool text_is_utf8(const char *s);

/* Columns that clean UTF-8 takes on a terminal (libc's wcwidth; 1 for what it does not know). */
int text_width(const char *s);

/* Bytes of s that fit into at most columns; *used gets the columns they take (may be NULL). */
size_t text_fit(const char *s, int columns, int *used);

/* Bytes of s for a row of at most columns that s does not fit into: up to the last blank, or the
 * last place beside a wide character where a line may end. 0: there is none. */
size_t text_break(const char *s, int columns);

/* Case-insensitive comparison of ASCII letters only, as Azure compares ids; never by locale. */
int text_casecmp(const char *a, const char *b);
bool text_case_starts(const char *s, const char *prefix);
bool text_case_ends(const char *s, const char *suffix);

/* Whether needle occurs in s, ASCII case ignored. */
bool text_case_has(const char *s, const char *needle);

/* Copies src whole or not at all: false when it does not fit (dst is then ""). */
bool text_copy(char *dst, size_t room, const char *src) MUST_CHECK;

#endif
