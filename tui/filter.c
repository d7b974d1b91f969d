/* A hundred thousand rows are searched between two key presses: a cell is looked at where it is
 * stored, or written at most once a row and folded to lower case, so that the libc's fast strstr
 * can look for the word; rows that share a text share what was found in it; a column that cannot
 * have the word is passed over. */
#include "tui/filter.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "tui/said.h"

enum { CELL_BYTES = 256, MEMO = 256 };

static const size_t any_column = SIZE_MAX;

/* The last value seen of those with the same low bits, and which words its text has. */
struct known {
	uint32_t value;
	uint64_t words;
};

/* How far on a word may next begin, by the letter of a text under its last one (Horspool). */
struct filter_memo {
	struct known known[FILTER_COLUMNS][MEMO];
	unsigned char skip[FILTER_WORDS][UCHAR_MAX + 1];
};

/* The cells of one row as far as the words asked for them. */
struct cells {
	const struct table *table;
	size_t row;
	uint32_t have; /* one bit a column */
	bool shown;    /* as in the filter */
	char text[FILTER_COLUMNS][CELL_BYTES];
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static char
upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static void
fold(char *s)
{
	for (; *s; s++)
		*s = lower(*s);
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
	char *s;

	filter->len = 0;
	filter->memo = NULL;
	filter->shown = false;
	if (!text_copy(filter->text, sizeof filter->text, text))
		return err_set(err, ERR_USAGE, "",
			"the filter is longer than %zu bytes; shorten it", sizeof filter->text - 1);
	fold(filter->text);
	for (s = filter->text + strspn(filter->text, " "); *s; s += strspn(s, " ")) {
		struct filter_word *word = &filter->words[filter->len++];
		size_t len;

		*word = (struct filter_word){
			.absent = s[0] == '!' && s[1] && s[1] != ' ', .column = any_column};
		word->text = s += word->absent;
		for (; *s && *s != ' '; s++)
			filter->shown = filter->shown || (*s & 0x80);
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

/* Whether a text with # for any number could have the word, whose numbers are # too. */
static bool
may_have(const char *const *texts, const char *word)
{
	char pattern[sizeof((struct filter *)0)->text];
	size_t len = 0;

	for (size_t i = 0; word[i]; i++) {
		bool digit = word[i] >= '0' && word[i] <= '9';

		if (!digit || len == 0 || pattern[len - 1] != '#')
			pattern[len++] = digit ? '#' : word[i];
	}
	pattern[len] = '\0';
	for (; *texts; texts++)
		if (text_case_has(*texts, pattern))
			return true;
	return false;
}

static void
learn_skips(unsigned char skip[UCHAR_MAX + 1], const char *word)
{
	size_t len = strlen(word);

	memset(skip, (int)len, UCHAR_MAX + 1);
	for (size_t i = 0; i + 1 < len; i++) {
		skip[(unsigned char)word[i]] = (unsigned char)(len - 1 - i);
		skip[(unsigned char)upper(word[i])] = (unsigned char)(len - 1 - i);
	}
}

void
filter_open(struct filter *filter, const struct table *table)
{
	if (!filter_parse(filter, table->filter, table->columns, table->columns_len, NULL))
		filter->len = 0;
	if (filter->len == 0)
		return;
	filter->memo = mem_alloc(sizeof *filter->memo);
	for (size_t i = 0; i < filter->len; i++)
		learn_skips(filter->memo->skip[i], filter->words[i].text);
	for (size_t c = 0; c < table->columns_len; c++) {
		const char *const *texts = table->columns[c].texts;

		filter->may[c] = 0;
		for (size_t i = 0; i < filter->len; i++)
			if (texts == NULL || filter->shown ||
				may_have(texts, filter->words[i].text))
				filter->may[c] |= UINT64_C(1) << i;
	}
}

void
filter_close(struct filter *filter)
{
	free(filter->memo);
	filter->memo = NULL;
}

/* A text of the backend, and behind it what the reader of another language sees of it. */
static void
add_shown(char cell[CELL_BYTES])
{
	char room[SAID];
	const char *shown = said(cell, room);
	size_t len = strlen(cell);

	if (shown != cell)
		snprintf(cell + len, CELL_BYTES - len, "\n%s", shown);
}

static const char *
text_of(struct cells *cells, size_t column)
{
	const struct table_source *source = &cells->table->source;
	char *cell = cells->text[column];

	if (!(cells->have >> column & 1)) {
		cell[0] = '\0';
		source->cell(source->owner, cells->row, column, cell, CELL_BYTES);
		if (cells->shown && cells->table->columns[column].words)
			add_shown(cell);
		fold(cell);
		cells->have |= UINT32_C(1) << column;
	}
	return cell;
}

/* Whether a text of any case has a folded word. */
static bool
has(const char *text, const char *word, const unsigned char skip[UCHAR_MAX + 1])
{
	size_t len = strlen(word), end = strlen(text);

	if (len == 0)
		return true;
	for (size_t at = 0; at + len <= end; at += skip[(unsigned char)text[at + len - 1]]) {
		size_t i = len;

		while (i > 0 && lower(text[at + i - 1]) == word[i - 1])
			i--;
		if (i == 0)
			return true;
	}
	return false;
}

/* Of a cell whose text is of this row alone. */
static bool
own_text_has(const struct filter *filter, struct cells *cells, size_t column, size_t i)
{
	const char *word = filter->words[i].text;
	const struct table *table = cells->table;
	const char *stored = table->text && !(cells->shown && table->columns[column].words)
				     ? table->text(table->source.owner, cells->row, column)
				     : NULL;

	return stored ? has(stored, word, filter->memo->skip[i])
		      : strstr(text_of(cells, column), word) != NULL;
}

static bool
cell_has(const struct filter *filter, struct cells *cells, size_t column, size_t word)
{
	const struct table *table = cells->table;
	uint32_t value = 0;
	struct known *known;

	if (!(filter->may[column] >> word & 1))
		return false;
	if (table->value)
		value = table->value(table->source.owner, cells->row, column);
	if (value == 0)
		return own_text_has(filter, cells, column, word);
	known = &filter->memo->known[column][value % MEMO];
	if (known->value != value) {
		const char *text = text_of(cells, column);

		*known = (struct known){.value = value};
		for (size_t i = 0; i < filter->len; i++)
			if (strstr(text, filter->words[i].text))
				known->words |= UINT64_C(1) << i;
	}
	return known->words >> word & 1;
}

bool
filter_passes(const struct filter *filter, const struct table *table, size_t row)
{
	struct cells cells __attribute__((uninitialized));

	cells.table = table;
	cells.row = row;
	cells.have = 0;
	cells.shown = filter->shown;
	for (size_t i = 0; i < filter->len; i++) {
		const struct filter_word *word = &filter->words[i];
		bool found = false;

		if (word->column != any_column)
			found = cell_has(filter, &cells, word->column, i);
		else
			for (size_t c = 0; c < table->columns_len && !found; c++)
				found = cell_has(filter, &cells, c, i);
		if (found == word->absent)
			return false;
	}
	return true;
}
