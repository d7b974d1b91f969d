/* Values of a row on their way into a statement and back. Internal to the cache. */
#ifndef CLAVIGER_ESTATE_CACHE_CELLS_H
#define CLAVIGER_ESTATE_CACHE_CELLS_H

#include <sqlite3.h>

#include "backend/estate/pool.h"
#include "backend/estate/row_names.h"

enum { CACHE_TEXT = 60000 };

/* One row, column by column. */
struct cells {
	sqlite3_stmt *stmt;
	int column;
	bool bad;    /* something is not what was written: the whole cache is worth nothing */
	char *clean; /* CACHE_TEXT + 1 bytes to work in, for rows that come back */
	char name[ROW_NAME]; /* of a row that is written */
};

/* Texts and bytes must stay until the statement has run. */
void cells_put_number(struct cells *cells, int64_t number);
void cells_put_text(struct cells *cells, const char *text);
void cells_put_bytes(struct cells *cells, const uint8_t bytes[16]);

/* From 0 to most. */
int64_t cells_take_number(struct cells *cells, int64_t most);
/* The bytes of a text as they stand there, borrowed; "" when they are none. */
const char *cells_take_raw(struct cells *cells, size_t *len);
/* A text made safe, which stays until the next one is taken. */
const char *cells_take_clean(struct cells *cells);
/* A text that other rows may have as well, one of this row alone, one of several lines. */
uint32_t cells_take_text(struct cells *cells, struct pool *pool);
uint32_t cells_take_name(struct cells *cells, struct pool *pool);
uint32_t cells_take_lines(struct cells *cells, struct pool *pool);
/* A JSON object of texts. */
uint32_t cells_take_tags(struct cells *cells, struct pool *pool);
void cells_take_bytes(struct cells *cells, uint8_t out[16]);

#endif
