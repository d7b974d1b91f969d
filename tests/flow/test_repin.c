/* The same key in another version, on each service: what is sent, what the server then holds, and
 * what is refused before anything is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/serving.h"

static struct serving world;

/* The version i of a key, 0 the newest. */
static void
version(const char *key, size_t i, char out[33])
{
	json_t *shown = serving_run(&world, 0, "key", "show", key, NULL);
	char path[40];

	snprintf(path, sizeof path, "versions.%zu.version", i);
	snprintf(out, 33, "%s", text_at(shown, path));
	json_decref(shown);
}

static const char *
body(const json_t *result, const char *step, const char *path)
{
	const json_t *one = find(value_at(result, "steps"), "name", step);

	return text_at(value_at(one, "request.body.properties.encryption"), path);
}

static void
automation_forward_and_back(void **state)
{
	static const char key[] = "kv-billing/cmk-billing";
	char newest[33], oldest[33];
	json_t *dry, *findings;

	(void)state;
	version(key, 0, newest);
	version(key, 2, oldest);
	dry = serving_plan(&world, "repin", "aa-billing", "--key-version", newest, NULL);
	assert_string_equal(body(dry, "switch", "keyVaultProperties.keyVersion"), newest);
	assert_string_equal(body(dry, "switch", "keySource"), "Microsoft.Keyvault");
	json_decref(dry);
	serving_expect(&world, "aa-billing", "version", "key:kv-billing/cmk-billing#3");
	findings = serving_run(&world, 0, "account", "show", "aa-billing", NULL);
	assert_int_equal(json_array_size(value_at(findings, "findings")), 0);
	json_decref(findings);
	json_decref(serving_plan(&world, "repin", "aa-billing", "--key-version", oldest, NULL));
	serving_expect(&world, "aa-billing", "version", "key:kv-billing/cmk-billing#1");
}

/* To follow new versions Storage is sent the empty text; whoever pins is warned. */
static void
storage_pinned_and_automatic_again(void **state)
{
	char newest[33];
	json_t *dry;

	(void)state;
	version("kv-archive/cmk-archive", 0, newest);
	dry = serving_plan(&world, "repin", "starchive01", "--key-version", newest, NULL);
	find(value_at(dry, "findings"), "rule", "pinning");
	assert_string_equal(body(dry, "switch", "keyvaultproperties.keyversion"), newest);
	assert_non_null(strstr(body(dry, "switch", "identity.userAssignedIdentity"), "id-storage"));
	json_decref(dry);
	serving_expect(&world, "starchive01", "mode", "pinned");
	dry = serving_plan(&world, "repin", "starchive01", "--auto", NULL);
	assert_string_equal(body(dry, "switch", "keyvaultproperties.keyversion"), "");
	json_decref(dry);
	serving_expect(&world, "starchive01", "mode", "auto");
}

static void
batch_by_one_uri(void **state)
{
	char oldest[33];
	json_t *dry;

	(void)state;
	json_decref(serving_run(&world, 0, "onboard", "barender01", "--key",
		"kv-archive/cmk-archive", "--yes", NULL));
	version("kv-archive/cmk-archive", 2, oldest);
	dry = serving_plan(&world, "repin", "barender01", "--key-version", oldest, NULL);
	assert_non_null(strstr(body(dry, "switch", "keyVaultProperties.keyIdentifier"), oldest));
	json_decref(dry);
	serving_expect(&world, "barender01", "version", "key:kv-archive/cmk-archive#1");
	dry = serving_plan(&world, "repin", "barender01", "--auto", NULL);
	assert_null(strstr(body(dry, "switch", "keyVaultProperties.keyIdentifier"), oldest));
	json_decref(dry);
	serving_expect(&world, "barender01", "mode", "auto-absent");
}

static void
what_cannot_be_is_refused(void **state)
{
	static const char none[] = "00000000000000000000000000000000";
	char export[33];
	struct ran ran;

	(void)state;
	version("kv-archive/cmk-export", 0, export);
	serving_refuses(&world, "not-onboarded", "claviger onboard", "repin", "aa-payroll",
		"--key-version", none, "--yes", NULL);
	serving_refuses(&world, "AutoVersion", "leave --auto out", "repin", "aa-billing", "--auto",
		"--yes", NULL);
	serving_refuses(&world, "key-absent", "version 00000000", "repin", "aa-billing",
		"--key-version", none, "--yes", NULL);
	serving_refuses(&world, "rights-missing", "unwrapKey", "repin", "stexport01", "--auto",
		"--yes", NULL);
	run(&ran, world.place.sandbox, "repin", "aa-billing", "--yes", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "--key-version", "--auto", NULL);
	ran_free(&ran);
	run(&ran, world.place.sandbox, "repin", "starchive01", "--auto", "--key-version", export,
		"--yes", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
	run(&ran, world.place.sandbox, "repin", "starchive01", "--key-version", "12", "--yes",
		NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(automation_forward_and_back),
		cmocka_unit_test(storage_pinned_and_automatic_again),
		cmocka_unit_test(batch_by_one_uri),
	};
	int failed;

	serving_start(&world);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&world);
	return failed;
}
