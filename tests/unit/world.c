/* Sign-ins are answered here, so that a test's play sees only what it is about. */
#include "tests/unit/world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool
token_or_play(void *user, struct tls_conn *conn, const struct tls_request *request)
{
	struct world *w = user;
	const char *bearer = strstr(request->head, "Authorization: Bearer ");
	char body[200];
	int number;

	if (strstr(request->target, "/oauth2/v2.0/token")) {
		number = atomic_fetch_add(&w->tokens, 1) + 1;
		if (w->token_play)
			return w->token_play(w, conn, request, number);
		if (number <= (int)ARRAY_LEN(w->asked))
			sscanf(request->target, "/%63[^/]", w->asked[number - 1]);
		snprintf(body, sizeof body,
			"{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t%d\"}",
			number);
		tls_reply(conn, w->token_status ? w->token_status : 200, "",
			w->token_reply ? w->token_reply : body);
		return true;
	}
	number = atomic_fetch_add(&w->calls, 1) + 1;
	if (bearer && number <= (int)ARRAY_LEN(w->bearers))
		sscanf(bearer, "Authorization: Bearer %511s", w->bearers[number - 1]);
	return w->play(w, conn, request, number);
}

void
world_sign_in(struct world *w)
{
	struct credential credential;
	struct err err;

	credential_secret(&credential, WORLD_TENANT, WORLD_CLIENT, "s3cret");
	w->session = session_open(&w->profile, &credential, &err);
	assert_non_null(w->session);
	assert_null(credential.kind);
	assert_null(credential.secret.bytes);
}

void
world_serve(struct world *w, world_play *play)
{
	*w = (struct world){.play = play};
	w->server = tls_server_start(&(struct tls_options){.handler = token_or_play, .user = w});
	profile_default(&w->profile);
	snprintf(w->profile.ca_file, sizeof w->profile.ca_file, "%s", tls_ca_file());
	snprintf(w->profile.connect_to, sizeof w->profile.connect_to, "%s",
		tls_server_at(w->server));
}

void
world_open(struct world *w, world_play *play)
{
	world_serve(w, play);
	world_sign_in(w);
}

void
world_close(struct world *w)
{
	session_close(w->session);
	tls_server_stop(w->server);
}

struct request
world_arm(enum http_method method)
{
	bool changes = method != HTTP_GET && method != HTTP_HEAD;

	return (struct request){.method = method,
		.audience = AUDIENCE_ARM,
		.url = (char *)WORLD_ARM "/subscriptions/s/x?api-version=1",
		.body = changes && method != HTTP_DELETE ? (char *)"{}" : NULL,
		.changes = changes,
		.deadline_ms = 10000};
}

struct request
world_vault(void)
{
	return (struct request){.audience = AUDIENCE_VAULT,
		.url = (char *)"https://kv1.vault.azure.net/keys?api-version=7.4",
		.deadline_ms = 10000};
}

void
world_expect(struct world *w, const struct request *request, enum err_kind kind, const char *code,
	struct err *err)
{
	struct reply reply;

	*err = (struct err){0};
	assert_int_equal(session_ask(w->session, request, &reply, err), kind == ERR_NONE);
	assert_int_equal(err->kind, kind);
	assert_string_equal(err->code, code);
	reply_free(&reply);
}

bool
world_say_ok(struct world *w, struct tls_conn *conn, const struct tls_request *request, int number)
{
	(void)w;
	(void)request;
	(void)number;
	tls_reply(conn, 200, "", "{\"value\":[]}");
	return true;
}

void
crowd_reply(void *user, struct reply *reply, const struct err *err)
{
	struct crowd *crowd = user;

	assert_true(err->kind != ERR_NONE || reply->status == 200);
	if (err->kind != ERR_NONE) {
		crowd->failed++;
	}
	crowd->left--;
}

void
crowd_send(struct world *w, struct crowd *crowd, const struct request *request)
{
	*crowd = (struct crowd){.left = ARRAY_LEN(crowd->calls), .world = w};
	for (size_t i = 0; i < ARRAY_LEN(crowd->calls); i++)
		crowd->calls[i] = session_send(w->session, request, crowd_reply, crowd);
}

void
crowd_wait(struct crowd *crowd)
{
	while (crowd->left > 0)
		loop_turn(session_loop(crowd->world->session), -1);
}

void
crowd_never(void *user, struct reply *reply, const struct err *err)
{
	(void)user;
	(void)reply;
	(void)err;
	fail_msg("a cancelled call was reported");
}
