/* Operations out of records: how a campaign stands that a crash has cut off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backend/journal/operation.h"
#include "tests/fixtures/journals.h"

#define CAMPAIGN "11111111-2222-4333-8444-000000000000"
#define MEMBER "11111111-2222-4333-8444-000000000001"

/* Takes detail. */
static void
record(struct journal *journal, const char *operation, enum journal_phase phase, const char *step,
	json_t *detail)
{
	struct journal_entry entry = {.phase = phase,
		.operation = operation,
		.plan = "rotate",
		.step = step,
		.detail = detail};
	struct err err;

	assert_true(journal_append(journal, &entry, &err));
	json_decref(detail);
}

static void
expect(const struct place *place, const char *id, enum operation_state state, size_t done)
{
	struct operation operation;
	struct err err;

	assert_true(operation_find(place->dir, id, &operation, &err));
	assert_string_equal(operation_state_name(operation.state), operation_state_name(state));
	assert_int_equal(operation.done, done);
	assert_string_equal(operation.plan, "rotate");
	assert_int_not_equal(operation.started[0], '\0');
	operation_free(&operation);
}

static void
a_member_of_unknown_end_makes_it_so(void **state)
{
	const struct place *place = *state;
	struct journal *journal = journals_open(place);

	record(journal, CAMPAIGN, JOURNAL_BEGIN, NULL, json_pack("{s:s}", "name", "kv/cmk"));
	expect(place, CAMPAIGN, OPERATION_PARKED, 0);
	record(journal, MEMBER, JOURNAL_BEGIN, NULL,
		json_pack("{s:s, s:s}", "of", CAMPAIGN, "stage", "version"));
	record(journal, MEMBER, JOURNAL_INTENT, "version", NULL);
	expect(place, MEMBER, OPERATION_UNKNOWN, 0);
	expect(place, CAMPAIGN, OPERATION_UNKNOWN, 0);
	record(journal, MEMBER, JOURNAL_DONE, "version", NULL);
	record(journal, MEMBER, JOURNAL_END, NULL, json_pack("{s:s}", "state", "done"));
	expect(place, CAMPAIGN, OPERATION_PARKED, 1);
	record(journal, CAMPAIGN, JOURNAL_END, NULL, json_pack("{s:s}", "state", "done"));
	expect(place, CAMPAIGN, OPERATION_DONE, 1);
	journal_close(journal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_member_of_unknown_end_makes_it_so, journals_setup, journals_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
