/* A session against a sandbox that holds its callers to Azure's limits: it is told what is left,
 * and hardly ever asks for more. */
#include "backend/session/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "crypto/secret.h"
#include "tests/fixtures/inside.h"

#define ARM "https://management.azure.com"
#define AUTOMATION \
	"/providers/Microsoft.Automation/automationAccounts/aa-payroll?api-version=2023-11-01"

struct fixture {
	struct place place;
	struct sandbox *sandbox;
	struct session *session;
	struct request request;
	int left, failed;
};

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);

	f->sandbox = inside_serve(&f->place, &(struct sandbox_options){.throttle = true});
	f->session = inside_sign_in(f->sandbox);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	request_free(&f->request);
	session_close(f->session);
	sandbox_close(f->sandbox);
	place_remove(&f->place);
	clock_shift(0);
	free(f);
	return 0;
}

static void
replied(void *user, struct reply *reply, const struct err *err)
{
	struct fixture *f = user;

	f->left--;
	f->failed += err->kind != ERR_NONE || reply->status != 200;
}

/* All at once; then how often Azure had to say 429, in per cent. */
static double
refused(struct fixture *f, int times)
{
	f->left = times;
	for (int i = 0; i < times; i++)
		session_send(f->session, &f->request, replied, f);
	while (f->left > 0)
		loop_turn(session_loop(f->session), -1);
	assert_int_equal(f->failed, 0);
	return 100.0 * (double)session_totals(f->session).throttled / times;
}

static void
ask_account(struct fixture *f)
{
	f->request = (struct request){.audience = AUDIENCE_ARM};
	f->request.url = mem_printf(ARM "/subscriptions/%s/resourceGroups/rg-finance" AUTOMATION,
		sandbox_access(f->sandbox)->subscription);
}

static void
test_reads(void **state)
{
	struct fixture *f = *state;

	ask_account(f);
	assert_true(refused(f, 320) <= 1);
	assert_true(session_totals(f->session).held_back_ms > 500);
	assert_int_equal(session_patience_ms(f->session), 0);
}

static void
test_writes(void **state)
{
	struct fixture *f = *state;

	ask_account(f);
	f->request.method = HTTP_PATCH;
	f->request.body = mem_strdup("{\"tags\":{\"owner\":\"it\"}}");
	f->request.changes = f->request.repeatable = true;
	assert_true(refused(f, 210) <= 1);
}

static void
test_graph(void **state)
{
	struct fixture *f = *state;

	f->request = (struct request){.method = HTTP_POST, .audience = AUDIENCE_ARM};
	f->request.url = mem_strdup(
		ARM "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01");
	f->request.body = mem_strdup("{\"query\":\"Resources | count\"}");
	assert_true(refused(f, 20) == 0);
	assert_true(session_totals(f->session).held_back_ms > 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_reads),
		TEST(test_writes),
		TEST(test_graph),
	};

	secret_init();
	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
