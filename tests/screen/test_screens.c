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
	screen_shows(*state, 120, 40,
		"Wait / =aa-billing Enter Space / ^U Enter / =starchive Enter r Wait",
		"cmk-billing", "!cmk-archive", NULL);
	screen_shows(*state, 120, 40,
		"Wait / =aa-billing Enter Space / ^U =starchive Enter : =rotatebill Enter Wait",
		"cmk-billing", "!cmk-archive", NULL);
	screen_shows(*state, 120, 40, "Wait Home Space Space r",
		"One at a time: take the marks away first", NULL);
	screen_shows(*state, 120, 40, "Wait Home Space Space ^R Wait", "2 marked", NULL);
}

/* All rows that pass the filter are marked at once, whatever comes to pass later. */
static void
test_all_marked(void **state)
{
	screen_shows(
		*state, 120, 40, "Wait / =aa- Enter * / ^U Enter", "8 Accounts · 3 marked", NULL);
	screen_shows(*state, 120, 40, "Wait / =aa- Enter * Home Space * ^R Wait",
		"filter: aa- · 3 marked", NULL);
	screen_shows(
		*state, 120, 40, "Wait * / =aa- Enter * / ^U Enter", "8 Accounts · 5 marked", NULL);
}

/* A deleted row names itself; looking for it holds nobody up. */
static void
test_recover(void **state)
{
	screen_shows(*state, 80, 24, "Wait 2 Wait / =kv-gone Enter R Wait Enter Wait",
		"✓ Preflight", "kv-gone", NULL);
	screen_plays(
		*state, "Wait 2 Wait / =kv-gone Enter R Wait Enter Esc Wait", "filter: kv-gone");
	screen_plays(*state, "Wait 2 Wait / =kv-gone Enter R Wait ^U =x Enter Wait", "!Preflight");
}

/* Where there is nothing to go on to Enter tells why, and is no hint. */
static void
test_nowhere(void **state)
{
	screen_plays(*state, "Wait 2 Wait / =kv-gone Enter Enter Wait Enter", "they are recovered");
	screen_plays(*state, "Wait 2 Wait / =kv-gone Enter Enter Wait", "!go on");
	screen_plays(*state, "Wait 3 Wait / =cmk-old Enter Enter Wait Enter", "is known to use it");
	screen_plays(*state, "Wait 3 Wait / =cmk-old Enter Enter Wait", "!go on");
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
	screen_shows(*state, 80, 24, "Wait / =aa-billing Enter Enter Wait Enter Wait",
		"Accounts ▸ aa-billing ▸ Key of aa-billing", "cmk-billing", "!cmk-payroll", NULL);
	screen_shows(*state, 80, 24,
		"Wait / =aa-billing Enter Enter Wait Enter Wait Esc Backspace Wait",
		"!▸ aa-billing", "filter: aa-billing", NULL);
}

static void
test_filter(void **state)
{
	screen_shows(*state, 80, 24, "Wait / =payr", "aa-payroll", "!aa-billing", NULL);
	screen_plays(*state, "Wait / =payr Esc", "aa-billing");
	screen_shows(*state, 80, 24, "Wait / =nosuchcolumn:x", "no column \"nosuchcolumn\"",
		"keySource", NULL);
	screen_plays(*state, "Wait / =zzz Enter", "Nothing passes the filter");
}

static void
test_help_and_json(void **state)
{
	screen_shows(*state, 80, 40, "Wait / =aa-payroll Enter y", "\"name\": \"aa-payroll\"",
		"aa-payroll as JSON", NULL);
}

/* An action that is not possible stays, and says why. */
static void
test_cannot_onboard(void **state)
{
	screen_shows(*state, 80, 24, "Wait / =aa-billing Enter o", "already uses a customer key",
		"!Onboard aa-billing", NULL);
}

/* What was made without an identity is not sent from one refusal to the next. */
static void
test_never_takes_a_key(void **state)
{
	static const char why[] =
		"It was made without an identity, and can never take a customer key";

	screen_shows(*state, 120, 24, "Wait / =balegacy01 Enter o Wait", why, "!▸ Onboard", NULL);
	screen_shows(
		*state, 120, 24, "Wait / =balegacy01 Enter r Wait", why, "!o gives it one", NULL);
	screen_shows(*state, 120, 40, "Wait / =balegacy01 Enter a", why, "!Onboard gives it", NULL);
	screen_plays(*state, "Wait / =aa-payroll Enter r Wait", "o gives it one");
}

/* The plan that is left alone moves on, so nothing was cancelled. */
static void
test_not_left(void **state)
{
	screen_shows(*state, 80, 24,
		"Wait ! d ^U =cmk-archive Enter Wait Enter Wait Enter Wait Enter =cmk-archive Enter "
		"1 q Esc",
		"the plan goes on", "!nothing was done", NULL);
}

/* A plan about a vault, which asks for nothing: it begins with its preflight. */
static void
test_protect(void **state)
{
	screen_plays(*state, "Wait 2 Wait / =kv-payroll Enter p Wait A =kv-pay Enter",
		"That is not kv-payroll");
	screen_shows(*state, 80, 24, "Wait 2 Wait / =kv-billing Enter p Wait e Wait",
		"Protect kv-billing", "Nothing is to be done", NULL);
	screen_shows(*state, 80, 24,
		"Wait 2 Wait / =kv-payroll Enter p Wait A =kv-payroll Enter Wait",
		"Done, and read back: kv-payroll", "claviger protect kv-payroll --yes", NULL);
}

/* Step by step, with Enter on each; then the same account cannot be onboarded again. */
static void
test_onboard_by_steps(void **state)
{
	screen_plays(*state,
		"Wait / =aa-payroll Enter o Wait ^U =kv-payroll/cmk-payroll Enter Wait Enter Enter "
		"=kv-payroll Enter Wait",
		"step 3");
}

static void
test_small(void **state)
{
	char *shown;

	screen_shows(*state, 59, 24, "Wait", "60 columns and 15 rows", NULL);
	shown = screen_play(*state, 1, 1, "Wait Down ?");
	assert_non_null(shown);
	free(shown);
	screen_shows(*state, 60, 15, "Wait", "aa-payroll", NULL);
}

static void
test_selftest(void **state)
{
	screen_shows(*state, 120, 40, "Wait t Wait", "the RSA of this machine is sound",
		", 0 failed", "!waiting", NULL);
}

/* Rows and pages of a session of its own: how many requests there are depends on what was done. */
static void
test_wire(void **state)
{
	screen_shows(*state, 120, 50, "Wait v", "Accounts ▸ Requests", "/oauth2/v2.0/token",
		"/automationAccounts", NULL);
	screen_shows(*state, 80, 24, "Wait v / =path:token Enter", "filter: path:token",
		"!management.azure", NULL);
	screen_shows(*state, 80, 40, "Wait v / =path:/vaults Enter Enter",
		"az rest --method get --url", "providers/Microsoft.KeyVault/vaults", NULL);
	screen_shows(*state, 80, 40, "Wait v / =path:token Enter y", "\"audience\": null",
		"\"body\": null", "!eyJ", NULL);
}

/* What comes in while one looks leaves the cursor where it is: on the sign-in. */
static void
test_wire_lives(void **state)
{
	screen_plays(*state, "Wait v / =path:token Enter Esc 1 v ^R Wait", "exchanges");
	screen_plays(*state, "Wait v End ^R Wait Enter", "nobody: this is a sign-in");
}

/* The console's bundle is the command's, but asks nothing. */
static void
test_wire_bundle(void **state)
{
	char path[] = "/tmp/claviger-screen-bundle-XXXXXX", script[200];
	struct stat about;

	assert_non_null(mkdtemp(path));
	snprintf(script, sizeof script, "Wait v b ^U =%s/b Enter", path);
	screen_shows(*state, 120, 24, script, "names of resources are in it, secrets not", NULL);
	screen_shows(*state, 120, 24, script, "is there already", NULL);
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
		cmocka_unit_test(test_never_takes_a_key),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_selftest),
	};
	const struct CMUnitTest alone[] = {
		cmocka_unit_test_setup_teardown(test_not_left, screen_setup, screen_teardown),
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
