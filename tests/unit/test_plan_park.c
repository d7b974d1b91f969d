/* The runner when it does not go straight on: parking, undoing, a journal that cannot be
 * written, and the result object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/fixtures/paint.h"

static void
parks_after_the_exchange_under_way(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	plan_all(f->run);
	plan_park(f->run, ERR_CANCELLED);
	assert_int_equal(f->run->state, PLAN_RUNNING);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_PARKED);
	assert_int_equal(err_exit(f->run->err.kind), 130);
	paint_expect_states(f, "done done needed needed");
	paint_expect_log("? R+ ? ");
	paint_expect_journal(f, "red:intent red:done blue:parked");
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? R+ ? B+ ? C ");
}

static void
parks_while_waiting(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.status = 409;
	paint_world.times = 100000;
	plan_all(f->run);
	for (int turns = 0; !f->run->waiting && turns < 100000; turns++)
		loop_turn(session_loop(f->session), 100);
	assert_true(f->run->waiting);
	assert_true(f->run->budget_us == 200000);
	plan_park(f->run, ERR_PARKED);
	assert_int_equal(f->run->state, PLAN_PARKED);
	assert_false(f->run->waiting);
	paint_expect_states(f, "done needed needed needed");
	paint_world.times = 0;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
}

static void
parked_while_it_looks_again_sends_no_more(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.status = 409;
	paint_world.times = 1;
	plan_all(f->run);
	for (int turns = 0; !f->run->waiting && turns < 100000; turns++)
		loop_turn(session_loop(f->session), 100);
	for (int turns = 0; f->run->waiting && turns < 100000; turns++)
		loop_turn(session_loop(f->session), 100);
	plan_park(f->run, ERR_PARKED);
	assert_int_equal(f->run->state, PLAN_RUNNING);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_PARKED);
	paint_expect_log("? R+ ? ");
	paint_expect_states(f, "done needed needed needed");
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
}

/* The server has the change, and its answer is not waited for: neither done nor to be done. */
static void
abandoned_is_unknown(void **state)
{
	struct fixture *f = *state;
	json_t *json;

	paint_plan(f);
	pthread_mutex_lock(&paint_world.lock);
	plan_all(f->run);
	plan_park(f->run, ERR_CANCELLED);
	for (int turns = 0; turns < 20; turns++)
		loop_turn(session_loop(f->session), 5);
	assert_int_equal(f->run->state, PLAN_RUNNING);
	plan_abandon(f->run);
	assert_int_equal(f->run->state, PLAN_PARKED);
	assert_int_equal(err_exit(f->run->err.kind), 130);
	paint_expect_states(f, "done unknown needed needed");
	paint_expect_journal(f, "red:intent red:unknown");
	pthread_mutex_unlock(&paint_world.lock);
	json = plan_json(f->run, false);
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(json, "accounts"), 0), "outcome")),
		"unknown");
	json_decref(json);
	plan_all(f->run);
	assert_int_equal(f->run->state, PLAN_PARKED);
}

/* Its answer is there, and only what it brings is not: that is said, and not that nothing is known.
 */
static void
abandoned_after_the_answer_is_told_apart(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.blind = 1000;
	plan_all(f->run);
	for (int turns = 0; !f->run->waiting && turns < 100000; turns++)
		loop_turn(session_loop(f->session), 100);
	plan_abandon(f->run);
	assert_int_equal(f->run->state, PLAN_PARKED);
	paint_expect_states(f, "done unknown needed needed");
	assert_non_null(strstr(f->run->err.msg, "when Azure had accepted step red"));
	assert_non_null(strstr(f->run->steps[1].note, "Azure has accepted it"));
	paint_world.blind = 0;
}

static void
abandoned_before_a_change_is_parked(void **state)
{
	struct fixture *f = *state;

	paint_begin(f);
	plan_abandon(f->run);
	assert_int_equal(f->run->state, PLAN_PARKED);
	assert_int_equal(err_exit(f->run->err.kind), 75);
	paint_expect_journal(f, "");
}

/* Accepted with 202, and then there is nothing to follow: it may happen yet. */
static void
an_operation_that_is_lost_sight_of_is_unknown(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.status = 202;
	paint_world.times = 1;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_string_equal(f->run->err.code, "NotFound");
	paint_expect_states(f, "done unknown needed needed");
	paint_expect_journal(f, "red:intent red:accepted red:unknown");
}

static void
turn_until_accepted(struct fixture *f)
{
	for (int turns = 0; f->run->steps[1].note[0] == '\0' && turns < 100000; turns++)
		loop_turn(session_loop(f->session), 100);
	assert_string_equal(f->run->steps[1].note, "Azure works on it: accepted");
}

static void
an_operation_shows_how_far_it_is(void **state)
{
	struct fixture *f = *state;
	bool seen = false;

	paint_plan(f);
	paint_world.polls = 2;
	plan_step(f->run);
	turn_until_accepted(f);
	while (plan_busy(f->run)) {
		loop_turn(session_loop(f->session), 100);
		seen |= strcmp(f->run->steps[1].note, "Azure works on it: Updating, 40 %") == 0;
	}
	assert_true(seen);
	assert_int_equal(f->run->state, PLAN_PLANNED);
	paint_expect_log("? R+ O O ? ");
	paint_expect_journal(f, "red:intent red:accepted red:done");
}

struct operation {
	char text[OPERATION_ROOM];
};

static void
take_operation(void *user, const json_t *record)
{
	struct operation *out = user;
	const char *text = json_string_value(
		json_object_get(json_object_get(record, "detail"), "acceptedOperation"));

	if (text)
		snprintf(out->text, sizeof out->text, "%s", text);
}

/* Nobody waits for it: the step is on record as accepted, and going on only looks. */
static void
an_accepted_operation_is_parked_at_once(void **state)
{
	struct fixture *f = *state;
	struct operation operation = {0};
	json_t *json;

	paint_plan(f);
	paint_world.polls = 1000;
	plan_all(f->run);
	turn_until_accepted(f);
	plan_park(f->run, ERR_CANCELLED);
	assert_int_equal(f->run->state, PLAN_PARKED);
	assert_int_equal(err_exit(f->run->err.kind), 130);
	paint_expect_states(f, "done accepted needed needed");
	paint_expect_journal(f, "red:intent red:accepted");
	assert_true(journal_each(f->dir, take_operation, &operation, &f->err));
	assert_string_equal(operation.text, "management.azure.com/world/op");
	json = plan_json(f->run, false);
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(json, "accounts"), 0), "outcome")),
		"unknown");
	json_decref(json);
	paint_world.polls = 0;
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? R+ ? B+ ? C ");
	paint_expect_journal(f, "red:intent red:accepted red:done blue:intent blue:done");
}

static void
without_waiting_it_is_parked_as_well(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.polls = 1000;
	plan_no_wait(f->run);
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_PARKED);
	assert_int_equal(err_exit(f->run->err.kind), 75);
	assert_non_null(strstr(f->run->err.msg, "run claviger resume "));
	paint_expect_states(f, "done accepted needed needed");
	paint_world.polls = 0;
	plan_undo(f->run);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_ROLLED_BACK);
}

/* A new run finds what the one before it left: it waits for that, and sends it not again. */
static void
a_new_run_waits_for_what_is_under_way(void **state)
{
	struct fixture *f = *state;

	paint_world.bits = 0;
	paint_world.shown = 0;
	paint_world.busy = 3;
	paint_plan(f);
	pthread_mutex_lock(&paint_world.lock);
	paint_world.bits = RED;
	paint_world.blind = 2;
	pthread_mutex_unlock(&paint_world.lock);
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	paint_expect_log("? ? ? ? B+ ? C ");
	paint_expect_states(f, "done skipped done done");
	paint_expect_journal(f, "blue:intent blue:done");
}

/* While it waits for that nothing has been sent, and parking leaves the step to be done. */
static void
parked_while_it_waits_for_another_change(void **state)
{
	struct fixture *f = *state;

	paint_world.busy = 100000;
	paint_plan(f);
	plan_all(f->run);
	for (int turns = 0; !f->run->waiting && turns < 100000; turns++)
		loop_turn(session_loop(f->session), 100);
	assert_non_null(strstr(f->run->steps[1].note, "still being changed (Updating)"));
	plan_park(f->run, ERR_PARKED);
	assert_int_equal(f->run->state, PLAN_PARKED);
	paint_expect_states(f, "done needed needed needed");
	paint_expect_journal(f, "");
}

static void
parks_while_reading_and_when_standing(void **state)
{
	struct fixture *f = *state;

	paint_begin(f);
	plan_park(f->run, ERR_PARKED);
	assert_int_equal(f->run->state, PLAN_PARKED);
	plan_all(f->run);
	assert_int_equal(f->run->state, PLAN_PARKED);
	plan_free(f->run);
	paint_plan(f);
	plan_park(f->run, ERR_PARKED);
	assert_int_equal(f->run->state, PLAN_PARKED);
	paint_expect_journal(f, "");
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
}

static void
freeing_a_busy_run_cancels_it(void **state)
{
	struct fixture *f = *state;

	paint_begin(f);
	plan_free(f->run);
	paint_plan(f);
	plan_all(f->run);
	plan_free(f->run);
	f->run = NULL;
	for (int i = 0; i < 20; i++)
		loop_turn(session_loop(f->session), 5);
}

static void
undoes_last_first(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_all(f);
	plan_undo(f->run);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_ROLLED_BACK);
	paint_expect_log("? R+ ? B+ ? C B- ? R- ? ");
	paint_expect_states(f, "done pending pending done");
	assert_int_equal(paint_world.bits, 0);
	paint_expect_journal(f, "red:intent red:done blue:intent blue:done blue:intent blue:done "
				"red:intent red:done");
}

static void
undoing_stops_at_what_cannot_be_undone(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_all(f);
	paint_world.status = 403;
	paint_world.times = 1;
	plan_undo(f->run);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_int_equal(f->run->err.kind, ERR_DENIED);
	assert_non_null(strstr(f->run->err.msg, "undoing step blue"));
	assert_int_equal(paint_world.bits, RED | BLUE);
	plan_undo(f->run);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_ROLLED_BACK);
	assert_int_equal(paint_world.bits, 0);
}

static void
undoing_looks_whether_it_is_gone(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_all(f);
	paint_world.blind = 2;
	plan_undo(f->run);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_ROLLED_BACK);
	paint_expect_log("? R+ ? B+ ? C B- ? ? ? R- ? ");
}

static void
a_step_of_unknown_outcome_is_undone_too(void **state)
{
	struct fixture *f = *state;

	paint_plan(f);
	paint_world.blind = 100000;
	paint_all(f);
	paint_expect_states(f, "done unknown needed needed");
	paint_world.blind = 0;
	plan_undo(f->run);
	paint_settle(f);
	assert_int_equal(f->run->state, PLAN_ROLLED_BACK);
	assert_int_equal(paint_world.bits, 0);
	plan_all(f->run);
	assert_int_equal(f->run->state, PLAN_ROLLED_BACK);
}

static void
without_a_journal_nothing_is_sent(void **state)
{
	struct fixture *f = *state;

	journal_close(f->journal);
	f->journal = NULL;
	paint_plan(f);
	assert_int_equal(f->run->state, PLAN_PLANNED);
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_int_equal(err_exit(f->run->err.kind), 74);
	paint_expect_states(f, "done needed needed needed");
	paint_expect_log("? ");
}

static void
a_full_disk_stops_before_the_first_change(void **state)
{
	struct fixture *f = *state;
	struct rlimit old, none;

	paint_plan(f);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	none = old;
	none.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	plan_all(f->run);
	paint_settle(f);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_int_equal(f->run->err.kind, ERR_JOURNAL);
	paint_expect_log("? ");
	paint_expect_journal(f, "");
}

static void
read_only_sends_no_change(void **state)
{
	struct fixture *f = *state;

	estate_free(f->estate);
	session_close(f->session);
	paint_session(f, true);
	paint_plan(f);
	assert_int_equal(f->run->state, PLAN_PLANNED);
	paint_all(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_int_equal(err_exit(f->run->err.kind), 4);
	paint_expect_log("? ");
	paint_expect_journal(f, "red:intent red:failed");
}

static void
the_result_object_is_that_of_the_contract(void **state)
{
	static const char *const keys[] = {
		"operation", "plan", "state", "steps", "findings", "resources", "accounts"};
	static const char *const step_keys[] = {
		"name", "state", "request", "seconds", "requestId", "error"};
	struct fixture *f = *state;
	json_t *json, *one, *request;

	paint_plan(f);
	paint_world.status = 403;
	paint_world.times = 1;
	paint_all(f);
	json = plan_json(f->run, false);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_non_null(json_object_get(json, keys[i]));
	assert_string_equal(json_string_value(json_object_get(json, "plan")), "paint");
	assert_string_equal(json_string_value(json_object_get(json, "state")), "failed");
	assert_int_equal(json_array_size(json_object_get(json, "steps")), 4);
	one = json_array_get(json_object_get(json, "steps"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "name")), "preflight");
	assert_true(json_is_null(json_object_get(one, "request")));
	one = json_array_get(json_object_get(json, "steps"), 1);
	for (size_t i = 0; i < ARRAY_LEN(step_keys); i++)
		assert_non_null(json_object_get(one, step_keys[i]));
	request = json_object_get(one, "request");
	assert_string_equal(json_string_value(json_object_get(request, "method")), "PUT");
	assert_true(json_is_true(json_object_get(json_object_get(request, "body"), "on")));
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(one, "error"), "code")),
		"Refused");
	assert_true(json_is_real(json_object_get(one, "seconds")));
	one = json_array_get(json_object_get(json, "accounts"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "name")), "wall");
	assert_string_equal(json_string_value(json_object_get(one, "outcome")), "failed");
	one = json_array_get(json_object_get(json, "findings"), 0);
	assert_string_equal(json_string_value(json_object_get(one, "effect")), "mended");
	json_decref(json);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			parks_after_the_exchange_under_way, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(parks_while_waiting, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			parked_while_it_looks_again_sends_no_more, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(abandoned_is_unknown, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			abandoned_after_the_answer_is_told_apart, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			abandoned_before_a_change_is_parked, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			an_operation_that_is_lost_sight_of_is_unknown, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			an_operation_shows_how_far_it_is, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			an_accepted_operation_is_parked_at_once, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			without_waiting_it_is_parked_as_well, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_new_run_waits_for_what_is_under_way, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			parked_while_it_waits_for_another_change, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			parks_while_reading_and_when_standing, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			freeing_a_busy_run_cancels_it, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(undoes_last_first, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			undoing_stops_at_what_cannot_be_undone, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			undoing_looks_whether_it_is_gone, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_step_of_unknown_outcome_is_undone_too, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			without_a_journal_nothing_is_sent, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			a_full_disk_stops_before_the_first_change, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			read_only_sends_no_change, paint_setup, paint_teardown),
		cmocka_unit_test_setup_teardown(
			the_result_object_is_that_of_the_contract, paint_setup, paint_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
