/* The runner, forwards: what is sent in which order, what is waited for, what a lost answer
 * means, and that nothing is sent before its intent is in the journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plans/run.h"
#include "tests/fixtures/paint.h"

static void
carries_out_in_order(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	assert_int_equal(f->run->state, PLAN_PLANNED);
	assert_true(plan_changes(f->run));
	paint_expect_states(f, "done needed needed needed");
	paint_expect_log("? ");
	assert_int_equal(f->run->findings_len, 1);
	assert_int_equal(f->run->findings[0].effect, FINDING_MENDED);
	assert_string_equal(f->run->findings[0].mended_by, "red");
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_states(f, "done done done done");
	paint_expect_log("? R+ ? B+ ? C ");
	paint_expect_journal(f, "red:intent red:done blue:intent blue:done");
	assert_true(f->changes > 4);
	assert_string_equal(f->run->steps[1].request_id, "req-1");
	assert_true(f->run->steps[1].us > 0);
	assert_string_equal(f->run->steps[3].note, "checked");
}

static void
skips_what_is_there(void **state)
{
	struct fixture *f = *state;

	paint_world.bits = BLUE;
	paint_plan(f);
	paint_expect_states(f, "done needed skipped needed");
	assert_null(f->run->steps[2].url);
	paint_all(f);
	paint_expect_states(f, "done done skipped done");
	paint_expect_log("? R+ ? C ");
	paint_expect_journal(f, "red:intent red:done");
}

static void
changes_nothing_when_all_is_there(void **state)
{
	struct fixture *f = *state;

	paint_world.bits = RED | BLUE;
	paint_plan(f);
	assert_int_equal(f->run->state, PLAN_UNCHANGED);
	assert_false(plan_changes(f->run));
	paint_expect_states(f, "done skipped skipped skipped");
	plan_all(f->run);
	assert_int_equal(f->run->state, PLAN_UNCHANGED);
	paint_expect_log("? ");
	paint_expect_journal(f, "");
}

/* Only a step that will run mends a finding; otherwise it is in the way. */
static void
a_step_that_is_not_needed_mends_nothing(void **state)
{
	struct fixture *f = *state;

	paint_world.bits = RED;
	paint_faults.must_mend = true;
	paint_plan(f);
	assert_int_equal(f->run->state, PLAN_REFUSED);
	assert_string_equal(f->run->err.code, "mend");
	assert_int_equal(f->run->findings[0].effect, FINDING_BLOCKS);
	paint_expect_states(f, "failed pending pending pending");
}

static void
an_old_plan_looks_again_before_each_change(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	f->run->private->read_ms -= 3600 * 1000;
	paint_world.bits = BLUE;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? ? R+ ? C ");
	paint_expect_states(f, "done done skipped done");
	paint_expect_journal(f, "red:intent red:done");
}

static void
an_old_plan_skips_what_others_did(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	f->run->private->read_ms -= 3600 * 1000;
	paint_world.bits = RED;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? ? ? B+ ? C ");
	paint_expect_states(f, "done skipped done done");
	assert_non_null(strstr(f->run->steps[1].note, "somebody else"));
	paint_expect_journal(f, "blue:intent blue:done");
}

static void
previews_with_marks(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	assert_string_equal(f->run->steps[1].method, "PUT");
	assert_string_equal(f->run->steps[1].url, WORLD "/red?api-version=1");
	assert_string_equal(f->run->steps[1].body, "{\"on\":true}");
	assert_string_equal(f->run->steps[2].body, "{\"shade\":\"‹shade, from step red›\"}");
	plan_step(f->run);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_PLANNED);
	paint_expect_states(f, "done done needed needed");
	assert_string_equal(f->run->steps[2].body, "{\"shade\":\"known\"}");
	plan_step(f->run);
	paint_settle(f);
	plan_step(f->run);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_DONE);
}

static void
a_finding_in_the_way_stops_it(void **state)
{
	struct fixture *f = *state;

	paint_faults.must_stop = true;
	paint_plan(f);
	assert_int_equal(f->run->state, PLAN_REFUSED);
	assert_string_equal(f->run->err.msg, "it is forbidden. Do not.");
	assert_int_equal(err_exit(f->run->err.kind), 5);
	plan_all(f->run);
	assert_false(plan_busy(f->run));
	paint_expect_log("? ");
	paint_expect_journal(f, "");
}

static void
a_failed_selftest_stops_it(void **state)
{
	struct fixture *f = *state;

	paint_faults.work_fails = true;
	paint_plan(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_string_equal(f->run->err.code, "RSA");
	paint_expect_log("");
}

static void
bad_values_start_nothing(void **state)
{
	struct fixture *f = *state;
	struct armid account = {.name = "wall"};
	const char *values[] = {"x"};

	assert_null(plan_start(f->estate, f->journal, &paint, &(struct subject){.id = account},
		values, paint_changed, f, &f->err));
	assert_int_equal(f->err.kind, ERR_USAGE);
	paint_expect_log("");
}

static void
a_conflict_is_looked_at_and_tried_again(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.status = 409;
	paint_world.times = 2;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? R+ ? R+ ? R+ ? B+ ? C ");
	/* One intent for the same bytes. */
	paint_expect_journal(f, "red:intent red:done blue:intent blue:done");
}

static void
a_conflict_that_somebody_else_resolved_is_done(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.status = 409;
	paint_world.times = 1;
	paint_world.bits = RED;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? R+ ? B+ ? C ");
}

static void
the_budget_ends_the_tries(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.status = 409;
	paint_world.times = 100000;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	paint_expect_states(f, "done failed needed needed");
	assert_int_equal(f->run->err.kind, ERR_REFUSED);
	assert_string_equal(f->run->err.code, "Refused");
	paint_expect_journal(f, "red:intent red:failed");
}

static void
a_refusal_ends_it_at_once(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.status = 403;
	paint_world.times = 1;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_int_equal(f->run->err.kind, ERR_DENIED);
	assert_string_equal(f->run->err.request_id, "req-2");
	paint_expect_log("? R+ ");
	paint_expect_journal(f, "red:intent red:failed");
}

static void
what_was_accepted_is_looked_for(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.blind = 3;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? R+ ? ? ? ? B+ ? C ");
}

static void
what_never_shows_is_unknown(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.blind = 100000;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	paint_expect_states(f, "done unknown needed needed");
	assert_string_equal(f->run->err.code, "NotInEffect");
	paint_expect_journal(f, "red:intent red:unknown");
}

static void
a_lost_answer_is_read_back(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.drop = DROP_AFTER;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? R+ ? B+ ? C ");
	assert_non_null(strstr(f->run->steps[1].note, "answer was lost"));
	paint_expect_journal(f, "red:intent red:done blue:intent blue:done");
}

static void
a_lost_request_is_unknown_and_not_repeated(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.drop = DROP_BEFORE;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	paint_expect_states(f, "done unknown needed needed");
	assert_non_null(strstr(f->run->err.msg, "not known"));
	paint_expect_log("? R+ ? ");
	paint_expect_journal(f, "red:intent red:unknown");
}

/* Messages have room for so many bytes, and characters may have three. */
static void
a_cut_character_does_not_lose_the_text(void **state)
{
	json_t *whole = run_text_json("\xe8\xb4\xa2"), *cut = run_text_json("no \xe8\xb4"),
	       *none = run_text_json("");

	(void)state;
	assert_string_equal(json_string_value(whole), "\xe8\xb4\xa2");
	assert_string_equal(json_string_value(cut), "no <xE8><xB4>");
	assert_true(json_is_null(none));
	json_decref(whole);
	json_decref(cut);
	json_decref(none);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_character_does_not_lose_the_text),
		cmocka_unit_test_setup_teardown(carries_out_in_order, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(skips_what_is_there, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			changes_nothing_when_all_is_there, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_step_that_is_not_needed_mends_nothing, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			an_old_plan_looks_again_before_each_change, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			an_old_plan_skips_what_others_did, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(previews_with_marks, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_finding_in_the_way_stops_it, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_failed_selftest_stops_it, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			bad_values_start_nothing, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_conflict_is_looked_at_and_tried_again, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(a_conflict_that_somebody_else_resolved_is_done,
			paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			the_budget_ends_the_tries, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_refusal_ends_it_at_once, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			what_was_accepted_is_looked_for, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			what_never_shows_is_unknown, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_lost_answer_is_read_back, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_lost_request_is_unknown_and_not_repeated, paint_setup, paint_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
