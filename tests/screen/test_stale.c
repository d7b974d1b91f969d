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
	char *shown = screen_play(screen, 120, 40, "Wait / =aa-billing Enter Wait");

	screen_lacks(shown, "could not be read again");
	free(shown);
	screen_fault(screen, "*Microsoft.ResourceGraph*=status:403");
	screen_fault(screen, "GET */automationAccounts/aa-billing=status:403");
	shown = screen_play(screen, 120, 40, "Wait ^R Wait / =aa-billing Enter w");
	screen_holds(shown, "behind by 2 a");
	free(shown);
	shown = screen_play(screen, 120, 40, "Wait / =aa-billing Enter Wait");
	screen_holds(shown, "As it was at xx:xx:xx; it could not be read again");
	screen_holds(shown, "not readable: N tells");
	screen_holds(shown, "1 of 8 Accounts");
	free(shown);
	shown = screen_play(screen, 80, 24, "Wait N");
	screen_holds(shown, "account aa-billing");
	free(shown);
	shown = screen_play(screen, 80, 24, "Wait / =aa-payroll Enter Enter Wait");
	screen_lacks(shown, "As it was");
	free(shown);
}

/* Whole lists of vaults are refused: the rows stay, and the keys in them. */
static void
test_list(void **state)
{
	struct screen *screen = *state;
	char *shown = screen_play(screen, 80, 24, "Wait 2 Wait 3 Wait");

	screen_holds(shown, "9 Keys");
	free(shown);
	screen_fault(screen, "*Microsoft.ResourceGraph*=status:403");
	screen_fault(screen, "*Microsoft.KeyVault/vaults=status:403");
	shown = screen_play(screen, 120, 40, "Wait 2 ^R Wait w");
	screen_holds(shown, "6 Vaults");
	screen_holds(shown, "ok at ");
	screen_holds(shown, "not readable: N tells");
	free(shown);
	shown = screen_play(screen, 80, 24, "Wait 3 Wait");
	screen_holds(shown, "9 Keys");
	screen_holds(shown, "ok at ");
	free(shown);
}

/* What was deleted is listed by each subscription and by each vault: what one of them told of
 * before stays, with its age, when it refuses. */
static void
test_deleted(void **state)
{
	struct screen *screen = *state;
	char *shown = screen_play(screen, 80, 24, "Wait 2 Wait / =gone Enter Wait");

	screen_holds(shown, "deleted");
	screen_lacks(shown, "deleted at");
	free(shown);
	screen_fault(screen, "*Microsoft.KeyVault/deletedVaults*=status:403");
	shown = screen_play(screen, 80, 24, "Wait 2 ^R Wait / =gone Enter");
	screen_holds(shown, "1 of 6 Vaults");
	screen_holds(shown, "deleted at ");
	free(shown);
	shown = screen_play(screen, 80, 24, "Wait 2 Wait / =gone Enter Enter Wait");
	screen_holds(shown, "As it was at xx:xx:xx; it could not be read again");
	free(shown);
	screen_fault(screen, "none");
	shown = screen_play(screen, 80, 24, "Wait 2 ^R Wait / =gone Enter Enter Wait");
	screen_lacks(shown, "As it was");
	free(shown);
}

/* Nothing at all can be read any more. */
static void
test_all(void **state)
{
	struct screen *screen = *state;
	char *shown = screen_play(screen, 120, 40, "Wait");

	free(shown);
	screen_fault(screen, "management.azure.com/*=status:403");
	shown = screen_play(screen, 120, 40, "Wait ^R Wait / =aa-billing Enter Wait");
	screen_holds(shown, "1 of 8 Accounts");
	screen_holds(shown, "behind by 2");
	screen_holds(shown, "as of ");
	screen_holds(shown, "tried xx:xx:xx, last read xx:xx:xx");
	screen_holds(shown, "it could not be read again: N");
	free(shown);
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
