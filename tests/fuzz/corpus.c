/* The observer of the sandbox sees each call of the catalogue when it has been answered, so that
 * nothing is typed twice. A call alone would mostly find nothing on a fresh estate: those that
 * changed the same resource before it go in front. */
#include "tests/fuzz/corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/route.h"
#include "tests/fixtures/sandbox_client.h"
#include "tests/fuzz/estate.h"
#include "tests/fuzz/request.h"
#include "tests/spec/calls.h"

enum { SEEN = 2048, BEFORE = 4, TEXT_MAX = 1 << 16 };

struct seen {
	char *text, *resource;
	unsigned status;
	bool changed;
};

struct corpus {
	struct seen seen[SEEN];
	size_t len;
	bool listening;
};

/* The resource that a path is about, or the key, by the host in front of it. */
static char *
resource_of(const char *host, const char *path)
{
	int segments = text_case_starts(path, "/subscriptions/") ? 8 : 2;
	size_t len = 0;

	while (path[len] && (path[len] != '/' || segments--))
		len++;
	return mem_printf("%s%.*s", host, (int)len, path);
}

static void
add(struct buf *out, const char *text)
{
	if (!buf_adds(out, text))
		abort();
}

static void
add_escaped(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (!(strchr("-._~$:,'()/", *text) || (*text >= '0' && *text <= '9') ||
			    (*text >= 'A' && *text <= 'Z') || (*text >= 'a' && *text <= 'z'))
				? !buf_addf(out, "%%%02X", (unsigned char)*text)
				: !buf_add(out, text, 1))
			abort();
}

/* Headers of the transport, and what the fuzzer adds by itself. */
static bool
is_plain(const char *name)
{
	static const char *const left_out[] = {"Host", "Accept", "User-Agent", "Content-Length"};

	for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
		if (text_casecmp(name, left_out[i]) == 0)
			return false;
	return true;
}

static char *
text_of(const struct call *call)
{
	struct buf out;
	char *text;

	buf_init(&out, TEXT_MAX);
	add(&out, call->method);
	add(&out, " ");
	add(&out, call->path);
	for (size_t i = 0; i < call->query_len; i++) {
		add(&out, i ? "&" : "?");
		add_escaped(&out, call->query[i].name);
		add(&out, "=");
		add_escaped(&out, call->query[i].value);
	}
	if (!buf_addf(&out, " HTTP/1.1\nHost: %s\n", call->host))
		abort();
	for (size_t i = 0; i < call->headers_len; i++)
		if (is_plain(call->headers[i].name) &&
			!buf_addf(&out, "%s: %s\n", call->headers[i].name, call->headers[i].value))
			abort();
	add(&out, "\n");
	add(&out, buf_text(&call->body));
	text = mem_strdup(buf_text(&out));
	buf_free(&out);
	return text;
}

static void
look(void *user, const struct call *call)
{
	struct corpus *corpus = user;
	struct seen *seen = &corpus->seen[corpus->len];

	if (!corpus->listening || corpus->len == SEEN || strlen(buf_text(&call->body)) > 8192)
		return;
	seen->text = text_of(call);
	seen->resource = resource_of(call->host, call->path);
	seen->status = call->reply.status;
	seen->changed = call->verb & ~(unsigned)(VERB_GET | VERB_HEAD) && seen->status < 300;
	corpus->len++;
}

static void
give(const struct corpus *corpus, size_t i, corpus_take *take, void *user)
{
	size_t before[BEFORE], n = 0;
	struct buf text;

	for (size_t k = i; k > 0 && n < BEFORE; k--)
		if (corpus->seen[k - 1].changed &&
			strcmp(corpus->seen[k - 1].resource, corpus->seen[i].resource) == 0)
			before[n++] = k - 1;
	buf_init(&text, TEXT_MAX);
	while (n) {
		add(&text, corpus->seen[before[--n]].text);
		if (!buf_addf(&text, "%c", REQUEST_END))
			abort();
	}
	add(&text, corpus->seen[i].text);
	take(user, text.data, text.len, corpus->seen[i].status);
	buf_free(&text);
}

static void
catalogue(corpus_take *take, void *user)
{
	void (*const makers[])(struct calls *) = {
		calls_estate, calls_vaults, calls_roles, calls_accounts, calls_keys, calls_hsm};
	struct corpus *corpus = mem_alloc(sizeof *corpus);
	struct calls calls = {0};
	char secret[64];

	client_open_with(&demo,
		&(struct sandbox_options){.seed = "demo", .observe = look, .observer = corpus});
	client_file(&demo, "secret", secret);
	client_sign_in(&demo, OPERATOR, secret, "https://managedhsm.azure.net", calls.hsm);
	corpus->listening = true;
	for (size_t i = 0; i < ARRAY_LEN(makers); i++)
		makers[i](&calls);
	client_close(&demo);
	for (size_t i = 0; i < corpus->len; i++)
		give(corpus, i, take, user);
	for (size_t i = 0; i < corpus->len; i++) {
		free(corpus->seen[i].text);
		free(corpus->seen[i].resource);
	}
	free(corpus);
}

struct taker {
	corpus_take *take;
	void *user;
};

/* A name for {} of a pattern: one that the demo estate has after that word, or any. */
static const char *
name_after(const char *word, size_t len)
{
	static const char *const known[][2] = {
		{"subscriptions", "4e9a6c18-73b2-4d05-8f1e-c6a2d7b45103"},
		{"resourceGroups", "rg-finance"},
		{"automationAccounts", "aa-payroll"},
		{"vaults", "kv-payroll"},
		{"managedHSMs", "hsm-core"},
		{"keys", "cmk-payroll"},
		{"", TENANT},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i][0]) == len && strncasecmp(known[i][0], word, len) == 0)
			return known[i][1];
	return "stcanary";
}

static void
give_verb(const struct taker *to, const struct route *route, const char *method, const char *path)
{
	static const struct {
		unsigned role;
		const char *host;
	} hosts[] = {
		{HOST_LOCAL, "localhost:8443"},
		{HOST_ARM, "management.azure.com"},
		{HOST_ENTRA, "login.microsoftonline.com"},
		{HOST_VAULT, "kv-payroll.vault.azure.net"},
		{HOST_HSM, "hsm-core.managedhsm.azure.net"},
		{HOST_BLOB, "stcanary.blob.core.windows.net"},
		{HOST_GRAPH, "graph.microsoft.com"},
	};

	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		char *text;

		if (!(route->hosts & hosts[i].role))
			continue;
		text = mem_printf(
			"%s %s?api-version=%s HTTP/1.1\nHost: %s\nx-ms-version: 2021-08-06\n\n%s",
			method, path, route->type ? "2023-11-01" : "7.4", hosts[i].host,
			route->flags & ROUTE_JSON ? "{}" : "");
		to->take(to->user, text, strlen(text), 0);
		free(text);
	}
}

static void
give_route(void *user, const struct route *route)
{
	static const struct {
		enum verb verb;
		const char *name;
	} verbs[] = {{VERB_GET, "GET"}, {VERB_HEAD, "HEAD"}, {VERB_PUT, "PUT"}, {VERB_POST, "POST"},
		{VERB_PATCH, "PATCH"}, {VERB_DELETE, "DELETE"}};
	struct buf path;
	const char *word = "";
	size_t word_len = 0;

	buf_init(&path, 2048);
	for (const char *at = route->pattern; *at;) {
		size_t len = strcspn(++at, "/");

		add(&path, "/");
		if (len && at[0] == '{')
			add(&path, at[1] == '*' ? &PRODUCTION[1] : name_after(word, word_len));
		else if (!buf_add(&path, at, len))
			abort();
		word = at;
		word_len = len;
		at += len;
	}
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (route->verbs & verbs[i].verb)
			give_verb(user, route, verbs[i].name, buf_text(&path));
	buf_free(&path);
}

void
corpus_make(corpus_take *take, void *user)
{
	struct taker to = {take, user};

	catalogue(take, user);
	route_each(give_route, &to);
	for (size_t i = 0; i < corpus_more_len; i++)
		take(user, corpus_more[i], strlen(corpus_more[i]), 0);
}
