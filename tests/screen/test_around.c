/* What stands around the rows is true: what was found wrong and how well that is known, keys that
 * can do something here, actions that fit the row, and nothing cut where there is room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/screen/screen.h"

static int
open_screen(void **state)
{
	*state = screen_open(true);
	return 0;
}

static int
open_read_only(void **state)
{
	*state = screen_open_as(&(struct screen_wish){.read_only = true});
	return 0;
}

static int
open_empty(void **state)
{
	*state = screen_open_as(&(struct screen_wish){.seed = "empty"});
	return 0;
}

static int
close_screen(void **state)
{
	screen_close(*state);
	return 0;
}

static void
plays(struct screen *screen, const char *script, const char *holds, const char *lacks)
{
	char *shown = screen_play(screen, 80, 24, script);

	screen_holds(shown, holds);
	if (lacks)
		screen_lacks(shown, lacks);
	free(shown);
}

static void
findings_say_how_well_they_are_known(void **state)
{
	plays(*state, "", "f … findings", NULL);
	plays(*state, "Wait", "f 10+ findings", NULL);
	plays(*state, "^R", "f 10… findings", NULL);
	plays(*state, "Wait f Wait", "f 17 findings", NULL);
	plays(*state, "f ^R", "f 17… findings", "f 17 findings");
	plays(*state, "Wait f ^R", "as of before", NULL);
}

static void
nothing_is_cut_with_room_beside_it(void **state)
{
	plays(*state, "Wait 4 Wait", "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx by app  kv-archive",
		NULL);
	plays(*state, "Wait t Wait Home Down Down Down Down Down",
		"An account key wrapped by RSA-OAEP opens its data key", NULL);
}

/* Also while the filter is typed. */
static void
an_empty_list_says_why(void **state)
{
	plays(*state, "f", "Reading: rows appear", "found wrong");
	plays(*state, "Wait / =zzz", "Nothing passes the filter", NULL);
	plays(*state, "Wait / =zzz Enter", "Nothing passes the filter", NULL);
}

/* Where no row is there is still what can be made. */
static void
an_empty_list_offers_what_can_be_made(void **state)
{
	plays(*state, "Wait", "a actions", "o onboard");
	plays(*state, "Wait 2 Wait", "a actions", "p protect");
	plays(*state, "Wait 3 Wait", "a actions", "r rotate");
	plays(*state, "Wait a", "Accounts ▸ Actions\n", "Actions on");
	plays(*state, "Wait a", "Create Storage account", NULL);
	plays(*state, "Wait 3 Wait a", "Keys ▸ Actions\n", "Actions on");
	plays(*state, "Wait / =zzz Enter", "a actions", "o onboard");
}

static void
restore_is_offered_where_something_is_cut(void **state)
{
	plays(*state, "Wait / =aa-billing Enter : =restore", "It opens its key", NULL);
	plays(*state, "Wait / =aa-billing Enter : =restore Enter", "as last read: nothing is to be",
		NULL);
	plays(*state, "Wait / =stexport01 Enter : =restore", "Take a revoke back", NULL);
	plays(*state, "Wait 3 Wait / =cmk-payroll Enter : =restore Enter",
		"All its versions are enabled", NULL);
	plays(*state, "Wait 3 Wait / =cmk-off Enter : =restore", "Take a revoke back", NULL);
	plays(*state, "Wait 3 Wait / =cmk-billing Enter : =restore", "Take a revoke back", NULL);
}

static void
the_way_through_an_incident_is_told(void **state)
{
	plays(*state, "Wait ! s ^U =cmk-billing Enter Wait", "Incident ▸ Evacuate ▸ whom it hits",
		NULL);
	plays(*state, "Wait ! s ^U =cmk-billing Enter Wait :", "Incident ▸ Evacuate ▸ whom it hits",
		NULL);
	plays(*state, "Wait ! s ^U =cmk-billing Enter Wait Enter Wait",
		"Incident ▸ Evacuate kv-billing/cmk-billing", "whom it hits");
}

static void
a_key_without_a_meaning_says_so(void **state)
{
	plays(*state, "Wait Z", "Z does nothing here", NULL);
	plays(*state, "Wait / =Z", "Filter: Z", "does nothing");
}

/* A key that can only be refused is no hint; by name it is found, with the reason. */
static void
read_only_is_followed(void **state)
{
	static const char why[] = "Read-only: leave, and start without";

	plays(*state, "Wait", "a actions  ↵ open", "o onboard");
	plays(*state, "Wait 2 Wait", "a actions  ↵ open", "p protect");
	plays(*state, "Wait 3 Wait", "a actions  ↵ open", "r rotate");
	plays(*state, "Wait 5 Wait", "> sort", "take back");
	plays(*state, "Wait f Wait", "↵ open", "M mend");
	plays(*state, "Wait ! d ^U =cmk-archive Enter Wait", "c another key", "go on  c");
	plays(*state, "Wait a", why, NULL);
	plays(*state, "Wait a", "Move an account", NULL);
	plays(*state, "Wait : =onboard Wait", why, NULL);
	plays(*state, "Wait / =aa-payroll Enter o", why, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			findings_say_how_well_they_are_known, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(
			nothing_is_cut_with_room_beside_it, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(an_empty_list_says_why, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(
			an_empty_list_offers_what_can_be_made, open_empty, close_screen),
		cmocka_unit_test_setup_teardown(
			restore_is_offered_where_something_is_cut, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(
			the_way_through_an_incident_is_told, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(
			a_key_without_a_meaning_says_so, open_screen, close_screen),
		cmocka_unit_test_setup_teardown(
			read_only_is_followed, open_read_only, close_screen),
	};

	return cmocka_run_group_tests_name("around", tests, NULL, NULL);
}
