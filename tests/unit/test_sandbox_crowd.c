/* Many clients at once: no update is lost, no reply is torn, and (under TSan) no thread steps on
 * another. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/fixtures/sandbox_client.h"

enum { CROWD = 6, ROUNDS = 8 };

#define VAULT ARM SECURITY "kv-crowd"
#define V23 "?api-version=2023-07-01"

static struct client client;

struct worker {
	pthread_t thread;
	struct client *client; /* its own, on the shared sandbox */
	int number, failures;
	char principal[37];
};

static int
setup(void **state)
{
	(void)state;
	client_open(&client, "empty");
	assert_int_equal(
		client_send(&client, "PUT",
			ARM PRODUCTION "/resourceGroups/rg-security?api-version=2022-09-01",
			client.arm, "{\"location\":\"westeurope\"}"),
		201);
	assert_int_equal(client_send(&client, "PUT",
				 ARM PRODUCTION "/resourceGroups/rg-finance?api-version=2022-09-01",
				 client.arm, "{\"location\":\"westeurope\"}"),
		201);
	assert_int_equal(
		client_send(&client, "PUT", VAULT V23, client.arm,
			"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
			"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"enablePurgeProtection\":true,\"accessPolicies\":[{\"tenantId\":\"" TENANT
			"\",\"objectId\":\"c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607\",\"permissions\":{\"keys\":[\"all\"]}}]}}"),
		200);
	assert_int_equal(client_send(&client, "POST",
				 "https://kv-crowd.vault.azure.net/keys/k/create?api-version=7.4",
				 client.vault, "{\"kty\":\"RSA\"}"),
		200);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	client_close(&client);
	return 0;
}

/* An account of its own, onboarded step by step, on a vault that all others change as well. */
static int
onboard(struct worker *w, const char *version)
{
	char url[256], body[1024];
	struct client *c = w->client;
	int failures = 0;
	long status;

	snprintf(url, sizeof url, ARM FINANCE "aa-crowd-%d?api-version=2023-11-01", w->number);
	failures +=
		client_send(c, "PUT", url, c->arm,
			"{\"location\":\"westeurope\",\"identity\":{\"type\":\"SystemAssigned\"}}") !=
		201;
	snprintf(w->principal, sizeof w->principal, "%s", client_text(c, "identity.principalId"));
	snprintf(body, sizeof body,
		"{\"properties\":{\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"%s\",\"permissions\":{\"keys\":[\"get\",\"recover\",\"wrapKey\",\"unwrapKey\"]}}]}}",
		w->principal);
	/* of two at a time Azure refuses the one that ends later */
	do
		status = client_send(c, "PUT", VAULT "/accessPolicies/add" V23, c->arm, body);
	while (status == 409);
	failures += status != 200;
	snprintf(body, sizeof body,
		"{\"identity\":{\"type\":\"SystemAssigned\"},\"properties\":{\"encryption\":{\"keySource\":\"Microsoft.Keyvault\",\"keyVaultProperties\":{\"keyName\":\"k\",\"keyvaultUri\":\"https://kv-crowd.vault.azure.net\",\"keyVersion\":\"%s\"}}}}",
		version);
	for (int i = 0; i < ROUNDS; i++)
		failures += client_send(c, "PATCH", url, c->arm, body) != 200;
	return failures;
}

static int
use_key(struct worker *w)
{
	static const char base[] = "https://kv-crowd.vault.azure.net/keys/k/";
	char body[1024], url[128];
	int failures = 0;

	for (int i = 0; i < ROUNDS; i++) {
		snprintf(url, sizeof url, "%swrapkey?api-version=7.4", base);
		failures += client_send(w->client, "POST", url, w->client->vault,
				    "{\"alg\":\"RSA-OAEP-256\",\"value\":\"AAECAw\"}") != 200;
		snprintf(body, sizeof body, "{\"alg\":\"RSA-OAEP-256\",\"value\":\"%s\"}",
			client_text(w->client, "value"));
		snprintf(url, sizeof url, "%sunwrapkey?api-version=7.4", base);
		failures += client_send(w->client, "POST", url, w->client->vault, body) != 200;
		failures += strcmp(client_text(w->client, "value"), "AAECAw") != 0;
	}
	return failures;
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	char version[33];

	w->failures += client_send(w->client, "GET",
			       "https://kv-crowd.vault.azure.net/keys/k?api-version=7.4",
			       w->client->vault, NULL) != 200;
	snprintf(
		version, sizeof version, "%s", strrchr(client_text(w->client, "key.kid"), '/') + 1);
	w->failures += onboard(w, version);
	w->failures += use_key(w);
	return NULL;
}

static void
a_crowd_loses_nothing(void **state)
{
	struct worker workers[CROWD] = {0};

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		workers[i].number = i;
		workers[i].client = malloc(sizeof client);
		assert_non_null(workers[i].client);
		*workers[i].client = client;
		workers[i].client->json = NULL;
		assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
	}
	for (int i = 0; i < CROWD; i++)
		pthread_join(workers[i].thread, NULL);
	assert_int_equal(client_send(&client, "GET", VAULT V23, client.arm, NULL), 200);
	assert_int_equal(
		json_array_size(client_at(&client, "properties.accessPolicies")), CROWD + 1);
	for (int i = 0; i < CROWD; i++) {
		assert_int_equal(workers[i].failures, 0);
		assert_non_null(strstr(client.body, workers[i].principal));
		json_decref(workers[i].client->json);
		free(workers[i].client);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_crowd_loses_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
