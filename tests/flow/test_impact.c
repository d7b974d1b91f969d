/* Impact: who goes dark if a key is cut, and what is not known of that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/run.h"

static struct place place;

static json_t *
impact(const char *key)
{
	struct ran ran;
	json_t *out;

	run(&ran, place.sandbox, "impact", key, "-o", "json", NULL);
	ran_expect(&ran, 0);
	out = ran_json(&ran);
	ran_free(&ran);
	return out;
}

static size_t
length(const json_t *object, const char *member)
{
	return json_array_size(value_at(object, member));
}

static void
one_account(void **state)
{
	json_t *out = impact("kv-archive/cmk-archive"), *one;

	(void)state;
	assert_string_equal(
		text_at(out, "key"), "https://kv-archive.vault.azure.net/keys/cmk-archive");
	assert_int_equal(length(out, "accounts"), 1);
	one = value_at(out, "accounts.0");
	assert_string_equal(text_at(one, "name"), "starchive01");
	assert_string_equal(text_at(one, "mode"), "auto");
	assert_int_equal(strlen(text_at(one, "version")), 32);
	assert_non_null(strstr(text_at(one, "identity"), "/id-storage"));
	assert_string_equal(text_at(one, "state"), "ok");
	assert_int_equal(length(out, "shared"), 0);
	assert_int_equal(length(out, "others"), 0);
	assert_int_equal(length(out, "unknown"), 0);
	find(value_at(out, "stillWorks"), "service", "storage");
	assert_int_equal(length(out, "goesDark"), 1);
	json_decref(out);
}

static void
system_identity(void **state)
{
	json_t *out = impact("cmk-billing");

	(void)state;
	assert_string_equal(text_at(out, "accounts.0.name"), "aa-billing");
	assert_string_equal(text_at(out, "accounts.0.mode"), "pinned");
	assert_string_equal(text_at(out, "accounts.0.identity"), "SystemAssigned");
	find(value_at(out, "stillWorks"), "service", "automation");
	assert_non_null(
		strstr(text_at(find(value_at(out, "goesDark"), "service", "automation"), "what"),
			"Credentials, certificates, connections and encrypted variables"));
	json_decref(out);
	out = impact("kv-payroll/cmk-payroll");
	assert_int_equal(length(out, "accounts"), 0);
	assert_int_equal(length(out, "unknown"), 0);
	json_decref(out);
}

/* Who cannot open the key any more has nothing left that a cut could take. */
static void
cut_already(void **state)
{
	json_t *out = impact("kv-archive/cmk-export");

	(void)state;
	assert_string_equal(text_at(out, "accounts.0.name"), "stexport01");
	assert_string_equal(text_at(out, "accounts.0.state"), "locked");
	assert_string_equal(text_at(out, "accounts.0.why"), "its identity lacks unwrapKey");
	json_decref(out);
}

/* Nobody goes dark with a key that is not there, but that is no answer to a slip. */
static void
no_such_key(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, "impact", "kv-payroll/cmk-payrol", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "cmk-payrol", NULL);
	assert_int_equal(ran.out_len, 0);
	ran_free(&ran);
}

/* What could not be asked is unknown, never nobody. */
static void
unknown(void **state)
{
	struct going server;
	json_t *out;

	(void)state;
	going_start(&server, "sandbox", "--state", place.dir, NULL);
	going_wait(&server, "serving");
	place_ctl(&place, "fault", "POST *ResourceGraph*=status:403");
	out = impact("kv-archive/cmk-archive");
	assert_string_equal(text_at(out, "accounts.0.name"), "starchive01");
	find(value_at(out, "unknown"), "what", "resources of other services");
	json_decref(out);
	place_ctl(&place, "fault", "GET *automationAccounts/aa-billing*=status:403");
	out = impact("kv-billing/cmk-billing");
	assert_int_equal(length(out, "accounts"), 0);
	find(value_at(out, "unknown"), "what", "aa-billing");
	json_decref(out);
	going_end(&server, 15);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_account),
		cmocka_unit_test(system_identity),
		cmocka_unit_test(cut_already),
		cmocka_unit_test(no_such_key),
		cmocka_unit_test(unknown),
	};
	int failed;

	place_seed(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&place);
	return failed;
}
