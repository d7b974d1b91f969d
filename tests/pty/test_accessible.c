/* The dialogue for those who hear the console: the same plan, with the same questions, in lines. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"
#include "tests/pty/terminal.h"

static struct place place;

/* Each question in turn, and what is answered. */
static void
say(struct terminal *terminal, const char *question, const char *line)
{
	terminal_wait(terminal, question);
	terminal_type(terminal, line);
	terminal_type(terminal, "\r");
}

static void
begin(struct terminal *terminal, int columns)
{
	const char *words[] = {getenv("CLAVIGER"), place.sandbox, "--accessible", NULL};

	terminal_run(terminal, columns, 60, words);
	terminal_wait(terminal, "SANDBOX: nothing here is real");
}

static json_t *
account(const char *name)
{
	struct ran ran;
	json_t *json;

	run(&ran, place.sandbox, "account", "show", name, "-o", "json", NULL);
	ran_expect(&ran, 0);
	json = ran_json(&ran);
	ran_free(&ran);
	return json;
}

static void
onboards(void **state)
{
	struct terminal terminal;
	json_t *json;

	(void)state;
	begin(&terminal, 160);
	say(&terminal, "A place, 1 to 7", "1");
	say(&terminal, "8. ", "stledger");
	say(&terminal, "1. stledger01", "1");
	terminal_wait(&terminal, "What to do with it");
	say(&terminal, "1. Onboard", "1");
	say(&terminal, "Key. ", "?");
	say(&terminal, "cmk-archive", "cmk-archive");
	say(&terminal, "1. cmk-archive", "1");
	for (int i = 0; i < 12 && !terminal_shows(&terminal, "Make these changes?"); i++) {
		terminal_type(&terminal, "\r");
		terminal_settle(&terminal, 1500);
	}
	say(&terminal, "Make these changes? [y/N]", "y");
	terminal_wait(&terminal, "Onboard stledger01: done");
	terminal_wait(&terminal, "claviger onboard stledger01 --key kv-archive/cmk-archive --yes");
	say(&terminal, "+ for what is not in the list", "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	assert_null(strchr(terminal.text, '\033'));
	terminal_expect_clean(&terminal);
	terminal_free(&terminal);
	json = account("stledger01");
	assert_string_equal(text_at(json, "keySource"), "customer");
	json_decref(json);
}

/* What cannot be undone is agreed to by its name, what cuts off too; anything else is a no. */
static void
names_are_typed(void **state)
{
	struct terminal terminal;
	json_t *json;

	(void)state;
	begin(&terminal, 160);
	say(&terminal, "A place, 1 to 7", "3");
	say(&terminal, "9. ", "cmk-billing");
	say(&terminal, "1. cmk-billing", "1");
	terminal_wait(&terminal, "An action");
	terminal_type(&terminal, "\r");
	say(&terminal, "9. ", "nothing of that name");
	terminal_wait(&terminal, "Nothing holds that text.");
	terminal_type(&terminal, "\r");
	say(&terminal, "A place, 1 to 7", "1");
	say(&terminal, "8. ", "aa-payroll");
	say(&terminal, "1. aa-payroll", "1");
	say(&terminal, "1. Onboard", "1");
	say(&terminal, "Key. ", "kv-payroll/cmk-payroll");
	for (int i = 0; i < 12 && !terminal_shows(&terminal, "Type kv-payroll"); i++) {
		terminal_type(&terminal, "\r");
		terminal_settle(&terminal, 1500);
	}
	say(&terminal, "Not all of this can be undone. Type kv-payroll to go on", "y");
	terminal_wait(&terminal, "nothing was changed");
	say(&terminal, "+ for what is not in the list", "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_free(&terminal);
	json = account("aa-payroll");
	assert_string_equal(text_at(json, "keySource"), "microsoft");
	json_decref(json);
}

/* A finding is told as in the console, and mended with what its command names. */
static void
mends_a_finding(void **state)
{
	struct terminal terminal;

	(void)state;
	begin(&terminal, 80);
	say(&terminal, "A place, 1 to 7", "6");
	say(&terminal, "Findings, the worst first", "purge protection of kv-payroll");
	say(&terminal, "1. high, kv-payroll", "1");
	terminal_wait(&terminal, "What is deleted in the vault can be purged at once.");
	terminal_wait(&terminal, "claviger protect kv-payroll");
	say(&terminal, "1. Mend it", "1");
	say(&terminal, "Type kv-payroll to go on", "kv-payroll");
	terminal_wait(&terminal, "Protect kv-payroll: done");
	say(&terminal, "Findings, the worst first", "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_free(&terminal);
}

/* Whom it hits is told before the name is asked for, and only the name cuts. */
static void
answers_an_alarm(void **state)
{
	struct terminal terminal;

	(void)state;
	begin(&terminal, 80);
	say(&terminal, "A place, 1 to 7", "7");
	terminal_wait(&terminal, "What has happened");
	say(&terminal, "An answer; nothing is cut", "2");
	say(&terminal, "9. ", "cmk-archive");
	say(&terminal, "1. cmk-archive", "1");
	terminal_wait(&terminal, "2 accounts go dark");
	/* Not broken in the middle of a word. */
	terminal_wait(&terminal, "listing the names of blobs still\nwork.");
	terminal_wait(&terminal, "What a cut does not stop");
	for (int i = 0; i < 12 && !terminal_shows(&terminal, "Type cmk-archive"); i++) {
		terminal_type(&terminal, "\r");
		terminal_settle(&terminal, 1500);
	}
	say(&terminal, "Type cmk-archive", "y");
	terminal_wait(&terminal, "nothing was changed");
	say(&terminal, "A place, 1 to 7", "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_free(&terminal);
}

/* What a program reads is not broken between words. */
static void
prints_json(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, "rotate", "no-such-key-of-anybody", "--accessible", "-o", "json",
		NULL);
	ran_expect(&ran, 3);
	json_decref(ran_json(&ran));
	ran_free(&ran);
}

/* Ctrl-C leaves, with the exit code of the command line. */
static void
interrupted(void **state)
{
	struct terminal terminal;

	(void)state;
	begin(&terminal, 160);
	terminal_wait(&terminal, "A place, 1 to 7");
	assert_int_equal(terminal_end(&terminal, SIGINT), 130);
	terminal_free(&terminal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(onboards),
		cmocka_unit_test(names_are_typed),
		cmocka_unit_test(mends_a_finding),
		cmocka_unit_test(answers_an_alarm),
		cmocka_unit_test(prints_json),
		cmocka_unit_test(interrupted),
	};
	int failed;

	place_seed(&place);
	setenv("TERM", "dumb", 1); /* a talking Emacs shell, say */
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&place);
	return failed;
}
