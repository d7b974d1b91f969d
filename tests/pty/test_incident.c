/* Under stress: from `!` to a key that is cut, data that is seen to be dark, and a timeline on the
 * disk, on a real terminal, with the program that is shipped. */
#include <limits.h>
#include <setjmp.h>
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
#include "tests/pty/terminal.h"

#define ESC "\033"
#define ENTER "\r"

/* Keys pressed between the alarm and the cut, without the letters of names. */
enum { PRESSES_MOST = 12 };

static size_t presses;

static void
press(struct terminal *terminal, const char *key)
{
	presses++;
	terminal_type(terminal, key);
}

/* The console is open, at the first tab, as it was left hours ago. */
static void
open_console(struct terminal *terminal, struct place *place, int columns, int rows)
{
	place_seed(place);
	terminal_start(terminal, columns, rows, place->sandbox);
	terminal_wait(terminal, "aa-payroll");
	terminal_wait(terminal, "  read ");
	presses = 0;
}

/* From the alarm to the question for the key's name. */
static void
up_to_the_name(struct terminal *terminal)
{
	press(terminal, "!");
	terminal_wait(terminal, "What has happened?");
	press(terminal, "d");
	terminal_wait(terminal, "which key?");
	terminal_type(terminal, "cmk-archive");
	terminal_wait(terminal, "Key: cmk-archive");
	press(terminal, ENTER);
	terminal_wait(terminal, "1 account goes dark");
	terminal_wait(terminal, "starchive01: version");
	terminal_wait(terminal, "Not known");
	press(terminal, ENTER);
	terminal_wait(terminal, "Method");
	press(terminal, ENTER);
	terminal_wait(terminal, "This cuts off");
	press(terminal, ENTER);
	terminal_wait(terminal, "Type cmk-archive to go on");
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
write_timeline(struct terminal *terminal, const char *path)
{
	terminal_type(terminal, "x");
	terminal_wait(terminal, "Write the timeline to");
	terminal_type(terminal, "\025");
	terminal_type(terminal, path);
	terminal_type(terminal, ENTER);
	terminal_wait(terminal, "The timeline is in");
}

/* What it says, and that nobody else may read it. */
static void
check_timeline(const char *path)
{
	struct buf text;
	struct stat st;
	struct err err;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 077, 0);
	buf_init(&text, 1 << 20);
	assert_true(file_read(path, true, &text, &err));
	assert_non_null(strstr(buf_text(&text), "## revoke kv-archive/cmk-archive"));
	assert_non_null(strstr(buf_text(&text), "starchive01 is dark"));
	assert_non_null(strstr(buf_text(&text), "PATCH https://kv-archive.vault."));
	assert_non_null(strstr(buf_text(&text), "| disable | done | 200 | "));
	buf_free(&text);
}

static void
check_key(const struct place *place, bool enabled)
{
	struct ran ran;
	json_t *key, *version;
	size_t i, on = 0;

	run(&ran, place->sandbox, "key", "show", "kv-archive/cmk-archive", "-o", "json", NULL);
	ran_expect(&ran, 0);
	key = ran_json(&ran);
	json_array_foreach(json_object_get(key, "versions"), i, version)
	{
		on += json_is_true(json_object_get(version, "enabled"));
	}
	assert_int_equal(on > 0, enabled);
	json_decref(key);
	ran_free(&ran);
}

static void
incident(int columns, int rows)
{
	struct terminal terminal;
	struct place place;
	char path[PATH_MAX + 16];

	open_console(&terminal, &place, columns, rows);
	up_to_the_name(&terminal);
	terminal_type(&terminal, "cmk-archive");
	press(&terminal, ENTER);
	assert_true(presses <= PRESSES_MOST);
	terminal_wait(&terminal, "starchive01: dark after");
	terminal_wait(&terminal, "refused 3");
	assert_true(terminal_shows(&terminal, "claviger restore "));
	snprintf(path, sizeof path, "%s/timeline.md", place.dir);
	write_timeline(&terminal, path);
	check_timeline(path);
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "dark after");
	leave(&terminal);
	check_key(&place, false);
	place_remove(&place);
}

static void
test_incident_80x24(void **state)
{
	(void)state;
	incident(80, 24);
}

static void
test_incident_120x40(void **state)
{
	(void)state;
	incident(120, 40);
}

/* A paste does not answer for the operator, a wrong name does nothing, Esc does nothing. */
static void
test_nothing_is_cut_unasked(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	open_console(&terminal, &place, 80, 24);
	up_to_the_name(&terminal);
	terminal_type(&terminal, ESC "[200~cmk-archive" ESC "[201~");
	terminal_wait(&terminal, "pasted text is refused");
	terminal_type(&terminal, "cmk-arch" ENTER);
	terminal_wait(&terminal, "That is not cmk-archive");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "Type cmk-archive to go on");
	terminal_type(&terminal, ESC);
	terminal_wait(&terminal, "Cancelled: nothing was done");
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "This cuts off");
	leave(&terminal);
	check_key(&place, true);
	place_remove(&place);
}

/* What was filled in gives way to a paste as to a letter. */
static void
test_pasted_key(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	open_console(&terminal, &place, 80, 24);
	terminal_type(&terminal, "3");
	terminal_wait(&terminal, "cmk-archive");
	terminal_type(&terminal, "!d");
	terminal_wait(&terminal, "Key: kv-");
	terminal_type(&terminal, ESC "[200~kv-billing/cmk-billing" ESC "[201~");
	terminal_wait(&terminal, "Key: kv-billing/cmk-billing");
	terminal_type(&terminal, ESC);
	terminal_wait(&terminal, "What has happened?");
	leave(&terminal);
	place_remove(&place);
}

/* Another process moved an account to the key meanwhile: ^R tells of it. */
static void
test_hit_anew(void **state)
{
	struct terminal terminal;
	struct place place;
	struct ran ran;

	(void)state;
	open_console(&terminal, &place, 80, 24);
	terminal_type(&terminal, "!d");
	terminal_wait(&terminal, "which key?");
	terminal_type(&terminal, "cmk-archive" ENTER);
	terminal_wait(&terminal, "1 account goes dark");
	run(&ran, place.sandbox, "onboard", "stledger01", "--key=kv-archive/cmk-archive", "--yes",
		NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	terminal_type(&terminal, "\022");
	terminal_wait(&terminal, "2 accounts go dark");
	leave(&terminal);
	place_remove(&place);
}

/* Stopped once the key is cut, looked at elsewhere meanwhile, and gone on with from the journal. */
/* The account is asked slowly: the plan still runs when it is parked. */
static void
test_park_and_resume(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	place_seed(&place);
	terminal_run(&terminal, 80, 24,
		(const char *const[]){getenv("CLAVIGER"), place.sandbox, "--fault",
			"*canary.txt*=delay:3000", NULL});
	terminal_wait(&terminal, "aa-payroll");
	terminal_wait(&terminal, "  read ");
	up_to_the_name(&terminal);
	terminal_type(&terminal, "cmk-archive" ENTER);
	terminal_wait(&terminal, "✓   cmk-archive");
	terminal_type(&terminal, "1");
	terminal_wait(&terminal, "a plan runs in !");
	terminal_type(&terminal, "!q");
	terminal_wait(&terminal, "Parked: kv-archive/cmk-archive");
	terminal_type(&terminal, "5");
	terminal_wait(&terminal, "1 operation");
	terminal_wait(&terminal, "parked");
	terminal_type(&terminal, "r");
	terminal_wait(&terminal, "Nothing is to be changed. Enter looks");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "starchive01: dark after");
	terminal_type(&terminal, "q");
	terminal_wait_gone(&terminal, "dark after");
	leave(&terminal);
	check_key(&place, false);
	place_remove(&place);
}

/* Left while whom it hits is being found out, and while each is looked at. */
static void
test_leaving_at_any_time(void **state)
{
	static const int pauses[] = {0, 15, 40, 80, 150, 300};
	struct terminal terminal;
	struct place place;

	(void)state;
	open_console(&terminal, &place, 80, 24);
	terminal_type(&terminal, "!d");
	terminal_wait(&terminal, "which key?");
	terminal_type(&terminal, "cmk-archive" ENTER);
	terminal_wait(&terminal, "Enter goes on to how");
	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		terminal_type(&terminal, ENTER);
		terminal_wait(&terminal, "Method");
		terminal_type(&terminal, ENTER);
		terminal_drain(&terminal, pauses[i]);
		terminal_type(&terminal, "q");
		terminal_wait(&terminal, "Enter goes on to how");
	}
	leave(&terminal);
	check_key(&place, true);
	place_remove(&place);
}

/* Cut, then given back by the verb that the page names, and seen to be readable. */
static void
test_the_way_back(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	open_console(&terminal, &place, 80, 24);
	up_to_the_name(&terminal);
	terminal_type(&terminal, "cmk-archive" ENTER);
	terminal_wait(&terminal, "starchive01: dark after");
	terminal_type(&terminal, "u");
	terminal_wait(&terminal, "would change something");
	terminal_type(&terminal, ENTER);
	terminal_wait(&terminal, "y/N");
	terminal_type(&terminal, "y");
	terminal_wait(&terminal, "starchive01: restored after");
	terminal_type(&terminal, "5");
	terminal_wait(&terminal, "2 operations");
	terminal_type(&terminal, "q");
	assert_int_equal(terminal_end(&terminal, 0), 0);
	terminal_free(&terminal);
	check_key(&place, true);
	place_remove(&place);
}

/* Whom it hits takes Azure its time: other tabs are there at once meanwhile. */
static void
test_keys_while_azure_is_slow(void **state)
{
	struct terminal terminal;
	struct place place;

	(void)state;
	place_seed(&place);
	terminal_run(&terminal, 80, 24,
		(const char *const[]){getenv("CLAVIGER"), place.sandbox, "--fault",
			"*Microsoft.ResourceGraph*=delay:4000", NULL});
	terminal_wait(&terminal, "  read ");
	terminal_type(&terminal, "!d");
	terminal_wait(&terminal, "which key?");
	terminal_type(&terminal, "cmk-archive" ENTER);
	terminal_wait(&terminal, "another key");
	terminal_drain(&terminal, 100);
	terminal_type(&terminal, "1");
	terminal_wait(&terminal, "aa-payroll");
	terminal_type(&terminal, "!");
	terminal_wait(&terminal, "another key");
	assert_false(terminal_shows(&terminal, "1 account goes dark"));
	terminal_wait(&terminal, "1 account goes dark");
	leave(&terminal);
	place_remove(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_incident_80x24),
		cmocka_unit_test(test_incident_120x40),
		cmocka_unit_test(test_nothing_is_cut_unasked),
		cmocka_unit_test(test_pasted_key),
		cmocka_unit_test(test_hit_anew),
		cmocka_unit_test(test_park_and_resume),
		cmocka_unit_test(test_leaving_at_any_time),
		cmocka_unit_test(test_the_way_back),
		cmocka_unit_test(test_keys_while_azure_is_slow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
