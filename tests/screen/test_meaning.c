/* Wherever the console shows an error of Azure's its cause stands beside it, and what to do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/screen/screen.h"
#include "views/page/meaning.h"

/* An inner code before its outer one; a code that nobody knows adds nothing. */
static void
test_the_tables(void **state)
{
	struct buf text;

	(void)state;
	assert_true(meaning_known("KeyDisabled"));
	assert_true(meaning_known("Forbidden/ForbiddenByRbac"));
	assert_true(meaning_known("Forbidden/NobodyKnowsThis"));
	assert_false(meaning_known("NobodyKnowsThis"));
	assert_false(meaning_known(""));
	buf_init(&text, 4096);
	assert_true(meaning_lines(&text, "NobodyKnowsThis"));
	assert_string_equal(buf_text(&text), "");
	assert_true(meaning_lines(&text, "Forbidden/ForbiddenByRbac"));
	assert_non_null(strstr(buf_text(&text), "never assigned"));
	assert_non_null(strstr(buf_text(&text), "what to do: "));
	buf_free(&text);
}

static void
test_the_list(void **state)
{
	struct screen *screen = screen_open(true);

	(void)state;
	screen_plays(screen, "Wait E", "customer-key");
	screen_shows(screen, 80, 24, "Wait E =KeyDisab", "KeyDisabled", "!customer-key", NULL);
	screen_shows(screen, 80, 24, "Wait E =KeyDisabled Enter", "what to do", "source", NULL);
	screen_shows(screen, 120, 40, "Wait E =customer-key Enter", "Customer-managed keys", NULL);
	screen_close(screen);
}

/* A step that failed, and the exchange in which it did. */
static void
test_a_failed_step(void **state)
{
	static const struct screen_wish wish = {.fault = "PUT *accessPolicies/add=status:403"};
	struct screen *screen = screen_open_as(&wish);

	(void)state;
	screen_shows(screen, 120, 40,
		"Wait / =aa-payroll Enter o Wait ^U =kv-payroll/cmk-payroll Enter Wait A "
		"=kv-payroll Enter Wait",
		"Forbidden", "cause: ", "what to do: ", NULL);
	screen_close(screen);
}

/* The key that explains the last error knows of what a plan ran into, and of what is looked up. */
static void
test_of_a_plan(void **state)
{
	static const struct screen_wish wish = {.fault = "PUT *accessPolicies*=status:409"};
	struct screen *screen = screen_open_as(&wish);

	(void)state;
	screen_shows(screen, 80, 24,
		"Wait / =aa-payroll Enter o Wait ^U =kv-payroll/cmk-payroll Enter Wait A "
		"=kv-payroll Enter Wait E",
		"▸ Conflict", NULL);
	screen_shows(screen, 80, 24, "Wait 5 Wait Enter Wait E", "▸ Conflict", NULL);
	screen_close(screen);
}

static void
test_of_a_campaign(void **state)
{
	static const struct screen_wish wish = {.fault = "PATCH *keys/cmk-archive/*=status:403"};
	struct screen *screen = screen_open_as(&wish);

	(void)state;
	screen_shows(screen, 80, 24,
		"Wait ! d ^U =cmk-archive Enter Wait Enter Wait Enter Wait Enter =cmk-archive Enter "
		"Wait E",
		"▸ Forbidden", NULL);
	screen_close(screen);
}

static void
test_a_note(void **state)
{
	static const struct screen_wish wish = {.fault = "GET *kv-billing*/versions=status:403"};
	struct screen *screen = screen_open_as(&wish);

	(void)state;
	screen_shows(screen, 80, 24, "Wait N", "Forbidden", "what to do: ", NULL);
	screen_close(screen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_tables),
		cmocka_unit_test(test_the_list),
		cmocka_unit_test(test_a_failed_step),
		cmocka_unit_test(test_of_a_plan),
		cmocka_unit_test(test_of_a_campaign),
		cmocka_unit_test(test_a_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
