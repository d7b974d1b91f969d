/* Cells of clean text on their way to stdout, tab-separated or as a table. */
#ifndef CLAVIGER_VIEWS_SHEET_H
#define CLAVIGER_VIEWS_SHEET_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Rows of clean text. Zeroed but for headers and columns; owns its cells. */
struct sheet {
	const char *const *headers; /* borrowed */
	size_t columns;
	unsigned wrapped; /* bits of columns that take several lines where a terminal is narrow */
	char **cells;     /* row after row */
	size_t cells_len, cells_room;
};

/* Adds one cell; rows are filled from the left. */
void sheet_add(struct sheet *sheet, const char *text);
/* Takes the cells away; it can be filled anew. */
void sheet_clear(struct sheet *sheet);
void sheet_free(struct sheet *sheet);

/* Fills an empty sheet from a value: an array row by row, an object upright (name, value) or as one
 * row. Returns its headers, which the caller frees; they borrow from the value. */
const char **sheet_from(struct sheet *sheet, const json_t *value, bool upright);

/* Writes to stdout; false when it does not take it. */
bool sheet_write_tsv(const struct sheet *sheet);
bool sheet_write_table(const struct sheet *sheet);

/* One part after another of a table that is too long to be kept. widest has one cell a column, as
 * wide as the widest of all parts; the first part writes the headers. Every part has a row. */
bool sheet_write_part(const struct sheet *sheet, const struct sheet *widest, bool first);

#endif
