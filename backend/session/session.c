/* What a session is made of, and what it tells about itself; the way of a request is in call.c. */
#include "backend/session/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "backend/base/mem.h"
#include "backend/base/text.h"
#include "backend/session/call.h"

static const char *
or_null(const char *s)
{
	return s[0] ? s : NULL;
}

struct session *
session_open(const struct profile *profile, struct credential *credential, struct err *err)
{
	struct http_options options = {
		.ca_file = or_null(profile->ca_file),
		.connect_to = or_null(profile->connect_to),
		.proxy = strcmp(profile->proxy, "none") == 0 ? "" : or_null(profile->proxy),
	};
	struct session *session = mem_alloc(sizeof *session);

	session->profile = *profile;
	snprintf(session->tenant, sizeof session->tenant, "%s", profile->tenant);
	if (credential) {
		session->credential = *credential;
		*credential = (struct credential){0};
		choice_take(&session->choice, &session->credential);
		snprintf(session->tenant, sizeof session->tenant, "%s", session->credential.tenant);
		snprintf(session->client_id, sizeof session->client_id, "%s",
			session->credential.client_id);
	}
	if (getrandom(session->chance, sizeof session->chance, GRND_NONBLOCK) < 0)
		session->chance[0] = (unsigned short)time(NULL);
	session->wire = wire_new();
	session->memo = memo_new();
	session->tokens = token_cache_new();
	session->tenants = tenants_new(profile);
	session->loop = loop_new(&options, err);
	if (session->loop) {
		session->gate = gate_new(session->loop);
		return session;
	}
	session_close(session);
	return NULL;
}

void
session_close(struct session *session)
{
	if (session == NULL)
		return;
	while (session->first)
		call_cancel(session->first);
	signin_free_all(session);
	choice_free(&session->choice);
	gate_free(session->gate);
	loop_free(session->loop);
	wire_free(session->wire);
	memo_free(session->memo);
	token_cache_free(session->tokens);
	tenants_free(session->tenants);
	credential_free(&session->credential);
	free(session);
}

struct loop *
session_loop(struct session *session)
{
	return session->loop;
}

const struct profile *
session_profile(const struct session *session)
{
	return &session->profile;
}

const struct cloud *
session_cloud(const struct session *session)
{
	return &session->profile.cloud;
}

struct answer {
	struct reply *reply;
	struct err *err;
	bool done;
};

static void
on_answer(void *user, struct reply *reply, const struct err *err)
{
	struct answer *answer = user;

	answer->done = true;
	if (answer->err)
		*answer->err = *err;
	if (answer->reply && reply) {
		*answer->reply = *reply;
		*reply = (struct reply){0};
	}
}

bool
session_ask(struct session *session, const struct request *request, struct reply *reply,
	struct err *err)
{
	struct err own = {0};
	struct answer answer = {.reply = reply, .err = err ? err : &own};
	struct call *call;

	if (reply)
		*reply = (struct reply){0};
	call = session_send(session, request, on_answer, &answer);
	loop_until(session->loop, &answer.done);
	if (!answer.done) {
		call_cancel(call);
		return err_set(answer.err, ERR_CANCELLED, "", "interrupted before the answer came");
	}
	return answer.err->kind == ERR_NONE;
}

const struct choice *
session_choice(const struct session *session)
{
	return &session->choice;
}

struct session_totals
session_totals(const struct session *session)
{
	struct session_totals out = session->totals;

	out.held_back_ms = gate_held_back_ms(session->gate);
	return out;
}

int
session_patience_ms(const struct session *session)
{
	return gate_patience_ms(session->gate);
}

struct wire *
session_wire(const struct session *session)
{
	return session->wire;
}

long
session_skew(const struct session *session)
{
	return session->skew_s;
}

const char *
session_object_id(const struct session *session)
{
	return session->object_id;
}

const char *
session_operator(const struct session *session)
{
	return session->operator;
}

const char *
session_client_id(const struct session *session)
{
	return session->client_id;
}

const char *
session_tenant(const struct session *session)
{
	return session->tenant;
}

size_t
session_tenants(const struct session *session)
{
	return 1 + session->profile.other_tenants_len;
}

const char *
session_tenant_at(const struct session *session, size_t i)
{
	return i ? session->profile.other_tenants[i - 1] : session->tenant;
}

const char *
session_tenant_for(const struct session *session, const char *url)
{
	return tenants_for(session->tenants, &session->profile.cloud, url);
}

void
session_learn_place(struct session *session, const char *place, const char *tenant)
{
	tenants_learn_place(session->tenants, place, tenant);
}

const char *
session_api_version(const struct session *session, const char *type)
{
	return api_version(&session->profile.api, type);
}
