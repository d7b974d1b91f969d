/* Each cell is written at most once a row and folded to lower case, so that the libc's fast strstr
 * can look for the word: a hundred thousand rows are searched between two key presses. */
#include "tui/filter.h"

#include <stdio.h>
#include <string.h>

#include "backend/base/text.h"

enum { CELL_BYTES = 256 };

static const size_t any_column = SIZE_MAX;

/* The cells of one row as far as the words asked for them. */
struct cells {
	const struct table_source *source;
	size_t row;
	uint32_t have; /* one bit a column */
	char text[FILTER_COLUMNS][CELL_BYTES];
};

static void
fold(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s += 'a' - 'A';
}

static size_t
column_named(
	const struct table_column *columns, size_t columns_len, const char *name, size_t name_len)
{
	char copy[64];

	snprintf(copy, sizeof copy, "%.*s", (int)name_len, name);
	for (size_t i = 0; i < columns_len; i++)
		if (text_casecmp(columns[i].name, copy) == 0)
			return i;
	return any_column;
}

static bool
no_such_column(const struct table_column *columns, size_t columns_len, const char *name,
	size_t name_len, struct err *err)
{
	char names[240] = "";
	size_t used = 0;

	for (size_t i = 0; i < columns_len && used < sizeof names; i++)
		used += (size_t)snprintf(names + used, sizeof names - used, " %s", columns[i].name);
	return err_set(err, ERR_USAGE, "", "no column \"%.*s\" to filter by; there are:%s",
		name_len > 40 ? 40 : (int)name_len, name, names);
}

bool
filter_parse(struct filter *filter, const char *text, const struct table_column *columns,
	size_t columns_len, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
	char *s = filter->text;

	filter->len = 0;
	if (!text_copy(filter->text, sizeof filter->text, text))
		return err_set(err, ERR_USAGE, "",
			"the filter is longer than %zu bytes; shorten it", sizeof filter->text - 1);
	fold(filter->text);
	for (s += strspn(s, " "); *s; s += strspn(s, " ")) {
		struct filter_word *word = &filter->words[filter->len++];
		size_t len;

		*word = (struct filter_word){
			.absent = s[0] == '!' && s[1] && s[1] != ' ', .column = any_column};
		word->text = s += word->absent;
		s += strcspn(s, " ");
		if (*s)
			*s++ = '\0';
		/* Letters before a colon name a column; times and addresses are text. */
		len = strspn(word->text, letters);
		if (len == 0 || word->text[len] != ':' || strncmp(word->text + len, "://", 3) == 0)
			continue;
		word->column = column_named(columns, columns_len, word->text, len);
		if (word->column == any_column)
			return no_such_column(columns, columns_len, word->text, len, err);
		word->text += len + 1;
	}
	return true;
}

static bool
cell_has(struct cells *cells, size_t column, const char *text)
{
	char *cell = cells->text[column];

	if (!(cells->have >> column & 1)) {
		cell[0] = '\0';
		cells->source->cell(cells->source->owner, cells->row, column, cell, CELL_BYTES);
		fold(cell);
		cells->have |= UINT32_C(1) << column;
	}
	return strstr(cell, text) != NULL;
}

bool
filter_passes(const struct filter *filter, const struct table_source *source, size_t columns_len,
	size_t row)
{
	struct cells cells __attribute__((uninitialized));

	cells.source = source;
	cells.row = row;
	cells.have = 0;
	for (size_t i = 0; i < filter->len; i++) {
		const struct filter_word *word = &filter->words[i];
		bool found = false;

		if (word->column != any_column)
			found = cell_has(&cells, word->column, word->text);
		else
			for (size_t c = 0; c < columns_len && !found; c++)
				found = cell_has(&cells, c, word->text);
		if (found == word->absent)
			return false;
	}
	return true;
}
