/* The tour by its own keys, on a real terminal, with the program that is shipped: each lesson is
 * over when the server shows it, and not before. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "tests/fixtures/run.h"
#include "tests/pty/terminal.h"

#define ESC "\033"
#define ENTER "\r"
#define F5 "\033[15~"
#define F6 "\033[17~"

/* Every test has a state folder of its own, so a tour of its own. */
struct site {
	struct place place;
	char sandbox[PATH_MAX + 64];
};

static void
site_make(struct site *site)
{
	place_make(&site->place);
	setenv("XDG_STATE_HOME", site->place.dir, 1);
	snprintf(site->sandbox, sizeof site->sandbox, "--sandbox=%s/claviger/tour/sandbox",
		site->place.dir);
}

static void
site_remove(struct site *site)
{
	unsetenv("XDG_STATE_HOME");
	place_remove(&site->place);
}

static void
begin(struct terminal *terminal, int columns, int rows)
{
	terminal_start(terminal, columns, rows, "tour");
	terminal_wait(terminal, "SANDBOX");
	terminal_wait(terminal, "  read ");
}

static void
leave(struct terminal *terminal)
{
	terminal_type(terminal, ":quit" ENTER);
	assert_int_equal(terminal_end(terminal, 0), 0);
	terminal_expect_clean(terminal);
	terminal_free(terminal);
}

static void
onboard(struct terminal *terminal)
{
	terminal_wait(terminal, "Tour, 1 of 10");
	terminal_wait(terminal, "✓ server: Microsoft's keys");
	terminal_type(terminal, F5);
	terminal_wait(terminal, "Tour, 2 of 10");
	terminal_type(terminal, "/aa-payroll" ENTER);
	terminal_wait(terminal, "filter: aa-payroll");
	terminal_type(terminal, "o");
	terminal_wait(terminal, "Onboard aa-payroll");
	terminal_wait(terminal, "nothing is changed yet");
	terminal_type(terminal, "\025kv-payroll/cmk-payroll" ENTER);
	terminal_wait(terminal, "steps are to be done");
	terminal_type(terminal, "A");
	terminal_wait(terminal, "Type kv-payroll");
	terminal_type(terminal, "kv-payroll" ENTER);
	terminal_wait(terminal, "Tour, 3 of 10");
	terminal_wait(terminal, "Done, and read back");
	terminal_wait(terminal, "✓ server: on kv-payroll/cmk-payroll");
	terminal_type(terminal, "q");
	terminal_wait_gone(terminal, "Done, and read back");
	terminal_type(terminal, F5);
}

static void
rotate(struct terminal *terminal)
{
	terminal_wait(terminal, "Tour, 4 of 10");
	terminal_wait(terminal, "one version");
	terminal_wait(terminal, "kv-payroll    ");
	terminal_type(terminal, "r");
	terminal_wait(terminal, "Rotate kv-payroll/cmk-payroll");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "would change something");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "y/N");
	terminal_type(terminal, "y");
	terminal_wait(terminal, "Tour, 5 of 10");
	terminal_wait(terminal, "▸ done");
	terminal_type(terminal, "q");
	terminal_wait_gone(terminal, "▸ done");
	terminal_wait(terminal, "✓ server: key enabled, data readable");
}

/* From the alarm to the timeline. */
static void
drill(struct terminal *terminal)
{
	terminal_wait(terminal, "ALARM: cut cmk-archive");
	terminal_type(terminal, "!");
	terminal_wait(terminal, "What has happened?");
	terminal_type(terminal, "d");
	terminal_wait(terminal, "which key?");
	terminal_type(terminal, "cmk-archive");
	terminal_wait(terminal, "Key: cmk-archive");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "1 account goes dark");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "Method");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "This cuts off");
	terminal_wait(terminal, "server: the key opens its data");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "Type cmk-archive");
	terminal_type(terminal, "cmk-archive" ENTER);
	terminal_wait(terminal, "Tour, 7 of 10");
	terminal_wait(terminal, "Cut sent after");
	terminal_wait(terminal, "Tour, 8 of 10");
	terminal_wait(terminal, "dark after");
	terminal_wait(terminal, "starchive01: dark after");
	terminal_type(terminal, "u");
	terminal_wait(terminal, "would change something");
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "y/N");
	terminal_type(terminal, "y");
	terminal_wait(terminal, "Tour, 9 of 10");
	terminal_wait(terminal, "given back after");
	terminal_wait(terminal, "starchive01: restored after");
}

/* What the folder keeps: the place, and the times of the best drill in their order. */
static void
check_progress(const struct site *site, int lesson)
{
	char path[PATH_MAX + 64];
	struct buf text;
	struct err err;
	json_t *json;
	json_int_t cut, dark, restored;

	snprintf(path, sizeof path, "%s/claviger/tour/progress.json", site->place.dir);
	buf_init(&text, 4096);
	assert_true(file_read(path, true, &text, &err));
	json = json_loads(buf_text(&text), 0, NULL);
	assert_non_null(json);
	assert_int_equal(json_integer_value(json_object_get(json, "lesson")), lesson);
	assert_int_equal(json_unpack(json, "{s:{s:I,s:I,s:I}}", "best", "cut", &cut, "dark", &dark,
				 "restored", &restored),
		0);
	assert_true(cut > 0 && cut < dark && dark < restored);
	json_decref(json);
	buf_free(&text);
}

static void
walk(int columns, int rows)
{
	struct terminal terminal;
	struct site site;
	struct ran ran;
	json_t *account;

	site_make(&site);
	begin(&terminal, columns, rows);
	onboard(&terminal);
	rotate(&terminal);
	terminal_type(&terminal, F5);
	drill(&terminal);
	terminal_type(&terminal, F5);
	terminal_wait(&terminal, "Tour, 10 of 10");
	terminal_wait(&terminal, "Best: dark");
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "restored after");
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "starchive01: dark after");
	leave(&terminal);
	check_progress(&site, 9);
	run(&ran, site.sandbox, "account", "show", "aa-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	account = ran_json(&ran);
	assert_string_equal(text_at(account, "keyName"), "cmk-payroll");
	assert_string_equal(text_at(account, "state"), "ok");
	json_decref(account);
	ran_free(&ran);
	begin(&terminal, columns, rows);
	terminal_wait(&terminal, "Tour, 1 of 10");
	terminal_wait(&terminal, "Microsoft's keys, no identity");
	leave(&terminal);
	site_remove(&site);
}

static void
test_walk_80x24(void **state)
{
	(void)state;
	walk(80, 24);
}

static void
test_walk_120x40(void **state)
{
	(void)state;
	walk(120, 40);
}

/* Another key is not the one, and F5 is no way round. */
static void
test_only_the_server_ticks(void **state)
{
	struct terminal terminal;
	struct site site;
	struct ran ran;

	(void)state;
	site_make(&site);
	begin(&terminal, 80, 24);
	terminal_wait(&terminal, "✓ server");
	terminal_type(&terminal, F5);
	terminal_wait(&terminal, "Tour, 2 of 10");
	terminal_type(&terminal, F5);
	terminal_wait(&terminal, "This lesson is over when the server shows it");
	run(&ran, site.sandbox, "onboard", "aa-payroll", "--key", "kv-billing/cmk-billing", "--yes",
		NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	terminal_type(&terminal, "/stledger01" ENTER "o");
	terminal_wait(&terminal, "Onboard stledger01");
	terminal_wait(&terminal, "nothing is changed yet");
	terminal_type(&terminal, "\025kv-archive/cmk-archive" ENTER);
	terminal_wait(&terminal, "steps are to be done");
	terminal_type(&terminal, "A");
	terminal_wait(&terminal, "y/N");
	terminal_type(&terminal, "y");
	terminal_wait(&terminal, "Done, and read back");
	terminal_wait(&terminal, "▸ server: on kv-billing/cmk-billing");
	assert_true(terminal_shows(&terminal, "Tour, 2 of 10"));
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "Done, and read back");
	leave(&terminal);
	site_remove(&site);
}

/* Put away and taken up again, in the console and after it was left. */
static void
test_left_and_taken_up(void **state)
{
	struct terminal terminal;
	struct site site;

	(void)state;
	site_make(&site);
	begin(&terminal, 80, 24);
	terminal_wait(&terminal, "✓ server");
	terminal_type(&terminal, ESC);
	terminal_wait_gone(&terminal, "Tour, 1 of 10");
	terminal_wait(&terminal, "F6 takes it up again");
	terminal_type(&terminal, F6);
	terminal_wait(&terminal, "Tour, 1 of 10");
	terminal_type(&terminal, F5);
	terminal_wait(&terminal, "Tour, 2 of 10");
	leave(&terminal);
	begin(&terminal, 80, 24);
	terminal_wait(&terminal, "Tour, 2 of 10");
	leave(&terminal);
	site_remove(&site);
}

static void
test_no_terminal(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "tour", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "terminal", "claviger-tutorial", "onboard", NULL);
	ran_free(&ran);
}

/* From the page that somebody without credentials sees. */
static void
test_from_the_start_page(void **state)
{
	struct terminal terminal;
	struct site site;

	(void)state;
	site_make(&site);
	terminal_start(&terminal, 80, 24, NULL);
	terminal_wait(&terminal, "Take the tour");
	terminal_type(&terminal, "l");
	terminal_wait(&terminal, "Tour, 1 of 10");
	leave(&terminal);
	site_remove(&site);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk_80x24),
		cmocka_unit_test(test_walk_120x40),
		cmocka_unit_test(test_only_the_server_ticks),
		cmocka_unit_test(test_left_and_taken_up),
		cmocka_unit_test(test_no_terminal),
		cmocka_unit_test(test_from_the_start_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
