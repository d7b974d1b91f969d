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

/* Not to be copied: the words point into its text. */
struct filter {
	char text[sizeof((struct table *)0)->filter];
	struct filter_word words[FILTER_WORDS];
	size_t len;
};

/* ERR_USAGE when a word names a column that is not there or the whole is too long. */
bool filter_parse(struct filter *filter, const char *text, const struct table_column *columns,
	size_t columns_len, struct err *err) MUST_CHECK;

bool filter_passes(const struct filter *filter, const struct table_source *source,
	size_t columns_len, size_t row);

#endif
