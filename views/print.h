/* What goes to stdout: data, in the form that was asked for. */
#ifndef CLAVIGER_VIEWS_PRINT_H
#define CLAVIGER_VIEWS_PRINT_H

#include <jansson.h>
#include <stddef.h>

#include "backend/base/err.h"

struct query;

enum print_format { PRINT_TABLE, PRINT_JSON, PRINT_JSONC, PRINT_TSV, PRINT_NONE };

struct print {
	enum print_format format;
	struct query *query; /* NULL: everything */
};

/* The format of a word such as "json"; NULL: table on a terminal, json otherwise. */
bool print_format(const char *word, enum print_format *out, struct err *err) MUST_CHECK;

/* Rows of clean text for tables. Zeroed but for columns; owns its cells. */
struct sheet {
	const char *const *headers; /* borrowed */
	size_t columns;
	char **cells; /* row after row */
	size_t cells_len, cells_room;
};

/* Adds one cell; rows are filled from the left. */
void sheet_add(struct sheet *sheet, const char *text);
void sheet_free(struct sheet *sheet);

/* Prints a value: with a query its result. For table and tsv the sheet when there is no query;
 * without one the table is made from the value. False when stdout does not take it. */
bool print_value(const struct print *print, const json_t *value, const struct sheet *sheet,
	struct err *err) MUST_CHECK;

/* A bare array, one object at a time, so that ten thousand of them need the memory of one. Only
 * for format json without a query. */
struct print_list {
	size_t count; /* starts at 0 */
};
bool print_list_add(struct print_list *list, const json_t *value, struct err *err) MUST_CHECK;
bool print_list_end(struct print_list *list, struct err *err) MUST_CHECK;

/* Text as it is: help, environment blocks. All of these flush; an error with code EPIPE says that
 * the reader went away. */
bool print_text(const char *text, struct err *err) MUST_CHECK;

#endif
