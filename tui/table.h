/* A list of many rows: sorted, filtered, scrolled; only what is seen is asked for. */
#ifndef CLAVIGER_TUI_TABLE_H
#define CLAVIGER_TUI_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "tui/draw.h"
#include "tui/key.h"

enum { TABLE_TEXT = 128 };

struct table_column {
	const char *name;  /* for filters: name:value */
	const char *title; /* as drawn */
	int width;         /* wanted columns; the last column takes what is left */
	int most;          /* it grows to so many while there is room; 0: it does not */
	int rank;          /* 0 always shown; higher ranks go first when room is short */
	bool right;
	bool words; /* its cells are words of the program, not names: drawn in the language */
	bool own;   /* alike says nothing of its cells */
	/* Every text that a cell of the column can have, NULL-ended, # for any number; NULL: any.
	 */
	const char *const *texts;
};

/* What a table asks of its owner. cell writes clean text (at most size bytes) and returns the role
 * of the cell, ROLE_TEXT for ordinary. compare (may be NULL) orders two rows by a column. */
struct table_source {
	size_t (*count)(void *owner);
	enum role (*cell)(void *owner, size_t row, size_t column, char *out, size_t size);
	int (*compare)(void *owner, size_t a, size_t b, size_t column);
	void *owner;
};

struct table {
	const struct table_column *columns;
	size_t columns_len;
	struct table_source source;
	/* A number for the text of a cell of the source's: in a column the same number is the same
	 * text, of the same place in its order; 0: it has none. NULL, as table_init leaves it: no
	 * cell has. */
	uint32_t (*value)(void *owner, size_t row, size_t column);
	/* The text of a cell as it is stored, borrowed or in out, which takes less than to write
	 * the cell; NULL: the source has to write it. NULL, as table_init leaves it: no cell's is.
	 */
	const char *(*text)(void *owner, size_t row, size_t column, char out[TABLE_TEXT]);
	/* A number for a whole row of the source's: rows with the same one have the same cells but
	 * for the columns of their own, whose text may stand in the other cells too, as a word with
	 * neither letter, digit, hyphen nor underscore beside it; 0: it has none. NULL, as
	 * table_init leaves it: no row has. */
	uint32_t (*alike)(void *owner, size_t row);
	uint32_t *all;          /* every row, sorted */
	uint32_t *order;        /* those that pass the filter; all itself without one */
	size_t order_len, rows; /* rows: how many the owner had at the last update */
	uint64_t *marks;        /* one bit a row */
	size_t marks_len;       /* rows it covers */
	size_t cursor, top;     /* positions in order */
	size_t left;            /* wide: columns scrolled off behind the first */
	size_t sort;            /* column */
	bool descending, wide;
	struct area body; /* where the rows were drawn last */
	bool jumps;       /* beside something else: see table_draw */
	bool idle;        /* keys go elsewhere: no bar, it would look chosen */
	bool unknown;     /* that there is no row says nothing: it is told as a warning */
	uint64_t seen;    /* bit i: column i is on the screen; 0: not drawn yet, so every one */
	char filter[128]; /* `text`, `!text`, `column:value`, several words: all must hold */
};

void table_init(struct table *table, const struct table_column *columns, size_t columns_len,
	struct table_source source);
void table_free(struct table *table);

/* Orders and filters again after rows came or changed; the cursor stays on its row. */
void table_update(struct table *table);

/* False when a word of the filter names a column that is not there (the error says which are). */
bool table_filter(struct table *table, const char *filter, struct err *err) MUST_CHECK;

/* The same by a name that is typed: nothing in it means more than its letters. */
bool table_search(struct table *table, const char *name, struct err *err) MUST_CHECK;

/* Movement (arrows, j k, PgUp PgDn, Home End, g G), < > sort column, I invert, w wide (then
 * Left and Right scroll the columns that have a rank), Space marks and goes on, a click puts the
 * cursor there. True when the key was eaten. page is the number of visible rows. */
bool table_key(struct table *table, key_code key, int page);

/* Wide, and some columns are not on the screen: those that Left and Right scroll. */
bool table_hides(const struct table *table);

/* Header and rows. When there is no row, says so with the text `empty`. Where the cursor leaves the
 * page it scrolls by one row; if it jumps, by most of a page: a terminal scrolls whole lines only,
 * and with something beside the rows each step would paint all of them anew. The area was cleared
 * before. */
void table_draw(struct table *table, struct area area, const char *empty);

/* The same over a text about the row under the cursor, which stands whole below the rows. Returns
 * how many rows there is room for. */
int table_draw_over(struct table *table, struct area area, const char *empty, const char *text);

/* The row under the cursor; false when there is none. */
bool table_current(const struct table *table, size_t *row);
void table_select(struct table *table, size_t row);
bool table_marked(const struct table *table, size_t row);
void table_mark(struct table *table, size_t row, bool on);
size_t table_marks(const struct table *table);
/* Whether every row that passes the filter is. */
bool table_all_marked(const struct table *table);

#endif
