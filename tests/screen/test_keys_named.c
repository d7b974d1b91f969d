/* What names a key names the one that stands for it now: a configuration may have moved it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/screen/screen.h"

#define ONBOARD "Wait / =aa-payroll Enter O Wait ^U =kv-payroll/cmk-payroll Enter Wait "
#define REVOKE "Wait ! d ^U =cmk-archive Enter Wait Enter Wait Enter Wait "

static int
open_moved(void **state)
{
	*state = screen_open_as(&(struct screen_wish){
		.keys = "[keys]\nactivity = 6\nexplain = Z\ncommand = F7\nhelp = h\n"
			"[keys accounts]\nonboard = O\n"
			"[keys findings]\nmend = B\n"
			"[keys campaign]\ntimeline = X\ntake-back = T\nleave = F10\npark = P\n"
			"[keys wizard]\nrun-all = R\ntake-back = T\nleave = F10\npark = P\n"});
	return 0;
}

static void
lists_name_the_moved_keys(void **state)
{
	screen_shows(*state, 80, 24, "Wait", "6 Activity", "!5 Activity", NULL);
	screen_plays(*state, "Wait / =aa-payroll Enter r", "O gives it one");
	screen_shows(*state, 120, 40, "Wait f Wait / =not-onboarded Enter Enter", "B begins it",
		"!M begins", NULL);
}

/* A letter alone leaves the function key beside it, for where letters are text. */
static void
help_is_there_while_one_types(void **state)
{
	screen_plays(*state, "Wait /", "F1 help");
	screen_plays(*state, "Wait / F1", "Filter");
	screen_plays(*state, "Wait / =h", "Filter: h");
	screen_plays(*state, "Wait / =aa-payroll Enter O Wait F1", "In the form");
	screen_shows(*state, 80, 24, "Wait", "h help", "!F1 help", NULL);
	screen_plays(*state, "Wait h", "This account");
}

static void
a_plan_names_the_moved_keys(void **state)
{
	screen_shows(*state, 80, 24, ONBOARD, "Enter shows the next one, R runs", NULL);
	screen_plays(*state, ONBOARD "Enter Enter =kv-payroll Enter Wait", "P parks it");
	screen_plays(*state, ONBOARD "Enter Enter y Wait P", "Parked; F10 leaves");
	screen_shows(*state, 120, 40, ONBOARD "R y Wait", "F10 leaves. The lists",
		"T takes it back", "!q leaves", NULL);
}

static void
a_campaign_names_the_moved_keys(void **state)
{
	screen_plays(*state, REVOKE "Enter =cmk-archive Enter", "P parks it at the next");
	screen_shows(*state, 240, 50, REVOKE "Enter =cmk-archive Enter Wait", "T looks at what",
		"X writes the timeline", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lists_name_the_moved_keys, open_moved, screen_teardown),
		cmocka_unit_test_setup_teardown(
			help_is_there_while_one_types, open_moved, screen_teardown),
		cmocka_unit_test_setup_teardown(
			a_plan_names_the_moved_keys, open_moved, screen_teardown),
		cmocka_unit_test_setup_teardown(
			a_campaign_names_the_moved_keys, open_moved, screen_teardown),
	};

	return cmocka_run_group_tests_name("keys named", tests, NULL, NULL);
}
