/* Rows printed one by one, against the same rows printed as a whole: every byte must be the same,
 * whatever the format, the query and the number of rows. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/json/json.h"
#include "views/cli/print.h"
#include "views/cli/query.h"

enum { OUT_MAX = 4 << 20, COLUMNS = 4 };

static const char *const headers[COLUMNS] = {"name", "state of it", "n", "last"};

/* Some rows are left out; every 700th cell is much wider than the others. */
static bool
wanted(void *user, size_t row)
{
	return user == NULL || row % 3 != 1;
}

static void
cell(void *user, size_t row, size_t column, char *out, size_t room)
{
	static const char *const words[] = {"ok", "", "财务部", "behind by 2", "–"};

	(void)user;
	if (row % 700 == 699)
		snprintf(out, room, "%0*zu", (int)(20 + column * 7), row);
	else if (column == 0)
		snprintf(out, room, "row-%zu", row);
	else
		snprintf(out, room, "%s", words[(row + column) % 5]);
}

static json_t *
object(void *user, size_t row)
{
	char name[32], uses[32];

	(void)user;
	snprintf(name, sizeof name, "a\"\\\n%zu", row);
	snprintf(uses, sizeof uses, "{\"%zu\": [", row);
	return json_pack("{s:s, s:b, s:n, s:{}, s:[], s:[s, i], s:{s:f}}", "name", name, "on",
		row % 2 == 0, "none", "tags", "empty", "uses", uses, (int)row, "deep", "x", 0.5);
}

static struct print_rows
rows_of(size_t count, void *filter)
{
	return (struct print_rows){headers, COLUMNS, count, wanted, object, cell, filter};
}

/* What goes to stdout meanwhile lands in a file. */
static int
divert(int *kept, int to)
{
	fflush(stdout);
	*kept = dup(STDOUT_FILENO);
	return dup2(to, STDOUT_FILENO);
}

static void
undo(int kept)
{
	fflush(stdout);
	clearerr(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
}

static char *
taken(int fd)
{
	off_t len = lseek(fd, 0, SEEK_END);
	char *out = calloc(1, (size_t)len + 1);

	assert_int_equal(pread(fd, out, (size_t)len, 0), len);
	close(fd);
	return out;
}

static int
temporary(void)
{
	char name[] = "/tmp/claviger-print-XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	return fd;
}

static char *
streamed(const struct print *print, const struct print_rows *rows)
{
	int fd = temporary(), kept;
	struct err err = {0};
	bool ok;

	divert(&kept, fd);
	ok = print_rows(print, rows, &err);
	undo(kept);
	if (!ok)
		fail_msg("%s", err.msg);
	return taken(fd);
}

/* All rows at once, as print_value takes them. */
static char *
built(const struct print *print, const struct print_rows *rows)
{
	struct sheet sheet = {.headers = headers, .columns = COLUMNS};
	int fd = temporary(), kept;
	json_t *array = json_array();
	struct err err = {0};
	char text[PRINT_CELL];
	bool ok;

	for (size_t row = 0; row < rows->count; row++) {
		if (!rows->wanted(rows->user, row))
			continue;
		json_array_append_new(array, rows->json(rows->user, row));
		for (size_t c = 0; c < COLUMNS; c++) {
			rows->cell(rows->user, row, c, text, sizeof text);
			sheet_add(&sheet, text);
		}
	}
	divert(&kept, fd);
	ok = print_value(print, array, &sheet, &err);
	undo(kept);
	if (!ok)
		fail_msg("%s", err.msg);
	json_decref(array);
	sheet_free(&sheet);
	return taken(fd);
}

static void
same(const struct print *print, size_t count, void *filter)
{
	struct print_rows rows = rows_of(count, filter);
	char *a = built(print, &rows), *b = streamed(print, &rows);
	size_t at = 0;

	while (a[at] && a[at] == b[at])
		at++;
	if (a[at] != b[at])
		fail_msg("format %d, %zu rows, byte %zu: '%.60s' and '%.60s'", print->format, count,
			at, a + at, b + at);
	free(a);
	free(b);
}

static void
test_formats(void **state)
{
	static const size_t counts[] = {0, 1, 2, 499, 500, 501, 1000, 1001, 2300};
	char filter;

	(void)state;
	for (int format = PRINT_TABLE; format <= PRINT_NONE; format++) {
		struct print print = {.format = (enum print_format)format};

		for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
			same(&print, counts[i], NULL);
			same(&print, counts[i], &filter);
		}
	}
}

static void
test_queries(void **state)
{
	static const char *const queries[] = {"[].name", "[*].{a: name, b: tags}", "[?on].uses[0]",
		"[].none", "[].[name, on]", "[?on]", "[?name=='x']", "[].uses[]", "[].uses[] | [3]",
		"[*].uses[1] | length(@)", "length(@)", "length([?on])",
		"sort_by(@, &name)[0].name", "[3:9].name", "[-1]", "@",
		"[?contains(name, `1`)].name", "[].uses | [0]", "[?!on].deep.x",
		"[? on && name != 'x'].name"};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
		for (int format = PRINT_TABLE; format <= PRINT_TSV; format++) {
			struct print print = {.format = (enum print_format)format};

			print.query = query_parse(queries[i], &err);
			if (print.query == NULL)
				fail_msg("%s: %s", queries[i], err.msg);
			same(&print, 0, NULL);
			same(&print, 620, NULL);
			query_free(print.query);
		}
	}
}

static bool
each(const char *text)
{
	struct err err = {0};
	struct query *query = query_parse(text, &err);
	bool out;

	assert_non_null(query);
	out = query_is_each(query);
	query_free(query);
	return out;
}

/* What needs the whole list, or may refuse in the middle of it, is not taken element by element. */
static void
test_which(void **state)
{
	(void)state;
	assert_true(each("[].name"));
	assert_true(each("[*].{a: name}"));
	assert_true(each("[?on].uses[0].x"));
	assert_false(each("[].uses[]"));
	assert_false(each("[].name | [0]"));
	assert_false(each("[?contains(name, 'x')]"));
	assert_false(each("[*].length(name)"));
	assert_false(each("[0:2]"));
	assert_false(each("length(@)"));
	assert_false(each("name"));
}

static void
expect_lost(int to, int number, const char *code)
{
	for (int format = PRINT_TABLE; format <= PRINT_TSV; format++) {
		struct print print = {.format = (enum print_format)format};
		struct print_rows rows = rows_of(3000, NULL);
		struct err err = {0};
		int kept;
		bool ok;

		divert(&kept, to);
		ok = print_rows(&print, &rows, &err);
		undo(kept);
		assert_false(ok);
		assert_int_equal(err.kind, ERR_FAILED);
		assert_string_equal(err.code, code);
		assert_non_null(strstr(err.msg, strerror(number)));
	}
}

/* A full disk and a reader that went away are noticed. */
static void
test_lost(void **state)
{
	int full = open("/dev/full", O_WRONLY), ends[2];

	(void)state;
	assert_true(full >= 0);
	expect_lost(full, ENOSPC, "");
	close(full);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	expect_lost(ends[1], EPIPE, "EPIPE");
	close(ends[1]);
}

/* What an earlier write lost is told of as lost, whatever went well since. */
static void
test_lost_before(void **state)
{
	struct print print = {.format = PRINT_JSON};
	int full = open("/dev/full", O_WRONLY), null = open("/dev/null", O_WRONLY), kept;
	json_t *value = json_pack("[s]", "a");
	struct err err = {0};
	bool first, second;

	(void)state;
	divert(&kept, full);
	first = print_value(&print, value, NULL, &err);
	dup2(null, STDOUT_FILENO);
	second = print_value(&print, value, NULL, &err);
	undo(kept);
	assert_false(first || second);
	assert_string_equal(err.msg, "standard output: not all of it could be written");
	json_decref(value);
	close(full);
	close(null);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_queries),
		cmocka_unit_test(test_which),
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_lost_before),
	};

	json_init();
	setlocale(LC_ALL, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
