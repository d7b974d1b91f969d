/* The one place that touches libcurl, so that what must hold for every byte on the wire is said
 * once: TLS verified, https only, nothing followed, everything capped, tokens zeroed. libcurl sends
 * a request again by itself when a kept connection turns out dead, and then only tells how the
 * second try ended; a change therefore always gets a connection of its own. */
#include "backend/net/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/net/header.h"
#include "backend/net/lately.h"

enum {
	BODY_MAX = 8 << 20,
	HEADERS_MAX = 256 << 10,
	HEADER_MAX = 64 << 10,
	CONNECT_MS = 10000,
	LOCAL_CONNECT_MS = 1500, /* a metadata service is here at once, or not at all */
	SLOW_BYTES = 16,
	SLOW_S = 60,
	HOST_CONNECTIONS = 16,
	CONNECTIONS = 12, /* kept: each costs 50 kB */
	IDLE_HANDLES = 4,
	READ_BYTES = 4 << 10,  /* each handle keeps so much for what comes */
	SEND_BYTES = 16 << 10, /* libcurl's least: it zeroes that much after every request */
	SOCKET_PATH_MAX = 107,
};

struct http {
	CURLM *multi;
	CURLSH *share;
	struct curl_slist *connect_to;
	char *socket, *proxy, *ca_file;
	CURL *idle[IDLE_HANDLES];
	size_t idle_len;
	struct exchange *exchanges;
	size_t refused;
	struct lately lately;
};

struct exchange {
	struct http *http;
	struct exchange *next, *prev;
	CURL *easy; /* NULL: refused before anything was sent, err says why */
	struct curl_slist *headers;
	struct request request;
	int timeout_ms;
	struct reply reply;
	struct err err;
	size_t header_bytes;
	bool too_large, calling;
	char host[REQUEST_HOST];
	char error[CURL_ERROR_SIZE];
	exchange_done *done;
	void *user;
};

/* SSLKEYLOGFILE would write every session's keys to a file: libcurl reads it at its start. With
 * CURLOPT_NOSIGNAL it leaves SIGPIPE to us: a server that hangs up must not end the program. */
static void
start_libcurl(void)
{
	signal(SIGPIPE, SIG_IGN);
	unsetenv("SSLKEYLOGFILE");
	curl_global_init_mem(CURL_GLOBAL_DEFAULT, mem_zeroing_malloc, mem_zeroing_free,
		mem_zeroing_realloc, mem_zeroing_strdup, mem_zeroing_calloc);
}

static bool
set_route(struct http *http, const struct http_options *options, struct err *err)
{
	const char *to = options->connect_to;
	char *whole;

	if (options->ca_file && access(options->ca_file, R_OK) != 0)
		return err_set(err, ERR_FAILED, "Tls", "ca-file %s: cannot read it: %s",
			options->ca_file, strerror(errno));
	http->ca_file = options->ca_file ? mem_strdup(options->ca_file) : NULL;
	http->proxy = options->proxy ? mem_strdup(options->proxy) : NULL;
	if (to == NULL)
		return true;
	if (http->proxy == NULL || to[0] == '/') {
		free(http->proxy);
		http->proxy = mem_strdup("");
	}
	if (to[0] == '/') {
		if (strlen(to) > SOCKET_PATH_MAX)
			return err_set(err, ERR_USAGE, "",
				"connect-to %s: a socket's path has at most %d bytes", to,
				SOCKET_PATH_MAX);
		http->socket = mem_strdup(to);
		return true;
	}
	if (strchr(to, ':') == NULL)
		return err_set(err, ERR_USAGE, "",
			"connect-to %s: must be HOST:PORT or the path of a socket", to);
	whole = mem_printf("::%s", to);
	http->connect_to = curl_slist_append(NULL, whole);
	free(whole);
	return true;
}

struct http *
http_new(const struct http_options *options, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct http *http;

	pthread_once(&once, start_libcurl);
	http = mem_alloc(sizeof *http);
	http->multi = curl_multi_init();
	http->share = curl_share_init();
	if (http->multi == NULL || http->share == NULL) {
		err_set(err, ERR_FAILED, "", "libcurl cannot start");
		http_free(http);
		return NULL;
	}
	if (!set_route(http, options, err)) {
		http_free(http);
		return NULL;
	}
	curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_multi_setopt(http->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
	curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)HOST_CONNECTIONS);
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS);
	return http;
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	while (http->exchanges)
		http_cancel(http->exchanges);
	while (http->idle_len)
		curl_easy_cleanup(http->idle[--http->idle_len]);
	curl_multi_cleanup(http->multi);
	curl_share_cleanup(http->share);
	curl_slist_free_all(http->connect_to);
	free(http->socket);
	free(http->proxy);
	free(http->ca_file);
	free(http);
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *user)
{
	struct exchange *x = user;
	curl_off_t length = 0;

	if (x->reply.body.len == 0)
		curl_easy_getinfo(x->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
	if (length > 0)
		buf_expect(&x->reply.body, (size_t)length);
	if (buf_add(&x->reply.body, bytes, size * count))
		return size * count;
	x->too_large = true;
	return 0;
}

/* libcurl gives whole lines, one at a time. */
static size_t
take_header(char *bytes, size_t size, size_t count, void *user)
{
	struct exchange *x = user;
	size_t len = size * count;
	char *line;

	x->header_bytes += len;
	if (len > HEADER_MAX || x->header_bytes > HEADERS_MAX) {
		x->too_large = true;
		return 0;
	}
	line = mem_alloc(len + 1);
	memcpy(line, bytes, len);
	header_take(&x->reply, line);
	mem_zeroing_free(line);
	return len;
}

/* How the bytes go: by the profile's proxy and route, or, for what is on this machine or its link,
 * straight there. */
static bool
set_path(const struct http *http, CURL *easy, bool local)
{
	const char *proxy = local ? "" : http->proxy;
	bool ok = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, local ? "http,https" : "https") ==
		  CURLE_OK;

	if (ok && proxy)
		ok = curl_easy_setopt(easy, CURLOPT_PROXY, proxy) == CURLE_OK;
	if (ok && http->socket && !local)
		ok = curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, http->socket) == CURLE_OK;
	if (ok && http->connect_to && !local)
		ok = curl_easy_setopt(easy, CURLOPT_CONNECT_TO, http->connect_to) == CURLE_OK;
	return ok;
}

/* libcurl keeps the certificates of a file for all connections, but only where it has no folder of
 * them as well; read anew they cost each connection 45 ms. */
static bool
set_trust(const struct http *http, CURL *easy)
{
	const char *file = http->ca_file;

	if (file == NULL && curl_easy_getinfo(easy, CURLINFO_CAINFO, &file) != CURLE_OK)
		return false;
	if (file == NULL || access(file, R_OK) != 0)
		return true;
	return curl_easy_setopt(easy, CURLOPT_CAINFO, file) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) == CURLE_OK;
}

/* What is the same for every exchange; set once in the life of a handle. */
static CURL *
handle_new(struct http *http, bool local)
{
	CURL *easy = curl_easy_init();
	bool ok = easy && set_path(http, easy, local);

	ok = ok && curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "https") == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
	ok = ok &&
	     curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK;
	ok = ok &&
	     curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_SHARE, http->share) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)READ_BYTES) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)SEND_BYTES) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S) == CURLE_OK;
	ok = ok &&
	     curl_easy_setopt(easy, CURLOPT_USERAGENT, "claviger/" CLAVIGER_VERSION) == CURLE_OK;
	ok = ok && set_trust(http, easy);
	if (ok)
		return easy;
	curl_easy_cleanup(easy);
	return NULL;
}

static bool
add_header(struct exchange *x, const char *line)
{
	struct curl_slist *grown = curl_slist_append(x->headers, line);

	if (grown)
		x->headers = grown;
	return grown != NULL;
}

static bool
add_headers(struct exchange *x, const char *bearer)
{
	char id[37], line[80];
	uuid_t uuid;
	char *secret;
	bool ok;

	uuid_generate_random(uuid);
	uuid_unparse_lower(uuid, id);
	snprintf(line, sizeof line, "x-ms-client-request-id: %s", id);
	ok = add_header(x, line) && add_header(x, "Accept: application/json") &&
	     add_header(x, "Expect:");
	if (ok && x->request.body)
		ok = add_header(x, x->request.form
					   ? "Content-Type: application/x-www-form-urlencoded"
					   : "Content-Type: application/json");
	if (ok && x->request.header)
		ok = add_header(x, x->request.header);
	if (ok && bearer) {
		secret = mem_printf("Authorization: Bearer %s", bearer);
		ok = add_header(x, secret);
		mem_zeroing_free(secret);
	}
	return ok;
}

static bool
set_method(struct exchange *x)
{
	const struct request *r = &x->request;
	bool sends = r->body || r->method == HTTP_PUT || r->method == HTTP_POST ||
		     r->method == HTTP_PATCH;
	const char *body = r->body ? r->body : "";
	bool ok = curl_easy_setopt(x->easy, CURLOPT_HTTPGET, 1L) == CURLE_OK;

	if (ok && r->method == HTTP_HEAD)
		return curl_easy_setopt(x->easy, CURLOPT_NOBODY, 1L) == CURLE_OK;
	if (ok && sends)
		ok = curl_easy_setopt(x->easy, CURLOPT_POSTFIELDSIZE_LARGE,
			     (curl_off_t)strlen(body)) == CURLE_OK &&
		     curl_easy_setopt(x->easy, CURLOPT_POSTFIELDS, body) == CURLE_OK;
	return ok && curl_easy_setopt(x->easy, CURLOPT_CUSTOMREQUEST,
			     http_method_name(r->method)) == CURLE_OK;
}

/* Of thousands of vaults each is asked once: a connection that is kept for one of them pushes out
 * that of the resource manager, and of each host whose connection was pushed out libcurl (7.88)
 * keeps an entry for good. */
static bool
is_passing(struct http *http, const char *host)
{
	return !lately_ask(&http->lately, host, CONNECTIONS, clock_mono_ms());
}

static bool
set_up(struct exchange *x, const char *bearer)
{
	struct http *http = x->http;
	bool local = x->request.local;
	int most_ms = local ? LOCAL_CONNECT_MS : CONNECT_MS;
	long connect_ms = x->timeout_ms < most_ms ? x->timeout_ms : most_ms;
	long fresh = x->request.changes, passing = is_passing(http, x->host);
	CURL *easy =
		http->idle_len && !local ? http->idle[--http->idle_len] : handle_new(http, local);
	bool ok;

	x->easy = easy;
	ok = easy && add_headers(x, bearer) && set_method(x);
	ok = ok && curl_easy_setopt(easy, CURLOPT_URL, x->request.url) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, x->headers) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)x->timeout_ms) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, fresh) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, passing) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_WRITEDATA, x) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_HEADERDATA, x) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_PRIVATE, x) == CURLE_OK;
	ok = ok && curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, x->error) == CURLE_OK;
	return ok && curl_multi_add_handle(http->multi, easy) == CURLM_OK;
}

/* Takes the handle away from the exchange and forgets everything that belongs to the exchange. One
 * that goes without the proxy is not used again: no other exchange can then go that way. */
static void
give_back(struct exchange *x)
{
	struct http *http = x->http;
	CURL *easy = x->easy;

	x->easy = NULL;
	if (easy == NULL)
		return;
	curl_multi_remove_handle(http->multi, easy);
	if (http->idle_len == IDLE_HANDLES || x->request.local) {
		curl_easy_cleanup(easy);
		return;
	}
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, NULL);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, NULL);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, NULL);
	http->idle[http->idle_len++] = easy;
}

static void
unlink_exchange(struct exchange *x)
{
	struct http *http = x->http;

	if (x->prev)
		x->prev->next = x->next;
	else
		http->exchanges = x->next;
	if (x->next)
		x->next->prev = x->prev;
}

static void
exchange_free(struct exchange *x)
{
	curl_slist_free_all(x->headers);
	request_free(&x->request);
	reply_free(&x->reply);
	free(x);
}

struct exchange *
http_start(struct http *http, const struct request *request, const char *bearer, int timeout_ms,
	exchange_done *done, void *user)
{
	struct exchange *x = mem_alloc(sizeof *x);

	x->http = http;
	x->done = done;
	x->user = user;
	x->timeout_ms = timeout_ms > 0 ? timeout_ms : 1;
	request_copy(&x->request, request);
	buf_init(&x->reply.body, BODY_MAX);
	header_reset(&x->reply);
	x->next = http->exchanges;
	if (x->next)
		x->next->prev = x;
	http->exchanges = x;
	if (request_fit(&x->request, bearer, x->host, &x->err)) {
		if (set_up(x, bearer))
			return x;
		err_set(&x->err, ERR_FAILED, "", "%s: libcurl cannot take the request", x->host);
		give_back(x);
	}
	http->refused++;
	return x;
}

void
http_cancel(struct exchange *x)
{
	if (x->calling)
		return;
	if (x->easy == NULL)
		x->http->refused--;
	give_back(x);
	unlink_exchange(x);
	exchange_free(x);
}

/* A peer that hangs up within the handshake is a broken network, not a broken certificate. */
static bool
is_tls(CURLcode rc, const char *text)
{
	switch (rc) {
	case CURLE_SSL_CONNECT_ERROR:
		return !text_case_has(text, "SSL_ERROR_SYSCALL") &&
		       !text_case_has(text, "unexpected eof") && !text_case_has(text, "reset") &&
		       !text_case_has(text, "broken pipe");
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
		return true;
	default:
		return false;
	}
}

static void
explain(struct exchange *x, CURLcode rc, bool sent)
{
	char why[CURL_ERROR_SIZE * 2];

	text_cleans(why, sizeof why, x->error[0] ? x->error : curl_easy_strerror(rc));
	if (x->too_large)
		err_set(&x->err, ERR_FAILED, "TooLarge",
			"%s: its answer is larger than any that is expected and was cut off",
			x->host);
	else if (is_tls(rc, why))
		err_set(&x->err, ERR_FAILED, "Tls",
			"%s: no trusted TLS connection: %s; check ca-file, the clock, and what "
			"stands between here and there",
			x->host, why);
	else if (!sent)
		err_set(&x->err, ERR_UNAVAILABLE, "Connect",
			"%s: cannot be reached: %s; check the network, the proxy and the profile",
			x->host, why);
	else if (rc == CURLE_OPERATION_TIMEDOUT)
		err_set(&x->err, ERR_UNAVAILABLE, "Timeout",
			"%s: no complete answer within %d ms; check the network and try again",
			x->host, x->timeout_ms);
	else if (rc == CURLE_WEIRD_SERVER_REPLY || rc == CURLE_UNSUPPORTED_PROTOCOL ||
		 rc == CURLE_URL_MALFORMAT || rc == CURLE_BAD_CONTENT_ENCODING)
		err_set(&x->err, ERR_FAILED, "BadReply", "%s: does not speak HTTP: %s", x->host,
			why);
	else
		err_set(&x->err, ERR_UNAVAILABLE, "Broken",
			"%s: the connection broke: %s; check the network and try again", x->host,
			why);
}

static void
collect(struct exchange *x, CURLcode rc)
{
	curl_off_t total = 0, before = 0, connected = 0;
	long status = 0;

	curl_easy_getinfo(x->easy, CURLINFO_TOTAL_TIME_T, &total);
	curl_easy_getinfo(x->easy, CURLINFO_PRETRANSFER_TIME_T, &before);
	curl_easy_getinfo(x->easy, CURLINFO_APPCONNECT_TIME_T, &connected);
	curl_easy_getinfo(x->easy, CURLINFO_RESPONSE_CODE, &status);
	x->reply.status = (int)status;
	x->reply.us = total - before;
	x->reply.connect_us = connected;
	if (rc != CURLE_OK)
		explain(x, rc, before > 0);
	else if (status == 0)
		explain(x, CURLE_WEIRD_SERVER_REPLY, true);
}

static void
finish(struct exchange *x)
{
	give_back(x);
	unlink_exchange(x);
	x->calling = true;
	if (x->err.kind == ERR_NONE)
		x->done(x->user, &x->reply, NULL);
	else
		x->done(x->user, NULL, &x->err);
	exchange_free(x);
}

static int
finish_refused(struct http *http)
{
	struct exchange *x = http->exchanges;
	int ended = 0;

	while (http->refused) {
		while (x->easy)
			x = x->next;
		http->refused--;
		finish(x);
		ended++;
		x = http->exchanges;
	}
	return ended;
}

int
http_perform(struct http *http)
{
	CURLMsg *msg;
	int running, left, ended = finish_refused(http);

	curl_multi_perform(http->multi, &running);
	while ((msg = curl_multi_info_read(http->multi, &left))) {
		char *x = NULL;

		if (msg->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &x);
		collect((struct exchange *)x, msg->data.result);
		finish((struct exchange *)x);
		ended++;
	}
	return ended;
}

/* curl_multi_poll reports no hang-ups of foreign descriptors: they are asked for once more. */
void
http_wait(struct http *http, struct pollfd *extra, size_t extra_len, int timeout_ms)
{
	struct curl_waitfd fds[4];

	if (extra_len > ARRAY_LEN(fds))
		extra_len = ARRAY_LEN(fds);
	for (size_t i = 0; i < extra_len; i++)
		fds[i] = (struct curl_waitfd){.fd = extra[i].fd, .events = CURL_WAIT_POLLIN};
	if (http->refused)
		timeout_ms = 0;
	curl_multi_poll(http->multi, fds, (unsigned)extra_len, timeout_ms, NULL);
	if (extra_len && poll(extra, extra_len, 0) < 0)
		for (size_t i = 0; i < extra_len; i++)
			extra[i].revents = 0;
}

void
http_wakeup(struct http *http)
{
	int saved = errno;

	curl_multi_wakeup(http->multi);
	errno = saved;
}
