/* A server that plays Entra, ARM and vaults under their real names, and a session that is led to
 * it; for the tests of the session. */
#ifndef CLAVIGER_TEST_WORLD_H
#define CLAVIGER_TEST_WORLD_H

#include <stdatomic.h>

#include "backend/session/session.h"
#include "tests/unit/tls_server.h"

#define WORLD_TENANT "11111111-1111-1111-1111-111111111111"
#define WORLD_CLIENT "33333333-3333-3333-3333-333333333333"
#define WORLD_ARM "https://management.azure.com"

struct world;

/* Answers request number `number` (from 1) that is no sign-in; as tls_handler. */
typedef bool world_play(struct world *, struct tls_conn *, const struct tls_request *, int number);

struct world {
	struct tls_server *server;
	struct session *session;
	struct profile profile;
	world_play *play;
	const char *text;        /* what the play says, depending on the play */
	world_play *token_play;  /* answers sign-ins; NULL: with tokens */
	const char *token_reply; /* instead of token t1, t2 ... */
	int token_status;        /* 0: 200 */
	_Atomic int tokens, calls, under_way, most_under_way;
	char bearers[8][512]; /* of the first calls */
	char asked[8][64];    /* the tenants of the first sign-ins: t1 is of asked[0] */
};

/* world_open is world_serve and world_sign_in; between them a test may change the profile. */
void world_open(struct world *w, world_play *play);
void world_serve(struct world *w, world_play *play);
void world_sign_in(struct world *w);
void world_close(struct world *w);

/* The play that answers 200 with an empty list. */
bool world_say_ok(
	struct world *w, struct tls_conn *conn, const struct tls_request *request, int number);

/* Requests with a deadline of 10 s; their strings are literals. */
struct request world_arm(enum http_method method);
struct request world_vault(void);

/* Asks, and fails the test unless the outcome is of this kind and code. */
void world_expect(struct world *w, const struct request *request, enum err_kind kind,
	const char *code, struct err *err);

/* Many calls at once. */
struct crowd {
	struct world *world;
	struct call *calls[40];
	int left, failed;
};

void crowd_send(struct world *w, struct crowd *crowd, const struct request *request);
void crowd_wait(struct crowd *crowd);
void crowd_reply(void *user, struct reply *reply, const struct err *err);

/* For calls that must not be reported: fails the test. */
void crowd_never(void *user, struct reply *reply, const struct err *err);

#endif
