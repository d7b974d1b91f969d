/* The order in which the palette offers names can be foretold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tui/fuzzy.h"

static void
each_way_to_fit_has_its_place(void **state)
{
	static const struct {
		const char *query, *name;
		enum fuzzy fit;
	} cases[] = {
		{"", "anything", FUZZY_PREFIX},
		{"aa-payroll", "aa-payroll", FUZZY_WHOLE},
		{"AA-Pay", "aa-payroll", FUZZY_PREFIX},
		{"pay", "aa-payroll", FUZZY_WORD},
		{"ap", "aa-payroll", FUZZY_INITIALS},
		{"roll", "aa-payroll", FUZZY_WITHIN},
		{"aprl", "aa-payroll", FUZZY_LETTERS},
		{"lp", "aa-payroll", FUZZY_NOT},
		{"rotate k", "rotate the key", FUZZY_WORD},
		{"key rot", "rotate the key", FUZZY_WORD},
		{"key zz", "rotate the key", FUZZY_NOT},
		{"aa", "aaa", FUZZY_PREFIX},
		{"x", "", FUZZY_NOT},
		{"财务", "组-财务部", FUZZY_WORD},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (fuzzy_match(cases[i].query, cases[i].name) != cases[i].fit)
			fail_msg("\"%s\" in \"%s\": %d, wanted %d", cases[i].query, cases[i].name,
				(int)fuzzy_match(cases[i].query, cases[i].name), (int)cases[i].fit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_to_fit_has_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
