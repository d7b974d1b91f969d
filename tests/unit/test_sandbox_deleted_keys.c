/* Keys that are deleted, come back, are purged, backed up and restored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "tests/fixtures/sandbox_client.h"

#define VAULT "https://kv-payroll.vault.azure.net"
#define DELETED VAULT "/deletedkeys"

enum { DAY = 86400 };

static void
make(const char *name)
{
	char url[256];

	snprintf(url, sizeof url, KEYS "/%s/create" V, name);
	assert_int_equal(demo_kv("POST", url, "{\"kty\":\"EC\",\"tags\":{\"team\":\"pay\"}}"), 200);
}

static void
assert_error(long status, const char *code, const char *inner, const char *message)
{
	assert_int_equal(demo.status, status);
	assert_string_equal(client_text(&demo, "error.code"), code);
	assert_string_equal(client_text(&demo, "error.innererror.code"), inner);
	assert_string_equal(client_text(&demo, "error.message"), message);
}

static void
a_deleted_key_takes_its_time(void **state)
{
	json_int_t deleted;

	(void)state;
	make("del-slow");
	assert_int_equal(demo_kv("DELETE", KEYS "/del-slow" V, NULL), 200);
	assert_string_equal(client_text(&demo, "recoveryId"), DELETED "/del-slow");
	assert_non_null(strstr(client_text(&demo, "key.kid"), KEYS "/del-slow/"));
	assert_string_equal(client_text(&demo, "key.crv"), "P-256");
	assert_string_equal(client_text(&demo, "tags.team"), "pay");
	assert_string_equal(
		client_text(&demo, "attributes.recoveryLevel"), "Recoverable+Purgeable");
	deleted = client_number(&demo, "deletedDate");
	assert_int_equal(client_number(&demo, "scheduledPurgeDate"), deleted + 90 * DAY);
	demo_kv("GET", DELETED "/del-slow" V, NULL);
	assert_error(404, "KeyNotFound", "", "Deleted Key not found: del-slow");
	demo_kv("POST", KEYS "/del-slow/create" V, "{\"kty\":\"RSA\"}");
	assert_error(409, "Conflict", "ObjectIsBeingDeleted",
		"Key del-slow is currently being deleted and cannot be re-created; retry later.");
	demo_kv("POST", DELETED "/del-slow/recover" V, NULL);
	assert_error(409, "Conflict", "ObjectIsBeingDeleted",
		"Key del-slow is currently being deleted.");
	assert_int_equal(demo_kv("GET", KEYS "/del-slow" V, NULL), 404);
	assert_int_equal(demo_kv("DELETE", KEYS "/del-slow" V, NULL), 404);
	demo_clock("+3s");
	assert_int_equal(demo_kv("GET", DELETED "/del-slow" V, NULL), 200);
	assert_int_equal(client_number(&demo, "deletedDate"), deleted);
	assert_int_equal(strlen(client_text(&demo, "key.x")), 43);
	demo_kv("POST", KEYS "/del-slow/create" V, "{\"kty\":\"RSA\"}");
	assert_error(409, "Conflict", "ObjectIsDeletedButRecoverable",
		"Key del-slow is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.");
	assert_int_equal(
		demo_kv("POST", KEYS "/del-slow//sign" V, "{\"alg\":\"ES256\",\"value\":\"AA\"}"),
		404);
	assert_string_equal(client_text(&demo, "error.code"), "KeyNotFound");
}

static void
a_recovered_key_comes_back_whole(void **state)
{
	char kid[200];

	(void)state;
	make("del-back");
	make("del-back");
	snprintf(kid, sizeof kid, "%s", client_text(&demo, "key.kid"));
	assert_int_equal(demo_kv("DELETE", KEYS "/del-back" V, NULL), 200);
	demo_clock("+3s");
	assert_int_equal(demo_kv("POST", DELETED "/del-back/recover" V, NULL), 200);
	assert_string_equal(client_text(&demo, "key.kid"), kid);
	assert_null(client_at(&demo, "recoveryId"));
	assert_int_equal(demo_kv("GET", KEYS "/del-back/" V, NULL), 404);
	assert_int_equal(demo_kv("GET", DELETED "/del-back" V, NULL), 404);
	demo_kv("POST", KEYS "/del-back/create" V, "{\"kty\":\"RSA\"}");
	assert_int_equal(demo.status, 409);
	assert_string_equal(client_text(&demo, "error.innererror.code"), "ObjectIsBeingRecovered");
	demo_clock("+3s");
	assert_int_equal(demo_kv("GET", KEYS "/del-back" V, NULL), 200);
	assert_string_equal(client_text(&demo, "key.kid"), kid);
	assert_int_equal(demo_kv("GET", KEYS "/del-back/versions" V, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 2);
	demo_kv("POST", DELETED "/del-back/recover" V, NULL);
	assert_error(400, "MethodNotAllowed", "RequestNotAllowedOnNonDeletedObject",
		"Key exists already: del-back");
	assert_int_equal(demo_kv("POST", DELETED "/nobody/recover" V, NULL), 404);
	assert_non_null(strstr(client_text(&demo, "error.message"), "A key with (name/id) nobody"));
}

static void
deleted_keys_are_listed(void **state)
{
	char next[512];

	(void)state;
	make("del-one");
	make("del-two");
	assert_int_equal(demo_kv("DELETE", KEYS "/del-one" V, NULL), 200);
	assert_int_equal(demo_kv("DELETE", KEYS "/del-two" V, NULL), 200);
	demo_clock("+3s");
	assert_int_equal(demo_kv("GET", DELETED "?maxresults=1&api-version=7.4", NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
	assert_string_equal(client_text(&demo, "value.0.kid"), KEYS "/del-one");
	assert_string_equal(client_text(&demo, "value.0.recoveryId"), DELETED "/del-one");
	assert_true(client_number(&demo, "value.0.deletedDate") > 1600000000);
	snprintf(next, sizeof next, "%s", client_text(&demo, "nextLink"));
	assert_non_null(strstr(next, VAULT ":443/deletedkeys?api-version=7.4&$skiptoken="));
	assert_non_null(strstr(next, "&maxresults=1"));
	assert_int_equal(demo_kv("GET", next, NULL), 200);
	assert_true(json_array_size(client_at(&demo, "value")) == 1);
	assert_int_equal(demo_kv("GET", KEYS V, NULL), 200);
	for (size_t i = 0; i < json_array_size(client_at(&demo, "value")); i++) {
		char path[32];

		snprintf(path, sizeof path, "value.%zu.kid", i);
		assert_null(strstr(client_text(&demo, path), "/del-one"));
	}
}

static void
purging_frees_the_name(void **state)
{
	(void)state;
	make("del-end");
	assert_int_equal(demo_kv("DELETE", DELETED "/del-end" V, NULL), 404);
	assert_int_equal(demo_kv("DELETE", KEYS "/del-end" V, NULL), 200);
	assert_int_equal(demo_kv("DELETE", DELETED "/del-end" V, NULL), 409);
	demo_clock("+3s");
	assert_int_equal(demo_kv("DELETE", DELETED "/del-end" V, NULL), 204);
	assert_string_equal(demo.body, "");
	assert_int_equal(demo_kv("GET", DELETED "/del-end" V, NULL), 404);
	assert_int_equal(demo_kv("DELETE", DELETED "/del-end" V, NULL), 404);
	make("del-end");
	assert_int_equal(demo_kv("GET", KEYS "/del-end/versions" V, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 1);
}

static void
purge_protection_holds(void **state)
{
	static const char billing[] = "https://kv-billing.vault.azure.net";
	char url[128];

	(void)state;
	snprintf(url, sizeof url, "%s/keys/kept/create" V, billing);
	assert_int_equal(demo_kv("POST", url, "{\"kty\":\"EC\"}"), 200);
	assert_string_equal(client_text(&demo, "attributes.recoveryLevel"), "Recoverable");
	snprintf(url, sizeof url, "%s/keys/kept" V, billing);
	assert_int_equal(demo_kv("DELETE", url, NULL), 200);
	demo_clock("+3s");
	snprintf(url, sizeof url, "%s/deletedkeys/kept" V, billing);
	demo_kv("DELETE", url, NULL);
	assert_error(403, "Forbidden", "",
		"Operation \"purge\" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: kv-billing;location=westeurope");
	assert_int_equal(demo_kv("GET", url, NULL), 200);
	demo_clock("+90d");
	assert_int_equal(demo_kv("GET", url, NULL), 404);
}

static char *
backup(const char *url)
{
	char *body;

	assert_int_equal(demo_kv("POST", url, NULL), 200);
	body = mem_printf("{\"value\":\"%s\"}", client_text(&demo, "value"));
	assert_non_null(strstr(body, "{\"value\":\"JkF6dXJlS2V5VmF1bHRLZXlCYWNrdXBWMS5taWNy"));
	return body;
}

static void
backups_are_restored(void **state)
{
	char kid[200], *body;

	(void)state;
	make("kept");
	make("kept");
	assert_int_equal(demo_kv("PUT", KEYS "/kept/rotationpolicy" V,
				 "{\"attributes\":{\"expiryTime\":\"P90D\"}}"),
		200);
	assert_int_equal(demo_kv("GET", KEYS "/kept" V, NULL), 200);
	snprintf(kid, sizeof kid, "%s", client_text(&demo, "key.kid"));
	body = backup(KEYS "/kept/backup" V);
	demo_kv("POST", KEYS "/restore" V, body);
	assert_int_equal(demo.status, 409);
	assert_string_equal(client_text(&demo, "error.code"), "Conflict");
	assert_non_null(strstr(client_text(&demo, "error.message"),
		"There was a conflict restoring the key '" KEYS "/kept/"));
	assert_int_equal(demo_kv("DELETE", KEYS "/kept" V, NULL), 200);
	demo_clock("+3s");
	assert_int_equal(demo_kv("POST", KEYS "/restore" V, body), 409);
	assert_string_equal(
		client_text(&demo, "error.innererror.code"), "ObjectIsDeletedButRecoverable");
	assert_int_equal(demo_kv("DELETE", DELETED "/kept" V, NULL), 204);
	assert_int_equal(demo_kv("POST", KEYS "/restore" V, body), 200);
	assert_string_equal(client_text(&demo, "key.kid"), kid);
	assert_string_equal(client_text(&demo, "tags.team"), "pay");
	assert_int_equal(demo_kv("GET", KEYS "/kept/versions" V, NULL), 200);
	assert_int_equal(json_array_size(client_at(&demo, "value")), 2);
	assert_int_equal(demo_kv("GET", KEYS "/kept/rotationpolicy" V, NULL), 200);
	assert_string_equal(client_text(&demo, "attributes.expiryTime"), "P90D");
	free(body);
}

/* A copy in another vault works on what the first one made. */
static void
a_restored_key_is_the_same_key(void **state)
{
	static const char archive[] = "https://kv-archive.vault.azure.net/keys";
	char url[256], value[1024], wrapped[1200], *body;

	(void)state;
	assert_int_equal(demo_kv("POST", KEYS "/cmk-payroll//wrapkey" V,
				 "{\"alg\":\"RSA-OAEP-256\",\"value\":\"AAECAwQF\"}"),
		200);
	snprintf(value, sizeof value, "%s", client_text(&demo, "value"));
	snprintf(wrapped, sizeof wrapped, "{\"alg\":\"RSA-OAEP-256\",\"value\":\"%s\"}", value);
	body = backup(KEYS "/cmk-payroll/backup" V);
	snprintf(url, sizeof url, "%s/restore" V, archive);
	assert_int_equal(demo_kv("POST", url, body), 200);
	snprintf(url, sizeof url, "%s/cmk-payroll//unwrapkey" V, archive);
	assert_int_equal(demo_kv("POST", url, wrapped), 200);
	assert_string_equal(client_text(&demo, "value"), "AAECAwQF");
	free(body);
}

static void
foreign_backups_are_refused(void **state)
{
	static const char create[] =
		"{\"location\":\"%s\",\"properties\":{\"tenantId\":\"" TENANT
		"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[\"all\"],\"secrets\":[],\"certificates\":[]}}]}}";
	char vault[1024], operator[64], *body;

	(void)state;
	assert_int_equal(
		demo_arm("GET", ARM SECURITY "kv-payroll?api-version=2023-07-01", NULL), 200);
	snprintf(operator, sizeof operator, "%s",
		client_text(&demo, "properties.accessPolicies.0.objectId"));
	body = backup(KEYS "/cmk-ec/backup" V);
	snprintf(vault, sizeof vault, create, "eastus", operator);
	assert_int_equal(
		demo_arm("PUT", ARM SECURITY "kv-overseas?api-version=2023-07-01", vault), 200);
	demo_kv("POST", "https://kv-overseas.vault.azure.net/keys/restore" V, body);
	assert_error(400, "BadParameter", "", "Cannot decrypt backup blob.");
	snprintf(vault, sizeof vault, create, "northeurope", operator);
	assert_int_equal(
		demo_arm("PUT", ARM SECURITY "kv-nearby?api-version=2023-07-01", vault), 200);
	assert_int_equal(
		demo_kv("POST", "https://kv-nearby.vault.azure.net/keys/restore" V, body), 200);
	body[strlen(body) - 8] ^= 1;
	assert_int_equal(demo_kv("POST", KEYS "/restore" V, body), 400);
	assert_int_equal(demo_kv("POST", KEYS "/restore" V, "{\"value\":\"AAAA\"}"), 400);
	assert_string_equal(client_text(&demo, "error.code"), "Malformed backup blob");
	assert_int_equal(demo_kv("POST", KEYS "/restore" V, "{}"), 400);
	assert_int_equal(demo_kv("POST", KEYS "/nobody/backup" V, NULL), 404);
	free(body);
}

static void
strangers_are_refused(void **state)
{
	static const char *const calls[][2] = {{"DELETE", KEYS "/cmk-ec" V}, {"GET", DELETED V},
		{"GET", DELETED "/cmk-ec" V}, {"POST", DELETED "/cmk-ec/recover" V},
		{"DELETE", DELETED "/cmk-ec" V}, {"POST", KEYS "/cmk-ec/backup" V},
		{"POST", KEYS "/cmk-ec/rotate" V}, {"GET", KEYS "/cmk-ec/rotationpolicy" V}};
	char secret[64], header[4096];

	(void)state;
	client_file(&demo, "secret.reader", secret);
	client_sign_in(&demo, READER, secret, "https://vault.azure.net", header);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		assert_int_equal(client_send(&demo, calls[i][0], calls[i][1], header, NULL), 403);
		assert_string_equal(client_text(&demo, "error.code"), "Forbidden");
		assert_string_equal(
			client_text(&demo, "error.innererror.code"), "ForbiddenByPolicy");
		assert_non_null(strstr(client_text(&demo, "error.message"), "does not have keys "));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deleted_key_takes_its_time),
		cmocka_unit_test(a_recovered_key_comes_back_whole),
		cmocka_unit_test(deleted_keys_are_listed),
		cmocka_unit_test(purging_frees_the_name),
		cmocka_unit_test(backups_are_restored),
		cmocka_unit_test(a_restored_key_is_the_same_key),
		cmocka_unit_test(foreign_backups_are_refused),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(purge_protection_holds),
	};

	return cmocka_run_group_tests(tests, demo_setup, demo_teardown);
}
