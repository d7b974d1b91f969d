/* Each call has a connection of its own: what one test leaves behind cannot help the next. */
#include "tests/unit/sandbox_client.h"

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend/base/file.h"
#include "crypto/secret.h"
#include "tests/flow/run.h"

static size_t
collect(char *bytes, size_t size, size_t count, void *user)
{
	struct client *client = user;
	size_t used = client->body_len, len = size * count, room = sizeof client->body - 1;

	client->body_len += len;
	if (used < room) {
		memcpy(client->body + used, bytes, len < room - used ? len : room - used);
		client->body[used + (len < room - used ? len : room - used)] = '\0';
	}
	return len;
}

static size_t
collect_header(char *bytes, size_t size, size_t count, void *user)
{
	struct client *client = user;
	size_t used = strlen(client->headers), len = size * count;

	if (used + len < sizeof client->headers) {
		memcpy(client->headers + used, bytes, len);
		client->headers[used + len] = '\0';
	}
	return len;
}

long
client_send(struct client *client, const char *method, const char *url, const char *auth,
	const char *body)
{
	const struct sandbox_access *access = sandbox_access(client->sandbox);
	struct curl_slist *headers = NULL;
	CURL *curl = curl_easy_init();

	client->status = 0;
	client->headers[0] = client->body[0] = '\0';
	client->body_len = 0;
	if (auth)
		headers = curl_slist_append(headers, auth);
	headers = curl_slist_append(headers, "Expect:");
	for (size_t i = 0; client->extra[i]; i++)
		headers = curl_slist_append(headers, client->extra[i]);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	curl_easy_setopt(curl, CURLOPT_NOBODY, (long)(strcmp(method, "HEAD") == 0));
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_CAINFO, access->ca_file);
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, access->socket);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, client);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, client);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, 120L);
	if (body)
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	if (body)
		curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
	if (curl_easy_perform(curl) == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &client->status);
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	json_decref(client->json); /* only now: url may be a text in it */
	client->json = json_loads(client->body, 0, NULL);
	return client->status;
}

json_t *
client_at(const struct client *client, const char *path)
{
	json_t *at = client->json;
	char step[128];

	while (at && *path) {
		size_t len = strcspn(path, ".");

		snprintf(step, sizeof step, "%.*s", (int)len, path);
		at = json_is_array(at) ? json_array_get(at, strtoul(step, NULL, 10))
				       : json_object_get(at, step);
		path += len + (path[len] == '.');
	}
	return at;
}

const char *
client_text(const struct client *client, const char *path)
{
	const char *text = json_string_value(client_at(client, path));

	return text ? text : "";
}

json_int_t
client_number(const struct client *client, const char *path)
{
	json_t *at = client_at(client, path);

	return json_is_integer(at) ? json_integer_value(at) : -1;
}

void
client_file(const struct client *client, const char *name, char out[64])
{
	char path[128];
	struct buf text;

	snprintf(path, sizeof path, "%s/%s", client->dir, name);
	buf_init(&text, 63);
	assert_true(file_read(path, true, &text, NULL));
	snprintf(out, 64, "%s", buf_text(&text));
	out[strcspn(out, "\n")] = '\0';
	buf_free(&text);
}

void
client_sign_in(struct client *client, const char *id, const char *secret, const char *audience,
	char header[4096])
{
	char form[512];

	snprintf(form, sizeof form,
		"grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s%%2F.default",
		id, secret, audience);
	assert_int_equal(client_send(client, "POST",
				 "https://login.microsoftonline.com/" TENANT "/oauth2/v2.0/token",
				 NULL, form),
		200);
	snprintf(header, 4096, "Authorization: Bearer %s", client_text(client, "access_token"));
}

void
client_open(struct client *client, const char *seed)
{
	client_open_with(client, &(struct sandbox_options){.seed = seed});
}

void
client_open_with(struct client *client, const struct sandbox_options *asked)
{
	struct sandbox_options options = *asked;
	struct err err = {0};
	char secret[64];

	secret_init();
	*client = (struct client){.dir = "/tmp/claviger-test-XXXXXX"};
	assert_non_null(mkdtemp(client->dir));
	if (options.seed && strcmp(options.seed, "demo") == 0)
		place_fill(client->dir);
	options.state = client->dir;
	client->sandbox = sandbox_open(&options, &err);
	if (!client->sandbox)
		fail_msg("%s", err.msg);
	client_file(client, "secret", secret);
	client_sign_in(client, OPERATOR, secret, ARM, client->arm);
	client_sign_in(client, OPERATOR, secret, "https://vault.azure.net", client->vault);
}

void
client_close(struct client *client)
{
	json_decref(client->json);
	sandbox_close(client->sandbox);
	file_remove_tree(client->dir);
}

struct client demo;

int
demo_setup(void **state)
{
	(void)state;
	client_open(&demo, "demo");
	return 0;
}

int
demo_teardown(void **state)
{
	(void)state;
	client_close(&demo);
	return 0;
}

long
demo_arm(const char *method, const char *url, const char *body)
{
	return client_send(&demo, method, url, demo.arm, body);
}

long
demo_kv(const char *method, const char *url, const char *body)
{
	return client_send(&demo, method, url, demo.vault, body);
}

void
demo_clock(const char *word)
{
	const char *const words[] = {"clock", word};
	char secret[64];
	struct buf out;
	struct err err;

	buf_init(&out, 4096);
	if (!sandbox_ctl(demo.dir, words, 2, &out, &err))
		fail_msg("%s", err.msg);
	buf_free(&out);
	client_file(&demo, "secret", secret);
	client_sign_in(&demo, OPERATOR, secret, ARM, demo.arm);
	client_sign_in(&demo, OPERATOR, secret, "https://vault.azure.net", demo.vault);
}

void
demo_refused(long status, long wanted, const char *code, const char *message)
{
	assert_int_equal(status, wanted);
	assert_string_equal(client_text(&demo, "error.code"), code);
	if (message)
		assert_string_equal(client_text(&demo, "error.message"), message);
}

void
demo_members(const char *path, const char *wanted)
{
	json_t *object = client_at(&demo, path);
	char names[512] = "";

	for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at))
		snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
			names[0] ? "," : "", json_object_iter_key(at));
	assert_string_equal(names, wanted);
}
