/* What to do about Entra's error codes, as far as operators of this program meet them. */
#ifndef CLAVIGER_AUTH_AADSTS_H
#define CLAVIGER_AUTH_AADSTS_H

#include <stdbool.h>
#include <stddef.h>

struct aadsts {
	int code;
	const char *remedy; /* what follows "; " in a message */
};

/* Sorted by code. */
extern const struct aadsts aadsts_table[];
extern const size_t aadsts_table_len;

/* The number of the first AADSTSn in a text; 0: none. */
int aadsts_code(const char *text);

/* NULL for a code that is not in the table. */
const char *aadsts_remedy(int code);

/* Whether a person's sign-in has come to its end: its refresh token is good for nothing any more.
 */
bool aadsts_is_over(int code);

#endif
