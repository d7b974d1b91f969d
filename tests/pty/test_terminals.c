/* The manners of the console on terminals of many kinds: names that terminfo does not know, locales
 * that are not there, windows of all sizes, the mouse, the clipboard, pasted text, and every way to
 * end. Each must leave the terminal as it was found. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/flow/run.h"
#include "tests/pty/terminal.h"

#define ENTER "\r"
#define PASTED(text) "\033[200~" text "\033[201~"

static struct place place;

static int
seed(void **state)
{
	(void)state;
	place_seed(&place);
	unsetenv("TMUX");
	return 0;
}

static int
clear(void **state)
{
	(void)state;
	place_remove(&place);
	return 0;
}

static void
open_console(struct terminal *terminal, int columns, int rows)
{
	terminal_start(terminal, columns, rows, place.sandbox);
	terminal_wait(terminal, "aa-payroll");
	terminal_wait(terminal, "  read ");
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

static void
unknown_names(void **state)
{
	static const char *const names[] = {"xterm-kitty", "xterm-ghostty", "foot", "alacritty"};
	struct terminal terminal;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		setenv("TERM", names[i], 1);
		open_console(&terminal, 80, 24);
		leave(&terminal);
	}
	setenv("TERM", "xterm-256color", 1);
}

static void
dumb(void **state)
{
	struct terminal terminal;

	(void)state;
	setenv("TERM", "dumb", 1);
	terminal_start(&terminal, 80, 24, place.sandbox);
	terminal_wait(&terminal, "claviger account list");
	assert_int_equal(terminal_end(&terminal, 0), 2);
	terminal_expect_clean(&terminal);
	terminal_free(&terminal);
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

static bool
is_ascii(const char *text)
{
	while (*text && !(*text & 0x80))
		text++;
	return *text == '\0';
}

/* A locale that ssh brought along and nobody has here is UTF-8; one of 8 bits gets ASCII. */
static void
locales(void **state)
{
	struct terminal terminal;

	(void)state;
	setenv("LC_ALL", "xx_YY.UTF-8", 1);
	open_console(&terminal, 80, 24);
	assert_true(terminal_shows(&terminal, "NAME ▴"));
	leave(&terminal);
	setenv("LC_ALL", "C", 1);
	open_console(&terminal, 80, 24);
	assert_true(terminal_shows(&terminal, "NAME ^"));
	terminal_type(&terminal, "?");
	terminal_wait(&terminal, "The list");
	assert_true(is_ascii(terminal.text));
	terminal_type(&terminal, "\033");
	terminal_wait(&terminal, "aa-payroll");
	assert_true(is_ascii(terminal.text));
	leave(&terminal);
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
	terminal_wait(&terminal, "  read ");
	assert_true(terminal.alternate && terminal.paste);
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

/* A y that is pasted is no yes. */
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
	terminal_type(&terminal, "A");
	terminal_wait(&terminal, "y/N");
	terminal_type(&terminal, PASTED("y"));
	terminal_wait(&terminal, "Cancelled: nothing was done");
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "steps are to be done");
	leave(&terminal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_names),
		cmocka_unit_test(dumb),
		cmocka_unit_test(no_terminal),
		cmocka_unit_test(locales),
		cmocka_unit_test(resize_storm),
		cmocka_unit_test(suspend_and_fg),
		cmocka_unit_test(every_end_is_clean),
		cmocka_unit_test(mouse),
		cmocka_unit_test(clipboard),
		cmocka_unit_test(pasted_yes),
	};

	return cmocka_run_group_tests(tests, seed, clear);
}
