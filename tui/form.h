/* A form of a few fields: text, choice, yes or no. */
#ifndef CLAVIGER_TUI_FORM_H
#define CLAVIGER_TUI_FORM_H

#include <stddef.h>

#include "tui/draw.h"
#include "tui/key.h"

enum field_kind { FIELD_TEXT, FIELD_CHOICE, FIELD_CHECK };

struct field {
	enum field_kind kind;
	bool hidden; /* neither drawn nor moved to; never the first */
	const char *label,
		*help; /* help: one sentence, drawn under the form for the current field */
	char *text;    /* FIELD_TEXT: owner's buffer of size bytes */
	size_t size;
	const char *const *choices; /* FIELD_CHOICE */
	size_t choices_len;
	size_t chosen;       /* FIELD_CHOICE: index; FIELD_CHECK: 0 or 1 */
	const char *hint;    /* on the value as it stands, drawn under help; NULL or "": nothing */
	enum role hint_role; /* ROLE_BAD and ROLE_WARN are marked beside the field too */
};

struct form {
	struct field *fields;
	size_t fields_len, current, caret;
};

/* Up Down Tab move; Left Right Space choose; letters type. Enter is not eaten: the owner submits.
 */
bool form_key(struct form *form, key_code key);
void form_draw(struct form *form, struct area area);

/* Rows that it takes in an area of that width, with help and hint of the current field. */
int form_rows(const struct form *form, int width);

#endif
