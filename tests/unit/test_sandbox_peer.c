/* Who is behind a TCP connection, and the proxy that leads to the sandbox. */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "backend/sandbox/hello.h"
#include "backend/sandbox/peer.h"
#include "backend/sandbox/sandbox.h"
#include "crypto/secret.h"

static struct sandbox *sandbox;
static char dir[] = "/tmp/claviger-test-XXXXXX";
static char env[16384];

static int
setup(void **state)
{
	struct sandbox_options options = {.seed = "empty", .names = "china"};
	struct buf text;
	struct err err = {0};

	(void)state;
	secret_init();
	options.state = mkdtemp(dir);
	sandbox = sandbox_open(&options, &err);
	if (!sandbox)
		fail_msg("%s", err.msg);
	buf_init(&text, sizeof env - 1);
	assert_true(sandbox_print_env(sandbox, &text, &err));
	snprintf(env, sizeof env, "%s", buf_text(&text));
	buf_free(&text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sandbox_close(sandbox);
	file_remove_tree(dir);
	return 0;
}

static int
connect_to(unsigned port)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval limit = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	assert_int_equal(connect(fd, (struct sockaddr *)&name, sizeof name), 0);
	return fd;
}

static void
this_process_is_let_in(void **state)
{
	struct err err = {0};
	unsigned port = 0;
	int server, near, far;

	(void)state;
	if (!peer_works(&err)) {
		print_message("%s\n", err.msg);
		skip();
	}
	server = peer_listen(false, &port);
	assert_true(server >= 0);
	near = connect_to(port);
	far = accept4(server, NULL, NULL, SOCK_CLOEXEC);
	assert_true(far >= 0);
	assert_true(peer_allowed_fd(far));
	assert_true(peer_allowed_fd(near));

	/* a process that has gone is nobody, and nobody is refused */
	close(near);
	assert_false(peer_allowed_fd(far));
	close(far);
	close(server);
}

/* Addresses that no connection has, and families that say nothing about users. */
static void
nobody_is_refused(void **state)
{
	struct sockaddr_in from = {.sin_family = AF_INET,
		.sin_port = htons(1),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int pair[2];

	(void)state;
	assert_false(peer_allowed((struct sockaddr *)&from, (struct sockaddr *)&from));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_false(peer_allowed_fd(pair[0]));
	close(pair[0]);
	close(pair[1]);
	assert_false(peer_allowed_fd(-1));
}

static void
value_of(const char *name, char *out, size_t room)
{
	char start[64];
	const char *at;

	snprintf(start, sizeof start, "export %s='", name);
	at = strstr(env, start);
	if (!at)
		fail_msg("no %s in %s", name, env);
	at += strlen(start);
	snprintf(out, room, "%.*s", (int)strcspn(at, "'"), at);
}

static void
the_block_has_the_clouds_names(void **state)
{
	static const char *const expected[][2] = {
		{"CLAVIGER_ARM", "https://management.chinacloudapi.cn"},
		{"CLAVIGER_AUTHORITY", "https://login.chinacloudapi.cn"},
		{"CLAVIGER_GRAPH", "https://microsoftgraph.chinacloudapi.cn"},
		{"CLAVIGER_VAULT_SUFFIX", ".vault.azure.cn"},
		{"CLAVIGER_HSM_SUFFIX", ".managedhsm.azure.cn"},
		{"CLAVIGER_BLOB_SUFFIX", ".blob.core.chinacloudapi.cn"},
	};
	char value[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		value_of(expected[i][0], value, sizeof value);
		assert_string_equal(value, expected[i][1]);
	}
	value_of("CLAVIGER_PROXY", value, sizeof value);
	assert_int_equal(strncmp(value, "http://127.0.0.1:", 17), 0);
	assert_true(sandbox_port(sandbox) > 0);
	assert_true(strstr(env, "CLAVIGER_PROXY") < strstr(env, "CLAVIGER_CLIENT_SECRET"));
}

static size_t
ignore(char *bytes, size_t size, size_t count, void *user)
{
	(void)bytes;
	(void)user;
	return size * count;
}

static long
get(const char *url, CURLcode *code)
{
	char proxy[64];
	long status = 0;
	CURL *curl = curl_easy_init();

	value_of("CLAVIGER_PROXY", proxy, sizeof proxy);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROXY, proxy);
	curl_easy_setopt(curl, CURLOPT_NOPROXY, "");
	curl_easy_setopt(curl, CURLOPT_CAINFO, sandbox_access(sandbox)->ca_file);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
	*code = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	if (*code != CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &status);
	curl_easy_cleanup(curl);
	return status;
}

/* Built-in names reach the sandbox; all else stops at the proxy. */
static void
the_proxy_leads_to_the_sandbox(void **state)
{
	CURLcode code;

	(void)state;
	assert_int_equal(
		get("https://management.chinacloudapi.cn/subscriptions?api-version=2022-12-01",
			&code),
		401);
	assert_int_equal(code, CURLE_OK);
	assert_int_equal(
		get("https://management.azure.com/subscriptions?api-version=2022-12-01", &code),
		401);
	assert_int_equal(code, CURLE_OK);
	assert_int_equal(get("https://example.com/", &code), 403);
	assert_int_not_equal(code, CURLE_OK);
	assert_int_equal(get("https://localhost/", &code), 403);
	assert_int_equal(get("https://management.azure.com:8443/", &code), 403);
}

static void
ask_proxy(const char *request, bool shut, const char *expected)
{
	char proxy[64], reply[512];
	size_t len = 0;
	ssize_t n;
	int fd;

	value_of("CLAVIGER_PROXY", proxy, sizeof proxy);
	fd = connect_to((unsigned)strtoul(strrchr(proxy, ':') + 1, NULL, 10));
	assert_int_equal(send(fd, request, strlen(request), MSG_NOSIGNAL), strlen(request));
	if (shut)
		shutdown(fd, SHUT_WR);
	while (len < sizeof reply - 1 && !memmem(reply, len, "\n", 1) &&
		(n = recv(fd, reply + len, sizeof reply - 1 - len, 0)) > 0)
		len += (size_t)n;
	reply[len] = '\0';
	if (strncmp(reply, expected, strlen(expected)) != 0)
		fail_msg("'%s' instead of '%s'", reply, expected);
	close(fd);
}

static void
the_proxy_refuses_what_it_does_not_know(void **state)
{
	char big[9001];

	(void)state;
	ask_proxy("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n", false,
		"HTTP/1.1 405 ");
	ask_proxy("hello\r\n\r\n", false, "HTTP/1.1 400 ");
	ask_proxy("CONNECT management.azure.com:443 SPDY/1\r\n\r\n", false, "HTTP/1.1 400 ");
	ask_proxy("CONNECT management.azure.com:443 x HTTP/1.1\r\n\r\n", false, "HTTP/1.1 400 ");
	ask_proxy("CONNECT management.azure.com:443 HTTP/1.1\r\n", true, "HTTP/1.1 400 ");
	ask_proxy("CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n", true, "HTTP/1.1 200 ");
	ask_proxy("CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n", false, "HTTP/1.1 403 ");
	memset(big, 'x', 9000);
	big[9000] = '\0';
	ask_proxy(big, false, "HTTP/1.1 431 ");
}

/* Run as another user: 0 when the port hangs up at once, 1 when it answers or waits for more. */
static int
try_port(unsigned port, const char *request)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
		.sin_port = htons((in_port_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval limit = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char byte;
	ssize_t n;

	if (fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0)
		return 2;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
	n = recv(fd, &byte, 1, 0);
	return n == 0 || (n < 0 && errno == ECONNRESET) ? 0 : 1;
}

static int
as_another_user(unsigned port, const char *request)
{
	enum { NOBODY = 65534 };
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(setgroups(0, NULL) || setgid(NOBODY) || setuid(NOBODY)
				? 3
				: try_port(port, request));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Neither at the sandbox's port nor through its proxy. Only root can try. */
static void
another_user_is_turned_away(void **state)
{
	char proxy[64];
	unsigned port;

	(void)state;
	if (geteuid() != 0) {
		print_message("not root: nobody else to be\n");
		skip();
	}
	value_of("CLAVIGER_PROXY", proxy, sizeof proxy);
	port = (unsigned)strtoul(strrchr(proxy, ':') + 1, NULL, 10);
	assert_int_equal(as_another_user(port, "GET / HTTP/1.1\r\n\r\n"), 0);
	assert_int_equal(as_another_user(sandbox_port(sandbox), ""), 0);
	assert_int_equal(try_port(port, "GET / HTTP/1.1\r\n\r\n"), 1);
}

/* A tunnel that stands still holds up no other one. */
static void
the_proxy_survives_a_stall(void **state)
{
	static const char head[] = "CONNECT management.azure.com:443 HTTP/1.1\r\n\r\n";
	char proxy[64];
	CURLcode code;
	int silent[8];

	(void)state;
	value_of("CLAVIGER_PROXY", proxy, sizeof proxy);
	for (size_t i = 0; i < ARRAY_LEN(silent); i++) {
		silent[i] = connect_to((unsigned)strtoul(strrchr(proxy, ':') + 1, NULL, 10));
		if (i % 2)
			assert_int_equal(send(silent[i], head, sizeof head - 1, MSG_NOSIGNAL),
				sizeof head - 1);
	}
	assert_int_equal(
		get("https://management.azure.com/subscriptions?api-version=2022-12-01", &code),
		401);
	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		close(silent[i]);
	assert_int_equal(
		get("https://management.azure.com/subscriptions?api-version=2022-12-01", &code),
		401);
}

/* Any cut or changed ClientHello is survived; a whole one says its name. */
static void
names_in_a_hello(void **state)
{
	static const unsigned char hello[] = {22, 3, 1, 0, 66, 1, 0, 0, 62, 3, 3, 0, 1, 2, 3, 4, 5,
		6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 0, 0,
		2, 0x13, 1, 1, 0, 0, 19, 0, 0, 0, 15, 0, 13, 0, 0, 10, 'k', '1', '.', 'v', 'a', 'u',
		'l', 't', '.', 'x'};
	unsigned char copy[sizeof hello];
	char name[256];

	(void)state;
	assert_int_equal(sizeof hello, 71);
	assert_int_equal(hello_name(hello, sizeof hello, name), HELLO_NAME);
	assert_string_equal(name, "k1.vault.x");
	for (size_t len = 0; len < sizeof hello; len++)
		assert_int_equal(hello_name(hello, len, name), HELLO_MORE);
	for (size_t i = 0; i < sizeof hello; i++)
		for (unsigned bit = 1; bit < 256; bit <<= 1) {
			memcpy(copy, hello, sizeof hello);
			copy[i] ^= (unsigned char)bit;
			hello_name(copy, sizeof copy, name);
			assert_true(strlen(name) < 256);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_process_is_let_in),
		cmocka_unit_test(nobody_is_refused),
		cmocka_unit_test(the_block_has_the_clouds_names),
		cmocka_unit_test(the_proxy_leads_to_the_sandbox),
		cmocka_unit_test(the_proxy_refuses_what_it_does_not_know),
		cmocka_unit_test(another_user_is_turned_away),
		cmocka_unit_test(the_proxy_survives_a_stall),
		cmocka_unit_test(names_in_a_hello),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
