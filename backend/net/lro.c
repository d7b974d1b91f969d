/* The forms and their ends as they were seen in recorded calls of ARM. What neither names a URL nor
 * is a 202 is complete; a 201 whose Location is the resource itself is complete too. */
#include "backend/net/lro.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/json.h"

enum { WAIT_DEFAULT_MS = 2000, WAIT_LEAST_S = 1, WAIT_MOST_S = 120 };

static int
wait_of(const struct reply *reply)
{
	int s = reply->retry_after_s;

	if (s < 0)
		return WAIT_DEFAULT_MS;
	return (s < WAIT_LEAST_S ? WAIT_LEAST_S : s > WAIT_MOST_S ? WAIT_MOST_S : s) * 1000;
}

/* The path of an absolute or relative URL, without query and final slash. */
static const char *
path_of(const char *url, size_t *len)
{
	const char *host = strstr(url, "://");
	const char *path = host ? strchr(host + 3, '/') : url;

	if (path == NULL)
		path = "/";
	*len = strcspn(path, "?#");
	while (*len > 1 && path[*len - 1] == '/')
		--*len;
	return path;
}

static bool
same_path(const char *a, const char *b)
{
	size_t a_len, b_len;
	const char *a_path = path_of(a, &a_len), *b_path = path_of(b, &b_len);
	char *a_text, *b_text;
	bool same;

	if (a_len != b_len)
		return false;
	a_text = mem_printf("%.*s", (int)a_len, a_path);
	b_text = mem_printf("%.*s", (int)b_len, b_path);
	same = text_casecmp(a_text, b_text) == 0;
	free(a_text);
	free(b_text);
	return same;
}

static void
go_to(struct lro *lro, const char *url)
{
	char *fresh = mem_strdup(url);

	free(lro->url);
	lro->url = fresh;
}

static void
poll_at(struct lro *lro, const char *url, const struct reply *reply)
{
	go_to(lro, url);
	lro->state = LRO_POLL;
	lro->wait_ms = wait_of(reply);
}

static void
fetch(struct lro *lro, int wait_ms)
{
	go_to(lro, lro->resource);
	lro->state = LRO_FETCH;
	lro->wait_ms = wait_ms;
}

bool
lro_is_final(const char *state)
{
	static const char *const words[] = {"", "Succeeded", "Failed", "Canceled", "Cancelled",
		"Invalid", /* Batch */ "Ok", "Suspended", "Unavailable" /* Automation */};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_casecmp(words[i], state) == 0)
			return true;
	return false;
}

static bool
means_failure(const char *status)
{
	return text_casecmp(status, "Failed") == 0 || text_casecmp(status, "Canceled") == 0 ||
	       text_casecmp(status, "Cancelled") == 0;
}

/* What a body says of how far things are; "" and -1 for what it does not say. */
struct progress {
	char status[64]; /* of an operation */
	char state[64];  /* provisioningState of a resource */
	int percent;
};

/* False when the body is no JSON, or its status no text. The rest is nice to have. */
static bool
read_progress(const struct reply *reply, struct progress *out, struct err *err)
{
	const json_t *percent;
	json_t *root;
	bool ok;

	*out = (struct progress){.percent = -1};
	if (reply->body.len == 0)
		return true;
	root = json_read(reply->body.data, reply->body.len, "status of the operation", err);
	if (root == NULL)
		return false;
	percent = json_at(root, "percentComplete");
	if (json_is_number(percent) && json_number_value(percent) >= 0 &&
		json_number_value(percent) <= 100)
		out->percent = (int)json_number_value(percent);
	if (!json_text(root, "properties.provisioningState", out->state, sizeof out->state, NULL))
		out->state[0] = '\0';
	ok = json_text(root, "status", out->status, sizeof out->status, err);
	json_decref(root);
	return ok;
}

static void
note_progress(struct lro *lro, const struct progress *seen)
{
	memcpy(lro->status, seen->status[0] ? seen->status : seen->state, sizeof lro->status);
	lro->percent = seen->percent;
}

/* A resource that says itself that it is not ready, without an operation to ask, is read again. */
void
lro_start(struct lro *lro, const struct request *request, const struct reply *reply)
{
	bool makes = request->method == HTTP_PUT || request->method == HTTP_PATCH;
	bool accepted = reply->status == 202;
	bool elsewhere = reply->location && !same_path(reply->location, request->url);
	struct progress seen;

	*lro = (struct lro){.state = LRO_NONE, .percent = -1};
	if (request->method == HTTP_GET || request->method == HTTP_HEAD)
		return;
	/* An answer and no more, such as a page of Resource Graph: too long to be read twice. */
	if (request->method == HTTP_POST && !reply->operation && !reply->location)
		return;
	if (reply->status < 200 || reply->status > 202)
		return;
	lro->deletes = request->method == HTTP_DELETE;
	if (makes)
		lro->resource = mem_strdup(request->url);
	else if (request->method == HTTP_POST && reply->operation && reply->location)
		lro->resource = mem_strdup(reply->location);
	if (read_progress(reply, &seen, NULL))
		note_progress(lro, &seen);
	lro->by_status = reply->operation != NULL;
	if (reply->operation)
		poll_at(lro, reply->operation, reply);
	else if (reply->location && (accepted || (reply->status == 201 && elsewhere)))
		poll_at(lro, reply->location, reply);
	else if (makes && (accepted || !lro_is_final(seen.state)))
		fetch(lro, wait_of(reply));
}

/* The error of an operation stands in its body, or in its properties. */
static void
fail(struct lro *lro, const struct reply *reply, struct err *err)
{
	json_t *root = json_read(buf_text(&reply->body), reply->body.len, "error", NULL);
	const json_t *inner = root ? json_at(root, "properties.error") : NULL;
	char *text = NULL;

	lro->state = LRO_FAILED;
	if (inner && !json_at(root, "error")) {
		json_t *outer = json_pack("{s:O}", "error", inner);

		text = json_dumps(outer, JSON_COMPACT);
		json_decref(outer);
	}
	json_error(text ? text : buf_text(&reply->body), text ? strlen(text) : reply->body.len,
		reply->status, reply->request_id, err);
	mem_zeroing_free(text);
	json_decref(root);
	if (err && err->code[0] == '\0')
		text_cleans(err->code, sizeof err->code, "OperationFailed");
}

static void
finish(struct lro *lro)
{
	if (lro->resource)
		fetch(lro, 0);
	else
		lro->state = LRO_DONE;
}

static void
next_by_status(struct lro *lro, const struct reply *reply, struct err *err)
{
	struct progress seen;

	if (!read_progress(reply, &seen, err)) {
		lro->state = LRO_FAILED;
		return;
	}
	note_progress(lro, &seen);
	if (text_casecmp(seen.status, "Succeeded") == 0) {
		finish(lro);
	} else if (means_failure(seen.status)) {
		fail(lro, reply, err);
	} else if (seen.status[0] == '\0') {
		lro->state = LRO_FAILED;
		err_set(err, ERR_FAILED, "BadReply",
			"the operation's status is missing from its answer");
	} else {
		poll_at(lro, reply->operation ? reply->operation : lro->url, reply);
	}
}

/* A 202 goes on at the newest Location; the first other success is the end, unless a status that
 * some providers write, or the resource that others send, says that it failed or still goes on.
 * Bodies of other shapes are no business of ours here. */
static void
next_by_location(struct lro *lro, const struct reply *reply, struct err *err)
{
	struct progress seen;

	if (read_progress(reply, &seen, NULL))
		note_progress(lro, &seen);
	if (reply->status == 202)
		poll_at(lro, reply->location ? reply->location : lro->url, reply);
	else if (means_failure(seen.status) || means_failure(seen.state))
		fail(lro, reply, err);
	else if (lro->resource && !lro_is_final(seen.state))
		fetch(lro, wait_of(reply));
	else
		lro->state = LRO_DONE;
}

/* The resource itself. How an operation ended that has a status of its own has been said. */
static void
next_by_resource(struct lro *lro, const struct reply *reply, struct err *err)
{
	struct progress seen;

	if (read_progress(reply, &seen, NULL))
		note_progress(lro, &seen);
	if (!lro_is_final(seen.state))
		fetch(lro, wait_of(reply));
	else if (means_failure(seen.state) && !lro->by_status)
		fail(lro, reply, err);
	else
		lro->state = LRO_DONE;
}

bool
lro_is_gone(const struct lro *lro)
{
	return lro->deletes && lro->state == LRO_POLL;
}

void
lro_next(struct lro *lro, const struct reply *reply, struct err *err)
{
	if (reply->status < 200 || reply->status > 299)
		fail(lro, reply, err);
	else if (lro->state == LRO_FETCH)
		next_by_resource(lro, reply, err);
	else if (lro->by_status)
		next_by_status(lro, reply, err);
	else
		next_by_location(lro, reply, err);
}

void
lro_free(struct lro *lro)
{
	free(lro->url);
	free(lro->resource);
	*lro = (struct lro){0};
}
