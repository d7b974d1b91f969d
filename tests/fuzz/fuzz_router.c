/* An input is the text of up to eight requests, which run through the sandbox one after the other,
 * from the demo estate on. Whatever they are, each gets a reply that a server can send. Linked with
 * libFuzzer (make fuzz) or with the replay of the corpus (make check). */
#include "tests/fuzz/fuzz_router.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/sandbox/route.h"
#include "backend/sandbox/service/due.h"
#include "tests/fuzz/estate.h"
#include "tests/fuzz/request.h"

enum { REQUESTS = 8 };

static void
demand(bool ok, const struct exchange *x, const char *what)
{
	const struct call *call = &x->call;
	char *json = NULL;

	if (ok)
		return;
	if (call->reply.json)
		json = json_dumps(call->reply.json, JSON_COMPACT | JSON_ENCODE_ANY);
	fprintf(stderr, "%s: %s %s%s -> %u %.500s\n", what, call->method, call->host, call->path,
		call->reply.status, json ? json : "");
	abort();
}

static bool
is_hex(char c)
{
	return c && strchr("0123456789abcdefABCDEF", c);
}

static bool
broken_escape(const char *text)
{
	for (; text && (text = strchr(text, '%')); text++)
		if (!is_hex(text[1]) || !is_hex(text[2]) || memcmp(text, "%00", 3) == 0)
			return true;
	return false;
}

/* What no service can make sense of. */
static bool
is_malformed(const struct exchange *x, const struct request *request)
{
	const struct call *call = &x->call;
	bool bad = x->unknown_method || x->bad_header || x->too_long || request->path[0] != '/' ||
		   broken_escape(request->path);

	for (size_t i = 0; i < request->query_len && i < CALL_QUERY; i++)
		bad = bad || broken_escape(request->query[i].name) ||
		      broken_escape(request->query[i].value);
	if (call->route && call->route->flags & ROUTE_JSON) {
		json_t *json = json_loadb(request->body, request->body_len, 0, NULL);

		bad = bad || !json_is_object(json);
		json_decref(json);
	}
	return bad;
}

/* Nothing that would end a line, or that a client must refuse. */
static bool
is_header(const struct pair *header)
{
	for (const char *c = header->name; *c; c++)
		if (*c <= ' ' || *c == ':' || *c == 0x7f)
			return false;
	for (const char *c = header->value; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return false;
	return header->name[0] != '\0';
}

static bool
is_json_text(const struct reply *reply)
{
	size_t len = reply->len ? reply->len : strlen(reply->text);
	json_t *json = json_loadb(reply->text, len, JSON_DECODE_ANY, NULL);
	bool ok = json != NULL;

	json_decref(json);
	return ok;
}

static void
check_body(const struct exchange *x)
{
	const struct call *call = &x->call;
	const struct reply *reply = &call->reply;
	bool blob = call->naming.role == HOST_BLOB;

	if (reply->json) {
		char *text = json_dumps(reply->json, JSON_COMPACT);

		demand(text != NULL, x, "a body that cannot be written");
		free(text);
	} else if (reply->text) {
		demand(!reply->type || !strstr(reply->type, "json") || is_json_text(reply), x,
			"a body that is no JSON");
	} else if (!blob) {
		demand(reply->status < 400 || call->verb == VERB_HEAD, x,
			"a refusal without words");
		demand(reply->status != 200 || call->verb != VERB_GET, x,
			"an answer without words");
	}
}

static void
check(const struct exchange *x, const struct request *request)
{
	const struct reply *reply = &x->call.reply;

	demand(reply->status >= 200 && reply->status < 600, x, "a status that there is not");
	demand(reply->status < 500, x, "the sandbox is at fault");
	if (is_malformed(x, request))
		demand(reply->status >= 400, x, "a malformed request was obeyed");
	for (size_t i = 0; i < reply->headers_len; i++)
		demand(is_header(&reply->headers[i]), x, "a header that cannot be sent");
	check_body(x);
}

static unsigned
run(struct world *world, char *text, size_t len)
{
	struct request request;
	struct exchange *x;
	unsigned status;
	long ignored;

	if (!request_read(&request, text, len))
		return 400;
	world->lro = request.lro;
	if (request.clock && !due_advance(world, request.clock))
		abort();
	x = request_begin(&request, world);
	exchange_answer(x, &ignored);
	check(x, &request);
	status = x->call.reply.status;
	exchange_end(x);
	return status;
}

unsigned
fuzz_router(const void *bytes, size_t size)
{
	struct world *world = estate();
	char *text = mem_alloc(size + 1), *at = text, *end = text + size;
	unsigned status = 0;

	if (size)
		memcpy(text, bytes, size);
	for (size_t i = 0; i < REQUESTS && at < end; i++) {
		char *next = memchr(at, REQUEST_END, (size_t)(end - at));

		if (!next)
			next = end;
		*next = '\0';
		status = run(world, at, (size_t)(next - at));
		at = next + 1;
	}
	free(text);
	estate_reset();
	return status;
}

int
LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size)
{
	fuzz_router(bytes, size);
	return 0;
}
