/* Themes: every file is whole and legible; every mistake is told with file, line and remedy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	assert_true(each_theme(check_one) >= 4);
}

/* c to the power of 2.4, by Newton's method for the fifth root. */
static double
power_2_4(double c)
{
	double root = 1;

	for (int i = 0; i < 60; i++)
		root -= (root - c / (root * root * root * root)) / 5;
	return c * c * root * root;
}

/* The relative luminance of WCAG for a colour of the xterm palette from 16 on. */
static double
luminance(int colour)
{
	static const int level[] = {0, 95, 135, 175, 215, 255};
	static const double weight[] = {0.2126, 0.7152, 0.0722};
	double sum = 0;

	for (int i = 0; i < 3; i++) {
		int cube = (colour - 16) / (i == 0 ? 36 : i == 1 ? 6 : 1) % 6;
		double c = (colour >= 232 ? 8 + (colour - 232) * 10 : level[cube]) / 255.0;

		sum += weight[i] * (c <= 0.04045 ? c / 12.92 : power_2_4((c + 0.055) / 1.055));
	}
	return sum;
}

static double
contrast(int a, int b)
{
	double x = luminance(a), y = luminance(b);

	return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

/* Only a pair of fixed colours can be judged: what the basic ones look like is the terminal's. A
 * foreground or background alone would meet whatever the terminal has for the other. */
static int
judge(void *user, const char *section, const char *name, const char *value)
{
	const char *path = user, *fg = strstr(value, "fg:"), *bg = strstr(value, "bg:");
	int f = fg ? (int)strtol(fg + 3, NULL, 10) : -1,
	    b = bg ? (int)strtol(bg + 3, NULL, 10) : -1;
	double least = strcmp(name, "text") == 0 || strcmp(name, "selected") == 0 ? 7 : 4.5;

	if (strcmp(section, "roles") != 0 || (f < 16 && b < 16))
		return 1;
	if (f < 16 || b < 16)
		fail_msg("%s: %s fixes one colour and not the other", path, name);
	if (strcmp(name, "border") != 0 && contrast(f, b) < least)
		fail_msg("%s: %s has a contrast of %.1f", path, name, contrast(f, b));
	return 1;
}

static void
judge_one(const char *path)
{
	FILE *file = fopen(path, "re");

	assert_non_null(file);
	assert_int_equal(ini_parse_file(file, judge, (void *)(uintptr_t)path), 0);
	fclose(file);
}

static void
fixed_colours_are_legible(void **state)
{
	(void)state;
	assert_true(contrast(16, 231) > 20.9 && contrast(16, 231) < 21.1);
	each_theme(judge_one);
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
		{"danger", "dangre = bold", ":26: no role \"dangre\""},
		{"danger", "danger = blod", ":26: \"blod\" is no attribute"},
		{"danger", "danger = fg:pink", "\"fg:pink\" is no attribute"},
		{"danger", "danger = bg:256", "\"bg:256\" is no attribute"},
		{"danger", "danger = fg:-1", "\"fg:-1\" is no attribute"},
		{"danger", "ok = bold", ":26: role ok for the second time"},
		{"danger", "danger", ":26: neither [section] nor name = value"},
		{"danger", "danger = \033[31m", "<U+001B>"},
		{"danger", long_line, ":26: a line of 259 bytes"},
		{"bar", "bar = cell", ":4: bar is \"cell\"; write row or marker"},
		{"bar", "glyphs = ascii", ":4: no setting \"glyphs\""},
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_theme_is_whole),
		cmocka_unit_test(fixed_colours_are_legible),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(themes_apply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
