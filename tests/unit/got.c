/* A client led to a test server by connect_to, turned until its one exchange ended. */
#include "tests/unit/got.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void
keep(void *user, struct reply *reply, const struct err *err)
{
	struct got *got = user;

	assert_false(got->done);
	got->done = true;
	if (err)
		got->err = *err;
	if (reply) {
		got->reply = *reply;
		*reply = (struct reply){0};
	}
}

struct http *
got_client(const struct http_options *options)
{
	struct err err;
	struct http *http = http_new(options, &err);

	assert_non_null(http);
	return http;
}

static void
wait_for(struct http *http, const bool *done)
{
	while (!*done)
		if (http_perform(http) == 0)
			http_wait(http, NULL, 0, 1000);
}

struct got
got_ask(struct http *http, const struct request *request, const char *bearer, int timeout_ms)
{
	struct got got = {0};

	http_start(http, request, bearer, timeout_ms, keep, &got);
	wait_for(http, &got.done);
	return got;
}

struct got
got_from(tls_handler *handler, int timeout_ms)
{
	struct tls_server *server = tls_server_start(&(struct tls_options){.handler = handler});
	struct http *http = got_client(&(struct http_options){
		.ca_file = tls_ca_file(), .connect_to = tls_server_at(server)});
	struct request request = {.url = (char *)"https://management.azure.com/x?api-version=1"};
	struct got got = got_ask(http, &request, "token", timeout_ms);

	http_free(http);
	tls_server_stop(server);
	return got;
}

bool
got_answer(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_reply(conn, 200,
		"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nx-ms-request-id: 1234\r\n"
		"Location: https://one/\r\nLocation: https://two/\r\nAzure-AsyncOperation: /op\r\n"
		"Retry-After: 999999999999\r\nx-ms-ratelimit-remaining-subscription-reads: 77\r\n"
		"WWW-Authenticate: PoP x\r\nWWW-Authenticate: Bearer authorization=\"a\"\r\n",
		"{\"a\":1}");
	return true;
}
