/* One request on its way: token, place in the gate, exchange, retry, long-running operation. A call
 * is always in exactly one state, and each way out of a state is one function, so that cancelling
 * has one thing to undo. What may have reached Azure and may not happen twice is never sent again:
 * its outcome is then unknown, and said to be. */
#include "backend/session/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/auth/claims.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json/json.h"
#include "backend/net/origin.h"
#include "backend/net/retry.h"

enum {
	DEADLINE_MS = 60000,
	TRY_MS = 30000, /* one try of what may be tried again */
	LOCAL_TRY_MS = 5000,
	TRY_LEAST_MS = 1000, /* after a wait at the gate */
	LRO_MS = 30 * 60 * 1000,
	SKEW_TOLERATED_S = 1,
};

static void start(void *user);

static void
call_free(struct call *call)
{
	request_free(&call->request);
	request_free(&call->now);
	lro_free(&call->lro);
	mem_zeroing_free(call->bearer);
	mem_zeroing_free(call->claims);
	free(call);
}

static void
unlink_call(struct call *call)
{
	struct session *session = call->session;

	if (call->prev)
		call->prev->next = call->next;
	else
		session->first = call->next;
	if (call->next)
		call->next->prev = call->prev;
	else
		session->last = call->prev;
}

static void
leave_gate(struct call *call)
{
	mem_zeroing_free(call->bearer);
	call->bearer = NULL;
	call->job = NULL;
	call->state = CALL_NEW;
	gate_leave(&call->place);
}

/* Who builds a request says whether it changes something; a POST may read. The other methods never
 * do, whatever is said. */
static bool
is_change(const struct request *request)
{
	return request->changes || (request->method != HTTP_GET && request->method != HTTP_HEAD &&
					   request->method != HTTP_POST);
}

/* Whatever breaks while an accepted operation is followed says nothing of how the operation ends,
 * and how the last try was refused says nothing of one before it that had no answer. */
void
call_end(struct call *call, struct reply *reply, const struct err *err)
{
	bool followed = call->lro.state == LRO_POLL || call->lro.state == LRO_FETCH;
	struct err unsure = *err;

	if (err->kind != ERR_NONE && (followed || call->doubtful)) {
		unsure.unsure = true;
		err = &unsure;
	}
	if (is_change(&call->request))
		memo_drop(call->session->memo, call->request.url);
	else if (call->request.shared && err->kind == ERR_NONE && reply && reply->status == 200)
		memo_keep(call->session->memo, call->request.url, &reply->body, clock_mono_ms());
	unlink_call(call);
	call->state = CALL_ENDED;
	if (reply)
		reply->us = call->us;
	call->done(call->user, reply, err);
	call_free(call);
}

void
call_cancel(struct call *call)
{
	if (call == NULL || call->state == CALL_ENDED)
		return;
	job_cancel(call->job);
	leave_gate(call);
	unlink_call(call);
	call_free(call);
}

static void
fail(struct call *call, enum err_kind kind, const char *code, const char *msg)
{
	struct err err;

	err_set(&err, kind, code, "%s %s: %s", http_method_name(call->now.method), call->host, msg);
	call_end(call, NULL, &err);
}

struct call *
session_send(struct session *session, const struct request *request, call_done *done, void *user)
{
	struct call *call = mem_alloc(sizeof *call);

	call->session = session;
	call->done = done;
	call->user = user;
	request_copy(&call->request, request);
	request_copy(&call->now, request);
	if (request->url) {
		mem_zeroing_free(call->now.url);
		call->now.url = origin_encode(request->url);
	}
	call->prev = session->last;
	if (call->prev)
		call->prev->next = call;
	else
		session->first = call;
	session->last = call;
	call->place.number = ++session->calls_made;
	call->idle_us = clock_mono_us();
	call->state = CALL_WAIT;
	call->job = job_after(session->loop, 0, start, call);
	return call;
}

static const char *
audience_of(const struct cloud *cloud, enum audience audience)
{
	switch (audience) {
	case AUDIENCE_ARM:
		return cloud->arm_audience;
	case AUDIENCE_VAULT:
		return cloud->vault_audience;
	case AUDIENCE_HSM:
		return cloud->hsm_audience;
	case AUDIENCE_GRAPH:
		return cloud->graph;
	case AUDIENCE_BLOB:
		return cloud->storage_audience;
	case AUDIENCE_NONE:
		break;
	}
	return "";
}

/* Ends a call with what another one was told a moment ago. */
static bool
is_remembered(struct call *call)
{
	static const struct err none;
	const struct buf *body = memo_find(call->session->memo, call->now.url, clock_mono_ms());
	struct reply reply = {
		.status = 200, .retry_after_s = -1, .remaining = -1, .resets_after_s = -1};

	if (body == NULL)
		return false;
	call->request.shared = false; /* it is there already */
	buf_init(&reply.body, body->len);
	if (!buf_add(&reply.body, buf_text(body), body->len))
		return false;
	call_end(call, &reply, &none);
	reply_free(&reply);
	return true;
}

/* Sends now: checked first, whether it is the caller's request or the next poll. */
static void
start(void *user)
{
	struct call *call = user;
	struct session *session = call->session;
	struct err err;

	call->job = NULL;
	call->state = CALL_NEW;
	if (call->now.shared && is_remembered(call))
		return;
	if (session->profile.read_only && is_change(&call->now)) {
		fail(call, ERR_DENIED, "ReadOnly",
			"the profile is read-only, nothing was sent; use another profile to change "
			"things");
		return;
	}
	if (!origin_check(&session->profile.cloud, &call->now, &err)) {
		call_end(call, NULL, &err);
		return;
	}
	if (!origin_request(&call->now, call->host, sizeof call->host)) {
		fail(call, ERR_FAILED, "BadUrl", "the host's name is too long; nothing was sent");
		return;
	}
	if (call->audience[0] == '\0')
		snprintf(call->audience, sizeof call->audience, "%s",
			audience_of(&session->profile.cloud, call->now.audience));
	if (call->tenant[0] == '\0')
		snprintf(call->tenant, sizeof call->tenant, "%s",
			call->now.tenant[0] ? call->now.tenant
					    : session_tenant_for(session, call->now.url));
	if (call->now.audience == AUDIENCE_NONE)
		call_pass(call);
	else
		signin_want(call);
}

/* A server that repeats what it was sent must not bring the token into a message. */
static void
blot_secrets(const struct call *call, struct reply *reply)
{
	const struct secret *secret = &call->session->credential.secret;

	if (reply->status < 400)
		return;
	if (call->bearer)
		wire_blot(reply, call->bearer, strlen(call->bearer));
	wire_blot(reply, secret->bytes, secret->len);
	if (call->now.form)
		wire_blot_form(reply, call->now.body);
}

static void
record(const struct call *call, const struct reply *reply, const struct err *err)
{
	const struct wire_call about = {
		.audience = call->audience,
		.tries = call->tries,
		.wait_us = call->sent_us - call->idle_us,
		.took_us = clock_mono_us() - call->sent_us,
	};
	const struct wire_exchange *x =
		wire_add(call->session->wire, &call->now, reply, err, &about);
	const char *method = http_method_name(x->method), *mark = x->query[0] ? "?" : "";

	if (reply)
		log_line("%s %s%s%s%s %d %lld ms %s %s", method, x->host, x->path, mark, x->query,
			x->status, (long long)(x->answer_us / 1000), x->request_id, x->azure_error);
	else
		log_line("%s %s%s%s%s failed: %s", method, x->host, x->path, mark, x->query,
			err->msg);
}

/* A sandbox lives in its own time, and a profile of it with it. */
static void
take_date(struct session *session, const struct reply *reply)
{
	time_t shift;

	if (reply->date == 0)
		return;
	session->skew_s = (long)(reply->date - clock_wall());
	if (!session->profile.sandbox)
		return;
	shift = clock_shifted() + session->skew_s;
	if (session->skew_s > SKEW_TOLERATED_S || session->skew_s < -SKEW_TOLERATED_S)
		clock_shift(shift);
}

static void
again_after(struct call *call, int ms)
{
	call->state = CALL_WAIT;
	call->job = job_after(call->session->loop, ms, start, call);
}

/* Azure's own words stay as they are; only what says nothing of its place gets one. */
static void
give_up(struct call *call, struct reply *reply, const struct err *broken)
{
	char named[HOST_ROOM];
	struct err err;

	if (reply)
		json_error(buf_text(&reply->body), reply->body.len, reply->status,
			reply->request_id, &err);
	else
		err = *broken;
	if (reply && err.code[0] == '\0')
		memcpy(err.code, reply->error_code, sizeof err.code);
	if (call->now.changes && strcmp(err.code, "Connect") != 0 && !call->now.repeatable &&
		err.kind == ERR_UNAVAILABLE && err.http != 429)
		err_prefix(&err, "%s %s: whether it took effect is not known, read it back first",
			http_method_name(call->now.method), call->host);
	else if (call->claims && reply && claims_asked(reply->challenge))
		err_prefix(&err,
			"%s %s: asks for more claims although the new token answers its challenge; "
			"sign in again, or ask an administrator for the conditional access policy",
			http_method_name(call->now.method), call->host);
	else if (reply && reply->status == 401 && challenge_is_foreign(call, reply, named))
		err_prefix(&err, "%s: its challenge names %s to sign in at, this profile %s",
			call->host, named, call->session->profile.cloud.authority);
	else if (reply == NULL && call->tries > 1)
		err_prefix(&err, "%s, %d tries", http_method_name(call->now.method), call->tries);
	else if (err.code[0] == '\0')
		err_prefix(&err, "%s %s", http_method_name(call->now.method), call->host);
	if (reply && reply->status == 429 && reply->retry_after_s > 0) {
		size_t used = strlen(err.msg);

		snprintf(err.msg + used, sizeof err.msg - used, "; to be tried again in %d s",
			reply->retry_after_s);
	}
	call_end(call, reply, &err);
}

/* Milliseconds until the call may be tried again, -1: it may not. Nothing that did not even connect
 * has changed anything; what is not on this machine will not be there in a second. After a 429
 * nobody passes the lane so long, this call included. */
static int
try_again_ms(const struct call *call, const struct reply *reply, const struct err *err)
{
	struct session *session = call->session;
	struct request as = call->now;
	int ms;

	if (reply == NULL && (err->kind != ERR_UNAVAILABLE || call->now.local))
		return -1;
	if (reply == NULL && strcmp(err->code, "Connect") == 0)
		as.changes = false;
	ms = retry_delay(&as, reply, call->tries, erand48(session->chance));
	if (reply && reply->status == 429) {
		session->totals.throttled++;
		gate_close(&call->place, ms);
	}
	return ms;
}

static void
begin_wait(struct call *call, const struct reply *reply, const struct err *broken, int ms)
{
	struct call_wait *wait = &call->wait;
	bool throttled = reply && reply->status == 429;
	struct err why = {0};

	if (reply)
		json_error(buf_text(&reply->body), reply->body.len, reply->status,
			reply->request_id, &why);
	else
		why = *broken;
	*wait = (struct call_wait){.status = reply ? reply->status : 0,
		.try = call->tries + 1,
		.tries = (throttled ? RETRY_THROTTLED_MAX : RETRY_MAX) + 1};
	memcpy(wait->code, reply && why.code[0] == '\0' ? reply->error_code : why.code,
		sizeof wait->code);
	call->again_ms = clock_mono_ms() + ms;
	call->session->totals.retries++;
	again_after(call, throttled ? 0 : ms);
	if (call->noticed)
		call->noticed(call->user);
}

/* Whether the call goes on later. After a 429 it is the lane that waits, where it keeps its turn.
 */
static bool
retried(struct call *call, const struct reply *reply, const struct err *err, int ms)
{
	if (ms < 0 || clock_mono_ms() + ms >= call->deadline_ms)
		return false;
	begin_wait(call, reply, err, ms);
	return true;
}

/* Signs in once more after a 401, unless its challenge was not to be followed: then err tells. */
static void
sign_in_again(struct call *call, struct reply *reply, bool followed, const struct err *err)
{
	call->signed_in_again = true;
	if (followed)
		signin_want(call);
	else
		call_end(call, reply, err);
}

/* After a 401 that wants a token which says more: asks for one with what the challenge says. */
static void
answer_claims(struct call *call, struct reply *reply)
{
	struct err err;

	call->claims = claims_read(reply->challenge, &err);
	if (call->claims) {
		signin_want(call);
		return;
	}
	err_prefix(&err, "%s %s", http_method_name(call->now.method), call->host);
	call_end(call, reply, &err);
}

void
call_watch(struct call *call, call_watcher *watcher)
{
	call->watcher = watcher;
}

/* The query holds signatures: an operation is named by host and path. */
static void
tell_progress(const struct call *call)
{
	const struct lro *lro = &call->lro;
	const char *at = call->now.url + strlen("https://");
	char operation[OPERATION_ROOM], progress[96];

	if (call->watcher == NULL)
		return;
	snprintf(operation, sizeof operation, "%.*s", (int)strcspn(at, "?#"), at);
	snprintf(progress, sizeof progress, "%s", lro->status[0] ? lro->status : "accepted");
	if (lro->percent >= 0)
		snprintf(progress + strlen(progress), sizeof progress - strlen(progress), ", %d %%",
			lro->percent);
	call->watcher(call->user, operation, progress);
}

/* Turns the call into a GET of its operation's next URL. Whoever watches may cancel the call, so
 * telling is the last thing done. */
static void
follow(struct call *call, struct reply *reply)
{
	struct lro *lro = &call->lro;
	int64_t now = clock_mono_ms();
	struct err err;
	char *url;

	if (!origin_follow(call->now.url, lro->url, &url, &err)) {
		err_prefix(&err, "%s was accepted, but its operation cannot be followed",
			http_method_name(call->request.method));
		call_end(call, reply, &err);
		return;
	}
	if (call->lro_deadline_ms == 0)
		call->lro_deadline_ms = now + LRO_MS;
	if (now + lro->wait_ms >= call->lro_deadline_ms) {
		free(url);
		fail(call, ERR_UNAVAILABLE, "Timeout",
			"the operation was accepted and still runs after 30 minutes; look again "
			"later");
		return;
	}
	request_free(&call->now);
	call->now = (struct request){.method = HTTP_GET, .audience = call->request.audience};
	call->now.url = url;
	call->tries = 0;
	call->deadline_ms = 0;
	call->signed_in_again = false;
	mem_zeroing_free(call->claims);
	call->claims = NULL;
	again_after(call, lro->wait_ms);
	tell_progress(call);
}

static void
accepted(struct call *call, struct reply *reply)
{
	struct err err = {0};

	if (call->lro.state == LRO_NONE)
		lro_start(&call->lro, &call->request, reply);
	else
		lro_next(&call->lro, reply, &err);
	if (call->lro.state == LRO_POLL || call->lro.state == LRO_FETCH)
		follow(call, reply);
	else
		call_end(call, reply, &err);
}

/* Whether a try may have had its effect although nobody said so. */
static bool
is_doubtful(const struct call *call, const struct reply *reply, const struct err *err)
{
	if (!call->now.changes)
		return false;
	if (reply)
		return reply->status == 408 || reply->status == 504;
	return err->kind == ERR_UNAVAILABLE && strcmp(err->code, "Connect") != 0;
}

static void
on_reply(void *user, struct reply *reply, const struct err *err)
{
	struct call *call = user;
	bool refused = reply && reply->status == 401 && call->bearer;
	bool claims = refused && claims_asked(reply->challenge);
	bool again = refused && !claims && !call->signed_in_again, followed = false;
	struct err why;
	int again_ms;

	if (reply)
		blot_secrets(call, reply);
	record(call, reply, err);
	call->idle_us = clock_mono_us();
	if (reply) {
		call->us += reply->us;
		take_date(call->session, reply);
		gate_learn(&call->place, reply);
	}
	if (again)
		followed = challenge_take(call, reply, &why);
	if (refused)
		signin_refused(call);
	call->doubtful = call->doubtful || is_doubtful(call, reply, err);
	again_ms = try_again_ms(call, reply, err);
	leave_gate(call);
	if (reply && reply->status == 404 && lro_is_gone(&call->lro))
		reply->status = 204;
	if (reply && reply->status >= 200 && reply->status <= 299)
		accepted(call, reply);
	else if (claims && call->claims == NULL)
		answer_claims(call, reply);
	else if (again)
		sign_in_again(call, reply, followed, &why);
	else if (!retried(call, reply, err, again_ms))
		give_up(call, reply, err);
}

static int
try_ms(const struct call *call, int64_t now)
{
	int64_t left = call->deadline_ms - now;

	if (left < TRY_LEAST_MS)
		return TRY_LEAST_MS;
	if (call->now.local && left > LOCAL_TRY_MS)
		return LOCAL_TRY_MS;
	if (call->now.changes && !call->now.repeatable)
		return (int)left;
	return left < TRY_MS ? (int)left : TRY_MS;
}

/* Inside the gate. A token that ran out while it waited sends the call back to its start, and so
 * does an answer that another one was given meanwhile. */
static void
send_now(void *user)
{
	struct call *call = user;
	struct session *session = call->session;
	const struct secret *token = NULL;
	int64_t now = clock_mono_ms();

	if (call->now.audience != AUDIENCE_NONE)
		token = token_get(session->tokens, call_tenant(call), call->audience, now);
	if ((call->now.audience != AUDIENCE_NONE && token == NULL) ||
		(call->now.shared && memo_find(session->memo, call->now.url, now))) {
		leave_gate(call);
		again_after(call, 0);
		return;
	}
	if (call->deadline_ms == 0)
		call->deadline_ms = now + (call->request.deadline_ms > 0 ? call->request.deadline_ms
									 : DEADLINE_MS);
	call->bearer = token ? secret_text(token) : NULL;
	call->state = CALL_SENT;
	call->sent_us = clock_mono_us();
	call->tries++;
	call->wait.try = 0;
	session->totals.requests++;
	if (is_change(&call->now))
		memo_drop(session->memo, call->now.url);
	call->job = job_send(
		session->loop, &call->now, call->bearer, try_ms(call, now), on_reply, call);
}

/* Never ends a call, so that those who walk the list of calls may use it. */
void
call_pass(struct call *call)
{
	char key[GATE_KEY];

	call->state = CALL_GATE;
	gate_enter(call->session->gate, gate_key(call->now.url, call->now.method, key),
		&call->place, send_now, call);
}
