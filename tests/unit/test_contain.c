/* Taking backup and restore out of access policies: the exact requests, one after the other, what
 * is made of every re-read, and the way back; and which roles let their holder copy a key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/plans/holders.h"
#include "tests/fixtures/steps.h"

#define REMOVE \
	"https://management.azure.com" VAULT_ID "/accessPolicies/remove?api-version=2023-07-01"
#define ADD "https://management.azure.com" VAULT_ID "/accessPolicies/add?api-version=2023-07-01"
#define ENTRY(who, keys)                                                                        \
	"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT "\",\"objectId\":\"" who \
	"\",\"permissions\":{\"keys\":" keys ",\"secrets\":[],\"certificates\":[]}}]}}"
#define SPELLED "[" SPELLED_REST
#define SPELLED_REST                                                                            \
	"\"get\",\"list\",\"create\",\"update\",\"import\",\"delete\",\"recover\",\"encrypt\"," \
	"\"decrypt\",\"wrapKey\",\"unwrapKey\",\"sign\",\"verify\",\"release\",\"rotate\","     \
	"\"getrotationpolicy\",\"setrotationpolicy\"]"

static const struct step *
contain(void)
{
	return plan_contain.steps[0];
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	free(f->facts.cuts);
	return steps_teardown(state);
}

/* The re-read with these access policies, and what is made of it. */
static enum outcome
see(struct fixture *f, const char *policies)
{
	char *body = mem_printf("{\"id\":\"" VAULT_ID "\",\"name\":\"kv1\",\"properties\":{"
				"\"tenantId\":\"" TENANT "\",\"accessPolicies\":[%s],"
				"\"vaultUri\":\"https://kv1.vault.azure.net/\"}}",
		policies);
	enum outcome outcome = steps_answer(f, contain()->reread, body);

	free(body);
	assert_int_equal(outcome, OUTCOME_DONE);
	return f->facts.undoing ? contain()->undone(&f->facts)
				: contain()->seen(&f->facts, &f->err);
}

static void
only_the_two_are_taken(void **state)
{
	struct fixture *f = *state;

	steps_read_vault(f,
		POLICY(FOREIGN, "[\"Get\",\"Backup\",\"wrapKey\"]") "," POLICY(
			PRINCIPAL, "[\"get\"]"),
		"");
	assert_true(contain()->needed(&f->facts));
	assert_int_equal(contain()->left(&f->facts), 1);
	assert_true(steps_build(f, contain()->build));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM, REMOVE, ENTRY(FOREIGN, "[\"backup\"]"));
	assert_int_equal(steps_answer(f, contain(), "{}"), OUTCOME_LOOK);
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"Get\",\"Backup\",\"wrapKey\"]") "," POLICY(
					PRINCIPAL, "[\"get\"]")),
		OUTCOME_LOOK);
	assert_int_equal(
		see(f, POLICY(FOREIGN, "[\"Get\",\"wrapKey\"]") "," POLICY(PRINCIPAL, "[\"get\"]")),
		OUTCOME_DONE);
	assert_false(contain()->needed(&f->facts));
}

static void
all_is_written_out_first(void **state)
{
	struct fixture *f = *state;

	steps_read_vault(f, POLICY(FOREIGN, "[\"all\",\"purge\"]"), "");
	assert_int_equal(contain()->left(&f->facts), 2);
	assert_true(steps_build(f, contain()->build));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM, ADD, ENTRY(FOREIGN, SPELLED));
	f->facts.ahead = 1;
	assert_true(steps_build(f, contain()->build));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM, REMOVE, ENTRY(FOREIGN, "[\"all\"]"));
	f->facts.ahead = 0;
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"all\",\"purge\"]")), OUTCOME_LOOK);
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"all\",\"purge\"," SPELLED_REST)), OUTCOME_MORE);
	assert_true(steps_build(f, contain()->build));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM, REMOVE, ENTRY(FOREIGN, "[\"all\"]"));
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"purge\"," SPELLED_REST)), OUTCOME_DONE);
}

/* From the journal of another process: the word comes back before what stood in for it goes. */
static void
the_way_back_is_the_same_backwards(void **state)
{
	struct fixture *f = *state;
	json_t *detail = json_object(), *again = json_object();

	steps_read_vault(f, POLICY(FOREIGN, "[\"all\",\"purge\"]"), "");
	contain()->save(&f->facts, detail);
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"all\",\"purge\"," SPELLED_REST)), OUTCOME_MORE);
	contain()->save(&f->facts, again);
	f->facts.cuts_len = 0;
	contain()->load(&f->facts, detail);
	assert_int_equal(f->facts.cuts_len, 1);
	assert_int_equal(f->facts.cuts[0].taken, 0);
	contain()->load(&f->facts, again);
	assert_int_equal(f->facts.cuts_len, 1);
	assert_int_equal(f->facts.cuts[0].taken, PERM_ALL);
	json_decref(detail);
	json_decref(again);
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"purge\"," SPELLED_REST)), OUTCOME_DONE);
	f->facts.undoing = true;
	assert_true(steps_build(f, contain()->undo));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM, ADD, ENTRY(FOREIGN, "[\"all\"]"));
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"purge\"," SPELLED_REST)), OUTCOME_LOOK);
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"purge\",\"all\"," SPELLED_REST)), OUTCOME_MORE);
	assert_true(steps_build(f, contain()->undo));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM, REMOVE, ENTRY(FOREIGN, SPELLED));
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"purge\",\"all\"]")), OUTCOME_DONE);
	assert_false(steps_build(f, contain()->undo));
	assert_int_equal(f->err.kind, ERR_REFUSED);
}

/* An entry that is empty afterwards is gone, and comes back whole. */
static void
an_entry_of_nothing_else(void **state)
{
	static const char only[] = "{\"tenantId\":\"" TENANT "\",\"objectId\":\"" FOREIGN
				   "\",\"permissions\":{\"keys\":[\"restore\"]}}";
	struct fixture *f = *state;

	steps_read_vault(f, only, "");
	assert_int_equal(see(f, only), OUTCOME_LOOK);
	assert_int_equal(see(f, ""), OUTCOME_DONE);
	f->facts.undoing = true;
	assert_true(steps_build(f, contain()->undo));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM, ADD, ENTRY(FOREIGN, "[\"restore\"]"));
	assert_int_equal(see(f, only), OUTCOME_DONE);
}

static void
what_others_change_meanwhile_ends_it(void **state)
{
	struct fixture *f = *state;

	steps_read_vault(
		f, POLICY(FOREIGN, "[\"get\",\"backup\"]") "," POLICY(PRINCIPAL, "[\"get\"]"), "");
	assert_int_equal(see(f, POLICY(FOREIGN, "[\"get\"]")), OUTCOME_FAILED);
	assert_string_equal(f->err.code, "ForeignPolicyChanged");
	assert_non_null(strstr(f->err.msg, PRINCIPAL));
	assert_int_equal(see(f, POLICY(PRINCIPAL, "[\"get\"]")), OUTCOME_FAILED);
	assert_non_null(strstr(f->err.msg, FOREIGN));
	assert_int_equal(steps_refuse(f, contain(), 409, "{}"), OUTCOME_AGAIN);
	assert_int_equal(steps_refuse(f, contain(), 403, "{}"), OUTCOME_FAILED);
	assert_int_equal(steps_refuse(f, contain()->reread, 404, "{}"), OUTCOME_FAILED);
}

static void
where_roles_decide_policies_are_left_alone(void **state)
{
	struct fixture *f = *state;

	steps_read_vault(f, POLICY(FOREIGN, "[\"backup\"]"), ",\"enableRbacAuthorization\":true");
	assert_false(contain()->needed(&f->facts));
	assert_false(steps_build(f, contain()->build));
}

/* What a journal says is taken only where it has the right form. */
static void
a_journal_that_lies_is_not_believed(void **state)
{
	struct fixture *f = *state;
	json_t *detail =
		json_loads("{\"cuts\":[7,{\"principal\":\"x\",\"tenant\":\"" TENANT
			   "\",\"taken\":\"backup\"},{\"principal\":\"" FOREIGN
			   "\",\"tenant\":\"" TENANT "\",\"taken\":\"backup everything\"}]}",
			0, NULL);

	contain()->load(&f->facts, detail);
	json_decref(detail);
	assert_int_equal(f->facts.cuts_len, 1);
	assert_int_equal(f->facts.cuts[0].taken, PERM_BACKUP);
}

static void
roles_that_copy(void **state)
{
	static const struct {
		const char *role;
		bool hsm;
		const char *may;
	} cases[] = {
		{"00482a5a-887f-4fb3-b363-3b7fe8e74483", false, "back up and restore"},
		{"14B46E9E-C2B7-41B4-B07B-48A6EBF60603", false, "back up and restore"},
		{"12338af0-0e69-4776-bea7-57ae8d297424", false, "back up"},
		{"e147488a-f6f5-4113-8e2d-b22465e65bf6", false, NULL},
		{"21dbd100-6940-42c2-9190-5d6cb909625b", true, "back up and restore"},
		{"a290e904-7015-4bba-90c8-60543313cdb4", true,
			"back up and restore the HSM as a whole"},
		{"515eb02d-2335-4d2d-92f2-b1cbdf9c3778", true, "export keys, and give roles"},
		{"6efe6056-5259-49d2-8b3d-d3d73544b20b", true,
			"restore keys, and the HSM as a whole"},
		{"33413926-3206-4cdd-b39a-83574fe37a17", true, NULL},
		{FOREIGN, false, "do what nobody here knows"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct assignment one = {0};
		const char *may;

		snprintf(one.role, sizeof one.role, "%s", cases[i].role);
		may = holders_may(&one, cases[i].hsm);
		assert_int_equal(may == NULL, cases[i].may == NULL);
		if (may)
			assert_string_equal(may, cases[i].may);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(only_the_two_are_taken, steps_setup, teardown),
		cmocka_unit_test_setup_teardown(all_is_written_out_first, steps_setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_way_back_is_the_same_backwards, steps_setup, teardown),
		cmocka_unit_test_setup_teardown(an_entry_of_nothing_else, steps_setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_others_change_meanwhile_ends_it, steps_setup, teardown),
		cmocka_unit_test_setup_teardown(
			where_roles_decide_policies_are_left_alone, steps_setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_journal_that_lies_is_not_believed, steps_setup, teardown),
		cmocka_unit_test(roles_that_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
