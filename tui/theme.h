/* Roles, and themes that give them attributes. Colours exist only in themes/ *.theme (INI). */
#ifndef CLAVIGER_TUI_THEME_H
#define CLAVIGER_TUI_THEME_H

#include <stddef.h>

#include "backend/base/err.h"

enum role {
	ROLE_TEXT,
	ROLE_DIM,
	ROLE_TITLE,
	ROLE_SANDBOX, /* the word SANDBOX in the title */
	ROLE_TAB,
	ROLE_TAB_ACTIVE,
	ROLE_HEADER,   /* column titles */
	ROLE_SELECTED, /* the row under the cursor */
	ROLE_MARKED,
	ROLE_OK,
	ROLE_WARN,
	ROLE_BAD,
	ROLE_ACCENT, /* headings inside panes, the current step */
	ROLE_BORDER,
	ROLE_INPUT, /* a field that can be typed into */
	ROLE_MESSAGE,
	ROLE_ERROR,
	ROLE_KEY,    /* a key in the hint line */
	ROLE_HINT,   /* what it does */
	ROLE_DANGER, /* what cuts off or cannot be undone */
	ROLE_COUNT,
};

/* Loads NAME.theme from the data folder (or a path with a slash) and applies it to the running
 * terminal; NO_COLOR keeps attributes only. Errors name file, line and remedy. NULL: "default". */
bool theme_load(const char *name, struct err *err) MUST_CHECK;

/* The names of the themes that are there, each behind a blank; "": none. */
void theme_names(char *out, size_t room);

/* Reads and checks a theme, named as for theme_load, without a terminal. */
bool theme_check(const char *name, struct err *err) MUST_CHECK;

/* The attributes of a role: what ncurses draws with from here on, or as an attr_t and a pair. */
void theme_use(enum role role);
struct theme_look {
	unsigned attrs;
	short pair;
};
struct theme_look theme_look(enum role role);

/* Whether the row under the cursor is marked by one cell instead of a bar (very slow lines). */
bool theme_marker(void);

#endif
