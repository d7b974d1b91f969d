/* One request on its way: token, place in the gate, exchange, retry, long-running operation. A call
 * is always in exactly one state, and each way out of a state is one function, so that cancelling
 * has one thing to undo. What may have reached Azure and may not happen twice is never sent again:
 * its outcome is then unknown, and said to be. */
#include "backend/call.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/azure/armid.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/json.h"
#include "backend/net/origin.h"
#include "backend/net/retry.h"

enum {
	DEADLINE_MS = 60000,
	TRY_MS = 30000, /* one try of what may be tried again */
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

/* Lets in who waits for a place at this host. Afterwards nobody waits who could go: a host that
 * throttles gives each a timer of its own. */
static void
admit(struct session *session, const char *host)
{
	struct call *call = session->first;

	while (call) {
		if (call->state == CALL_GATE && strcmp(call->host, host) == 0) {
			call_pass(call);
			if (call->state == CALL_GATE)
				return;
		}
		call = call->next;
	}
}

static void
leave_gate(struct call *call)
{
	gate_leave(call->session->gate, call->host);
	mem_zeroing_free(call->bearer);
	call->bearer = NULL;
	call->job = NULL;
	call->state = CALL_NEW;
	admit(call->session, call->host);
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
	if (call->state == CALL_SENT)
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
	call->prev = session->last;
	if (call->prev)
		call->prev->next = call;
	else
		session->first = call;
	session->last = call;
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
	case AUDIENCE_NONE:
		break;
	}
	return "";
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
	if (session->profile.read_only && call->now.changes) {
		fail(call, ERR_DENIED, "ReadOnly",
			"the profile is read-only, nothing was sent; use another profile to change "
			"things");
		return;
	}
	if (!origin_check(&session->profile.cloud, &call->now, &err)) {
		call_end(call, NULL, &err);
		return;
	}
	if (!origin_host(call->now.url, call->host, sizeof call->host)) {
		fail(call, ERR_FAILED, "BadUrl", "the host's name is too long; nothing was sent");
		return;
	}
	if (call->audience[0] == '\0')
		snprintf(call->audience, sizeof call->audience, "%s",
			audience_of(&session->profile.cloud, call->now.audience));
	if (call->now.audience == AUDIENCE_NONE)
		call_pass(call);
	else
		signin_want(call);
}

/* The query may hold names and signatures: of it only the api-version is logged. */
static void
log_exchange(const struct call *call, const struct reply *reply, const struct err *err)
{
	const char *url = call->now.url + strlen("https://"),
		   *version = strstr(url, "api-version=");
	int path_len = (int)strcspn(url, "?#"), version_len = 0;

	if (version)
		version_len = (int)strcspn(version, "&#");
	if (reply)
		log_line("%s %.*s%s%.*s %d %lld ms %s", http_method_name(call->now.method),
			path_len, url, version ? "?" : "", version_len, version ? version : "",
			reply->status, (long long)(reply->us / 1000), reply->request_id);
	else
		log_line("%s %.*s failed: %s", http_method_name(call->now.method), path_len, url,
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
	struct err err;

	if (reply)
		json_error(buf_text(&reply->body), reply->body.len, reply->status,
			reply->request_id, &err);
	else
		err = *broken;
	if (call->now.changes && strcmp(err.code, "Connect") != 0 && !call->now.repeatable &&
		err.kind == ERR_UNAVAILABLE && err.http != 429)
		err_prefix(&err, "%s %s: whether it took effect is not known, read it back first",
			http_method_name(call->now.method), call->host);
	else if (reply == NULL && call->tries > 1)
		err_prefix(&err, "%s, %d tries", http_method_name(call->now.method), call->tries);
	else if (err.code[0] == '\0')
		err_prefix(&err, "%s %s", http_method_name(call->now.method), call->host);
	call_end(call, reply, &err);
}

/* Whether the call goes on later; it has left the gate. Nothing that did not even connect has
 * changed anything. */
static bool
retried(struct call *call, const struct reply *reply, const struct err *err)
{
	struct session *session = call->session;
	struct request as = call->now;
	int64_t now = clock_mono_ms();
	int ms;

	if (reply == NULL && err->kind != ERR_UNAVAILABLE)
		return false;
	if (reply == NULL && strcmp(err->code, "Connect") == 0)
		as.changes = false;
	ms = retry_delay(&as, reply, call->tries, erand48(session->chance));
	if (reply && reply->status == 429) {
		session->totals.throttled++;
		if (ms > 0)
			gate_close(session->gate, call->host, now, ms);
	}
	if (ms < 0 || now + ms >= call->deadline_ms)
		return false;
	session->totals.retries++;
	again_after(call, ms);
	return true;
}

/* Another tenant's vault: no token of ours fits, and asking that tenant for one is not for us. */
static bool
check_tenant(const struct call *call, const char *tenant, struct err *err)
{
	const struct session *session = call->session;
	const char *ours = session->tenant_id[0] ? session->tenant_id : session->tenant;

	if (!armid_is_guid(tenant) || !armid_is_guid(ours) || text_casecmp(tenant, ours) == 0)
		return true;
	return err_set(err, ERR_DENIED, "WrongTenant",
		"%s: belongs to tenant %s, but this profile signs in to %s; use a profile of that "
		"tenant",
		call->host, tenant, ours);
}

/* After a 401: forgets the token, reads the challenge, and signs in once more. */
static void
sign_in_again(struct call *call, struct reply *reply)
{
	const struct cloud *cloud = &call->session->profile.cloud;
	char tenant[64], resource[AUDIENCE_ROOM];
	struct err err;

	if (call->now.audience != AUDIENCE_ARM && reply->challenge) {
		if (!origin_challenge(
			    reply->challenge, call->now.url, cloud, tenant, resource, &err) ||
			!check_tenant(call, tenant, &err)) {
			call_end(call, reply, &err);
			return;
		}
		snprintf(call->audience, sizeof call->audience, "%s", resource);
	}
	call->signed_in_again = true;
	signin_want(call);
}

/* Turns the call into a GET of its operation's next URL. */
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
	again_after(call, lro->wait_ms);
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

	log_exchange(call, reply, err);
	if (reply) {
		call->us += reply->us;
		take_date(call->session, reply);
	}
	if (refused)
		signin_refused(call);
	call->doubtful = call->doubtful || is_doubtful(call, reply, err);
	leave_gate(call);
	if (reply && reply->status >= 200 && reply->status <= 299)
		accepted(call, reply);
	else if (refused && !call->signed_in_again)
		sign_in_again(call, reply);
	else if (!retried(call, reply, err))
		give_up(call, reply, err);
}

/* A copy with an end, as the header needs it. */
static char *
bearer_of(const struct call *call, int64_t now)
{
	const struct session *session = call->session;
	const struct secret *token =
		token_get(session->tokens, session->tenant, call->audience, now);
	char *out = mem_alloc(token->len + 1);

	memcpy(out, token->bytes, token->len);
	return out;
}

static int
try_ms(const struct call *call, int64_t now)
{
	int64_t left = call->deadline_ms - now;

	if (call->now.changes && !call->now.repeatable)
		return (int)left;
	return left < TRY_MS ? (int)left : TRY_MS;
}

/* Never ends the call, so that those who walk the list of calls may use it: a token that ran out
 * meanwhile sends the call back to its start. */
void
call_pass(struct call *call)
{
	struct session *session = call->session;
	int64_t now = clock_mono_ms();
	int wait;

	if (call->now.audience != AUDIENCE_NONE &&
		!token_get(session->tokens, session->tenant, call->audience, now)) {
		again_after(call, 0);
		return;
	}
	wait = gate_enter(session->gate, call->host, now);
	if (wait > 0) {
		again_after(call, wait);
		return;
	}
	if (wait < 0) {
		call->state = CALL_GATE;
		return;
	}
	if (call->deadline_ms == 0)
		call->deadline_ms = now + (call->request.deadline_ms > 0 ? call->request.deadline_ms
									 : DEADLINE_MS);
	call->bearer = call->now.audience == AUDIENCE_NONE ? NULL : bearer_of(call, now);
	call->state = CALL_SENT;
	call->tries++;
	session->totals.requests++;
	call->job = job_send(
		session->loop, &call->now, call->bearer, try_ms(call, now), on_reply, call);
}
