/* The main job by keys alone, on a real terminal, with the program that is shipped. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"
#include "tests/pty/terminal.h"

#define ESC "\033"
#define ENTER "\r"

/* Everything an operator presses, and what he must have seen before he does. */
static void
onboard(int columns, int rows)
{
	struct terminal terminal;
	struct place place;
	struct ran ran;
	json_t *account;

	place_seed(&place);
	terminal_start(&terminal, columns, rows, place.sandbox);
	terminal_wait(&terminal, "SANDBOX");
	terminal_wait(&terminal, "aa-payroll");
	terminal_wait(&terminal, "  read ");
	terminal_type(&terminal, "/aa-payroll");
	terminal_wait(&terminal, "Filter: aa-payroll");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "filter: aa-payroll");
	terminal_type(&terminal, "o");
	terminal_wait(&terminal, "Onboard aa-payroll");
	terminal_wait(&terminal, "nothing is changed yet");
	terminal_type(&terminal, "\025"
				 "kv-payroll/cmk-payroll");
	terminal_wait(&terminal, "kv-payroll/cmk-payroll");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "steps are to be done");
	terminal_wait(&terminal, "mended by the step: Protect the vault");
	terminal_type(&terminal, "A");
	terminal_wait(&terminal, "Type kv-payroll");
	terminal_type(&terminal, "kv-payroll" ENTER);
	terminal_wait(&terminal, "Done, and read back");
	terminal_wait(&terminal, "kv-payroll/cmk-payroll");
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "Done, and read back");
	terminal_type(&terminal, "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_expect_clean(&terminal);
	terminal_free(&terminal);

	run(&ran, place.sandbox, "account", "show", "aa-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	account = ran_json(&ran);
	assert_string_equal(text_at(account, "keySource"), "customer");
	assert_string_equal(text_at(account, "keyName"), "cmk-payroll");
	assert_int_equal(strlen(text_at(account, "keyVersion")), 32);
	assert_string_equal(text_at(account, "state"), "ok");
	json_decref(account);
	ran_free(&ran);
	place_remove(&place);
}

static void
test_onboard_120x40(void **state)
{
	(void)state;
	onboard(120, 40);
}

static void
test_onboard_80x24(void **state)
{
	(void)state;
	onboard(80, 24);
}

static void
test_sigterm_leaves_it_clean(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	place_seed(&place);
	terminal_start(&terminal, 80, 24, place.sandbox);
	terminal_wait(&terminal, "aa-payroll");
	assert_int_equal(terminal_end(&terminal, SIGTERM), 0);
	terminal_expect_clean(&terminal);
	terminal_free(&terminal);
	place_remove(&place);
}

/* A wrong name and a pasted one both do nothing. */
static void
test_a_name_must_be_typed(void **state)
{
	struct terminal terminal;
	struct place place;
	struct ran ran;
	json_t *vault;

	(void)state;
	place_seed(&place);
	terminal_start(&terminal, 80, 24, place.sandbox);
	terminal_wait(&terminal, "aa-payroll");
	terminal_wait(&terminal, "  read ");
	terminal_type(&terminal, "/aa-payroll" ENTER "o");
	terminal_wait(&terminal, "Onboard aa-payroll");
	terminal_wait(&terminal, "nothing is changed yet");
	terminal_type(&terminal, "\025"
				 "kv-payroll/cmk-payroll" ENTER);
	terminal_wait(&terminal, "steps are to be done");
	terminal_type(&terminal, "A");
	terminal_wait(&terminal, "Type kv-payroll");
	terminal_type(&terminal, ESC "[200~kv-payroll" ESC "[201~");
	terminal_wait(&terminal, "pasted text is refused");
	terminal_type(&terminal, "kv-pay" ENTER);
	terminal_wait(&terminal, "That is not kv-payroll");
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "step 2");
	terminal_type(&terminal, "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_free(&terminal);
	run(&ran, place.sandbox, "vault", "show", "kv-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	vault = ran_json(&ran);
	assert_true(json_is_false(value_at(vault, "purgeProtection")));
	json_decref(vault);
	ran_free(&ran);
	place_remove(&place);
}

/* Without credentials there is a start page, and its sandbox is the sandbox. */
static void
test_start_page_leads_to_the_sandbox(void **state)
{
	struct terminal terminal;

	(void)state;
	terminal_start(&terminal, 80, 24, NULL);
	terminal_wait(&terminal, "Try everything"); /* once every way to sign in was tried */
	terminal_type(&terminal, "s");
	terminal_wait(&terminal, "aa-payroll");
	assert_true(terminal_shows(&terminal, "SANDBOX"));
	terminal_type(&terminal, "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_expect_clean(&terminal);
	terminal_free(&terminal);
}

/* Nothing ticks: once everything is read, not a byte goes out. */
static void
test_idle_is_silent(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	place_seed(&place);
	terminal_start(&terminal, 120, 40, place.sandbox);
	terminal_wait(&terminal, "  read ");
	terminal_wait(&terminal, "has get recover"); /* the last that the account's detail reads */
	terminal_settle(&terminal, 500);
	assert_int_equal(terminal_drain(&terminal, 2000), 0);
	terminal_type(&terminal, "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_free(&terminal);
	place_remove(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_onboard_120x40),
		cmocka_unit_test(test_onboard_80x24),
		cmocka_unit_test(test_sigterm_leaves_it_clean),
		cmocka_unit_test(test_a_name_must_be_typed),
		cmocka_unit_test(test_start_page_leads_to_the_sandbox),
		cmocka_unit_test(test_idle_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
