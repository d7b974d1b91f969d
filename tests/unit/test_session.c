/* The way of a request through a session: what is sent, how often, and what is never sent. */
#include "tests/fixtures/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "crypto/secret.h"

static void
test_one_request(void **state)
{
	struct world w;
	struct request request = world_arm(HTTP_GET);
	struct reply reply;
	struct err err = {0};

	(void)state;
	world_open(&w, world_say_ok);
	assert_true(session_ask(w.session, &request, &reply, &err));
	assert_int_equal(reply.status, 200);
	assert_string_equal(buf_text(&reply.body), "{\"value\":[]}");
	assert_true(reply.us > 0);
	assert_string_equal(w.bearers[0], "t1");
	assert_string_equal(session_client_id(w.session), WORLD_CLIENT);
	assert_string_equal(session_tenant(w.session), WORLD_TENANT);
	assert_string_equal(session_object_id(w.session), "");
	assert_int_equal(session_totals(w.session).requests, 2);
	reply_free(&reply);
	assert_true(session_ask(w.session, &request, NULL, NULL));
	assert_int_equal(w.tokens, 1);
	request = world_vault();
	assert_true(session_ask(w.session, &request, NULL, &err));
	assert_string_equal(w.bearers[2], "t2");
	world_close(&w);
}

static bool
slowly(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	int now = atomic_fetch_add(&w->under_way, 1) + 1;
	int most = atomic_load(&w->most_under_way);

	(void)request;
	(void)number;
	while (now > most && !atomic_compare_exchange_weak(&w->most_under_way, &most, now))
		;
	usleep(10000);
	atomic_fetch_sub(&w->under_way, 1);
	tls_reply(conn, 200, "", "{}");
	return true;
}

static void
test_one_sign_in_and_eight_at_once(void **state)
{
	struct world w;
	struct crowd crowd;
	struct request request = world_arm(HTTP_GET);

	(void)state;
	world_open(&w, slowly);
	crowd_send(&w, &crowd, &request);
	crowd_wait(&crowd);
	assert_int_equal(crowd.failed, 0);
	assert_int_equal(w.tokens, 1);
	assert_int_equal(w.calls, 40);
	assert_in_range(w.most_under_way, 2, 8);
	world_close(&w);
}

static bool
throttle_first(
	struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)request;
	if (number == 1)
		tls_reply(conn, 429, w->text, "slow down");
	else
		tls_reply(conn, 200, "", "{}");
	return true;
}

static void
test_throttled(void **state)
{
	static const char *const headers[] = {"", "Retry-After: 1\r\n", "Retry-After: 0\r\n"};
	struct request post = world_arm(HTTP_POST);
	struct err err;
	struct world w;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
		int64_t before = clock_mono_ms();

		world_open(&w, throttle_first);
		w.text = headers[i];
		world_expect(&w, &post, ERR_NONE, "", &err);
		assert_int_equal(w.calls, 2);
		assert_int_equal(session_totals(w.session).throttled, 1);
		assert_true(clock_mono_ms() - before >= 1000);
		world_close(&w);
	}
	world_open(&w, throttle_first);
	w.text = "Retry-After: 100\r\n";
	world_expect(&w, &post, ERR_UNAVAILABLE, "", &err);
	assert_int_equal(err.http, 429);
	assert_non_null(strstr(err.msg, "slow down"));
	assert_int_equal(w.calls, 1);
	world_close(&w);
}

#define SUB_A "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/x"
#define SUB_B "/subscriptions/bbbbbbbb-0000-0000-0000-000000000000/x"

static bool
throttle_one_subscription(
	struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)number;
	if (strstr(request->target, SUB_A) && strcmp(request->method, "GET") == 0 &&
		atomic_fetch_add(&w->under_way, 1) == 0)
		tls_reply(conn, 429, "Retry-After: 2\r\n", "slow down");
	else
		tls_reply(conn, 200, "", "{}");
	return true;
}

/* A 429 is about reads of one subscription: its writes, and other subscriptions, go on. */
static void
test_throttled_lane(void **state)
{
	struct request a = world_arm(HTTP_GET), b = world_arm(HTTP_GET), put = world_arm(HTTP_PUT);
	int64_t before = clock_mono_ms();
	struct crowd crowd;
	struct err err;
	struct world w;

	(void)state;
	a.url = put.url = (char *)WORLD_ARM SUB_A;
	b.url = (char *)WORLD_ARM SUB_B;
	world_open(&w, throttle_one_subscription);
	crowd = (struct crowd){.left = 2, .world = &w};
	session_send(w.session, &a, crowd_reply, &crowd);
	while (session_totals(w.session).throttled == 0)
		loop_turn(session_loop(w.session), 100);
	session_send(w.session, &a, crowd_reply, &crowd);
	world_expect(&w, &b, ERR_NONE, "", &err);
	world_expect(&w, &put, ERR_NONE, "", &err);
	assert_int_equal(crowd.left, 2);
	assert_in_range(session_patience_ms(w.session), 1, 2000);
	crowd_wait(&crowd);
	assert_int_equal(crowd.failed, 0);
	assert_int_equal(w.calls, 5);
	assert_true(clock_mono_ms() - before >= 2000);
	assert_true(session_totals(w.session).held_back_ms >= 1000);
	world_close(&w);
}

static bool
fail_first(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)request;
	if (number == 1)
		tls_reply(conn, 503, "", "<html>busy</html>");
	else
		tls_reply(conn, 200, "", "{}");
	return true;
}

static bool
hang_up(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)conn;
	(void)request;
	(void)number;
	return false;
}

static bool
hang_up_then_refuse(
	struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)request;
	if (number == 1)
		return false;
	tls_reply(conn, 403, "", "{\"error\":{\"code\":\"No\",\"message\":\"no\"}}");
	return true;
}

static bool
refuse(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	return hang_up_then_refuse(w, conn, request, number + 1);
}

/* A refusal says nothing of a try before it whose answer was lost. */
static void
test_a_lost_try_stays_in_doubt(void **state)
{
	struct request get = world_arm(HTTP_GET), put = world_arm(HTTP_PUT);
	struct err err;
	struct world w;

	(void)state;
	put.repeatable = true;
	world_open(&w, hang_up_then_refuse);
	world_expect(&w, &put, ERR_DENIED, "No", &err);
	assert_int_equal(w.calls, 2);
	assert_true(err.unsure);
	world_close(&w);

	world_open(&w, refuse);
	world_expect(&w, &put, ERR_DENIED, "No", &err);
	assert_false(err.unsure);
	world_close(&w);

	world_open(&w, hang_up_then_refuse);
	world_expect(&w, &get, ERR_DENIED, "No", &err);
	assert_false(err.unsure);
	world_close(&w);
}

static void
test_what_is_repeated(void **state)
{
	struct request get = world_arm(HTTP_GET), put = world_arm(HTTP_PUT),
		       post = world_arm(HTTP_POST);
	struct err err;
	struct world w;

	(void)state;
	put.repeatable = true;
	world_open(&w, fail_first);
	world_expect(&w, &get, ERR_NONE, "", &err);
	assert_int_equal(w.calls, 2);
	assert_int_equal(session_totals(w.session).retries, 1);
	world_close(&w);

	world_open(&w, fail_first);
	world_expect(&w, &put, ERR_NONE, "", &err);
	assert_int_equal(w.calls, 2);
	world_close(&w);

	world_open(&w, fail_first);
	world_expect(&w, &post, ERR_UNAVAILABLE, "", &err);
	assert_int_equal(w.calls, 1);
	assert_non_null(strstr(err.msg, "not known"));
	assert_null(strstr(err.msg, "html"));
	world_close(&w);

	world_open(&w, hang_up);
	world_expect(&w, &post, ERR_UNAVAILABLE, "Broken", &err);
	assert_int_equal(w.calls, 1);
	assert_non_null(strstr(err.msg, "not known"));
	world_close(&w);
}

static bool
say_text(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)request;
	(void)number;
	tls_reply(conn, 409, "x-ms-request-id: r1\r\n", w->text);
	return true;
}

static void
test_azure_errors_survive(void **state)
{
	struct request post = world_arm(HTTP_POST);
	struct err err;
	struct world w;

	(void)state;
	world_open(&w, say_text);
	w.text = "{\"error\":{\"code\":\"Conflict\",\"message\":\"Key k is deleted.\","
		 "\"innererror\":{\"code\":\"ObjectIsDeletedButRecoverable\"}}}";
	world_expect(&w, &post, ERR_REFUSED, "Conflict/ObjectIsDeletedButRecoverable", &err);
	assert_string_equal(err.msg, "Key k is deleted.");
	assert_string_equal(err.request_id, "r1");
	assert_int_equal(err.http, 409);
	world_close(&w);
}

static void
test_refused_before_sending(void **state)
{
	struct request post = world_arm(HTTP_POST), get = world_arm(HTTP_GET);
	struct err err;
	struct world w;

	(void)state;
	world_serve(&w, world_say_ok);
	w.profile.read_only = true;
	world_sign_in(&w);
	world_expect(&w, &post, ERR_DENIED, "ReadOnly", &err);
	get.url = (char *)"https://management.azure.com.evil.example/x";
	world_expect(&w, &get, ERR_DENIED, "ForeignOrigin", &err);
	get.audience = AUDIENCE_VAULT;
	get.url = (char *)"https://a.b.vault.azure.net/keys";
	world_expect(&w, &get, ERR_DENIED, "ForeignOrigin", &err);
	get.audience = AUDIENCE_NONE;
	get.url = (char *)"https://login.evil.example/token";
	world_expect(&w, &get, ERR_DENIED, "ForeignOrigin", &err);
	assert_true(tls_server_untouched(w.server));
	post.changes = false;
	world_expect(&w, &post, ERR_NONE, "", &err);
	world_close(&w);
}

/* Whatever a request says of itself: only a GET, a HEAD or a POST can be a question. */
static void
test_read_only(void **state)
{
	static const enum http_method methods[] = {HTTP_PUT, HTTP_PATCH, HTTP_DELETE};
	struct request request = world_arm(HTTP_POST);
	struct err err;
	struct world w;

	(void)state;
	world_serve(&w, world_say_ok);
	w.profile.read_only = true;
	world_sign_in(&w);
	world_expect(&w, &request, ERR_DENIED, "ReadOnly", &err);
	assert_non_null(strstr(err.msg, "read-only"));
	request.changes = false;
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		request.method = methods[i];
		world_expect(&w, &request, ERR_DENIED, "ReadOnly", &err);
	}
	assert_true(tls_server_untouched(w.server));
	request.method = HTTP_POST;
	world_expect(&w, &request, ERR_NONE, "", &err);
	world_close(&w);
}

static bool
stall(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)number;
	if (strstr(request->target, "/ok")) {
		tls_reply(conn, 200, "", "{}");
		return true;
	}
	tls_stall(conn);
	return false;
}

static void
test_cancel_makes_room(void **state)
{
	struct request stalls = world_arm(HTTP_GET), works = world_arm(HTTP_GET);
	struct call *calls[12];
	struct crowd crowd;
	struct err err;
	struct world w;

	(void)state;
	works.url = (char *)WORLD_ARM "/ok";
	world_open(&w, stall);
	world_expect(&w, &works, ERR_NONE, "", &err);
	for (size_t i = 0; i < ARRAY_LEN(calls); i++)
		calls[i] = session_send(w.session, &stalls, crowd_never, NULL);
	crowd = (struct crowd){.left = 1, .world = &w};
	session_send(w.session, &works, crowd_reply, &crowd);
	while (atomic_load(&w.calls) < 9)
		loop_turn(session_loop(w.session), 20);
	assert_int_equal(crowd.left, 1);
	for (size_t i = 3; i < ARRAY_LEN(calls); i++)
		call_cancel(calls[i]);
	crowd_wait(&crowd);
	assert_int_equal(crowd.failed, 0);
	call_cancel(calls[0]);
	session_send(w.session, &stalls, crowd_never, NULL);
	world_close(&w);
}

static void
test_deadline(void **state)
{
	struct request get = world_arm(HTTP_GET);
	struct err err;
	struct world w;

	(void)state;
	world_open(&w, stall);
	get.deadline_ms = 300;
	world_expect(&w, &get, ERR_UNAVAILABLE, "Timeout", &err);
	assert_int_equal(w.calls, 1);
	world_close(&w);
}

static bool
old_date(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)request;
	(void)number;
	tls_reply(conn, 200, "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "{}");
	return true;
}

static void
test_clock_of_a_sandbox(void **state)
{
	struct request get = world_arm(HTTP_GET);
	struct err err;
	struct world w;

	(void)state;
	world_open(&w, old_date);
	world_expect(&w, &get, ERR_NONE, "", &err);
	assert_int_equal(clock_shifted(), 0);
	assert_true(session_skew(w.session) < -900000000);
	world_close(&w);

	world_serve(&w, old_date);
	w.profile.sandbox = true;
	world_sign_in(&w);
	world_expect(&w, &get, ERR_NONE, "", &err);
	assert_in_range(clock_wall(), 784111777, 784111777 + 60);
	clock_shift(0);
	world_close(&w);
}

static void
test_api_versions(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, world_say_ok);
	assert_string_equal(
		session_api_version(w.session, "microsoft.automation/automationaccounts"),
		"2023-11-01");
	assert_string_equal(session_api_version(w.session, "keyvault"), "7.4");
	assert_string_equal(
		session_api_version(w.session, "Microsoft.KeyVault/vaults"), "2023-07-01");
	assert_string_equal(session_api_version(w.session, "resourcegroups"), "2022-09-01");
	assert_string_equal(session_api_version(w.session, "subscriptions"), "2022-12-01");
	assert_null(session_api_version(w.session, "Microsoft.Unknown/things"));
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_request),
		cmocka_unit_test(test_one_sign_in_and_eight_at_once),
		cmocka_unit_test(test_throttled),
		cmocka_unit_test(test_throttled_lane),
		cmocka_unit_test(test_a_lost_try_stays_in_doubt),
		cmocka_unit_test(test_what_is_repeated),
		cmocka_unit_test(test_azure_errors_survive),
		cmocka_unit_test(test_refused_before_sending),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_cancel_makes_room),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_clock_of_a_sandbox),
		cmocka_unit_test(test_api_versions),
	};

	secret_init();
	json_init();
	unsetenv("AZURE_TENANT_ID");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
