/* What repin, replace and detach have done is undone: the account is again on the key that it was
 * on, in the same mode, opened by the same identity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/plans/plan.h"
#include "tests/fixtures/inside.h"

enum { FIELDS = 8 };

static int
setup(void **state)
{
	struct inside *in = mem_alloc(sizeof *in);

	inside_open(in, &(struct sandbox_options){0});
	*state = in;
	return 0;
}

static int
teardown(void **state)
{
	inside_close(*state);
	free(*state);
	return 0;
}

static void
settle(struct inside *in, struct run *run, enum plan_state end)
{
	while (plan_busy(run))
		loop_turn(session_loop(in->session), 100);
	if (run->state != end)
		fail_msg(
			"%s is %s: %s", run->plan->name, plan_state_name(run->state), run->err.msg);
}

static void
there_and_back(struct inside *in, const struct plan_def *plan, const char *account,
	const char *const values[FIELDS])
{
	const struct service *service;
	struct subject subject = {.kind = SUBJECT_ACCOUNT};
	struct facts before, after;
	struct run *run;
	struct err err;

	if (!estate_find_account(in->estate, account, NULL, &subject.id, &service, &err) ||
		!estate_read_facts(in->estate, &subject.id, &before, &err))
		fail_msg("%s", err.msg);
	run = plan_start(in->estate, in->journal, plan, &subject, values, NULL, NULL, &err);
	if (run == NULL)
		fail_msg("%s", err.msg);
	settle(in, run, PLAN_PLANNED);
	plan_all(run);
	settle(in, run, PLAN_DONE);
	plan_undo(run);
	settle(in, run, PLAN_ROLLED_BACK);
	plan_free(run);
	assert_true(estate_read_facts(in->estate, &subject.id, &after, &err));
	assert_int_equal(after.account.source, before.account.source);
	assert_int_equal(after.account.mode, before.account.mode);
	assert_memory_equal(&after.account.key, &before.account.key, sizeof before.account.key);
	assert_string_equal(after.account.key_identity, before.account.key_identity);
	assert_int_equal(facts_state(&after), ACCOUNT_OK);
	facts_free(&before);
	facts_free(&after);
}

static void
repin(void **state)
{
	struct inside *in = *state;
	struct keyid key;
	struct key read;
	struct err err;

	if (!estate_find_key(in->estate, "kv-archive/cmk-archive", NULL, &key, &err) ||
		!estate_read_key(in->estate, &key, &read, &err))
		fail_msg("%s", err.msg);
	there_and_back(in, &plan_repin, "starchive01",
		(const char *const[FIELDS]){read.versions[0].version});
	key_free(&read);
}

static void
replace(void **state)
{
	struct inside *in = *state;

	there_and_back(in, &plan_replace, "aa-billing",
		(const char *const[FIELDS]){"kv-archive/cmk-archive"});
	there_and_back(in, &plan_replace, "starchive01",
		(const char *const[FIELDS]){"kv-billing/cmk-billing"});
}

static void
detach(void **state)
{
	struct inside *in = *state;

	there_and_back(in, &plan_detach, "aa-billing", (const char *const[FIELDS]){NULL});
	there_and_back(in, &plan_detach, "starchive01", (const char *const[FIELDS]){NULL});
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repin),
		cmocka_unit_test(replace),
		cmocka_unit_test(detach),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
