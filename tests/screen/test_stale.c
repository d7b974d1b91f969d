/* What cannot be read again is shown as it was, with when that was and why: never as new, and never
 * left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/screen/screen.h"

/* One account of eight: its row says of when it is, its detail why, and N the same. */
static void
test_account(void **state)
{
	struct screen *screen = *state;

	screen_shows(
		screen, 120, 40, "Wait / =aa-billing Enter Wait", "!could not be read again", NULL);
	screen_fault(screen, "*Microsoft.ResourceGraph*=status:403");
	screen_fault(screen, "GET */automationAccounts/aa-billing=status:403");
	screen_shows(screen, 120, 40, "Wait ^R Wait / =aa-billing Enter w", "behind by 2 a", NULL);
	screen_shows(screen, 120, 40, "Wait / =aa-billing Enter Wait",
		"As it was at xx:xx:xx; it could not be read again", "not readable: N tells",
		"1 of 8 Accounts", NULL);
	screen_plays(screen, "Wait N", "account aa-billing");
	screen_plays(screen, "Wait / =aa-payroll Enter Enter Wait", "!As it was");
}

/* Whole lists of vaults are refused: the rows stay, and the keys in them. */
static void
test_list(void **state)
{
	struct screen *screen = *state;

	screen_plays(screen, "Wait 2 Wait 3 Wait", "9 Keys");
	screen_fault(screen, "*Microsoft.ResourceGraph*=status:403");
	screen_fault(screen, "*Microsoft.KeyVault/vaults=status:403");
	screen_shows(screen, 120, 40, "Wait 2 ^R Wait w", "6 Vaults", "ok at ",
		"not readable: N tells", NULL);
	screen_shows(screen, 80, 24, "Wait 3 Wait", "9 Keys", "ok at ", NULL);
}

/* What was deleted is listed by each subscription and by each vault: what one of them told of
 * before stays, with its age, when it refuses. */
static void
test_deleted(void **state)
{
	struct screen *screen = *state;

	screen_shows(
		screen, 80, 24, "Wait 2 Wait / =gone Enter Wait", "deleted", "!deleted at", NULL);
	screen_fault(screen, "*Microsoft.KeyVault/deletedVaults*=status:403");
	screen_shows(screen, 80, 24, "Wait 2 ^R Wait / =gone Enter", "1 of 6 Vaults", "deleted at ",
		NULL);
	screen_plays(screen, "Wait 2 Wait / =gone Enter Enter Wait",
		"As it was at xx:xx:xx; it could not be read again");
	screen_fault(screen, "none");
	screen_plays(screen, "Wait 2 ^R Wait / =gone Enter Enter Wait", "!As it was");
}

/* Nothing at all can be read any more. */
static void
test_all(void **state)
{
	struct screen *screen = *state;
	char *shown = screen_play(screen, 120, 40, "Wait");

	free(shown);
	screen_fault(screen, "management.azure.com/*=status:403");
	screen_shows(screen, 120, 40, "Wait ^R Wait / =aa-billing Enter Wait", "1 of 8 Accounts",
		"behind by 2", "as of ", "tried xx:xx:xx, last read xx:xx:xx",
		"it could not be read again: N", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_account, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_list, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_deleted, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_all, screen_setup, screen_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
