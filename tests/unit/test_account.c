/* Replies and bodies of the three services against the published examples and the articles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/text.h"
#include "backend/estate/services/service.h"

#define ID                                                                                 \
	"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/" \
	"Microsoft.Automation/automationAccounts/aa"
#define UAI                                                                                \
	"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/" \
	"Microsoft.ManagedIdentity/userAssignedIdentities/id-one"
#define VERSION "7c73556c521340209371eaf623cc099d"

static struct account
decoded_by(const struct service *service, const char *text)
{
	struct account out;
	struct err err = {0};
	json_t *json = json_read(text, strlen(text), "test", &err);
	bool ok;

	assert_non_null(json);
	ok = service->decode(json, &clouds[0], &out, &err);
	json_decref(json);
	assert_string_equal(err.msg, "");
	assert_true(ok);
	assert_ptr_equal(out.service, service);
	return out;
}

static struct account
decoded(const char *text)
{
	return decoded_by(&service_automation, text);
}

static void
refused(const char *text, const char *part)
{
	struct account out;
	struct err err = {0};
	json_t *json = json_read(text, strlen(text), "test", &err);

	assert_non_null(json);
	assert_false(service_automation.decode(json, &clouds[0], &out, &err));
	json_decref(json);
	assert_int_equal(err.kind, ERR_FAILED);
	if (!strstr(err.msg, part))
		fail_msg("'%s' is not in '%s'", part, err.msg);
}

/* Key order does not matter. */
static void
same_json(json_t *got, const char *want)
{
	json_t *expected = json_loads(want, 0, NULL);
	char *shown = json_dumps(got, JSON_SORT_KEYS | JSON_COMPACT);

	assert_non_null(expected);
	if (!json_equal(got, expected))
		fail_msg("got %s, want %s", shown, want);
	free(shown);
	json_decref(expected);
	json_decref(got);
}

/* The article's reply to the first PATCH: identity, nothing of encryption. */
static void
test_identity_reply(void **state)
{
	struct account a = decoded("{\"name\":\"aa\",\"id\":\"" ID "\",\"identity\":{"
				   "\"type\":\"SystemAssigned\","
				   "\"principalId\":\"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa\","
				   "\"tenantId\":\"bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb\"}}");

	(void)state;
	assert_true(a.detailed);
	assert_int_equal(a.identity.system, TRI_YES);
	assert_string_equal(account_principal(&a), "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa");
	assert_string_equal(a.identity.tenant, "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb");
	assert_int_equal(a.source, KEY_SOURCE_UNKNOWN);
	account_free(&a);
}

/* The article's reply to the second PATCH: keyvaultProperties in its own case. */
static void
test_customer_key(void **state)
{
	struct account a = decoded(
		"{\"id\":\"" ID "\",\"location\":\"chinaeast2\",\"properties\":{\"encryption\":{"
		"\"keyvaultProperties\":{\"keyName\":\"sample-vault-key\","
		"\"keyvaultUri\":\"https://sample-vault-key12.vault.azure.net\","
		"\"keyVersion\":\"" VERSION "\"},\"keySource\":\"Microsoft.Keyvault\"}}}");

	(void)state;
	assert_int_equal(a.source, KEY_SOURCE_CUSTOMER);
	assert_int_equal(a.mode, KEY_MODE_PINNED);
	assert_string_equal(a.key.host, "sample-vault-key12.vault.azure.net");
	assert_string_equal(a.key.vault, "sample-vault-key12");
	assert_string_equal(a.key.key, "sample-vault-key");
	assert_string_equal(a.key.version, VERSION);
	assert_string_equal(a.key_identity, "");
	assert_int_equal(a.identity.system, TRI_NO);
	account_free(&a);
}

/* A recorded GET of an account with Microsoft keys. */
static void
test_microsoft_key(void **state)
{
	struct account a = decoded(
		"{\"id\":\"" ID "\",\"type\":\"Microsoft.Automation/AutomationAccounts\","
		"\"tags\":{\"owner\":\"财务部\",\"x\\u001by\":\"a\\u202eb\"},\"etag\":null,"
		"\"properties\":{\"sku\":{\"name\":\"Basic\",\"family\":null},\"state\":\"Ok\","
		"\"encryption\":{\"keySource\":\"Microsoft.Automation\","
		"\"identity\":{\"userAssignedIdentity\":null}}}}");

	(void)state;
	assert_int_equal(a.source, KEY_SOURCE_MICROSOFT);
	assert_int_equal(a.mode, KEY_MODE_NONE);
	assert_string_equal(a.provisioning, "Ok");
	assert_string_equal(json_string_value(json_object_get(a.tags, "owner")), "财务部");
	assert_string_equal(json_string_value(json_object_get(a.tags, "x<U+001B>y")), "a<U+202E>b");
	account_free(&a);
}

static void
test_reduced_list(void **state)
{
	struct account a = decoded("{\"id\":\"" ID "\",\"location\":\"westus2\",\"properties\":{"
				   "\"creationTime\":\"2023-02-24T06:28:14.8066667+00:00\","
				   "\"state\":\"Ok\",\"disableLocalAuth\":false}}");

	(void)state;
	assert_false(a.detailed);
	assert_int_equal(a.source, KEY_SOURCE_UNKNOWN);
	assert_int_equal(a.mode, KEY_MODE_UNKNOWN);
	assert_int_equal(a.identity.system, TRI_UNKNOWN);
	account_free(&a);
}

static void
test_identity_types(void **state)
{
	static const struct {
		const char *type;
		enum tri system;
	} cases[] = {
		{"SystemAssigned", TRI_YES},
		{"SystemAssigned, UserAssigned", TRI_YES},
		{"SystemAssigned,UserAssigned", TRI_YES},
		{"UserAssigned, SystemAssigned", TRI_YES},
		{"systemassigned", TRI_YES},
		{"UserAssigned", TRI_NO},
		{"None", TRI_NO},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char text[400];
		struct account a;

		snprintf(text, sizeof text,
			"{\"id\":\"" ID
			"\",\"properties\":{\"sku\":{}},\"identity\":{\"type\":\"%s\"}}",
			cases[i].type);
		a = decoded(text);
		assert_int_equal(a.identity.system, cases[i].system);
		account_free(&a);
	}
}

static void
test_user_identity(void **state)
{
	struct account a = decoded(
		"{\"id\":\"" ID "\",\"identity\":{\"type\":\"UserAssigned\","
		"\"userAssignedIdentities\":{\"" UAI "\":{\"principalId\":"
		"\"cccccccc-cccc-cccc-cccc-cccccccccccc\",\"clientId\":"
		"\"dddddddd-dddd-dddd-dddd-dddddddddddd\"}}},\"properties\":{\"encryption\":{"
		"\"keySource\":\"MICROSOFT.KEYVAULT\",\"keyVaultProperties\":{\"keyName\":\"k\","
		"\"keyvaultUri\":\"https://kv1.vault.azure.net/\",\"keyVersion\":\"" VERSION "\"},"
		"\"identity\":{\"userAssignedIdentity\":\"" UAI "\"}}}}");
	struct account copy;

	(void)state;
	assert_int_equal(a.identity.users_len, 1);
	assert_string_equal(a.key_identity, UAI);
	assert_string_equal(account_principal(&a), "cccccccc-cccc-cccc-cccc-cccccccccccc");
	account_copy(&copy, &a);
	same_json(service_automation.encrypt_body(&copy, &copy.key, copy.key.version),
		"{\"identity\":{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"" UAI
		"\":{}}},\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\","
		"\"keyVaultProperties\":{\"keyName\":\"k\",\"keyvaultUri\":"
		"\"https://kv1.vault.azure.net\",\"keyVersion\":\"" VERSION "\"},"
		"\"identity\":{\"userAssignedIdentity\":\"" UAI "\"}}}}");
	same_json(service_automation.identity_body(&copy),
		"{\"identity\":{\"type\":\"SystemAssigned, UserAssigned\","
		"\"userAssignedIdentities\":{\"" UAI "\":{}}}}");
	same_json(service_automation.detach_body(&copy),
		"{\"identity\":{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"" UAI
		"\":{}}},\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Automation\"}}}");
	account_free(&copy);
	account_free(&a);
}

/* The three requests of the article, with the identity that the service demands beside the key. */
static void
test_article_bodies(void **state)
{
	struct account a = {.service = &service_automation};
	struct keyid key = {0};
	struct err err = {0};

	(void)state;
	assert_true(keyid_parse(&key,
		"https://sample-vault-key12.vault.azure.net/keys/sample-vault-key/" VERSION,
		&clouds[0], &err));
	same_json(service_automation.identity_body(&a),
		"{\"identity\":{\"type\":\"SystemAssigned\"}}");
	a.identity.system = TRI_YES;
	same_json(service_automation.encrypt_body(&a, &key, key.version),
		"{\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"encryption\":{"
		"\"keySource\":\"Microsoft.Keyvault\",\"keyVaultProperties\":{"
		"\"keyName\":\"sample-vault-key\","
		"\"keyvaultUri\":\"https://sample-vault-key12.vault.azure.net\","
		"\"keyVersion\":\"" VERSION "\"}}}}");
	same_json(service_automation.detach_body(&a),
		"{\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"encryption\":{"
		"\"keySource\":\"Microsoft.Automation\"}}}");
	assert_int_equal(
		service_automation.policy_perms, PERM_GET | PERM_RECOVER | PERM_WRAP | PERM_UNWRAP);
}

static void
test_foreign_vault(void **state)
{
	struct account a = decoded(
		"{\"id\":\"" ID "\",\"properties\":{\"encryption\":{\"keySource\":"
		"\"Microsoft.Keyvault\",\"keyVaultProperties\":{\"keyName\":\"k\",\"keyvaultUri\":"
		"\"https://kv1.vault.azure.cn/\",\"keyVersion\":\"" VERSION "\"}}}}");

	(void)state;
	assert_string_equal(a.key.host, "kv1.vault.azure.cn");
	assert_string_equal(a.key.vault, "kv1");
	account_free(&a);
}

static void
test_wrong_types(void **state)
{
	(void)state;
	refused("{\"id\":5}", "id");
	refused("{\"properties\":{}}", "id");
	refused("[]", "id");
	refused("{\"id\":\"/subscriptions/x\"}", "/subscriptions/x");
	refused("{\"id\":\"" UAI "\"}", "automationAccounts");
	refused("{\"id\":\"" ID "\",\"properties\":7}", "aa");
	refused("{\"id\":\"" ID "\",\"location\":[]}", "location");
	refused("{\"id\":\"" ID "\",\"identity\":\"SystemAssigned\"}", "identity");
	refused("{\"id\":\"" ID "\",\"identity\":{\"type\":3}}", "type");
	refused("{\"id\":\"" ID "\",\"tags\":{\"a\":1}}", "tags");
	refused("{\"id\":\"" ID "\",\"properties\":{\"encryption\":[7]}}", "encryption");
	refused("{\"id\":\"" ID "\",\"properties\":{\"encryption\":{\"keySource\":"
		"\"Microsoft.Keyvault\",\"keyVaultProperties\":{\"keyVersion\":1}}}}",
		"keyVersion");
}

static void
test_too_many_identities(void **state)
{
	json_t *users = json_object(), *json;
	struct account out;
	struct err err = {0};

	(void)state;
	for (int i = 0; i <= IDENTITIES_MAX; i++) {
		char id[64];

		snprintf(id, sizeof id, "/subscriptions/%d", i);
		json_object_set_new(users, id, json_object());
	}
	json = json_pack("{s:s, s:{s:s, s:o}}", "id", ID, "identity", "type", "UserAssigned",
		"userAssignedIdentities", users);
	assert_false(service_automation.decode(json, &clouds[0], &out, &err));
	assert_string_equal(err.code, "TooManyIdentities");
	json_decref(json);
}

#define STORAGE_ID                                                                         \
	"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/" \
	"Microsoft.Storage/storageAccounts/st"
#define STORAGE(encryption)                                                                     \
	"{\"id\":\"" STORAGE_ID "\",\"identity\":{\"type\":\"SystemAssigned\",\"principalId\":" \
	"\"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa\"},\"properties\":{\"provisioningState\":"      \
	"\"Succeeded\",\"encryption\":{\"keySource\":\"Microsoft.Keyvault\"," encryption "}}}"

/* Both ways of saying automatic, and the version in use that comes with them. */
static void
test_storage_follows(void **state)
{
	static const char *const versions[] = {
		STORAGE("\"keyvaultproperties\":{\"currentVersionedKeyIdentifier\":"
			"\"https://kv1.vault.azure.net/keys/k/" VERSION "\",\"keyvaulturi\":"
			"\"https://kv1.vault.azure.net:443/\",\"keyname\":\"k\",\"keyversion\":\"\"}"),
		STORAGE("\"keyVaultProperties\":{\"currentVersionedKeyIdentifier\":"
			"\"https://kv1.vault.azure.net/keys/k/" VERSION "\",\"keyVaultUri\":"
			"\"https://KV1.vault.azure.net\",\"keyName\":\"k\"}"),
		STORAGE("\"keyvaultproperties\":{\"currentVersionedKeyIdentifier\":"
			"\"https://kv1.vault.azure.net/keys/k/" VERSION "\",\"keyvaulturi\":"
			"\"https://kv1.vault.azure.net\",\"keyname\":\"k\",\"keyversion\":null}"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		struct account a = decoded_by(&service_storage, versions[i]);

		assert_true(a.detailed);
		assert_string_equal(a.provisioning, "Succeeded");
		assert_int_equal(a.mode, KEY_MODE_AUTO);
		assert_int_equal(text_casecmp(a.key.host, "kv1.vault.azure.net"), 0);
		assert_string_equal(a.key.version, "");
		assert_string_equal(a.used, VERSION);
		assert_string_equal(account_version(&a), VERSION);
		account_free(&a);
	}
}

static void
test_storage_pinned(void **state)
{
	struct account a = decoded_by(&service_storage,
		STORAGE("\"keyvaultproperties\":{\"keyvaulturi\":\"https://kv1.vault.azure.net/\","
			"\"keyname\":\"k\",\"keyversion\":\"" VERSION "\"},\"identity\":{"
			"\"userAssignedIdentity\":\"" UAI "\",\"federatedIdentityClientId\":"
			"\"dddddddd-dddd-dddd-dddd-dddddddddddd\"}"));

	(void)state;
	assert_int_equal(a.mode, KEY_MODE_PINNED);
	assert_string_equal(a.used, "");
	assert_string_equal(account_version(&a), VERSION);
	assert_string_equal(a.key_identity, UAI);
	assert_string_equal(a.federated, "dddddddd-dddd-dddd-dddd-dddddddddddd");
	account_free(&a);
	a = decoded_by(&service_storage, STORAGE("\"keyvaultproperties\":null"));
	assert_int_equal(a.source, KEY_SOURCE_CUSTOMER);
	assert_int_equal(a.mode, KEY_MODE_UNKNOWN);
	account_free(&a);
}

static void
test_storage_bodies(void **state)
{
	struct account a = {.service = &service_storage, .identity = {.system = TRI_YES}};
	struct keyid key = {.host = "kv1.vault.azure.net", .key = "k"};

	(void)state;
	same_json(service_storage.encrypt_body(&a, &key, ""),
		"{\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"encryption\":{"
		"\"services\":{\"blob\":{\"enabled\":true,\"keyType\":\"Account\"},\"file\":{"
		"\"enabled\":true,\"keyType\":\"Account\"}},\"keySource\":\"Microsoft.Keyvault\","
		"\"keyvaultproperties\":{\"keyname\":\"k\",\"keyversion\":\"\",\"keyvaulturi\":"
		"\"https://kv1.vault.azure.net/\"},\"identity\":{\"userAssignedIdentity\":\"\"}}}}");
	same_json(service_storage.detach_body(&a),
		"{\"properties\":{\"encryption\":{\"services\":{\"blob\":{\"enabled\":true,"
		"\"keyType\":\"Account\"},\"file\":{\"enabled\":true,\"keyType\":\"Account\"}},"
		"\"keySource\":\"Microsoft.Storage\"}}}");
	a.identity.users_len = 1;
	snprintf(a.identity.users[0].id, sizeof a.identity.users[0].id, "%s", UAI);
	same_json(service_storage.identity_body(&a),
		"{\"identity\":{\"type\":\"SystemAssigned,UserAssigned\","
		"\"userAssignedIdentities\":{\"" UAI "\":{}}}}");
	assert_int_equal(service_storage.policy_perms, PERM_GET | PERM_WRAP | PERM_UNWRAP);
}

#define BATCH(identity, key)                                                               \
	"{\"id\":\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/" \
	"providers/Microsoft.Batch/batchAccounts/ba\",\"identity\":{" identity             \
	"},\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.KeyVault\","          \
	"\"keyVaultProperties\":{\"keyIdentifier\":"                                       \
	"\"https://kv1.vault.azure.net/keys/k" key "\"}}}}"
#define ONE_USER(id)                                                                         \
	"\"" id "\":{\"principalId\":\"cccccccc-cccc-cccc-cccc-cccccccccccc\",\"clientId\":" \
	"\"dddddddd-dddd-dddd-dddd-dddddddddddd\"}"

/* The key is one URI; the identity that opens it is the account's, unless it has several. */
static void
test_batch(void **state)
{
	struct account a =
		decoded_by(&service_batch, BATCH("\"type\":\"SystemAssigned\",\"principalId\":"
						 "\"aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa\"",
						   "/" VERSION));

	(void)state;
	assert_int_equal(a.mode, KEY_MODE_PINNED);
	assert_string_equal(a.key.host, "kv1.vault.azure.net");
	assert_string_equal(a.key.key, "k");
	assert_string_equal(a.key.version, VERSION);
	assert_string_equal(account_principal(&a), "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa");
	assert_true(account_tells_opener(&a));
	same_json(service_batch.encrypt_body(&a, &a.key, a.key.version),
		"{\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"encryption\":{"
		"\"keySource\":\"Microsoft.KeyVault\",\"keyVaultProperties\":{\"keyIdentifier\":"
		"\"https://kv1.vault.azure.net/keys/k/" VERSION "\"}}}}");
	same_json(service_batch.detach_body(&a),
		"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Batch\"}}}");
	account_free(&a);
	a = decoded_by(&service_batch,
		BATCH("\"type\":\"UserAssigned\",\"userAssignedIdentities\":{" ONE_USER(UAI) "}",
			"/"));
	assert_int_equal(a.mode, KEY_MODE_AUTO);
	assert_string_equal(a.key_identity, UAI);
	assert_string_equal(account_principal(&a), "cccccccc-cccc-cccc-cccc-cccccccccccc");
	same_json(service_batch.encrypt_body(&a, &a.key, ""),
		"{\"identity\":{\"type\":\"UserAssigned\",\"userAssignedIdentities\":{\"" UAI
		"\":{}}},\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.KeyVault\","
		"\"keyVaultProperties\":{\"keyIdentifier\":"
		"\"https://kv1.vault.azure.net/keys/k\"}}}}");
	account_free(&a);
	a = decoded_by(&service_batch,
		BATCH("\"type\":\"UserAssigned\",\"userAssignedIdentities\":{" ONE_USER(
			      UAI) "," ONE_USER(UAI "-b") "}",
			""));
	assert_string_equal(a.key_identity, "");
	assert_false(account_tells_opener(&a));
	account_free(&a);
	a = decoded_by(&service_batch, BATCH("\"type\":\"None\"", ""));
	assert_int_equal(a.identity.system, TRI_NO);
	assert_true(account_tells_opener(&a));
	account_free(&a);
}

static void
test_services(void **state)
{
	(void)state;
	assert_ptr_equal(service_find("AUTOMATION"), &service_automation);
	assert_ptr_equal(
		service_find("microsoft.automation/automationaccounts"), &service_automation);
	assert_ptr_equal(service_find("Batch"), &service_batch);
	assert_ptr_equal(service_find("microsoft.storage/storageAccounts"), &service_storage);
	assert_null(service_find("disk"));
	assert_string_equal(key_source_name(KEY_SOURCE_CUSTOMER), "customer");
	assert_string_equal(key_mode_name(KEY_MODE_PINNED), "pinned");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_identity_reply),
		cmocka_unit_test(test_customer_key),
		cmocka_unit_test(test_microsoft_key),
		cmocka_unit_test(test_reduced_list),
		cmocka_unit_test(test_identity_types),
		cmocka_unit_test(test_user_identity),
		cmocka_unit_test(test_article_bodies),
		cmocka_unit_test(test_foreign_vault),
		cmocka_unit_test(test_wrong_types),
		cmocka_unit_test(test_too_many_identities),
		cmocka_unit_test(test_storage_follows),
		cmocka_unit_test(test_storage_pinned),
		cmocka_unit_test(test_storage_bodies),
		cmocka_unit_test(test_batch),
		cmocka_unit_test(test_services),
	};

	json_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
