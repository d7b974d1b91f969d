/* A step of several changes, forwards and backwards: each version is a change of its own in the
 * journal, and the undo takes back exactly those that were made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/plans/past.h"
#include "tests/fixtures/inside.h"

static const struct sandbox_options demo = {.seed = "demo"};

static void
settle(struct inside *w, struct run *run)
{
	while (plan_busy(run))
		loop_turn(session_loop(w->session), 100);
}

static size_t
enabled(struct inside *w, const struct keyid *id)
{
	struct key key;
	struct err err;
	size_t n = 0;

	if (!estate_read_key(w->estate, id, &key, &err))
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < key.versions_len; i++)
		n += key.versions[i].enabled == TRI_YES;
	key_free(&key);
	return n;
}

static struct run *
start(struct inside *w, const struct plan_def *plan, const char *name, const char *const *values)
{
	struct subject subject = {.kind = SUBJECT_KEY};
	struct run *run;
	struct err err;

	if (!estate_find_key(w->estate, name, NULL, &subject.key, &err) ||
		!estate_find_vault(w->estate, subject.key.vault, &subject.id, &err))
		fail_msg("%s", err.msg);
	run = plan_start(w->estate, w->journal, plan, &subject, values, NULL, NULL, &err);
	if (run == NULL)
		fail_msg("%s", err.msg);
	settle(w, run);
	return run;
}

static void
what_was_disabled_is_enabled_again(void **state)
{
	struct inside w;
	struct run *run;

	(void)state;
	inside_open(&w, &demo);
	run = start(&w, &plan_key_disable, "kv-billing/cmk-billing", NULL);
	assert_int_equal(run->state, PLAN_PLANNED);
	assert_true(plan_cuts(run));
	assert_int_equal(run->steps[1].step->left(&run->facts), 3);
	plan_all(run);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_DONE);
	assert_int_equal(run->facts.changed_len, 3);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 0);
	plan_undo(run);
	settle(&w, run);
	if (run->state != PLAN_ROLLED_BACK)
		fail_msg("%s", run->err.msg);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 3);
	plan_free(run);
	inside_close(&w);
}

static struct run *
back(struct inside *w, const char *id)
{
	struct operation operation;
	struct run *run = NULL;
	struct err err;

	if (operation_find(w->dir, id, &operation, &err)) {
		run = plan_rollback(w->estate, w->journal, &operation, NULL, NULL, &err);
		operation_free(&operation);
	}
	if (run == NULL)
		fail_msg("%s", err.msg);
	settle(w, run);
	return run;
}

/* To take a cut back cuts nobody off; to take back what opened a key again does. */
static void
what_was_enabled_is_cut_by_its_undo(void **state)
{
	struct inside w;
	struct run *run;
	char operation[37];

	(void)state;
	inside_open(&w, &demo);
	run = start(&w, &plan_key_disable, "kv-billing/cmk-billing", NULL);
	plan_all(run);
	settle(&w, run);
	plan_free(run);
	run = start(&w, &plan_key_enable, "kv-billing/cmk-billing", NULL);
	assert_false(plan_cuts(run));
	plan_all(run);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_DONE);
	memcpy(operation, run->facts.operation, sizeof operation);
	plan_free(run);
	run = back(&w, operation);
	assert_int_equal(run->state, PLAN_PLANNED);
	assert_true(plan_cuts(run));
	assert_string_equal(plan_confirm_name(run), "cmk-billing");
	assert_int_equal(run->findings_len, 1);
	assert_string_equal(run->findings[0].rule->id, "accounts-go-dark");
	assert_string_equal(run->findings[0].cause, "1 account will go dark: aa-billing");
	plan_undo(run);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_ROLLED_BACK);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 0);
	plan_free(run);
	inside_close(&w);
}

/* Parked after the first of three, it goes on with the second. */
static void
parked_between_two_versions(void **state)
{
	struct inside w;
	struct run *run;

	(void)state;
	inside_open(&w, &demo);
	run = start(&w, &plan_key_disable, "kv-billing/cmk-billing", NULL);
	plan_all(run);
	plan_park(run, ERR_PARKED);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_PARKED);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 2);
	plan_all(run);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_DONE);
	assert_int_equal(enabled(&w, &run->facts.subject.key), 0);
	plan_free(run);
	inside_close(&w);
}

static void
a_rotation_policy_goes_back(void **state)
{
	const char *values[] = {"P90D", "P2Y"};
	struct inside w;
	struct run *run;

	(void)state;
	inside_open(&w, &demo);
	run = start(&w, &plan_rotation_policy, "kv-archive/cmk-archive", values);
	assert_int_equal(run->state, PLAN_PLANNED);
	plan_all(run);
	settle(&w, run);
	assert_int_equal(run->state, PLAN_DONE);
	plan_undo(run);
	settle(&w, run);
	if (run->state != PLAN_ROLLED_BACK)
		fail_msg("%s", run->err.msg);
	assert_int_equal(json_array_size(json_object_get(run->facts.policy, "lifetimeActions")), 1);
	plan_free(run);
	inside_close(&w);
}

/* Deleted a moment ago, it is neither there nor recoverable yet: that is waited for. */
static void
a_key_that_is_being_deleted_comes_back(void **state)
{
	struct inside w;
	struct request request;
	struct run *run;
	struct keyid id;
	struct err err;

	(void)state;
	inside_open(&w, &demo);
	assert_true(estate_find_key(w.estate, "kv-billing/cmk-billing", NULL, &id, &err));
	estate_get_key(w.session, &id, &request);
	request.method = HTTP_DELETE;
	request.changes = true;
	if (!session_ask(w.session, &request, NULL, &err))
		fail_msg("%s", err.msg);
	request_free(&request);
	run = start(&w, &plan_key_recover, "kv-billing/cmk-billing", NULL);
	assert_int_equal(run->state, PLAN_PLANNED);
	plan_all(run);
	settle(&w, run);
	if (run->state != PLAN_DONE)
		fail_msg("%s", run->err.msg);
	assert_int_equal(enabled(&w, &id), 3);
	plan_free(run);
	run = start(&w, &plan_key_recover, "kv-billing/cmk-billing", NULL);
	assert_int_equal(run->state, PLAN_UNCHANGED);
	plan_free(run);
	inside_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_disabled_is_enabled_again),
		cmocka_unit_test(what_was_enabled_is_cut_by_its_undo),
		cmocka_unit_test(parked_between_two_versions),
		cmocka_unit_test(a_rotation_policy_goes_back),
		cmocka_unit_test(a_key_that_is_being_deleted_comes_back),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
