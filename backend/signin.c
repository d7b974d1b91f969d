/* One sign-in an audience, however many calls wait for it: a console that starts with forty lists
 * must not ask Entra forty times. The sign-in is itself a call, so it has the same gate, retries
 * and errors as any other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/base/clock.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/call.h"
#include "backend/json.h"
#include "crypto/jws.h"

enum { CLAIMS_MAX = 64 << 10, SIGNIN_MS = 30000 };

struct signin {
	struct session *session;
	struct signin *next;
	struct call *call;
	char audience[AUDIENCE_ROOM];
};

static void
unlink_signin(struct signin *signin)
{
	struct signin **at = &signin->session->signins;

	while (*at != signin)
		at = &(*at)->next;
	*at = signin->next;
}

static struct call *
first_waiting(struct signin *signin)
{
	struct call *call = signin->session->first;

	while (call && call->signin != signin)
		call = call->next;
	return call;
}

/* A callback of a call that ends may end others: so after each the search begins anew. */
static void
turn_away(struct signin *signin, const struct err *err)
{
	struct call *call;

	while ((call = first_waiting(signin))) {
		call->signin = NULL;
		call_end(call, NULL, err);
	}
}

static void
let_pass(struct signin *signin)
{
	for (struct call *call = signin->session->first; call; call = call->next) {
		if (call->signin != signin)
			continue;
		call->signin = NULL;
		call_pass(call);
	}
}

static void
release(struct signin *signin, const struct err *err)
{
	unlink_signin(signin);
	if (err)
		turn_away(signin, err);
	else
		let_pass(signin);
	free(signin);
}

/* Who we are, as far as the token says; opaque tokens are allowed and say nothing. */
static void
read_claims(struct session *session, const char *token)
{
	struct buf header, payload;
	json_t *claims = NULL;

	buf_init(&header, CLAIMS_MAX);
	buf_init(&payload, CLAIMS_MAX);
	if (jws_peek(token, &header, &payload, NULL))
		claims = json_read(buf_text(&payload), payload.len, "token", NULL);
	if (claims) {
		bool ok = json_text(claims, "oid", session->object_id, sizeof session->object_id,
				  NULL) &&
			  json_text(claims, "tid", session->tenant_id, sizeof session->tenant_id,
				  NULL) &&
			  json_text(claims, json_at(claims, "appid") ? "appid" : "azp",
				  session->client_id, sizeof session->client_id, NULL);

		if (!ok || session->client_id[0] == '\0')
			snprintf(session->client_id, sizeof session->client_id, "%s",
				session->credential.client_id);
	}
	json_decref(claims);
	buf_free(&header);
	buf_free(&payload);
}

static void
keep_token(struct signin *signin, const struct secret *token, int64_t expires_in_s)
{
	struct session *session = signin->session;
	char *text = mem_alloc(token->len + 1);

	memcpy(text, token->bytes, token->len);
	token_put(session->tokens, session->tenant, signin->audience, text, expires_in_s,
		clock_mono_ms());
	read_claims(session, text);
	mem_zeroing_free(text);
}

static void
on_token(void *user, const struct reply *reply, const struct err *failed)
{
	struct signin *signin = user;
	const struct credential *credential = &signin->session->credential;
	struct token_reply token = {0};
	struct err err = *failed;

	signin->call = NULL;
	if (reply && credential_accept(reply, &token, &err)) {
		keep_token(signin, &token.token, token.expires_in_s);
		token_reply_free(&token);
		release(signin, NULL);
		return;
	}
	err_prefix(&err, "sign-in as %s in tenant %s with %s", credential->client_id,
		credential->tenant, credential->kind->name);
	release(signin, &err);
}

struct credential_wish
session_wish(const struct profile *profile)
{
	return (struct credential_wish){.cloud = &profile->cloud,
		.tenant = profile->tenant,
		.client_id = profile->client_id,
		.way = profile->auth,
		.certificate = profile->certificate};
}

static bool
have_credential(struct session *session, struct err *err)
{
	struct credential_wish wish = session_wish(&session->profile);
	enum credential_offer offer;
	size_t at = 0;

	if (session->credential.kind)
		return true;
	if (!credential_find(&wish, &at, &session->credential, &offer, NULL, 0, err))
		return false;
	snprintf(session->tenant, sizeof session->tenant, "%s", session->credential.tenant);
	return true;
}

static struct signin *
under_way(struct session *session, const char *audience)
{
	struct signin *signin = session->signins;

	while (signin && strcmp(signin->audience, audience) != 0)
		signin = signin->next;
	return signin;
}

void
signin_want(struct call *call)
{
	struct session *session = call->session;
	struct signin *signin = under_way(session, call->audience);
	const struct credential *credential = &session->credential;
	struct request request = {0};
	struct token_ask ask;
	struct err err = {0};

	if (!have_credential(session, &err)) {
		call_end(call, NULL, &err);
		return;
	}
	if (token_get(session->tokens, session->tenant, call->audience, clock_mono_ms())) {
		call_pass(call);
		return;
	}
	call->state = CALL_SIGNIN;
	call->signin = signin;
	if (signin)
		return;
	ask = (struct token_ask){.cloud = &session->profile.cloud,
		.tenant = session->tenant,
		.audience = call->audience,
		.now = clock_wall() + session->skew_s};
	if (!credential->kind->build(credential, &ask, &request, &err)) {
		call_end(call, NULL, &err);
		return;
	}
	signin = mem_alloc(sizeof *signin);
	signin->session = session;
	snprintf(signin->audience, sizeof signin->audience, "%s", call->audience);
	signin->next = session->signins;
	session->signins = signin;
	call->signin = signin;
	request.deadline_ms = SIGNIN_MS;
	signin->call = session_send(session, &request, on_token, signin);
	request_free(&request);
}

void
signin_refused(struct call *call)
{
	struct session *session = call->session;
	const struct secret *held =
		token_get(session->tokens, session->tenant, call->audience, clock_mono_ms());
	const struct secret used = {(unsigned char *)call->bearer, strlen(call->bearer)};

	if (held && secret_equal(held, &used))
		token_drop(session->tokens, session->tenant, call->audience);
}

void
signin_free_all(struct session *session)
{
	while (session->signins) {
		struct signin *signin = session->signins;

		session->signins = signin->next;
		free(signin);
	}
}
