/* vault create, recover, deleted; identity create, assign: through the program, and read back from
 * the sandbox itself. */
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
show(const char *kind, const char *name)
{
	return serving_run(&serving, 0, kind, "show", name, NULL);
}

static void
makes_a_protected_vault(void **state)
{
	json_t *dry, *root;

	(void)state;
	dry = serving_plan(&serving, "vault", "create", "kv-fresh", "-g", "rg-finance",
		"--location", "West Europe", NULL);
	assert_string_equal(text_at(dry, "steps.1.request.method"), "PUT");
	assert_string_equal(text_at(dry, "steps.1.request.body.location"), "westeurope");
	assert_true(json_is_true(
		value_at(dry, "steps.1.request.body.properties.enablePurgeProtection")));
	find(json_object_get(dry, "findings"), "rule", "nobody-has-rights");
	json_decref(dry);
	root = show("vault", "kv-fresh");
	assert_true(json_is_true(json_object_get(root, "purgeProtection")));
	assert_true(json_is_true(json_object_get(root, "softDelete")));
	assert_int_equal(json_integer_value(json_object_get(root, "retentionDays")), 90);
	assert_string_equal(text_at(root, "grantModel"), "rbac");
	json_decref(root);
}

static void
refuses_names_that_cannot_be_had(void **state)
{
	struct ran ran;

	(void)state;
	serving_refuses(&serving, "vault-deleted", "kv-gone", "vault", "create", "kv-gone", "-g",
		"rg-media", "--location", "westeurope", "--subscription", "Staging", "--yes", NULL);
	serving_refuses(&serving, "name-taken", "kv-payroll", "vault", "create", "kv-payroll", "-g",
		"rg-finance", "--location", "westeurope", "--yes", NULL);
	serving_refuses(&serving, "vault-elsewhere", "kv-fresh", "vault", "create", "kv-fresh",
		"-g", "rg-finance", "--location", "northeurope", "--yes", NULL);
	run(&ran, serving.place.sandbox, "vault", "create", "kv-x1", "--location", "westeurope",
		"--yes", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "-g GROUP", NULL);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "vault", "create", "kv-x1", "-g", "rg-media", "--location",
		"westeurope", "--yes", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "2 subscriptions", "--subscription", NULL);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "vault", "create", "kv-x1", "-g", "rg-nowhere",
		"--location", "westeurope", "--yes", NULL);
	ran_expect(&ran, 3);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "vault", "create", "kv--x1", "-g", "rg-finance",
		"--location", "westeurope", "--yes", NULL);
	ran_expect(&ran, 2);
	ran_free(&ran);
}

static void
brings_a_deleted_vault_back(void **state)
{
	json_t *list, *dry, *root;
	struct ran ran;

	(void)state;
	list = serving_run(&serving, 0, "vault", "deleted", NULL);
	root = find(list, "name", "kv-gone");
	assert_string_equal(text_at(root, "kind"), "vault");
	assert_string_equal(text_at(root, "resourceGroup"), "rg-security");
	json_decref(list);
	dry = serving_plan(&serving, "vault", "recover", "kv-gone", NULL);
	assert_string_equal(text_at(dry, "steps.1.request.body.properties.createMode"), "recover");
	find(json_object_get(dry, "findings"), "rule", "assignments-lost");
	json_decref(dry);
	json_decref(show("vault", "kv-gone"));
	list = serving_run(&serving, 0, "vault", "deleted", NULL);
	assert_int_equal(json_array_size(list), 0);
	json_decref(list);
	run(&ran, serving.place.sandbox, "vault", "recover", "kv-never", "--yes", NULL);
	ran_expect(&ran, 3);
	ran_complains(&ran, "kv-never", "vault deleted", NULL);
	ran_free(&ran);
}

static void
makes_an_identity(void **state)
{
	json_t *dry, *list, *one;

	(void)state;
	dry = serving_plan(&serving, "identity", "create", "id-fresh", "-g", "rg-finance",
		"--location", "westeurope", NULL);
	assert_string_equal(text_at(dry, "steps.1.request.body.location"), "westeurope");
	json_decref(dry);
	list = serving_run(&serving, 0, "identity", "list", NULL);
	one = find(list, "name", "id-fresh");
	assert_int_equal(strlen(text_at(one, "principalId")), 36);
	json_decref(list);
	serving_refuses(&serving, "identity-elsewhere", "id-fresh", "identity", "create",
		"id-fresh", "-g", "rg-finance", "--location", "northeurope", "--yes", NULL);
}

/* The id of a user-assigned identity. */
static void
identity_id(const char *name, char out[400])
{
	json_t *list = serving_run(&serving, 0, "identity", "list", NULL);

	snprintf(out, 400, "%s", text_at(find(list, "name", name), "id"));
	json_decref(list);
}

static void
assigns_and_keeps_what_is_there(void **state)
{
	json_t *root, *dry;
	char id[400], batch[400];
	struct ran ran;

	(void)state;
	identity_id("id-fresh", id);
	identity_id("id-batch", batch);
	json_decref(serving_plan(
		&serving, "identity", "assign", "starchive01", "--user-identity", id, NULL));
	dry = serving_plan(&serving, "identity", "assign", "starchive01", NULL);
	assert_string_equal(
		text_at(dry, "steps.1.request.body.identity.type"), "SystemAssigned,UserAssigned");
	assert_int_equal(json_object_size(value_at(
				 dry, "steps.1.request.body.identity.userAssignedIdentities")),
		2);
	json_decref(dry);
	root = show("account", "starchive01");
	assert_int_equal(json_array_size(value_at(root, "identity.userAssigned")), 2);
	assert_string_equal(text_at(root, "keyName"), "cmk-archive");
	assert_string_equal(text_at(root, "state"), "ok");
	json_decref(root);
	json_decref(serving_plan(&serving, "identity", "assign", "aa-payroll", "--system", NULL));
	json_decref(serving_plan(
		&serving, "identity", "assign", "aa-payroll", "--user-identity", id, NULL));
	serving_refuses(&serving, "identity-kind", "barender01", "identity", "assign", "barender01",
		"--user-identity", batch, "--yes", NULL);
	batch[strlen(batch) - 1] = 'x';
	serving_refuses(&serving, "identity-absent", "id-batcx", "identity", "assign", "stledger01",
		"--user-identity", batch, "--yes", NULL);
	run(&ran, serving.place.sandbox, "identity", "assign", "aa-payroll", "--system",
		"--user-identity", id, "--yes", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "exclude", NULL);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_a_protected_vault),
		cmocka_unit_test(refuses_names_that_cannot_be_had),
		cmocka_unit_test(brings_a_deleted_vault_back),
		cmocka_unit_test(makes_an_identity),
		cmocka_unit_test(assigns_and_keeps_what_is_there),
	};
	int failed;

	serving_start(&serving);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	serving_stop(&serving);
	return failed;
}
