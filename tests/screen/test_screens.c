/* What keys do to what an operator sees; how all of it looks is in test_golden.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/screen/screen.h"

/* What is done with a marked row is done with its key, wherever the cursor is; with several at once
 * only what can be. */
static void
test_marked(void **state)
{
	char *shown = screen_play(*state, 120, 40,
		"Wait / =aa-billing Enter Space / ^U Enter / =starchive Enter r Wait");

	screen_holds(shown, "cmk-billing");
	screen_lacks(shown, "cmk-archive");
	free(shown);
	shown = screen_play(*state, 120, 40,
		"Wait / =aa-billing Enter Space / ^U =starchive Enter : =rotatebill Enter Wait");
	screen_holds(shown, "cmk-billing");
	screen_lacks(shown, "cmk-archive");
	free(shown);
	shown = screen_play(*state, 120, 40, "Wait Home Space Space r");
	screen_holds(shown, "One at a time: take the marks away first");
	free(shown);
	shown = screen_play(*state, 120, 40, "Wait Home Space Space ^R Wait");
	screen_holds(shown, "2 marked");
	free(shown);
}

/* All rows that pass the filter are marked at once, whatever comes to pass later. */
static void
test_all_marked(void **state)
{
	char *shown = screen_play(*state, 120, 40, "Wait / =aa- Enter * / ^U Enter");

	screen_holds(shown, "8 Accounts · 3 marked");
	free(shown);
	shown = screen_play(*state, 120, 40, "Wait / =aa- Enter * Home Space * ^R Wait");
	screen_holds(shown, "filter: aa- · 3 marked");
	free(shown);
	shown = screen_play(*state, 120, 40, "Wait * / =aa- Enter * / ^U Enter");
	screen_holds(shown, "8 Accounts · 5 marked");
	free(shown);
}

/* A deleted row names itself; looking for it holds nobody up. */
static void
test_recover(void **state)
{
	char *shown = screen_play(*state, 80, 24, "Wait 2 Wait / =kv-gone Enter R Wait Enter Wait");

	screen_holds(shown, "✓ Preflight");
	screen_holds(shown, "kv-gone");
	free(shown);
	shown = screen_play(*state, 80, 24, "Wait 2 Wait / =kv-gone Enter R Wait Enter Esc Wait");
	screen_holds(shown, "filter: kv-gone");
	free(shown);
	shown = screen_play(*state, 80, 24, "Wait 2 Wait / =kv-gone Enter R Wait ^U =x Enter Wait");
	screen_lacks(shown, "Preflight");
	free(shown);
}

/* Where there is nothing to go on to Enter tells why, and is no hint. */
static void
test_nowhere(void **state)
{
	screen_plays(*state, "Wait 2 Wait / =kv-gone Enter Enter Wait Enter", "R recovers them");
	screen_plays_not(*state, "Wait 2 Wait / =kv-gone Enter Enter Wait", "go on");
	screen_plays(*state, "Wait 3 Wait / =cmk-old Enter Enter Wait Enter", "is known to use it");
	screen_plays_not(*state, "Wait 3 Wait / =cmk-old Enter Enter Wait", "go on");
	screen_plays(*state, "Wait / =aa-payroll Enter Enter Wait Enter", "no customer key to go");
	screen_plays(*state, "Wait 2 Wait / =kv-archive Enter Enter Wait", "go on");
}

/* What was deleted is in a subscription like all else, and can be looked for by its name. */
static void
test_gone_subscription(void **state)
{
	screen_plays(*state, "Wait 2 Wait / =subscription:Staging Enter", "kv-gone");
}

/* A name in the journal is looked for as in every list. */
static void
test_activity_filter(void **state)
{
	screen_plays(*state, "Wait 5 Wait / =nothing", "Filter: nothing");
	screen_plays(*state, "Wait 5 Wait / =nothing Enter", "Nothing passes the filter");
	screen_plays(*state, "Wait 5 Wait / =nothing Esc", "the journal is empty");
}

/* Drilling in keeps saying where one is, and Esc leads back the same way. */
static void
test_drill(void **state)
{
	char *shown = screen_play(*state, 80, 24, "Wait / =aa-billing Enter Enter Wait Enter Wait");

	screen_holds(shown, "Accounts ▸ aa-billing ▸ Key of aa-billing");
	screen_holds(shown, "cmk-billing");
	screen_lacks(shown, "cmk-payroll");
	free(shown);
	shown = screen_play(*state, 80, 24,
		"Wait / =aa-billing Enter Enter Wait Enter Wait Esc Backspace Wait");
	screen_lacks(shown, "▸ aa-billing");
	screen_holds(shown, "filter: aa-billing");
	free(shown);
}

static void
test_filter(void **state)
{
	char *shown = screen_play(*state, 80, 24, "Wait / =payr");

	screen_holds(shown, "aa-payroll");
	screen_lacks(shown, "aa-billing");
	free(shown);
	shown = screen_play(*state, 80, 24, "Wait / =payr Esc");
	screen_holds(shown, "aa-billing");
	free(shown);
	shown = screen_play(*state, 80, 24, "Wait / =nosuchcolumn:x");
	screen_holds(shown, "no column \"nosuchcolumn\"");
	screen_holds(shown, "keySource");
	free(shown);
	shown = screen_play(*state, 80, 24, "Wait / =zzz Enter");
	screen_holds(shown, "Nothing passes the filter");
	free(shown);
}

static void
test_help_and_json(void **state)
{
	char *shown;

	shown = screen_play(*state, 80, 40, "Wait / =aa-payroll Enter y");
	screen_holds(shown, "\"name\": \"aa-payroll\"");
	screen_holds(shown, "aa-payroll as JSON");
	free(shown);
}

/* An action that is not possible stays, and says why. */
static void
test_cannot_onboard(void **state)
{
	char *shown = screen_play(*state, 80, 24, "Wait / =aa-billing Enter o");

	screen_holds(shown, "already uses the customer key");
	screen_lacks(shown, "Onboard aa-billing");
	free(shown);
}

/* A plan about a vault, which asks for nothing: it begins with its preflight. */
static void
test_protect(void **state)
{
	char *shown;

	shown = screen_play(
		*state, 80, 24, "Wait 2 Wait / =kv-payroll Enter p Wait A =kv-pay Enter");
	screen_holds(shown, "That is not kv-payroll");
	free(shown);
	shown = screen_play(*state, 80, 24, "Wait 2 Wait / =kv-billing Enter p Wait e Wait");
	screen_holds(shown, "Protect kv-billing");
	screen_holds(shown, "Nothing is to be done");
	free(shown);
	shown = screen_play(
		*state, 80, 24, "Wait 2 Wait / =kv-payroll Enter p Wait A =kv-payroll Enter Wait");
	screen_holds(shown, "Done, and read back: kv-payroll");
	screen_holds(shown, "claviger protect kv-payroll --yes");
	free(shown);
}

/* Step by step, with Enter on each; then the same account cannot be onboarded again. */
static void
test_onboard_by_steps(void **state)
{
	char *shown = screen_play(*state, 80, 24,
		"Wait / =aa-payroll Enter o Wait ^U =kv-payroll/cmk-payroll Enter Wait Enter Enter "
		"=kv-payroll Enter Wait");

	screen_holds(shown, "step 3");
	free(shown);
}

static void
test_small(void **state)
{
	char *shown = screen_play(*state, 59, 24, "Wait");

	screen_holds(shown, "60 columns and 15 rows");
	free(shown);
	shown = screen_play(*state, 1, 1, "Wait Down ?");
	assert_non_null(shown);
	free(shown);
	shown = screen_play(*state, 60, 15, "Wait");
	screen_holds(shown, "aa-payroll");
	free(shown);
}

static void
test_selftest(void **state)
{
	char *shown = screen_play(*state, 120, 40, "Wait t Wait");

	screen_holds(shown, "the RSA of this machine is sound");
	screen_holds(shown, ", 0 failed");
	screen_lacks(shown, "waiting");
	free(shown);
}

/* Rows and pages of a session of its own: how many requests there are depends on what was done. */
static void
test_wire(void **state)
{
	char *shown = screen_play(*state, 120, 50, "Wait v");

	screen_holds(shown, "Accounts ▸ Requests");
	screen_holds(shown, "/oauth2/v2.0/token");
	screen_holds(shown, "/automationAccounts");
	free(shown);
	shown = screen_play(*state, 80, 24, "Wait v / =path:token Enter");
	screen_holds(shown, "filter: path:token");
	screen_lacks(shown, "management.azure");
	free(shown);
	shown = screen_play(*state, 80, 40, "Wait v / =path:/vaults Enter Enter");
	screen_holds(shown, "az rest --method get --url");
	screen_holds(shown, "providers/Microsoft.KeyVault/vaults");
	free(shown);
	shown = screen_play(*state, 80, 40, "Wait v / =path:token Enter y");
	screen_holds(shown, "\"audience\": null");
	screen_holds(shown, "\"body\": null");
	screen_lacks(shown, "eyJ");
	free(shown);
}

/* What comes in while one looks leaves the cursor where it is: on the sign-in. */
static void
test_wire_lives(void **state)
{
	char *shown = screen_play(*state, 80, 24, "Wait v / =path:token Enter Esc 1 v ^R Wait");

	screen_holds(shown, "exchanges");
	free(shown);
	shown = screen_play(*state, 80, 24, "Wait v End ^R Wait Enter");
	screen_holds(shown, "nobody: this is a sign-in");
	free(shown);
}

/* The console's bundle is the command's, but asks nothing. */
static void
test_wire_bundle(void **state)
{
	char path[] = "/tmp/claviger-screen-bundle-XXXXXX", script[200], *shown;
	struct stat about;

	assert_non_null(mkdtemp(path));
	snprintf(script, sizeof script, "Wait v b ^U =%s/b Enter", path);
	shown = screen_play(*state, 120, 24, script);
	screen_holds(shown, "names of resources are in it, secrets not");
	free(shown);
	shown = screen_play(*state, 120, 24, script);
	screen_holds(shown, "is there already");
	free(shown);
	snprintf(script, sizeof script, "%s/b", path);
	assert_int_equal(stat(script, &about), 0);
	assert_int_equal(about.st_mode & 0777, 0600);
	assert_int_equal(unlink(script), 0);
	assert_int_equal(rmdir(path), 0);
}

int
main(void)
{
	const struct CMUnitTest reading[] = {
		cmocka_unit_test(test_marked),
		cmocka_unit_test(test_all_marked),
		cmocka_unit_test(test_recover),
		cmocka_unit_test(test_nowhere),
		cmocka_unit_test(test_gone_subscription),
		cmocka_unit_test(test_activity_filter),
		cmocka_unit_test(test_drill),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_help_and_json),
		cmocka_unit_test(test_cannot_onboard),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_selftest),
	};
	const struct CMUnitTest alone[] = {
		cmocka_unit_test_setup_teardown(test_wire, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_wire_lives, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_wire_bundle, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_protect, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			test_onboard_by_steps, screen_setup, screen_teardown),
	};
	int failed = cmocka_run_group_tests(reading, screen_setup, screen_teardown);

	return failed + cmocka_run_group_tests(alone, NULL, NULL);
}
