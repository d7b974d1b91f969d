/* Signing in on the start page, on a real terminal: the page ends by itself and becomes the
 * console. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/lab.h"
#include "tests/pty/terminal.h"

#define ESC "\033"

static struct lab lab;

static int
start(void **state)
{
	char profile[PATH_MAX + 100];

	(void)state;
	lab_start(&lab);
	snprintf(profile, sizeof profile,
		"[profile default]\ncloud = Lab\nca-file = %s\nauth = login\n", lab.ca);
	lab_profiles(&lab, profile);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	lab_stop(&lab);
	return 0;
}

static void
open_page(struct terminal *terminal, char code[16])
{
	const char *at;

	terminal_start(terminal, 80, 24, "--theme=default");
	terminal_wait(terminal, "nobody is");
	terminal_type(terminal, "i");
	terminal_wait(terminal, "in as you.");
	at = strstr(terminal->text, "code    ");
	if (at == NULL)
		at = strstr(terminal->text, "code  ");
	assert_non_null(at);
	at += strspn(at, "code ");
	snprintf(code, 16, "%.*s", (int)strcspn(at, " \n"), at);
	assert_int_equal(strlen(code), 9);
}

static void
becomes_the_console(void **state)
{
	struct terminal terminal;
	struct ran ran;
	char code[16];

	(void)state;
	open_page(&terminal, code);
	terminal_wait(&terminal, lab.arm);
	terminal_wait(&terminal, "organizations");
	lab_ctl(&lab, "approve", code);
	terminal_wait(&terminal, "aa-payroll");
	terminal_wait(&terminal, "contoso.example");
	terminal_type(&terminal, "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_expect_clean(&terminal);
	terminal_free(&terminal);
	run(&ran, "account", "list", NULL);
	assert_int_equal(ran.code, lab_has_keyring() ? 0 : 4);
	ran_free(&ran);
	run(&ran, "logout", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
}

static void
leaves_it_clean_when_nobody_comes(void **state)
{
	struct terminal terminal;
	char code[16], next[16];

	(void)state;
	open_page(&terminal, code);
	terminal_type(&terminal, "n");
	terminal_wait_gone(&terminal, code);
	terminal_wait(&terminal, "in as you.");
	terminal_type(&terminal, ESC);
	terminal_wait(&terminal, "nobody is");
	terminal_type(&terminal, "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_expect_clean(&terminal);
	terminal_free(&terminal);
	open_page(&terminal, next);
	lab_ctl(&lab, "clock", "+1h");
	terminal_wait(&terminal, "the code has expired");
	assert_int_equal(terminal_end(&terminal, SIGTERM), 0);
	terminal_expect_clean(&terminal);
	terminal_free(&terminal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(becomes_the_console),
		cmocka_unit_test(leaves_it_clean_when_nobody_comes),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
