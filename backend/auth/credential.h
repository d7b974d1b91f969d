/* The ways to sign in, as a table: each tells whether it can be used here and why not, and how it
 * comes by a token: by one request, or by asking a program. The order is that of the README. */
#ifndef CLAVIGER_AUTH_CREDENTIAL_H
#define CLAVIGER_AUTH_CREDENTIAL_H

#include <limits.h>
#include <stdint.h>
#include <time.h>

#include "backend/azure/cloud.h"
#include "backend/net/request.h"
#include "crypto/secret.h"

enum { CREDENTIAL_REASON = 200 };

/* What a profile says of signing in, "" where it says nothing: it wins over the environment. */
struct credential_wish {
	const struct cloud *cloud;
	const char *tenant, *client_id;
	const char *way;         /* name of the only kind to be tried; "" or "auto": all in order */
	const char *certificate; /* path of a PEM file */
};

struct credential {
	const struct credential_kind *kind;
	char tenant[64];
	char client_id[64];
	struct secret secret; /* client secret, refresh token, endpoint's header; empty else */
	char file[PATH_MAX];  /* certificate, federated token, program; "" if none */
	char endpoint[256];   /* managed identity's; "" if none */
};

/* One token that is wanted. */
struct token_ask {
	const struct cloud *cloud;
	const char *tenant;   /* may be another one than the credential's own */
	const char *audience; /* https://vault.azure.net */
	const char *claims;   /* JSON that a claims challenge asked for; NULL: none */
	time_t now;           /* wall time, by the server's clock as far as it is known */
};

/* One token that came. Zeroed with token_reply_free. */
struct token_reply {
	struct secret token;
	int64_t expires_in_s;
	struct secret
		refresh; /* a refresh token that takes the place of the one before; empty: none */
};
void token_reply_free(struct token_reply *reply);

/* MAYBE: only asking for a token tells (is there a metadata service, is az signed in). */
enum credential_offer { OFFER_NO, OFFER_MAYBE, OFFER_YES };

struct credential_kind {
	const char *name;  /* client-secret, as `auth` in a profile */
	const char *title; /* one line for doctor */
	/* What this machine offers, without waiting. After OFFER_NO reason has one line. A tenant
	 * or client id that is not named anywhere stays "". */
	enum credential_offer (*find)(const struct credential_wish *wish, struct credential *out,
		char reason[CREDENTIAL_REASON]);
	bool needs_tenant, needs_client_id;
	/* The token request. */
	bool (*build)(const struct credential *, const struct token_ask *, struct request *out,
		struct err *err);
	/* Reads its reply; NULL: credential_accept. */
	bool (*accept)(const struct reply *, struct token_reply *out, struct err *err);
	/* Instead of build: asks a program. On a worker thread; waits, at most half a minute, or
	 * until the pipe `stop` hangs up (backend/auth/process.h). */
	bool (*ask)(const struct credential *, const struct token_ask *, int stop,
		struct token_reply *out, struct err *err);
	/* What to look at when the service refuses and its code has no remedy in aadsts.h; may be
	 * NULL. */
	const char *remedy;
	/* After OFFER_MAYBE: whether this failure means that the way is not there, so that the next
	 * one is tried, or that it is there and refuses. */
	bool (*is_absent)(const struct credential *, const struct err *err);
	/* A new refresh token came: keeps it where the one before was found. An empty one: that one
	 * was refused (invalid_grant), and is forgotten. NULL: nothing to keep. */
	void (*keep)(struct credential *, const struct secret *refresh);
};

/* In the order in which they are tried. */
extern const struct credential_kind *const credential_kinds[];
extern const size_t credential_kinds_len;

/* By name; NULL if none. */
const struct credential_kind *credential_kind_find(const char *name);

/* What one kind offers, with the profile's names put over the environment's. After OFFER_NO out is
 * empty and reason tells. */
enum credential_offer credential_offer(const struct credential_kind *kind,
	const struct credential_wish *wish, struct credential *out, char reason[CREDENTIAL_REASON]);

/* A client id with its secret, as the embedded sandbox hands them over. */
void credential_secret(
	struct credential *out, const char *tenant, const char *client_id, const char *secret);

void credential_copy(struct credential *to, const struct credential *from);
void credential_free(struct credential *credential);

/* Reads a token reply: Entra's, and those of managed identities (expires_in as number or string, or
 * App Service's expires_on). A refusal keeps Entra's words and adds the remedy (aadsts.h). */
bool credential_accept(
	const struct reply *reply, struct token_reply *out, struct err *err) MUST_CHECK;

#endif
