/* The order of a table's rows. */
#ifndef CLAVIGER_TUI_ORDER_H
#define CLAVIGER_TUI_ORDER_H

#include "tui/table.h"

/* Sorts table->all: by the sort column; rows that are equal there go by the columns from the first
 * on, whichever way it is sorted, since the order in which they came differs from time to time. */
void order_rows(struct table *table);

#endif
