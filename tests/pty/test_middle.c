/* In the middle of a plan: the line drops, the window changes its size, the job is stopped. What
 * was done stays done, and is gone on with. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/pty/walk.h"

/* kv-payroll is protected, and the next step waits. */
static void
onboard_by_half(struct terminal *terminal)
{
	terminal_wait(terminal, "aa-payroll");
	terminal_wait(terminal, "  read ");
	terminal_type(terminal, "/aa-payroll" ENTER "o");
	terminal_wait(terminal, "Onboard aa-payroll");
	terminal_wait(terminal, "nothing is changed yet");
	terminal_type(terminal, CLEAR "kv-payroll/cmk-payroll" ENTER);
	terminal_wait(terminal, "steps are to be done");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "step 2");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "Type kv-payroll");
	terminal_type(terminal, "kv-payroll" ENTER);
	terminal_wait(terminal, "step 3");
	terminal_wait(terminal, "run this step");
}

/* All the steps that are left, one question for all of them. */
static void
onboard_to_the_end(struct terminal *terminal)
{
	terminal_type(terminal, "A");
	terminal_wait(terminal, "y/N");
	terminal_type(terminal, "y");
	terminal_wait(terminal, "Done, and read back");
}

static void
leave(struct terminal *terminal)
{
	terminal_type(terminal, "q");
	terminal_wait_gone(terminal, "Done, and read back");
	terminal_type(terminal, "q");
	assert_int_equal(terminal_end(terminal, 0), 0);
	terminal_expect_clean(terminal);
	terminal_free(terminal);
}

static void
check_onboarded(const struct place *place)
{
	struct ran ran;
	json_t *account;

	run(&ran, place->sandbox, "account", "show", "aa-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	account = ran_json(&ran);
	assert_string_equal(text_at(account, "keySource"), "customer");
	assert_string_equal(text_at(account, "state"), "ok");
	json_decref(account);
	ran_free(&ran);
}

/* The next console finds it in the journal, and goes on with what is left. */
static void
resume_onboarding(struct place *place)
{
	struct terminal terminal;

	terminal_start(&terminal, 80, 24, place->sandbox);
	terminal_wait(&terminal, "  read ");
	terminal_type(&terminal, "5");
	terminal_wait(&terminal, "1 operation");
	terminal_type(&terminal, "r");
	terminal_wait(&terminal, "steps are to be done");
	onboard_to_the_end(&terminal);
	leave(&terminal);
	check_onboarded(place);
	place_remove(place);
}

static void
test_hang_up(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	walk_place(&place);
	terminal_start(&terminal, 80, 24, place.sandbox);
	onboard_by_half(&terminal);
	assert_int_equal(terminal_hang_up(&terminal), err_exit(ERR_PARKED));
	terminal_free(&terminal);
	resume_onboarding(&place);
}

static void
test_kill(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	walk_place(&place);
	terminal_start(&terminal, 80, 24, place.sandbox);
	onboard_by_half(&terminal);
	assert_int_equal(terminal_end(&terminal, SIGKILL), 1000 + SIGKILL);
	terminal_free(&terminal);
	resume_onboarding(&place);
}

/* While accounts are being watched, with the key cut: they are asked slowly, so that it lasts. */
static void
test_hang_up_in_an_incident(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	walk_place(&place);
	terminal_run(&terminal, 80, 24,
		(const char *const[]){getenv("CLAVIGER"), place.sandbox, "--fault",
			"*canary.txt*=delay:3000", NULL});
	terminal_wait(&terminal, "aa-payroll");
	terminal_wait(&terminal, "  read ");
	terminal_type(&terminal, "!d" CLEAR "cmk-archive" ENTER);
	terminal_wait(&terminal, "1 account goes dark");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "Method");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "This cuts off");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "Type cmk-archive to go on");
	terminal_type(&terminal, "cmk-archive" ENTER);
	terminal_wait(&terminal, "✓   cmk-archive");
	assert_int_equal(terminal_hang_up(&terminal), err_exit(ERR_PARKED));
	terminal_free(&terminal);
	terminal_start(&terminal, 80, 24, place.sandbox);
	terminal_wait(&terminal, "  read ");
	terminal_type(&terminal, "5");
	terminal_wait(&terminal, "parked");
	terminal_type(&terminal, "r");
	terminal_wait(&terminal, "Nothing is to be changed. Enter looks");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "starchive01: dark after");
	leave(&terminal);
	place_remove(&place);
}

/* Between two steps, and while the rest runs. */
static void
test_resize(void **state)
{
	static const int storm[][2] = {{1, 1}, {300, 90}, {59, 14}, {2, 60}, {110, 40}, {80, 3}};
	struct terminal terminal;
	struct place place;

	(void)state;
	walk_place(&place);
	terminal_start(&terminal, 80, 24, place.sandbox);
	onboard_by_half(&terminal);
	for (size_t i = 0; i < ARRAY_LEN(storm); i++)
		terminal_resize(&terminal, storm[i][0], storm[i][1]);
	terminal_resize(&terminal, 80, 24);
	terminal_wait(&terminal, "step 3");
	terminal_wait(&terminal, "Assign an identity");
	terminal_type(&terminal, "A");
	terminal_wait(&terminal, "y/N");
	terminal_type(&terminal, "y");
	for (size_t i = 0; i < ARRAY_LEN(storm); i++) {
		terminal_resize(&terminal, storm[i][0], storm[i][1]);
		terminal_drain(&terminal, 50);
	}
	terminal_resize(&terminal, 120, 40);
	terminal_wait(&terminal, "Done, and read back");
	leave(&terminal);
	check_onboarded(&place);
	place_remove(&place);
}

/* Under a shell with job control: the same step is there again, and runs. */
static void
test_suspend(void **state)
{
	const char *words[] = {"/bin/sh", "-i", NULL};
	struct terminal terminal;
	struct place place;

	(void)state;
	walk_place(&place);
	setenv("PS1", "ready> ", 1);
	unsetenv("ENV");
	terminal_run(&terminal, 80, 24, words);
	terminal_wait(&terminal, "ready>");
	terminal_type(&terminal, "\"$CLAVIGER\" ");
	terminal_type(&terminal, place.sandbox);
	terminal_type(&terminal, ENTER);
	onboard_by_half(&terminal);
	terminal_type(&terminal, "\x1a");
	terminal_wait(&terminal, "Stopped");
	terminal_type(&terminal, "fg" ENTER);
	terminal_wait(&terminal, "step 3");
	onboard_to_the_end(&terminal);
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "Done, and read back");
	terminal_type(&terminal, "q");
	terminal_wait(&terminal, "ready>");
	terminal_settle(&terminal, 500);
	assert_false(terminal.alternate);
	terminal_type(&terminal, "exit" ENTER);
	terminal_end(&terminal, 0);
	terminal_free(&terminal);
	check_onboarded(&place);
	place_remove(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hang_up),
		cmocka_unit_test(test_kill),
		cmocka_unit_test(test_hang_up_in_an_incident),
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_suspend),
	};

	return cmocka_run_group_tests(tests, walk_seed, walk_clear);
}
