/* The words of a table's filter: `text`, `!text`, `column:value`, `!column:value`; all must hold.
 */
#ifndef CLAVIGER_TUI_FILTER_H
#define CLAVIGER_TUI_FILTER_H

#include "tui/table.h"

enum { FILTER_WORDS = 64, FILTER_COLUMNS = 32 };

struct filter_word {
	bool absent;
	size_t column; /* SIZE_MAX: in whichever */
	const char *text;
};

struct filter_memo;

/* Not to be copied: the words point into its text. */
struct filter {
	char text[sizeof((struct table *)0)->filter];
	struct filter_word words[FILTER_WORDS];
	size_t len;
	bool shown; /* a word is not English: what cells show in the language counts as well */
	uint64_t may[FILTER_COLUMNS]; /* bit i: a cell of the column may have word i */
	struct filter_memo *memo;     /* what was found out about values; owned */
};

/* ERR_USAGE when a word names a column that is not there or the whole is too long. */
bool filter_parse(struct filter *filter, const char *text, const struct table_column *columns,
	size_t columns_len, struct err *err) MUST_CHECK;

/* Whether whatever passes the one passed the other before, as when a word was typed on. */
bool filter_narrows(const struct filter *before, const struct filter *after);

/* The filter of a table, to go through many rows; none where its text is not one. */
void filter_open(struct filter *filter, const struct table *table);
void filter_close(struct filter *filter);

bool filter_passes(const struct filter *filter, const struct table *table, size_t row);

#endif
