/* What a list needs of a line of JSON, without a tree of all that stands in it: of a long journal
 * nearly nothing is ever asked for. It finds its way in whatever is well-formed; of a text that is
 * not it may give what stands there all the same. */
#ifndef CLAVIGER_JOURNAL_SCAN_H
#define CLAVIGER_JOURNAL_SCAN_H

#include <stddef.h>

#include "backend/base/err.h"

/* A value as it is written; at NULL: there is none. */
struct slice {
	const char *at;
	size_t len;
};

/* The members of these names. False when the text is no object. */
bool scan_object(
	const char *text, size_t len, const char *const *names, size_t n, struct slice *out);

/* Elements of an array; 0 of what is none. */
size_t scan_count(struct slice array);

bool scan_is_object(struct slice value);
bool scan_is_true(struct slice value);

/* A text as it is written between its quotes, where nothing in it is escaped. */
bool scan_is(struct slice value, const char *text);

/* The same made safe; "" for what is no text. */
void scan_text(struct slice value, char *out, size_t room);

#endif
