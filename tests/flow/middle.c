#include "tests/flow/middle.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "backend/base/buf.h"
#include "backend/base/mem.h"

enum { BODY_MAX = 8 << 20 };

struct middle {
	struct tls_server *server;
	char proxy[128], ca[4096];
	middle_tamper *tamper;
	void *user;
};

const char *const middle_names[] = {"management.azure.com", "login.microsoftonline.com",
	"graph.microsoft.com", "*.vault.azure.net", "*.managedhsm.azure.net",
	"*.blob.core.windows.net", NULL};

/* The value of a header as a line of its own; "" if there is none. */
static const char *
line_of(const char *head, const char *name, size_t *len)
{
	size_t name_len = strlen(name);

	for (const char *at = strstr(head, "\r\n"); at; at = strstr(at + 2, "\r\n")) {
		if (strncasecmp(at + 2, name, name_len) != 0 || at[2 + name_len] != ':')
			continue;
		*len = strcspn(at + 2, "\r\n");
		return at + 2;
	}
	*len = 0;
	return "";
}

static size_t
take_body(char *bytes, size_t size, size_t count, void *user)
{
	return buf_add(user, bytes, size * count) ? size * count : 0;
}

static size_t
take_header(char *bytes, size_t size, size_t count, void *user)
{
	static const char *const kept[] = {"x-ms-", "www-authenticate:", "location:",
		"azure-asyncoperation:", "retry-after:", "date:", "etag:"};
	struct middle_reply *reply = user;
	size_t used = strlen(reply->headers);

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		if (strncasecmp(bytes, kept[i], strlen(kept[i])) == 0)
			snprintf(reply->headers + used, sizeof reply->headers - used, "%.*s",
				(int)(size * count), bytes);
	return size * count;
}

static void
ask(struct middle *middle, const struct tls_request *request, struct middle_reply *reply,
	struct buf *body)
{
	static const char *const passed[] = {
		"Authorization", "Content-Type", "x-ms-client-request-id", "Metadata"};
	char *url = mem_printf("https://%s%s", reply->host, request->target);
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	CURL *easy = curl_easy_init();
	long status = 502;

	for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
		size_t len;
		const char *line = line_of(request->head, passed[i], &len);
		char *copy = mem_printf("%.*s", (int)len, line);

		if (len)
			headers = curl_slist_append(headers, copy);
		free(copy);
	}
	curl_easy_setopt(easy, CURLOPT_URL, url);
	curl_easy_setopt(easy, CURLOPT_PROXY, middle->proxy);
	curl_easy_setopt(easy, CURLOPT_CAINFO, middle->ca);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, reply);
	if (strcmp(request->method, "GET") != 0)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	if (curl_easy_perform(easy) == CURLE_OK)
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	reply->status = (int)status;
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
	free(url);
}

static bool
handle(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	struct middle *middle = user;
	struct middle_reply reply = {.status = 0};
	struct buf body;
	size_t len;
	const char *host = line_of(request->head, "Host", &len);

	if (len > 6)
		snprintf(reply.host, sizeof reply.host, "%.*s", (int)len - 6, host + 6);
	buf_init(&body, BODY_MAX);
	ask(middle, request, &reply, &body);
	reply.body = mem_strdup(buf_text(&body));
	buf_free(&body);
	if (middle->tamper)
		middle->tamper(middle->user, request, &reply);
	tls_reply(conn, reply.status, reply.headers, reply.body);
	free(reply.body);
	return true;
}

struct middle *
middle_start(const char *proxy, const char *ca)
{
	struct middle *middle = mem_alloc(sizeof *middle);

	snprintf(middle->proxy, sizeof middle->proxy, "%s", proxy);
	snprintf(middle->ca, sizeof middle->ca, "%s", ca);
	middle->server = tls_server_start(&(struct tls_options){.handler = handle,
		.user = middle,
		.names = middle_names,
		.names_len = ARRAY_LEN(middle_names) - 1});
	return middle;
}

void
middle_set(struct middle *middle, middle_tamper *tamper, void *user)
{
	middle->tamper = tamper;
	middle->user = user;
}

void
middle_stop(struct middle *middle)
{
	tls_server_stop(middle->server);
	free(middle);
}

int
middle_port(const struct middle *middle)
{
	return tls_server_port(middle->server);
}
