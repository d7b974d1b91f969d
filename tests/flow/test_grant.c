/* Granting and taking back in the three ways that vaults grant: what was added is there once, what
 * was taken back is gone, and whatever others hold is as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/plans/plan.h"
#include "tests/fixtures/inside.h"
#include "tests/fixtures/serving.h"

static struct serving world;
static struct inside in;

static void
must(bool ok, const struct err *err)
{
	if (!ok)
		fail_msg("%s", err->msg);
}

/* The program's own insides beside the program, on the same estate. */
static json_t *
dump(void)
{
	const char *const words[] = {"dump"};
	struct buf text;
	struct err err;
	json_t *root;

	buf_init(&text, 64 << 20);
	must(sandbox_ctl(world.place.dir, words, 1, &text, &err), &err);
	root = json_read(buf_text(&text), text.len, "dump", &err);
	must(root != NULL, &err);
	buf_free(&text);
	return root;
}

static void
expect_same(json_t *before)
{
	json_t *after = dump();

	assert_true(json_equal(before, after));
	json_decref(before);
	json_decref(after);
}

/* How many assignments of that role a principal has whose scope ends so; of an HSM its local ones.
 */
static size_t
assigned(const char *principal, const char *role, const char *ends)
{
	json_t *root = dump(), *one;
	json_t *hsm = find(json_object_get(root, "vaults"), "name", "hsm-core");
	json_t *lists[] = {
		json_object_get(root, "roleAssignments"), json_object_get(hsm, "localRoles")};
	size_t n = 0, i;

	for (size_t l = 0; l < ARRAY_LEN(lists); l++)
		json_array_foreach(lists[l], i, one) n +=
			strcmp(text_at(one, "principal"), principal) == 0 &&
			strcmp(text_at(one, "role"), role) == 0 &&
			strlen(text_at(one, "scope")) >= strlen(ends) &&
			strcmp(text_at(one, "scope") + strlen(text_at(one, "scope")) - strlen(ends),
				ends) == 0;
	json_decref(root);
	return n;
}

static const char cloud_role[] = "e147488a-f6f5-4113-8e2d-b22465e65bf6";
static const char local_role[] = "33413926-3206-4cdd-b39a-83574fe37a17";

static void
what_is_granted_is_taken_back(void **state)
{
	static const struct {
		const char *account, *vault, *key, *method, *url, *part;
	} cases[] = {
		{"barender01", "kv-archive", NULL, "PUT", "/kv-archive/accessPolicies/add?",
			"[\"get\",\"wrapKey\",\"unwrapKey\"]"},
		{"aa-guidang", "kv-payroll", NULL, "PUT", "/kv-payroll/accessPolicies/add?",
			"[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"]"},
		{"barender01", "kv-rbac", NULL, "PUT", "/kv-rbac/providers/", "ServicePrincipal"},
		{"aa-guidang", "kv-rbac", "cmk-rbac", "PUT", "/keys/cmk-rbac/providers/",
			"ServicePrincipal"},
		{"stledger01", "hsm-core", NULL, "PUT",
			"hsm-core.managedhsm.azure.net/keys/providers/", "principalId"},
		{"stledger01", "hsm-core", "cmk-hsm", "PUT",
			"hsm-core.managedhsm.azure.net/keys/cmk-hsm/providers/", "principalId"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *key = cases[i].key ? "--key" : NULL;
		json_t *before = dump(), *dry, *done;
		char *body;

		dry = serving_plan(&world, "grant", cases[i].account, "--vault", cases[i].vault,
			key, cases[i].key, NULL);
		assert_string_equal(text_at(dry, "steps.1.request.method"), cases[i].method);
		assert_non_null(strstr(text_at(dry, "steps.1.request.url"), cases[i].url));
		body = json_dumps(value_at(dry, "steps.1.request.body"), JSON_COMPACT);
		assert_non_null(strstr(body, cases[i].part));
		free(body);
		json_decref(dry);
		dry = serving_plan(&world, "ungrant", cases[i].account, "--vault", cases[i].vault,
			key, cases[i].key, NULL);
		json_decref(dry);
		expect_same(before);
		done = serving_run(&world, 0, "ungrant", cases[i].account, "--vault",
			cases[i].vault, "--dry-run", NULL);
		assert_string_equal(text_at(done, "state"), "unchanged");
		json_decref(done);
	}
}

static void
one_request_for_each_assignment(void **state)
{
	json_t *before = dump(), *dry, *done;

	(void)state;
	json_decref(serving_plan(
		&world, "grant", "barender01", "--vault", "kv-rbac", "--key", "cmk-rbac", NULL));
	json_decref(serving_plan(&world, "grant", "barender01", "--vault", "kv-rbac", NULL));
	dry = serving_run(
		&world, 10, "ungrant", "barender01", "--vault", "kv-rbac", "--dry-run", NULL);
	assert_string_equal(text_at(dry, "steps.1.request.method"), "DELETE");
	assert_int_equal(json_array_size(value_at(dry, "steps.1.otherRequests")), 1);
	json_decref(dry);
	done = serving_run(&world, 0, "ungrant", "barender01", "--vault", "kv-rbac", "--yes", NULL);
	assert_string_equal(text_at(done, "state"), "done");
	json_decref(done);
	expect_same(before);
}

static void
each_service_is_onboarded_where_roles_decide(void **state)
{
	static const char *const accounts[] = {"aa-payroll", "barender01", "stledger01"};
	char principal[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(accounts); i++) {
		json_decref(serving_plan(
			&world, "onboard", accounts[i], "--key", "kv-rbac/cmk-rbac", NULL));
		serving_expect(&world, accounts[i], "key", "cmk-rbac");
		snprintf(principal, sizeof principal, "principal:%s", accounts[i]);
		assert_int_equal(assigned(principal, cloud_role, "/kv-rbac/keys/cmk-rbac"), 1);
		assert_int_equal(assigned(principal, cloud_role, ""), 1);
	}
}

/* Storage alone takes keys of an HSM. */
static void
storage_is_onboarded_on_an_hsm(void **state)
{
	(void)state;
	json_decref(serving_run(&world, 0, "detach", "stledger01", "--yes", NULL));
	json_decref(
		serving_plan(&world, "onboard", "stledger01", "--key", "hsm-core/cmk-hsm", NULL));
	serving_expect(&world, "stledger01", "key", "cmk-hsm");
	assert_int_equal(assigned("principal:stledger01", local_role, "/keys/cmk-hsm"), 1);
	assert_int_equal(assigned("principal:stledger01", local_role, ""), 1);
	serving_refuses(&world, "ManagedHsm", "Batch", "onboard", "barender01", "--key",
		"hsm-core/cmk-hsm", "--yes", NULL);
	serving_refuses(&world, "ManagedHsm", "Automation", "grant", "aa-payroll", "--vault",
		"hsm-core", "--yes", NULL);
}

/* stledger01 uses hsm-core/cmk-hsm by now. */
static void
a_cut_takes_the_name(void **state)
{
	static const char *const wrong[] = {"--yes", "--confirm=stledger", "--confirm=hsm-core"};
	json_t *before = dump(), *result;

	(void)state;
	result = serving_run(
		&world, 10, "ungrant", "stledger01", "--vault", "hsm-core", "--dry-run", NULL);
	assert_string_equal(
		text_at(find(value_at(result, "findings"), "rule", "goes-dark"), "severity"),
		"high");
	json_decref(result);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct ran ran;

		run(&ran, world.place.sandbox, "ungrant", "stledger01", "--vault", "hsm-core",
			wrong[i], "-o", "none", NULL);
		ran_expect(&ran, 2);
		ran_complains(&ran, "--confirm=stledger01", NULL);
		ran_free(&ran);
	}
	expect_same(before);
	before = dump();
	result = serving_run(&world, 0, "ungrant", "stledger01", "--vault", "hsm-core",
		"--confirm=stledger01", NULL);
	assert_string_equal(text_at(result, "state"), "done");
	json_decref(result);
	assert_int_equal(assigned("principal:stledger01", local_role, ""), 0);
	json_decref(serving_run(&world, 0, "grant", "stledger01", "--vault", "hsm-core", "--key",
		"cmk-hsm", "--yes", NULL));
	expect_same(before);
}

/* Somebody gives, or takes, a role at the resource group. */
static void
at_the_group(enum http_method method, const char *principal)
{
	static const char name[] = "6f1c2b7e-5d7a-4b7e-9d51-3a1d7f0f9a01";
	const char *subscription = sandbox_access(in.sandbox)->subscription;
	struct request request = {.method = method, .audience = AUDIENCE_ARM, .changes = true};
	struct err err;

	request.url = mem_printf(
		"https://management.azure.com/subscriptions/%s/resourceGroups/rg-security/providers/"
		"Microsoft.Authorization/roleAssignments/%s?api-version=2022-04-01",
		subscription, name);
	if (method == HTTP_PUT)
		request.body = mem_printf(
			"{\"properties\":{\"roleDefinitionId\":\"/subscriptions/%s/providers/"
			"Microsoft.Authorization/roleDefinitions/"
			"12338af0-0e69-4776-bea7-57ae8d297424\",\"principalId\":\"%s\"}}",
			subscription, principal);
	must(session_ask(in.session, &request, NULL, &err), &err);
	request_free(&request);
}

static void
what_is_inherited_is_told_and_stays(void **state)
{
	json_t *before = dump(), *result, *stays;
	char principal[64];

	(void)state;
	result = serving_run(
		&world, 10, "ungrant", "barender01", "--vault", "kv-rbac", "--dry-run", NULL);
	snprintf(principal, sizeof principal, "%s", text_at(result, "resources.principalId"));
	json_decref(result);
	at_the_group(HTTP_PUT, principal);
	result = serving_run(&world, 0, "ungrant", "barender01", "--vault", "kv-rbac",
		"--confirm=barender01", NULL);
	stays = find(value_at(result, "findings"), "rule", "grant-stays");
	assert_non_null(strstr(text_at(stays, "cause"), "Key Vault Crypto User"));
	assert_non_null(strstr(text_at(stays, "cause"), "/resourceGroups/rg-security"));
	assert_non_null(strstr(text_at(result, "steps.1.note"), "stay readable"));
	json_decref(result);
	/* It has what it needs, though from above. */
	result = serving_run(&world, 0, "grant", "barender01", "--vault", "kv-rbac", "--yes", NULL);
	assert_string_equal(text_at(result, "state"), "unchanged");
	json_decref(result);
	at_the_group(HTTP_DELETE, principal);
	json_decref(serving_run(&world, 0, "grant", "barender01", "--vault", "kv-rbac", "--key",
		"cmk-rbac", "--yes", NULL));
	expect_same(before);
}

static struct run *
begin(const struct plan_def *plan, const char *account, const char *const values[2])
{
	const struct service *service;
	struct subject subject = {.kind = SUBJECT_ACCOUNT};
	struct run *run;
	struct err err;

	must(estate_find_account(in.estate, account, NULL, &subject.id, &service, &err), &err);
	run = plan_start(in.estate, in.journal, plan, &subject, values, NULL, NULL, &err);
	must(run != NULL, &err);
	while (plan_busy(run))
		loop_turn(session_loop(in.session), 100);
	return run;
}

static void
end(struct run *run, enum plan_state state)
{
	while (plan_busy(run))
		loop_turn(session_loop(in.session), 100);
	if (run->state != state)
		fail_msg("%s: %s", plan_state_name(run->state), run->err.msg);
}

static void
undo_is_exact_in_each_model(void **state)
{
	static const struct {
		const char *account, *values[2];
	} cases[] = {
		{"aa-guidang", {"kv-payroll", NULL}},
		{"aa-guidang", {"kv-rbac", "cmk-rbac"}},
		{"aa-guidang", {"kv-rbac", NULL}},
		{"starchive01", {"hsm-core", "cmk-hsm"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *before = dump();
		struct run *run = begin(&plan_grant, cases[i].account, cases[i].values);

		plan_all(run);
		end(run, PLAN_DONE);
		plan_undo(run);
		end(run, PLAN_ROLLED_BACK);
		plan_free(run);
		expect_same(before);
	}
}

/* Two assignments and a policy: all of them come back. */
static void
undo_gives_back_what_was_taken(void **state)
{
	static const char *const rbac[] = {"kv-rbac", NULL}, *const archive[] = {
								     "kv-archive", NULL};
	static const struct {
		const char *account;
		const char *const *values;
	} cases[] = {{"barender01", rbac}, {"starchive01", archive}};

	(void)state;
	json_decref(
		serving_run(&world, 0, "grant", "barender01", "--vault", "kv-rbac", "--yes", NULL));
	assert_int_equal(assigned("principal:barender01", cloud_role, ""), 2);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		json_t *before = dump();
		struct run *run = begin(&plan_ungrant, cases[i].account, cases[i].values);

		assert_true(plan_cuts(run));
		plan_all(run);
		end(run, PLAN_DONE);
		plan_undo(run);
		end(run, PLAN_ROLLED_BACK);
		plan_free(run);
		expect_same(before);
	}
}

static json_t *
granted(const char *account, const char *vault, char operation[64])
{
	json_t *result = serving_run(&world, 0, "grant", account, "--vault", vault, "--yes", NULL);

	snprintf(operation, 64, "%s", text_at(result, "operation"));
	return result;
}

/* The account has come to rely on it: to take it back is a cut, and asked for as one. */
static void
to_take_back_what_opens_takes_the_name(void **state)
{
	static const char *const wrong[] = {"--yes", "--confirm=stexport", "--confirm=kv-archive"};
	json_t *before = dump(), *result, *dark;
	char operation[64];

	(void)state;
	json_decref(granted("stexport01", "kv-archive", operation));
	result = serving_run(&world, 10, "rollback", operation, "--dry-run", NULL);
	dark = find(value_at(result, "findings"), "rule", "accounts-go-dark");
	assert_string_equal(text_at(dark, "cause"), "1 account will go dark: stexport01");
	json_decref(result);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		struct ran ran;

		run(&ran, world.place.sandbox, "rollback", operation, wrong[i], "-o", "none", NULL);
		ran_expect(&ran, 2);
		ran_complains(&ran, "--confirm=stexport01", NULL);
		ran_free(&ran);
	}
	result = serving_run(&world, 0, "rollback", operation, "--confirm=stexport01", NULL);
	assert_string_equal(text_at(result, "state"), "rolled-back");
	json_decref(result);
	expect_same(before);
}

/* Where nobody relies on it a yes is enough. */
static void
to_take_back_what_opens_nothing_takes_a_yes(void **state)
{
	json_t *before = dump();
	char operation[64];

	(void)state;
	json_decref(granted("starchive01", "kv-payroll", operation));
	json_decref(serving_run(&world, 0, "rollback", operation, "--yes", NULL));
	expect_same(before);
}

static void
refusals_name_the_reason(void **state)
{
	struct ran ran;

	(void)state;
	serving_refuses(&world, "no-identity", "balegacy01", "grant", "balegacy01", "--vault",
		"kv-archive", "--yes", NULL);
	serving_refuses(&world, "key-absent", "cmk-nobody", "grant", "barender01", "--vault",
		"kv-rbac", "--key", "cmk-nobody", "--yes", NULL);
	run(&ran, world.place.sandbox, "grant", "barender01", "--yes", "-o", "none", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "--vault", NULL);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_granted_is_taken_back),
		cmocka_unit_test(one_request_for_each_assignment),
		cmocka_unit_test(refusals_name_the_reason),
		cmocka_unit_test(each_service_is_onboarded_where_roles_decide),
		cmocka_unit_test(storage_is_onboarded_on_an_hsm),
		cmocka_unit_test(a_cut_takes_the_name),
		cmocka_unit_test(what_is_inherited_is_told_and_stays),
		cmocka_unit_test(undo_is_exact_in_each_model),
		cmocka_unit_test(undo_gives_back_what_was_taken),
		cmocka_unit_test(to_take_back_what_opens_takes_the_name),
		cmocka_unit_test(to_take_back_what_opens_nothing_takes_a_yes),
	};
	int failed;

	serving_start(&world);
	inside_open(&in, &(struct sandbox_options){.state = world.place.dir});
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	inside_close(&in);
	serving_stop(&world);
	return failed;
}
