/* Accounts made under a customer key: Batch with either kind of identity, Storage with a
 * user-assigned one, and what cannot be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "tests/fixtures/inside.h"
#include "tests/fixtures/serving.h"

static struct serving serving;
static char identity[400], batch_identity[400];

static int
setup(void **state)
{
	json_t *list;

	(void)state;
	serving_start(&serving);
	list = serving_run(&serving, 0, "identity", "list", NULL);
	snprintf(identity, sizeof identity, "%s", text_at(find(list, "name", "id-storage"), "id"));
	snprintf(batch_identity, sizeof batch_identity, "%s",
		text_at(find(list, "name", "id-batch"), "id"));
	json_decref(list);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	serving_stop(&serving);
	return 0;
}

static json_t *
step(const json_t *result, const char *name)
{
	return find(json_object_get(result, "steps"), "name", name);
}

static void
expect_account(const char *name, const char *mode, const char *key)
{
	json_t *root = serving_run(&serving, 0, "account", "show", name, NULL);

	assert_string_equal(text_at(root, "keySource"), "customer");
	assert_string_equal(text_at(root, "mode"), mode);
	assert_string_equal(text_at(root, "keyName"), key);
	assert_string_equal(text_at(root, "state"), "ok");
	json_decref(root);
}

static void
storage_is_under_its_key_from_the_start(void **state)
{
	json_t *dry, *body;

	(void)state;
	dry = serving_plan(&serving, "account", "create", "storage", "stfresh01", "-g",
		"rg-finance", "--location", "westeurope", "--vault", "kv-billing", "--key",
		"cmk-billing", "--user-identity", identity, "--services", "queue,table", "--auto",
		NULL);
	body = value_at(step(dry, "create"), "request.body");
	assert_string_equal(text_at(body, "sku.name"), "Standard_LRS");
	assert_string_equal(text_at(body, "identity.type"), "UserAssigned");
	assert_string_equal(
		text_at(body, "properties.encryption.services.queue.keyType"), "Account");
	assert_string_equal(
		text_at(body, "properties.encryption.services.table.keyType"), "Account");
	assert_string_equal(
		text_at(body, "properties.encryption.keyvaultproperties.keyversion"), "");
	assert_string_equal(text_at(step(dry, "switch"), "state"), "skipped");
	assert_string_equal(text_at(step(dry, "grant"), "state"), "needed");
	json_decref(dry);
	expect_account("stfresh01", "auto", "cmk-billing");
}

static void
batch_is_made_and_then_switched(void **state)
{
	json_t *dry;

	(void)state;
	dry = serving_plan(&serving, "account", "create", "batch", "bafresh01", "-g", "rg-finance",
		"--location", "westeurope", "--key", "kv-billing/cmk-billing", NULL);
	assert_string_equal(
		text_at(step(dry, "identity"), "request.body.identity.type"), "SystemAssigned");
	assert_string_equal(text_at(step(dry, "create"), "state"), "skipped");
	assert_string_equal(text_at(step(dry, "switch"), "state"), "needed");
	json_decref(dry);
	expect_account("bafresh01", "pinned", "cmk-billing");
}

static void
batch_with_a_user_assigned_identity(void **state)
{
	json_t *dry;

	(void)state;
	dry = serving_plan(&serving, "account", "create", "batch", "bafresh02", "-g", "rg-finance",
		"--location", "westeurope", "--key", "kv-billing/cmk-billing", "--user-identity",
		batch_identity, NULL);
	assert_string_equal(
		text_at(step(dry, "create"), "request.body.identity.type"), "UserAssigned");
	assert_string_equal(text_at(step(dry, "switch"), "state"), "skipped");
	json_decref(dry);
	expect_account("bafresh02", "pinned", "cmk-billing");
}

/* Resource groups may be named in any script; its letters are percent-encoded on the wire. */
static void
in_a_group_of_any_script(void **state)
{
	struct request request = {.method = HTTP_PUT, .audience = AUDIENCE_ARM, .changes = true};
	struct inside in;
	struct err err;
	json_t *root;

	(void)state;
	inside_open(&in, &(struct sandbox_options){.state = serving.place.dir});
	request.url = mem_printf("https://management.azure.com/subscriptions/%s/resourcegroups/"
				 "财务部?api-version=2022-09-01",
		sandbox_access(in.sandbox)->subscription);
	request.body = mem_strdup("{\"location\":\"westeurope\"}");
	if (!session_ask(in.session, &request, NULL, &err))
		fail_msg("%s", err.msg);
	request_free(&request);
	inside_close(&in);
	json_decref(serving_plan(&serving, "account", "create", "storage", "stcaiwu01", "-g",
		"财务部", "--location", "westeurope", "--vault", "kv-billing", "--key",
		"cmk-billing", "--user-identity", identity, "--auto", NULL));
	expect_account("stcaiwu01", "auto", "cmk-billing");
	root = serving_run(&serving, 0, "account", "show", "stcaiwu01", NULL);
	assert_string_equal(text_at(root, "resourceGroup"), "财务部");
	json_decref(root);
}

static void
refuses_what_cannot_be(void **state)
{
	struct ran ran;

	(void)state;
	serving_refuses(&serving, "UserIdentity", "user-assigned identity only", "account",
		"create", "storage", "stfresh02", "-g", "rg-finance", "--location", "westeurope",
		"--key", "kv-billing/cmk-billing", "--yes", NULL);
	serving_refuses(&serving, "account-exists", "claviger onboard", "account", "create",
		"storage", "stledger01", "-g", "rg-finance", "--location", "westeurope", "--key",
		"kv-billing/cmk-billing", "--user-identity", identity, "--yes", NULL);
	serving_refuses(&serving, "name-taken", "starchive01", "account", "create", "storage",
		"starchive01", "-g", "rg-finance", "--location", "westeurope", "--key",
		"kv-billing/cmk-billing", "--user-identity", identity, "--yes", NULL);
	serving_refuses(&serving, "key-not-rsa", "cmk-ec", "account", "create", "batch",
		"bafresh03", "-g", "rg-finance", "--location", "westeurope", "--key",
		"kv-payroll/cmk-ec", "--yes", NULL);
	run(&ran, serving.place.sandbox, "account", "create", "storage", "St-Fresh", "-g",
		"rg-finance", "--location", "westeurope", "--key", "kv-billing/cmk-billing",
		"--user-identity", identity, "--yes", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "lower-case", NULL);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "account", "create", "storage", "stfresh03", "-g",
		"rg-finance", "--location", "westeurope", "--key", "kv-billing/cmk-billing",
		"--user-identity", identity, "--services", "blob", "--yes", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "queue", NULL);
	ran_free(&ran);
	run(&ran, serving.place.sandbox, "account", "create", "batch", "bafresh03", "--sku",
		"Standard_LRS", NULL);
	ran_expect(&ran, 2);
	ran_complains(&ran, "--sku", NULL);
	ran_free(&ran);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(storage_is_under_its_key_from_the_start),
		cmocka_unit_test(batch_is_made_and_then_switched),
		cmocka_unit_test(batch_with_a_user_assigned_identity),
		cmocka_unit_test(in_a_group_of_any_script),
		cmocka_unit_test(refuses_what_cannot_be),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
