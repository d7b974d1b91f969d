/* Restore where more has happened than one revoke: somebody else went on cutting, the key or its
 * whole vault was deleted, nothing is recorded, or what opens the key comes from above. What only
 * others do is done to the sandbox by plain requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/session/session.h"
#include "tests/fixtures/inside.h"
#include "tests/fixtures/serving.h"

#define PRODUCTION "/subscriptions/4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103"
#define SECURITY PRODUCTION "/resourceGroups/rg-security"
#define ARM "https://management.azure.com"

static struct serving serving;
static struct sandbox *joined;
static struct session *others;

static int
setup_all(void **state)
{
	struct err err;

	(void)state;
	serving_start(&serving);
	joined = sandbox_open(&(struct sandbox_options){.state = serving.place.dir}, &err);
	assert_non_null(joined);
	others = inside_sign_in(joined);
	json_decref(serving_run(&serving, 0, "grant", "aa-guidang", "--vault", "kv-rbac", "--key",
		"cmk-rbac", "--yes", NULL));
	place_ctl(&serving.place, "clock", "+1m");
	json_decref(serving_run(
		&serving, 0, "onboard", "aa-guidang", "--key", "kv-rbac/cmk-rbac", "--yes", NULL));
	place_ctl(&serving.place, "clock", "+1m");
	return 0;
}

static int
teardown_all(void **state)
{
	(void)state;
	session_close(others);
	sandbox_close(joined);
	clock_shift(0);
	serving_stop(&serving);
	return 0;
}

/* A change by somebody else. */
static void
somebody(enum http_method method, enum audience audience, const char *url, const char *body)
{
	struct request request = {.method = method, .audience = audience, .changes = true};
	struct err err = {0};

	request.url = (char *)url;
	request.body = (char *)body;
	if (!session_ask(others, &request, NULL, &err))
		fail_msg("%s: %s %s", url, err.code, err.msg);
}

static json_t *
account_of(const json_t *root, const char *account)
{
	return find(json_object_get(root, "accounts"), "name", account);
}

/* The words, gone on with when they were parked; the account must end with the outcome. */
static json_t *
ends(const char *account, const char *outcome, const char *const *words)
{
	const char *all[16] = {serving.place.sandbox};
	struct ran ran;
	json_t *root;
	size_t n = 1;

	while (*words)
		all[n++] = *words++;
	all[n++] = "-o";
	all[n++] = "json";
	run_words(&ran, all, NULL);
	root = ran_json(&ran);
	if (strcmp(text_at(root, "state"), "parked") == 0) {
		json_t *parked = root;

		place_ctl(&serving.place, "clock", "+10m");
		ran_free(&ran);
		run(&ran, serving.place.sandbox, "resume", text_at(parked, "operation"),
			"--no-wait", "-o", "json", NULL);
		root = ran_json(&ran);
		json_decref(parked);
	}
	if (strcmp(text_at(account_of(root, account), "outcome"), outcome) != 0)
		fail_msg("%s: %s\n%s", account, ran.out, ran.err);
	ran_free(&ran);
	return root;
}

static void
cut(const char *key, const char *account, const char *method)
{
	char confirm[80];

	snprintf(confirm, sizeof confirm, "--confirm=%s", strchr(key, '/') + 1);
	json_decref(ends(account, "dark",
		(const char *const[]){
			"revoke", key, "--method", method, confirm, "--no-wait", NULL}));
}

static void
back(const char *key, const char *account)
{
	json_decref(ends(account, "restored",
		(const char *const[]){"restore", key, "--yes", "--no-wait", NULL}));
}

static void
expect_dump(json_t *before)
{
	json_t *after = place_dumped(&serving.place);

	assert_true(json_equal(before, after));
	json_decref(after);
	json_decref(before);
}

/* Two revokes in different ways, the second by the operation's name, and a third hand in it. */
static void
all_that_was_cut_since_comes_back(void **state)
{
	static const char policies[] =
		ARM SECURITY "/providers/Microsoft.KeyVault/vaults/kv-archive/accessPolicies/"
			     "remove?api-version=2023-07-01";
	json_t *before, *list, *now;
	char *body;

	(void)state;
	before = place_dumped(&serving.place);
	cut("kv-archive/cmk-archive", "starchive01", "disable");
	list = serving_run(&serving, 0, "identity", "list", NULL);
	body = mem_printf("{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"%s\",\"objectId\":"
			  "\"%s\",\"permissions\":{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\"],"
			  "\"secrets\":[],\"certificates\":[]}}]}}",
		sandbox_access(joined)->tenant,
		text_at(find(list, "name", "id-storage"), "principalId"));
	somebody(HTTP_PUT, AUDIENCE_ARM, policies, body);
	free(body);
	json_decref(list);
	now = place_dumped(&serving.place);
	assert_false(json_equal(before, now));
	json_decref(now);
	back("kv-archive/cmk-archive", "starchive01");
	expect_dump(before);
}

static void
an_operation_can_be_named(void **state)
{
	json_t *before = place_dumped(&serving.place), *root;
	char operation[64];

	(void)state;
	place_ctl(&serving.place, "clock", "+1m");
	root = ends("aa-billing", "dark",
		(const char *const[]){"revoke", "kv-billing/cmk-billing", "--method", "both",
			"--confirm=cmk-billing", "--no-wait", NULL});
	snprintf(operation, sizeof operation, "%s", text_at(root, "operation"));
	json_decref(root);
	back(operation, "aa-billing");
	expect_dump(before);
}

/* Nobody has recorded what was done: what the accounts use is made usable. */
static void
what_is_not_recorded_is_mended(void **state)
{
	json_t *before = place_dumped(&serving.place), *root;

	(void)state;
	json_decref(serving_run(&serving, 0, "key", "disable", "kv-billing/cmk-billing", "--yes",
		"--confirm=cmk-billing", NULL));
	place_ctl(&serving.place, "clock", "+1m");
	root = ends("aa-billing", "restored",
		(const char *const[]){
			"restore", "kv-billing/cmk-billing", "--yes", "--no-wait", NULL});
	find(json_object_get(root, "findings"), "rule", "nothing-recorded");
	json_decref(root);
	json_decref(before);
	json_decref(
		serving_run(&serving, 0, "key", "enable", "kv-billing/cmk-billing", "--yes", NULL));
}

static void
a_deleted_key_comes_back(void **state)
{
	json_t *before = place_dumped(&serving.place);

	(void)state;
	cut("kv-billing/cmk-billing", "aa-billing", "disable");
	somebody(HTTP_DELETE, AUDIENCE_VAULT,
		"https://kv-billing.vault.azure.net/keys/cmk-billing?api-version=7.4", NULL);
	place_ctl(&serving.place, "clock", "+3m");
	back("kv-billing/cmk-billing", "aa-billing");
	expect_dump(before);
}

/* What it took back is on record under the members of the revoke: its timeline has that, and the
 * request that showed the data. */
static void
its_timeline_has_its_requests(void **state)
{
	struct ran ran;
	json_t *root;

	(void)state;
	cut("kv-archive/cmk-archive", "starchive01", "disable");
	root = ends("starchive01", "restored",
		(const char *const[]){
			"restore", "kv-archive/cmk-archive", "--yes", "--no-wait", NULL});
	run(&ran, serving.place.sandbox, "journal", "export", "--operation",
		text_at(root, "operation"), NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "| disable | done | 200 |"));
	assert_non_null(strstr(ran.out, "undo: PATCH"));
	assert_null(strstr(ran.out, "| PATCH"));
	assert_non_null(strstr(ran.out, "was read, request "));
	ran_free(&ran);
	json_decref(root);
}

/* The role assignments are lost with the vault, and are made again as they were. */
static void
a_deleted_vault_comes_back_with_its_assignments(void **state)
{
	static const char officer[] = "14b46e9e-c2b7-41b4-b07b-48a6ebf60603";
	static const char url[] =
		ARM SECURITY "/providers/Microsoft.KeyVault/vaults/kv-rbac/providers/"
			     "Microsoft.Authorization/roleAssignments/"
			     "1b7c0d0e-5a53-4a6e-8f0b-6f1f6f3f7a10?api-version=2022-04-01";
	json_t *before = place_dumped(&serving.place), *now;
	struct ran ran;
	char *body;

	(void)state;
	place_ctl(&serving.place, "clock", "+1m");
	cut("kv-rbac/cmk-rbac", "aa-guidang", "disable");
	somebody(HTTP_DELETE, AUDIENCE_ARM,
		ARM SECURITY "/providers/Microsoft.KeyVault/vaults/kv-rbac?api-version=2023-07-01",
		NULL);
	place_ctl(&serving.place, "clock", "+1m");
	/* the operator's own role on it is lost as well, and somebody has to give it back */
	run(&ran, serving.place.sandbox, "restore", "kv-rbac/cmk-rbac", "--yes", "--no-wait", "-o",
		"none", NULL);
	ran_expect(&ran, 4);
	ran_free(&ran);
	body = mem_printf("{\"properties\":{\"roleDefinitionId\":\"" PRODUCTION
			  "/providers/Microsoft.Authorization/roleDefinitions/%s\",\"principalId\":"
			  "\"%s\",\"principalType\":\"ServicePrincipal\"}}",
		officer, session_object_id(others));
	somebody(HTTP_PUT, AUDIENCE_ARM, url, body);
	free(body);
	place_ctl(&serving.place, "clock", "+1m");
	back("kv-rbac/cmk-rbac", "aa-guidang");
	now = place_dumped(&serving.place);
	assert_true(json_equal(find(json_object_get(before, "roleAssignments"), "principal",
				       "principal:aa-guidang"),
		find(json_object_get(now, "roleAssignments"), "principal",
			"principal:aa-guidang")));
	json_decref(now);
	json_decref(before);
}

/* What is inherited is not taken; it is named, and the data stay readable. */
static void
an_inherited_grant_stays(void **state)
{
	static const char url[] =
		ARM SECURITY "/providers/Microsoft.Authorization/roleAssignments/"
			     "7d1f3c52-8f5a-4a51-9f0e-2d6b1c9a8e44?api-version=2022-04-01";
	json_t *account, *root;
	char *body;

	(void)state;
	account = serving_run(&serving, 0, "account", "show", "aa-guidang", NULL);
	body = mem_printf(
		"{\"properties\":{\"roleDefinitionId\":\"" PRODUCTION
		"/providers/Microsoft.Authorization/roleDefinitions/"
		"e147488a-f6f5-4113-8e2d-b22465e65bf6\",\"principalId\":\"%s\",\"principalType\":"
		"\"ServicePrincipal\"}}",
		text_at(account, "identity.principalId"));
	somebody(HTTP_PUT, AUDIENCE_ARM, url, body);
	free(body);
	json_decref(account);
	place_ctl(&serving.place, "clock", "+1m");
	root = serving_run(&serving, 75, "revoke", "kv-rbac/cmk-rbac", "--method", "ungrant",
		"--confirm=cmk-rbac", NULL);
	assert_string_equal(text_at(account_of(root, "aa-guidang"), "outcome"), "readable");
	assert_non_null(strstr(text_at(account_of(root, "aa-guidang"), "evidence"), "rg-security"));
	find(json_object_get(root, "findings"), "rule", "grant-stays");
	json_decref(root);
	back("kv-rbac/cmk-rbac", "aa-guidang");
	somebody(HTTP_DELETE, AUDIENCE_ARM, url, NULL);
}

static void
what_there_never_was_is_not_found(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, serving.place.sandbox, "restore", "kv-nowhere/cmk-nowhere", "--yes", "-o", "none",
		NULL);
	ran_expect(&ran, 3);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_was_cut_since_comes_back),
		cmocka_unit_test(an_operation_can_be_named),
		cmocka_unit_test(a_deleted_key_comes_back),
		cmocka_unit_test(its_timeline_has_its_requests),
		cmocka_unit_test(a_deleted_vault_comes_back_with_its_assignments),
		cmocka_unit_test(an_inherited_grant_stays),
		cmocka_unit_test(what_is_not_recorded_is_mended),
		cmocka_unit_test(what_there_never_was_is_not_found),
	};

	return cmocka_run_group_tests(tests, setup_all, teardown_all);
}
