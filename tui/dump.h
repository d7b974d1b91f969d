/* The screen as text, as a person would read it aloud. */
#ifndef CLAVIGER_TUI_DUMP_H
#define CLAVIGER_TUI_DUMP_H

#include "backend/base/buf.h"

/* One line a row, blanks at the end cut; attributes left out. With marks set, the selected row
 * (where the cursor stands) is preceded by "> " and every other row by two blanks. */
bool dump_screen(struct buf *out, bool marks) MUST_CHECK;

#endif
