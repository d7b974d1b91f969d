/* The manners of the console on terminals of many kinds: names that terminfo does not know, locales
 * that are not there, windows of all sizes, the mouse, the clipboard, pasted text, and every way to
 * end. Each must leave the terminal as it was found. */
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "tests/fixtures/run.h"
#include "tests/pty/cells.h"

#define ENTER "\r"
#define PASTED(text) "\033[200~" text "\033[201~"

static struct place place;

static void
open_console(struct terminal *terminal, int columns, int rows)
{
	terminal_start(terminal, columns, rows, place.sandbox);
	terminal_wait(terminal, "aa-payroll");
	terminal_wait_gone(terminal, "not read yet");
	terminal_wait_gone(terminal, "reading ");
}

static void
leave(struct terminal *terminal)
{
	int code;

	terminal_type(terminal, "q");
	code = terminal_end(terminal, 0);
	terminal_shows(terminal, "");
	if (code)
		fail_msg("it ended with %d:\n%s", code, terminal->text);
	terminal_expect_clean(terminal);
	terminal_free(terminal);
}

/* Lines that the terminal was asked for by letters of its own set come out as U+2500 to U+257F. */
static bool
is_ascii(const char *text)
{
	for (; *text; text++)
		if ((*text & 0x80) &&
			(strncmp(text, "\xe2\x94", 2) == 0 || strncmp(text, "\xe2\x95", 2) == 0))
			text += 2;
		else if (*text & 0x80)
			return false;
	return true;
}

/* Through all that can be drawn: lists, a detail, a page, a form with its line between two panes.
 */
static void
every_view(struct terminal *terminal, bool ascii)
{
	static const struct {
		const char *keys, *shows;
		int rows; /* of a list, at least */
	} views[] = {
		{"2", "kv-payroll", 1},
		{"3", "cmk-archive", 1},
		{"4", "kv-archive", 0},
		{"5", "Activity", 0},
		{"!", "What has happened", 0},
		{"1", "aa-payroll", 8},
		{"?", "The list", 0},
		{"\007", "aa-payroll", 8},
		{"w", "KEY SOURCE", 8},
		{"w", "aa-payroll", 8},
		{ENTER, "resource group", 0},
		{"\007", "aa-payroll", 8},
		{"jo", "nothing is changed yet", 0},
		{"\007", "aa-payroll", 8},
	};

	for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
		terminal_type(terminal, views[i].keys);
		terminal_wait(terminal, views[i].shows);
		terminal_settle(terminal, 60);
		if (views[i].rows)
			cells_expect_columns(terminal, views[i].rows);
		terminal_shows(terminal, "");
		if (ascii && !is_ascii(terminal->text))
			fail_msg("not all of it is ASCII:\n%s", terminal->text);
	}
}

/* Those that terminfo knows and those that it does not: in all of them each view is drawn. */
static void
kinds(void **state)
{
	static const char *const names[] = {"xterm-256color", "screen-256color", "tmux-256color",
		"linux", "vt100", "vt220", "rxvt", "xterm-kitty", "xterm-ghostty", "foot",
		"alacritty"};
	struct terminal terminal;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		setenv("TERM", names[i], 1);
		open_console(&terminal, 80, 24);
		every_view(&terminal, false);
		leave(&terminal);
	}
	setenv("TERM", "xterm-256color", 1);
}

/* One that cannot place text, or nobody knows which: said in a sentence, with a way on. */
static void
dumb(void **state)
{
	static const char *const names[] = {"dumb", "", NULL};
	struct terminal terminal;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		if (names[i])
			setenv("TERM", names[i], 1);
		else
			unsetenv("TERM");
		terminal_start(&terminal, 80, 24, place.sandbox);
		terminal_wait(&terminal, "claviger account list");
		assert_int_equal(terminal_end(&terminal, 0), 2);
		terminal_expect_clean(&terminal);
		terminal_free(&terminal);
	}
	setenv("TERM", "xterm-256color", 1);
}

static void
no_terminal(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "terminal", "account", "onboard", NULL);
	ran_free(&ran);
}

/* A locale that ssh brought along and nobody has here is UTF-8; none at all is ASCII. */
static void
locales(void **state)
{
	static const char *const ascii[] = {"C", "POSIX", NULL};
	struct terminal terminal;

	(void)state;
	setenv("LC_ALL", "xx_YY.UTF-8", 1);
	open_console(&terminal, 80, 24);
	assert_true(terminal_shows(&terminal, "NAME ▴"));
	every_view(&terminal, false);
	leave(&terminal);
	unsetenv("LANG");
	unsetenv("LC_CTYPE");
	for (size_t i = 0; i < 3; i++) {
		if (ascii[i])
			setenv("LC_ALL", ascii[i], 1);
		else
			unsetenv("LC_ALL");
		open_console(&terminal, 80, 24);
		assert_true(terminal_shows(&terminal, "NAME ^"));
		every_view(&terminal, true);
		leave(&terminal);
	}
	setenv("LC_ALL", "C.UTF-8", 1);
}

/* Locales of 8 bits and of the East, made here for the time of the test: twins for what is ours,
 * and what the charset has of foreign names. */
static void
charsets(void **state)
{
	static const struct {
		const char *language, *charset, *name, *owner;
	} made[] = {
		{"de_DE", "ISO-8859-1", "de_DE.ISO-8859-1", "???"},
		{"zh_CN", "GB18030", "zh_CN.GB18030", "财务部"},
	};
	struct terminal terminal;
	char path[PATH_MAX + 64], command[2 * PATH_MAX], options[1024];
	const char *asan = getenv("ASAN_OPTIONS");

	(void)state;
	if (access("/usr/bin/localedef", X_OK) != 0 ||
		access("/usr/share/i18n/locales/zh_CN", R_OK)) {
		print_message("skipped: charsets (the package locales is not installed)\n");
		skip();
	}
	setenv("LOCPATH", place.dir, 1);
	/* What the libc keeps of a charset is out of LeakSanitizer's sight. */
	snprintf(options, sizeof options, "%s", asan ? asan : "");
	setenv("ASAN_OPTIONS", "detect_leaks=0", 1);
	for (size_t i = 0; i < sizeof made / sizeof made[0]; i++) {
		snprintf(path, sizeof path, "%s/%s", place.dir, made[i].name);
		snprintf(command, sizeof command, "exec /usr/bin/localedef -c -i %s -f %s '%s'",
			made[i].language, made[i].charset, path);
		terminal_run(&terminal, 80, 24, (const char *[]){"/bin/sh", "-c", command, NULL});
		assert_true(terminal_end(&terminal, 0) <= 1);
		terminal_free(&terminal);
		setenv("LC_ALL", made[i].name, 1);
		open_console(&terminal, 80, 24);
		assert_true(terminal_shows(&terminal, "NAME ^"));
		every_view(&terminal, false);
		terminal_type(&terminal, "/aa-guidang" ENTER ENTER);
		terminal_wait(&terminal, "Key hierarchy");
		terminal_type(&terminal, "\033[6~");
		terminal_wait(&terminal, made[i].owner);
		terminal_type(&terminal, "q");
		terminal_wait(&terminal, "1 of 8 Accounts");
		leave(&terminal);
	}
	unsetenv("LOCPATH");
	setenv("ASAN_OPTIONS", options, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
}

static void
resize_storm(void **state)
{
	static const int sizes[][2] = {{1, 1}, {500, 200}, {2, 1}, {1, 200}, {500, 1}, {59, 14},
		{60, 15}, {80, 24}, {79, 23}, {109, 40}, {110, 40}, {3, 3}, {300, 100}};
	struct terminal terminal;

	(void)state;
	open_console(&terminal, 80, 24);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			terminal_resize(&terminal, sizes[i][0], sizes[i][1]);
			terminal_type(&terminal, i % 2 ? "j" : "k");
			if (round)
				terminal_drain(&terminal, 40);
		}
	}
	terminal_resize(&terminal, 40, 10);
	terminal_wait(&terminal, "claviger needs 60");
	terminal_resize(&terminal, 100, 30);
	terminal_wait(&terminal, "aa-payroll");
	terminal_wait(&terminal, "8 Accounts");
	leave(&terminal);
}

/* Under a shell with job control, as an operator does it. */
static void
suspend_and_fg(void **state)
{
	const char *words[] = {"/bin/sh", "-i", NULL};
	struct terminal terminal;

	(void)state;
	setenv("PS1", "ready> ", 1);
	unsetenv("ENV");
	terminal_run(&terminal, 80, 24, words);
	terminal_wait(&terminal, "ready>");
	terminal_type(&terminal, "\"$CLAVIGER\" ");
	terminal_type(&terminal, place.sandbox);
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "aa-payroll");
	assert_true(terminal.alternate);
	terminal_type(&terminal, "\x1a");
	terminal_wait(&terminal, "Stopped");
	terminal_settle(&terminal, 300);
	assert_false(terminal.alternate);
	assert_false(terminal.paste);
	assert_true(terminal.cursor);
	terminal_type(&terminal, "fg" ENTER);
	terminal_wait(&terminal, "aa-payroll");
	terminal_wait_gone(&terminal, "reading ");
	assert_true(terminal.alternate && terminal.paste);
	terminal_wait_asleep(&terminal);
	terminal_type(&terminal, "q");
	terminal_wait(&terminal, "ready>");
	terminal_settle(&terminal, 500);
	assert_false(terminal.alternate);
	terminal_type(&terminal, "exit" ENTER);
	terminal_end(&terminal, 0);
	terminal_free(&terminal);
}

/* However it is ended: by a signal it knows, or by one that nobody survives. */
static void
every_end_is_clean(void **state)
{
	static const int signals[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGSEGV};
	struct terminal terminal;

	(void)state;
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		open_console(&terminal, 80, 24);
		terminal_type(&terminal, "%");
		terminal_wait(&terminal, "The mouse is on");
		assert_true(terminal.mouse);
		terminal_end(&terminal, signals[i]);
		terminal_expect_clean(&terminal);
		terminal_free(&terminal);
	}
}

static void
mouse(void **state)
{
	struct terminal terminal;
	int row, column;

	(void)state;
	open_console(&terminal, 80, 24);
	assert_false(terminal.mouse);
	terminal_cursor(&terminal, &row, &column);
	terminal_type(&terminal, "%");
	terminal_wait(&terminal, "The mouse is on");
	assert_true(terminal.mouse);
	terminal_type(&terminal, "\033[<0;5;7M\033[<0;5;7m");
	terminal_wait_gone(&terminal, "The mouse is on");
	terminal_wait_row(&terminal, 6);
	terminal_type(&terminal, "\033[<64;5;7M");
	terminal_wait_row(&terminal, row);
	terminal_type(&terminal, "%");
	terminal_wait(&terminal, "The mouse is off");
	assert_false(terminal.mouse);
	leave(&terminal);
}

/* The id of the row, in base64; again, and it stands on a page. */
static void
clipboard(void **state)
{
	struct terminal terminal;

	(void)state;
	open_console(&terminal, 80, 24);
	terminal_type(&terminal, "c");
	terminal_wait(&terminal, "clipboard");
	assert_memory_equal(terminal.clipboard, "L3N1YnNjcmlwdGlvbnMv", 20); /* /subscriptions/ */
	terminal_type(&terminal, "c");
	terminal_wait(&terminal, "To select from");
	terminal_wait(&terminal, "/subscriptions/");
	terminal_type(&terminal, "\007");
	terminal_wait_gone(&terminal, "To select from");
	leave(&terminal);
	setenv("TERM", "linux", 1);
	open_console(&terminal, 80, 24);
	terminal_type(&terminal, "c");
	terminal_wait(&terminal, "To select from");
	assert_string_equal(terminal.clipboard, "");
	terminal_type(&terminal, "\007");
	terminal_wait_gone(&terminal, "To select from");
	leave(&terminal);
	setenv("TERM", "xterm-256color", 1);
}

/* The first tmux in PATH takes its time, and then nothing. */
static void
slow_tmux(void)
{
	static const char program[] = "#!/bin/sh\nsleep 2\nexit 1\n";
	char bin[PATH_MAX + 8], tmux[PATH_MAX + 16], path[2 * PATH_MAX];
	struct err err;

	snprintf(bin, sizeof bin, "%s/bin", place.dir);
	snprintf(tmux, sizeof tmux, "%s/tmux", bin);
	snprintf(path, sizeof path, "%s:%s", bin, getenv("PATH"));
	assert_int_equal(mkdir(bin, 0700), 0);
	assert_true(file_write(tmux, program, strlen(program), &err));
	assert_int_equal(chmod(tmux, 0700), 0);
	setenv("PATH", path, 1);
	setenv("TMUX", "/nowhere,1,0", 1);
}

/* A copy that fails shows its page only to who waits for it, and another waits for its end. */
static void
copy_fails(void **state)
{
	char *path = strdup(getenv("PATH"));
	struct terminal terminal;

	(void)state;
	slow_tmux();
	open_console(&terminal, 80, 24);
	terminal_type(&terminal, "c/star");
	terminal_wait(&terminal, "Filter: star");
	terminal_wait(&terminal, "tmux did not take the copy");
	assert_false(terminal_shows(&terminal, "To select from"));
	terminal_type(&terminal, "\007");
	terminal_type(&terminal, "cjc");
	terminal_wait(&terminal, "tmux is still being given");
	terminal_wait(&terminal, "tmux did not take the copy");
	terminal_type(&terminal, "c");
	terminal_wait(&terminal, "To select from");
	terminal_wait(&terminal, "/subscriptions/");
	terminal_type(&terminal, "\007");
	terminal_wait_gone(&terminal, "To select from");
	leave(&terminal);
	unsetenv("TMUX");
	setenv("PATH", path, 1);
	free(path);
}

/* A y that is pasted is no yes, nor is one that came before the question could be read or while
 * there is no room to show it. */
static void
pasted_yes(void **state)
{
	struct terminal terminal;

	(void)state;
	open_console(&terminal, 80, 24);
	terminal_type(&terminal, "/stledger01" ENTER "o");
	terminal_wait(&terminal, "Onboard stledger01");
	terminal_wait(&terminal, "nothing is changed yet");
	terminal_type(&terminal, "\025kv-archive/cmk-archive" ENTER);
	terminal_wait(&terminal, "steps are to be done");
	terminal_type(&terminal, "Ay");
	terminal_wait(&terminal, "y/N");
	terminal_resize(&terminal, 40, 10);
	terminal_wait(&terminal, "claviger needs 60");
	terminal_type(&terminal, "y");
	terminal_wait_asleep(&terminal);
	terminal_resize(&terminal, 80, 24);
	terminal_wait(&terminal, "y/N");
	terminal_type(&terminal, PASTED("y"));
	terminal_wait(&terminal, "Cancelled: nothing was done");
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "steps are to be done");
	leave(&terminal);
}

/* What is left of a long answer is no answer to the next question. */
static void
long_answer(void **state)
{
	const char *words[] = {getenv("CLAVIGER"), place.sandbox, "rotate",
		"kv-billing/cmk-billing", "kv-archive/cmk-archive", "-o", "none", NULL};
	struct terminal terminal;

	(void)state;
	terminal_run(&terminal, 160, 40, words);
	terminal_wait(&terminal, "y/N");
	terminal_type(&terminal, "aaaaaaaaaaaaaaay\r");
	terminal_wait(&terminal, "cmk-billing: nothing was changed");
	terminal_wait(&terminal, "y/N");
	terminal_wait_asleep(&terminal);
	assert_false(terminal_shows(&terminal, "cmk-archive: nothing was changed"));
	terminal_type(&terminal, "n\r");
	terminal_wait(&terminal, "cmk-archive: nothing was changed");
	assert_int_not_equal(terminal_end(&terminal, 0), 0);
	terminal_free(&terminal);
}

static void
in_theme(const char *option, bool marker)
{
	const char *words[] = {getenv("CLAVIGER"), place.sandbox, option, NULL};
	struct terminal terminal;

	terminal_run(&terminal, 80, 24, words);
	terminal_wait(&terminal, marker ? ">aa-billing" : " aa-billing");
	assert_true(terminal_shows(&terminal, ">aa-billing") == marker);
	leave(&terminal);
}

/* The theme of the profile that would be in use holds on a sandbox too, and that of the call before
 * it: serial has a mark in the place of a bar. */
static void
themes(void **state)
{
	char path[PATH_MAX + 32];
	FILE *file;

	(void)state;
	in_theme(NULL, false);
	in_theme("--theme=serial", true);
	snprintf(path, sizeof path, "%s/claviger", place.dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/claviger/config", place.dir);
	file = fopen(path, "we");
	assert_non_null(file);
	fputs("[profile default]\ntheme = serial\n", file);
	assert_int_equal(fclose(file), 0);
	setenv("XDG_CONFIG_HOME", place.dir, 1);
	in_theme(NULL, true);
	in_theme("--theme=mono", false);
	unsetenv("XDG_CONFIG_HOME");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(dumb),
		cmocka_unit_test(no_terminal),
		cmocka_unit_test(locales),
		cmocka_unit_test(charsets),
		cmocka_unit_test(resize_storm),
		cmocka_unit_test(suspend_and_fg),
		cmocka_unit_test(every_end_is_clean),
		cmocka_unit_test(mouse),
		cmocka_unit_test(clipboard),
		cmocka_unit_test(copy_fails),
		cmocka_unit_test(pasted_yes),
		cmocka_unit_test(long_answer),
		cmocka_unit_test(themes),
	};
	int failed;

	place_seed(&place);
	unsetenv("TMUX");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&place);
	return failed;
}
