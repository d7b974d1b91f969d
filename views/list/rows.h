/* A table of the rows of a kind. */
#ifndef CLAVIGER_VIEWS_ROWS_H
#define CLAVIGER_VIEWS_ROWS_H

#include "backend/estate/kind.h"
#include "tui/table.h"

struct rows {
	const struct estate *estate;
	const struct kind *kind;
	/* Writes a cell in the place of the kind; NULL: the kind does. */
	enum role (*cell)(void *user, size_t row, size_t column, char *out, size_t size);
	void *user;
};

/* Of a kind, for columns in the order of list_columns; rows is borrowed and stays where it is. */
void rows_table(struct table *table, const struct table_column *columns, size_t columns_len,
	struct rows *rows);

#endif
