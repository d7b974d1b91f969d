/* The HTTP layer: what goes out, what comes in, and what is never sent. */
#include "tests/fixtures/got.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/mem.h"
#include "backend/net/header.h"
#include "crypto/secret.h"

static void
test_reply(void **state)
{
	struct got got = got_from(got_answer, 5000);

	(void)state;
	assert_int_equal(got.err.kind, ERR_NONE);
	assert_int_equal(got.reply.status, 200);
	assert_string_equal(buf_text(&got.reply.body), "{\"a\":1}");
	assert_string_equal(got.reply.request_id, "1234");
	assert_string_equal(got.reply.location, "https://one/");
	assert_string_equal(got.reply.operation, "/op");
	assert_string_equal(got.reply.challenge, "Bearer authorization=\"a\"");
	assert_int_equal(got.reply.retry_after_s, 3600);
	assert_int_equal(got.reply.remaining, 77);
	assert_int_equal(got.reply.date, 784111777);
	assert_true(got.reply.us > 0);
	reply_free(&got.reply);
}

static void
test_what_is_left(void **state)
{
#define LEFT "x-ms-ratelimit-remaining-"
	static const struct {
		const char *lines[3];
		long remaining;
		int resets_after_s;
	} cases[] = {
		{{LEFT "subscription-reads: 249\r\n"}, 249, -1},
		{{"X-Ms-RateLimit-Remaining-Tenant-Writes: 12"}, 12, -1},
		{{LEFT "subscription-writes: 199", LEFT "subscription-global-writes: 2999"}, 199,
			-1},
		{{LEFT "resource: Microsoft.Compute/HighCostGet3Min;133,Microsoft.Compute/X;7"}, 7,
			-1},
		{{LEFT "resource: nothing"}, -1, -1},
		{{"x-ms-user-quota-remaining: 12", "x-ms-user-quota-resets-after: 00:00:05"}, 12,
			5},
		{{"x-ms-user-quota-resets-after: 00:01:05"}, -1, 65},
		{{"x-ms-user-quota-resets-after: 99:99:99"}, -1, 3600},
		{{"x-ms-user-quota-resets-after: soon"}, -1, -1},
		{{LEFT "subscription-reads: 99999999999999999999"}, 1000000, -1},
		{{LEFT "subscription-reads: -5"}, -1, -1},
		{{LEFT "subscription-reads: many"}, -1, -1},
		{{LEFT "subscription-reads: 5", "HTTP/1.1 200 OK"}, -1, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reply reply = {0};

		header_reset(&reply);
		for (size_t l = 0; l < 3 && cases[i].lines[l]; l++)
			header_take(&reply, cases[i].lines[l]);
		assert_int_equal(reply.remaining, cases[i].remaining);
		assert_int_equal(reply.resets_after_s, cases[i].resets_after_s);
		reply_free(&reply);
	}
}

static bool
interim(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	static const char hints[] = "HTTP/1.1 103 Early Hints\r\nLocation: https://early/\r\n\r\n";

	(void)user;
	(void)request;
	tls_write(conn, hints, sizeof hints - 1);
	tls_reply(conn, 204, "", "");
	return true;
}

static void
test_interim_reply(void **state)
{
	struct got got = got_from(interim, 5000);

	(void)state;
	assert_int_equal(got.reply.status, 204);
	assert_null(got.reply.location);
	assert_int_equal(got.reply.retry_after_s, -1);
	assert_int_equal(got.reply.remaining, -1);
	reply_free(&got.reply);
}

struct echo {
	char method[16], body[256], head[4096];
	int connections;
};

static bool
note(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	struct echo *echo = user;

	snprintf(echo->method, sizeof echo->method, "%s", request->method);
	snprintf(echo->body, sizeof echo->body, "%s", request->body);
	snprintf(echo->head, sizeof echo->head, "%s", request->head);
	echo->connections = request->connection;
	tls_reply(conn, 200, "", strcmp(request->method, "HEAD") == 0 ? "" : "ok");
	return true;
}

static void
test_methods_and_headers(void **state)
{
	static const struct {
		enum http_method method;
		const char *body, *name;
	} cases[] = {
		{HTTP_GET, NULL, "GET"},
		{HTTP_PUT, "{\"a\":1}", "PUT"},
		{HTTP_HEAD, NULL, "HEAD"},
		{HTTP_PATCH, "{}", "PATCH"},
		{HTTP_GET, NULL, "GET"},
		{HTTP_POST, NULL, "POST"},
		{HTTP_DELETE, NULL, "DELETE"},
		{HTTP_POST, "x", "POST"},
	};
	struct echo echo = {0};
	struct tls_server *server =
		tls_server_start(&(struct tls_options){.handler = note, .user = &echo});
	struct http *http = got_client(&(struct http_options){
		.ca_file = tls_ca_file(), .connect_to = tls_server_at(server)});

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct request request = {.method = cases[i].method,
			.url = (char *)"https://kv1.vault.azure.net/keys",
			.body = (char *)cases[i].body};
		struct got got = got_ask(http, &request, i % 2 ? NULL : "t0ken", 5000);

		assert_int_equal(got.err.kind, ERR_NONE);
		assert_int_equal(got.reply.status, 200);
		assert_string_equal(echo.method, cases[i].name);
		assert_string_equal(echo.body, cases[i].body ? cases[i].body : "");
		assert_non_null(strstr(echo.head, "\r\nHost: kv1.vault.azure.net\r\n"));
		assert_non_null(strstr(echo.head, "\r\nUser-Agent: claviger/"));
		assert_non_null(strstr(echo.head, "\r\nAccept: application/json\r\n"));
		assert_non_null(strstr(echo.head, "\r\nx-ms-client-request-id: "));
		assert_null(strstr(echo.head, "Accept-Encoding"));
		assert_null(strstr(echo.head, "Expect"));
		assert_int_equal(
			strstr(echo.head, "Authorization: Bearer t0ken\r\n") != NULL, i % 2 == 0);
		assert_int_equal(strstr(echo.head, "Content-Type: application/json") != NULL,
			cases[i].body != NULL);
		reply_free(&got.reply);
	}
	assert_int_equal(echo.connections, 1);
	http_free(http);
	tls_server_stop(server);
}

static void
test_refusals_send_nothing(void **state)
{
	static const struct {
		const char *url, *body, *bearer, *code;
	} cases[] = {
		{"https://management.azure.com/" REQUEST_UNKNOWN_OPEN "id", NULL, NULL,
			"UnknownValue"},
		{"https://management.azure.com/%E2%80%B9id", NULL, NULL, "UnknownValue"},
		{"https://management.azure.com/", "{\"p\":\"" REQUEST_UNKNOWN_OPEN "\"}", NULL,
			"UnknownValue"},
		{"https://management.azure.com/", "{\"p\":\"\\u2039\"}", NULL, "UnknownValue"},
		{"http://management.azure.com/", NULL, NULL, "BadUrl"},
		{"ftp://management.azure.com/", NULL, NULL, "BadUrl"},
		{"https://user@management.azure.com/", NULL, NULL, "BadUrl"},
		{"https://management.azure.com/a b", NULL, NULL, "BadUrl"},
		{"https://management.azure.com/\r\nHost: x", NULL, NULL, "BadUrl"},
		{"", NULL, NULL, "BadUrl"},
		{"https://management.azure.com/", NULL, "a\r\nX: y", "BadToken"},
		{"https://management.azure.com/", NULL, "", "BadToken"},
	};
	struct tls_server *server = tls_server_start(&(struct tls_options){.handler = got_answer});
	struct http *http = got_client(&(struct http_options){
		.ca_file = tls_ca_file(), .connect_to = tls_server_at(server)});

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct request request = {.method = cases[i].body ? HTTP_PUT : HTTP_GET,
			.url = (char *)cases[i].url,
			.body = (char *)cases[i].body};
		struct got got = got_ask(http, &request, cases[i].bearer, 1000);

		assert_int_equal(got.err.kind, ERR_FAILED);
		assert_string_equal(got.err.code, cases[i].code);
	}
	http_free(http);
	assert_true(tls_server_untouched(server));
	tls_server_stop(server);
}

/* A Location with a certificate in its query: some 3,300 characters. */
static bool
long_location(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	char line[3400] = "Location: https://management.azure.com/?c=";

	(void)user;
	(void)request;
	memset(line + strlen(line), 'x', sizeof line - strlen(line) - 3);
	line[3397] = '\r';
	line[3398] = '\n';
	tls_reply(conn, 202, line, "");
	return true;
}

static void
test_long_location(void **state)
{
	struct got got = got_from(long_location, 5000);

	(void)state;
	assert_int_equal(got.reply.status, 202);
	assert_int_equal(strlen(got.reply.location), 3397 - strlen("Location: "));
	reply_free(&got.reply);
}

static bool
redirect(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_reply(conn, 302, "Location: https://login.microsoftonline.com/\r\n", "");
	return true;
}

static void
test_redirect_is_not_followed(void **state)
{
	struct tls_server *server = tls_server_start(&(struct tls_options){.handler = redirect});
	struct http *http = got_client(&(struct http_options){
		.ca_file = tls_ca_file(), .connect_to = tls_server_at(server)});
	struct request request = {.url = (char *)"https://management.azure.com/"};
	struct got got = got_ask(http, &request, "token", 5000);

	(void)state;
	assert_int_equal(got.reply.status, 302);
	assert_int_equal(tls_server_requests(server), 1);
	reply_free(&got.reply);
	http_free(http);
	tls_server_stop(server);
}

static void
test_unreachable(void **state)
{
	struct tls_server *server = tls_server_start(&(struct tls_options){.handler = got_answer});
	char at[32];
	struct http *http;
	struct request request = {.url = (char *)"https://management.azure.com/"};
	struct got got;

	(void)state;
	snprintf(at, sizeof at, "%s", tls_server_at(server));
	tls_server_stop(server);
	http = got_client(&(struct http_options){.ca_file = tls_ca_file(), .connect_to = at});
	got = got_ask(http, &request, "token", 5000);
	assert_int_equal(got.err.kind, ERR_UNAVAILABLE);
	assert_string_equal(got.err.code, "Connect");
	http_free(http);
	http = got_client(&(struct http_options){
		.ca_file = tls_ca_file(), .connect_to = "/nonexistent/claviger/s"});
	got = got_ask(http, &request, "token", 5000);
	assert_string_equal(got.err.code, "Connect");
	http_free(http);
}

static void
test_options(void **state)
{
	char long_path[200];
	struct err err;

	(void)state;
	memset(long_path, 'a', sizeof long_path);
	long_path[0] = '/';
	long_path[sizeof long_path - 1] = '\0';
	assert_null(http_new(&(struct http_options){.connect_to = long_path}, &err));
	assert_null(http_new(&(struct http_options){.connect_to = "nowhere"}, &err));
	assert_non_null(strstr(err.msg, "HOST:PORT"));
	assert_null(http_new(&(struct http_options){.ca_file = "/nonexistent/ca.pem"}, &err));
	assert_non_null(strstr(err.msg, "/nonexistent/ca.pem"));
}

/* Answers the first request of a connection and drops it at the second, as a server does whose
 * keep-alive just ran out. */
static bool
drops_second(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	int *seen = user;

	if (seen[request->connection]++ == 0) {
		tls_reply(conn, 200, "", "{}");
		return true;
	}
	return false;
}

static void
test_change_is_sent_once(void **state)
{
	int seen[16] = {0};
	struct tls_server *server =
		tls_server_start(&(struct tls_options){.handler = drops_second, .user = seen});
	struct http *http = got_client(&(struct http_options){
		.ca_file = tls_ca_file(), .connect_to = tls_server_at(server)});
	struct request get = {.url = (char *)"https://management.azure.com/"};
	struct request post = {.method = HTTP_POST,
		.url = (char *)"https://management.azure.com/",
		.changes = true};
	struct got got = got_ask(http, &get, "token", 5000);

	(void)state;
	assert_int_equal(got.reply.status, 200);
	reply_free(&got.reply);
	got = got_ask(http, &post, "token", 5000);
	assert_int_equal(got.reply.status, 200);
	reply_free(&got.reply);
	assert_int_equal(tls_server_requests(server), 2);
	assert_int_equal(seen[1], 1);
	assert_int_equal(seen[2], 1);
	post.method = HTTP_PUT;
	post.repeatable = true;
	got = got_ask(http, &post, "token", 5000);
	assert_int_equal(got.reply.status, 200);
	reply_free(&got.reply);
	assert_int_equal(tls_server_requests(server), 3);
	assert_int_equal(seen[3], 1);
	http_free(http);
	tls_server_stop(server);
}

static bool
silent(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_stall(conn);
	return false;
}

static void
never(void *user, struct reply *reply, const struct err *err)
{
	(void)user;
	(void)reply;
	(void)err;
	fail_msg("a cancelled exchange was reported");
}

static void
test_cancel(void **state)
{
	struct tls_server *server = tls_server_start(&(struct tls_options){.handler = silent});
	struct http *http = got_client(&(struct http_options){
		.ca_file = tls_ca_file(), .connect_to = tls_server_at(server)});
	struct request request = {.url = (char *)"https://management.azure.com/"};
	struct request refused = {.url = (char *)"http://management.azure.com/"};
	struct exchange *first = http_start(http, &request, "token", 5000, never, NULL);
	struct exchange *second = http_start(http, &refused, NULL, 5000, never, NULL);

	(void)state;
	http_cancel(second);
	while (tls_server_requests(server) == 0) {
		http_perform(http);
		http_wait(http, NULL, 0, 10);
	}
	http_cancel(first);
	http_perform(http);
	http_start(http, &request, "token", 5000, never, NULL);
	http_free(http);
	tls_server_stop(server);
}

static void
test_form(void **state)
{
	struct buf form;

	(void)state;
	buf_init(&form, 100);
	assert_true(http_form_add(&form, "scope", "https://vault.azure.net/.default"));
	assert_true(http_form_add(&form, "x", "a b&c=\xc3\xa4~"));
	assert_string_equal(buf_text(&form),
		"scope=https%3A%2F%2Fvault.azure.net%2F.default&x=a%20b%26c%3D%C3%A4~");
	assert_false(http_form_add(&form, "y", "12345678901234567890123456789012345"));
	buf_free(&form);
}

static void
test_key_log_is_ignored(void **state)
{
	(void)state;
	assert_null(getenv("SSLKEYLOGFILE"));
	assert_int_not_equal(access("/tmp/claviger-test-keylog", F_OK), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reply),
		cmocka_unit_test(test_what_is_left),
		cmocka_unit_test(test_interim_reply),
		cmocka_unit_test(test_methods_and_headers),
		cmocka_unit_test(test_refusals_send_nothing),
		cmocka_unit_test(test_long_location),
		cmocka_unit_test(test_redirect_is_not_followed),
		cmocka_unit_test(test_unreachable),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_change_is_sent_once),
		cmocka_unit_test(test_cancel),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_key_log_is_ignored),
	};

	secret_init();
	setenv("SSLKEYLOGFILE", "/tmp/claviger-test-keylog", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
