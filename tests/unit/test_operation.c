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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_running_operations),
		cmocka_unit_test(test_foreign_location_gets_nothing),
	};

	secret_init();
	json_init();
	unsetenv("AZURE_TENANT_ID");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
