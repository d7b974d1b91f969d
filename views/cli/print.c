/* Every write is checked where it is made: data that a pipe or a full disk swallowed must not look
 * like success to a script. Strings were made safe where they were parsed, not here. */
#include "views/cli/print.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "views/cli/query.h"

enum { DUMP_FLAGS = JSON_INDENT(2) | JSON_ENCODE_ANY | JSON_REAL_PRECISION(6) };
enum { PART_ROWS = 500 };

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

/* What was lost by an earlier write has left no number behind. */
static bool
lost(struct err *err)
{
	return err_set(err, ERR_FAILED, errno == EPIPE ? "EPIPE" : "", "standard output: %s",
		errno ? strerror(errno) : "not all of it could be written");
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

static bool
write_sheet(enum print_format format, const struct sheet *sheet)
{
	return format == PRINT_TSV ? sheet_write_tsv(sheet) : sheet_write_table(sheet);
}

static bool
write_as_sheet(enum print_format format, const json_t *value)
{
	struct sheet sheet = {0};
	const char **headers = sheet_from(&sheet, value, format == PRINT_TABLE);
	bool ok = write_sheet(format, &sheet);

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

/* A text that is written again for each element. */
struct text {
	char *at;
	size_t room;
};

/* Element after element of a bare array, each cut out of an array of its own: the same bytes as of
 * the whole array at once. */
static bool
write_element(struct text *text, const json_t *value, enum print_format format, bool first)
{
	json_t *array = json_pack("[O]", value);
	size_t len = json_dumpb(array, text->at, text->room, DUMP_FLAGS);

	if (len >= text->room) {
		text->room = 2 * len + 1;
		text->at = mem_resize(text->at, text->room);
		len = json_dumpb(array, text->at, text->room, DUMP_FLAGS);
	}
	json_decref(array);
	if (len < strlen("[\n\n]") || fputc(first ? '[' : ',', stdout) == EOF)
		return false;
	len -= strlen("\n]");
	text->at[len] = '\0';
	return colours(format) ? write_coloured(text->at + 1)
			       : fwrite(text->at + 1, 1, len - 1, stdout) == len - 1;
}

static bool
write_end(bool empty)
{
	return fputs(empty ? "[]\n" : "\n]\n", stdout) != EOF;
}

static bool
print_objects(const struct print *print, const struct print_rows *rows)
{
	bool ok = true, first = true;
	struct text text = {0};

	for (size_t row = 0; ok && row < rows->count; row++) {
		json_t *object;

		if (!rows->wanted(rows->user, row))
			continue;
		object = rows->json(rows->user, row);
		ok = write_element(&text, object, print->format, first);
		json_decref(object);
		first = false;
	}
	free(text.at);
	return ok && write_end(first);
}

static void
add_row(struct sheet *sheet, const struct print_rows *rows, size_t row)
{
	char text[PRINT_CELL];

	for (size_t c = 0; c < rows->columns; c++) {
		rows->cell(rows->user, row, c, text, sizeof text);
		sheet_add(sheet, text);
	}
}

/* The widest cell of each column, header and all rows that there are. */
static void
measure(struct sheet *widest, const struct print_rows *rows)
{
	char text[PRINT_CELL];
	int *width = mem_alloc(rows->columns * sizeof *width);

	for (size_t c = 0; c < rows->columns; c++) {
		sheet_add(widest, rows->headers[c]);
		width[c] = text_width(rows->headers[c]);
	}
	for (size_t row = 0; row < rows->count; row++) {
		if (!rows->wanted(rows->user, row))
			continue;
		for (size_t c = 0; c < rows->columns; c++) {
			int columns;

			rows->cell(rows->user, row, c, text, sizeof text);
			columns = text_width(text);
			if (columns <= width[c])
				continue;
			width[c] = columns;
			free(widest->cells[c]);
			widest->cells[c] = mem_strdup(text);
		}
	}
	free(width);
}

/* A part of the rows at a time; a table of one part only is laid out as a whole. */
static bool
print_cells(const struct print *print, const struct print_rows *rows)
{
	struct sheet part = {.headers = rows->headers, .columns = rows->columns}, widest = part;
	bool ok = true, first = true;

	for (size_t row = 0; ok && row < rows->count; row++) {
		if (!rows->wanted(rows->user, row))
			continue;
		if (part.cells_len == PART_ROWS * part.columns) {
			if (first && print->format == PRINT_TABLE)
				measure(&widest, rows);
			ok = print->format == PRINT_TSV ? sheet_write_tsv(&part)
							: sheet_write_part(&part, &widest, first);
			sheet_clear(&part);
			first = false;
		}
		add_row(&part, rows, row);
	}
	if (ok)
		ok = first || print->format == PRINT_TSV ? write_sheet(print->format, &part)
							 : sheet_write_part(&part, &widest, false);
	sheet_free(&part);
	sheet_free(&widest);
	return ok;
}

/* The rows as an array, or what a query makes of each of them alone. What is only counted need not
 * be made. */
static json_t *
gather(const struct print *print, const struct print_rows *rows)
{
	bool each = query_is_each(print->query), counts = query_counts(print->query);
	json_t *array = json_array();

	for (size_t row = 0; row < rows->count; row++) {
		json_t *object;

		if (!rows->wanted(rows->user, row))
			continue;
		object = counts ? json_null() : rows->json(rows->user, row);
		if (each)
			object = query_each(print->query, object);
		if (object)
			json_array_append_new(array, object);
	}
	return array;
}

bool
print_rows(const struct print *print, const struct print_rows *rows, struct err *err)
{
	struct print plain = {.format = print->format};
	json_t *array;
	bool ok;

	if (print->query) {
		array = gather(print, rows);
		ok = print_value(query_is_each(print->query) ? &plain : print, array, NULL, err);
		json_decref(array);
		return ok;
	}
	errno = 0;
	if (print->format == PRINT_NONE)
		ok = true;
	else if (print->format == PRINT_JSON || print->format == PRINT_JSONC)
		ok = print_objects(print, rows);
	else
		ok = print_cells(print, rows);
	return ok ? flush(err) : lost(err);
}
