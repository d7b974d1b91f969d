/* A page of text longer than the screen. */
#ifndef CLAVIGER_TUI_PAGER_H
#define CLAVIGER_TUI_PAGER_H

#include "tui/draw.h"
#include "tui/key.h"

/* Lines end in \n; a line that begins with "# " is a heading, with two blanks is kept as it is
 * (cut only where the room ends), others are wrapped at blanks. */
struct pager {
	const char *text; /* borrowed, and stays as it is */
	int top;
	bool longer; /* than the area it was drawn in last */
	/* Of the last drawing; a long text is not gone through anew for each. */
	char *veiled; /* NULL: the text itself */
	unsigned veils;
	int rows, width; /* width 0: they were not counted */
};

void pager_free(struct pager *pager);
bool pager_key(struct pager *pager, key_code key, int page);
void pager_draw(struct pager *pager, struct area area);

#endif
