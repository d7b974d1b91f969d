/* One operator at work in one profile: the loop, the tokens and the rules every request obeys.
 * session_send is the only way to Azure: origin check, read-only check, gate, token (with Key
 * Vault's challenge), exchange, retry, long-running operation, and Azure's error as struct err. */
#ifndef CLAVIGER_SESSION_H
#define CLAVIGER_SESSION_H

#include "backend/auth/choice.h"
#include "backend/config/config.h"
#include "backend/net/loop.h"

struct session;
struct call;
struct wire;

/* credential is taken over (zeroed here); NULL: found in the environment at the first request. */
struct session *session_open(
	const struct profile *profile, struct credential *credential, struct err *err) MUST_CHECK;
void session_close(struct session *session);

/* What a profile says of signing in; points into it. */
struct credential_wish session_wish(const struct profile *profile);

/* Which way to sign in was taken and why others were not, as far as anything was sent. */
const struct choice *session_choice(const struct session *session);

struct loop *session_loop(struct session *session);
const struct profile *session_profile(const struct session *session);
const struct cloud *session_cloud(const struct session *session);

/* done gets the final reply (2xx; after a long-running operation the resource) with err->kind
 * ERR_NONE, or err and the last reply if there was one (else NULL). Both are borrowed for the
 * call, but done may steal from the reply. reply->us sums the exchange, without waits. */
typedef void call_done(void *user, struct reply *reply, const struct err *err);
struct call *session_send(
	struct session *session, const struct request *request, call_done *done, void *user);
void call_cancel(struct call *call);

/* Tells of an operation that Azure accepted and has not finished: once it is accepted, and after
 * each poll. operation is host and path of what is polled; progress is Azure's word for it and how
 * much is done ("Updating, 40 %"). The watcher may cancel the call. */
enum { OPERATION_ROOM = 400 };
typedef void call_watcher(void *user, const char *operation, const char *progress);
void call_watch(struct call *call, call_watcher *watcher);

/* What a call waits for that is to be sent again: what its last try came to, when the next one goes
 * out, and which it is. */
struct call_wait {
	int status;    /* 0: no answer came */
	char code[64]; /* Azure's, or Connect, Broken, Timeout; "": none was told */
	int ms, try, tries;
};
/* False: the call does not wait for that; call may be NULL. */
bool call_waits(const struct call *call, struct call_wait *out);
/* What went wrong: "500 InternalError". Returns out. */
enum { WAIT_REASON = 80 };
char *call_wait_reason(const struct call_wait *wait, char out[WAIT_REASON]);
/* noticed(user) each time that such a wait begins; it must not cancel the call. */
void call_notice(struct call *call, void (*noticed)(void *user));

/* Waits (turning the loop) for one request; for headless use. reply may be NULL; else the caller
 * frees it. */
bool session_ask(struct session *session, const struct request *request, struct reply *reply,
	struct err *err) MUST_CHECK;

/* What the wire has seen, for doctor and the benchmarks. */
struct session_totals {
	unsigned long requests, retries, throttled; /* throttled: 429 came */
	int64_t held_back_ms; /* lanes stood still with calls waiting (backend/net/gate.h) */
};
struct session_totals session_totals(const struct session *session);

/* The longest time until calls that Azure's limits hold back go on; 0: none is held back. */
int session_patience_ms(const struct session *session);

/* The last exchanges (backend/session/wire.h). */
struct wire *session_wire(const struct session *session);

/* Seconds by which the last server's clock (its Date header) is ahead of ours. */
long session_skew(const struct session *session);

/* Identity of the operator as far as a token told: object id and application id; "" unknown. */
const char *session_object_id(const struct session *session);
const char *session_client_id(const struct session *session);
/* The name that people know that one by (ops@contoso.example); "" unknown. Clean text. */
const char *session_operator(const struct session *session);
/* The tenant signed in to first; then all of them, that one first, as the profile names them: their
 * subscriptions are to be listed with a token of each (struct request, tenant). */
const char *session_tenant(const struct session *session);
size_t session_tenants(const struct session *session);
const char *session_tenant_at(const struct session *session, size_t i);

/* The first tenant's domain; "" as long as it is not known. Asking for it is one request to ARM in
 * the background; done(user) is called after the answer, whatever it was. One at a time. */
const char *session_tenant_domain(const struct session *session);
struct call *session_ask_domain(struct session *session, void (*done)(void *user), void *user);

/* Whose token a request takes that names no tenant itself: that of the subscription in its path, or
 * of its host; "" is the first one. Who lists subscriptions and vaults tells the session where they
 * belong (tenant: its name or id), and Azure's challenges do. Resource Graph answers for one tenant
 * only: it is asked once for each. */
const char *session_tenant_for(const struct session *session, const char *url);
void session_learn_place(struct session *session, const char *place, const char *tenant);

/* The api-version for a resource type or data plane, as the profile chose it from the table of
 * backend/config/api_version.h; NULL for an unknown type. */
const char *session_api_version(const struct session *session, const char *type);

#endif
