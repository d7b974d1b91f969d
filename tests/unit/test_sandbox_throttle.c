/* Limits, on a clock that the test moves; then on the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/sandbox/throttle.h"
#include "tests/fixtures/sandbox_client.h"

#define KEYS_HERE "https://kv-here.vault.azure.net/keys"

enum { ONE = 1000000 };

static struct client client;

static void
a_bucket_fills_steadily(void **state)
{
	static const struct throttle_limit limit = {5, 2, 1000, false};
	struct throttle *throttle = throttle_new();
	int64_t wait_ms = 0;
	long left;

	(void)state;
	for (long i = 4; i >= 0; i--) {
		assert_true(throttle_take(throttle, "a", &limit, ONE, 1000, &left, &wait_ms));
		assert_int_equal(left, i);
	}
	assert_false(throttle_take(throttle, "a", &limit, ONE, 1000, &left, &wait_ms));
	assert_in_range(wait_ms, 500, 501);
	assert_true(throttle_take(throttle, "b", &limit, ONE, 1000, &left, &wait_ms));
	assert_false(throttle_take(throttle, "a", &limit, ONE, 1499, &left, &wait_ms));
	assert_true(throttle_take(throttle, "a", &limit, ONE, 1501, &left, &wait_ms));
	assert_true(throttle_take(throttle, "a", &limit, ONE, 100000000000, &left, &wait_ms));
	assert_int_equal(left, 4);
	throttle_free(throttle);
}

static void
a_window_opens_at_once(void **state)
{
	static const struct throttle_limit limit = {1, 1, 10000, true};
	struct throttle *throttle = throttle_new();
	int64_t wait_ms = 0;
	long left;

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_true(
			throttle_take(throttle, "v", &limit, ONE / 20, 5000 + i, &left, &wait_ms));
	assert_false(throttle_take(throttle, "v", &limit, ONE / 20, 9000, &left, &wait_ms));
	assert_int_equal(wait_ms, 6000);
	assert_false(throttle_take(throttle, "v", &limit, ONE / 4000, 14999, &left, &wait_ms));
	assert_true(throttle_take(throttle, "v", &limit, ONE / 20, 15000, &left, &wait_ms));
	throttle_free(throttle);
}

static long
header_number(const char *name)
{
	char start[96];
	const char *at;

	snprintf(start, sizeof start, "\n%s: ", name);
	at = strcasestr(client.headers, start);
	if (!at)
		return -1;
	return strtol(at + strlen(start), NULL, 10);
}

/* In China 1,200 writes an hour: the header counts down, and an hour later all are there again. */
static void
writes_count_down(void **state)
{
	static const char url[] = "https://management.chinacloudapi.cn" PRODUCTION
				  "/resourceGroups/rg-china?api-version=2022-09-01";
	const char *const words[] = {"clock", "+1h"};
	char secret[64];
	struct err err;
	struct buf out;

	(void)state;
	for (long left = 1199; left > 1195; left--) {
		assert_int_equal(client_send(&client, "PATCH", url, client.arm, "{}"), 404);
		assert_int_equal(
			header_number("x-ms-ratelimit-remaining-subscription-writes"), left);
	}
	buf_init(&out, 100);
	assert_true(sandbox_ctl(client.dir, words, 2, &out, &err));
	buf_free(&out);
	client_file(&client, "secret", secret);
	client_sign_in(&client, OPERATOR, secret, ARM, client.arm);
	client_sign_in(&client, OPERATOR, secret, "https://vault.azure.net", client.vault);
	assert_int_equal(client_send(&client, "PATCH", url, client.arm, "{}"), 404);
	assert_int_equal(header_number("x-ms-ratelimit-remaining-subscription-writes"), 1199);
}

/* 15 queries in 5 seconds. */
static void
the_graph_has_a_quota(void **state)
{
	static const char url[] =
		ARM "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01";
	static const char body[] = "{\"subscriptions\":[\"4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103\"],"
				   "\"query\":\"Resources | project id\"}";
	long status = 0;
	int calls = 0;

	(void)state;
	while (calls++ < 40 &&
		(status = client_send(&client, "POST", url, client.arm, body)) != 429)
		assert_true(header_number("x-ms-user-quota-remaining") >= 0);
	if (status != 429)
		skip(); /* slower than three queries a second */
	assert_string_equal(client_text(&client, "error.code"), "RateLimiting");
	assert_in_range(header_number("Retry-After"), 1, 5);
	assert_int_equal(header_number("x-ms-user-quota-remaining"), 0);
}

/* 20 new keys in 10 seconds, whichever they are; refused without a Retry-After. */
static void
a_vault_makes_twenty_keys(void **state)
{
	static const char vault[] =
		"{\"location\":\"westeurope\",\"properties\":{\"tenantId\":\"" TENANT
		"\",\"sku\":{\"family\":\"A\",\"name\":\"standard\"},\"accessPolicies\":[{\"tenantId\":\"" TENANT
		"\",\"objectId\":\"c81f6d24-95e3-4a70-b2d8-7e4a0c5b9607\",\"permissions\":{\"keys\":[\"all\"]}}]}}";
	long status = 0;
	int calls = 0;

	(void)state;
	assert_int_equal(
		client_send(&client, "PUT",
			ARM PRODUCTION "/resourceGroups/rg-security?api-version=2022-09-01",
			client.arm, "{\"location\":\"westeurope\"}"),
		201);
	assert_int_equal(client_send(&client, "PUT", ARM SECURITY "kv-here?api-version=2023-07-01",
				 client.arm, vault),
		200);
	while (calls++ < 60 && (status = client_send(&client, "POST", KEYS_HERE "/k/create" V,
					client.vault, "{\"kty\":\"EC\",\"crv\":\"P-256\"}")) != 429)
		assert_int_equal(status, 200);
	if (status != 429)
		skip(); /* slower than two keys a second */
	assert_true(calls > 20);
	assert_string_equal(client_text(&client, "error.code"), "Throttled");
	assert_int_equal(header_number("Retry-After"), -1);
}

/* 10 writes of storage accounts a second in a region, however that is spelt. */
static void
a_region_takes_ten_writes(void **state)
{
	static const char *const bodies[] = {
		"{\"location\":\"westeurope\"}", "{\"location\":\"West Europe\"}"};
	static const char url[] =
		ARM PRODUCTION "/resourceGroups/rg-here/providers/Microsoft.Storage/"
			       "storageAccounts/sthere?api-version=2023-05-01";

	(void)state;
	clock_freeze(time(NULL));
	for (size_t i = 0; i < 10; i++)
		assert_int_not_equal(
			client_send(&client, "PUT", url, client.arm, bodies[i % 2]), 429);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(client_send(&client, "PUT", url, client.arm, bodies[i]), 429);
	assert_int_equal(header_number("Retry-After"), 1);
	assert_int_not_equal(
		client_send(&client, "PUT", url, client.arm, "{\"location\":\"northeurope\"}"),
		429);
	clock_thaw();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bucket_fills_steadily),
		cmocka_unit_test(a_window_opens_at_once),
		cmocka_unit_test(writes_count_down),
		cmocka_unit_test(the_graph_has_a_quota),
		cmocka_unit_test(a_vault_makes_twenty_keys),
		cmocka_unit_test(a_region_takes_ten_writes),
	};
	int failed;

	client_open_with(&client, &(struct sandbox_options){.seed = "empty", .throttle = true});
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	client_close(&client);
	return failed;
}
