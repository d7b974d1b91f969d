/* Pairs of build() and accept() of the reads, of protect, identity and grant: the exact requests
 * of the article and the API documents, and what is made of every kind of answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fixtures/steps.h"

static void
reads_ask_for_one_resource_each(void **state)
{
	struct fixture *f = *state;

	assert_true(steps_build(f, step_read_account.build));
	steps_expect(f, HTTP_GET, AUDIENCE_ARM,
		"https://management.azure.com" ACCOUNT_ID "?api-version=2023-11-01", NULL);
	assert_true(steps_build(f, step_read_vault.build));
	steps_expect(f, HTTP_GET, AUDIENCE_ARM,
		"https://management.azure.com" VAULT_ID "?api-version=2023-07-01", NULL);
	assert_true(steps_build(f, step_read_key.build));
	steps_expect(f, HTTP_GET, AUDIENCE_VAULT,
		"https://kv1.vault.azure.net/keys/cmk?api-version=7.4", NULL);
	memcpy(f->facts.want.version, VERSION, sizeof VERSION);
	assert_true(steps_build(f, step_read_key.build));
	steps_expect(f, HTTP_GET, AUDIENCE_VAULT,
		"https://kv1.vault.azure.net/keys/cmk/" VERSION "?api-version=7.4", NULL);
}

static void
an_account_that_cannot_be_read_ends_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(steps_refuse(f, &step_read_account, 404,
				 "{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"no\"}}"),
		OUTCOME_FAILED);
	assert_int_equal(f->err.kind, ERR_NOT_FOUND);
	assert_string_equal(f->err.code, "ResourceNotFound");
	assert_int_equal(steps_answer(f, &step_read_account, "{\"id\":7}"), OUTCOME_FAILED);
	assert_int_equal(steps_answer(f, &step_read_account, "[]"), OUTCOME_FAILED);
	assert_int_equal(steps_answer(f, &step_read_account, "not json"), OUTCOME_FAILED);
}

static void
absent_and_denied_are_facts_not_failures(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(steps_refuse(f, &step_read_vault, 403, "{}"), OUTCOME_DONE);
	assert_int_equal(f->facts.facts.vault_known, KNOWN_DENIED);
	assert_int_equal(steps_refuse(f, &step_read_vault, 404, "{}"), OUTCOME_DONE);
	assert_int_equal(f->facts.facts.vault_known, KNOWN_ABSENT);
	assert_int_equal(steps_refuse(f, &step_read_vault, 500, "{}"), OUTCOME_FAILED);
	assert_int_equal(steps_refuse(f, &step_read_vault, 429, "{}"), OUTCOME_FAILED);
	assert_int_equal(f->err.kind, ERR_UNAVAILABLE);
	assert_int_equal(steps_refuse(f, &step_read_key, 404,
				 "{\"error\":{\"code\":\"KeyNotFound\",\"message\":\"no\"}}"),
		OUTCOME_DONE);
	assert_int_equal(f->facts.facts.key_known, KNOWN_ABSENT);
	assert_false(step_read_versions.needed(&f->facts));
	assert_int_equal(steps_refuse(f, &step_read_key, 403, "{}"), OUTCOME_DONE);
	assert_int_equal(f->facts.facts.key_known, KNOWN_DENIED);
}

static void
an_absent_version_is_not_an_absent_key(void **state)
{
	struct fixture *f = *state;
	struct finding findings[8];
	size_t len;

	memcpy(f->facts.want.version, OTHER_VERSION, sizeof OTHER_VERSION);
	memcpy(f->facts.facts.target, OTHER_VERSION, sizeof OTHER_VERSION);
	f->facts.version_asked = true;
	assert_int_equal(steps_refuse(f, &step_read_key, 404, "{}"), OUTCOME_AGAIN);
	assert_true(steps_build(f, step_read_key.build));
	assert_string_equal(f->request.url, "https://kv1.vault.azure.net/keys/cmk?api-version=7.4");
	steps_read_key(f, VERSION);
	len = plan_onboard.judge(&f->facts, findings, 8);
	assert_true(len >= 1);
	assert_string_equal(findings[len - 1].rule->id, "version-absent");
	assert_non_null(strstr(findings[len - 1].cause, OTHER_VERSION));
}

static void
versions_are_read_page_by_page_from_one_host(void **state)
{
	struct fixture *f = *state;
	static const char first[] =
		"{\"value\":[{\"kid\":\"https://kv1.vault.azure.net/keys/cmk/" OTHER_VERSION
		"\",\"attributes\":{\"enabled\":true,\"created\":1493937851}}],"
		"\"nextLink\":\"https://kv1.vault.azure.net:443/keys/cmk/versions?api-version=7.4&"
		"$skiptoken=abc\"}";

	steps_read_key(f, VERSION);
	assert_true(step_read_versions.needed(&f->facts));
	assert_true(steps_build(f, step_read_versions.build));
	assert_non_null(strstr(f->request.url, "https://kv1.vault.azure.net/keys/cmk/versions?"));
	assert_int_equal(steps_answer(f, &step_read_versions, first), OUTCOME_AGAIN);
	assert_true(steps_build(f, step_read_versions.build));
	assert_non_null(strstr(f->request.url, "$skiptoken=abc"));
	assert_int_equal(steps_answer(f, &step_read_versions, "{\"value\":[],\"nextLink\":null}"),
		OUTCOME_DONE);
	assert_int_equal(f->facts.facts.key.versions_len, 2);
	assert_string_equal(f->facts.facts.key.versions[0].version, VERSION);
	assert_string_equal(f->facts.want.version, VERSION);
	assert_null(f->facts.next);
}

static void
a_link_to_another_vault_is_not_followed(void **state)
{
	struct fixture *f = *state;

	steps_read_key(f, VERSION);
	assert_int_equal(
		steps_answer(f, &step_read_versions,
			"{\"value\":[],\"nextLink\":\"https://kv2.vault.azure.net/keys\"}"),
		OUTCOME_AGAIN);
	assert_false(steps_build(f, step_read_versions.build));
	assert_int_equal(f->err.kind, ERR_DENIED);
}

static void
pages_without_end_are_given_up(void **state)
{
	struct fixture *f = *state;
	enum outcome outcome = OUTCOME_AGAIN;
	int pages = 0;

	steps_read_key(f, VERSION);
	while (outcome == OUTCOME_AGAIN && pages++ < 10000)
		outcome = steps_answer(f, &step_read_versions,
			"{\"value\":[],\"nextLink\":\"https://kv1.vault.azure.net/keys/cmk/"
			"versions?x\"}");
	assert_int_equal(outcome, OUTCOME_FAILED);
	assert_string_equal(f->err.code, "EndlessPages");
}

static void
protect_names_only_what_is_off(void **state)
{
	struct fixture *f = *state;

	steps_read_vault(f, "", ",\"enableSoftDelete\":true");
	assert_true(step_protect.needed(&f->facts));
	assert_true(steps_build(f, step_protect.build));
	steps_expect(f, HTTP_PATCH, AUDIENCE_ARM,
		"https://management.azure.com" VAULT_ID "?api-version=2023-07-01",
		"{\"properties\":{\"enablePurgeProtection\":true}}");
	assert_true(f->request.changes && f->request.repeatable);
	steps_read_vault(f, "", ",\"enableSoftDelete\":false");
	assert_true(steps_build(f, step_protect.build));
	steps_expect(f, HTTP_PATCH, AUDIENCE_ARM,
		"https://management.azure.com" VAULT_ID "?api-version=2023-07-01",
		"{\"properties\":{\"enableSoftDelete\":true,\"enablePurgeProtection\":true}}");
	assert_int_equal(steps_refuse(f, &step_protect, 403, "{}"), OUTCOME_FAILED);
	assert_int_equal(f->err.kind, ERR_DENIED);
	assert_int_equal(steps_answer(f, &step_protect,
				 "{\"id\":\"" VAULT_ID "\",\"properties\":{\"tenantId\":\"" TENANT
				 "\",\"accessPolicies\":[]}}"),
		OUTCOME_LOOK);
	assert_int_equal(f->err.kind, ERR_FAILED);
	assert_int_equal(steps_answer(f, &step_protect,
				 "{\"id\":\"" VAULT_ID "\",\"properties\":{\"tenantId\":\"" TENANT
				 "\",\"enablePurgeProtection\":true,\"enableSoftDelete\":true,"
				 "\"accessPolicies\":[]}}"),
		OUTCOME_DONE);
	assert_false(step_protect.needed(&f->facts));
	assert_null(step_protect.undo);
	assert_non_null(step_protect.warning);
	assert_string_equal(step_protect.confirm, "vault");
}

static void
identity_as_in_the_article(void **state)
{
	struct fixture *f = *state;
	static const char reply[] = "{\"name\":\"aa\",\"id\":\"" ACCOUNT_ID
				    "\",\"identity\":{\"type\":\"SystemAssigned\",\"principalId\":"
				    "\"" PRINCIPAL "\",\"tenantId\":\"" TENANT
				    "\"},\"properties\":{\"sku\":{\"name\":\"Basic\"},"
				    "\"encryption\":{\"keySource\":\"Microsoft.Automation\"}}}";

	steps_read_account(f, "null", steps_microsoft);
	assert_true(step_identity.needed(&f->facts));
	assert_true(steps_build(f, step_identity.build));
	steps_expect(f, HTTP_PATCH, AUDIENCE_ARM,
		"https://management.azure.com" ACCOUNT_ID "?api-version=2023-11-01",
		"{\"identity\":{\"type\":\"SystemAssigned\"}}");
	assert_true(f->request.changes);
	assert_int_equal(
		steps_answer(f, &step_identity,
			"{\"id\":\"" ACCOUNT_ID
			"\",\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{}}"),
		OUTCOME_LOOK);
	assert_int_equal(steps_answer(f, &step_identity, reply), OUTCOME_DONE);
	assert_string_equal(step_principal(&f->facts), PRINCIPAL);
	assert_string_equal(step_tenant(&f->facts), TENANT);
	assert_false(step_identity.needed(&f->facts));
	assert_int_equal(
		steps_refuse(f, &step_identity, 403,
			"{\"error\":{\"code\":\"AuthorizationFailed\",\"message\":\"x\"}}"),
		OUTCOME_FAILED);
	assert_string_equal(f->err.code, "AuthorizationFailed");
}

static void
identity_keeps_those_that_are_there(void **state)
{
	struct fixture *f = *state;

	steps_read_account(f,
		"{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"" USER_ID
		"\":{\"principalId\":\"" FOREIGN "\",\"clientId\":\"" FOREIGN "\"}}}",
		steps_microsoft);
	assert_true(step_identity.needed(&f->facts));
	assert_true(steps_build(f, step_identity.build));
	steps_expect(f, HTTP_PATCH, AUDIENCE_ARM,
		"https://management.azure.com" ACCOUNT_ID "?api-version=2023-11-01",
		"{\"identity\":{\"type\":\"SystemAssigned, UserAssigned\","
		"\"userAssignedIdentities\":{\"" USER_ID "\":{}}}}");
	snprintf(f->facts.want_identity, sizeof f->facts.want_identity, "%s", USER_ID);
	assert_false(step_identity.needed(&f->facts));
	assert_string_equal(step_principal(&f->facts), FOREIGN);
}

static void
grant_as_in_the_article(void **state)
{
	struct fixture *f = *state;
	static const char body[] =
		"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"" PRINCIPAL
		"\",\"permissions\":{\"keys\":[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"],"
		"\"secrets\":[],\"certificates\":[]}}]}}";

	steps_read_account(f, steps_system_identity, steps_microsoft);
	steps_read_vault(f, POLICY(FOREIGN, "[\"get\",\"list\"]"), "");
	assert_true(step_grant.needed(&f->facts));
	assert_true(steps_build(f, step_grant.build));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM,
		"https://management.azure.com" VAULT_ID
		"/accessPolicies/add?api-version=2023-07-01",
		body);
	assert_true(f->request.changes && f->request.repeatable);
	assert_int_equal(steps_answer(f, &step_grant, "{}"), OUTCOME_LOOK);
	assert_int_equal(steps_refuse(f, &step_grant, 409,
				 "{\"error\":{\"code\":\"ConflictError\",\"message\":\"x\"}}"),
		OUTCOME_AGAIN);
	assert_int_equal(steps_refuse(f, &step_grant, 403, "{}"), OUTCOME_FAILED);
	assert_true(steps_build(f, step_grant.undo));
	steps_expect(f, HTTP_PUT, AUDIENCE_ARM,
		"https://management.azure.com" VAULT_ID
		"/accessPolicies/remove?api-version=2023-07-01",
		body);
}

static void
grant_adds_only_what_is_missing(void **state)
{
	struct fixture *f = *state;
	char text[400];

	steps_read_account(f, steps_system_identity, steps_microsoft);
	steps_read_vault(f, POLICY(PRINCIPAL, "[\"Get\",\"list\"]"), "");
	step_grant.describe(&f->facts, text, sizeof text);
	assert_string_equal(text, "needs get recover wrapKey unwrapKey; has get list; adds recover "
				  "wrapKey unwrapKey; secrets none, certificates none");
	assert_true(steps_build(f, step_grant.build));
	assert_non_null(strstr(f->request.body, "[\"recover\",\"wrapKey\",\"unwrapKey\"]"));
	steps_read_vault(f, POLICY(PRINCIPAL, "[\"all\"]"), "");
	assert_false(step_grant.needed(&f->facts));
	/* The undo goes by what was there before. */
	assert_true(steps_build(f, step_grant.undo));
	assert_non_null(strstr(f->request.body, "[\"recover\",\"wrapKey\",\"unwrapKey\"]"));
}

static void
grant_is_seen_only_with_all_four_and_foreign_changes_are_told(void **state)
{
	struct fixture *f = *state;

	steps_read_account(f, steps_system_identity, steps_microsoft);
	steps_read_vault(f, POLICY(FOREIGN, "[\"get\",\"list\"]"), "");
	assert_int_equal(step_grant.seen(&f->facts, &f->err), OUTCOME_LOOK);
	steps_read_vault(f,
		POLICY(FOREIGN, "[\"get\",\"list\"]") "," POLICY(
			PRINCIPAL, "[\"get\",\"wrapKey\",\"unwrapKey\"]"),
		"");
	assert_int_equal(step_grant.seen(&f->facts, &f->err), OUTCOME_LOOK);
	assert_non_null(strstr(f->err.msg, "recover"));
	steps_read_vault(f,
		POLICY(PRINCIPAL, "[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"]") "," POLICY(
			FOREIGN, "[\"list\",\"GET\"]"),
		"");
	assert_int_equal(step_grant.seen(&f->facts, &f->err), OUTCOME_DONE);
	assert_int_equal(f->facts.granted, PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP);
	steps_read_vault(f, POLICY(PRINCIPAL, "[\"all\"]"), "");
	assert_int_equal(step_grant.seen(&f->facts, &f->err), OUTCOME_DONE);
	assert_non_null(strstr(f->facts.note, "somebody else changed the entry of " FOREIGN));
	steps_read_vault(f, POLICY(PRINCIPAL, "[\"all\"]") "," POLICY(FOREIGN, "[\"get\"]"), "");
	assert_int_equal(step_grant.seen(&f->facts, &f->err), OUTCOME_DONE);
	assert_non_null(strstr(f->facts.note, "somebody else changed the entry of " FOREIGN));
}

static void
grant_of_an_unknown_principal_is_only_previewed(void **state)
{
	struct fixture *f = *state;

	steps_read_account(f, "null", steps_microsoft);
	steps_read_vault(f, "", "");
	assert_true(step_grant.needed(&f->facts));
	assert_false(steps_build(f, step_grant.build));
	f->facts.previewing = true;
	assert_true(steps_build(f, step_grant.build));
	assert_non_null(
		strstr(f->request.body, "\"objectId\":\"‹principalId, from step identity›\""));
	assert_non_null(strstr(f->request.body, "‹tenantId, from step identity›"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			reads_ask_for_one_resource_each, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			an_account_that_cannot_be_read_ends_it, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			absent_and_denied_are_facts_not_failures, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			an_absent_version_is_not_an_absent_key, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			versions_are_read_page_by_page_from_one_host, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			a_link_to_another_vault_is_not_followed, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			pages_without_end_are_given_up, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			protect_names_only_what_is_off, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			identity_as_in_the_article, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			identity_keeps_those_that_are_there, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			grant_as_in_the_article, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			grant_adds_only_what_is_missing, steps_setup, steps_teardown),
		cmocka_unit_test_setup_teardown(
			grant_is_seen_only_with_all_four_and_foreign_changes_are_told, steps_setup,
			steps_teardown),
		cmocka_unit_test_setup_teardown(grant_of_an_unknown_principal_is_only_previewed,
			steps_setup, steps_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
