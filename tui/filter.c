/* A hundred thousand rows are searched between two key presses: a cell is looked at as it is
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
#include "tui/words.h"

enum { CELL_BYTES = 256, MEMO_BITS = 12, ALIKE = 1 << 14 };

static const size_t any_column = SIZE_MAX;

/* The last value seen of those with the same place, and which words its text has. */
struct known {
	uint32_t value;
	uint64_t words;
};

/* The last row seen of those with the same place, by its number: the words that were looked for in
 * its cells, without those of its own, and those that they have. */
struct known_row {
	uint32_t number;
	uint64_t asked, words;
};

/* How far on a word may next begin, by the letter of a text under its last one (Horspool). */
struct filter_memo {
	struct known *known[FILTER_COLUMNS]; /* 1 << MEMO_BITS of them; NULL: none */
	struct known_row *rows;              /* ALIKE of them; NULL: none */
	uint64_t apart;                      /* words that cannot begin or end in another one */
	unsigned char skip[FILTER_WORDS][UCHAR_MAX + 1];
};

/* The cells of one row as far as the words asked for them. */
struct cells {
	const struct table *table;
	size_t row;
	uint32_t have; /* one bit a column */
	bool shown;    /* as in the filter */
	char text[FILTER_COLUMNS][CELL_BYTES];
	char stored[TABLE_TEXT];
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

/* By its name, or by the title that the reader sees in a language of his own. */
static size_t
column_named(
	const struct table_column *columns, size_t columns_len, const char *name, size_t name_len)
{
	char copy[64];

	snprintf(copy, sizeof copy, "%.*s", (int)name_len, name);
	for (size_t i = 0; i < columns_len; i++)
		if (text_casecmp(columns[i].name, copy) == 0 ||
			strcmp(_(columns[i].title), copy) == 0)
			return i;
	return any_column;
}

static bool
no_such_column(const struct table_column *columns, size_t columns_len, const char *name,
	size_t name_len, struct err *err)
{
	char names[320] = "";
	size_t used = 0;

	for (size_t i = 0; i < columns_len && used < sizeof names; i++) {
		const char *title = _(columns[i].title);
		bool own = title != columns[i].title;

		used += (size_t)snprintf(names + used, sizeof names - used, " %s%s%s%s",
			columns[i].name, own ? " (" : "", own ? title : "", own ? ")" : "");
	}
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
		size_t len, column;

		*word = (struct filter_word){
			.absent = s[0] == '!' && s[1] && s[1] != ' ', .column = any_column};
		word->text = s += word->absent;
		for (; *s && *s != ' '; s++)
			filter->shown = filter->shown || (*s & 0x80);
		if (*s)
			*s++ = '\0';
		/* Letters before a colon name a column; times and addresses are text. */
		len = strcspn(word->text, ":");
		if (len == 0 || word->text[len] != ':' || strncmp(word->text + len, "://", 3) == 0)
			continue;
		column = column_named(columns, columns_len, word->text, len);
		if (column == any_column && strspn(word->text, letters) != len)
			continue;
		if (column == any_column)
			return no_such_column(columns, columns_len, word->text, len, err);
		word->column = column;
		word->text += len + 1;
	}
	return true;
}

bool
filter_narrows(const struct filter *before, const struct filter *after)
{
	if (before->len > after->len || before->shown != after->shown)
		return false;
	for (size_t i = 0; i < before->len; i++) {
		const struct filter_word *was = &before->words[i], *is = &after->words[i];

		if (was->column != is->column || was->absent != is->absent ||
			(was->absent ? strcmp(was->text, is->text) != 0
				     : strstr(is->text, was->text) == NULL))
			return false;
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

/* Whether where one word ends and another begins cannot be in the midst of it. */
static bool
is_apart(const char *word)
{
	return word[strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789-_")] == '\0';
}

void
filter_open(struct filter *filter, const struct table *table)
{
	if (!filter_parse(filter, table->filter, table->columns, table->columns_len, NULL))
		filter->len = 0;
	if (filter->len == 0)
		return;
	filter->memo = mem_alloc(sizeof *filter->memo);
	for (size_t i = 0; i < filter->len; i++) {
		learn_skips(filter->memo->skip[i], filter->words[i].text);
		if (is_apart(filter->words[i].text))
			filter->memo->apart |= UINT64_C(1) << i;
	}
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
	for (size_t i = 0; filter->memo && i < FILTER_COLUMNS; i++)
		free(filter->memo->known[i]);
	if (filter->memo)
		free(filter->memo->rows);
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

/* The text of a cell that is stored and shown as it is, else NULL. */
static const char *
stored_text(struct cells *cells, size_t column)
{
	const struct table *table = cells->table;

	return table->text && !(cells->shown && table->columns[column].words)
		       ? table->text(table->source.owner, cells->row, column, cells->stored)
		       : NULL;
}

/* Where a value is kept: multiplied, as they may stand at equal distances. */
static struct known *
known_of(struct filter_memo *memo, size_t column, uint32_t value)
{
	if (memo->known[column] == NULL)
		memo->known[column] = mem_alloc(sizeof *memo->known[column] << MEMO_BITS);
	return &memo->known[column][value * UINT32_C(2654435769) >> (32 - MEMO_BITS)];
}

static void
learn(const struct filter *filter, const char *text, struct known *out)
{
	for (size_t i = 0; i < filter->len; i++)
		if (strstr(text, filter->words[i].text))
			out->words |= UINT64_C(1) << i;
}

static bool
cell_has(const struct filter *filter, struct cells *cells, size_t column, size_t word)
{
	const struct table *table = cells->table;
	const char *stored = stored_text(cells, column), *text = filter->words[word].text;
	uint32_t value = 0;
	struct known *known;

	if (stored)
		return has(stored, text, filter->memo->skip[word]);
	if (table->value)
		value = table->value(table->source.owner, cells->row, column);
	if (value == 0)
		return strstr(text_of(cells, column), text) != NULL;
	known = known_of(filter->memo, column, value);
	if (known->value != value) {
		*known = (struct known){.value = value};
		learn(filter, text_of(cells, column), known);
	}
	return known->words >> word & 1;
}

/* Columns that cannot have the word are not asked at all. */
static bool
one_has(const struct filter *filter, struct cells *cells, bool own, size_t word)
{
	for (size_t c = 0; c < cells->table->columns_len; c++)
		if (cells->table->columns[c].own == own && (filter->may[c] >> word & 1) &&
			cell_has(filter, cells, c, word))
			return true;
	return false;
}

/* Of a row whose own columns do not have the word: then no row like it has it by what is its own,
 * and what is found out of one holds for all. */
static bool
rest_has(const struct filter *filter, struct cells *cells, size_t word)
{
	const struct table *table = cells->table;
	struct filter_memo *memo = filter->memo;
	uint64_t bit = UINT64_C(1) << word;
	uint32_t number = 0;
	struct known_row *known;

	if (table->alike && (memo->apart & bit))
		number = table->alike(table->source.owner, cells->row);
	if (number == 0)
		return one_has(filter, cells, false, word);
	if (memo->rows == NULL)
		memo->rows = mem_alloc(ALIKE * sizeof *memo->rows);
	known = &memo->rows[number % ALIKE];
	if (known->number != number)
		*known = (struct known_row){.number = number};
	if (!(known->asked & bit) && one_has(filter, cells, false, word))
		known->words |= bit;
	known->asked |= bit;
	return known->words & bit;
}

static bool
row_has(const struct filter *filter, struct cells *cells, size_t word)
{
	size_t column = filter->words[word].column;

	if (column != any_column)
		return (filter->may[column] >> word & 1) && cell_has(filter, cells, column, word);
	return one_has(filter, cells, true, word) || rest_has(filter, cells, word);
}

bool
filter_passes(const struct filter *filter, const struct table *table, size_t row)
{
	struct cells cells __attribute__((uninitialized));

	cells.table = table;
	cells.row = row;
	cells.have = 0;
	cells.shown = filter->shown;
	for (size_t i = 0; i < filter->len; i++)
		if (row_has(filter, &cells, i) == filter->words[i].absent)
			return false;
	return true;
}
