/* Doctor's checks as the console makes them, for a bundle. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/file.h"
#include "views/cli/cli.h"

/* The locale is the one that the console draws by, whatever the environment says by now. */
static void
the_locale_stays(void **state)
{
	char dir[] = "/tmp/claviger-doctor-XXXXXX";
	struct cli cli = {0};
	json_t *checks;

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("HOME", dir, 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	snprintf(cli.journal_dir, sizeof cli.journal_dir, "%s", dir);
	profile_default(&cli.profile);
	cli.print.format = PRINT_JSON;
	assert_non_null(setlocale(LC_CTYPE, "C"));
	checks = cli_checks(&cli, false);
	assert_string_equal(setlocale(LC_CTYPE, NULL), "C");
	assert_true(json_array_size(checks) > 5);
	json_decref(checks);
	file_remove_tree(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_locale_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
