/* What stands where on a terminal's screen: by cells, as the eye counts, and not by bytes. */
#ifndef CLAVIGER_PTY_CELLS_H
#define CLAVIGER_PTY_CELLS_H

#include <stdint.h>

#include "tests/pty/terminal.h"

/* The character of a cell: 0 or a blank when it is empty, UINT32_MAX for the second half of a wide
 * one. marks gets how many combine with it. */
uint32_t cells_at(struct terminal *terminal, int row, int column, int *marks);

/* Fails the test unless the screen holds a list whose first column is NAME, of so many rows at
 * least, in all of which the blank before each title of a column is one, whatever the cells hold.
 */
void cells_expect_columns(struct terminal *terminal, int rows_least);

#endif
