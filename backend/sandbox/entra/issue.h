/* Tokens for those who have proved who they are. */
#ifndef CLAVIGER_SANDBOX_ISSUE_H
#define CLAVIGER_SANDBOX_ISSUE_H

#include "backend/sandbox/call.h"
#include "backend/sandbox/entra/principal.h"

enum {
	ISSUE_SECONDS = 3599,
	ISSUE_MANAGED_SECONDS = 86399, /* tokens of managed identities live for a day */
};

struct issue {
	const struct principal *who;
	const char *client;   /* the application that a person uses; NULL: who is one itself */
	const char *audience; /* as it was asked for */
	bool v2;
	int64_t seconds;
};

/* URL of the tenant as an issuer of tokens, which the metadata names too. Returns out. */
char *issue_issuer(
	const struct naming *naming, const char *tenant, bool v2, char out[NAMES_URL + 64]);

/* The audience of a v2 scope: AUDIENCE/.default for applications; people may ask for
 * AUDIENCE/user_impersonation and Graph's own words too. Otherwise answers. */
bool issue_scope(
	struct call *call, const char *scope, bool person, const char **audience) MUST_CHECK;

/* Whether something here has this audience; otherwise answers 500011. */
bool issue_known(struct call *call, const char *tenant, const char *audience) MUST_CHECK;

/* An access token, added to out; otherwise answers. */
bool issue_access(struct call *call, const struct issue *issue, struct buf *out) MUST_CHECK;

/* Answers with a token for an application or managed identity. */
void issue_application(struct call *call, const struct issue *issue);

/* Answers with tokens for a person: OpenID and refresh tokens where scope asks for them
 * (v1: always). refresh may be ""; info: the client asked for client_info, by which MSAL tells
 * accounts apart. */
void issue_person(struct call *call, const struct issue *issue, const char *scope,
	const char *refresh, bool info);

#endif
