/* What the lists show once a plan has ended is what it has made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/screen/screen.h"

/* Role assignments stand in a list of their own. */
static void
rights_by_roles(void **state)
{
	screen_shows(*state, 120, 40,
		"Wait / =guidang Enter o Wait ^U =kv-rbac/cmk-rbac Enter Wait A y Wait q Wait",
		"has get list wrapKey unwrapKey", "state           ok", "!locked", NULL);
}

/* What a batch has changed beside its accounts: the vault that they came to. */
static void
vault_of_a_batch(void **state)
{
	screen_shows(*state, 120, 40,
		"Wait / =aa- Enter Home Down Space Space o Wait =kv-payroll/cmk-payroll Enter Wait "
		"Enter =kv-payroll Enter Wait q Wait",
		"kv-payroll", "!locked", NULL);
	screen_shows(*state, 120, 40, "Wait 2 Wait / =kv-payroll Enter Wait",
		"purge protection  on", NULL);
}

/* Purge protection stays on: to look at the way back takes nothing back. */
static void
looking_is_no_taking_back(void **state)
{
	screen_shows(*state, 80, 24,
		"Wait / =aa-payroll Enter o Wait ^U =kv-payroll/cmk-payroll Enter Wait Enter Enter "
		"=kv-payroll Enter Wait q q 5 Wait u Wait",
		"What it has done cannot be taken back", NULL);
	screen_shows(*state, 80, 24, "Wait 5 Wait", "parked", "r resume", "!taken back", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rights_by_roles, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(vault_of_a_batch, screen_setup, screen_teardown),
		cmocka_unit_test_setup_teardown(
			looking_is_no_taking_back, screen_setup, screen_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
