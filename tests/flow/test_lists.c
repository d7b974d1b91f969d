/* Lists and objects: the fields of the contract, the forms of output, queries, options in any
 * place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/err.h"
#include "tests/fixtures/run.h"

static struct place place;

static json_t *
ask(const char *kind, const char *verb, const char *name)
{
	struct ran ran;
	json_t *root;

	run(&ran, place.sandbox, kind, verb, "-o", "json", name, NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.err, "");
	root = ran_json(&ran);
	ran_free(&ran);
	return root;
}

static void
has_fields(const json_t *object, const char *const *fields)
{
	for (; *fields; fields++)
		if (json_object_get(object, *fields) == NULL)
			fail_msg("no field %s", *fields);
}

static void
accounts(void **state)
{
	static const char *const fields[] = {"id", "name", "type", "resourceGroup",
		"subscriptionId", "location", "tags", "keySource", "mode", "vaultUri", "keyName",
		"keyVersion", "currentKeyVersion", "identity", "state", "findings", NULL};
	json_t *root = ask("account", "list", NULL), *one;

	(void)state;
	assert_true(json_array_size(root) >= 3);
	has_fields(json_array_get(root, 0), fields);
	one = find(root, "name", "aa-payroll");
	assert_string_equal(text_at(one, "type"), "automation");
	assert_string_equal(text_at(one, "resourceGroup"), "rg-finance");
	assert_string_equal(text_at(one, "keySource"), "microsoft");
	assert_string_equal(text_at(one, "mode"), "none");
	assert_string_equal(text_at(one, "state"), "none");
	one = find(root, "name", "aa-billing");
	assert_string_equal(text_at(one, "keySource"), "customer");
	assert_string_equal(text_at(one, "mode"), "pinned");
	assert_string_equal(text_at(one, "keyName"), "cmk-billing");
	assert_string_not_equal(text_at(one, "keyVersion"), text_at(one, "currentKeyVersion"));
	one = find(root, "name", "aa-guidang");
	assert_string_equal(text_at(one, "tags.owner"), "\u8d22\u52a1\u90e8");
	json_decref(root);

	root = ask("account", "show", "aa-billing");
	has_fields(root, fields);
	assert_string_equal(text_at(root, "currentKeyVersion"), text_at(root, "currentKeyVersion"));
	json_decref(root);
}

static void
vaults(void **state)
{
	static const char *const fields[] = {"id", "name", "kind", "uri", "location", "tenantId",
		"softDelete", "retentionDays", "purgeProtection", "grantModel", "network", "keys",
		NULL};
	json_t *root = ask("vault", "list", NULL), *one;

	(void)state;
	has_fields(json_array_get(root, 0), fields);
	one = find(root, "name", "kv-payroll");
	assert_true(json_is_false(value_at(one, "purgeProtection")));
	assert_true(json_is_true(value_at(one, "softDelete")));
	assert_string_equal(text_at(one, "grantModel"), "policies");
	json_decref(root);
	root = ask("vault", "show", "kv-payroll");
	has_fields(root, fields);
	assert_true(json_array_size(value_at(root, "keys")) >= 4);
	json_decref(root);
}

static void
keys(void **state)
{
	static const char *const fields[] = {"id", "name", "vault", "kty", "bits", "operations",
		"enabled", "created", "expires", "current", "versions", "rotationPolicy",
		"recoveryLevel", NULL};
	json_t *root = ask("key", "list", NULL), *one, *versions;

	(void)state;
	has_fields(json_array_get(root, 0), fields);
	find(root, "name", "cmk-ec");
	json_decref(root);
	root = ask("key", "show", "kv-billing/cmk-billing");
	has_fields(root, fields);
	assert_string_equal(text_at(root, "kty"), "RSA");
	assert_int_equal(json_integer_value(value_at(root, "bits")), 2048);
	assert_int_equal(json_array_size(value_at(root, "versions")), 3);
	one = value_at(root, "versions.2");
	assert_non_null(strstr(text_at(one, "inUseBy.0"), "aa-billing"));
	assert_true(json_is_null(value_at(root, "rotationPolicy.every")));
	assert_true(json_is_array(value_at(root, "rotationPolicy.lifetimeActions")));
	assert_null(json_object_get(value_at(root, "unknown"), "rotationPolicy"));
	versions = ask("key", "versions", "kv-billing/cmk-billing");
	assert_true(json_equal(versions, value_at(root, "versions")));
	json_decref(versions);
	json_decref(root);
	root = ask("key", "show", "cmk-billing");
	assert_string_equal(text_at(root, "vault"), "kv-billing");
	json_decref(root);
}

static void
policies(void **state)
{
	static const char *const fields[] = {"principalId", "principal", "vault", "holds", "needs",
		"missing", "excess", "via", "scope", NULL};
	json_t *root = ask("policy", "list", NULL), *row;
	struct ran ran;
	size_t i;

	(void)state;
	has_fields(json_array_get(root, 0), fields);
	json_decref(root);
	run(&ran, "policy", "list", "--vault", "hsm-core", place.sandbox, "-o", "json", NULL);
	ran_complains(&ran, "hsm-core", "they are not read", NULL);
	ran_free(&ran);
	run(&ran, "policy", "list", "--vault", "kv-billing", place.sandbox, "-o", "json", NULL);
	ran_expect(&ran, 0);
	root = ran_json(&ran);
	assert_true(json_array_size(root) > 0);
	json_array_foreach(root, i, row) assert_string_equal(text_at(row, "vault"), "kv-billing");
	json_decref(root);
	ran_free(&ran);
}

static void
formats(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, "-o", "tsv", "account", "list", "--query",
		"sort_by([?type=='automation'], &name)[].[name, keySource]", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "aa-billing\tcustomer\n"));
	assert_non_null(strstr(ran.out, "aa-payroll\tmicrosoft\n"));
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "list", "-o", "table", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "keySource"));
	assert_non_null(strstr(ran.out, "aa-payroll"));
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "list", "-o", "tsv", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "aa-payroll\t"));
	assert_null(strstr(ran.out, "keySource"));
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "list", "-o", "none", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "");
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "show", "aa-payroll", "-o", "jsonc", NULL);
	ran_expect(&ran, 0);
	assert_null(strchr(ran.out, '\033'));
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "list", "--query", "length(@) >= `3`", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "true\n");
	ran_free(&ran);
}

/* Whether a list as it is printed row by row is the text of the whole array at once. Rows stand in
 * the order of the replies, which is not always the same. */
static bool
is_same(const char *kind, const char *format)
{
	struct ran streamed, whole;
	bool same;

	run(&streamed, place.sandbox, kind, "list", "-o", format, NULL);
	run(&whole, place.sandbox, kind, "list", "-o", format, "--query", "@", NULL);
	ran_expect(&streamed, 0);
	ran_expect(&whole, 0);
	assert_int_equal(strlen(streamed.out), strlen(whole.out));
	same = strcmp(streamed.out, whole.out) == 0;
	ran_free(&streamed);
	ran_free(&whole);
	return same;
}

static void
streaming(void **state)
{
	static const char *const kinds_of[] = {"account", "vault", "key", "policy", "identity"};
	static const char *const formats_of[] = {"json", "jsonc"};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(kinds_of); k++) {
		for (size_t i = 0; i < ARRAY_LEN(formats_of); i++) {
			bool same = false;

			for (int tries = 0; !same && tries < 30; tries++)
				same = is_same(kinds_of[k], formats_of[i]);
			if (!same)
				fail_msg("%s list -o %s", kinds_of[k], formats_of[i]);
		}
	}
}

static void
narrowed(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, place.sandbox, "account", "list", "-g", "RG-finance", "--query",
		"[?resourceGroup!='rg-finance'] | length(@)", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "0\n");
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "list", "--subscription", "Staging", "--query",
		"[].name", "-o", "tsv", NULL);
	ran_expect(&ran, 0);
	assert_non_null(strstr(ran.out, "aa-guidang"));
	assert_null(strstr(ran.out, "aa-payroll"));
	ran_free(&ran);
	run(&ran, place.sandbox, "account", "list", "--subscription", "Nowhere", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "Nowhere", NULL);
	ran_free(&ran);
}

static void
not_found(void **state)
{
	static const struct {
		const char *kind, *name, *near;
	} cases[] = {
		{"account", "aa-payrol", "aa-payroll"},
		{"vault", "kv-payrol", "kv-payroll"},
		{"key", "kv-payroll/cmk-payrol", "cmk-payroll"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct ran ran;

		run(&ran, place.sandbox, cases[i].kind, "show", cases[i].name, NULL);
		ran_expect(&ran, 3);
		ran_complains(&ran, cases[i].near, NULL);
		assert_string_equal(ran.out, "");
		ran_free(&ran);
	}
}

/* A sandbox that is thrown away leaves nothing behind. */
static void
temporary(void **state)
{
	struct ran ran;

	(void)state;
	run(&ran, "--sandbox", "--seed", "empty", "account", "list", "-o", "json", NULL);
	ran_expect(&ran, 0);
	assert_string_equal(ran.out, "[]\n");
	ran_free(&ran);
	run(&ran, place.sandbox, "--seed", "empty", "account", "list", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "seed", NULL);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accounts),
		cmocka_unit_test(vaults),
		cmocka_unit_test(keys),
		cmocka_unit_test(policies),
		cmocka_unit_test(formats),
		cmocka_unit_test(streaming),
		cmocka_unit_test(narrowed),
		cmocka_unit_test(not_found),
		cmocka_unit_test(temporary),
	};
	int failed;

	place_seed(&place);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	place_remove(&place);
	return failed;
}
