/* What the tests of tables and of their filters share. */
#ifndef CLAVIGER_UNIT_TABLES_H
#define CLAVIGER_UNIT_TABLES_H

#include "tui/table.h"

enum { ROWS = 100000 }; /* names are in another order than rows, up to so many */
enum { NAME, GROUP, STATE, NOTE, TABLES_COLUMNS };

struct owner {
	size_t rows, cells; /* cells: how often one was asked for */
};

extern const struct table_column tables_columns[TABLES_COLUMNS];
extern struct owner owner;
extern struct table table;

/* Fills the table; freed by the caller. */
void tables_start(size_t rows);

/* How many rows pass. */
size_t tables_passing(const char *filter);

/* Of the table's source. */
size_t tables_count(void *user);
enum role tables_cell(void *user, size_t row, size_t column, char *out, size_t size);
int tables_compare(void *user, size_t a, size_t b, size_t column);
uint32_t tables_value(void *user, size_t row, size_t column);

#endif
