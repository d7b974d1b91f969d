/* Plans made of plans, as an operator meets them: an incident from the question to the timeline, a
 * rotation, a fleet, and the journal that they leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "backend/base/file.h"
#include "tests/screen/screen.h"

#define TO_IMPACT "Wait ! d =cmk-archive Enter Wait "
#define TO_FORM TO_IMPACT "Enter Wait "
#define TO_PLAN TO_FORM "Enter Wait "

static void
play(struct screen *screen, const char *script)
{
	free(screen_play(screen, 80, 24, script));
}

/* The key that was looked at is there; what is typed takes its place; a name can be completed. */
static void
test_which_key(void **state)
{
	screen_plays(
		*state, "Wait / =starchive01 Enter !", "Under the cursor: kv-archive/cmk-archive");
	screen_plays(*state, "Wait / =starchive01 Enter ! d", "Key: kv-archive/cmk-archive");
	screen_plays(
		*state, "Wait / =starchive01 Enter ! d =bill Tab", "Key: kv-billing/cmk-billing");
	screen_plays(*state, "Wait / =starchive01 Enter ! d Enter Wait", "1 account goes dark");
	screen_plays(*state, "Wait ! s =nowhere/nothing Enter Wait", "nowhere");
	screen_plays(*state, "Wait ! d =cmk-rbac Enter Wait", "0 accounts go dark");
	/* What cannot open its key any more is not counted once more. */
	screen_plays(*state, "Wait ! d =cmk-export Enter Wait", "0 accounts go dark");
	screen_plays(*state, "Wait ! d =cmk-export Enter Wait", "1 account is cut off already");
	screen_plays(*state, "Wait ! d =cmk-export Enter Wait",
		"cut off already: its identity lacks unwrapKey");
	/* From where letters are text it is reached by its twin. */
	screen_plays(*state, "Wait / F9", "What has happened?");
}

static void
test_revoke_planned(void **state)
{
	screen_plays(*state, TO_PLAN "Enter =cmk-arch Enter", "That is not cmk-archive");
	screen_plays(*state, TO_PLAN "Enter Esc", "Cancelled: nothing was done");
	screen_plays(*state, TO_PLAN "n", "az rest --method patch");
	/* A single key cuts nothing. */
	screen_plays(*state, TO_PLAN "y A x u d", "Type cmk-archive to go on");
	screen_plays(*state, "Wait 3 Wait / =cmk-archive Enter Enter Wait", "enabled");
	screen_plays_not(*state, "Wait 5 Wait", "revoke");
}

static void
test_evacuate_planned(void **state)
{
	static const char plan[] = "Wait ! s =cmk-billing Enter Wait Enter Wait =kv-archive Down "
				   "=cmk-new Down Right Enter Wait ";

	screen_plays(*state, plan, "asks for \"cmk-billing\"");
}

/* The records of the campaign and of its members, with Azure's request ids. */
static void
check_json(const char *path)
{
	char name[80];
	json_t *records, *record;
	size_t i, sent = 0;

	snprintf(name, sizeof name, "%s.json", path);
	records = json_load_file(name, 0, NULL);
	assert_true(json_array_size(records) > 4);
	json_array_foreach(records, i, record)
	{
		sent += json_string_length(json_object_get(record, "requestId")) > 0;
	}
	assert_int_equal(sent, 1);
	json_decref(records);
	unlink(name);
}

/* On an estate of its own, as it changes it: at 80x24 the one key, at 120x40 the other. */
static void
test_revoke_and_restore(void **state)
{
	char path[] = "/tmp/claviger-timeline-XXXXXX", script[400];
	struct buf text;
	struct err err;

	screen_plays(*state, TO_PLAN "Enter =cmk-archive Enter 1", "a plan runs in !");
	play(*state,
		"Wait ! d =cmk-billing Enter Wait Enter Wait Enter Wait Enter =cmk-billing Enter Wait");
	close(mkstemp(path));
	snprintf(script, sizeof script, "Wait 5 Wait Enter x ^U =%s Enter", path);
	screen_plays(*state, script, "is there already");
	unlink(path);
	screen_plays(*state, script, "The timeline is in");
	buf_init(&text, 1 << 20);
	assert_true(file_read(path, false, &text, &err));
	screen_holds(buf_text(&text), "aa-billing is dark");
	screen_holds(buf_text(&text), "## revoke kv-billing/cmk-billing");
	buf_free(&text);
	unlink(path);
	snprintf(script, sizeof script, "Wait 5 Wait Enter x ^U =%s.json Enter", path);
	screen_plays(*state, script, "The timeline is in");
	check_json(path);
}

static void
test_revoke_done(void **state)
{
	/* A name is typed in whatever letters: Azure knows no case. */
	play(*state, TO_PLAN "Enter =CMK-Archive Enter Wait");
	/* Run again it changes nothing, and looks whether it is still so. */
	screen_plays(*state, TO_PLAN, "Nothing is to be changed. Enter looks");
}

/* Stopped before anything was changed: nothing is claimed to be written down, and it can go on. */
static void
test_park(void **state)
{
	play(*state, TO_PLAN "Enter =cmk-archive Enter q Wait");
	screen_plays(*state, "Wait 5 Wait", "the journal is empty");
	screen_plays(
		*state, TO_PLAN "Enter =cmk-archive Enter q Wait x Enter", "Nothing was recorded");
	screen_plays(*state, TO_PLAN "Enter =cmk-archive Enter q Wait Enter y Wait",
		"starchive01: dark after");
	screen_plays(*state, "Wait 5 Wait", "done");
}

/* Nothing is too small to be left again. */
static void
test_small(void **state)
{
	char *shown;

	shown = screen_play(*state, 60, 15, TO_PLAN "Down Down Down Down PgDn");
	screen_holds(shown, "PATCH https://kv-archive");
	free(shown);
	shown = screen_play(*state, 60, 15, "Wait ! d ^U Down Up PgDn =billing Tab");
	screen_holds(shown, "Key: kv-billing/cmk-billing");
	free(shown);
	free(screen_play(*state, 1, 1, TO_PLAN "Down G Enter"));
	free(screen_play(*state, 60, 15, "Wait ! Down Enter Esc s Esc ! 1 ! q"));
}

static void
test_rotate(void **state)
{
	play(*state, "Wait 3 Wait / =cmk-billing Enter r Wait Enter Wait Enter y Wait");
	screen_plays(*state, "Wait 5 Wait u Wait Enter y Wait", "Taken back as far as it can be");
	screen_plays(*state, "Wait 5 Wait", "taken back");
	screen_plays(*state, "Wait 5 Wait r Wait", "was rolled back");
}

/* What takes long to read is not there in the first frame, and keys are answered meanwhile. */
static void
test_long_journal(void **state)
{
	screen_remember(*state, 40);
	screen_plays(*state, "5", "The journal is being read");
	screen_plays(*state, "5 1", "Accounts");
	screen_plays(*state, "Wait 5 Wait", "40 operations, newest first");
	screen_plays(*state, "Wait 5 Wait Enter", "The journal is being read");
	screen_plays(*state, "Wait 5 Wait Enter Wait", "claviger resume");
	screen_plays(*state, "Wait 5 Wait Enter Wait G", "xxxxxxxx");
}

static void
test_actions(void **state)
{
	screen_plays(*state, "Wait / =aa- Enter Home Space Space a", "One at a time");
	screen_plays(*state, "Wait / =aa-payroll Enter a G k k Enter", "It uses no customer key");
	screen_plays(*state, "Wait / =aa-payroll Enter r", "It uses no customer key");
	screen_plays(*state, "Wait 2 Wait / =kv-payroll Enter a Home Down Down Enter Wait",
		"Protect kv-payroll");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_key),
		cmocka_unit_test(test_revoke_planned),
		cmocka_unit_test(test_evacuate_planned),
		cmocka_unit_test(test_actions),
		cmocka_unit_test(test_small),
		cmocka_unit_test_setup_teardown(test_park, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			test_revoke_and_restore, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_revoke_done, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_rotate, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_long_journal, screen_setup, screen_teardown),
	};

	return cmocka_run_group_tests(tests, screen_setup, screen_teardown);
}
