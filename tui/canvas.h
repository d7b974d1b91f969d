/* Between drawing and ncurses: every frame is drawn whole, and nearly all of its lines are those of
 * the frame before. */
#ifndef CLAVIGER_TUI_CANVAS_H
#define CLAVIGER_TUI_CANVAS_H

#include "tui/theme.h"

/* len bytes of clean text that are known to fit into width columns, then blanks. The place is
 * absolute and on the screen. */
void canvas_text(int y, int x, int width, enum role role, const char *text, size_t len);

/* A line of the border, to the right or one cell of a line downwards. */
void canvas_across(int y, int x, int width);
void canvas_upright(int y, int x);

/* Gives ncurses the lines that changed since the last call. */
void canvas_show(void);

/* ncurses may have lost what it was given: the next canvas_show gives it every line. */
void canvas_forget(void);

void canvas_free(void);

#endif
