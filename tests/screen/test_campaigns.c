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
/* As long as the name of a key can be. */
#define TEN "klmnopqrs-"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "the-end"

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
	screen_plays(*state, "Wait 5 Wait", "!revoke");
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

/* By every key that goes back, as by its own. */
static void
test_back_parks(void **state)
{
	screen_plays(*state, TO_PLAN "Enter =cmk-archive Enter Backspace", "Parking it");
	screen_plays(*state, TO_PLAN "Enter =cmk-archive Enter ^G Wait", "Parked; q leaves");
	screen_plays(*state, TO_PLAN "Enter =cmk-archive Enter ^G Wait ^G", "whom it hits");
}

/* Left while an account is waited for: what it would have told by then is told to nobody. */
static void
test_closed_while_it_runs(void **state)
{
	struct screen *screen =
		screen_open_as(&(struct screen_wish){.fault = "HEAD *canary.txt*=status:429:600"});

	(void)state;
	screen_plays(screen, TO_PLAN "Enter =cmk-archive Enter Wait", "It runs.");
	sleep(2);
	screen_restart(screen);
	screen_close(screen);
}

/* Whom a cut hits is looked for anew when the lists have changed under the page. */
static void
test_hit_anew(void **state)
{
	static const char meanwhile[] = TO_IMPACT
		"1 / =stledger01 Enter o Wait =kv-archive/cmk-archive Enter Wait A y Wait "
		"! Wait";

	screen_plays(*state, TO_IMPACT, "1 account goes dark");
	screen_plays(*state, TO_IMPACT "^R Wait", "1 account goes dark");
	screen_plays(*state, meanwhile, "2 accounts go dark");
}

/* A name that has to be typed is there to be read, however long it is. */
static void
test_long_name(void **state)
{
	play(*state, "Wait 2 Wait / =kv-archive Enter a Home Enter Wait =" LONG
		     " Down Right Enter Wait A y Wait");
	screen_golden(*state, "long-name-80x24", 80, 24,
		"Wait ! d =" LONG " Enter Wait Enter Wait Enter Wait Enter");
	screen_plays(*state,
		"Wait ! d =" LONG " Enter Wait Enter Wait Enter Wait Enter =" LONG " Enter Wait",
		"Done, and read back");
	play(*state, "Wait 3 Wait / =" LONG " Enter : =Enable Enter Wait A y Wait");
	play(*state, "Wait / =stledger01 Enter o Wait =kv-archive/" LONG " Enter Wait A y Wait");
	screen_plays(*state, "Wait 3 Wait / =" LONG " Enter : =Disable Enter Wait A",
		"the-end to go on (Esc: no):");
}

/* Nothing is too small to be left again. */
static void
test_small(void **state)
{
	screen_shows(*state, 60, 15, TO_PLAN "Down Down Down Down PgDn", "PATCH https://kv-archive",
		NULL);
	screen_shows(*state, 60, 15, "Wait ! d ^U Down Up PgDn =billing Tab",
		"Key: kv-billing/cmk-billing", NULL);
	free(screen_play(*state, 1, 1, TO_PLAN "Down G Enter"));
	free(screen_play(*state, 60, 15, "Wait ! Down Enter Esc s Esc ! 1 ! q"));
}

static void
test_rotate(void **state)
{
	play(*state, "Wait 3 Wait / =cmk-billing Enter r Wait Enter Wait Enter y Wait");
	screen_plays(*state, "Wait 5 Wait u Wait Enter y Wait", "Taken back as far as it can be");
	screen_plays(*state, "Wait 5 Wait", "taken back");
	screen_plays(*state, "Wait 5 Wait r Wait", "was taken back");
}

/* To take back what several were given cuts one of them off: how many they are is typed, which the
 * command line is told name by name. */
static void
test_fleet_back(void **state)
{
	static const char back[] = "Wait 5 Wait u Wait ";
	char script[200];

	play(*state, "Wait / =guidang Enter Space / ^U =stexport01 Enter Space : =Grant Enter Wait "
		     "=kv-archive Enter Wait Enter y Wait");
	screen_golden(*state, "fleet-back-80x24", 80, 24, back);
	screen_golden(*state, "fleet-back-120x40", 120, 40, back);
	screen_plays(*state, back, "Parts that would be taken back: 2 of 2.");
	screen_plays(*state, back, "--confirm=stexport01");
	snprintf(script, sizeof script, "%sDown", back);
	screen_plays(*state, script, "1 account will go dark: stexport01");
	snprintf(script, sizeof script, "%sEnter", back);
	screen_golden(*state, "fleet-back-name-80x24", 80, 24, script);
	screen_golden(*state, "fleet-back-name-120x40", 120, 40, script);
	snprintf(script, sizeof script, "%sEnter =stexport01 Enter", back);
	screen_plays(*state, script, "That is not all 2: nothing was done");
	snprintf(script, sizeof script, "%sEnter =all Space =2 Enter Wait", back);
	screen_plays(*state, script, "stexport01: taken back");
	screen_plays(*state, "Wait / =stexport01 Enter", "locked");
	screen_plays(*state, "Wait 5 Wait", "taken back");
}

/* Who would be hit by it could not be read: that may cut somebody off. */
static void
test_fleet_back_unknown(void **state)
{
	static const char back[] = "Wait 5 Wait u Wait ";
	char script[200];

	play(*state, "Wait 3 Wait / =vault:kv-payroll Enter * : =Enable Enter Wait Enter y Wait");
	screen_plays(*state, back, "Enter asks, then carries it out.");
	screen_fault(*state, "*ResourceGraph*=status:403");
	screen_fault(*state, "*batchAccounts*=status:403");
	play(*state, "Wait ^R Wait");
	screen_plays(*state, back, "This cuts off.");
	snprintf(script, sizeof script, "%sDown", back);
	screen_golden(*state, "fleet-back-unknown-80x24", 80, 24, script);
	screen_golden(*state, "fleet-back-unknown-120x40", 120, 40, script);
	screen_plays(*state, script, "3 things could not be looked at");
	snprintf(script, sizeof script, "%sEnter Esc", back);
	screen_plays(*state, script, "Cancelled: nothing was done");
	snprintf(script, sizeof script, "%sEnter =all Space =1 Enter Wait", back);
	screen_plays(*state, script, "cmk-off: taken back");
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
	screen_plays(*state, "Wait 5 Wait Enter Wait", "claviger journal export");
	screen_plays(*state, "Wait 5 Wait Enter Wait G", "xxxxxxxx");
	screen_remember(*state, 300);
	screen_plays(*state, "Wait 5 Wait", "300 operations, newest first");
}

/* Nor does an operation that is asked for, and whose answer can be given up. */
static void
test_long_journal_asked(void **state)
{
	play(*state, "Wait 3 Wait / =cmk-billing Enter r Wait Enter Wait Enter y Wait");
	screen_remember(*state, 40);
	screen_plays(*state, "Wait 5 Wait y", "It is being looked up");
	screen_plays(*state, "Wait 5 Wait y Wait", "\"plan\": \"grant\"");
	screen_plays(*state, "Wait 5 Wait y Esc Wait", "It is not looked up any more");
	screen_plays(*state, "Wait 5 Wait Enter Wait y Wait", "\"plan\": \"grant\"");
	screen_plays(*state, "Wait 5 Wait r j", "It is being looked up");
	screen_plays(*state, "Wait 5 Wait r Esc Wait", "It is not looked up any more");
	screen_plays(*state, "Wait 5 Wait / =rotate Enter u Wait", "Preflight");
	screen_plays(*state, "Wait 5 Wait / =rotate Enter u Wait Enter y Wait",
		"Taken back as far as it can be");
	screen_plays(*state, "Wait 5 Wait / =rotate Enter r Wait", "was taken back");
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
		cmocka_unit_test(test_closed_while_it_runs),
		cmocka_unit_test_setup_teardown(test_park, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_back_parks, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_hit_anew, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_long_name, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			test_revoke_and_restore, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_revoke_done, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_rotate, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_fleet_back, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			test_fleet_back_unknown, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_long_journal, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			test_long_journal_asked, screen_setup, screen_teardown),
	};

	return cmocka_run_group_tests(tests, screen_setup, screen_teardown);
}
