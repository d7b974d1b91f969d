/* The inside of a session, shared by session.c, call.c and signin.c; nobody else includes this. */
#ifndef CLAVIGER_CALL_H
#define CLAVIGER_CALL_H

#include "backend/auth/choice.h"
#include "backend/auth/token.h"
#include "backend/net/gate.h"
#include "backend/net/lro.h"
#include "backend/net/memo.h"
#include "backend/session/session.h"
#include "backend/session/tenants.h"
#include "backend/session/wire.h"

enum { HOST_ROOM = 200, AUDIENCE_ROOM = 160 };

/* What the session's own tenant is called. */
struct domain {
	char name[128];
	void (*done)(void *user);
	void *user;
};

struct session {
	struct profile profile;
	struct credential credential; /* as choice has it; kind NULL: none yet */
	struct choice choice;
	struct loop *loop;
	struct gate *gate;
	struct memo *memo;
	struct token_cache *tokens;
	struct tenants *tenants; /* those beside its own */
	struct domain domain;
	struct call *first, *last; /* every call that has not ended, oldest first */
	struct signin *signins;
	struct signin *prober; /* the one that finds out whether the credential is there */
	struct session_totals totals;
	struct wire *wire;
	unsigned long calls_made;
	unsigned short chance[3]; /* state of the jitter's random numbers */
	long skew_s;
	char tenant[64], tenant_id[64]; /* as asked for; as the token says */
	char object_id[64], client_id[64];
	char operator[128]; /* the name that people know the operator by; "": none was told */
};

enum call_state {
	CALL_NEW,
	CALL_SIGNIN, /* until the session has a token for its audience */
	CALL_GATE,   /* until its lane lets it in */
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
	call_watcher *watcher;       /* NULL: nobody */
	void (*noticed)(void *user); /* the same */
	struct call_wait wait;       /* for its next try; try 0: for none */
	int64_t again_ms;            /* when that is, monotonic; after 429 the gate knows */
	void *user;
	struct job *job;         /* CALL_WAIT, CALL_SENT */
	struct signin *signin;   /* CALL_SIGNIN */
	struct gate_place place; /* CALL_GATE, CALL_SENT */
	char host[HOST_ROOM];
	char audience[AUDIENCE_ROOM];
	char tenant[64]; /* whose token it takes; "": the session's own (call_tenant) */
	char *claims;    /* of a challenge that was answered; NULL: none, zeroed when freed */
	char *bearer;    /* of the exchange under way, zeroed afterwards */
	int tries;       /* of now, so far */
	bool signed_in_again;
	bool doubtful;           /* a try of a change had no answer: later ones do not tell of it */
	int64_t deadline_ms;     /* of now; 0: not sent yet */
	int64_t lro_deadline_ms; /* 0: no operation */
	struct lro lro;
	int64_t us;
	int64_t idle_us; /* when it was asked for, or its last try ended */
	int64_t sent_us;
};

/* Goes on with a call whose token is there. */
void call_pass(struct call *call);

/* Tells the caller and forgets the call. reply and err as call_done has them, err never NULL. */
void call_end(struct call *call, struct reply *reply, const struct err *err);

/* The tenant whose token it takes; "" until the credential tells. */
const char *call_tenant(const struct call *call);

/* Gives the call's audience a token: at once, by a new sign-in or by one that is under way. Then
 * call_pass or call_end follows. */
void signin_want(struct call *call);

/* Keeps a token that the tenant gave for the audience, and what it says of us; ERR_DENIED when it
 * is of another tenant. */
bool session_take_token(struct session *session, const char *tenant, const char *audience,
	const struct token_reply *reply, struct err *err) MUST_CHECK;

/* After a 401: the call takes the token of the tenant and service that its challenge names from now
 * on. False when it names what must not be followed, or what a new token cannot mend. */
bool challenge_take(struct call *call, const struct reply *reply, struct err *err) MUST_CHECK;

/* Whether a vault's challenge leads to another host than the one where we sign in all the same; who
 * is refused then must be able to read why. ARM names its cloud's older authority. */
bool challenge_is_foreign(
	const struct call *call, const struct reply *reply, char named[HOST_ROOM]);

/* Forgets the token that the call was refused with, unless a newer one is there already. */
void signin_refused(struct call *call);

void signin_free_all(struct session *session);

#endif
