/* The inside of a session, shared by session.c, call.c and signin.c; nobody else includes this. */
#ifndef CLAVIGER_CALL_H
#define CLAVIGER_CALL_H

#include "backend/auth/token.h"
#include "backend/net/gate.h"
#include "backend/net/lro.h"
#include "backend/session.h"

enum { HOST_ROOM = 200, AUDIENCE_ROOM = 160 };

struct session {
	struct profile profile;
	struct credential credential;
	struct loop *loop;
	struct gate *gate;
	struct token_cache *tokens;
	struct call *first, *last; /* every call that has not ended, oldest first */
	struct signin *signins;
	struct session_totals totals;
	unsigned short chance[3]; /* state of the jitter's random numbers */
	long skew_s;
	char tenant[64], tenant_id[64]; /* as asked for; as the token says */
	char object_id[64], client_id[64];
};

enum call_state {
	CALL_NEW,
	CALL_SIGNIN, /* until the session has a token for its audience */
	CALL_GATE,   /* until another call to its host ends */
	CALL_WAIT,   /* a timer runs */
	CALL_SENT,   /* an exchange is under way; it holds a place in the gate */
	CALL_ENDED,
};

struct call {
	struct session *session;
	struct call *next, *prev;
	enum call_state state;
	struct request request; /* as the caller gave it */
	struct request now;     /* what is sent next: the same, or a poll of its operation */
	call_done *done;
	void *user;
	struct job *job;       /* CALL_WAIT, CALL_SENT */
	struct signin *signin; /* CALL_SIGNIN */
	char host[HOST_ROOM];
	char audience[AUDIENCE_ROOM];
	char *bearer; /* of the exchange under way, zeroed afterwards */
	int tries;    /* of now, so far */
	bool signed_in_again;
	bool doubtful;           /* a try of a change had no answer: later ones do not tell of it */
	int64_t deadline_ms;     /* of now; 0: not sent yet */
	int64_t lro_deadline_ms; /* 0: no operation */
	struct lro lro;
	int64_t us;
};

/* Goes on with a call whose token is there. */
void call_pass(struct call *call);

/* Tells the caller and forgets the call. reply and err as call_done has them, err never NULL. */
void call_end(struct call *call, struct reply *reply, const struct err *err);

/* Gives the call's audience a token: at once, by a new sign-in or by one that is under way. Then
 * call_pass or call_end follows. */
void signin_want(struct call *call);

/* Forgets the token that the call was refused with, unless a newer one is there already. */
void signin_refused(struct call *call);

void signin_free_all(struct session *session);

#endif
