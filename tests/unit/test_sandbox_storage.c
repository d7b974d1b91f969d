/* Storage accounts through the resource manager: making, changing, and the life of a customer key.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

#define AV "?api-version=2023-05-01"
#define ACCOUNTS "/resourceGroups/rg-finance/providers/Microsoft.Storage/storageAccounts"
#define ONE(name) ARM PRODUCTION ACCOUNTS "/" name AV
#define SEED_USER  \
	PRODUCTION \
	"/resourceGroups/rg-security/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-storage"
#define NEW "\"sku\":{\"name\":\"Standard_LRS\"},\"kind\":\"StorageV2\",\"location\":\"westeurope\""
#define KEY_URL "https://kv-archive.vault.azure.net/keys/cmk-store"
#define PLACE "\"keyvaulturi\":\"https://kv-archive.vault.azure.net/\",\"keyname\":\"cmk-store\""
#define ENCRYPTION(rest) \
	"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\"," rest "}}}"
#define KEY_OF(rest) ENCRYPTION("\"keyvaultproperties\":{" PLACE rest "}")

static char principal[64];

static const char *
at(const char *path)
{
	return client_text(&demo, path);
}

static const char *
of_key(const char *name)
{
	char path[96];

	snprintf(path, sizeof path, "properties.encryption.keyvaultproperties.%s", name);
	return at(path);
}

static void
later(const char *word)
{
	const char *const words[] = {"clock", word};
	struct buf out;
	char secret[64];

	buf_init(&out, 4096);
	assert_true(sandbox_ctl(demo.dir, words, 2, &out, NULL));
	buf_free(&out);
	client_file(&demo, "secret", secret);
	client_sign_in(&demo, OPERATOR, secret, ARM, demo.arm);
	client_sign_in(&demo, OPERATOR, secret, "https://vault.azure.net", demo.vault);
}

static void
grant(const char *how, const char *object)
{
	char url[256], body[512];

	snprintf(url, sizeof url, "%s%skv-archive/accessPolicies/%s?api-version=2023-07-01", ARM,
		SECURITY, how);
	snprintf(body, sizeof body,
		"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[\"get\",\"wrapKey\",\"unwrapKey\"]}}]}}",
		object);
	assert_in_range(demo_arm("PUT", url, body), 200, 201);
}

static void
new_version(char out[33])
{
	assert_int_equal(
		demo_kv("POST", KEY_URL "/create" V, "{\"kty\":\"RSA\",\"key_size\":2048}"), 200);
	snprintf(out, 33, "%s", strrchr(at("key.kid"), '/') + 1);
}

/* st-life with a system identity that may use the key. */
static int
setup(void **state)
{
	char version[33];

	demo_setup(state);
	new_version(version);
	assert_int_equal(demo_arm("PUT", ONE("stlife"), "{" NEW "," IDENTITY "}"), 200);
	snprintf(principal, sizeof principal, "%s", at("identity.principalId"));
	assert_int_equal(strlen(principal), 36);
	return 0;
}

static void
names_are_checked(void **state)
{
	static const char check[] =
		ARM PRODUCTION "/providers/Microsoft.Storage/checkNameAvailability" AV;

	(void)state;
	assert_int_equal(
		demo_arm("POST", check,
			"{\"name\":\"stnobody\",\"type\":\"Microsoft.Storage/storageAccounts\"}"),
		200);
	assert_string_equal(demo.body, "{\"nameAvailable\":true}");
	assert_int_equal(
		demo_arm("POST", check,
			"{\"name\":\"stlife\",\"type\":\"Microsoft.Storage/storageAccounts\"}"),
		200);
	assert_false(json_is_true(client_at(&demo, "nameAvailable")));
	assert_string_equal(at("reason"), "AlreadyExists");
	assert_string_equal(at("message"), "The storage account named stlife is already taken.");
	assert_int_equal(
		demo_arm("POST", check,
			"{\"name\":\"St-Life\",\"type\":\"Microsoft.Storage/storageAccounts\"}"),
		200);
	assert_string_equal(at("reason"), "AccountNameInvalid");
	assert_int_equal(demo_arm("PUT", ONE("st-life"), "{" NEW "}"), 400);
	assert_string_equal(at("error.code"), "AccountNameInvalid");
	assert_int_equal(
		demo_arm("PUT",
			ARM STAGING
			"/resourceGroups/rg-media/providers/Microsoft.Storage/storageAccounts/stlife" AV,
			"{" NEW "}"),
		409);
	assert_string_equal(at("error.code"), "StorageAccountAlreadyTaken");
	assert_int_equal(
		demo_arm("PUT",
			ARM PRODUCTION
			"/resourceGroups/rg-media/providers/Microsoft.Storage/storageAccounts/stlife" AV,
			"{" NEW "}"),
		409);
	assert_string_equal(at("error.code"), "StorageAccountInAnotherResourceGroup");
}

static void
accounts_live_and_die(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("PUT", ONE("stfresh"),
			"{\"sku\":{\"name\":\"standard_ragrs\"},\"kind\":\"StorageV2\",\"location\":\"West Europe\",\"tags\":{\"a\":\"b\"},"
			"\"properties\":{\"minimumTlsVersion\":\"TLS1_2\",\"encryption\":{\"services\":{\"blob\":{},\"queue\":{\"keyType\":\"Account\"}},\"keySource\":\"Microsoft.Storage\",\"requireInfrastructureEncryption\":true}}}"),
		200);
	assert_string_equal(at("id"), PRODUCTION ACCOUNTS "/stfresh");
	assert_string_equal(at("type"), "Microsoft.Storage/storageAccounts");
	assert_string_equal(at("sku.name"), "Standard_RAGRS");
	assert_string_equal(at("sku.tier"), "Standard");
	assert_string_equal(at("location"), "westeurope");
	assert_string_equal(at("tags.a"), "b");
	assert_null(client_at(&demo, "identity"));
	assert_string_equal(at("properties.minimumTlsVersion"), "TLS1_2");
	assert_string_equal(at("properties.accessTier"), "Hot");
	assert_true(json_is_true(client_at(&demo, "properties.supportsHttpsTrafficOnly")));
	assert_string_equal(at("properties.networkAcls.defaultAction"), "Allow");
	assert_string_equal(at("properties.provisioningState"), "Succeeded");
	assert_string_equal(at("properties.statusOfPrimary"), "available");
	assert_string_equal(at("properties.secondaryLocation"), "northeurope");
	assert_string_equal(
		at("properties.primaryEndpoints.web"), "https://stfresh.z6.web.core.windows.net/");
	assert_non_null(strstr(demo.body, "\"blob\":\"https://stfresh.blob.core.windows.net/\""));
	assert_int_equal(strlen(at("properties.creationTime")), 28);
	assert_int_equal(strlen(at("properties.keyCreationTime.key1")), 28);
	assert_string_equal(at("properties.encryption.keySource"), "Microsoft.Storage");
	assert_string_equal(at("properties.encryption.services.file.keyType"), "Account");
	assert_string_equal(at("properties.encryption.services.queue.keyType"), "Account");
	assert_null(client_at(&demo, "properties.encryption.services.table"));
	assert_null(client_at(&demo, "properties.encryption.keyvaultproperties"));
	assert_null(client_at(&demo, "properties.encryption.identity"));
	assert_true(json_is_true(
		client_at(&demo, "properties.encryption.requireInfrastructureEncryption")));
	assert_int_equal(demo_arm("GET",
				 "https://localhost:4711" PRODUCTION ACCOUNTS
				 "/STFRESH?api-version=2025-08-01",
				 NULL),
		200);
	assert_non_null(strstr(demo.body, "\"https://stfresh.blob.localhost:4711/\""));
	assert_int_equal(
		demo_arm("GET",
			ARM PRODUCTION
			"/providers/Microsoft.Storage/storageAccounts?api-version=2022-09-01",
			NULL),
		200);
	assert_non_null(strstr(demo.body, "/stfresh\""));
	assert_int_equal(demo_arm("POST", ARM PRODUCTION ACCOUNTS "/stfresh/listKeys" AV, ""), 403);
	assert_int_equal(
		demo_arm("GET", ARM PRODUCTION ACCOUNTS "?api-version=2001-01-01", NULL), 400);
	assert_string_equal(at("error.code"), "NoRegisteredProviderFound");
	assert_int_equal(demo_arm("DELETE", ONE("stfresh"), NULL), 200);
	assert_int_equal(demo_arm("DELETE", ONE("stfresh"), NULL), 204);
	assert_int_equal(demo_arm("GET", ONE("stfresh"), NULL), 404);
}

static void
changes_merge_or_are_refused(void **state)
{
	(void)state;
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			"{\"properties\":{\"accessTier\":\"cool\",\"networkAcls\":{\"defaultAction\":\"Allow\",\"bypass\":\"None\"}}}"),
		200);
	assert_string_equal(at("properties.accessTier"), "Cool");
	assert_string_equal(at("properties.networkAcls.bypass"), "None");
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), "{\"tags\":{\"x\":\"y\"}}"), 200);
	assert_string_equal(at("properties.accessTier"), "Cool");
	assert_string_equal(at("tags.x"), "y");
	assert_string_equal(at("identity.principalId"), principal);
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			"{\"tags\":{\"x\":\"z\"},\"properties\":{\"minimumTlsVersion\":\"TLS9\"}}"),
		400);
	assert_string_equal(at("error.code"), "InvalidValuesForRequestParameters");
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			"{\"properties\":{\"encryption\":{\"services\":{\"queue\":{\"keyType\":\"Account\"}}}}}"),
		400);
	assert_string_equal(at("error.code"), "AccountPropertyCannotBeUpdated");
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			"{\"properties\":{\"encryption\":{\"requireInfrastructureEncryption\":true}}}"),
		400);
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"), "{\"properties\":{\"isHnsEnabled\":true}}"), 400);
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"), "{\"properties\":{\"encryption\":7}}"), 400);
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Moon\"}}}"),
		400);
	assert_int_equal(
		demo_arm("PUT", ONE("stlife"),
			"{\"sku\":{\"name\":\"Standard_LRS\"},\"kind\":\"StorageV2\",\"location\":\"eastus\"}"),
		409);
	assert_string_equal(at("error.code"), "InvalidResourceLocation");
	assert_int_equal(demo_arm("PUT", ONE("stnosku"), "{\"location\":\"westeurope\"}"), 400);
	assert_string_equal(at("error.message"), "Values for request parameters are invalid: sku.");
	assert_int_equal(demo_arm("GET", ONE("stlife"), NULL), 200);
	assert_string_equal(at("tags.x"), "y");
	assert_string_equal(at("properties.minimumTlsVersion"), "TLS1_0");
}

static void
keys_are_refused_with_reason(void **state)
{
	(void)state;
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), KEY_OF("")), 403);
	assert_string_equal(at("error.code"), "KeyVaultAuthenticationFailure");
	assert_non_null(strstr(at("error.message"),
		"The operation failed because of authentication issue on the keyvault."));
	grant("add", principal);
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			ENCRYPTION(
				"\"keyvaultproperties\":{\"keyvaulturi\":\"https://kv-payroll.vault.azure.net\",\"keyname\":\"cmk-payroll\"}")),
		400);
	assert_string_equal(at("error.code"), "KeyVaultPolicyError");
	assert_non_null(strstr(at("error.message"), "Keyvault policy recoverable is not set"));
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			ENCRYPTION(
				"\"keyvaultproperties\":{\"keyvaulturi\":\"https://kv-archive.vault.azure.net\",\"keyname\":\"cmk-none\"}")),
		400);
	assert_string_equal(at("error.code"), "KeyVaultEncryptionKeyNotFound");
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			ENCRYPTION(
				"\"keyvaultproperties\":{\"keyvaulturi\":\"https://kv-nowhere.vault.azure.net\",\"keyname\":\"k\"}")),
		400);
	assert_string_equal(at("error.code"), "KeyVaultVaultNotFound");
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"), ENCRYPTION("\"keyvaultproperties\":null")), 400);
	assert_int_equal(demo_arm("PUT", ONE("stbare"), "{" NEW "}"), 200);
	assert_int_equal(demo_arm("PATCH", ONE("stbare"), KEY_OF("")), 400);
	assert_non_null(strstr(at("error.message"),
		"Managed Service Identity (MSI) is not set for this account."));
	assert_int_equal(demo_arm("GET", ONE("stbare"), NULL), 200);
	assert_string_equal(at("properties.encryption.keySource"), "Microsoft.Storage");
	assert_int_equal(demo_arm("DELETE", ONE("stbare"), NULL), 200);
}

static void
versions_are_followed_as_told(void **state)
{
	char first[33], second[33], third[33], body[512], moved[40], kid[160];

	(void)state;
	new_version(first);
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), KEY_OF("")), 200);
	assert_string_equal(at("properties.encryption.keySource"), "Microsoft.Keyvault");
	assert_null(client_at(&demo, "properties.encryption.keyvaultproperties.keyversion"));
	assert_null(client_at(&demo, "properties.encryption.identity"));
	assert_string_equal(of_key("keyvaulturi"), "https://kv-archive.vault.azure.net/");
	assert_string_equal(of_key("keyname"), "cmk-store");
	snprintf(kid, sizeof kid, "%s/%s", KEY_URL, first);
	assert_string_equal(of_key("currentVersionedKeyIdentifier"), kid);
	assert_string_equal(
		of_key("currentVersionedKeyExpirationTimestamp"), "1970-01-01T00:00:00.0000000Z");
	snprintf(moved, sizeof moved, "%s", of_key("lastKeyRotationTimestamp"));
	assert_int_equal(strlen(moved), 28);
	/* repeated: nothing moves, as recorded */
	later("+5s");
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), KEY_OF("")), 200);
	assert_string_equal(of_key("lastKeyRotationTimestamp"), moved);
	/* repeated when there is a newer version: it is taken at once */
	new_version(second);
	assert_int_equal(demo_arm("GET", ONE("stlife"), NULL), 200);
	assert_string_equal(of_key("currentVersionedKeyIdentifier"), kid);
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), KEY_OF("")), 200);
	snprintf(kid, sizeof kid, "%s/%s", KEY_URL, second);
	assert_string_equal(of_key("currentVersionedKeyIdentifier"), kid);
	assert_string_not_equal(of_key("lastKeyRotationTimestamp"), moved);
	/* named: kept until it is said otherwise by the empty text */
	snprintf(body, sizeof body, KEY_OF(",\"keyversion\":\"%s\""), first);
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), body), 200);
	assert_string_equal(of_key("keyversion"), first);
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), KEY_OF("")), 200);
	assert_string_equal(of_key("keyversion"), first);
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), KEY_OF(",\"keyversion\":\"\"")), 200);
	assert_true(json_is_string(
		client_at(&demo, "properties.encryption.keyvaultproperties.keyversion")));
	assert_string_equal(of_key("keyversion"), "");
	assert_string_equal(of_key("currentVersionedKeyIdentifier"), kid);
	/* once a day by itself */
	new_version(third);
	later("+1h");
	assert_int_equal(demo_arm("GET", ONE("stlife"), NULL), 200);
	assert_string_equal(of_key("currentVersionedKeyIdentifier"), kid);
	later("+24h");
	assert_int_equal(demo_arm("GET", ONE("stlife"), NULL), 200);
	snprintf(kid, sizeof kid, "%s/%s", KEY_URL, third);
	assert_string_equal(of_key("currentVersionedKeyIdentifier"), kid);
	assert_string_equal(of_key("keyversion"), "");
	/* and away */
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Storage\"}}}"),
		200);
	assert_string_equal(at("properties.encryption.keySource"), "Microsoft.Storage");
	assert_null(client_at(&demo, "properties.encryption.keyvaultproperties"));
}

#define USER_IDENTITY(type) \
	"\"identity\":{\"type\":\"" type "\",\"userAssignedIdentities\":{\"" SEED_USER "\":{}}}"
#define WITH(who, identity, rest)                                                       \
	"{" who "\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\"," \
	"\"identity\":{\"userAssignedIdentity\":\"" identity                            \
	"\"},\"keyvaultproperties\":{" PLACE rest "}}}}"

static void
identities_change_alone(void **state)
{
	char version[33], body[1024], moved[40];

	(void)state;
	new_version(version);
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), KEY_OF("")), 200);
	snprintf(moved, sizeof moved, "%s", of_key("lastKeyRotationTimestamp"));
	later("+5s");
	/* an identity that is not the account's */
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), WITH("", SEED_USER, "")), 400);
	assert_string_equal(at("error.code"), "FeatureNotSupportedForAccount");
	assert_non_null(strstr(at("error.message"), "Missing pre-requisites"));
	/* both at once */
	snprintf(body, sizeof body,
		WITH(USER_IDENTITY("SystemAssigned,UserAssigned") ",", SEED_USER,
			",\"keyversion\":\"%s\""),
		version);
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), body), 400);
	assert_string_equal(at("error.message"),
		"The properties 'encryption.identity, encryption.keyvaultproperties' cannot be updated in a single operation.");
	assert_int_equal(demo_arm("GET", ONE("stlife"), NULL), 200);
	assert_string_equal(at("identity.type"), "SystemAssigned");
	/* the identity alone, with the key repeated: no rotation */
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			WITH(USER_IDENTITY("SystemAssigned, UserAssigned") ",", SEED_USER, "")),
		200);
	assert_string_equal(at("identity.type"), "SystemAssigned,UserAssigned");
	assert_string_equal(at("identity.principalId"), principal);
	assert_string_equal(at("properties.encryption.identity.userAssignedIdentity"), SEED_USER);
	assert_string_equal(of_key("lastKeyRotationTimestamp"), moved);
	/* taken away from under the key: accepted */
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			WITH("\"identity\":{\"type\":\"SystemAssigned\"},", SEED_USER, "")),
		200);
	assert_string_equal(at("identity.type"), "SystemAssigned");
	assert_null(client_at(&demo, "identity.userAssignedIdentities"));
	assert_string_equal(at("properties.encryption.identity.userAssignedIdentity"), SEED_USER);
	/* and back to the system's, which opens the key from now on */
	assert_int_equal(demo_arm("PATCH", ONE("stlife"), WITH("", "", "")), 200);
	assert_true(json_is_string(
		client_at(&demo, "properties.encryption.identity.userAssignedIdentity")));
	assert_string_equal(at("properties.encryption.identity.userAssignedIdentity"), "");
	assert_string_equal(of_key("lastKeyRotationTimestamp"), moved);
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"), WITH("\"identity\":{\"type\":\"None\"},", "", "")),
		200);
	assert_string_equal(at("identity.type"), "None");
	assert_string_equal(at("properties.encryption.keySource"), "Microsoft.Keyvault");
	/* lost for good with the system's identity; a user's one takes over */
	assert_int_equal(demo_arm("PATCH", ONE("stlife"),
				 WITH(USER_IDENTITY("UserAssigned") ",", SEED_USER, "")),
		200);
	assert_int_equal(
		demo_arm("PATCH", ONE("stlife"),
			"{\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Storage\"}}}"),
		200);
}

static void
creation_takes_user_identities_only(void **state)
{
	static const char wanted[] =
		"\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyvaultproperties\":{" PLACE
		"}";
	char body[2048];

	(void)state;
	snprintf(body, sizeof body, "{" NEW "," IDENTITY ",%s}}}", wanted);
	assert_int_equal(demo_arm("PUT", ONE("stborn"), body), 400);
	assert_string_equal(at("error.code"), "FeatureNotSupportedForAccount");
	assert_int_equal(demo_arm("GET", ONE("stborn"), NULL), 404);
	snprintf(body, sizeof body,
		"{" NEW "," USER_IDENTITY(
			"UserAssigned") ",%s,\"identity\":{\"userAssignedIdentity\":\"" SEED_USER
					"\"}}}}",
		wanted);
	assert_int_equal(demo_arm("PUT", ONE("stborn"), body), 200);
	assert_string_equal(at("properties.encryption.keySource"), "Microsoft.Keyvault");
	assert_string_equal(of_key("keyname"), "cmk-store");
	assert_string_equal(at("properties.encryption.identity.userAssignedIdentity"), SEED_USER);
	assert_int_equal(demo_arm("DELETE", ONE("stborn"), NULL), 200);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_checked),
		cmocka_unit_test(accounts_live_and_die),
		cmocka_unit_test(changes_merge_or_are_refused),
		cmocka_unit_test(keys_are_refused_with_reason),
		cmocka_unit_test(versions_are_followed_as_told),
		cmocka_unit_test(identities_change_alone),
		cmocka_unit_test(creation_takes_user_identities_only),
	};

	return cmocka_run_group_tests(tests, setup, demo_teardown);
}
