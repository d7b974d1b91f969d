/* Cells after a reading that failed: as they were, with their time and the reason, until they are
 * read anew; findings follow what was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/estate/inside.h"
#include "backend/estate/posture_estate.h"
#include "tests/fixtures/script.h"

#define END                         \
	{                           \
		NULL, NULL, 0, NULL \
	}

static void
read_again(struct stage *stage, const struct answer *over)
{
	script_over = over;
	estate_refresh(stage->estate, ESTATE_START);
	script_turn(stage, ESTATE_START);
}

static bool
is_stale(const struct kind *kind, struct estate *estate, const char *name, struct stale *out)
{
	*out = (struct stale){0};
	return kind->stale(estate, script_row(kind, estate, name), out);
}

/* One account is refused, the list is not. */
static void
test_account(void **state)
{
	static const struct answer refused[] = {
		{ARM, AUTOMATION(S1, "rg", "aa-one"), 403, ERROR("AuthorizationFailed")}, END};
	struct stage *stage = *state;
	struct stale stale;
	char state_before[40];
	size_t row, notes;

	script_load(stage, ESTATE_START);
	row = script_row(&kind_account, stage->estate, "aa-one");
	kind_account.cell(stage->estate, row, 8, state_before, sizeof state_before);
	assert_string_not_equal(state_before, "unknown");
	assert_false(is_stale(&kind_account, stage->estate, "aa-one", &stale));
	notes = estate_notes(stage->estate);
	read_again(stage, refused);
	script_cell(&kind_account, stage->estate, "aa-one", "state", state_before);
	assert_true(is_stale(&kind_account, stage->estate, "aa-one", &stale));
	assert_true(stale.at > 0 && stale.at <= clock_wall());
	assert_non_null(strstr(stale.why, "no"));
	script_note(stage->estate, "account aa-one");
	assert_false(is_stale(&kind_account, stage->estate, "aa-three", &stale));
	read_again(stage, NULL);
	assert_false(is_stale(&kind_account, stage->estate, "aa-one", &stale));
	assert_int_equal(estate_notes(stage->estate), notes);
}

/* The lists of one subscription are refused: its rows stay, those of the other are new. */
static void
test_lists(void **state)
{
	static const struct answer refused[] = {{ARM, GRAPH, 403, ERROR("AuthorizationFailed")},
		{ARM, LIST(S1), 403, ERROR("AuthorizationFailed")},
		{ARM, VAULTS(S1), 403, ERROR("AuthorizationFailed")}, END};
	struct stage *stage = *state;
	size_t accounts, vaults;
	struct stale stale;
	time_t at;

	script_load(stage, ESTATE_START);
	accounts = kind_account.count(stage->estate);
	vaults = kind_vault.count(stage->estate);
	read_again(stage, refused);
	assert_int_equal(kind_account.count(stage->estate), accounts);
	assert_int_equal(kind_vault.count(stage->estate), vaults);
	assert_true(is_stale(&kind_account, stage->estate, "aa-one", &stale));
	assert_true(is_stale(&kind_vault, stage->estate, "kv-one", &stale));
	assert_true(is_stale(&kind_key, stage->estate, "cmk", &stale));
	assert_int_equal(estate_stale(stage->estate, ESTATE_PARTS, &at), 0);
	read_again(stage, refused);
	assert_true(is_stale(&kind_vault, stage->estate, "kv-one", &stale));
	assert_int_equal(stage->estate->stale_rows, ESTATE_ACCOUNTS | ESTATE_VAULTS | ESTATE_KEYS);
	read_again(stage, NULL);
	assert_int_equal(stage->estate->stale_rows, 0);
	assert_false(is_stale(&kind_vault, stage->estate, "kv-one", &stale));
	assert_false(is_stale(&kind_key, stage->estate, "cmk", &stale));
}

/* The vaults of one subscription are refused, so nobody asks them for their deleted keys. */
static void
test_deleted_keys(void **state)
{
	static const struct answer deleted = {"kv-one.vault.azure.net", "/deletedkeys", 200,
		"{\"value\":[{\"kid\":\"" KID("kv-one",
			"cmk-gone") "\","
				    "\"deletedDate\":1700000000,\"scheduledPurgeDate\":1800000000}]}"};
	const struct answer asked[] = {deleted, END};
	const struct answer refused[] = {
		deleted, {ARM, VAULTS(S1), 403, ERROR("AuthorizationFailed")}, END};
	struct stage *stage = *state;
	struct stale stale;

	script_over = asked;
	script_load(stage, ESTATE_START | ESTATE_GONE_KEYS);
	assert_false(is_stale(&kind_key_any, stage->estate, "cmk-gone", &stale));
	for (int i = 0; i < 2; i++) {
		script_over = refused;
		estate_refresh(stage->estate, ESTATE_START | ESTATE_GONE_KEYS);
		script_turn(stage, ESTATE_START | ESTATE_GONE_KEYS);
		assert_true(is_stale(&kind_key_any, stage->estate, "cmk-gone", &stale));
		assert_true(stale.at > 0 && stale.at <= clock_wall());
	}
	script_over = asked;
	estate_refresh(stage->estate, ESTATE_START | ESTATE_GONE_KEYS);
	script_turn(stage, ESTATE_START | ESTATE_GONE_KEYS);
	assert_false(is_stale(&kind_key_any, stage->estate, "cmk-gone", &stale));
	script_over = NULL;
}

/* Nothing can be read: the whole part is of before. */
static void
test_part(void **state)
{
	static const struct answer refused[] = {{ARM, "/", 403, ERROR("AuthorizationFailed")}, END};
	struct stage *stage = *state;
	size_t accounts;
	time_t at;

	script_load(stage, ESTATE_START);
	accounts = kind_account.count(stage->estate);
	assert_int_equal(estate_stale(stage->estate, ESTATE_PARTS, &at), 0);
	read_again(stage, refused);
	assert_true(estate_stale(stage->estate, ESTATE_PARTS, &at) & ESTATE_ACCOUNTS);
	assert_true(at > 0 && at <= clock_wall());
	assert_int_equal(kind_account.count(stage->estate), accounts);
	read_again(stage, NULL);
	assert_int_equal(estate_stale(stage->estate, ESTATE_PARTS, &at), 0);
}

/* Findings of the lists alone are there without a request; they are worked out anew after a change
 * only. */
static void
test_findings(void **state)
{
	struct stage *stage = *state;
	struct posture_sight sight;
	unsigned calls;

	posture_follow(stage->estate, false);
	assert_false(posture_sight(stage->estate).known);
	assert_false(posture_sight(stage->estate).busy);
	script_load(stage, ESTATE_START);
	calls = (unsigned)atomic_load(&stage->world.calls);
	posture_follow(stage->estate, false);
	while (posture_sight(stage->estate).busy)
		loop_turn(session_loop(stage->world.session), 100);
	sight = posture_sight(stage->estate);
	assert_true(sight.known && !sight.whole);
	assert_true(sight.len > 0);
	assert_int_equal(kind_finding.count(stage->estate), sight.len);
	assert_int_equal(atomic_load(&stage->world.calls), calls);
	posture_follow(stage->estate, false);
	assert_false(posture_sight(stage->estate).busy);
	posture_follow(stage->estate, true);
	assert_true(posture_sight(stage->estate).busy);
	while (posture_sight(stage->estate).busy)
		loop_turn(session_loop(stage->world.session), 100);
	assert_true(posture_sight(stage->estate).whole);
	for (size_t i = 1; i < kind_finding.count(stage->estate); i++) {
		char what[100], room[ROW_NAME];

		assert_true(kind_finding.compare(stage->estate, i - 1, i, 2) <= 0);
		kind_finding.cell(stage->estate, i, 0, what, sizeof what);
		assert_string_equal(kind_finding.text(stage->estate, i, 0, room), what);
		assert_null(kind_finding.text(stage->estate, i, 2, room));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_account, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_lists, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_deleted_keys, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_part, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(test_findings, stage_setup, stage_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
