/* What a file of a theme says, before a terminal makes colours of it. */
#ifndef CLAVIGER_TUI_THEME_FILE_H
#define CLAVIGER_TUI_THEME_FILE_H

#include <ncurses.h>

#include "tui/theme.h"

enum { THEME_DEFAULT = -1 }; /* the terminal's own colour */

struct style {
	bool given;
	attr_t attrs;
	int fg, bg; /* THEME_DEFAULT or 0 to 255 */
};

struct theme {
	bool marker;
	struct style styles[ROLE_COUNT];
};

/* The error names file, line and remedy. */
bool theme_read(const char *path, struct theme *theme, struct err *err) MUST_CHECK;

#endif
