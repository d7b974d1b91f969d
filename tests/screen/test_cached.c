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

	screen_plays(screen, "Wait", "!as of");
	screen_restart(screen);
	screen_shows(screen, 80, 24, "Home", "aa-billing", "behind by 2", "locked", "8 Accounts",
		"as of ", " ago · reading ", "not re…", NULL);
	screen_shows(screen, 80, 24, "2", "kv-payroll", "as of ", NULL);
	screen_shows(screen, 80, 24, "Wait Home Wait", "aa-billing", "!as of", "2 sub",
		"read xx:xx:xx", NULL);
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
	screen_shows(screen, 80, 24, "Wait", "8 Accounts", "read xx:xx:xx", "!as of", NULL);
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
