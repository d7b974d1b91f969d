/* One sign-in for a tenant and audience, however many calls wait: a console that starts with forty
 * lists must not ask Entra forty times. The sign-in is itself a call, so it has the same gate,
 * retries and errors as any other; what a program must be asked for runs on a worker. While it is
 * not known whether a way to sign in is there at all, one sign-in tries it and the others wait. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/auth/aadsts.h"
#include "backend/base/clock.h"
#include "backend/base/log.h"
#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/session/call.h"

enum {
	SIGNIN_MS = 30000,
	UNTIMELY = 700024,
	SKEW_WORTH_S = 30,
	PREFIX_ROOM = 80, /* left for whoever says what the sign-in was for */
};

struct signin {
	struct session *session;
	struct signin *next;
	struct call *call; /* its request, or */
	struct job *job;   /* the program that is asked; neither: it waits for the choice */
	int stop;          /* a pipe: closing it ends that program; -1: none */
	char tenant[64];   /* "": the session's own */
	char audience[AUDIENCE_ROOM];
	char *claims;   /* asked for by a challenge; NULL: none */
	time_t now;     /* what its assertion took for the time */
	bool corrected; /* it was sent again with the server's time */
};

static void begin(struct signin *signin);

const char *
call_tenant(const struct call *call)
{
	return call->tenant[0] ? call->tenant : call->session->tenant;
}

static const char *
tenant_of(const struct signin *signin)
{
	return signin->tenant[0] ? signin->tenant : signin->session->tenant;
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
stop_asking(struct signin *signin)
{
	if (signin->stop >= 0)
		close(signin->stop);
	signin->stop = -1;
}

static void
signin_free(struct signin *signin)
{
	stop_asking(signin);
	mem_zeroing_free(signin->claims);
	free(signin);
}

/* err NULL: the token is there. */
static void
end(struct signin *signin, const struct err *err)
{
	struct signin **at = &signin->session->signins;

	while (*at != signin)
		at = &(*at)->next;
	*at = signin->next;
	if (err)
		turn_away(signin, err);
	else
		let_pass(signin);
	signin_free(signin);
}

static bool
is_own_tenant(const struct signin *signin)
{
	return text_casecmp(tenant_of(signin), signin->session->tenant) == 0;
}

/* What failed, for whom, and what to do about it: Azure's words are cut before the remedy is. */
static void
explain(const struct signin *signin, struct err *err)
{
	const struct credential *credential = &signin->session->credential;
	const char *client = credential->client_id, *tenant = tenant_of(signin);
	const char *remedy = aadsts_remedy(aadsts_code(err->msg));
	char azure[sizeof err->msg], text[sizeof err->msg];
	size_t head, room;

	if (remedy == NULL && err->http >= 400 && err->http < 500)
		remedy = credential->kind->remedy;
	memcpy(azure, err->msg, sizeof azure);
	snprintf(err->msg, sizeof err->msg, "sign-in with %s%s%s%s%s: ", credential->kind->name,
		client[0] ? " as " : "", client, tenant[0] ? " in tenant " : "", tenant);
	head = strlen(err->msg);
	room = sizeof err->msg - head - PREFIX_ROOM;
	if (remedy)
		room -= strlen("; ") + strlen(remedy);
	text_cleans(text, room, azure);
	snprintf(err->msg + head, sizeof err->msg - head, "%s%s%s", text, remedy ? "; " : "",
		remedy ? remedy : "");
}

/* By the server's clock as far as it is known; a sandbox's clock is ours already. */
static time_t
server_now(const struct session *session)
{
	return clock_wall() + (session->profile.sandbox ? 0 : session->skew_s);
}

/* The reply that refuses an assertion for its time tells the right one. */
static bool
is_untimely(const struct signin *signin, const struct err *err)
{
	long off = (long)(server_now(signin->session) - signin->now);

	return !signin->corrected && aadsts_code(err->msg) == UNTIMELY && labs(off) > SKEW_WORTH_S;
}

/* A sign-in that waited for the choice; after it has begun it waits no more, or is gone. */
static void
wake_waiting(struct session *session)
{
	struct signin *signin = session->signins;

	while (signin && session->prober == NULL) {
		if (signin->call || signin->job) {
			signin = signin->next;
			continue;
		}
		begin(signin);
		signin = session->signins;
	}
}

static void
refused(struct signin *signin, struct err *err)
{
	struct session *session = signin->session;
	struct credential *credential = &session->credential;
	const struct credential_kind *kind = credential->kind;

	if (kind->keep && is_own_tenant(signin) && aadsts_is_over(aadsts_code(err->msg)))
		kind->keep(credential, &(struct secret){0});
	explain(signin, err);
	if (first_waiting(signin) == NULL)
		log_line("%s", err->msg);
}

static void
skip(struct session *session, const struct err *err)
{
	char reason[CREDENTIAL_REASON + sizeof err->msg];

	if (err->http)
		snprintf(reason, sizeof reason, "refused with status %d: %s", err->http, err->msg);
	else
		snprintf(reason, sizeof reason, "%s", err->msg);
	choice_skip(&session->choice, &session->credential, reason);
}

/* The outcome of one try; token NULL: err tells why. */
static void
settle(struct signin *signin, struct token_reply *token, struct err *err)
{
	struct session *session = signin->session;
	const struct credential_kind *kind = session->credential.kind;
	bool tried = session->prober == signin && session->choice.state == CHOICE_TRIED, kept;

	signin->call = NULL;
	signin->job = NULL;
	stop_asking(signin);
	if (token == NULL && tried && kind->is_absent &&
		kind->is_absent(&session->credential, err)) {
		skip(session, err);
		begin(signin);
		return;
	}
	if (token == NULL && is_untimely(signin, err)) {
		signin->corrected = true;
		begin(signin);
		return;
	}
	if (session->prober == signin) {
		session->prober = NULL;
		session->choice.state = CHOICE_MADE;
	}
	kept = token &&
	       session_take_token(session, tenant_of(signin), signin->audience, token, err);
	if (!kept)
		refused(signin, err);
	end(signin, kept ? NULL : err);
	wake_waiting(session);
}

static void
on_reply(void *user, struct reply *reply, const struct err *failed)
{
	struct signin *signin = user;
	const struct credential_kind *kind = signin->session->credential.kind;
	struct token_reply token = {0};
	struct err err = *failed;
	bool ok = reply && (kind->accept ? kind->accept : credential_accept)(reply, &token, &err);

	/* What is not in Entra's own words may be of whoever stands between here and there. */
	if (reply && !ok && aadsts_code(err.msg) == 0)
		err_prefix(&err, "%s", signin->call->host);
	settle(signin, ok ? &token : NULL, &err);
	token_reply_free(&token);
}

/* What a worker needs to ask a program, and what it brings back. */
struct asked {
	struct credential credential;
	struct cloud cloud;
	char tenant[64], audience[AUDIENCE_ROOM];
	char *claims;
	time_t now;
	int stop;
	struct token_reply reply;
	struct err err;
	bool ok;
};

static void
asked_drop(void *copy)
{
	struct asked *asked = copy;

	credential_free(&asked->credential);
	mem_zeroing_free(asked->claims);
	token_reply_free(&asked->reply);
	if (asked->stop >= 0)
		close(asked->stop);
}

static void
asked_work(void *copy)
{
	struct asked *asked = copy;
	const struct token_ask ask = {.cloud = &asked->cloud,
		.tenant = asked->tenant,
		.audience = asked->audience,
		.claims = asked->claims,
		.now = asked->now};

	asked->ok = asked->credential.kind->ask(
		&asked->credential, &ask, asked->stop, &asked->reply, &asked->err);
}

static void
asked_done(void *user, void *copy)
{
	struct asked *asked = copy;

	settle(user, asked->ok ? &asked->reply : NULL, &asked->err);
	asked_drop(asked);
}

/* The pipe ends the program when the sign-in is given up: nobody who quits waits for it. */
static void
ask_program(struct signin *signin, const struct token_ask *ask)
{
	struct session *session = signin->session;
	struct asked asked = {.cloud = *ask->cloud, .now = ask->now};
	int ends[2] = {-1, -1};

	if (pipe2(ends, O_CLOEXEC) != 0)
		log_line("sign-in: no pipe to stop %s with", session->credential.kind->name);
	asked.stop = ends[0];
	signin->stop = ends[1];
	credential_copy(&asked.credential, &session->credential);
	asked.claims = ask->claims ? mem_zeroing_strdup(ask->claims) : NULL;
	snprintf(asked.tenant, sizeof asked.tenant, "%s", ask->tenant);
	snprintf(asked.audience, sizeof asked.audience, "%s", ask->audience);
	signin->job = job_run(
		session->loop, asked_work, &asked, sizeof asked, asked_done, asked_drop, signin);
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

	if (session->credential.kind)
		return true;
	if (!choice_next(&session->choice, &wish, &session->credential, err))
		return false;
	snprintf(session->tenant, sizeof session->tenant, "%s", session->credential.tenant);
	return true;
}

/* When there is no way to sign in there is none for anybody. */
static void
end_all(struct session *session, const struct err *err)
{
	session->prober = NULL;
	while (session->signins)
		end(session->signins, err);
}

static void
begin(struct signin *signin)
{
	struct session *session = signin->session;
	const struct credential *credential = &session->credential;
	struct request request = {0};
	struct token_ask ask;
	struct err err = {0};

	if (session->prober && session->prober != signin)
		return;
	if (!have_credential(session, &err)) {
		end_all(session, &err);
		return;
	}
	if (session->choice.state == CHOICE_TRIED)
		session->prober = signin;
	signin->now = server_now(session);
	ask = (struct token_ask){.cloud = &session->profile.cloud,
		.tenant = tenant_of(signin),
		.audience = signin->audience,
		.claims = signin->claims,
		.now = signin->now};
	if (credential->kind->ask) {
		ask_program(signin, &ask);
	} else if (credential->kind->build(credential, &ask, &request, &err)) {
		request.deadline_ms = SIGNIN_MS;
		signin->call = session_send(session, &request, on_reply, signin);
	} else {
		err.kind = ERR_DENIED; /* whatever keeps a credential from being used */
		settle(signin, NULL, &err);
	}
	request_free(&request);
}

/* With a challenge's claims only a sign-in that asks for claims will do. */
static struct signin *
under_way(const struct call *call)
{
	struct signin *signin = call->session->signins;

	while (signin && (text_casecmp(tenant_of(signin), call_tenant(call)) != 0 ||
				 text_casecmp(signin->audience, call->audience) != 0 ||
				 (call->claims && signin->claims == NULL)))
		signin = signin->next;
	return signin;
}

static struct signin *
make(const struct call *call)
{
	struct session *session = call->session;
	struct signin *signin = mem_alloc(sizeof *signin);

	signin->session = session;
	signin->stop = -1;
	signin->claims = call->claims ? mem_zeroing_strdup(call->claims) : NULL;
	snprintf(signin->tenant, sizeof signin->tenant, "%s", call->tenant);
	snprintf(signin->audience, sizeof signin->audience, "%s", call->audience);
	signin->next = session->signins;
	session->signins = signin;
	return signin;
}

void
signin_want(struct call *call)
{
	struct session *session = call->session;
	int64_t now = clock_mono_ms();
	struct signin *signin = under_way(call);
	bool held = token_get(session->tokens, call_tenant(call), call->audience, now) != NULL;
	bool due = held && !signin &&
		   token_due(session->tokens, call_tenant(call), call->audience, now);

	if (held) {
		call_pass(call);
	} else {
		call->state = CALL_SIGNIN;
		call->signin = signin;
	}
	if (signin || (held && !due))
		return;
	signin = make(call);
	if (!held)
		call->signin = signin;
	begin(signin);
}

void
signin_refused(struct call *call)
{
	struct session *session = call->session;
	const struct secret *held =
		token_get(session->tokens, call_tenant(call), call->audience, clock_mono_ms());
	const struct secret used = {(unsigned char *)call->bearer, strlen(call->bearer)};

	if (held && secret_equal(held, &used))
		token_drop(session->tokens, call_tenant(call), call->audience);
}

void
signin_free_all(struct session *session)
{
	while (session->signins) {
		struct signin *signin = session->signins;

		session->signins = signin->next;
		job_cancel(signin->job);
		signin_free(signin);
	}
}
