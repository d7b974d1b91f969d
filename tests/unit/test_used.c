/* What is said of the key in use before an account leaves it, and the two requests by which Storage
 * changes key and identity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "backend/plans/used.h"
#include "tests/fixtures/steps.h"

/* An account of that service on its system-assigned identity, in a vault with or without its
 * rights. */
static void
use(struct fixture *f, const struct service *service, const char *rights)
{
	struct facts *used = &f->facts.used;

	steps_read_vault(f, rights, "");
	vault_copy(&used->vault, &f->facts.facts.vault);
	used->vault_known = used->account_known = used->key_known = KNOWN_READ;
	used->account.service = service;
	used->account.source = KEY_SOURCE_CUSTOMER;
	used->account.mode = KEY_MODE_PINNED;
	used->account.key = f->facts.want;
	snprintf(used->account.id.name, sizeof used->account.id.name, "acc");
	snprintf(used->account.identity.principal, sizeof used->account.identity.principal,
		PRINCIPAL);
	snprintf(used->account.key.version, sizeof used->account.key.version, VERSION);
	steps_read_key(f, VERSION);
	used->key = f->facts.facts.key;
	f->facts.facts.key = (struct key){0};
	steps_read_key(f, VERSION);
}

static void
a_key_that_cannot_be_used_is_no_way_out(void **state)
{
	static const char some[] = POLICY(PRINCIPAL, "[\"get\",\"wrapKey\"]");
	static const struct {
		const struct service *service;
		const char *remedy, *source;
	} cases[] = {
		{&service_batch, "nothing but deleting the account", "Batch"},
		{&service_storage, "has to unwrap with it", "Inferred"},
		{&service_automation, "has to unwrap with it", "Inferred"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct finding out[2];
		struct judging judging = {
			.service = cases[i].service, .out = out, .max = ARRAY_LEN(out)};
		char source[200];

		facts_free(&f->facts.used);
		use(f, cases[i].service, some);
		used_judge(&f->facts, &judging);
		assert_int_equal(judging.len, 1);
		assert_string_equal(out[0].rule->id, "used-key-unusable");
		assert_non_null(strstr(out[0].cause, "unwrapKey"));
		assert_non_null(strstr(out[0].rule->remedy, cases[i].remedy));
		finding_source(&out[0], source, sizeof source);
		assert_non_null(strstr(source, cases[i].source));
	}
	facts_free(&f->facts.used);
}

static void
what_is_not_known_is_said(void **state)
{
	struct fixture *f = *state;
	struct finding out[2];
	struct judging judging = {.out = out, .max = ARRAY_LEN(out)};

	use(f, &service_storage, POLICY(PRINCIPAL, "[\"get\",\"wrapKey\",\"unwrapKey\"]"));
	used_judge(&f->facts, &judging);
	assert_int_equal(judging.len, 0);
	f->facts.used.key_known = KNOWN_DENIED;
	err_set(&f->facts.used.key_why, ERR_DENIED, "Forbidden", "you may not look");
	used_judge(&f->facts, &judging);
	assert_int_equal(judging.len, 1);
	assert_string_equal(out[0].rule->id, "used-key-unknown");
	assert_non_null(strstr(out[0].cause, "you may not look"));
	facts_free(&f->facts.used);
}

static void
pinning_is_warned_of_only_where_it_was_automatic(void **state)
{
	struct fixture *f = *state;
	struct finding out[2];
	struct judging judging = {.out = out, .max = ARRAY_LEN(out)};

	used_judge_pinning(&f->facts, &judging);
	assert_int_equal(judging.len, 0);
	f->facts.used.account.mode = KEY_MODE_AUTO;
	used_judge_pinning(&f->facts, &judging);
	assert_int_equal(judging.len, 1);
	f->facts.follow = true;
	used_judge_pinning(&f->facts, &judging);
	assert_int_equal(judging.len, 1);
}

/* The key first, with the identity in use, and the other way round on the way back. */
static void
key_and_identity_change_apart(void **state)
{
	struct fixture *f = *state;

	f->facts.facts.account.service = &service_storage;
	f->facts.facts.account.source = KEY_SOURCE_CUSTOMER;
	f->facts.former.known = true;
	f->facts.former.key = f->facts.want;
	snprintf(f->facts.former.key.key, sizeof f->facts.former.key.key, "old");
	snprintf(f->facts.former.key.version, sizeof f->facts.former.key.version, OTHER_VERSION);
	f->facts.facts.account.key = f->facts.former.key;
	snprintf(f->facts.want.version, sizeof f->facts.want.version, VERSION);
	snprintf(f->facts.want_identity, sizeof f->facts.want_identity, USER_ID);
	assert_true(step_opener_apart(&f->facts));
	assert_true(step_switch.needed(&f->facts));
	assert_true(steps_build(f, step_switch.build));
	assert_non_null(strstr(f->request.body, "\"userAssignedIdentity\":\"\""));
	assert_non_null(strstr(f->request.body, "\"keyname\":\"cmk\""));
	assert_true(steps_build(f, step_opener.build));
	assert_non_null(strstr(f->request.body, "\"userAssignedIdentity\":\"" USER_ID "\""));
	assert_non_null(strstr(f->request.body, "\"keyname\":\"cmk\""));
	assert_true(steps_build(f, step_opener.undo));
	assert_non_null(strstr(f->request.body, "\"userAssignedIdentity\":\"\""));
	assert_non_null(strstr(f->request.body, "\"keyname\":\"cmk\""));
	assert_true(steps_build(f, step_switch.undo));
	assert_non_null(strstr(f->request.body, "\"keyname\":\"old\""));
	assert_non_null(strstr(f->request.body, OTHER_VERSION));
	f->facts.facts.account.service = &service_automation;
	assert_false(step_opener_apart(&f->facts));
}

static void
the_way_back_is_in_the_journal(void **state)
{
	struct fixture *f = *state;
	json_t *detail = json_object(), *bad = json_pack("{s:s}", "formerKey", "https://evil/k");
	struct keyid key;

	step_switch.save(&f->facts, detail);
	assert_int_equal(json_object_size(detail), 0);
	f->facts.former.known = true;
	f->facts.former.key = key = f->facts.want;
	snprintf(f->facts.former.identity, sizeof f->facts.former.identity, USER_ID);
	step_switch.save(&f->facts, detail);
	memset(&f->facts.former, 0, sizeof f->facts.former);
	step_switch.load(&f->facts, bad);
	assert_false(f->facts.former.known);
	step_switch.load(&f->facts, detail);
	assert_true(f->facts.former.known);
	assert_memory_equal(&f->facts.former.key, &key, sizeof key);
	assert_string_equal(f->facts.former.identity, USER_ID);
	json_decref(detail);
	json_decref(bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_key_that_cannot_be_used_is_no_way_out, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			what_is_not_known_is_said, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(pinning_is_warned_of_only_where_it_was_automatic,
			steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			key_and_identity_change_apart, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			the_way_back_is_in_the_journal, steps_setup, steps_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
