/* A ring of exchanges. Redaction is by construction: each field is picked from where it stands, a
 * request's body loses the values that may be secret, and of an error only members that are known
 * to explain it are copied; so what a server may invent tomorrow is left out today. */
#include "backend/session/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/json.h"
#include "backend/net/origin.h"

enum {
	BODY_MAX = 16 << 10,
	REPLY_MAX = 4 << 10,
	READ_MAX = 64 << 10, /* of an error's body */
	URL_MAX = 16 << 10,
	CLEAN_GROWTH = 8,
	DEPTH_MAX = 16,
	BLOT_MIN = 4, /* shorter than this is no secret but a coincidence */
};

#define ELLIPSIS "\xe2\x80\xa6"

/* The texts of an exchange while they are picked. */
struct texts {
	char host[200], error[64], azure_error[64], request_id[64], correlation[64];
	const char *audience;
	char *path, *query; /* owned */
};

struct wire {
	struct wire_exchange ring[WIRE_ROOM];
	unsigned long count;
	void (*grown)(void *user);
	void *user;
};

struct wire *
wire_new(void)
{
	return mem_alloc(sizeof(struct wire));
}

static void
forget(struct wire_exchange *exchange)
{
	free(exchange->texts);
	free(exchange->body);
	free(exchange->reply);
	*exchange = (struct wire_exchange){0};
}

void
wire_free(struct wire *wire)
{
	if (wire == NULL)
		return;
	for (size_t i = 0; i < WIRE_ROOM; i++)
		forget(&wire->ring[i]);
	free(wire);
}

static char *
clean(const char *text, size_t len)
{
	size_t room = len * CLEAN_GROWTH + 1;
	char *out = mem_alloc(room);

	text_clean(out, room, text, len);
	return mem_resize(out, strlen(out) + 1);
}

/* Names only; an api-version tells more than it gives away. */
static char *
clean_query(const char *query)
{
	struct buf out;
	char *text;
	bool ok = true;

	buf_init(&out, URL_MAX);
	while (ok && *query && *query != '#') {
		size_t len = strcspn(query, "&#"), name = strcspn(query, "=&#");
		bool version = strncmp(query, "api-version=", 12) == 0;

		ok = (out.len == 0 || buf_adds(&out, "&")) &&
		     buf_add(&out, query, version ? len : name) &&
		     (version || name == len || buf_adds(&out, "=" ELLIPSIS));
		query += len + (query[len] == '&');
	}
	text = clean(buf_text(&out), out.len);
	buf_free(&out);
	return text;
}

static void
take_url(struct texts *texts, const struct request *request)
{
	const char *url = request->url, *path = strstr(url, "://");
	size_t len;

	if (!origin_request(request, texts->host, sizeof texts->host))
		texts->host[0] = '\0';
	path = path ? path + 3 : url;
	path += strcspn(path, "/?#");
	len = strcspn(path, "?#");
	texts->path = clean(path, len);
	texts->query = clean_query(path[len] == '?' ? path + len + 1 : "");
}

/* Members of a request whose texts are secrets or key material: a canary's value, a wrapped key, a
 * JWK's private half, whatever names itself a secret. */
static bool
is_secret(const char *name)
{
	static const char *const names[] = {
		"value", "k", "d", "dp", "dq", "qi", "p", "q", "digest", "signature", "ciphertext"};
	static const char *const parts[] = {
		"secret", "password", "token", "assertion", "credential", "privatekey"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_casecmp(name, names[i]) == 0)
			return true;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (text_case_has(name, parts[i]))
			return true;
	return false;
}

static json_t *
copy_body(const json_t *from, bool secret)
{
	const char *name;
	const json_t *item;
	char *text;
	json_t *out;
	size_t i;

	if (json_is_array(from)) {
		out = json_array();
		json_array_foreach(from, i, item)
		{
			json_array_append_new(out, copy_body(item, secret));
		}
		return out;
	}
	if (json_is_object(from)) {
		out = json_object();
		json_object_foreach((json_t *)from, name, item)
		{
			json_object_set_new(out, name, copy_body(item, is_secret(name)));
		}
		return out;
	}
	if (!secret || !json_is_string(from))
		return json_deep_copy(from);
	text = mem_printf("(%zu characters, not kept)", json_string_length(from));
	out = json_string(text);
	free(text);
	return out;
}

static char *
keep_body(const struct request *request, const char *audience)
{
	json_t *body, *kept;
	char *text;

	if (request->body == NULL || !request->changes || request->form || *audience == '\0')
		return NULL;
	body = json_read(request->body, strlen(request->body), "body", NULL);
	if (body == NULL)
		return mem_printf("(%zu bytes, not kept)", strlen(request->body));
	kept = copy_body(body, false);
	text = json_dumps(kept, JSON_COMPACT);
	json_decref(kept);
	json_decref(body);
	if (text && strlen(text) > BODY_MAX) {
		free(text);
		text = mem_printf("(%zu bytes, not kept)", strlen(request->body));
	}
	return text;
}

static bool
explains(const char *name)
{
	static const char *const names[] = {"error", "odata.error", "code", "message", "target",
		"details", "innererror", "lang", "error_description", "error_codes", "suberror",
		"timestamp", "trace_id", "correlation_id"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_casecmp(name, names[i]) == 0)
			return true;
	return false;
}

/* NULL for what is not kept. */
static json_t *
copy_error(const json_t *from, int depth)
{
	const char *name;
	const json_t *item;
	json_t *out;
	char *text;
	size_t i;

	if (depth == DEPTH_MAX || json_is_null(from))
		return NULL;
	if (json_is_string(from)) {
		text = clean(json_string_value(from), json_string_length(from));
		out = json_string(text);
		free(text);
		return out;
	}
	if (json_is_array(from)) {
		out = json_array();
		json_array_foreach(from, i, item)
		{
			json_array_append_new(out, copy_error(item, depth + 1));
		}
		return out;
	}
	if (!json_is_object(from))
		return json_deep_copy(from);
	out = json_object();
	json_object_foreach((json_t *)from, name, item)
	{
		if (explains(name))
			json_object_set_new(out, name, copy_error(item, depth + 1));
	}
	return out;
}

/* AADSTS7000215 of an Entra message, which says more than its code invalid_client. */
static bool
take_entra(const char *message, char *out, size_t room)
{
	const char *at = strstr(message, "AADSTS");

	if (at)
		snprintf(out, room, "%.*s", 6 + (int)strspn(at + 6, "0123456789"), at);
	return at != NULL;
}

static void
take_error(struct wire_exchange *exchange, struct texts *texts, const struct reply *reply)
{
	size_t len = reply->body.len < READ_MAX ? reply->body.len : 0;
	json_t *root = json_read(buf_text(&reply->body), len, "reply", NULL), *kept;
	struct err err;

	json_error(buf_text(&reply->body), len, reply->status, NULL, &err);
	if (err.code[0] == '\0')
		memcpy(err.code, reply->error_code, sizeof err.code);
	if (texts->audience[0] ||
		!take_entra(err.msg, texts->azure_error, sizeof texts->azure_error))
		memcpy(texts->azure_error, err.code, sizeof texts->azure_error);
	if (!json_is_object(root)) {
		json_decref(root);
		return;
	}
	kept = copy_error(root, 0);
	exchange->reply = json_dumps(kept, JSON_COMPACT);
	json_decref(kept);
	json_decref(root);
	if (exchange->reply && strlen(exchange->reply) > REPLY_MAX) {
		char *cut = mem_alloc(REPLY_MAX + sizeof ELLIPSIS);

		text_clean(cut, REPLY_MAX, exchange->reply, strlen(exchange->reply));
		memcpy(cut + strlen(cut), ELLIPSIS, sizeof ELLIPSIS);
		free(exchange->reply);
		exchange->reply = cut;
	}
}

static void
take_reply(struct wire_exchange *exchange, struct texts *texts, const struct reply *reply)
{
	exchange->status = reply->status;
	exchange->connect_us = reply->connect_us;
	exchange->answer_us = reply->us;
	exchange->received = reply->body.len;
	text_cleans(texts->request_id, sizeof texts->request_id, reply->request_id);
	text_cleans(texts->correlation, sizeof texts->correlation, reply->correlation_id);
	if (reply->status >= 400)
		take_error(exchange, texts, reply);
}

/* With room for the longest of each the ring would be five times as large. */
static void
keep_texts(struct wire_exchange *exchange, struct texts *texts)
{
	const char **const kept[] = {&exchange->host, &exchange->path, &exchange->query,
		&exchange->audience, &exchange->error, &exchange->azure_error,
		&exchange->request_id, &exchange->correlation};
	char *at = mem_printf("%s%c%s%c%s%c%s%c%s%c%s%c%s%c%s", texts->host, 0, texts->path, 0,
		texts->query, 0, texts->audience, 0, texts->error, 0, texts->azure_error, 0,
		texts->request_id, 0, texts->correlation);

	exchange->texts = at;
	for (size_t i = 0; i < ARRAY_LEN(kept); i++, at += strlen(at) + 1)
		*kept[i] = at;
	free(texts->path);
	free(texts->query);
}

const struct wire_exchange *
wire_add(struct wire *wire, const struct request *request, const struct reply *reply,
	const struct err *err, const struct wire_call *call)
{
	struct wire_exchange *exchange = &wire->ring[wire->count % WIRE_ROOM];
	struct texts texts = {.audience = call->audience};

	forget(exchange);
	exchange->number = ++wire->count;
	exchange->at = clock_wall();
	exchange->method = request->method;
	exchange->changes = request->changes;
	exchange->sent = request->body ? strlen(request->body) : 0;
	exchange->tries = call->tries;
	exchange->wait_us = call->wait_us;
	take_url(&texts, request);
	exchange->body = keep_body(request, call->audience);
	if (reply) {
		take_reply(exchange, &texts, reply);
	} else {
		exchange->answer_us = call->took_us;
		snprintf(
			texts.error, sizeof texts.error, "%s", err->code[0] ? err->code : "Failed");
	}
	keep_texts(exchange, &texts);
	if (wire->grown)
		wire->grown(wire->user);
	return exchange;
}

void
wire_on_add(struct wire *wire, void (*grown)(void *user), void *user)
{
	wire->grown = grown;
	wire->user = user;
}

unsigned long
wire_count(const struct wire *wire)
{
	return wire->count;
}

size_t
wire_len(const struct wire *wire)
{
	return wire->count < WIRE_ROOM ? (size_t)wire->count : WIRE_ROOM;
}

const struct wire_exchange *
wire_at(const struct wire *wire, size_t i)
{
	return &wire->ring[i];
}

bool
wire_url(const struct wire_exchange *exchange, struct buf *out)
{
	return buf_addf(out, "https://%s%s%s%s", exchange->host, exchange->path,
		exchange->query[0] ? "?" : "", exchange->query);
}

static void
put_text(json_t *object, const char *name, const char *text)
{
	json_object_set_new(object, name, text && *text ? json_string(text) : json_null());
}

json_t *
wire_json(const struct wire_exchange *exchange)
{
	json_t *out = json_object();
	char at[32];

	json_object_set_new(out, "number", json_integer((json_int_t)exchange->number));
	put_text(out, "time", clock_iso(exchange->at, at));
	put_text(out, "method", http_method_name(exchange->method));
	put_text(out, "host", exchange->host);
	put_text(out, "path", exchange->path);
	put_text(out, "query", exchange->query);
	put_text(out, "audience", exchange->audience);
	json_object_set_new(out, "changes", json_boolean(exchange->changes));
	json_object_set_new(out, "try", json_integer(exchange->tries));
	json_object_set_new(
		out, "status", exchange->status ? json_integer(exchange->status) : json_null());
	put_text(out, "error", exchange->error);
	put_text(out, "azureError", exchange->azure_error);
	put_text(out, "requestId", exchange->request_id);
	put_text(out, "correlationId", exchange->correlation);
	json_object_set_new(out, "waitMs", json_integer(exchange->wait_us / 1000));
	json_object_set_new(out, "connectMs", json_integer(exchange->connect_us / 1000));
	json_object_set_new(out, "answerMs", json_integer(exchange->answer_us / 1000));
	json_object_set_new(out, "bytesSent", json_integer((json_int_t)exchange->sent));
	json_object_set_new(out, "bytesReceived", json_integer((json_int_t)exchange->received));
	put_text(out, "body", exchange->body);
	put_text(out, "reply", exchange->reply);
	return out;
}

static void
blot(char *text, size_t text_len, const void *secret, size_t len)
{
	char *at;

	while ((at = memmem(text, text_len, secret, len))) {
		memset(at, 'x', len);
		text_len -= (size_t)(at - text) + len;
		text = at + len;
	}
}

void
wire_blot(struct reply *reply, const void *secret, size_t len)
{
	if (len < BLOT_MIN)
		return;
	if (reply->body.len)
		blot(reply->body.data, reply->body.len, secret, len);
	blot(reply->request_id, strlen(reply->request_id), secret, len);
	blot(reply->correlation_id, strlen(reply->correlation_id), secret, len);
}

void
wire_blot_form(struct reply *reply, const char *form)
{
	static const char *const proofs[] = {
		"client_secret=", "client_assertion=", "refresh_token=", "device_code="};

	for (; *form; form += strcspn(form, "&"), form += *form == '&')
		for (size_t i = 0; i < ARRAY_LEN(proofs); i++)
			if (text_case_starts(form, proofs[i])) {
				const char *value = form + strlen(proofs[i]);

				wire_blot(reply, value, strcspn(value, "&"));
			}
}
