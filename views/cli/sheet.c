/* Tables are laid out by libsmartcols, which wants all of its lines at once. A long one is given to
 * it in parts, each with a line that is not printed and makes every part as wide as the widest. */
#include "views/cli/sheet.h"

#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"

enum { CELL_LEAST = 20 };

void
sheet_add(struct sheet *sheet, const char *text)
{
	if (sheet->cells_len == sheet->cells_room) {
		sheet->cells_room = sheet->cells_room ? sheet->cells_room * 2 : 64;
		sheet->cells = mem_resize(sheet->cells, sheet->cells_room * sizeof *sheet->cells);
	}
	sheet->cells[sheet->cells_len++] = mem_strdup(text);
}

void
sheet_clear(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->cells_len; i++)
		free(sheet->cells[i]);
	sheet->cells_len = 0;
}

void
sheet_free(struct sheet *sheet)
{
	sheet_clear(sheet);
	free(sheet->cells);
	sheet->cells = NULL;
	sheet->cells_room = 0;
}

/* A value as one cell. */
static void
add_value(struct sheet *sheet, const json_t *value)
{
	char *text = NULL;

	if (json_is_string(value))
		sheet_add(sheet, json_string_value(value));
	else if (value == NULL || json_is_null(value))
		sheet_add(sheet, "");
	else {
		text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));
		sheet_add(sheet, text ? text : "");
		mem_zeroing_free(text);
	}
}

/* One row for each element: the keys of the first object are the columns, or the places of the
 * first list, or one column. */
static const char **
sheet_of_array(struct sheet *sheet, const json_t *array)
{
	const json_t *first = json_array_get(array, 0);
	const char **headers =
		mem_alloc((json_object_size(first) + json_array_size(first) + 1) * sizeof *headers);
	const char *key;
	const json_t *unused, *row;
	size_t i;

	json_object_foreach((json_t *)first, key, unused)
	{
		headers[sheet->columns++] = key;
	}
	for (i = 0; i < json_array_size(first); i++)
		headers[sheet->columns++] = "";
	if (sheet->columns == 0)
		headers[sheet->columns++] = "";
	sheet->headers = headers;
	json_array_foreach(array, i, row)
	{
		for (size_t c = 0; c < sheet->columns; c++) {
			if (json_is_object(row))
				add_value(sheet, json_object_get(row, headers[c]));
			else if (json_is_array(row))
				add_value(sheet, json_array_get(row, c));
			else
				add_value(sheet, c == 0 ? row : NULL);
		}
	}
	return headers;
}

/* An object stands upright as a table (name, value) and in one line as tsv. */
static const char **
sheet_of_object(struct sheet *sheet, const json_t *object, bool upright)
{
	const char **headers = mem_alloc((json_object_size(object) + 2) * sizeof *headers);
	const char *key;
	const json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		if (upright)
			sheet_add(sheet, key);
		else
			headers[sheet->columns++] = key;
		add_value(sheet, value);
	}
	if (upright)
		sheet->columns = 2;
	for (size_t i = 0; upright && i < sheet->columns; i++)
		headers[i] = i ? "value" : "name";
	sheet->headers = headers;
	return headers;
}

static const char **
sheet_of_one(struct sheet *sheet, const json_t *value)
{
	const char **headers = mem_alloc(sizeof *headers);

	headers[sheet->columns++] = "";
	sheet->headers = headers;
	add_value(sheet, value);
	return headers;
}

const char **
sheet_from(struct sheet *sheet, const json_t *value, bool upright)
{
	if (json_is_array(value))
		return sheet_of_array(sheet, value);
	if (json_is_object(value))
		return sheet_of_object(sheet, value, upright);
	return sheet_of_one(sheet, value);
}

bool
sheet_write_tsv(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->cells_len; i++) {
		bool last = (i + 1) % sheet->columns == 0;

		if (fputs(sheet->cells[i], stdout) == EOF || putchar(last ? '\n' : '\t') == EOF)
			return false;
	}
	return true;
}

/* Breaks the cells of a column that takes several lines between words, where a terminal is too
 * narrow for them: libsmartcols would break them anywhere. */
static bool
break_cells(const struct sheet *sheet, size_t column, size_t room)
{
	size_t others = 0;

	for (size_t c = 0; c < sheet->columns; c++) {
		int width = text_width(sheet->headers[c]);

		for (size_t i = c; c != column && i < sheet->cells_len; i += sheet->columns)
			if (text_width(sheet->cells[i]) > width)
				width = text_width(sheet->cells[i]);
		others += c == column ? 0 : (size_t)width + 1;
	}
	if (others + CELL_LEAST > room)
		return false;
	room -= others;
	for (size_t i = column; i < sheet->cells_len; i += sheet->columns)
		for (char *at = sheet->cells[i]; text_width(at) > (int)room; at++) {
			at += text_break(at, (int)room);
			at += strcspn(at, " ");
			if (*at == '\0')
				break;
			*at = '\n';
		}
	return true;
}

static bool
end_at_newlines(struct libscols_column *column)
{
	return scols_column_set_safechars(column, "\n") == 0 &&
	       scols_column_set_wrapfunc(
		       column, scols_wrapnl_chunksize, scols_wrapnl_nextchunk, NULL) == 0;
}

static struct libscols_table *
new_table(const struct sheet *sheet, int flags)
{
	struct libscols_table *table = scols_new_table();
	bool ok = table != NULL, heads = false;

	for (size_t i = 0; ok && i < sheet->columns; i++) {
		bool wrapped = sheet->wrapped >> i & 1;

		ok = scols_table_new_column(table, sheet->headers[i], 0,
			     flags | (wrapped ? SCOLS_FL_WRAP : 0)) != NULL;
		if (ok && wrapped && isatty(STDOUT_FILENO) &&
			break_cells(sheet, i, scols_table_get_termwidth(table)))
			ok = end_at_newlines(scols_table_get_column(table, i));
		heads = heads || sheet->headers[i][0];
	}
	if (ok) {
		scols_table_enable_noheadings(table, !heads);
		return table;
	}
	scols_unref_table(table);
	return NULL;
}

/* The first of the lines that were added; NULL when there is none, or no memory. */
static struct libscols_line *
add_lines(struct libscols_table *table, const struct sheet *sheet, struct libscols_line **last)
{
	struct libscols_line *first = NULL;

	for (size_t i = 0; i < sheet->cells_len; i++) {
		if (i % sheet->columns == 0)
			*last = scols_table_new_line(table, NULL);
		if (*last == NULL ||
			scols_line_set_data(*last, i % sheet->columns, sheet->cells[i]) != 0)
			return NULL;
		first = first ? first : *last;
	}
	return first;
}

bool
sheet_write_table(const struct sheet *sheet)
{
	struct libscols_table *table = sheet->columns ? new_table(sheet, 0) : NULL;
	struct libscols_line *last;
	bool ok = sheet->columns == 0 ||
		  (table && (sheet->cells_len == 0 || add_lines(table, sheet, &last)) &&
			  scols_print_table(table) == 0);

	scols_unref_table(table);
	return ok;
}

/* The line that is not printed comes last in the first part, where the range then ends with a line
 * break of its own, and first in the others. Columns are not narrowed by what is usual in them, as
 * that differs from part to part. */
bool
sheet_write_part(const struct sheet *sheet, const struct sheet *widest, bool first)
{
	struct libscols_table *table = new_table(sheet, SCOLS_FL_NOEXTREMES);
	struct libscols_line *from, *to = NULL, *unseen;
	bool ok = table && (first || add_lines(table, widest, &unseen));

	from = ok ? add_lines(table, sheet, &to) : NULL;
	ok = from && (!first || add_lines(table, widest, &unseen));
	if (ok && !first)
		scols_table_enable_noheadings(table, 1);
	ok = ok && scols_table_print_range(table, from, to) == 0 && (first || putchar('\n') != EOF);
	scols_unref_table(table);
	return ok;
}
