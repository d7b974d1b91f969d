/* What goes to stdout: data, in the form that was asked for. */
#ifndef CLAVIGER_VIEWS_PRINT_H
#define CLAVIGER_VIEWS_PRINT_H

#include "backend/base/err.h"
#include "views/cli/sheet.h"

struct query;

enum print_format { PRINT_TABLE, PRINT_JSON, PRINT_JSONC, PRINT_TSV, PRINT_NONE };

struct print {
	enum print_format format;
	struct query *query; /* NULL: everything */
};

/* The format of a word such as "json"; NULL: table on a terminal, json otherwise. */
bool print_format(const char *word, enum print_format *out, struct err *err) MUST_CHECK;

/* Prints a value: with a query its result. For table and tsv the sheet when there is no query;
 * without one the table is made from the value. False when stdout does not take it. */
bool print_value(const struct print *print, const json_t *value, const struct sheet *sheet,
	struct err *err) MUST_CHECK;

/* Rows that are made when they are printed and given back at once: 100,000 of them need the memory
 * of a few. Without a query tables show the cells, everything else the objects. */
struct print_rows {
	const char *const *headers; /* one a column */
	size_t columns, count;
	bool (*wanted)(void *user, size_t row);
	json_t *(*json)(void *user, size_t row); /* a new reference */
	void (*cell)(void *user, size_t row, size_t column, char *out, size_t room);
	void *user;
};
enum { PRINT_CELL = 512 };
bool print_rows(
	const struct print *print, const struct print_rows *rows, struct err *err) MUST_CHECK;

/* Text as it is: help, environment blocks. All of these flush; an error with code EPIPE says that
 * the reader went away. */
bool print_text(const char *text, struct err *err) MUST_CHECK;

#endif
