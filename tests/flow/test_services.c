/* Each service over the sandbox as far as this version goes: what can be onboarded is, to the end,
 * and what cannot be is refused before anything is changed, with the reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/fixtures/run.h"

static struct place seeded;

static json_t *
show(const struct place *place, const char *account)
{
	struct ran ran;
	json_t *root;

	run(&ran, place->sandbox, "account", "show", account, "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	ran_free(&ran);
	return root;
}

/* Onboards, then once more: which must find nothing to do. option may be NULL. */
static void
onboard(const struct place *place, const char *account, const char *key, const char *option)
{
	static const char *const ends[] = {"done", "unchanged"};

	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct ran ran;
		json_t *root;

		run(&ran, place->sandbox, "onboard", account, "--key", key, "--yes", "-o", "json",
			option, NULL);
		ran_expect(&ran, 0);
		root = ran_json(&ran);
		assert_string_equal(text_at(root, "state"), ends[i]);
		json_decref(root);
		ran_free(&ran);
	}
}

static void
storage_by_access_policies(void **state)
{
	struct place place;
	json_t *account;

	(void)state;
	place_copy(&place, &seeded);
	onboard(&place, "stledger01", "kv-archive/cmk-archive", NULL);
	account = show(&place, "stledger01");
	assert_string_equal(text_at(account, "keySource"), "customer");
	assert_string_equal(text_at(account, "mode"), "pinned");
	assert_string_equal(text_at(account, "keyName"), "cmk-archive");
	assert_string_equal(text_at(account, "keyVersion"), text_at(account, "currentKeyVersion"));
	assert_string_equal(text_at(account, "state"), "ok");
	json_decref(account);
	place_remove(&place);
}

static void
storage_that_follows_new_versions(void **state)
{
	struct place place;
	json_t *account;
	struct ran ran;

	(void)state;
	place_copy(&place, &seeded);
	onboard(&place, "stledger01", "kv-archive/cmk-archive", "--auto");
	account = show(&place, "stledger01");
	assert_string_equal(text_at(account, "mode"), "auto");
	assert_true(json_is_null(json_object_get(account, "keyVersion")));
	assert_string_equal(text_at(account, "state"), "ok");
	json_decref(account);
	run(&ran, place.sandbox, "onboard", "stledger01", "--key", "kv-archive/cmk-archive",
		"--yes", "-o", "none", NULL);
	ran_expect(&ran, 5);
	ran_complains(&ran, "whatever version is current", "on-other-version", NULL);
	ran_free(&ran);
	place_remove(&place);
}

static void
batch_by_one_uri(void **state)
{
	static const struct {
		const char *option, *mode;
	} cases[] = {{NULL, "pinned"}, {"--auto", "auto"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct place place;
		json_t *account;

		place_copy(&place, &seeded);
		onboard(&place, "barender01", "kv-archive/cmk-export", cases[i].option);
		account = show(&place, "barender01");
		assert_string_equal(text_at(account, "mode"), cases[i].mode);
		assert_string_equal(text_at(account, "keyName"), "cmk-export");
		assert_string_equal(text_at(account, "state"), "ok");
		json_decref(account);
		place_remove(&place);
	}
}

static void
what_cannot_be_is_refused(void **state)
{
	static const char hsm[] = "hsm-core/cmk-hsm", archive[] = "kv-archive/cmk-archive";
	static const struct {
		const char *account, *key, *option, *code;
	} cases[] = {
		{"balegacy01", archive, NULL, "identity-at-creation"},
		{"barender01", hsm, NULL, "ManagedHsm"},
		{"aa-payroll", hsm, NULL, "ManagedHsm"},
		{"aa-payroll", archive, "--auto", "AutoVersion"},
		{"stledger01", archive,
			"--federated-client-id=5d180bf6-a2c7-4349-be60-9fb251cd8e14",
			"CrossTenant"},
		{"barender01", archive, "--vault-tenant=fabrikam.example", "CrossTenant"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ran ran;
		json_t *account;

		run(&ran, seeded.sandbox, "onboard", cases[i].account, "--key", cases[i].key,
			"--yes", "-o", "none", cases[i].option, NULL);
		ran_expect(&ran, 5);
		ran_complains(&ran, cases[i].code, NULL);
		ran_free(&ran);
		account = show(&seeded, cases[i].account);
		assert_string_equal(text_at(account, "keySource"), "microsoft");
		json_decref(account);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(storage_by_access_policies),
		cmocka_unit_test(storage_that_follows_new_versions),
		cmocka_unit_test(batch_by_one_uri),
	};
	int failed;

	place_seed(&seeded);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&seeded);
	return failed;
}
