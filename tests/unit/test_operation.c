/* Long-running operations through a session: moving locations, status words, foreign links. */
#include "tests/unit/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/json.h"
#include "crypto/secret.h"

static bool
see(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_reply(conn, 200, "", "{}");
	return true;
}

/* Batch's form: 202, then 202 with another Location each time, then the resource. */
static bool
moving_location(
	struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	if (number == 1)
		tls_reply(conn, 202, "Location: " WORLD_ARM "/poll/1\r\nRetry-After: 0\r\n", "");
	else if (number == 2 && strcmp(request->target, "/poll/1") == 0)
		tls_reply(conn, 202, "Location: /poll/2?x=1\r\nRetry-After: 1\r\n", "null");
	else if (number == 3 && strcmp(request->target, "/poll/2?x=1") == 0)
		tls_reply(conn, 200, "", "{\"name\":\"done\"}");
	else
		tls_reply(conn, 400, "", "");
	return true;
}

static bool
by_status(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	if (strcmp(request->method, "PUT") == 0)
		tls_reply(conn, 201,
			"Azure-AsyncOperation: " WORLD_ARM "/op\r\nLocation: " WORLD_ARM
			"/ignored\r\n"
			"Retry-After: 0\r\n",
			"{}");
	else if (strcmp(request->target, "/op") == 0 && number == 2)
		tls_reply(conn, 200, "Retry-After: 0\r\n", "{\"status\":\"Running\"}");
	else if (strcmp(request->target, "/op") == 0)
		tls_reply(conn, 200, "", w->text);
	else
		tls_reply(conn, 200, "", "{\"name\":\"read back\"}");
	return true;
}

static void
test_long_running_operations(void **state)
{
	struct request put = world_arm(HTTP_PUT);
	struct reply reply;
	struct err err = {0};
	struct world w;

	(void)state;
	world_open(&w, moving_location);
	assert_true(session_ask(w.session, &put, &reply, &err));
	assert_string_equal(buf_text(&reply.body), "{\"name\":\"done\"}");
	reply_free(&reply);
	world_close(&w);

	world_open(&w, by_status);
	w.text = "{\"status\":\"Succeeded\"}";
	assert_true(session_ask(w.session, &put, &reply, &err));
	assert_string_equal(buf_text(&reply.body), "{\"name\":\"read back\"}");
	assert_int_equal(w.calls, 4);
	reply_free(&reply);
	world_close(&w);

	world_open(&w, by_status);
	w.text =
		"{\"status\":\"Failed\",\"error\":{\"code\":\"KeyVaultError\",\"message\":\"no\"}}";
	world_expect(&w, &put, ERR_FAILED, "KeyVaultError", &err);
	assert_string_equal(err.msg, "no");
	world_close(&w);
}

static bool
foreign_location(
	struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	char header[200];

	(void)request;
	(void)number;
	snprintf(header, sizeof header, "Retry-After: 0\r\n%s\r\n", w->text);
	tls_reply(conn, 202, header, "");
	return true;
}

/* A cloud of its own on loopback: the other server listens, has a good certificate, and must still
 * not see one byte. */
static void
test_foreign_location_gets_nothing(void **state)
{
	static const struct {
		const char *before, *after;
	} forms[] = {
		{"Location: https://localhost:", "/steal"},
		{"Azure-AsyncOperation: https://localhost:", "/steal"},
		{"Location: //localhost:", "/steal"},
		{"Location: https://localhost:", "@localhost/steal"},
	};
	struct tls_server *other = tls_server_start(&(struct tls_options){.handler = see});
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		struct request put = world_arm(HTTP_PUT);
		struct cloud *cloud;
		struct world w;
		char link[120], url[160];
		int port;

		world_serve(&w, foreign_location);
		port = tls_server_port(w.server);
		w.profile.connect_to[0] = '\0';
		cloud = &w.profile.cloud;
		snprintf(cloud->arm, sizeof cloud->arm, "https://localhost:%d", port);
		snprintf(cloud->authority, sizeof cloud->authority, "https://localhost:%d", port);
		world_sign_in(&w);
		snprintf(link, sizeof link, "%s%d%s", forms[i].before, tls_server_port(other),
			forms[i].after);
		w.text = link;
		snprintf(url, sizeof url, "https://localhost:%d/x", port);
		put.url = url;
		world_expect(&w, &put, ERR_DENIED, "ForeignOrigin", &err);
		assert_non_null(strstr(err.msg, "was accepted"));
		assert_int_equal(w.calls, 1);
		world_close(&w);
	}
	assert_true(tls_server_untouched(other));
	tls_server_stop(other);
}

/* As long as Azure's longest, and new at every poll. */
static bool
long_location(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	char header[4000], path[3303];

	(void)w;
	if (number == 4) {
		tls_reply(conn, 200, "", "{\"name\":\"done\"}");
		return true;
	}
	if (number > 1 &&
		(strlen(request->target) + strlen(WORLD_ARM) != 3302 ||
			request->target[strlen("/poll?c=")] != (char)('a' + number - 1))) {
		tls_reply(conn, 400, "", "");
		return true;
	}
	memset(path, 'a' + number, sizeof path);
	memcpy(path, "/poll?c=", strlen("/poll?c="));
	path[3302 - strlen(WORLD_ARM)] = '\0';
	snprintf(header, sizeof header, "Retry-After: 0\r\nLocation: %s%s\r\n", WORLD_ARM, path);
	tls_reply(conn, 202, header, "");
	return true;
}

static bool
gone_at_last(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)request;
	if (number == 1)
		tls_reply(conn, 202, "Location: /poll\r\nRetry-After: 0\r\n", "");
	else
		tls_reply(conn, 404, "",
			"{\"error\":{\"code\":\"ResourceNotFound\",\"message\":\"gone\"}}");
	return true;
}

static void
test_odd_ends(void **state)
{
	struct request put = world_arm(HTTP_PUT), delete = world_arm(HTTP_DELETE);
	struct err err;
	struct world w;

	(void)state;
	world_open(&w, long_location);
	world_expect(&w, &put, ERR_NONE, "", &err);
	assert_int_equal(w.calls, 4);
	world_close(&w);

	world_open(&w, gone_at_last);
	world_expect(&w, &delete, ERR_NONE, "", &err);
	world_close(&w);
	world_open(&w, gone_at_last);
	world_expect(&w, &put, ERR_NOT_FOUND, "ResourceNotFound", &err);
	assert_true(err.unsure);
	world_close(&w);

	world_open(&w, foreign_location);
	w.text = "Location: https://kv1.vault.azure.net/steal";
	world_expect(&w, &put, ERR_DENIED, "ForeignOrigin", &err);
	assert_true(err.unsure);
	assert_int_equal(w.calls, 1);
	world_close(&w);
}

struct watch {
	struct call *call;
	char said[400];
	int times, cancel_at;
};

static void
watched(void *user, const char *operation, const char *progress)
{
	struct watch *watch = user;

	snprintf(watch->said, sizeof watch->said, "%s: %s", operation, progress);
	if (++watch->times == watch->cancel_at)
		call_cancel(watch->call);
}

static void
never(void *user, const struct reply *reply, const struct err *err)
{
	crowd_never(user, reply, err);
}

static bool
slow_one(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)request;
	tls_reply(conn, number == 1 ? 201 : 200,
		"Retry-After: 0\r\nAzure-AsyncOperation: " WORLD_ARM "/op/1?sig=SECRET\r\n",
		number == 1 ? "{}" : "{\"status\":\"Updating\",\"percentComplete\":40.5}");
	return true;
}

/* Who watches sees Azure's words and no signature, and may have enough of it. */
static void
test_watched(void **state)
{
	struct request put = world_arm(HTTP_PUT);
	struct watch watch = {.cancel_at = 2};
	struct world w;

	(void)state;
	world_open(&w, slow_one);
	watch.call = session_send(w.session, &put, never, &watch);
	call_watch(watch.call, watched);
	while (watch.times < 1)
		loop_turn(session_loop(w.session), 100);
	assert_string_equal(watch.said, "management.azure.com/op/1: accepted");
	while (watch.times < 2)
		loop_turn(session_loop(w.session), 100);
	assert_string_equal(watch.said, "management.azure.com/op/1: Updating, 40 %");
	for (int i = 0; i < 20; i++)
		loop_turn(session_loop(w.session), 5);
	assert_int_equal(w.calls, 2);
	world_close(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_running_operations),
		cmocka_unit_test(test_foreign_location_gets_nothing),
		cmocka_unit_test(test_odd_ends),
		cmocka_unit_test(test_watched),
	};

	secret_init();
	json_init();
	unsetenv("AZURE_TENANT_ID");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
