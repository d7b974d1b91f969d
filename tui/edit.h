/* Typing into a line of text: for prompts and the fields of forms. */
#ifndef CLAVIGER_TUI_EDIT_H
#define CLAVIGER_TUI_EDIT_H

#include <stddef.h>

#include "tui/draw.h"
#include "tui/key.h"

/* Letters, a paste, Left Right Home End, Backspace Del, ^U (all before the caret), ^W (a word).
 * text is a buffer of size bytes, caret the byte it stands at. True when the key was eaten, also
 * where nothing fits. */
bool edit_key(char *text, size_t size, size_t *caret, key_code key);

/* Draws it in exactly width columns, scrolled so that the caret shows. active: the hardware cursor
 * rests at the caret. */
void edit_draw(struct area area, int y, int x, int width, enum role role, const char *text,
	size_t caret, bool active);

#endif
