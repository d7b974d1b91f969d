/* Lanes: their names, the order in which they let calls in, and how long they stand still. Time is
 * frozen, and moved on by hand. */
#include "backend/net/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/text.h"

#define SUB "aaaaaaaa-1111-2222-3333-444444444444"
#define ARM "https://management.azure.com"
#define READS "management.azure.com/" SUB "/reads"

enum { CROWD = 64 };

struct fixture {
	struct loop *loop;
	struct gate *gate;
	struct gate_place places[CROWD];
	char passed[512]; /* "0 1 2 " */
	time_t now;
};

static struct fixture *now_testing;

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err err;

	f->now = 1000;
	clock_freeze(f->now);
	f->loop = loop_new(&(struct http_options){0}, &err);
	assert_non_null(f->loop);
	f->gate = gate_new(f->loop);
	for (size_t i = 0; i < CROWD; i++)
		f->places[i].number = i;
	now_testing = f;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < CROWD; i++)
		gate_leave(&f->places[i]);
	gate_free(f->gate);
	gate_free(NULL);
	loop_free(f->loop);
	clock_thaw();
	free(f);
	return 0;
}

static void
pass(void *user)
{
	struct gate_place *place = user;
	struct fixture *f = now_testing;
	size_t used = strlen(f->passed);

	assert_true(place->inside);
	snprintf(f->passed + used, sizeof f->passed - used, "%lu ", place->number);
}

static void
enter(struct fixture *f, const char *key, size_t from, size_t to)
{
	for (size_t i = from; i <= to; i++)
		gate_enter(f->gate, key, &f->places[i], pass, &f->places[i]);
}

static void
leave(struct fixture *f, size_t from, size_t to)
{
	for (size_t i = from; i <= to; i++)
		gate_leave(&f->places[i]);
}

/* One reply after another leaves, each with what it says is left. */
static void
answer(struct fixture *f, size_t from, size_t to, long remaining, int resets_after_s)
{
	for (size_t i = from; i <= to; i++) {
		const struct reply reply = {
			.remaining = remaining, .resets_after_s = resets_after_s};

		gate_learn(&f->places[i], &reply);
		gate_leave(&f->places[i]);
	}
}

static void
wait_s(struct fixture *f, int s)
{
	clock_freeze(f->now += s);
	for (int i = 0; i < 4; i++)
		loop_turn(f->loop, 0);
}

static void
expect(struct fixture *f, const char *passed)
{
	assert_string_equal(f->passed, passed);
	f->passed[0] = '\0';
}

static size_t
count(struct fixture *f)
{
	size_t n = 0;

	for (const char *at = f->passed; *at; at++)
		n += *at == ' ';
	f->passed[0] = '\0';
	return n;
}

static void
test_keys(void **state)
{
	static const struct {
		const char *url;
		enum http_method method;
		const char *key;
	} cases[] = {
		{ARM "/subscriptions/" SUB "/resourceGroups/g?api-version=1", HTTP_GET, READS},
		{"HTTPS://Management.Azure.com/SUBSCRIPTIONS/AAAAAAAA-1111-2222-3333-444444444444/x",
			HTTP_HEAD, READS},
		{ARM ":443/subscriptions/" SUB, HTTP_GET, "management.azure.com:443/" SUB "/reads"},
		{ARM "/subscriptions/" SUB "/x", HTTP_PATCH, "management.azure.com/" SUB "/writes"},
		{ARM "/subscriptions/" SUB "/x", HTTP_POST, "management.azure.com/" SUB "/writes"},
		{ARM "/subscriptions/" SUB "/x", HTTP_DELETE,
			"management.azure.com/" SUB "/deletes"},
		{ARM "/subscriptions?api-version=1", HTTP_GET, "management.azure.com/reads"},
		{ARM "/subscriptions/no-guid/x", HTTP_GET, "management.azure.com/reads"},
		{ARM "/tenants", HTTP_GET, "management.azure.com/reads"},
		{ARM "/providers/Microsoft.Authorization/x", HTTP_PUT,
			"management.azure.com/writes"},
		{ARM "/providers/microsoft.resourcegraph/Resources?x", HTTP_POST,
			"management.azure.com/graph"},
		{ARM "/subscriptions/" SUB "/providers/Microsoft.Storage/storageAccounts?x",
			HTTP_GET, "management.azure.com/" SUB "/storage-lists"},
		{ARM "/subscriptions/" SUB
		     "/resourceGroups/g/providers/microsoft.storage/STORAGEACCOUNTS/st1",
			HTTP_GET, "management.azure.com/" SUB "/storage-reads"},
		{ARM "/subscriptions/" SUB
		     "/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/st1",
			HTTP_PATCH, "management.azure.com/" SUB "/storage-writes"},
		{"https://kv1.vault.azure.net/keys/k?api-version=7.4", HTTP_GET,
			"kv1.vault.azure.net"},
		{"https://KV1.vault.azure.net/keys/k/v/unwrapkey", HTTP_POST,
			"kv1.vault.azure.net"},
		{"https://st1.blob.core.windows.net/canary/canary.txt", HTTP_HEAD,
			"st1.blob.core.windows.net"},
		{"http://169.254.169.254/metadata/identity/oauth2/token?resource=x", HTTP_GET,
			"169.254.169.254"},
		{"https://login.microsoftonline.com/t/oauth2/v2.0/token", HTTP_POST,
			"login.microsoftonline.com"},
		{"https://kv1.vault.azure.net", HTTP_GET, "kv1.vault.azure.net"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char key[GATE_KEY];

		assert_string_equal(gate_key(cases[i].url, cases[i].method, key), cases[i].key);
	}
}

static void
test_places(void **state)
{
	struct fixture *f = *state;

	enter(f, "a", 0, 10);
	expect(f, "0 1 2 3 4 5 6 7 ");
	enter(f, "b", 20, 20);
	expect(f, "20 ");
	leave(f, 3, 4);
	expect(f, "8 9 ");
	leave(f, 10, 10);
	leave(f, 0, 0);
	expect(f, "");
	leave(f, 0, 0);
	assert_int_equal(gate_held_back_ms(f->gate), 0);
}

/* The places belong to the host, whatever the lane; the oldest of all goes first. */
static void
test_lanes_share_their_host(void **state)
{
	struct fixture *f = *state;

	enter(f, "h/reads", 10, 17);
	enter(f, "h/writes", 21, 22);
	enter(f, "h/reads", 5, 5);
	enter(f, "h/reads", 30, 30);
	enter(f, "h/writes", 20, 20);
	count(f);
	leave(f, 10, 14);
	expect(f, "5 20 21 22 30 ");
}

static void
test_a_cancelled_one_leaves_no_hole(void **state)
{
	struct fixture *f = *state;

	enter(f, "a", 0, 11);
	count(f);
	leave(f, 9, 9);
	leave(f, 0, 2);
	expect(f, "8 10 11 ");
}

static void
test_closed(void **state)
{
	struct fixture *f = *state;

	enter(f, "h/reads", 0, 1);
	gate_close(&f->places[0], 5000);
	gate_close(&f->places[1], 3000);
	leave(f, 0, 1);
	count(f);
	enter(f, "h/reads", 3, 3);
	enter(f, "h/reads", 0, 1);
	enter(f, "h/writes", 9, 9);
	enter(f, "i", 10, 10);
	expect(f, "9 10 ");
	assert_int_equal(gate_patience_ms(f->gate), 5000);
	wait_s(f, 4);
	expect(f, "");
	assert_int_equal(gate_patience_ms(f->gate), 1000);
	wait_s(f, 1);
	expect(f, "0 1 3 ");
	assert_int_equal(gate_held_back_ms(f->gate), 5000);
	assert_int_equal(gate_patience_ms(f->gate), 0);
	gate_close(&f->places[0], 1 << 30);
	leave(f, 0, 0);
	enter(f, "h/reads", 4, 4);
	assert_int_equal(gate_patience_ms(f->gate), 120000);
	leave(f, 4, 4);
	assert_int_equal(gate_patience_ms(f->gate), 0);
}

/* What is left is spent down to a reserve, then only what comes back. */
static void
test_paced(void **state)
{
	struct fixture *f = *state;

	enter(f, READS, 0, 7);
	enter(f, READS, 8, 40);
	expect(f, "0 1 2 3 4 5 6 7 ");
	answer(f, 0, 0, 18,
		-1); /* seven others may not have been counted: 11, and a reserve of 4 */
	expect(f, "8 ");
	answer(f, 1, 1, 5, -1);
	answer(f, 2, 7, 0, -1);
	expect(f, "");
	assert_in_range(gate_patience_ms(f->gate), 1, 999);
	leave(f, 8, 8);
	wait_s(f, 1);
	expect(f, "9 10 11 12 13 14 15 16 ");
	leave(f, 9, 16);
	assert_in_range(count(f), 8, 8);
	assert_true(gate_held_back_ms(f->gate) > 0);
}

static void
test_writes_are_slower(void **state)
{
	struct fixture *f = *state;

	enter(f, "h/" SUB "/writes", 0, 20);
	answer(f, 0, 7, 0, -1);
	count(f);
	wait_s(f, 1);
	assert_in_range(count(f), 0, 6);
	assert_in_range(gate_patience_ms(f->gate), 1, 1300);
}

/* All at once, when the window ends: Resource Graph. */
static void
test_window(void **state)
{
	struct fixture *f = *state;

	enter(f, "h/graph", 0, 7);
	enter(f, "h/graph", 8, 30);
	count(f);
	answer(f, 0, 0, 14, 5);
	expect(f, "8 ");
	wait_s(f, 1);
	answer(f, 1, 7, 0, 5);
	expect(f, "");
	assert_int_equal(gate_patience_ms(f->gate), 4000);
	wait_s(f, 3);
	expect(f, "");
	wait_s(f, 1);
	expect(f, "9 10 11 12 13 14 15 ");
}

static void
test_absurd_values(void **state)
{
	static const struct {
		long remaining;
		int resets_after_s;
	} cases[] = {{0, 3600}, {0, -1}, {0, 0}, {1000000, 3600}, {1000000, -1}, {-1, 3600}};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char key[8];

		snprintf(key, sizeof key, "h%zu/x", i);
		enter(f, key, 0, 0);
		answer(f, 0, 0, cases[i].remaining, cases[i].resets_after_s);
		enter(f, key, 1, 1);
		assert_in_range(gate_patience_ms(f->gate), 0, 120000);
		wait_s(f, 121);
		assert_true(f->places[1].inside);
		leave(f, 1, 1);
	}
}

/* 2,000 vaults are found by name as long as what they have told counts; the others are forgotten.
 */
static void
test_many_hosts(void **state)
{
	struct fixture *f = *state;
	char key[32];

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 2000; i++) {
			snprintf(key, sizeof key, "kv%d-%d.vault.azure.net", round, i);
			enter(f, key, 0, 0);
			assert_true(f->places[0].inside);
			answer(f, 0, 0, 100, -1);
		}
		wait_s(f, 1000);
	}
	assert_in_range(gate_hosts(f->gate), 2000, 4096);
	enter(f, "asked-once.vault.azure.net", 0, 0);
	wait_s(f, 1);
	leave(f, 0, 0);
	assert_in_range(gate_hosts(f->gate), 2000, 4096);
	enter(f, "kept", 1, 1);
	gate_close(&f->places[1], 1000);
	for (int i = 0; i < 5000; i++) {
		snprintf(key, sizeof key, "kv-%d.vault.azure.net", i);
		enter(f, key, 0, 0);
		leave(f, 0, 0);
	}
	assert_in_range(gate_hosts(f->gate), 1, 4096);
	enter(f, "kept", 2, 2);
	assert_false(f->places[2].inside);
}

static void
test_header_of_an_answer_that_says_nothing(void **state)
{
	struct fixture *f = *state;

	enter(f, READS, 0, 0);
	answer(f, 0, 0, -1, -1);
	enter(f, READS, 1, 8);
	assert_int_equal(count(f), 9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys),
		TEST(test_places),
		TEST(test_lanes_share_their_host),
		TEST(test_a_cancelled_one_leaves_no_hole),
		TEST(test_closed),
		TEST(test_paced),
		TEST(test_writes_are_slower),
		TEST(test_window),
		TEST(test_absurd_values),
		TEST(test_many_hosts),
		TEST(test_header_of_an_answer_that_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
