/* Themes: every file is whole; every mistake is told with file, line and remedy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tui/draw.h"
#include "tui/term.h"
#include "tui/theme.h"

static const char folder[] = "themes";

static char *
path_of(const char *name, char out[300])
{
	snprintf(out, 300, "%s/%s", folder, name);
	return out;
}

/* Calls each with the path of every theme; returns how many there were. */
static size_t
each_theme(void (*each)(const char *path))
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		char path[300];

		if (strstr(entry->d_name, ".theme") == NULL)
			continue;
		each(path_of(entry->d_name, path));
		count++;
	}
	closedir(dir);
	return count;
}

static void
check_one(const char *path)
{
	struct err err = {0};

	if (!theme_check(path, &err))
		fail_msg("%s", err.msg);
}

static void
every_theme_is_whole(void **state)
{
	(void)state;
	assert_true(each_theme(check_one) == 8);
}

/* default.theme with one line in the place of another; line NULL: taken out. */
static void
write_changed(const char *path, const char *starts, const char *line)
{
	char source[300], got[300];
	FILE *in = fopen(path_of("default.theme", source), "re"), *out = fopen(path, "we");

	assert_non_null(in);
	assert_non_null(out);
	while (fgets(got, sizeof got, in)) {
		if (strncmp(got, starts, strlen(starts)) != 0)
			fputs(got, out);
		else if (line)
			fprintf(out, "%s\n", line);
	}
	fclose(in);
	fclose(out);
}

static void
mistakes_are_told(void **state)
{
	static char long_line[260];
	static const struct {
		const char *starts, *line, *message;
	} mistakes[] = {
		{"danger", NULL, "role danger is missing"},
		{"danger", "dangre = bold", ":27: no role \"dangre\""},
		{"danger", "danger = blod", ":27: \"blod\" is no attribute"},
		{"danger", "danger = fg:pink", "\"fg:pink\" is no attribute"},
		{"danger", "danger = bg:256", "\"bg:256\" is no attribute"},
		{"danger", "danger = fg:-1", "\"fg:-1\" is no attribute"},
		{"danger", "ok = bold", ":27: role ok for the second time"},
		{"danger", "danger", ":27: neither [section] nor name = value"},
		{"danger", "danger = \033[31m", "<U+001B>"},
		{"danger", long_line, ":27: a line of 259 bytes"},
		{"bar", "bar = cell", ":5: bar is \"cell\"; write row or marker"},
		{"bar", "glyphs = ascii", ":5: no setting \"glyphs\""},
		{"[theme]", "[thema]", "no section [thema]"},
	};
	char path[] = "/tmp/claviger-theme-XXXXXX";
	int fd = mkstemp(path);
	struct err err;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	memset(long_line, '#', sizeof long_line - 1);
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		write_changed(path, mistakes[i].starts, mistakes[i].line);
		assert_false(theme_check(path, &err));
		assert_int_equal(err.kind, ERR_USAGE);
		assert_non_null(strstr(err.msg, path));
		if (strstr(err.msg, mistakes[i].message) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", err.msg, mistakes[i].message);
	}
	write_changed(path, "danger", "danger = bold fg:bright-red bg:17 ; and a remark");
	assert_true(theme_check(path, &err));
	unlink(path);
	assert_false(theme_check(path, &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
}

static void
themes_apply(void **state)
{
	char path[300];
	struct err err;

	(void)state;
	unsetenv("NO_COLOR");
	assert_true(term_start_headless(80, 24, &err));
	assert_true(theme_load(path_of("light.theme", path), &err));
	assert_int_not_equal(theme_look(ROLE_TEXT).pair, 0);
	assert_false(theme_marker());
	setenv("NO_COLOR", "1", 1);
	assert_true(theme_load(path, &err));
	assert_int_equal(theme_look(ROLE_TEXT).pair, 0);
	assert_int_equal(theme_look(ROLE_TEXT).attrs, 0);
	assert_int_not_equal(theme_look(ROLE_SELECTED).attrs, 0);
	unsetenv("NO_COLOR");
	assert_true(theme_load(path_of("serial.theme", path), &err));
	assert_true(theme_marker());
	assert_true(theme_load(path_of("default.theme", path), &err));
	assert_int_equal(theme_look(ROLE_TEXT).pair, 0);
	assert_int_not_equal(theme_look(ROLE_BAD).pair, 0);
	assert_false(theme_load("no-such-theme", &err));
	assert_non_null(strstr(err.msg, "theme"));
	assert_int_not_equal(theme_look(ROLE_BAD).pair, 0);
	term_stop();
}

/* A word is underlined, not the rest of its cell; a field is, to its end. */
static void
lines_end_with_their_words(void **state)
{
	struct area screen = {0, 0, 2, 20};
	char path[300];
	struct err err;
	cchar_t cell;

	(void)state;
	assert_true(term_start_headless(20, 2, &err));
	assert_true(theme_load(path_of("mono.theme", path), &err));
	draw_cell(screen, 0, 0, 10, false, ROLE_BAD, "not ok");
	draw_cell(screen, 1, 0, 10, false, ROLE_INPUT, "typed");
	assert_true(term_flush());
	for (int x = 0; x < 10; x++) {
		mvin_wch(0, x, &cell);
		assert_int_equal(!(cell.attr & A_UNDERLINE), x >= 6);
		mvin_wch(1, x, &cell);
		assert_true(cell.attr & A_UNDERLINE);
	}
	assert_true(theme_load(path_of("default.theme", path), &err));
	term_stop();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_theme_is_whole),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(themes_apply),
		cmocka_unit_test(lines_end_with_their_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
