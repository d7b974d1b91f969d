/* When an old version may be disabled, and how long a new one lives: both by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backend/base/period.h"
#include "backend/plans/ledger.h"

enum { NOW = 1790000000 };

static struct armid
account(const char *name)
{
	struct armid out = {.subscription = "11111111-1111-1111-1111-111111111111",
		.group = "rg-Finance",
		.type = "Microsoft.Storage/storageAccounts"};

	for (size_t i = 0; name[i]; i++)
		out.name[i] = name[i];
	return out;
}

static void
the_first_sight_counts(void **state)
{
	struct armid one = account("stOne"), same = account("STONE"), other = account("two");
	json_t *ledger = json_object();

	(void)state;
	assert_int_equal(ledger_time(ledger, &one), 0);
	ledger_moved(ledger, &one, NOW);
	ledger_moved(ledger, &same, NOW + 100);
	assert_int_equal(ledger_time(ledger, &one), NOW);
	assert_int_equal(ledger_time(ledger, &same), NOW);
	assert_int_equal(ledger_time(ledger, &other), 0);
	assert_int_equal(json_object_size(ledger), 1);
	json_decref(ledger);
}

static void
whoever_went_back_begins_anew(void **state)
{
	struct armid one = account("one");
	json_t *ledger = json_object();

	(void)state;
	ledger_moved(ledger, &one, NOW);
	ledger_not_moved(ledger, &one);
	assert_int_equal(ledger_time(ledger, &one), 0);
	ledger_moved(ledger, &one, NOW + 500);
	assert_int_equal(ledger_due(ledger, NOW), NOW + 500 + LEDGER_WAIT);
	json_decref(ledger);
}

static void
a_day_after_the_last(void **state)
{
	struct armid one = account("one"), two = account("two"), three = account("three");
	json_t *ledger = json_object();

	(void)state;
	assert_int_equal(LEDGER_WAIT, 86400);
	assert_int_equal(ledger_due(ledger, NOW), NOW + 86400);
	ledger_moved(ledger, &one, NOW + 10);
	ledger_moved(ledger, &two, NOW + 3600);
	ledger_moved(ledger, &three, NOW + 20);
	assert_int_equal(ledger_due(ledger, NOW), NOW + 3600 + 86400);
	assert_int_equal(ledger_due(ledger, NOW + 7200), NOW + 7200 + 86400);
	json_decref(ledger);
}

static int64_t
after(int64_t t, const char *text)
{
	struct period period;

	assert_true(period_parse(text, &period));
	return period_after(t, &period);
}

static void
periods_are_read(void **state)
{
	static const char *const bad[] = {"", "P", "90D", "P90", "PD", "P1D1Y", "P1D1D", "P-1D",
		"P1.5D", "PT", "P1DT", "P12345D", "P1H", "p1d", "P0D", "PT5MT1S", "P1D "};
	struct period period;

	(void)state;
	assert_true(period_parse("P1Y2M3W4DT5H6M7S", &period));
	assert_int_equal(period.months, 14);
	assert_int_equal(period.days, 25);
	assert_int_equal(period.seconds, 5 * 3600 + 6 * 60 + 7);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (period_parse(bad[i], &period))
			fail_msg("taken: %s", bad[i]);
}

/* 2026-01-31, 2028-02-29, 2026-11-22, each at noon. */
static void
periods_go_by_the_calendar(void **state)
{
	(void)state;
	assert_int_equal(after(1795348800, "P90D"), 1795348800 + 90 * 86400);
	assert_int_equal(after(1795348800, "P2Y"), 1858507200);
	assert_int_equal(after(1769860800, "P1M"), 1772280000);
	assert_int_equal(after(1835438400, "P1Y"), 1866974400);
	assert_int_equal(after(1795348800, "P2M"), 1800619200);
	assert_int_equal(after(1795348800, "PT48H"), 1795348800 + 2 * 86400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_sight_counts),
		cmocka_unit_test(whoever_went_back_begins_anew),
		cmocka_unit_test(a_day_after_the_last),
		cmocka_unit_test(periods_are_read),
		cmocka_unit_test(periods_go_by_the_calendar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
