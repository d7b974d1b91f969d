/* Bytes that are no request, at the real server: it answers 4xx or closes, obeys nothing, and
 * serves afterwards. What libmicrohttpd lets through is the fuzzer's (tests/fuzz). */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "backend/base/mem.h"
#include "tests/fixtures/sandbox_client.h"

enum { SECONDS = 30, REPLIES = 1 << 16, MEBIBYTE = 1 << 20 };

#define HOST "Host: management.azure.com\r\n"
#define LIST "/subscriptions?api-version=2022-12-01"
#define CREATE \
	"POST /keys/cmk-new/create?api-version=7.4 HTTP/1.1\r\nHost: kv-payroll.vault.azure.net\r\n"
#define CHUNKED CREATE "Transfer-Encoding: chunked\r\n\r\n"
#define TEXT(literal) literal, sizeof(literal) - 1

static SSL_CTX *tls;

static int
connect_socket(void)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = SECONDS};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof to.sun_path, "%s", sandbox_access(demo.sandbox)->socket);
	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

static SSL *
open_tls(void)
{
	SSL *ssl = SSL_new(tls);

	SSL_set_fd(ssl, connect_socket());
	SSL_set_tlsext_host_name(ssl, "management.azure.com");
	assert_int_equal(SSL_connect(ssl), 1);
	return ssl;
}

static void
close_tls(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_free(ssl);
	close(fd);
}

/* All that comes until the server closes; false when it keeps silent for too long. */
static bool
read_all(SSL *ssl, char *out, size_t room)
{
	size_t used = 0;
	int n;

	while (used < room - 1 && (n = SSL_read(ssl, out + used, (int)(room - 1 - used))) > 0)
		used += (size_t)n;
	out[used] = '\0';
	return errno != EAGAIN;
}

/* Statuses of the replies, in their order, from the one given on: 0 when there are no more. */
static int
status_at(const char *replies, size_t index)
{
	for (const char *at = strstr(replies, "HTTP/1."); at; at = strstr(at + 1, "HTTP/1."))
		if (index-- == 0)
			return (int)strtol(at + strlen("HTTP/1.1 "), NULL, 10);
	return 0;
}

/* Sends the bytes, tells that no more will come, and takes what comes back. A server that has
 * closed already takes not all of them. */
static void
throw_bytes(const char *bytes, size_t len, char *replies)
{
	SSL *ssl = open_tls();

	for (size_t at = 0; at < len;) {
		size_t piece = len - at < 16384 ? len - at : 16384;

		if (SSL_write(ssl, bytes + at, (int)piece) <= 0)
			break;
		at += piece;
	}
	SSL_shutdown(ssl);
	shutdown(SSL_get_fd(ssl), SHUT_WR);
	errno = 0;
	assert_true(read_all(ssl, replies, REPLIES));
	close_tls(ssl);
}

static void
serves_still(void)
{
	assert_int_equal(demo_arm("GET", ARM LIST, NULL), 200);
}

/* Nothing but refusals; at least one where that is said. 505 is what RFC 9110 has for versions of
 * HTTP that there are not. */
static void
refuses(const char *bytes, size_t len, bool in_words)
{
	static char replies[REPLIES];
	int status;

	throw_bytes(bytes, len, replies);
	if (in_words && !status_at(replies, 0))
		fail_msg("no answer to: %.60s", bytes);
	for (size_t i = 0; (status = status_at(replies, i)) != 0; i++)
		if (status < 400 || (status >= 500 && status != 505))
			fail_msg("%d for: %.60s", status, bytes);
}

static void
broken_heads(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		bool in_words;
	} cases[] = {
		{TEXT("GARBAGE\r\n\r\n"), false},
		{TEXT("\r\n\r\n\r\n\r\n"), false},
		{TEXT("\0\0\0\0\0\0\0\0\r\n\r\n"), false},
		{TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), false},
		{TEXT("GET\r\n\r\n"), false},
		{TEXT("GET  HTTP/1.1\r\n" HOST "\r\n"), false},
		{TEXT("GET " LIST "\r\n\r\n"), false},
		{TEXT("GET " LIST " HTTP/9.9\r\n" HOST "\r\n"), false},
		{TEXT("GET " LIST " HTTP/1.1 HTTP/1.1\r\n" HOST "\r\n"), false},
		{TEXT("GET " LIST " HTTP/1.1\r\n\r\n"), true},
		{TEXT("GET " LIST " HTTP/1.1\r\nHost:\r\n\r\n"), true},
		{TEXT("GET " LIST " HTTP/1.1\r\nHost: example.com\r\n\r\n"), true},
		{TEXT("GET " LIST " HTTP/1.1\r\nHost management.azure.com\r\n\r\n"), false},
		{TEXT("GET " LIST " HTTP/1.1\r\n: x\r\n" HOST "\r\n"), false},
		{TEXT("GET " LIST " HTTP/1.1\r\n folded: x\r\n" HOST "\r\n"), false},
		{TEXT("GET " LIST " HTTP/1.1\r\n" HOST "X: a\0b\r\n\r\n"), false},
		{TEXT("GET /sub\0scriptions HTTP/1.1\r\n" HOST "\r\n"), false},
		{TEXT("GET " LIST " HTTP/1.1\r\nHost: management.azure.com"), false},
		{TEXT("BREW " LIST " HTTP/1.1\r\n" HOST "\r\n"), true},
		{TEXT("get " LIST " HTTP/1.1\r\n" HOST "\r\n"), true},
		{TEXT("GET subscriptions HTTP/1.1\r\n" HOST "\r\n"), true},
		{TEXT("GET /%zz HTTP/1.1\r\n" HOST "\r\n"), true},
		{TEXT("GET /%00 HTTP/1.1\r\n" HOST "\r\n"), true},
		{TEXT("GET /subscriptions?%f HTTP/1.1\r\n" HOST "\r\n"), true},
		{TEXT("GET /\xff\xfe\xed\xa0\x80 HTTP/1.1\r\n" HOST "\r\n"), true},
		{TEXT("GET " LIST " HTTP/1.1\r\n" HOST "Authorization: Bearer \xff\xff\r\n\r\n"),
			true},
		{TEXT("GET " LIST " HTTP/1.1\r\n" HOST "x-ms-correlation-request-id: \x01\r\n\r\n"),
			false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		refuses(cases[i].bytes, cases[i].len, cases[i].in_words);
	serves_still();
}

static void
broken_bodies(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{TEXT(CHUNKED "5\r\n{\"k")},
		{TEXT(CHUNKED "5\r\n{\"kty\":\"RSA\"}\r\n0\r\n\r\n")},
		{TEXT(CHUNKED "zz\r\n{}\r\n0\r\n\r\n")},
		{TEXT(CHUNKED "-1\r\n{}\r\n0\r\n\r\n")},
		{TEXT(CHUNKED "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n")},
		{TEXT(CHUNKED "2;name=\"\xff\"\r\n{}\r\n0\r\n\r\n")},
		{TEXT(CREATE "Transfer-Encoding: gzip\r\n\r\n{}")},
		{TEXT(CREATE "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}")},
		{TEXT(CREATE "Content-Length: 100\r\n\r\n{}")},
		{TEXT(CREATE "Content-Length: -2\r\n\r\n{}")},
		{TEXT(CREATE "Content-Length: two\r\n\r\n{}")},
		{TEXT(CREATE "Content-Length: 99999999999999999999999\r\n\r\n{}")},
		{TEXT(CREATE "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")},
		{TEXT(CREATE "Content-Length: 1\r\n\r\n{\"kty\":\"RSA\"}")},
		{TEXT(CREATE "Content-Length: 4\r\n\r\n\xff\xfe\0\0")},
		{TEXT(CREATE "\r\n")},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		refuses(cases[i].bytes, cases[i].len, false);
	serves_still();
}

/* A head, then so many times the filling, then the end. */
static char *
long_text(const char *head, const char *filling, size_t times, const char *end, size_t *len)
{
	size_t step = strlen(filling);
	char *text = mem_alloc(strlen(head) + step * times + strlen(end) + 1), *at = text;

	at = stpcpy(at, head);
	for (size_t i = 0; i < times; i++)
		at = stpcpy(at, filling);
	at = stpcpy(at, end);
	*len = (size_t)(at - text);
	return text;
}

static void
too_much(void **state)
{
	static const struct {
		const char *head, *filling;
		size_t times;
		const char *end;
	} cases[] = {
		{"GET /", "a", 100000, " HTTP/1.1\r\n" HOST "\r\n"},
		{"GET /", "a/", 2000, " HTTP/1.1\r\n" HOST "\r\n"},
		{"GET /subscriptions?", "a=b&", 1000, " HTTP/1.1\r\n" HOST "\r\n"},
		{"GET " LIST " HTTP/1.1\r\n" HOST "X: ", "a", 100000, "\r\n\r\n"},
		{"GET " LIST " HTTP/1.1\r\n" HOST, "X: a\r\n", 20000, "\r\n"},
		{"GET " LIST " HTTP/1.1\r\n" HOST, "X: a\r\n", 100, "\r\n"},
		{"GET " LIST " HTTP/1.1\r\n" HOST "Authorization: Bearer ", "A", 20000, "\r\n\r\n"},
		{"", "A", 200000, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len;
		char *text = long_text(
			cases[i].head, cases[i].filling, cases[i].times, cases[i].end, &len);

		refuses(text, len, false);
		free(text);
	}
	serves_still();
}

/* With a token, so that only the body can be refused: 1 MiB is read, a byte more is not. */
static void
bodies_of_a_mebibyte(void **state)
{
	char *body = mem_alloc(MEBIBYTE + 2);

	(void)state;
	memset(body, ' ', MEBIBYTE + 1);
	assert_int_equal(demo_kv("POST", KEYS "/cmk-new/create" V, body), 413);
	body[MEBIBYTE] = '\0';
	assert_int_equal(demo_kv("POST", KEYS "/cmk-new/create" V, body), 400);
	assert_string_equal(client_text(&demo, "error.code"), "BadParameter");
	memset(body, '[', MEBIBYTE);
	assert_int_equal(demo_kv("POST", KEYS "/cmk-new/create" V, body), 400);
	assert_int_equal(demo_kv("POST", KEYS "/cmk-new/create" V, "{\"kty\":\"\xff\xfe\"}"), 400);
	assert_int_equal(demo_kv("GET", KEYS "/cmk-new" V, NULL), 404);
	free(body);
	serves_still();
}

static void
requests_in_a_row(void **state)
{
	static char replies[REPLIES];
	static const char one[] = "GET " LIST " HTTP/1.1\r\n" HOST "\r\n";
	char *row;
	size_t len;

	(void)state;
	row = long_text("", one, 3, "nonsense\r\n\r\n", &len);
	throw_bytes(row, len, replies);
	free(row);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(status_at(replies, i), 401);
	assert_true(status_at(replies, 3) == 0 || status_at(replies, 3) == 400);
	serves_still();
}

static void
bytes_one_by_one(void **state)
{
	static const char request[] = "GET " LIST " HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n";
	static char replies[REPLIES];
	struct timespec pause = {.tv_nsec = 1000000};
	SSL *ssl = open_tls();

	(void)state;
	for (size_t i = 0; i < sizeof request - 1; i++) {
		assert_int_equal(SSL_write(ssl, request + i, 1), 1);
		nanosleep(&pause, NULL);
	}
	errno = 0;
	assert_true(read_all(ssl, replies, sizeof replies));
	assert_int_equal(status_at(replies, 0), 401);
	close_tls(ssl);
}

static void
no_tls_at_all(void **state)
{
	static const char plain[] = "GET " LIST " HTTP/1.1\r\n" HOST "\r\n";
	char reply[256];

	(void)state;
	for (size_t cut = 1; cut < sizeof plain; cut += 12) {
		int fd = connect_socket();
		ssize_t n;

		assert_int_equal(send(fd, plain, cut, MSG_NOSIGNAL), (ssize_t)cut);
		shutdown(fd, SHUT_WR);
		n = recv(fd, reply, sizeof reply, 0);
		assert_true(n >= 0 || errno == ECONNRESET);
		assert_true(n < 4 || memcmp(reply, "HTTP", 4) != 0);
		close(fd);
	}
	serves_still();
}

static int
setup(void **state)
{
	signal(SIGPIPE, SIG_IGN); /* OpenSSL writes to sockets that the server has closed */
	tls = SSL_CTX_new(TLS_client_method());
	return demo_setup(state);
}

static int
teardown(void **state)
{
	SSL_CTX_free(tls);
	return demo_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(broken_heads),
		cmocka_unit_test(broken_bodies),
		cmocka_unit_test(too_much),
		cmocka_unit_test(bodies_of_a_mebibyte),
		cmocka_unit_test(requests_in_a_row),
		cmocka_unit_test(bytes_one_by_one),
		cmocka_unit_test(no_tls_at_all),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
