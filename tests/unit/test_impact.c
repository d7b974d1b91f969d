/* Which properties of a foreign resource hold a key, in the shapes that services write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/azure/cloud.h"
#include "backend/estate/impact.h"

static struct keyid key;

static bool
holds(const char *properties)
{
	json_t *json = json_loads(properties, 0, NULL);
	bool out;

	assert_non_null(json);
	out = impact_holds(json, &key, &clouds[0]);
	json_decref(json);
	return out;
}

static int
setup(void **state)
{
	(void)state;
	return keyid_parse(&key, "https://kv1.vault.azure.net/keys/cmk", &clouds[0], NULL) ? 0 : -1;
}

static void
by_uri(void **state)
{
	(void)state;
	/* Microsoft.Compute/diskEncryptionSets */
	assert_true(holds("{\"activeKey\":{\"keyUrl\":\"https://kv1.vault.azure.net/keys/cmk/"
			  "0123456789abcdef0123456789abcdef\"}}"));
	/* Microsoft.Sql/servers */
	assert_true(holds("{\"keyId\":\"https://KV1.vault.azure.net/keys/CMK\"}"));
	assert_true(holds(
		"{\"previousKeys\":[{\"keyUrl\":\"https://kv1.vault.azure.net/keys/cmk\"}]}"));
	assert_false(holds("{\"keyId\":\"https://kv1.vault.azure.net/keys/cmk2\"}"));
	assert_false(holds("{\"keyId\":\"https://kv2.vault.azure.net/keys/cmk\"}"));
	assert_false(holds("{\"secret\":\"https://kv1.vault.azure.net/secrets/cmk\"}"));
	assert_false(holds("{}"));
}

static void
by_parts(void **state)
{
	(void)state;
	/* Microsoft.CognitiveServices/accounts */
	assert_true(holds("{\"encryption\":{\"keyVaultProperties\":{\"keyName\":\"cmk\","
			  "\"keyVaultUri\":\"https://kv1.vault.azure.net/\"}}}"));
	assert_false(holds("{\"keyVaultProperties\":{\"keyName\":\"other\","
			   "\"keyVaultUri\":\"https://kv1.vault.azure.net/\"},\"name\":\"cmk\"}"));
}

static void
query(void **state)
{
	char *text = impact_query(&key);

	(void)state;
	assert_non_null(strstr(text, "contains 'kv1.vault.azure.net'"));
	assert_non_null(strstr(text, "contains 'cmk'"));
	assert_non_null(strstr(text, "!in~ ('Microsoft.Automation/automationAccounts'"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_uri),
		cmocka_unit_test(by_parts),
		cmocka_unit_test(query),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
