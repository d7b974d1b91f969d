/* What is gone is gone: purges by the clock and by hand, and what deletions take with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/sandbox/rows/identities.h"
#include "backend/sandbox/rows/keymaker.h"
#include "backend/sandbox/rows/keys.h"
#include "tests/fixtures/sandbox_client.h"

#define OWNER_OBJECT "c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607"
#define READER_OBJECT "f3e07a85-1d6b-4c29-a4f0-8b5c2d9e6709"
#define GROUP PRODUCTION "/resourceGroups/rg-end"
#define GV "?api-version=2022-09-01"
#define VAULTS GROUP "/providers/Microsoft.KeyVault/vaults/"
#define VV "?api-version=2023-07-01"
#define DELETED(name) \
	ARM PRODUCTION "/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/" name VV
#define ACCOUNT GROUP "/providers/Microsoft.Automation/automationAccounts/aa-ending"
#define AV "?api-version=2023-11-01"
#define ASSIGNMENTS "/providers/Microsoft.Authorization/roleAssignments"
#define RV "?api-version=2022-04-01"
#define EUROPE "{\"location\":\"westeurope\"}"

static const char vault_body[] =
	"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
	"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"softDeleteRetentionInDays\":7,"
	"\"accessPolicies\":[{\"tenantId\":\"" TENANT "\",\"objectId\":\"" OWNER_OBJECT
	"\",\"permissions\":{\"keys\":[\"all\"]}}]}}";

static int
setup(void **state)
{
	(void)state;
	client_open(&demo, "empty");
	assert_int_equal(demo_arm("PUT", ARM GROUP GV, EUROPE), 201);
	return 0;
}

static void
code_is(long status, const char *code)
{
	assert_int_equal(demo.status, status);
	assert_string_equal(client_text(&demo, "error.code"), code);
}

static void
retention_ends(void **state)
{
	static const char key[] = "https://kv-end.vault.azure.net/keys/k/create" V;
	static const char gone[] = "https://kv-end.vault.azure.net/deletedkeys/k" V;

	(void)state;
	assert_int_equal(demo_arm("PUT", ARM VAULTS "kv-end" VV, vault_body), 200);
	assert_int_equal(demo_kv("POST", key, "{\"kty\":\"EC\"}"), 200);
	assert_int_equal(demo_kv("DELETE", "https://kv-end.vault.azure.net/keys/k" V, NULL), 200);
	demo_clock("+167h");
	assert_int_equal(demo_kv("GET", gone, NULL), 200);
	assert_int_equal(demo_kv("POST", key, "{\"kty\":\"EC\"}"), 409);
	demo_clock("+2h");
	assert_int_equal(demo_kv("GET", gone, NULL), 404);
	assert_int_equal(demo_kv("POST", key, "{\"kty\":\"EC\"}"), 200);

	assert_int_equal(demo_arm("DELETE", ARM VAULTS "kv-end" VV, NULL), 200);
	demo_clock("+167h");
	assert_int_equal(demo_arm("GET", DELETED("kv-end"), NULL), 200);
	demo_clock("+2h");
	assert_int_equal(demo_arm("GET", DELETED("kv-end"), NULL), 404);
	assert_int_equal(demo_arm("PUT", ARM VAULTS "kv-end" VV, vault_body), 200);
	assert_int_equal(demo_kv("GET", "https://kv-end.vault.azure.net/keys/k" V, NULL), 404);
}

static void
a_vault_comes_back_into_a_group_that_is_there(void **state)
{
	static const char recover[] =
		"{\"location\":\"westeurope\",\"properties\":{\"createMode\":\"recover\",\"tenantId\":\"" TENANT
		"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"}}}";

	(void)state;
	assert_int_equal(demo_arm("PUT", ARM VAULTS "kv-back" VV, vault_body), 200);
	assert_int_equal(demo_arm("DELETE", ARM GROUP GV, NULL), 200);
	demo_arm("PUT", ARM VAULTS "kv-back" VV, recover);
	code_is(404, "ResourceGroupNotFound");
	assert_int_equal(demo_arm("GET", DELETED("kv-back"), NULL), 200);
	assert_int_equal(demo_arm("PUT", ARM GROUP GV, EUROPE), 201);
	assert_int_equal(demo_arm("PUT", ARM VAULTS "kv-back" VV, recover), 200);
	assert_int_equal(json_array_size(client_at(&demo, "properties.accessPolicies")), 1);
}

/* How many roles are assigned at the account. */
static size_t
assigned(void)
{
	assert_int_equal(demo_arm("GET",
				 ARM ACCOUNT ASSIGNMENTS RV "&$filter=principalId%20eq%20'"
							    "" READER_OBJECT "'",
				 NULL),
		200);
	return json_array_size(client_at(&demo, "value"));
}

static void
an_account_takes_its_roles_along(void **state)
{
	static const char body[] =
		"{\"properties\":{\"roleDefinitionId\":\"/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7\",\"principalId\":\"" READER_OBJECT
		"\"}}";
	static const char role[] =
		ARM ACCOUNT ASSIGNMENTS "/5d0c2a44-77a1-4f3e-9c55-0a8f3e6b1d20" RV;
	size_t before;

	(void)state;
	demo_arm("PUT",
		ARM PRODUCTION "/resourceGroups/none/providers/Microsoft.Automation/"
			       "automationAccounts/x" AV,
		"{}");
	code_is(404, "ResourceGroupNotFound");
	assert_int_equal(demo_arm("PUT", ARM ACCOUNT AV, EUROPE), 201);
	demo_arm("PUT", ARM ACCOUNT AV, "{\"location\":\"eastus\"}");
	code_is(409, "InvalidResourceLocation");
	before = assigned();
	assert_int_equal(demo_arm("PUT", role, body), 201);
	assert_int_equal(assigned(), before + 1);
	assert_int_equal(demo_arm("DELETE", ARM ACCOUNT AV, NULL), 200);
	assert_int_equal(demo_arm("PUT", ARM ACCOUNT AV, EUROPE), 201);
	assert_int_equal(assigned(), before);
}

static int64_t
number(struct db *db, const char *sql)
{
	sqlite3_stmt *stmt = db_ask(db, sql, "");
	int64_t value = -1;

	assert_true(db_next(db, stmt));
	value = sqlite3_column_int64(stmt, 0);
	db_done(stmt);
	return value;
}

static void
add_version(struct db *db, const char *name, const char *version, int64_t material)
{
	struct key_version key = {.material = material, .ops_text = "[]", .tags = "", .kty = "RSA"};

	snprintf(key.name, sizeof key.name, "%s", name);
	snprintf(key.version, sizeof key.version, "%s", version);
	keys_insert(db, 1, &key);
}

static void
fill(struct db *db)
{
	struct identity identity = {
		.group = 1, .name = "id-one", .tags = "{}", .client = "one", .principal = "p"};
	struct federated credential = {
		.name = "ci", .issuer = "i", .subject = "s", .audiences = "[]"};

	db_do(db, "INSERT INTO tenant VALUES('t','d','n')", "");
	db_do(db, "INSERT INTO subscription VALUES('s','t','n',0)", "");
	db_do(db, "INSERT INTO resource_group VALUES(1,'s','g','l',NULL,0)", "");
	db_do(db,
		"INSERT INTO vault VALUES(1,0,1,'v','l','{}','t','standard',1,7,0,0,'{}','m',0,'m',0,NULL)",
		"");
	for (int i = 0; i < 2; i++)
		db_do(db,
			"INSERT INTO material(kty,bits,x,y,private) VALUES('RSA',2048,'n','e',x'00')",
			"");
	add_version(db, "a", "1", 1);
	add_version(db, "b", "2", 1);
	add_version(db, "b", "3", 2);
	identities_insert(db, &identity);
	federated_put(db, "one", &credential);
	federated_put(db, "other", &credential);
}

/* A private key goes with the last version that has it, and its row's number is not given again:
 * keys in memory are known by it. Whoever still asks for it does not wait for ever. */
static void
nothing_is_left_behind(void **state)
{
	static const char materials[] = "SELECT count(*) FROM material";
	struct keymaker *maker;
	struct err err;
	char path[128];
	struct db *db;

	(void)state;
	snprintf(path, sizeof path, "%s/rows.db", demo.dir);
	db = db_open(path, &err);
	assert_non_null(db);
	db_begin(db);
	fill(db);
	assert_true(db_commit(db));
	maker = keymaker_start(db);
	assert_true(keymaker_wait(maker, 2));

	db_begin(db);
	keys_purge(db, number(db, "SELECT id FROM key WHERE name='a'"));
	assert_int_equal(number(db, materials), 2);
	db_do(db, "DELETE FROM vault", "");
	assert_int_equal(number(db, materials), 0);
	identities_delete_group(db, 1);
	assert_int_equal(number(db, "SELECT count(*) FROM identity"), 0);
	assert_int_equal(number(db, "SELECT count(*) FROM federated_credential"), 1);
	assert_true(db_commit(db));
	assert_false(keymaker_wait(maker, 2));
	keymaker_stop(maker);
	db_begin(db);
	assert_true(keymaker_promise(db, 2048) > 2);
	db_rollback(db);
	db_close(db);
	assert_int_equal(unlink(path), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retention_ends),
		cmocka_unit_test(a_vault_comes_back_into_a_group_that_is_there),
		cmocka_unit_test(an_account_takes_its_roles_along),
		cmocka_unit_test(nothing_is_left_behind),
	};

	return cmocka_run_group_tests(tests, setup, demo_teardown);
}
