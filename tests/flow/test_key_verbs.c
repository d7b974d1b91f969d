/* The small verbs on keys: create, enable, disable, recover, rotation-policy, through the program;
 * what became of it is asked of the sandbox itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/serving.h"

static struct serving serving;

static json_t *
key(const char *name)
{
	return serving_run(&serving, 0, "key", "show", name, NULL);
}

static size_t
enabled(const char *name)
{
	json_t *root = key(name), *one;
	size_t i, n = 0;

	json_array_foreach(json_object_get(root, "versions"), i, one) n +=
		json_is_true(json_object_get(one, "enabled"));
	json_decref(root);
	return n;
}

/* The records of one operation in the journal with that phase. */
static size_t
records(const char *plan, const char *phase)
{
	json_t *list = serving_run(&serving, 0, "journal", "list", NULL), *one;
	size_t i, n = 0;

	json_array_foreach(list, i, one) n += strcmp(text_at(one, "plan"), plan) == 0 &&
					      strcmp(text_at(one, "phase"), phase) == 0;
	json_decref(list);
	return n;
}

static void
creates_what_is_not_there(void **state)
{
	json_t *dry, *root;

	(void)state;
	dry = serving_run(&serving, 10, "key", "create", "kv-payroll/cmk-fresh", "--bits", "3072",
		"--dry-run", NULL);
	assert_string_equal(text_at(dry, "steps.1.name"), "key");
	assert_string_equal(text_at(dry, "steps.1.request.method"), "POST");
	assert_int_equal(json_integer_value(value_at(dry, "steps.1.request.body.key_size")), 3072);
	assert_string_equal(text_at(dry, "steps.1.request.body.kty"), "RSA");
	json_decref(dry);
	json_decref(serving_run(&serving, 0, "key", "create", "kv-payroll/cmk-fresh", "--bits",
		"3072", "--yes", NULL));
	root = key("kv-payroll/cmk-fresh");
	assert_int_equal(json_integer_value(json_object_get(root, "bits")), 3072);
	assert_int_equal(json_array_size(json_object_get(root, "versions")), 1);
	json_decref(root);
	serving_refuses(&serving, "key-exists", "cmk-fresh", "key", "create",
		"kv-payroll/cmk-fresh", "--bits", "3072", "--yes", NULL);
	assert_int_equal(enabled("kv-payroll/cmk-fresh"), 1);
}

static void
makes_hsm_keys_on_an_hsm(void **state)
{
	json_t *root;

	(void)state;
	json_decref(serving_run(&serving, 0, "key", "create", "hsm-core/cmk-second", "--bits",
		"2048", "--yes", NULL));
	root = key("hsm-core/cmk-second");
	assert_string_equal(text_at(root, "kty"), "RSA-HSM");
	json_decref(root);
}

static void
wants_its_words(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, serving.place.sandbox, "key", "create", "cmk-fresh", "--bits", "2048", "--yes",
		NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "VAULT/cmk-fresh", NULL);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "key", "create", "kv-payroll/x", "--bits", "1024", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "1024", "4096", NULL);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "key", "create", "kv-payroll/x", "--yes", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "--bits", NULL);
	ran_free(&ran);
}

/* cmk-billing has three versions and one account. */
static void
disables_every_version_one_by_one(void **state)
{
	json_t *dry, *done, *finding;
	struct ran ran;

	(void)state;
	dry = serving_run(
		&serving, 10, "key", "disable", "kv-billing/cmk-billing", "--dry-run", NULL);
	assert_string_equal(text_at(dry, "steps.1.request.method"), "PATCH");
	assert_int_equal(json_array_size(value_at(dry, "steps.1.otherRequests")), 2);
	finding = find(json_object_get(dry, "findings"), "rule", "accounts-go-dark");
	assert_non_null(strstr(text_at(finding, "cause"), "aa-billing"));
	json_decref(dry);
	run(&ran, serving.place.sandbox, "key", "disable", "kv-billing/cmk-billing", "--yes", NULL);
	assert_int_not_equal(ran.code, 0);
	ran_free(&ran);
	assert_int_equal(enabled("kv-billing/cmk-billing"), 3);
	done = serving_run(&serving, 0, "key", "disable", "kv-billing/cmk-billing", "--yes",
		"--confirm=cmk-billing", NULL);
	assert_string_equal(text_at(done, "state"), "done");
	json_decref(done);
	assert_int_equal(enabled("kv-billing/cmk-billing"), 0);
	assert_int_equal(records("key disable", "intent"), 3);
	assert_int_equal(records("key disable", "done"), 3);
	done = serving_run(&serving, 0, "key", "disable", "kv-billing/cmk-billing", "--yes",
		"--confirm=cmk-billing", NULL);
	assert_string_equal(text_at(done, "state"), "unchanged");
	json_decref(done);
}

static void
enables_them_again(void **state)
{
	(void)state;
	json_decref(serving_plan(&serving, "key", "enable", "kv-billing/cmk-billing", NULL));
	assert_int_equal(enabled("kv-billing/cmk-billing"), 3);
}

static void
one_version_by_its_uri(void **state)
{
	json_t *root = key("kv-archive/cmk-archive");
	const char *version = text_at(root, "versions.2.version");
	json_t *dry;
	char uri[300];

	(void)state;
	snprintf(
		uri, sizeof uri, "https://kv-archive.vault.azure.net/keys/cmk-archive/%s", version);
	json_decref(serving_run(
		&serving, 0, "key", "disable", uri, "--yes", "--confirm=cmk-archive", NULL));
	assert_int_equal(enabled("kv-archive/cmk-archive"), 2);
	dry = serving_run(
		&serving, 0, "key", "disable", uri, "--yes", "--confirm=cmk-archive", NULL);
	assert_string_equal(text_at(dry, "state"), "unchanged");
	json_decref(dry);
	json_decref(serving_plan(&serving, "key", "enable", uri, NULL));
	assert_int_equal(enabled("kv-archive/cmk-archive"), 3);
	json_decref(root);
	serving_refuses(&serving, "version-absent", "no version", "key", "enable",
		"https://kv-archive.vault.azure.net/keys/cmk-archive/"
		"00000000000000000000000000000000",
		"--yes", NULL);
	serving_refuses(&serving, "key-", "cmk-nobody", "key", "enable", "kv-archive/cmk-nobody",
		"--yes", NULL);
}

static void
shows_and_sets_the_rotation_policy(void **state)
{
	json_t *root, *dry;

	(void)state;
	root = serving_run(&serving, 0, "key", "rotation-policy", "kv-payroll/cmk-fresh", NULL);
	assert_true(json_is_null(json_object_get(root, "every")));
	assert_string_equal(text_at(root, "lifetimeActions.0.action.type"), "Notify");
	json_decref(root);
	dry = serving_plan(&serving, "key", "rotation-policy", "kv-payroll/cmk-fresh", "--every",
		"P90D", "--expire", "P2Y", NULL);
	assert_int_equal(json_array_size(value_at(dry, "steps.1.request.body.lifetimeActions")), 2);
	json_decref(dry);
	json_decref(serving_plan(&serving, "key", "rotation-policy", "kv-payroll/cmk-fresh",
		"--every", "P180D", NULL));
	root = serving_run(&serving, 0, "key", "rotation-policy", "kv-payroll/cmk-fresh", NULL);
	assert_string_equal(text_at(root, "every"), "P180D");
	assert_string_equal(text_at(root, "expire"), "P2Y");
	assert_int_equal(json_array_size(json_object_get(root, "lifetimeActions")), 2);
	json_decref(root);
	serving_refuses(&serving, "rotation-too-short", "7 days", "key", "rotation-policy",
		"kv-payroll/cmk-fresh", "--every", "P3D", "--yes", NULL);
	json_decref(serving_run(&serving, 2, "key", "rotation-policy", "kv-payroll/cmk-fresh",
		"--every", "monthly", "--yes", NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(creates_what_is_not_there),
		cmocka_unit_test(makes_hsm_keys_on_an_hsm),
		cmocka_unit_test(wants_its_words),
		cmocka_unit_test(disables_every_version_one_by_one),
		cmocka_unit_test(enables_them_again),
		cmocka_unit_test(one_version_by_its_uri),
		cmocka_unit_test(shows_and_sets_the_rotation_policy),
	};
	int failed;

	serving_start(&serving);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&serving);
	return failed;
}
