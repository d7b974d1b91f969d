/* Making one more version of a key: what is sent, how it is found again, and when it is taken back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "tests/fixtures/steps.h"

static const struct step *
step_make(void)
{
	return plan_key_version.steps[0];
}

static const struct step *
step_expiry(void)
{
	return plan_key_version.reads[2];
}

static char *
list(const char *operation)
{
	return mem_printf("{\"value\":[{\"kid\":\"https://kv1.vault.azure.net/keys/cmk/" VERSION
			  "\",\"attributes\":{\"enabled\":true,\"created\":1700000000}},"
			  "{\"kid\":\"https://kv1.vault.azure.net/keys/cmk/" OTHER_VERSION
			  "\",\"attributes\":{\"enabled\":true,\"created\":1700000100},\"tags\":"
			  "{\"claviger-op\":\"%s\"}}],\"nextLink\":null}",
		operation);
}

static void
a_version_like_the_one_before(void **state)
{
	struct fixture *f = *state;

	steps_read_key(f, VERSION);
	assert_true(step_make()->needed(&f->facts));
	assert_true(steps_build(f, step_make()->build));
	assert_int_equal(f->request.method, HTTP_POST);
	assert_true(f->request.changes);
	assert_false(f->request.repeatable);
	assert_non_null(strstr(f->request.url, "/keys/cmk/create?"));
	assert_non_null(strstr(f->request.body, "\"kty\":\"RSA\""));
	assert_non_null(strstr(f->request.body,
		"\"tags\":{\"claviger-op\":\"11111111-2222-4333-8444-555555555555\"}"));
	assert_null(strstr(f->request.body, "exp"));
	f->facts.previewing = true;
	assert_true(steps_build(f, step_make()->build));
	assert_non_null(strstr(f->request.body, REQUEST_UNKNOWN_OPEN));
}

static void
it_expires_as_the_policy_says(void **state)
{
	struct fixture *f = *state;

	steps_read_key(f, VERSION);
	clock_freeze(1795348800);
	assert_int_equal(
		steps_answer(f, step_expiry(), "{\"attributes\":{\"expiryTime\":\"P2Y\"}}"),
		OUTCOME_DONE);
	assert_true(steps_build(f, step_make()->build));
	assert_non_null(strstr(f->request.body, "\"exp\":1858507200"));
	f->facts.previewing = true;
	assert_true(steps_build(f, step_make()->build));
	assert_non_null(strstr(f->request.body, "P2Y after it is made"));
	clock_thaw();
	assert_int_equal(steps_refuse(f, step_expiry(), 403, "{}"), OUTCOME_DONE);
	assert_int_equal(steps_refuse(f, step_expiry(), 500, "{}"), OUTCOME_FAILED);
	json_decref(f->facts.policy);
}

/* Only the tag of this very operation: somebody else's version is not taken for ours. */
static void
it_is_found_by_its_tag(void **state)
{
	struct fixture *f = *state;
	char *ours = list("11111111-2222-4333-8444-555555555555"), *theirs = list("another");

	steps_read_key(f, VERSION);
	assert_int_equal(steps_answer(f, step_make()->reread, theirs), OUTCOME_DONE);
	assert_true(step_make()->needed(&f->facts));
	assert_int_equal(steps_answer(f, step_make()->reread, ours), OUTCOME_DONE);
	assert_string_equal(f->facts.made, OTHER_VERSION);
	assert_false(step_make()->needed(&f->facts));
	free(ours);
	free(theirs);
}

static void
the_answer_names_it(void **state)
{
	struct fixture *f = *state;
	char *bundle = steps_key_bundle(OTHER_VERSION, steps_modulus, "");

	steps_read_key(f, VERSION);
	assert_int_equal(steps_answer(f, step_make(), "{}"), OUTCOME_LOOK);
	assert_int_equal(steps_refuse(f, step_make(), 403, "{}"), OUTCOME_FAILED);
	assert_int_equal(steps_answer(f, step_make(), bundle), OUTCOME_DONE);
	assert_string_equal(f->facts.made, OTHER_VERSION);
	free(bundle);
}

static json_t *
users(const char *version, const char *mode)
{
	return json_pack("{s:[{s:s, s:s, s:s}], s:[], s:[]}", "accounts", "name", "aa", "version",
		version, "mode", mode, "others", "unknown");
}

static bool
stays(struct fixture *f, json_t *users)
{
	bool undone;

	json_decref(f->facts.users_seen);
	f->facts.users_seen = users;
	undone = steps_build(f, step_make()->undo);
	return !undone;
}

static void
it_stays_where_it_may_be_used(void **state)
{
	struct fixture *f = *state;

	steps_read_key(f, VERSION);
	memcpy(f->facts.made, OTHER_VERSION, sizeof OTHER_VERSION);
	assert_true(stays(f, users(OTHER_VERSION, "pinned")));
	assert_non_null(strstr(f->err.msg, "it stays enabled"));
	assert_true(stays(f, users(VERSION, "auto")));
	assert_true(stays(f, json_pack("{s:[], s:[], s:[{s:s, s:s}]}", "accounts", "others",
				     "unknown", "what", "subscription S", "why", "403")));
	assert_false(stays(f, users(VERSION, "pinned")));
	steps_expect(f, HTTP_PATCH, AUDIENCE_VAULT,
		"https://kv1.vault.azure.net/keys/cmk/" OTHER_VERSION "?api-version=7.4",
		"{\"attributes\":{\"enabled\":false}}");
	json_decref(f->facts.users_seen);
	f->facts.users_seen = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_version_like_the_one_before, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			it_expires_as_the_policy_says, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			it_is_found_by_its_tag, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(the_answer_names_it, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			it_stays_where_it_may_be_used, steps_setup, steps_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
