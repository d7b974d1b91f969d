/* The HTTP layer against servers that break the rules: caps, stalls, half replies, certificates. */
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
#include "crypto/secret.h"

/* 13 MB in chunks, which no Content-Length announces. */
static bool
endless_body(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	static const char head[] = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
	char *piece = mem_alloc(65536 + 16);
	int len;

	(void)user;
	(void)request;
	tls_write(conn, head, sizeof head - 1);
	memset(piece, 'x', 65536 + 16);
	memcpy(piece, "10000\r\n", 7);
	memcpy(piece + 7 + 65536, "\r\n", 2);
	len = 7 + 65536 + 2;
	for (int i = 0; i < 208; i++)
		tls_write(conn, piece, (size_t)len);
	tls_write(conn, "0\r\n\r\n", 5);
	free(piece);
	return true;
}

static bool
endless_headers(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	static const char head[] = "HTTP/1.1 200 OK\r\n";
	char line[1100];

	(void)user;
	(void)request;
	tls_write(conn, head, sizeof head - 1);
	memset(line, 'a', sizeof line);
	memcpy(line, "X-Long: ", 8);
	memcpy(line + 1098, "\r\n", 2);
	for (int i = 0; i < 5000; i++)
		tls_write(conn, line, sizeof line);
	return false;
}

static bool
long_header(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	size_t size = 70000;
	char *value = mem_alloc(size);

	(void)user;
	(void)request;
	memset(value, 'a', size - 1);
	memcpy(value, "X-Long: ", 8);
	memcpy(value + size - 3, "\r\n", 2);
	tls_reply(conn, 200, value, "");
	free(value);
	return false;
}

static void
test_caps(void **state)
{
	static tls_handler *const handlers[] = {endless_body, endless_headers, long_header};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(handlers); i++) {
		struct got got = got_from(handlers[i], 10000);

		assert_int_not_equal(got.err.kind, ERR_NONE);
		assert_true(got.err.kind == ERR_FAILED || i == 1);
		assert_non_null(strstr(got.err.msg, "management.azure.com"));
		assert_int_equal(got.reply.body.len, 0);
	}
}

static bool
silent(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_stall(conn);
	return false;
}

static bool
half_head(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_write(conn, "HTTP/1.1 200 OK\r\nConte", 22);
	tls_stall(conn);
	return false;
}

static bool
half_body_stalls(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"value\":[";

	(void)user;
	(void)request;
	tls_write(conn, half, sizeof half - 1);
	tls_stall(conn);
	return false;
}

static bool
half_body_ends(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	static const char half[] = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"value\":[";

	(void)user;
	(void)request;
	tls_write(conn, half, sizeof half - 1);
	return false;
}

static bool
half_chunk(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	static const char half[] =
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"value\":[";

	(void)user;
	(void)request;
	tls_write(conn, half, sizeof half - 1);
	return false;
}

static bool
hangs_up(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_reset(conn);
	return false;
}

static bool
no_http(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	(void)user;
	(void)request;
	tls_write(conn, "220 mail.example ESMTP\r\n", 24);
	return false;
}

static void
test_broken_exchanges(void **state)
{
	static const struct {
		tls_handler *handler;
		enum err_kind kind;
		const char *code;
	} cases[] = {
		{silent, ERR_UNAVAILABLE, "Timeout"},
		{half_head, ERR_UNAVAILABLE, "Timeout"},
		{half_body_stalls, ERR_UNAVAILABLE, "Timeout"},
		{half_body_ends, ERR_UNAVAILABLE, "Broken"},
		{half_chunk, ERR_UNAVAILABLE, "Broken"},
		{hangs_up, ERR_UNAVAILABLE, "Broken"},
		{no_http, ERR_FAILED, "BadReply"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct got got = got_from(cases[i].handler, 300);

		assert_string_equal(got.err.code, cases[i].code);
		assert_int_equal(got.err.kind, cases[i].kind);
		assert_non_null(strstr(got.err.msg, "management.azure.com"));
	}
}

static void
check_tls(const struct tls_options *options, const char *url)
{
	struct tls_server *server = tls_server_start(options);
	struct http *http = got_client(&(struct http_options){
		.ca_file = tls_ca_file(), .connect_to = tls_server_at(server)});
	struct request request = {.url = (char *)url};
	struct got got = got_ask(http, &request, "token", 5000);

	assert_int_equal(got.err.kind, ERR_FAILED);
	assert_string_equal(got.err.code, "Tls");
	assert_int_equal(tls_server_requests(server), 0);
	http_free(http);
	tls_server_stop(server);
}

static void
test_certificates(void **state)
{
	static const char url[] = "https://management.azure.com/";
	static const char *const other[] = {"management.azure.com.evil.example"};
	time_t now = time(NULL);

	(void)state;
	check_tls(
		&(struct tls_options){
			.handler = got_answer, .not_before = now - 7200, .not_after = now - 3600},
		url);
	check_tls(
		&(struct tls_options){
			.handler = got_answer, .not_before = now + 3600, .not_after = now + 7200},
		url);
	check_tls(&(struct tls_options){.handler = got_answer, .foreign_ca = true}, url);
	check_tls(
		&(struct tls_options){.handler = got_answer, .names = other, .names_len = 1}, url);
	check_tls(&(struct tls_options){.handler = got_answer}, "https://a.b.vault.azure.net/");
	check_tls(&(struct tls_options){.handler = got_answer, .old = true}, url);
	check_tls(&(struct tls_options){.handler = got_answer, .plain = true}, url);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_broken_exchanges),
		cmocka_unit_test(test_certificates),
	};

	secret_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
