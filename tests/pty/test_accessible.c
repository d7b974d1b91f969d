/* The dialogue for those who hear the console: the same plan, with the same questions, in lines. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/flow/run.h"
#include "tests/pty/terminal.h"

static struct place place;

static int
seed(void **state)
{
	(void)state;
	place_seed(&place);
	setenv("TERM", "dumb", 1); /* a talking Emacs shell, say */
	return 0;
}

static int
clear(void **state)
{
	(void)state;
	place_remove(&place);
	return 0;
}

/* Each question in turn, and what is answered. */
static void
say(struct terminal *terminal, const char *question, const char *line)
{
	terminal_wait(terminal, question);
	terminal_type(terminal, line);
	terminal_type(terminal, "\r");
}

static void
begin(struct terminal *terminal)
{
	const char *words[] = {getenv("CLAVIGER"), place.sandbox, "--accessible", NULL};

	terminal_run(terminal, 160, 60, words);
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
	begin(&terminal);
	say(&terminal, "A place, 1 to 5", "1");
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
	begin(&terminal);
	say(&terminal, "A place, 1 to 5", "3");
	say(&terminal, "9. ", "cmk-billing");
	say(&terminal, "1. cmk-billing", "1");
	terminal_wait(&terminal, "An action");
	terminal_type(&terminal, "\r");
	say(&terminal, "9. ", "nothing of that name");
	terminal_wait(&terminal, "Nothing holds that text.");
	terminal_type(&terminal, "\r");
	say(&terminal, "A place, 1 to 5", "1");
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

/* Ctrl-C leaves, with the exit code of the command line. */
static void
interrupted(void **state)
{
	struct terminal terminal;

	(void)state;
	begin(&terminal);
	terminal_wait(&terminal, "A place, 1 to 5");
	assert_int_equal(terminal_end(&terminal, SIGINT), 130);
	terminal_free(&terminal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(onboards),
		cmocka_unit_test(names_are_typed),
		cmocka_unit_test(interrupted),
	};

	return cmocka_run_group_tests(tests, seed, clear);
}
