/* A console that starts with what it knew: rows at once, said to be old, then those of today. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/screen/screen.h"

/* No reply has come when the screen is taken: nothing was waited for. */
static void
test_start(void **state)
{
	struct screen *screen = *state;
	char *shown = screen_play(screen, 80, 24, "Wait");

	screen_lacks(shown, "as of");
	free(shown);
	screen_restart(screen);
	shown = screen_play(screen, 80, 24, "Home");
	screen_holds(shown, "aa-billing");
	screen_holds(shown, "behind by 2");
	screen_holds(shown, "locked");
	screen_holds(shown, "8 Accounts");
	screen_holds(shown, "as of ");
	screen_holds(shown, " ago · reading ");
	screen_holds(shown, "not re…");
	free(shown);
	shown = screen_play(screen, 80, 24, "2");
	screen_holds(shown, "kv-payroll");
	screen_holds(shown, "as of ");
	free(shown);
	shown = screen_play(screen, 80, 24, "Wait Home Wait");
	screen_holds(shown, "aa-billing");
	screen_lacks(shown, "as of");
	screen_holds(shown, "2 sub");
	screen_holds(shown, "read xx:xx:xx");
	free(shown);
}

/* Lists that were looked at the last time are not read anew before they are again: their age is not
 * that of what is on the screen. */
static void
test_other_lists(void **state)
{
	struct screen *screen = *state;
	char *shown = screen_play(screen, 80, 24, "Wait 3 Wait 4 Wait");

	free(shown);
	screen_restart(screen);
	shown = screen_play(screen, 80, 24, "Wait");
	screen_holds(shown, "8 Accounts");
	screen_holds(shown, "read xx:xx:xx");
	screen_lacks(shown, "as of");
	free(shown);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_start, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(test_other_lists, screen_setup, screen_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
