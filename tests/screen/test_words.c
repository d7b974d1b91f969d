/* The console in Simplified Chinese: characters of two cells, in which labels, columns and bars
 * still stand above each other, and keys that are the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/text.h"
#include "tests/screen/screen.h"
#include "tui/words.h"

enum { MARK = 2 }; /* columns before each row, for the cursor */

static int
open_screen(void **state)
{
	struct err err;

	*state = screen_open(true);
	if (!words_start("zh_CN", &err))
		fail_msg("%s", err.msg);
	return 0;
}

static int
close_screen(void **state)
{
	words_stop();
	screen_close(*state);
	return 0;
}

/* No row is wider than the screen, and the bar between two panes is one line from top to bottom. */
static void
check_widths(struct screen *screen, int columns, int rows, const char *script)
{
	char *shown = screen_run(screen, "mono", columns, rows, script), *row = shown;
	int bar = -1;

	for (int y = 0; *row; y++) {
		char *end = row + strcspn(row, "\n"), *at;
		bool last = *end == '\0';

		*end = '\0';
		if (text_width(row) > MARK + columns)
			fail_msg("row %d takes %d of %d columns: %s", y, text_width(row) - MARK,
				columns, row);
		at = strstr(row, "│");
		if (at) {
			*at = '\0';
			if (bar >= 0 && text_width(row) != bar)
				fail_msg("row %d: the bar is in column %d, above in %d", y,
					text_width(row), bar);
			bar = text_width(row);
		}
		row = end + !last;
	}
	free(shown);
}

static void
golden(void **state, const char *name, int columns, int rows, const char *script)
{
	check_widths(*state, columns, rows, script);
	screen_golden(*state, name, columns, rows, script);
}

static void
test_lists(void **state)
{
	golden(state, "zh-accounts-80x24", 80, 24, "Wait Home Wait");
	golden(state, "zh-accounts-120x40", 120, 40, "Wait Home Wait");
	golden(state, "zh-vaults-80x24", 80, 24, "Wait 2 Wait");
	golden(state, "zh-keys-80x24", 80, 24, "Wait 3 Wait");
	golden(state, "zh-vaults-120x40", 120, 40, "Wait 2 Wait");
	golden(state, "zh-policies-120x40", 120, 40, "Wait 4 Wait");
}

static void
test_detail(void **state)
{
	golden(state, "zh-account-80x24", 80, 24, "Wait / =aa-billing Enter Enter Wait");
	golden(state, "zh-account-120x40", 120, 40, "Wait / =aa-billing Enter Wait");
}

static void
test_onboard(void **state)
{
	golden(state, "zh-onboard-form-80x24", 80, 24, "Wait / =aa-payroll Enter o Wait");
	golden(state, "zh-onboard-preflight-80x24", 80, 24,
		"Wait / =aa-payroll Enter o Wait =kv-payroll/cmk-payroll Enter Wait");
	golden(state, "zh-onboard-preflight-120x40", 120, 40,
		"Wait / =aa-payroll Enter o Wait =kv-payroll/cmk-payroll Enter Wait");
}

static void
test_incident(void **state)
{
	golden(state, "zh-incident-80x24", 80, 24, "Wait !");
	golden(state, "zh-incident-confirm-80x24", 80, 24,
		"Wait ! d =kv-archive/cmk-archive Enter Wait Enter Wait Enter Wait Enter");
}

static void
test_help(void **state)
{
	golden(state, "zh-help-80x24", 80, 24, "Wait ?");
}

/* After them: from here on the whole estate is judged. */
static void
test_findings(void **state)
{
	golden(state, "zh-findings-80x24", 80, 24, "Wait f Wait");
}

/* What a script reads is the same in every language; a filter takes the words that are shown too.
 */
static void
test_same_keys(void **state)
{
	screen_shows(
		*state, 80, 24, "Wait / =state:ok Enter Wait", "starchive01", "!aa-payroll", NULL);
	screen_shows(*state, 80, 24, "Wait / =state:落后 Enter Wait", "aa-billing", "!starchive01",
		NULL);
	screen_shows(
		*state, 80, 24, "Wait / =!未接入 Enter Wait", "starchive01", "!aa-payroll", NULL);
	screen_shows(
		*state, 80, 24, "Wait / =状态:正常 Enter Wait", "starchive01", "!aa-payroll", NULL);
	screen_plays(*state, "Wait / =colour:red", "state (状态)");
	screen_plays(*state, "Wait / =aa-billing Enter y", "\"keySource\": \"customer\"");
}

/* Without characters for it the console is in English. */
static void
test_stop(void **state)
{
	struct err err;

	words_stop();
	screen_plays(*state, "Wait Home Wait", "not onboarded");
	assert_true(words_start("zh_CN", &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_detail),
		cmocka_unit_test(test_onboard),
		cmocka_unit_test(test_incident),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_same_keys),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, open_screen, close_screen);
}
