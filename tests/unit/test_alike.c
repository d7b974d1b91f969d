/* What the numbers of a kind promise, by which a hundred thousand rows are searched: over the demo
 * estate of the sandbox. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/text.h"
#include "backend/estate/kind.h"
#include "backend/estate/posture_estate.h"
#include "backend/net/loop.h"
#include "tests/fixtures/inside.h"

/* Rows of one number differ in no cell but those of their own, cells of one number do not. */
static void
rows_alike(const struct kind *kind, const struct estate *estate, size_t a, size_t b)
{
	char own[300], other[300], x[1024], y[1024];
	bool alike = kind->alike(estate, a) && kind->alike(estate, a) == kind->alike(estate, b);

	kind->cell(estate, a, 0, own, sizeof own);
	kind->cell(estate, b, 0, other, sizeof other);
	for (size_t c = 0; c < kind->columns_len; c++) {
		uint32_t value = kind->value(estate, a, c);

		kind->cell(estate, a, c, x, sizeof x);
		kind->cell(estate, b, c, y, sizeof y);
		if (value && value == kind->value(estate, b, c))
			assert_string_equal(x, y);
		if (alike && !kind->columns[c].own && !strstr(x, own))
			assert_string_equal(x, y);
		if (alike && !kind->columns[c].own && strstr(x, own))
			assert_non_null(strstr(y, other));
	}
}

static void
test_alike(void **state)
{
	static const struct kind *const alike[] = {&kind_account, &kind_finding};
	struct place place;
	struct sandbox *sandbox = inside_serve(&place, &(struct sandbox_options){0});
	struct session *session = inside_sign_in(sandbox);
	struct estate *estate = estate_new(session);
	struct err err = {0};

	(void)state;
	if (!estate_load(estate, ESTATE_ALL, &err))
		fail_msg("%s", err.msg);
	posture_follow(estate, true);
	while (posture_sight(estate).busy)
		loop_turn(session_loop(session), 100);
	assert_true(kind_finding.count(estate) > 10);
	for (size_t i = 0; i < ARRAY_LEN(alike); i++)
		for (size_t a = 0; a < alike[i]->count(estate); a++)
			for (size_t b = 0; b < a; b++)
				rows_alike(alike[i], estate, a, b);
	estate_free(estate);
	session_close(session);
	sandbox_close(sandbox);
	place_remove(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alike),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
