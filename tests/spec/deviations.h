/* Where the sandbox, or a client, deliberately does what no document says: because Azure does. */
#ifndef CLAVIGER_TESTS_SPEC_DEVIATIONS_H
#define CLAVIGER_TESTS_SPEC_DEVIATIONS_H

#include <stddef.h>

/* operation, where and rule are patterns (fnmatch) for an operation's id and for what the checker
 * reports; an operation that no document has is "METHOD /path", with the rule "operation". */
struct deviation {
	const char *name;
	const char *operation, *where, *rule;
	const char *source;
};

extern const struct deviation deviations[];
extern const size_t deviations_len;

/* The first that covers a report; deviations_len when none does. */
size_t deviation_find(const char *operation, const char *where, const char *rule);

#endif
