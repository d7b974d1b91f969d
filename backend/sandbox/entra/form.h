/* What a client sends to sign in, and how it is refused. */
#ifndef CLAVIGER_SANDBOX_FORM_H
#define CLAVIGER_SANDBOX_FORM_H

#include "backend/sandbox/call.h"

enum { FORM_FIELDS = 40 };

struct form {
	struct pair fields[FORM_FIELDS];
	size_t len;
};

/* Reads the body as application/x-www-form-urlencoded; values are clean text in the call's arena.
 */
void form_read(struct call *call, struct form *form);

/* The value of a field, "" when it is not there. */
const char *form_get(const struct form *form, const char *name);

/* A field that must be there; "" and an answer when it is not. */
const char *form_need(struct call *call, const struct form *form, const char *name);

/* text itself, or where it holds more than plain ASCII, what is visible of it. */
const char *form_clean(struct call *call, const char *text);

/* Entra's error body: error is OAuth's word, number that of AADSTSn [recordings of azure-sdk-for-js
 * identity]. */
void form_refuse(struct call *call, unsigned status, const char *error, int number, const char *fmt,
	...) PRINTF_LIKE(5, 6);

#endif
