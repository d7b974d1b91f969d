/* Long-running operations of the sandbox: one that nobody waits for, a plan that finds its account
 * still being made, and the same from the command line. */
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
#include "tests/fixtures/run.h"

enum { FIELDS = 16, LRO_S = 6 };

struct fixture {
	struct inside in;
	struct call *call;
	char operation[OPERATION_ROOM];
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);

	inside_open(&f->in, &(struct sandbox_options){.lro = LRO_S});
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	inside_close(&f->in);
	free(f);
	return 0;
}

static void
never(void *user, struct reply *reply, const struct err *err)
{
	(void)user;
	(void)reply;
	fail_msg("it ended although nobody waits: %s", err->msg);
}

static void
leave_it(void *user, const char *operation, const char *progress)
{
	struct fixture *f = user;

	assert_string_equal(progress, "accepted");
	snprintf(f->operation, sizeof f->operation, "%s", operation);
	call_cancel(f->call);
}

/* Makes a storage account and does not wait for it. */
static void
make_account(struct fixture *f)
{
	struct request request = {
		.method = HTTP_PUT, .audience = AUDIENCE_ARM, .changes = true, .repeatable = true};

	request.url = mem_printf(
		"https://management.azure.com/subscriptions/%s/resourceGroups/rg-media/providers/"
		"Microsoft.Storage/storageAccounts/stfresh01?api-version=2023-05-01",
		sandbox_access(f->in.sandbox)->subscription);
	request.body = mem_strdup("{\"location\":\"westeurope\",\"kind\":\"StorageV2\","
				  "\"sku\":{\"name\":\"Standard_LRS\"},"
				  "\"identity\":{\"type\":\"SystemAssigned\"}}");
	f->call = session_send(f->in.session, &request, never, f);
	call_watch(f->call, leave_it);
	while (f->operation[0] == '\0')
		loop_turn(session_loop(f->in.session), 100);
	request_free(&request);
}

/* The operation is named without its signature, and the plan waits for its end before it changes
 * the account. */
static void
a_plan_waits_for_what_is_under_way(void **state)
{
	struct fixture *f = *state;
	const char *values[FIELDS] = {"kv-archive/cmk-archive"};
	const struct service *service;
	bool waited = false;
	struct armid id;
	struct run *run;
	struct err err;

	make_account(f);
	assert_non_null(strstr(f->operation, "/asyncoperations/"));
	assert_null(strchr(f->operation, '?'));
	if (!estate_find_account(f->in.estate, "stfresh01", NULL, &id, &service, &err))
		fail_msg("%s", err.msg);
	run = plan_start(f->in.estate, f->in.journal, &plan_onboard, &(struct subject){.id = id},
		values, NULL, NULL, &err);
	if (run == NULL)
		fail_msg("%s", err.msg);
	while (plan_busy(run))
		loop_turn(session_loop(f->in.session), 100);
	plan_all(run);
	while (plan_busy(run)) {
		loop_turn(session_loop(f->in.session), 100);
		for (size_t i = 0; i < run->steps_len; i++)
			waited |= strstr(run->steps[i].note, "still being changed") != NULL;
	}
	if (run->state != PLAN_DONE)
		fail_msg("%s", run->err.msg);
	assert_true(waited);
	plan_free(run);
}

/* Where nothing is long there is nothing not to wait for. */
static void
no_wait_is_an_option_of_every_change(void **state)
{
	struct place place;
	struct ran ran;

	(void)state;
	place_seed(&place);
	run(&ran, place.sandbox, "onboard", "aa-payroll", "--key", "kv-payroll/cmk-payroll",
		"--yes", "--no-wait", NULL);
	ran_expect(&ran, 0);
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "list", "--no-wait", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
	place_remove(&place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_plan_waits_for_what_is_under_way, setup, teardown),
		cmocka_unit_test(no_wait_is_an_option_of_every_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
