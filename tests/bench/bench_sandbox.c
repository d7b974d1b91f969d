/* What the sandbox costs: GET of one account over TLS keep-alive, eight in flight, beside a bare
 * libmicrohttpd handler that answers the same bytes under the same certificate and the same
 * threads. Both are asked by the same loop, in turns, over Unix sockets of their own; servers on
 * one core, the loop on another. One line each: name value unit. usage: bench_sandbox [SEED] */
#include <curl/curl.h>
#include <microhttpd.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "backend/base/clock.h"
#include "backend/base/file.h"
#include "backend/base/mem.h"
#include "backend/sandbox/state.h"
#include "tests/fixtures/sandbox_client.h"

enum { IN_FLIGHT = 8, TURNS = 7, TURN = 4000, WARM = 400 };

static struct client client;

struct asked {
	const char *socket, *ca, *url;
	struct curl_slist *headers;
};

static size_t
sink(char *bytes, size_t size, size_t count, void *user)
{
	(void)bytes;
	*(size_t *)user += size * count;
	return size * count;
}

static CURL *
handle(const struct asked *asked, size_t *bytes)
{
	CURL *easy = curl_easy_init();

	curl_easy_setopt(easy, CURLOPT_URL, asked->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, asked->headers);
	curl_easy_setopt(easy, CURLOPT_CAINFO, asked->ca);
	curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, asked->socket);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, sink);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, bytes);
	return easy;
}

static void
check(CURLMsg *msg)
{
	long status = 0;

	curl_easy_getinfo(msg->easy_handle, CURLINFO_RESPONSE_CODE, &status);
	if (msg->data.result == CURLE_OK && status == 200)
		return;
	fprintf(stderr, "bench_sandbox: status %ld: %s\n", status,
		curl_easy_strerror(msg->data.result));
	exit(1);
}

/* Requests per second of `count` requests. The connections are made by the first of them. */
static double
rate(CURLM *multi, CURL *const *easy, int count)
{
	int64_t start = clock_mono_us();
	int started = IN_FLIGHT, done = 0, running, left;
	CURLMsg *msg;

	for (int i = 0; i < IN_FLIGHT; i++)
		curl_multi_add_handle(multi, easy[i]);
	while (done < count) {
		curl_multi_perform(multi, &running);
		while ((msg = curl_multi_info_read(multi, &left))) {
			CURL *one = msg->easy_handle;

			check(msg);
			done++;
			curl_multi_remove_handle(multi, one);
			if (started < count) {
				started++;
				curl_multi_add_handle(multi, one);
			}
		}
		if (done < count && !left)
			curl_multi_poll(multi, NULL, 0, 100, NULL);
	}
	return count * 1e6 / (double)(clock_mono_us() - start);
}

struct bare {
	struct MHD_Daemon *daemon;
	char *body, *socket;
};

static enum MHD_Result
answer(void *user, struct MHD_Connection *connection, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_size, void **state)
{
	struct bare *bare = user;
	struct MHD_Response *response;
	enum MHD_Result sent;

	(void)url;
	(void)method;
	(void)version;
	(void)upload;
	(void)upload_size;
	if (!*state) {
		*state = bare;
		return MHD_YES;
	}
	response = MHD_create_response_from_buffer(
		strlen(bare->body), bare->body, MHD_RESPMEM_PERSISTENT);
	MHD_add_response_header(response, "Content-Type", "application/json; charset=utf-8");
	sent = MHD_queue_response(connection, 200, response);
	MHD_destroy_response(response);
	return sent;
}

static void
read_pem(const char *name, struct buf *out)
{
	char path[PATH_MAX];
	struct err err;

	snprintf(path, sizeof path, "%s/%s", client.dir, name);
	buf_init(out, 1 << 16);
	if (file_read(path, true, out, &err))
		return;
	fprintf(stderr, "bench_sandbox: %s\n", err.msg);
	exit(1);
}

static void
bare_start(struct bare *bare)
{
	struct buf cert, key;
	struct err err;
	int fd;

	read_pem("leaf.pem", &cert);
	read_pem("leaf.key", &key);
	bare->body = mem_strdup(client.body);
	bare->socket = mem_printf("%s/bare", client.dir);
	fd = state_listen(bare->socket, &err);
	bare->daemon = MHD_start_daemon(MHD_USE_TLS | MHD_USE_THREAD_PER_CONNECTION |
						MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL |
						MHD_USE_ITC,
		0, NULL, NULL, answer, bare, MHD_OPTION_LISTEN_SOCKET, fd,
		MHD_OPTION_HTTPS_MEM_CERT, buf_text(&cert), MHD_OPTION_HTTPS_MEM_KEY,
		buf_text(&key), MHD_OPTION_HTTPS_PRIORITIES,
		"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE", MHD_OPTION_END);
	if (fd < 0 || !bare->daemon) {
		fprintf(stderr, "bench_sandbox: the bare server cannot start\n");
		exit(1);
	}
	buf_free(&cert);
	buf_free(&key);
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of the turns' ratios, so that a busy machine slows both alike. */
static void
compare(const struct asked *ours, const struct asked *bare)
{
	CURLM *multi = curl_multi_init();
	CURL *a[IN_FLIGHT], *b[IN_FLIGHT];
	double ratio[TURNS], best_a = 0, best_b = 0;
	size_t bytes_a = 0, bytes_b = 0;

	for (int i = 0; i < IN_FLIGHT; i++) {
		a[i] = handle(ours, &bytes_a);
		b[i] = handle(bare, &bytes_b);
	}
	rate(multi, a, WARM);
	rate(multi, b, WARM);
	for (int i = 0; i < TURNS; i++) {
		double x = rate(multi, a, TURN), y = rate(multi, b, TURN);

		ratio[i] = x / y;
		best_a = x > best_a ? x : best_a;
		best_b = y > best_b ? y : best_b;
	}
	qsort(ratio, TURNS, sizeof *ratio, by_value);
	printf("sandbox.get_per_s %.0f 1/s\n", best_a);
	printf("sandbox.bare_per_s %.0f 1/s\n", best_b);
	printf("sandbox.of_bare %.3f ratio\n", ratio[TURNS / 2]);
	for (int i = 0; i < IN_FLIGHT; i++) {
		curl_easy_cleanup(a[i]);
		curl_easy_cleanup(b[i]);
	}
	curl_multi_cleanup(multi);
}

/* The first account of the production subscription; the list itself is longer than client.body. */
static char *
find_url(void)
{
	const char *id;

	if (client_send(&client, "GET",
		    ARM PRODUCTION
		    "/providers/Microsoft.Automation/automationAccounts?api-version=2023-11-01",
		    client.arm, NULL) != 200) {
		fprintf(stderr, "bench_sandbox: the list is refused\n");
		exit(1);
	}
	id = strstr(client.body, "\"id\":\"");
	if (!id) {
		fprintf(stderr, "bench_sandbox: no accounts\n");
		exit(1);
	}
	id += strlen("\"id\":\"");
	return mem_printf(ARM "%.*s?api-version=2023-11-01", (int)strcspn(id, "\""), id);
}

/* Servers and client on a core each, where there are two: threads inherit the place of who starts
 * them. */
static void
stay_on(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(core, &set);
	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		sched_setaffinity(0, sizeof set, &set);
}

int
main(int argc, char **argv)
{
	int64_t start = clock_mono_us();
	struct asked ours, bare_asked;
	struct bare bare;
	struct rusage usage;

	stay_on(0);
	client_open(&client, argc > 1 ? argv[1] : "fleet:10000");
	printf("sandbox.start_s %.2f s\n", (double)(clock_mono_us() - start) / 1e6);
	getrusage(RUSAGE_SELF, &usage);
	printf("sandbox.start_mb %.0f MB\n", (double)usage.ru_maxrss / 1024);
	ours = (struct asked){.socket = sandbox_access(client.sandbox)->socket,
		.ca = sandbox_access(client.sandbox)->ca_file,
		.url = find_url(),
		.headers = curl_slist_append(NULL, client.arm)};
	client_send(&client, "GET", ours.url, client.arm, NULL);
	bare_start(&bare);
	bare_asked = ours;
	bare_asked.socket = bare.socket;
	stay_on(1);
	compare(&ours, &bare_asked);
	MHD_stop_daemon(bare.daemon);
	client_close(&client);
	return 0;
}
