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

static int
open_screen(void **state)
{
	*state = screen_open(true);
	return 0;
}

static int
close_screen(void **state)
{
	screen_close(*state);
	return 0;
}

static void
play(struct screen *screen, const char *script)
{
	free(screen_play(screen, 80, 24, script));
}

static void
holds(struct screen *screen, const char *script, const char *text)
{
	char *shown = screen_play(screen, 80, 24, script);

	screen_holds(shown, text);
	free(shown);
}

static void
lacks(struct screen *screen, const char *script, const char *text)
{
	char *shown = screen_play(screen, 80, 24, script);

	screen_lacks(shown, text);
	free(shown);
}

/* The key that was looked at is there; what is typed takes its place; a name can be completed. */
static void
test_which_key(void **state)
{
	holds(*state, "Wait / =starchive01 Enter !", "Under the cursor: kv-archive/cmk-archive");
	holds(*state, "Wait / =starchive01 Enter ! d", "Key: kv-archive/cmk-archive");
	holds(*state, "Wait / =starchive01 Enter ! d =bill Tab", "Key: kv-billing/cmk-billing");
	holds(*state, "Wait / =starchive01 Enter ! d Enter Wait", "1 account goes dark");
	holds(*state, "Wait ! s =nowhere/nothing Enter Wait", "nowhere");
	holds(*state, "Wait ! d =cmk-rbac Enter Wait", "0 accounts go dark");
	/* From where letters are text it is reached by its twin. */
	holds(*state, "Wait / F9", "What has happened?");
}

static void
test_revoke_planned(void **state)
{
	holds(*state, TO_PLAN "Enter =cmk-arch Enter", "That is not cmk-archive");
	holds(*state, TO_PLAN "Enter Esc", "Cancelled: nothing was done");
	holds(*state, TO_PLAN "n", "az rest --method patch");
	/* A single key cuts nothing. */
	holds(*state, TO_PLAN "y A x u d", "Type cmk-archive to go on");
	holds(*state, "Wait 3 Wait / =cmk-archive Enter Enter Wait", "enabled");
	lacks(*state, "Wait 5 Wait", "revoke");
}

static void
test_evacuate_planned(void **state)
{
	static const char plan[] = "Wait ! s =cmk-billing Enter Wait Enter Wait =kv-archive Down "
				   "=cmk-new Down Right Enter Wait ";

	holds(*state, plan, "asks for \"cmk-billing\"");
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

	holds(*state, TO_PLAN "Enter =cmk-archive Enter 1", "a plan runs in !");
	play(*state,
		"Wait ! d =cmk-billing Enter Wait Enter Wait Enter Wait Enter =cmk-billing Enter Wait");
	close(mkstemp(path));
	snprintf(script, sizeof script, "Wait 5 Wait Enter x ^U =%s Enter", path);
	holds(*state, script, "is there already");
	unlink(path);
	holds(*state, script, "The timeline is in");
	buf_init(&text, 1 << 20);
	assert_true(file_read(path, false, &text, &err));
	screen_holds(buf_text(&text), "aa-billing is dark");
	screen_holds(buf_text(&text), "## revoke kv-billing/cmk-billing");
	buf_free(&text);
	unlink(path);
	snprintf(script, sizeof script, "Wait 5 Wait Enter x ^U =%s.json Enter", path);
	holds(*state, script, "The timeline is in");
	check_json(path);
}

static void
test_revoke_done(void **state)
{
	play(*state, TO_PLAN "Enter =cmk-archive Enter Wait");
	/* Run again it changes nothing, and looks whether it is still so. */
	holds(*state, TO_PLAN, "Nothing is to be changed. Enter looks");
}

/* Stopped before anything was changed: nothing is claimed to be written down, and it can go on. */
static void
test_park(void **state)
{
	play(*state, TO_PLAN "Enter =cmk-archive Enter q Wait");
	holds(*state, "Wait 5 Wait", "the journal is empty");
	holds(*state, TO_PLAN "Enter =cmk-archive Enter q Wait x Enter", "Nothing was recorded");
	holds(*state, TO_PLAN "Enter =cmk-archive Enter q Wait Enter y Wait",
		"starchive01: dark after");
	holds(*state, "Wait 5 Wait", "done");
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
	holds(*state, "Wait 5 Wait u Wait Enter y Wait", "Taken back as far as it can be");
	holds(*state, "Wait 5 Wait", "taken back");
	holds(*state, "Wait 5 Wait r Wait", "was rolled back");
}

static void
test_actions(void **state)
{
	holds(*state, "Wait / =aa- Enter Home Space Space a", "One at a time");
	holds(*state, "Wait / =aa-payroll Enter a G k k Enter", "It uses no customer key");
	holds(*state, "Wait / =aa-payroll Enter r", "It uses no customer key");
	holds(*state, "Wait 2 Wait / =kv-payroll Enter a Home Down Down Enter Wait",
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
		cmocka_unit_test_setup_teardown(test_park, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(test_revoke_and_restore, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(test_revoke_done, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(test_rotate, open_screen, close_screen),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}
