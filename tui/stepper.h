/* The list of steps at the left of a wizard. */
#ifndef CLAVIGER_TUI_STEPPER_H
#define CLAVIGER_TUI_STEPPER_H

#include <stddef.h>

#include "tui/draw.h"

struct stepper_item {
	const char *title, *note; /* note: a few words */
	enum glyph mark; /* GLYPH_DONE, GLYPH_CURRENT, GLYPH_FAILED, GLYPH_SKIPPED, GLYPH_PENDING */
	enum role role;
	bool spare; /* the mark says what the note says: the title comes first */
	int wide;   /* columns that its note may come to need, lest all notes move then */
};

/* Rows that all of them take in so many columns. */
int stepper_rows(int width, const struct stepper_item *items, size_t len);

void stepper_draw(struct area area, const struct stepper_item *items, size_t len, size_t current);

#endif
