/* The forms and their ends as they were seen in recorded calls of ARM. What neither names a URL nor
 * is a 202 is complete; a 201 whose Location is the resource itself is complete too. */
#include "backend/net/lro.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json.h"

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

void
lro_start(struct lro *lro, const struct request *request, const struct reply *reply)
{
	bool makes = request->method == HTTP_PUT || request->method == HTTP_PATCH;
	bool accepted = reply->status == 202;
	bool elsewhere = reply->location && !same_path(reply->location, request->url);

	*lro = (struct lro){.state = LRO_NONE};
	if (request->method == HTTP_GET || request->method == HTTP_HEAD)
		return;
	if (reply->status < 200 || reply->status > 202)
		return;
	if (makes)
		lro->resource = mem_strdup(request->url);
	else if (request->method == HTTP_POST && reply->operation && reply->location)
		lro->resource = mem_strdup(reply->location);
	lro->by_status = reply->operation != NULL;
	if (reply->operation)
		poll_at(lro, reply->operation, reply);
	else if (reply->location && (accepted || (reply->status == 201 && elsewhere)))
		poll_at(lro, reply->location, reply);
	else if (accepted && makes)
		fetch(lro, wait_of(reply));
}

static void
fail(struct lro *lro, const struct reply *reply, int http, struct err *err)
{
	lro->state = LRO_FAILED;
	json_error(buf_text(&reply->body), reply->body.len, http, reply->request_id, err);
	if (err && err->code[0] == '\0')
		text_cleans(err->code, sizeof err->code, "OperationFailed");
}

/* The status word of the body, "" when there is none; false when the body cannot be read. */
static bool
read_status(const struct reply *reply, char status[64], struct err *err)
{
	json_t *root;
	bool ok;

	status[0] = '\0';
	if (reply->body.len == 0)
		return true;
	root = json_read(reply->body.data, reply->body.len, "status of the operation", err);
	if (root == NULL)
		return false;
	ok = json_text(root, "status", status, 64, err);
	json_decref(root);
	return ok;
}

static bool
means_failure(const char *status)
{
	return text_casecmp(status, "Failed") == 0 || text_casecmp(status, "Canceled") == 0 ||
	       text_casecmp(status, "Cancelled") == 0;
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
	char status[64];

	if (!read_status(reply, status, err)) {
		lro->state = LRO_FAILED;
	} else if (text_casecmp(status, "Succeeded") == 0) {
		finish(lro);
	} else if (means_failure(status)) {
		fail(lro, reply, reply->status, err);
	} else if (status[0] == '\0') {
		lro->state = LRO_FAILED;
		err_set(err, ERR_FAILED, "BadReply",
			"the operation's status is missing from its answer");
	} else {
		poll_at(lro, reply->operation ? reply->operation : lro->url, reply);
	}
}

/* A 202 goes on at the newest Location; the first other success is the end, unless a status that
 * some providers write says that it failed. Bodies of other shapes are no business of ours here. */
static void
next_by_location(struct lro *lro, const struct reply *reply, struct err *err)
{
	char status[64];

	if (reply->status == 202)
		poll_at(lro, reply->location ? reply->location : lro->url, reply);
	else if (read_status(reply, status, NULL) && means_failure(status))
		fail(lro, reply, reply->status, err);
	else
		lro->state = LRO_DONE;
}

void
lro_next(struct lro *lro, const struct reply *reply, struct err *err)
{
	if (reply->status < 200 || reply->status > 299)
		fail(lro, reply, reply->status, err);
	else if (lro->state == LRO_FETCH)
		lro->state = LRO_DONE;
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
