/* One operator at work in one profile: the loop, the tokens and the rules every request obeys.
 * session_send is the only way to Azure: origin check, read-only check, gate, token (with Key
 * Vault's challenge), exchange, retry, long-running operation, and Azure's error as struct err. */
#ifndef CLAVIGER_SESSION_H
#define CLAVIGER_SESSION_H

#include "backend/auth/credential.h"
#include "backend/config.h"
#include "backend/net/loop.h"

struct session;
struct call;

/* credential is taken over (zeroed here); NULL: found in the environment at the first request. */
struct session *session_open(
	const struct profile *profile, struct credential *credential, struct err *err) MUST_CHECK;
void session_close(struct session *session);

/* What a profile says of signing in; points into it. */
struct credential_wish session_wish(const struct profile *profile);

struct loop *session_loop(struct session *session);
const struct profile *session_profile(const struct session *session);
const struct cloud *session_cloud(const struct session *session);

/* done gets the final reply (2xx; after a long-running operation the resource) with err->kind
 * ERR_NONE, or err and the last reply if there was one (else NULL). Both are borrowed for the
 * call. reply->us sums the exchange, without waits. */
typedef void call_done(void *user, const struct reply *reply, const struct err *err);
struct call *session_send(
	struct session *session, const struct request *request, call_done *done, void *user);
void call_cancel(struct call *call);

/* Waits (turning the loop) for one request; for headless use. reply may be NULL; else the caller
 * frees it. */
bool session_ask(struct session *session, const struct request *request, struct reply *reply,
	struct err *err) MUST_CHECK;

/* What the wire has seen, for doctor and the benchmarks. */
struct session_totals {
	unsigned long requests, retries, throttled;
};
struct session_totals session_totals(const struct session *session);

/* Seconds by which the last server's clock (its Date header) is ahead of ours. */
long session_skew(const struct session *session);

/* Identity of the operator as far as a token told: object id and application id; "" unknown. */
const char *session_object_id(const struct session *session);
const char *session_client_id(const struct session *session);
/* Tenant in use. */
const char *session_tenant(const struct session *session);

/* api-version of a resource type or data plane; one table, the newest stable ones we know. NULL for
 * an unknown type. Names: Microsoft.Automation/automationAccounts, Microsoft.KeyVault/vaults,
 * keyvault, subscriptions, resourcegroups. */
const char *session_api_version(const struct session *session, const char *type);

#endif
