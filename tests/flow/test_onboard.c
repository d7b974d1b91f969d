/* Onboarding over the real sandbox, in one process: real HTTPS, real RSA, a fresh estate for each
 * test. What the plan says of itself is compared with what the server shows afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/base/buf.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/plans/plan.h"
#include "backend/plans/prove.h"
#include "backend/plans/step.h"
#include "tests/fixtures/inside.h"

enum { KEY, VAULT, CREATE, VERSION, AUTO, IDENTITY, TENANT, CLIENT, FIELDS };

struct fixture {
	struct inside in;
	struct run *run;
	struct err err;
	const char *values[FIELDS];
	int changes;
};

static void
start(struct fixture *f, const char *fault)
{
	const char *faults[] = {fault};

	inside_open(&f->in, &(struct sandbox_options){.fault = faults, .fault_len = fault ? 1 : 0});
}

static int
setup(void **state)
{
	struct fixture *f = mem_alloc(sizeof *f);

	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	plan_free(f->run);
	if (f->in.sandbox)
		inside_close(&f->in);
	free(f);
	return 0;
}

static void
changed(void *user)
{
	struct fixture *f = user;

	f->changes++;
}

/* Turns the loop until the run stands. */
static void
settle(struct fixture *f)
{
	for (int turns = 0; plan_busy(f->run) && turns < 100000; turns++)
		loop_turn(session_loop(f->in.session), 100);
	assert_false(plan_busy(f->run));
}

static bool
begin(struct fixture *f, const char *account)
{
	const struct service *service;
	struct armid id;

	plan_free(f->run);
	f->run = NULL;
	f->err = (struct err){0};
	if (!estate_find_account(f->in.estate, account, NULL, &id, &service, &f->err))
		return false;
	f->run = plan_start(f->in.estate, f->in.journal, &plan_onboard, &(struct subject){.id = id},
		f->values, changed, f, &f->err);
	if (f->run == NULL)
		return false;
	settle(f);
	return true;
}

static void
must_begin(struct fixture *f, const char *account)
{
	if (!begin(f, account))
		fail_msg("%s", f->err.msg);
}

static void
all(struct fixture *f)
{
	plan_all(f->run);
	settle(f);
}

static const struct run_step *
step(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->run->steps_len; i++)
		if (strcmp(f->run->steps[i].step->name, name) == 0)
			return &f->run->steps[i];
	fail_msg("no step %s", name);
	return NULL;
}

static void
expect_states(const struct fixture *f, const char *states)
{
	char is[256] = "";

	for (size_t i = 0; i < f->run->steps_len; i++) {
		size_t used = strlen(is);

		snprintf(is + used, sizeof is - used, "%s%s", i ? " " : "",
			step_state_name(f->run->steps[i].state));
	}
	if (strcmp(is, states) != 0)
		fail_msg("steps are %s\nand should be %s\n%s", is, states, f->run->err.msg);
}

/* "protect intent", "undo switch done", "end done" */
static void
note(void *user, const json_t *record)
{
	const json_t *detail = json_object_get(record, "detail");
	const char *step = json_string_value(json_object_get(record, "step"));
	const char *state = json_string_value(json_object_get(detail, "state"));

	assert_true(buf_addf(user, "%s%s%s%s%s%s\n",
		json_is_true(json_object_get(detail, "undo")) ? "undo " : "", step ? step : "",
		step ? " " : "", json_string_value(json_object_get(record, "phase")),
		state ? " " : "", state ? state : ""));
}

/* Of an account without identity, in a vault without purge protection. */
static const char made_ready[] =
	"begin\nprotect intent\nprotect done\nidentity intent\nidentity done\n"
	"grant intent\ngrant done\n";
static const char switched[] = "switch intent\nswitch done\nend done\n";

static void
expect_journal(const struct fixture *f, const char *first, const char *then, const char *last)
{
	char lines[1024];
	struct buf text;
	struct err err;
	size_t verified;
	char tail[65];

	snprintf(lines, sizeof lines, "%s%s%s", first, then, last);
	buf_init(&text, sizeof lines);
	assert_true(journal_each(f->in.dir, note, &text, &err));
	assert_true(journal_verify(f->in.dir, &verified, tail, &err));
	assert_string_equal(buf_text(&text), lines);
	buf_free(&text);
}

static void
a_dry_run_lists_the_literal_requests(void **state)
{
	struct fixture *f = *state;
	json_t *json, *steps, *one;

	start(f, NULL);
	f->values[KEY] = "cmk-payroll";
	f->values[VAULT] = "kv-payroll";
	must_begin(f, "aa-payroll");
	assert_int_equal(f->run->state, PLAN_PLANNED);
	expect_states(f, "done needed needed skipped needed needed needed needed");
	json = plan_json(f->run, true);
	assert_true(json_is_null(json_object_get(json, "operation")));
	assert_string_equal(json_string_value(json_object_get(json, "state")), "planned");
	steps = json_object_get(json, "steps");
	assert_int_equal(json_array_size(steps), 8);
	one = json_array_get(steps, 4);
	assert_string_equal(json_string_value(json_object_get(one, "name")), "grant");
	assert_non_null(strstr(step(f, "grant")->body, "‹principalId, from step identity›"));
	assert_non_null(strstr(step(f, "grant")->url, "/vaults/kv-payroll/accessPolicies/add?"));
	assert_non_null(strstr(step(f, "prove")->body, "‹ciphertext, from step prove›"));
	assert_null(strchr(step(f, "prove")->url, '\xe2'));
	assert_true(json_is_object(json_object_get(json_object_get(one, "request"), "body")));
	one = json_array_get(steps, 3);
	assert_string_equal(json_string_value(json_object_get(one, "name")), "key");
	assert_true(json_is_null(json_object_get(one, "request")));
	expect_journal(f, "", "", "");
	json_decref(json);
}

static void
onboards_and_then_finds_nothing_to_do(void **state)
{
	struct fixture *f = *state;
	struct facts facts;
	struct armid id;
	json_t *json;

	start(f, NULL);
	f->values[KEY] = "kv-payroll/cmk-payroll";
	must_begin(f, "aa-payroll");
	id = f->run->facts.account;
	all(f);
	expect_states(f, "done done done skipped done done done done");
	assert_int_equal(f->run->state, PLAN_DONE);
	assert_int_equal(f->run->facts.proof, PROOF_PROVED);
	json = plan_json(f->run, false);
	assert_int_equal(strlen(json_string_value(json_object_get(json, "operation"))), 36);
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(json, "accounts"), 0), "outcome")),
		"done");
	json_decref(json);
	expect_journal(f, made_ready, switched, "");

	assert_true(estate_read_facts(f->in.estate, &id, &facts, &f->err));
	assert_int_equal(facts.account.source, KEY_SOURCE_CUSTOMER);
	assert_string_equal(facts.account.key.key, "cmk-payroll");
	assert_int_equal(strlen(facts.account.key.version), 32);
	assert_int_equal(facts.vault.purge_protection, TRI_YES);
	/* The operator's, the two foreign ones, and ours. */
	assert_true(facts.vault.policies_len >= 3);
	assert_int_equal(vault_rights(&facts.vault, account_principal(&facts.account)),
		PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP);
	facts_free(&facts);

	must_begin(f, "aa-payroll");
	assert_int_equal(f->run->state, PLAN_UNCHANGED);
	expect_states(f, "done skipped skipped skipped skipped skipped skipped skipped");
	plan_all(f->run);
	assert_int_equal(f->run->state, PLAN_UNCHANGED);
	expect_journal(f, made_ready, switched, "");
}

static void
makes_a_key_when_asked(void **state)
{
	struct fixture *f = *state;

	start(f, NULL);
	f->values[KEY] = "cmk-new";
	f->values[VAULT] = "kv-payroll";
	must_begin(f, "aa-payroll");
	assert_int_equal(f->run->state, PLAN_REFUSED);
	assert_int_equal(f->run->err.kind, ERR_REFUSED);
	assert_string_equal(f->run->err.code, "key-absent");
	f->values[CREATE] = "3072";
	must_begin(f, "aa-payroll");
	expect_states(f, "done needed needed needed needed needed needed needed");
	assert_non_null(strstr(step(f, "switch")->body, "‹version, from step key›"));
	all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	assert_int_equal(f->run->facts.facts.key.bits, 3072);
	must_begin(f, "aa-payroll");
	assert_int_equal(f->run->state, PLAN_UNCHANGED);
	must_begin(f, "aa-guidang");
	assert_int_equal(f->run->state, PLAN_PLANNED);
	assert_int_equal(step(f, "key")->state, STEP_SKIPPED);
	f->values[CREATE] = "2048";
	must_begin(f, "aa-guidang");
	assert_int_equal(f->run->state, PLAN_REFUSED);
	assert_string_equal(f->run->err.code, "key-exists");
}

static void
one_step_at_a_time_parked_and_gone_on(void **state)
{
	struct fixture *f = *state;

	start(f, NULL);
	f->values[KEY] = "kv-payroll/cmk-payroll";
	must_begin(f, "aa-payroll");
	plan_step(f->run);
	settle(f);
	assert_int_equal(f->run->state, PLAN_PLANNED);
	expect_states(f, "done done needed skipped needed needed needed needed");
	plan_step(f->run);
	settle(f);
	/* The mark has given way to the principal. */
	assert_null(strstr(step(f, "grant")->body, "‹"));
	plan_all(f->run);
	plan_park(f->run, ERR_PARKED);
	settle(f);
	assert_int_equal(f->run->state, PLAN_PARKED);
	assert_int_equal(f->run->err.kind, ERR_PARKED);
	expect_states(f, "done done done skipped done needed needed needed");
	all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
}

static void
what_is_done_can_be_undone(void **state)
{
	struct fixture *f = *state;
	struct facts facts;
	struct armid id, vault;
	struct vault before, after;

	start(f, NULL);
	assert_true(estate_find_vault(f->in.estate, "kv-payroll", &vault, &f->err));
	assert_true(estate_read_vault(f->in.estate, &vault, &before, &f->err));
	f->values[KEY] = "kv-payroll/cmk-payroll";
	must_begin(f, "aa-payroll");
	id = f->run->facts.account;
	all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	plan_undo(f->run);
	settle(f);
	if (f->run->state != PLAN_ROLLED_BACK)
		fail_msg("%s", f->run->err.msg);
	expect_states(f, "done done done skipped pending done pending done");
	assert_non_null(strstr(step(f, "protect")->note, "never be switched off"));
	assert_true(estate_read_facts(f->in.estate, &id, &facts, &f->err));
	assert_int_equal(facts.account.source, KEY_SOURCE_MICROSOFT);
	facts_free(&facts);
	assert_true(estate_read_vault(f->in.estate, &vault, &after, &f->err));
	assert_int_equal(after.policies_len, before.policies_len);
	for (size_t i = 0; i < before.policies_len; i++)
		assert_int_equal(after.policies[i].keys, before.policies[i].keys);
	vault_free(&before);
	vault_free(&after);
	expect_journal(f, made_ready, switched,
		"undo switch intent\nundo switch done\nundo grant intent\nundo grant done\n"
		"end rolled-back\n");
	plan_all(f->run);
	assert_int_equal(f->run->state, PLAN_ROLLED_BACK);
}

static void
bad_keys_are_refused_and_nothing_is_sent(void **state)
{
	static const struct {
		const char *key, *rule;
	} bad[] = {
		{"kv-payroll/cmk-ec", "key-not-rsa"},
		{"kv-payroll/cmk-off", "key-disabled"},
		{"kv-payroll/cmk-old", "key-expired"},
		{"kv-payroll/cmk-none", "key-absent"},
	};
	struct fixture *f = *state;

	start(f, NULL);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		bool found = false;

		f->values[KEY] = bad[i].key;
		must_begin(f, "aa-payroll");
		assert_int_equal(f->run->state, PLAN_REFUSED);
		assert_int_equal(err_exit(f->run->err.kind), 5);
		expect_states(f, "failed pending pending pending pending pending pending pending");
		for (size_t j = 0; j < f->run->findings_len; j++)
			found = found ||
				(f->run->findings[j].effect == FINDING_BLOCKS &&
					strcmp(f->run->findings[j].rule->id, bad[i].rule) == 0);
		if (!found)
			fail_msg("%s: no blocking finding %s", bad[i].key, bad[i].rule);
		plan_all(f->run);
		assert_int_equal(f->run->state, PLAN_REFUSED);
	}
	expect_journal(f, "", "", "");
}

static void
other_verbs_are_named_for_accounts_that_have_a_key(void **state)
{
	struct fixture *f = *state;

	start(f, NULL);
	f->values[KEY] = "kv-payroll/cmk-payroll";
	must_begin(f, "aa-billing");
	assert_int_equal(f->run->state, PLAN_REFUSED);
	assert_string_equal(f->run->err.code, "on-other-key");
	assert_non_null(strstr(f->run->err.msg, "claviger replace"));
	f->values[KEY] = "kv-billing/cmk-billing";
	must_begin(f, "aa-billing");
	assert_int_equal(f->run->state, PLAN_REFUSED);
	assert_string_equal(f->run->err.code, "on-other-version");
	assert_non_null(strstr(f->run->err.msg, "--key-version"));
}

static void
choices_that_cannot_be_are_refused_before_anything(void **state)
{
	static const struct {
		int field;
		const char *value;
		enum err_kind kind;
	} bad[] = {
		{AUTO, "yes", ERR_REFUSED},
		{TENANT, "x", ERR_REFUSED},
		{CLIENT, "x", ERR_REFUSED},
		{CREATE, "1024", ERR_USAGE},
		{VERSION, "latest", ERR_USAGE},
		{IDENTITY, "id-storage", ERR_USAGE},
		{VAULT, "kv-billing", ERR_USAGE},
		{VAULT, "kv-nowhere", ERR_NOT_FOUND},
		{KEY, "kv-nowhere/cmk", ERR_NOT_FOUND},
		{KEY, "a key", ERR_USAGE},
		{KEY, NULL, ERR_USAGE},
		{KEY, "https://kv-payroll.vault.azure.cn/keys/cmk-payroll", ERR_USAGE},
	};
	struct fixture *f = *state;

	start(f, NULL);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		memset(f->values, 0, sizeof f->values);
		f->values[KEY] = "kv-payroll/cmk-payroll";
		f->values[bad[i].field] = bad[i].value;
		if (begin(f, "aa-payroll"))
			fail_msg("%zu was taken", i);
		if (f->err.kind != bad[i].kind)
			fail_msg("%zu: kind %d: %s", i, (int)f->err.kind, f->err.msg);
		assert_true(f->err.msg[0]);
	}
}

static void
a_wrong_unwrapped_value_stops_before_the_switch(void **state)
{
	struct fixture *f = *state;
	struct proof_result result;
	struct keyid key;

	start(f, "unwrapkey=flip:value");
	f->values[KEY] = "kv-payroll/cmk-payroll";
	must_begin(f, "aa-payroll");
	all(f);
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_int_equal(err_exit(f->run->err.kind), 1);
	assert_string_equal(f->run->err.code, "ProofFailed");
	expect_states(f, "done done done skipped done failed needed needed");
	expect_journal(f, made_ready, "", "end failed\n");
	assert_true(estate_find_key(f->in.estate, "kv-payroll/cmk-payroll", NULL, &key, &f->err));
	assert_true(prove_key(f->in.estate, &key, &result, &f->err));
	assert_int_equal(result.result, PROOF_FAILED);
}

/* Takes our entry away again behind the plan's back, as somebody else might. */
static void
remove_rights(struct fixture *f)
{
	const struct plan_facts *facts = &f->run->facts;
	struct request request;

	estate_get_vault(f->in.session, &facts->vault, &request);
	free(request.url);
	assert_true(step_grant.undo(facts, &request, &f->err));
	assert_true(session_ask(f->in.session, &request, NULL, &f->err));
	request_free(&request);
}

static void
a_locked_account_gets_its_rights_back(void **state)
{
	struct fixture *f = *state;

	start(f, NULL);
	f->values[KEY] = "kv-payroll/cmk-payroll";
	must_begin(f, "aa-payroll");
	all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	remove_rights(f);
	must_begin(f, "aa-payroll");
	assert_int_equal(f->run->state, PLAN_PLANNED);
	expect_states(f, "done skipped skipped skipped needed needed skipped needed");
	all(f);
	assert_int_equal(f->run->state, PLAN_DONE);
	must_begin(f, "aa-payroll");
	assert_int_equal(f->run->state, PLAN_UNCHANGED);
}

/* Every answer to a PATCH of the account is cut off, however often it is tried. */
static void
an_answer_that_is_lost_is_read_back(void **state)
{
	struct fixture *f = *state;
	struct facts facts;
	struct armid id;

	start(f, "PATCH *automationAccounts*=drop");
	f->values[KEY] = "kv-payroll/cmk-payroll";
	must_begin(f, "aa-payroll");
	id = f->run->facts.account;
	all(f);
	if (f->run->state != PLAN_DONE)
		fail_msg("%s", f->run->err.msg);
	assert_non_null(strstr(step(f, "identity")->note, "answer was lost"));
	assert_non_null(strstr(step(f, "switch")->note, "answer was lost"));
	assert_true(estate_read_facts(f->in.estate, &id, &facts, &f->err));
	assert_int_equal(facts.account.source, KEY_SOURCE_CUSTOMER);
	facts_free(&facts);
	expect_journal(f, made_ready, switched, "");
}

static void
a_reply_of_the_wrong_type_is_named(void **state)
{
	struct fixture *f = *state;

	start(f, "GET */keys/cmk-payroll*=type:key.kid");
	f->values[KEY] = "kv-payroll/cmk-payroll";
	must_begin(f, "aa-payroll");
	assert_int_equal(f->run->state, PLAN_FAILED);
	assert_int_equal(err_exit(f->run->err.kind), 1);
	assert_string_equal(f->run->err.code, "BadReply");
	assert_non_null(strstr(f->run->err.msg, "kid"));
	expect_journal(f, "", "", "");
}

static void
prove_proves(void **state)
{
	struct fixture *f = *state;
	struct proof_result result;
	struct keyid key;

	start(f, NULL);
	assert_true(estate_find_key(f->in.estate, "kv-payroll/cmk-payroll", NULL, &key, &f->err));
	assert_true(prove_key(f->in.estate, &key, &result, &f->err));
	if (result.result != PROOF_PROVED)
		fail_msg("%s", result.why.msg);
	assert_int_equal(strlen(result.key.version), 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_dry_run_lists_the_literal_requests, setup, teardown),
		cmocka_unit_test_setup_teardown(
			onboards_and_then_finds_nothing_to_do, setup, teardown),
		cmocka_unit_test_setup_teardown(makes_a_key_when_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(
			one_step_at_a_time_parked_and_gone_on, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_done_can_be_undone, setup, teardown),
		cmocka_unit_test_setup_teardown(
			bad_keys_are_refused_and_nothing_is_sent, setup, teardown),
		cmocka_unit_test_setup_teardown(
			other_verbs_are_named_for_accounts_that_have_a_key, setup, teardown),
		cmocka_unit_test_setup_teardown(
			choices_that_cannot_be_are_refused_before_anything, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_wrong_unwrapped_value_stops_before_the_switch, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_locked_account_gets_its_rights_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
			an_answer_that_is_lost_is_read_back, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_reply_of_the_wrong_type_is_named, setup, teardown),
		cmocka_unit_test_setup_teardown(prove_proves, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
