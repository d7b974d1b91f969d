/* Every write is checked where it is made: data that a pipe or a full disk swallowed must not look
 * like success to a script. Strings were made safe where they were parsed, not here. */
#include "views/print.h"

#include <errno.h>
#include <libsmartcols/libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/query.h"

enum { DUMP_FLAGS = JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6) };

static const char *const format_names[] = {
	[PRINT_TABLE] = "table",
	[PRINT_JSON] = "json",
	[PRINT_JSONC] = "jsonc",
	[PRINT_TSV] = "tsv",
	[PRINT_NONE] = "none",
};

bool
print_format(const char *word, enum print_format *out, struct err *err)
{
	char shown[40];

	*out = isatty(STDOUT_FILENO) ? PRINT_TABLE : PRINT_JSON;
	if (word == NULL)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(format_names); i++) {
		if (strcmp(word, format_names[i]) == 0) {
			*out = (enum print_format)i;
			return true;
		}
	}
	text_cleans(shown, sizeof shown, word);
	return err_set(err, ERR_USAGE, "",
		"--output '%s': must be one of table, json, jsonc, tsv, none", shown);
}

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
sheet_free(struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->cells_len; i++)
		free(sheet->cells[i]);
	free(sheet->cells);
	sheet->cells = NULL;
	sheet->cells_len = sheet->cells_room = 0;
}

static bool
lost(struct err *err)
{
	return err_set(err, ERR_FAILED, errno == EPIPE ? "EPIPE" : "", "standard output: %s",
		strerror(errno));
}

static bool
flush(struct err *err)
{
	return fflush(stdout) == 0 && !ferror(stdout) ? true : lost(err);
}

bool
print_text(const char *text, struct err *err)
{
	return fputs(text, stdout) == EOF ? lost(err) : flush(err);
}

/* Colours what lies between two line ends or quotes: keys, strings, and everything else. The text
 * is jansson's own, so every quote inside a string is escaped. */
static bool
write_coloured(const char *text)
{
	static const char key[] = "\033[34m", string[] = "\033[32m", plain[] = "\033[39m";

	while (*text) {
		size_t n = strcspn(text, "\"");

		if (fwrite(text, 1, n, stdout) != n)
			return false;
		text += n;
		if (*text == '\0')
			break;
		for (n = 1; text[n] != '"'; n++)
			if (text[n] == '\\')
				n++;
		n++;
		if (fprintf(stdout, "%s%.*s%s", text[n] == ':' ? key : string, (int)n, text,
			    plain) < 0)
			return false;
		text += n;
	}
	return true;
}

static bool
colours(enum print_format format)
{
	const char *no = getenv("NO_COLOR");

	return format == PRINT_JSONC && isatty(STDOUT_FILENO) && !(no && *no);
}

/* Moves every line but the first two blanks to the right. */
static int
dump_shifted(const char *bytes, size_t len, void *unused)
{
	(void)unused;
	while (len) {
		const char *end = memchr(bytes, '\n', len);
		size_t n = end ? (size_t)(end - bytes) + 1 : len;

		if (fwrite(bytes, 1, n, stdout) != n || (end && fputs("  ", stdout) == EOF))
			return -1;
		bytes += n;
		len -= n;
	}
	return 0;
}

static bool
write_json(const json_t *value, enum print_format format)
{
	char *text;
	bool ok;

	if (!colours(format))
		return json_dumpf(value, stdout, DUMP_FLAGS) == 0;
	text = json_dumps(value, DUMP_FLAGS);
	ok = text && write_coloured(text);
	mem_zeroing_free(text);
	return ok;
}

bool
print_list_add(struct print_list *list, const json_t *value, struct err *err)
{
	const char *before = list->count++ == 0 ? "[\n  " : ",\n  ";

	if (fputs(before, stdout) == EOF ||
		json_dump_callback(value, dump_shifted, NULL, DUMP_FLAGS) != 0)
		return lost(err);
	return true;
}

bool
print_list_end(struct print_list *list, struct err *err)
{
	if (fputs(list->count ? "\n]\n" : "[]\n", stdout) == EOF)
		return lost(err);
	return flush(err);
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
 * first list, or one column. headers is what the caller must free. */
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

static bool
write_tsv(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->cells_len; i++) {
		bool last = (i + 1) % sheet->columns == 0;

		if (fprintf(stdout, "%s%c", sheet->cells[i], last ? '\n' : '\t') < 0)
			return false;
	}
	return true;
}

static bool
write_table(const struct sheet *sheet)
{
	struct libscols_table *table = scols_new_table();
	struct libscols_line *line = NULL;
	bool ok = table != NULL, heads = false;

	for (size_t i = 0; ok && i < sheet->columns; i++) {
		bool last = i + 1 == sheet->columns;

		ok = scols_table_new_column(
			     table, sheet->headers[i], 0, last ? SCOLS_FL_TRUNC : 0) != NULL;
		heads = heads || sheet->headers[i][0];
	}
	for (size_t i = 0; ok && i < sheet->cells_len; i++) {
		if (i % sheet->columns == 0)
			line = scols_table_new_line(table, NULL);
		ok = line && scols_line_set_data(line, i % sheet->columns, sheet->cells[i]) == 0;
	}
	if (ok) {
		scols_table_enable_noheadings(table, !heads);
		ok = scols_print_table(table) == 0;
	}
	scols_unref_table(table);
	return ok;
}

static bool
write_sheet(enum print_format format, const struct sheet *sheet)
{
	return format == PRINT_TSV ? write_tsv(sheet) : write_table(sheet);
}

static bool
write_as_sheet(enum print_format format, const json_t *value)
{
	struct sheet sheet = {0};
	const char **headers;
	bool ok;

	if (json_is_array(value)) {
		headers = sheet_of_array(&sheet, value);
	} else if (json_is_object(value)) {
		headers = sheet_of_object(&sheet, value, format == PRINT_TABLE);
	} else {
		headers = mem_alloc(sizeof *headers);
		headers[sheet.columns++] = "";
		sheet.headers = headers;
		add_value(&sheet, value);
	}
	ok = write_sheet(format, &sheet);
	sheet_free(&sheet);
	free(headers);
	return ok;
}

static bool
write_value(const struct print *print, const json_t *value, const struct sheet *sheet)
{
	switch (print->format) {
	case PRINT_NONE:
		return true;
	case PRINT_TABLE:
	case PRINT_TSV:
		return sheet && !print->query ? write_sheet(print->format, sheet)
					      : write_as_sheet(print->format, value);
	default:
		return write_json(value, print->format) && fputc('\n', stdout) != EOF;
	}
}

bool
print_value(
	const struct print *print, const json_t *value, const struct sheet *sheet, struct err *err)
{
	json_t *result = NULL;
	bool ok;

	if (print->query) {
		result = query_run(print->query, value, err);
		if (result == NULL)
			return false;
	}
	errno = 0;
	ok = write_value(print, result ? result : value, sheet);
	json_decref(result);
	return ok ? flush(err) : lost(err);
}
