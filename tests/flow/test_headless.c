/* The main job on the command line: an Automation account goes from Microsoft's keys to a customer
 * key, as a script or a person without a console would do it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"

/* A sandbox as it is seeded; each test works on a copy. */
static struct place seeded;

static int
setup(void **state)
{
	struct place *place = calloc(1, sizeof *place);

	place_copy(place, &seeded);
	*state = place;
	return 0;
}

static int
teardown(void **state)
{
	place_remove(*state);
	free(*state);
	return 0;
}

static void
onboard(const struct place *place, struct ran *ran, const char *how)
{
	run(ran, place->sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
		"cmk-payroll", how, "-o", "json", NULL);
}

static json_t *
policies(const struct place *place)
{
	struct ran ran;
	json_t *root;

	run(&ran, place->sandbox, "policy", "list", "--vault", "kv-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	ran_free(&ran);
	return root;
}

static size_t
journal_length(const struct place *place)
{
	struct ran ran;
	json_t *root;
	size_t len;

	run(&ran, place->sandbox, "journal", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	len = json_array_size(root);
	json_decref(root);
	ran_free(&ran);
	return len;
}

/* Every step that is needed shows its request; what is not known yet is marked, never made up. */
static void
dry_run(void **state)
{
	const struct place *place = *state;
	json_t *root, *step, *policy;
	struct ran ran;

	onboard(place, &ran, "--dry-run");
	ran_expect(&ran, 10);
	assert_string_equal(ran.err, "");
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "state"), "planned");
	assert_string_equal(text_at(root, "plan"), "onboard");
	assert_true(json_is_null(value_at(root, "operation")));
	step = find(value_at(root, "steps"), "name", "protect");
	assert_string_equal(text_at(step, "request.method"), "PATCH");
	assert_true(json_is_true(value_at(step, "request.body.properties.enablePurgeProtection")));
	step = find(value_at(root, "steps"), "name", "grant");
	assert_non_null(strstr(text_at(step, "request.url"), "/accessPolicies/add?"));
	policy = value_at(step, "request.body.properties.accessPolicies.0");
	assert_int_equal(json_array_size(value_at(policy, "permissions.keys")), 4);
	assert_non_null(strstr(text_at(policy, "objectId"), "\u2039"));
	step = find(value_at(root, "steps"), "name", "switch");
	assert_string_equal(text_at(step, "request.method"), "PATCH");
	assert_string_equal(text_at(step, "request.body.properties.encryption.keySource"),
		"Microsoft.Keyvault");
	find(value_at(root, "findings"), "rule", "purge-protection-off");
	json_decref(root);
	ran_free(&ran);
	assert_int_equal(journal_length(place), 0);
}

/* Every entry there was before is there after, as it was. */
static void
compare_policies(json_t *before, json_t *after)
{
	json_t *entry;
	size_t i;

	assert_true(json_array_size(before) >= 2);
	assert_int_equal(json_array_size(after), json_array_size(before) + 1);
	json_array_foreach(before, i, entry)
	{
		json_t *same = find(after, "principalId", text_at(entry, "principalId"));

		assert_true(json_equal(value_at(entry, "holds"), value_at(same, "holds")));
		assert_string_equal(text_at(entry, "via"), text_at(same, "via"));
	}
}

static void
check_account(const struct place *place)
{
	struct ran ran;
	json_t *root;

	run(&ran, place->sandbox, "account", "show", "aa-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "keySource"), "customer");
	assert_string_equal(text_at(root, "keyName"), "cmk-payroll");
	assert_string_equal(text_at(root, "mode"), "pinned");
	assert_string_equal(text_at(root, "state"), "ok");
	assert_int_equal(strlen(text_at(root, "keyVersion")), 32);
	assert_string_equal(text_at(root, "keyVersion"), text_at(root, "currentKeyVersion"));
	assert_non_null(strstr(text_at(root, "vaultUri"), "kv-payroll"));
	assert_int_equal(strlen(text_at(root, "identity.principalId")), 36);
	json_decref(root);
	ran_free(&ran);
}

static void
check_result(const struct ran *ran)
{
	json_t *root = ran_json(ran), *step;
	size_t i;

	assert_string_equal(text_at(root, "state"), "done");
	assert_int_equal(strlen(text_at(root, "operation")), 36);
	json_array_foreach(value_at(root, "steps"), i, step)
	{
		const char *is = text_at(step, "state");

		if (strcmp(is, "done") != 0 && strcmp(is, "skipped") != 0)
			fail_msg("step %s is %s", text_at(step, "name"), is);
	}
	assert_string_equal(text_at(root, "accounts.0.name"), "aa-payroll");
	json_decref(root);
}

/* Done once; the same call again changes nothing and records nothing. */
static void
for_real(void **state)
{
	const struct place *place = *state;
	json_t *before = policies(place), *after;
	struct ran ran;
	size_t records;

	onboard(place, &ran, "--yes");
	ran_expect(&ran, 0);
	check_result(&ran);
	ran_free(&ran);
	after = policies(place);
	compare_policies(before, after);
	json_decref(before);
	json_decref(after);
	check_account(place);
	records = journal_length(place);
	assert_true(records >= 8);

	onboard(place, &ran, "--yes");
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "\"unchanged\""));
	ran_free(&ran);
	assert_int_equal(journal_length(place), records);
	onboard(place, &ran, "--dry-run");
	ran_expect(&ran, 0);
	ran_free(&ran);
}

/* Without a terminal nothing is asked and nothing begun; the plan is printed all the same. */
static void
without_yes(void **state)
{
	const struct place *place = *state;
	struct ran ran;

	run(&ran, place->sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
		"cmk-payroll", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "--yes", "--dry-run", NULL);
	assert_non_null(strstr(ran.out, "\"planned\""));
	ran_free(&ran);
	assert_int_equal(journal_length(place), 0);
}

static void
read_only(void **state)
{
	const struct place *place = *state;
	struct ran ran;

	run(&ran, place->sandbox, "--read-only", "onboard", "aa-payroll", "--key",
		"kv-payroll/cmk-payroll", "--yes", NULL);
	ran_expect(&ran, 4);
	ran_complains(&ran, "read-only", NULL);
	ran_free(&ran);
	run(&ran, place->sandbox, "--read-only", "onboard", "aa-payroll", "--key",
		"kv-payroll/cmk-payroll", "--dry-run", NULL);
	ran_expect(&ran, 10);
	ran_free(&ran);
	assert_int_equal(journal_length(place), 0);
}

/* A key that is made on the way, named by a URI, for an account named by its id. */
static void
new_key(void **state)
{
	const struct place *place = *state;
	char id[640];
	json_t *root;
	struct ran ran;

	run(&ran, place->sandbox, "account", "show", "aa-guidang", "--query", "id", "-o", "tsv",
		NULL);
	ran_expect(&ran, 0);
	snprintf(id, sizeof id, "%.*s", (int)strcspn(ran.out, "\n"), ran.out);
	ran_free(&ran);
	run(&ran, place->sandbox, "onboard", id, "--key",
		"https://kv-payroll.vault.azure.net/keys/cmk-new", "--create-key", "2048", "--yes",
		"-o", "json", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "\"done\""));
	ran_free(&ran);
	run(&ran, place->sandbox, "key", "show", "kv-payroll/cmk-new", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_int_equal(json_integer_value(value_at(root, "bits")), 2048);
	assert_int_equal(json_array_size(value_at(root, "versions")), 1);
	json_decref(root);
	ran_free(&ran);
}

/* Several accounts: each has its outcome, the highest code is the exit code. */
static void
fleet(void **state)
{
	const struct place *place = *state;
	const char *words[] = {place->sandbox, "onboard", "--ids", "@-", "--key",
		"kv-payroll/cmk-payroll", "--yes", "-o", "json", NULL};
	json_t *root;
	struct ran ran;

	run_words(&ran, words, "aa-payroll\naa-guidang\n\naa-nobody\n");
	ran_expect(&ran, 3);
	ran_complains(&ran, "aa-nobody", NULL);
	root = ran_json(&ran);
	assert_int_equal(json_array_size(root), 3);
	assert_string_equal(text_at(root, "0.state"), "done");
	assert_string_equal(text_at(root, "1.state"), "done");
	assert_string_equal(text_at(root, "2.state"), "failed");
	assert_string_equal(text_at(root, "2.accounts.0.name"), "aa-nobody");
	json_decref(root);
	ran_free(&ran);
	run(&ran, place->sandbox, "onboard", "aa-payroll", "aa-guidang", "--key",
		"kv-payroll/cmk-payroll", "--yes", "-o", "tsv", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "aa-payroll\tunchanged"));
	assert_non_null(strstr(ran.out, "aa-guidang\tunchanged"));
	ran_free(&ran);
}

/* After as many failures no more are begun. */
static void
max_failures(void **state)
{
	const struct place *place = *state;
	json_t *root;
	struct ran ran;

	run(&ran, place->sandbox, "onboard", "no-1", "no-2", "aa-payroll", "--key",
		"kv-payroll/cmk-payroll", "--max-failures", "1", "--yes", "-o", "json", NULL);
	ran_expect(&ran, 3);
	root = ran_json(&ran);
	assert_int_equal(json_array_size(root), 1);
	json_decref(root);
	ran_free(&ran);
	assert_int_equal(journal_length(place), 0);
}

/* What was carried out is told whole, where the query does not fit it. */
static void
query_that_fails(void **state)
{
	const struct place *place = *state;
	json_t *root;
	struct ran ran;

	run(&ran, place->sandbox, "grant", "stledger01", "--vault", "kv-payroll", "--yes", "-o",
		"json", "--query", "length(nope)", NULL);
	ran_expect(&ran, 0);
	ran_complains(&ran, "length()", NULL);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "state"), "done");
	json_decref(root);
	ran_free(&ran);
	run(&ran, place->sandbox, "account", "list", "--query", "length(nope)", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
}

/* Only a file is replaced by a plan. */
static void
plan_out_onto_a_link(void **state)
{
	const struct place *place = *state;
	char path[PATH_MAX + 8], to[8] = "";
	struct ran ran;

	snprintf(path, sizeof path, "%s/plan", place->dir);
	assert_int_equal(symlink("nowhere", path), 0);
	run(&ran, place->sandbox, "grant", "stledger01", "--vault", "kv-payroll", "--plan-out",
		path, NULL);
	ran_expect(&ran, 5);
	assert_non_null(strstr(ran.err, "/plan: is there already and no regular file"));
	ran_free(&ran);
	assert_int_equal(readlink(path, to, sizeof to), 7);
}

static void
prove(void **state)
{
	const struct place *place = *state;
	json_t *root;
	struct ran ran;

	run(&ran, place->sandbox, "prove", "kv-payroll/cmk-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "result"), "proved");
	assert_int_equal(strlen(text_at(root, "version")), 32);
	assert_true(json_is_number(value_at(root, "seconds")));
	json_decref(root);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(dry_run, setup, teardown),
		cmocka_unit_test_setup_teardown(for_real, setup, teardown),
		cmocka_unit_test_setup_teardown(without_yes, setup, teardown),
		cmocka_unit_test_setup_teardown(query_that_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(plan_out_onto_a_link, setup, teardown),
		cmocka_unit_test_setup_teardown(read_only, setup, teardown),
		cmocka_unit_test_setup_teardown(new_key, setup, teardown),
		cmocka_unit_test_setup_teardown(fleet, setup, teardown),
		cmocka_unit_test_setup_teardown(max_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(prove, setup, teardown),
	};
	int failed;

	place_seed(&seeded);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&seeded);
	return failed;
}
