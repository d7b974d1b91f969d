/* One vault or one key, waiting for the answer: what `vault show` and `key show` need. And many
 * small questions at once, of which the answers to all are waited for. */
#include <stdlib.h>
#include <string.h>

#include "backend/base/mem.h"
#include "backend/estate/inside.h"
#include "backend/net/origin.h"

enum { PAGES_MAX = 2000, ASKS_AT_ONCE = 24 };

/* One exchange and its body as JSON; the request is used up. NULL: err tells. */
static json_t *
ask(struct estate *estate, struct request *request, struct err *err)
{
	struct reply reply = {0};
	json_t *json = NULL;

	if (session_ask(estate->session, request, &reply, err)) {
		json = json_read(buf_text(&reply.body), reply.body.len, "the reply", err);
		if (json == NULL && err)
			memcpy(err->request_id, reply.request_id, sizeof err->request_id);
	}
	reply_free(&reply);
	return json;
}

bool
estate_read_vault(
	struct estate *estate, const struct armid *vault, struct vault *out, struct err *err)
{
	struct request request;
	json_t *json;
	bool ok;

	*out = (struct vault){0};
	estate_get_vault(estate->session, vault, &request);
	json = ask(estate, &request, err);
	request_free(&request);
	if (json == NULL)
		return err_prefix(err, "vault %s", vault->name);
	ok = vault_decode(json, out, err);
	json_decref(json);
	return ok;
}

/* All pages of versions. When they cannot be read out->listed stays false. */
static void
read_versions(struct estate *estate, const struct keyid *id, struct key *out)
{
	char *url = NULL;

	for (int page = 0; page < PAGES_MAX; page++) {
		struct request request;
		struct err err = {0};
		char *next = NULL;
		json_t *json;
		bool more;

		estate_get_versions(estate->session, id, &request);
		if (url) {
			free(request.url);
			request.url = url;
			url = NULL;
		}
		json = ask(estate, &request, &err);
		more = json &&
		       key_decode_versions(json, session_cloud(estate->session), out, &next, &err);
		more = more && next[0] && origin_follow(request.url, next, &url, &err);
		free(next);
		json_decref(json);
		request_free(&request);
		if (!more)
			return;
	}
	free(url);
}

bool
estate_read_key(struct estate *estate, const struct keyid *id, struct key *out, struct err *err)
{
	struct request request;
	json_t *json;
	bool ok;

	*out = (struct key){0};
	estate_get_key(estate->session, id, &request);
	json = ask(estate, &request, err);
	request_free(&request);
	if (json == NULL)
		return err_prefix(err, "key %s/%s", id->vault, id->key);
	ok = key_decode(json, session_cloud(estate->session), out, err);
	json_decref(json);
	if (!ok)
		return false;
	read_versions(estate, id, out);
	/* Asked for by version, the reply does not say which one is current. */
	if (id->version[0] && out->listed && out->versions_len)
		memcpy(out->id.version, out->versions[0].version, sizeof out->id.version);
	return true;
}

/* Asks under way. */
struct round {
	struct estate *estate;
	struct asked *asks;
	size_t len, next, ended;
	struct job *end; /* all are answered: done() is called in the next turn */
	void (*done)(void *user);
	void *user;
};

static void send_next(struct round *round);

static void
asked(void *user, struct reply *reply, const struct err *err)
{
	struct asked *one = user;
	struct round *round = one->round;

	one->call = NULL;
	one->err = *err;
	if (err->kind == ERR_NONE) {
		one->json =
			json_read(buf_text(&reply->body), reply->body.len, "the reply", &one->err);
		if (one->json == NULL)
			memcpy(one->err.request_id, reply->request_id, sizeof one->err.request_id);
	}
	round->ended++;
	send_next(round);
}

static void
end(void *user)
{
	struct round round = *(struct round *)user;

	free(user);
	round.done(round.user);
}

static void
send_next(struct round *round)
{
	while (round->next < round->len && round->next - round->ended < ASKS_AT_ONCE) {
		struct asked *one = &round->asks[round->next++];

		one->round = round;
		one->call = session_send(round->estate->session, &one->request, asked, one);
	}
	if (round->ended == round->len)
		round->end = job_after(session_loop(round->estate->session), 0, end, round);
}

struct round *
round_start(
	struct estate *estate, struct asked *asks, size_t len, void (*done)(void *user), void *user)
{
	struct round *round = mem_alloc(sizeof *round);

	*round = (struct round){
		.estate = estate, .asks = asks, .len = len, .done = done, .user = user};
	send_next(round);
	return round;
}

void
round_cancel(struct round *round)
{
	if (round == NULL)
		return;
	job_cancel(round->end);
	for (size_t i = 0; i < round->next; i++)
		call_cancel(round->asks[i].call);
	free(round);
}

static void
set_true(void *user)
{
	*(bool *)user = true;
}

bool
estate_ask_all(struct estate *estate, struct asked *asks, size_t len, struct err *err)
{
	bool done = false;
	struct round *round = round_start(estate, asks, len, set_true, &done);

	loop_until(session_loop(estate->session), &done);
	if (done)
		return true;
	round_cancel(round);
	return err_set(err, ERR_CANCELLED, "", "not everything was read: interrupted");
}

void
asked_free(struct asked *asks, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		request_free(&asks[i].request);
		json_decref(asks[i].json);
	}
	free(asks);
}
