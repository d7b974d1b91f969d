/* Requests per second with eight in flight, GET of one account from the embedded sandbox: through a
 * session, and by a loop that is nothing but libcurl. Both share server, process and allocators,
 * and take turns, so that their ratio means something on a busy machine. One line each: name value
 * unit. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/json/json.h"
#include "backend/sandbox/sandbox.h"
#include "backend/session/session.h"

enum { IN_FLIGHT = 8, ROUNDS = 3, ROUND = 3000 };

struct run {
	struct session *session;
	struct request request;
	int started, ended, failed;
};

static void
give_up(const char *what, const struct err *err)
{
	fprintf(stderr, "bench_http: %s: %s\n", what, err->msg);
	exit(1);
}

static struct session *
sign_in(const struct sandbox_access *access, struct credential *credential)
{
	struct credential copy;
	struct profile profile;
	struct session *session;
	struct err err;

	profile_default(&profile);
	profile.sandbox = true;
	snprintf(profile.ca_file, sizeof profile.ca_file, "%s", access->ca_file);
	snprintf(profile.connect_to, sizeof profile.connect_to, "%s", access->socket);
	credential_secret(credential, access->tenant, access->client_id, access->client_secret);
	credential_secret(&copy, access->tenant, access->client_id, access->client_secret);
	session = session_open(&profile, &copy, &err);
	if (session == NULL)
		give_up("session", &err);
	return session;
}

/* The id of the first account, and with it the URL that is asked for. */
static char *
find_url(struct session *session, const char *subscription)
{
	struct request request = {.audience = AUDIENCE_ARM};
	struct reply reply;
	struct err err = {0};
	char id[400];
	json_t *root;

	request.url = mem_printf("https://management.azure.com/subscriptions/%s/providers/"
				 "Microsoft.Automation/automationAccounts?api-version=2023-11-01",
		subscription);
	if (!session_ask(session, &request, &reply, &err))
		give_up("list", &err);
	root = json_read(buf_text(&reply.body), reply.body.len, "list", &err);
	if (root == NULL || !json_need_text(json_array_get(json_object_get(root, "value"), 0), "id",
				    id, sizeof id, &err))
		give_up("list", &err);
	json_decref(root);
	reply_free(&reply);
	request_free(&request);
	return mem_printf("https://management.azure.com%s?api-version=2023-11-01", id);
}

static void send_next(struct run *run);

static void
on_reply(void *user, struct reply *reply, const struct err *err)
{
	struct run *run = user;

	run->ended++;
	if (err->kind != ERR_NONE || reply->status != 200)
		run->failed++;
	send_next(run);
}

static void
send_next(struct run *run)
{
	if (run->started == ROUND)
		return;
	run->started++;
	session_send(run->session, &run->request, on_reply, run);
}

static double
rate(int64_t us)
{
	return us > 0 ? ROUND * 1e6 / (double)us : 0;
}

static double
session_rate(struct run *run)
{
	int64_t start = clock_mono_us();

	run->started = run->ended = 0;
	for (int i = 0; i < IN_FLIGHT; i++)
		send_next(run);
	while (run->ended < ROUND)
		loop_turn(session_loop(run->session), -1);
	return rate(clock_mono_us() - start);
}

static void
keep_token(void *user, struct reply *reply, const struct err *failed)
{
	struct token_reply got;
	struct err err;

	if (failed)
		give_up("token", failed);
	if (!credential_accept(reply, &got, &err))
		give_up("token", &err);
	*(char **)user = mem_printf(
		"Authorization: Bearer %.*s", (int)got.token.len, (char *)got.token.bytes);
	token_reply_free(&got);
}

static char *
authorization(struct session *session, const struct credential *credential)
{
	const struct cloud *cloud = session_cloud(session);
	const struct token_ask ask = {
		.cloud = cloud, .tenant = credential->tenant, .audience = cloud->arm_audience};
	struct request request;
	char *line = NULL;
	struct err err;

	if (!credential->kind->build(credential, &ask, &request, &err))
		give_up("token", &err);
	job_send(session_loop(session), &request, NULL, 10000, keep_token, &line);
	while (line == NULL)
		loop_turn(session_loop(session), -1);
	request_free(&request);
	return line;
}

struct bare {
	CURLM *multi;
	CURL *easy[IN_FLIGHT];
	struct curl_slist *headers;
};

static size_t
sink(char *bytes, size_t size, size_t count, void *user)
{
	(void)bytes;
	(void)user;
	return size * count;
}

static void
bare_open(struct bare *bare, const struct sandbox_access *access, const char *url, const char *line)
{
	bare->multi = curl_multi_init();
	bare->headers = curl_slist_append(NULL, line);
	for (int i = 0; i < IN_FLIGHT; i++) {
		CURL *easy = bare->easy[i] = curl_easy_init();

		curl_easy_setopt(easy, CURLOPT_URL, url);
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, bare->headers);
		curl_easy_setopt(easy, CURLOPT_CAINFO, access->ca_file);
		curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, access->socket);
		curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
		curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, sink);
	}
}

static int
bare_reap(struct bare *bare, int *started, int *failed)
{
	CURLMsg *msg;
	int left, ended = 0;

	while ((msg = curl_multi_info_read(bare->multi, &left))) {
		CURL *easy = msg->easy_handle;
		long status = 0;

		ended++;
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		if (msg->data.result != CURLE_OK || status != 200)
			++*failed;
		curl_multi_remove_handle(bare->multi, easy);
		if (*started < ROUND) {
			++*started;
			curl_multi_add_handle(bare->multi, easy);
		}
	}
	return ended;
}

static double
bare_rate(struct bare *bare, int *failed)
{
	int64_t begin = clock_mono_us();
	int started, ended = 0, running;

	for (started = 0; started < IN_FLIGHT; started++)
		curl_multi_add_handle(bare->multi, bare->easy[started]);
	while (ended < ROUND) {
		int reaped;

		curl_multi_perform(bare->multi, &running);
		reaped = bare_reap(bare, &started, failed);
		ended += reaped;
		if (reaped == 0)
			curl_multi_poll(bare->multi, NULL, 0, 100, NULL);
	}
	return rate(clock_mono_us() - begin);
}

static void
bare_close(struct bare *bare)
{
	for (int i = 0; i < IN_FLIGHT; i++)
		curl_easy_cleanup(bare->easy[i]);
	curl_multi_cleanup(bare->multi);
	curl_slist_free_all(bare->headers);
}

/* The best round of each: what disturbs a round only ever makes it slower. */
static int
measure(const struct sandbox_access *access)
{
	struct credential credential;
	struct run run = {.session = sign_in(access, &credential)};
	char *line = authorization(run.session, &credential);
	double session_best = 0, bare_best = 0;
	struct bare bare;
	int failed = 0;

	run.request.audience = AUDIENCE_ARM;
	run.request.url = find_url(run.session, access->subscription);
	bare_open(&bare, access, run.request.url, line);
	for (int i = 0; i < ROUNDS; i++) {
		double a = bare_rate(&bare, &failed), b = session_rate(&run);

		bare_best = a > bare_best ? a : bare_best;
		session_best = b > session_best ? b : session_best;
	}
	printf("http.bare_per_s %.0f 1/s\nhttp.requests_per_s %.0f 1/s\n", bare_best, session_best);
	bare_close(&bare);
	session_close(run.session);
	credential_free(&credential);
	request_free(&run.request);
	mem_zeroing_free(line);
	if (failed || run.failed)
		fprintf(stderr, "bench_http: %d and %d requests failed\n", failed, run.failed);
	return failed || run.failed;
}

int
main(void)
{
	struct sandbox *sandbox;
	struct err err;
	int code;

	secret_init();
	json_init();
	sandbox = sandbox_open(&(struct sandbox_options){.seed = "demo"}, &err);
	if (sandbox == NULL)
		give_up("sandbox", &err);
	code = measure(sandbox_access(sandbox));
	sandbox_close(sandbox);
	return code;
}
