/* Keys that must not be taken into use: refused before anything is changed, with reason and
 * remedy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"

static struct place place;

/* The account is as it was, and the journal has nothing to tell. */
static void
nothing_changed(void)
{
	struct ran ran;
	json_t *root;

	run(&ran, place.sandbox, "account", "show", "aa-payroll", "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "keySource"), "microsoft");
	json_decref(root);
	ran_free(&ran);
	run(&ran, place.sandbox, "vault", "show", "kv-payroll", "--query", "purgeProtection", "-o",
		"json", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "false\n");
	ran_free(&ran);
	run(&ran, place.sandbox, "journal", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "[]\n");
	ran_free(&ran);
}

static void
refuse(const char *key, const char *rule)
{
	struct ran ran;
	json_t *root, *finding;

	run(&ran, place.sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll", "--key", key,
		"--yes", "-o", "json", NULL);
	ran_expect(&ran, 5);
	ran_complains(&ran, key, rule, NULL);
	root = ran_json(&ran);
	assert_string_equal(text_at(root, "state"), "refused");
	finding = find(value_at(root, "findings"), "rule", rule);
	assert_string_equal(text_at(finding, "effect"), "blocks");
	assert_true(strlen(text_at(finding, "cause")) > 10);
	assert_true(strlen(text_at(finding, "remedy")) > 10);
	json_decref(root);
	ran_free(&ran);
	nothing_changed();
}

static void
elliptic(void **state)
{
	(void)state;
	refuse("cmk-ec", "key-not-rsa");
}

static void
disabled(void **state)
{
	(void)state;
	refuse("cmk-off", "key-disabled");
}

static void
expired(void **state)
{
	(void)state;
	refuse("cmk-old", "key-expired");
}

static void
absent(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
		"cmk-nothing", "--yes", NULL);
	assert_true(ran.code == 3 || ran.code == 5);
	ran_complains(&ran, "cmk-nothing", NULL);
	ran_free(&ran);
	run(&ran, place.sandbox, "onboard", "aa-payrol", "--vault", "kv-payroll", "--key",
		"cmk-payroll", "--yes", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "aa-payrol", "aa-payroll", NULL);
	ran_free(&ran);
	run(&ran, place.sandbox, "onboard", "aa-payroll", "--vault", "kv-payrol", "--key",
		"cmk-payroll", "--yes", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "kv-payrol", "kv-payroll", NULL);
	ran_free(&ran);
	nothing_changed();
}

static void
wrong_values(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
		"cmk-new", "--create-key", "1024", "--yes", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "1024", "2048", NULL);
	ran_free(&ran);
	run(&ran, place.sandbox, "onboard", "aa-payroll", "--key",
		"https://kv-payroll.vault.azure.evil.example/keys/cmk-payroll", "--yes", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
	nothing_changed();
}

/* A journal that cannot be written: nothing is sent. */
static void
no_journal(void **state)
{
	char path[PATH_MAX + 32];
	struct ran ran;

	(void)state;
	snprintf(path, sizeof path, "%s/journal.jsonl", place.dir);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	run(&ran, place.sandbox, "onboard", "aa-payroll", "--vault", "kv-payroll", "--key",
		"cmk-payroll", "--yes", NULL);
	ran_expect(&ran, 74);
	ran_complains(&ran, "journal", NULL);
	ran_free(&ran);
	assert_int_equal(rmdir(path), 0);
	nothing_changed();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elliptic),
		cmocka_unit_test(disabled),
		cmocka_unit_test(expired),
		cmocka_unit_test(absent),
		cmocka_unit_test(wrong_values),
		cmocka_unit_test(no_journal),
	};
	int failed;

	place_seed(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&place);
	return failed;
}
